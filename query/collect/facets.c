/* facets.c - see facets.h. A value is counted under a whole number: the number of its keyword, its bits, year and month and
 * day, or the range it lies in. Texts are made at the end, of what is shown. */
#include "query/collect/facets.h"

#include "indexer/base/memory.h"
#include "indexer/review/date.h"
#include "query/collect/cells.h"
#include "query/collect/chunk_values.h"
#include "query/collect/kth_largest.h"
#include "query/column/column_name.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYWORDS_SHOWN 10u /* unless told */
#define NUMBERS_SHOWN 100u
#define RANGES_MAX 64u
#define SECONDS_MAX 1e15 /* of dates that have a year */

enum facet_by { BY_KEYWORD, BY_NUMBER, BY_STARS, BY_RANGE, BY_YEAR, BY_MONTH, BY_DAY };

struct facet_range {
    double low, high; /* both included */
    struct view text;
    struct cell cell; /* shown also when nothing lies in it */
};
struct facet {
    struct collector collector;
    revue_searcher *searcher;
    const struct schema_column *column;
    enum facet_by by;
    bool by_name;
    size_t shown;
    struct facet_range ranges[RANGES_MAX];
    uint32_t range_count;
    struct column_reader values_reader, stars_reader;
    uint32_t segment; /* of the readers; UINT32_MAX: none yet */
    struct chunk_values values, stars;
    struct cells cells;
    uint64_t with, without;
    struct summary numbers;
};

/* ---- what was asked for ---- */

static revue_status bad_part(const struct facet *facet, struct view part, const char *takes, revue_error *error) {
    return error_set(error, REVUE_USAGE, "--facet %s:%.*s: behind the colon stands %s", facet->column->name,
                     (int)(part.size < 64 ? part.size : 64), part.data, takes);
}

static bool read_end(struct view text, double open, double *end) {
    *end = open;
    return text.size == 0 || schema_parse_number(text, end);
}

static revue_status read_range(struct facet *facet, struct view part, revue_error *error) {
    const char *dots = part.size >= 2 ? memmem(part.data, part.size, "..", 2) : NULL;
    struct view low = part, high = part;
    if (dots) low.size = (size_t)(dots - part.data);
    if (dots) high = view_of(dots + 2, part.size - low.size - 2);
    struct facet_range range = {.text = part};
    if (facet->range_count == RANGES_MAX)
        return error_set(error, REVUE_USAGE, "--facet %s: at most %u ranges", facet->column->name, RANGES_MAX);
    if (part.size == 0 || !read_end(low, -HUGE_VAL, &range.low) || !read_end(high, HUGE_VAL, &range.high) ||
        range.low > range.high)
        return bad_part(facet, part, "a range as in 3..5, ..2 or 10..", error);
    range.cell.key = facet->range_count;
    facet->ranges[facet->range_count++] = range;
    return REVUE_OK;
}

static revue_status read_ranges(struct facet *facet, struct view text, revue_error *error) {
    facet->by = BY_RANGE;
    facet->shown = RANGES_MAX;
    do
        TRY(read_range(facet, column_next_part(&text, ','), error));
    while (text.size > 0);
    return REVUE_OK;
}

static bool read_count(struct view part, size_t *count) {
    size_t read = 0;
    for (size_t i = 0; i < part.size; i++) {
        if (part.data[i] < '0' || part.data[i] > '9' || read > FACET_VALUES_MAX) return false;
        read = read * 10 + (size_t)(part.data[i] - '0');
    }
    *count = read;
    return part.size > 0 && read > 0 && read <= FACET_VALUES_MAX;
}

static revue_status read_part(struct facet *facet, struct view part, revue_error *error) {
    static const char *const spans[] = {"year", "month", "day"};
    if (read_count(part, &facet->shown)) return REVUE_OK;
    for (int i = 0; i < 3 && facet->column->kind == COLUMN_DATE; i++) {
        if (!view_equal(part, view_of_string(spans[i]))) continue;
        facet->by = (enum facet_by)(BY_YEAR + i);
        return REVUE_OK;
    }
    bool is_name = view_equal(part, view_of_string("name"));
    if (facet->column->kind == COLUMN_KEYWORD && (is_name || view_equal(part, view_of_string("count")))) {
        facet->by_name = is_name;
        return REVUE_OK;
    }
    switch (facet->column->kind) {
    case COLUMN_NUMBER: return read_ranges(facet, part, error);
    case COLUMN_DATE: return bad_part(facet, part, "year, month, day or how many to show", error);
    case COLUMN_KEYWORD: break;
    }
    return bad_part(facet, part, "name, count or how many to show, up to 10000", error);
}

