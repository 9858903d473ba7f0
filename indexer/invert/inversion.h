/* inversion.h - every token of a segment at its place: by stem, field, review and position. The stems are cut into ranges,
 * whose tokens fit a cache. The tokens of all ranges at once may be more than the memory carries, so they are gathered for
 * some ranges after the other. */
#ifndef REVUE_INVERT_INVERSION_H
#define REVUE_INVERT_INVERSION_H

#include "indexer/invert/flush.h"
#include "indexer/invert/sift.h"

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
    uint64_t *starts;       /* run rank * FIELD_COUNT + field -> number of its first token, one more at the end */
    uint32_t *range_starts; /* first rank of each range, one more at the end */
    uint32_t range_count;
    unsigned stem_bits;           /* of a stem's number within its range */
    unsigned position_bits;       /* of the longest text's positions */
    struct inversion_part *parts; /* of the reviews: each is looked at by one thread at a time */
    unsigned part_count;
    uint64_t *tokens; /* those gathered last: range by range, not yet in order within one */
    uint64_t first;   /* the number of tokens[0] among all */
    size_t capacity;  /* of tokens */
    sift_terms *sift;
};

/* Counts the tokens of every stem and cuts the stems into ranges. The log of the flush is terms afterwards, no symbols:
 * nothing else reads it any more. Free it with inversion_free either way. */
revue_status inversion_init(struct inversion *inversion, const struct flush *flush, revue_error *error);
void inversion_free(struct inversion *inversion);
/* How many tokens the ranges before this one have; all of them for range_count. */
static inline uint64_t inversion_tokens_before(const struct inversion *inversion, uint32_t range) {
    return inversion->starts[(size_t)inversion->range_starts[range] * FIELD_COUNT];
}
/* Gathers the tokens of the ranges [first, end) in the room of those gathered before. Every range at most once. Uses the
 * workers of the flush's accumulator. */
revue_status inversion_gather(struct inversion *inversion, const struct flush *flush, uint32_t first, uint32_t end,
                              revue_error *error);

/* The tokens of one range, in order. Zero bytes are ready for use; one thread's. */
struct range_tokens {
    const uint64_t *tokens; /* of the range sorted last, borrowed from room or from the inversion */
    uint64_t first;         /* the number of tokens[0] among all */
    uint64_t *room;
    uint64_t *next; /* by stem and field, while they are sorted */
    size_t room_capacity, next_capacity;
};
/* Puts the tokens of a range that was gathered into order. Every range at most once. */
revue_status inversion_sort(const struct inversion *inversion, uint32_t range, struct range_tokens *sorted,
                            revue_error *error);
void range_tokens_free(struct range_tokens *sorted);
/* A token by its number among all. */
static inline const uint64_t *range_token(const struct range_tokens *sorted, uint64_t number) {
    return sorted->tokens + (number - sorted->first);
}

#endif
