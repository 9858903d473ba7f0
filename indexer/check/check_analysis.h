/* check_analysis.h - between check_analysis.c and the words it knows (check_known_forms.c). */
#ifndef REVUE_CHECK_ANALYSIS_H
#define REVUE_CHECK_ANALYSIS_H

#include "indexer/check/check.h"
#include "indexer/text/stem.h"

/* What FORMS says of a form in a language. */
struct check_known_form {
    uint64_t key; /* of form and language; 0: a free slot */
    uint64_t stem_hash;
    uint32_t df, counted; /* reviews: by FORMS, by the texts */
    uint32_t last_review; /* counted, plus 1 */
    uint8_t number;       /* of the stem's forms */
    bool is_exact;        /* df must be what is counted, else it is at least that (FORMAT.md, 6.7) */
};
struct check_known_forms {
    struct check_known_form *slots;
    size_t mask;
    bool has_other_stems; /* some stem is not what this build's stemmer makes of its form */
};
/* Zero bytes before; freed in any case. */
revue_status check_known_forms_read(struct check_known_forms *forms, store_txn *txn, uint32_t segment, stemmer *stemmers,
                                    revue_error *error);
void check_known_forms_free(struct check_known_forms *forms);
/* NULL: the segment has no such form in that language. */
struct check_known_form *check_known_form_find(const struct check_known_forms *forms, struct view form,
                                               enum language language);

#endif
