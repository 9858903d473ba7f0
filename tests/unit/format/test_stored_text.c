/* test_stored_text.c - records of stored text: every mix of codings, access to any review, codings chosen, damage. */
#include "tests/unit/format/symbols_test.h"

#include <zstd.h>

#define MANY 5000u

/* TEXT and TEXT_INDEX in memory. */
struct written {
    struct memory_sink sink;
    struct stream text, index;
    struct text_streams streams;
};

/* The parts of a review: any mix of codings, some of no bytes, a few longer than an extent. */
static void make_parts(uint32_t doc, struct text_part parts[TEXT_FIELD_COUNT]) {
    static char letters[200000];
    uint64_t random = doc * 7919u + 1;
    for (size_t i = 0; letters[0] == 0 && i < sizeof letters; i++)
        letters[sizeof letters - 1 - i] = (char)('a' + i * i % 26);
    for (unsigned field = 0; field < TEXT_FIELD_COUNT; field++) {
        parts[field].coding = (enum text_coding)random_below(&random, 4);
        uint32_t size = doc % 700 == 3 ? 90000 : random_below(&random, random_below(&random, 9) == 0 ? 3 : 150);
        parts[field].data = view_of(letters + random_below(&random, 1000), parts[field].coding == CODING_ABSENT ? 0 : size);
    }
}

static revue_status write_text(const struct segment_sink *sink, uint32_t count, uint64_t *text_size, uint64_t *index_size,
                               revue_error *error) {
    text_writer *writer;
    TRY(text_writer_create(&writer, sink, error));
    revue_status status = REVUE_OK;
    for (uint32_t doc = 0; doc < count && status == REVUE_OK; doc++) {
        struct text_part parts[TEXT_FIELD_COUNT];
        make_parts(doc, parts);
        status = text_writer_add(writer, parts, error);
    }
    if (status == REVUE_OK) status = text_writer_finish(writer, text_size, index_size, error);
    text_writer_free(writer);
    return status;
}

static void written_open(struct written *written, uint32_t count) {
    revue_error error;
    uint64_t text_size, index_size;
    memory_sink_open(&written->sink);
    assert_ok(write_text(&written->sink.sink, count, &text_size, &index_size, &error));
    assert_int_equal(text_size, written->sink.kinds[KIND_TEXT].size);
    assert_int_equal(index_size, written->sink.kinds[KIND_TEXT_INDEX].size);
    memory_stream_open(&written->text, KIND_TEXT, written->sink.kinds[KIND_TEXT].data, (size_t)text_size);
    memory_stream_open(&written->index, KIND_TEXT_INDEX, written->sink.kinds[KIND_TEXT_INDEX].data, (size_t)index_size);
    written->streams = (struct text_streams){&written->text, &written->index, count};
}

static void written_close(struct written *written) {
    memory_stream_close(&written->text);
    memory_stream_close(&written->index);
    memory_sink_close(&written->sink);
}

static void test_records(void **state) {
    (void)state;
    revue_error error;
    struct written written;
    struct bytes scratch = {0};
    uint64_t random = 2;
    struct text_part parts[TEXT_FIELD_COUNT], expected[TEXT_FIELD_COUNT];
    written_open(&written, MANY);
    assert_int_equal(written.index.size, 8 * ((MANY + 3) / 4));
    for (uint32_t round = 0; round < 2 * MANY; round++) {
        uint32_t doc = round < MANY ? round : random_below(&random, MANY);
        assert_ok(text_read(written.streams, doc, &scratch, parts, &error));
        make_parts(doc, expected);
        for (unsigned field = 0; field < TEXT_FIELD_COUNT; field++) {
            assert_int_equal(parts[field].coding, expected[field].coding);
            assert_int_equal(parts[field].data.size, expected[field].data.size);
            if (parts[field].data.size > 0)
                assert_memory_equal(parts[field].data.data, expected[field].data.data, parts[field].data.size);
        }
    }
    assert_int_equal(text_read(written.streams, MANY, &scratch, parts, &error), REVUE_CORRUPT);
    bytes_free(&scratch);
    written_close(&written);
}

