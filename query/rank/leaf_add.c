/* leaf_add.c - the contributions of a word to the reviews of a window (scored_leaf.h).
 *
 * A word stands in many bodies and in few titles. So the longest list is added block by block as if it were alone; for the
 * reviews that a shorter list has too, that is taken back, and what all fields give together is added instead. What is
 * worth too little is left out: blocks by their bound, and reviews that a shorter list has by what it gives and that bound.
 */
#include "query/rank/scored_leaf.h"

#include "indexer/format/scoring.h"

#include <string.h>

#define WINDOW_WORDS (SCORE_WINDOW / 64)

/* Reviews of a window that shorter lists than the longest have, ascending, with the values of all lists; 0: not held. */
struct short_postings {
    uint32_t count;
    uint32_t docs[SCORE_WINDOW];
    double values[FIELD_COUNT][SCORE_WINDOW];
};
struct leaf_add {
    struct scored_leaf *leaf;
    struct score_window *window;
    uint32_t to, lists, longest; /* of the lists there, a bit each */
    double least;                /* values below it are left out; 0: none are */
    float least_alone; /* the same of the longest list, its weight divided out; lowered by more than it is rounded */
    struct short_postings *shorter;
    uint32_t at; /* the first of them that the longest list was not asked about */
};

static void touch(struct score_window *window, uint32_t at) {
    window->touched[at / 64] |= (uint64_t)1 << at % 64;
}

/* ---- the shorter lists ---- */

static revue_status note_list(struct scored_leaf *leaf, uint32_t number, uint32_t from, uint32_t to, revue_error *error) {
    struct scored_list *list = &leaf->lists[number];
    if (!list->noted) list->noted = arena_alloc(leaf->arena, sizeof *list->noted);
    if (!list->noted) return error_no_memory(error);
    struct noted_postings *noted = list->noted;
    noted->count = noted->at = 0;
    while (from != DOC_END) {
        uint32_t first, end;
        TRY(scored_list_run(list, from, to, &first, &end, &from, error));
        if (first == end) continue;
        TRY(scored_list_values(list, error));
        memcpy(noted->docs + noted->count, list->reader.docs + first, (end - first) * sizeof *noted->docs);
        memcpy(noted->values + noted->count, list->values + first, (end - first) * sizeof *noted->values);
        noted->count += end - first;
    }
    list->is_noted = true;
    return REVUE_OK;
}

revue_status scored_leaf_note(struct scored_leaf *leaf, uint32_t lists, struct score_window *window, uint32_t to,
                              revue_error *error) {
    for (; lists; lists &= lists - 1) {
        const uint32_t number = (uint32_t)__builtin_ctz(lists);
        TRY(note_list(leaf, number, window->from, to, error));
        const struct noted_postings *noted = leaf->lists[number].noted;
        for (uint32_t i = 0; i < noted->count; i++)
            touch(window, noted->docs[i] - window->from);
    }
    return REVUE_OK;
}

static void gather_one(const struct leaf_add *add, uint32_t list, struct short_postings *shorter) {
    const struct noted_postings *noted = add->leaf->lists[list].noted;
    shorter->count = noted->count;
    memcpy(shorter->docs, noted->docs, noted->count * sizeof *noted->docs);
    memcpy(shorter->values[list], noted->values, noted->count * sizeof *noted->values);
    memset(shorter->values[add->longest], 0, noted->count * sizeof *noted->values);
}

/* Of several lists: each review stands where so many of them are before it. */
static void gather_several(const struct leaf_add *add, uint32_t lists, struct short_postings *shorter) {
    const struct scored_leaf *leaf = add->leaf;
    const uint32_t from = add->window->from;
    uint64_t bits[WINDOW_WORDS];
    uint32_t before[WINDOW_WORDS], count = 0;
    memset(bits, 0, sizeof bits);
    for (uint32_t left = lists; left; left &= left - 1) {
        const struct noted_postings *noted = leaf->lists[__builtin_ctz(left)].noted;
        for (uint32_t i = 0; i < noted->count; i++)
            bits[(noted->docs[i] - from) / 64] |= (uint64_t)1 << (noted->docs[i] - from) % 64;
    }
    for (uint32_t word = 0; word < WINDOW_WORDS; word++) {
        before[word] = count;
        for (uint64_t left = bits[word]; left; left &= left - 1)
            shorter->docs[count++] = from + word * 64 + (uint32_t)__builtin_ctzll(left);
    }
    shorter->count = count;
    for (uint32_t left = add->lists; left; left &= left - 1) {
        const uint32_t list = (uint32_t)__builtin_ctz(left);
        memset(shorter->values[list], 0, count * sizeof *shorter->values[list]);
        if (!(lists >> list & 1)) continue;
        const struct noted_postings *noted = leaf->lists[list].noted;
        for (uint32_t posting = 0; posting < noted->count; posting++) {
            const uint32_t at = noted->docs[posting] - from;
            const uint64_t below = bits[at / 64] & (((uint64_t)1 << at % 64) - 1);
            shorter->values[list][before[at / 64] + bit_count64(below)] = noted->values[posting];
        }
    }
}

