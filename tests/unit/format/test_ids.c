/* test_ids.c - external ids both ways and text hashes: over several extents, equal hashes, equal ids, damage. */
#include "indexer/base/hash.h"
#include "indexer/format/ids.h"
#include "tests/unit/format/format_test.h"

#define MANY 30000u

/* The four streams of ids in memory. */
struct written {
    struct memory_sink sink;
    struct stream streams[4];
    struct ids_streams ids;
};
static const enum segment_kind kinds[4] = {KIND_IDS, KIND_ID_INDEX, KIND_ID_HASHES, KIND_TEXT_HASHES};

/* Most ids look like those of an archive; some are as long as can be, some repeat. */
static size_t make_id(uint32_t doc, char id[ID_MAX]) {
    if (doc % 1000 == 7) {
        memset(id, 'a' + (char)(doc / 1000 % 26), ID_MAX);
        return ID_MAX;
    }
    if (doc % 500 == 13) return (size_t)snprintf(id, ID_MAX, "twice %u", doc / 1000);
    return (size_t)snprintf(id, ID_MAX, "imdb/%u/review-%08x.txt", doc / 100, doc * 2654435761u);
}

static revue_status write_ids(const struct segment_sink *sink, uint32_t count, uint64_t sizes[4], revue_error *error) {
    ids_writer *writer;
    TRY(ids_writer_create(&writer, sink, error));
    revue_status status = REVUE_OK;
    for (uint32_t doc = 0; doc < count && status == REVUE_OK; doc++) {
        char id[ID_MAX];
        size_t size = make_id(doc, id);
        status = ids_writer_add(writer, view_of(id, size), doc * 0x9E3779B97F4A7C15u, error);
    }
    if (status == REVUE_OK) status = ids_writer_finish(writer, sizes, error);
    ids_writer_free(writer);
    return status;
}

static void written_open(struct written *written, uint32_t count) {
    revue_error error;
    uint64_t sizes[4];
    memory_sink_open(&written->sink);
    assert_ok(write_ids(&written->sink.sink, count, sizes, &error));
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(sizes[i], written->sink.kinds[kinds[i]].size);
        memory_stream_open(&written->streams[i], kinds[i], written->sink.kinds[kinds[i]].data, (size_t)sizes[i]);
    }
    written->ids =
        (struct ids_streams){&written->streams[0], &written->streams[1], &written->streams[2], &written->streams[3], count};
}

static void written_close(struct written *written) {
    for (unsigned i = 0; i < 4; i++)
        memory_stream_close(&written->streams[i]);
    memory_sink_close(&written->sink);
}

struct found {
    uint32_t docs[64], count, most;
};

static bool keep_found(void *context, uint32_t doc) {
    struct found *found = context;
    assert_in_range(found->count, 0, 63);
    found->docs[found->count++] = doc;
    return found->count < found->most;
}

static void test_many(void **state) {
    (void)state;
    revue_error error;
    struct written written;
    struct bytes out = {0};
    written_open(&written, MANY);
    assert_true(written.streams[0].size > 3 * EXTENT_BYTES);
    for (uint32_t doc = 0; doc < MANY; doc++) {
        char id[ID_MAX];
        size_t size = make_id(doc, id);
        uint64_t hash;
        struct found found = {.most = 64};
        assert_ok(ids_get(written.ids, doc, &out, &error));
        assert_view(bytes_view(&out), id, size);
        assert_ok(ids_text_hash(written.ids, doc, &hash, &error));
        assert_true(hash == doc * 0x9E3779B97F4A7C15u);
        assert_ok(ids_find(written.ids, view_of(id, size), keep_found, &found, &error));
        bool is_there = false;
        for (uint32_t i = 0; i < found.count; i++) {
            is_there = is_there || found.docs[i] == doc;
            if (i > 0) assert_true(found.docs[i] > found.docs[i - 1]);
        }
        assert_true(is_there);
        if (doc % 1000 == 513) assert_int_equal(found.count, 2);
    }
    bytes_free(&out);
    written_close(&written);
}