static void test_bytes(void **state) {
    (void)state;
    revue_error error;
    struct memory_sink sink;
    text_writer *writer;
    uint64_t text_size, index_size;
    memory_sink_open(&sink);
    assert_ok(text_writer_create(&writer, &sink.sink, &error));
    const struct text_part both[TEXT_FIELD_COUNT] = {
        {CODING_WORDS, view_of_string("ab")}, {CODING_ABSENT, {NULL, 0}}, {CODING_PLAIN, view_of_string("xyz")}};
    const struct text_part none[TEXT_FIELD_COUNT] = {
        {CODING_ABSENT, {NULL, 0}}, {CODING_ABSENT, {NULL, 0}}, {CODING_ABSENT, {NULL, 0}}};
    const struct text_part url[TEXT_FIELD_COUNT] = {
        {CODING_ABSENT, {NULL, 0}}, {CODING_ZSTD, view_of_string("u")}, {CODING_ABSENT, {NULL, 0}}};
    assert_ok(text_writer_add(writer, both, &error));
    assert_ok(text_writer_add(writer, none, &error));
    assert_ok(text_writer_add(writer, url, &error));
    assert_ok(text_writer_finish(writer, &text_size, &index_size, &error));
    text_writer_free(writer);
    assert_view(view_of(sink.kinds[KIND_TEXT].data, (size_t)text_size),
                "\x07\x31\x02"
                "abxyz"
                "\x01\x00"
                "\x02\x08"
                "u",
                13);
    assert_view(view_of(sink.kinds[KIND_TEXT_INDEX].data, (size_t)index_size), "\0\0\0\0\0\0\0\0", 8);
    memory_sink_close(&sink);
}

/* ---- codings ---- */

static enum text_coding chosen(const void *raw, size_t raw_size, size_t codes_size, struct text_packer *packer,
                               struct text_part *part) {
    static const char codes[1000];
    revue_error error;
    assert_ok(text_part_choose(view_of(raw, raw_size), view_of(codes, codes_size), packer, part, &error));
    return part->coding;
}

static void test_coding_is_chosen(void **state) {
    (void)state;
    struct text_packer packer = {0};
    struct text_part part;
    char noise[100], repeated[1000];
    uint64_t random = 4;
    for (unsigned i = 0; i < sizeof noise; i++)
        noise[i] = (char)random_next(&random);
    for (unsigned i = 0; i < sizeof repeated; i++)
        repeated[i] = "\xE7\x94\xB5\xE5\xBD\xB1"[i % 6];
    assert_int_equal(chosen(NULL, 0, 0, &packer, &part), CODING_ABSENT);
    assert_int_equal(chosen(noise, 100, 80, &packer, &part), CODING_WORDS);
    assert_int_equal(part.data.size, 80);
    assert_int_equal(chosen(noise, 100, 81, &packer, &part), CODING_WORDS); /* noise does not compress */
    assert_int_equal(chosen(noise, 100, 100, &packer, &part), CODING_PLAIN);
    assert_int_equal(chosen(noise, 100, 0, &packer, &part), CODING_PLAIN);
    assert_ptr_equal(part.data.data, noise);
    assert_int_equal(chosen(repeated, 1000, 800, &packer, &part), CODING_WORDS);
    assert_int_equal(chosen(repeated, 1000, 801, &packer, &part), CODING_ZSTD);
    assert_true(part.data.size < 100);
    assert_int_equal(chosen(repeated, 1000, 0, &packer, &part), CODING_ZSTD);
    text_packer_free(&packer);
}

/* What a packer packed before shows in nothing. */
static void test_packer_forgets(void **state) {
    (void)state;
    struct text_packer kept = {0};
    char text[3000];
    memset(text, 'r', sizeof text);
    for (size_t size = sizeof text; size > 20; size -= size / 3) {
        struct text_packer fresh = {0};
        struct text_part part, expected;
        text[size / 2] = (char)size;
        assert_int_equal(chosen(text, size, 0, &kept, &part), chosen(text, size, 0, &fresh, &expected));
        assert_view(part.data, expected.data.data, expected.data.size);
        text_packer_free(&fresh);
    }
    text_packer_free(&kept);
}

