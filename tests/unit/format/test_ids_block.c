/* test_ids_block.c - blocks of ids: every id comes back out of any block; no cut takes fewer bytes; damage. */
#include "indexer/format/ids_block.h"
#include "tests/unit/format/format_test.h"

struct sample {
    char text[IDS_BLOCK][ID_MAX];
    struct view ids[IDS_BLOCK];
    uint32_t count;
};

static void set_id(struct sample *sample, uint32_t at, const char *text, size_t size) {
    memcpy(sample->text[at], text, size);
    sample->ids[at] = view_of(sample->text[at], size);
}

/* Few letters, so that neighbours share much; now and then as long as can be. */
static void make_sample(struct sample *sample, uint64_t *random) {
    const uint32_t longest = random_below(random, 8) == 0 ? ID_MAX : 1 + random_below(random, 40);
    const uint32_t letters = 1 + random_below(random, 3);
    sample->count = random_below(random, 2) ? IDS_BLOCK : 1 + random_below(random, IDS_BLOCK);
    for (uint32_t i = 0; i < sample->count; i++) {
        char id[ID_MAX];
        const uint32_t size = 1 + random_below(random, longest);
        const uint32_t kept = i == 0 ? 0 : random_below(random, (uint32_t)sample->ids[i - 1].size + 1);
        if (i > 0) memcpy(id, sample->ids[i - 1].data, kept);
        for (uint32_t at = kept; at < size; at++)
            id[at] = (char)('a' + random_below(random, letters));
        set_id(sample, i, id, size);
    }
}

/* The block with nothing but so many bytes readable behind it. */
static uint8_t *with_slack(const uint8_t *data, size_t size, size_t slack) {
    uint8_t *copy = malloc(size + slack);
    assert_non_null(copy);
    memcpy(copy, data, size);
    memset(copy + size, 0xA5, slack);
    return copy;
}

/* What else is readable where pieces are looked for, and copied, in wide steps. */
static size_t wide_slack(size_t size) {
    return size < IDS_FRONT_BYTES ? IDS_FRONT_BYTES + ID_WIDE_STEP : ID_WIDE_STEP;
}

static void assert_ids(const struct sample *sample, const struct bytes *block) {
    uint8_t *data = with_slack(block->data, block->size, STREAM_SLACK);
    uint8_t *wide = with_slack(block->data, block->size, wide_slack(block->size));
    assert_in_range(block->size, 1, IDS_BLOCK_BYTES_MAX);
    for (uint32_t i = 0; i < sample->count; i++) {
        struct id_pieces pieces = {0};
        char out[ID_ROOM];
        if (sample->count == IDS_BLOCK && !(load_le16(data) & IDS_WIDE)) {
            assert_true(ids_block_find_narrow(wide, i, wide + block->size, &pieces));
            const char *wide_end = id_pieces_write(&pieces, ID_WIDE_STEP, out);
            assert_view(view_of(out, (size_t)(wide_end - out)), sample->ids[i].data, sample->ids[i].size);
        }
        assert_true(ids_block_find(data, block->size, sample->count, i, &pieces));
        assert_int_equal(id_pieces_size(&pieces), sample->ids[i].size);
        const char *end = id_pieces_write(&pieces, ID_STEP, out);
        assert_view(view_of(out, (size_t)(end - out)), sample->ids[i].data, sample->ids[i].size);
    }
    free(data);
    free(wide);
}

static void test_random_blocks(void **state) {
    (void)state;
    static struct sample sample;
    struct bytes block = {0};
    uint64_t random = 7;
    for (unsigned round = 0; round < 20000; round++) {
        make_sample(&sample, &random);
        bytes_clear(&block);
        ids_block_append(&block, sample.ids, sample.count);
        assert_ids(&sample, &block);
    }
    bytes_free(&block);
}

