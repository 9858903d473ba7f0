/* field_text.h - the tokens of a stored field, for what masks and positions cannot decide: which form stands where. */
#ifndef REVUE_MATCH_FIELD_TEXT_H
#define REVUE_MATCH_FIELD_TEXT_H

#include "indexer/base/arena.h"
#include "indexer/format/segment.h"
#include "indexer/text/analyzer.h"
#include "query/match/coded_forms.h"

/* Remembers the field analysed last. */
struct field_text {
    stemmer *stemmer; /* the caller's */
    struct segment *segment;
    uint32_t doc;
    enum review_field field;
    bool is_loaded;
    struct arena arena;
    struct tokens tokens;
    struct bytes raw, scratch;
    struct coded_forms coded; /* of coded_segment */
    struct segment *coded_segment;
    struct arena *coded_arena; /* the caller's; NULL: no forms are looked for */
};
void field_text_init(struct field_text *text, stemmer *stemmer);
void field_text_free(struct field_text *text);
/* Loads and analyses; afterwards text->tokens and text->raw are of that field. Product and author come from their columns.
 */
revue_status field_text_load(struct field_text *text, struct segment *segment, uint32_t doc, enum review_field field,
                             revue_error *error);
/* The forms that the following calls count, and an arena that lives as long: both stay the caller's. */
void field_text_look_for(struct field_text *text, const struct view *forms, uint32_t count, struct arena *arena);
/* How often the first form stands in the field (repeated paragraphs left out). */
revue_status field_text_count(struct field_text *text, struct segment *segment, uint32_t doc, enum review_field field,
                              uint32_t *count, revue_error *error);
/* At how many of the positions starts[0 .. start_count), ascending, the forms stand one after the other. */
revue_status field_text_count_phrase(struct field_text *text, struct segment *segment, uint32_t doc,
                                     enum review_field field, const uint32_t *starts, uint32_t start_count, uint32_t *count,
                                     revue_error *error);

#endif
