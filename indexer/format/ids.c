/* ids.c - external ids of a segment: review to id, id to review, and the text hashes beside them (FORMAT.md, 10).
 *
 * Ids stand in review order, front-coded in blocks of 32. The way back is a hash index (hash_index.h); where hashes agree
 * the id itself decides. */
#include "indexer/format/ids.h"

#include "indexer/base/memory.h"
#include "indexer/format/element.h"
#include "indexer/format/hash_index.h"

#define BLOCK_IDS 32u
#define BLOCK_BYTES_MAX (BLOCK_IDS * (ID_MAX + 4u)) /* two sizes of at most two bytes each */

/* ---- writing ---- */

enum { STREAM_IDS, STREAM_INDEX, STREAM_HASHES, STREAM_TEXT_HASHES, STREAM_COUNT };

struct ids_writer {
    struct stream_writer streams[STREAM_COUNT];
    uint64_t *hashes; /* in review order until they are sorted */
    size_t count, capacity;
    char previous[ID_MAX];
    size_t previous_size;
    struct bytes entry;
};

revue_status ids_writer_create(ids_writer **created, const struct segment_sink *sink, revue_error *error) {
    static const enum segment_kind kinds[STREAM_COUNT] = {KIND_IDS, KIND_ID_INDEX, KIND_ID_HASHES, KIND_TEXT_HASHES};
    ids_writer *writer = memory_alloc_zeroed(1, sizeof *writer);
    if (!writer) return error_no_memory(error);
    for (unsigned i = 0; i < STREAM_COUNT; i++) {
        revue_status status = stream_writer_open(&writer->streams[i], sink, kinds[i], error);
        if (status != REVUE_OK) {
            ids_writer_free(writer);
            return status;
        }
    }
    *created = writer;
    return REVUE_OK;
}

void ids_writer_free(ids_writer *writer) {
    if (!writer) return;
    for (unsigned i = 0; i < STREAM_COUNT; i++)
        stream_writer_free(&writer->streams[i]);
    memory_free(writer->hashes);
    bytes_free(&writer->entry);
    memory_free(writer);
}

static revue_status append_u64(struct stream_writer *stream, uint64_t value, revue_error *error) {
    uint8_t bytes[8];
    store_le64(bytes, value);
    return stream_writer_append(stream, bytes, sizeof bytes, error);
}

static size_t shared_bytes(const char *a, size_t a_size, struct view b) {
    size_t shared = 0;
    while (shared < a_size && shared < b.size && a[shared] == b.data[shared])
        shared++;
    return shared;
}

static revue_status append_id(ids_writer *writer, struct view id, revue_error *error) {
    bool is_first = writer->count % BLOCK_IDS == 0;
    size_t shared = is_first ? 0 : shared_bytes(writer->previous, writer->previous_size, id);
    if (is_first) TRY(append_u64(&writer->streams[STREAM_INDEX], writer->streams[STREAM_IDS].size, error));
    bytes_clear(&writer->entry);
    bytes_append_varint(&writer->entry, shared);
    bytes_append_view(&writer->entry, view_of(id.data + shared, id.size - shared));
    if (writer->entry.failed) return error_no_memory(error);
    memcpy(writer->previous, id.data, id.size);
    writer->previous_size = id.size;
    return stream_writer_append(&writer->streams[STREAM_IDS], writer->entry.data, writer->entry.size, error);
}

revue_status ids_writer_add(ids_writer *writer, struct view id, uint64_t text_hash, revue_error *error) {
    if (id.size == 0 || id.size > ID_MAX)
        return error_set(error, REVUE_BUG, "an id of %zu bytes; 1 to %u fit", id.size, ID_MAX);
    if (writer->count == UINT32_MAX) return error_set(error, REVUE_BUG, "more reviews than a segment holds");
    if (!MEMORY_RESERVE(writer->hashes, writer->capacity, writer->count + 1)) return error_no_memory(error);
    TRY(append_id(writer, id, error));
    TRY(append_u64(&writer->streams[STREAM_TEXT_HASHES], text_hash, error));
    writer->hashes[writer->count] = hash_index_element(id, (uint32_t)writer->count);
    writer->count++;
    return REVUE_OK;
}

revue_status ids_writer_finish(ids_writer *writer, uint64_t sizes[4], revue_error *error) {
    if (!hash_index_sort(&writer->hashes, writer->count)) return error_no_memory(error);
    writer->capacity = writer->count;
    for (size_t i = 0; i < writer->count; i++)
        TRY(append_u64(&writer->streams[STREAM_HASHES], hash_index_swap(writer->hashes[i]), error));
    for (unsigned i = 0; i < STREAM_COUNT; i++)
        TRY(stream_writer_finish(&writer->streams[i], error));
    for (unsigned i = 0; i < STREAM_COUNT; i++)
        sizes[i] = writer->streams[i].size;
    return REVUE_OK;
}

