/* common_words.c - see common_words.h. The stored texts need a table of their words by falling count, in which a word
 * stands once for every way it is written (FORMAT.md, 7): for whoever types that is a dictionary of the archive, ready in
 * place. */
#include "query/suggest/common_words.h"

#include "indexer/base/utf8.h"

#define SYMBOLS_WALKED 65536u /* of all tables: with those behind them the words of an archive get rare */

struct walking {
    bool (*take)(void *context, struct view word);
    void *context;
    struct bytes scratch;
    char first;
    uint32_t left; /* symbols that may still be looked at */
    revue_error *error;
};

/* A word that begins with no ASCII letter may begin with what is folded to one. */
static bool may_begin_with(char first, char byte) {
    const bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    return first == 0 || !is_letter || (byte | 0x20) == first;
}

static bool take_group(struct walking *walking, const struct symbol *symbols, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const struct view word = symbols[i].bytes;
        if (symbols[i].is_gap || word.size == 0 || !may_begin_with(walking->first, word.data[0])) continue;
        if (!walking->take(walking->context, word)) return false;
    }
    walking->left -= count < walking->left ? count : walking->left;
    return walking->left > 0;
}

static revue_status walk_table(struct walking *walking, struct symbol_tables *tables, bool is_local) {
    struct symbol symbols[SYMBOL_GROUP];
    uint32_t count;
    for (uint32_t group = 0; walking->left > 0; group++) {
        TRY(symbol_tables_group(tables, is_local, group, &walking->scratch, symbols, &count, walking->error));
        if (count == 0) return REVUE_OK;
        if (!take_group(walking, symbols, count)) walking->left = 0;
    }
    return REVUE_OK;
}

revue_status common_words_walk(revue_searcher *searcher, char first, bool (*take)(void *context, struct view word),
                               void *context, revue_error *error) {
    struct walking walking = {.take = take, .context = context, .first = first, .left = SYMBOLS_WALKED, .error = error};
    revue_status status = REVUE_OK;
    if (searcher->segment_count > 0) status = walk_table(&walking, &searcher->segments[0].segment->symbols, false);
    for (uint32_t i = 0; i < searcher->segment_count && status == REVUE_OK; i++)
        status = walk_table(&walking, &searcher->segments[i].segment->symbols, true);
    bytes_free(&walking.scratch);
    return status;
}

/* ---- folding ---- */

static void look_up(struct quick_fold *quick, uint32_t code) {
    char written[4], form[FORM_MAX];
    const size_t size = fold_word(view_of(written, utf8_encode(code, written)), false, LANGUAGE_ENGLISH, form);
    const size_t kept = size > sizeof quick->bytes[code] ? sizeof quick->bytes[code] : size;
    memcpy(quick->bytes[code], form, kept);
    quick->sizes[code] = (uint8_t)(1 + kept);
}

static size_t add_bytes(char *out, size_t size, size_t most, const char *bytes, size_t count) {
    if (count > most - size) count = most - size;
    memcpy(out + size, bytes, count);
    return size + count;
}

size_t quick_fold(struct quick_fold *quick, struct view word, size_t most, char out[QUICK_BYTES]) {
    size_t size = 0, length;
    if (most > QUICK_BYTES) most = QUICK_BYTES;
    for (size_t at = 0; at < word.size && size < most; at += length) {
        const char byte = word.data[at];
        length = 1;
        if (byte >= 'a' && byte <= 'z') {
            out[size++] = byte;
            continue;
        }
        if (byte >= 'A' && byte <= 'Z') {
            out[size++] = (char)(byte | 0x20);
            continue;
        }
        const uint32_t code = utf8_decode(word.data + at, word.size - at, &length);
        if (code >= QUICK_CODES) { /* hardly a script that has cases; but an apostrophe may be written so */
            size = code == 0x2019 ? add_bytes(out, size, most, "'", 1) : add_bytes(out, size, most, word.data + at, length);
            continue;
        }
        if (quick->sizes[code] == 0) look_up(quick, code);
        size = add_bytes(out, size, most, quick->bytes[code], quick->sizes[code] - 1u);
    }
    return size;
}

size_t common_word_fold(struct view word, enum language language, char form[FORM_MAX]) {
    bool is_ascii = true;
    for (size_t i = 0; i < word.size && is_ascii; i++)
        is_ascii = (word.data[i] & 0x80) == 0 && word.data[i] != '&';
    return fold_word(word, is_ascii, language, form);
}

bool common_word_is_clean(struct view word) {
    for (size_t i = 0; i < word.size; i++) {
        const uint8_t byte = (uint8_t)word.data[i];
        if (byte == '&') return false;
        if (byte == 0xC2 && i + 1 < word.size && (uint8_t)word.data[i + 1] == 0xAD) return false; /* a soft hyphen */
        if (byte == 0xE2 && i + 2 < word.size && (uint8_t)word.data[i + 1] == 0x80 && (uint8_t)word.data[i + 2] != 0x99)
            return false; /* joiners and marks of direction; not the apostrophe */
    }
    return true;
}