static void test_parts_are_decoded(void **state) {
    (void)state;
    revue_error error;
    static const struct symbol symbols[] = {{{"good", 4}, false}, {{"movie", 5}, false}};
    struct test_tables test;
    struct bytes out = {0}, codes = {0};
    struct text_packer packer = {0};
    struct word_codes_writer writer;
    struct text_part part;
    char repeated[3000];
    memset(repeated, 'r', sizeof repeated);
    test_tables_open(&test, symbols, 2, 0);
    assert_ok(text_part_choose(view_of(repeated, sizeof repeated), view_of(NULL, 0), &packer, &part, &error));
    assert_int_equal(part.coding, CODING_ZSTD);
    bytes_append_string(&out, "kept");
    for (size_t limit = 2998; limit < 3002; limit++) {
        assert_int_equal(text_part_decode(&test.tables, part, limit, &out, &error),
                         limit < 3000 ? REVUE_CORRUPT : REVUE_OK);
        assert_int_equal(out.size, limit < 3000 ? 4 : 3004);
        out.size = 4;
    }
    assert_ok(text_part_decode(&test.tables, (struct text_part){CODING_PLAIN, view_of("as it is", 8)}, 8, &out, &error));
    assert_int_equal(
        text_part_decode(&test.tables, (struct text_part){CODING_PLAIN, view_of("as it is", 8)}, 7, &out, &error),
        REVUE_CORRUPT);
    word_codes_start(&writer, &test.tables.code, &codes);
    for (uint32_t i = 0; i < 2; i++)
        word_codes_append(&writer, (struct text_item){SYMBOL_FIRST + i, {NULL, 0}}, i > 0, true, true);
    word_codes_finish(&writer);
    part = (struct text_part){CODING_WORDS, bytes_view(&codes)};
    assert_ok(text_part_decode(&test.tables, part, 10, &out, &error));
    assert_int_equal(text_part_decode(&test.tables, part, 9, &out, &error), REVUE_CORRUPT);
    assert_ok(text_part_decode(&test.tables, (struct text_part){CODING_ABSENT, {NULL, 0}}, 0, &out, &error));
    assert_view(bytes_view(&out), "keptas it isgood movie", 22);
    text_packer_free(&packer);
    bytes_free(&out);
    bytes_free(&codes);
    test_tables_close(&test);
}

/* Frames that lie about their size, or do not tell it, are refused before memory is asked for. */
static void test_wrong_frames(void **state) {
    (void)state;
    revue_error error;
    struct symbol_tables none = {0};
    struct bytes out = {0};
    static const uint8_t endless[] = {0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0, 0, 0, 0, 0, 0, 0, 0x40}; /* says 2^62 bytes */
    static const uint8_t untold[] = {0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58, 0x01, 0x00, 0x00};
    assert_int_equal(text_part_decode(&none, (struct text_part){CODING_ZSTD, view_of(endless, sizeof endless)},
                                      SIZE_MAX / 4, &out, &error),
                     REVUE_CORRUPT);
    assert_int_equal(
        text_part_decode(&none, (struct text_part){CODING_ZSTD, view_of(untold, sizeof untold)}, 1000, &out, &error),
        REVUE_CORRUPT);
    assert_int_equal(text_part_decode(&none, (struct text_part){CODING_ZSTD, view_of("no frame", 8)}, 1000, &out, &error),
                     REVUE_CORRUPT);
    assert_int_equal(text_part_decode(&none, (struct text_part){CODING_ZSTD, view_of("", 0)}, 1000, &out, &error),
                     REVUE_CORRUPT);
    assert_null(out.data);
}

/* ---- damage ---- */

static void read_everything(struct text_streams streams) {
    revue_error error;
    struct bytes scratch = {0};
    for (uint32_t doc = 0; doc < streams.doc_count; doc++) {
        struct text_part parts[TEXT_FIELD_COUNT];
        revue_status status = text_read(streams, doc, &scratch, parts, &error);
        assert_true(status == REVUE_OK || status == REVUE_CORRUPT);
        for (unsigned field = 0; status == REVUE_OK && field < TEXT_FIELD_COUNT; field++)
            for (size_t i = 0; i < parts[field].data.size; i++)
                (void)((const volatile char *)parts[field].data.data)[i];
    }
    bytes_free(&scratch);
}

static void flip_text(void *context, const uint8_t *flipped, size_t size) {
    struct text_streams streams = ((struct written *)context)->streams;
    struct stream damaged;
    memory_stream_open(&damaged, KIND_TEXT, flipped, size);
    streams.text = &damaged;
    read_everything(streams);
    memory_stream_close(&damaged);
}

static void flip_index(void *context, const uint8_t *flipped, size_t size) {
    struct text_streams streams = ((struct written *)context)->streams;
    struct stream damaged;
    memory_stream_open(&damaged, KIND_TEXT_INDEX, flipped, size);
    streams.index = &damaged;
    read_everything(streams);
    memory_stream_close(&damaged);
}

