/* page_facets.c - what an answer can be narrowed by: each value a link that adds it to the filter, or takes it back.
 * Numbers and dates are drawn: a bar is an SVG whose widths are attributes, which the policy allows without inline styles.
 */
#include "query/serve/page/page_html.h"
#include "query/serve/page/labels.h"
#include "query/serve/page/page_link.h"
#include "query/serve/page/page_parts.h"

static bool is_shown(const revue_facet *facet) {
    return facet->with > 0 && facet->value_count > 0;
}

bool page_has_facets(const struct page_view *view) {
    for (size_t i = 0; i < revue_result_facet_count(view->result); i++) {
        if (is_shown(revue_result_facet(view->result, i))) return true;
    }
    return false;
}

static bool is_stars(const revue_facet *facet) {
    return strcmp(facet->name, "stars") == 0;
}

static bool is_drawn(const revue_facet *facet) {
    return is_stars(facet) || strcmp(facet->kind, "keyword") != 0;
}

static uint64_t largest_count(const revue_facet *facet) {
    uint64_t largest = 1;
    for (size_t i = 0; i < facet->value_count; i++) {
        if (facet->values[i].count > largest) largest = facet->values[i].count;
    }
    return largest;
}

static void append_bar(uint64_t count, uint64_t largest, struct bytes *out) {
    bytes_append_string(out, "<svg viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect width=\"");
    page_html_decimal(out, 100 * (double)count / (double)largest);
    bytes_append_string(out, "\" height=\"8\"/></svg>");
}

static void append_value_label(const revue_facet *facet, const char *text, struct bytes *out) {
    bytes_append_string(out, "<bdi>");
    if (is_stars(facet) && text[1] == '\0') {
        bytes_append_format(out, text[0] == '1' ? "%s star" : "%s stars", text);
    } else {
        label_value(view_of_string(facet->name), view_of_string(text), out);
    }
    bytes_append_string(out, "</bdi>");
}

static void append_count(uint64_t count, struct bytes *out) {
    bytes_append_string(out, "<span class=\"count\"><span class=\"unseen\">, </span>");
    page_html_count(out, count);
    bytes_append_string(out, count == 1 ? "<span class=\"unseen\"> review</span></span>"
                                        : "<span class=\"unseen\"> reviews</span></span>");
}

/* What a list of values is written with. */
struct facet_list {
    const struct page_view *view;
    const struct filter_parts *chosen;
    const revue_facet *facet;
    uint64_t largest;
    size_t chosen_number;      /* of the part of the filter that is one of the facet's values, or FILTER_PART_NONE */
    struct bytes part, filter; /* to build in */
};

/* The number of a value's part among those that are chosen; the part is left in list->part. */
static size_t find_chosen(struct facet_list *list, const revue_facet_value *value) {
    bytes_clear(&list->part);
    filter_part_of_value(list->facet, value, &list->part);
    return filter_parts_find(list->chosen, bytes_view(&list->part));
}

static void start_facet(struct facet_list *list, const revue_facet *facet) {
    list->facet = facet;
    list->largest = largest_count(facet);
    list->chosen_number = FILTER_PART_NONE;
    for (size_t i = 0; i < facet->value_count && list->chosen_number == FILTER_PART_NONE; i++)
        list->chosen_number = find_chosen(list, &facet->values[i]);
}

/* A review has one value of a column: another one is chosen in place of the one that was. */
static void append_value(struct facet_list *list, const revue_facet_value *value, struct bytes *out) {
    const size_t number = find_chosen(list, value);
    const bool is_chosen = number != FILTER_PART_NONE;
    if (is_chosen) {
        filter_parts_without(list->chosen, number, &list->filter);
    } else {
        filter_parts_with(list->chosen, bytes_view(&list->part), list->chosen_number, &list->filter);
    }
    bytes_append_string(out, "<li><a href=\"");
    page_link_filter(list->view, list->filter.failed ? NULL : (const char *)list->filter.data, out);
    bytes_append_string(out, is_chosen ? "\" aria-current=\"true\">" : "\">");
    append_value_label(list->facet, value->text, out);
    if (is_drawn(list->facet)) append_bar(value->count, list->largest, out);
    append_count(value->count, out);
    bytes_append_string(out, "</a></li>\n");
}

