/* search.c - revue_search: parse, plan, match, rank, and fill in what is shown. */
#include "indexer/base/clock.h"
#include "indexer/base/duration.h"
#include "indexer/base/memory.h"
#include "indexer/base/number.h"
#include "indexer/format/run_times.h"
#include "indexer/format/scoring.h"
#include "indexer/review/date.h"
#include "query/plan/known_words.h"
#include "query/rank/search_count.h"
#include "query/rank/search_exhaustive.h"
#include "query/rank/search_pruned.h"
#include "query/search_internal.h"
#include "query/suggest/suggest.h"

#include <stdio.h>
#include <string.h>

#define CLOCK_SLACK 60    /* seconds that clocks may differ by without a word */
#define HITS_MAX 1000000u /* n, and offset */
/* Hits that are shown cost more than to score so many postings: then all are scored, and the total comes exact. */
#define EXACT_POSTINGS 16384u
/* Or than to count so many without scores, some milliseconds at most. */
#define COUNTED_POSTINGS (1u << 22)

void revue_search_options_init(revue_search_options *options) {
    *options = (revue_search_options){
        .n = 10, .k1 = SCORING_K1, .b = SCORING_B, .snippets = true, .snippet_count = 1, .group_hits = 3};
}

/* ---- options ---- */

static revue_status check_options(const revue_search_options *options, revue_error *error) {
    if (!(options->k1 >= 0 && options->k1 <= 1000)) return error_set(error, REVUE_USAGE, "k1 is a number from 0 to 1000");
    if (!(options->b >= 0 && options->b <= 1)) return error_set(error, REVUE_USAGE, "b is a number from 0 to 1");
    if (options->facet_count > FACETS_MAX)
        return error_set(error, REVUE_USAGE, "at most %u facets can be asked for", FACETS_MAX);
    if (options->snippet_count > SNIPPETS_MAX)
        return error_set(error, REVUE_USAGE, "at most %u snippets of a hit can be asked for", SNIPPETS_MAX);
    if (!(options->stale_after >= 0)) return error_set(error, REVUE_USAGE, "stale_after is a number of seconds");
    if (!(options->timeout >= 0)) return error_set(error, REVUE_USAGE, "timeout is a number of seconds");
    if (options->n > HITS_MAX || options->offset > HITS_MAX)
        return error_set(error, REVUE_USAGE, "at most %u hits can be asked for, and as many be left out", HITS_MAX);
    return REVUE_OK;
}

static revue_status set_weight(const revue_weight *weight, struct plan_options *plan, revue_error *error) {
    unsigned field = 0;
    while (field < FIELD_COUNT && (!weight->field || strcmp(plan_field_names[field], weight->field) != 0))
        field++;
    if (field == FIELD_COUNT)
        return error_set(error, REVUE_USAGE,
                         "no searched field is called %s: weights are for title, body, product and author",
                         weight->field ? weight->field : "nothing");
    if (!(weight->weight >= 0 && weight->weight <= 1000))
        return error_set(error, REVUE_USAGE, "the weight of %s is a number from 0 to 1000", weight->field);
    plan->weights[field] = weight->weight;
    return REVUE_OK;
}

/* "2" or "75%". */
static revue_status set_min_match(const char *text, struct min_match *min_match, revue_error *error) {
    double number;
    struct view digits = view_of_string(text);
    if (!text) return REVUE_OK;
    min_match->is_percent = digits.size > 0 && digits.data[digits.size - 1] == '%';
    digits.size -= min_match->is_percent;
    if (!number_parse(digits, &number) || number < 1 || number > (min_match->is_percent ? 100 : 1000) ||
        number != (double)(uint32_t)number)
        return error_set(error, REVUE_USAGE, "min-match %.32s: it takes a number of words, or a share such as 75%%", text);
    min_match->number = (uint32_t)number;
    return REVUE_OK;
}