static revue_status read_facet(struct facet *facet, struct view text, revue_error *error) {
    TRY(column_by_name(facet->searcher, "--facet", column_next_part(&text, ':'), &facet->column, error));
    const enum column_kind kind = facet->column->kind;
    facet->by = kind == COLUMN_KEYWORD                     ? BY_KEYWORD
                : kind == COLUMN_DATE                      ? BY_YEAR
                : facet->column->number == COLUMN_OF_STARS ? BY_STARS
                                                           : BY_NUMBER;
    facet->shown = kind == COLUMN_KEYWORD ? KEYWORDS_SHOWN : NUMBERS_SHOWN;
    while (text.size > 0)
        TRY(read_part(facet, column_next_part(&text, ':'), error));
    return REVUE_OK;
}

/* Numbers of keywords lie below how many there are. */
static revue_status count_keywords(struct facet *facet, revue_error *error) {
    keywords *table;
    TRY(searcher_keywords(facet->searcher, facet->column->number, &table, error));
    facet->cells.limit = keywords_count(table);
    return REVUE_OK;
}

/* ---- counting ---- */

static void count_cell(const struct facet *facet, struct cell *cell, uint32_t at) {
    cell->count++;
    if (facet->stars.has[at / 64] >> at % 64 & 1) summary_add(&cell->stars, facet->stars.numbers[at]);
}

static revue_status count_key(struct facet *facet, int64_t key, uint32_t at, revue_error *error) {
    struct cell *cell = cells_at(&facet->cells, key);
    if (!cell) return error_no_memory(error);
    count_cell(facet, cell, at);
    return REVUE_OK;
}

static int64_t key_of_number(double number) {
    int64_t key;
    number += 0.0; /* -0 becomes 0 */
    memcpy(&key, &number, sizeof key);
    return key;
}

static int64_t key_of_date(enum facet_by by, double seconds) {
    int64_t year;
    unsigned month, day;
    if (!(fabs(seconds) < SECONDS_MAX)) return 0;
    date_civil((int64_t)seconds, &year, &month, &day);
    return year * 10000 + (by >= BY_MONTH ? month * 100 : 0) + (by == BY_DAY ? day : 0);
}

static void count_ranges(struct facet *facet, double number, uint32_t at) {
    for (uint32_t i = 0; i < facet->range_count; i++)
        if (number >= facet->ranges[i].low && number <= facet->ranges[i].high)
            count_cell(facet, &facet->ranges[i].cell, at);
}

static revue_status bad_keyword(revue_error *error) {
    return error_set(error, REVUE_CORRUPT, "a review has a keyword that is not in the table; rebuild the index");
}

static revue_status count_keyword(struct facet *facet, double number, uint32_t at, revue_error *error) {
    if (!(number >= 0 && number < (double)facet->cells.limit)) return bad_keyword(error);
    return count_key(facet, (int64_t)number, at, error);
}

static revue_status count_number(struct facet *facet, double number, uint32_t at, revue_error *error) {
    if (facet->column->kind == COLUMN_NUMBER) summary_add(&facet->numbers, number);
    switch (facet->by) {
    case BY_KEYWORD: return count_keyword(facet, number, at, error);
    case BY_NUMBER: return count_key(facet, key_of_number(number), at, error);
    case BY_STARS: return count_key(facet, key_of_number(whole_stars(number)), at, error);
    case BY_RANGE: count_ranges(facet, number, at); return REVUE_OK;
    case BY_YEAR:
    case BY_MONTH:
    case BY_DAY: break;
    }
    return count_key(facet, key_of_date(facet->by, number), at, error);
}

static revue_status count_lists(struct facet *facet, const struct matches *matches, revue_error *error) {
    const struct column_chunk *chunk = &facet->values_reader.chunk;
    TRY(column_reader_seek(&facet->values_reader, matches->chunk * COLUMN_CHUNK, error));
    const bool is_absent = facet->values_reader.is_absent || !chunk->has_several;
    for (uint32_t at = chunk_next(matches->bits, 0); at < COLUMN_CHUNK && !is_absent;
         at = chunk_next(matches->bits, at + 1)) {
        uint32_t first, count = at < chunk->count ? column_chunk_several(chunk, at, &first) : 0;
        for (uint32_t i = 0; i < count; i++)
            TRY(count_keyword(facet, column_chunk_several_at(chunk, first + i), at, error));
        facet->with += count > 0;
    }
    return REVUE_OK;
}

