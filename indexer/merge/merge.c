/* merge.c - a merge from beginning to end: opening the inputs, the parts in turn, and the one commit that makes it live.
 *
 * The merged segment is written like a flushed one, in transactions of some 10 MB, under a number the manifest does not
 * list. Then one transaction replaces the manifest and removes the inputs. LMDB lets pages that a transaction frees serve
 * again two transactions later: one tiny commit follows, so that the next big write finds them, which keeps the file a
 * fifth smaller (measured). */
#include "indexer/base/clock.h"
#include "indexer/base/memory.h"
#include "indexer/merge/merge_internal.h"

#include <stdlib.h>

#define POLL_EVERY 256u /* of all views together: looks at the pages in memory */
#define REVIEWS_PART 4u /* of the memory (a quarter) for what is held of each review ... */
#define REVIEW_BYTES 24u
#define PAGES_PART 8u      /* of the memory (an eighth) for what was read of the inputs, of each of which ... */
#define PAGES_MOST_PART 5u /* (a fifth, where several views read) */
#define INPUT_PAGES ((size_t)512 << 10) /* ... so much is read at once: the kernel maps 64 KiB for each of 8 places */

#define THREADS_BYTES ((uint64_t)1 << 20) /* of the inputs: smaller merges are not worth a thread */
#define THREADS_MEMORY ((size_t)48 << 20) /* less is used up by pages of the inputs */
#define THREADS_PART 4u                   /* of the memory (a quarter) for what parts made aside take, each ... */
#define THREAD_REVIEW_BYTES 12u
#define THREAD_INPUT_BYTES ((uint64_t)16 << 10)
#define PART_PART 64u /* ... and so much as it is about to hold, and once more what was copied of it */
#define PART_MOST ((size_t)4 << 20)

revue_status merge_poll(struct merge *merge, revue_error *error) {
    if (++merge->polls < POLL_EVERY / merge->sharers) return REVUE_OK;
    merge->polls = 0;
    store_limit_pages(merge->read, merge->page_bytes);
    return merge->is_aside ? REVUE_OK : merge_ask(merge, error);
}

revue_status merge_ask(struct merge *merge, revue_error *error) {
    if (!merge->options->may_go_on) return REVUE_OK;
    if (merge->options->may_go_on(merge->options->context)) return REVUE_OK;
    return error_set(error, REVUE_INTERRUPTED, "merging was stopped: it goes on with the next run");
}

/* ---- inputs ---- */

static const struct manifest_segment *find_row(const struct manifest *manifest, uint32_t segment) {
    for (uint32_t i = 0; i < manifest->segment_count; i++)
        if (manifest->segments[i].number == segment) return &manifest->segments[i];
    return NULL;
}

