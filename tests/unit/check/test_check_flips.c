/* test_check_flips.c - damage without a plan: a bit of every record, records that are gone, bits anywhere in the file. The
 * check names what does not fit, and never goes down with it. */
#include "tests/unit/check/records.h"

/* What the check says while the record is stored so; the record is put back. */
static revue_status check_with(const struct record *record, const uint8_t *stored, size_t size, struct said *said) {
    revue_error error = {0};
    put_stored("index", record, stored, size);
    revue_status status = check_here("index", said, &error);
    put_stored("index", record, record->stored, record->size);
    if (status != REVUE_OK && status != REVUE_CORRUPT) fail_msg("status %d: %s", (int)status, error.message);
    return status;
}

/* ---- one record ---- */

enum { FLIPS = 3 }; /* of each record */

/* The old checksum stays: the record itself is named. */
static void test_flipped(void **state) {
    (void)state;
    uint64_t random = 1;
    make_index("index", 45);
    assert_clean("index");
    struct all_records records = collect("index");
    for (size_t i = 0; i < records.count; i++) {
        struct record *record = &records.items[i];
        for (unsigned flip = 0; flip < FLIPS && record->size > 0; flip++) {
            struct said said;
            char place[128];
            size_t byte;
            uint8_t *flipped = flip_record(record, &random, false, &byte);
            assert_int_equal(check_with(record, flipped, record->size, &said), REVUE_CORRUPT);
            store_describe_key(record->table, key_of(record), place);
            if (!strstr(said.all, place) || !strstr(said.all, "is damaged"))
                fail_msg("byte %zu of %s: %s", byte, place, said.all);
            free(flipped);
        }
    }
    assert_clean("index");
    forget(&records);
}

/* Its checksum made right again: what META and the manifest count tells, and what the records mean. Values that say of
 * themselves all there is to say (the time of a source, a rating between two others) can be any. */
static void test_flipped_and_sealed(void **state) {
    (void)state;
    uint64_t random = 2;
    unsigned tried[TABLE_COUNT] = {0}, found[TABLE_COUNT] = {0};
    make_index("index", 45);
    struct all_records records = collect("index");
    for (size_t i = 0; i < records.count; i++) {
        struct record *record = &records.items[i];
        for (unsigned flip = 0; flip < FLIPS && record->size > CHECKSUM_BYTES; flip++) {
            struct said said;
            size_t byte;
            uint8_t *flipped = flip_record(record, &random, true, &byte);
            bool is_found = check_with(record, flipped, record->size, &said) == REVUE_CORRUPT;
            tried[record->table]++;
            found[record->table] += is_found;
            char place[128];
            store_describe_key(record->table, key_of(record), place);
            if (record->table == TABLE_SEGMENTS && !is_found) fail_msg("byte %zu of %s: nothing said", byte, place);
            free(flipped);
        }
    }
    assert_clean("index");
    for (unsigned table = 0; table < TABLE_COUNT; table++)
        print_message("%s: %u of %u sealed flips found\n", store_table_names[table], found[table], tried[table]);
    assert_true(found[TABLE_KEYWORDS] > tried[TABLE_KEYWORDS] / 2);
    assert_int_equal(found[TABLE_DELETES], tried[TABLE_DELETES]);
    forget(&records);
}

/* Short records, empty ones, records where there should be none. */
static void test_cut(void **state) {
    (void)state;
    make_index("index", 45);
    struct all_records records = collect("index");
    for (size_t i = 0; i < records.count; i++) {
        struct record *record = &records.items[i];
        struct said said;
        size_t size = record->size > 0 ? record->size / 2 : 5;
        assert_int_equal(check_with(record, (const uint8_t *)"12345678" /* of no use to any */, size < 8 ? size : 8, &said),
                         REVUE_CORRUPT);
        if (record->size > 0) assert_int_equal(check_with(record, record->stored, size, &said), REVUE_CORRUPT);
    }
    assert_clean("index");
    forget(&records);
}

