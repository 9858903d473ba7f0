/* ids.c - external ids of a segment: review to id, id to review, and the text hashes beside them (FORMAT.md, 10).
 *
 * Ids stand in review order, in blocks of 32 (ids_block.h). The way back is a hash index (hash_index.h); where hashes agree
 * the id itself decides. */
#include "indexer/format/ids.h"

#include "indexer/base/memory.h"
#include "indexer/format/element.h"
#include "indexer/format/hash_index.h"

#define BATCH 1024u /* ids that room is made for at a time */
#define MOSTLY 32u  /* bytes that an id takes at most */

/* ---- writing ---- */

enum { STREAM_IDS, STREAM_INDEX, STREAM_HASHES, STREAM_TEXT_HASHES, STREAM_COUNT };

struct ids_writer {
    struct stream_writer streams[STREAM_COUNT];
    uint64_t *hashes; /* in review order until they are sorted */
    size_t count, capacity;
    struct view block[IDS_BLOCK]; /* ids that are not written yet, in text */
    char *text;                   /* IDS_BLOCK times ID_MAX */
    size_t text_size;
    struct bytes written;
};

revue_status ids_writer_create(ids_writer **created, const struct segment_sink *sink, revue_error *error) {
    static const enum segment_kind kinds[STREAM_COUNT] = {KIND_IDS, KIND_ID_INDEX, KIND_ID_HASHES, KIND_TEXT_HASHES};
    ids_writer *writer = memory_alloc_zeroed(1, sizeof *writer);
    if (!writer) return error_no_memory(error);
    writer->text = memory_alloc(IDS_BLOCK * ID_MAX);
    revue_status status = writer->text ? REVUE_OK : error_no_memory(error);
    for (unsigned i = 0; i < STREAM_COUNT && status == REVUE_OK; i++)
        status = stream_writer_open(&writer->streams[i], sink, kinds[i], error);
    if (status == REVUE_OK)
        *created = writer;
    else
        ids_writer_free(writer);
    return status;
}

void ids_writer_free(ids_writer *writer) {
    if (!writer) return;
    for (unsigned i = 0; i < STREAM_COUNT; i++)
        stream_writer_free(&writer->streams[i]);
    memory_free(writer->hashes);
    memory_free(writer->text);
    bytes_free(&writer->written);
    memory_free(writer);
}

static revue_status append_u64(struct stream_writer *stream, uint64_t value, revue_error *error) {
    uint8_t bytes[8];
    store_le64(bytes, value);
    return stream_writer_append(stream, bytes, sizeof bytes, error);
}

static revue_status write_block(ids_writer *writer, uint32_t count, revue_error *error) {
    TRY(append_u64(&writer->streams[STREAM_INDEX], writer->streams[STREAM_IDS].size, error));
    bytes_clear(&writer->written);
    ids_block_append(&writer->written, writer->block, count);
    if (writer->written.failed) return error_no_memory(error);
    writer->text_size = 0;
    return stream_writer_append(&writer->streams[STREAM_IDS], writer->written.data, writer->written.size, error);
}

static revue_status append_id(ids_writer *writer, struct view id, revue_error *error) {
    const uint32_t place = (uint32_t)(writer->count % IDS_BLOCK);
    char *copy = writer->text + writer->text_size;
    memcpy(copy, id.data, id.size);
    writer->text_size += id.size;
    writer->block[place] = view_of(copy, id.size);
    return place == IDS_BLOCK - 1 ? write_block(writer, IDS_BLOCK, error) : REVUE_OK;
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
    const uint32_t left = (uint32_t)(writer->count % IDS_BLOCK);
    if (left > 0) TRY(write_block(writer, left, error));
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
    uint32_t block = doc / IDS_BLOCK;
    uint64_t first = 0, end = streams->ids->size;
    TRY(element_u64(streams->index, block, &first, error));
    if (block < (streams->doc_count - 1) / IDS_BLOCK) TRY(element_u64(streams->index, block + 1, &end, error));
    if (end < first || end > streams->ids->size || end - first > IDS_BLOCK_BYTES_MAX)
        return damaged(streams, doc, "its block lies outside of the stream", error);
    *start = first;
    *size = (size_t)(end - first);
    return REVUE_OK;
}

static inline uint32_t block_count(const struct ids_streams *streams, uint32_t doc) {
    const uint32_t behind = streams->doc_count - doc / IDS_BLOCK * IDS_BLOCK;
    return behind < IDS_BLOCK ? behind : IDS_BLOCK;
}

