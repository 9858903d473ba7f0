/* search_fill.c - what the caller gets, made of what was found: hits, groups of hits, facets. */
#include "query/result/explain.h"
#include "query/result/snippet.h"
#include "query/search_internal.h"

#include <string.h>

#define HIT_WORK 1024 /* reading a text, and choosing a snippet, in postings */
#define ID_WORK 64

/* Orders and groups need few ids; whoever is shown needs one. */
static revue_status read_id(struct search *search, struct candidate *candidate) {
    struct bytes id = {0};
    TRY(deadline_spend(ID_WORK, search->error));
    struct ids_streams ids = segment_ids(search->searcher->segments[candidate->segment].segment);
    revue_status status = ids_get(ids, candidate->doc, &id, search->error);
    if (status == REVUE_OK && !(candidate->id = arena_copy(&search->result->arena, id.data, id.size)))
        status = error_no_memory(search->error);
    bytes_free(&id);
    return status;
}

/* All but rank, score and id. */
static revue_status fill_hit(struct search *search, const struct candidate *candidate, struct field_text *text,
                             revue_hit *hit) {
    const revue_search_options *options = search->options;
    struct arena *arena = &search->result->arena;
    TRY(hit_fill(hit, search->searcher, candidate, arena, search->error));
    if (options->snippets)
        TRY(snippet_fill(hit, &search->plan, text, search->searcher->segments[candidate->segment].segment, candidate->doc,
                         options->snippet_count > 0 ? options->snippet_count : 1, arena, search->error));
    return options->explain
               ? explain_fill(hit, &search->plan, search->searcher, search->weighed, candidate, arena, search->error)
               : REVUE_OK;
}

#define ZEROED 8u /* hits at a time, which then still are where they are written to soonest */

static void place_hits(const struct search *search, const struct candidate *candidates, size_t count, uint64_t first,
                       revue_hit *hits) {
    for (size_t i = 0; i < count; i++) {
        if (i % ZEROED == 0) memset(hits + i, 0, (count - i < ZEROED ? count - i : ZEROED) * sizeof *hits);
        hits[i].rank = first + i;
        hits[i].score = candidates[i].score * search->plan.unit;
        hits[i].id = candidates[i].id;
    }
}

static revue_status fill_shown(struct search *search, const struct candidate *candidates, size_t count, revue_hit *hits) {
    struct field_text text;
    revue_status status = REVUE_OK;
    field_text_init(&text, search->searcher->stemmer);
    for (size_t i = 0; i < count && status == REVUE_OK; i++) {
        status = deadline_spend(HIT_WORK, search->error);
        if (status == REVUE_OK) status = fill_hit(search, &candidates[i], &text, &hits[i]);
    }
    field_text_free(&text);
    return status;
}

/* Ranked from first; *hits stays as it is when there are none. */
static revue_status fill_hits(struct search *search, struct candidate *candidates, size_t count, uint64_t first,
                              const revue_hit **hits) {
    if (count == 0) return REVUE_OK;
    revue_hit *filled = arena_alloc_array(&search->result->arena, count, sizeof *filled);
    if (!filled) return error_no_memory(search->error);
    for (size_t i = 0; i < count; i++)
        if (!candidates[i].id) TRY(read_id(search, &candidates[i]));
    place_hits(search, candidates, count, first, filled);
    *hits = filled;
    return search->options->ids_only ? REVUE_OK : fill_shown(search, candidates, count, filled);
}

static revue_status fill_best(struct search *search) {
    struct revue_result *result = search->result;
    const size_t offset = search->options->offset, end = offset + search->options->n;
    const uint64_t before = search->after ? search->after->rank : 0;
    struct candidate *best = search->topk.items;
    size_t count = search->topk.count;
    if (search->is_sorted) TRY(sorted_finish(&search->sorted, &search->arena, &best, &count, search->error));
    result->ids = search->topk.ids;
    search->topk.ids = (struct arena){0};
    const bool has_more = search->gives_next && count > end;
    if (has_more) count = end;
    if (search->is_sorted)
        TRY(search_score(search, count > offset ? best + offset : best, count > offset ? count - offset : 0));
    result->hit_count = count > offset ? count - offset : 0;
    TRY(fill_hits(search, count > offset ? best + offset : best, result->hit_count, before + offset + 1, &result->hits));
    return has_more ? search_page_end(search, best, end - 1, before + end) : REVUE_OK;
}

static revue_status fill_group(struct search *search, const struct group *group, revue_group *filled) {
    *filled = (revue_group){.value = group->value.data,
                            .count = group->count,
                            .stars = group->stars,
                            .sort_value = group->sort_value,
                            .hit_count = group->hit_count};
    memcpy(filled->histogram, group->histogram, sizeof filled->histogram);
    return fill_hits(search, group->hits, group->hit_count, 1, &filled->hits);
}

static revue_status fill_groups(struct search *search) {
    struct revue_result *result = search->result;
    struct group *found;
    size_t count;
    TRY(groups_finish(search->groups, search->plan.unit, &result->arena, &found, &count, &result->groups_total,
                      &result->ungrouped, search->error));
    revue_group *filled = arena_alloc_array(&result->arena, count + 1, sizeof *filled);
    if (!filled) return error_no_memory(search->error);
    for (size_t i = 0; i < count; i++)
        TRY(fill_group(search, &found[i], &filled[i]));
    result->groups = filled;
    result->group_count = count;
    return REVUE_OK;
}

static revue_status fill_facets(struct search *search) {
    struct revue_result *result = search->result;
    if (search->facet_count == 0) return REVUE_OK;
    result->facets = arena_alloc_array(&result->arena, search->facet_count, sizeof *result->facets);
    if (!result->facets) return error_no_memory(search->error);
    for (size_t i = 0; i < search->facet_count; i++)
        TRY(facet_finish(search->facets[i], &result->arena, &result->facets[i], search->error));
    result->facet_count = search->facet_count;
    return REVUE_OK;
}

revue_status search_fill(struct search *search) {
    TRY(search->groups ? fill_groups(search) : fill_best(search));
    return fill_facets(search);
}
