/* settings_record.c - what update remembers of its command line (FORMAT.md, 3): rows of a name and a value, in order. */
#include "indexer/format/keys.h"
#include "indexer/format/manifest.h"

#include "indexer/base/memory.h"

/* ---- in memory ---- */

static void free_row(struct setting *row) {
    memory_free(row->name);
    memory_free(row->value);
}

static revue_status add_row(struct settings *settings, struct view name, struct view value, revue_error *error) {
    struct setting row = {memory_copy_bytes(name.data, name.size), memory_copy_bytes(value.data, value.size)};
    if (!row.name || !row.value || !MEMORY_RESERVE(settings->rows, settings->capacity, settings->count + 1)) {
        free_row(&row);
        return error_no_memory(error);
    }
    settings->rows[settings->count++] = row;
    return REVUE_OK;
}

revue_status settings_add(struct settings *settings, const char *name, const char *value, revue_error *error) {
    return add_row(settings, view_of_string(name), view_of_string(value), error);
}

void settings_remove(struct settings *settings, const char *name) {
    size_t kept = 0;
    for (size_t i = 0; i < settings->count; i++) {
        if (strcmp(settings->rows[i].name, name) == 0)
            free_row(&settings->rows[i]);
        else
            settings->rows[kept++] = settings->rows[i];
    }
    settings->count = kept;
}

const char *settings_get(const struct settings *settings, const char *name) {
    for (size_t i = 0; i < settings->count; i++) {
        if (strcmp(settings->rows[i].name, name) == 0) return settings->rows[i].value;
    }
    return NULL;
}

void settings_free(struct settings *settings) {
    for (size_t i = 0; i < settings->count; i++)
        free_row(&settings->rows[i]);
    memory_free(settings->rows);
    memset(settings, 0, sizeof *settings);
}

/* ---- the record ---- */

void settings_encode(const struct settings *settings, struct bytes *out) {
    bytes_append_varint(out, settings->count);
    for (size_t i = 0; i < settings->count; i++) {
        bytes_append_view(out, view_of_string(settings->rows[i].name));
        bytes_append_view(out, view_of_string(settings->rows[i].value));
    }
}

static bool is_text(struct view view) {
    return view.size == 0 || !memchr(view.data, '\0', view.size);
}

revue_status settings_decode(struct view record, struct settings *settings, revue_error *error) {
    struct byte_reader reader = byte_reader_of(record.data, record.size);
    struct settings decoded = {0};
    revue_status status = REVUE_OK;
    uint64_t count = byte_reader_varint(&reader);
    for (uint64_t i = 0; i < count && status == REVUE_OK && !reader.failed; i++) {
        struct view name = byte_reader_view(&reader), value = byte_reader_view(&reader);
        if (!is_text(name) || !is_text(value)) reader.failed = true;
        if (!reader.failed) status = add_row(&decoded, name, value, error);
    }
    if (status == REVUE_OK && (reader.failed || byte_reader_left(&reader) > 0)) {
        status = error_set(error, REVUE_CORRUPT, "the settings have the wrong size: restore the index, or rebuild it");
    }
    if (status != REVUE_OK) {
        settings_free(&decoded);
        return status;
    }
    *settings = decoded;
    return REVUE_OK;
}

revue_status settings_read(store_txn *txn, struct settings *settings, revue_error *error) {
    struct key key = key_name("settings");
    struct view value;
    revue_status status = store_get(txn, TABLE_INDEX, key_view(&key), &value, error);
    if (status == REVUE_OK) return settings_decode(value, settings, error);
    if (status != REVUE_NO_MATCH) return status;
    memset(settings, 0, sizeof *settings);
    return REVUE_OK;
}

revue_status settings_write(store_txn *txn, const struct settings *settings, revue_error *error) {
    struct key key = key_name("settings");
    struct bytes record = {0};
    settings_encode(settings, &record);
    revue_status status =
        record.failed ? error_no_memory(error) : store_put(txn, TABLE_INDEX, key_view(&key), bytes_view(&record), error);
    bytes_free(&record);
    return status;
}
