/* update_analysis.c - `update --reanalyse`: after a change of how texts are cut, folded and stemmed, the stored texts are
 * analysed and inverted anew. The archive is not needed, nor read: what the index knows of it stays. */
#include "indexer/base/clock.h"
#include "indexer/compact.h"
#include "indexer/update.h"

static revue_status check_alone(const revue_update_options *options, revue_error *error) {
    bool is_alone = options->root_count + options->map_count + options->column_count + options->include_count +
                            options->exclude_count ==
                        0 &&
                    !options->lang && !options->full && !options->dry_run && !options->no_text && !options->no_positions &&
                    options->rating_max <= 0 && options->format == REVUE_FORMAT_AUTO;
    return is_alone
               ? REVUE_OK
               : error_set(error, REVUE_USAGE,
                           "--reanalyse is a run of its own, which reads no archive: name no ROOT and no option of how "
                           "one is read");
}

static uint64_t bytes_of_index(const char *index_path) {
    struct store_sizes sizes = {0};
    store *opened;
    if (store_open(&opened, index_path, STORE_READ, NULL) != REVUE_OK) return 0;
    (void)store_measure(opened, &sizes, NULL);
    store_close(opened);
    return sizes.file_bytes;
}

revue_status update_reanalyse(struct update_run *run, const char *index_path, revue_error *error) {
    revue_report *report = run->report;
    uint64_t reviews;
    revue_status status = check_alone(run->options, error);
    if (status == REVUE_OK) status = compact_reanalysing(index_path, run->options, &reviews, error);
    report->seconds = clock_monotonic() - run->started;
    if (status != REVUE_OK) {
        report_refused(run, status, error);
        return status;
    }
    report->has_totals = true;
    report->reviews_unchanged = report->reviews_total = reviews;
    report->index_bytes = bytes_of_index(index_path);
    report_note(index_path, report);
    return REVUE_OK;
}
