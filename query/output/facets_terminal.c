/* facets_terminal.c - facets for people, under the hits: a bar where stars are counted, and what the values come to.
 *
 *     product · 12 values
 *          5  Swan Protocol          ★ 3.8
 *          3  The Long Weekend       ★ 4.2 */
#include "query/output/hits.h"

#include "indexer/base/terminal.h"

#include <inttypes.h>
#include <stdio.h>

#define TEXT_COLUMNS_MOST 40u
#define BAR_COLUMNS 30u
#define BLOCK "\342\226\210"
#define STAR "\342\230\205"

static size_t columns_of(const char *text) {
    size_t columns = terminal_text_width(view_of_string(text));
    return columns < TEXT_COLUMNS_MOST ? columns : TEXT_COLUMNS_MOST;
}

static size_t widest_value(const revue_facet *facet) {
    size_t widest = 0;
    for (size_t i = 0; i < facet->value_count; i++)
        if (columns_of(facet->values[i].text) > widest) widest = columns_of(facet->values[i].text);
    return widest;
}

static uint64_t largest_count(const revue_facet *facet) {
    uint64_t largest = 1;
    for (size_t i = 0; i < facet->value_count; i++)
        if (facet->values[i].count > largest) largest = facet->values[i].count;
    return largest;
}

static void append_bar(struct bytes *out, uint64_t count, uint64_t largest) {
    for (uint64_t i = 0; i < (count * BAR_COLUMNS + largest - 1) / largest; i++)
        bytes_append_string(out, BLOCK);
}

static void append_head(const revue_facet *facet, const struct hits_look *look, struct bytes *out) {
    bytes_append_format(out, "\n%s%s%s", look->colour ? "\033[1m" : "", facet->name, look->colour ? "\033[0m" : "");
    if (facet->numbers.count > 0)
        bytes_append_format(out, ": mean %.6g, %.6g to %.6g", facet->numbers.mean, facet->numbers.minimum,
                            facet->numbers.maximum);
    if (facet->distinct > facet->value_count)
        bytes_append_format(out, " (%zu of %" PRIu64 " values)", facet->value_count, facet->distinct);
    if (facet->without > 0) bytes_append_format(out, ", %" PRIu64 " without", facet->without);
    bytes_append_u8(out, '\n');
}

static void append_value(const revue_facet *facet, const revue_facet_value *value, size_t widest, uint64_t largest,
                         struct bytes *out) {
    bytes_append_format(out, "%7" PRIu64 "  ", value->count);
    terminal_append_harmless(out, view_of_string(value->text), TERMINAL_ONE_LINE);
    size_t columns = columns_of(value->text);
    bytes_append_format(out, "%*s  ", (int)(widest > columns ? widest - columns : 0), "");
    if (strcmp(facet->kind, "keyword") != 0)
        append_bar(out, value->count, largest);
    else if (value->stars.count > 0)
        bytes_append_format(out, STAR " %.1f", value->stars.mean);
    bytes_append_u8(out, '\n');
}

void facets_terminal(const struct answer *answer, const struct hits_look *look, struct bytes *out) {
    for (size_t i = 0; i < answer->facet_count; i++) {
        const revue_facet *facet = answer->facet(answer->context, i);
        size_t widest = widest_value(facet);
        uint64_t largest = largest_count(facet);
        append_head(facet, look, out);
        for (size_t j = 0; j < facet->value_count; j++)
            append_value(facet, &facet->values[j], widest, largest, out);
    }
}
