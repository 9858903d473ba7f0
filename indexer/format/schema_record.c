/* schema_record.c - the columns an index has, what it remembers of the command line, and its sources (FORMAT.md, 3 and 11). */
#include "indexer/format/manifest.h"

#include "indexer/base/memory.h"
#include "indexer/format/columns.h"

#include <string.h>

#define SEVERAL 1u
#define INTERNAL 2u
#define DECLARED_MAX 32u             /* columns of one index */

static revue_status put_record(store_txn *txn, const char *name, struct bytes *record, revue_error *error) {
    struct key key = key_name(name);
    revue_status status = record->failed ? error_no_memory(error) : store_put(txn, TABLE_INDEX, key_view(&key), bytes_view(record), error);
    bytes_free(record);
    return status;
}

/* ---- schema ---- */

static revue_status add_column(struct schema *schema, uint16_t number, enum column_kind kind, unsigned flags, struct view name, revue_error *error) {
    size_t capacity = schema->capacity;
    char *copy = memory_copy_bytes(name.data, name.size);
    if (!copy || !MEMORY_RESERVE(schema->columns, capacity, (size_t)schema->count + 1)) {
        memory_free(copy);
        return error_no_memory(error);
    }
    schema->capacity = (uint32_t)capacity;
    schema->columns[schema->count++] = (struct schema_column){number, kind, (flags & SEVERAL) != 0, (flags & INTERNAL) != 0, copy};
    return REVUE_OK;
}

revue_status schema_new(struct schema *schema, revue_error *error) {
    static const struct {
        const char *name;
        uint16_t number;
        enum column_kind kind;
        unsigned flags;
    } built_in[] = {
        {"rating", COLUMN_OF_RATING, COLUMN_NUMBER, 0},       {"stars", COLUMN_OF_STARS, COLUMN_NUMBER, 0},
        {"date", COLUMN_OF_DATE, COLUMN_DATE, 0},             {"date-precision", COLUMN_OF_DATE_PRECISION, COLUMN_NUMBER, INTERNAL},
        {"votes", COLUMN_OF_VOTES, COLUMN_NUMBER, 0},         {"lang", COLUMN_OF_LANG, COLUMN_KEYWORD, 0},
        {"product", COLUMN_OF_PRODUCT, COLUMN_KEYWORD, 0},    {"author", COLUMN_OF_AUTHOR, COLUMN_KEYWORD, 0},
        {"tags", COLUMN_OF_TAGS, COLUMN_KEYWORD, SEVERAL},    {"source", COLUMN_OF_SOURCE, COLUMN_NUMBER, INTERNAL},
        {"run", COLUMN_OF_RUN, COLUMN_NUMBER, INTERNAL},      {"column-hash", COLUMN_OF_HASH, COLUMN_NUMBER, INTERNAL},
    };
    memset(schema, 0, sizeof *schema);
    schema->version = 1;
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++) {
        revue_status status = add_column(schema, built_in[i].number, built_in[i].kind, built_in[i].flags, view_of_string(built_in[i].name), error);
        if (status != REVUE_OK) {
            schema_free(schema);
            return status;
        }
    }
    return REVUE_OK;
}

void schema_free(struct schema *schema) {
    for (uint32_t i = 0; i < schema->count; i++) memory_free(schema->columns[i].name);
    memory_free(schema->columns);
    memset(schema, 0, sizeof *schema);
}

const struct schema_column *schema_find(const struct schema *schema, struct view name) {
    for (uint32_t i = 0; i < schema->count; i++)
        if (view_equal(view_of_string(schema->columns[i].name), name)) return &schema->columns[i];
    return NULL;
}

