/* check_columns.c - every chunk of every column: it decodes, has a value or none for each review of its part of the
 * segment, its minimum and maximum are those of its values, keyword numbers and sources are there. What every review must
 * have (source, run, hash) it has. */
#include "indexer/check/check.h"

#include "indexer/review/date.h"

#define COLUMN_NOT_MISSING(number) ((number) == COLUMN_OF_SOURCE || (number) == COLUMN_OF_RUN || (number) == COLUMN_OF_HASH)

struct chunk_walk {
    struct check *check;
    struct check_segment *segment;
    const struct schema_column *column;
    struct column_chunk chunk;
    uint32_t first;              /* review of the chunk */
    struct check_source *source; /* met last */
};

/* ---- values ---- */

/* Keyword numbers, sources and runs are references; NULL when there is what they name. */
static const char *wrong_reference(struct chunk_walk *walk, uint32_t index, int64_t value) {
    struct check *check = walk->check;
    unsigned number = walk->column->number;
    if (walk->column->kind == COLUMN_KEYWORD)
        return value >= 0 && value < check->keyword_values[number] ? NULL : "names a keyword that there is not";
    if (number == COLUMN_OF_RUN)
        return value > 0 && value <= check->manifest.last_run ? NULL : "is of a run that has not been";
    if (number == COLUMN_OF_HASH) return value >= 0 && value <= UINT32_MAX ? NULL : "has a hash of over 32 bits";
    if (number == COLUMN_OF_DATE_PRECISION)
        return value > DATE_ABSENT && value <= DATE_SECOND ? NULL : "has a precision that there is not";
    if (number != COLUMN_OF_SOURCE || deletes_has(&walk->segment->deletes, walk->first + index)) return NULL;
    if (!walk->source || walk->source->number != value) walk->source = check_find_source(check, value);
    if (!walk->source)
        return check->has_bad_records[TABLE_SOURCES] || check->rows_wait ? NULL : "names a source that has no row";
    walk->source->live++;
    return NULL;
}

/* The limits of single values, as they are stored. */
static const char *check_single(struct chunk_walk *walk, uint32_t index, bool *is_minimum, bool *is_maximum) {
    const struct column_chunk *chunk = &walk->chunk;
    if (chunk->is_integer) {
        int64_t value = column_chunk_integer(chunk, index);
        *is_minimum |= value == chunk->minimum;
        *is_maximum |= value == chunk->maximum;
        if (value < chunk->minimum || value > chunk->maximum) return "is outside of the chunk's limits";
        return wrong_reference(walk, index, value);
    }
    double value = column_chunk_number(chunk, index);
    *is_minimum |= value == chunk->number_minimum;
    *is_maximum |= value == chunk->number_maximum;
    return value >= chunk->number_minimum && value <= chunk->number_maximum ? NULL : "is outside of the chunk's limits";
}

static const char *check_several(struct chunk_walk *walk, uint32_t index, bool *is_minimum, bool *is_maximum) {
    const struct column_chunk *chunk = &walk->chunk;
    uint32_t first, count = column_chunk_several(chunk, index, &first);
    if ((count > 0) != column_chunk_has(chunk, index)) return "has values and is marked as missing, or the other way round";
    for (uint32_t i = 0; i < count; i++) {
        int64_t value = column_chunk_several_at(chunk, first + i);
        *is_minimum |= value == chunk->minimum;
        *is_maximum |= value == chunk->maximum;
        if (value < chunk->minimum || value > chunk->maximum) return "is outside of the chunk's limits";
        const char *wrong = wrong_reference(walk, index, value);
        if (wrong) return wrong;
    }
    return NULL;
}

/* ---- a chunk ---- */

static void say(struct chunk_walk *walk, uint32_t doc, const char *what) {
    check_fault(walk->check, "segment %u, column %s, review %u %s", walk->segment->row->number, walk->column->name, doc,
                what);
}

