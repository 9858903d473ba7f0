/* synonyms.c - see synonyms.h. The record is the text as it was given, so that it can be shown, changed and given again. */
#include "indexer/format/synonyms.h"

#include "indexer/base/utf8.h"
#include "indexer/format/keys.h"

static revue_status wrong_line(const struct synonym_reader *reader, const char *what, revue_error *error) {
    revue_status status = error_set(error, REVUE_USAGE, "%s", what);
    if (error) error->line = reader->number;
    return status;
}

static bool is_blank(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\r';
}

static struct view trim(struct view text) {
    while (text.size > 0 && is_blank(text.data[0]))
        text = view_of(text.data + 1, text.size - 1);
    while (text.size > 0 && is_blank(text.data[text.size - 1]))
        text.size--;
    return text;
}

/* Up to the separator, which is taken with it; the whole text when there is none (*is_found, which may be NULL, tells). */
static struct view take_until(struct view *text, const char *separator, bool *is_found) {
    const size_t size = strlen(separator);
    const char *found = text->size >= size ? memmem(text->data, text->size, separator, size) : NULL;
    struct view part = *text;
    if (found) part.size = (size_t)(found - text->data);
    const size_t taken = found ? part.size + size : text->size;
    *text = view_of(text->data + taken, text->size - taken);
    if (is_found) *is_found = found != NULL;
    return part;
}

/* A # in a word is none: c#. */
static struct view without_comment(struct view text) {
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] == '#' && (i == 0 || is_blank(text.data[i - 1]))) return view_of(text.data, i);
    return text;
}

static revue_status add_entries(const struct synonym_reader *reader, struct view list, struct synonym_line *line,
                                revue_error *error) {
    bool goes_on;
    do {
        struct view entry = trim(take_until(&list, ",", &goes_on));
        if (entry.size == 0)
            return wrong_line(reader, "beside a comma or => a synonym is missing: add it, or take the sign away", error);
        if (line->count == SYNONYM_ENTRIES_MAX) return wrong_line(reader, "a line has at most 64 synonyms", error);
        line->entries[line->count++] = entry;
    } while (goes_on);
    return REVUE_OK;
}

static revue_status read_line(const struct synonym_reader *reader, struct view text, struct synonym_line *line,
                              revue_error *error) {
    struct view right = text;
    bool is_one_way;
    const struct view left = take_until(&right, "=>", &is_one_way);
    line->number = reader->number;
    line->count = line->left_count = 0;
    TRY(add_entries(reader, left, line, error));
    if (!is_one_way) return line->count > 1 ? REVUE_OK : wrong_line(reader, "one word alone has no synonym", error);
    line->left_count = line->count;
    return add_entries(reader, trim(right), line, error);
}

revue_status synonyms_next_line(struct synonym_reader *reader, struct synonym_line *line, revue_error *error) {
    while (reader->rest.size > 0) {
        struct view text = take_until(&reader->rest, "\n", NULL);
        reader->number++;
        text = trim(without_comment(text));
        if (text.size > 0) return read_line(reader, text, line, error);
    }
    return REVUE_NO_MATCH;
}

/* ---- the record ---- */

revue_status synonyms_read(store_txn *txn, struct view *text, revue_error *error) {
    struct key key = key_name("synonyms");
    return store_get(txn, TABLE_INDEX, key_view(&key), text, error);
}

revue_status synonyms_write(store_txn *txn, struct view text, revue_error *error) {
    struct key key = key_name("synonyms");
    return text.size > 0 ? store_put(txn, TABLE_INDEX, key_view(&key), text, error)
                         : store_delete(txn, TABLE_INDEX, key_view(&key), error);
}

revue_status synonyms_copy(store_txn *from, store_txn *to, revue_error *error) {
    struct view text;
    revue_status status = synonyms_read(from, &text, error);
    return status == REVUE_OK ? synonyms_write(to, text, error) : status == REVUE_NO_MATCH ? REVUE_OK : status;
}

const char *synonyms_check(struct view record) {
    struct synonym_reader reader = {.rest = record};
    struct synonym_line line;
    revue_status status;
    if (record.size == 0 || record.size > SYNONYMS_BYTES_MAX) return "it has the wrong size";
    if (utf8_valid_prefix(record.data, record.size) != record.size) return "it is not valid UTF-8";
    do
        status = synonyms_next_line(&reader, &line, NULL);
    while (status == REVUE_OK);
    return status == REVUE_NO_MATCH ? NULL : "a line of it cannot be read";
}
