/* update_vanish.c - what the archive holds no longer: sources that are gone, and reviews that a source read in this run did
 * not give again. Found first, deleted last: a run that would delete a large part of a root is refused before anything is
 * deleted, for an archive that shrinks so is more often half mounted, half copied or cut off than really so. */
#include "indexer/base/memory.h"
#include "indexer/update.h"

#include <stdio.h>
#include <string.h>

#define SHRINK_REVIEWS 100u /* a run may delete as many of a root, */
#define SHRINK_PERCENT 30u  /* or such a part of it */

/* ---- sources ---- */

static revue_status mark_gone(struct update_run *run, struct view key, const struct source_row *row, revue_error *error) {
    if (source_mark(run, row->number) != MARK_UNKNOWN || run->options->keep_gone) return REVUE_OK;
    TRY(source_set_mark(run, row->number, MARK_GONE, error));
    if (row->reviews > 0 || row->state & SOURCE_PARTLY_FAILED) source_note_missing(run, row->number);
    if (!(row->state & (SOURCE_BESIDE | SOURCE_CONTAINER))) run->report->sources_gone++;
    if (!MEMORY_RESERVE(run->gone_rows, run->gone_capacity, run->gone_count + 1)) return error_no_memory(error);
    char *copy = arena_copy(&run->arena, key.data, key.size);
    if (!copy) return error_no_memory(error);
    run->gone_rows[run->gone_count++] = view_of(copy, key.size);
    run->writer.sources_changed = true;
    return REVUE_OK;
}

revue_status sources_find_gone(struct update_run *run, revue_error *error) {
    for (size_t i = 0; i < run->root_count; i++)
        if (run->roots[i].is_open) TRY(source_each_row(run, run->roots[i].number, view_of(NULL, 0), mark_gone, error));
    return REVUE_OK;
}

/* ---- reviews ---- */

/* Which sources of a chunk may miss reviews, by their numbers less the smallest. Reviews are looked at by the ten thousand
 * for the few that vanished, so this is asked of a table, and first. */
struct missing_sources {
    bool may_miss[COLUMN_CHUNK + 1];
    uint32_t last; /* of those that were asked for */
    bool any;
};

static void ask_sources(const struct update_run *run, const struct column_chunk *chunk, struct missing_sources *sources) {
    sources->last = (uint32_t)(chunk->maximum - chunk->minimum);
    sources->any = false;
    for (uint32_t offset = 0; offset <= sources->last; offset++) {
        bool may_miss = source_may_miss(run, (uint32_t)chunk->minimum + offset);
        sources->may_miss[offset] = may_miss;
        sources->any |= may_miss;
    }
}

/* Narrow enough for the table, as all chunks are that hold few sources. */
static bool fits_table(const struct column_chunk *chunk) {
    return chunk->is_integer && !chunk->has_several && chunk->minimum >= 0 && chunk->maximum <= UINT32_MAX &&
           chunk->maximum - chunk->minimum <= COLUMN_CHUNK && column_chunk_value_bytes(chunk) <= 2;
}

/* The value of a chunk that fits the table, less its minimum. */
static uint32_t offset_at(const struct column_chunk *chunk, unsigned bytes, uint32_t index) {
    return bytes == 1 ? chunk->values[index] : bytes == 2 ? load_le16(chunk->values + 2 * (size_t)index) : 0;
}

static revue_status note_vanished(struct update_run *run, uint32_t index, uint32_t doc, revue_error *error) {
    struct live_segment *live = &run->writer.live[index];
    bool has;
    int64_t source;
    if (deletes_has(&live->deletes, doc) || (live->seen[doc / 64] >> (doc % 64) & 1)) return REVUE_OK;
    TRY(column_reader_integer(&live->source, doc, &has, &source, error));
    if (!has || !source_may_miss(run, (uint32_t)source)) return REVUE_OK;
    if (!MEMORY_RESERVE(run->vanished, run->vanished_capacity, run->vanished_count + 1)) return error_no_memory(error);
    run->vanished[run->vanished_count++] = (struct vanished_review){{index, doc}, (uint32_t)source};
    return REVUE_OK;
}

