/* test_segment.c - META there and back, and a segment written in several transactions, opened, and removed. */
#include "indexer/base/hash.h"
#include "indexer/format/segment.h"
#include "tests/unit/format/format_test.h"

#define LARGE (25u << 20) /* more than two transactions' worth */

/* ---- META ---- */

static struct segment_meta sample_meta(void) {
    struct segment_meta meta = {.doc_count = 1000,
                                .term_count = 20,
                                .form_count = 30,
                                .posting_count = (uint64_t)1 << 40,
                                .token_count = (uint64_t)1 << 41,
                                .has_positions = true,
                                .has_text = true,
                                .symbol_count = 50,
                                .first_symbol = 63};
    static const uint8_t widths[] = {0, 1, 2, 4};
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        meta.fields[field] = (struct segment_field){widths[field], (uint64_t)field << 33, 250 * field};
    }
    meta.kinds[KIND_TERMS] = (struct segment_kind_size){5, 20000, 0xABCDEF0123456789u};
    meta.kinds[KIND_POSTINGS] = (struct segment_kind_size){2, EXTENT_BYTES + 1, 7};
    meta.kinds[KIND_SYMBOL_INDEX] = (struct segment_kind_size){1, EXTENT_BYTES, 8};
    return meta;
}

static void assert_same_meta(const struct segment_meta *a, const struct segment_meta *b) {
    assert_int_equal(a->doc_count, b->doc_count);
    assert_int_equal(a->term_count, b->term_count);
    assert_int_equal(a->form_count, b->form_count);
    assert_int_equal(a->posting_count, b->posting_count);
    assert_int_equal(a->token_count, b->token_count);
    assert_int_equal(a->has_positions, b->has_positions);
    assert_int_equal(a->has_text, b->has_text);
    assert_int_equal(a->symbol_count, b->symbol_count);
    assert_int_equal(a->first_symbol, b->first_symbol);
    assert_memory_equal(a->code_lengths, b->code_lengths, sizeof a->code_lengths);
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        assert_int_equal(a->fields[field].length_width, b->fields[field].length_width);
        assert_int_equal(a->fields[field].total_length, b->fields[field].total_length);
        assert_int_equal(a->fields[field].docs_with_field, b->fields[field].docs_with_field);
    }
    for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
        assert_int_equal(a->kinds[kind].records, b->kinds[kind].records);
        assert_int_equal(a->kinds[kind].bytes, b->kinds[kind].bytes);
        assert_int_equal(a->kinds[kind].checksum, b->kinds[kind].checksum);
    }
}

static void test_meta_there_and_back(void **state) {
    (void)state;
    revue_error error;
    struct bytes record = {0};
    struct segment_meta meta = sample_meta(), found, base = {.symbol_count = 60, .first_symbol = SYMBOL_FIRST};
    number_code_choose(NULL, 0, base.code_lengths);
    segment_meta_encode(&meta, &record);
    assert_int_equal(record.size, 4 * 4 + 8 * 2 + 1 + 4 * 13 + 2 * 4 + 1 + 3 * 21);
    assert_int_equal(record.data[32], 3);
    assert_ok(segment_meta_decode(bytes_view(&record), &found, &error));
    assert_same_meta(&meta, &found);
    bytes_clear(&record);
    segment_meta_encode(&base, &record);
    assert_int_equal(record.size, 4 * 4 + 8 * 2 + 1 + 4 * 13 + 2 * 4 + 1 + NUMBER_CODE_BYTES);
    assert_ok(segment_meta_decode(bytes_view(&record), &found, &error));
    assert_same_meta(&base, &found);
    bytes_free(&record);
}

static void decode_any(void *context, const uint8_t *data, size_t size) {
    struct segment_meta meta;
    revue_status status = segment_meta_decode(view_of(data, size), &meta, NULL);
    *(unsigned *)context += status == REVUE_CORRUPT;
    if (status != REVUE_CORRUPT) assert_int_equal(status, REVUE_OK);
}

