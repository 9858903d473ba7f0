/* stats_command.c - `revue-indexer stats`: what an index holds, what it takes, and what its runs came to. */
#include "indexer/base/program.h"
#include "indexer/cli/indexer_commands.h"
#include "indexer/cli/stats_answer.h"

#define RUNS_SHOWN 20u

struct stats_line {
    bool json, runs, digest;
};

/* What is printed, read from the index; either may be NULL. */
struct stats_found {
    revue_stats *stats;
    char *runs;
};

static revue_status read_stats(const struct stats_line *line, const char *index_path, struct stats_found *found,
                               revue_error *error) {
    revue_status status = revue_stats_read(index_path, line->digest, &found->stats, error);
    if (status != REVUE_OK) return status;
    size_t run_count = line->runs ? RUNS_SHOWN : line->json ? 1 : 0;
    return run_count > 0 ? revue_runs_read(index_path, run_count, &found->runs, error) : REVUE_OK;
}

static int run_stats(const struct stats_line *line, const char *index_path) {
    struct stats_found found = {0};
    struct bytes out = {0};
    revue_error error = {0};
    revue_status status = read_stats(line, index_path, &found, &error);
    if (status != REVUE_OK) {
        (void)program_fail(status, &error);
    } else if (line->json) {
        stats_answer_json(found.stats, found.runs, line->runs, &out);
    } else {
        stats_answer_text(index_path, found.stats, found.runs, &out);
    }
    program_write_text(&out);
    bytes_free(&out);
    revue_string_free(found.runs);
    revue_stats_free(found.stats);
    return program_exit(status);
}

int stats_command(int count, char **argv) {
    struct stats_line line = {0};
    const struct option rows[] = {
        {"json", OPTION_FLAG, &line.json, NULL, "one line of JSON, with the last run", NULL},
        {"runs", OPTION_FLAG, &line.runs, NULL, "also the last 20 runs, newest last, a line of JSON each", NULL},
        {"digest", OPTION_FLAG, &line.digest, NULL,
         "also a digest of all that is stored: the same for the same archive and options, with any number of threads",
         NULL},
    };
    const struct options options = {
        .program = INDEXER_NAME,
        .command = "stats",
        .operands = "INDEX [--json] [--runs] [--digest]",
        .about = "Says what INDEX holds and how many bytes each part of it takes.",
        .rows = rows,
        .row_count = sizeof rows / sizeof *rows,
    };
    struct operands operands;
    int code;
    if (!program_read_line(&options, count, argv, &operands, &code)) return code;
    if (operands.count != 1) return program_misused("stats needs one INDEX");
    return run_stats(&line, operands.items[0]);
}
