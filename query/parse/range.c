/* range.c - see range.h. Every comparison becomes two bounds, equality too: a date covers a span, so date:2019 is a range
 * whatever is done about it. */
#include "query/parse/range.h"

#include "indexer/review/date.h"
#include "indexer/review/schema.h"

static const struct comparison_sign {
    const char *text;
    enum comparison comparison;
} comparison_signs[] = {/* the longer before what it begins with */
                        {">=", COMPARE_GREATER_EQUAL},
                        {"<=", COMPARE_LESS_EQUAL},
                        {">", COMPARE_GREATER},
                        {"<", COMPARE_LESS},
                        {"\xE2\x89\xA5", COMPARE_GREATER_EQUAL},
                        {"\xE2\x89\xA4", COMPARE_LESS_EQUAL}};

enum comparison range_comparison(struct view *text) {
    for (size_t i = 0; i < sizeof comparison_signs / sizeof comparison_signs[0]; i++) {
        size_t size = strlen(comparison_signs[i].text);
        if (text->size < size || memcmp(text->data, comparison_signs[i].text, size) != 0) continue;
        *text = view_of(text->data + size, text->size - size);
        return comparison_signs[i].comparison;
    }
    return COMPARE_EQUAL;
}

static bool bound_read(struct view text, bool inclusive, enum query_field_kind kind, struct ast_bound *bound) {
    memset(bound, 0, sizeof *bound);
    bound->present = true;
    bound->inclusive = inclusive;
    bound->text = text;
    if (kind == QUERY_FIELD_NUMBER) return schema_parse_number(text, &bound->number);
    return date_parse(text, &bound->date);
}

static size_t find_dots(struct view text) {
    for (size_t i = 0; i + 1 < text.size; i++)
        if (text.data[i] == '.' && text.data[i + 1] == '.') return i;
    return text.size;
}

/* 2019-06..2019 is in order: the year ends after June. */
static void swap_if_wrong(struct ast_node *range, bool *swapped) {
    if (range->field->kind == QUERY_FIELD_NUMBER)
        *swapped = range->low.number > range->high.number;
    else
        *swapped = range->low.date.seconds >= date_end(range->high.date);
    if (!*swapped) return;
    struct ast_bound low = range->low;
    range->low = range->high;
    range->high = low;
}

/* a..b, a.. or ..b; the dots stand at dots. */
static bool read_between(struct view value, size_t dots, struct ast_node *range, struct view *bad, bool *swapped) {
    struct view low = view_of(value.data, dots), high = view_of(value.data + dots + 2, value.size - dots - 2);
    *bad = value;
    if (low.size == 0 && high.size == 0) return false;
    *bad = low;
    if (low.size > 0 && !bound_read(low, true, range->field->kind, &range->low)) return false;
    *bad = high;
    if (find_dots(high) < high.size) return false;
    if (high.size > 0 && !bound_read(high, true, range->field->kind, &range->high)) return false;
    if (low.size > 0 && high.size > 0) swap_if_wrong(range, swapped);
    return true;
}

/* (rating:>=4, date:2019.) but not the dots of 3.. */
static struct view trim_sentence_end(struct view value) {
    while (value.size > 0) {
        char last = value.data[value.size - 1];
        bool open_end = last == '.' && value.size > 1 && value.data[value.size - 2] == '.';
        if (open_end || !memchr(".,;", last, 3)) break;
        value.size--;
    }
    return value;
}

bool range_read(struct view value, bool quoted, enum comparison comparison, struct ast_node *range, struct view *bad,
                bool *swapped) {
    *swapped = false;
    if (!quoted) value = trim_sentence_end(value);
    size_t dots = quoted || comparison != COMPARE_EQUAL ? value.size : find_dots(value);
    if (dots < value.size) return read_between(value, dots, range, bad, swapped);
    bool inclusive = comparison != COMPARE_LESS && comparison != COMPARE_GREATER;
    struct ast_bound bound;
    *bad = value;
    if (!bound_read(value, inclusive, range->field->kind, &bound)) return false;
    if (comparison != COMPARE_LESS && comparison != COMPARE_LESS_EQUAL) range->low = bound;
    if (comparison != COMPARE_GREATER && comparison != COMPARE_GREATER_EQUAL) range->high = bound;
    return true;
}