static void test_damaged_meta(void **state) {
    (void)state;
    struct segment_meta meta = sample_meta(), found;
    struct bytes record = {0};
    revue_error error;
    unsigned refused = 0;
    segment_meta_encode(&meta, &record);
    for (size_t size = 0; size < record.size; size++) {
        uint8_t *cut = malloc(size + 1);
        memcpy(cut, record.data, size);
        assert_int_equal(segment_meta_decode(view_of(cut, size), &found, &error), REVUE_CORRUPT);
        free(cut);
    }
    flip_each_bit(record.data, record.size, decode_any, &refused);
    assert_in_range(refused, 32 + 6 + 4 * 4 + 8 + 3 * 8, record.size * 8);
    bytes_append_u8(&record, 0);
    assert_int_equal(segment_meta_decode(bytes_view(&record), &found, &error), REVUE_CORRUPT);
    store_le32(record.data, 2);
    assert_int_equal(segment_meta_decode(bytes_view(&record), &found, &error), REVUE_CORRUPT);
    assert_non_null(strstr(error.message, "has format 2, this program reads format 1"));
    bytes_free(&record);
}

static void test_meta_that_contradicts(void **state) {
    (void)state;
    /* Kind by kind: its number, records and bytes, as what is wrong with them; the last ones are right. */
    static const struct {
        uint8_t kind;
        uint32_t records;
        uint64_t bytes;
        revue_status expected;
    } cases[] = {{KIND_META, 1, 10, REVUE_CORRUPT},
                 {KIND_COUNT, 1, 10, REVUE_CORRUPT},
                 {KIND_TERMS, 0, 0, REVUE_CORRUPT},
                 {KIND_TEXT, 1, 0, REVUE_CORRUPT},
                 {KIND_TEXT, 1, EXTENT_BYTES + 1, REVUE_CORRUPT},
                 {KIND_TEXT, 2, EXTENT_BYTES, REVUE_CORRUPT},
                 {KIND_TEXT, 1, UINT64_MAX, REVUE_CORRUPT},
                 {KIND_TEXT, 2, EXTENT_BYTES + 1, REVUE_OK},
                 {KIND_TERMS, 1, 4072, REVUE_OK}};
    struct segment_meta meta = {.doc_count = 1}, found;
    struct bytes record = {0};
    revue_error error;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes_clear(&record);
        segment_meta_encode(&meta, &record);
        record.data[record.size - 1] = 1;
        bytes_append_u8(&record, cases[i].kind);
        bytes_append_u32(&record, cases[i].records);
        bytes_append_u64(&record, cases[i].bytes);
        bytes_append_u64(&record, 0);
        assert_int_equal(segment_meta_decode(bytes_view(&record), &found, &error), cases[i].expected);
    }
    bytes_free(&record);
}

/* ---- a whole segment ---- */

static uint8_t *content;

static int make_content(void **state) {
    (void)state;
    uint64_t random = 11;
    content = malloc(LARGE);
    for (size_t i = 0; content && i < LARGE; i += 4)
        store_le32(content + i, (uint32_t)random_next(&random));
    return content ? 0 : -1;
}

static int free_content(void **state) {
    (void)state;
    free(content);
    return 0;
}

static revue_status write_stream(const struct segment_sink *sink, enum segment_kind kind, const void *data, size_t size,
                                 revue_error *error) {
    struct stream_writer writer;
    revue_status status = stream_writer_open(&writer, sink, kind, error);
    if (status == REVUE_OK) status = stream_writer_append(&writer, data, size, error);
    if (status == REVUE_OK) status = stream_writer_finish(&writer, error);
    stream_writer_free(&writer);
    return status;
}

static revue_status put_block(const struct segment_sink *sink, enum segment_kind kind, const char *first,
                              revue_error *error) {
    return sink->put(sink->context, kind, view_of_string(first), view_of_string("a block"), error);
}

/* Two kinds of blocks interleaved with a stream, and a column. */
static revue_status write_segment(store *to, uint32_t number, size_t text_size, struct segment_meta *meta,
                                  uint64_t *checksum, revue_error *error) {
    segment_writer *writer;
    revue_status status = segment_writer_create(&writer, to, number, error);
    if (status != REVUE_OK) return status;
    const struct segment_sink *sink = segment_writer_sink(writer);
    status = put_block(sink, KIND_TERMS, "a", error);
    if (status == REVUE_OK) status = put_block(sink, KIND_FORMS, "b", error);
    if (status == REVUE_OK) status = write_stream(sink, KIND_TEXT, content, text_size, error);
    if (status == REVUE_OK) status = put_block(sink, KIND_TERMS, "c", error);
    if (status == REVUE_OK) status = segment_writer_put_column(writer, 7, 3, view_of_string("a chunk"), error);
    if (status == REVUE_OK) status = segment_writer_finish(writer, meta, checksum, error);
    segment_writer_free(writer);
    return status;
}

