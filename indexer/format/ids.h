/* ids.h - external ids of a segment, both ways, and the reviews' text hashes (FORMAT.md, 10). Writer and reader. */
#ifndef REVUE_FORMAT_IDS_H
#define REVUE_FORMAT_IDS_H

#include "indexer/format/stream.h"

#define ID_MAX 400u

typedef struct ids_writer ids_writer;
revue_status ids_writer_create(ids_writer **created, const struct segment_sink *sink, revue_error *error);
/* The next review's id (1 to ID_MAX bytes) and text hash, in doc order. */
revue_status ids_writer_add(ids_writer *writer, struct view id, uint64_t text_hash, revue_error *error);
/* sizes: of the streams IDS, ID_INDEX, ID_HASHES, TEXT_HASHES. */
revue_status ids_writer_finish(ids_writer *writer, uint64_t sizes[4], revue_error *error);
void ids_writer_free(ids_writer *writer);

struct ids_streams {
    struct stream *ids, *index, *hashes, *text_hashes;
    uint32_t doc_count;
};
/* The id of review doc, appended to out (which is cleared first). */
revue_status ids_get(struct ids_streams streams, uint32_t doc, struct bytes *out, revue_error *error);
/* The reviews of the segment with this id are few (deleted ones may linger): calls found for each, in doc order, until it
 * returns false. */
revue_status ids_find(struct ids_streams streams, struct view id, bool (*found)(void *context, uint32_t doc), void *context,
                      revue_error *error);
revue_status ids_text_hash(struct ids_streams streams, uint32_t doc, uint64_t *hash, revue_error *error);

#endif