/* What an id is made of, in place or, where its block lies in two extents, in scratch. */
static revue_status view_pieces(const struct ids_streams *streams, uint32_t doc, struct bytes *scratch,
                                struct id_pieces *pieces, revue_error *error) {
    const uint8_t *block;
    uint64_t start = 0;
    size_t size = 0;
    if (doc >= streams->doc_count) return damaged(streams, doc, "there is no such review", error);
    TRY(find_block(streams, doc, &start, &size, error));
    TRY(stream_view(streams->ids, start, size, scratch, &block, error));
    if (!ids_block_find(block, size, block_count(streams, doc), doc % IDS_BLOCK, pieces))
        return damaged(streams, doc, "its block is damaged", error);
    return REVUE_OK;
}

revue_status ids_get(struct ids_streams streams, uint32_t doc, struct bytes *out, revue_error *error) {
    struct bytes scratch = {0};
    struct id_pieces pieces = {0};
    bytes_clear(out);
    revue_status status = view_pieces(&streams, doc, &scratch, &pieces, error);
    if (status == REVUE_OK) {
        char *id = (char *)bytes_extend(out, ID_ROOM);
        if (id)
            out->size = (size_t)(id_pieces_write(&pieces, ID_STEP, id) - id);
        else
            status = error_no_memory(error);
    }
    bytes_free(&scratch);
    return status;
}

/* ---- many of them ----
 *
 * What a list of a thousand ids waits for is instructions, not memory: of whole blocks in the extent at hand there is a
 * loop of few, compiled for processors that count bits and copying pieces by sixteen bytes. All others are read one by one.
 */

struct ids_walk {
    struct ids_streams streams;
    struct stream_near ids, index; /* the extents that ids and their places were read from last */
    uint32_t first_doc, doc_count; /* whose blocks are whole and whose places stand in that of the index */
    struct bytes scratch;
    struct arena *arena;
    char *room, *next, *end; /* the newest allocation of the arena, and what of it is free */
};

static revue_status make_room(struct ids_walk *walk, uint32_t left, revue_error *error) {
    const size_t size = (size_t)(left < BATCH ? left : BATCH) * MOSTLY + ID_ROOM + ID_SLACK;
    if (walk->room) arena_shrink(walk->arena, walk->room, (size_t)(walk->next - walk->room) + ID_SLACK);
    walk->room = walk->next = arena_alloc(walk->arena, size);
    if (!walk->room) return error_no_memory(error);
    walk->end = walk->room + size - ID_SLACK;
    return REVUE_OK;
}

/* To the extents of a review. What does not lie in the streams is left to whoever reads the review. */
static revue_status move_walk(struct ids_walk *walk, uint32_t doc, revue_error *error) {
    const struct ids_streams *streams = &walk->streams;
    const uint32_t whole = streams->doc_count / IDS_BLOCK * IDS_BLOCK;
    const uint64_t entry = (uint64_t)(doc / IDS_BLOCK) * sizeof(uint64_t);
    if (doc >= streams->doc_count || entry >= streams->index->size) return REVUE_OK;
    TRY(stream_near_move(streams->index, entry, &walk->index, error));
    const uint64_t start = load_le64(walk->index.data + (entry - walk->index.first));
    if (start >= streams->ids->size) return REVUE_OK;
    TRY(stream_near_move(streams->ids, start, &walk->ids, error));
    const uint32_t docs = (uint32_t)(walk->index.size / sizeof(uint64_t)) * IDS_BLOCK;
    walk->first_doc = (uint32_t)(walk->index.first / sizeof(uint64_t)) * IDS_BLOCK;
    walk->doc_count = walk->first_doc < whole ? whole - walk->first_doc : 0;
    if (walk->doc_count > docs) walk->doc_count = docs;
    return REVUE_OK;
}

static revue_status write_id(struct ids_walk *walk, uint32_t doc, const char **id, revue_error *error) {
    struct id_pieces pieces = {0};
    TRY(view_pieces(&walk->streams, doc, &walk->scratch, &pieces, error));
    *id = walk->next;
    walk->next = id_pieces_write(&pieces, ID_STEP, walk->next);
    *walk->next++ = '\0';
    return REVUE_OK;
}

