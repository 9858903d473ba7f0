/* parse_command.c - `revue-query parse`: how a query is read, and what is searched for. */
#include "indexer/base/program.h"
#include "query/cli/query_commands.h"
#include "query/cli/query_words.h"
#include "query/cli/ranking_options.h"

struct parse_line {
    struct ranking_options ranking;
    const char *min_match, *filter;
    int op;
    bool lenient;
};

static bool read_parse_line(struct parse_line *line, int count, char **argv, struct operands *operands, int *code) {
    static const char *const operators[] = {"auto", "any", "all", NULL}; /* in the order of revue_operator */
    const struct option rows[] = {
        {"op", OPTION_CHOICE, &line->op, NULL, "reviews with any or all of the words; auto: with all, or else with any",
         operators},
        {"min-match", OPTION_TEXT, &line->min_match, "N|P%",
         "where any of the words will do: so many of them, or such a share, must match: 2, 75%", NULL},
        {"filter", OPTION_TEXT, &line->filter, "EXPR", "only reviews that match EXPR too", NULL},
        RANKING_ROWS(&line->ranking),
        {"lenient", OPTION_FLAG, &line->lenient, NULL, "read whatever is typed; mistakes become warnings", NULL},
    };
    const struct options options = {
        .program = QUERY_NAME,
        .command = "parse",
        .operands = "INDEX [options] WORDS...",
        .about = "Shows how a query is read and what search would look for: the tree, then the words, forms and tests with "
                 "what INDEX has of them. Nothing is searched.",
        .rows = rows,
        .row_count = sizeof rows / sizeof *rows,
        .dashed_operands = true,
    };
    return program_read_line(&options, count, argv, operands, code);
}

static int print_description(revue_searcher *searcher, const revue_search_options *options, struct view query) {
    revue_error error = {0};
    struct bytes out = {0};
    char *text;
    revue_status status = revue_query_describe(searcher, query.data, query.size, options, &text, &error);
    if (status != REVUE_OK) return fail_query(status, &error, query);
    bytes_append_string(&out, text);
    program_write_text(&out);
    bytes_free(&out);
    revue_string_free(text);
    return program_exit(REVUE_OK);
}

static int run_parse(struct parse_line *line, const struct operands *operands) {
    revue_search_options options;
    struct bytes query = {0};
    revue_searcher *searcher = NULL;
    revue_error error = {0};
    revue_search_options_init(&options);
    options.op = (revue_operator)line->op;
    options.filter = line->filter;
    options.min_match = line->min_match;
    options.lenient = line->lenient;
    join_query_words(&query, operands);
    revue_status status = ranking_options_apply(&line->ranking, &options, &error);
    if (status == REVUE_OK && query.failed) status = REVUE_NO_MEMORY;
    if (status == REVUE_OK) status = revue_searcher_open(&searcher, operands->items[0], &error);
    int code = status == REVUE_OK
                   ? print_description(searcher, &options, view_of(query.data ? (char *)query.data : "", query.size))
                   : program_fail(status, &error);
    revue_searcher_close(searcher);
    bytes_free(&query);
    return code;
}

int parse_command(int count, char **argv) {
    struct parse_line line = {0};
    struct operands operands;
    int code;
    ranking_options_init(&line.ranking);
    if (read_parse_line(&line, count, argv, &operands, &code))
        code = operands.count >= 2 || (operands.count == 1 && line.filter)
                   ? run_parse(&line, &operands)
                   : program_misused("parse needs INDEX and the words of a query");
    ranking_options_free(&line.ranking);
    return code;
}
