/* test_zstd_stream.c - what zstd packed comes out again, with the window in memory or in a file: several frames, with one
 * to be passed over between them, asked for in pieces of any size. What is cut short or damaged is told, and ends no
 * process. */
#include "indexer/archive/zstd_stream.h"
#include "indexer/base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
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

static void pack(struct bytes *out, const char *text, size_t size) {
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

/* Unpacks all of it in pieces of at most that size; *held as of the end. */
static revue_status unpack(struct view packed, size_t window_bytes, size_t piece, struct bytes *out, size_t *held,
                           revue_error *error) {
    struct memory_stream memory = {packed, 0};
    struct zstd_stream *zstd;
    revue_status status = zstd_stream_open(&zstd, memory_stream_of(&memory), window_bytes, error);
    if (status != REVUE_OK) return status;
    struct stream stream = zstd_stream_of(zstd);
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
    *held = zstd_stream_held(zstd);
    zstd_stream_close(zstd);
    return status;
}

static void test_both_windows(void **state) {
    (void)state;
    static const uint8_t passed_over[] = {0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 'x', 'y', 'z'};
    static const size_t pieces[] = {1000, 65536, (size_t)1 << 20};
    char *text = make_text(TEXT_BYTES);
    struct bytes packed = {0}, out = {0};
    pack(&packed, text, TEXT_BYTES / 3);
    bytes_append(&packed, passed_over, sizeof passed_over);
    pack(&packed, text + TEXT_BYTES / 3, TEXT_BYTES - TEXT_BYTES / 3);
    assert_true(zstd_detect(bytes_view(&packed)));
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
    free(text);
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
    pack(&packed, text, TEXT_BYTES);
    assert_int_equal(unpack(bytes_view(&packed), 1, 65536, &out, &held, &error), REVUE_OK);
    assert_true(view_equal(bytes_view(&out), view_of(text, TEXT_BYTES)));
    assert_int_equal(before[0] ? setenv("TMPDIR", before, 1) : unsetenv("TMPDIR"), 0);
    bytes_free(&packed);
    bytes_free(&out);
    free(text);
}

static void test_cut_short(void **state) {
    (void)state;
    char *text = make_text(2000);
    struct bytes packed = {0}, out = {0};
    pack(&packed, text, 2000);
    for (size_t cut = 1; cut < packed.size; cut++) {
        revue_error error;
        size_t held;
        assert_int_equal(unpack(view_of(packed.data, cut), SIZE_MAX, 500, &out, &held, &error), REVUE_INVALID);
        assert_string_equal(error.message, "Truncated zstd input");
    }
    bytes_free(&packed);
    bytes_free(&out);
    free(text);
}

/* Without checksums some damage gives other bytes; no more than was asked for, and nothing worse. */
static void test_damage(void **state) {
    (void)state;
    char *text = make_text(5000);
    struct bytes packed = {0}, out = {0};
    unsigned refused = 0;
    pack(&packed, text, 5000);
    for (size_t at = 0; at < packed.size; at++) {
        revue_error error;
        size_t held;
        packed.data[at] ^= 0x41;
        refused += unpack(bytes_view(&packed), 1, 500, &out, &held, &error) == REVUE_INVALID;
        packed.data[at] ^= 0x41;
    }
    assert_true(refused > 10);
    bytes_free(&packed);
    bytes_free(&out);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_both_windows), cmocka_unit_test(test_no_file),
                                       cmocka_unit_test(test_cut_short), cmocka_unit_test(test_damage)};
    return cmocka_run_group_tests_name("zstd streams", tests, NULL, NULL);
}
