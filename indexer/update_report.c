/* update_report.c - what a run says of itself: counts, problems, progress, a line in runs.jsonl. */
#include "indexer/update.h"

#include "indexer/base/clock.h"
#include "indexer/base/memory.h"
#include "indexer/base/report_json.h"
#include "indexer/run_log.h"
#include "indexer/stop.h"

#include <stdio.h>
#include <string.h>

#define PROBLEMS_KEPT 20u
#define CLOCK_SLACK 60 /* seconds a clock may be set back without a word */

revue_report *report_create(void) {
    revue_report *report = memory_alloc_zeroed(1, sizeof *report);
    if (!report) return NULL;
    report->problems = memory_alloc_zeroed(PROBLEMS_KEPT, sizeof *report->problems);
    report->filled = memory_alloc_zeroed(SLOT_COUNT, sizeof *report->filled);
    if (report->problems && report->filled) return report;
    revue_report_free(report);
    return NULL;
}

void revue_report_free(revue_report *report) {
    if (!report) return;
    for (size_t i = 0; i < report->problem_count; i++) {
        memory_free((void *)(uintptr_t)report->problems[i].source);
        memory_free((void *)(uintptr_t)report->problems[i].what);
        memory_free((void *)(uintptr_t)report->problems[i].done);
    }
    memory_free(report->problems);
    memory_free(report->filled);
    memory_free(report);
}

void report_problem(struct update_run *run, struct view source, uint64_t line, const char *what, const char *done) {
    revue_report *report = run->report;
    if (report->problem_count == PROBLEMS_KEPT) {
        report->problems_more++;
        return;
    }
    revue_problem *problem = &report->problems[report->problem_count];
    problem->source = memory_copy_bytes(source.data, source.size);
    problem->what = memory_copy_string(what);
    problem->done = memory_copy_string(done);
    problem->line = line;
    if (problem->source && problem->what && problem->done) {
        report->problem_count++;
        return;
    }
    memory_free((void *)(uintptr_t)problem->source); /* short of memory: the problem is still counted */
    memory_free((void *)(uintptr_t)problem->what);
    memory_free((void *)(uintptr_t)problem->done);
    report->problems_more++;
}

void report_skip(struct update_run *run, struct view source, const char *why, bool is_expected) {
    run->report->sources_skipped++;
    if (run->options->dry_run || !is_expected) report_problem(run, source, 0, why, "left out");
}

void report_progress(struct update_run *run, const char *doing, bool force) {
    if (!run->options->on_progress) return;
    double now = clock_monotonic();
    if (!force && now - run->progress_at < 0.2) return;
    run->progress_at = now;
    const revue_report *report = run->report;
    revue_progress progress = {.reviews = report->reviews_added + report->reviews_changed + report->reviews_unchanged,
                               .bytes_done = run->bytes_done,
                               .bytes_total = run->bytes_total,
                               .text_bytes = report->text_bytes,
                               .seconds = now - run->started,
                               .doing = doing};
    run->options->on_progress(run->options->context, &progress);
}

void report_note(const char *index_path, const revue_report *report) {
    int64_t started = clock_seconds() - (int64_t)report->seconds;
    struct bytes line = {0};
    report_json(&line, report, started);
    if (!line.failed) run_log_append(index_path, bytes_view(&line));
    bytes_free(&line);
}

/* A run that failed as a whole may have met worse than what it failed of. */
static revue_status judge(struct update_run *run, revue_status status, revue_error *error) {
    const revue_report *report = run->report;
    if (status == REVUE_INVALID && run->source_could_not_be_read) return REVUE_IO;
    if (status == REVUE_INVALID && run->root_missing) return REVUE_NO_INPUT;
    if (status == REVUE_OK) {
        uint64_t good = report->reviews_added + report->reviews_changed + report->reviews_unchanged - run->unmet;
        if (run->source_could_not_be_read)
            status = error_set(error, REVUE_IO, "%llu source%s could not be read; the rest was done",
                               (unsigned long long)report->sources_failed, report->sources_failed == 1 ? "" : "s");
        else if (run->root_missing)
            status = error_set(error, REVUE_NO_INPUT, "a root is missing: nothing of it was deleted; the rest was done");
        else if (report->reviews_bad > 0 && good == 0)
            status = error_set(error, REVUE_INVALID, "every record of the run is bad");
        else if (run->stop_signal)
            status = run->stop_signal == 2 ? REVUE_INTERRUPTED : REVUE_TERMINATED;
    }
    return status;
}