/* Reviews of an older run were seen first. */
static int compare_age(const void *left, const void *right) {
    const struct manifest_segment *a = &((const struct merge_input *)left)->row;
    const struct manifest_segment *b = &((const struct merge_input *)right)->row;
    if (a->run != b->run) return a->run < b->run ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

static revue_status open_input(struct merge *merge, struct merge_input *input, revue_error *error) {
    TRY(segment_open_listed(&input->segment, merge->read, input->row.number, input->row.doc_count,
                            merge->has_base ? &merge->base : NULL, error));
    TRY(deletes_read(&input->deletes, merge->read, input->row.number, input->row.doc_count, error));
    merge->has_deletes |= input->deletes.deleted > 0;
    return REVUE_OK;
}

static revue_status open_base(struct merge *merge, revue_error *error) {
    uint64_t checksum;
    revue_status status = segment_meta_read(merge->read, BASE_SEGMENT, &merge->base, &checksum, error);
    merge->has_base = status == REVUE_OK;
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

/* Views that read at the same time read at places of their own: with less pages than all of them read at once, each takes
 * away what the others are about to read. */
static size_t page_bytes(const struct merge_options *options, uint32_t inputs, unsigned views) {
    const size_t meant = options->memory_bytes / PAGES_PART, most = options->memory_bytes / PAGES_MOST_PART;
    const size_t least = (inputs + 1) * INPUT_PAGES, of_views = least * views < most ? least * views : most;
    if (meant >= least && meant >= of_views) return meant;
    return least > of_views ? least : of_views;
}

static revue_status open_inputs(struct merge *merge, const struct manifest *manifest, const uint32_t *segments,
                                uint32_t count, revue_error *error) {
    merge->inputs = memory_alloc_zeroed(count, sizeof *merge->inputs);
    if (!merge->inputs) return error_no_memory(error);
    for (uint32_t i = 0; i < count; i++) {
        const struct manifest_segment *row = find_row(manifest, segments[i]);
        if (!row) return error_set(error, REVUE_BUG, "segment %u is not in the manifest", segments[i]);
        merge->inputs[merge->input_count++].row = *row;
    }
    qsort(merge->inputs, count, sizeof *merge->inputs, compare_age);
    TRY(store_begin_read(merge->store, &merge->read, error));
    store_release_pages(merge->read);
    merge->page_bytes = store_resident_bytes(); /* the program's own */
    if (merge->page_bytes < SIZE_MAX) merge->page_bytes += page_bytes(merge->options, count, 1);
    TRY(schema_read(merge->read, &merge->schema, error));
    TRY(open_base(merge, error));
    for (uint32_t i = 0; i < count; i++)
        TRY(open_input(merge, &merge->inputs[i], error));
    merge->meta.has_positions = merge->inputs[0].segment->meta.has_positions;
    merge->meta.has_text = merge->inputs[0].segment->meta.has_text;
    for (uint32_t i = 1; i < count; i++) {
        const struct segment_meta *meta = &merge->inputs[i].segment->meta;
        if (meta->has_positions != merge->meta.has_positions || meta->has_text != merge->meta.has_text)
            return error_set(error, REVUE_CORRUPT, "segments %u and %u do not keep the same; rebuild the index",
                             merge->inputs[0].row.number, merge->inputs[i].row.number);
    }
    return REVUE_OK;
}

/* ---- views ---- */

static void close_view(struct merge *view) {
    for (uint32_t i = 0; view->inputs && i < view->input_count; i++)
        segment_close(view->inputs[i].segment);
    memory_free(view->inputs);
    store_abort(view->read);
    memory_free(view);
}

static void close_views(struct merge *merge) {
    for (unsigned slot = 0; slot < merge->view_count; slot++)
        if (merge->views[slot] != merge) close_view(merge->views[slot]);
    memory_free(merge->views);
    workers_free(merge->pool);
}

static revue_status fill_view(const struct merge *merge, struct merge *view, revue_error *error) {
    view->inputs = memory_alloc_array(merge->input_count, sizeof *view->inputs);
    if (!view->inputs) return error_no_memory(error);
    for (uint32_t i = 0; i < merge->input_count; i++) {
        view->inputs[i] = merge->inputs[i];
        view->inputs[i].segment = NULL;
    }
    TRY(store_begin_read(merge->store, &view->read, error));
    for (uint32_t i = 0; i < merge->input_count; i++)
        TRY(segment_open(&view->inputs[i].segment, view->read, view->inputs[i].row.number,
                         merge->has_base ? &merge->base : NULL, error));
    return REVUE_OK;
}

static revue_status open_view(struct merge *merge, unsigned slot, revue_error *error) {
    struct merge *view = memory_alloc(sizeof *view);
    if (!view) return error_no_memory(error);
    *view = *merge;
    view->inputs = NULL;
    view->read = NULL;
    view->is_aside = true;
    view->sharers = parts_slots(merge->pool);
    merge->views[slot] = view;
    merge->view_count = slot + 1;
    return fill_view(merge, view, error);
}

static size_t part_bytes(const struct merge_options *options) {
    if (options->part_bytes > 0) return options->part_bytes;
    return options->memory_bytes / PART_PART < PART_MOST ? options->memory_bytes / PART_PART : PART_MOST;
}

static bool is_worth_threads(const struct merge *merge) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < merge->input_count; i++)
        for (unsigned kind = 0; kind < KIND_COUNT; kind++)
            bytes += merge->inputs[i].segment->meta.kinds[kind].bytes;
    return bytes >= THREADS_BYTES || merge->options->part_bytes > 0;
}

/* Threads that the merge is worth and its memory carries, the caller counted. */
static unsigned threads_to_use(const struct merge *merge) {
    const struct merge_options *options = merge->options;
    if (options->threads == 0 || options->memory_bytes < THREADS_MEMORY || !is_worth_threads(merge)) return 1;
    uint64_t each = (uint64_t)merge->doc_count * THREAD_REVIEW_BYTES + (uint64_t)merge->input_count * THREAD_INPUT_BYTES +
                    2 * part_bytes(options);
    uint64_t slots = options->memory_bytes / THREADS_PART / each, wanted = options->threads > 1 ? options->threads : 2;
    if (slots <= 2) return 1; /* one more than threads */
    return (unsigned)(slots - 1 < wanted ? slots - 1 : wanted);
}

