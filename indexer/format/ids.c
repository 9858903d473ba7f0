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

void ids_reader_open(struct ids_reader *reader, struct ids_streams streams) {
    memset(reader, 0, offsetof(struct ids_reader, id));
    reader->streams = streams;
    reader->doc = UINT32_MAX;
}

void ids_reader_close(struct ids_reader *reader) {
    bytes_free(&reader->scratch);
}

/* The id being put together, in registers while some are passed over. */
struct id_walk {
    const uint8_t *next, *end;
    size_t size;
};

/* Nearly all sizes take one byte. */
static inline bool take_size(struct id_walk *walk, size_t *size) {
    if (walk->next == walk->end) return false;
    *size = *walk->next;
    if (*size < 0x80) {
        walk->next++;
        return true;
    }
    struct byte_reader bytes = byte_reader_of(walk->next, (size_t)(walk->end - walk->next));
    const uint64_t value = byte_reader_varint(&bytes);
    *size = (size_t)value;
    walk->next = bytes.next;
    return !bytes.failed && value <= ID_MAX;
}

/* Makes id, which walk->size says the size of, the one behind it, which shares bytes with it. */
static inline bool take_id(struct id_walk *walk, char *id) {
    size_t shared, size;
    if (!take_size(walk, &shared) || !take_size(walk, &size)) return false;
    const size_t left = (size_t)(walk->end - walk->next);
    if (shared > walk->size || size > left || size > ID_MAX - shared || shared + size == 0) return false;
    if (left >= ID_STEP && size <= ID_STEP)
        memcpy(id + shared, walk->next, ID_STEP);
    else
        memcpy(id + shared, walk->next, size);
    walk->next += size;
    walk->size = shared + size;
    return true;
}

/* From the id at hand to that count reviews behind it. */
static bool take_ids(struct ids_reader *reader, uint32_t count) {
    struct id_walk walk = {reader->next, reader->end, reader->size};
    for (; count > 0; count--)
        if (!take_id(&walk, reader->id)) return false;
    reader->next = walk.next;
    reader->size = walk.size;
    return true;
}

/* To the beginning of the block of doc; no id is at hand. */
static revue_status enter_block(struct ids_reader *reader, uint32_t doc, revue_error *error) {
    uint64_t start = 0;
    size_t size = 0;
    reader->doc = UINT32_MAX;
    reader->size = 0;
    TRY(find_block(&reader->streams, doc, &start, &size, error));
    TRY(stream_view(reader->streams.ids, start, size, &reader->scratch, &reader->next, error));
    reader->end = reader->next + size;
    return REVUE_OK;
}

revue_status ids_reader_get(struct ids_reader *reader, uint32_t doc, struct view *id, revue_error *error) {
    if (doc >= reader->streams.doc_count) return damaged(&reader->streams, doc, "there is no such review", error);
    const bool is_ahead = reader->doc != UINT32_MAX && doc >= reader->doc && doc / BLOCK_IDS == reader->doc / BLOCK_IDS;
    if (!is_ahead) TRY(enter_block(reader, doc, error));
    const uint32_t count = is_ahead ? doc - reader->doc : doc % BLOCK_IDS + 1;
    reader->doc = UINT32_MAX; /* of a damaged block */
    if (!take_ids(reader, count)) return damaged(&reader->streams, doc, "its block is damaged", error);
    reader->doc = doc;
    *id = view_of(reader->id, reader->size);
    return REVUE_OK;
}

revue_status ids_get(struct ids_streams streams, uint32_t doc, struct bytes *out, revue_error *error) {
    struct ids_reader reader;
    struct view id = {0};
    ids_reader_open(&reader, streams);
    bytes_clear(out);
    revue_status status = ids_reader_get(&reader, doc, &id, error);
    if (status == REVUE_OK) bytes_append(out, id.data, id.size);
    ids_reader_close(&reader);
    return status == REVUE_OK && out->failed ? error_no_memory(error) : status;
}

/* ---- id to review ---- */

static revue_status hash_element(void *array, uint32_t index, uint64_t *element, revue_error *error) {
    uint64_t stored = 0;
    TRY(element_u64(array, index, &stored, error));
    *element = hash_index_swap(stored);
    return REVUE_OK;
}

static revue_status find_from(struct ids_reader *reader, struct view id, uint32_t at,
                              bool (*found)(void *context, uint32_t doc), void *context, revue_error *error) {
    const struct ids_streams *streams = &reader->streams;
    uint32_t hash = hash_index_hash(hash_index_element(id, 0));
    for (; at < streams->doc_count; at++) {
        uint64_t element = 0;
        struct view candidate = {0};
        TRY(hash_element(streams->hashes, at, &element, error));
        if (hash_index_hash(element) != hash) break;
        TRY(ids_reader_get(reader, hash_index_number(element), &candidate, error));
        if (view_equal(candidate, id) && !found(context, hash_index_number(element))) break;
    }
    return REVUE_OK;
}

revue_status ids_find(struct ids_streams streams, struct view id, bool (*found)(void *context, uint32_t doc), void *context,
                      revue_error *error) {
    if (id.size == 0 || id.size > ID_MAX) return REVUE_OK;
    uint32_t first = 0;
    TRY(hash_index_search(hash_element, streams.hashes, streams.doc_count, hash_index_hash(hash_index_element(id, 0)),
                          &first, error));
    struct ids_reader reader;
    ids_reader_open(&reader, streams);
    revue_status status = find_from(&reader, id, first, found, context, error);
    ids_reader_close(&reader);
    return status;
}

revue_status ids_text_hash(struct ids_streams streams, uint32_t doc, uint64_t *hash, revue_error *error) {
    if (doc >= streams.doc_count) return damaged(&streams, doc, "there is no such review", error);
    return element_u64(streams.text_hashes, doc, hash, error);
}
