/* fuzz_page_token.c - tokens of pages, as anybody may send them. What is read is written again as the same text, and read
 * again; as bytes behind a right checksum, so that the fields are reached, it stays within its bounds. */
#include "indexer/base/hash.h"
#include "query/collect/page_token.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <string.h>

static void check(const struct page_token *token, const char *text, struct arena *arena) {
    const char *again;
    require(token->id && token->id[0] && token->key_count <= SORT_KEYS_MAX);
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        require(isfinite(token->average[field]) && token->average[field] >= 1);
    for (size_t i = 0; i < token->df_count; i++)
        require(token->dfs[i] <= token->reviews);
    for (uint32_t i = 0; i < token->key_count; i++)
        require(token->keys[i].is_text ? token->keys[i].text.data != NULL : !isnan(token->keys[i].number));
    require(page_token_write(token, arena, &again, NULL) == REVUE_OK);
    if (text) require(strcmp(again, text) == 0 || strlen(again) < strlen(text)); /* varints may be longer than they need */
}

static void read_text(const char *text, struct arena *arena) {
    struct page_token token;
    revue_error error = {0};
    revue_status status = page_token_read(text, arena, &token, &error);
    require(status == REVUE_OK || status == REVUE_USAGE);
    if (status == REVUE_OK) check(&token, text, arena);
}

/* The bytes with their checksum behind them, as text. */
static void read_bytes(const uint8_t *data, size_t size, struct arena *arena) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint8_t *raw = arena_alloc(arena, size + 8);
    char *text = arena_alloc(arena, size * 2 + 16);
    size_t written = 0;
    require(raw && text);
    memset(raw, 0, size + 8);
    if (size > 0) memcpy(raw, data, size);
    store_le32(raw + size, (uint32_t)hash_bytes(raw, size));
    for (size_t bit = 0; bit < (size + 4) * 8; bit += 6) {
        const unsigned two = (unsigned)raw[bit / 8] << 8 | raw[bit / 8 + 1];
        text[written++] = letters[two >> (10 - bit % 8) & 63];
    }
    text[written] = '\0';
    read_text(text, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena = {0};
    if (size > PAGE_TOKEN_MAX) return 0;
    const char *text = arena_copy(&arena, data, size);
    require(text != NULL);
    read_text(text, &arena);
    read_bytes(data, size, &arena);
    arena_free(&arena);
    return 0;
}
