/* champions_record.h - the record of a stem's champions in SKIPS (FORMAT.md, 6.6): writer and reader. */
#ifndef REVUE_FORMAT_CHAMPIONS_RECORD_H
#define REVUE_FORMAT_CHAMPIONS_RECORD_H

#include "indexer/format/stream.h"
#include "indexer/review/review.h"

#define CHAMPIONS_MAX 16u
#define CHAMPIONS_DF 512u /* a stem in more reviews than this has champions */

struct champion {
    uint32_t doc;
    uint32_t frequency[FIELD_COUNT]; /* 0 where the field does not hold the stem, or is not searched by default */
};

/* Appends the record of champions, which ascend by review. fields: bit f, the stem occurs in field f of the segment. */
void champions_encode(const struct champion *champions, uint32_t count, uint8_t fields, struct bytes *out);
/* The record at that address of SKIPS; doc_count: of the segment. */
revue_status champions_read(struct stream *skips, uint64_t address, uint32_t size, uint8_t fields, uint32_t doc_count,
                            struct champion champions[CHAMPIONS_MAX], uint32_t *count, revue_error *error);

#endif
