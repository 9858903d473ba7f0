/* leaf_champions.c - the reviews that a segment keeps as the best of a stem (FORMAT.md, 6.6), scored as a query wants it.
 *
 * They were chosen under the default scoring and the averages of their segment. Under other averages a review may be worth
 * more, but by no more than the averages differ, so the least champion still bounds all reviews that are not among them. */
#include "query/rank/scored_leaf.h"

#include "indexer/format/scoring.h"

#include <inttypes.h>
#include <string.h>

/* What champions are worth under the query's averages, and under those of the segment, by which they were chosen. */
struct champion_values {
    uint32_t count;
    double values[CHAMPIONS_MAX], of_segment[CHAMPIONS_MAX];
};
/* Those that a list holds: which champions they are, and what the field has of them. */
struct champions_held {
    uint32_t count;
    uint32_t which[CHAMPIONS_MAX], docs[CHAMPIONS_MAX], frequencies[CHAMPIONS_MAX], lengths[CHAMPIONS_MAX];
};

static revue_status damaged(const struct scored_leaf *leaf, revue_error *error) {
    return error_set(error, REVUE_CORRUPT,
                     "segment %u, champions at %" PRIu64
                     ": one has more occurrences than its field words; run a check of the index",
                     segment_postings(leaf->segment).skips->segment, leaf->champions.address);
}

static revue_status find_held(struct scored_leaf *leaf, struct scored_list *list, const struct champion *champions,
                              uint32_t count, struct champions_held *held, revue_error *error) {
    held->count = 0;
    for (uint32_t i = 0; i < count; i++) {
        held->which[held->count] = i;
        held->docs[held->count] = champions[i].doc;
        held->frequencies[held->count] = champions[i].frequency[list->field];
        held->count += champions[i].frequency[list->field] > 0;
    }
    if (held->count == 0) return REVUE_OK;
    TRY(lengths_gather(&list->lengths, held->docs, held->count, held->lengths, error));
    return list->functions->are_sound(held->frequencies, held->lengths, held->count) ? REVUE_OK : damaged(leaf, error);
}

static void add_values(const struct scored_list *list, const struct champions_held *held, double average, double *sums) {
    double values[CHAMPIONS_MAX];
    list->functions->values(held->frequencies, held->lengths, held->count, list->weight, list->b, average, values);
    for (uint32_t i = 0; i < held->count; i++)
        sums[held->which[i]] += values[i];
}

static revue_status champion_values(struct scored_leaf *leaf, const struct champion *champions,
                                    struct champion_values *values, revue_error *error) {
    memset(values->values, 0, sizeof values->values);
    memset(values->of_segment, 0, sizeof values->of_segment);
    for (uint32_t i = 0; i < leaf->list_count; i++) {
        struct scored_list *list = &leaf->lists[i];
        const struct segment_field *field = &leaf->segment->meta.fields[list->field];
        const double average = scoring_average(field->total_length, field->docs_with_field);
        struct champions_held held; /* only what is used is filled in */
        TRY(find_held(leaf, list, champions, values->count, &held, error));
        add_values(list, &held, list->average, values->values);
        add_values(list, &held, average, values->of_segment);
    }
    return REVUE_OK;
}

static double gain_of(const struct scored_leaf *leaf, const struct scored_list *list) {
    const struct segment_field *field = &leaf->segment->meta.fields[list->field];
    return list->average / scoring_average(field->total_length, field->docs_with_field);
}

/* A norm shrinks by no more than the averages differ: how much more, at most, a review is worth to the query than it was to
 * the segment. */
static double largest_gain(const struct scored_leaf *leaf) {
    double gain = 1;
    for (uint32_t i = 0; i < leaf->list_count; i++) {
        const double of_list = gain_of(leaf, &leaf->lists[i]);
        if (of_list > gain) gain = of_list;
    }
    return gain > 1 ? gain * (double)BOUND_ROUNDED_UP : 1;
}

/* A field that the record leaves out adds to the value, which may round the contribution down by 1. */
static void score(const struct scored_leaf *leaf, const struct champion *champions, struct champion_values *values,
                  struct champion_scores *scores) {
    double scored[CHAMPIONS_MAX];
    const int32_t less = leaf->has_default_scoring ? 0 : 1;
    for (uint32_t i = 0; i < values->count; i++)
        scored[i] = values->values[i] > 0 ? values->values[i] : 1;
    leaf->lists->functions->contributions(scored, values->count, leaf->scale, leaf->k1, scores->scores);
    for (uint32_t i = 0; i < values->count; i++) {
        scores->docs[i] = champions[i].doc;
        if (!(values->values[i] > 0)) scores->scores[i] = 0;
        if (scores->scores[i] > 0) scores->scores[i] -= less;
    }
}

revue_status scored_leaf_champions(struct scored_leaf *leaf, struct champion_scores *scores, revue_error *error) {
    struct champion champions[CHAMPIONS_MAX];
    struct champion_values values;
    double least = INFINITY;
    scores->count = 0;
    if (leaf->champions.size == 0 || leaf->list_count == 0) return REVUE_OK;
    TRY(champions_read(segment_postings(leaf->segment).skips, leaf->champions.address, leaf->champions.size,
                       leaf->champions.fields, leaf->segment->meta.doc_count, champions, &scores->count, error));
    values.count = scores->count;
    TRY(champion_values(leaf, champions, &values, error));
    score(leaf, champions, &values, scores);
    for (uint32_t i = 0; i < scores->count; i++)
        if (values.of_segment[i] < least) least = values.of_segment[i];
    scores->least = least;
    scores->is_exact = leaf->has_default_scoring;
    scores->rest = scoring_contribution_most(leaf->scale, least * largest_gain(leaf), leaf->k1);
    return REVUE_OK;
}

/* What a field is worth more grows by no more than its gain, and is bounded itself. */
int32_t scored_leaf_champions_rest(const struct scored_leaf *leaf, const struct champion_scores *scores) {
    double more = 0;
    for (uint32_t i = 0; i < leaf->list_count; i++) {
        const double gain = gain_of(leaf, &leaf->lists[i]);
        if (gain > 1) more += (double)leaf->lists[i].bound * (1 - 1 / gain);
    }
    const int32_t rest =
        scoring_contribution_most(leaf->scale, (scores->least + more) * (double)BOUND_ROUNDED_UP, leaf->k1);
    return rest < scores->rest ? rest : scores->rest;
}
