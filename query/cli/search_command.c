/* search_command.c - `revue-query search`. */
#include "indexer/base/error.h"
#include "indexer/base/program.h"
#include "indexer/base/terminal.h"
#include "query/cli/query_commands.h"
#include "query/cli/answer_print.h"
#include "query/cli/query_words.h"
#include "query/cli/ranking_options.h"
#include "query/output/result_answer.h"
#include "query/cli/stale_option.h"

#include <unistd.h>

struct search_line {
    struct ranking_options ranking;
    struct option_list facets;
    const char *min_match, *filter, *sort, *group, *after, *since_run, *stale_after;
    size_t n, offset, group_hits, snippet_count;
    int op, format, group_sort;
    bool count, explain, no_snippets, no_suggest, lenient, multi_select;
};

static const char search_about[] =
    "Finds the reviews that match WORDS, the best first. Words are joined by blanks; quotes, +must, -not, AND, OR, NOT, "
    "parentheses, field:word, pre*, w?ld*, fuzy~, =exact and word^2 are understood. A word that begins with one dash "
    "belongs to the query; '--' ends the options.";

static const char *const group_sort_names[] = {"score", "count", "mean", "bayes", NULL};

static bool read_search_line(struct search_line *line, int count, char **argv, struct operands *operands, int *code) {
    static const char *const operators[] = {"auto", "any", "all", NULL}; /* in the order of revue_operator */
    const struct option rows[] = {
        {"-n", OPTION_COUNT, &line->n, "N", "how many (10)", NULL},
        {"offset", OPTION_COUNT, &line->offset, "N", "leave out the first N (0)", NULL},
        {"after", OPTION_TEXT, &line->after, "TOKEN",
         "the page behind the one whose answer in JSON gave this token under next, also when the index has moved on", NULL},
        {"op", OPTION_CHOICE, &line->op, NULL, "reviews with any or all of the words; auto: with all, or else with any",
         operators},
        {"min-match", OPTION_TEXT, &line->min_match, "N|P%",
         "where any of the words will do: so many of them, or such a share, must match: 2, 75%", NULL},
        {"filter", OPTION_TEXT, &line->filter, "EXPR",
         "only reviews that match EXPR too, which adds nothing to scores: 'rating:>=4 date:2019.. lang:en'", NULL},
        {"sort", OPTION_TEXT, &line->sort, "FIELD[:desc]",
         "order by columns, score or id instead of by score: date:desc,stars; missing values come last", NULL},
        {"group", OPTION_TEXT, &line->group, "FIELD", "the best reviews of each product, or other keyword", NULL},
        {"group-hits", OPTION_COUNT, &line->group_hits, "N", "how many of each group (3)", NULL},
        {"group-sort", OPTION_CHOICE, &line->group_sort, NULL,
         "order groups by their best score, size, mean stars, or mean weighed by how many there are", group_sort_names},
        {"facet", OPTION_LIST, &line->facets, "FIELD[:N]",
         "count matches by the values of a column: product:20, product:name, stars, date:month, votes:..9,10..", NULL},
        {"multi-select", OPTION_FLAG, &line->multi_select, NULL,
         "facets count as if no filter asked about their own column: what else could be chosen", NULL},
        {"count", OPTION_FLAG, &line->count, NULL, "count all matches, also where that takes long", NULL},
        {"since-run", OPTION_TEXT, &line->since_run, "N|DATE",
         "only reviews that came with run N or later, or with a run of that day or later; needs no WORDS", NULL},
        {"stale-after", OPTION_TEXT, &line->stale_after, "SPAN",
         "warn when the last run that ended well is older, such as 26h or 2d", NULL},
        {"format", OPTION_CHOICE, &line->format, NULL, "how hits are printed (terminal)", answer_format_names},
        RANKING_ROWS(&line->ranking),
        {"explain", OPTION_FLAG, &line->explain, NULL, "show what each score is made of", NULL},
        {"snippets", OPTION_COUNT, &line->snippet_count, "N", "how many passages of each review, at most 10 (1)", NULL},
        {"no-snippets", OPTION_FLAG, &line->no_snippets, NULL, "leave out the text around the words", NULL},
        {"no-suggest", OPTION_FLAG, &line->no_suggest, NULL, "when nothing matches, look for no other spelling", NULL},
        {"lenient", OPTION_FLAG, &line->lenient, NULL, "answer whatever is typed; mistakes become warnings", NULL},
    };
    const struct options options = {
        .program = QUERY_NAME,
        .command = "search",
        .operands = "INDEX [options] WORDS...",
        .about = search_about,
        .rows = rows,
        .row_count = sizeof rows / sizeof *rows,
        .dashed_operands = true,
    };
    return program_read_line(&options, count, argv, operands, code);
}