static unsigned count_records(store_txn *txn, enum store_table table) {
    store_cursor *cursor;
    struct view key, value;
    unsigned count = 0;
    revue_error error;
    assert_ok(store_cursor_open(txn, table, &cursor, &error));
    while (store_cursor_next(cursor, &key, &value, &error) == REVUE_OK)
        count++;
    store_cursor_close(cursor);
    return count;
}

/* What META says against what the store holds. */
static void assert_checksum_of_checksums(store_txn *txn, uint32_t segment, enum segment_kind kind,
                                         struct segment_kind_size size) {
    struct key prefix = key_segment_kind(segment, kind);
    struct bytes checksums = {0};
    struct view key, value;
    store_cursor *cursor;
    revue_error error;
    uint32_t records = 0;
    uint64_t bytes = 0;
    assert_ok(store_cursor_open(txn, TABLE_SEGMENTS, &cursor, &error));
    revue_status status = store_cursor_at_or_after(cursor, key_view(&prefix), &key, &value, &error);
    while (status == REVUE_OK && key.size >= 5 && memcmp(key.data, prefix.data, 5) == 0) {
        bytes_append(&checksums, value.data + value.size, 8);
        records++;
        bytes += value.size;
        status = store_cursor_next(cursor, &key, &value, &error);
    }
    assert_int_equal(records, size.records);
    assert_int_equal(bytes, size.bytes);
    assert_int_equal(hash_bytes(checksums.data, checksums.size), size.checksum);
    store_cursor_close(cursor);
    bytes_free(&checksums);
}

static void test_written_and_opened(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    struct segment_meta meta = {.doc_count = 9, .has_text = true}, found;
    struct segment *segment;
    struct bytes scratch = {0};
    const uint8_t *view;
    uint64_t checksum, again, before;
    fixture_open(&fixture);
    before = store_txn_id(fixture.txn);
    store_abort(fixture.txn);
    assert_ok(write_segment(fixture.store, 4, LARGE, &meta, &checksum, &error));
    assert_int_equal(meta.kinds[KIND_TERMS].records, 2);
    assert_int_equal(meta.kinds[KIND_TERMS].bytes, 14);
    assert_int_equal(meta.kinds[KIND_TEXT].bytes, LARGE);
    assert_int_equal(meta.kinds[KIND_META].records, 0);
    assert_ok(store_begin_read(fixture.store, &fixture.txn, &error));
    assert_int_equal(store_txn_id(fixture.txn) - before + 1, 3); /* commits */
    for (unsigned kind = KIND_TERMS; kind < KIND_COUNT; kind++) {
        if (meta.kinds[kind].records)
            assert_checksum_of_checksums(fixture.txn, 4, (enum segment_kind)kind, meta.kinds[kind]);
    }
    assert_ok(segment_meta_read(fixture.txn, 4, &found, &again, &error));
    assert_same_meta(&meta, &found);
    assert_int_equal(again, checksum);
    assert_ok(segment_open(&segment, fixture.txn, 4, NULL, &error));
    struct text_streams text = segment_text(segment);
    assert_int_equal(text.text->size, LARGE);
    assert_int_equal(text.index->size, 0);
    assert_int_equal(text.doc_count, 9);
    assert_ok(stream_view(text.text, LARGE - 100000, 100000, &scratch, &view, &error));
    assert_memory_equal(view, content + LARGE - 100000, 100000);
    segment_close(segment);
    segment_close(NULL);
    bytes_free(&scratch);
    fixture_close(&fixture);
}

