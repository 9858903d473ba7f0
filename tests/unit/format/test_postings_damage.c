/* test_postings_damage.c - posting lists with flipped bits, at wrong places, with lengths that are not theirs; allocations
 * that fail. Readers notice or read wrong values, but never out of bounds and never without end. */
#include "indexer/base/memory.h"
#include "indexer/format/postings_block.h"
#include "indexer/format/postings_skips.h"
#include "tests/support/memory_stream.h"
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

static void open_list(struct postings_reader *reader, struct written_lists *written, const struct random_list *list,
                      uint32_t number) {
    assert_ok(
        postings_reader_open(reader, written_lists_streams(written), list->doc_count, &written->lists[number], &error));
}

/* What a jump within the group relies on, before any block is decoded. */
static void check_group_order(const struct postings_reader *reader) {
    if (!reader->directory) return;
    for (uint32_t i = 1; i < reader->group_blocks; i++)
        assert_true(reader->block_last[i] > reader->block_last[i - 1]);
    assert_true(reader->block_last[reader->group_blocks - 1] < reader->doc_count);
}

/* Reads everything there is; true when nobody noticed. */
static bool read_damaged(struct written_lists *written, const struct posting_list *place, const struct random_list *list,
                         uint32_t doc_count) {
    struct postings_reader reader;
    struct positions_reader positions;
    uint32_t blocks = 0;
    positions_reader_open(&positions);
    revue_status status = postings_reader_open(&reader, written_lists_streams(written), doc_count, place, &error);
    while (status == REVUE_OK && reader.count) {
        struct impacts impacts;
        uint32_t last;
        check_group_order(&reader);
        if ((status = postings_reader_frequencies(&reader, &error)) != REVUE_OK) break;
        if ((status = postings_reader_masks(&reader, &error)) != REVUE_OK) break;
        for (uint32_t i = 0; i < reader.count && status == REVUE_OK; i++) {
            assert_true(reader.docs[i] < doc_count && (i == 0 || reader.docs[i] > reader.docs[i - 1]));
            assert_true(reader.frequencies[i] > 0);
            uint32_t out[200 + POSITIONS_BEHIND];
            if (!list->positions || reader.frequencies[i] > 200) continue;
            status = positions_reader_read(&positions, &reader, i, out, &error);
        }
        const revue_status of_impacts = postings_reader_block_impacts(&reader, &impacts, &error);
        if (of_impacts == REVUE_OK) assert_in_range(impacts.count, 1, IMPACTS_MAX);
        if (status == REVUE_OK) status = of_impacts;
        (void)postings_reader_group_impacts(&reader, doc_count / 2, &impacts, &last, &error);
        if (status == REVUE_OK) {
            status = blocks % 3 ? postings_reader_next_block(&reader, &error)
                                : postings_reader_seek_block(&reader, reader.last_doc + 1, &error);
        }
        assert_true(++blocks <= reader.block_count);
    }
    if (status != REVUE_OK) assert_int_equal(status, REVUE_CORRUPT);
    /* What failed may be asked again. */
    (void)postings_reader_next_block(&reader, &error);
    (void)postings_reader_seek_block(&reader, doc_count - 1, &error);
    if (reader.count) (void)postings_reader_masks(&reader, &error);
    postings_reader_close(&reader);
    positions_reader_close(&positions);
    return status == REVUE_OK;
}

static uint32_t flip_all(struct written_lists *written, struct stream *stream, const struct random_list *list,
                         uint64_t start, uint64_t size) {
    uint32_t unnoticed = 0;
    for (uint64_t bit = start * 8; bit < (start + size) * 8; bit++) {
        uint8_t *byte = (uint8_t *)(uintptr_t)stream->extents[0] + bit / 8;
        *byte ^= (uint8_t)(1u << bit % 8);
        unnoticed += read_damaged(written, &written->lists[0], list, list->doc_count);
        *byte ^= (uint8_t)(1u << bit % 8);
    }
    return unnoticed;
}

/* Of a skip record, the count of pairs and the directory are proven by the groups and the blocks, and so is the last review
 * of a single group: no flip there goes unnoticed. */
static void check_head_flips(struct written_lists *written, const struct random_list *list) {
    const uint64_t groups = (list->count - 1) / (POSTINGS_BLOCK * SKIP_GROUP) + 1;
    const uint64_t pairs = written->skips.extents[0][0];
    if (groups == 1) {
        assert_int_equal(flip_all(written, &written->skips, list, 0, 4), 0);
        return;
    }
    assert_int_equal(flip_all(written, &written->skips, list, 0, 1), 0);
    assert_int_equal(flip_all(written, &written->skips, list, 1 + 2 * pairs, groups * SKIP_ENTRY_BYTES), 0);
}