/* Drops what even the most that the longest list gives leaves below the least. */
static void drop_hopeless(const struct leaf_add *add, struct short_postings *shorter) {
    const double needed = add->least - (double)add->leaf->lists[add->longest].range_bound;
    uint32_t kept = 0;
    if (!(needed > 0)) return;
    for (uint32_t i = 0; i < shorter->count; i++) {
        double value = 0;
        shorter->docs[kept] = shorter->docs[i];
        for (uint32_t left = add->lists; left; left &= left - 1) {
            double *values = shorter->values[__builtin_ctz(left)];
            value += values[i];
            values[kept] = values[i];
        }
        kept += value >= needed;
    }
    shorter->count = kept;
}

/* ---- the longest list ---- */

static revue_status add_all(struct leaf_add *add, uint32_t first, uint32_t end, revue_error *error) {
    struct scored_leaf *leaf = add->leaf;
    const uint32_t *docs = leaf->lists[add->longest].reader.docs;
    if (first == end) return REVUE_OK;
    TRY(scored_leaf_contributions(leaf, add->longest, error));
    for (uint32_t i = first; i < end; i++) {
        const uint32_t at = docs[i] - add->window->from;
        add->window->scores[at] += leaf->contributions[i];
        touch(add->window, at);
    }
    return REVUE_OK;
}

/* Adds those of some postings that are worth enough. */
static void add_worthy(struct leaf_add *add, const uint32_t *docs, const double *values, uint32_t count) {
    const struct scored_leaf *leaf = add->leaf;
    uint32_t places[POSTINGS_BLOCK], kept = 0;
    double worthy[POSTINGS_BLOCK];
    int32_t contributions[POSTINGS_BLOCK];
    worthy[0] = 0; /* there may be none */
    for (uint32_t i = 0; i < count; i++) {
        places[kept] = docs[i] - add->window->from;
        worthy[kept] = values[i];
        kept += values[i] >= add->least;
    }
    leaf->lists->functions->contributions(worthy, kept, leaf->scale, leaf->k1, contributions);
    for (uint32_t i = 0; i < kept; i++) {
        add->window->scores[places[i]] += contributions[i];
        touch(add->window, places[i]);
    }
}

/* Of the postings [first, end) of the block those that have a frequency, and then a length, that may do. */
static revue_status add_thinned(struct leaf_add *add, uint32_t first, uint32_t end, uint32_t least, revue_error *error) {
    struct scored_list *list = &add->leaf->lists[add->longest];
    const struct postings_reader *reader = &list->reader;
    double values[POSTINGS_BLOCK];
    struct taken_postings taken; /* large: only what is used is filled in */
    TRY(postings_reader_frequencies(&list->reader, error));
    list->lookup->take_frequent(reader->docs + first, reader->frequencies + first, end - first, least, &taken);
    if (taken.count == 0) return REVUE_OK;
    TRY(lengths_gather(&list->lengths, taken.docs, taken.count, taken.lengths, error));
    list->lookup->drop_long(&taken, add->least_alone, list->b, list->average);
    if (taken.count == 0) return REVUE_OK;
    TRY(scored_list_values_of(list, taken.docs, taken.frequencies, taken.count, values, error));
    add_worthy(add, taken.docs, values, taken.count);
    return REVUE_OK;
}

/* Where any frequency may do, asking costs more than it saves. */
static revue_status add_some(struct leaf_add *add, uint32_t first, uint32_t end, revue_error *error) {
    struct scored_list *list = &add->leaf->lists[add->longest];
    uint32_t least;
    if (first == end) return REVUE_OK;
    TRY(scored_list_least_frequency(list, add->least_alone, &least, error));
    if (least > 1) return add_thinned(add, first, end, least, error);
    TRY(scored_list_values(list, error));
    add_worthy(add, list->reader.docs + first, list->values + first, end - first);
    return REVUE_OK;
}

/* Of the reviews of the shorter lists from at up to end, which lie in the block, its values; what was added of it alone is
 * taken back. */
