/* counts_json.c - see counts_json.h; the shapes are those of SCHEMA.md. */
#include "query/output/counts_json.h"

static void print_summary(struct printer *printer, const char *key, const revue_summary *summary) {
    if (summary->count == 0) return;
    printer_key(printer, key);
    printer_begin_map(printer);
    printer_key_unsigned(printer, "count", summary->count);
    printer_key_number(printer, "mean", summary->mean);
    printer_key_number(printer, "min", summary->minimum);
    printer_key_number(printer, "max", summary->maximum);
    printer_end_map(printer);
}

static void print_value(struct printer *printer, const revue_facet_value *value) {
    printer_begin_map(printer);
    printer_key_string(printer, "value", value->text);
    printer_key_unsigned(printer, "count", value->count);
    print_summary(printer, "stars", &value->stars);
    printer_end_map(printer);
}

static void print_facet(struct printer *printer, const revue_facet *facet) {
    printer_key(printer, facet->name);
    printer_begin_map(printer);
    printer_key_string(printer, "kind", facet->kind);
    printer_key_unsigned(printer, "with", facet->with);
    printer_key_unsigned(printer, "without", facet->without);
    printer_key_unsigned(printer, "distinct", facet->distinct);
    print_summary(printer, "numbers", &facet->numbers);
    printer_key(printer, "values");
    printer_begin_list(printer);
    for (size_t i = 0; i < facet->value_count; i++)
        print_value(printer, &facet->values[i]);
    printer_end_list(printer);
    printer_end_map(printer);
}

void print_facets(struct printer *printer, const struct answer *answer) {
    printer_key(printer, "facets");
    printer_begin_map(printer);
    for (size_t i = 0; i < answer->facet_count; i++)
        print_facet(printer, answer->facet(answer->context, i));
    printer_end_map(printer);
}

void print_group_head(struct printer *printer, const revue_group *group) {
    printer_key_string(printer, "value", group->value);
    printer_key_unsigned(printer, "count", group->count);
    printer_key_number(printer, "sort_value", group->sort_value);
    print_summary(printer, "stars", &group->stars);
    printer_key(printer, "histogram");
    printer_begin_list(printer);
    for (size_t i = 0; i < REVUE_STARS; i++)
        printer_unsigned(printer, group->histogram[i]);
    printer_end_list(printer);
}
