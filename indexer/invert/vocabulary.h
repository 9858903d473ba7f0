/* vocabulary.h - the words of the reviews being inverted: symbol -> form -> stem, each worked out once.
 *
 * A symbol is a word or a gap as written. Most words repeat, so that a look-up of the symbol stands for folding, stemming
 * and two further look-ups. One vocabulary lives from flush to flush and belongs to one worker. */
#ifndef REVUE_INVERT_VOCABULARY_H
#define REVUE_INVERT_VOCABULARY_H

#include "indexer/base/arena.h"
#include "indexer/base/hash.h"
#include "indexer/review/review.h"
#include "indexer/text/stem.h"

#define VOCABULARY_NONE UINT32_MAX

enum symbol_kind { SYMBOL_GAP, SYMBOL_WORD, SYMBOL_BIGRAM }; /* a bigram is searched, never stored */

struct vocabulary_symbol {
    const char *bytes;
    uint32_t size;
    uint8_t kind, language;
};
/* What is counted at the occurrences that short_slot does not count. */
struct symbol_use {
    uint32_t form;                  /* VOCABULARY_NONE: a gap, or a word of which folding leaves nothing */
    uint32_t stored;                /* how often it stands in a text to be stored */
    uint32_t searched[FIELD_COUNT]; /* how often it is a token of that field */
};
struct vocabulary_form {
    struct view bytes;
    uint32_t stem;
    uint8_t language;
};
struct form_use {
    uint32_t df;          /* reviews it occurs in ... */
    uint32_t last_review; /* ... and the last of them, as the worker counts them, from 1 */
};
struct vocabulary_slots { /* open addressing: tag in the upper half, index + 1 in the lower; 0 is free */
    uint64_t *slots;
    size_t mask, used;
};
/* A symbol of at most 16 bytes, with all that it is compared by: nearly every one, so they have a table of their own that
 * is searched without following a pointer. */
#define SHORT_SYMBOL_MAX 16u
struct short_symbol {
    uint64_t low, high; /* its bytes, zeros behind */
    uint32_t about;     /* size, kind and language; 0: it is longer */
};
/* What a known word needs stands side by side in half a line of the cache: what it is compared by, what is counted of most
 * occurrences, and where its form is. */
struct short_slot {
    uint64_t low, high;
    uint32_t about, index; /* index + 1; 0: the slot is free */
    uint32_t form;         /* as its symbol_use has it */
    uint32_t count;        /* in bodies, beside what symbol_use counts: vocabulary_settle adds it there */
};
struct short_slots {
    struct short_slot *slots;
    size_t mask, used;
};

struct vocabulary {
    uint64_t seed; /* of the hashes of symbols: random, so that no archive can be made to collide */
    struct arena arena;
    char *next, *end; /* free bytes for words */
    stemmer *stemmer;
    struct vocabulary_symbol *symbols;
    struct symbol_use *uses; /* of each symbol */
    struct vocabulary_form *forms;
    struct form_use *form_uses; /* of each form */
    struct view *stems;
    size_t symbol_count, symbol_capacity, use_capacity, form_count, form_capacity, form_use_capacity, stem_count,
        stem_capacity;
    struct short_slots short_slots;
    struct vocabulary_slots long_slots, form_slots, stem_slots;
};

revue_status vocabulary_init(struct vocabulary *vocabulary, revue_error *error);
void vocabulary_free(struct vocabulary *vocabulary);
void vocabulary_clear(struct vocabulary *vocabulary); /* forgets all words, keeps tables and stemmers */
size_t vocabulary_memory(const struct vocabulary *vocabulary);
/* Adds what the slots counted to the uses of their symbols, whose counts mean nothing before; is_stored: to stored, too. */
void vocabulary_settle(struct vocabulary *vocabulary, bool is_stored);

/* Finds or adds. ascii as in struct span. language matters for words and bigrams only (LANGUAGE_NONE for gaps). */
revue_status vocabulary_symbol(struct vocabulary *vocabulary, struct view bytes, enum symbol_kind kind, bool ascii,
                               enum language language, uint32_t *symbol, revue_error *error);

/* ---- the same in the hottest loop: the key first, so that the slot is fetched while other words are looked at ---- */

extern const uint64_t short_symbol_masks[SHORT_SYMBOL_MAX + 1][2];

/* readable: how many bytes may be read from bytes.data on, at least its size. */
static inline struct short_symbol short_symbol_of(struct view bytes, size_t readable, enum symbol_kind kind,
                                                  enum language language) {
    struct short_symbol made = {0, 0, 0};
    char copy[SHORT_SYMBOL_MAX] = {0};
    if (bytes.size > SHORT_SYMBOL_MAX) return made;
    const char *data = bytes.data;
    if (readable < SHORT_SYMBOL_MAX) data = memcpy(copy, bytes.data, bytes.size);
    made.low = load_le64(data) & short_symbol_masks[bytes.size][0];
    made.high = load_le64(data + 8) & short_symbol_masks[bytes.size][1];
    made.about = (uint32_t)bytes.size | (uint32_t)kind << 8 | (uint32_t)language << 16;
    return made;
}

__extension__ typedef unsigned __int128 wide_product;

/* What looking short symbols up needs, to be held in registers by who looks many up: valid until one is added. */
struct short_look_up {
    struct short_slot *slots;
    size_t mask;
    uint64_t low_seed, high_seed;
};
static inline struct short_look_up vocabulary_look_up(const struct vocabulary *vocabulary) {
    return (struct short_look_up){vocabulary->short_slots.slots, vocabulary->short_slots.mask, vocabulary->seed,
                                  vocabulary->seed >> 7 ^ 0x9E3779B9u};
}

/* The halves of a 128-bit product folded together (the mixing step of wyhash, Wang Yi). */
static inline uint64_t short_symbol_hash(struct short_look_up look_up, struct short_symbol sought) {
    wide_product product =
        (wide_product)(sought.low ^ look_up.low_seed) * (sought.high ^ (uint64_t)sought.about << 32 ^ look_up.high_seed);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* NULL when it is not there. sought is short: its about is not zero, as that of a free slot is. */
static inline struct short_slot *vocabulary_find_short(struct short_look_up look_up, struct short_symbol sought,
                                                       uint64_t hash) {
    size_t at = hash & look_up.mask;
    for (;; at = (at + 1) & look_up.mask) {
        struct short_slot *slot = &look_up.slots[at];
        uint64_t differs = (slot->low ^ sought.low) | (slot->high ^ sought.high) | (slot->about ^ sought.about);
        if (differs == 0) return slot;
        if (slot->index == 0) return NULL;
    }
}

#endif
