/* ids.h - external ids of a segment, both ways, and the reviews' text hashes (FORMAT.md, 10). Writer and reader. */
#ifndef REVUE_FORMAT_IDS_H
#define REVUE_FORMAT_IDS_H

#include "indexer/base/arena.h"
#include "indexer/format/ids_block.h"

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
/* The id of one review, in out, whose memory serves many calls. */
revue_status ids_get(struct ids_streams streams, uint32_t doc, struct bytes *out, revue_error *error);
/* The ids of count reviews in any order, each with a zero byte behind it, in the arena; behind any of them ID_SLACK bytes
 * are readable. Ascending ones are near each other. */
#define ID_SLACK 8u
revue_status ids_get_many(struct ids_streams streams, const uint32_t *docs, uint32_t count, struct arena *arena,
                          const char **ids, revue_error *error);
/* The reviews of the segment with this id are few (deleted ones may linger): calls found for each, in doc order, until it
 * returns false. */
revue_status ids_find(struct ids_streams streams, struct view id, bool (*found)(void *context, uint32_t doc), void *context,
                      revue_error *error);
revue_status ids_text_hash(struct ids_streams streams, uint32_t doc, uint64_t *hash, revue_error *error);

#endif
