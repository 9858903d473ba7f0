/* test_store_damage.c - bytes of data.mdb that flip, and files that are cut off or only look so. */
#include "tests/unit/store/store_test.h"

#define RECORDS 60u
#define SMALL_VALUE 300u
#define LARGE_VALUE 9000u /* on pages of LMDB's own */

static char path[TEMPORARY_PATH_SIZE];

static uint64_t random_next(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* The value of record i: bytes that stand nowhere else in the file. */
static struct view value_of(unsigned i) {
    static uint8_t value[LARGE_VALUE];
    uint64_t state = i + 1;
    size_t size = i % 6 == 5 ? LARGE_VALUE : SMALL_VALUE;
    for (size_t at = 0; at < size; at++)
        value[at] = (uint8_t)random_next(&state);
    return view_of(value, size);
}

static const char *key_of(unsigned i) {
    static char key[16];
    (void)snprintf(key, sizeof key, "record%03u", i);
    return key;
}

static int set_up(void **state) {
    (void)state;
    revue_error error;
    store_txn *txn;
    store *made = temporary_index_create(path);
    assert_ok(store_begin_write(made, &txn, &error));
    for (unsigned i = 0; i < RECORDS; i++)
        assert_ok(store_put(txn, TABLE_SEGMENTS, text(key_of(i)), value_of(i), &error));
    assert_ok(store_commit(txn, &error));
    store_close(made);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    temporary_index_remove(path);
    return 0;
}

/* ---- reading everything ---- */

/* DIED is also the exit code of a sanitizer's report. */
enum outcome { ALL_WHOLE, DIED, SEEN_DAMAGED, KEYS_LOST, WRONG_VALUE };

static enum outcome compare_all(store_txn *txn) {
    enum outcome outcome = ALL_WHOLE;
    for (unsigned i = 0; i < RECORDS; i++) {
        struct view found;
        revue_status status = store_get(txn, TABLE_SEGMENTS, text(key_of(i)), &found, NULL);
        if (status == REVUE_OK && !view_equal(found, value_of(i))) return WRONG_VALUE;
        if (status == REVUE_NO_MATCH && outcome == ALL_WHOLE) outcome = KEYS_LOST;
        if (status != REVUE_OK && status != REVUE_NO_MATCH) outcome = SEEN_DAMAGED;
    }
    return outcome;
}

static int read_index(void *context) {
    store *opened;
    store_txn *txn;
    revue_status status = store_open(&opened, path, *(enum store_mode *)context, NULL);
    if (status != REVUE_OK) return status == REVUE_CORRUPT ? SEEN_DAMAGED : WRONG_VALUE;
    enum outcome outcome = SEEN_DAMAGED;
    if (store_begin_read(opened, &txn, NULL) == REVUE_OK) {
        outcome = compare_all(txn);
        store_abort(txn);
    }
    store_close(opened);
    return (int)outcome;
}

/* In a process of its own, since damage in LMDB's own pages can kill it. */
static int read_quietly(void *context) {
    (void)!freopen("/dev/null", "w", stderr);
    return read_index(context);
}

static enum outcome outcome_of(enum store_mode mode) {
    int status = in_child(read_quietly, &mode);
    return WIFEXITED(status) && WEXITSTATUS(status) <= WRONG_VALUE ? (enum outcome)WEXITSTATUS(status) : DIED;
}

/* ---- flips ---- */

static void flip(int file, off_t at, uint8_t mask) {
    uint8_t byte;
    assert_int_equal(pread(file, &byte, 1, at), 1);
    byte ^= mask;
    assert_int_equal(pwrite(file, &byte, 1, at), 1);
}

static off_t find_in_file(int file, struct view sought) {
    size_t size = (size_t)lseek(file, 0, SEEK_END);
    char *content = malloc(size);
    assert_non_null(content);
    assert_int_equal(pread(file, content, size, 0), size);
    const char *found = memmem(content, size, sought.data, sought.size);
    off_t at = found ? (off_t)(found - content) : -1;
    free(content);
    assert_true(at >= 0);
    return at;
}

/* Every byte of a record, checksum included, small and large: none can change unseen. What is written to the file shows in
 * the map at once, so the index stays open. */
static void test_every_byte_of_a_record(void **state) {
    (void)state;
    static const unsigned records[] = {7, 11};
    revue_error error;
    store *opened;
    store_txn *txn;
    struct view found;
    int file = open(inside(path, "store.1/data.mdb"), O_RDWR | O_CLOEXEC);
    assert_true(file >= 0);
    assert_ok(store_open(&opened, path, STORE_READ, &error));
    assert_ok(store_begin_read(opened, &txn, &error));
    for (size_t i = 0; i < 2; i++) {
        struct view value = value_of(records[i]);
        off_t start = find_in_file(file, value);
        for (size_t at = 0; at < value.size + CHECKSUM_BYTES; at++) {
            uint8_t mask = (uint8_t)(1u << at % 8);
            flip(file, start + (off_t)at, mask);
            assert_fails(store_get(txn, TABLE_SEGMENTS, text(key_of(records[i])), &found, &error), REVUE_CORRUPT,
                         "is damaged");
            flip(file, start + (off_t)at, mask);
        }
        assert_ok(store_get(txn, TABLE_SEGMENTS, text(key_of(records[i])), &found, &error));
        assert_true(view_equal(found, value_of(records[i])));
    }
    store_abort(txn);
    store_close(opened);
    (void)close(file);
}

/* A cursor that remembers what it verified meets damage at its first look at a record, as often as it is asked, and is
 * right about all others, however often their slots changed hands. */
static void test_a_cursor_that_remembers(void **state) {
    (void)state;
    const unsigned damaged = 11;
    revue_error error;
    store *opened;
    store_txn *txn;
    store_cursor *cursor;
    struct view key, value;
    int file = open(inside(path, "store.1/data.mdb"), O_RDWR | O_CLOEXEC);
    assert_true(file >= 0);
    flip(file, find_in_file(file, value_of(damaged)) + 5, 1);
    assert_ok(store_open(&opened, path, STORE_READ, &error));
    assert_ok(store_begin_read(opened, &txn, &error));
    assert_ok(store_cursor_open(txn, TABLE_SEGMENTS, &cursor, &error));
    assert_ok(store_cursor_remember(cursor, &error));
    for (unsigned i = 0; i < 3 * RECORDS; i++) {
        const unsigned record = i % RECORDS;
        const revue_status status = store_cursor_at_or_before(cursor, text(key_of(record)), &key, &value, &error);
        assert_int_equal(status, record == damaged ? REVUE_CORRUPT : REVUE_OK);
        assert_text(key, key_of(record));
        if (record != damaged) assert_true(view_equal(value, value_of(record)));
    }
    store_cursor_close(cursor);
    store_abort(txn);
    store_close(opened);
    (void)close(file);
}

/* Bits anywhere in the file: a wrong value is never handed out. LMDB itself may die or drop keys: seldom. */
static void test_bits_anywhere(void **state) {
    (void)state;
    enum { FLIPS = 400 };
    unsigned outcomes[WRONG_VALUE + 1] = {0};
    uint64_t random = 20260117;
    int file = open(inside(path, "store.1/data.mdb"), O_RDWR | O_CLOEXEC);
    uint64_t size = size_of_file(inside(path, "store.1/data.mdb"));
    assert_true(file >= 0);
    for (unsigned i = 0; i < FLIPS; i++) {
        off_t at = (off_t)(random_next(&random) % size);
        uint8_t mask = (uint8_t)(1u << random_next(&random) % 8);
        flip(file, at, mask);
        outcomes[outcome_of(STORE_READ_ALL)]++;
        flip(file, at, mask);
    }
    (void)close(file);
    assert_int_equal(outcomes[WRONG_VALUE], 0);
    assert_in_range(outcomes[SEEN_DAMAGED], FLIPS / 2, FLIPS);
    assert_in_range(outcomes[DIED] + outcomes[KEYS_LOST], 0, FLIPS / 20);
    assert_int_equal(outcome_of(STORE_READ_ALL), ALL_WHOLE);
}

/* ---- cut off ---- */

static void cut_and_assert(const char *data, uint64_t whole, uint64_t size) {
    revue_error error;
    store *opened;
    int file = open(data, O_RDWR | O_CLOEXEC);
    static char content[1 << 20];
    assert_in_range(whole, 1, sizeof content);
    assert_int_equal(pread(file, content, whole, 0), whole);
    assert_int_equal(ftruncate(file, (off_t)size), 0);
    assert_fails(store_open(&opened, path, STORE_READ, &error), REVUE_CORRUPT, "data.mdb");
    assert_fails(store_open(&opened, path, STORE_WRITE, &error), REVUE_CORRUPT, "data.mdb");
    assert_fails(store_open(&opened, path, STORE_CREATE, &error), REVUE_CORRUPT, "data.mdb");
    assert_int_equal(size_of_file(data), size);
    assert_int_equal(pwrite(file, content, whole, 0), whole);
    (void)close(file);
}

static void test_cut_off_anywhere(void **state) {
    (void)state;
    const char *data = inside(path, "store.1/data.mdb");
    uint64_t whole = size_of_file(data);
    enum store_mode mode = STORE_READ;
    for (uint64_t size = 0; size < whole; size += 4096)
        cut_and_assert(data, whole, size);
    cut_and_assert(data, whole, 1);
    cut_and_assert(data, whole, 5000);
    cut_and_assert(data, whole, whole - 1);
    assert_int_equal(read_index(&mode), ALL_WHOLE);
}

/* ---- short, but whole ---- */

static bool first_only(void *context) {
    return (*(unsigned *)context)++ == 0;
}

/* Writes and deletes at random until a commit leaves pages at the end that it counted and never wrote. With look, the
 * commit looks at the file's size as it always does; without, as if the process had died before. Returns the number of
 * commits after which the file was short. */
static unsigned write_until_short(store *opened, bool look, unsigned commits) {
    static char value[100000];
    uint64_t random = 5; /* with which nine of 3,000 commits come short when nobody looks */
    unsigned shorts = 0;
    revue_error error;
    for (unsigned i = 0; i < commits && (look || shorts == 0); i++) {
        store_txn *txn;
        unsigned calls = 0;
        assert_ok(store_begin_write(opened, &txn, &error));
        for (uint64_t count = random_next(&random) % 30; count > 0; count--) {
            char key[16];
            (void)snprintf(key, sizeof key, "%u", (unsigned)(random_next(&random) % 200));
            uint64_t most = random_next(&random) % 3 ? 3000 : sizeof value;
            uint64_t size = random_next(&random) % most;
            if (random_next(&random) % 2)
                assert_ok(store_put(txn, TABLE_COLUMNS, text(key), view_of(value, size), &error));
            else
                assert_ok(store_delete(txn, TABLE_COLUMNS, text(key), &error));
        }
        if (!look) store_set_test_hook(first_only, &calls);
        assert_ok(store_commit(txn, &error));
        store_set_test_hook(NULL, NULL);
        char data[STORE_PATH_MAX];
        (void)snprintf(data, sizeof data, "%s/store.%u/data.mdb", path, store_generation(opened));
        shorts += size_of_file(data) < environment_committed_bytes(opened->environment);
    }
    return shorts;
}

static unsigned count_columns(store *opened) {
    revue_error error;
    store_txn *txn;
    store_cursor *cursor;
    struct view key, value;
    unsigned count = 0;
    assert_ok(store_begin_read(opened, &txn, &error));
    assert_ok(store_cursor_open(txn, TABLE_COLUMNS, &cursor, &error));
    revue_status status;
    while ((status = store_cursor_next(cursor, &key, &value, &error)) == REVUE_OK)
        count++;
    assert_int_equal(status, REVUE_NO_MATCH);
    store_cursor_close(cursor);
    store_abort(txn);
    return count;
}

/* Cuts page after page away: while only free ones are missing the index opens and is whole; then it is refused. */
static void cut_until_refused(const char *data, uint64_t size, unsigned columns) {
    revue_error error;
    store *opened;
    for (;;) {
        size -= 4096;
        assert_int_equal(truncate(data, (off_t)size), 0);
        revue_status status = store_open(&opened, path, STORE_READ, &error);
        if (status != REVUE_OK) {
            assert_int_equal(status, REVUE_CORRUPT);
            assert_non_null(strstr(error.message, "it was cut off"));
            assert_int_equal(size_of_file(data), size);
            return;
        }
        assert_int_equal(count_columns(opened), columns);
        store_close(opened);
    }
}

static void test_short_but_whole(void **state) {
    (void)state;
    revue_error error;
    store *opened;
    char data[STORE_PATH_MAX];
    assert_ok(store_create_generation(&opened, path, &error)); /* which need not sync: many commits are quick */
    assert_int_equal(write_until_short(opened, false, 20000), 1);
    uint64_t needed = environment_committed_bytes(opened->environment);
    (void)snprintf(data, sizeof data, "%s/store.2/data.mdb", path);
    uint64_t had = size_of_file(data);
    assert_in_range(had, 8192, needed - 4096);
    unsigned columns = count_columns(opened); /* who begins to read looks, too */
    assert_in_range(columns, 20, 200);
    assert_int_equal(size_of_file(data), needed);
    assert_int_equal(truncate(data, (off_t)had), 0);
    assert_ok(store_publish(opened, &error));
    assert_int_equal(size_of_file(data), had);
    assert_ok(store_open(&opened, path, STORE_READ, &error));
    assert_int_equal(size_of_file(data), needed);
    assert_int_equal(count_columns(opened), columns);
    store_close(opened);
    cut_until_refused(data, had, columns);
}

static void test_commits_leave_no_short_file(void **state) {
    (void)state;
    revue_error error;
    store *opened;
    assert_ok(store_create_generation(&opened, path, &error));
    assert_int_equal(write_until_short(opened, true, 3000), 0);
    assert_in_range(count_columns(opened), 20, 200);
    store_discard(opened);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_byte_of_a_record, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_cursor_that_remembers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bits_anywhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cut_off_anywhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_short_but_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_commits_leave_no_short_file, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
