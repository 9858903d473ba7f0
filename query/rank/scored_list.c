/* scored_list.c - see scored_list.h. */
#include "query/rank/scored_list.h"

#include <math.h>
#include <string.h>

#define FEW_FREQUENCIES 3u /* of a block that are read one by one */
#define NEAR_BLOCKS 8u     /* the bound of more together says little more than that of the list */

/* ---- values ---- */

revue_status scored_list_values_of(struct scored_list *list, const uint32_t *docs, const uint32_t *frequencies,
                                   uint32_t count, double *values, revue_error *error) {
    uint32_t lengths[POSTINGS_BLOCK];
    TRY(lengths_gather(&list->lengths, docs, count, lengths, error));
    if (!list->functions->are_sound(frequencies, lengths, count))
        return postings_damaged(&list->reader, "a frequency or length is out of range", error);
    list->functions->values(frequencies, lengths, count, list->weight, list->b, list->average, values);
    return REVUE_OK;
}

revue_status scored_list_values(struct scored_list *list, revue_error *error) {
    struct postings_reader *reader = &list->reader;
    if (list->valued_block == reader->block) return REVUE_OK;
    TRY(postings_reader_frequencies(reader, error));
    TRY(scored_list_values_of(list, reader->docs, reader->frequencies, reader->count, list->values, error));
    list->valued_block = reader->block;
    return REVUE_OK;
}

/* ---- moving ---- */

/* Whole blocks are searched: a shorter one is filled up. */
revue_status scored_list_decode(struct scored_list *list, revue_error *error) {
    struct postings_reader *reader = &list->reader;
    TRY(postings_reader_docs(reader, error));
    if (list->at_block == reader->block) return REVUE_OK;
    list->at_block = reader->block;
    list->at = 0;
    return REVUE_OK;
}

revue_status scored_list_find(struct scored_list *list, const uint32_t *docs, uint32_t count, uint32_t *held,
                              uint32_t *found, uint32_t *found_count, revue_error *error) {
    const struct postings_reader *reader = &list->reader;
    TRY(postings_reader_lookup(&list->reader, error));
    if (reader->bitset) {
        *found_count = list->lookup->find_bits(docs, count, reader->previous_last + 1, reader->bitset, reader->ones_before,
                                               held, found);
        return REVUE_OK;
    }
    TRY(scored_list_decode(list, error));
    *found_count = list->lookup->find(docs, count, reader->docs, held, found);
    return REVUE_OK;
}

/* The frequencies of postings of the block: of a few one by one. */
static revue_status frequencies_of(struct scored_list *list, const uint32_t *postings, uint32_t count,
                                   uint32_t *frequencies, revue_error *error) {
    struct postings_reader *reader = &list->reader;
    if (count > FEW_FREQUENCIES) TRY(postings_reader_frequencies(reader, error));
    for (uint32_t i = 0; i < count; i++)
        TRY(postings_reader_frequency(reader, postings[i], &frequencies[i], error));
    return REVUE_OK;
}

static void look_up_noted(struct noted_postings *noted, const uint32_t *docs, uint32_t count, struct looked_up *found) {
    uint32_t at = noted->at;
    for (uint32_t i = 0; i < count; i++) {
        while (at < noted->count && noted->docs[at] < docs[i])
            at++;
        if (at == noted->count) break;
        found->which[found->count] = i;
        found->values[found->count] = noted->values[at];
        found->count += noted->docs[at] == docs[i];
    }
    noted->at = at;
}

revue_status scored_list_look_up(struct scored_list *list, const uint32_t *docs, uint32_t count, struct looked_up *found,
                                 revue_error *error) {
    uint32_t held[CANDIDATES_ROOM], postings[CANDIDATES_ROOM], held_docs[POSTINGS_BLOCK], frequencies[POSTINGS_BLOCK];
    struct postings_reader *reader = &list->reader;
    found->count = 0;
    if (list->is_noted) {
        look_up_noted(list->noted, docs, count, found);
        return REVUE_OK;
    }
    for (uint32_t from = 0, to, here; from < count; from = to) {
        TRY(postings_reader_seek_block(reader, docs[from], error));
        if (reader->count == 0) break;
        to = from + docs_up_to(docs + from, count - from, reader->last_doc);
        TRY(scored_list_find(list, docs + from, to - from, held, postings, &here, error));
        TRY(frequencies_of(list, postings, here, frequencies + found->count, error));
        for (uint32_t i = 0; i < here; i++) {
            found->which[found->count] = from + held[i];
            held_docs[found->count++] = docs[from + held[i]];
        }
    }
    return found->count > 0 ? scored_list_values_of(list, held_docs, frequencies, found->count, found->values, error)
                            : REVUE_OK;
}

