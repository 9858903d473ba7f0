/* schema_record.c - the columns an index has, built in and declared (FORMAT.md, 3). */
#include "indexer/format/columns.h"
#include "indexer/format/manifest.h"

#include "indexer/base/memory.h"
#include "indexer/base/utf8.h"

#define SEVERAL 1u
#define INTERNAL 2u

/* ---- in memory ---- */

static revue_status add_column(struct schema *schema, uint16_t number, enum column_kind kind, unsigned flags,
                               struct view name, revue_error *error) {
    size_t capacity = schema->capacity;
    char *copy = memory_copy_bytes(name.data, name.size);
    if (!copy || !MEMORY_RESERVE(schema->columns, capacity, (size_t)schema->count + 1)) {
        memory_free(copy);
        return error_no_memory(error);
    }
    schema->capacity = (uint32_t)capacity;
    schema->columns[schema->count++] =
        (struct schema_column){number, kind, (flags & SEVERAL) != 0, (flags & INTERNAL) != 0, copy};
    return REVUE_OK;
}

void schema_free(struct schema *schema) {
    for (uint32_t i = 0; i < schema->count; i++)
        memory_free(schema->columns[i].name);
    memory_free(schema->columns);
    memset(schema, 0, sizeof *schema);
}

static const struct {
    const char *name;
    uint16_t number;
    enum column_kind kind;
    unsigned flags;
} built_in[COLUMN_BUILT_IN_COUNT] = {
    {"rating", COLUMN_OF_RATING, COLUMN_NUMBER, 0},
    {"stars", COLUMN_OF_STARS, COLUMN_NUMBER, 0},
    {"date", COLUMN_OF_DATE, COLUMN_DATE, 0},
    {"date-precision", COLUMN_OF_DATE_PRECISION, COLUMN_NUMBER, INTERNAL},
    {"votes", COLUMN_OF_VOTES, COLUMN_NUMBER, 0},
    {"lang", COLUMN_OF_LANG, COLUMN_KEYWORD, 0},
    {"product", COLUMN_OF_PRODUCT, COLUMN_KEYWORD, 0},
    {"author", COLUMN_OF_AUTHOR, COLUMN_KEYWORD, 0},
    {"tags", COLUMN_OF_TAGS, COLUMN_KEYWORD, SEVERAL},
    {"source", COLUMN_OF_SOURCE, COLUMN_NUMBER, INTERNAL},
    {"run", COLUMN_OF_RUN, COLUMN_NUMBER, INTERNAL},
    {"column-hash", COLUMN_OF_HASH, COLUMN_NUMBER, INTERNAL},
};

revue_status schema_new(struct schema *schema, revue_error *error) {
    struct schema made = {.version = 1};
    revue_status status = REVUE_OK;
    for (size_t i = 0; i < COLUMN_BUILT_IN_COUNT && status == REVUE_OK; i++) {
        status = add_column(&made, built_in[i].number, built_in[i].kind, built_in[i].flags,
                            view_of_string(built_in[i].name), error);
    }
    if (status != REVUE_OK) {
        schema_free(&made);
        return status;
    }
    *schema = made;
    return REVUE_OK;
}

/* ---- names ---- */

static char fold_letter(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_same_name(struct view a, struct view b) {
    if (a.size != b.size) return false;
    for (size_t i = 0; i < a.size; i++) {
        if (fold_letter(a.data[i]) != fold_letter(b.data[i])) return false;
    }
    return true;
}

const struct schema_column *schema_find(const struct schema *schema, struct view name) {
    for (uint32_t i = 0; i < schema->count; i++) {
        if (is_same_name(view_of_string(schema->columns[i].name), name)) return &schema->columns[i];
    }
    return NULL;
}

static bool is_field(struct view name) {
    for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
        if (is_same_name(view_of_string(schema_slot_name((enum schema_slot)slot)), name)) return true;
    }
    return false;
}

/* A query must be able to say name:value. */
static bool is_usable_name(struct view name) {
    static const char reserved[] = ":\"'()=*?~^\\";
    if (name.size == 0 || name.size > SCHEMA_NAME_MAX || utf8_valid_prefix(name.data, name.size) != name.size) return false;
    if (name.data[0] == '-' || name.data[0] == '+') return false;
    for (size_t i = 0; i < name.size; i++) {
        unsigned char byte = (unsigned char)name.data[i];
        if (byte <= ' ' || byte == 0x7F || memchr(reserved, byte, sizeof reserved - 1)) return false;
    }
    return true;
}

/* ---- declaring ---- */