static void test_every_flipped_bit(void **state) {
    (void)state;
    const struct list_shape damaged[] = {
        {.count = 2, .gap = 9, .frequency = 3, .length = 50, .masks = 7, .has_positions = true},
        {.count = 60, .gap = 3, .frequency = 3, .rare_frequency = 60, .length = 50, .masks = 7, .has_positions = true},
        {.count = 300, .gap = 2, .frequency = 2, .rare_frequency = 40, .length = 60, .has_positions = true},
        {.count = 300,
         .gap = 300,
         .cluster = 100,
         .frequency = 2,
         .rare_frequency = 40,
         .length = 60,
         .masks = 3,
         .has_positions = true},
        {.count = 300, .gap = 3, .frequency = 150, .length = 1}, /* as many impact pairs as a block can have */
        {.count = 4200, .gap = 10, .frequency = 1, .length = 100, .has_positions = true},
    };
    for (unsigned i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        struct random_list list;
        struct written_lists written;
        random_list_make(&list, &damaged[i], &random_state);
        written_lists_make(&written, &list, 1, 0);
        const struct posting_list *place = &written.lists[0];
        const uint64_t most = i == 5 ? 60 : 4000; /* of the long list, its head and all of its skip record */
        flip_all(&written, &written.postings, &list, 0, place->postings_bytes < most ? place->postings_bytes : most);
        flip_all(&written, &written.positions, &list, 0, place->positions_bytes < most ? place->positions_bytes : most);
        flip_all(&written, &written.skips, &list, 0, place->skips_bytes);
        if (place->skips_bytes) check_head_flips(&written, &list);
        written_lists_free(&written);
        random_list_free(&list);
    }
}

/* A block of count reviews after previous, given byte by byte; with an exact slack. */
static const char *decode_crafted(const uint8_t *bytes, size_t size, uint32_t count, uint32_t previous) {
    uint32_t docs[POSTINGS_BLOCK + 16], frequencies[POSTINGS_BLOCK + 16];
    uint8_t masks[POSTINGS_BLOCK];
    size_t frequencies_at, masks_at;
    uint8_t *exact = malloc(size + STREAM_SLACK);
    assert_non_null(exact);
    memcpy(exact, bytes, size);
    memset(exact + size, 0, STREAM_SLACK);
    const char *wrong = postings_block_docs(exact, size, count, previous, docs, &frequencies_at);
    if (!wrong) wrong = postings_block_frequencies(exact, size, count, frequencies_at, frequencies, &masks_at);
    if (!wrong) wrong = postings_block_masks(exact, size, count, masks_at, frequencies, masks);
    free(exact);
    return wrong;
}

/* The two bytes of a head: widths of gaps and frequencies, then bits 12 to 15. */
#define HEAD(gaps, frequencies, flags)                                                                                     \
    (uint8_t)((gaps) | (frequencies) << 6), (uint8_t)(((gaps) | (frequencies) << 6 | (unsigned)(flags) << 12) >> 8)
#define GAPS_PATCHED 1u
#define FREQUENCIES_PATCHED 2u
#define LISTED 4u
#define MAPPED 8u
#define ONES_8 255, 255, 255, 255, 255, 255, 255, 255
#define ONES_24 ONES_8, ONES_8, ONES_8