revue_status scored_list_seek(struct scored_list *list, uint32_t target, bool *found, revue_error *error) {
    struct postings_reader *reader = &list->reader;
    if (reader->last_doc < target) TRY(postings_reader_seek_block(reader, target, error));
    *found = reader->count > 0;
    if (reader->count == 0) return REVUE_OK;
    TRY(scored_list_decode(list, error));
    /* A last doc at or over target is known to be there, so the search has no other end. */
    list->at = list->functions->count_below(reader->docs, target);
    return REVUE_OK;
}

revue_status scored_list_run(struct scored_list *list, uint32_t from, uint32_t to, uint32_t *first, uint32_t *end,
                             uint32_t *next, revue_error *error) {
    const struct postings_reader *reader = &list->reader;
    bool found;
    *first = *end = 0;
    *next = DOC_END;
    TRY(scored_list_seek(list, from, &found, error));
    if (!found) return REVUE_OK;
    *first = *end = list->at;
    if (reader->last_doc < to)
        *end = reader->count;
    else if (reader->docs[*first] < to)
        *end = list->functions->count_below(reader->docs, to);
    if (*end == reader->count && reader->last_doc + 1 < to) *next = reader->last_doc + 1;
    return REVUE_OK;
}

/* ---- opening ---- */

/* A list without skip record is one block, decoded already: its bound is what it really has. */
static revue_status bound_single_block(struct scored_list *list, revue_error *error) {
    double best = 0;
    TRY(scored_list_values(list, error));
    for (uint32_t i = 0; i < list->reader.count; i++)
        if (list->values[i] > best) best = list->values[i];
    list->bound = nextafterf((float)best, INFINITY);
    return REVUE_OK;
}

void scored_list_open(struct scored_list *list, struct segment *segment, enum review_field field,
                      const struct posting_list *where, const struct field_scoring *scoring, struct bound_table *table) {
    list->field = field;
    list->lengths = segment_lengths(segment, field);
    list->weight = scoring->weight[field];
    list->weight_above = nextafterf((float)list->weight, INFINITY) * BOUND_ROUNDED_UP;
    list->average = scoring->average[field];
    list->b = scoring->b;
    list->where = where;
    list->bounds = table;
    list->is_started = list->is_noted = false;
    list->noted = NULL;
    list->functions = block_functions_best();
    list->lookup = candidate_functions_best();
    list->group = list->near_group = list->at_block = list->valued_block = UINT32_MAX;
}

revue_status scored_list_start(struct scored_list *list, struct segment *segment, revue_error *error) {
    list->is_started = true;
    TRY(postings_reader_open(&list->reader, segment_postings(segment), segment->meta.doc_count, list->where, error));
    if (!list->reader.directory) {
        TRY(bound_single_block(list, error));
        list->range_bound = list->bound;
        return REVUE_OK;
    }
    bound_table_prepare(list->bounds, list->b, list->average);
    list->bound = bound_table_value(list->bounds, list->reader.list_impacts.pairs, list->reader.list_impacts.count) *
                  list->weight_above;
    list->range_bound = list->bound;
    return REVUE_OK;
}

void scored_list_close(struct scored_list *list) {
    if (list->is_started) postings_reader_close(&list->reader);
}

/* ---- bounds ---- */

static revue_status load_group(struct scored_list *list, uint32_t group, revue_error *error) {
    struct postings_group found;
    list->group = UINT32_MAX;
    TRY(postings_reader_group(&list->reader, group, &found, error));
    for (uint32_t i = 0, start = 0; i < found.block_count; i++) {
        list->group_last[i] = found.last_doc[i];
        list->group_bound[i] =
            bound_table_value(list->bounds, found.pairs + start, found.pairs_end[i] - start) * list->weight_above;
        start = found.pairs_end[i];
    }
    list->group_before = group ? postings_reader_group_last(&list->reader, group - 1) : UINT32_MAX;
    list->group_blocks = found.block_count;
    list->group = group;
    return REVUE_OK;
}

/* Makes the group that holds from the one whose bounds are at hand; false behind the list. */
static revue_status enter_group(struct scored_list *list, uint32_t from, bool *found, revue_error *error) {
    *found = true;
    bool is_ahead = list->group != UINT32_MAX && (list->group_before == UINT32_MAX || from > list->group_before);
    if (is_ahead && from <= list->group_last[list->group_blocks - 1]) return REVUE_OK;
    uint32_t group = postings_reader_find_group(&list->reader, is_ahead ? list->group : 0, from);
    *found = group < list->reader.group_count;
    return *found && group != list->group ? load_group(list, group, error) : REVUE_OK;
}