revue_status schema_declare(struct schema *schema, struct view name, enum column_kind kind, uint16_t *number, revue_error *error) {
    const struct schema_column *found = schema_find(schema, name);
    if (name.size == 0) return error_set(error, REVUE_USAGE, "--column needs a name");
    if (schema_slot_by_name(name) != SLOT_NONE || (found && found->number < COLUMN_DECLARED))
        return error_set(error, REVUE_USAGE, "--column %.*s: every index has that field already; use --map to fill it", (int)name.size, name.data);
    if (found && found->kind != kind)
        return error_set(error, REVUE_USAGE, "--column %.*s was declared with another kind: make a new index to change it", (int)name.size, name.data);
    if (found) {
        *number = found->number;
        return REVUE_OK;
    }
    uint16_t next = COLUMN_DECLARED;
    for (uint32_t i = 0; i < schema->count; i++)
        if (schema->columns[i].number >= next) next = (uint16_t)(schema->columns[i].number + 1);
    if (next >= COLUMN_DECLARED + DECLARED_MAX) return error_set(error, REVUE_USAGE, "at most %u columns can be declared", DECLARED_MAX);
    TRY(add_column(schema, next, kind, 0, name, error));
    *number = next;
    return REVUE_OK;
}

revue_status schema_read(store_txn *txn, struct schema *schema, revue_error *error) {
    struct key key = key_name("schema");
    struct view value;
    memset(schema, 0, sizeof *schema);
    TRY(store_get(txn, TABLE_INDEX, key_view(&key), &value, error));
    struct byte_reader reader = byte_reader_of(value.data, value.size);
    revue_status status = REVUE_OK;
    unsigned count = byte_reader_u16(&reader);
    for (unsigned i = 0; i < count && status == REVUE_OK && !reader.failed; i++) {
        uint16_t number = byte_reader_u16(&reader);
        unsigned kind = byte_reader_u8(&reader), flags = byte_reader_u8(&reader);
        struct view name = byte_reader_view(&reader);
        if (kind > COLUMN_DATE) reader.failed = true;
        if (!reader.failed) status = add_column(schema, number, (enum column_kind)kind, flags, name, error);
    }
    schema->version = byte_reader_u32(&reader);
    if (status == REVUE_OK && (reader.failed || byte_reader_left(&reader) > 0))
        status = error_set(error, REVUE_CORRUPT, "the schema record has the wrong size: the index is damaged");
    if (status != REVUE_OK) schema_free(schema);
    return status;
}

revue_status schema_write(store_txn *txn, const struct schema *schema, revue_error *error) {
    struct bytes record = {0};
    bytes_append_u16(&record, (uint16_t)schema->count);
    for (uint32_t i = 0; i < schema->count; i++) {
        const struct schema_column *column = &schema->columns[i];
        bytes_append_u16(&record, column->number);
        bytes_append_u8(&record, (uint8_t)column->kind);
        bytes_append_u8(&record, (uint8_t)((column->has_several ? SEVERAL : 0) | (column->is_internal ? INTERNAL : 0)));
        bytes_append_view(&record, view_of_string(column->name));
    }
    bytes_append_u32(&record, schema->version);
    return put_record(txn, "schema", &record, error);
}

/* ---- settings ---- */

revue_status settings_add(struct settings *settings, const char *name, const char *value, revue_error *error) {
    char *name_copy = memory_copy_string(name), *value_copy = memory_copy_string(value);
    if (!name_copy || !value_copy || !MEMORY_RESERVE(settings->rows, settings->capacity, settings->count + 1)) {
        memory_free(name_copy);
        memory_free(value_copy);
        return error_no_memory(error);
    }
    settings->rows[settings->count++] = (struct setting){name_copy, value_copy};
    return REVUE_OK;
}

void settings_remove(struct settings *settings, const char *name) {
    size_t kept = 0;
    for (size_t i = 0; i < settings->count; i++) {
        if (strcmp(settings->rows[i].name, name) != 0) {
            settings->rows[kept++] = settings->rows[i];
            continue;
        }
        memory_free(settings->rows[i].name);
        memory_free(settings->rows[i].value);
    }
    settings->count = kept;
}

const char *settings_get(const struct settings *settings, const char *name) {
    for (size_t i = 0; i < settings->count; i++)
        if (strcmp(settings->rows[i].name, name) == 0) return settings->rows[i].value;
    return NULL;
}

void settings_free(struct settings *settings) {
    for (size_t i = 0; i < settings->count; i++) {
        memory_free(settings->rows[i].name);
        memory_free(settings->rows[i].value);
    }
    memory_free(settings->rows);
    memset(settings, 0, sizeof *settings);
}

