/* encoded_lists.c - see encoded_lists.h. */
#include "indexer/invert/encoded_lists.h"

#include "indexer/base/memory.h"

static const enum segment_kind list_kinds[LISTS_COUNT] = {KIND_POSTINGS, KIND_POSITIONS, KIND_SKIPS};

static revue_status collect(void *context, enum segment_kind kind, struct view part, struct view value,
                            revue_error *error) {
    struct encoded_lists *lists = context;
    (void)part;
    for (unsigned i = 0; i < LISTS_COUNT; i++)
        if (list_kinds[i] == kind) {
            bytes_append(&lists->encoded[i], value.data, value.size);
            if (lists->encoded[i].failed) return error_no_memory(error);
        }
    return REVUE_OK;
}

revue_status encoded_lists_init(struct encoded_lists *lists, bool has_positions, revue_error *error) {
    *lists = (struct encoded_lists){.sink = {collect, lists}};
    for (unsigned i = 0; i < LISTS_COUNT; i++)
        TRY(stream_writer_open(&lists->streams[i], &lists->sink, list_kinds[i], error));
    return postings_writer_create(&lists->writer, &lists->streams[LISTS_POSTINGS],
                                  has_positions ? &lists->streams[LISTS_POSITIONS] : NULL, &lists->streams[LISTS_SKIPS],
                                  error);
}

void encoded_lists_free(struct encoded_lists *lists) {
    for (unsigned i = 0; i < LISTS_COUNT; i++) {
        stream_writer_free(&lists->streams[i]);
        bytes_free(&lists->encoded[i]);
    }
    postings_writer_free(lists->writer);
    memory_free(lists->entries);
}

void encoded_lists_clear(struct encoded_lists *lists) {
    lists->count = 0;
    for (unsigned i = 0; i < LISTS_COUNT; i++) {
        bytes_clear(&lists->encoded[i]);
        lists->streams[i].extent = lists->streams[i].filled = 0;
        lists->streams[i].size = 0;
    }
}

struct term_entry *encoded_lists_add(struct encoded_lists *lists) {
    if (!MEMORY_RESERVE(lists->entries, lists->capacity, lists->count + 1)) return NULL;
    return &lists->entries[lists->count++];
}

size_t encoded_lists_bytes(const struct encoded_lists *lists) {
    size_t bytes = lists->count * sizeof *lists->entries;
    for (unsigned i = 0; i < LISTS_COUNT; i++)
        bytes += (size_t)lists->streams[i].size;
    return bytes;
}

revue_status encoded_lists_finish(struct encoded_lists *lists, revue_error *error) {
    for (unsigned i = 0; i < LISTS_COUNT; i++)
        TRY(stream_writer_finish(&lists->streams[i], error));
    return REVUE_OK;
}

/* ---- appending ---- */

revue_status lists_writer_init(struct lists_writer *writer, const struct segment_sink *sink, revue_error *error) {
    *writer = (struct lists_writer){.terms = NULL};
    for (unsigned i = 0; i < LISTS_COUNT; i++)
        TRY(stream_writer_open(&writer->streams[i], sink, list_kinds[i], error));
    return terms_writer_create(&writer->terms, sink, error);
}

void lists_writer_free(struct lists_writer *writer) {
    for (unsigned i = 0; i < LISTS_COUNT; i++)
        stream_writer_free(&writer->streams[i]);
    terms_writer_free(writer->terms);
}

static void move_entry(const struct lists_writer *writer, struct term_entry *entry) {
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        entry->lists[field].postings += writer->streams[LISTS_POSTINGS].size;
        entry->lists[field].positions += writer->streams[LISTS_POSITIONS].size;
        entry->lists[field].skips += writer->streams[LISTS_SKIPS].size;
    }
    entry->champions += writer->streams[LISTS_SKIPS].size;
}

revue_status lists_writer_append(struct lists_writer *writer, struct encoded_lists *lists, revue_error *error) {
    for (size_t i = 0; i < lists->count; i++) {
        move_entry(writer, &lists->entries[i]);
        TRY(terms_writer_add(writer->terms, &lists->entries[i], error));
    }
    for (unsigned i = 0; i < LISTS_COUNT; i++)
        TRY(stream_writer_append(&writer->streams[i], lists->encoded[i].data, lists->encoded[i].size, error));
    return REVUE_OK;
}

revue_status lists_writer_finish(struct lists_writer *writer, uint32_t *term_count, revue_error *error) {
    TRY(terms_writer_finish(writer->terms, term_count, error));
    for (unsigned i = 0; i < LISTS_COUNT; i++)
        TRY(stream_writer_finish(&writer->streams[i], error));
    return REVUE_OK;
}
