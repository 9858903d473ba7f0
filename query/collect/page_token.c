/* page_token.c - see page_token.h. The checksum tells a token that was cut or mistyped; what is read is not believed for
 * it: anybody can work one out. */
#include "query/collect/page_token.h"

#include "indexer/base/hash.h"
#include "indexer/format/ids.h"

#include <math.h>

#define VERSION 1u
#define BIT_ALL 1u
#define BIT_SORTED 2u
#define REVIEWS_MAX (1ull << 40) /* more than any index has */
#define AVERAGE_MAX 4294967296.0

/* ---- base64url ---- */

static const char letters[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void append_base64(struct bytes *out, const struct bytes *in) {
    for (size_t i = 0; i < in->size; i += 3) {
        const size_t left = in->size - i;
        const uint32_t three = (uint32_t)in->data[i] << 16 | (left > 1 ? (uint32_t)in->data[i + 1] << 8 : 0) |
                               (left > 2 ? (uint32_t)in->data[i + 2] : 0);
        for (unsigned j = 0; j < 4 && j <= left; j++)
            bytes_append_u8(out, (uint8_t)letters[three >> (18 - 6 * j) & 63]);
    }
}

static bool letter_value(char letter, uint32_t *value) {
    const char *found = letter ? memchr(letters, letter, sizeof letters) : NULL;
    if (found) *value = (uint32_t)(found - letters);
    return found != NULL;
}

/* False for what no bytes are written as: other characters, a single one at the end, bits behind the last byte. */
static bool read_base64(struct bytes *out, const char *text) {
    uint32_t bits = 0, count = 0, value = 0;
    for (size_t i = 0; text[i]; i++) {
        if (i == PAGE_TOKEN_MAX || !letter_value(text[i], &value)) return false;
        bits = bits << 6 | value;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes_append_u8(out, (uint8_t)(bits >> count));
        bits &= (1u << count) - 1;
    }
    return count < 6 && bits == 0;
}

/* ---- writing ---- */

static void append_number(struct bytes *out, double number) {
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    bytes_append_u64(out, bits);
}

static void append_hit(struct bytes *out, const struct page_token *token) {
    bytes_append_varint(out, token->rank);
    bytes_append_u32(out, (uint32_t)token->score);
    bytes_append_u8(out, (uint8_t)token->key_count);
    for (uint32_t i = 0; i < token->key_count; i++) {
        bytes_append_u8(out, token->keys[i].is_text);
        if (token->keys[i].is_text)
            bytes_append_view(out, token->keys[i].text);
        else
            append_number(out, token->keys[i].number);
    }
    bytes_append_view(out, view_of_string(token->id));
}

static void append_token(struct bytes *out, const struct page_token *token) {
    bytes_append_u8(out, VERSION);
    bytes_append_u8(out, (uint8_t)((token->all ? BIT_ALL : 0) | (token->is_sorted ? BIT_SORTED : 0)));
    bytes_append(out, token->uuid, sizeof token->uuid);
    bytes_append_u64(out, token->query);
    bytes_append_varint(out, token->reviews);
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        append_number(out, token->average[field]);
    bytes_append_varint(out, token->df_count);
    for (size_t i = 0; i < token->df_count; i++)
        bytes_append_varint(out, token->dfs[i]);
    bytes_append_u64(out, (uint64_t)token->now);
    append_hit(out, token);
    if (!out->failed) bytes_append_u32(out, (uint32_t)hash_bytes(out->data, out->size));
}

revue_status page_token_write(const struct page_token *token, struct arena *arena, const char **text, revue_error *error) {
    struct bytes raw = {0}, written = {0};
    append_token(&raw, token);
    if (!raw.failed) append_base64(&written, &raw);
    const char *copy = raw.failed || written.failed ? NULL : arena_copy(arena, written.data, written.size);
    bytes_free(&raw);
    bytes_free(&written);
    if (!copy) return error_no_memory(error);
    *text = copy;
    return REVUE_OK;
}

/* ---- reading ---- */

static double read_number(struct byte_reader *reader) {
    const uint64_t bits = byte_reader_u64(reader);
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/* NULL when there is no memory. */
static const char *read_text(struct byte_reader *reader, struct arena *arena, struct view *text) {
    *text = byte_reader_view(reader);
    const char *copy = arena_copy(arena, text->data, text->size);
    text->data = copy;
    return copy;
}

/* False only for lack of memory, as the next. */
static bool read_statistics(struct byte_reader *reader, struct arena *arena, struct page_token *token) {
    token->reviews = byte_reader_varint(reader);
    reader->failed |= token->reviews > REVIEWS_MAX;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        token->average[field] = read_number(reader);
        reader->failed |= !(token->average[field] >= 1 && token->average[field] <= AVERAGE_MAX);
    }
    const uint64_t count = byte_reader_varint(reader);
    reader->failed |= count > byte_reader_left(reader);
    if (reader->failed) return true;
    uint64_t *dfs = arena_alloc_array(arena, (size_t)count + 1, sizeof *dfs);
    if (!dfs) return false;
    for (size_t i = 0; i < count; i++) {
        dfs[i] = byte_reader_varint(reader);
        reader->failed |= dfs[i] > token->reviews;
    }
    token->dfs = dfs;
    token->df_count = (size_t)count;
    return true;
}

static bool read_hit(struct byte_reader *reader, struct arena *arena, struct page_token *token) {
    struct view id;
    token->rank = byte_reader_varint(reader);
    token->score = (int32_t)byte_reader_u32(reader);
    token->key_count = byte_reader_u8(reader);
    reader->failed |= token->key_count > SORT_KEYS_MAX || token->rank > REVIEWS_MAX;
    for (uint32_t i = 0; i < token->key_count && !reader->failed; i++) {
        struct page_key *key = &token->keys[i];
        const uint8_t kind = byte_reader_u8(reader);
        key->is_text = kind == 1;
        if (key->is_text && !read_text(reader, arena, &key->text)) return false;
        if (!key->is_text) key->number = read_number(reader);
        reader->failed |= kind > 1 || isnan(key->number);
    }
    if (reader->failed) return true;
    token->id = read_text(reader, arena, &id);
    if (!token->id) return false;
    reader->failed |= id.size == 0 || id.size > ID_MAX || memchr(id.data, '\0', id.size);
    return true;
}

/* False for lack of memory; reader->failed for everything that is no token. */
static bool read_token(struct byte_reader *reader, struct arena *arena, struct page_token *token) {
    const uint8_t version = byte_reader_u8(reader), bits = byte_reader_u8(reader);
    const struct view uuid = byte_reader_bytes(reader, sizeof token->uuid);
    reader->failed |= version != VERSION || bits > (BIT_ALL | BIT_SORTED);
    if (reader->failed) return true;
    memcpy(token->uuid, uuid.data, sizeof token->uuid);
    token->all = bits & BIT_ALL;
    token->is_sorted = bits & BIT_SORTED;
    token->query = byte_reader_u64(reader);
    if (!read_statistics(reader, arena, token)) return false;
    token->now = (int64_t)byte_reader_u64(reader);
    return read_hit(reader, arena, token);
}

revue_status page_token_read(const char *text, struct arena *arena, struct page_token *token, revue_error *error) {
    struct bytes raw = {0};
    struct page_token read = {0};
    bool is_token = read_base64(&raw, text) && raw.size > 4, has_memory = !raw.failed;
    if (is_token && has_memory) {
        struct byte_reader reader = byte_reader_of(raw.data, raw.size - 4);
        is_token = load_le32(raw.data + raw.size - 4) == (uint32_t)hash_bytes(raw.data, raw.size - 4);
        has_memory = !is_token || read_token(&reader, arena, &read);
        is_token = is_token && !reader.failed && byte_reader_left(&reader) == 0;
    }
    bytes_free(&raw);
    if (!has_memory) return error_no_memory(error);
    if (!is_token)
        return error_set(error, REVUE_USAGE,
                         "--after: this is not a token as an answer gives it under next: it is cut, or changed");
    *token = read;
    return REVUE_OK;
}
