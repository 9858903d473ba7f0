/* postings_masks.h - which forms occur in the postings of a block (FORMAT.md, 6.3): the end of a block's bytes. Internal to
 * the postings files: no streams, no allocation. */
#ifndef REVUE_FORMAT_POSTINGS_MASKS_H
#define REVUE_FORMAT_POSTINGS_MASKS_H

#include <stddef.h>
#include <stdint.h>

enum masks_form {
    MASKS_ALL_ONE, /* form 0 alone, everywhere: no bytes */
    MASKS_LIST,    /* the indexes of all other postings, and the codes of their masks */
    MASKS_BITMAP,  /* a bit a posting, and the codes */
    MASKS_FORMS
};

/* The form that is smaller. */
enum masks_form postings_masks_choose(const uint8_t *masks, uint32_t count);
/* Returns the end of what it wrote. No mask has more bits than its posting's frequency. */
uint8_t *postings_masks_put(uint8_t *out, enum masks_form form, const uint8_t *masks, const uint32_t *frequencies,
                            uint32_t count);
/* data: size bytes, which must be used up, and STREAM_SLACK more that may be read. Says what is wrong with damaged bytes
 * as a constant sentence part, NULL when nothing is. */
const char *postings_masks_take(const uint8_t *data, size_t size, enum masks_form form, const uint32_t *frequencies,
                                uint32_t count, uint8_t *masks);

#endif
