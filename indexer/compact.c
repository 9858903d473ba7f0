/* compact.c - revue_compact: the index written anew, without what was deleted or replaced, as a generation of its own.
 *
 * Every live review is read back from its stored text and its columns and inverted again, in the order (class of
 * length, run, segment, place), which of the reviews of one class is the order they were first seen in: so the segments
 * come out as a build at once of these reviews would write them, with a base table of symbols that fits them all, and
 * keyword values that no review has any more are gone. What the index knows besides (sources, blocks, shadows) is copied.
 *
 * An index without stored texts cannot be inverted again: its segments are merged into one in place, and what is live then
 * goes to the new generation, keyword values numbered afresh there, too.
 *
 * Nothing is overwritten: readers go on with the old generation, and its files go with the last of them. */
#include "indexer/base/clock.h"
#include "indexer/base/memory.h"
#include "indexer/compact.h"
#include "indexer/compact_keywords.h"
#include "indexer/format/run_times.h"
#include "indexer/format/synonyms.h"
#include "indexer/merge/merge.h"
#include "indexer/rewrite.h"
#include "indexer/stop.h"
#include "indexer/stored_review.h"
#include "indexer/writer.h"

#define COMPACT_MEMORY ((size_t)512 << 20)
#define REVIEWS_BETWEEN_POLLS 64
#define STOPPED "the index stays as it was"

/* One old segment on its way into the new generation. */
struct compact_input {
    struct live_segment *live;
    struct stored_reviews reviews;
    uint32_t doc; /* the next live one; doc_count at the end */
    unsigned class;
    uint32_t run;
};
struct compaction {
    const revue_compact_options *options;
    struct stop stop;
    struct writer from, to;
    struct stored_keywords keywords;
    struct compact_input *inputs;
    uint32_t input_count;
    uint32_t *tags;
    struct pending_extra *extras;
    size_t tag_capacity, extra_capacity;
    uint64_t reviews, text_bytes;
    double started, progress_at;
};

static void report_progress(struct compaction *compaction, const char *doing, bool force) {
    if (!compaction->options->on_progress) return;
    double now = clock_monotonic();
    if (!force && now - compaction->progress_at < 0.2) return;
    compaction->progress_at = now;
    revue_progress progress = {.reviews = compaction->reviews,
                               .bytes_done = compaction->text_bytes,
                               .bytes_total = compaction->from.manifest.text_bytes,
                               .text_bytes = compaction->text_bytes,
                               .seconds = now - compaction->started,
                               .doing = doing};
    compaction->options->on_progress(compaction->options->context, &progress);
}

/* The new generation is not live before all of it is done: stopping costs nothing but the work. */
static revue_status ask(struct compaction *compaction, revue_error *error) {
    (void)stop_may_go_on(&compaction->stop);
    return stop_status(&compaction->stop, STOPPED, error);
}

/* ---- the order of the reviews ---- */

/* Moves to the first live review at doc or after it. */
static revue_status settle(struct compact_input *input, revue_error *error) {
    uint32_t count = input->live->row.doc_count;
    while (input->doc < count && deletes_has(&input->live->deletes, input->doc))
        input->doc++;
    return input->doc < count ? stored_reviews_order(&input->reviews, input->doc, &input->class, &input->run, error)
                              : REVUE_OK;
}

static revue_status open_inputs(struct compaction *compaction, revue_error *error) {
    struct writer *from = &compaction->from;
    compaction->keywords.txn = from->read;
    compaction->inputs = memory_alloc_zeroed(from->live_count, sizeof *compaction->inputs);
    if (!compaction->inputs) return error_no_memory(error);
    for (uint32_t i = 0; i < from->live_count; i++) {
        struct compact_input *input = &compaction->inputs[i];
        input->live = &from->live[i];
        compaction->input_count++;
        TRY(stored_reviews_open(&input->reviews, input->live->segment, &compaction->keywords, &from->schema, error));
        TRY(settle(input, error));
    }
    return REVUE_OK;
}

/* The input whose review comes next; NULL at the end. There are few of them: merging sees to that. */
static struct compact_input *next_input(const struct compaction *compaction) {
    struct compact_input *next = NULL;
    for (uint32_t i = 0; i < compaction->input_count; i++) {
        struct compact_input *input = &compaction->inputs[i];
        if (input->doc == input->live->row.doc_count) continue;
        if (!next || input->class < next->class || (input->class == next->class && input->run < next->run)) next = input;
    }
    return next;
}

