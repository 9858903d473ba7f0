/* update.c - revue_update: the order of a run: options, walk, read, sweep, commit. */
#include "indexer/update.h"

#include "indexer/base/clock.h"
#include "indexer/base/memory.h"

#include <string.h>
#include <sys/random.h>

#define WINDOW_SHARE 0.625 /* of the memory may be the window of a packed file: in a file it costs seconds */
#define IDS_PART 8u        /* of the memory (an eighth) may be the ids met: in a file they cost a microsecond each */
#define RECORD_PART 16u    /* with less than the default (a sixteenth) a record, which takes some seven times its bytes */
#define LIST_PART 16u      /* of the memory (a sixteenth) may be the list of files: in a file it costs a microsecond each */
#define DEFAULT_MEMORY_MIB 512u
#define LEAST_MEMORY_MIB 16u

static revue_status check_options(const revue_update_options *options, revue_error *error) {
    for (size_t i = 0; i < options->root_count; i++)
        if (strcmp(options->roots[i], "-") == 0 && (!options->source_name || !*options->source_name))
            return error_set(error, REVUE_USAGE,
                             "standard input (-) needs --source-name, under which its reviews are known");
    if (options->memory_mib && options->memory_mib < LEAST_MEMORY_MIB)
        return error_set(error, REVUE_USAGE, "--memory %u is too little: at least %u", options->memory_mib,
                         LEAST_MEMORY_MIB);
    TRY(update_check_reading(options, error));
    uint32_t group;
    return options->group ? store_find_group(options->group, &group, error) : REVUE_OK;
}

/* A run that was told to stop leaves merging to the next one. */
static bool may_merge(void *context) {
    struct update_run *run = context;
    report_progress(run, "merging", false);
    if (!run->stop_signal && run->options->should_stop) run->stop_signal = run->options->should_stop(run->options->context);
    return run->stop_signal == 0;
}

/* Nor does it wait for another one. */
static bool may_wait(void *context) {
    struct update_run *run = context;
    if (!run->stop_signal && run->options->should_stop) run->stop_signal = run->options->should_stop(run->options->context);
    return run->stop_signal == 0;
}

