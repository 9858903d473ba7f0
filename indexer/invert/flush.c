/* flush.c - see flush.h. Puts the reviews in order and lets the three parts write their kinds. */
#include "indexer/invert/flush.h"

#include "indexer/base/memory.h"

#include <stdlib.h>
#include <string.h>

/* ---- asides ---- */

#define KIND_COLUMN KIND_COUNT /* among those collected: of the table of columns, not of a kind of the segment */

struct column_part {
    uint16_t column;
    uint32_t chunk;
};

/* A record among those collected: this, then the bytes of part and value. */
struct collected {
    enum segment_kind kind;
    size_t part_size, value_size;
};

static revue_status collect_record(void *context, enum segment_kind kind, struct view part, struct view value,
                                   revue_error *error) {
    struct bytes *records = context;
    const struct collected head = {kind, part.size, value.size};
    bytes_append(records, &head, sizeof head);
    bytes_append(records, part.data, part.size);
    bytes_append(records, value.data, value.size);
    return records->failed ? error_no_memory(error) : REVUE_OK;
}

revue_status flush_aside_put_column(const struct segment_sink *sink, uint16_t column, uint32_t chunk, struct view record,
                                    revue_error *error) {
    const struct column_part part = {column, chunk};
    return sink->put(sink->context, KIND_COLUMN, view_of(&part, sizeof part), record, error);
}

static revue_status make_aside(struct task *task, unsigned worker, revue_error *error) {
    (void)worker;
    struct flush_aside *aside = (struct flush_aside *)(void *)task;
    const struct segment_sink sink = {collect_record, &aside->records};
    return aside->make(aside->flush, &sink, error);
}

void flush_aside_start(struct flush_aside *aside, struct flush *flush,
                       revue_status (*make)(struct flush *flush, const struct segment_sink *sink, revue_error *error)) {
    *aside = (struct flush_aside){.task = {.run = make_aside}, .flush = flush, .make = make};
    workers_submit(flush->accumulator->workers, &aside->task);
}

static revue_status put_one(const struct flush *flush, enum segment_kind kind, struct view part, struct view value,
                            revue_error *error) {
    struct column_part column;
    if (kind != KIND_COLUMN) return flush->sink->put(flush->sink->context, kind, part, value, error);
    memcpy(&column, part.data, sizeof column);
    return segment_writer_put_column(flush->writer, column.column, column.chunk, value, error);
}

static revue_status put_collected(const struct flush *flush, const struct bytes *records, revue_error *error) {
    for (size_t at = 0; at < records->size;) {
        struct collected head;
        memcpy(&head, records->data + at, sizeof head);
        const uint8_t *part = records->data + at + sizeof head, *value = part + head.part_size;
        TRY(put_one(flush, head.kind, view_of(part, head.part_size), view_of(value, head.value_size), error));
        at += sizeof head + head.part_size + head.value_size;
    }
    return REVUE_OK;
}

revue_status flush_aside_finish(struct flush_aside *aside, bool put, revue_error *error) {
    revue_status status = workers_wait(aside->flush->accumulator->workers, &aside->task, put ? error : NULL);
    if (put && status == REVUE_OK) status = put_collected(aside->flush, &aside->records, error);
    bytes_free(&aside->records);
    return status;
}

/* ---- order ---- */

/* Short reviews first, by classes of length, and within a class as they came. A word weighs most in short reviews: so the
 * high bounds stand in the first blocks of its list, a search meets them first, and passes over most of the rest. Reviews
 * of one length have a word or have it not alike, which makes gaps smaller, too. Against the order by product that stood
 * here before: all words -18 %, any -12 %, phrases -11 % (mean -23 %), postings -5 % (film reviews; hotels -20, -17, -10,
 * -8 %). Merges keep the order of both, class by class. */
static revue_status order_reviews(struct flush *flush, revue_error *error) {
    uint32_t starts[LENGTH_CLASSES + 1] = {0};
    flush->doc_count = (uint32_t)flush->accumulator->review_count;
    flush->reviews = memory_alloc_array(flush->doc_count, sizeof(void *));
    const struct pending_review **seen = memory_alloc_array(flush->doc_count, sizeof(void *));
    if (!flush->reviews || !seen) {
        memory_free(seen);
        return error_no_memory(error);
    }
    accumulator_list(flush->accumulator, seen);
    for (uint32_t i = 0; i < flush->doc_count; i++)
        starts[length_class(seen[i]->text[FIELD_BODY].length) + 1]++;
    for (unsigned class = 1; class < LENGTH_CLASSES; class ++)
        starts[class] += starts[class - 1];
    for (uint32_t i = 0; i < flush->doc_count; i++)
        flush->reviews[starts[length_class(seen[i]->text[FIELD_BODY].length)]++] = seen[i];
    memory_free(seen);
    return REVUE_OK;
}

