/* ids.h - external ids of a segment, both ways, and the reviews' text hashes (FORMAT.md, 10). Writer and reader. */
#ifndef REVUE_FORMAT_IDS_H
#define REVUE_FORMAT_IDS_H

#include "indexer/format/stream.h"

#define ID_MAX 400u
#define ID_STEP 16u /* bytes that are copied at once where the id has no more: most have not */

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
/* Ids of many reviews. What of a block was decoded for one review is not decoded again for the next while reviews ascend.
 */
struct ids_reader {
    struct ids_streams streams;
    uint32_t doc;              /* whose id is at hand; UINT32_MAX: none */
    const uint8_t *next, *end; /* of its block, behind it */
    size_t size;
    struct bytes scratch;
    char id[ID_MAX + ID_STEP];
};
/* Close it, as often as you like; one of zero bytes too. */
void ids_reader_open(struct ids_reader *reader, struct ids_streams streams);
void ids_reader_close(struct ids_reader *reader);
/* The id of review doc; valid until the next call. */
revue_status ids_reader_get(struct ids_reader *reader, uint32_t doc, struct view *id, revue_error *error);
/* The id of one review, appended to out (which is cleared first). */
revue_status ids_get(struct ids_streams streams, uint32_t doc, struct bytes *out, revue_error *error);
/* The reviews of the segment with this id are few (deleted ones may linger): calls found for each, in doc order, until it
 * returns false. */
revue_status ids_find(struct ids_streams streams, struct view id, bool (*found)(void *context, uint32_t doc), void *context,
                      revue_error *error);
revue_status ids_text_hash(struct ids_streams streams, uint32_t doc, uint64_t *hash, revue_error *error);

#endif
