/* test_postings.c - posting lists of many shapes written, read in every way and compared with plain arrays. */
#include "indexer/format/postings_block.h"
#include "tests/support/random_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static uint64_t random_state = 20261123;
static revue_error error;

#define assert_ok(expression)                                                                                              \
    do {                                                                                                                   \
        if ((expression) != REVUE_OK) fail_msg("%s: %s", #expression, error.message);                                      \
    } while (0)

static const struct list_shape shapes[] = {
    {.count = 1, .gap = 1, .frequency = 1, .length = 0, .has_positions = true},
    {.count = 1, .gap = 9, .frequency = 4, .length = 9, .masks = 15, .has_positions = true},
    {.count = 1, .gap = 1u << 31, .frequency = 900, .length = 900, .has_positions = true},
    {.count = 2, .gap = 5, .frequency = 1, .length = 100, .has_positions = true},
    {.count = 127, .gap = 30, .frequency = 3, .length = 200, .masks = 3, .has_positions = true},
    {.count = 128, .gap = 30, .frequency = 3, .length = 200, .masks = 7, .has_positions = true},
    {.count = 129, .gap = 30, .frequency = 3, .length = 200, .masks = 15, .has_positions = true},
    {.count = 256, .gap = 2, .frequency = 9, .rare_frequency = 400, .length = 600, .has_positions = true},
    {.count = 257, .gap = 3, .frequency = 1, .length = 0, .has_positions = true},
    {.count = 700, .gap = 3, .frequency = 40, .rare_frequency = 5000, .length = 9000, .has_positions = true},
    {.count = 4096, .gap = 100, .frequency = 2, .rare_frequency = 30, .length = 300, .masks = 3, .has_positions = true},
    {.count = 4097, .gap = 100, .frequency = 2, .length = 300, .masks = 15, .has_positions = true},
    {.count = 5000, .gap = 1, .frequency = 2, .length = 300, .has_positions = true},
    {.count = 5000, .gap = 2000, .cluster = 30, .frequency = 3, .length = 30, .masks = 7, .has_positions = true},
    {.count = 9000, .gap = 400000, .frequency = 5, .length = 100000, .masks = 1, .has_positions = true},
    {.count = 40000, .gap = 7, .frequency = 3, .rare_frequency = 60, .length = 500, .masks = 3, .has_positions = true},
};
static const struct list_shape shapes_without_positions[] = {
    {.count = 10, .gap = 1u << 31, .frequency = 3, .length = 100},
    {.count = 300, .gap = 1u << 24, .frequency = UINT32_MAX - 1, .length = UINT32_MAX},
    {.count = 5000, .gap = 850000, .frequency = 2, .rare_frequency = UINT32_MAX - 1, .length = 1000, .masks = 15},
    {.count = 100, .gap = 2, .frequency = 1, .rare_frequency = UINT32_MAX - 1, .length = 0},
};
#define SHAPES (sizeof shapes / sizeof *shapes)
#define SHAPES_WITHOUT (sizeof shapes_without_positions / sizeof *shapes_without_positions)

/* ---- comparing ---- */

static bool bounds(const struct impacts *impacts, const struct posting *posting) {
    for (uint32_t i = 0; i < impacts->count; i++) {
        const struct impact pair = impacts->pairs[i];
        const bool is_high = pair.frequency_code == IMPACT_ANY || impact_value(pair.frequency_code) >= posting->frequency;
        if (is_high && impact_value(pair.length_code) <= posting->length) return true;
    }
    return false;
}

static void compare_head(const struct postings_reader *reader, const struct random_list *list, uint32_t first) {
    const uint32_t left = list->count - first;
    assert_int_equal(reader->block, first / POSTINGS_BLOCK);
    assert_int_equal(reader->block_first, first);
    assert_int_equal(reader->count, left < POSTINGS_BLOCK ? left : POSTINGS_BLOCK);
    assert_int_equal(reader->last_doc, list->postings[first + reader->count - 1].doc);
    assert_int_equal(reader->previous_last, first ? list->postings[first - 1].doc : UINT32_MAX);
}

static void compare_impacts(struct postings_reader *reader, const struct random_list *list) {
    struct impacts block, group, whole;
    uint32_t group_last;
    assert_ok(postings_reader_block_impacts(reader, &block, &error));
    assert_ok(postings_reader_list_impacts(reader, &whole, &error));
    assert_ok(postings_reader_group_impacts(reader, list->postings[reader->block_first].doc, &group, &group_last, &error));
    const uint32_t group_end = (reader->block_first / (POSTINGS_BLOCK * SKIP_GROUP) + 1) * POSTINGS_BLOCK * SKIP_GROUP;
    assert_int_equal(group_last, list->postings[group_end < list->count ? group_end - 1 : list->count - 1].doc);
    for (uint32_t i = 0; i < reader->count; i++) {
        const struct posting *posting = &list->postings[reader->block_first + i];
        assert_true(bounds(&block, posting) && bounds(&group, posting) && bounds(&whole, posting));
    }
    if (list->count > POSTINGS_BLOCK) {
        uint32_t frequencies[POSTINGS_BLOCK], lengths[POSTINGS_BLOCK];
        struct impacts exact;
        for (uint32_t i = 0; i < reader->count; i++) {
            frequencies[i] = list->postings[reader->block_first + i].frequency;
            lengths[i] = list->postings[reader->block_first + i].length;
        }
        impacts_of(frequencies, lengths, reader->count, &exact);
        assert_int_equal(block.count, exact.count);
        assert_memory_equal(block.pairs, exact.pairs, exact.count * sizeof exact.pairs[0]);
    } else {
        assert_int_equal(block.pairs[0].frequency_code, IMPACT_ANY);
    }
}

/* Before anything of the block is decoded: membership in a bitset, and frequencies one by one, in any order. */
static void compare_in_place(struct postings_reader *reader, const struct random_list *list, uint32_t first) {
    const uint32_t base = reader->previous_last + 1;
    assert_ok(postings_reader_lookup(reader, &error));
    assert_true(reader->has_docs || reader->bitset);
    for (uint32_t i = 0, doc = base; reader->bitset && i < reader->count; doc++) {
        uint32_t place;
        const bool is_there = postings_reader_bitset_has(reader, doc, &place);
        assert_int_equal(is_there, list->postings[first + i].doc == doc);
        assert_int_equal(place, i);
        i += is_there;
    }
    for (uint32_t i = 0; i < reader->count; i++) {
        const uint32_t index = (i * 61 + 17) % reader->count;
        uint32_t frequency;
        assert_ok(postings_reader_frequency(reader, index, &frequency, &error));
        assert_int_equal(frequency, list->postings[first + index].frequency);
    }
}

static void compare_block(struct postings_reader *reader, const struct random_list *list, uint32_t first) {
    compare_head(reader, list, first);
    compare_in_place(reader, list, first);
    assert_ok(postings_reader_masks(reader, &error));
    assert_ok(postings_reader_frequencies(reader, &error));
    assert_ok(postings_reader_docs(reader, &error));
    for (uint32_t i = 0; i < reader->count; i++) {
        const struct posting *posting = &list->postings[first + i];
        assert_int_equal(reader->docs[i], posting->doc);
        assert_int_equal(reader->frequencies[i], posting->frequency);
        assert_int_equal(reader->masks[i], posting->mask);
    }
    compare_impacts(reader, list);
}

/* Positions of the postings of the block: step 1 reads all, 3 every third, 0 a few in any order. */
static void compare_positions(struct positions_reader *positions, struct postings_reader *reader,
                              const struct random_list *list, uint32_t step) {
    if (!list->positions) return;
    assert_ok(postings_reader_frequencies(reader, &error));
    for (uint32_t turn = 0; turn < (step ? reader->count : 5); turn += step ? step : 1) {
        const uint32_t index = step ? turn : random_below(&random_state, reader->count);
        const uint32_t frequency = reader->frequencies[index];
        uint32_t *found = malloc((frequency + POSITIONS_BEHIND) * sizeof *found);
        assert_non_null(found);
        assert_ok(positions_reader_read(positions, reader, index, found, &error));
        assert_memory_equal(found, random_list_positions(list, reader->block_first + index), frequency * sizeof *found);
        free(found);
    }
}

/* The same of some postings at once. */
static void compare_several(struct positions_reader *positions, struct postings_reader *reader,
                            const struct random_list *list) {
    if (!list->positions) return;
    uint32_t count = 0;
    uint8_t indexes[POSTINGS_BLOCK];
    size_t sum = 0;
    const uint32_t one_in = 1 + random_below(&random_state, 40);
    for (uint32_t i = 0; i < reader->count; i++) {
        if (random_below(&random_state, one_in) > 0 && (count > 0 || i + 1 < reader->count)) continue;
        indexes[count++] = (uint8_t)i;
        sum += reader->frequencies[i];
    }
    uint32_t *found = malloc((sum + POSITIONS_BEHIND) * sizeof *found), *next = found;
    assert_non_null(found);
    assert_ok(positions_reader_read_several(positions, reader, indexes, count, found, &error));
    for (uint32_t i = 0; i < count; next += reader->frequencies[indexes[i++]])
        assert_memory_equal(next, random_list_positions(list, reader->block_first + indexes[i]),
                            reader->frequencies[indexes[i]] * sizeof *next);
    free(found);
}

/* The unit is as wide as its largest position needs, and no wider. */
static void check_unit(struct positions_reader *positions, struct postings_reader *reader, const struct random_list *list) {
    if (!list->positions) return;
    uint32_t largest = 0;
    for (uint32_t i = 0; i < reader->count; i++) {
        const uint32_t posting = reader->block_first + i;
        const uint32_t last = random_list_positions(list, posting)[list->postings[posting].frequency - 1];
        if (last > largest) largest = last;
    }
    assert_ok(positions_reader_check(positions, reader, largest, &error));
    if (reader->list.is_inline) return;
    assert_int_equal(positions_reader_check(positions, reader, 2 * largest + 1, &error), REVUE_CORRUPT);
}

static void open_list(struct postings_reader *reader, struct written_lists *written, const struct random_list *list,
                      uint32_t number) {
    assert_ok(
        postings_reader_open(reader, written_lists_streams(written), list->doc_count, &written->lists[number], &error));
}

static void assert_at_end(struct postings_reader *reader) {
    assert_int_equal(reader->count, 0);
    assert_int_equal(reader->last_doc, DOC_END);
    assert_ok(postings_reader_next_block(reader, &error));
    assert_ok(postings_reader_seek_block(reader, 5, &error));
    assert_ok(postings_reader_docs(reader, &error));
    struct impacts impacts;
    assert_ok(postings_reader_block_impacts(reader, &impacts, &error));
    assert_int_equal(impacts.count, 0);
    assert_int_equal(reader->count, 0);
}

/* ---- reading in every way ---- */

static void read_in_order(struct written_lists *written, const struct random_list *list, uint32_t number, uint32_t step) {
    struct postings_reader reader;
    struct positions_reader positions;
    positions_reader_open(&positions);
    open_list(&reader, written, list, number);
    for (uint32_t first = 0; first < list->count; first += POSTINGS_BLOCK) {
        compare_block(&reader, list, first);
        compare_positions(&positions, &reader, list, step);
        compare_several(&positions, &reader, list);
        check_unit(&positions, &reader, list);
        assert_ok(postings_reader_next_block(&reader, &error));
    }
    assert_at_end(&reader);
    positions_reader_close(&positions);
    postings_reader_close(&reader);
}

/* Targets a little or far ahead, on and beside postings; without decoding unless is_decoding. */
static void read_by_seeking(struct written_lists *written, const struct random_list *list, uint32_t number, uint32_t reach,
                            bool is_decoding) {
    struct postings_reader reader;
    struct positions_reader positions;
    positions_reader_open(&positions);
    open_list(&reader, written, list, number);
    uint64_t at = 0;
    while (at < list->count) {
        const uint32_t target = list->postings[at].doc - (random_below(&random_state, 2) && list->postings[at].doc ? 1 : 0);
        assert_ok(postings_reader_seek_block(&reader, target, &error));
        const uint32_t first = random_list_find(list, target) / POSTINGS_BLOCK * POSTINGS_BLOCK;
        if (reader.block_first > first) fail_msg("seek to %u went too far", target);
        compare_head(&reader, list, first);
        if (is_decoding) {
            compare_block(&reader, list, first);
            compare_positions(&positions, &reader, list, 0);
        }
        at += 1 + random_below(&random_state, reach);
    }
    if (list->doc_count < UINT32_MAX) {
        assert_ok(postings_reader_seek_block(&reader, list->doc_count, &error));
        assert_at_end(&reader);
    }
    positions_reader_close(&positions);
    postings_reader_close(&reader);
}

/* Group bounds ask ahead of the reader, and behind it, without moving it. */
static void ask_for_groups(struct written_lists *written, const struct random_list *list, uint32_t number) {
    struct postings_reader reader;
    open_list(&reader, written, list, number);
    for (unsigned turn = 0; turn < 40; turn++) {
        struct impacts impacts;
        uint32_t last;
        const uint32_t target = random_below(&random_state, list->doc_count), index = random_list_find(list, target);
        if (turn == 20) assert_ok(postings_reader_seek_block(&reader, list->postings[list->count / 2].doc, &error));
        const uint32_t block = reader.block;
        assert_ok(postings_reader_group_impacts(&reader, target, &impacts, &last, &error));
        assert_true(last >= list->postings[index].doc && bounds(&impacts, &list->postings[index]));
        assert_int_equal(reader.block, block);
        if (list->doc_count == UINT32_MAX) continue;
        assert_ok(postings_reader_group_impacts(&reader, list->doc_count, &impacts, &last, &error));
        assert_true(impacts.count == 0 && last == DOC_END);
    }
    postings_reader_close(&reader);
}

static void check_list(struct written_lists *written, const struct random_list *list, uint32_t number) {
    struct postings_reader reader;
    uint64_t tokens = 0;
    open_list(&reader, written, list, number);
    assert_ok(
        postings_check(&reader, random_list_length_of, (void *)(uintptr_t)list, list->positions != NULL, &tokens, &error));
    assert_int_equal(tokens, list->tokens);
    postings_reader_close(&reader);
}

static void read_all_ways(struct written_lists *written, const struct random_list *list, uint32_t number) {
    assert_int_equal(written->lists[number].df, list->count);
    assert_int_equal(written->lists[number].is_inline,
                     list->count == 1 && list->postings[0].frequency <= POSTINGS_INLINE_MAX);
    read_in_order(written, list, number, 1);
    read_in_order(written, list, number, 3);
    read_by_seeking(written, list, number, 40, true);
    read_by_seeking(written, list, number, 300, false);
    read_by_seeking(written, list, number, 9000, true);
    ask_for_groups(written, list, number);
    check_list(written, list, number);
}

static void round_trip(const struct list_shape *some, uint32_t count, size_t before) {
    struct random_list *lists = calloc(count, sizeof *lists);
    assert_non_null(lists);
    for (uint32_t i = 0; i < count; i++)
        random_list_make(&lists[i], &some[i], &random_state);
    struct written_lists written;
    written_lists_make(&written, lists, count, before);
    for (uint32_t i = 0; i < count; i++)
        read_all_ways(&written, &lists[i], i);
    written_lists_free(&written);
    for (uint32_t i = 0; i < count; i++)
        random_list_free(&lists[i]);
    free(lists);
}

static void test_round_trip(void **state) {
    (void)state;
    for (unsigned round = 0; round < 3; round++)
        round_trip(shapes, SHAPES, 0);
}

static void test_round_trip_without_positions(void **state) {
    (void)state;
    for (unsigned round = 0; round < 5; round++)
        round_trip(shapes_without_positions, SHAPES_WITHOUT, 0);
}

/* Whatever piece it is that lies across two extents. */
static void test_lists_across_extents(void **state) {
    (void)state;
    for (size_t before = EXTENT_BYTES - 9000; before < EXTENT_BYTES; before += before < EXTENT_BYTES - 64 ? 447 : 1) {
        round_trip(shapes + 7, 1, before);
        if (before % 13 == 0) round_trip(shapes + 9, 2, before);
    }
}

static void test_random_shapes(void **state) {
    (void)state;
    for (unsigned round = 0; round < 150; round++) {
        struct list_shape shape = {
            .count = 1 + random_below(&random_state, 1u << random_below(&random_state, 13)),
            .gap = 1 + random_below(&random_state, 1u << random_below(&random_state, 20)),
            .cluster = random_below(&random_state, 3) ? 0 : 1 + random_below(&random_state, 200),
            .frequency = 1 + random_below(&random_state, 1u << random_below(&random_state, 6)),
            .rare_frequency = random_below(&random_state, 3) ? 0 : 200,
            .length = random_below(&random_state, 1u << random_below(&random_state, 16)),
            .masks = (uint8_t)random_below(&random_state, 16),
            .has_positions = true,
        };
        round_trip(&shape, 1, 0);
    }
}

/* ---- forms a block takes ---- */

#define HEAD 2 /* bytes */

static size_t encoded_size(const uint32_t *docs, const uint32_t *frequencies, uint32_t count, uint32_t previous,
                           uint8_t *head) {
    uint8_t masks[POSTINGS_BLOCK], out[POSTINGS_BLOCK_BYTES];
    memset(masks, 1, sizeof masks);
    const size_t size = postings_block_encode(docs, frequencies, masks, count, previous, out);
    memcpy(head, out, HEAD);
    return size;
}

static void test_the_cheapest_form_is_taken(void **state) {
    (void)state;
    uint32_t docs[POSTINGS_BLOCK], frequencies[POSTINGS_BLOCK];
    uint8_t head[HEAD];
    for (uint32_t i = 0; i < POSTINGS_BLOCK; i++) {
        docs[i] = 100 + i;
        frequencies[i] = 1;
    }
    assert_int_equal(encoded_size(docs, frequencies, 128, 99, head), HEAD); /* all in a row: nothing but the head */
    frequencies[7] = 2;                                                     /* an exception of one: count, index */
    assert_int_equal(encoded_size(docs, frequencies, 128, 99, head), HEAD + 2);
    frequencies[7] = 1000; /* a larger one: 2 bytes of high bits, too */
    assert_int_equal(encoded_size(docs, frequencies, 128, 99, head), HEAD + 4);
    assert_int_equal(load_le16(head), 0x2000);
    frequencies[7] = 1;
    frequencies[4] = 4; /* of 5: as small without exceptions */
    frequencies[1] = 19;
    assert_int_equal(encoded_size(docs, frequencies, 5, 99, head), HEAD + 4);
    assert_int_equal(load_le16(head), 5 << 6);
    frequencies[4] = frequencies[1] = 1;
    assert_int_equal(encoded_size(docs, frequencies, 128, 50, head), HEAD + 3); /* only the first gap is not 0 */
    assert_int_equal(load_le16(head), 0x1000);
    for (uint32_t i = 0; i < POSTINGS_BLOCK; i++)
        docs[i] = 100 + i + i / 4 * 2; /* a gap of 2 every four */
    assert_int_equal(encoded_size(docs, frequencies, 128, 99, head), HEAD + 2 + 24);
    assert_int_equal(load_le16(head), 63);
    for (uint32_t i = 0; i < POSTINGS_BLOCK; i++)
        docs[i] = 100 + i * 5;
    assert_int_equal(encoded_size(docs, frequencies, 128, 95, head), HEAD + 48); /* gaps of 4: 3 bits */
    assert_int_equal(load_le16(head), 3);
    assert_int_equal(encoded_size(docs, frequencies, 5, 95, head), HEAD + 2); /* 5 times 3 bits */
}

static size_t masked_size(const uint8_t *masks, const uint32_t *frequencies, uint32_t count) {
    uint32_t docs[POSTINGS_BLOCK];
    uint8_t out[POSTINGS_BLOCK_BYTES];
    for (uint32_t i = 0; i < count; i++)
        docs[i] = i;
    return postings_block_encode(docs, frequencies, masks, count, UINT32_MAX, out) - HEAD;
}

static void test_masks_take_the_cheapest_form(void **state) {
    (void)state;
    uint32_t frequencies[POSTINGS_BLOCK];
    uint8_t masks[POSTINGS_BLOCK];
    memset(masks, 1, sizeof masks);
    for (uint32_t i = 0; i < POSTINGS_BLOCK; i++)
        frequencies[i] = 1;
    assert_int_equal(masked_size(masks, frequencies, 128), 0);
    masks[5] = masks[9] = masks[127] = 2; /* count, three indexes, three bits */
    assert_int_equal(masked_size(masks, frequencies, 128), 4 + 1);
    for (uint32_t i = 0; i < POSTINGS_BLOCK; i += 2)
        masks[i] = 8; /* with those above 67 of 128: a bitmap, 64 codes of 2 bits and 3 of one */
    assert_int_equal(masked_size(masks, frequencies, 128), 16 + 17);
    frequencies[1] = 3;
    masks[1] = 0x0D;                                                 /* 7 bits */
    assert_int_equal(masked_size(masks, frequencies, 3), 1 + 1 + 2); /* a frequency is 3: a byte of 2 bits each */
}

static void test_a_block_is_never_larger_than_its_room(void **state) {
    (void)state;
    uint32_t docs[POSTINGS_BLOCK], frequencies[POSTINGS_BLOCK];
    uint8_t head[HEAD];
    for (uint32_t i = 0; i < POSTINGS_BLOCK; i++) {
        docs[i] = (1u << 25) * i + random_below(&random_state, 1u << 25);
        frequencies[i] = UINT32_MAX - 1 - i;
    }
    assert_true(encoded_size(docs, frequencies, 128, UINT32_MAX, head) <= POSTINGS_BLOCK_BYTES);
    docs[0] = UINT32_MAX - 1;
    assert_int_equal(encoded_size(docs, frequencies, 1, UINT32_MAX, head), HEAD + 4 + 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_round_trip_without_positions),
        cmocka_unit_test(test_lists_across_extents),
        cmocka_unit_test(test_random_shapes),
        cmocka_unit_test(test_the_cheapest_form_is_taken),
        cmocka_unit_test(test_masks_take_the_cheapest_form),
        cmocka_unit_test(test_a_block_is_never_larger_than_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
