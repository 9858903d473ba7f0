/* flush_columns.c - ids, lengths and columns of a segment, in doc order. */
#include "indexer/invert/flush.h"

#include "indexer/base/memory.h"

#include <math.h>
#include <string.h>

static const struct pending_review *review_at(const struct flush *flush, uint32_t doc) {
    return flush->reviews[doc];
}

revue_status flush_ids(struct flush *flush, const struct segment_sink *sink, revue_error *error) {
    ids_writer *writer = NULL;
    uint64_t sizes[4];
    revue_status status;
    TRY_DONE(ids_writer_create(&writer, sink, error));
    for (uint32_t doc = 0; doc < flush->doc_count; doc++)
        TRY_DONE(ids_writer_add(writer, review_at(flush, doc)->id, review_at(flush, doc)->text_hash, error));
    TRY_DONE(ids_writer_finish(writer, sizes, error));
done:
    ids_writer_free(writer);
    return status;
}

static revue_status write_lengths(struct flush *flush, const struct segment_sink *sink, revue_error *error) {
    uint32_t *lengths = memory_alloc_array(flush->doc_count, sizeof *lengths);
    if (!lengths) return error_no_memory(error);
    revue_status status = REVUE_OK;
    for (unsigned field = 0; field < FIELD_COUNT && status == REVUE_OK; field++) {
        for (uint32_t doc = 0; doc < flush->doc_count; doc++)
            lengths[doc] = review_at(flush, doc)->text[field].length;
        status = lengths_write(sink, field, lengths, flush->doc_count, &flush->meta.fields[field].length_width, error);
    }
    memory_free(lengths);
    return status;
}

/* A chunk being filled. */
struct chunk {
    const struct segment_sink *sink; /* of an aside */
    int64_t integers[COLUMN_CHUNK];
    double numbers[COLUMN_CHUNK];
    bool has_value[COLUMN_CHUNK];
    uint32_t ends[COLUMN_CHUNK];
    struct bytes record, several; /* several: int64 values of a column with several a review */
};

static revue_status put_chunk(struct chunk *chunk, uint16_t column, uint32_t first_doc,
                              const struct column_chunk_input *input, revue_error *error) {
    bool is_empty;
    bytes_clear(&chunk->record);
    TRY(column_chunk_encode(input, &chunk->record, &is_empty, error));
    if (is_empty) return REVUE_OK;
    return flush_aside_put_column(chunk->sink, column, first_doc / COLUMN_CHUNK, bytes_view(&chunk->record), error);
}

static bool integer_of(const struct pending_values *values, uint16_t column, int64_t *value) {
    switch (column) {
    case COLUMN_OF_DATE: *value = values->date.seconds; return values->date.precision != DATE_ABSENT;
    case COLUMN_OF_DATE_PRECISION: *value = values->date.precision; return values->date.precision != DATE_ABSENT;
    case COLUMN_OF_LANG: *value = values->lang; return values->has_lang;
    case COLUMN_OF_PRODUCT: *value = values->product; return values->has_product;
    case COLUMN_OF_AUTHOR: *value = values->author; return values->has_author;
    case COLUMN_OF_SOURCE: *value = values->source; return true;
    case COLUMN_OF_RUN: *value = values->run; return true;
    case COLUMN_OF_HASH: *value = values->column_hash; return true;
    default: return false;
    }
}

static bool number_of(const struct pending_values *values, uint16_t column, double *value) {
    switch (column) {
    case COLUMN_OF_RATING: *value = values->rating; return values->has_rating;
    case COLUMN_OF_VOTES: *value = values->votes; return values->has_votes;
    case COLUMN_OF_STARS:
        *value = values->stars;
        if (values->has_stars) return true;
        if (!values->has_rating || values->rating_max <= 0) return false;
        *value = round(schema_stars(values->rating, values->rating_max) * 100) / 100;
        return true;
    default: return false;
    }
}

static bool extra_of(const struct pending_values *values, uint16_t column, const struct pending_extra **extra) {
    for (uint32_t i = 0; i < values->extra_count; i++)
        if (values->extras[i].column == column) {
            *extra = &values->extras[i];
            return true;
        }
    return false;
}

