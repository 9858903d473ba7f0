/* table_plan.c - what a table is, decided from its first rows: separator, quotes, header, and what each column means.
 *
 * With a header its names decide (schema.h, --map). Without one the shape of the columns does: a column of dates, one of a
 * few numbers (ratings), and of what remains the one with the longest text (the review) and a shorter one before it (its
 * title). Such a table is taken for reviews only when it has a date, a rating or a title: two columns of a number and a
 * text may be anything, a list of queries for instance. Cells may be empty: a date that only some rows have is a date. */
#include "indexer/archive/table.h"

#include "indexer/base/hash.h"
#include "indexer/base/memory.h"
#include "indexer/base/utf8.h"
#include "indexer/review/date.h"

#include <stdio.h>

#define SAMPLE_ROWS 200u
#define HEADERLESS_COLUMNS 24u /* more columns than this without a header are not told apart */

/* The rows of the window, cut into cells with one dialect. The text is a copy, since cutting undoes quotes in place. */
struct sample {
    struct table_dialect dialect;
    char *text;
    struct view *cells; /* row after row, width of them each; missing ones are empty; NULL while there is no row */
    size_t *counts;     /* cells each row really has */
    size_t rows, width;
    bool quoted, escaped, broken; /* some cell is quoted; one holds "", a separator or a line end; a quote never closes
                                     or is followed by text */
};

static void sample_free(struct sample *sample) {
    memory_free(sample->text);
    memory_free(sample->cells);
    memory_free(sample->counts);
}

/* Notes how the quotes of a raw row behave. */
static void judge_quotes(struct sample *sample, struct view row) {
    char separator = sample->dialect.separator;
    bool start = true, inside = false;
    for (size_t i = 0; i < row.size; i++) {
        char c = row.data[i], next = i + 1 < row.size ? row.data[i + 1] : '\n';
        if (!inside) {
            inside = start && c == '"';
            if (inside) sample->quoted = true;
            start = c == separator;
            continue;
        }
        if (c == separator || c == '\n') sample->escaped = true;
        if (c != '"') continue;
        if (next == '"') {
            sample->escaped = true;
            i++;
            continue;
        }
        inside = false;
        if (next != separator && next != '\n' && next != '\r') sample->broken = true;
    }
    if (inside) sample->broken = true;
}

/* Counts the rows that are whole, and the first one whatever it is; *used is their size. */
static size_t measure_rows(struct sample *sample, struct view window, bool whole, size_t *used) {
    size_t rows = 0;
    *used = 0;
    while (rows < SAMPLE_ROWS && *used < window.size) {
        struct row_scan scan = {0};
        struct view rest = view_of(window.data + *used, window.size - *used);
        bool ended = table_find_row_end(sample->dialect, &scan, rest);
        if (!ended && scan.state == ROW_QUOTED && whole) sample->broken = true;
        if (!ended && rows > 0 && (!whole || scan.state == ROW_QUOTED)) break;
        *used += scan.at;
        rows++;
    }
    return rows;
}

static bool is_blank_row(const struct view *cells, size_t count) {
    return count == 1 && cells[0].size == 0;
}

/* As wide as the first row that is not blank: further cells than its do not matter here. */
static bool make_cells(struct sample *sample, size_t rows, size_t width) {
    sample->width = width;
    sample->cells = memory_alloc_zeroed(rows * width, sizeof *sample->cells);
    return sample->cells != NULL;
}