/* As many as are at hand and have room; damage is left to whoever reads them one by one. */
static inline __attribute__((always_inline)) uint32_t write_ids_body(struct ids_walk *walk, const uint32_t *docs,
                                                                     uint32_t count, const char **ids) {
    const uint8_t *index = walk->index.data, *data = walk->ids.data;
    const uint64_t first = walk->ids.first, starts = walk->ids.size - IDS_FRONT_BYTES;
    const uint8_t *rest_most = data + walk->ids.size - ID_WIDE_STEP;
    const uint32_t first_doc = walk->first_doc, doc_count = walk->doc_count;
    char *next = walk->next, *last = walk->end - ID_ROOM;
    uint32_t done = 0;
    for (; done < count && next <= last; done++) {
        struct id_pieces pieces;
        const uint32_t doc = docs[done] - first_doc;
        if (doc >= doc_count) break;
        const uint64_t at = load_le64(index + (size_t)(doc / IDS_BLOCK) * sizeof(uint64_t)) - first;
        if (at > starts || !ids_block_find_narrow(data + at, doc % IDS_BLOCK, rest_most, &pieces)) break;
        ids[done] = next;
        next = id_pieces_write(&pieces, ID_WIDE_STEP, next);
        *next++ = '\0';
    }
    walk->next = next;
    return done;
}

#if defined(__x86_64__)
__attribute__((target("popcnt,bmi,bmi2"))) static uint32_t write_ids_popcnt(struct ids_walk *walk, const uint32_t *docs,
                                                                            uint32_t count, const char **ids) {
    return write_ids_body(walk, docs, count, ids);
}

static uint32_t write_ids(struct ids_walk *walk, const uint32_t *docs, uint32_t count, const char **ids) {
    const bool counts_bits =
        __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    return counts_bits ? write_ids_popcnt(walk, docs, count, ids) : 0;
}
#else
static uint32_t write_ids(struct ids_walk *walk, const uint32_t *docs, uint32_t count, const char **ids) {
    return write_ids_body(walk, docs, count, ids);
}
#endif

static revue_status write_all(struct ids_walk *walk, const uint32_t *docs, uint32_t count, const char **ids,
                              revue_error *error) {
    for (uint32_t i = 0, written; i < count; i += written) {
        if ((size_t)(walk->end - walk->next) < ID_ROOM) TRY(make_room(walk, count - i, error));
        written =
            walk->doc_count > 0 && walk->ids.size >= IDS_FRONT_BYTES ? write_ids(walk, docs + i, count - i, ids + i) : 0;
        if (written > 0) continue;
        TRY(write_id(walk, docs[i], &ids[i], error));
        written = 1;
        if (i + 1 < count) TRY(move_walk(walk, docs[i + 1], error));
    }
    return REVUE_OK;
}

revue_status ids_get_many(struct ids_streams streams, const uint32_t *docs, uint32_t count, struct arena *arena,
                          const char **ids, revue_error *error) {
    struct ids_walk walk = {.streams = streams, .arena = arena};
    revue_status status = write_all(&walk, docs, count, ids, error);
    if (walk.room) arena_shrink(arena, walk.room, (size_t)(walk.next - walk.room) + ID_SLACK);
    bytes_free(&walk.scratch);
    return status;
}

/* ---- id to review ---- */

static revue_status hash_element(void *array, uint32_t index, uint64_t *element, revue_error *error) {
    uint64_t stored = 0;
    TRY(element_u64(array, index, &stored, error));
    *element = hash_index_swap(stored);
    return REVUE_OK;
}

static revue_status find_from(const struct ids_streams *streams, struct view id, uint32_t at, struct bytes *candidate,
                              bool (*found)(void *context, uint32_t doc), void *context, revue_error *error) {
    uint32_t hash = hash_index_hash(hash_index_element(id, 0));
    for (; at < streams->doc_count; at++) {
        uint64_t element = 0;
        TRY(hash_element(streams->hashes, at, &element, error));
        if (hash_index_hash(element) != hash) break;
        TRY(ids_get(*streams, hash_index_number(element), candidate, error));
        if (view_equal(bytes_view(candidate), id) && !found(context, hash_index_number(element))) break;
    }
    return REVUE_OK;
}

revue_status ids_find(struct ids_streams streams, struct view id, bool (*found)(void *context, uint32_t doc), void *context,
                      revue_error *error) {
    if (id.size == 0 || id.size > ID_MAX) return REVUE_OK;
    uint32_t first = 0;
    TRY(hash_index_search(hash_element, streams.hashes, streams.doc_count, hash_index_hash(hash_index_element(id, 0)),
                          &first, error));
    struct bytes candidate = {0};
    revue_status status = find_from(&streams, id, first, &candidate, found, context, error);
    bytes_free(&candidate);
    return status;
}

revue_status ids_text_hash(struct ids_streams streams, uint32_t doc, uint64_t *hash, revue_error *error) {
    if (doc >= streams.doc_count) return damaged(&streams, doc, "there is no such review", error);
    return element_u64(streams.text_hashes, doc, hash, error);
}