static revue_status open_views(struct merge *merge, revue_error *error) {
    TRY(workers_create(&merge->pool, threads_to_use(merge), error));
    unsigned slots = parts_slots(merge->pool);
    merge->views = memory_alloc_zeroed(slots, sizeof(struct merge *));
    if (!merge->views) return error_no_memory(error);
    if (slots == 1) {
        merge->views[0] = merge;
        merge->view_count = 1;
        return REVUE_OK;
    }
    merge->part_bytes = part_bytes(merge->options);
    if (merge->page_bytes < SIZE_MAX)
        merge->page_bytes +=
            page_bytes(merge->options, merge->input_count, slots) - page_bytes(merge->options, merge->input_count, 1);
    for (unsigned slot = 0; slot < slots; slot++)
        TRY(open_view(merge, slot, error));
    return REVUE_OK;
}

static void close_merge(struct merge *merge) {
    close_views(merge);
    segment_writer_free(merge->writer);
    stem_records_free(merge->stems);
    for (uint32_t i = 0; i < merge->input_count; i++) {
        segment_close(merge->inputs[i].segment);
        deletes_free(&merge->inputs[i].deletes);
        memory_free(merge->inputs[i].map);
    }
    memory_free(merge->inputs);
    memory_free(merge->origin);
    schema_free(&merge->schema);
    store_abort(merge->read);
}

/* ---- the merged segment ---- */

static revue_status write_parts(struct merge *merge, revue_error *error) {
    TRY(merge_terms(merge, error));
    if (merge->view_count > 1) memory_give_back(); /* what the workers allocated lies in heaps of theirs */
    TRY(merge_forms(merge, error));
    TRY(merge_columns(merge, error));
    return merge->meta.has_text ? merge_text(merge, error) : REVUE_OK;
}

/* Fills in the row of the merged segment; doc_count 0: nothing is left, and nothing was written. */
static revue_status write_segment(struct merge *merge, uint32_t number, struct manifest_segment *row, revue_error *error) {
    uint64_t checksum;
    TRY(merge_docs(merge, error));
    *row = (struct manifest_segment){.number = number, .doc_count = merge->doc_count};
    if (merge->doc_count == 0) return REVUE_OK;
    TRY(segment_writer_create(&merge->writer, merge->store, number, error));
    segment_writer_fit(merge->writer, merge->options->memory_bytes);
    merge->sink = segment_writer_sink(merge->writer);
    TRY(open_views(merge, error));
    TRY(write_parts(merge, error));
    TRY(segment_writer_finish(merge->writer, &merge->meta, &checksum, error));
    row->meta_checksum = checksum;
    for (uint32_t i = 0; i < merge->input_count; i++)
        if (merge->inputs[i].row.run > row->run) row->run = merge->inputs[i].row.run;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        row->fields[field].total_length = merge->meta.fields[field].total_length;
        row->fields[field].doc_count = merge->meta.fields[field].docs_with_field;
    }
    return REVUE_OK;
}

/* ---- the switch ---- */

static bool lists(const uint32_t *segments, uint32_t count, uint32_t number) {
    for (uint32_t i = 0; i < count; i++)
        if (segments[i] == number) return true;
    return false;
}

/* The manifest with the merged segment instead of its inputs. The caller frees it, also after a failure. */
static revue_status next_manifest(const struct manifest *manifest, const uint32_t *segments, uint32_t count,
                                  const struct manifest_segment *row, struct manifest *next, revue_error *error) {
    *next = *manifest;
    next->segments = NULL;
    next->segment_count = next->segment_capacity = 0;
    for (uint32_t i = 0; i < manifest->segment_count; i++)
        if (!lists(segments, count, manifest->segments[i].number))
            TRY(manifest_add_segment(next, &manifest->segments[i], error));
    if (row->doc_count > 0) TRY(manifest_add_segment(next, row, error));
    next->next_segment++;
    next->commit++;
    next->committed_at = clock_seconds_after(next->committed_at);
    return REVUE_OK;
}

static revue_status write_switch(store_txn *txn, const struct manifest *next, const uint32_t *segments, uint32_t count,
                                 revue_error *error) {
    for (uint32_t i = 0; i < count; i++)
        TRY(segment_remove(txn, segments[i], error));
    return manifest_write(txn, next, error);
}