static revue_status cut_rows(struct sample *sample, size_t rows, size_t used, revue_error *error) {
    struct view *cells = memory_alloc_array(TABLE_COLUMNS, sizeof *cells);
    if (!cells) return error_no_memory(error);
    char *at = sample->text, *end = sample->text + used;
    for (size_t row = 0; row < rows && at < end; row++) {
        struct row_scan scan = {0};
        (void)table_find_row_end(sample->dialect, &scan, view_of(at, (size_t)(end - at)));
        judge_quotes(sample, view_of(at, scan.at));
        size_t count = table_split(sample->dialect, at, scan.at, cells, TABLE_COLUMNS);
        if (count > TABLE_COLUMNS) count = TABLE_COLUMNS;
        at += scan.at;
        if (is_blank_row(cells, count)) continue;
        if (!sample->cells && !make_cells(sample, rows, count)) {
            memory_free(cells);
            return error_no_memory(error);
        }
        for (size_t i = 0; i < sample->width; i++) {
            sample->cells[sample->rows * sample->width + i] = i < count ? cells[i] : view_of(NULL, 0);
        }
        sample->counts[sample->rows++] = count;
    }
    memory_free(cells);
    return REVUE_OK;
}

static revue_status sample_make(struct sample *sample, struct table_dialect dialect, struct view window, bool whole,
                                revue_error *error) {
    *sample = (struct sample){.dialect = dialect};
    size_t used, rows = measure_rows(sample, window, whole, &used);
    sample->text = memory_copy_bytes(window.data, used);
    sample->counts = memory_alloc_zeroed(rows + 1, sizeof *sample->counts);
    if (!sample->text || !sample->counts) return error_no_memory(error);
    return cut_rows(sample, rows, used, error);
}

/* ---- separator and quotes ---- */

/* Rows that are as wide as the first, provided that is more than one cell. */
static size_t regular_rows(const struct sample *sample) {
    size_t regular = 0;
    if (sample->width < 2) return 0;
    for (size_t i = 0; i < sample->rows; i++)
        regular += sample->counts[i] == sample->width;
    return regular;
}

/* Tries one dialect and keeps it when it makes more rows regular than the best so far. */
static revue_status try_dialect(struct sample *best, struct table_dialect dialect, struct view window, bool whole,
                                revue_error *error) {
    struct sample sample;
    revue_status status = sample_make(&sample, dialect, window, whole, error);
    if (status != REVUE_OK) {
        sample_free(&sample);
        return status;
    }
    bool first = best->text == NULL;
    size_t ours = regular_rows(&sample), theirs = first ? 0 : regular_rows(best);
    /* Rows that are regular count by their share: quotes that swallow lines make fewer rows of the same bytes. */
    bool better = first || ours * best->rows > theirs * sample.rows || (ours > 0 && theirs == 0);
    sample_free(better ? best : &sample);
    if (better) *best = sample;
    return REVUE_OK;
}

/* Tab-separated text mostly has no quoting, and a text may begin with a quote: there quotes count only when they prove
 * themselves, by closing everywhere and by holding something that needs them. */
static revue_status choose_dialect(struct sample *best, struct view window, bool whole, char hint, revue_error *error) {
    static const char others[] = {',', ';', '\t', '|'};
    TRY(try_dialect(best, (struct table_dialect){hint, true}, window, whole, error));
    if (hint == ',' && regular_rows(best) == 0) {
        for (size_t i = 1; i < sizeof others; i++)
            TRY(try_dialect(best, (struct table_dialect){others[i], true}, window, whole, error));
    }
    if (best->dialect.separator != '\t' || (best->quoted && best->escaped && !best->broken)) return REVUE_OK;
    sample_free(best);
    return sample_make(best, (struct table_dialect){'\t', false}, window, whole, error);
}

/* ---- tables with a header ---- */

static bool is_name_like(struct view cell) {
    if (cell.size == 0 || cell.size > 64) return false;
    double number;
    struct review_date date;
    if (schema_parse_number(cell, &number) || date_parse(cell, &date)) return false;
    for (size_t i = 0; i < cell.size; i++) {
        if (strchr(".!?\"", cell.data[i]) && i + 1 == cell.size) return false;
        if (cell.data[i] == '\n') return false;
    }
    return true;
}

static bool is_repeated(const struct view *cells, size_t at) {
    for (size_t i = 0; i < at; i++) {
        if (view_equal(cells[i], cells[at])) return true;
    }
    return false;
}

