/* similar_command.c - `revue-query similar`: the reviews that are most like one. */
#include "indexer/base/program.h"
#include "query/cli/answer_print.h"
#include "query/cli/query_commands.h"
#include "query/output/result_answer.h"

struct similar_line {
    const char *filter;
    size_t n, offset, snippet_count;
    int format;
    bool count, explain, no_snippets;
};

static bool read_similar_line(struct similar_line *line, int count, char **argv, struct operands *operands, int *code) {
    const struct option rows[] = {
        {"-n", OPTION_COUNT, &line->n, "N", "how many (10)", NULL},
        {"offset", OPTION_COUNT, &line->offset, "N", "leave out the first N (0)", NULL},
        {"filter", OPTION_TEXT, &line->filter, "EXPR", "only reviews that match EXPR too, as of a search", NULL},
        {"count", OPTION_FLAG, &line->count, NULL, "count all that have any of the words", NULL},
        {"format", OPTION_CHOICE, &line->format, NULL, "how hits are printed (terminal)", answer_format_names},
        {"explain", OPTION_FLAG, &line->explain, NULL, "show what each score is made of", NULL},
        {"snippets", OPTION_COUNT, &line->snippet_count, "N", "how many passages of each review, at most 10 (1)", NULL},
        {"no-snippets", OPTION_FLAG, &line->no_snippets, NULL, "leave out the text around the words", NULL},
    };
    const struct options options = {
        .program = QUERY_NAME,
        .command = "similar",
        .operands = "INDEX ID [-n N] [--format json] [--filter EXPR]",
        .about = "Finds the reviews that are most like the one whose id is ID, by its most significant words. Those of the "
                 "very same text are left out. Before an id that begins with a dash goes '--'.",
        .rows = rows,
        .row_count = sizeof rows / sizeof *rows,
    };
    return program_read_line(&options, count, argv, operands, code);
}

static revue_search_options search_options_of(const struct similar_line *line) {
    revue_search_options options;
    revue_search_options_init(&options);
    options.n = line->n;
    options.offset = line->offset;
    options.filter = line->filter;
    options.count = line->count || line->n == 0;
    options.explain = line->explain;
    options.snippet_count = line->snippet_count;
    options.snippets = !line->no_snippets;
    return options;
}

static int print_similar(const struct similar_line *line, revue_searcher *searcher, const char *id) {
    const revue_search_options options = search_options_of(line);
    revue_result *result = NULL;
    revue_error error = {0};
    revue_status status = revue_similar(searcher, id, strlen(id), &options, &result, &error);
    if (status != REVUE_OK) return program_fail(status, &error);
    struct answer answer = answer_of_result(result, view_of_string(id), options.snippets, false);
    const bool matched = answer.hit_count > 0 || answer.total > 0;
    answer_print(&answer, (enum answer_format)line->format, &options);
    revue_result_free(result);
    return program_exit(matched ? REVUE_OK : REVUE_NO_MATCH);
}

int similar_command(int count, char **argv) {
    struct similar_line line = {.n = 10, .snippet_count = 1};
    struct operands operands;
    revue_searcher *searcher = NULL;
    revue_error error = {0};
    int code;
    if (!read_similar_line(&line, count, argv, &operands, &code)) return code;
    if (operands.count != 2) return program_misused("similar needs INDEX and one ID");
    revue_status status = revue_searcher_open(&searcher, operands.items[0], &error);
    code = status == REVUE_OK ? print_similar(&line, searcher, operands.items[1]) : program_fail(status, &error);
    revue_searcher_close(searcher);
    return code;
}
