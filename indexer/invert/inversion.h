/* inversion.h - every token of a segment at its place: by stem, field, review and position. The places of all tokens at
 * once may be more than the memory carries, so they are made for one range of stems after the other. */
#ifndef REVUE_INVERT_INVERSION_H
#define REVUE_INVERT_INVERSION_H

#include "indexer/invert/flush.h"

/* A token: review 32 bits, position 30, form number 2. A position of 2^30 would need a field of over 1 GiB. */
#define TOKEN(doc, position, form) ((uint64_t)(doc) << 32 | (uint64_t)(position) << 2 | (form))
static inline uint32_t token_doc(uint64_t token) {
    return (uint32_t)(token >> 32);
}
static inline uint32_t token_position(uint64_t token) {
    return (uint32_t)token >> 2;
}
static inline unsigned token_form(uint64_t token) {
    return (unsigned)token & 3;
}

struct inversion {
    uint64_t *starts; /* run rank * FIELD_COUNT + field -> first of its tokens, one more at the end */
    uint64_t *tokens; /* of the stems placed last */
    uint64_t first;   /* the number of tokens[0] among all */
    size_t capacity;  /* of tokens */
};

/* Counts the tokens of every stem and places none. The log of the flush is terms afterwards, no symbols: nothing else reads
 * it any more. Free it with inversion_free either way. */
revue_status inversion_init(struct inversion *inversion, const struct flush *flush, revue_error *error);
void inversion_free(struct inversion *inversion);
/* How many tokens the stems before rank have. rank is at or over the end of what was placed last. */
static inline uint64_t inversion_tokens_before(const struct inversion *inversion, uint32_t rank) {
    return inversion->starts[1 + (size_t)rank * FIELD_COUNT];
}
/* Places the tokens of the stems [first_rank, end_rank) in the room of those placed before, which end at first_rank. Then
 * starts are those of the runs of these stems. Uses the workers of the flush's accumulator. */
revue_status inversion_place(struct inversion *inversion, const struct flush *flush, uint32_t first_rank, uint32_t end_rank,
                             revue_error *error);
/* A token by its number among all; it is one of those placed last, or behind them. */
static inline const uint64_t *inversion_token(const struct inversion *inversion, uint64_t number) {
    return inversion->tokens + (number - inversion->first);
}

#endif