static void test_crafted_blocks(void **state) {
    (void)state;
    static const struct {
        const char *expected; /* a part of what is said; NULL: nothing is wrong */
        uint32_t count, previous;
        size_t size;
        uint8_t bytes[32];
    } blocks[] = {
        {NULL, 2, 5, 4, {HEAD(8, 0, 0), 1, 2}},
        {NULL, 2, 5, 4, {HEAD(0, 0, GAPS_PATCHED), 1, 1}},
        {NULL, 2, 5, 5, {HEAD(0, 0, GAPS_PATCHED), 1, 0x81, 7}},
        {NULL, 2, 5, 12, {HEAD(63, 0, 0), 1, 0, 0x81, 0, 0, 0, 0, 0, 0, 0}},
        {NULL, 2, UINT32_MAX, 10, {HEAD(32, 0, 0), 0, 0, 0, 0, 0xFD, 0xFF, 0xFF, 0xFF}},
        {NULL, 2, 5, 7, {HEAD(8, 0, LISTED), 1, 2, 1, 1, 0}},
        {NULL, 2, 5, 6, {HEAD(8, 0, MAPPED), 1, 2, 3, 5}},
        {NULL, 2, 5, 7, {HEAD(8, 1, MAPPED), 1, 2, 3, 3, 0x77}},
        {"head", 2, 5, 1, {8}},
        {"unknown bits", 2, 5, 4, {HEAD(8, 33, 0), 1, 2}},
        {"unknown bits", 2, 5, 6, {HEAD(8, 0, LISTED | MAPPED), 1, 2, 1, 0}},
        {"over 32", 2, 5, 11, {HEAD(33, 0, 0)}},
        {"gaps end early", 2, 5, 3, {HEAD(8, 0, 0), 1}},
        {"end early", 2, 5, 5, {HEAD(8, 8, 0), 1, 2, 3}},
        {"left over", 2, 5, 5, {HEAD(8, 0, 0), 1, 2, 3}},
        {"pass 32 bits", 2, 5, 10, {HEAD(32, 0, 0), 0xF0, 0xFF, 0xFF, 0xFF, 0x20, 0, 0, 0}},
        {"pass 32 bits", 2, 5, 10, {HEAD(32, 0, 0), 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF}},
        {"pass 32 bits", 1, UINT32_MAX - 2, 3, {HEAD(8, 0, 0), 9}},
        {"pass 32 bits", 2, UINT32_MAX - 9, 12, {HEAD(63, 0, 0), 1, 0, 0x01, 0x80, 0, 0, 0, 0, 0, 0}},
        {"passes 32 bits", 1, 5, 6, {HEAD(0, 32, 0), 0xFF, 0xFF, 0xFF, 0xFF}},
        {"missing", 2, 5, 2, {HEAD(0, 0, GAPS_PATCHED)}},
        {"missing", 1, 5, 7, {HEAD(32, 0, GAPS_PATCHED), 1, 0, 0, 0, 0}},
        {"exceptions end early", 2, 5, 4, {HEAD(0, 0, GAPS_PATCHED), 2, 0}},
        {"exceptions end early", 2, 5, 6, {HEAD(0, 0, GAPS_PATCHED), 3, 0, 1, 1}},
        {"out of range", 2, 5, 5, {HEAD(0, 0, GAPS_PATCHED), 2, 1, 0}},
        {"out of range", 2, 5, 5, {HEAD(0, 0, GAPS_PATCHED), 2, 1, 1}},
        {"out of range", 2, 5, 4, {HEAD(0, 0, GAPS_PATCHED), 1, 2}},
        {"out of range", 2, 5, 4, {HEAD(0, 0, GAPS_PATCHED), 1, 0x81}},
        {"out of range", 2, 5, 5, {HEAD(0, 0, GAPS_PATCHED), 1, 0x81, 0x80}},
        {"out of range", 2, 5, 5, {HEAD(0, 0, GAPS_PATCHED), 1, 0x81, 1}},
        {"out of range", 1, 5, 9, {HEAD(8, 0, GAPS_PATCHED), 0, 1, 0x80, 0x80, 0x80, 0x80, 0x08}},
        {"out of range", 2, 5, 9, {HEAD(0, 0, GAPS_PATCHED), 1, 0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F}},
        {"out of range", 2, 5, 10, {HEAD(0, 0, GAPS_PATCHED), 1, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}},
        {"out of range", 1, 5, 8, {HEAD(31, 0, GAPS_PATCHED), 0xFF, 0xFF, 0xFF, 0x7F, 1, 0}},
        {"too large", 2, 5, 9, {HEAD(0, 0, GAPS_PATCHED), 1, 0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F}},
        {"left over", 2, 5, 5, {HEAD(0, 0, FREQUENCIES_PATCHED), 1, 1, 7}},
        {"another number", 2, 5, 12, {HEAD(63, 0, 0), 1, 0, 0x83, 0, 0, 0, 0, 0, 0, 0}},
        {"another number", 2, 5, 12, {HEAD(63, 0, 0), 1, 0, 0x80, 0, 0, 0, 0, 0, 0, 0}},
        {"another number", 2, 5, 4, {HEAD(63, 0, 0), 0, 0}},
        {"another number", 2, 5, 28, {HEAD(63, 0, 0), 3, 0, ONES_24}},
        {"bitset ends early", 2, 5, 11, {HEAD(63, 0, 0), 1, 0, 0x81, 0, 0, 0, 0, 0, 0}},
        {"bitset ends early", 2, 5, 3, {HEAD(63, 0, 0), 1}},
        {"bitset is larger", 2, 5, 4, {HEAD(63, 0, 0), POSTINGS_BITSET_WORDS + 1, 0}},
        {"bitset has exceptions", 2, 5, 12, {HEAD(63, 0, GAPS_PATCHED), 1, 0, 0x81, 0, 0, 0, 0, 0, 0, 0}},
        {"list of masks ends early", 2, 5, 4, {HEAD(8, 0, LISTED), 1, 2}},
        {"list of masks ends early", 2, 5, 6, {HEAD(8, 0, LISTED), 1, 2, 0, 0}},
        {"list of masks ends early", 2, 5, 6, {HEAD(8, 0, LISTED), 1, 2, 2, 0}},
        {"list of masks is out of range", 2, 5, 8, {HEAD(8, 0, LISTED), 1, 2, 2, 1, 0, 0}},
        {"list of masks is out of range", 2, 5, 7, {HEAD(8, 0, LISTED), 1, 2, 1, 2, 0}},
        {"masks end early", 2, 5, 4, {HEAD(8, 0, MAPPED), 1, 2}},
        {"masks end early", 2, 5, 5, {HEAD(8, 0, MAPPED), 1, 2, 1}},
        {"behind the last posting", 2, 5, 6, {HEAD(8, 0, MAPPED), 1, 2, 4, 0}},
        {"do not end with the block", 2, 5, 7, {HEAD(8, 0, MAPPED), 1, 2, 1, 0, 0}},
        {"names no form", 2, 5, 7, {HEAD(8, 1, MAPPED), 1, 2, 3, 1, 0x0F}},
        {"names no form", 2, 5, 7, {HEAD(8, 1, MAPPED), 1, 2, 3, 1, 0x07}},
    };
    for (unsigned i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        const char *wrong = decode_crafted(blocks[i].bytes, blocks[i].size, blocks[i].count, blocks[i].previous);
        const bool is_as_expected = blocks[i].expected ? wrong && strstr(wrong, blocks[i].expected) : !wrong;
        if (!is_as_expected) fail_msg("block %u: %s", i, wrong ? wrong : "nothing wrong");
    }
}

