/* fuzz_synonyms.c - lines of synonyms from any text. What a line gives are pieces of it, in order and without blanks around
 * them; written anew from these it gives the same. */
#include "indexer/base/utf8.h"
#include "indexer/format/synonyms.h"
#include "tests/fuzz/fuzz.h"

static bool is_blank(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\r';
}

/* *from: where the entry before it ended. */
static void check_entry(struct view entry, const char **from, const char *end) {
    require(entry.size > 0 && entry.data >= *from && entry.data + entry.size <= end);
    require(!is_blank(entry.data[0]) && !is_blank(entry.data[entry.size - 1]));
    require(!memchr(entry.data, ',', entry.size) && !memchr(entry.data, '\n', entry.size));
    *from = entry.data + entry.size;
}

static void write_line(const struct synonym_line *line, struct bytes *out) {
    for (uint32_t i = 0; i < line->count; i++) {
        if (i > 0) bytes_append_string(out, i == line->left_count ? "=>" : ",");
        bytes_append(out, line->entries[i].data, line->entries[i].size);
    }
}

static void read_anew(const struct synonym_line *line) {
    struct bytes written = {0};
    struct synonym_line again;
    write_line(line, &written);
    struct synonym_reader reader = {.rest = bytes_view(&written)};
    require(synonyms_next_line(&reader, &again, NULL) == REVUE_OK && again.number == 1);
    require(again.count == line->count && again.left_count == line->left_count);
    for (uint32_t i = 0; i < line->count; i++)
        require(view_equal(again.entries[i], line->entries[i]));
    require(synonyms_next_line(&reader, &again, NULL) == REVUE_NO_MATCH);
    bytes_free(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct view text = view_of(data, size);
    struct synonym_reader reader = {.rest = text};
    struct synonym_line line;
    revue_error error = {0};
    revue_status status;
    const char *from = text.data;
    uint64_t number = 0;
    while ((status = synonyms_next_line(&reader, &line, &error)) == REVUE_OK) {
        require(line.number > number && line.count >= 2 && line.count <= SYNONYM_ENTRIES_MAX);
        require(line.left_count < line.count);
        number = line.number;
        for (uint32_t i = 0; i < line.count; i++)
            check_entry(line.entries[i], &from, text.data + size);
        read_anew(&line);
    }
    require(status == REVUE_NO_MATCH || (status == REVUE_USAGE && error.line > number && error.message[0]));
    const bool is_sound = size > 0 && size <= SYNONYMS_BYTES_MAX && utf8_valid_prefix(text.data, size) == size;
    require((synonyms_check(text) == NULL) == (is_sound && status == REVUE_NO_MATCH));
    return 0;
}
