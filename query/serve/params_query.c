/* params_query.c - parameters as the words behind '?' have them (application/x-www-form-urlencoded; WHATWG URL, 5), and
 * paths. */
#include "indexer/base/utf8.h"
#include "query/serve/params_reader.h"

static int hex_digit(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

enum plus { PLUS_IS_BLANK, PLUS_IS_PLUS };

/* Appends what the percent signs of text stand for. */
static revue_status decode(struct view text, enum plus plus, struct bytes *out, revue_error *error) {
    for (size_t i = 0; i < text.size; i++) {
        int high, low;
        if (text.data[i] == '+' && plus == PLUS_IS_BLANK) {
            bytes_append_u8(out, ' ');
        } else if (text.data[i] != '%') {
            if (text.data[i] == '\0') return error_set(error, REVUE_USAGE, "a zero byte has no meaning here");
            bytes_append_u8(out, (uint8_t)text.data[i]);
        } else if (text.size - i < 3 || (high = hex_digit(text.data[i + 1])) < 0 ||
                   (low = hex_digit(text.data[i + 2])) < 0) {
            return error_set(error, REVUE_USAGE, "a percent sign without two hexadecimal digits behind it: write %%25");
        } else if (high == 0 && low == 0) {
            return error_set(error, REVUE_USAGE, "%%00 has no meaning here");
        } else {
            bytes_append_u8(out, (uint8_t)(high * 16 + low));
            i += 2;
        }
    }
    return out->failed ? error_no_memory(error) : REVUE_OK;
}

/* Decoded, and made valid UTF-8; the bytes are the arena's. */
static revue_status decode_text(struct view text, enum plus plus, struct arena *arena, struct view *decoded,
                                revue_error *error) {
    struct bytes raw = {0}, repaired = {0};
    revue_status status = decode(text, plus, &raw, error);
    if (status == REVUE_OK) (void)utf8_repair(&repaired, (const char *)raw.data, raw.size);
    if (status == REVUE_OK && !repaired.failed) {
        decoded->data = arena_copy(arena, repaired.data, repaired.size);
        decoded->size = repaired.size;
    }
    if (status == REVUE_OK && (repaired.failed || !decoded->data)) status = error_no_memory(error);
    bytes_free(&raw);
    bytes_free(&repaired);
    return status;
}

revue_status params_decode_path(struct view text, struct arena *arena, struct view *decoded, revue_error *error) {
    return decode_text(text, PLUS_IS_PLUS, arena, decoded, error);
}

static revue_status read_pair(struct params_reader *reader, struct view pair) {
    struct view name = pair, value = view_of("", 0);
    const char *equals = pair.size > 0 ? memchr(pair.data, '=', pair.size) : NULL;
    if (pair.size == 0) return REVUE_OK;
    if (equals) {
        name.size = (size_t)(equals - pair.data);
        value = view_of(equals + 1, pair.size - name.size - 1);
    }
    TRY(decode_text(name, PLUS_IS_BLANK, &reader->request->arena, &name, reader->error));
    TRY(decode_text(value, PLUS_IS_BLANK, &reader->request->arena, &value, reader->error));
    return params_set(reader, name, value);
}

revue_status params_read_query(struct view text, const struct request_limits *limits, struct search_request *request,
                               revue_error *error) {
    struct params_reader reader = {.request = request, .limits = limits, .error = error};
    size_t from = 0;
    while (from < text.size) {
        const char *ampersand = memchr(text.data + from, '&', text.size - from);
        size_t to = ampersand ? (size_t)(ampersand - text.data) : text.size;
        TRY(read_pair(&reader, view_of(text.data + from, to - from)));
        from = to + 1;
    }
    return params_end(&reader);
}
