/* search.c - revue_search and revue_get: parse, plan, match, rank, and fill in what is shown. */
#include "indexer/base/clock.h"
#include "indexer/base/memory.h"
#include "indexer/format/scoring.h"
#include "query/rank/search_exhaustive.h"
#include "query/result/result.h"
#include "query/result/snippet.h"

#include <string.h>

void revue_search_options_init(revue_search_options *options) {
    *options = (revue_search_options){.n = 10, .k1 = SCORING_K1, .b = SCORING_B, .snippets = true};
}

static revue_status check_options(const revue_search_options *options, revue_error *error) {
    if (!(options->k1 >= 0 && options->k1 <= 1000)) return error_set(error, REVUE_USAGE, "k1 is a number from 0 to 1000");
    if (!(options->b >= 0 && options->b <= 1)) return error_set(error, REVUE_USAGE, "b is a number from 0 to 1");
    if (options->filter) return error_set(error, REVUE_USAGE, "--filter is not part of this version");
    if (options->sort) return error_set(error, REVUE_USAGE, "--sort is not part of this version");
    if (options->group) return error_set(error, REVUE_USAGE, "--group is not part of this version");
    if (options->facet_count) return error_set(error, REVUE_USAGE, "--facet is not part of this version");
    if (options->explain) return error_set(error, REVUE_USAGE, "--explain is not part of this version");
    if (options->n > 1000000 || options->offset > 1000000)
        return error_set(error, REVUE_USAGE, "at most 1000000 hits can be asked for");
    return REVUE_OK;
}

static revue_status set_weights(const revue_search_options *options, struct plan_options *plan, revue_error *error) {
    static const char *const names[FIELD_COUNT] = {"body", "title", "product", "author"};
    memcpy(plan->weights, scoring_default_weights, sizeof plan->weights);
    for (size_t i = 0; i < options->weight_count; i++) {
        unsigned field = 0;
        while (field < FIELD_COUNT && strcmp(names[field], options->weights[i].field) != 0)
            field++;
        if (field == FIELD_COUNT)
            return error_set(error, REVUE_USAGE,
                             "no searched field is called %s: weights are for title, body, product and author",
                             options->weights[i].field);
        if (!(options->weights[i].weight >= 0 && options->weights[i].weight <= 1000))
            return error_set(error, REVUE_USAGE, "a weight is a number from 0 to 1000");
        plan->weights[field] = options->weights[i].weight;
    }
    return REVUE_OK;
}

struct search {
    revue_searcher *searcher;
    const revue_search_options *options;
    struct plan_options plan_options;
    struct query query;
    struct plan plan;
    struct topk topk;
    uint64_t total;
    struct arena arena; /* of this search; the result has its own */
    struct revue_result *result;
    revue_error *error;
};

static revue_status parse(struct search *search, const char *text, size_t size) {
    struct query_options options = {search->options->lenient ? QUERY_LENIENT : QUERY_STRICT, plan_fields, plan_field_count};
    if (search->options->plain)
        return query_parse_plain(view_of(text, size), &search->arena, &search->query, search->error);
    return query_parse(view_of(text, size), &options, &search->arena, &search->query, search->error);
}

static revue_status run(struct search *search, bool all) {
    search->plan_options.all = all;
    topk_free(&search->topk);
    TRY(plan_make(&search->plan, search->searcher, &search->query, &search->plan_options, &search->arena, search->error));
    TRY(topk_init(&search->topk, search->searcher, &search->arena, search->options->n + search->options->offset,
                  search->error));
    TRY(search_exhaustive(&search->plan, search->searcher, &search->arena, &search->topk, &search->total, search->error));
    search->result->op = all ? REVUE_OP_ALL : REVUE_OP_ANY;
    return topk_finish(&search->topk);
}

static revue_status add_warning(struct search *search, const char *text) {
    struct revue_result *result = search->result;
    char *copy = arena_copy(&result->arena, text, strlen(text));
    const char **grown = arena_alloc_array(&result->arena, result->warning_count + 1, sizeof *grown);
    if (!copy || !grown) return error_no_memory(search->error);
    if (result->warning_count) memcpy(grown, result->warnings, result->warning_count * sizeof *grown);
    grown[result->warning_count] = copy;
    result->warnings = grown;
    result->warning_count++;
    return REVUE_OK;
}

static revue_status run_by_operator(struct search *search) {
    if (search->options->op == REVUE_OP_ANY) return run(search, false);
    TRY(run(search, true));
    if (search->options->op == REVUE_OP_ALL || search->total > 0 || !search->plan.has_choice) return REVUE_OK;
    TRY(run(search, false));
    return search->total > 0 ? add_warning(search, "no review has all of the words: these have some of them") : REVUE_OK;
}