static revue_status read_setting(struct byte_reader *reader, struct settings *settings, revue_error *error) {
    struct view name = byte_reader_view(reader), value = byte_reader_view(reader);
    if (reader->failed) return REVUE_OK;
    char *name_text = memory_copy_bytes(name.data, name.size), *value_text = memory_copy_bytes(value.data, value.size);
    revue_status status = name_text && value_text ? settings_add(settings, name_text, value_text, error) : error_no_memory(error);
    memory_free(name_text);
    memory_free(value_text);
    return status;
}

revue_status settings_read(store_txn *txn, struct settings *settings, revue_error *error) {
    struct key key = key_name("settings");
    struct view value;
    memset(settings, 0, sizeof *settings);
    revue_status status = store_get(txn, TABLE_INDEX, key_view(&key), &value, error);
    if (status == REVUE_NO_MATCH) return REVUE_OK;
    TRY(status);
    struct byte_reader reader = byte_reader_of(value.data, value.size);
    uint64_t count = byte_reader_varint(&reader);
    for (uint64_t i = 0; i < count && status == REVUE_OK && !reader.failed; i++) status = read_setting(&reader, settings, error);
    if (status == REVUE_OK && (reader.failed || byte_reader_left(&reader) > 0))
        status = error_set(error, REVUE_CORRUPT, "the settings record has the wrong size: the index is damaged");
    if (status != REVUE_OK) settings_free(settings);
    return status;
}

revue_status settings_write(store_txn *txn, const struct settings *settings, revue_error *error) {
    struct bytes record = {0};
    bytes_append_varint(&record, settings->count);
    for (size_t i = 0; i < settings->count; i++) {
        bytes_append_view(&record, view_of_string(settings->rows[i].name));
        bytes_append_view(&record, view_of_string(settings->rows[i].value));
    }
    return put_record(txn, "settings", &record, error);
}

/* ---- sources ---- */

revue_status source_row_decode(struct view record, struct source_row *row, revue_error *error) {
    struct byte_reader reader = byte_reader_of(record.data, record.size);
    row->number = byte_reader_u32(&reader);
    row->size = byte_reader_u64(&reader);
    row->modified_ns = (int64_t)byte_reader_u64(&reader);
    row->inode = byte_reader_u64(&reader);
    row->hash = byte_reader_u64(&reader);
    row->prefix_bytes = byte_reader_u64(&reader);
    row->prefix_hash = byte_reader_u64(&reader);
    row->schema_version = byte_reader_u32(&reader);
    row->state = byte_reader_u8(&reader);
    row->reviews = byte_reader_u32(&reader);
    row->run = byte_reader_u32(&reader);
    row->read_at = (int64_t)byte_reader_u64(&reader);
    if (reader.failed || byte_reader_left(&reader) > 0)
        return error_set(error, REVUE_CORRUPT, "a source row has the wrong size: the index is damaged");
    return REVUE_OK;
}

revue_status source_row_get(store_txn *txn, uint16_t root, struct view path, struct source_row *row, revue_error *error) {
    struct key key = key_source(root, path);
    struct view value;
    TRY(store_get(txn, TABLE_SOURCES, key_view(&key), &value, error));
    return source_row_decode(value, row, error);
}

revue_status source_row_put(store_txn *txn, uint16_t root, struct view path, const struct source_row *row, revue_error *error) {
    struct key key = key_source(root, path);
    struct bytes record = {0};
    bytes_append_u32(&record, row->number);
    bytes_append_u64(&record, row->size);
    bytes_append_u64(&record, (uint64_t)row->modified_ns);
    bytes_append_u64(&record, row->inode);
    bytes_append_u64(&record, row->hash);
    bytes_append_u64(&record, row->prefix_bytes);
    bytes_append_u64(&record, row->prefix_hash);
    bytes_append_u32(&record, row->schema_version);
    bytes_append_u8(&record, row->state);
    bytes_append_u32(&record, row->reviews);
    bytes_append_u32(&record, row->run);
    bytes_append_u64(&record, (uint64_t)row->read_at);
    revue_status status = record.failed ? error_no_memory(error) : store_put(txn, TABLE_SOURCES, key_view(&key), bytes_view(&record), error);
    bytes_free(&record);
    return status;
}
