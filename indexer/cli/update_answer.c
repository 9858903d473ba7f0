/* update_answer.c - see update_answer.h. The JSON is described in query/output/SCHEMA.md, with all other answers. */
#include "indexer/cli/update_answer.h"

#include "indexer/base/report_json.h"
#include "indexer/cli/figures.h"

void update_answer_json(const revue_report *report, struct bytes *out) {
    report_json(out, report, 0);
    bytes_append_u8(out, '\n');
}

/* ", 12 what" for a count that is not 0. */
static void append_more(struct bytes *out, uint64_t count, const char *what) {
    if (count == 0) return;
    bytes_append_string(out, ", ");
    append_count(out, count);
    bytes_append_format(out, " %s", what);
}

static void append_speed(struct bytes *out, const revue_report *report) {
    append_size(out, report->bytes_read);
    bytes_append_string(out, " read in ");
    append_duration(out, report->seconds);
    if (report->seconds > 0 && report->bytes_read > 0) {
        bytes_append_format(out, " (%.1f MB/s)", (double)report->bytes_read / report->seconds / 1e6);
    }
}

void update_answer_summary(const revue_report *report, struct bytes *out) {
    append_counted(out, report->reviews_total, "review", "reviews");
    append_more(out, report->reviews_added, "added");
    append_more(out, report->reviews_changed, "changed");
    append_more(out, report->reviews_deleted, "deleted");
    append_more(out, report->reviews_bad, "bad");
    bytes_append_u8(out, '\n');
    append_counted(out, report->sources_seen, "source", "sources");
    append_more(out, report->sources_new, "new");
    append_more(out, report->sources_changed, "changed");
    append_more(out, report->sources_unchanged, "unchanged");
    append_more(out, report->sources_gone, "gone");
    append_more(out, report->sources_skipped, "skipped");
    append_more(out, report->sources_failed, "failed");
    bytes_append_u8(out, '\n');
    append_speed(out, report);
    bytes_append_string(out, ", the index takes ");
    append_size(out, report->index_bytes);
    bytes_append_u8(out, '\n');
}

void update_answer_dry(const revue_report *report, struct bytes *out) {
    append_counted(out, report->reviews_added + report->reviews_changed + report->reviews_unchanged, "review", "reviews");
    bytes_append_string(out, " in ");
    append_counted(out, report->sources_seen, "source", "sources");
    append_more(out, report->reviews_bad, "bad");
    append_more(out, report->sources_skipped, "sources skipped");
    bytes_append_string(out, "; nothing was written\n");
    for (size_t i = 0; i < report->filled_count; i++) {
        bytes_append_format(out, "%-16s ", report->filled[i].field);
        append_count(out, report->filled[i].filled);
        bytes_append_u8(out, '\n');
    }
}
