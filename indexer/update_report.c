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

revue_status report_finish(struct update_run *run, revue_status status, revue_error *error) {
    revue_report *report = run->report;
    if (status == REVUE_OK) {
        uint64_t good = report->reviews_added + report->reviews_changed + report->reviews_unchanged;
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
    report->status = status;
    report->seconds = clock_monotonic() - run->started;
    for (unsigned slot = 0; slot < SLOT_COUNT && !run->has_writer; slot++)
        report->filled[report->filled_count++] = (revue_filled){schema_slot_name(slot), run->filled[slot]};
    if (run->has_writer && run->writer.store) {
        struct store_sizes sizes;
        if (store_measure(run->writer.store, &sizes, NULL) == REVUE_OK) report->index_bytes = sizes.file_bytes;
        report->reviews_total = 0;
        for (uint32_t i = 0; i < run->writer.manifest.segment_count; i++)
            report->reviews_total += run->writer.manifest.segments[i].doc_count - run->writer.manifest.segments[i].deleted;
        note_run(store_path(run->writer.store), report, clock_seconds() - (int64_t)report->seconds);
    } else {
        report->reviews_total = report->reviews_added;
    }
    return status;
}
