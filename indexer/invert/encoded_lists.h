/* encoded_lists.h - posting lists of a range of stems, encoded by a worker into memory, and appended to a segment by the
 * caller, ranges in order.
 *
 * Addresses of a range begin at 0 and are moved on when it is appended. So nothing but the caller talks to the store, and
 * the bytes do not depend on where one range ends and the next begins. */
#ifndef REVUE_INVERT_ENCODED_LISTS_H
#define REVUE_INVERT_ENCODED_LISTS_H

#include "indexer/format/dictionary.h"

enum { LISTS_POSTINGS, LISTS_POSITIONS, LISTS_SKIPS, LISTS_COUNT };

/* A range being encoded, or waiting to be appended. It must not move. */
struct encoded_lists {
    struct term_entry *entries; /* the bytes of stems and forms are the caller's, and must be there when it is appended */
    size_t count, capacity;
    struct segment_sink sink; /* collects extents in encoded */
    struct stream_writer streams[LISTS_COUNT];
    struct bytes encoded[LISTS_COUNT];
    postings_writer *writer; /* into streams */
};
/* Free it whatever the outcome; zero bytes may be freed too. */
revue_status encoded_lists_init(struct encoded_lists *lists, bool has_positions, revue_error *error);
void encoded_lists_free(struct encoded_lists *lists);
void encoded_lists_clear(struct encoded_lists *lists);
/* Room for one more entry, which counts from now on; NULL: no memory. It moves with the next call. */
struct term_entry *encoded_lists_add(struct encoded_lists *lists);
size_t encoded_lists_bytes(const struct encoded_lists *lists); /* of streams and entries so far */
/* To be called once all is encoded. */
revue_status encoded_lists_finish(struct encoded_lists *lists, revue_error *error);

/* The segment's dictionary of stems and the streams of its lists; the caller's thread alone. */
struct lists_writer {
    struct stream_writer streams[LISTS_COUNT];
    terms_writer *terms;
};
/* Free it whatever the outcome. */
revue_status lists_writer_init(struct lists_writer *writer, const struct segment_sink *sink, revue_error *error);
void lists_writer_free(struct lists_writer *writer);
/* Moves the addresses of the entries to where they lie in the segment. */
revue_status lists_writer_append(struct lists_writer *writer, struct encoded_lists *lists, revue_error *error);
revue_status lists_writer_finish(struct lists_writer *writer, uint32_t *term_count, revue_error *error);

#endif