/* Is the first row a header? Surely when one of its cells names review text or two of them other parts of a review; likely
 * when all its cells look like different names and a column below holds numbers or dates. */
static bool has_header(const struct sample *sample, struct record *record) {
    const struct view *cells = sample->cells;
    size_t known = 0, names = 0;
    bool names_text = false;
    for (size_t i = 0; i < sample->width; i++) {
        struct record_key key = record_key_of(record, cells[i]);
        if (cells[i].size > 64) return false;
        if (!is_name_like(cells[i])) continue;
        names_text = names_text || key.mapped || (key.slot == SLOT_BODY && key.rank < SCHEMA_WEAK);
        known += key.slot != SLOT_NONE;
        names += !is_repeated(cells, i);
    }
    if (names_text || known >= 2) return true;
    if (names < sample->width || sample->rows < 2) return false;
    for (size_t i = 0; i < sample->width; i++) {
        double number;
        struct review_date date;
        struct view below = cells[sample->width + i];
        if (schema_parse_number(below, &number) || date_parse(below, &date)) return true;
    }
    return false;
}

static void list_columns(const struct sample *sample, char *out, size_t size) {
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < sample->width && used + 4 < size; i++) {
        struct bytes name = {0};
        (void)utf8_repair(&name, sample->cells[i].data, sample->cells[i].size > 40 ? 40 : sample->cells[i].size);
        int wrote = snprintf(out + used, size - used, "%s%.*s", i ? ", " : "", (int)name.size,
                             name.data ? (const char *)name.data : "");
        bytes_free(&name);
        if (wrote < 0 || (size_t)wrote >= size - used) {
            out[used] = '\0'; /* the name that did not fit is left out whole */
            (void)snprintf(out + used, size - used, "%s", " ...");
            return;
        }
        used += (size_t)wrote;
    }
}

static bool first_column_numbers_rows(const struct sample *sample) {
    double number;
    return sample->width > 2 && sample->rows > 1 && sample->cells[0].size == 0 &&
           schema_parse_number(sample->cells[sample->width], &number);
}

static void plan_header(struct table_plan *plan, const struct sample *sample, struct record *record, char *beside,
                        size_t beside_size) {
    struct record_outline outline = {0};
    char columns[200];
    plan->has_header = true;
    plan->rows_are_numbered = first_column_numbers_rows(sample);
    for (size_t i = 0; i < sample->width; i++) {
        plan->keys[i] = record_key_of(record, sample->cells[i]);
        record_outline_add(&outline, plan->keys[i]);
    }
    if (record_outline_is_review(&outline)) return;
    list_columns(sample, columns, sizeof columns);
    (void)snprintf(beside, beside_size,
                   "a table without a column of review text (it has: %s); name one with --map body=NAME", columns);
}

/* ---- tables without a header ---- */

struct column_shape {
    size_t filled, dates, numbers, words, bytes, distinct;
    double smallest, largest;
    uint64_t values[16]; /* hashes of the first different values */
};

static void add_distinct(struct column_shape *shape, struct view cell) {
    uint64_t hash = hash_view(cell);
    for (size_t i = 0; i < shape->distinct && i < 16; i++) {
        if (shape->values[i] == hash) return;
    }
    if (shape->distinct < 16) shape->values[shape->distinct] = hash;
    shape->distinct++;
}

static size_t count_words(struct view cell) {
    size_t words = 0;
    bool inside = false;
    for (size_t i = 0; i < cell.size; i++) {
        uint8_t c = (uint8_t)cell.data[i];
        bool letter = (c | 0x20u) - 'a' < 26u || c >= 0x80;
        words += letter && !inside;
        inside = letter || (inside && c == '\'');
    }
    return words;
}

