/* lexicon.h - the vocabularies of all workers as one: stems and forms in the order of the dictionaries, symbols in the
 * order of their bytes. Nothing here depends on how the reviews were shared out. */
#ifndef REVUE_INVERT_LEXICON_H
#define REVUE_INVERT_LEXICON_H

#include "indexer/invert/accumulator.h"
#include "indexer/invert/sort_keys.h"

#define NOT_A_TERM UINT32_MAX

struct lexicon_form {
    struct view bytes;
    uint32_t stem; /* its rank */
    uint32_t df;
    uint8_t language, number; /* number: of the stem's forms, or FORM_OTHER */
};
/* Symbols of the same bytes and kind, of any worker and language: one to the stored text. */
struct lexicon_symbol {
    uint64_t count;       /* how often it is stored */
    uint32_t first, same; /* its places in symbol_keys */
};
struct lexicon {
    const struct intake *intakes; /* of the accumulator, by worker */
    unsigned workers;
    struct view *stems; /* in the vocabularies; rank is the place in ascending order */
    uint32_t stem_count;
    struct lexicon_form *forms; /* ascending by bytes, then by language */
    uint32_t form_count;
    uint32_t *forms_of_stems;       /* places in forms, stem by stem in order of rank, ascending */
    uint32_t *first_form;           /* by rank, one more at the end: where its forms begin in forms_of_stems */
    uint32_t **terms;               /* by worker and symbol: rank << 2 | form number, or NOT_A_TERM */
    struct lexicon_symbol *symbols; /* those that are stored and fit a table, ascending by bytes */
    uint32_t symbol_count;
    struct sort_key *symbol_keys;         /* owner: worker, index: its symbol */
    uint32_t **stem_ranks, **form_places; /* by worker, while it is built */
};

/* The accumulator must be finished and stay as it is. Uses its workers. Free it with lexicon_free either way. */
revue_status lexicon_build(struct lexicon *lexicon, const struct accumulator *accumulator, revue_error *error);
void lexicon_free(struct lexicon *lexicon);

#endif