/* What was blocked by hand, and whether ids have shadows. */
static revue_status recall_hand_work(struct update_run *run, revue_error *error) {
    store_cursor *cursor;
    struct view key, value;
    if (!run->has_writer || run->writer.is_new) return REVUE_OK;
    TRY(block_patterns_read(&run->patterns, run->writer.read, error));
    TRY(store_cursor_open(run->writer.read, TABLE_SHADOWS, &cursor, error));
    revue_status status = store_cursor_at_or_after(cursor, view_of(NULL, 0), &key, &value, error);
    store_cursor_close(cursor);
    run->has_shadows = status == REVUE_OK;
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

/* A dry run reads as an update of an empty index would, and makes none. */
static revue_status open_run(struct update_run *run, const char *index_path, revue_error *error) {
    struct writer_options options = {.wait_seconds = run->options->wait_seconds,
                                     .create = true,
                                     .no_positions = run->options->no_positions,
                                     .no_text = run->options->no_text};
    options.threads = workers_to_use(run->options->threads);
    options.may_wait = may_wait;
    options.wait_context = run;
    options.may_merge = may_merge;
    options.merge_context = run;
    options.memory_bytes = (size_t)(run->options->memory_mib ? run->options->memory_mib : DEFAULT_MEMORY_MIB) << 20;
    if (options.memory_bytes < (size_t)DEFAULT_MEMORY_MIB << 20)
        run->archive.limits.record_bytes = options.memory_bytes / RECORD_PART;
    run->ids.most_bytes = run->repeats.met.most_bytes = options.memory_bytes / IDS_PART;
    run->archive.limits.window_bytes = (uint64_t)((double)options.memory_bytes * WINDOW_SHARE);
    run->archive.limits.list_bytes = options.memory_bytes / LIST_PART;
    run->has_writer = !run->options->dry_run;
    if (run->has_writer) {
        TRY(writer_open(&run->writer, index_path, &options, error));
    } else {
        TRY(schema_new(&run->writer.schema, error));
        run->writer.is_new = true;
        run->writer.manifest.next_source = 1;
    }
    TRY(update_remember_options(run, error));
    TRY(update_parse_settings(run, error));
    TRY(recall_hand_work(run, error));
    return roots_collect(run, error);
}

/* A first run that found nothing and failed leaves no index: the name of a root may have been a slip. */
static bool is_worth_a_commit(const struct update_run *run) {
    const revue_report *report = run->report;
    if (!run->writer.is_new) return !writer_is_clean(&run->writer);
    bool has_trouble = run->source_could_not_be_read || run->root_missing || run->stop_signal || report->reviews_bad > 0;
    return report->reviews_added > 0 || !has_trouble;
}

static revue_status read_archive(struct update_run *run, revue_error *error) {
    TRY(sources_walk(run, error));
    TRY(sources_read(run, error));
    if (run->options->strict && run->report->reviews_bad > 0)
        return error_set(error, REVUE_INVALID, "%llu %s bad; --strict: nothing of this run was kept",
                         (unsigned long long)run->report->reviews_bad,
                         run->report->reviews_bad == 1 ? "record is" : "records are");
    return REVUE_OK;
}

static revue_status do_run(struct update_run *run, revue_error *error) {
    for (uint32_t i = 0; i < run->writer.manifest.segment_count; i++)
        run->reviews_before += run->writer.manifest.segments[i].doc_count - run->writer.manifest.segments[i].deleted;
    TRY(roots_open(run, error));
    if (!roots_any_is_read(run)) return REVUE_OK;
    TRY(roots_remember(run, error));
    TRY(read_archive(run, error));
    if (!run->has_writer) return REVUE_OK;
    TRY(sources_find_gone(run, error));
    TRY(shadows_take_over(run, error));
    TRY(reviews_find_vanished(run, error));
    TRY(roots_check_shrinking(run, error));
    TRY(reviews_sweep(run, error));
    if (!is_worth_a_commit(run)) return REVUE_OK;
    report_progress(run, "writing", true);
    id_set_free(&run->ids); /* merging wants the memory */
    TRY(sources_write_ahead(run, error));
    return writer_commit(&run->writer, sources_write_rows, run, error);
}

/* When all files are there. */
static revue_status share(const struct update_run *run, revue_error *error) {
    uint32_t group;
    if (!run->options->group || !run->has_writer || (run->writer.is_new && !run->writer.is_committed)) return REVUE_OK;
    TRY(store_find_group(run->options->group, &group, error));
    return store_share(store_path(run->writer.store), group, error);
}

static void close_run(struct update_run *run) {
    roots_free(run);
    paged_array_free(&run->sources);
    block_patterns_free(&run->patterns);
    memory_free(run->shadows);
    id_set_free(&run->shadow_keys);
    id_set_free(&run->taken_names);
    id_set_free(&run->moved_paths);
    pending_rows_free(&run->rows);
    bytes_free(&run->source.path);
    memory_free(run->gone_rows);
    memory_free(run->vanished);
    repeat_counts_free(&run->repeats);
    memory_free(run->tag_numbers);
    memory_free(run->extras);
    id_set_free(&run->ids);
    bytes_free(&run->id);
    bytes_free(&run->name);
    bytes_free(&run->scratch);
    writer_close(&run->writer);
    arena_free(&run->arena);
}

revue_status revue_update(const char *index_path, const revue_update_options *options, revue_report **report,
                          revue_error *error) {
    struct update_run run = {.options = options, .started = clock_monotonic()};
    revue_error own_error;
    *report = NULL;
    if (!error) error = &own_error;
    error_clear(error);
    if (getrandom(&run.ids.seed, sizeof run.ids.seed, 0) != sizeof run.ids.seed) run.ids.seed = (uint64_t)clock_seconds();
    run.report = report_create();
    if (!run.report) return error_no_memory(error);
    revue_status status = check_options(options, error);
    if (status == REVUE_OK && options->reanalyse) {
        status = update_reanalyse(&run, index_path, error);
        *report = run.report;
        close_run(&run);
        return status;
    }
    if (status == REVUE_OK) status = open_run(&run, index_path, error);
    if (status == REVUE_OK) {
        report_begin(&run);
        revue_status done = do_run(&run, error);
        if (done == REVUE_OK) done = share(&run, error);
        status = report_finish(&run, done, error);
        if (done == REVUE_OK) (void)share(&run, NULL); /* the diary is a file of the index, too */
    } else {
        if (status == REVUE_BUSY && run.stop_signal) status = report_stopped(&run, error);
        report_refused(&run, status, error);
    }
    *report = run.report;
    close_run(&run);
    return status;
}