/* Of ascending reviews with all gaps, and of any; some blocks lie in two extents. */
static void test_get_many(void **state) {
    (void)state;
    enum { MOST = 700 };
    static uint32_t docs[MOST];
    static const char *read[MOST];
    struct written written;
    struct arena arena = {0};
    revue_error error;
    uint64_t random = 11;
    written_open(&written, MANY);
    for (uint32_t round = 0; round < 300; round++) {
        const uint32_t count = random_below(&random, MOST), step = 1 + round / 2 % 70;
        for (uint32_t i = 0; i < count; i++)
            docs[i] =
                round % 2 || i == 0 ? random_below(&random, MANY) : (docs[i - 1] + 1 + random_below(&random, step)) % MANY;
        assert_ok(ids_get_many(written.ids, docs, count, &arena, read, &error));
        for (uint32_t i = 0; i < count; i++) {
            char id[ID_MAX];
            const size_t size = make_id(docs[i], id);
            assert_int_equal(strlen(read[i]), size);
            assert_memory_equal(read[i], id, size);
        }
        arena_reset(&arena);
    }
    docs[0] = 5;
    docs[1] = MANY;
    assert_int_equal(ids_get_many(written.ids, docs, 2, &arena, read, NULL), REVUE_CORRUPT);
    arena_free(&arena);
    written_close(&written);
}

static void test_absent(void **state) {
    (void)state;
    revue_error error;
    struct written written;
    struct bytes out = {0};
    struct found found = {.most = 64};
    uint64_t hash;
    written_open(&written, 100);
    for (unsigned i = 0; i < 1000; i++) {
        char id[32];
        int size = snprintf(id, sizeof id, "not there %u", i);
        assert_ok(ids_find(written.ids, view_of(id, (size_t)size), keep_found, &found, &error));
    }
    assert_ok(ids_find(written.ids, view_of(NULL, 0), keep_found, &found, &error));
    assert_int_equal(found.count, 0);
    assert_int_equal(ids_get(written.ids, 100, &out, &error), REVUE_CORRUPT);
    assert_int_equal(ids_text_hash(written.ids, 100, &hash, &error), REVUE_CORRUPT);
    written_close(&written);
    written_open(&written, 0);
    assert_ok(ids_find(written.ids, view_of_string("x"), keep_found, &found, &error));
    assert_int_equal(ids_get(written.ids, 0, &out, &error), REVUE_CORRUPT);
    bytes_free(&out);
    written_close(&written);
}

static void test_finding_stops_when_told(void **state) {
    (void)state;
    revue_error error;
    struct written written;
    written_open(&written, 1000); /* 13 and 513 have the same id */
    struct found found = {.most = 1};
    assert_ok(ids_find(written.ids, view_of_string("twice 0"), keep_found, &found, &error));
    assert_int_equal(found.count, 1);
    assert_int_equal(found.docs[0], 13);
    written_close(&written);
}

static void test_bytes(void **state) {
    (void)state;
    revue_error error;
    struct memory_sink sink;
    ids_writer *writer;
    uint64_t sizes[4];
    memory_sink_open(&sink);
    assert_ok(ids_writer_create(&writer, &sink.sink, &error));
    assert_ok(ids_writer_add(writer, view_of_string("abc"), 0x0102030405060708, &error));
    assert_ok(ids_writer_add(writer, view_of_string("abd"), 2, &error));
    assert_int_equal(ids_writer_add(writer, view_of(NULL, 0), 2, &error), REVUE_BUG);
    assert_ok(ids_writer_finish(writer, sizes, &error));
    ids_writer_free(writer);
    assert_view(view_of(sink.kinds[KIND_IDS].data, sink.kinds[KIND_IDS].size),
                "\2\0\1\0\0\0\0\x11"
                "abcd",
                12);
    assert_view(view_of(sink.kinds[KIND_ID_INDEX].data, sink.kinds[KIND_ID_INDEX].size), "\0\0\0\0\0\0\0\0", 8);
    assert_view(view_of(sink.kinds[KIND_TEXT_HASHES].data, sink.kinds[KIND_TEXT_HASHES].size),
                "\10\7\6\5\4\3\2\1\2\0\0\0\0\0\0\0", 16);
    uint32_t first = (uint32_t)(hash_view(view_of_string("abc")) >> 32),
             second = (uint32_t)(hash_view(view_of_string("abd")) >> 32);
    const uint8_t *hashes = sink.kinds[KIND_ID_HASHES].data;
    assert_int_equal(sizes[2], 16);
    assert_int_equal(load_le32(hashes), first < second ? first : second);
    assert_int_equal(load_le32(hashes + 4), first < second ? 0 : 1);
    assert_int_equal(load_le32(hashes + 8), first < second ? second : first);
    memory_sink_close(&sink);
}

