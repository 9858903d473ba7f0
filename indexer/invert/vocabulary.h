/* vocabulary.h - the words of the reviews being inverted: symbol -> form -> stem, each worked out once.
 *
 * A symbol is a word or a gap as written. Most words repeat, so that a look-up of the symbol stands for folding, stemming
 * and two further look-ups. One vocabulary lives from flush to flush and belongs to one thread. */
#ifndef REVUE_INVERT_VOCABULARY_H
#define REVUE_INVERT_VOCABULARY_H

#include "indexer/base/arena.h"
#include "indexer/base/hash.h"
#include "indexer/text/stem.h"

#define VOCABULARY_NONE UINT32_MAX

enum symbol_kind { SYMBOL_GAP, SYMBOL_WORD, SYMBOL_BIGRAM }; /* a bigram is searched, never stored */

struct vocabulary_symbol {
    const char *bytes;
    uint32_t size;
    uint32_t form;   /* VOCABULARY_NONE: a gap, or a word of which folding leaves nothing */
    uint32_t stored; /* how often it stands in a text to be stored */
    uint8_t kind, language;
};
struct vocabulary_form {
    struct view bytes;
    uint64_t hash; /* of bytes: paragraphs are compared by it */
    uint32_t stem;
    uint32_t df;          /* reviews it occurs in ... */
    uint32_t last_review; /* ... and the last of them, plus 1 */
    uint8_t language;
};
struct vocabulary_stem {
    struct view bytes;
};
struct vocabulary_slots { /* open addressing: tag in the upper half, index + 1 in the lower; 0 is free */
    uint64_t *slots;
    size_t mask, used;
};
struct vocabulary {
    struct arena arena;
    stemmer *stemmer;
    struct vocabulary_symbol *symbols;
    struct vocabulary_form *forms;
    struct vocabulary_stem *stems;
    size_t symbol_count, symbol_capacity, form_count, form_capacity, stem_count, stem_capacity;
    struct vocabulary_slots symbol_slots, form_slots, stem_slots;
};

revue_status vocabulary_init(struct vocabulary *vocabulary, revue_error *error);
void vocabulary_free(struct vocabulary *vocabulary);
void vocabulary_clear(struct vocabulary *vocabulary); /* forgets all words, keeps tables and stemmers */
size_t vocabulary_memory(const struct vocabulary *vocabulary);

/* Finds or adds. ascii as in struct span. language matters for words and bigrams only (LANGUAGE_NONE for gaps). */
revue_status vocabulary_symbol(struct vocabulary *vocabulary, struct view bytes, enum symbol_kind kind, bool ascii,
                               enum language language, uint32_t *symbol, revue_error *error);

#endif
