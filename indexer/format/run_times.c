/* run_times.c - see run_times.h. A record holds times side by side, eight bytes each; an index that runs every hour for ten
 * years has 700 KB of them, of which a run rewrites one record of at most 1 KB. */
#include "indexer/format/run_times.h"

#include "indexer/format/keys.h"

#define TIME_BYTES 8u

bool run_times_key_parse(struct view key, uint32_t *chunk) {
    if (key.size < sizeof *chunk) return false;
    uint32_t named = load_be32(key.data + key.size - sizeof named);
    struct key whole = key_runs(named);
    if (!view_equal(key, key_view(&whole))) return false;
    *chunk = named;
    return true;
}

/* A record is read as far as it goes: what is not there is not known. */
static revue_status read_chunk(store_txn *txn, uint32_t chunk, int64_t times[RUNS_IN_CHUNK], revue_error *error) {
    struct key key = key_runs(chunk);
    struct view record = {NULL, 0};
    memset(times, 0, RUNS_IN_CHUNK * sizeof *times);
    revue_status status = store_get(txn, TABLE_INDEX, key_view(&key), &record, error);
    if (status == REVUE_NO_MATCH) return REVUE_OK;
    TRY(status);
    for (uint32_t i = 0; i < RUNS_IN_CHUNK && (i + 1) * TIME_BYTES <= record.size; i++)
        times[i] = (int64_t)load_le64(record.data + (size_t)i * TIME_BYTES);
    return REVUE_OK;
}

revue_status run_times_note(store_txn *txn, uint32_t run, int64_t began, revue_error *error) {
    uint32_t chunk = run / RUNS_IN_CHUNK, count = run % RUNS_IN_CHUNK + 1;
    int64_t times[RUNS_IN_CHUNK];
    uint8_t record[RUNS_IN_CHUNK * TIME_BYTES];
    struct key key = key_runs(chunk);
    TRY(read_chunk(txn, chunk, times, error));
    times[count - 1] = began > 0 ? began : 1; /* 0 stands for run 0, which is none */
    for (uint32_t i = 0; i < count; i++)
        store_le64(record + (size_t)i * TIME_BYTES, (uint64_t)times[i]);
    return store_put(txn, TABLE_INDEX, key_view(&key), view_of(record, (size_t)count * TIME_BYTES), error);
}

/* The first run of a chunk that began at since or later; RUNS_IN_CHUNK when there is none. */
static uint32_t first_in_chunk(const int64_t times[RUNS_IN_CHUNK], int64_t since) {
    uint32_t at = RUNS_IN_CHUNK;
    while (at > 0 && times[at - 1] >= since)
        at--;
    return at;
}

/* From the last chunk back: what is asked for is recent. */
revue_status run_times_find(store_txn *txn, uint32_t last, int64_t since, uint32_t *run, revue_error *error) {
    int64_t times[RUNS_IN_CHUNK];
    uint32_t found = last + 1;
    for (uint32_t chunk = last / RUNS_IN_CHUNK + 1; chunk-- > 0;) {
        TRY(read_chunk(txn, chunk, times, error));
        uint32_t count = chunk == last / RUNS_IN_CHUNK ? last % RUNS_IN_CHUNK + 1 : RUNS_IN_CHUNK;
        for (uint32_t i = count; i < RUNS_IN_CHUNK; i++)
            times[i] = INT64_MAX; /* behind the last run: later than everything */
        uint32_t first = first_in_chunk(times, since);
        if (first < count) found = chunk * RUNS_IN_CHUNK + first;
        if (first > 0) break;
    }
    *run = found;
    return REVUE_OK;
}

revue_status run_times_get(store_txn *txn, uint32_t run, int64_t *began, revue_error *error) {
    int64_t times[RUNS_IN_CHUNK];
    TRY(read_chunk(txn, run / RUNS_IN_CHUNK, times, error));
    *began = times[run % RUNS_IN_CHUNK];
    return REVUE_OK;
}

revue_status run_times_copy(store_txn *from, store_txn *to, revue_error *error) {
    struct key first = key_runs(0);
    store_cursor *cursor;
    struct view key, value;
    uint32_t chunk;
    TRY(store_cursor_open(from, TABLE_INDEX, &cursor, error));
    revue_status status = store_cursor_at_or_after(cursor, key_view(&first), &key, &value, error);
    while (status == REVUE_OK && run_times_key_parse(key, &chunk)) {
        status = store_put(to, TABLE_INDEX, key, value, error);
        if (status == REVUE_OK) status = store_cursor_next(cursor, &key, &value, error);
    }
    store_cursor_close(cursor);
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

const char *run_times_check(struct view record, uint32_t chunk, uint32_t last, int64_t *before) {
    if (record.size == 0 || record.size % TIME_BYTES != 0 || record.size > RUNS_IN_CHUNK * TIME_BYTES)
        return "it has the wrong size";
    uint32_t count = (uint32_t)(record.size / TIME_BYTES), of_last = last % RUNS_IN_CHUNK + 1;
    uint32_t expected = chunk < last / RUNS_IN_CHUNK ? RUNS_IN_CHUNK : of_last;
    if (chunk > last / RUNS_IN_CHUNK || count > expected) return "it has times of runs that were not yet";
    if (count < expected) return "times are missing";
    for (uint32_t i = chunk == 0 ? 1 : 0; i < count; i++) {
        int64_t time = (int64_t)load_le64(record.data + (size_t)i * TIME_BYTES);
        if (time <= 0) return "a run has no time";
        if (time < *before) return "a run began before the one before it";
        *before = time;
    }
    return NULL;
}
