/* check_keywords.c - keyword tables: the parts of each batch agree, values follow each other without a hole, hashes are
 * sorted, and every value is found under its own number and no other. */
#include "indexer/check/check.h"

#include "indexer/format/hash_index.h"
#include "indexer/format/keywords_batch.h"

struct keyword_walk {
    struct check *check;
    keywords *table;
    struct bytes scratch;
};

static revue_status damaged(const struct keyword_walk *walk, const char *what, uint32_t number, revue_error *error) {
    return error_set(error, REVUE_CORRUPT, "value %u of column %u: %s", number, walk->table->column, what);
}

static size_t sized_bytes(size_t size) {
    size_t bytes = 1 + size;
    for (; size >= 0x80; size >>= 7)
        bytes++;
    return bytes;
}

static revue_status check_value(struct keyword_walk *walk, struct keywords_batch *batch, uint32_t index, uint64_t *next,
                                revue_error *error) {
    uint32_t number = batch->first + index, offset = 0, found = 0;
    struct view value = {NULL, 0};
    TRY(keywords_offset(walk->table, batch, index, &offset, error));
    if (offset != *next) return damaged(walk, "it does not begin where the one before ends", number, error);
    TRY(keywords_value(walk->table, number, &walk->scratch, &value, error));
    if (value.size == 0) return damaged(walk, "it is empty", number, error);
    *next += sized_bytes(value.size);
    revue_status status = keywords_number(walk->table, value, &found, error);
    if (status == REVUE_NO_MATCH) return damaged(walk, "it is not found by its hash", number, error);
    if (status == REVUE_OK && found != number) return damaged(walk, "it has a smaller number too", number, error);
    return status;
}

static revue_status check_hashes(struct keyword_walk *walk, struct keywords_batch *batch, revue_error *error) {
    uint64_t before = 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        uint64_t element = 0;
        TRY(keywords_hash(walk->table, batch, i, &element, error));
        if ((i > 0 && element <= before) || hash_index_number(element) >= batch->count)
            return damaged(walk, "the hashes of its batch are not sorted", batch->first, error);
        before = element;
    }
    return REVUE_OK;
}

static revue_status check_batch(struct keyword_walk *walk, struct keywords_batch *batch, uint32_t *records,
                                revue_error *error) {
    uint64_t next = 0;
    TRY(check_hashes(walk, batch, error));
    for (uint32_t i = 0; i < batch->count; i++)
        TRY(check_value(walk, batch, i, &next, error));
    if (next != batch->parts[PART_VALUES].size)
        return damaged(walk, "bytes are left over behind the values of its batch", batch->first, error);
    for (unsigned part = 0; part < PART_COUNT; part++)
        *records += KEYWORDS_EXTENTS(batch->parts[part].size);
    return REVUE_OK;
}

static revue_status check_table(struct check *check, keywords *table, revue_error *error) {
    struct keyword_walk walk = {.check = check, .table = table};
    uint32_t records = 0;
    revue_status status = REVUE_OK;
    for (size_t i = 0; i < table->batch_count && status == REVUE_OK; i++)
        status = check_batch(&walk, &table->batches[i], &records, error);
    bytes_free(&walk.scratch);
    TRY(status);
    if (records != check->keyword_records[table->column])
        check_fault(check, "keywords of column %u: %u records, the batches have %u", table->column,
                    check->keyword_records[table->column], records);
    return REVUE_OK;
}

revue_status check_keywords(struct check *check, revue_error *error) {
    for (uint32_t i = 0; i < check->schema.count; i++) {
        const struct schema_column *column = &check->schema.columns[i];
        keywords *table = NULL;
        if (column->kind != COLUMN_KEYWORD || column->number >= CHECK_COLUMNS) continue;
        check_part(check, "keywords of column %s", column->name);
        revue_status status = keywords_open(&table, check->txn, column->number, error);
        if (status == REVUE_OK) {
            check->keyword_values[column->number] = keywords_count(table);
            status = check_table(check, table, error);
            keywords_close(table);
        }
        if (status != REVUE_OK) check->has_bad_records[TABLE_KEYWORDS] = true;
        TRY(check_outcome(check, status, error, "keywords of column %s", column->name));
    }
    return REVUE_OK;
}