/* All that can be asked of 70 reviews; only statuses are looked at. */
static void ask_everything(struct ids_streams ids) {
    revue_error error;
    struct bytes out = {0};
    struct arena arena = {0};
    for (uint32_t doc = 0; doc < ids.doc_count; doc++) {
        char id[ID_MAX];
        size_t size = make_id(doc, id);
        struct found found = {.most = 64};
        uint64_t hash;
        revue_status status = ids_get(ids, doc, &out, &error);
        assert_true(status == REVUE_OK || status == REVUE_CORRUPT);
        status = ids_find(ids, view_of(id, size), keep_found, &found, &error);
        assert_true(status == REVUE_OK || status == REVUE_CORRUPT);
        status = ids_text_hash(ids, doc, &hash, &error);
        assert_true(status == REVUE_OK || status == REVUE_CORRUPT);
        const uint32_t docs[3] = {doc, doc, doc / 2}; /* the first is read otherwise than those behind it */
        const char *read[3];
        status = ids_get_many(ids, docs, 3, &arena, read, &error);
        assert_true(status == REVUE_OK || status == REVUE_CORRUPT);
        for (unsigned i = 0; i < 3 && status == REVUE_OK; i++)
            assert_in_range(strlen(read[i]), 0, ID_MAX);
    }
    arena_free(&arena);
    bytes_free(&out);
}

struct flipping {
    struct written *written;
    unsigned which;
};

static void check_flipped(void *context, const uint8_t *flipped, size_t size) {
    struct flipping *flipping = context;
    struct stream damaged;
    memory_stream_open(&damaged, kinds[flipping->which], flipped, size);
    struct ids_streams ids = flipping->written->ids;
    *(struct stream * *[]){&ids.ids, &ids.index, &ids.hashes, &ids.text_hashes}[flipping->which] = &damaged;
    ask_everything(ids);
    memory_stream_close(&damaged);
}

static void test_flipped_bits(void **state) {
    (void)state;
    struct written written;
    written_open(&written, 40);
    for (unsigned which = 0; which < 3; which++) {
        struct flipping flipping = {&written, which};
        flip_each_bit(written.sink.kinds[kinds[which]].data, written.sink.kinds[kinds[which]].size, check_flipped,
                      &flipping);
    }
    written_close(&written);
}

static void test_streams_cut_short(void **state) {
    (void)state;
    struct written written;
    written_open(&written, 70);
    for (unsigned which = 0; which < 4; which++) {
        uint64_t whole = written.streams[which].size;
        for (written.streams[which].size = 0; written.streams[which].size < whole; written.streams[which].size++)
            ask_everything(written.ids);
    }
    written_close(&written);
}

struct writing {
    struct written written; /* to read from; its ids lie in several extents */
    struct bytes out;
};

static revue_status write_and_get(void *context, revue_error *error) {
    struct writing *writing = context;
    struct memory_sink sink;
    uint64_t sizes[4];
    memory_sink_open(&sink);
    revue_status status = write_ids(&sink.sink, 1000, sizes, error);
    memory_sink_close(&sink);
    bytes_free(&writing->out);
    for (uint32_t doc = 0; doc < MANY && status == REVUE_OK; doc += 32)
        status = ids_get(writing->written.ids, doc, &writing->out, error);
    static uint32_t docs[MANY / 32];
    static const char *ids[MANY / 32];
    struct arena arena = {0};
    for (uint32_t i = 0; i < MANY / 32; i++)
        docs[i] = i * 32;
    if (status == REVUE_OK) status = ids_get_many(writing->written.ids, docs, MANY / 32, &arena, ids, error);
    arena_free(&arena);
    return status;
}

static void test_allocations_fail(void **state) {
    (void)state;
    static struct writing writing;
    written_open(&writing.written, MANY);
    assert_true(fail_each_allocation(write_and_get, &writing) > 10);
    bytes_free(&writing.out);
    written_close(&writing.written);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_get_many),
        cmocka_unit_test(test_absent),
        cmocka_unit_test(test_finding_stops_when_told),
        cmocka_unit_test(test_flipped_bits),
        cmocka_unit_test(test_streams_cut_short),
        cmocka_unit_test(test_allocations_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
