/* random_list.h - posting lists of many shapes, plain arrays in memory: what a list that was written and read is compared
 * with. Shared by the tests and the micro-benchmark of postings. Out of memory aborts. */
#ifndef REVUE_TESTS_RANDOM_LIST_H
#define REVUE_TESTS_RANDOM_LIST_H

#include "indexer/format/postings.h"

uint32_t random_next(uint64_t *state);
uint32_t random_below(uint64_t *state, uint32_t limit); /* limit at least 1 */

struct random_list {
    uint32_t count, doc_count;
    struct posting *postings;
    uint32_t *positions;    /* of all postings, one after the other; NULL without */
    size_t *first_position; /* of posting i, in positions */
    uint64_t tokens;        /* sum of the frequencies */
};
struct list_shape {
    uint32_t count;
    uint32_t gap;            /* largest distance of two reviews; 1: all of them */
    uint32_t cluster;        /* reviews in a row before a distance is drawn; 0: none */
    uint32_t frequency;      /* largest frequency of most postings */
    uint32_t rare_frequency; /* largest of one in 50; 0: as the others */
    uint32_t length;         /* most tokens of a field beyond the frequency */
    uint8_t masks;           /* a mask is 1, or one in four times a random part of these bits */
    bool has_positions;
};
/* The list may end early, where reviews would pass 2^32 - 2. */
void random_list_make(struct random_list *list, const struct list_shape *shape, uint64_t *random_state);
void random_list_free(struct random_list *list);
const uint32_t *random_list_positions(const struct random_list *list, uint32_t index); /* NULL without */
/* As postings_check wants it; context is the list. 0 for a review that is not in it. */
uint32_t random_list_length_of(void *context, uint32_t doc);
/* The first posting at or after doc; count when there is none. */
uint32_t random_list_find(const struct random_list *list, uint32_t doc);

/* Writes lists through a postings_writer into memory and opens the streams. before: bytes in front of the first list, so
 * that lists lie across extents. */
struct written_lists {
    struct stream postings, positions, skips;
    struct posting_list *lists;
};
void written_lists_make(struct written_lists *written, const struct random_list *lists, uint32_t count, size_t before);
void written_lists_free(struct written_lists *written);
struct postings_streams written_lists_streams(struct written_lists *written);

#endif
