/* check_test.h - what the tests of the check share: small indexes made by whole runs, their records changed behind the back
 * of the code that wrote them, and what the check says then. */
#ifndef REVUE_TESTS_CHECK_TEST_H
#define REVUE_TESTS_CHECK_TEST_H

#include "indexer/base/hash.h"
#include "indexer/check/check.h"
#include "indexer/store/internal.h"
#include "indexer/text/stem.h"
#include "tests/support/random_list.h"
#include "tests/unit/indexer/index_test.h"

/* ---- what the check says ---- */

struct said {
    uint64_t faults, notes;
    char first[1024], first_note[1024], all[16384]; /* all: the faults, a line each, as far as they fit */
    char part[256];
};

static inline void take_said(struct said *said, bool is_note, const char *text) {
    char *first = is_note ? said->first_note : said->first;
    if ((is_note ? said->notes++ : said->faults++) == 0) (void)snprintf(first, sizeof said->first, "%s", text);
    size_t used = strlen(said->all);
    if (!is_note) (void)snprintf(said->all + used, sizeof said->all - used, "%s\n", text);
}

static inline void take_line_said(void *context, enum check_line line, const char *text) {
    struct said *said = context;
    if (line == CHECK_PART)
        (void)snprintf(said->part, sizeof said->part, "%s", text);
    else
        take_said(said, line == CHECK_NOTE, text);
}

static inline void take_fault_said(void *context, const char *fault) {
    bool is_note = strncmp(fault, "note: ", 6) == 0;
    take_said(context, is_note, is_note ? fault + 6 : fault);
}

static inline uint64_t own_fingerprint(void) {
    static uint64_t fingerprint;
    if (fingerprint == 0) fingerprint = text_fingerprint();
    return fingerprint;
}

/* In this process: for damage that LMDB itself does not see. */
static inline revue_status check_here(const char *index, struct said *said, revue_error *error) {
    struct check_sink sink = {take_line_said, said};
    memset(said, 0, sizeof *said);
    return check_index(at(index), own_fingerprint(), &sink, error);
}

static inline revue_status check_aside(const char *index, struct said *said, revue_error *error) {
    memset(said, 0, sizeof *said);
    return revue_check(at(index), take_fault_said, said, error);
}

static inline void assert_clean(const char *index) {
    struct said said;
    revue_error error = {0};
    revue_status status = check_here(index, &said, &error);
    if (status != REVUE_OK || said.faults > 0 || said.notes > 0)
        fail_msg("%s: status %d, %s %s: %s", index, (int)status, error.message, said.first_note, said.all);
}

/* Some fault that holds the text. */
static inline void assert_fault(const char *index, const char *text) {
    struct said said;
    revue_error error = {0};
    revue_status status = check_here(index, &said, &error);
    if (status != REVUE_CORRUPT || said.faults == 0)
        fail_msg("no fault where one should say \"%s\": status %d: %s", text, (int)status, error.message);
    if (!strstr(said.all, text)) fail_msg("no fault says \"%s\":\n%s", text, said.all);
}

/* ---- archives ---- */

/* Appends one review as a line of JSON: its words are drawn from few, so that lists get long; some have markup, accents,
 * another language, text without blanks, paragraphs twice. */