/* Stars that no match has are a row without a link, so that histograms have one shape. */
static void append_no_stars(const struct facet_list *list, const char *text, struct bytes *out) {
    bytes_append_string(out, "<li><span class=\"none\">");
    append_value_label(list->facet, text, out);
    append_bar(0, list->largest, out);
    append_count(0, out);
    bytes_append_string(out, "</span></li>\n");
}

static bool is_by_whole_stars(const revue_facet *facet) {
    for (size_t i = 0; i < facet->value_count; i++) {
        if (facet->values[i].text[1] != '\0') return false;
    }
    return is_stars(facet);
}

static void append_stars(struct facet_list *list, struct bytes *out) {
    const revue_facet *facet = list->facet;
    size_t left = facet->value_count;
    for (char text[] = "5"; text[0] >= '0'; text[0]--) {
        const bool is_there = left > 0 && facet->values[left - 1].text[0] == text[0];
        if (is_there) append_value(list, &facet->values[--left], out);
        if (!is_there && text[0] > '0') append_no_stars(list, text, out);
    }
}

/* Numbers and dates come in ascending order and are shown the other way round: the best and the newest first. */
static void append_values(struct facet_list *list, struct bytes *out) {
    const revue_facet *facet = list->facet;
    if (is_by_whole_stars(facet)) {
        append_stars(list, out);
        return;
    }
    for (size_t i = 0; i < facet->value_count; i++) {
        append_value(list, &facet->values[is_drawn(facet) ? facet->value_count - 1 - i : i], out);
    }
}

static void append_mean(const revue_facet *facet, struct bytes *out) {
    bytes_append_string(out, "<p class=\"mean\">");
    page_html_decimal(out, facet->numbers.mean);
    bytes_append_string(out, " of 5 on average, ");
    page_html_count(out, facet->numbers.count);
    bytes_append_string(out, facet->numbers.count == 1 ? " rating</p>\n" : " ratings</p>\n");
}

static void append_heading(const revue_facet *facet, struct bytes *out) {
    const bool is_by_year = strcmp(facet->kind, "date") == 0 && strlen(facet->values[0].text) == 4;
    bytes_append_string(out, "<h3>");
    if (is_by_year) {
        bytes_append_string(out, "Year");
    } else {
        label_field(view_of_string(facet->name), out);
    }
    bytes_append_string(out, "</h3>\n");
}

static void append_facet(struct facet_list *list, struct bytes *out) {
    const revue_facet *facet = list->facet;
    append_heading(facet, out);
    if (is_stars(facet) && facet->numbers.count > 0) append_mean(facet, out);
    bytes_append_string(out, is_drawn(facet) ? "<ul class=\"values drawn\">\n" : "<ul class=\"values\">\n");
    append_values(list, out);
    bytes_append_string(out, "</ul>\n");
    if (facet->distinct <= facet->value_count) return;
    bytes_append_string(out, "<p class=\"mean\">and ");
    page_html_count(out, facet->distinct - facet->value_count);
    bytes_append_string(out, " more</p>\n");
}

void page_facet_lists(const struct page_view *view, const struct filter_parts *chosen, struct bytes *out) {
    struct facet_list list = {.view = view, .chosen = chosen};
    bytes_append_string(out, "<aside id=\"narrow\" aria-labelledby=\"narrow-by\">\n<h2 id=\"narrow-by\">Narrow by</h2>\n");
    for (size_t i = 0; i < revue_result_facet_count(view->result); i++) {
        const revue_facet *facet = revue_result_facet(view->result, i);
        if (!is_shown(facet)) continue;
        start_facet(&list, facet);
        append_facet(&list, out);
    }
    bytes_append_string(out, "</aside>\n");
    out->failed |= list.part.failed || list.filter.failed;
    bytes_free(&list.part);
    bytes_free(&list.filter);
}