static revue_status set_plan_options(const revue_search_options *options, struct plan_options *plan, revue_error *error) {
    *plan = (struct plan_options){.k1 = options->k1,
                                  .b = options->b,
                                  .plain = options->plain,
                                  .phrase = options->plain && options->phrase,
                                  .lenient = options->lenient,
                                  .no_synonyms = options->no_synonyms,
                                  .since_run = options->since_run};
    memcpy(plan->weights, scoring_default_weights, sizeof plan->weights);
    for (size_t i = 0; i < options->weight_count; i++)
        TRY(set_weight(&options->weights[i], plan, error));
    return set_min_match(options->min_match, &plan->min_match, error);
}

/* Ages count to the day that is named, else to the last run. */
static revue_status read_now(struct search *search) {
    const char *now = search->options->now;
    struct review_date date;
    if (!now) {
        const struct manifest *manifest = &search->searcher->manifest;
        return run_times_get(search->searcher->txn, manifest->last_run, &search->prior_options.now, search->error);
    }
    if (!date_parse(view_of_string(now), &date))
        return error_set(search->error, REVUE_USAGE, "--now %.64s: not a date such as 2026-11-23", now);
    search->prior_options.now = date.seconds;
    return REVUE_OK;
}

static revue_status open_prior(struct search *search) {
    if (!search->options->prior) return REVUE_OK;
    TRY(read_now(search));
    TRY(prior_options_read(view_of_string(search->options->prior), &search->prior_options, search->error));
    if (!prior_is_wanted(&search->prior_options)) return REVUE_OK;
    prior_open(&search->prior, search->searcher, &search->prior_options);
    search->weighed = &search->prior;
    search->plan_options.score_factor = prior_factor_most(&search->prior_options);
    return REVUE_OK;
}

/* ---- the search ---- */

/* Columns of errors are those of the query: what is wrong with a filter says so in its words. */
static revue_status name_filter(revue_error *error, revue_status status) {
    char message[sizeof error->message];
    (void)snprintf(message, sizeof message, "%s", error->message);
    uint64_t column = error->column;
    if (column == 0) return error_set(error, status, "filter: %s", message);
    return error_set(error, status, "filter, column %llu: %s", (unsigned long long)column, message);
}

static bool is_blank(const char *text, size_t size) {
    while (size > 0 && (unsigned char)text[size - 1] <= ' ')
        size--;
    return size == 0;
}

static revue_status parse_filter(struct search *search, const struct query_options *query_options) {
    const struct view filter = view_of_string(search->options->filter);
    if (!filter.data) return REVUE_OK;
    revue_status status = query_parse(filter, query_options, &search->arena, &search->filter, search->error);
    if (status != REVUE_OK) return name_filter(search->error, status);
    search->plan_options.filter = &search->filter;
    return REVUE_OK;
}

/* Nothing but a filter, or the wish for what is new, is a query too. One that was made, of a review, is not read. */
revue_status search_parse(struct search *search, const char *text, size_t size) {
    const revue_search_options *options = search->options;
    struct query_options query_options = {.mode = options->lenient ? QUERY_LENIENT : QUERY_STRICT};
    TRY(plan_fields(search->searcher, &search->arena, &query_options.fields, &query_options.field_count, search->error));
    TRY(parse_filter(search, &query_options));
    if (search->query.root) return REVUE_OK;
    if (options->plain || ((options->filter || options->since_run > 0) && is_blank(text, size)))
        return query_parse_plain(view_of(text, size), &search->arena, &search->query, search->error);
    return query_parse(view_of(text, size), &query_options, &search->arena, &search->query, search->error);
}

/* Whether cursors know to pass over matches: those of forms do wherever they stand, of a phrase where it is all. */
static bool may_pass_over(const struct plan *plan) {
    if (plan->root && plan->root->kind == PLAN_PHRASE) return true;
    for (uint32_t i = 0; i < plan->leaf_count; i++)
        if (plan->leaves[i]->kind == PLAN_WORD && plan->leaves[i]->words[0].by_form) return true;
    return false;
}

