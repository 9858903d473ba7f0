/* searcher.c - revue_searcher_open and its kin: a read transaction, the manifest, and nothing else until it is asked for.
 */
#include "query/searcher.h"

#include "indexer/base/memory.h"
#include "indexer/format/scoring.h"
#include "query/plan/known_words.h"

#include <string.h>

#define SPARE_BYTES_MOST (1u << 20)

static void close_snapshot(revue_searcher *searcher) {
    for (uint32_t i = 0; i < searcher->segment_count; i++) {
        segment_close(searcher->segments[i].segment);
        if (searcher->segments[i].has_deletes) deletes_free(&searcher->segments[i].deletes);
    }
    for (size_t i = 0; i < searcher->keywords_count; i++) {
        keywords_close(searcher->keywords[i].table);
        memory_free(searcher->keywords[i].places);
    }
    memory_free(searcher->keywords);
    searcher->keywords = NULL;
    searcher->keywords_count = searcher->keywords_capacity = 0;
    arena_free(&searcher->synonyms.arena);
    searcher->synonyms = (struct synonyms){0};
    searcher->has_synonyms = false;
    known_words_free(searcher->known_words);
    searcher->known_words = NULL;
    memory_free(searcher->segments);
    searcher->segments = NULL;
    searcher->segment_count = 0;
    manifest_free(&searcher->manifest);
    schema_free(&searcher->schema);
    settings_free(&searcher->settings);
    store_abort(searcher->txn);
    searcher->txn = NULL;
}

