/* scored_leaf.c - see scored_leaf.h. */
#include "query/rank/scored_leaf.h"

#include "indexer/format/scoring.h"

#include <string.h>

#define WEIGHT_LEAST 1e-9

bool scored_leaf_is_possible(const struct segment *segment, const struct segment_word *word,
                             const struct field_scoring *scoring) {
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (scoring->weight[field] > 0 && scoring->weight[field] < WEIGHT_LEAST) return false;
    return word->stem_count <= 1 && segment->meta.doc_count <= INT32_MAX;
}

int32_t scored_leaf_most(const struct scored_leaf *leaf, float sum) {
    return scoring_contribution_most(leaf->scale, (double)(leaf->list_count > 1 ? sum * BOUND_ROUNDED_UP : sum), leaf->k1);
}

double scored_leaf_value_needed(const struct scored_leaf *leaf, double least) {
    const double needed = least - 1, rest = leaf->scale - needed; /* needed = scale * x / (k1 + x) */
    if (needed <= 0) return 0;
    return rest > 0 ? leaf->k1 * needed / rest * (1 - 1e-5) : INFINITY;
}

static bool is_searched(const struct term_entry_lists *stem, const struct field_scoring *scoring, unsigned field) {
    return (stem->fields >> field & 1) && scoring->weight[field] > 0;
}

static revue_status open_lists(struct scored_leaf *leaf, struct arena *arena, const struct term_entry_lists *stem,
                               const struct field_scoring *scoring, struct bound_table *tables, revue_error *error) {
    uint32_t count = 0;
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        count += is_searched(stem, scoring, field);
    if (count == 0) return REVUE_OK;
    leaf->lists = arena_alloc_array(arena, count, sizeof *leaf->lists);
    if (!leaf->lists) return error_no_memory(error);
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        if (!is_searched(stem, scoring, field)) continue;
        scored_list_open(&leaf->lists[leaf->list_count++], leaf->segment, (enum review_field)field, &stem->lists[field],
                         scoring, &tables[field]);
        leaf->cost += stem->lists[field].df;
    }
    return REVUE_OK;
}

revue_status scored_leaf_open(struct scored_leaf *leaf, struct segment *segment, struct arena *arena,
                              const struct segment_word *word, const struct field_scoring *scoring, double scale,
                              struct bound_table *tables, revue_error *error) {
    leaf->list_count = 0;
    leaf->scale = scale;
    leaf->k1 = scoring->k1;
    leaf->cost = 0;
    leaf->bound = BOUND_ABSENT;
    leaf->contributed_list = leaf->contributed_block = UINT32_MAX;
    leaf->lists = NULL;
    leaf->segment = segment;
    leaf->arena = arena;
    leaf->champions.size = 0;
    if (word->stem_count == 0) return REVUE_OK;
    const struct term_entry_lists *stem = &word->stems[0];
    leaf->champions = (struct champions_place){stem->champions, stem->champions_bytes, stem->fields};
    leaf->has_default_scoring =
        scoring->b == SCORING_B && memcmp(scoring->weight, scoring_default_weights, sizeof scoring_default_weights) == 0;
    return open_lists(leaf, arena, stem, scoring, tables, error);
}

revue_status scored_leaf_start(struct scored_leaf *leaf, revue_error *error) {
    float bound = 0;
    for (uint32_t i = 0; i < leaf->list_count; i++) {
        TRY(scored_list_start(&leaf->lists[i], leaf->segment, error));
        bound += leaf->lists[i].bound;
    }
    if (leaf->list_count > 0) leaf->bound = scored_leaf_most(leaf, bound);
    return REVUE_OK;
}

void scored_leaf_close(struct scored_leaf *leaf) {
    for (uint32_t i = 0; i < leaf->list_count; i++)
        scored_list_close(&leaf->lists[i]);
}

revue_status scored_leaf_bound(struct scored_leaf *leaf, uint32_t from, uint32_t to, int32_t *bound, revue_error *error) {
    float sum = 0;
    bool is_there = false;
    for (uint32_t i = 0; i < leaf->list_count; i++) {
        struct scored_list *list = &leaf->lists[i];
        list->is_noted = false;
        TRY(scored_list_bound(list, from, to, &list->range_bound, error));
        if (list->range_bound < 0) continue;
        sum += list->range_bound;
        is_there = true;
    }
    *bound = is_there ? scored_leaf_most(leaf, sum) : BOUND_ABSENT;
    return REVUE_OK;
}