static void test_removed_whole(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    struct segment_meta meta = {.doc_count = 9}, found;
    uint64_t checksum;
    fixture_open(&fixture);
    store_abort(fixture.txn);
    for (uint32_t number = 3; number <= 5; number++) {
        assert_ok(write_segment(fixture.store, number, 200000, &meta, &checksum, &error));
    }
    assert_ok(store_begin_write(fixture.store, &fixture.txn, &error));
    struct key key = key_deletes_chunk(4, 0);
    assert_ok(store_put(fixture.txn, TABLE_DELETES, key_view(&key), view_of_string("x"), &error));
    unsigned records = count_records(fixture.txn, TABLE_SEGMENTS);
    assert_ok(segment_remove(fixture.txn, 4, &error));
    assert_int_equal(count_records(fixture.txn, TABLE_SEGMENTS), records / 3 * 2);
    assert_int_equal(count_records(fixture.txn, TABLE_COLUMNS), 2);
    assert_int_equal(count_records(fixture.txn, TABLE_DELETES), 0);
    assert_int_equal(segment_meta_read(fixture.txn, 4, &found, &checksum, &error), REVUE_NO_MATCH);
    assert_ok(segment_meta_read(fixture.txn, 3, &found, &checksum, &error));
    assert_ok(segment_meta_read(fixture.txn, 5, &found, &checksum, &error));
    struct segment *segment;
    assert_int_equal(segment_open(&segment, fixture.txn, 4, NULL, &error), REVUE_CORRUPT);
    assert_non_null(strstr(error.message, "segment 4 has no META record"));
    fixture_close(&fixture);
}

/* A run that was stopped leaves records without META; the next one that takes the number starts anew. */
static void test_leftovers_go(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    struct segment_meta meta = {.doc_count = 9}, found;
    segment_writer *writer;
    uint64_t checksum;
    fixture_open(&fixture);
    store_abort(fixture.txn);
    assert_ok(segment_writer_create(&writer, fixture.store, 4, &error));
    assert_ok(write_stream(segment_writer_sink(writer), KIND_TEXT, content, LARGE, &error));
    segment_writer_free(writer);
    assert_ok(store_begin_read(fixture.store, &fixture.txn, &error));
    assert_in_range(count_records(fixture.txn, TABLE_SEGMENTS), 300, LARGE / EXTENT_BYTES);
    assert_int_equal(segment_meta_read(fixture.txn, 4, &found, &checksum, &error), REVUE_NO_MATCH);
    store_abort(fixture.txn);
    assert_ok(write_segment(fixture.store, 4, 1000, &meta, &checksum, &error));
    assert_ok(store_begin_read(fixture.store, &fixture.txn, &error));
    assert_int_equal(count_records(fixture.txn, TABLE_SEGMENTS), 3 + 1 + 1);
    fixture_close(&fixture);
}

static void test_symbol_tables(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    struct segment_meta base = {.first_symbol = SYMBOL_FIRST, .symbol_count = 2},
                        meta = {.doc_count = 1, .symbol_count = 1};
    struct symbol base_symbols[] = {{view_of_string("the"), false}, {view_of_string(", "), true}};
    struct symbol local_symbols[] = {{view_of_string("Ballerina"), false}};
    struct symbol found;
    struct bytes scratch = {0};
    struct segment *segment;
    segment_writer *writer;
    uint64_t bytes_size, index_size, checksum;
    fixture_open(&fixture);
    store_abort(fixture.txn);
    number_code_choose(NULL, 0, base.code_lengths);
    assert_ok(segment_writer_create(&writer, fixture.store, BASE_SEGMENT, &error));
    assert_ok(symbols_write(segment_writer_sink(writer), base_symbols, 2, &bytes_size, &index_size, &error));
    assert_ok(segment_writer_finish(writer, &base, &checksum, &error));
    segment_writer_free(writer);
    meta.first_symbol = SYMBOL_FIRST + 2;
    assert_ok(segment_writer_create(&writer, fixture.store, 1, &error));
    assert_ok(symbols_write(segment_writer_sink(writer), local_symbols, 1, &bytes_size, &index_size, &error));
    assert_ok(segment_writer_finish(writer, &meta, &checksum, &error));
    segment_writer_free(writer);
    assert_ok(store_begin_read(fixture.store, &fixture.txn, &error));
    assert_ok(segment_meta_read(fixture.txn, BASE_SEGMENT, &base, &checksum, &error));
    assert_ok(segment_open(&segment, fixture.txn, 1, &base, &error));
    assert_true(segment->symbols.code.is_made);
    assert_memory_equal(segment->symbols.code.lengths, base.code_lengths, NUMBER_CLASSES);
    assert_ok(symbol_tables_get(&segment->symbols, SYMBOL_FIRST + 1, &scratch, &found, &error));
    assert_view(found.bytes, ", ", 2);
    assert_ok(symbol_tables_get(&segment->symbols, SYMBOL_FIRST + 2, &scratch, &found, &error));
    assert_view(found.bytes, "Ballerina", 9);
    assert_int_equal(symbol_tables_get(&segment->symbols, SYMBOL_FIRST + 3, &scratch, &found, &error), REVUE_CORRUPT);
    segment_close(segment);
    base.code_lengths[0]++;
    assert_int_equal(segment_open(&segment, fixture.txn, 1, &base, &error), REVUE_CORRUPT);
    assert_non_null(strstr(error.message, "no code"));
    base.code_lengths[0]--;
    /* A base of another size: the numbers of the segment mean something else. */
    base.symbol_count = 3;
    assert_int_equal(segment_open(&segment, fixture.txn, 1, &base, &error), REVUE_CORRUPT);
    base.symbol_count = 2;
    assert_ok(segment_open(&segment, fixture.txn, BASE_SEGMENT, &base, &error));
    assert_int_equal(segment->symbols.base_count, 2);
    assert_int_equal(segment->symbols.local_count, 0);
    segment_close(segment);
    bytes_free(&scratch);
    fixture_close(&fixture);
}