/* One column of single values, chunk by chunk. */
static revue_status write_column(struct flush *flush, struct chunk *chunk, uint16_t column, revue_error *error) {
    for (uint32_t first = 0; first < flush->doc_count; first += COLUMN_CHUNK) {
        struct column_chunk_input input = {
            .integers = chunk->integers, .numbers = chunk->numbers, .has_value = chunk->has_value};
        input.count = flush->doc_count - first < COLUMN_CHUNK ? flush->doc_count - first : COLUMN_CHUNK;
        input.is_integer = column != COLUMN_OF_RATING && column != COLUMN_OF_STARS && column != COLUMN_OF_VOTES;
        for (uint32_t i = 0; i < input.count; i++) {
            const struct pending_values *values = &review_at(flush, first + i)->values;
            const struct pending_extra *extra;
            chunk->integers[i] = 0;
            chunk->numbers[i] = 0;
            if (column >= COLUMN_DECLARED) {
                chunk->has_value[i] = extra_of(values, column, &extra);
                if (!chunk->has_value[i]) continue;
                input.is_integer = extra->is_integer;
                chunk->integers[i] = extra->integer;
                chunk->numbers[i] = extra->number;
            } else if (input.is_integer) {
                chunk->has_value[i] = integer_of(values, column, &chunk->integers[i]);
            } else {
                chunk->has_value[i] = number_of(values, column, &chunk->numbers[i]);
            }
        }
        TRY(put_chunk(chunk, column, first, &input, error));
    }
    return REVUE_OK;
}

static revue_status write_tags(struct flush *flush, struct chunk *chunk, revue_error *error) {
    for (uint32_t first = 0; first < flush->doc_count; first += COLUMN_CHUNK) {
        struct column_chunk_input input = {.is_integer = true, .has_value = chunk->has_value, .ends = chunk->ends};
        input.count = flush->doc_count - first < COLUMN_CHUNK ? flush->doc_count - first : COLUMN_CHUNK;
        bytes_clear(&chunk->several);
        uint32_t end = 0;
        for (uint32_t i = 0; i < input.count; i++) {
            const struct pending_values *values = &review_at(flush, first + i)->values;
            for (uint32_t tag = 0; tag < values->tag_count; tag++)
                bytes_append_u64(&chunk->several, values->tags[tag]);
            end += values->tag_count;
            chunk->ends[i] = end;
            chunk->has_value[i] = values->tag_count > 0;
        }
        if (chunk->several.failed) return error_no_memory(error);
        input.integers = (const int64_t *)(const void *)chunk->several.data;
        TRY(put_chunk(chunk, COLUMN_OF_TAGS, first, &input, error));
    }
    return REVUE_OK;
}

/* Which declared columns occur: each is written once. */
static revue_status write_declared(struct flush *flush, struct chunk *chunk, revue_error *error) {
    struct bytes seen = {0};
    revue_status status = REVUE_OK;
    for (uint32_t doc = 0; doc < flush->doc_count && status == REVUE_OK; doc++) {
        const struct pending_values *values = &review_at(flush, doc)->values;
        for (uint32_t i = 0; i < values->extra_count && status == REVUE_OK; i++) {
            uint16_t column = values->extras[i].column;
            bool is_known = false;
            for (size_t at = 0; at < seen.size; at += 2)
                is_known |= load_le16(seen.data + at) == column;
            if (is_known) continue;
            bytes_append_u16(&seen, column);
            status = seen.failed ? error_no_memory(error) : write_column(flush, chunk, column, error);
        }
    }
    bytes_free(&seen);
    return status;
}

revue_status flush_columns(struct flush *flush, const struct segment_sink *sink, revue_error *error) {
    static const uint16_t single[] = {COLUMN_OF_RATING, COLUMN_OF_STARS, COLUMN_OF_DATE,    COLUMN_OF_DATE_PRECISION,
                                      COLUMN_OF_VOTES,  COLUMN_OF_LANG,  COLUMN_OF_PRODUCT, COLUMN_OF_AUTHOR,
                                      COLUMN_OF_SOURCE, COLUMN_OF_RUN,   COLUMN_OF_HASH};
    TRY(write_lengths(flush, sink, error));
    struct chunk *chunk = memory_alloc_zeroed(1, sizeof *chunk);
    if (!chunk) return error_no_memory(error);
    chunk->sink = sink;
    revue_status status = REVUE_OK;
    for (size_t i = 0; i < sizeof single / sizeof *single && status == REVUE_OK; i++)
        status = write_column(flush, chunk, single[i], error);
    if (status == REVUE_OK) status = write_tags(flush, chunk, error);
    if (status == REVUE_OK) status = write_declared(flush, chunk, error);
    bytes_free(&chunk->record);
    bytes_free(&chunk->several);
    memory_free(chunk);
    return status;
}
