/* completions_json.c - see completions_json.h. */
#include "query/output/completions_json.h"

#include "indexer/base/printer.h"

static void print_completion(const revue_completion *completion, struct printer *printer) {
    printer_begin_map(printer);
    printer_key_string(printer, "text", completion->text);
    printer_key_unsigned(printer, "count", completion->count);
    printer_end_map(printer);
}

void completions_json(const revue_completions *completions, struct view query, const char *const *warnings,
                      size_t warning_count, struct bytes *out) {
    struct printer printer;
    printer_start(&printer, out);
    printer_begin_map(&printer);
    printer_key_unsigned(&printer, "revue", 1);
    printer_key(&printer, "query");
    printer_string(&printer, query);
    printer_key(&printer, "warnings");
    printer_begin_list(&printer);
    for (size_t i = 0; i < warning_count; i++)
        printer_string(&printer, view_of_string(warnings[i]));
    printer_end_list(&printer);
    printer_key(&printer, "completions");
    printer_begin_list(&printer);
    for (size_t i = 0; i < revue_completions_count(completions); i++)
        print_completion(revue_completions_item(completions, i), &printer);
    printer_end_list(&printer);
    printer_end_map(&printer);
    bytes_append_u8(out, '\n');
}