static revue_status count_values(struct facet *facet, const struct matches *matches, revue_error *error) {
    struct chunk_values *values = &facet->values;
    TRY(chunk_values_read(values, &facet->values_reader, matches, error));
    for (uint32_t at = chunk_next(values->has, 0); at < COLUMN_CHUNK; at = chunk_next(values->has, at + 1)) {
        TRY(count_number(facet, values->numbers[at], at, error));
        facet->with++;
    }
    return REVUE_OK;
}

static revue_status take(struct collector *collector, const struct matches *matches, revue_error *error) {
    struct facet *facet = (struct facet *)collector;
    const uint64_t with = facet->with;
    if (facet->segment != matches->segment) {
        const struct segment *segment = facet->searcher->segments[matches->segment].segment;
        column_reader_open(&facet->values_reader, segment->txn, segment->number, facet->column->number);
        column_reader_open(&facet->stars_reader, segment->txn, segment->number, COLUMN_OF_STARS);
        facet->segment = matches->segment;
    }
    TRY(chunk_values_read(&facet->stars, &facet->stars_reader, matches, error));
    TRY(facet->column->has_several ? count_lists(facet, matches, error) : count_values(facet, matches, error));
    facet->without += matches->count - (facet->with - with);
    return REVUE_OK;
}

/* ---- what is shown ---- */

struct shown_value {
    const struct cell *cell;
    struct view text;
    double number;
};

static double number_of_key(int64_t key) {
    double number;
    memcpy(&number, &key, sizeof number);
    return number;
}

static int compare_texts(const void *left, const void *right) {
    const struct shown_value *a = left, *b = right;
    return view_compare(a->text, b->text);
}

static int compare_counts(const void *left, const void *right) {
    const struct shown_value *a = left, *b = right;
    if (a->cell->count != b->cell->count) return a->cell->count > b->cell->count ? -1 : 1;
    return a->cell->key < b->cell->key ? -1 : a->cell->key > b->cell->key;
}

/* Of equal counts the smaller value first. */
static int compare_counts_and_texts(const void *left, const void *right) {
    const struct shown_value *a = left, *b = right;
    return a->cell->count == b->cell->count ? compare_texts(left, right) : compare_counts(left, right);
}

static int compare_values(const void *left, const void *right) {
    const struct shown_value *a = left, *b = right;
    if (a->number != b->number) return a->number < b->number ? -1 : 1;
    return a->cell->key < b->cell->key ? -1 : a->cell->key > b->cell->key;
}

static revue_status read_keyword(struct shown_value *value, keywords *table, struct arena *arena, struct bytes *scratch,
                                 revue_error *error) {
    struct view text;
    TRY(keywords_value(table, (uint32_t)value->cell->key, scratch, &text, error));
    const char *copy = arena_copy(arena, text.data, text.size);
    value->text = view_of(copy, text.size);
    return copy ? REVUE_OK : error_no_memory(error);
}

/* Keeps the values that are at least as frequent as the last that is shown. */
static revue_status keep_frequent(const struct facet *facet, struct shown_value *values, size_t *count,
                                  revue_error *error) {
    double *counts = memory_alloc_array(*count + 1, sizeof *counts), least = 0;
    size_t kept = 0;
    if (!counts) return error_no_memory(error);
    for (size_t i = 0; i < *count; i++)
        counts[i] = (double)values[i].cell->count;
    revue_status status = kth_largest(counts, *count, facet->shown, &least, error);
    memory_free(counts);
    if (status != REVUE_OK) return status;
    for (size_t i = 0; i < *count; i++)
        if ((double)values[i].cell->count >= least) values[kept++] = values[i];
    *count = kept;
    return REVUE_OK;
}

/* By name all values may be shown, by count only the most frequent: of those texts are read. */
static revue_status order_keywords(const struct facet *facet, struct shown_value *values, size_t count, struct arena *arena,
                                   revue_error *error) {
    struct bytes scratch = {0};
    keywords *table;
    revue_status status = REVUE_OK;
    if (!facet->by_name) TRY(keep_frequent(facet, values, &count, error));
    TRY(searcher_keywords(facet->searcher, facet->column->number, &table, error));
    for (size_t i = 0; i < count && status == REVUE_OK; i++)
        status = read_keyword(&values[i], table, arena, &scratch, error);
    if (status == REVUE_OK) qsort(values, count, sizeof *values, facet->by_name ? compare_texts : compare_counts_and_texts);
    bytes_free(&scratch);
    return status;
}