revue_status scored_list_bound(struct scored_list *list, uint32_t from, uint32_t to, float *bound, revue_error *error) {
    *bound = -1;
    if (!list->reader.directory) {
        const struct postings_reader *reader = &list->reader;
        if (reader->list.df > 0 && reader->docs[0] < to && reader->docs[reader->list.df - 1] >= from) *bound = list->bound;
        return REVUE_OK;
    }
    for (unsigned groups = 0; from < to; groups++) {
        bool found;
        if (groups == 3) { /* a wide range: not worth looking closer */
            *bound = list->bound;
            return REVUE_OK;
        }
        TRY(enter_group(list, from, &found, error));
        if (!found) return REVUE_OK;
        uint32_t block = 0, first = list->group_before + 1;
        while (list->group_last[block] < from)
            first = list->group_last[block++] + 1;
        for (; block < list->group_blocks && first < to; block++) {
            if (list->group_bound[block] > *bound) *bound = list->group_bound[block];
            first = list->group_last[block] + 1;
        }
        from = list->group_last[list->group_blocks - 1] + 1;
    }
    return REVUE_OK;
}

/* ---- bounds at the reader ---- */

/* Of the reader's group nothing is known from then on but what is asked for. */
static revue_status enter_near_group(struct scored_list *list, revue_error *error) {
    if (list->near_group == list->reader.group) return REVUE_OK;
    TRY(postings_reader_pairs(&list->reader, error));
    list->near_group = list->reader.group;
    list->near_known = 0;
    return REVUE_OK;
}

/* Of a block of the reader's group: worked out when it is first asked for. */
static float bound_of_block(struct scored_list *list, uint32_t block) {
    const struct postings_reader *reader = &list->reader;
    if (list->near_known >> block & 1) return list->near_bound[block];
    const uint32_t start = block ? reader->impacts_end[block - 1] : 0;
    const struct impact *pairs = (const struct impact *)(const void *)reader->block_pairs + start;
    list->near_bound[block] =
        bound_table_value(list->bounds, pairs, reader->impacts_end[block] - start) * list->weight_above;
    list->near_known |= (uint32_t)1 << block;
    return list->near_bound[block];
}

revue_status scored_list_bound_near(struct scored_list *list, uint32_t last, float *bound, revue_error *error) {
    struct postings_reader *reader = &list->reader;
    const uint32_t first = reader->block % SKIP_GROUP;
    *bound = list->bound;
    if (!reader->directory || reader->count == 0) return REVUE_OK;
    const uint32_t left = reader->group_blocks - first, end = first + (left < NEAR_BLOCKS ? left : NEAR_BLOCKS);
    const bool is_end = reader->group * SKIP_GROUP + end == reader->block_count;
    if (last > reader->block_last[end - 1] && !is_end) return REVUE_OK;
    TRY(enter_near_group(list, error));
    *bound = 0;
    for (uint32_t block = first; block < end; block++) {
        const float of_block = bound_of_block(list, block);
        if (of_block > *bound) *bound = of_block;
        if (reader->block_last[block] >= last) break;
    }
    return REVUE_OK;
}

revue_status scored_list_block_bound(struct scored_list *list, float *bound, revue_error *error) {
    *bound = list->bound;
    if (!list->reader.directory) return REVUE_OK;
    TRY(enter_near_group(list, error));
    *bound = bound_of_block(list, list->reader.block % SKIP_GROUP);
    return REVUE_OK;
}

revue_status scored_list_least_frequency(struct scored_list *list, float value, uint32_t *least, revue_error *error) {
    struct impacts impacts;
    *least = 1;
    if (!list->reader.directory) return REVUE_OK;
    TRY(postings_reader_block_impacts(&list->reader, &impacts, error));
    *least = bound_table_least_frequency(list->bounds, impacts.pairs, impacts.count, value);
    return REVUE_OK;
}

/* The first block from one of the reader's group on that may do; where the group ends when none may. */
static uint32_t next_that_may(struct scored_list *list, uint32_t block, float least) {
    while (block < list->reader.group_blocks && bound_of_block(list, block) < least)
        block++;
    return block;
}

revue_status scored_list_pass_below(struct scored_list *list, float least, revue_error *error) {
    struct postings_reader *reader = &list->reader;
    while (reader->count > 0 && reader->directory) {
        const uint32_t at = reader->block % SKIP_GROUP;
        uint32_t next = reader->group_blocks;
        if (bound_table_value(list->bounds, reader->group_impacts.pairs, reader->group_impacts.count) *
                list->weight_above >=
            least) {
            TRY(enter_near_group(list, error));
            next = next_that_may(list, at, least);
        }
        if (next == at) return REVUE_OK;
        TRY(postings_reader_seek_block(reader, reader->block_last[next - 1] + 1, error));
        if (next < SKIP_GROUP && reader->block % SKIP_GROUP == next) return REVUE_OK;
    }
    return REVUE_OK;
}

revue_status scored_list_last_above(struct scored_list *list, float least, uint32_t *last, revue_error *error) {
    const struct postings_reader *reader = &list->reader;
    *last = reader->last_doc;
    if (!reader->directory || reader->count == 0) return REVUE_OK;
    uint32_t block = reader->block % SKIP_GROUP;
    TRY(enter_near_group(list, error));
    while (block + 1 < reader->group_blocks && bound_of_block(list, block + 1) >= least)
        block++;
    *last = reader->block_last[block];
    return REVUE_OK;
}
