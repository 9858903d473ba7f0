/* element.h - one integer of a stream of integers. They never straddle extents (FORMAT.md, 4), so nothing is ever copied.
 */
#ifndef REVUE_FORMAT_ELEMENT_H
#define REVUE_FORMAT_ELEMENT_H

#include "indexer/format/stream.h"

/* REVUE_CORRUPT when the stream ends before it. */
static inline revue_status element_u64(struct stream *stream, uint32_t index, uint64_t *value, revue_error *error) {
    const uint8_t *at;
    revue_status status = stream_view(stream, (uint64_t)index * sizeof *value, sizeof *value, NULL, &at, error);
    if (status == REVUE_OK) *value = load_le64(at);
    return status;
}

#endif
