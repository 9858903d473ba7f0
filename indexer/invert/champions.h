/* champions.h - the reviews of a segment that score best for one stem under the defaults (FORMAT.md, 6.6). */
#ifndef REVUE_INVERT_CHAMPIONS_H
#define REVUE_INVERT_CHAMPIONS_H

#include "indexer/base/memory.h"
#include "indexer/format/champions_record.h"
#include "indexer/format/scoring.h"

#define CHAMPIONS_NORMS 1024u

/* The postings of one field, reviews ascending. */
struct champion_postings {
    struct champion_posting {
        uint32_t doc, frequency, length;
    } * items;
    size_t count, capacity;
};
struct champions {
    struct champion_postings postings[FIELD_COUNT];
    bool failed; /* out of memory: champions_finish says so */
    uint32_t doc_count;
    double average[FIELD_COUNT];                /* lengths, over the reviews of the segment that have the field */
    double norms[FIELD_COUNT][CHAMPIONS_NORMS]; /* of the shorter lengths, worked out once */
};

void champions_init(struct champions *champions, uint32_t doc_count, const uint64_t total_length[FIELD_COUNT],
                    const uint32_t docs_with_field[FIELD_COUNT]);
void champions_free(struct champions *champions);
/* Postings of the stem, reviews of a field ascending; fields not searched by default are ignored. */
static inline void champions_add_run(struct champions *champions, enum review_field field, const uint32_t *docs,
                                     const uint32_t *frequencies, const uint32_t *lengths, uint32_t count) {
    struct champion_postings *postings = &champions->postings[field];
    if (scoring_default_weights[field] == 0 || docs[count - 1] >= champions->doc_count) return;
    if (!MEMORY_RESERVE(postings->items, postings->capacity, postings->count + count)) {
        champions->failed = true;
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        postings->items[postings->count++] = (struct champion_posting){docs[i], frequencies[i], lengths[i]};
}
static inline void champions_add(struct champions *champions, enum review_field field, uint32_t doc, uint32_t frequency,
                                 uint32_t length) {
    champions_add_run(champions, field, &doc, &frequency, &length, 1);
}
/* fields: of the stem's entry. Chooses, appends the record to SKIPS and makes ready for the next stem. *size is 0 when df
 * was too small. */
revue_status champions_finish(struct champions *champions, uint32_t df, uint8_t fields, struct stream_writer *skips,
                              uint64_t *address, uint32_t *size, revue_error *error);
void champions_forget(struct champions *champions); /* makes ready without choosing */

#endif
