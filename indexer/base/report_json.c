/* report_json.c - see report_json.h. The JSON is described in query/output/SCHEMA.md, with all other answers. */
#include "indexer/base/report_json.h"

#include "indexer/base/clock.h"
#include "indexer/base/printer.h"

static void print_sources(struct printer *printer, const revue_report *report) {
    printer_key(printer, "sources");
    printer_begin_map(printer);
    printer_key_unsigned(printer, "seen", report->sources_seen);
    printer_key_unsigned(printer, "new", report->sources_new);
    printer_key_unsigned(printer, "changed", report->sources_changed);
    printer_key_unsigned(printer, "unchanged", report->sources_unchanged);
    printer_key_unsigned(printer, "gone", report->sources_gone);
    printer_key_unsigned(printer, "skipped", report->sources_skipped);
    printer_key_unsigned(printer, "failed", report->sources_failed);
    printer_end_map(printer);
}

static void print_reviews(struct printer *printer, const revue_report *report) {
    printer_key(printer, "reviews");
    printer_begin_map(printer);
    printer_key_unsigned(printer, "added", report->reviews_added);
    printer_key_unsigned(printer, "changed", report->reviews_changed);
    printer_key_unsigned(printer, "unchanged", report->reviews_unchanged);
    printer_key_unsigned(printer, "deleted", report->reviews_deleted);
    printer_key_unsigned(printer, "bad", report->reviews_bad);
    if (report->has_totals) printer_key_unsigned(printer, "total", report->reviews_total);
    printer_end_map(printer);
}

static void print_problems(struct printer *printer, const revue_report *report) {
    printer_key(printer, "problems");
    printer_begin_list(printer);
    for (size_t i = 0; i < report->problem_count; i++) {
        const revue_problem *problem = &report->problems[i];
        printer_begin_map(printer);
        printer_key_string(printer, "source", problem->source);
        if (problem->line > 0) printer_key_unsigned(printer, "line", problem->line);
        printer_key_string(printer, "what", problem->what);
        printer_key_string(printer, "done", problem->done);
        printer_end_map(printer);
    }
    printer_end_list(printer);
    if (report->problems_more > 0) printer_key_unsigned(printer, "problems_more", report->problems_more);
}

static void print_filled(struct printer *printer, const revue_report *report) {
    if (report->filled_count == 0) return;
    printer_key(printer, "filled");
    printer_begin_map(printer);
    for (size_t i = 0; i < report->filled_count; i++) {
        printer_key_unsigned(printer, report->filled[i].field, report->filled[i].filled);
    }
    printer_end_map(printer);
}

void report_json(struct bytes *out, const revue_report *report, int64_t at) {
    struct printer printer;
    printer_start(&printer, out);
    printer_begin_map(&printer);
    printer_key_unsigned(&printer, "revue", 1);
    printer_key_string(&printer, "command", "update");
    printer_key_unsigned(&printer, "exit", (uint64_t)report->status);
    if (at) {
        char text[32];
        clock_format(at, text);
        printer_key_string(&printer, "at", text);
    }
    if (report->run > 0) printer_key_unsigned(&printer, "run", report->run);
    if (report->failure[0]) printer_key_string(&printer, "error", report->failure);
    print_sources(&printer, report);
    print_reviews(&printer, report);
    printer_key_unsigned(&printer, "bytes_read", report->bytes_read);
    printer_key_unsigned(&printer, "text_bytes", report->text_bytes);
    if (report->has_totals) printer_key_unsigned(&printer, "index_bytes", report->index_bytes);
    printer_key(&printer, "seconds");
    printer_decimals(&printer, report->seconds, 3);
    print_problems(&printer, report);
    print_filled(&printer, report);
    printer_end_map(&printer);
}
