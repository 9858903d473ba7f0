/* bench_command.c - `revue-query bench`: how long queries take, from their words to ids, on a searcher that is open. The
 * best of some runs is what is printed: it is what the code costs, the rest is what else the machine did. */
#include "indexer/base/program.h"
#include "query/cli/query_commands.h"
#include "query/cli/query_file.h"
#include "query/output/result_answer.h"
#include "query/cli/ranking_options.h"

#include <inttypes.h>
#include <math.h>
#include <time.h>

struct bench_line {
    struct ranking_options ranking;
    struct option_list facets;
    const char *filter, *sort, *group, *group_sort;
    size_t n, repeat;
};

static const char bench_about[] =
    "Times each line 'KIND TAB WORDS' of QUERIES.tsv ('-' is standard input), KIND being term, and, or, phrase or query, "
    "and prints 'KIND TAB WORDS TAB MICROSECONDS TAB ID ID ...', of the fastest of the repeats. WORDS are plain words, "
    "matched by stem, or a query in the language of search. With -n 0 the fourth field is how many reviews match.";

static bool read_bench_line(struct bench_line *line, int count, char **argv, struct operands *operands, int *code) {
    const struct option rows[] = {
        {"-n", OPTION_COUNT, &line->n, "N", "how many ids for each query (10)", NULL},
        {"repeat", OPTION_COUNT, &line->repeat, "N", "times each query is run (5)", NULL},
        {"filter", OPTION_TEXT, &line->filter, "EXPR", "as of search, of every query; so are the next four", NULL},
        {"sort", OPTION_TEXT, &line->sort, "FIELD[:desc]", "order by columns instead of by score", NULL},
        {"group", OPTION_TEXT, &line->group, "FIELD", "the ids are those of the best of each group", NULL},
        {"group-sort", OPTION_TEXT, &line->group_sort, "HOW", "order groups by score, count, mean or bayes", NULL},
        {"facet", OPTION_LIST, &line->facets, "FIELD[:N]", "count matches, too", NULL},
        RANKING_ROWS(&line->ranking),
    };
    const struct options options = {
        .program = QUERY_NAME,
        .command = "bench",
        .operands = "INDEX QUERIES.tsv [--repeat 5] [-n 10]",
        .about = bench_about,
        .rows = rows,
        .row_count = sizeof rows / sizeof *rows,
    };
    return program_read_line(&options, count, argv, operands, code);
}

/* False for a word that is no kind of query. */
static bool set_kind(struct view kind, revue_search_options *options) {
    bool is_phrase = view_equal(kind, view_of_string("phrase")), is_all = view_equal(kind, view_of_string("and"));
    bool is_any = view_equal(kind, view_of_string("or")) || view_equal(kind, view_of_string("term"));
    bool is_query = view_equal(kind, view_of_string("query"));
    options->op = is_any ? REVUE_OP_ANY : REVUE_OP_ALL;
    options->phrase = is_phrase;
    options->plain = !is_query;
    return is_phrase || is_all || is_any || is_query;
}