static revue_status find_in_chunk(struct update_run *run, uint32_t index, uint32_t first, revue_error *error) {
    struct live_segment *live = &run->writer.live[index];
    const struct column_chunk *chunk = &live->source.chunk;
    struct missing_sources sources;
    sources.last = 0;
    TRY(column_reader_seek(&live->source, first, error));
    if (live->source.is_absent) return REVUE_OK;
    const uint32_t left = live->row.doc_count - first, count = left < COLUMN_CHUNK ? left : COLUMN_CHUNK;
    const bool has_table = fits_table(chunk) && chunk->count == count; /* what is damaged is told by its reader */
    const unsigned bytes = has_table ? column_chunk_value_bytes(chunk) : 0;
    if (has_table) ask_sources(run, chunk, &sources);
    if (has_table && !sources.any) return REVUE_OK;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t offset = has_table ? offset_at(chunk, bytes, i) : UINT32_MAX;
        if (offset > sources.last || sources.may_miss[offset]) TRY(note_vanished(run, index, first + i, error));
    }
    return REVUE_OK;
}

static revue_status find_in_segment(struct update_run *run, uint32_t index, revue_error *error) {
    for (uint32_t first = 0; first < run->writer.live[index].row.doc_count; first += COLUMN_CHUNK)
        TRY(find_in_chunk(run, index, first, error));
    return REVUE_OK;
}

revue_status reviews_find_vanished(struct update_run *run, revue_error *error) {
    if (!run->any_may_miss) return REVUE_OK;
    for (uint32_t i = 0; i < run->writer.live_count; i++)
        TRY(find_in_segment(run, i, error));
    return REVUE_OK;
}

revue_status reviews_sweep(struct update_run *run, revue_error *error) {
    for (size_t i = 0; i < run->vanished_count; i++)
        TRY(writer_delete(&run->writer, run->vanished[i].location, error));
    run->report->reviews_deleted += run->vanished_count;
    return REVUE_OK;
}

/* ---- a root that shrinks ---- */

/* Counts what the index holds of the root at hand, and how much of it vanished. */
static revue_status count_source(struct update_run *run, struct view key, const struct source_row *row,
                                 revue_error *error) {
    (void)key, (void)error;
    const struct source_state *state = source_state(run, row->number);
    run->shrink.held += row->reviews;
    run->shrink.vanished += state ? state->vanished : 0;
    return REVUE_OK;
}

static void report_shrinking(struct update_run *run, const struct update_root *root) {
    char what[120];
    (void)snprintf(what, sizeof what, "%llu of its %llu reviews would be deleted", (unsigned long long)run->shrink.vanished,
                   (unsigned long long)run->shrink.held);
    report_problem(run, view_of_string(root->path), 0, what, "nothing of this run was kept");
}

revue_status roots_check_shrinking(struct update_run *run, revue_error *error) {
    bool is_shrinking = false;
    if (run->options->allow_shrink || run->vanished_count <= SHRINK_REVIEWS) return REVUE_OK;
    for (size_t i = 0; i < run->vanished_count; i++)
        source_state(run, run->vanished[i].source)->vanished++;
    for (size_t i = 0; i < run->root_count; i++) {
        memset(&run->shrink, 0, sizeof run->shrink);
        TRY(source_each_row(run, run->roots[i].number, view_of(NULL, 0), count_source, error));
        if (run->shrink.vanished <= SHRINK_REVIEWS || run->shrink.vanished * 100 <= run->shrink.held * SHRINK_PERCENT)
            continue;
        report_shrinking(run, &run->roots[i]);
        is_shrinking = true;
    }
    if (!is_shrinking) return REVUE_OK;
    return error_set(error, REVUE_INVALID,
                     "the archive would shrink by more than %u %%: see that all of it is there, or add --allow-shrink",
                     SHRINK_PERCENT);
}