static void total_lengths(struct flush *flush) {
    for (uint32_t i = 0; i < flush->doc_count; i++)
        for (unsigned field = 0; field < FIELD_COUNT; field++) {
            uint32_t length = flush->reviews[i]->text[field].length;
            flush->meta.fields[field].total_length += length;
            flush->meta.fields[field].docs_with_field += length > 0;
            flush->meta.token_count += length;
        }
}

struct ordering {
    struct task task;
    struct flush *flush;
};

static revue_status order_beside(struct task *task, unsigned worker, revue_error *error) {
    (void)worker;
    struct flush *flush = ((struct ordering *)(void *)task)->flush;
    TRY(order_reviews(flush, error));
    total_lengths(flush);
    return REVUE_OK;
}

/* The order of the reviews and that of their words, at the same time. */
static revue_status put_in_order(struct flush *flush, revue_error *error) {
    workers *pool = flush->accumulator->workers;
    struct ordering ordering = {{.run = order_beside}, flush};
    workers_submit(pool, &ordering.task);
    revue_status status = lexicon_build(&flush->lexicon, flush->accumulator, error);
    revue_status ordered = workers_wait(pool, &ordering.task, status == REVUE_OK ? error : NULL);
    return status == REVUE_OK ? ordered : status;
}

/* Between two stages, where memory is short: what was freed lies in the heaps of two threads. */
static void give_back(const struct flush *flush) {
    if (accumulator_is_helped(flush->accumulator)) memory_give_back();
}

/* Texts first: the inversion turns over the log that they are written from. */
static revue_status write_texts_and_lists(struct flush *flush, uint32_t segment, revue_error *error) {
    bool has_text = flush->accumulator->options.keep_text;
    if (has_text) TRY(flush_number_symbols(flush, error));
    give_back(flush);
    TRY(segment_writer_create(&flush->writer, flush->to, segment, error));
    segment_writer_fit(flush->writer, flush->accumulator->options.memory_bytes);
    flush->sink = segment_writer_sink(flush->writer);
    if (has_text) TRY(flush_text(flush, error));
    text_numbers_free(flush->text);
    flush->text = NULL;
    give_back(flush);
    return flush_terms(flush, error);
}

/* Forms, ids and columns wait for nothing but the lexicon: whoever is free makes them while symbols get their numbers. */
static revue_status write_segment(struct flush *flush, uint32_t segment, uint64_t *checksum, revue_error *error) {
    static revue_status (*const made[])(struct flush *, const struct segment_sink *,
                                        revue_error *) = {flush_forms, flush_ids, flush_columns};
    struct flush_aside asides[sizeof made / sizeof *made];
    const size_t count = sizeof made / sizeof *made;
    TRY(put_in_order(flush, error));
    for (size_t i = 0; i < count; i++)
        flush_aside_start(&asides[i], flush, made[i]);
    revue_status status = write_texts_and_lists(flush, segment, error);
    for (size_t i = 0; i < count; i++) {
        revue_status one = flush_aside_finish(&asides[i], status == REVUE_OK, error);
        if (status == REVUE_OK) status = one;
    }
    return status == REVUE_OK ? segment_writer_finish(flush->writer, &flush->meta, checksum, error) : status;
}

revue_status flush_segment(struct accumulator *accumulator, struct base_symbols *base, store *to, uint32_t segment,
                           bool has_positions, struct manifest_segment *row, revue_error *error) {
    struct flush flush = {.accumulator = accumulator, .base = base, .to = to};
    uint64_t checksum;
    TRY(accumulator_finish(accumulator, error));
    flush.meta.doc_count = (uint32_t)accumulator->review_count;
    flush.meta.has_positions = has_positions;
    flush.meta.has_text = accumulator->options.keep_text;
    revue_status status = write_segment(&flush, segment, &checksum, error);
    if (status == REVUE_OK) {
        *row = (struct manifest_segment){.number = segment, .doc_count = flush.doc_count, .meta_checksum = checksum};
        for (unsigned field = 0; field < FIELD_COUNT; field++) {
            row->fields[field].total_length = flush.meta.fields[field].total_length;
            row->fields[field].doc_count = flush.meta.fields[field].docs_with_field;
        }
    }
    segment_writer_free(flush.writer);
    text_numbers_free(flush.text);
    lexicon_free(&flush.lexicon);
    memory_free(flush.reviews);
    return status;
}
