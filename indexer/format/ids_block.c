/* ids_block.c - see ids_block.h.
 *
 * An id is the prefix that all ids of its block have, that of its group, and a rest. Front coding, each id against the one
 * before it, takes as many bytes, but has to be walked from the beginning of the block; here sizes stand before all text,
 * so that the place of each piece is a load, or a sum of half-bytes that are added up sixteen at a time. */
#include "indexer/format/ids_block.h"

#define NARROW_END 255u /* the largest end of a group's prefix that takes a byte */

static size_t shared_bytes(struct view a, struct view b) {
    size_t shared = 0;
    while (shared < a.size && shared < b.size && a.data[shared] == b.data[shared])
        shared++;
    return shared;
}

/* How ids are cut into groups. Sizes are without the prefix of the block. */
struct cut {
    const struct view *ids;
    uint32_t count;
    size_t prefix;                /* of the block */
    size_t sizes[IDS_BLOCK];      /* of the ids */
    size_t shared[IDS_BLOCK];     /* what an id shares with the one before it */
    size_t bytes[IDS_BLOCK + 1];  /* that the first so many ids take at least, the sizes of rests left out */
    uint32_t last[IDS_BLOCK + 1]; /* where the last group of that begins */
    uint32_t begins;              /* bit i: a group begins with id i */
    size_t text;                  /* bytes of the groups' prefixes */
};

static void cut_open(struct cut *cut, const struct view *ids, uint32_t count) {
    cut->ids = ids;
    cut->count = count;
    cut->prefix = ids[0].size;
    cut->shared[0] = 0;
    for (uint32_t i = 1; i < count; i++) {
        cut->shared[i] = shared_bytes(ids[i - 1], ids[i]);
        if (cut->shared[i] < cut->prefix) cut->prefix = cut->shared[i];
    }
    for (uint32_t i = 0; i < count; i++) {
        cut->sizes[i] = ids[i].size - cut->prefix;
        cut->shared[i] -= i > 0 ? cut->prefix : 0;
    }
}

/* The cheapest last group of the ids [0, to), whose end takes end_bytes: of equal ones the shortest. */
static void choose_last(struct cut *cut, uint32_t to, size_t end_bytes) {
    size_t shared = ID_MAX, longest = 0, sum = 0;
    cut->bytes[to] = SIZE_MAX;
    for (uint32_t from = to; from-- > 0;) {
        if (cut->sizes[from] < shared) shared = cut->sizes[from];
        if (cut->sizes[from] > longest) longest = cut->sizes[from];
        sum += cut->sizes[from];
        if (longest - shared > IDS_REST_MOST) return; /* nor could a longer group do */
        const size_t bytes = cut->bytes[from] + end_bytes + shared + sum - (to - from) * shared;
        if (bytes < cut->bytes[to]) {
            cut->bytes[to] = bytes;
            cut->last[to] = from;
        }
        if (cut->shared[from] < shared) shared = cut->shared[from];
    }
}

static uint32_t group_end(const struct cut *cut, uint32_t from) {
    uint32_t to = from + 1;
    while (to < cut->count && !(cut->begins >> to & 1))
        to++;
    return to;
}

/* What the ids of a group share. */
static size_t group_prefix(const struct cut *cut, uint32_t from, uint32_t to) {
    size_t shared = cut->sizes[from];
    for (uint32_t i = from + 1; i < to; i++)
        if (cut->shared[i] < shared) shared = cut->shared[i];
    return shared;
}

static void choose_groups(struct cut *cut, size_t end_bytes) {
    cut->begins = 0;
    cut->text = 0;
    cut->bytes[0] = 0;
    for (uint32_t to = 1; to <= cut->count; to++)
        choose_last(cut, to, end_bytes);
    for (uint32_t to = cut->count; to > 0; to = cut->last[to]) {
        cut->begins |= (uint32_t)1 << cut->last[to];
        cut->text += group_prefix(cut, cut->last[to], to);
    }
}

/* Leaves in rests the size of each. */
static void append_ends(const struct cut *cut, bool is_wide, size_t *rests, struct bytes *out) {
    size_t end = 0;
    for (uint32_t from = 0, to; from < cut->count; from = to) {
        to = group_end(cut, from);
        const size_t prefix = group_prefix(cut, from, to);
        end += prefix;
        if (is_wide)
            bytes_append_u16(out, (uint16_t)end);
        else
            bytes_append_u8(out, (uint8_t)end);
        for (uint32_t i = from; i < to; i++)
            rests[i] = cut->sizes[i] - prefix;
    }
}

static void append_text(const struct cut *cut, const size_t *rests, struct bytes *out) {
    const struct view *ids = cut->ids;
    for (uint32_t i = 0; i < cut->count; i += 2)
        bytes_append_u8(out, (uint8_t)(rests[i] | (i + 1 < cut->count ? rests[i + 1] << 4 : 0)));
    bytes_append(out, ids[0].data, cut->prefix);
    for (uint32_t i = 0; i < cut->count; i++)
        if (cut->begins >> i & 1) bytes_append(out, ids[i].data + cut->prefix, cut->sizes[i] - rests[i]);
    for (uint32_t i = 0; i < cut->count; i++)
        bytes_append(out, ids[i].data + ids[i].size - rests[i], rests[i]);
}

void ids_block_append(struct bytes *out, const struct view *ids, uint32_t count) {
    struct cut cut;
    size_t rests[IDS_BLOCK];
    cut_open(&cut, ids, count);
    choose_groups(&cut, 1);
    const bool is_wide = cut.text > NARROW_END;
    if (is_wide) choose_groups(&cut, 2);
    bytes_append_u16(out,
                     (uint16_t)(cut.prefix | (bit_count64(cut.begins) - 1) << IDS_GROUPS_SHIFT | (is_wide ? IDS_WIDE : 0)));
    bytes_append_u32(out, cut.begins);
    append_ends(&cut, is_wide, rests, out);
    append_text(&cut, rests, out);
}

#if defined(__SSE2__)
#define BYTE(count, at) ((count) >= 2 * (at) + 2 ? 0xFF : (count) == 2 * (at) + 1 ? 0x0F : 0)
#define HALF_ROW(count, at)                                                                                                \
    BYTE(count, at), BYTE(count, (at) + 1), BYTE(count, (at) + 2), BYTE(count, (at) + 3), BYTE(count, (at) + 4),           \
        BYTE(count, (at) + 5), BYTE(count, (at) + 6), BYTE(count, (at) + 7)
#define ROW(count)                                                                                                         \
    { HALF_ROW(count, 0), HALF_ROW(count, 8) }
#define ROWS(count) ROW(count), ROW((count) + 1), ROW((count) + 2), ROW((count) + 3)
const uint8_t ids_first_halves[IDS_BLOCK][IDS_BLOCK / 2] = {ROWS(0),  ROWS(4),  ROWS(8),  ROWS(12),
                                                            ROWS(16), ROWS(20), ROWS(24), ROWS(28)};
#endif
