/* field_text.h - the tokens of a stored field, for what masks and positions cannot decide: which form stands where. */
#ifndef REVUE_MATCH_FIELD_TEXT_H
#define REVUE_MATCH_FIELD_TEXT_H

#include "indexer/base/arena.h"
#include "indexer/format/segment.h"
#include "indexer/text/analyzer.h"

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
};
void field_text_init(struct field_text *text, stemmer *stemmer);
void field_text_free(struct field_text *text);
/* Loads and analyses; afterwards text->tokens and text->raw are of that field. Product and author come from their columns.
 */
revue_status field_text_load(struct field_text *text, struct segment *segment, uint32_t doc, enum review_field field,
                             revue_error *error);
/* How often the form stands in the field (repeated paragraphs left out). */
revue_status field_text_count(struct field_text *text, struct segment *segment, uint32_t doc, enum review_field field,
                              struct view form, uint32_t *count, revue_error *error);

#endif