/* count 0: writes the manifest again, the tiny commit. */
static revue_status commit_switch(store *in, const struct manifest *next, const uint32_t *segments, uint32_t count,
                                  revue_error *error) {
    store_txn *txn;
    TRY(store_begin_write(in, &txn, error));
    revue_status status = write_switch(txn, next, segments, count, error);
    if (status == REVUE_OK) return store_commit(txn, error);
    store_abort(txn);
    return status;
}

static revue_status make_live(store *in, struct manifest *manifest, const uint32_t *segments, uint32_t count,
                              const struct manifest_segment *row, revue_error *error) {
    struct manifest next;
    revue_status status = next_manifest(manifest, segments, count, row, &next, error);
    if (status == REVUE_OK) status = commit_switch(in, &next, segments, count, error);
    if (status != REVUE_OK) {
        manifest_free(&next);
        return status;
    }
    manifest_free(manifest);
    *manifest = next;
    return commit_switch(in, manifest, NULL, 0, error);
}

revue_status merge_segments(store *in, struct manifest *manifest, const uint32_t *segments, uint32_t count,
                            const struct merge_options *options, revue_error *error) {
    struct merge merge = {.store = in, .options = options, .sharers = 1};
    struct manifest_segment row;
    if (count == 0 || count > MERGE_INPUTS_MAX)
        return error_set(error, REVUE_BUG, "a merge of %u segments: 1 to %u can be merged", count, MERGE_INPUTS_MAX);
    revue_status status = open_inputs(&merge, manifest, segments, count, error);
    if (status == REVUE_OK) status = write_segment(&merge, manifest->next_segment, &row, error);
    close_merge(&merge); /* before the switch: its pages are then free at once */
    return status == REVUE_OK ? make_live(in, manifest, segments, count, &row, error) : status;
}

/* ---- what is due ---- */

static revue_status read_candidates(store *in, const struct manifest *manifest, struct merge_candidate *candidates,
                                    revue_error *error) {
    store_txn *txn;
    revue_status status = REVUE_OK;
    TRY(store_begin_read(in, &txn, error));
    for (uint32_t i = 0; i < manifest->segment_count && status == REVUE_OK; i++) {
        const struct manifest_segment *row = &manifest->segments[i];
        struct segment_meta meta;
        uint64_t checksum;
        status = segment_meta_read(txn, row->number, &meta, &checksum, error);
        if (status == REVUE_NO_MATCH)
            status = error_set(error, REVUE_CORRUPT, "segment %u has no META record; rebuild the index", row->number);
        if (status != REVUE_OK) break;
        candidates[i] = (struct merge_candidate){row->number, row->doc_count, row->deleted, row->run, 0};
        for (unsigned kind = 0; kind < KIND_COUNT; kind++)
            candidates[i].bytes += meta.kinds[kind].bytes;
    }
    store_abort(txn);
    return status;
}

static struct merge_limits limits_of(const struct merge_options *options, uint32_t run) {
    uint64_t reviews = options->memory_bytes / REVIEWS_PART / REVIEW_BYTES;
    uint64_t inputs = options->memory_bytes / PAGES_PART / INPUT_PAGES;
    if (inputs < MERGE_WIDTH) inputs = MERGE_WIDTH;
    return (struct merge_limits){.run = run,
                                 .reviews = reviews < MERGE_REVIEWS_MAX ? reviews : MERGE_REVIEWS_MAX,
                                 .inputs = inputs < MERGE_INPUTS_MAX ? (uint32_t)inputs : MERGE_INPUTS_MAX};
}

revue_status merge_as_needed(store *in, struct manifest *manifest, const struct merge_options *options,
                             revue_error *error) {
    struct merge_candidate *candidates = memory_alloc_array(manifest->segment_count, sizeof *candidates);
    struct merge_choice choice;
    struct merge_limits limits = limits_of(options, manifest->last_run);
    revue_status status;
    if (!candidates) return error_no_memory(error);
    for (;;) {
        TRY_DONE(read_candidates(in, manifest, candidates, error));
        merge_choose(candidates, manifest->segment_count, &limits, &choice);
        if (choice.count == 0 || (options->may_go_on && !options->may_go_on(options->context))) break;
        limits.spent += choice.older_bytes;
        TRY_DONE(merge_segments(in, manifest, choice.segments, choice.count, options, error));
    }
done:
    memory_free(candidates);
    return status == REVUE_INTERRUPTED ? REVUE_OK : status;
}