/* ---- one review ---- */

static revue_status number_keyword(struct compaction *compaction, uint16_t column, struct view value, bool *has,
                                   uint32_t *number, revue_error *error) {
    *has = value.size > 0;
    return *has ? writer_keyword(&compaction->to, column, value, number, error) : REVUE_OK;
}

static revue_status fill_tags(struct compaction *compaction, const struct review *review, struct pending_values *values,
                              revue_error *error) {
    if (!MEMORY_RESERVE(compaction->tags, compaction->tag_capacity, (size_t)review->tag_count + 1))
        return error_no_memory(error);
    for (uint32_t i = 0; i < review->tag_count; i++)
        TRY(writer_keyword(&compaction->to, COLUMN_OF_TAGS, review->tags[i], &compaction->tags[i], error));
    values->tags = compaction->tags;
    values->tag_count = review->tag_count;
    return REVUE_OK;
}

static revue_status fill_extras(struct compaction *compaction, const struct stored_review *stored,
                                struct pending_values *values, revue_error *error) {
    if (!MEMORY_RESERVE(compaction->extras, compaction->extra_capacity, (size_t)stored->extra_count + 1))
        return error_no_memory(error);
    for (uint32_t i = 0; i < stored->extra_count; i++) {
        const struct stored_extra *extra = &stored->extras[i];
        uint32_t number = 0;
        if (extra->kind == COLUMN_KEYWORD)
            TRY(writer_keyword(&compaction->to, extra->column, extra->keyword, &number, error));
        compaction->extras[i] = (struct pending_extra){.column = extra->column,
                                                       .is_integer = extra->kind != COLUMN_NUMBER,
                                                       .integer = extra->kind == COLUMN_DATE ? extra->date : number,
                                                       .number = extra->number};
    }
    values->extras = compaction->extras;
    values->extra_count = stored->extra_count;
    return REVUE_OK;
}

static revue_status fill_values(struct compaction *compaction, const struct stored_review *stored,
                                struct pending_values *values, revue_error *error) {
    const struct review *review = &stored->review;
    *values = (struct pending_values){.has_rating = review->has_rating,
                                      .has_votes = review->has_votes,
                                      .rating = review->rating,
                                      .votes = review->votes,
                                      .has_stars = stored->has_stars,
                                      .stars = stored->stars,
                                      .date = review->date,
                                      .source = stored->source,
                                      .run = stored->run,
                                      .column_hash = stored->column_hash};
    TRY(number_keyword(compaction, COLUMN_OF_LANG, review->lang, &values->has_lang, &values->lang, error));
    TRY(number_keyword(compaction, COLUMN_OF_PRODUCT, review->text[FIELD_PRODUCT], &values->has_product, &values->product,
                       error));
    TRY(number_keyword(compaction, COLUMN_OF_AUTHOR, review->text[FIELD_AUTHOR], &values->has_author, &values->author,
                       error));
    TRY(fill_tags(compaction, review, values, error));
    return fill_extras(compaction, stored, values, error);
}

static revue_status rewrite_review(struct compaction *compaction, struct compact_input *input, revue_error *error) {
    struct stored_review stored;
    struct pending_values values;
    TRY(stored_reviews_read(&input->reviews, input->doc, &stored, error));
    TRY(fill_values(compaction, &stored, &values, error));
    TRY(writer_add(&compaction->to, &stored.review, stored.id, stored.language, stored.text_hash, &values, error));
    compaction->reviews++;
    compaction->text_bytes += stored.review.text[FIELD_TITLE].size + stored.review.text[FIELD_BODY].size;
    input->doc++;
    return settle(input, error);
}

/* ---- the new generation ---- */

