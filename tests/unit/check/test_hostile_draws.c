/* test_hostile_draws.c - an index large enough for lists of several blocks, champions and groups of skips, some of whose
 * records say what was drawn for them, with the checksum that they should have then. As test_hostile_index.c, whose index
 * is too small for all that, tries every record, this one draws: each kind of record as often as another, however many
 * there are of it. More draws: tests/property/many_seeds BUILD 600 1 test_hostile_draws. */
#include "indexer/format/keys.h"
#include "tests/support/trial.h"
#include "tests/unit/check/hostile.h"

#define REVIEWS 1200u
#define LAST (REVIEWS + REVIEWS / 3)
#define ASKED 60u
#define RUN 4u

/* ---- which record ---- */

/* Records of a segment by what they hold, those of the table `index` by their names, all others by their table. */
static unsigned sort_of(const struct record *record) {
    if (record->table == TABLE_SEGMENTS) return 64u + record->key[4];
    if (record->table == TABLE_INDEX) return 32u + record->key[1] % 32u;
    return (unsigned)record->table;
}

static struct record *draw_record(struct all_records *records, uint64_t *random) {
    unsigned sorts[96] = {0}, filled[96], filled_count = 0;
    for (size_t i = 0; i < records->count; i++)
        if (records->items[i].size > CHECKSUM_BYTES && sorts[sort_of(&records->items[i])]++ == 0)
            filled[filled_count++] = sort_of(&records->items[i]);
    const unsigned sort = filled[random_below(random, filled_count)];
    uint32_t wanted = random_below(random, sorts[sort]);
    for (size_t i = 0; i < records->count; i++) {
        struct record *record = &records->items[i];
        if (record->size > CHECKSUM_BYTES && sort_of(record) == sort && wanted-- == 0) return record;
    }
    fail();
    return NULL;
}

/* ---- what becomes of it ---- */

/* Numbers are wrong most harmfully at their ends, and just beside what is right. */
static void write_number(uint8_t *data, size_t size, uint64_t *random) {
    static const uint64_t numbers[] = {0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, UINT64_MAX};
    const size_t width = (size_t)1 << random_below(random, 4);
    const size_t at_byte = random_below(random, (uint32_t)size);
    uint64_t number = numbers[random_below(random, sizeof numbers / sizeof *numbers)];
    const uint32_t way = random_below(random, 3);
    uint8_t carry = 1;
    for (size_t i = at_byte; i < size && i < at_byte + width; i++, number >>= 8) {
        if (way > 0) {
            data[i] = (uint8_t)number;
        } else { /* one more than it was */
            data[i] = (uint8_t)(data[i] + carry);
            carry = carry && data[i] == 0;
        }
    }
}

static void move_bytes(uint8_t *data, size_t size, uint64_t *random) {
    const size_t from = random_below(random, (uint32_t)size), to = random_below(random, (uint32_t)size);
    const size_t most = size - (from > to ? from : to);
    memmove(data + to, data + from, 1 + random_below(random, (uint32_t)(most < 64 ? most : 64)));
}

static size_t change_size(uint8_t *data, size_t size, uint64_t *random) {
    if (random_below(random, 3)) return random_below(random, 2) ? size - 1 : random_below(random, (uint32_t)size);
    data[size] = (uint8_t)random_below(random, 256);
    return size + 1;
}

/* Gives the record's new bytes, sealed; malloc'd. */
static uint8_t *harm_record(const struct record *record, uint64_t *random, size_t *size) {
    uint8_t *data = malloc(record->size + 1);
    assert_non_null(data);
    *size = record->size - CHECKSUM_BYTES;
    memcpy(data, record->stored, *size);
    for (uint32_t times = 1 + random_below(random, 2); times > 0 && *size > 0; times--) {
        switch (random_below(random, 8)) {
        case 0: *size = times > 1 ? *size : change_size(data, *size, random); break;
        case 1: move_bytes(data, *size, random); break;
        case 2:
        case 3: data[random_below(random, (uint32_t)*size)] ^= (uint8_t)(1u << random_below(random, 8)); break;
        default: write_number(data, *size, random); break;
        }
    }
    store_le64(data + *size, store_checksum(key_of(record), view_of(data, *size)));
    *size += CHECKSUM_BYTES;
    return data;
}

static void harm(unsigned draws, uint64_t random, bool is_run) {
    struct all_records records = collect("index");
    for (unsigned draw = 0; draw < draws; draw++) {
        const struct record *record = draw_record(&records, &random);
        char place[128];
        size_t size;
        uint8_t *harmed = harm_record(record, &random, &size);
        store_describe_key(record->table, key_of(record), place);
        (void)snprintf(harm_done, sizeof harm_done, "%s changed by draw %u", place, draw);
        put_stored("index", record, harmed, size);
        if (is_run)
            run_on_index("index");
        else
            ask_index("index", LAST);
        put_stored("index", record, record->stored, record->size);
        free(harmed);
    }
    forget(&records);
}

static void test_asked(void **state) {
    (void)state;
    make_hostile_archive(REVIEWS);
    harm(ASKED, trial_seed(5), false);
}

static void test_run(void **state) {
    (void)state;
    make_hostile_archive(REVIEWS);
    harm(RUN, trial_seed(6), true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_asked, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_run, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
