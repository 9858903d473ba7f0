/* check_records.c - every record of every table: its checksum fits, its key has the shape of its table and stands behind
 * the one before. Keys that must ascend also bound the walk: damaged pages of LMDB may lead round in circles. */
#include "indexer/check/check.h"

#include "indexer/base/memory.h"
#include "indexer/format/keywords_batch.h"
#include "indexer/format/rows_ahead.h"
#include "indexer/format/run_times.h"
#include "indexer/format/synonyms.h"

#define CHUNKS(doc_count, size) ((doc_count) / (size) + ((doc_count) % (size) != 0))

#define RECORDS_BETWEEN_RESTS 256u     /* of at most 64 KiB each, to give back the pages that were read */
#define PAGES_MOST ((size_t)128 << 20) /* in memory, the program's own counted ... */
#define LOOKS_BETWEEN_RESTS 256u       /* ... when they are looked at */

void check_rest(struct check *check) {
    if (++check->rests % LOOKS_BETWEEN_RESTS == 0) store_limit_pages(check->txn, PAGES_MOST);
}

/* ---- walking a table ---- */

struct walk {
    enum store_table table;
    store_cursor *cursor;
    struct view key, value;
    bool is_sound, has_before;
    uint8_t before[KEY_MAX];
    size_t before_size;
};

/* True while there is a record; a damaged one is said. */
static bool take_step(struct check *check, struct walk *walk, revue_status *status, const revue_error *error) {
    walk->is_sound = *status == REVUE_OK;
    if (walk->is_sound) return true;
    if (*status == REVUE_NO_MATCH) {
        *status = REVUE_OK;
        return false;
    }
    if (!check_is_damage(*status)) return false;
    check_fault(check, "%s", error->message);
    check->has_bad_records[walk->table] = true;
    check->is_store_damaged |= walk->key.data == NULL;
    *status = REVUE_OK;
    return walk->key.data != NULL;
}

static bool ascends(struct check *check, struct walk *walk) {
    char place[128];
    struct view before = view_of(walk->before, walk->before_size);
    if (walk->key.size <= KEY_MAX && (!walk->has_before || view_compare(before, walk->key) < 0)) {
        memcpy(walk->before, walk->key.data, walk->key.size);
        walk->before_size = walk->key.size;
        walk->has_before = true;
        return true;
    }
    store_describe_key(walk->table, walk->key, place);
    check_fault(check, "%s: its key is not behind the one before: a page of the table is damaged", place);
    check->has_bad_records[walk->table] = true;
    return false;
}

static revue_status walk_records(struct check *check, struct walk *walk, check_record *visit, void *context,
                                 revue_error *error) {
    revue_status status = store_cursor_at_or_after(walk->cursor, view_of(NULL, 0), &walk->key, &walk->value, error);
    while (take_step(check, walk, &status, error)) {
        if (!ascends(check, walk)) return REVUE_OK;
        if (++check->rows[walk->table] % RECORDS_BETWEEN_RESTS == 0) store_release_pages(check->txn);
        TRY(visit(check, context, walk->key, walk->value, walk->is_sound, error));
        walk->key = view_of(NULL, 0);
        status = store_cursor_next(walk->cursor, &walk->key, &walk->value, error);
    }
    return status;
}

/* A damaged branch page makes LMDB pass over records without a word. */
static revue_status compare_count(struct check *check, enum store_table table, revue_error *error) {
    uint64_t counted = 0;
    TRY(store_count(check->txn, table, &counted, error));
    if (counted == check->rows[table]) return REVUE_OK;
    check_fault(check, "table %s: %llu records can be reached, there were %llu: a page of it is damaged",
                check_table_name(table), (unsigned long long)check->rows[table], (unsigned long long)counted);
    check->has_bad_records[table] = true;
    return REVUE_OK;
}

revue_status check_walk(struct check *check, enum store_table table, check_record *visit, void *context,
                        revue_error *error) {
    struct walk walk = {.table = table};
    revue_status status = store_cursor_open(check->txn, table, &walk.cursor, error);
    if (status == REVUE_OK) {
        status = walk_records(check, &walk, visit, context, error);
        store_cursor_close(walk.cursor);
    }
    if (status == REVUE_OK && !check->is_store_damaged) status = compare_count(check, table, error);
    check->is_store_damaged |= check_is_damage(status);
    store_release_pages(check->txn);
    return check_outcome(check, status, error, "table %s", check_table_name(table));
}

