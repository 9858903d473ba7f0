/* page_token.h - where a page of hits ended, as a text that whoever asks for the next page gives back.
 *
 * The index may have moved on by then. So the token holds the statistics that its query was scored with: under them every
 * review that did not change has the score that it had, and stands where it stood before or behind the last hit shown.
 *
 * As bytes (varint: LEB128; all else little-endian), written in base64url without padding:
 *     u8  1, the version          u8  bits: 1 all the words, 2 ordered by keys
 *     16  UUID of the index       u64 hash of what was asked
 *     varint reviews              f64 average length of each of the four fields
 *     varint count, then as many varints: how many reviews have each word of the leaves
 *     i64 the moment that ages count from             varint rank of the last hit             i32 its score
 *     u8  count of keys, then each: u8 kind (0 number, 1 text), f64 or varint size and bytes
 *     varint size and bytes of the id                 u32 checksum: the low half of XXH3 over all before it */
#ifndef REVUE_COLLECT_PAGE_TOKEN_H
#define REVUE_COLLECT_PAGE_TOKEN_H

#include "indexer/base/arena.h"
#include "indexer/base/error.h"
#include "indexer/review/review.h"

#define SORT_KEYS_MAX 4u
#define PAGE_TOKEN_MAX 65536u /* characters */

struct page_key { /* of an order by columns */
    bool is_text; /* a keyword; else a number, infinite where the hit has no value */
    double number;
    struct view text;
};
struct page_token {
    uint8_t uuid[16];
    uint64_t query;
    bool all, is_sorted;
    /* Statistics. */
    uint64_t reviews;
    double average[FIELD_COUNT];
    const uint64_t *dfs;
    size_t df_count;
    int64_t now;
    /* The last hit. */
    uint64_t rank;
    int32_t score;
    struct page_key keys[SORT_KEYS_MAX];
    uint32_t key_count;
    const char *id;
};

/* *text is in the arena. */
revue_status page_token_write(const struct page_token *token, struct arena *arena, const char **text, revue_error *error);
/* What it points to is in the arena. REVUE_USAGE for a text that is no token. It may come from anybody: every number is
 * within the bounds that scoring relies on. */
revue_status page_token_read(const char *text, struct arena *arena, struct page_token *token, revue_error *error);

#endif
