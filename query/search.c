/* search.c - revue_search: parse, plan, match, rank, and fill in what is shown. */
#include "indexer/base/clock.h"
#include "indexer/base/memory.h"
#include "indexer/format/scoring.h"
#include "query/rank/search_count.h"
#include "query/rank/search_exhaustive.h"
#include "query/rank/search_pruned.h"
#include "query/result/explain.h"
#include "query/result/result.h"
#include "query/result/snippet.h"

#include <stdio.h>
#include <string.h>

#define HITS_MAX 1000000u /* n, and offset */
/* Hits that are shown cost more than to score so many postings: then all are scored, and the total comes exact. */
#define EXACT_POSTINGS 16384u
/* Or than to count so many without scores, some milliseconds at most. */
#define COUNTED_POSTINGS (1u << 22)

void revue_search_options_init(revue_search_options *options) {
    *options = (revue_search_options){.n = 10, .k1 = SCORING_K1, .b = SCORING_B, .snippets = true};
}

/* ---- options ---- */

static revue_status check_options(const revue_search_options *options, revue_error *error) {
    if (!(options->k1 >= 0 && options->k1 <= 1000)) return error_set(error, REVUE_USAGE, "k1 is a number from 0 to 1000");
    if (!(options->b >= 0 && options->b <= 1)) return error_set(error, REVUE_USAGE, "b is a number from 0 to 1");
    if (options->filter) return error_set(error, REVUE_USAGE, "--filter is not part of this version");
    if (options->sort) return error_set(error, REVUE_USAGE, "--sort is not part of this version");
    if (options->group) return error_set(error, REVUE_USAGE, "--group is not part of this version");
    if (options->facet_count) return error_set(error, REVUE_USAGE, "--facet is not part of this version");
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

static revue_status set_plan_options(const revue_search_options *options, struct plan_options *plan, revue_error *error) {
    *plan = (struct plan_options){.k1 = options->k1,
                                  .b = options->b,
                                  .plain = options->plain,
                                  .phrase = options->plain && options->phrase,
                                  .lenient = options->lenient};
    memcpy(plan->weights, scoring_default_weights, sizeof plan->weights);
    for (size_t i = 0; i < options->weight_count; i++)
        TRY(set_weight(&options->weights[i], plan, error));
    return REVUE_OK;
}

/* ---- the search ---- */

struct search {
    revue_searcher *searcher;
    const revue_search_options *options;
    struct plan_options plan_options;
    struct query query;
    struct plan plan;
    struct topk topk;
    uint64_t total;
    bool total_exact;
    struct arena arena; /* of query and plan; the result has its own */
    struct revue_result *result;
    revue_error *error;
};

static revue_status parse(struct search *search, const char *text, size_t size) {
    struct query_options options = {search->options->lenient ? QUERY_LENIENT : QUERY_STRICT, plan_fields, plan_field_count};
    if (search->options->plain)
        return query_parse_plain(view_of(text, size), &search->arena, &search->query, search->error);
    return query_parse(view_of(text, size), &options, &search->arena, &search->query, search->error);
}

/* Whether the best may be looked for without meeting every match. */
static bool may_prune(const struct search *search, bool are_words) {
    const revue_search_options *options = search->options;
    if (options->exhaustive || search->topk.k == 0) return false;
    if (are_words) return true;
    return !options->count && (options->ids_only || plan_postings(&search->plan) > EXACT_POSTINGS);
}

/* Whoever is shown hits is told how many there are, too, unless that would be felt; a program that wants ids alone has to
 * ask for it. */
static bool wants_count(const struct search *search) {
    const revue_search_options *options = search->options;
    return options->count || (!options->ids_only && search_count_postings(&search->plan) <= COUNTED_POSTINGS);
}

static revue_status rank(struct search *search) {
    const struct plan *plan = &search->plan;
    revue_searcher *searcher = search->searcher;
    const bool is_leaf = plan->root && plan->root->kind != PLAN_BOOLEAN;
    const bool are_words = search_pruned_is_possible(plan, searcher), prunes = may_prune(search, are_words);
    search->total_exact = true;
    if (search->topk.k == 0 && !search->options->exhaustive && search_count_is_possible(plan, searcher))
        return search_count(plan, searcher, &search->total, search->error);
    if (prunes && are_words)
        TRY(search_pruned(plan, searcher, &search->topk, &search->total, search->error));
    else
        TRY(search_exhaustive(plan, searcher, prunes && is_leaf, &search->topk, &search->total, search->error));
    /* Nothing is left out before there is a threshold. */
    if (!prunes || !(are_words || is_leaf) || search->topk.threshold == INT32_MIN) return REVUE_OK;
    search->total_exact = are_words && wants_count(search);
    return search->total_exact ? search_count(plan, searcher, &search->total, search->error) : REVUE_OK;
}

static revue_status run(struct search *search, bool all) {
    search->plan_options.all = all;
    topk_free(&search->topk);
    TRY(plan_make(&search->plan, search->searcher, &search->query, &search->plan_options, &search->arena, search->error));
    TRY(topk_init(&search->topk, search->searcher, search->options->n + search->options->offset, search->error));
    TRY(rank(search));
    search->result->op = all ? REVUE_OP_ALL : REVUE_OP_ANY;
    return topk_finish(&search->topk);
}

static revue_status run_by_operator(struct search *search) {
    if (search->options->op == REVUE_OP_ANY) return run(search, false);
    TRY(run(search, true));
    if (search->options->op == REVUE_OP_ALL || search->total > 0 || !search->plan.has_choice) return REVUE_OK;
    TRY(run(search, false));
    if (search->total == 0) return REVUE_OK;
    return result_add_warning(search->result, "no review has all of the words: these have some of them", search->error);
}

/* What the parser had to say, and what the plan that was answered had. */
static revue_status add_warnings(struct search *search) {
    const struct query *query = &search->query;
    char more[64];
    for (size_t i = 0; i < query->warning_count; i++)
        TRY(result_add_warning(search->result, query->warnings[i].message, search->error));
    for (size_t i = 0; i < search->plan.warning_count; i++)
        TRY(result_add_warning(search->result, search->plan.warnings[i], search->error));
    if (query->warning_total == query->warning_count) return REVUE_OK;
    (void)snprintf(more, sizeof more, "%zu more warnings were left out", query->warning_total - query->warning_count);
    return result_add_warning(search->result, more, search->error);
}

/* ---- hits ---- */

/* All but rank, score and id. */
static revue_status fill_hit(struct search *search, const struct candidate *candidate, struct field_text *text,
                             revue_hit *hit) {
    const revue_search_options *options = search->options;
    struct arena *arena = &search->result->arena;
    TRY(hit_fill(hit, search->searcher, candidate, arena, search->error));
    if (options->snippets)
        TRY(snippet_fill(hit, &search->plan, text, search->searcher->segments[candidate->segment].segment, candidate->doc,
                         arena, search->error));
    return options->explain ? explain_fill(hit, &search->plan, search->searcher, candidate, arena, search->error)
                            : REVUE_OK;
}

static revue_status fill_stored(struct search *search, const struct candidate *candidates) {
    struct field_text text;
    revue_status status = REVUE_OK;
    field_text_init(&text, search->searcher->stemmer);
    for (size_t i = 0; i < search->result->hit_count && status == REVUE_OK; i++)
        status = fill_hit(search, &candidates[i], &text, &search->result->hits[i]);
    field_text_free(&text);
    return status;
}

static revue_status fill_hits(struct search *search) {
    struct revue_result *result = search->result;
    size_t offset = search->options->offset;
    size_t count = search->topk.count > offset ? search->topk.count - offset : 0;
    const struct candidate *candidates = count ? search->topk.items + offset : NULL;
    result->hits = arena_alloc_array(&result->arena, count + 1, sizeof *result->hits);
    if (!result->hits) return error_no_memory(search->error);
    for (size_t i = 0; i < count; i++)
        result->hits[i] =
            (revue_hit){.rank = offset + i + 1, .score = candidates[i].score * search->plan.unit, .id = candidates[i].id};
    result->hit_count = count;
    result->ids = search->topk.ids;
    search->topk.ids = (struct arena){0};
    return search->options->ids_only ? REVUE_OK : fill_stored(search, candidates);
}

revue_status revue_search(revue_searcher *searcher, const char *query, size_t query_size,
                          const revue_search_options *options, revue_result **result, revue_error *error) {
    revue_error own_error;
    double started = clock_monotonic();
    struct search search = {.searcher = searcher, .options = options, .error = error ? error : &own_error};
    revue_status status;
    error_clear(search.error);
    TRY(check_options(options, search.error));
    TRY(set_plan_options(options, &search.plan_options, search.error));
    search.result = memory_alloc_zeroed(1, sizeof *search.result);
    if (!search.result) return error_no_memory(search.error);
    TRY_DONE(parse(&search, query, query_size));
    TRY_DONE(run_by_operator(&search));
    TRY_DONE(add_warnings(&search));
    TRY_DONE(fill_hits(&search));
    search.result->total = search.total;
    search.result->total_exact = search.total_exact;
    search.result->took_us = (clock_monotonic() - started) * 1e6;
    *result = search.result;
done:
    topk_free(&search.topk);
    arena_free(&search.arena);
    if (status != REVUE_OK) revue_result_free(search.result);
    return status;
}
