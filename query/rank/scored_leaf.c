/* scored_leaf.c - see scored_leaf.h. */
#include "query/rank/scored_leaf.h"

#include "indexer/format/scoring.h"

#include <string.h>

#define WEIGHT_LEAST 1e-9
#define FEW_FREQUENCIES 3u /* of a block that are read one by one */

bool scored_leaf_is_possible(const struct segment *segment, const struct segment_word *word,
                             const struct field_scoring *scoring) {
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (scoring->weight[field] > 0 && scoring->weight[field] < WEIGHT_LEAST) return false;
    return word->stem_count <= 1 && segment->meta.doc_count <= INT32_MAX;
}

int32_t scored_leaf_most(const struct scored_leaf *leaf, float sum) {
    return scoring_contribution_most(leaf->scale, (double)(leaf->list_count > 1 ? sum * BOUND_ROUNDED_UP : sum), leaf->k1);
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
    leaf->contributed_block = UINT32_MAX;
    leaf->lists = NULL;
    leaf->segment = segment;
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
        float value;
        TRY(scored_list_bound(&leaf->lists[i], from, to, &value, error));
        if (value < 0) continue;
        sum += value;
        is_there = true;
    }
    *bound = is_there ? scored_leaf_most(leaf, sum) : BOUND_ABSENT;
    return REVUE_OK;
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

/* ---- leaf of one list ---- */

static revue_status leaf_contributions(struct scored_leaf *leaf, revue_error *error) {
    struct scored_list *list = leaf->lists;
    if (leaf->contributed_block == list->reader.block) return REVUE_OK;
    TRY(scored_list_values(list, error));
    list->functions->contributions(list->values, list->reader.count, leaf->scale, leaf->k1, leaf->contributions);
    leaf->contributed_block = list->reader.block;
    return REVUE_OK;
}

static revue_status add_single(struct scored_leaf *leaf, struct score_window *window, uint32_t to, revue_error *error) {
    struct scored_list *list = leaf->lists;
    for (uint32_t from = window->from; from != DOC_END;) {
        uint32_t first, end;
        TRY(scored_list_run(list, from, to, &first, &end, &from, error));
        if (first < end) TRY(leaf_contributions(leaf, error));
        for (uint32_t i = first; i < end; i++) {
            uint32_t at = list->reader.docs[i] - window->from;
            window->scores[at] += leaf->contributions[i];
            window->touched[at / 64] |= (uint64_t)1 << (at % 64);
        }
    }
    return REVUE_OK;
}

/* ---- leaf of several lists: values are summed over the fields before they saturate ---- */

static revue_status add_values(struct scored_list *list, struct score_window *window, uint64_t *valued, uint32_t to,
                               revue_error *error) {
    for (uint32_t from = window->from; from != DOC_END;) {
        uint32_t first, end;
        TRY(scored_list_run(list, from, to, &first, &end, &from, error));
        if (first < end) TRY(scored_list_values(list, error));
        for (uint32_t i = first; i < end; i++) {
            uint32_t at = list->reader.docs[i] - window->from;
            window->values[at] += list->values[i];
            valued[at / 64] |= (uint64_t)1 << (at % 64);
        }
    }
    return REVUE_OK;
}

static revue_status add_several(struct scored_leaf *leaf, struct score_window *window, uint32_t to, revue_error *error) {
    uint64_t valued[SCORE_WINDOW / 64] = {0};
    revue_status status = REVUE_OK;
    for (uint32_t i = 0; i < leaf->list_count && status == REVUE_OK; i++)
        status = add_values(&leaf->lists[i], window, valued, to, error);
    for (uint32_t word = 0; word < SCORE_WINDOW / 64; word++) {
        window->touched[word] |= valued[word];
        for (uint64_t bits = valued[word]; bits; bits &= bits - 1) {
            uint32_t at = word * 64 + (uint32_t)__builtin_ctzll(bits);
            window->scores[at] += scoring_contribution(leaf->scale, window->values[at], leaf->k1);
            window->values[at] = 0;
        }
    }
    return status;
}

revue_status scored_leaf_add(struct scored_leaf *leaf, struct score_window *window, uint32_t to, revue_error *error) {
    if (leaf->list_count == 0) return REVUE_OK;
    return leaf->list_count == 1 ? add_single(leaf, window, to, error) : add_several(leaf, window, to, error);
}

void score_window_drain(struct score_window *window, int32_t least, struct score_candidates *candidates) {
    uint32_t count = 0;
    for (uint32_t word = 0; word < SCORE_WINDOW / 64; word++) {
        for (uint64_t bits = window->touched[word]; bits; bits &= bits - 1) {
            uint32_t at = word * 64 + (uint32_t)__builtin_ctzll(bits);
            candidates->docs[count] = window->from + at;
            candidates->scores[count] = window->scores[at];
            count += window->scores[at] >= least;
            window->scores[at] = 0;
        }
        window->touched[word] = 0;
    }
    candidates->count = count;
}

static revue_status list_single(struct scored_leaf *leaf, uint32_t from, uint32_t to, int32_t least,
                                struct score_candidates *candidates, revue_error *error) {
    struct scored_list *list = leaf->lists;
    uint32_t first, end, next, count = 0;
    TRY(scored_list_run(list, from, to, &first, &end, &next, error));
    if (first < end) TRY(leaf_contributions(leaf, error));
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
    revue_status status = scored_leaf_add(leaf, window, to, error);
    score_window_drain(window, least, candidates);
    return status;
}

