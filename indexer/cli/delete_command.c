/* delete_command.c - `revue-indexer delete`: takes reviews out and keeps them out. */
#include "indexer/base/program.h"
#include "indexer/base/terminal.h"
#include "indexer/cli/figures.h"
#include "indexer/cli/indexer_commands.h"

#include <unistd.h>

struct delete_line {
    struct option_list ids, sources, unblock;
    double wait_seconds;
};

static const char delete_about[] =
    "Deletes reviews and blocks them: they stay deleted in later runs, although their sources still hold them. Options may "
    "be given many times and together.";

static bool read_delete_line(struct delete_line *line, int count, char **argv, struct operands *operands, int *code) {
    const struct option rows[] = {
        {"id", OPTION_LIST, &line->ids, "ID", "delete the review with this id", NULL},
        {"source", OPTION_LIST, &line->sources, "PATTERN", "delete all reviews of the sources whose names match", NULL},
        {"unblock", OPTION_LIST, &line->unblock, "ID", "let the next update take this id or source again", NULL},
        {"wait", OPTION_NUMBER, &line->wait_seconds, "S", "seconds to wait for another run to end (0)", NULL},
    };
    const struct options options = {
        .program = INDEXER_NAME,
        .command = "delete",
        .operands = "INDEX --id ID | --source PATTERN | --unblock ID",
        .about = delete_about,
        .rows = rows,
        .row_count = sizeof rows / sizeof *rows,
    };
    return program_read_line(&options, count, argv, operands, code);
}

static int run_delete(const struct delete_line *line, const char *index_path) {
    const revue_delete_options options = {
        .ids = line->ids.items,
        .id_count = line->ids.count,
        .sources = line->sources.items,
        .source_count = line->sources.count,
        .unblock = line->unblock.items,
        .unblock_count = line->unblock.count,
        .wait_seconds = line->wait_seconds,
        .should_stop = program_stop_signal,
    };
    uint64_t deleted = 0;
    revue_error error = {0};
    program_catch_signals();
    revue_status status = revue_delete(index_path, &options, &deleted, &error);
    if (status != REVUE_OK) (void)program_fail(status, &error);
    if ((status == REVUE_OK || status == REVUE_NO_MATCH) && terminal_is(STDOUT_FILENO)) {
        struct bytes out = {0};
        append_counted(&out, deleted, "review", "reviews");
        bytes_append_string(&out, " deleted\n");
        program_write(&out);
        bytes_free(&out);
    }
    return program_exit(status);
}

int delete_command(int count, char **argv) {
    struct delete_line line = {0};
    struct operands operands;
    int code;
    if (!read_delete_line(&line, count, argv, &operands, &code)) goto done;
    if (operands.count != 1) {
        code = program_misused("delete needs one INDEX; what to delete is said by --id or --source");
    } else if (line.ids.count + line.sources.count + line.unblock.count == 0) {
        code = program_misused("delete needs at least one --id, --source or --unblock");
    } else {
        code = run_delete(&line, operands.items[0]);
    }
done:
    option_list_free(&line.ids);
    option_list_free(&line.sources);
    option_list_free(&line.unblock);
    return code;
}