static revue_status add_declared(struct schema *schema, struct view name, enum column_kind kind, uint16_t *number,
                                 revue_error *error) {
    uint32_t next = COLUMN_DECLARED;
    for (uint32_t i = 0; i < schema->count; i++) {
        if (schema->columns[i].number >= next) next = schema->columns[i].number + 1u;
    }
    if (next >= COLUMN_DECLARED + SCHEMA_DECLARED_MAX) {
        return error_set(error, REVUE_USAGE, "--column %.*s: an index has at most %u declared columns", (int)name.size,
                         name.data, SCHEMA_DECLARED_MAX);
    }
    TRY(add_column(schema, (uint16_t)next, kind, 0, name, error));
    *number = (uint16_t)next;
    return REVUE_OK;
}

revue_status schema_declare(struct schema *schema, struct view name, enum column_kind kind, uint16_t *number,
                            revue_error *error) {
    int shown = name.size <= SCHEMA_NAME_MAX ? (int)name.size : (int)SCHEMA_NAME_MAX;
    if (!is_usable_name(name)) {
        return error_set(
            error, REVUE_USAGE,
            "--column %.*s: a name has 1 to %u bytes, without blanks, quotes or any of : ( ) = * ? ~ ^ and does not "
            "begin with + or -",
            shown, name.data, SCHEMA_NAME_MAX);
    }
    const struct schema_column *found = schema_find(schema, name);
    if (is_field(name) || (found && found->number < COLUMN_DECLARED)) {
        return error_set(error, REVUE_USAGE,
                         "--column %.*s: every index has a field of that name; fill it with --map %.*s=NAME", shown,
                         name.data, shown, name.data);
    }
    if (!found) return add_declared(schema, name, kind, number, error);
    if (found->kind != kind) {
        static const char *const kinds[] = {"keyword", "number", "date"};
        return error_set(error, REVUE_USAGE,
                         "--column %.*s is a %s column of this index: a new index is needed to change that", shown,
                         name.data, kinds[found->kind]);
    }
    *number = found->number;
    return REVUE_OK;
}

/* ---- the record ---- */

void schema_encode(const struct schema *schema, struct bytes *out) {
    bytes_append_u16(out, (uint16_t)schema->count);
    for (uint32_t i = 0; i < schema->count; i++) {
        const struct schema_column *column = &schema->columns[i];
        bytes_append_u16(out, column->number);
        bytes_append_u8(out, (uint8_t)column->kind);
        bytes_append_u8(out, (uint8_t)((column->has_several ? SEVERAL : 0) | (column->is_internal ? INTERNAL : 0)));
        bytes_append_view(out, view_of_string(column->name));
    }
    bytes_append_u32(out, schema->version);
}

static revue_status decode_column(struct byte_reader *reader, struct schema *schema, revue_error *error) {
    uint16_t number = byte_reader_u16(reader);
    unsigned kind = byte_reader_u8(reader), flags = byte_reader_u8(reader);
    struct view name = byte_reader_view(reader);
    if (reader->failed || kind > COLUMN_DATE || flags > (SEVERAL | INTERNAL) || !is_usable_name(name) ||
        schema_find(schema, name)) {
        return error_set(error, REVUE_CORRUPT, "column %u of the schema is damaged: restore the index, or rebuild it",
                         number);
    }
    return add_column(schema, number, (enum column_kind)kind, flags, name, error);
}

revue_status schema_decode(struct view record, struct schema *schema, revue_error *error) {
    struct byte_reader reader = byte_reader_of(record.data, record.size);
    struct schema decoded = {0};
    revue_status status = REVUE_OK;
    unsigned count = byte_reader_u16(&reader);
    if (count > COLUMN_BUILT_IN_COUNT + SCHEMA_DECLARED_MAX) reader.failed = true;
    for (unsigned i = 0; i < count && status == REVUE_OK && !reader.failed; i++)
        status = decode_column(&reader, &decoded, error);
    decoded.version = byte_reader_u32(&reader);
    if (status == REVUE_OK && (reader.failed || byte_reader_left(&reader) > 0)) {
        status = error_set(error, REVUE_CORRUPT, "the schema has the wrong size: restore the index, or rebuild it");
    }
    if (status != REVUE_OK) {
        schema_free(&decoded);
        return status;
    }
    *schema = decoded;
    return REVUE_OK;
}

revue_status schema_read(store_txn *txn, struct schema *schema, revue_error *error) {
    struct key key = key_name("schema");
    struct view value;
    TRY(store_get(txn, TABLE_INDEX, key_view(&key), &value, error));
    return schema_decode(value, schema, error);
}

revue_status schema_write(store_txn *txn, const struct schema *schema, revue_error *error) {
    struct key key = key_name("schema");
    struct bytes record = {0};
    schema_encode(schema, &record);
    revue_status status =
        record.failed ? error_no_memory(error) : store_put(txn, TABLE_INDEX, key_view(&key), bytes_view(&record), error);
    bytes_free(&record);
    return status;
}