/* ---- probing ---- */

/* What the leaf gives doc; is_held tells whether it holds it at all. */
static revue_status probe_one(struct scored_leaf *leaf, uint32_t doc, bool *is_held, int32_t *contribution,
                              revue_error *error) {
    double x = 0;
    *is_held = false;
    for (uint32_t i = 0; i < leaf->list_count; i++) {
        struct scored_list *list = &leaf->lists[i];
        bool found;
        double value = 0;
        TRY(scored_list_seek(list, doc, &found, error));
        if (!found || list->reader.docs[list->at] != doc) continue;
        TRY(scored_list_value(list, list->at, &value, error));
        x += value;
        *is_held = true;
    }
    *contribution = *is_held ? scoring_contribution(leaf->scale, x, leaf->k1) : 0;
    return REVUE_OK;
}

static revue_status probe_several(struct scored_leaf *leaf, bool is_required, int32_t least,
                                  struct score_candidates *candidates, revue_error *error) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < candidates->count; i++) {
        bool is_held;
        int32_t contribution;
        TRY(probe_one(leaf, candidates->docs[i], &is_held, &contribution, error));
        int32_t score = candidates->scores[i] + contribution;
        candidates->docs[kept] = candidates->docs[i];
        candidates->scores[kept] = score;
        kept += (is_held || !is_required) && score >= least;
    }
    candidates->count = kept;
    return REVUE_OK;
}

/* The postings that a leaf of one list has of some candidates, to be scored together. */
struct probed {
    uint32_t count;
    uint32_t candidate[POSTINGS_BLOCK], docs[POSTINGS_BLOCK], frequencies[POSTINGS_BLOCK];
};

static revue_status score_probed(struct scored_leaf *leaf, struct probed *probed, int32_t *scores, revue_error *error) {
    struct scored_list *list = leaf->lists;
    double values[POSTINGS_BLOCK];
    int32_t contributions[POSTINGS_BLOCK];
    if (probed->count == 0) return REVUE_OK;
    TRY(scored_list_values_of(list, probed->docs, probed->frequencies, probed->count, values, error));
    list->functions->contributions(values, probed->count, leaf->scale, leaf->k1, contributions);
    for (uint32_t i = 0; i < probed->count; i++)
        scores[probed->candidate[i]] += contributions[i];
    probed->count = 0;
    return REVUE_OK;
}

/* The postings found of the reader's block, of the candidates from first on that are held. */
static revue_status take_probed(struct scored_leaf *leaf, struct score_candidates *candidates, uint32_t first,
                                const uint32_t *held, const uint32_t *found, uint32_t count, revue_error *error) {
    struct scored_list *list = leaf->lists;
    struct probed probed; /* large: only what is used is filled in */
    if (count == 0) return REVUE_OK;
    probed.count = count;
    if (count > FEW_FREQUENCIES) TRY(postings_reader_frequencies(&list->reader, error));
    for (uint32_t i = 0; i < count; i++) {
        probed.candidate[i] = first + held[i];
        probed.docs[i] = candidates->docs[first + held[i]];
        TRY(postings_reader_frequency(&list->reader, found[i], &probed.frequencies[i], error));
    }
    return score_probed(leaf, &probed, candidates->scores, error);
}

/* Block by block of the list. Drops on the way what it does not hold when it must. */
static revue_status probe_single(struct scored_leaf *leaf, bool is_required, struct score_candidates *candidates,
                                 revue_error *error) {
    struct scored_list *list = leaf->lists;
    uint32_t kept = 0, held[CANDIDATES_ROOM], found[CANDIDATES_ROOM];
    for (uint32_t from = 0, to; from < candidates->count; from = to) {
        uint32_t count;
        const uint32_t left = candidates->count - from;
        TRY(postings_reader_seek_block(&list->reader, candidates->docs[from], error));
        if (list->reader.count == 0) break;
        to = from +
             docs_up_to(candidates->docs + from, left < CANDIDATES_MAX ? left : CANDIDATES_MAX, list->reader.last_doc);
        TRY(scored_list_find(list, candidates->docs + from, to - from, held, found, &count, error));
        TRY(take_probed(leaf, candidates, from, held, found, count, error));
        for (uint32_t i = 0; is_required && i < count; i++, kept++) {
            candidates->docs[kept] = candidates->docs[from + held[i]];
            candidates->scores[kept] = candidates->scores[from + held[i]];
        }
    }
    if (is_required) candidates->count = kept;
    return REVUE_OK;
}

static void drop_below(struct score_candidates *candidates, int32_t least) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < candidates->count; i++) {
        candidates->docs[kept] = candidates->docs[i];
        candidates->scores[kept] = candidates->scores[i];
        kept += candidates->scores[i] >= least;
    }
    candidates->count = kept;
}

revue_status scored_leaf_probe(struct scored_leaf *leaf, bool is_required, int32_t least,
                               struct score_candidates *candidates, revue_error *error) {
    if (leaf->list_count != 1) return probe_several(leaf, is_required, least, candidates, error);
    TRY(probe_single(leaf, is_required, candidates, error));
    drop_below(candidates, least);
    return REVUE_OK;
}
