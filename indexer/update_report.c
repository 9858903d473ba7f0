/* update_report.c - what a run says of itself: counts, problems, progress, a line in runs.jsonl. */
#include "indexer/update.h"

#include "indexer/base/clock.h"
#include "indexer/base/memory.h"
#include "indexer/base/report_json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROBLEMS_KEPT 20u
#define RUNS_BYTES_MAX (4u << 20) /* runs.jsonl is cut to its second half beyond this */

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

/* Appends the run to INDEX/runs.jsonl; a file grown large loses its older half. Trouble here is no reason to fail a run. */
static void note_run(const char *index_path, const revue_report *report, int64_t started) {
    char path[4096];
    struct bytes line = {0}, kept = {0};
    if (snprintf(path, sizeof path, "%s/runs.jsonl", index_path) >= (int)sizeof path) return;
    report_json(&line, report, started);
    bytes_append_u8(&line, '\n');
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0 || line.failed) goto done;
    off_t size = lseek(file, 0, SEEK_END);
    if (size > (off_t)RUNS_BYTES_MAX) {
        uint8_t *room = bytes_extend(&kept, RUNS_BYTES_MAX / 2);
        ssize_t got = room ? pread(file, room, RUNS_BYTES_MAX / 2, size - (off_t)(RUNS_BYTES_MAX / 2)) : -1;
        const uint8_t *end_of_line = got > 0 ? memchr(room, '\n', (size_t)got) : NULL;
        if (end_of_line && ftruncate(file, 0) == 0) {
            size_t rest = (size_t)(room + got - end_of_line) - 1;
            if (pwrite(file, end_of_line + 1, rest, 0) != (ssize_t)rest) goto done;
        }
        (void)lseek(file, 0, SEEK_END);
    }
    if (write(file, line.data, line.size) < 0) goto done;
done:
    if (file >= 0) (void)close(file);
    bytes_free(&line);
    bytes_free(&kept);
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

revue_status report_finish(struct update_run *run, revue_status status, revue_error *error) {
    revue_report *report = run->report;
    status = judge(run, status, error);
    report->status = status;
    report->seconds = clock_monotonic() - run->started;
    for (unsigned slot = 0; slot < SLOT_COUNT && !run->has_writer; slot++)
        report->filled[report->filled_count++] = (revue_filled){schema_slot_name(slot), run->filled[slot]};
    if (run->has_writer && run->writer.store) {
        struct store_sizes sizes;
        if (store_measure(run->writer.store, &sizes, NULL) == REVUE_OK) report->index_bytes = sizes.file_bytes;
        count_total(run, status);
        note_run(store_path(run->writer.store), report, clock_seconds() - (int64_t)report->seconds);
    } else {
        report->reviews_total = report->reviews_added;
    }
    return status;
}
