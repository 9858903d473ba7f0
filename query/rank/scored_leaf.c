/* scored_leaf.c - see scored_leaf.h. */
#include "query/rank/scored_leaf.h"

#include "indexer/format/scoring.h"
#include "query/rank/block_functions.h"

#include <string.h>

bool scored_leaf_is_possible(const struct segment_word *word, struct view exact_form) {
    return word->stem_count <= 1 && exact_form.size == 0;
}

/* ---- one list ---- */

static revue_status damaged_scores(const struct scored_list *list, revue_error *error) {
    return postings_damaged(&list->reader, "a frequency or length is out of range", error);
}

/* The values of the block the reader stands at, once. */
static revue_status list_values(struct scored_list *list, revue_error *error) {
    struct postings_reader *reader = &list->reader;
    uint32_t lengths[POSTINGS_BLOCK], all = 0;
    if (list->valued_block == reader->block) return REVUE_OK;
    TRY(postings_reader_frequencies(reader, error));
    TRY(lengths_gather(&list->lengths, reader->docs, reader->count, lengths, error));
    for (uint32_t i = 0; i < reader->count; i++)
        all |= reader->frequencies[i] | lengths[i];
    if (all > INT32_MAX) return damaged_scores(list, error);
    list->functions->values(reader->frequencies, lengths, reader->count, list->weight, list->b, list->average,
                            list->values);
    list->valued_block = reader->block;
    return REVUE_OK;
}

/* Of one posting of the block, without scoring the rest. */
static revue_status list_value(struct scored_list *list, uint32_t index, double *value, revue_error *error) {
    uint32_t length;
    if (list->valued_block == list->reader.block) {
        *value = list->values[index];
        return REVUE_OK;
    }
    TRY(postings_reader_frequencies(&list->reader, error));
    TRY(lengths_gather(&list->lengths, &list->reader.docs[index], 1, &length, error));
    if ((list->reader.frequencies[index] | length) > INT32_MAX) return damaged_scores(list, error);
    *value =
        scoring_field_value(list->weight, list->reader.frequencies[index], scoring_norm(list->b, length, list->average));
    return REVUE_OK;
}

/* Whole blocks are searched: a shorter one is filled up. */
static void enter_block(struct scored_list *list) {
    struct postings_reader *reader = &list->reader;
    list->at_block = reader->block;
    list->at = 0;
    for (uint32_t i = reader->count; i < POSTINGS_BLOCK; i++)
        reader->docs[i] = INT32_MAX;
}

/* To the first posting at or after target: false when the list has none. The block's docs are decoded then. */
static revue_status list_seek(struct scored_list *list, uint32_t target, bool *found, revue_error *error) {
    struct postings_reader *reader = &list->reader;
    if (reader->last_doc < target) TRY(postings_reader_seek_block(reader, target, error));
    *found = reader->count > 0;
    if (reader->count == 0) return REVUE_OK;
    TRY(postings_reader_docs(reader, error));
    if (list->at_block != reader->block) enter_block(list);
    /* A last doc at or over target is known to be there, so the search has no other end. */
    list->at = list->functions->count_below(reader->docs, target);
    return REVUE_OK;
}

/* A list without skip record is one block, decoded already: its bound is what it really has. */
static revue_status bound_single_block(struct scored_list *list, revue_error *error) {
    double best = 0;
    TRY(list_values(list, error));
    for (uint32_t i = 0; i < list->reader.count; i++)
        if (list->values[i] > best) best = list->values[i];
    list->bound = nextafterf((float)best, INFINITY);
    return REVUE_OK;
}

static revue_status list_open(struct scored_list *list, const struct leaf_context *context, enum review_field field,
                              const struct posting_list *where, const struct field_scoring *scoring,
                              struct bound_table *table, revue_error *error) {
    list->field = field;
    list->lengths = segment_lengths(context->segment, field);
    list->weight = scoring->weight[field];
    list->average = scoring->average[field];
    list->b = scoring->b;
    list->bounds = table;
    list->functions = block_functions_best();
    list->group = list->at_block = list->valued_block = UINT32_MAX;
    TRY(postings_reader_open(&list->reader, segment_postings(context->segment), context->segment->meta.doc_count, where,
                             error));
    if (!list->reader.directory) return bound_single_block(list, error);
    bound_table_prepare(table, scoring->b, list->average);
    list->bound = bound_table_value(table, list->reader.list_impacts.pairs, list->reader.list_impacts.count) *
                  nextafterf((float)list->weight, INFINITY) * BOUND_ROUNDED_UP;
    return REVUE_OK;
}