static inline void append_review(struct bytes *out, uint64_t *random, unsigned id) {
    static const char *const words[] = {"dance",  "dances",  "dancing", "film",      "films", "quiet",  "great",
                                        "actor",  "actors",  "ballet",  "plot",      "été",   "naïve",  "don't",
                                        "3.5",    "stage",   "the",     "a",         "house", "houses", "Haus",
                                        "Häuser", "running", "ran",     "映画が好き"};
    static const char *const gaps[] = {" ", " ", " ", " ", ", ", ". ", "\\n\\n", " - ", "<br />", "-"};
    bytes_append_format(out, "{\"id\":\"r%u\",\"title\":\"%s number %u\",\"text\":\"", id, words[random_below(random, 24)],
                        random_below(random, 30));
    for (uint32_t i = random_below(random, 40); i > 0; i--) {
        bytes_append_string(out, words[random_below(random, 25)]);
        bytes_append_string(out, gaps[random_below(random, 10)]);
    }
    if (random_below(random, 4) == 0) bytes_append_string(out, "Seen twice.\\n\\nSeen twice.");
    bytes_append_format(out, " only%u\",\"product\":\"Film %u\",\"author\":\"author %u\"", id, random_below(random, 9),
                        random_below(random, 15));
    if (random_below(random, 3) > 0) bytes_append_format(out, ",\"rating\":%u", 1 + random_below(random, 5));
    if (random_below(random, 2))
        bytes_append_format(out, ",\"date\":\"2019-0%u-1%u\"", 1 + random_below(random, 9), id % 10);
    if (random_below(random, 2)) bytes_append_format(out, ",\"votes\":%u", random_below(random, 1000));
    if (random_below(random, 5) == 0) bytes_append_string(out, ",\"lang\":\"de\"");
    if (random_below(random, 5) == 0) bytes_append_string(out, ",\"url\":\"https://example.org/r\"");
    if (random_below(random, 3) == 0) bytes_append_format(out, ",\"tags\":[\"t%u\",\"t%u\"]", id % 3, 3 + id % 4);
    if (random_below(random, 2)) bytes_append_format(out, ",\"price\":%u.%u", id, random_below(random, 10));
    bytes_append_string(out, "}\n");
}

static inline void put_reviews(const char *name, uint64_t seed, unsigned first, unsigned count) {
    struct bytes lines = {0};
    uint64_t random = seed;
    for (unsigned id = first; id < first + count; id++)
        append_review(&lines, &random, id);
    bytes_append_u8(&lines, 0);
    assert_false(lines.failed);
    put_source(name, (const char *)lines.data);
    bytes_free(&lines);
}

static const char *const declared_columns[] = {"price:number"};

static inline revue_update_options with_columns(void) {
    return (revue_update_options){.columns = declared_columns, .column_count = 1};
}

static inline void update_index(const char *index, revue_update_options options) {
    struct run_counts counts = run_update_with(index, options);
    if (counts.status != REVUE_OK) fail_msg("update: status %d: %s", (int)counts.status, counts.message);
}

/* Two segments, some reviews deleted from the first, one blocked, one id that two sources hold. */
static inline void make_index(const char *index, unsigned reviews) {
    static const char *const blocked[] = {"r3"};
    const revue_delete_options deletion = {.ids = blocked, .id_count = 1};
    revue_error error = {0};
    put_reviews("a.jsonl", 11, 0, reviews);
    update_index(index, with_columns());
    put_reviews("a.jsonl", 11, 2, reviews - 2);
    put_reviews("b.jsonl", 12, reviews - 1, reviews / 3);
    update_index(index, with_columns());
    assert_done(revue_delete(at(index), &deletion, NULL, &error));
}

/* ---- changing records ---- */

/* A write transaction in an open index. */
struct edit {
    store *store;
    store_txn *txn;
};

static inline struct edit edit_begin(const char *index) {
    struct edit edit;
    revue_error error = {0};
    assert_done(store_open(&edit.store, at(index), STORE_WRITE, &error));
    (void)mdb_env_set_flags(edit.store->environment->handle, MDB_NOSYNC, 1);
    assert_done(store_begin_write(edit.store, &edit.txn, &error));
    return edit;
}

static inline void edit_end(struct edit *edit) {
    revue_error error = {0};
    assert_done(store_commit(edit->txn, &error));
    store_close(edit->store);
}

/* The record of a key, copied. */
static inline struct bytes edit_get(struct edit *edit, enum store_table table, struct view key) {
    struct bytes copy = {0};
    struct view value;
    revue_error error = {0};
    assert_done(store_get(edit->txn, table, key, &value, &error));
    bytes_append(&copy, value.data, value.size);
    assert_false(copy.failed);
    return copy;
}