static revue_status read_base(revue_searcher *searcher, revue_error *error) {
    uint64_t checksum;
    revue_status status = segment_meta_read(searcher->txn, BASE_SEGMENT, &searcher->base, &checksum, error);
    searcher->has_base = status == REVUE_OK;
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

static revue_status open_segments(revue_searcher *searcher, revue_error *error) {
    uint64_t total[FIELD_COUNT] = {0}, docs[FIELD_COUNT] = {0};
    searcher->segments = memory_alloc_zeroed(searcher->manifest.segment_count, sizeof *searcher->segments);
    if (!searcher->segments) return error_no_memory(error);
    searcher->reviews = 0;
    for (uint32_t i = 0; i < searcher->manifest.segment_count; i++) {
        const struct manifest_segment *row = &searcher->manifest.segments[i];
        TRY(segment_open_listed(&searcher->segments[i].segment, searcher->txn, row->number, row->doc_count,
                                searcher->has_base ? &searcher->base : NULL, error));
        searcher->segments[i].deleted = row->deleted;
        searcher->segment_count++;
        searcher->reviews += row->doc_count - row->deleted;
        for (unsigned field = 0; field < FIELD_COUNT; field++) {
            total[field] += row->fields[field].total_length;
            docs[field] += row->fields[field].doc_count;
        }
    }
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        searcher->average[field] = scoring_average(total[field], docs[field]);
    return REVUE_OK;
}

static revue_status open_snapshot(revue_searcher *searcher, revue_error *error) {
    TRY(store_begin_read(searcher->store, &searcher->txn, error));
    revue_status status = manifest_read(searcher->txn, &searcher->manifest, error);
    if (status == REVUE_NO_MATCH)
        return error_set(error, REVUE_CORRUPT, "%s holds no finished run yet: let revue-indexer update end",
                         searcher->path);
    TRY(status);
    manifest_uuid_text(&searcher->manifest, searcher->uuid);
    TRY(schema_read(searcher->txn, &searcher->schema, error));
    TRY(settings_read(searcher->txn, &searcher->settings, error));
    TRY(read_base(searcher, error));
    const char *lang = settings_get(&searcher->settings, "lang");
    searcher->language = lang ? language_of_tag(view_of_string(lang), NULL) : LANGUAGE_ENGLISH;
    return open_segments(searcher, error);
}

revue_status revue_searcher_open(revue_searcher **opened, const char *index_path, revue_error *error) {
    revue_searcher *searcher = memory_alloc_zeroed(1, sizeof *searcher);
    if (!searcher) return error_no_memory(error);
    revue_status status;
    searcher->path = memory_copy_string(index_path);
    TRY_DONE(searcher->path ? REVUE_OK : error_no_memory(error));
    store_stamp_of(index_path, &searcher->stamp);
    TRY_DONE(stemmer_create(&searcher->stemmer, error));
    TRY_DONE(stemmer_remember(searcher->stemmer, error));
    TRY_DONE(store_open(&searcher->store, index_path, STORE_READ, error));
    TRY_DONE(open_snapshot(searcher, error));
    *opened = searcher;
done:
    if (status != REVUE_OK) revue_searcher_close(searcher);
    return status;
}

void revue_searcher_close(revue_searcher *searcher) {
    if (!searcher) return;
    close_snapshot(searcher);
    store_close(searcher->store);
    for (unsigned i = 0; i < SPARE_ARENAS; i++)
        arena_free(&searcher->spare_arenas[i]);
    stemmer_free(searcher->stemmer);
    memory_free(searcher->path);
    memory_free(searcher);
}

void revue_searcher_rest(revue_searcher *searcher) {
    if (!searcher->rests) store_rest(searcher->txn);
    searcher->rests = true;
}

bool revue_searcher_rests(const revue_searcher *searcher) {
    return searcher->rests;
}

revue_status searcher_is_awake(const revue_searcher *searcher, revue_error *error) {
    if (!searcher->rests) return REVUE_OK;
    return error_set(error, REVUE_USAGE, "the searcher rests: refresh it first");
}

/* Takes the snapshot up again if it is still the newest. */
static revue_status wake(revue_searcher *searcher, revue_error *error) {
    uint64_t before = store_txn_id(searcher->txn);
    TRY(store_renew(searcher->txn, error));
    searcher->rests = store_txn_id(searcher->txn) != before;
    if (searcher->rests) store_rest(searcher->txn);
    return REVUE_OK;
}

/* Whether nothing was committed, and no other generation or index put in its place: then everything that was read is still
 * true. A searcher that rests wakes up. */
static revue_status is_newest(revue_searcher *searcher, bool *newest, revue_error *error) {
    struct store_stamp stamp;
    if (searcher->rests) TRY(wake(searcher, error));
    store_stamp_of(searcher->path, &stamp);
    *newest = !searcher->rests && memcmp(&stamp, &searcher->stamp, sizeof stamp) == 0 &&
              store_newest_id(searcher->store) == store_txn_id(searcher->txn);
    return REVUE_OK;
}

static bool has_moved(const revue_searcher *from, const revue_searcher *to) {
    return to->manifest.commit != from->manifest.commit || store_generation(to->store) != store_generation(from->store) ||
           memcmp(to->manifest.uuid, from->manifest.uuid, sizeof to->manifest.uuid) != 0;
}

revue_status revue_searcher_refresh(revue_searcher *searcher, bool *moved, revue_error *error) {
    revue_searcher *fresh;
    bool is_same = false;
    if (moved) *moved = false;
    /* Whatever keeps the old store from being read, a new one may be there. */
    if (is_newest(searcher, &is_same, NULL) == REVUE_OK && is_same) return REVUE_OK;
    TRY(revue_searcher_open(&fresh, searcher->path, error));
    if (moved) *moved = has_moved(searcher, fresh);
    revue_searcher swapped = *searcher;
    *searcher = *fresh;
    *fresh = swapped;
    revue_searcher_close(fresh);
    return REVUE_OK;
}

uint64_t revue_searcher_generation(const revue_searcher *searcher) {
    return store_generation(searcher->store);
}

uint64_t revue_searcher_commit(const revue_searcher *searcher) {
    return searcher->manifest.commit;
}

uint64_t revue_searcher_reviews(const revue_searcher *searcher) {
    return searcher->reviews;
}

struct arena searcher_take_arena(revue_searcher *searcher) {
    struct arena taken = {0};
    for (unsigned i = 0; i < SPARE_ARENAS && !taken.chunks; i++) {
        taken = searcher->spare_arenas[i];
        searcher->spare_arenas[i] = (struct arena){0};
    }
    return taken;
}

/* What one large search needed is not kept. */
void searcher_give_arena(revue_searcher *searcher, struct arena *arena) {
    arena_reset(arena);
    for (unsigned i = 0; i < SPARE_ARENAS && arena->total_bytes <= SPARE_BYTES_MOST && arena->chunks; i++) {
        if (searcher->spare_arenas[i].chunks) continue;
        searcher->spare_arenas[i] = *arena;
        *arena = (struct arena){0};
    }
    arena_free(arena);
}

revue_status searcher_deletes(revue_searcher *searcher, uint32_t segment, const struct deletes **deletes,
                              revue_error *error) {
    struct searched_segment *searched = &searcher->segments[segment];
    if (!searched->has_deletes && searched->deleted > 0)
        TRY(deletes_read(&searched->deletes, searcher->txn, searched->segment->number, searched->segment->meta.doc_count,
                         error));
    searched->has_deletes = searched->deleted > 0;
    *deletes = &searched->deletes;
    return REVUE_OK;
}

revue_status searcher_keywords(revue_searcher *searcher, uint16_t column, keywords **table, revue_error *error) {
    struct open_keywords opened = {.column = column};
    for (size_t i = 0; i < searcher->keywords_count; i++) {
        if (searcher->keywords[i].column != column) continue;
        *table = searcher->keywords[i].table;
        return REVUE_OK;
    }
    if (!MEMORY_RESERVE(searcher->keywords, searcher->keywords_capacity, searcher->keywords_count + 1))
        return error_no_memory(error);
    TRY(keywords_open(&opened.table, searcher->txn, column, error));
    searcher->keywords[searcher->keywords_count++] = opened;
    *table = opened.table;
    return REVUE_OK;
}