static const char *wrong_kind(const struct chunk_walk *walk) {
    const struct column_chunk *chunk = &walk->chunk;
    uint32_t left = walk->segment->row->doc_count - walk->first;
    if (chunk->count != (left < COLUMN_CHUNK ? left : COLUMN_CHUNK)) return "begins a chunk of the wrong number of values";
    if (chunk->has_several != walk->column->has_several) return "begins a chunk of several values a review, or of one";
    bool is_number = walk->column->kind == COLUMN_NUMBER && !walk->column->is_internal;
    if (!is_number && (!chunk->is_integer || chunk->scale != 0)) return "begins a chunk that does not hold integers";
    if (COLUMN_NOT_MISSING(walk->column->number) && chunk->missing > 0) return "begins a chunk in which values are missing";
    return NULL;
}

static void check_values(struct chunk_walk *walk) {
    const struct column_chunk *chunk = &walk->chunk;
    bool is_minimum = false, is_maximum = false;
    for (uint32_t i = 0; i < chunk->count; i++) {
        const char *wrong = NULL;
        if (chunk->has_several)
            wrong = check_several(walk, i, &is_minimum, &is_maximum);
        else if (column_chunk_has(chunk, i))
            wrong = check_single(walk, i, &is_minimum, &is_maximum);
        if (!wrong) continue;
        say(walk, walk->first + i, wrong);
        return;
    }
    if (!is_minimum || !is_maximum) say(walk, walk->first, "begins a chunk that has not the limits of its values");
}

static revue_status check_chunk(struct chunk_walk *walk, uint32_t number, revue_error *error) {
    struct key key = key_column_chunk(walk->segment->row->number, walk->column->number, number);
    struct view record;
    revue_status status = store_get(walk->check->txn, TABLE_COLUMNS, key_view(&key), &record, error);
    walk->first = number * COLUMN_CHUNK;
    if (status == REVUE_NO_MATCH) {
        if (COLUMN_NOT_MISSING(walk->column->number)) say(walk, walk->first, "begins a chunk that is missing");
        return REVUE_OK;
    }
    if (status == REVUE_OK) status = column_chunk_open(record, &walk->chunk, error);
    TRY(status);
    const char *wrong = wrong_kind(walk);
    if (wrong)
        say(walk, walk->first, wrong);
    else
        check_values(walk);
    return REVUE_OK;
}

/* ---- dates ---- */

/* A date and its precision are two columns: a review has both or none. */
static revue_status check_dates(struct check *check, struct check_segment *segment, revue_error *error) {
    struct column_reader dates, precisions;
    column_reader_open(&dates, check->txn, segment->row->number, COLUMN_OF_DATE);
    column_reader_open(&precisions, check->txn, segment->row->number, COLUMN_OF_DATE_PRECISION);
    for (uint32_t doc = 0; doc < segment->row->doc_count; doc++) {
        bool has_date = false, has_precision = false;
        int64_t ignored;
        TRY(column_reader_integer(&dates, doc, &has_date, &ignored, error));
        TRY(column_reader_integer(&precisions, doc, &has_precision, &ignored, error));
        if (has_date == has_precision) continue;
        check_fault(check, "segment %u, review %u: a date without a precision, or the other way round",
                    segment->row->number, doc);
        return REVUE_OK;
    }
    return REVUE_OK;
}

revue_status check_columns(struct check *check, struct check_segment *segment, revue_error *error) {
    for (uint32_t i = 0; i < check->schema.count; i++) {
        struct chunk_walk walk = {.check = check, .segment = segment, .column = &check->schema.columns[i]};
        if (walk.column->number >= CHECK_COLUMNS) continue;
        for (uint32_t number = 0; number <= (segment->row->doc_count - 1) / COLUMN_CHUNK; number++) {
            revue_status status = check_chunk(&walk, number, error);
            TRY(check_outcome(check, status, error, "segment %u, column %s, chunk %u", segment->row->number,
                              walk.column->name, number));
        }
    }
    return check_dates(check, segment, error);
}