/* Whether the best may be looked for without meeting every match. */
static bool may_prune(const struct search *search, bool are_words) {
    const revue_search_options *options = search->options;
    if (options->exhaustive || search->topk.k == 0) return false;
    if (are_words) return search_pruned_pays(&search->plan, search->searcher);
    return !options->count && may_pass_over(&search->plan) &&
           (options->ids_only || plan_postings(&search->plan) > EXACT_POSTINGS);
}

/* Whoever is shown hits is told how many there are, too, unless that would be felt; a program that wants ids alone has to
 * ask for it. */
static bool wants_count(const struct search *search) {
    const revue_search_options *options = search->options;
    return options->count || (!options->ids_only && search_count_postings(&search->plan) <= COUNTED_POSTINGS);
}

static revue_status rank_best(struct search *search) {
    const struct plan *plan = &search->plan;
    revue_searcher *searcher = search->searcher;
    const bool are_words = search_pruned_is_possible(plan, searcher), prunes = may_prune(search, are_words);
    search->total_exact = true;
    if (search->topk.k == 0 && !search->options->exhaustive && search_count_is_possible(plan, searcher))
        return search_count(plan, searcher, &search->total, search->error);
    if (prunes && are_words)
        TRY(search_pruned(plan, searcher, &search->topk, &search->total, search->error));
    else
        TRY(search_exhaustive(plan, searcher, prunes, &search->topk, &search->total, search->error));
    /* Nothing is left out before there is a threshold. */
    if (!prunes || search->topk.threshold == INT32_MIN) return REVUE_OK;
    search->total_exact = are_words && wants_count(search);
    return search->total_exact ? search_count(plan, searcher, &search->total, search->error) : REVUE_OK;
}

static revue_status rank(struct search *search) {
    bool collects;
    TRY(search_collects(search, &collects));
    if (collects) return search_collect(search);
    TRY(search_page_begin(search));
    return rank_best(search);
}

static revue_status run(struct search *search, bool all) {
    search->plan_options.all = all;
    topk_free(&search->topk);
    TRY(plan_make(&search->plan, search->searcher, &search->query, &search->plan_options, &search->arena, search->error));
    TRY(topk_init(&search->topk, search->searcher, search_wanted(search), search->error));
    topk_set_prior(&search->topk, search->weighed);
    TRY(rank(search));
    search->result->op = all ? REVUE_OP_ALL : REVUE_OP_ANY;
    return topk_finish(&search->topk);
}

/* A page is answered by the operator that the pages before were. */
static revue_status run_by_operator(struct search *search) {
    if (search->after) return run(search, search->after->all);
    if (search->options->op == REVUE_OP_ANY) {
        TRY(run(search, false));
        search->is_all_empty = search->total == 0;
        return REVUE_OK;
    }
    TRY(run(search, true));
    search->is_all_empty = search->total == 0;
    if (search->options->op == REVUE_OP_ALL || search->total > 0 || !search->plan.has_choice) return REVUE_OK;
    TRY(run(search, false));
    if (search->total == 0) return REVUE_OK;
    return result_add_warning(search->result, "no review has all of the words: these have some of them", search->error);
}

static revue_status add_parser_warnings(struct search *search, const struct query *query) {
    char more[64];
    for (size_t i = 0; i < query->warning_count; i++)
        TRY(result_add_warning(search->result, query->warnings[i].message, search->error));
    if (query->warning_total == query->warning_count) return REVUE_OK;
    (void)snprintf(more, sizeof more, "%zu more warnings were left out", query->warning_total - query->warning_count);
    return result_add_warning(search->result, more, search->error);
}

/* What the parser had to say, and what the plan that was answered had. */
static revue_status add_warnings(struct search *search) {
    TRY(add_parser_warnings(search, &search->query));
    TRY(add_parser_warnings(search, &search->filter));
    for (size_t i = 0; i < search->plan.warning_count; i++)
        TRY(result_add_warning(search->result, search->plan.warnings[i], search->error));
    return REVUE_OK;
}