/* A dictionary that lies about a list. */
static void test_a_wrong_place_is_noticed(void **state) {
    (void)state;
    const struct list_shape shape = {.count = 4200, .gap = 10, .frequency = 2, .length = 100, .has_positions = true};
    struct random_list list;
    struct written_lists written;
    random_list_make(&list, &shape, &random_state);
    written_lists_make(&written, &list, 1, 10);
    const struct posting_list right = written.lists[0];
    assert_true(read_damaged(&written, &right, &list, list.doc_count));
    struct posting_list wrong[] = {right, right, right, right, right, right, right, right, right, right, right};
    wrong[0].df++;
    wrong[0].df += POSTINGS_BLOCK;
    wrong[1].df = 0;
    wrong[2].df = UINT32_MAX;
    wrong[3].postings_bytes--;
    wrong[4].postings = UINT64_MAX;
    wrong[5].positions_bytes++;
    wrong[6].skips_bytes = 5;
    wrong[7].skips = UINT64_MAX - 3;
    wrong[8].skips_bytes++;
    wrong[9].df = 100;
    wrong[10] = (struct posting_list){.df = 1, .is_inline = true, .inline_doc = list.doc_count, .inline_frequency = 1};
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (read_damaged(&written, &wrong[i], &list, list.doc_count)) fail_msg("lie %u was believed", i);
    }
    assert_false(read_damaged(&written, &right, &list, list.doc_count - 1));
    written_lists_free(&written);
    random_list_free(&list);
}

static void test_a_message_names_the_list(void **state) {
    (void)state;
    const struct list_shape shape = {.count = 300, .gap = 10, .frequency = 2, .length = 100, .has_positions = true};
    struct random_list list;
    struct written_lists written;
    random_list_make(&list, &shape, &random_state);
    written_lists_make(&written, &list, 1, 77);
    ((uint8_t *)(uintptr_t)written.postings.extents[0])[77] = 45;
    struct postings_reader reader;
    open_list(&reader, &written, &list, 0);
    assert_int_equal(postings_reader_docs(&reader, &error), REVUE_CORRUPT);
    assert_string_equal(error.message,
                        "posting list at 77, block 0: the width of the gaps is over 32; run a check of the index");
    postings_reader_close(&reader);
    written_lists_free(&written);
    random_list_free(&list);
}

static uint32_t shorter_length(void *context, uint32_t doc) {
    const uint32_t length = random_list_length_of(context, doc);
    return length > 1 ? length - 1 : 1;
}