/* ---- looking things up ---- */

struct check_segment *check_find_segment(struct check *check, uint32_t number) {
    uint32_t low = 0, high = check->manifest.segment_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (check->manifest.segments[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_found = low < check->manifest.segment_count && check->manifest.segments[low].number == number;
    return is_found ? &check->segments[low] : NULL;
}

const struct schema_column *check_find_column(const struct check *check, unsigned number) {
    for (uint32_t i = 0; i < check->schema.count; i++)
        if (check->schema.columns[i].number == number) return &check->schema.columns[i];
    return NULL;
}

revue_status check_leftover(struct check *check, uint32_t segment, revue_error *error) {
    if (!check->has_manifest || segment == BASE_SEGMENT) return REVUE_OK;
    for (size_t i = 0; i < check->leftover_count; i++)
        if (check->leftovers[i] == segment) return REVUE_OK;
    if (!MEMORY_RESERVE(check->leftovers, check->leftover_capacity, check->leftover_count + 1))
        return error_no_memory(error);
    check->leftovers[check->leftover_count++] = segment;
    check_note(check, "segment %u is not in the manifest: a run was stopped, or is at work now; the next update removes it",
               segment);
    return REVUE_OK;
}

/* ---- tables ---- */

static void wrong_key(struct check *check, enum store_table table, struct view key, const char *what) {
    char place[128];
    store_describe_key(table, key, place);
    check_fault(check, "%s: %s", place, what);
    check->has_bad_records[table] = true;
}

/* Rows of sources that were written ahead of a commit, and what decides that they shall be. */
static void check_rows_ahead(struct check *check, struct view key, struct view value) {
    uint32_t chunk;
    if (!rows_ahead_key_parse(key, &chunk)) {
        check->rows_wait = rows_ahead_count_parse(value, &check->row_chunks_decided);
        if (!check->rows_wait) wrong_key(check, TABLE_INDEX, key, "it is no count of records");
        return;
    }
    const char *wrong = rows_ahead_check(value);
    if (!wrong && chunk != check->row_chunks) wrong = "a record before it is missing";
    if (wrong) wrong_key(check, TABLE_INDEX, key, wrong);
}

static void say_rows_ahead(struct check *check) {
    if (check->rows_wait && check->row_chunks < check->row_chunks_decided && !check->has_bad_records[TABLE_INDEX])
        check_fault(check, "rows of sources written ahead: there are %u records of them instead of %u", check->row_chunks,
                    check->row_chunks_decided);
    if (check->rows_wait)
        check_note(check, "rows of sources are not in their places yet: a run is at work, or was stopped; the next update "
                          "puts them there");
    else if (check->row_chunks > 0)
        check_note(check,
                   "rows of sources were written ahead of a commit: a run is at work, or was stopped; the next update "
                   "removes them");
}

static revue_status check_index_record(struct check *check, void *context, struct view key, struct view value,
                                       bool is_sound, revue_error *error) {
    static const char *const names[] = {"manifest", "schema", "settings"};
    uint32_t chunk;
    (void)context, (void)error;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (view_equal(key, view_of_string(names[i]))) return REVUE_OK;
    if (view_equal(key, view_of_string("synonyms"))) {
        const char *wrong = is_sound ? synonyms_check(value) : NULL;
        if (wrong) check_fault(check, "synonyms: %s", wrong);
    } else if (view_equal(key, view_of_string("rows")) || rows_ahead_key_parse(key, &chunk)) {
        if (is_sound) check_rows_ahead(check, key, value);
        check->row_chunks += key.size > strlen("rows");
    } else if (!run_times_key_parse(key, &chunk)) {
        wrong_key(check, TABLE_INDEX, key, "there is no record of that name");
    } else if (is_sound && check->has_manifest) {
        const char *wrong = run_times_check(value, chunk, check->manifest.last_run, &check->run_began);
        check->run_chunks++;
        if (wrong) check_fault(check, "times of the runs from %u on: %s", chunk * RUNS_IN_CHUNK, wrong);
    }
    return REVUE_OK;
}

static const char *wrong_column_key(const struct check *check, const struct manifest_segment *row, struct view key) {
    unsigned column = (unsigned)(uint8_t)key.data[4] << 8 | (uint8_t)key.data[5];
    if (check->has_schema && !check_find_column(check, column)) return "the schema has no such column";
    if (load_be32(key.data + 6) >= CHUNKS(row->doc_count, COLUMN_CHUNK)) return "the segment has no such chunk";
    return NULL;
}

static revue_status check_column_record(struct check *check, void *context, struct view key, struct view value,
                                        bool is_sound, revue_error *error) {
    (void)context, (void)value;
    if (key.size != 4 + 2 + 4) {
        wrong_key(check, TABLE_COLUMNS, key, "its key has not the shape of the table");
        return REVUE_OK;
    }
    struct check_segment *segment = check_find_segment(check, load_be32(key.data));
    if (!segment) return check_leftover(check, load_be32(key.data), error);
    const char *wrong = wrong_column_key(check, segment->row, key);
    if (wrong) wrong_key(check, TABLE_COLUMNS, key, wrong);
    if (!is_sound) segment->is_damaged = true;
    return REVUE_OK;
}

static revue_status check_delete_record(struct check *check, void *context, struct view key, struct view value,
                                        bool is_sound, revue_error *error) {
    (void)context, (void)value;
    if (key.size != 4 + 4) {
        wrong_key(check, TABLE_DELETES, key, "its key has not the shape of the table");
        return REVUE_OK;
    }
    struct check_segment *segment = check_find_segment(check, load_be32(key.data));
    if (!segment) return check_leftover(check, load_be32(key.data), error);
    if (load_be32(key.data + 4) >= CHUNKS(segment->row->doc_count, DELETES_CHUNK))
        wrong_key(check, TABLE_DELETES, key, "the segment has no such chunk");
    if (!is_sound) segment->is_damaged = true;
    return REVUE_OK;
}

/* Records are counted by column, so that check_keywords can tell when there are some that no batch knows. */
static revue_status check_keyword_record(struct check *check, void *context, struct view key, struct view value,
                                         bool is_sound, revue_error *error) {
    (void)context, (void)value, (void)is_sound, (void)error;
    unsigned column = key.size == 2 + 4 + 1 + 4 ? (unsigned)(uint8_t)key.data[0] << 8 | (uint8_t)key.data[1] : UINT16_MAX;
    if (column == UINT16_MAX || (uint8_t)key.data[6] >= PART_COUNT) {
        wrong_key(check, TABLE_KEYWORDS, key, "its key has not the shape of the table");
        return REVUE_OK;
    }
    const struct schema_column *known = check_find_column(check, column);
    if (check->has_schema && (!known || known->kind != COLUMN_KEYWORD || column >= CHECK_COLUMNS)) {
        wrong_key(check, TABLE_KEYWORDS, key, "the schema has no such keyword column");
        return REVUE_OK;
    }
    if (column < CHECK_COLUMNS) check->keyword_records[column]++;
    return REVUE_OK;
}

revue_status check_records(struct check *check, revue_error *error) {
    static const struct {
        enum store_table table;
        check_record *visit;
    } tables[] = {
        {TABLE_INDEX, check_index_record},      {TABLE_COLUMNS, check_column_record}, {TABLE_DELETES, check_delete_record},
        {TABLE_KEYWORDS, check_keyword_record}, {TABLE_SOURCES, check_source_record}, {TABLE_BLOCKS, check_block_record},
        {TABLE_SHADOWS, check_shadow_record},
    };
    check_part(check, "records of the table segments");
    TRY(check_segment_records(check, error));
    for (size_t i = 0; i < sizeof tables / sizeof *tables && !check->is_store_damaged; i++) {
        check_part(check, "records of the table %s", check_table_name(tables[i].table));
        TRY(check_walk(check, tables[i].table, tables[i].visit, NULL, error));
        if (tables[i].table == TABLE_INDEX) say_rows_ahead(check);
        if (tables[i].table == TABLE_SOURCES) check_sort_sources(check);
    }
    return REVUE_OK;
}