/* Puts the record with the checksum it should have, and frees it. */
static inline void edit_put(struct edit *edit, enum store_table table, struct view key, struct bytes *value) {
    revue_error error = {0};
    assert_done(store_put(edit->txn, table, key, bytes_view(value), &error));
    bytes_free(value);
}

/* The stored bytes of a record, checksum and all. */
static inline void edit_put_raw(struct edit *edit, enum store_table table, struct view key, struct view stored) {
    MDB_val place = {key.size, (void *)(uintptr_t)key.data}, value = {stored.size, (void *)(uintptr_t)stored.data};
    assert_int_equal(mdb_put(edit->txn->handle, edit->txn->environment->tables[table], &place, &value, 0), 0);
}

/* ---- making checksums right again ---- */

static inline void edit_manifest(struct edit *edit, struct manifest *manifest) {
    revue_error error = {0};
    assert_done(manifest_write(edit->txn, manifest, &error));
    manifest_free(manifest);
}

static inline struct manifest edit_read_manifest(struct edit *edit) {
    struct manifest manifest;
    revue_error error = {0};
    assert_done(manifest_read(edit->txn, &manifest, &error));
    return manifest;
}

/* META as meta says, but for the kinds, which are counted anew; and the manifest's checksum of it. */
static inline void reseal_with(struct edit *edit, uint32_t segment, struct segment_meta *meta) {
    revue_error error = {0};
    struct bytes checksums[KIND_COUNT] = {{0}}, record = {0};
    struct key prefix = key_segment(segment), key = key_segment_kind(segment, KIND_META);
    struct view found, value;
    store_cursor *cursor;
    memset(meta->kinds, 0, sizeof meta->kinds);
    assert_done(store_cursor_open(edit->txn, TABLE_SEGMENTS, &cursor, &error));
    revue_status status = store_cursor_at_or_after(cursor, key_view(&prefix), &found, &value, &error);
    for (; status == REVUE_OK && memcmp(found.data, prefix.data, 4) == 0;
         status = store_cursor_next(cursor, &found, &value, &error)) {
        unsigned kind = (uint8_t)found.data[4];
        if (kind == KIND_META) continue;
        meta->kinds[kind].records++;
        meta->kinds[kind].bytes += value.size;
        bytes_append_u64(&checksums[kind], load_le64(value.data + value.size));
    }
    store_cursor_close(cursor);
    for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
        if (meta->kinds[kind].records > 0) meta->kinds[kind].checksum = hash_view(bytes_view(&checksums[kind]));
        bytes_free(&checksums[kind]);
    }
    segment_meta_encode(meta, &record);
    edit_put(edit, TABLE_SEGMENTS, key_view(&key), &record);
    uint64_t checksum = store_txn_last_checksum(edit->txn);
    struct manifest manifest = edit_read_manifest(edit);
    for (uint32_t i = 0; i < manifest.segment_count; i++)
        if (manifest.segments[i].number == segment) manifest.segments[i].meta_checksum = checksum;
    edit_manifest(edit, &manifest);
}

static inline struct segment_meta read_meta(struct edit *edit, uint32_t segment) {
    struct segment_meta meta;
    uint64_t checksum;
    revue_error error = {0};
    assert_done(segment_meta_read(edit->txn, segment, &meta, &checksum, &error));
    return meta;
}

static inline void reseal(struct edit *edit, uint32_t segment) {
    struct segment_meta meta = read_meta(edit, segment);
    reseal_with(edit, segment, &meta);
}

static inline uint32_t first_segment(struct edit *edit) {
    struct manifest manifest = edit_read_manifest(edit);
    uint32_t number = manifest.segments[0].number;
    manifest_free(&manifest);
    return number;
}

/* A copy of an index that no process has open. */
static inline void copy_index(const char *from, const char *to) {
    revue_error error = {0};
    assert_done(revue_copy(at(from), at(to), NULL, &error));
}

#endif