static void test_flipped_bits(void **state) {
    (void)state;
    struct written written;
    memory_sink_open(&written.sink);
    revue_error error;
    text_writer *writer;
    uint64_t text_size, index_size;
    assert_ok(text_writer_create(&writer, &written.sink.sink, &error));
    for (unsigned doc = 0; doc < 20; doc++) {
        const struct text_part parts[TEXT_FIELD_COUNT] = {
            {doc % 2 ? CODING_WORDS : CODING_ABSENT, view_of("title", doc % 2 ? 5 : 0)},
            {CODING_ABSENT, {NULL, 0}},
            {CODING_PLAIN, view_of("the body of it", doc % 15)}};
        assert_ok(text_writer_add(writer, parts, &error));
    }
    assert_ok(text_writer_finish(writer, &text_size, &index_size, &error));
    text_writer_free(writer);
    memory_stream_open(&written.text, KIND_TEXT, written.sink.kinds[KIND_TEXT].data, (size_t)text_size);
    memory_stream_open(&written.index, KIND_TEXT_INDEX, written.sink.kinds[KIND_TEXT_INDEX].data, (size_t)index_size);
    written.streams = (struct text_streams){&written.text, &written.index, 20};
    flip_each_bit(written.sink.kinds[KIND_TEXT].data, (size_t)text_size, flip_text, &written);
    flip_each_bit(written.sink.kinds[KIND_TEXT_INDEX].data, (size_t)index_size, flip_index, &written);
    for (written.text.size = 0; written.text.size < text_size; written.text.size++)
        read_everything(written.streams);
    for (written.index.size = 0; written.index.size < index_size; written.index.size++)
        read_everything(written.streams);
    written_close(&written);
}

static void flip_frame(void *context, const uint8_t *flipped, size_t size) {
    revue_error error;
    struct bytes out = {0};
    struct symbol_tables none = {0};
    (void)context;
    revue_status status =
        text_part_decode(&none, (struct text_part){CODING_ZSTD, view_of(flipped, size)}, 5000, &out, &error);
    assert_true(status == REVUE_OK || status == REVUE_CORRUPT);
    assert_true(status == REVUE_OK || out.size == 0);
    bytes_free(&out);
}

static void test_flipped_frames(void **state) {
    (void)state;
    revue_error error;
    struct text_packer packer = {0};
    struct text_part part;
    char text[1200];
    for (unsigned i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + i * i / 7 % 11);
    assert_ok(text_part_choose(view_of(text, sizeof text), view_of(NULL, 0), &packer, &part, &error));
    assert_int_equal(part.coding, CODING_ZSTD);
    flip_each_bit(part.data.data, part.data.size, flip_frame, NULL);
    text_packer_free(&packer);
}

/* ---- memory ---- */

static revue_status write_and_read(void *context, revue_error *error) {
    struct written *written = context;
    struct memory_sink sink;
    uint64_t text_size, index_size;
    memory_sink_open(&sink);
    revue_status status = write_text(&sink.sink, 40, &text_size, &index_size, error);
    memory_sink_close(&sink);
    if (status != REVUE_OK) return status;
    struct bytes scratch = {0};
    struct text_part parts[TEXT_FIELD_COUNT];
    for (uint32_t doc = 0; doc < 40 && status == REVUE_OK; doc++)
        status = text_read(written->streams, doc, &scratch, parts, error);
    bytes_free(&scratch);
    static const char zeros[5000];
    struct text_packer packer = {0};
    struct bytes out = {0};
    struct symbol_tables none = {0};
    struct text_part part = {CODING_ABSENT, {NULL, 0}};
    if (status == REVUE_OK)
        status = text_part_choose(view_of(zeros, sizeof zeros), view_of(NULL, 0), &packer, &part, error);
    if (status == REVUE_OK) status = text_part_decode(&none, part, sizeof zeros, &out, error);
    if (status == REVUE_OK) assert_view(bytes_view(&out), zeros, sizeof zeros);
    text_packer_free(&packer);
    bytes_free(&out);
    return status;
}

static void test_allocations_fail(void **state) {
    (void)state;
    struct written written;
    written_open(&written, 40);
    assert_true(fail_each_allocation(write_and_read, &written) > 6);
    written_close(&written);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_coding_is_chosen),
        cmocka_unit_test(test_packer_forgets),
        cmocka_unit_test(test_parts_are_decoded),
        cmocka_unit_test(test_wrong_frames),
        cmocka_unit_test(test_flipped_bits),
        cmocka_unit_test(test_flipped_frames),
        cmocka_unit_test(test_allocations_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
