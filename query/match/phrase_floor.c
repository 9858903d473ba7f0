/* phrase_floor.c - see phrase_floor.h. */
#include "query/match/phrase_floor.h"

#include <math.h>

void phrase_floor_open(struct phrase_floor *floor, const struct leaf_context *context, const struct field_scoring *scoring,
                       double scale, enum review_field field) {
    *floor = (struct phrase_floor){.least = context->least,
                                   .others = context->others,
                                   .scale = scale,
                                   .k1 = scoring->k1,
                                   .b = scoring->b,
                                   .weight = scoring->weight[field],
                                   .average = scoring->average[field],
                                   .bounds = context->bounds ? &context->bounds[field] : NULL,
                                   .functions = block_functions_best(),
                                   .value_of = INT32_MIN};
    if (floor->least && floor->bounds) bound_table_prepare(floor->bounds, floor->b, floor->average);
}

/* What scoring_contribution makes of frequency / norm is monotone but for its last bits, and floats round: the margin is
 * far above both. */
static float value_needed(const struct phrase_floor *floor) {
    const double share = ((double)*floor->least - floor->others - 0.5) / floor->scale;
    if (!(share > 0)) return 0;
    return share < 1 ? (float)(floor->k1 * share / (1 - share) / floor->weight * (1 - 1e-5)) : INFINITY;
}

bool phrase_floor_look(struct phrase_floor *floor) {
    if (!floor || !floor->least || *floor->least == INT32_MIN) return false;
    if (floor->value_of != *floor->least) {
        floor->value_of = *floor->least;
        floor->value = value_needed(floor);
    }
    return floor->value > 0;
}

revue_status phrase_floor_block(const struct phrase_floor *floor, struct postings_reader *reader, uint32_t *least,
                                revue_error *error) {
    struct impacts impacts;
    *least = 0;
    if (!floor->bounds || !reader->directory) return REVUE_OK;
    TRY(postings_reader_block_impacts(reader, &impacts, error));
    *least = bound_table_least_frequency(floor->bounds, impacts.pairs, impacts.count, floor->value);
    return REVUE_OK;
}