static void measure_column(const struct sample *sample, size_t column, struct column_shape *shape) {
    *shape = (struct column_shape){0};
    for (size_t row = 0; row < sample->rows; row++) {
        struct view cell = sample->cells[row * sample->width + column];
        struct review_date date;
        double number;
        if (cell.size == 0) continue;
        shape->filled++;
        shape->bytes += cell.size;
        if (schema_parse_number(cell, &number)) {
            if (shape->numbers == 0 || number < shape->smallest) shape->smallest = number;
            if (shape->numbers == 0 || number > shape->largest) shape->largest = number;
            shape->numbers++;
            add_distinct(shape, cell);
        } else if (date_parse(cell, &date) && date.precision >= DATE_DAY) {
            shape->dates++;
        } else {
            shape->words += count_words(cell);
        }
    }
}

/* Nine in ten, and at least one. */
static bool nearly_all(size_t count, size_t of) {
    return count > 0 && count * 10 >= of * 9;
}

static bool is_rating_column(const struct column_shape *shape, size_t rows) {
    if (!nearly_all(shape->numbers, rows) || shape->smallest < 0 || shape->largest > 100) return false;
    return shape->distinct <= 11 && (rows < 4 || shape->distinct < rows); /* ids differ in every row */
}

static bool is_text_column(const struct column_shape *shape) {
    return shape->filled > 0 && shape->numbers * 2 < shape->filled && shape->dates * 2 < shape->filled;
}

/* What the columns of a headerless table are; SIZE_MAX where there is none. */
struct layout {
    size_t date, rating, title, body;
};

static size_t average_bytes(const struct column_shape *shape) {
    return shape->filled ? shape->bytes / shape->filled : 0;
}

/* The review stands behind its title; a column that is three times as long before it shows that it does not. */
static void find_text(const struct column_shape *shapes, size_t count, struct layout *layout) {
    size_t texts = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == layout->date || i == layout->rating || !is_text_column(&shapes[i])) continue;
        texts++;
        if (layout->body == SIZE_MAX || average_bytes(&shapes[i]) * 3 >= average_bytes(&shapes[layout->body]))
            layout->body = i;
    }
    if (layout->body == SIZE_MAX) return;
    /* Date, one short text, an empty column: the reviews are those titles, their texts happen to be empty. */
    if (texts == 1 && layout->date != SIZE_MAX && layout->body + 1 < count && shapes[layout->body + 1].filled == 0)
        layout->body++;
    if (layout->body > 0) {
        size_t before = layout->body - 1;
        if (before != layout->date && before != layout->rating && is_text_column(&shapes[before])) layout->title = before;
    }
}

static struct layout find_layout(const struct sample *sample, size_t columns) {
    struct layout layout = {SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX};
    struct column_shape shapes[HEADERLESS_COLUMNS];
    for (size_t i = 0; i < columns; i++) {
        measure_column(sample, i, &shapes[i]);
        if (layout.date == SIZE_MAX && nearly_all(shapes[i].dates, shapes[i].filled))
            layout.date = i;
        else if (layout.rating == SIZE_MAX && is_rating_column(&shapes[i], sample->rows))
            layout.rating = i;
    }
    find_text(shapes, columns, &layout);
    bool wordy = layout.body != SIZE_MAX &&
                 (shapes[layout.body].words >= 2 * shapes[layout.body].filled || layout.title != SIZE_MAX);
    if (!wordy) layout.body = SIZE_MAX;
    return layout;
}

static void set_key(struct table_plan *plan, size_t column, enum schema_slot slot) {
    if (column == SIZE_MAX) return;
    plan->keys[column].slot = slot;
    plan->keys[column].rank = 1;
}

/* Columns that the user named by number; what was recognised gives way to them. */
static bool apply_numbers(struct table_plan *plan, struct record *record) {
    bool has_body = false;
    for (size_t i = 0; i < plan->column_count; i++) {
        struct record_key key = record_key_of_number(record, i + 1);
        if (key.mapped)
            plan->keys[i] = key;
        else if (key.has_column) {
            plan->keys[i].has_column = true;
            plan->keys[i].column = key.column;
        }
        has_body = has_body || (key.mapped && key.slot == SLOT_BODY);
    }
    return has_body;
}

