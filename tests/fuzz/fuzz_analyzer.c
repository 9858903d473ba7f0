/* fuzz_analyzer.c - any text as a field: markup, scanner, folding, stemming and repeated paragraphs together.
 *
 * Input: u8 language, then any bytes, repaired to UTF-8 as the archive readers do. Tokens stand in the text, in order and
 * on whole characters; positions count those that are not repeated; a text without tags, written twice, counts once. */
#include "indexer/base/utf8.h"
#include "indexer/text/analyzer.h"
#include "indexer/text/markup.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#define TEXT_MAX (1u << 14)
#define ENTITY_BYTES_MAX 10u

static stemmer *the_stemmer(void) {
    static stemmer *stemmers;
    if (!stemmers) require(stemmer_create(&stemmers, NULL) == REVUE_OK);
    return stemmers;
}

/* Where tags and entities end. Their readers are called for every '<' and '&', also within tags. */
static void check_markup(struct view text) {
    uint8_t missing = 0;
    const uint32_t size = (uint32_t)text.size;
    for (uint32_t at = 0; at < size; at++) {
        bool block = false;
        uint32_t character = 0;
        if (text.data[at] == '<') {
            const uint32_t end = markup_tag_end(text.data, size, at, &missing, &block);
            require(end == at ? !block || missing : end > at + 1 && end <= size);
        } else if (text.data[at] == '&') {
            const uint32_t length = markup_entity(text.data, size, at, &character);
            require(length <= ENTITY_BYTES_MAX && length <= size - at);
            require(length == 0 || (character <= 0x10FFFF && (character < 0xD800 || character > 0xDFFF)));
        }
    }
}

static void check_token(const struct token *token, const struct token *before, struct view text) {
    require(token->size > 0 && token->start <= text.size && token->size <= text.size - token->start);
    require(!before || token->start > before->start);
    require(utf8_floor(text.data, token->start) == token->start);
    require(utf8_valid_prefix(text.data + token->start, token->size) == token->size);
    require(token->form.size > 0 && token->form.size <= FORM_MAX && token->stem.size > 0 && token->stem.size <= FORM_MAX);
    require(utf8_valid_prefix(token->form.data, token->form.size) == token->form.size);
    require(utf8_valid_prefix(token->stem.data, token->stem.size) == token->stem.size);
}

static void check_tokens(const struct tokens *tokens, struct view text) {
    uint32_t position = 0;
    for (size_t i = 0; i < tokens->count; i++) {
        const struct token *token = &tokens->items[i];
        check_token(token, i > 0 ? token - 1 : NULL, text);
        require(token->position == (token->repeated ? 0 : position));
        position += !token->repeated;
    }
    require(tokens->length == position);
}

static void check_twice(struct view text, enum language language, const struct tokens *once) {
    struct bytes doubled = {0};
    struct arena arena = {0};
    struct tokens twice;
    bytes_append(&doubled, text.data, text.size);
    bytes_append_u8(&doubled, '\n');
    bytes_append(&doubled, text.data, text.size);
    require(!doubled.failed);
    require(analyze_field(the_stemmer(), bytes_view(&doubled), language, &arena, &twice, NULL) == REVUE_OK);
    require(twice.count == 2 * once->count && twice.length == once->length);
    for (size_t i = 0; i < once->count; i++) {
        require(view_equal(twice.items[i].form, once->items[i].form));
        require(view_equal(twice.items[i + once->count].stem, once->items[i].stem) &&
                twice.items[i + once->count].repeated);
    }
    arena_free(&arena);
    bytes_free(&doubled);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bytes repaired = {0};
    struct arena arena = {0};
    struct tokens tokens;
    if (size == 0 || size > TEXT_MAX) return 0;
    const enum language language = (enum language)(data[0] % LANGUAGE_COUNT);
    check_markup(view_of(data + 1, size - 1));
    utf8_repair(&repaired, (const char *)data + 1, size - 1);
    require(!repaired.failed);
    /* An exact copy, so that a sanitizer sees the first byte read past the end. */
    char *exact = malloc(repaired.size ? repaired.size : 1);
    require(exact);
    if (repaired.size) memcpy(exact, repaired.data, repaired.size);
    const struct view text = view_of(exact, repaired.size);
    require(analyze_field(the_stemmer(), text, language, &arena, &tokens, NULL) == REVUE_OK);
    check_tokens(&tokens, text);
    if (!memchr(exact, '<', text.size)) check_twice(text, language, &tokens);
    free(exact);
    arena_free(&arena);
    bytes_free(&repaired);
    return 0;
}