/* The bytes of a narrow block that is cut so; SIZE_MAX when that does not do. */
static size_t bytes_of_cut(const struct sample *sample, uint32_t begins) {
    size_t text = 0, rests = 0, prefix = ID_MAX, groups = 0;
    for (uint32_t from = 0, to; from < sample->count; from = to) {
        size_t shared = sample->ids[from].size, longest = 0;
        for (to = from; to < sample->count && (to == from || !(begins >> to & 1)); to++) {
            size_t same = 0;
            while (same < shared && same < sample->ids[to].size &&
                   sample->ids[to].data[same] == sample->ids[from].data[same])
                same++;
            shared = same;
            if (sample->ids[to].size > longest) longest = sample->ids[to].size;
            rests += sample->ids[to].size;
        }
        if (longest - shared > IDS_REST_MOST) return SIZE_MAX;
        rests -= (to - from) * shared;
        text += shared;
        groups++;
    }
    for (uint32_t i = 0; i < sample->count; i++) {
        size_t same = 0;
        while (same < prefix && same < sample->ids[i].size && sample->ids[i].data[same] == sample->ids[0].data[same])
            same++;
        prefix = same;
    }
    return IDS_HEAD_BYTES + groups + (sample->count + 1) / 2 + prefix + text - groups * prefix + rests;
}

static void test_fewest_bytes(void **state) {
    (void)state;
    static struct sample sample;
    struct bytes block = {0};
    uint64_t random = 99;
    unsigned compared = 0;
    for (unsigned round = 0; round < 2000; round++) {
        size_t least = SIZE_MAX;
        make_sample(&sample, &random);
        if (sample.count > 9) sample.count = 9;
        bytes_clear(&block);
        ids_block_append(&block, sample.ids, sample.count);
        if (load_le16(block.data) & IDS_WIDE) continue;
        for (uint32_t begins = 1; begins < 1u << sample.count; begins += 2) {
            const size_t bytes = bytes_of_cut(&sample, begins);
            if (bytes < least) least = bytes;
        }
        assert_int_equal(block.size, least);
        compared++;
    }
    assert_true(compared > 1500);
    bytes_free(&block);
}

/* Ids with nothing in common, each as long as can be: 12,800 bytes of prefixes. */
static void test_widest(void **state) {
    (void)state;
    static struct sample sample;
    struct bytes block = {0};
    sample.count = IDS_BLOCK;
    for (uint32_t i = 0; i < IDS_BLOCK; i++) {
        char id[ID_MAX];
        memset(id, 'A' + (char)i, sizeof id);
        set_id(&sample, i, id, sizeof id);
    }
    ids_block_append(&block, sample.ids, sample.count);
    assert_true(load_le16(block.data) & IDS_WIDE);
    assert_ids(&sample, &block);
    bytes_free(&block);
}

static void find_all(void *context, const uint8_t *flipped, size_t size) {
    uint8_t *data = with_slack(flipped, size, STREAM_SLACK), *wide = with_slack(flipped, size, wide_slack(size));
    for (uint32_t i = 0; i < *(const uint32_t *)context; i++) {
        struct id_pieces pieces = {0};
        const char *end = NULL;
        char out[ID_ROOM], wide_out[ID_ROOM];
        const bool is_there = ids_block_find(data, size, *(const uint32_t *)context, i, &pieces);
        if (is_there) {
            assert_in_range(id_pieces_size(&pieces), 1, ID_MAX);
            end = id_pieces_write(&pieces, ID_STEP, out);
        }
        if (*(const uint32_t *)context < IDS_BLOCK || !ids_block_find_narrow(wide, i, wide + size, &pieces)) continue;
        assert_in_range(id_pieces_size(&pieces), 1, ID_MAX);
        (void)id_pieces_write(&pieces, ID_WIDE_STEP, wide_out);
        if (is_there) assert_memory_equal(wide_out, out, (size_t)(end - out));
    }
    free(data);
    free(wide);
}

static void test_damage(void **state) {
    (void)state;
    static struct sample sample;
    struct bytes block = {0};
    uint64_t random = 3;
    for (unsigned round = 0; round < 60; round++) {
        make_sample(&sample, &random);
        bytes_clear(&block);
        ids_block_append(&block, sample.ids, sample.count);
        flip_each_bit(block.data, block.size < 300 ? block.size : 300, find_all, &sample.count);
        for (size_t size = 0; size < block.size && size < 300; size++)
            find_all(&sample.count, block.data, size);
    }
    bytes_free(&block);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_blocks),
        cmocka_unit_test(test_fewest_bytes),
        cmocka_unit_test(test_widest),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
