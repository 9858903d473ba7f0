/* test_packed_stream.c - what zstd or xz packed comes out again, with the window in memory or in a file: several frames or
 * streams, with what is to be passed over between them, asked for in pieces of any size. What is cut short or damaged is
 * told, and ends no process. */
#include "indexer/archive/packed_stream.h"
#include "indexer/archive/unpack_window.h"
#include "indexer/base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <lzma.h>
#include <zstd.h>

#define TEXT_BYTES ((size_t)3 << 20)

static uint32_t next_random(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

/* Bytes that mostly repeat others, near or far before them. */
static char *make_text(size_t size) {
    char *text = malloc(size);
    uint64_t random = 5;
    assert_non_null(text);
    for (size_t at = 0; at < size;) {
        size_t count = 4 + next_random(&random) % 60, from = at > 100 ? next_random(&random) % (at - 64) : 0;
        bool is_repeated = at > 100 && next_random(&random) % 8 != 0;
        for (size_t i = 0; i < count && at < size; i++, at++)
            text[at] = is_repeated ? text[from + i] : (char)('a' + next_random(&random) % 26);
    }
    return text;
}

static void pack_zstd(struct bytes *out, const char *text, size_t size) {
    ZSTD_CCtx *context = ZSTD_createCCtx();
    assert_non_null(context);
    assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 21)));
    assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0)));
    uint8_t *room = bytes_extend(out, ZSTD_compressBound(size));
    assert_non_null(room);
    size_t written = ZSTD_compress2(context, room, ZSTD_compressBound(size), text, size);
    assert_false(ZSTD_isError(written));
    out->size -= ZSTD_compressBound(size) - written;
    (void)ZSTD_freeCCtx(context);
}

static void pack_xz(struct bytes *out, const char *text, size_t size) {
    lzma_options_lzma options;
    size_t written = 0, most = lzma_stream_buffer_bound(size);
    assert_false(lzma_lzma_preset(&options, 1));
    options.dict_size = 2u << 20;
    lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    uint8_t *room = bytes_extend(out, most);
    assert_non_null(room);
    assert_int_equal(
        lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC32, NULL, (const uint8_t *)text, size, room, &written, most),
        LZMA_OK);
    out->size -= most - written;
}

/* One library: how its files are made, what may stand between two of them, and what it says of one that is cut. */
static const struct packer {
    void (*pack)(struct bytes *out, const char *text, size_t size);
    struct view passed_over;
    const char *truncated;
} packers[] = {{pack_zstd, {"\x50\x2A\x4D\x18\x03\0\0\0xyz", 11}, "Truncated zstd input"},
               {pack_xz, {"\0\0\0\0", 4}, "Truncated xz input"}};

/* Unpacks all of it in pieces of at most that size; *held as of the end. */
static revue_status unpack(struct view packed, size_t window_bytes, size_t piece, struct bytes *out, size_t *held,
                           revue_error *error) {
    struct memory_stream memory = {packed, 0};
    struct packed_stream *opened;
    revue_status status = packed_stream_open(&opened, memory_stream_of(&memory), packed, window_bytes, error);
    if (status != REVUE_OK) return status;
    struct stream stream = packed_stream_of(opened);
    size_t got = 1;
    bytes_clear(out);
    while (status == REVUE_OK && got > 0) {
        uint8_t *room = bytes_extend(out, piece);
        assert_non_null(room);
        got = 0;
        status = stream.read(stream.context, room, piece, &got, error);
        out->size -= piece - got;
    }
    if (status != REVUE_OK) {
        revue_error again;
        assert_int_equal(stream.read(stream.context, &(uint8_t){0}, 1, &got, &again), status);
        assert_string_equal(again.message, error->message);
    }
    *held = packed_stream_held(opened);
    packed_stream_close(opened);
    return status;
}

static void check_both_windows(const struct packer *packer, const char *text) {
    static const size_t pieces[] = {1000, 65536, (size_t)1 << 20};
    struct bytes packed = {0}, out = {0};
    packer->pack(&packed, text, TEXT_BYTES / 3);
    bytes_append(&packed, packer->passed_over.data, packer->passed_over.size);
    packer->pack(&packed, text + TEXT_BYTES / 3, TEXT_BYTES - TEXT_BYTES / 3);
    assert_true(packed_detect(bytes_view(&packed)));
    for (size_t i = 0; i < 3; i++) {
        size_t in_memory, in_file;
        revue_error error;
        assert_int_equal(unpack(bytes_view(&packed), SIZE_MAX, pieces[i], &out, &in_memory, &error), REVUE_OK);
        assert_true(view_equal(bytes_view(&out), view_of(text, TEXT_BYTES)));
        assert_int_equal(unpack(bytes_view(&packed), (size_t)1 << 20, pieces[i], &out, &in_file, &error), REVUE_OK);
        assert_true(view_equal(bytes_view(&out), view_of(text, TEXT_BYTES)));
        assert_true(in_memory >= (size_t)2 << 20 && in_memory < (size_t)4 << 20); /* the window is of 2 MiB */
        assert_true(in_file != in_memory);
    }
    bytes_free(&packed);
    bytes_free(&out);
}

static void test_both_windows(void **state) {
    (void)state;
    char *text = make_text(TEXT_BYTES);
    for (size_t i = 0; i < 2; i++)
        check_both_windows(&packers[i], text);
    free(text);
}

/* A window counts as far as something was unpacked into it. */
static void test_held_by_little(void **state) {
    (void)state;
    char *text = make_text(5000);
    for (size_t i = 0; i < 2; i++) {
        struct bytes packed = {0}, out = {0};
        size_t held;
        revue_error error;
        packers[i].pack(&packed, text, 5000);
        assert_int_equal(unpack(bytes_view(&packed), SIZE_MAX, 1000, &out, &held, &error), REVUE_OK);
        assert_true(held < (size_t)128 << 10);
        bytes_free(&packed);
        bytes_free(&out);
    }
    free(text);
}