/* An answer is as old as the index: whoever asks not to be answered from an old one is told. */
static revue_status warn_if_stale(struct search *search) {
    double limit = search->options->stale_after;
    struct bytes text = {0};
    char when[32];
    int64_t began = 0;
    if (!(limit > 0)) return REVUE_OK;
    revue_status status = revue_last_success(search->searcher->path, &began, search->error);
    if (status != REVUE_OK && status != REVUE_NO_MATCH) return status;
    double age = (double)(clock_seconds() - began);
    clock_format(began, when);
    if (status == REVUE_NO_MATCH) {
        bytes_append_string(&text, "no run of update is known to have ended well: the index may be out of date");
    } else if (age < -CLOCK_SLACK) {
        bytes_append_format(&text, "the last run that ended well is dated %s, which is yet to come: a clock is wrong",
                            when);
    } else if (age > limit) {
        bytes_append_format(&text, "the last run that ended well began %s, ", when);
        duration_append(&text, age);
        bytes_append_string(&text, " ago: the index may be out of date");
    }
    bytes_append_u8(&text, 0);
    status = text.failed ? error_no_memory(search->error) : REVUE_OK;
    if (status == REVUE_OK && text.size > 1)
        status = result_add_warning(search->result, (const char *)text.data, search->error);
    bytes_free(&text);
    return status;
}

/* Of a search that found nothing with all of its words. */
static revue_status suggest(struct search *search, struct view text) {
    const revue_search_options *options = search->options;
    struct plan_options plan_options = search->plan_options;
    struct revue_result *result = search->result;
    if (options->no_suggest || options->plain || options->ids_only || !search->is_all_empty) return REVUE_OK;
    revue_completions *found = completions_create();
    if (!found) return error_no_memory(search->error);
    plan_options.plain = plan_options.phrase = false;
    revue_status status = suggest_spellings(search->searcher, text, &plan_options, 1, found, search->error);
    const revue_completion *best = status == REVUE_OK ? revue_completions_item(found, 0) : NULL;
    if (best && !(result->suggestion = arena_copy(&result->arena, best->text, strlen(best->text))))
        status = error_no_memory(search->error);
    revue_completions_free(found);
    return status;
}

revue_status search_answer(struct search *search, const char *text, size_t size, revue_result **result) {
    const double started = clock_monotonic();
    revue_status status;
    deadline_set(search->options->timeout);
    search->result = memory_alloc_zeroed(1, sizeof *search->result);
    TRY_DONE(search->result ? REVUE_OK : error_no_memory(search->error));
    TRY_DONE(search_parse(search, text, size));
    TRY_DONE(open_prior(search));
    TRY_DONE(search_page_open(search));
    TRY_DONE(run_by_operator(search));
    TRY_DONE(suggest(search, view_of(text, size)));
    TRY_DONE(add_warnings(search));
    TRY_DONE(warn_if_stale(search));
    TRY_DONE(search_fill(search));
    search->result->total = search->total;
    search->result->total_exact = search->total_exact;
    search->result->took_us = (clock_monotonic() - started) * 1e6;
    *result = search->result;
done:
    deadline_set(0);
    topk_free(&search->topk);
    search_free_collectors(search);
    searcher_give_arena(search->searcher, &search->arena);
    if (status != REVUE_OK) revue_result_free(search->result);
    return status;
}

revue_status search_open(struct search *search, revue_searcher *searcher, const revue_search_options *options,
                         revue_error *error) {
    memset(search, 0, offsetof(struct search, sorted));
    search->searcher = searcher;
    search->options = options;
    search->error = error;
    error_clear(error);
    TRY(searcher_is_awake(searcher, error));
    known_words_trim(searcher->known_words);
    TRY(check_options(options, error));
    TRY(set_plan_options(options, &search->plan_options, error));
    search->arena = searcher_take_arena(searcher);
    return REVUE_OK;
}

revue_status revue_search(revue_searcher *searcher, const char *query, size_t query_size,
                          const revue_search_options *options, revue_result **result, revue_error *error) {
    revue_error own_error;
    struct search search;
    TRY(search_open(&search, searcher, options, error ? error : &own_error));
    return search_answer(&search, query, query_size, result);
}