/* Checks of what no checksum and no reader sees: lengths that do not belong to the list, pairs that bound too little. */
static void test_check_compares(void **state) {
    (void)state;
    const struct list_shape shape = {.count = 1000, .gap = 10, .frequency = 2, .length = 20, .has_positions = true};
    struct random_list list;
    struct written_lists written;
    struct postings_reader reader;
    uint64_t tokens = 12345;
    random_list_make(&list, &shape, &random_state);
    written_lists_make(&written, &list, 1, 0);
    open_list(&reader, &written, &list, 0);
    assert_int_equal(postings_check(&reader, shorter_length, &list, true, &tokens, &error), REVUE_CORRUPT);
    assert_int_equal(tokens, 12345);
    postings_reader_close(&reader);

    uint8_t *whole_pairs = (uint8_t *)(uintptr_t)written.skips.extents[0] + written.lists[0].skips + 4;
    whole_pairs[1 + 2 * (whole_pairs[0] - 1)] = 1; /* the highest frequency of the list is now 1 */
    open_list(&reader, &written, &list, 0);
    assert_int_equal(postings_check(&reader, random_list_length_of, &list, true, &tokens, &error), REVUE_CORRUPT);
    postings_reader_close(&reader);
    written_lists_free(&written);
    random_list_free(&list);
}

/* ---- out of memory ---- */

static bool fail_after(void *context) {
    uint32_t *left = context;
    if (*left == 0) return false;
    (*left)--;
    return true;
}

static revue_status write_one(const struct memory_sink *sink, const struct random_list *list, struct posting_list *place) {
    struct stream_writer writers[3] = {0};
    const enum segment_kind kinds[3] = {KIND_POSTINGS, KIND_POSITIONS, KIND_SKIPS};
    postings_writer *writer = NULL;
    revue_status status = REVUE_OK;
    for (unsigned i = 0; i < 3; i++)
        TRY_DONE(stream_writer_open(&writers[i], &sink->sink, kinds[i], &error));
    TRY_DONE(postings_writer_create(&writer, &writers[0], &writers[1], &writers[2], &error));
    for (uint32_t i = 0; i < list->count; i++) {
        TRY_DONE(postings_writer_add(writer, list->postings[i], random_list_positions(list, i), &error));
    }
    TRY_DONE(postings_writer_end(writer, place, &error));
    for (unsigned i = 0; i < 3; i++)
        TRY_DONE(stream_writer_finish(&writers[i], &error));
done:
    postings_writer_free(writer);
    for (unsigned i = 0; i < 3; i++)
        stream_writer_free(&writers[i]);
    return status;
}

static revue_status read_one(struct written_lists *written, const struct random_list *list) {
    struct postings_reader reader;
    uint64_t tokens;
    revue_status status =
        postings_reader_open(&reader, written_lists_streams(written), list->doc_count, &written->lists[0], &error);
    if (status == REVUE_OK) {
        struct impacts impacts;
        uint32_t last;
        status = postings_reader_group_impacts(&reader, list->doc_count - 1, &impacts, &last, &error);
    }
    if (status == REVUE_OK) {
        status = postings_check(&reader, random_list_length_of, (void *)(uintptr_t)list, true, &tokens, &error);
    }
    postings_reader_close(&reader);
    return status;
}

static void test_allocations_fail(void **state) {
    (void)state;
    const struct list_shape shape = {.count = 5000, .gap = 4, .frequency = 200, .length = 100, .has_positions = true};
    struct random_list list;
    struct written_lists written;
    random_list_make(&list, &shape, &random_state);
    /* Pieces across extents need scratch. */
    written_lists_make(&written, &list, 1, EXTENT_BYTES - 100);
    uint32_t failures[2] = {0, 0};
    for (unsigned part = 0; part < 2; part++) {
        revue_status status = REVUE_NO_MEMORY;
        for (uint32_t allowed = 0; status != REVUE_OK; allowed++) {
            struct memory_sink sink;
            struct posting_list place;
            uint32_t left = allowed;
            memory_sink_open(&sink);
            memory_set_test_hook(fail_after, &left);
            status = part ? read_one(&written, &list) : write_one(&sink, &list, &place);
            memory_set_test_hook(NULL, NULL);
            memory_sink_close(&sink);
            if (status != REVUE_OK) assert_int_equal(status, REVUE_NO_MEMORY);
            failures[part] += status != REVUE_OK;
        }
    }
    assert_true(failures[0] >= 6 && failures[1] >= 4);
    written_lists_free(&written);
    random_list_free(&list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crafted_blocks),           cmocka_unit_test(test_every_flipped_bit),
        cmocka_unit_test(test_a_wrong_place_is_noticed), cmocka_unit_test(test_a_message_names_the_list),
        cmocka_unit_test(test_check_compares),           cmocka_unit_test(test_allocations_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
