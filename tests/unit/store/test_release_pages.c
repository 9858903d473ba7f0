/* test_release_pages.c - pages that were read are given back when asked, also under a large deletion, and views stay good;
 * a map in pieces. */
#include "tests/support/temporary_index.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define RECORDS 256u
#define VALUE_BYTES 65000u
#define ALL_BYTES ((uint64_t)RECORDS * VALUE_BYTES)

/* Bytes of files that this process has mapped and touched. */
static uint64_t mapped_bytes(void) {
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    unsigned long long kib = 0;
    assert_non_null(status);
    while (fgets(line, sizeof line, status) && sscanf(line, "RssFile: %llu", &kib) != 1)
        continue;
    assert_int_equal(fclose(status), 0);
    return (uint64_t)kib << 10;
}

static struct view key_of(uint8_t bytes[6], uint32_t i) {
    store_be32(bytes, 7);
    bytes[4] = (uint8_t)(i >> 8);
    bytes[5] = (uint8_t)i;
    return view_of(bytes, 6);
}

static void fill(store *opened) {
    static char value[VALUE_BYTES];
    store_txn *txn;
    uint8_t key[6];
    assert_int_equal(store_begin_write(opened, &txn, NULL), REVUE_OK);
    for (uint32_t i = 0; i < RECORDS; i++) {
        memset(value, (int)i, sizeof value);
        assert_int_equal(store_put(txn, TABLE_SEGMENTS, key_of(key, i), view_of(value, sizeof value), NULL), REVUE_OK);
    }
    assert_int_equal(store_commit(txn, NULL), REVUE_OK);
}

static void read_all(store_txn *txn, struct view *first) {
    uint8_t key[6];
    for (uint32_t i = RECORDS; i-- > 0;) {
        assert_int_equal(store_get(txn, TABLE_SEGMENTS, key_of(key, i), first, NULL), REVUE_OK);
        assert_int_equal((uint8_t)first->data[VALUE_BYTES - 1], (uint8_t)i);
    }
}

static void test_pages_are_given_back(void **state) {
    (void)state;
    char path[TEMPORARY_PATH_SIZE];
    store *opened = temporary_index_create(path);
    store_txn *txn;
    struct view first;
    fill(opened);
    assert_int_equal(store_begin_read(opened, &txn, NULL), REVUE_OK);
    store_release_pages(txn); /* nothing was read */
    uint64_t before = mapped_bytes();
    read_all(txn, &first);
    assert_true(mapped_bytes() > before + ALL_BYTES / 2);
    store_limit_pages(txn, (size_t)(before + 4 * ALL_BYTES)); /* less is there */
    assert_true(mapped_bytes() > before + ALL_BYTES / 2);
    store_limit_pages(txn, (size_t)(before + ALL_BYTES / 2));
    assert_true(mapped_bytes() < before + ALL_BYTES / 4);
    read_all(txn, &first);
    store_release_pages(txn);
    assert_true(mapped_bytes() < before + ALL_BYTES / 4);
    for (size_t i = 0; i < VALUE_BYTES; i++)
        assert_int_equal(first.data[i], 0);
    read_all(txn, &first);
    store_abort(txn);
    store_close(opened);
    temporary_index_remove(path);
}

/* LMDB touches every value it deletes; views of another transaction stay good meanwhile. */
static void test_deleting_does_not_map_everything(void **state) {
    (void)state;
    char path[TEMPORARY_PATH_SIZE];
    uint8_t key[6];
    store *opened = temporary_index_create(path);
    store_txn *txn, *reading;
    struct view first;
    fill(opened);
    assert_int_equal(store_begin_read(opened, &txn, NULL), REVUE_OK);
    read_all(txn, &first);
    store_abort(txn);
    assert_int_equal(store_begin_read(opened, &reading, NULL), REVUE_OK);
    read_all(reading, &first);
    uint64_t before = mapped_bytes();
    assert_int_equal(store_begin_write(opened, &txn, NULL), REVUE_OK);
    (void)key_of(key, 0);
    assert_int_equal(store_delete_prefix(txn, TABLE_SEGMENTS, view_of(key, 4), NULL), REVUE_OK);
    assert_true(mapped_bytes() + ALL_BYTES / 4 < before);
    assert_int_equal(store_commit(txn, NULL), REVUE_OK);
    for (size_t i = 0; i < VALUE_BYTES; i++)
        assert_int_equal(first.data[i], 0);
    store_abort(reading);
    store_close(opened);
    temporary_index_remove(path);
}

/* The longest map among those of a store's file that begin within its first bytes. */
static uint64_t longest_map(const char *path, uint64_t bytes) {
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[4096];
    uint64_t longest = 0;
    assert_non_null(maps);
    while (fgets(line, sizeof line, maps)) {
        unsigned long long first, end, offset;
        if (!strstr(line, path) || !strstr(line, "data.mdb")) continue;
        assert_int_equal(sscanf(line, "%llx-%llx %*s %llx", &first, &end, &offset), 3);
        if (offset < bytes && end - first > longest) longest = end - first;
    }
    assert_int_equal(fclose(maps), 0);
    return longest;
}

/* What is mapped at once is never more than a map. Borders lie where folios of 128 KiB and more have their middle. */
static void test_a_map_in_pieces(void **state) {
    (void)state;
    char path[TEMPORARY_PATH_SIZE];
    store *opened = temporary_index_create(path);
    store_txn *txn;
    struct view first;
    assert_true(longest_map(path, ALL_BYTES) > ALL_BYTES);
    store_split_map(opened);
    for (unsigned round = 0; round < 2; round++) { /* the second one makes the file longer */
        fill(opened);
        assert_int_equal(store_begin_read(opened, &txn, NULL), REVUE_OK);
        store_release_pages(txn);
        assert_in_range(longest_map(path, ALL_BYTES * (round + 1)), 4096, (uint64_t)128 << 10);
        read_all(txn, &first);
        store_abort(txn);
    }
    store_close(opened);
    assert_int_equal(longest_map(path, UINT64_MAX), 0);
    temporary_index_remove(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_are_given_back),
        cmocka_unit_test(test_deleting_does_not_map_everything),
        cmocka_unit_test(test_a_map_in_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
