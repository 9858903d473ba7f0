/* fuzz_run_times.c - when runs began, from hostile records whose checksums are right, and keys that may be of such records.
 *
 * Input: u16 last run (taken modulo five records), u64 since, u64 began, u8 records, then the records: u8 number, u16 size,
 * bytes; the rest is a key. The run found for a date is the one that looking at every run finds; a run that is noted is
 * read back, and changes no other; records that the check lets pass ascend. */
#include "indexer/format/keys.h"
#include "indexer/format/run_times.h"
#include "tests/fuzz/fuzz_index.h"

#define CHUNKS_MAX 5u

static void put_records(store_txn *txn, struct byte_reader *reader, unsigned count) {
    for (unsigned i = 0; i < count && !reader->failed; i++) {
        const struct key key = key_runs(byte_reader_u8(reader) % CHUNKS_MAX);
        const struct view record = byte_reader_bytes(reader, byte_reader_u16(reader));
        if (!reader->failed) require(store_put(txn, TABLE_INDEX, key_view(&key), record, NULL) == REVUE_OK);
    }
}

static int64_t time_of(store_txn *txn, uint32_t run) {
    int64_t began = -1;
    require(run_times_get(txn, run, &began, NULL) == REVUE_OK);
    return began;
}

static void check_find(store_txn *txn, uint32_t last, int64_t since) {
    uint32_t found = UINT32_MAX, expected = last + 1;
    while (expected > 0 && time_of(txn, expected - 1) >= since)
        expected--;
    require(run_times_find(txn, last, since, &found, NULL) == REVUE_OK && found == expected);
}

/* Whoever passes the check is sorted from run 1 on. */
static void check_check(store_txn *txn, uint32_t last) {
    int64_t newest = 0;
    bool is_sound = last > 0;
    for (uint32_t chunk = 0; chunk <= last / RUNS_IN_CHUNK && is_sound; chunk++) {
        const struct key key = key_runs(chunk);
        struct view record;
        is_sound = store_get(txn, TABLE_INDEX, key_view(&key), &record, NULL) == REVUE_OK &&
                   !run_times_check(record, chunk, last, &newest);
    }
    for (uint32_t run = 1; run <= last && is_sound; run++)
        require(time_of(txn, run) > 0 && (run == 1 || time_of(txn, run) >= time_of(txn, run - 1)));
    require(!is_sound || newest == time_of(txn, last));
}

static void check_note(store_txn *txn, uint32_t last, int64_t began) {
    const int64_t before = last > 0 ? time_of(txn, last - 1) : 0;
    require(run_times_note(txn, last, began, NULL) == REVUE_OK);
    require(time_of(txn, last) == (began > 0 ? began : 1));
    require(last == 0 || time_of(txn, last - 1) == before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct byte_reader reader = byte_reader_of(data, size);
    store_txn *txn;
    uint32_t chunk;
    const uint32_t last = byte_reader_u16(&reader) % (CHUNKS_MAX * RUNS_IN_CHUNK);
    const int64_t since = (int64_t)byte_reader_u64(&reader), began = (int64_t)byte_reader_u64(&reader);
    const unsigned records = byte_reader_u8(&reader);
    if (reader.failed) return 0;
    require(store_begin_write(fuzz_index(), &txn, NULL) == REVUE_OK);
    put_records(txn, &reader, records);
    check_find(txn, last, since);
    check_check(txn, last);
    check_note(txn, last, began);
    check_find(txn, last, since);
    store_abort(txn);
    const struct view rest = byte_reader_bytes(&reader, byte_reader_left(&reader));
    if (run_times_key_parse(rest, &chunk)) {
        const struct key key = key_runs(chunk);
        require(view_equal(rest, key_view(&key)));
    }
    return 0;
}