static double microseconds_now(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Runs the query and keeps the last result; *best_us is the time of the fastest run. */
static revue_status time_query(revue_searcher *searcher, const revue_search_options *options, struct view words,
                               size_t repeat, revue_result **result, double *best_us, revue_error *error) {
    revue_result *last = NULL;
    double best = INFINITY;
    for (size_t i = 0; i < repeat; i++) {
        revue_result_free(last);
        last = NULL;
        double start = microseconds_now();
        revue_status status = revue_search(searcher, words.data, words.size, options, &last, error);
        double took = microseconds_now() - start;
        if (status != REVUE_OK) return status;
        if (took < best) best = took;
    }
    *result = last;
    *best_us = best;
    return REVUE_OK;
}

static void append_field(struct bytes *out, struct view text) {
    for (size_t i = 0; i < text.size; i++)
        bytes_append_u8(out, text.data[i] == '\t' ? ' ' : (uint8_t)text.data[i]);
    bytes_append_u8(out, '\t');
}

static void append_timed(struct bytes *out, const struct query_line *query, const revue_result *result, double best_us,
                         bool count) {
    const struct answer answer = answer_of_result(result, query->rest, false, false);
    append_field(out, query->first);
    append_field(out, query->rest);
    bytes_append_format(out, "%.1f\t", best_us);
    if (count) bytes_append_format(out, "%" PRIu64, answer.total);
    for (size_t i = 0; !count && i < answer.hit_count; i++) {
        if (i > 0) bytes_append_u8(out, ' ');
        append_plain_id(out, view_of_string(answer.hit(answer.context, i)->id));
    }
    bytes_append_u8(out, '\n');
}

static revue_status time_line(revue_searcher *searcher, const struct bench_line *line, const revue_search_options *options,
                              const struct query_line *query, revue_error *error) {
    struct bytes out = {0};
    revue_result *result = NULL;
    double best_us = 0;
    revue_status status = time_query(searcher, options, query->rest, line->repeat, &result, &best_us, error);
    if (status != REVUE_OK) return status;
    append_timed(&out, query, result, best_us, options->count);
    revue_result_free(result);
    program_write_text(&out);
    bytes_free(&out);
    return REVUE_OK;
}

/* A line that is no query is said and left out; anything else that fails ends the run. */
static revue_status time_queries(revue_searcher *searcher, const struct bench_line *line, revue_search_options *options,
                                 struct query_file *queries) {
    struct query_tally tally = {0};
    struct query_line query;
    bool has_tab;
    while (!program_output_ended() && query_file_next(queries, &query, &has_tab)) {
        revue_error error = {0};
        if (!has_tab || !set_kind(query.first, options)) {
            program_say_place(queries->name, queries->line, "not a kind (term, and, or, phrase, query), a tab and words",
                              "skipped");
            tally.bad++;
            continue;
        }
        revue_status status = time_line(searcher, line, options, &query, &error);
        tally.good += status == REVUE_OK;
        if (status == REVUE_OK) continue;
        bool goes_on = status == REVUE_USAGE;
        program_say_place(queries->name, queries->line, error.message[0] ? error.message : revue_status_text(status),
                          goes_on ? "skipped" : "stopped here");
        if (!goes_on) return status;
        tally.bad++;
    }
    return query_tally_status(tally);
}

static int run_bench(struct bench_line *line, const struct operands *operands) {
    revue_search_options options;
    struct query_file queries = {0};
    revue_searcher *searcher = NULL;
    revue_error error = {0};
    revue_search_options_init(&options);
    options.n = line->n;
    options.count = line->n == 0;
    options.ids_only = true;
    options.snippets = false;
    options.filter = line->filter;
    options.sort = line->sort;
    options.group = line->group;
    options.group_sort = line->group_sort;
    options.facets = line->facets.items;
    options.facet_count = line->facets.count;
    revue_status status = ranking_options_apply(&line->ranking, &options, &error);
    if (status == REVUE_OK) status = revue_searcher_open(&searcher, operands->items[0], &error);
    if (status == REVUE_OK) status = query_file_read(&queries, operands->items[1], &error);
    if (status != REVUE_OK) {
        (void)program_fail(status, &error);
    } else {
        status = time_queries(searcher, line, &options, &queries);
    }
    query_file_free(&queries);
    revue_searcher_close(searcher);
    return program_exit(status);
}

int bench_command(int count, char **argv) {
    struct bench_line line = {.n = 10, .repeat = 5};
    struct operands operands;
    int code;
    ranking_options_init(&line.ranking);
    if (!read_bench_line(&line, count, argv, &operands, &code)) goto done;
    if (operands.count != 2) {
        code = program_misused("bench needs INDEX and QUERIES.tsv");
    } else if (line.repeat == 0) {
        code = program_misused("--repeat is at least 1");
    } else {
        code = run_bench(&line, &operands);
    }
done:
    ranking_options_free(&line.ranking);
    option_list_free(&line.facets);
    return code;
}