static revue_status fill_hits(struct search *search, struct field_text *text) {
    struct revue_result *result = search->result;
    size_t offset = search->options->offset;
    size_t count = search->topk.count > offset ? search->topk.count - offset : 0;
    result->hits = arena_alloc_array(&result->arena, count + 1, sizeof *result->hits);
    if (!result->hits) return error_no_memory(search->error);
    for (size_t i = 0; i < count; i++) {
        const struct candidate *candidate = &search->topk.items[offset + i];
        revue_hit *hit = &result->hits[i];
        *hit = (revue_hit){.rank = offset + i + 1, .score = candidate->score * search->plan.unit};
        TRY(hit_fill(hit, search->searcher, candidate, search->options->ids_only, &result->arena, search->error));
        result->hit_count++;
        if (search->options->snippets && !search->options->ids_only)
            TRY(snippet_fill(hit, &search->plan, text, search->searcher->segments[candidate->segment].segment,
                             candidate->doc, &result->arena, search->error));
    }
    return REVUE_OK;
}

revue_status revue_search(revue_searcher *searcher, const char *query, size_t query_size,
                          const revue_search_options *options, revue_result **result, revue_error *error) {
    revue_error own_error;
    struct field_text text;
    double started = clock_monotonic();
    struct search search = {.searcher = searcher, .options = options, .error = error ? error : &own_error};
    revue_status status;
    search.plan_options = (struct plan_options){
        .k1 = options->k1, .b = options->b, .plain = options->plain, .phrase = options->plain && options->phrase};
    error_clear(search.error);
    TRY(check_options(options, search.error));
    TRY(set_weights(options, &search.plan_options, search.error));
    search.result = memory_alloc_zeroed(1, sizeof *search.result);
    if (!search.result) return error_no_memory(error);
    TRY_DONE(parse(&search, query, query_size));
    for (size_t i = 0; i < search.query.warning_count; i++)
        TRY_DONE(add_warning(&search, search.query.warnings[i].message));
    TRY_DONE(run_by_operator(&search));
    field_text_init(&text, searcher->stemmer);
    status = fill_hits(&search, &text);
    field_text_free(&text);
    if (status != REVUE_OK) goto done;
    search.result->total = search.total;
    search.result->total_exact = true;
    search.result->took_us = (clock_monotonic() - started) * 1e6;
    *result = search.result;
done:
    topk_free(&search.topk);
    arena_free(&search.arena);
    if (status != REVUE_OK) revue_result_free(search.result);
    return status;
}

void revue_result_free(revue_result *result) {
    if (!result) return;
    arena_free(&result->arena);
    memory_free(result);
}

size_t revue_result_count(const revue_result *result) {
    return result->hit_count;
}

const revue_hit *revue_result_hit(const revue_result *result, size_t index) {
    return index < result->hit_count ? &result->hits[index] : NULL;
}

uint64_t revue_result_total(const revue_result *result, bool *exact) {
    if (exact) *exact = result->total_exact;
    return result->total;
}

revue_operator revue_result_op(const revue_result *result) {
    return result->op;
}

double revue_result_took_us(const revue_result *result) {
    return result->took_us;
}

size_t revue_result_warning_count(const revue_result *result) {
    return result->warning_count;
}

const char *revue_result_warning(const revue_result *result, size_t index) {
    return index < result->warning_count ? result->warnings[index] : NULL;
}

/* ---- get ---- */

struct owned_review {
    revue_review review; /* first: what the caller holds */
    struct arena arena;
};
struct get {
    const struct deletes *deletes;
    uint32_t doc;
    bool is_found;
};

static bool on_found(void *context, uint32_t doc) {
    struct get *get = context;
    if (deletes_has(get->deletes, doc)) return true;
    get->doc = doc;
    get->is_found = true;
    return false;
}

revue_status revue_get(revue_searcher *searcher, const char *id, size_t id_size, revue_review **review,
                       revue_error *error) {
    for (uint32_t i = searcher->segment_count; i-- > 0;) {
        struct get get = {0};
        TRY(searcher_deletes(searcher, i, &get.deletes, error));
        TRY(ids_find(segment_ids(searcher->segments[i].segment), view_of(id, id_size), on_found, &get, error));
        if (!get.is_found) continue;
        struct owned_review *owned = memory_alloc_zeroed(1, sizeof *owned);
        if (!owned) return error_no_memory(error);
        revue_status status = review_fill(&owned->review, searcher, i, get.doc, &owned->arena, error);
        if (status == REVUE_OK)
            *review = &owned->review;
        else
            revue_review_free(&owned->review);
        return status;
    }
    return error_set(error, REVUE_NO_MATCH, "no review has the id %.*s", (int)(id_size > 200 ? 200 : id_size), id);
}

void revue_review_free(revue_review *review) {
    if (!review) return;
    struct owned_review *owned = (struct owned_review *)review;
    arena_free(&owned->arena);
    memory_free(owned);
}