/* Only one block that is too large lies in a file, and it keeps its bytes when its pages are given back. */
static void test_window(void **state) {
    (void)state;
    struct unpack_window window = {.most_bytes = (size_t)1 << 20};
    char *small = unpack_window_allocate(&window, (size_t)1 << 20);
    assert_non_null(small);
    assert_null(window.map);
    assert_int_equal(window.held, (size_t)1 << 20);
    char *large = unpack_window_allocate(&window, (size_t)2 << 20);
    assert_non_null(large);
    assert_ptr_equal(window.map, large);
    for (size_t i = 0; i < (size_t)2 << 20; i++)
        large[i] = (char)(i * 7 >> 9);
    unpack_window_note(&window, unpack_window_step(&window));
    assert_int_equal(window.unpacked, 0);
    for (size_t i = 0; i < (size_t)2 << 20; i++)
        assert_int_equal(large[i], (char)(i * 7 >> 9));
    char *another = unpack_window_allocate(&window, (size_t)3 << 20);
    assert_non_null(another);
    assert_ptr_equal(window.map, large);
    unpack_window_release(&window, another);
    unpack_window_release(&window, small);
    unpack_window_release(&window, NULL);
    assert_ptr_equal(window.map, large);
    unpack_window_release(&window, large);
    assert_null(window.map);
}

/* What refers far back is given back after fewer bytes. */
static void test_window_steps(void **state) {
    (void)state;
    char map;
    struct unpack_window window = {.map_bytes = (size_t)64 << 20};
    assert_int_equal(unpack_window_step(&window), SIZE_MAX);
    window.map = &map;
    size_t step = unpack_window_step(&window);
    assert_true(step <= 128 << 10);
    window.map_bytes = (size_t)1 << 40;
    assert_true(unpack_window_step(&window) < step);
}

/* Without a folder for the file the window stays in memory. */
static void test_no_file(void **state) {
    (void)state;
    char *text = make_text(TEXT_BYTES), before[256] = "";
    struct bytes packed = {0}, out = {0};
    size_t held;
    revue_error error;
    if (getenv("TMPDIR")) (void)snprintf(before, sizeof before, "%s", getenv("TMPDIR"));
    assert_int_equal(setenv("TMPDIR", "/there/is/no/such/folder", 1), 0);
    pack_xz(&packed, text, TEXT_BYTES);
    assert_int_equal(unpack(bytes_view(&packed), 1, 65536, &out, &held, &error), REVUE_OK);
    assert_true(view_equal(bytes_view(&out), view_of(text, TEXT_BYTES)));
    assert_int_equal(before[0] ? setenv("TMPDIR", before, 1) : unsetenv("TMPDIR"), 0);
    bytes_free(&packed);
    bytes_free(&out);
    free(text);
}

static void check_cut_short(const struct packer *packer, const char *text) {
    struct bytes packed = {0}, out = {0};
    packer->pack(&packed, text, 2000);
    for (size_t cut = 6; cut < packed.size; cut++) {
        revue_error error;
        size_t held;
        assert_int_equal(unpack(view_of(packed.data, cut), SIZE_MAX, 500, &out, &held, &error), REVUE_INVALID);
        assert_string_equal(error.message, packer->truncated);
    }
    bytes_free(&packed);
    bytes_free(&out);
}

static void test_cut_short(void **state) {
    (void)state;
    char *text = make_text(2000);
    for (size_t i = 0; i < 2; i++)
        check_cut_short(&packers[i], text);
    free(text);
}

/* Without checksums some damage gives other bytes; no more than was asked for, and nothing worse. */
static void check_damage(const struct packer *packer, const char *text) {
    struct bytes packed = {0}, out = {0};
    unsigned refused = 0;
    packer->pack(&packed, text, 5000);
    for (size_t at = 6; at < packed.size; at++) {
        revue_error error;
        size_t held;
        packed.data[at] ^= 0x41;
        refused += unpack(bytes_view(&packed), 1, 500, &out, &held, &error) == REVUE_INVALID;
        packed.data[at] ^= 0x41;
    }
    assert_true(refused > 10);
    bytes_free(&packed);
    bytes_free(&out);
}

static void test_damage(void **state) {
    (void)state;
    char *text = make_text(5000);
    for (size_t i = 0; i < 2; i++)
        check_damage(&packers[i], text);
    free(text);
}

/* What comes behind the last stream and is none. */
static void test_rest(void **state) {
    (void)state;
    char *text = make_text(5000);
    for (size_t i = 0; i < 2; i++) {
        struct bytes packed = {0}, out = {0};
        size_t held;
        revue_error error;
        packers[i].pack(&packed, text, 5000);
        bytes_append_string(&packed, "and so on, and so on");
        assert_int_equal(unpack(bytes_view(&packed), SIZE_MAX, 500, &out, &held, &error), REVUE_INVALID);
        assert_true(view_equal(bytes_view(&out), view_of(text, 5000)));
        bytes_free(&packed);
        bytes_free(&out);
    }
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_both_windows), cmocka_unit_test(test_held_by_little),
                                       cmocka_unit_test(test_window),       cmocka_unit_test(test_window_steps),
                                       cmocka_unit_test(test_no_file),      cmocka_unit_test(test_cut_short),
                                       cmocka_unit_test(test_damage),       cmocka_unit_test(test_rest)};
    return cmocka_run_group_tests_name("packed streams", tests, NULL, NULL);
}