static revue_status take_values(struct leaf_add *add, uint32_t end, bool is_added, revue_error *error) {
    const struct scored_leaf *leaf = add->leaf;
    struct scored_list *list = &leaf->lists[add->longest];
    struct looked_up found;
    int32_t contributions[POSTINGS_BLOCK];
    for (uint32_t here; add->at < end; add->at += here) {
        const uint32_t *docs = add->shorter->docs + add->at;
        here = end - add->at < CANDIDATES_MAX ? end - add->at : CANDIDATES_MAX;
        TRY(scored_list_look_up(list, docs, here, &found, error));
        list->functions->contributions(found.values, found.count, leaf->scale, leaf->k1, contributions);
        for (uint32_t i = 0; i < found.count; i++) {
            add->shorter->values[add->longest][add->at + found.which[i]] = found.values[i];
            if (is_added && found.values[i] >= add->least)
                add->window->scores[docs[found.which[i]] - add->window->from] -= contributions[i];
        }
    }
    return REVUE_OK;
}

static revue_status add_longest(struct leaf_add *add, revue_error *error) {
    struct scored_list *list = &add->leaf->lists[add->longest];
    struct postings_reader *reader = &list->reader;
    const struct short_postings *shorter = add->shorter;
    for (uint32_t from = add->window->from; from < add->to; from = reader->last_doc + 1) {
        float bound = INFINITY;
        uint32_t first = 0, end = 0, next, last = add->at;
        if (reader->last_doc < from) TRY(postings_reader_seek_block(reader, from, error));
        if (reader->count == 0 || reader->previous_last + 1 >= add->to) return REVUE_OK;
        while (shorter && last < shorter->count && shorter->docs[last] <= reader->last_doc)
            last++;
        if (add->least > 0) TRY(scored_list_block_bound(list, &bound, error));
        const bool is_added = (double)bound >= add->least;
        if (!is_added && last == add->at) continue;
        TRY(scored_list_run(list, from, add->to, &first, &end, &next, error));
        if (is_added) TRY(add->least > 0 ? add_some(add, first, end, error) : add_all(add, first, end, error));
        TRY(take_values(add, last, is_added, error));
    }
    return REVUE_OK;
}

/* ---- together ---- */

static void add_sums(const struct leaf_add *add) {
    const struct scored_leaf *leaf = add->leaf;
    const struct short_postings *shorter = add->shorter;
    for (uint32_t from = 0; from < shorter->count; from += POSTINGS_BLOCK) {
        double values[POSTINGS_BLOCK] = {0};
        int32_t contributions[POSTINGS_BLOCK];
        const uint32_t left = shorter->count - from, count = left < POSTINGS_BLOCK ? left : POSTINGS_BLOCK;
        for (uint32_t lists = add->lists; lists; lists &= lists - 1)
            for (uint32_t i = 0; i < count; i++)
                values[i] += shorter->values[__builtin_ctz(lists)][from + i];
        leaf->lists->functions->contributions(values, count, leaf->scale, leaf->k1, contributions);
        for (uint32_t i = 0; i < count; i++) {
            const uint32_t at = shorter->docs[from + i] - add->window->from;
            add->window->scores[at] += contributions[i];
            touch(add->window, at);
        }
    }
}

static revue_status add_shorter(struct leaf_add *add, uint32_t lists, revue_error *error) {
    struct scored_leaf *leaf = add->leaf;
    if (!add->window->shorter) add->window->shorter = arena_alloc(leaf->arena, sizeof *add->shorter);
    if (!add->window->shorter) return error_no_memory(error);
    add->shorter = add->window->shorter;
    for (uint32_t left = lists; left; left &= left - 1)
        TRY(note_list(leaf, (uint32_t)__builtin_ctz(left), add->window->from, add->to, error));
    if (lists & (lists - 1))
        gather_several(add, lists, add->shorter);
    else
        gather_one(add, (uint32_t)__builtin_ctz(lists), add->shorter);
    drop_hopeless(add, add->shorter);
    return REVUE_OK;
}

revue_status scored_leaf_add(struct scored_leaf *leaf, struct score_window *window, uint32_t to, int64_t least,
                             revue_error *error) {
    const uint32_t lists = scored_leaf_lists_there(leaf);
    struct leaf_add add = {
        .leaf = leaf, .window = window, .to = to, .least = scored_leaf_value_needed(leaf, (double)least)};
    if (lists == 0) return REVUE_OK;
    add.lists = lists;
    add.longest = scored_leaf_longest(leaf, lists);
    add.least_alone = (float)(add.least / leaf->lists[add.longest].weight * (1 - 1e-5));
    if (lists & (lists - 1)) TRY(add_shorter(&add, lists & ~(1u << add.longest), error));
    TRY(add_longest(&add, error));
    if (add.shorter) add_sums(&add);
    return REVUE_OK;
}