void scored_leaf_bound_anywhere(struct scored_leaf *leaf) {
    for (uint32_t i = 0; i < leaf->list_count; i++) {
        leaf->lists[i].range_bound = leaf->lists[i].bound;
        leaf->lists[i].is_noted = false;
    }
}

revue_status scored_leaf_range(struct scored_leaf *leaf, uint32_t from, uint32_t *first, uint32_t *end,
                               revue_error *error) {
    *first = *end = DOC_END;
    for (uint32_t i = 0; i < leaf->list_count; i++) {
        struct postings_reader *reader = &leaf->lists[i].reader;
        if (reader->last_doc < from) TRY(postings_reader_seek_block(reader, from, error));
        if (reader->count == 0) continue;
        uint32_t begins = reader->previous_last + 1 > from ? reader->previous_last + 1 : from;
        if (begins < *first) *first = begins;
        if (leaf->list_count == 1) *end = reader->last_doc + 1;
    }
    if (*first == DOC_END) return REVUE_OK;
    const uint32_t most = leaf->list_count > 1 ? SCORE_WINDOW : LEAD_RANGE;
    if (*end - *first > most) *end = *first + most;
    return REVUE_OK;
}

/* ---- a block of a leaf of one list ---- */

/* Whatever posting of the block has the value has this frequency at least; UINT32_MAX: there is none. */
static revue_status frequency_needed(struct scored_list *list, double value, uint32_t *frequency, revue_error *error) {
    struct impacts impacts;
    *frequency = 1;
    if (!list->reader.directory || !(value > 0)) return REVUE_OK;
    TRY(postings_reader_block_impacts(&list->reader, &impacts, error));
    *frequency = bound_table_least_frequency(list->bounds, impacts.pairs, impacts.count, (float)(value / list->weight));
    return REVUE_OK;
}

revue_status scored_leaf_take(struct scored_leaf *leaf, uint32_t from, uint32_t to, double value,
                              struct taken_postings *taken, revue_error *error) {
    struct scored_list *list = leaf->lists;
    struct postings_reader *reader = &list->reader;
    uint32_t frequency;
    taken->count = 0;
    TRY(frequency_needed(list, value, &frequency, error));
    if (frequency == UINT32_MAX) return REVUE_OK;
    TRY(scored_list_decode(list, error));
    TRY(postings_reader_frequencies(reader, error));
    const uint32_t first = reader->docs[0] < from ? list->functions->count_below(reader->docs, from) : 0;
    const uint32_t end = reader->last_doc >= to ? list->functions->count_below(reader->docs, to) : reader->count;
    if (first >= end) return REVUE_OK;
    list->lookup->take_frequent(reader->docs + first, reader->frequencies + first, end - first, frequency, taken);
    return REVUE_OK;
}

/* ---- adding ---- */

revue_status scored_leaf_contributions(struct scored_leaf *leaf, uint32_t number, revue_error *error) {
    struct scored_list *list = &leaf->lists[number];
    if (leaf->contributed_list == number && leaf->contributed_block == list->reader.block) return REVUE_OK;
    TRY(scored_list_values(list, error));
    list->functions->contributions(list->values, list->reader.count, leaf->scale, leaf->k1, leaf->contributions);
    leaf->contributed_list = number;
    leaf->contributed_block = list->reader.block;
    return REVUE_OK;
}

static revue_status list_single(struct scored_leaf *leaf, uint32_t from, uint32_t to, int32_t least,
                                struct score_candidates *candidates, revue_error *error) {
    struct scored_list *list = leaf->lists;
    uint32_t first, end, next, count = 0;
    TRY(scored_list_run(list, from, to, &first, &end, &next, error));
    if (first < end) TRY(scored_leaf_contributions(leaf, 0, error));
    for (uint32_t i = first; i < end; i++) {
        candidates->docs[count] = list->reader.docs[i];
        candidates->scores[count] = leaf->contributions[i];
        count += leaf->contributions[i] >= least;
    }
    candidates->count = count;
    return REVUE_OK;
}

revue_status scored_leaf_list(struct scored_leaf *leaf, uint32_t from, uint32_t to, int32_t least,
                              struct score_window *window, struct score_candidates *candidates, revue_error *error) {
    if (leaf->list_count == 1) return list_single(leaf, from, to, least, candidates, error);
    window->from = from;
    TRY(scored_leaf_add(leaf, window, to, least, error));
    score_window_drain(window, least, candidates);
    return REVUE_OK;
}
