/* synonyms.c - revue_synonyms_set and revue_synonyms_read: the synonyms that an index keeps for its queries. */
#include "indexer/format/synonyms.h"

#include "indexer/base/clock.h"
#include "indexer/base/memory.h"
#include "indexer/base/utf8.h"
#include "indexer/format/manifest.h"
#include "indexer/text/analyzer.h"

#define SHOWN_BYTES 60u /* of an entry, in messages */

/* ---- what a text may be ---- */

/* What the analysis makes of an entry depends on no language but for stems: how many words it has does not. */
static revue_status check_entry(stemmer *cutter, struct arena *arena, const struct synonym_line *line, struct view entry,
                                revue_error *error) {
    struct tokens tokens = {0};
    TRY(analyze_field(cutter, entry, LANGUAGE_ENGLISH, arena, &tokens, error));
    if (tokens.count >= 1 && tokens.count <= SYNONYM_WORDS_MAX) return REVUE_OK;
    const size_t shown = entry.size > SHOWN_BYTES ? utf8_floor(entry.data, SHOWN_BYTES) : entry.size;
    revue_status status =
        error_set(error, REVUE_USAGE, "\"%.*s%s\" has %s", (int)shown, entry.data, shown < entry.size ? "..." : "",
                  tokens.count == 0 ? "no word to search for" : "more than 8 words");
    if (error) error->line = line->number;
    return status;
}

static revue_status check_lines(stemmer *cutter, struct arena *arena, struct view text, revue_error *error) {
    struct synonym_reader reader = {.rest = text};
    struct synonym_line line;
    revue_status status;
    while ((status = synonyms_next_line(&reader, &line, error)) == REVUE_OK) {
        arena_reset(arena);
        for (uint32_t i = 0; i < line.count; i++)
            TRY(check_entry(cutter, arena, &line, line.entries[i], error));
    }
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

static revue_status check_text(struct view text, revue_error *error) {
    struct arena arena = {0};
    stemmer *cutter;
    if (text.size > SYNONYMS_BYTES_MAX)
        return error_set(error, REVUE_USAGE, "synonyms have at most %u bytes, these have %zu", SYNONYMS_BYTES_MAX,
                         text.size);
    if (utf8_valid_prefix(text.data, text.size) != text.size)
        return error_set(error, REVUE_USAGE, "synonyms are UTF-8 text: byte %zu is not",
                         utf8_valid_prefix(text.data, text.size) + 1);
    TRY(stemmer_create(&cutter, error));
    revue_status status = check_lines(cutter, &arena, text, error);
    stemmer_free(cutter);
    arena_free(&arena);
    return status;
}

/* ---- the index ---- */

/* A commit of its own: servers see that there is something new. */
static revue_status write_text(store_txn *txn, struct view text, revue_error *error) {
    struct manifest manifest;
    revue_status status = manifest_read(txn, &manifest, error);
    if (status == REVUE_NO_MATCH)
        return error_set(error, REVUE_CORRUPT, "the index holds no finished run yet: let revue-indexer update end");
    TRY(status);
    manifest.commit++;
    manifest.committed_at = clock_seconds_after(manifest.committed_at);
    status = synonyms_write(txn, text, error);
    if (status == REVUE_OK) status = manifest_write(txn, &manifest, error);
    manifest_free(&manifest);
    return status;
}

static revue_status commit_text(store *opened, struct view text, revue_error *error) {
    store_txn *txn;
    TRY(store_begin_write(opened, &txn, error));
    revue_status status = write_text(txn, text, error);
    if (status == REVUE_OK) return store_commit(txn, error);
    store_abort(txn);
    return status;
}

/* Comments alone say nothing: they remove what there is, as nothing does. */
static struct view text_of(struct view text) {
    struct synonym_reader reader = {.rest = text};
    struct synonym_line line;
    return synonyms_next_line(&reader, &line, NULL) == REVUE_OK ? text : view_of("", 0);
}

revue_status revue_synonyms_set(const char *index_path, const char *text, size_t size, double wait_seconds,
                                revue_error *error) {
    const struct view given = view_of(text, size);
    index_lock *lock = NULL;
    store *opened = NULL;
    revue_error own_error;
    revue_status status;
    if (!error) error = &own_error;
    error_clear(error);
    uint32_t generation;
    TRY(check_text(given, error));
    TRY(store_live_generation(index_path, &generation, error)); /* a folder that is no index gets no lock in it */
    TRY_DONE(index_lock_take(&lock, index_path, wait_seconds, error));
    TRY_DONE(store_open(&opened, index_path, STORE_WRITE, error));
    TRY_DONE(commit_text(opened, text_of(given), error));
done:
    store_close(opened);
    index_lock_release(lock);
    return status;
}

static revue_status copy_text(store *opened, char **text, revue_error *error) {
    struct view record;
    store_txn *txn;
    TRY(store_begin_read(opened, &txn, error));
    revue_status status = synonyms_read(txn, &record, error);
    if (status == REVUE_OK || status == REVUE_NO_MATCH) {
        *text = status == REVUE_OK ? memory_copy_bytes(record.data, record.size) : memory_copy_bytes("", 0);
        status = *text ? REVUE_OK : error_no_memory(error);
    }
    store_abort(txn);
    return status;
}

revue_status revue_synonyms_read(const char *index_path, char **text, revue_error *error) {
    store *opened;
    revue_error own_error;
    if (!error) error = &own_error;
    error_clear(error);
    TRY(store_open(&opened, index_path, STORE_READ, error));
    revue_status status = copy_text(opened, text, error);
    store_close(opened);
    return status;
}