static revue_search_options search_options_of(const struct search_line *line) {
    revue_search_options options;
    revue_search_options_init(&options);
    options.n = line->n;
    options.offset = line->offset;
    options.op = (revue_operator)line->op;
    options.lenient = line->lenient;
    options.count = line->count || line->n == 0;
    options.explain = line->explain;
    options.snippets = !line->no_snippets;
    options.snippet_count = line->snippet_count;
    options.no_suggest = line->no_suggest;
    options.filter = line->filter;
    options.min_match = line->min_match;
    options.sort = line->sort;
    options.after = line->after;
    options.group = line->group;
    options.group_hits = line->group_hits;
    options.group_sort = group_sort_names[line->group_sort];
    options.facets = line->facets.items;
    options.facet_count = line->facets.count;
    options.multi_select = line->multi_select;
    return options;
}

static int answer_query(const struct search_line *line, revue_searcher *searcher, const revue_search_options *options,
                        struct view query) {
    revue_result *result = NULL;
    revue_error error = {0};
    revue_status status = revue_search(searcher, query.data, query.size, options, &result, &error);
    if (status != REVUE_OK) return fail_query(status, &error, query);
    struct answer answer = answer_of_result(result, query, options->snippets, options->group != NULL);
    bool matched = answer.hit_count > 0 || answer.total > 0;
    answer_print(&answer, (enum answer_format)line->format, options);
    revue_result_free(result);
    return program_exit(matched ? REVUE_OK : REVUE_NO_MATCH);
}

static int run_search(struct search_line *line, const struct operands *operands) {
    revue_search_options options = search_options_of(line);
    struct bytes query = {0};
    revue_searcher *searcher = NULL;
    revue_error error = {0};
    int code;
    join_query_words(&query, operands);
    revue_status status = query.failed ? error_no_memory(&error) : ranking_options_apply(&line->ranking, &options, &error);
    if (status == REVUE_OK) status = stale_after_read(line->stale_after, &options, &error);
    if (status == REVUE_OK) status = revue_searcher_open(&searcher, operands->items[0], &error);
    if (status == REVUE_OK && line->since_run)
        status = revue_searcher_find_run(searcher, line->since_run, &options.since_run, &error);
    if (status == REVUE_OK) {
        code = answer_query(line, searcher, &options, view_of(query.data ? (char *)query.data : "", query.size));
    } else {
        code = program_fail(status, &error);
    }
    revue_searcher_close(searcher);
    bytes_free(&query);
    return code;
}

int search_command(int count, char **argv) {
    struct search_line line = {.n = 10, .group_hits = 3, .snippet_count = 1};
    struct operands operands;
    int code;
    ranking_options_init(&line.ranking);
    if (!read_search_line(&line, count, argv, &operands, &code)) goto done;
    if (operands.count == 0) {
        code = program_misused("search needs INDEX and the words to search for");
    } else if (operands.count == 1 && !line.filter && !line.since_run) {
        code = program_misused("search needs words to search for after INDEX");
    } else {
        code = run_search(&line, &operands);
    }
done:
    ranking_options_free(&line.ranking);
    option_list_free(&line.facets);
    return code;
}
