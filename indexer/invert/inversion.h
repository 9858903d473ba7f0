/* inversion.h - every token of a segment at its place: by stem, field, review and position. */
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
    uint64_t *tokens;
};

/* Uses the workers of the flush's accumulator. Free it with inversion_free either way. */
revue_status inversion_make(struct inversion *inversion, const struct flush *flush, revue_error *error);
void inversion_free(struct inversion *inversion);

#endif
