/* test_lengths.c - lengths of a field: widths, one and many over several extents, reviews that do not exist. */
#include "indexer/format/columns.h"
#include "tests/unit/format/format_test.h"

#define MANY 150000u

static uint32_t lengths[MANY], docs[MANY], gathered[MANY];

struct written {
    struct memory_sink sink;
    struct stream stream;
    struct lengths_reader reader;
};

static void written_open(struct written *written, uint32_t count) {
    revue_error error;
    uint8_t width = 9;
    memory_sink_open(&written->sink);
    assert_ok(lengths_write(&written->sink.sink, 2, lengths, count, &width, &error));
    const struct memory_kind *kind = &written->sink.kinds[KIND_LENGTHS + 2];
    assert_int_equal(kind->size, (size_t)width * count);
    memory_stream_open(&written->stream, (enum segment_kind)(KIND_LENGTHS + 2), kind->data, kind->size);
    written->reader = (struct lengths_reader){&written->stream, width, count};
}

static void written_close(struct written *written) {
    memory_stream_close(&written->stream);
    memory_sink_close(&written->sink);
}

/* Reviews ascending, each with a chance of one in every. */
static uint32_t choose_docs(uint32_t count, uint32_t every, uint64_t *random) {
    uint32_t chosen = 0;
    for (uint32_t doc = 0; doc < count; doc++)
        if (random_below(random, every) == 0) docs[chosen++] = doc;
    return chosen;
}

static void check_width(uint32_t largest, uint8_t width) {
    revue_error error;
    struct written written;
    uint64_t random = largest + 1;
    for (uint32_t i = 0; i < MANY; i++)
        lengths[i] = (uint32_t)(random_next(&random) % ((uint64_t)largest + 1));
    lengths[MANY / 2] = largest;
    written_open(&written, MANY);
    assert_int_equal(written.reader.width, width);
    static const uint32_t every[] = {1, 3, 100, 30000};
    for (unsigned i = 0; i < 4; i++) {
        uint32_t count = choose_docs(MANY, every[i], &random);
        memset(gathered, 0xFF, sizeof gathered);
        assert_ok(lengths_gather(&written.reader, docs, count, gathered, &error));
        for (uint32_t at = 0; at < count; at++)
            assert_int_equal(gathered[at], lengths[docs[at]]);
    }
    for (uint32_t round = 0; round < 1000; round++) {
        uint32_t doc = random_below(&random, MANY), length;
        assert_ok(lengths_get(&written.reader, doc, &length, &error));
        assert_int_equal(length, lengths[doc]);
    }
    written_close(&written);
}

static void test_widths(void **state) {
    (void)state;
    check_width(0, 0);
    check_width(1, 1);
    check_width(255, 1);
    check_width(256, 2);
    check_width(65535, 2);
    check_width(65536, 4);
    check_width(UINT32_MAX, 4);
}

/* No docs, docs out of order, docs that do not exist, a stream that is too short, a width that is none. */
static void test_wrong_docs(void **state) {
    (void)state;
    revue_error error;
    struct written written;
    uint32_t found[4], length;
    for (uint32_t i = 0; i < MANY; i++)
        lengths[i] = i;
    written_open(&written, MANY);
    assert_ok(lengths_gather(&written.reader, docs, 0, found, &error));
    assert_ok(lengths_gather(&written.reader, (const uint32_t[]){MANY - 1, 5, 70000}, 3, found, &error));
    assert_int_equal(found[0], MANY - 1);
    assert_int_equal(found[1], 5);
    assert_int_equal(found[2], 70000);
    assert_int_equal(lengths_gather(&written.reader, (const uint32_t[]){3, MANY}, 2, found, &error), REVUE_CORRUPT);
    assert_int_equal(lengths_gather(&written.reader, (const uint32_t[]){UINT32_MAX}, 1, found, &error), REVUE_CORRUPT);
    assert_int_equal(lengths_get(&written.reader, MANY, &length, &error), REVUE_CORRUPT);
    written.reader.doc_count = MANY + 10;
    assert_int_equal(lengths_get(&written.reader, MANY + 5, &length, &error), REVUE_CORRUPT);
    written.reader.width = 3;
    assert_int_equal(lengths_get(&written.reader, 1, &length, &error), REVUE_CORRUPT);
    written_close(&written);
}

static revue_status write_lengths(void *context, revue_error *error) {
    struct memory_sink sink;
    uint8_t width;
    (void)context;
    memory_sink_open(&sink);
    revue_status status = lengths_write(&sink.sink, 0, (const uint32_t[]){1, 2}, 2, &width, error);
    memory_sink_close(&sink);
    return status;
}

static void test_allocations_fail(void **state) {
    (void)state;
    assert_int_equal(fail_each_allocation(write_lengths, NULL), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_widths),
        cmocka_unit_test(test_wrong_docs),
        cmocka_unit_test(test_allocations_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
