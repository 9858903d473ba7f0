/* compact_command.c - `revue-indexer compact`: a new generation without what was deleted. */
#include "indexer/base/program.h"
#include "indexer/cli/indexer_commands.h"
#include "indexer/cli/progress_line.h"

struct compact_line {
    bool reorder, erase, quiet;
    double wait_seconds;
};

static const char compact_about[] =
    "Rewrites INDEX in one piece, without what was deleted or replaced, and gives its room back. Readers go on with the "
    "old one until they look again. It needs room for a second copy while it works.";

static int run_compact(const struct compact_line *line, const char *index_path) {
    struct progress_line progress;
    revue_error error = {0};
    progress_line_start(&progress, line->quiet);
    const revue_compact_options options = {
        .reorder = line->reorder,
        .erase = line->erase,
        .wait_seconds = line->wait_seconds,
        .on_progress = progress_line_show,
        .should_stop = program_stop_signal,
        .context = &progress,
    };
    program_catch_signals();
    revue_status status = revue_compact(index_path, &options, &error);
    progress_line_end(&progress);
    if (status != REVUE_OK) (void)program_fail(status, &error);
    return program_exit(status);
}

int compact_command(int count, char **argv) {
    struct compact_line line = {0};
    const struct option rows[] = {
        {"reorder", OPTION_FLAG, &line.reorder, NULL,
         "put reviews in the order that makes the index small and fast: done without it, too", NULL},
        {"erase", OPTION_FLAG, &line.erase, NULL, "leave nothing of what was deleted on the disk", NULL},
        {"wait", OPTION_NUMBER, &line.wait_seconds, "S", "seconds to wait for another run to end (0)", NULL},
        {"quiet", OPTION_FLAG, &line.quiet, NULL, "no progress", NULL},
    };
    const struct options options = {
        .program = INDEXER_NAME,
        .command = "compact",
        .operands = "INDEX [--reorder] [--erase]",
        .about = compact_about,
        .rows = rows,
        .row_count = sizeof rows / sizeof *rows,
    };
    struct operands operands;
    int code;
    if (!program_read_line(&options, count, argv, &operands, &code)) return code;
    if (operands.count != 1) return program_misused("compact needs one INDEX");
    return run_compact(&line, operands.items[0]);
}
