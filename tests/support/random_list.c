/* random_list.c - see random_list.h. */
#include "tests/support/random_list.h"

#include "tests/support/memory_stream.h"

#include <stdlib.h>

uint32_t random_next(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 32);
}

uint32_t random_below(uint64_t *state, uint32_t limit) {
    return (uint32_t)((uint64_t)random_next(state) * limit >> 32);
}

static void *allocate(size_t count, size_t size) {
    void *block = calloc(count ? count : 1, size);
    if (!block) abort();
    return block;
}

/* ---- lists ---- */

static struct posting draw_posting(const struct list_shape *shape, uint32_t doc, uint64_t *state) {
    struct posting posting = {.doc = doc, .mask = 1};
    const bool is_rare = shape->rare_frequency && random_below(state, 50) == 0;
    posting.frequency = 1 + random_below(state, is_rare ? shape->rare_frequency : shape->frequency);
    const uint32_t room = UINT32_MAX - posting.frequency;
    posting.length = posting.frequency + random_below(state, shape->length < room ? shape->length + 1 : room);
    if (shape->masks && random_below(state, 4) == 0) {
        uint8_t mask = (uint8_t)(random_next(state) & shape->masks);
        while ((uint32_t)__builtin_popcount(mask) > posting.frequency)
            mask = (uint8_t)(mask & (mask - 1));
        posting.mask = mask ? mask : 1;
    }
    return posting;
}

static uint32_t draw_gap(const struct list_shape *shape, uint32_t i, uint64_t *state) {
    if (shape->cluster && i % shape->cluster) return 1;
    return 1 + random_below(state, shape->gap);
}

/* A random walk that always leaves room for the positions still to come. */
static void draw_positions(uint32_t *positions, struct posting posting, uint64_t *state) {
    uint32_t next = 0;
    for (uint32_t i = 0; i < posting.frequency; i++) {
        const uint32_t spare = posting.length - next - (posting.frequency - i);
        uint32_t jump = random_below(state, spare / (posting.frequency - i) * 2 + 1);
        if (random_below(state, 20) == 0) jump = random_below(state, spare + 1);
        if (jump > spare) jump = spare;
        positions[i] = next + jump;
        next = positions[i] + 1;
    }
}

static void draw_all_positions(struct random_list *list, uint64_t *state) {
    list->positions = allocate(list->tokens, sizeof *list->positions);
    list->first_position = allocate(list->count, sizeof *list->first_position);
    size_t used = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        list->first_position[i] = used;
        draw_positions(list->positions + used, list->postings[i], state);
        used += list->postings[i].frequency;
    }
}

void random_list_make(struct random_list *list, const struct list_shape *shape, uint64_t *random_state) {
    *list = (struct random_list){.postings = allocate(shape->count, sizeof *list->postings)};
    uint64_t doc = random_below(random_state, shape->gap);
    while (list->count < shape->count && doc < UINT32_MAX - 1) {
        const struct posting posting = draw_posting(shape, (uint32_t)doc, random_state);
        list->postings[list->count++] = posting;
        list->tokens += posting.frequency;
        doc += draw_gap(shape, list->count, random_state);
    }
    list->doc_count = list->postings[list->count - 1].doc + 1;
    if (shape->has_positions) draw_all_positions(list, random_state);
}

void random_list_free(struct random_list *list) {
    free(list->postings);
    free(list->positions);
    free(list->first_position);
}

const uint32_t *random_list_positions(const struct random_list *list, uint32_t index) {
    return list->positions ? list->positions + list->first_position[index] : NULL;
}

uint32_t random_list_find(const struct random_list *list, uint32_t doc) {
    uint32_t low = 0, high = list->count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (list->postings[middle].doc < doc)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t random_list_length_of(void *context, uint32_t doc) {
    const struct random_list *list = context;
    const uint32_t index = random_list_find(list, doc);
    return index < list->count && list->postings[index].doc == doc ? list->postings[index].length : 0;
}

/* ---- lists written ---- */

static void must(revue_status status) {
    if (status != REVUE_OK) abort();
}

static void open_writer(struct stream_writer *writer, const struct memory_sink *sink, enum segment_kind kind,
                        size_t before) {
    must(stream_writer_open(writer, &sink->sink, kind, NULL));
    for (size_t i = 0; i < before; i++)
        must(stream_writer_append(writer, "", 1, NULL));
}

static void read_back(struct stream *stream, struct stream_writer *writer, const struct memory_sink *sink) {
    must(stream_writer_finish(writer, NULL));
    memory_stream_open(stream, writer->kind, sink->kinds[writer->kind].data, sink->kinds[writer->kind].size);
    stream_writer_free(writer);
}

static void write_list(postings_writer *writer, const struct random_list *list, struct posting_list *written) {
    postings_writer_begin(writer);
    for (uint32_t i = 0; i < list->count; i++) {
        must(postings_writer_add(writer, list->postings[i], random_list_positions(list, i), NULL));
    }
    must(postings_writer_end(writer, written, NULL));
}

void written_lists_make(struct written_lists *written, const struct random_list *lists, uint32_t count, size_t before) {
    struct memory_sink sink;
    struct stream_writer postings, positions, skips;
    postings_writer *writer;
    memory_sink_open(&sink);
    open_writer(&postings, &sink, KIND_POSTINGS, before);
    open_writer(&positions, &sink, KIND_POSITIONS, before);
    open_writer(&skips, &sink, KIND_SKIPS, before);
    must(postings_writer_create(&writer, &postings, lists[0].positions ? &positions : NULL, &skips, NULL));
    written->lists = allocate(count, sizeof *written->lists);
    for (uint32_t i = 0; i < count; i++)
        write_list(writer, &lists[i], &written->lists[i]);
    postings_writer_free(writer);
    read_back(&written->postings, &postings, &sink);
    read_back(&written->positions, &positions, &sink);
    read_back(&written->skips, &skips, &sink);
    memory_sink_close(&sink);
}

void written_lists_free(struct written_lists *written) {
    memory_stream_close(&written->postings);
    memory_stream_close(&written->positions);
    memory_stream_close(&written->skips);
    free(written->lists);
}

struct postings_streams written_lists_streams(struct written_lists *written) {
    return (struct postings_streams){
        .postings = &written->postings, .positions = &written->positions, .skips = &written->skips};
}