static revue_status load_group(struct scored_list *list, uint32_t group, revue_error *error) {
    struct postings_group found;
    list->group = UINT32_MAX;
    TRY(postings_reader_group(&list->reader, group, &found, error));
    float weight = nextafterf((float)list->weight, INFINITY) * BOUND_ROUNDED_UP;
    for (uint32_t i = 0, start = 0; i < found.block_count; i++) {
        list->group_last[i] = found.last_doc[i];
        list->group_bound[i] = bound_table_value(list->bounds, found.pairs + start, found.pairs_end[i] - start) * weight;
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

/* The largest bound of the blocks that reach into [from, to); negative when none does. */
static revue_status list_bound(struct scored_list *list, uint32_t from, uint32_t to, float *bound, revue_error *error) {
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

/* ---- the leaf ---- */

static int32_t contribution_bound(const struct scored_leaf *leaf, float value) {
    return value < INFINITY ? scoring_contribution(leaf->scale, (double)value, leaf->k1) : (int32_t)(leaf->scale + 0.5);
}

revue_status scored_leaf_open(struct scored_leaf *leaf, const struct leaf_context *context, const struct segment_word *word,
                              const struct field_scoring *scoring, double scale, struct bound_table *tables,
                              revue_error *error) {
    float bound = 0;
    leaf->list_count = 0;
    leaf->scale = scale;
    leaf->k1 = scoring->k1;
    leaf->cost = 0;
    leaf->bound = BOUND_ABSENT;
    leaf->contributed_block = UINT32_MAX;
    leaf->lists = NULL;
    leaf->segment = context->segment;
    leaf->champions.size = 0;
    if (word->stem_count == 0) return REVUE_OK;
    const struct term_entry_lists *stem = &word->stems[0];
    leaf->champions = (struct champions_place){stem->champions, stem->champions_bytes, stem->fields};
    leaf->has_default_scoring =
        scoring->b == SCORING_B && memcmp(scoring->weight, scoring_default_weights, sizeof scoring_default_weights) == 0;
    uint32_t count = 0;
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        count += (stem->fields >> field & 1) && scoring->weight[field] > 0;
    if (count == 0) return REVUE_OK;
    leaf->lists = arena_alloc_array(context->arena, count, sizeof *leaf->lists);
    if (!leaf->lists) return error_no_memory(error);
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        if (!(stem->fields >> field & 1) || scoring->weight[field] <= 0) continue;
        struct scored_list *list = &leaf->lists[leaf->list_count++];
        TRY(list_open(list, context, (enum review_field)field, &stem->lists[field], scoring, &tables[field], error));
        bound += list->bound;
        leaf->cost += stem->lists[field].df;
    }
    leaf->bound = contribution_bound(leaf, leaf->list_count > 1 ? bound * BOUND_ROUNDED_UP : bound);
    return REVUE_OK;
}

void scored_leaf_close(struct scored_leaf *leaf) {
    for (uint32_t i = 0; i < leaf->list_count; i++)
        postings_reader_close(&leaf->lists[i].reader);
}

revue_status scored_leaf_bound(struct scored_leaf *leaf, uint32_t from, uint32_t to, int32_t *bound, revue_error *error) {
    float sum = 0;
    bool is_there = false;
    for (uint32_t i = 0; i < leaf->list_count; i++) {
        float value;
        TRY(list_bound(&leaf->lists[i], from, to, &value, error));
        if (value < 0) continue;
        sum += value;
        is_there = true;
    }
    *bound = is_there ? contribution_bound(leaf, leaf->list_count > 1 ? sum * BOUND_ROUNDED_UP : sum) : BOUND_ABSENT;
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
    if (*first != DOC_END && (leaf->list_count > 1 || *end - *first > SCORE_WINDOW)) *end = *first + SCORE_WINDOW;
    return REVUE_OK;
}

/* ---- champions ---- */

/* What a review of these frequencies is worth under the query's averages, and under those of the segment, by which
 * champions were chosen. */
static revue_status champion_values(struct scored_leaf *leaf, const struct champion *champion, double *value,
                                    double *value_of_segment, revue_error *error) {
    *value = *value_of_segment = 0;
    for (uint32_t i = 0; i < leaf->list_count; i++) {
        struct scored_list *list = &leaf->lists[i];
        uint32_t frequency = champion->frequency[list->field], length;
        const struct segment_field *field = &leaf->segment->meta.fields[list->field];
        if (frequency == 0) continue;
        TRY(lengths_get(&list->lengths, champion->doc, &length, error));
        double average = scoring_average(field->total_length, field->docs_with_field);
        *value += scoring_field_value(list->weight, frequency, scoring_norm(list->b, length, list->average));
        *value_of_segment += scoring_field_value(list->weight, frequency, scoring_norm(list->b, length, average));
    }
    return REVUE_OK;
}

/* A norm shrinks by no more than the averages differ: how much more, at most, a review is worth to the query than it was to
 * the segment. */
static double largest_gain(const struct scored_leaf *leaf) {
    double gain = 1;
    for (uint32_t i = 0; i < leaf->list_count; i++) {
        const struct segment_field *field = &leaf->segment->meta.fields[leaf->lists[i].field];
        double ratio = leaf->lists[i].average / scoring_average(field->total_length, field->docs_with_field);
        if (ratio > gain) gain = ratio;
    }
    return gain > 1 ? gain * (double)BOUND_ROUNDED_UP : 1;
}

revue_status scored_leaf_champions(struct scored_leaf *leaf, struct champion_scores *scores, revue_error *error) {
    struct champion champions[CHAMPIONS_MAX];
    double least = INFINITY;
    scores->count = 0;
    if (leaf->champions.size == 0) return REVUE_OK;
    TRY(champions_read(segment_postings(leaf->segment).skips, leaf->champions.address, leaf->champions.size,
                       leaf->champions.fields, leaf->segment->meta.doc_count, champions, &scores->count, error));
    for (uint32_t i = 0; i < scores->count; i++) {
        double value, value_of_segment;
        TRY(champion_values(leaf, &champions[i], &value, &value_of_segment, error));
        scores->docs[i] = champions[i].doc;
        scores->scores[i] = value > 0 ? scoring_contribution(leaf->scale, value, leaf->k1) : 0;
        if (value_of_segment < least) least = value_of_segment;
    }
    scores->is_exact = leaf->has_default_scoring;
    scores->rest = scoring_contribution(leaf->scale, least * largest_gain(leaf), leaf->k1);
    return REVUE_OK;
}

/* ---- leaf of one list ---- */

static revue_status leaf_contributions(struct scored_leaf *leaf, revue_error *error) {
    struct scored_list *list = leaf->lists;
    if (leaf->contributed_block == list->reader.block) return REVUE_OK;
    TRY(list_values(list, error));
    list->functions->contributions(list->values, list->reader.count, leaf->scale, leaf->k1, leaf->contributions);
    leaf->contributed_block = list->reader.block;
    return REVUE_OK;
}

static revue_status add_single(struct scored_leaf *leaf, struct score_window *window, uint32_t to, revue_error *error) {
    struct scored_list *list = leaf->lists;
    for (uint32_t from = window->from;;) {
        bool found;
        TRY(list_seek(list, from, &found, error));
        if (!found || list->reader.docs[list->at] >= to) return REVUE_OK;
        TRY(leaf_contributions(leaf, error));
        uint32_t i = list->at;
        for (; i < list->reader.count && list->reader.docs[i] < to; i++) {
            uint32_t at = list->reader.docs[i] - window->from;
            window->scores[at] += leaf->contributions[i];
            window->touched[at / 64] |= (uint64_t)1 << (at % 64);
        }
        if (i < list->reader.count) {
            list->at = i;
            return REVUE_OK;
        }
        list->at = i - 1;
        from = list->reader.last_doc + 1;
    }
}

/* ---- leaf of several lists: values are summed over the fields before they saturate ---- */

static revue_status add_values(struct scored_list *list, struct score_window *window, uint64_t *valued, uint32_t to,
                               revue_error *error) {
    for (uint32_t from = window->from;;) {
        bool found;
        TRY(list_seek(list, from, &found, error));
        if (!found || list->reader.docs[list->at] >= to) return REVUE_OK;
        TRY(list_values(list, error));
        uint32_t i = list->at;
        for (; i < list->reader.count && list->reader.docs[i] < to; i++) {
            uint32_t at = list->reader.docs[i] - window->from;
            window->values[at] += list->values[i];
            valued[at / 64] |= (uint64_t)1 << (at % 64);
        }
        if (i < list->reader.count) {
            list->at = i;
            return REVUE_OK;
        }
        list->at = i - 1;
        from = list->reader.last_doc + 1;
    }
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
    bool found;
    uint32_t count = 0;
    candidates->count = 0;
    TRY(list_seek(list, from, &found, error));
    if (!found) return REVUE_OK;
    TRY(leaf_contributions(leaf, error));
    uint32_t i = list->at;
    for (; i < list->reader.count && list->reader.docs[i] < to; i++) {
        candidates->docs[count] = list->reader.docs[i];
        candidates->scores[count] = leaf->contributions[i];
        count += leaf->contributions[i] >= least;
    }
    list->at = i < list->reader.count ? i : list->reader.count - 1;
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
        TRY(list_seek(list, doc, &found, error));
        if (!found || list->reader.docs[list->at] != doc) continue;
        TRY(list_value(list, list->at, &value, error));
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
    uint32_t lengths[POSTINGS_BLOCK], all = 0;
    double values[POSTINGS_BLOCK];
    int32_t contributions[POSTINGS_BLOCK];
    if (probed->count == 0) return REVUE_OK;
    TRY(lengths_gather(&list->lengths, probed->docs, probed->count, lengths, error));
    for (uint32_t i = 0; i < probed->count; i++)
        all |= probed->frequencies[i] | lengths[i];
    if (all > INT32_MAX) return damaged_scores(list, error);
    list->functions->values(probed->frequencies, lengths, probed->count, list->weight, list->b, list->average, values);
    list->functions->contributions(values, probed->count, leaf->scale, leaf->k1, contributions);
    for (uint32_t i = 0; i < probed->count; i++)
        scores[probed->candidate[i]] += contributions[i];
    probed->count = 0;
    return REVUE_OK;
}

/* Drops candidates on the way that the list does not hold when it must; the others' postings are scored in batches. */
static revue_status probe_single(struct scored_leaf *leaf, bool is_required, struct score_candidates *candidates,
                                 revue_error *error) {
    struct scored_list *list = leaf->lists;
    struct probed probed;
    uint32_t kept = 0, next = 0; /* the list's first review at or after the candidates looked at */
    probed.count = 0;
    for (uint32_t i = 0; i < candidates->count; i++) {
        uint32_t doc = candidates->docs[i];
        if (i == 0 || next < doc) {
            bool found;
            TRY(list_seek(list, doc, &found, error));
            next = found ? list->reader.docs[list->at] : DOC_END;
        }
        bool is_held = next == doc;
        if (!is_held && is_required) continue;
        candidates->docs[kept] = doc;
        candidates->scores[kept] = candidates->scores[i];
        if (is_held) {
            TRY(postings_reader_frequencies(&list->reader, error));
            probed.candidate[probed.count] = kept;
            probed.docs[probed.count] = doc;
            probed.frequencies[probed.count++] = list->reader.frequencies[list->at];
        }
        kept++;
        if (probed.count == POSTINGS_BLOCK) TRY(score_probed(leaf, &probed, candidates->scores, error));
    }
    candidates->count = kept;
    return score_probed(leaf, &probed, candidates->scores, error);
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