static revue_status name_value(const struct facet *facet, struct shown_value *value, struct arena *arena,
                               revue_error *error) {
    const int64_t key = value->cell->key;
    char text[48];
    int size = 0;
    switch (facet->by) {
    case BY_KEYWORD: return REVUE_OK;
    case BY_RANGE:
        value->text = facet->ranges[key].text;
        value->number = (double)key;
        break;
    case BY_NUMBER:
    case BY_STARS:
        value->number = number_of_key(key);
        size = snprintf(text, sizeof text, "%.15g", value->number);
        break;
    case BY_YEAR: size = snprintf(text, sizeof text, "%04d", (int)(key / 10000)); break;
    case BY_MONTH: size = snprintf(text, sizeof text, "%04d-%02d", (int)(key / 10000), (int)(key / 100 % 100)); break;
    case BY_DAY:
        size = snprintf(text, sizeof text, "%04d-%02d-%02d", (int)(key / 10000), (int)(key / 100 % 100), (int)(key % 100));
        break;
    }
    if (facet->column->kind == COLUMN_DATE) value->number = (double)key;
    if (size > 0) value->text = view_of(text, (size_t)size);
    const char *copy = arena_copy(arena, value->text.data, value->text.size);
    value->text.data = copy;
    return copy ? REVUE_OK : error_no_memory(error);
}

/* The most frequent, in the order of the values. */
static revue_status order_numbers(const struct facet *facet, struct shown_value *values, size_t count, struct arena *arena,
                                  revue_error *error) {
    for (size_t i = 0; i < count; i++)
        TRY(name_value(facet, &values[i], arena, error));
    if (facet->by != BY_RANGE) qsort(values, count, sizeof *values, compare_counts);
    qsort(values, count < facet->shown ? count : facet->shown, sizeof *values, compare_values);
    return REVUE_OK;
}

static revue_status fill_facet(const struct facet *facet, struct shown_value *values, size_t count, struct arena *arena,
                               revue_facet *out, revue_error *error) {
    static const char *const kinds[] = {"keyword", "number", "date"};
    const size_t shown = count < facet->shown ? count : facet->shown;
    revue_facet_value *filled = arena_alloc_array(arena, shown + 1, sizeof *filled);
    char *name = arena_copy(arena, facet->column->name, strlen(facet->column->name));
    if (!filled || !name) return error_no_memory(error);
    for (size_t i = 0; i < shown; i++)
        filled[i] = (revue_facet_value){.text = values[i].text.data,
                                        .number = values[i].number,
                                        .count = values[i].cell->count,
                                        .stars = summary_of(&values[i].cell->stars)};
    *out = (revue_facet){.name = name,
                         .kind = kinds[facet->column->kind],
                         .with = facet->with,
                         .without = facet->without,
                         .distinct = count,
                         .numbers = summary_of(&facet->numbers),
                         .values = filled,
                         .value_count = shown};
    return REVUE_OK;
}

revue_status facet_finish(struct facet *facet, struct arena *arena, revue_facet *out, revue_error *error) {
    struct shown_value *values = memory_alloc_zeroed(facet->cells.count + facet->range_count + 1, sizeof *values);
    struct cell *cell;
    size_t place = 0, count = 0;
    if (!values) return error_no_memory(error);
    while ((cell = cells_next(&facet->cells, &place)))
        values[count++].cell = cell;
    for (uint32_t i = 0; i < facet->range_count; i++)
        values[count++].cell = &facet->ranges[i].cell;
    revue_status status = facet->by == BY_KEYWORD ? order_keywords(facet, values, count, arena, error)
                                                  : order_numbers(facet, values, count, arena, error);
    if (status == REVUE_OK) status = fill_facet(facet, values, count, arena, out, error);
    memory_free(values);
    return status;
}

/* ---- the facet ---- */

revue_status facet_create(struct facet **created, revue_searcher *searcher, struct view text, revue_error *error) {
    struct facet *made = memory_alloc_zeroed(1, sizeof *made);
    if (!made) return error_no_memory(error);
    made->collector.take = take;
    made->searcher = searcher;
    made->segment = UINT32_MAX;
    revue_status status = read_facet(made, text, error);
    if (status == REVUE_OK && made->by == BY_KEYWORD) status = count_keywords(made, error);
    if (status == REVUE_OK)
        *created = made;
    else
        facet_free(made);
    return status;
}

uint16_t facet_column(const struct facet *facet) {
    return facet->column->number;
}

struct collector *facet_collector(struct facet *facet) {
    return &facet->collector;
}

void facet_free(struct facet *facet) {
    if (!facet) return;
    cells_free(&facet->cells);
    memory_free(facet);
}