/* A record that is not there. A chunk of a column may be missing, a shadow is a hint: these LMDB alone counts. */
static void test_gone(void **state) {
    (void)state;
    make_index("index", 45);
    struct all_records records = collect("index");
    for (size_t i = 0; i < records.count; i++) {
        struct record *record = &records.items[i];
        struct said said;
        revue_error error = {0};
        char place[128];
        struct edit edit = edit_begin("index");
        assert_done(store_delete(edit.txn, record->table, key_of(record), &error));
        edit_end(&edit);
        revue_status status = check_here("index", &said, &error);
        store_describe_key(record->table, key_of(record), place);
        bool may_lack = record->table == TABLE_COLUMNS || record->table == TABLE_SHADOWS;
        if (status != REVUE_CORRUPT && !(status == REVUE_OK && may_lack)) fail_msg("%s: status %d", place, (int)status);
        put_stored("index", record, record->stored, record->size);
    }
    assert_clean("index");
    forget(&records);
}

/* ---- bits of the file ---- */

static uint64_t contents_of(const char *index) {
    struct bytes all = {0};
    for (unsigned table = 0; table < TABLE_COUNT; table++)
        dump_table(index, (enum store_table)table, &all);
    uint64_t hash = hash_view(bytes_view(&all));
    bytes_free(&all);
    return hash;
}

static void flip_file(int file, off_t byte, uint8_t mask) {
    uint8_t value;
    assert_int_equal(pread(file, &value, 1, byte), 1);
    value ^= mask;
    assert_int_equal(pwrite(file, &value, 1, byte), 1);
}

/* Either the check finds a fault or nothing in the index has changed. Page headers are hit more often than they would be.
 */
static void test_bits_anywhere(void **state) {
    (void)state;
    enum { ROUNDS = 240, PAGE = 4096, HEADER = 48 };
    unsigned found = 0, ended = 0;
    uint64_t random = 20261123;
    make_index("made", 45);
    copy_index("made", "index"); /* without free pages */
    uint64_t before = contents_of("index");
    int file = open(at("index/store.1/data.mdb"), O_RDWR | O_CLOEXEC);
    assert_true(file >= 0);
    uint32_t pages = (uint32_t)(lseek(file, 0, SEEK_END) / PAGE);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct said said;
        revue_error error = {0};
        off_t byte = (off_t)random_below(&random, pages) * PAGE + random_below(&random, round % 2 ? HEADER : PAGE);
        uint8_t mask = (uint8_t)(1u << random_below(&random, 8));
        flip_file(file, byte, mask);
        revue_status status = check_aside("index", &said, &error);
        if (status == REVUE_CORRUPT)
            found++;
        else if (status != REVUE_OK)
            fail_msg("bit %02x of byte %lld: status %d: %s", mask, (long long)byte, (int)status, error.message);
        else if (contents_of("index") != before)
            fail_msg("bit %02x of byte %lld changed the index, and nothing was said", mask, (long long)byte);
        ended += strstr(said.all, "ended the process") != NULL;
        flip_file(file, byte, mask);
    }
    (void)close(file);
    print_message("%u of %d flipped bits were found, %u of them ended the process; the others changed nothing\n", found,
                  (int)ROUNDS, ended);
    assert_true(found > ROUNDS / 8);
    assert_clean("index");
}

static void test_cut_file(void **state) {
    (void)state;
    struct said said;
    revue_error error = {0};
    make_index("index", 45);
    assert_int_equal(truncate(at("index/store.1/data.mdb"), 40960), 0);
    assert_int_equal(check_aside("index", &said, &error), REVUE_CORRUPT);
    assert_int_equal(said.faults, 1);
    assert_non_null(strstr(said.first, "it was cut off"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_flipped, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_flipped_and_sealed, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_cut, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_gone, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_bits_anywhere, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_cut_file, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