/* ---- failing ---- */

static revue_status write_and_open(void *context, revue_error *error) {
    struct fixture *fixture = context;
    struct segment_meta meta = {.doc_count = 9};
    struct segment *segment;
    store_txn *txn;
    uint64_t checksum;
    revue_status status = write_segment(fixture->store, 4, 100000, &meta, &checksum, error);
    if (status == REVUE_OK) status = store_begin_read(fixture->store, &txn, error);
    if (status != REVUE_OK) return status;
    status = segment_open(&segment, txn, 4, NULL, error);
    if (status == REVUE_OK) segment_close(segment);
    store_abort(txn);
    return status;
}

static void test_allocations(void **state) {
    (void)state;
    struct fixture fixture;
    fixture_open(&fixture);
    store_abort(fixture.txn);
    fixture.txn = NULL;
    assert_in_range(fail_each_allocation(write_and_open, &fixture), 8, 30);
    fixture_close(&fixture);
}

static bool may_call(void *context) {
    struct failing_memory *failing = context;
    return failing->seen++ != failing->until;
}

/* Whichever LMDB call fails, a segment is there whole or has no META. */
static void test_store_calls(void **state) {
    (void)state;
    struct fixture fixture;
    unsigned until = 0;
    fixture_open(&fixture);
    store_abort(fixture.txn);
    fixture.txn = NULL;
    for (;; until++) {
        struct failing_memory failing = {until, 0};
        struct segment_meta meta = {.doc_count = 9}, found;
        revue_error error = {0};
        uint64_t checksum, again;
        store_set_test_hook(may_call, &failing);
        revue_status status = write_segment(fixture.store, until + 1, 100000, &meta, &checksum, &error);
        store_set_test_hook(NULL, NULL);
        assert_ok(store_begin_read(fixture.store, &fixture.txn, &error));
        revue_status read = segment_meta_read(fixture.txn, until + 1, &found, &again, &error);
        assert_int_equal(read, status == REVUE_OK ? REVUE_OK : REVUE_NO_MATCH);
        if (status == REVUE_OK) assert_int_equal(again, checksum);
        store_abort(fixture.txn);
        fixture.txn = NULL;
        if (failing.seen <= until) break;
        if (status != REVUE_OK) assert_int_equal(status, REVUE_IO);
    }
    assert_in_range(until, 10, 40);
    fixture_close(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_meta_there_and_back),   cmocka_unit_test(test_damaged_meta),
        cmocka_unit_test(test_meta_that_contradicts), cmocka_unit_test(test_written_and_opened),
        cmocka_unit_test(test_removed_whole),         cmocka_unit_test(test_leftovers_go),
        cmocka_unit_test(test_symbol_tables),         cmocka_unit_test(test_allocations),
        cmocka_unit_test(test_store_calls),
    };
    return cmocka_run_group_tests(tests, make_content, free_content);
}
