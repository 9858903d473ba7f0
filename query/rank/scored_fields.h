/* scored_fields.h - a word of several lists: its values are summed over the fields of a review before they saturate, in the
 * order of the fields (scoring.h). What scored_leaf.h offers of it goes through here. */
#ifndef REVUE_RANK_SCORED_FIELDS_H
#define REVUE_RANK_SCORED_FIELDS_H

#include "query/rank/scored_leaf.h"

/* As scored_leaf_add and scored_leaf_probe. */
revue_status scored_fields_add(struct scored_leaf *leaf, struct score_window *window, uint32_t to, revue_error *error);
revue_status scored_fields_probe(struct scored_leaf *leaf, bool is_required, int32_t least,
                                 struct score_candidates *candidates, revue_error *error);

#endif