/* What the index holds after the run. Nothing was done by one that ended without a commit. */
static void count_total(struct update_run *run, revue_status status) {
    revue_report *report = run->report;
    const struct manifest *manifest = &run->writer.manifest;
    report->reviews_total = run->writer.is_committed ? 0 : run->reviews_before;
    for (uint32_t i = 0; run->writer.is_committed && i < manifest->segment_count; i++)
        report->reviews_total += manifest->segments[i].doc_count - manifest->segments[i].deleted;
    if (!run->writer.is_committed && run->writer.made_directory) report->index_bytes = 0; /* it goes again */
    if (!run->writer.is_committed && status != REVUE_OK)
        report->reviews_added = report->reviews_changed = report->reviews_deleted = 0;
}

/* ---- the clock, and who keeps old pages ---- */

/* What reads since when must not descend: such a run is dated like the commit before it (writer.h). */
static void report_clock(struct update_run *run) {
    char last[32], now[32], what[128];
    int64_t seconds = clock_seconds();
    if (run->writer.began - seconds <= CLOCK_SLACK) return;
    clock_format(run->writer.began, last);
    clock_format(seconds, now);
    (void)snprintf(what, sizeof what, "the clock went backwards: the last run was at %s, and now it is %s", last, now);
    report_problem(run, view_of_string(store_path(run->writer.store)), 0, what, "this run is dated like the last one");
}

static uint64_t index_bytes(store *opened) {
    struct store_sizes sizes;
    return store_measure(opened, &sizes, NULL) == REVUE_OK ? sizes.file_bytes : 0;
}

/* Sizes are looked at only when somebody reads what is older than what this run found. */
void report_begin(struct update_run *run) {
    struct store_reader readers[STORE_READERS_TOLD];
    size_t count = 0;
    if (!run->has_writer) return;
    report_clock(run);
    if (run->writer.is_new || store_lagging_readers(run->writer.store, readers, &count, NULL) != REVUE_OK) return;
    run->opened_at = store_txn_id(run->writer.read);
    if (count > 0) run->bytes_before = index_bytes(run->writer.store);
}

/* A reader that was behind when this run began, and still is: the file grew for it. */
static void report_readers(struct update_run *run) {
    struct store_reader readers[STORE_READERS_TOLD];
    char name[64], what[160], done[160];
    size_t count = 0;
    if (run->bytes_before == 0 || run->report->index_bytes <= run->bytes_before) return;
    if (store_lagging_readers(run->writer.store, readers, &count, NULL) != REVUE_OK) return;
    for (size_t i = 0; i < count; i++) {
        if (!readers[i].of_old_store && readers[i].snapshot >= run->opened_at) continue;
        store_reader_name(&readers[i], name, sizeof name);
        if (readers[i].of_old_store)
            (void)snprintf(what, sizeof what, "process %ld (%s) still reads files that were replaced", readers[i].process,
                           name);
        else
            (void)snprintf(what, sizeof what, "process %ld (%s) reads the index as it was %llu commits ago",
                           readers[i].process, name, (unsigned long long)readers[i].lag);
        (void)snprintf(done, sizeof done, "the index grew by %llu bytes beside it: end it, or let it refresh its searcher",
                       (unsigned long long)(run->report->index_bytes - run->bytes_before));
        report_problem(run, view_of_string(store_path(run->writer.store)), 0, what, done);
    }
}

/* ---- the end ---- */

revue_status report_stopped(const struct update_run *run, revue_error *error) {
    const struct stop stop = {.signal = run->stop_signal};
    return stop_status(&stop, STOPPED_WAITING, error);
}

void report_refused(struct update_run *run, revue_status status, const revue_error *error) {
    run->report->status = status;
    run->report->seconds = clock_monotonic() - run->started;
    (void)snprintf(run->report->failure, sizeof run->report->failure, "%s", error->message);
}

revue_status report_finish(struct update_run *run, revue_status status, revue_error *error) {
    revue_report *report = run->report;
    status = judge(run, status, error);
    report->status = status;
    report->seconds = clock_monotonic() - run->started;
    report->has_totals = true;
    if (status != REVUE_OK) (void)snprintf(report->failure, sizeof report->failure, "%s", error->message);
    for (unsigned slot = 0; slot < SLOT_COUNT && !run->has_writer; slot++)
        report->filled[report->filled_count++] = (revue_filled){schema_slot_name(slot), run->filled[slot]};
    if (run->has_writer && run->writer.store) {
        report->index_bytes = index_bytes(run->writer.store);
        report->run = run->writer.is_committed ? run->writer.run : 0;
        report_readers(run);
        count_total(run, status);
        report_note(store_path(run->writer.store), report);
    } else {
        report->reviews_total = report->reviews_added;
    }
    return status;
}
