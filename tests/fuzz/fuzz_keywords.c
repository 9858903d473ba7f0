/* fuzz_keywords.c - keyword values from hostile records whose checksums are right, and values added on top of them.
 *
 * Input: u8 records, then each: u32 first number, u8 part, u8 extent (0 to 3), u16 size, bytes; then the values to add,
 * each a line; an empty line ends a run, which writes its batch. Whatever a number gives must be a value that the table
 * finds, if it finds it, under a number that gives the same; added values must be given for their numbers, and on sound
 * ground (no records) be found under them, through all joining of batches. */
#include "indexer/format/columns.h"
#include "tests/fuzz/fuzz_index.h"

#include <stdlib.h>

#define COLUMN 7u
#define EXTENTS_MAX 4u
#define NUMBERS_READ 300u
#define ADDED_MAX 512u

/* ---- reading ---- */

static void read_number(keywords *table, uint32_t number) {
    struct bytes scratch = {0}, scratch_again = {0};
    struct view value, again;
    uint32_t found;
    if (keywords_value(table, number, &scratch, &value, NULL) == REVUE_OK) {
        require(value.size > 0);
        if (keywords_number(table, value, &found, NULL) == REVUE_OK) {
            require(found < keywords_count(table));
            require(keywords_value(table, found, &scratch_again, &again, NULL) == REVUE_OK && view_equal(again, value));
        }
    }
    bytes_free(&scratch);
    bytes_free(&scratch_again);
}

static void read_all(store_txn *txn) {
    struct bytes scratch = {0};
    struct view value;
    keywords *table;
    revue_status status = keywords_open(&table, txn, COLUMN, NULL);
    require(status == REVUE_OK || status == REVUE_CORRUPT);
    if (status != REVUE_OK) return;
    for (uint32_t number = 0; number < keywords_count(table) && number < NUMBERS_READ; number++)
        read_number(table, number);
    require(keywords_value(table, keywords_count(table), &scratch, &value, NULL) == REVUE_CORRUPT);
    bytes_free(&scratch);
    keywords_close(table);
}

/* ---- adding ---- */

struct added {
    struct view value;
    uint32_t number;
};
static struct added added[ADDED_MAX];
static size_t added_count;

static bool next_line(struct byte_reader *reader, struct view *line) {
    const size_t left = byte_reader_left(reader);
    if (left == 0) return false;
    const uint8_t *end = memchr(reader->next, '\n', left);
    *line = byte_reader_bytes(reader, end ? (size_t)(end - reader->next) : left);
    if (end) (void)byte_reader_u8(reader);
    return true;
}

/* The values of one run get their numbers. False when the ground was too bad to stand on. */
static bool number_run(keywords_builder *builder, struct byte_reader *reader) {
    struct view line;
    while (added_count < ADDED_MAX && next_line(reader, &line) && line.size > 0) {
        struct added *value = &added[added_count];
        value->value = line;
        revue_status status = keywords_builder_number(builder, line, &value->number, NULL);
        require(status == REVUE_OK || status == REVUE_CORRUPT);
        if (status != REVUE_OK) return false;
        added_count++;
    }
    return true;
}

static bool add_run(store_txn *txn, struct byte_reader *reader) {
    keywords *table;
    keywords_builder *builder;
    if (keywords_open(&table, txn, COLUMN, NULL) != REVUE_OK) return false;
    require(keywords_builder_create(&builder, COLUMN, table, NULL) == REVUE_OK);
    bool is_written = number_run(builder, reader) && keywords_builder_write(builder, txn, NULL) == REVUE_OK;
    keywords_builder_free(builder);
    keywords_close(table);
    return is_written;
}

static void check_added(store_txn *txn, bool is_sound) {
    struct bytes scratch = {0};
    struct view value;
    keywords *table;
    uint32_t number;
    require(keywords_open(&table, txn, COLUMN, NULL) == REVUE_OK);
    for (size_t i = 0; i < added_count; i++) {
        require(keywords_value(table, added[i].number, &scratch, &value, NULL) == REVUE_OK);
        require(view_equal(value, added[i].value));
        if (is_sound)
            require(keywords_number(table, added[i].value, &number, NULL) == REVUE_OK && number == added[i].number);
    }
    bytes_free(&scratch);
    keywords_close(table);
}

static void add_all(store_txn *txn, struct byte_reader *reader, bool is_sound) {
    bool is_written = true;
    added_count = 0;
    while (is_written && byte_reader_left(reader) > 0 && added_count < ADDED_MAX) {
        is_written = add_run(txn, reader);
        require(is_written || !is_sound);
        if (is_written) check_added(txn, is_sound);
    }
}

static void put_records(store_txn *txn, struct byte_reader *reader, unsigned count) {
    for (unsigned i = 0; i < count && !reader->failed; i++) {
        const uint32_t first = byte_reader_u32(reader);
        const uint8_t part = byte_reader_u8(reader);
        const uint32_t extent = byte_reader_u8(reader) % EXTENTS_MAX;
        const struct view record = byte_reader_bytes(reader, byte_reader_u16(reader));
        const struct key key = key_keywords(COLUMN, first, part, extent);
        if (!reader->failed) require(store_put(txn, TABLE_KEYWORDS, key_view(&key), record, NULL) == REVUE_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct byte_reader reader = byte_reader_of(data, size);
    store_txn *txn;
    const unsigned record_count = byte_reader_u8(&reader);
    if (reader.failed) return 0;
    require(store_begin_write(fuzz_index(), &txn, NULL) == REVUE_OK);
    put_records(txn, &reader, record_count);
    read_all(txn);
    if (!reader.failed) add_all(txn, &reader, record_count == 0);
    store_abort(txn);
    return 0;
}
