/* coded_forms.h - where some forms stand in a field kept in word codes, without decoding or analysing the field.
 *
 * A symbol always folds to the same form, so each one is looked at once per query and then known by its number. Where a
 * field repeats a paragraph, positions cannot be counted from its words alone: then the answer is that it is not known. */
#ifndef REVUE_MATCH_CODED_FORMS_H
#define REVUE_MATCH_CODED_FORMS_H

#include "indexer/base/arena.h"
#include "indexer/format/stored_text.h"

#define CODED_FORMS_MAX 250u
#define CODED_FORM_NONE 1u  /* a token of another form */
#define CODED_FORM_FIRST 2u /* forms[0]; + i: forms[i] and none before it */

struct coded_forms {
    const struct view *forms; /* the caller's */
    uint32_t form_count;
    uint8_t *known;   /* by symbol number: what the symbol is; made at the first use */
    struct bytes ids; /* of the field walked last, one for each token in order: CODED_FORM_NONE, CODED_FORM_FIRST ... */
    struct bytes scratch;
};
/* forms must outlive it; over CODED_FORMS_MAX of them nothing is ever known. Zero bytes with forms and form_count set are
 * ready for use. */
void coded_forms_free(struct coded_forms *coded);
/* Walks a field of length tokens. *is_known: coded->ids says what its tokens are, their positions counted from 0. A number
 * means the same in one segment only: one object, one pair of tables. The arena keeps what was learned of the symbols. */
revue_status coded_forms_walk(struct coded_forms *coded, struct symbol_tables *tables, struct view codes, uint32_t length,
                              struct arena *arena, bool *is_known, revue_error *error);
/* The id of forms[i]: that of the first equal one. */
uint8_t coded_forms_id(const struct coded_forms *coded, uint32_t i);

#endif
