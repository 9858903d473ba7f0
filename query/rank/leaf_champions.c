/* leaf_champions.c - the reviews that a segment keeps as the best of a stem (FORMAT.md, 6.6), scored as a query wants it.
 *
 * They were chosen under the default scoring and the averages of their segment. Under other averages a review may be worth
 * more, but by no more than the averages differ, so the least champion still bounds all reviews that are not among them. */
#include "query/rank/scored_leaf.h"

#include "indexer/format/scoring.h"

#include <inttypes.h>

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
        if (frequency > length)
            return error_set(error, REVUE_CORRUPT,
                             "segment %u, champions at %" PRIu64
                             ": one has more occurrences than its field words; run a check of the index",
                             segment_postings(leaf->segment).skips->segment, leaf->champions.address);
        double average = scoring_average(field->total_length, field->docs_with_field);
        *value += scoring_field_value(list->weight, frequency, scoring_norm(list->b, length, list->average));
        *value_of_segment += scoring_field_value(list->weight, frequency, scoring_norm(list->b, length, average));
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

revue_status scored_leaf_champions(struct scored_leaf *leaf, struct champion_scores *scores, revue_error *error) {
    struct champion champions[CHAMPIONS_MAX];
    double least = INFINITY;
    scores->count = 0;
    if (leaf->champions.size == 0 || leaf->list_count == 0) return REVUE_OK;
    TRY(champions_read(segment_postings(leaf->segment).skips, leaf->champions.address, leaf->champions.size,
                       leaf->champions.fields, leaf->segment->meta.doc_count, champions, &scores->count, error));
    for (uint32_t i = 0; i < scores->count; i++) {
        double value, value_of_segment;
        TRY(champion_values(leaf, &champions[i], &value, &value_of_segment, error));
        scores->docs[i] = champions[i].doc;
        scores->scores[i] = value > 0 ? scoring_contribution(leaf->scale, value, leaf->k1) : 0;
        /* A field that the record leaves out adds to the value, which may round the contribution down by 1. */
        if (!leaf->has_default_scoring && scores->scores[i] > 0) scores->scores[i]--;
        if (value_of_segment < least) least = value_of_segment;
    }
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