/* Into one segment, if one can hold it, whatever that writes: compact was asked for. */
static revue_status merge_all(struct compaction *compaction, struct writer *writer, revue_error *error) {
    const struct merge_options options = {.memory_bytes = writer->options.memory_bytes,
                                          .threads = writer->options.threads,
                                          .may_go_on = stop_may_go_on,
                                          .context = &compaction->stop};
    struct manifest *manifest = &writer->manifest;
    uint32_t numbers[MERGE_INPUTS_MAX];
    uint64_t reviews = 0;
    for (uint32_t i = 0; i < manifest->segment_count; i++)
        reviews += manifest->segments[i].doc_count - manifest->segments[i].deleted;
    if (reviews > MERGE_REVIEWS_MAX) {
        TRY(merge_as_needed(writer->store, manifest, &options, error));
        return stop_status(&compaction->stop, STOPPED, error);
    }
    while (manifest->segment_count > 1 || (manifest->segment_count == 1 && manifest->segments[0].deleted > 0)) {
        uint32_t count = manifest->segment_count < MERGE_INPUTS_MAX ? manifest->segment_count : MERGE_INPUTS_MAX;
        for (uint32_t i = 0; i < count; i++)
            numbers[i] = manifest->segments[i].number;
        TRY(merge_segments(writer->store, manifest, numbers, count, &options, error));
    }
    return REVUE_OK;
}

static revue_status copy_heads(void *context, store_txn *txn, revue_error *error) {
    const struct compaction *compaction = context;
    TRY(synonyms_copy(compaction->from.read, txn, error));
    return run_times_copy(compaction->from.read, txn, error);
}

/* Inverts everything again into compaction->to, which is not live yet. */
static revue_status rewrite(struct compaction *compaction, revue_error *error) {
    static const enum store_table carried_over[] = {TABLE_SOURCES, TABLE_BLOCKS, TABLE_SHADOWS};
    struct compact_input *input;
    TRY(open_inputs(compaction, error));
    while ((input = next_input(compaction)) != NULL) {
        report_progress(compaction, "writing", false);
        writer_limit_pages(&compaction->from);
        if (compaction->reviews % REVIEWS_BETWEEN_POLLS == 0) TRY(ask(compaction, error));
        TRY(rewrite_review(compaction, input, error));
    }
    for (size_t i = 0; i < sizeof carried_over / sizeof *carried_over; i++)
        TRY(copy_table(compaction->from.read, compaction->to.store, carried_over[i], error));
    TRY(writer_commit(&compaction->to, copy_heads, compaction, error));
    report_progress(compaction, "merging", true);
    return merge_all(compaction, &compaction->to, error);
}

/* Segments merged on the way leave holes in the file: what is live is copied once more then, side by side. */
static revue_status publish_tight(struct compaction *compaction, revue_error *error) {
    struct writer *to = &compaction->to;
    struct store_sizes sizes;
    const struct copy_poll poll = {stop_may_go_on, &compaction->stop};
    store *tight = NULL;
    revue_status status = store_measure(to->store, &sizes, error);
    if (status == REVUE_OK && sizes.free_bytes <= sizes.used_bytes / REWRITE_HOLES_PART) return writer_publish(to, error);
    if (status == REVUE_OK) status = store_create_next_generation(&tight, to->store, error);
    if (status == REVUE_OK) status = copy_live_tables(to->store, &to->manifest, &poll, tight, error);
    writer_discard(to);
    if (status == REVUE_OK) return store_publish(tight, error);
    store_discard(tight);
    return status;
}

static revue_status compact_with_text(struct compaction *compaction, revue_error *error) {
    TRY(writer_open_generation(&compaction->to, &compaction->from, error));
    revue_status status = rewrite(compaction, error);
    if (status == REVUE_OK) return publish_tight(compaction, error);
    writer_discard(&compaction->to);
    return status;
}

/* ---- without stored texts ---- */

static revue_status copy_merged(struct compaction *compaction, store *to, revue_error *error) {
    const struct copy_poll poll = {stop_may_go_on, &compaction->stop};
    struct writer *from = &compaction->from;
    store_txn *txn;
    TRY(store_begin_read(from->store, &txn, error));
    from->manifest.commit++;
    from->manifest.committed_at = clock_seconds_after(from->manifest.committed_at);
    revue_status status = copy_all_tables(txn, &from->manifest, true, &poll, to, error);
    if (status == REVUE_OK) status = compact_keywords(txn, &from->manifest, &from->schema, to, error);
    store_abort(txn);
    return status;
}

static revue_status compact_without_text(struct compaction *compaction, revue_error *error) {
    struct writer *from = &compaction->from;
    store *to;
    report_progress(compaction, "merging", true);
    TRY(merge_all(compaction, from, error));
    report_progress(compaction, "writing", true);
    TRY(store_create_generation(&to, store_path(from->store), error));
    revue_status status = copy_merged(compaction, to, error);
    if (status == REVUE_OK) return store_publish(to, error);
    store_discard(to);
    return status;
}