/* ---- review to id ---- */

static revue_status damaged(const struct ids_streams *streams, uint32_t doc, const char *what, revue_error *error) {
    return error_set(error, REVUE_CORRUPT, "ids of segment %u, review %u: %s; rebuild the index", streams->ids->segment,
                     doc, what);
}

/* The bytes [*start, *start + *size) of the block of doc. */
static revue_status find_block(const struct ids_streams *streams, uint32_t doc, uint64_t *start, size_t *size,
                               revue_error *error) {
    uint32_t block = doc / BLOCK_IDS;
    uint64_t first = 0, end = streams->ids->size;
    TRY(element_u64(streams->index, block, &first, error));
    if (block < (streams->doc_count - 1) / BLOCK_IDS) TRY(element_u64(streams->index, block + 1, &end, error));
    if (end < first || end > streams->ids->size || end - first > BLOCK_BYTES_MAX)
        return damaged(streams, doc, "its block lies outside of the stream", error);
    *start = first;
    *size = (size_t)(end - first);
    return REVUE_OK;
}

/* Reads the id behind the one in id, which it shares bytes with. */
static bool take_id(struct byte_reader *reader, char id[ID_MAX], size_t *id_size, bool is_first) {
    uint64_t shared = byte_reader_varint(reader), size = byte_reader_varint(reader);
    if (reader->failed || shared > (is_first ? 0 : *id_size) || size > ID_MAX - shared || shared + size == 0) return false;
    struct view suffix = byte_reader_bytes(reader, (size_t)size);
    if (reader->failed) return false;
    if (size > 0) memcpy(id + shared, suffix.data, suffix.size);
    *id_size = (size_t)(shared + size);
    return true;
}

static revue_status read_id(const struct ids_streams *streams, uint32_t doc, struct bytes *scratch, char id[ID_MAX],
                            size_t *id_size, revue_error *error) {
    uint64_t start = 0;
    size_t size = 0;
    const uint8_t *block;
    if (doc >= streams->doc_count) return damaged(streams, doc, "there is no such review", error);
    TRY(find_block(streams, doc, &start, &size, error));
    TRY(stream_view(streams->ids, start, size, scratch, &block, error));
    struct byte_reader reader = byte_reader_of(block, size);
    for (uint32_t i = 0; i <= doc % BLOCK_IDS; i++)
        if (!take_id(&reader, id, id_size, i == 0)) return damaged(streams, doc, "its block is damaged", error);
    return REVUE_OK;
}

revue_status ids_get(struct ids_streams streams, uint32_t doc, struct bytes *out, revue_error *error) {
    char id[ID_MAX];
    size_t size = 0;
    struct bytes scratch = {0};
    bytes_clear(out);
    revue_status status = read_id(&streams, doc, &scratch, id, &size, error);
    bytes_free(&scratch);
    if (status != REVUE_OK) return status;
    bytes_append(out, id, size);
    return out->failed ? error_no_memory(error) : REVUE_OK;
}

/* ---- id to review ---- */

static revue_status hash_element(void *array, uint32_t index, uint64_t *element, revue_error *error) {
    uint64_t stored = 0;
    TRY(element_u64(array, index, &stored, error));
    *element = hash_index_swap(stored);
    return REVUE_OK;
}

static revue_status find_from(const struct ids_streams *streams, struct view id, uint32_t at, struct bytes *scratch,
                              bool (*found)(void *context, uint32_t doc), void *context, revue_error *error) {
    uint32_t hash = hash_index_hash(hash_index_element(id, 0));
    for (; at < streams->doc_count; at++) {
        uint64_t element = 0;
        char candidate[ID_MAX];
        size_t size = 0;
        TRY(hash_element(streams->hashes, at, &element, error));
        if (hash_index_hash(element) != hash) break;
        TRY(read_id(streams, hash_index_number(element), scratch, candidate, &size, error));
        if (view_equal(view_of(candidate, size), id) && !found(context, hash_index_number(element))) break;
    }
    return REVUE_OK;
}

revue_status ids_find(struct ids_streams streams, struct view id, bool (*found)(void *context, uint32_t doc), void *context,
                      revue_error *error) {
    if (id.size == 0 || id.size > ID_MAX) return REVUE_OK;
    uint32_t first = 0;
    TRY(hash_index_search(hash_element, streams.hashes, streams.doc_count, hash_index_hash(hash_index_element(id, 0)),
                          &first, error));
    struct bytes scratch = {0};
    revue_status status = find_from(&streams, id, first, &scratch, found, context, error);
    bytes_free(&scratch);
    return status;
}

revue_status ids_text_hash(struct ids_streams streams, uint32_t doc, uint64_t *hash, revue_error *error) {
    if (doc >= streams.doc_count) return damaged(&streams, doc, "there is no such review", error);
    return element_u64(streams.text_hashes, doc, hash, error);
}