/* A row that ends in its separator has a last cell that is always empty: no column. */
static size_t columns_in_use(const struct sample *sample) {
    size_t columns = sample->width > HEADERLESS_COLUMNS ? HEADERLESS_COLUMNS : sample->width;
    if (columns < 2 || columns < sample->width) return columns;
    for (size_t row = 0; row < sample->rows; row++) {
        if (sample->cells[row * sample->width + columns - 1].size > 0) return columns;
    }
    return columns - 1;
}

static void plan_headerless(struct table_plan *plan, const struct sample *sample, struct record *record, char *beside,
                            size_t beside_size) {
    for (size_t i = 0; i < plan->column_count; i++)
        plan->keys[i] = (struct record_key){.slot = SLOT_NONE};
    struct layout layout = find_layout(sample, columns_in_use(sample));
    set_key(plan, layout.date, SLOT_DATE);
    set_key(plan, layout.rating, SLOT_RATING);
    set_key(plan, layout.title, SLOT_TITLE);
    set_key(plan, layout.body, SLOT_BODY);
    plan->product_is_name = layout.body != SIZE_MAX && (layout.date != SIZE_MAX || layout.title != SIZE_MAX);
    if (apply_numbers(plan, record)) return;
    if (layout.body != SIZE_MAX && (layout.date != SIZE_MAX || layout.rating != SIZE_MAX || layout.title != SIZE_MAX))
        return;
    (void)snprintf(beside, beside_size,
                   "a table without a header whose columns cannot be told; name them by number: --map body=2");
}

/* ---- deciding ---- */

static revue_status plan_from(struct table_plan *plan, const struct sample *sample, struct record *record, char *beside,
                              size_t beside_size, revue_error *error) {
    plan->keys = memory_alloc_zeroed(sample->width, sizeof *plan->keys);
    if (!plan->keys) return error_no_memory(error);
    plan->dialect = sample->dialect;
    plan->column_count = sample->width;
    if (has_header(sample, record))
        plan_header(plan, sample, record, beside, beside_size);
    else
        plan_headerless(plan, sample, record, beside, beside_size);
    return REVUE_OK;
}

revue_status table_plan_decide(struct table_plan *plan, struct view window, bool whole, char separator,
                               struct record *record, char *beside, size_t beside_size, revue_error *error) {
    struct sample sample = {0};
    *plan = (struct table_plan){0};
    beside[0] = '\0';
    while (window.size > 0 && (window.data[0] == '\n' || window.data[0] == '\r'))
        window = view_of(window.data + 1, window.size - 1);
    revue_status status = choose_dialect(&sample, window, whole, separator, error);
    if (status == REVUE_OK && (sample.rows == 0 || sample.width == 0))
        (void)snprintf(beside, beside_size, "a table without rows");
    else if (status == REVUE_OK)
        status = plan_from(plan, &sample, record, beside, beside_size, error);
    sample_free(&sample);
    if (status != REVUE_OK || beside[0]) table_plan_free(plan);
    return status;
}

void table_plan_free(struct table_plan *plan) {
    memory_free(plan->keys);
    plan->keys = NULL;
}

bool table_line_is_review_header(struct view line, char separator, struct record *record) {
    struct record_outline outline = {0};
    size_t start = 0, cells = 0;
    for (size_t i = 0; i <= line.size; i++) {
        if (i < line.size && line.data[i] != separator) continue;
        struct view cell = view_of(line.data + start, i - start);
        if (cell.size >= 2 && cell.data[0] == '"' && cell.data[cell.size - 1] == '"')
            cell = view_of(cell.data + 1, cell.size - 2);
        record_outline_add(&outline, record_key_of(record, cell));
        start = i + 1;
        cells++;
    }
    return cells >= 2 && record_outline_is_review(&outline);
}