/* ---- the run ---- */

static void close_inputs(struct compaction *compaction) {
    for (uint32_t i = 0; i < compaction->input_count; i++) {
        stored_reviews_close(&compaction->inputs[i].reviews);
    }
    memory_free(compaction->inputs);
    stored_keywords_close(&compaction->keywords);
    memory_free(compaction->tags);
    memory_free(compaction->extras);
}

/* The old generation goes at once unless somebody reads it. What was to be erased and is still there must be said. */
static revue_status remove_old(const char *index_path, bool erase, revue_error *error) {
    uint32_t dead = 0;
    TRY(store_remove_dead(index_path, error));
    if (erase) TRY(store_count_dead(index_path, &dead, error));
    return dead == 0 ? REVUE_OK
                     : error_set(error, REVUE_BUSY,
                                 "%s was rewritten, but a search still reads the old files: what was deleted leaves the "
                                 "disk with the first run after that search has ended",
                                 index_path);
}

/* What was kept of texts is all there is to analyse. */
static revue_status refuse_no_text(const char *index_path, revue_error *error) {
    return error_set(error, REVUE_USAGE,
                     "%s stores no texts (it was made with --no-text), so that none can be analysed anew: build it again "
                     "from the archive",
                     index_path);
}

static revue_status run_compaction(struct compaction *compaction, const char *index_path, bool needs_text,
                                   revue_error *error) {
    if (needs_text && !compaction->from.has_text) return refuse_no_text(index_path, error);
    return compaction->from.has_text ? compact_with_text(compaction, error) : compact_without_text(compaction, error);
}

static revue_status compact(const char *index_path, const revue_compact_options *options,
                            struct writer_options writer_options, bool needs_text, uint64_t *reviews, revue_error *error) {
    struct compaction *compaction = memory_alloc_zeroed(1, sizeof *compaction);
    if (!compaction) return error_no_memory(error);
    compaction->options = options;
    compaction->stop = (struct stop){.should_stop = options->should_stop, .context = options->context};
    writer_options.may_wait = stop_may_go_on;
    writer_options.wait_context = &compaction->stop;
    compaction->started = clock_monotonic();
    revue_status status = writer_open(&compaction->from, index_path, &writer_options, error);
    if (status == REVUE_BUSY && compaction->stop.signal) status = stop_status(&compaction->stop, STOPPED_WAITING, error);
    if (status == REVUE_OK) {
        status = run_compaction(compaction, index_path, needs_text, error);
        if (status == REVUE_INTERRUPTED) status = stop_status(&compaction->stop, STOPPED, error);
        close_inputs(compaction);
        index_lock *lock = compaction->from.lock; /* held until the old files are gone */
        compaction->from.lock = NULL;
        writer_close(&compaction->from);
        if (status == REVUE_OK) status = remove_old(index_path, options->erase, error);
        index_lock_release(lock);
    }
    if (status == REVUE_OK) *reviews = compaction->reviews;
    memory_free(compaction);
    return status;
}

revue_status revue_compact(const char *index_path, const revue_compact_options *options, revue_error *error) {
    const struct writer_options writer_options = {
        .wait_seconds = options->wait_seconds, .memory_bytes = COMPACT_MEMORY, .threads = workers_to_use(0)};
    uint64_t reviews;
    revue_error own_error;
    if (!error) error = &own_error;
    error_clear(error);
    return compact(index_path, options, writer_options, false, &reviews, error);
}

revue_status compact_reanalysing(const char *index_path, const revue_update_options *options, uint64_t *reviews,
                                 revue_error *error) {
    const revue_compact_options own = {.wait_seconds = options->wait_seconds,
                                       .on_progress = options->on_progress,
                                       .should_stop = options->should_stop,
                                       .context = options->context};
    const struct writer_options writer_options = {.wait_seconds = options->wait_seconds,
                                                  .memory_bytes = options->memory_mib ? (size_t)options->memory_mib << 20
                                                                                      : COMPACT_MEMORY,
                                                  .threads = workers_to_use(options->threads)};
    return compact(index_path, &own, writer_options, true, reviews, error);
}
