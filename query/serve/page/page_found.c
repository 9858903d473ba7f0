/* page_found.c - what stands around the hits: how many there are, in which order, what narrows them, other pages. */
#include "query/serve/page/page_html.h"
#include "query/serve/page/page_link.h"
#include "query/serve/page/page_parts.h"

#include <inttypes.h>

/* ---- how many, in which order ---- */

struct order {
    const char *sort, *name, *column; /* column: reviews must have it, NULL: none */
};
static const struct order orders[] = {
    {"date:desc", "Newest", "date"},         {"date", "Oldest", "date"},
    {"stars:desc", "Most stars", "stars"},   {"stars", "Fewest stars", "stars"},
    {"votes:desc", "Most helpful", "votes"},
};

/* Whether some match has the column, as far as its facet or the hits that are shown tell. */
static bool has_column(const revue_result *result, const char *column) {
    for (size_t i = 0; i < revue_result_facet_count(result); i++) {
        const revue_facet *facet = revue_result_facet(result, i);
        if (strcmp(facet->name, column) == 0) return facet->with > 0;
    }
    for (size_t i = 0; i < revue_result_count(result); i++) {
        const revue_hit *hit = revue_result_hit(result, i);
        const bool has = column[0] == 'd' ? hit->date != NULL : column[0] == 's' ? hit->has_stars : hit->has_votes;
        if (has) return true;
    }
    return false;
}

static void append_option(const char *value, const char *name, bool is_chosen, struct bytes *out) {
    bytes_append_string(out, "<option value=\"");
    page_html_attribute_string(out, value);
    bytes_append_string(out, is_chosen ? "\" selected>" : "\">");
    page_html_attribute_string(out, name);
    bytes_append_string(out, "</option>");
}

/* Belongs to the form in the head: an order is kept when other words are searched for. */
static void append_orders(const struct page_view *view, struct bytes *out) {
    const char *chosen = view->request->sort ? view->request->sort : "";
    const bool is_scored = view->request->query.size > 0;
    bool is_known = *chosen == '\0';
    bytes_append_string(out, "<div><label for=\"sort\">Sort by</label> <select id=\"sort\" name=\"sort\" form=\"search\">");
    append_option("", is_scored ? "Best match" : "Newest", is_known, out);
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        const bool is_chosen = strcmp(chosen, orders[i].sort) == 0;
        is_known |= is_chosen;
        if (i == 0 && !is_scored) continue; /* it is what the first one says */
        if (is_chosen || has_column(view->result, orders[i].column))
            append_option(orders[i].sort, orders[i].name, is_chosen, out);
    }
    if (!is_known) append_option(chosen, chosen, true, out);
    bytes_append_string(out, "</select> <button type=\"submit\" form=\"search\">Sort</button></div>\n");
}

static void append_total(const struct page_view *view, struct bytes *out) {
    bool is_exact;
    const uint64_t total = revue_result_total(view->result, &is_exact);
    bytes_append_string(out, "<p id=\"total\"><strong>");
    if (!is_exact) bytes_append_string(out, "at least ");
    page_html_count(out, total);
    bytes_append_string(out, total == 1 ? "</strong> review" : "</strong> reviews");
    if (revue_result_group_count(view->result) > 0) {
        bytes_append_string(out, " in ");
        page_html_count(out, revue_result_groups(view->result, NULL));
        bytes_append_string(out, " groups");
    }
    bytes_append_format(out, " in %.1f ms</p>\n", revue_result_took_us(view->result) / 1000);
}

static void append_heading(const struct page_view *view, struct bytes *out) {
    if (view->similar_to) {
        bytes_append_string(out, "<h1>Reviews like <a href=\"");
        page_link_review(view, view->similar_to, out);
        bytes_append_string(out, "\">");
        page_html_isolated(out, view->similar_to);
        bytes_append_string(out, "</a></h1>\n");
    } else if (view->request->query.size > 0) {
        bytes_append_string(out, "<h1 class=\"unseen\">Reviews found for <bdi>");
        page_html_text(out, view->request->query);
        bytes_append_string(out, "</bdi></h1>\n");
    } else {
        bytes_append_string(out, "<h1 class=\"unseen\">Reviews found</h1>\n");
    }
}

void page_summary(const struct page_view *view, struct bytes *out) {
    append_heading(view, out);
    bytes_append_string(out, "<div class=\"head\">\n");
    append_total(view, out);
    if (!view->similar_to && revue_result_count(view->result) > 0) append_orders(view, out);
    if (page_has_facets(view)) bytes_append_string(out, "<a class=\"narrow-link\" href=\"#narrow\">Narrow results</a>\n");
    bytes_append_string(out, "</div>\n");
}

/* ---- what was chosen ---- */

void page_chips(const struct page_view *view, const struct filter_parts *chosen, struct bytes *out) {
    struct bytes filter = {0};
    if (chosen->count == 0) return;
    bytes_append_string(out, "<ul class=\"chips\" aria-label=\"Narrowed to\">\n");
    for (size_t i = 0; i < chosen->count; i++) {
        filter_parts_without(chosen, i, &filter);
        bytes_append_string(out, "<li><a href=\"");
        page_link_filter(view, filter.failed ? NULL : (const char *)filter.data, out);
        bytes_append_string(out, "\"><span class=\"unseen\">Remove </span><span>");
        filter_part_label(chosen->parts[i], out);
        bytes_append_string(out, "</span><span aria-hidden=\"true\">\303\227</span></a></li>\n");
    }
    bytes_append_string(out, "</ul>\n");
    out->failed |= filter.failed;
    bytes_free(&filter);
}

void page_suggestion(const struct page_view *view, struct bytes *out) {
    const char *suggestion = revue_result_suggestion(view->result);
    if (!suggestion) return;
    bytes_append_string(out, "<p class=\"notice\">Did you mean <a href=\"");
    page_link_query(view, suggestion, out);
    bytes_append_string(out, "\"><em dir=\"auto\">");
    page_html_string(out, suggestion);
    bytes_append_string(out, "</em></a>?</p>\n");
}

/* ---- other pages ---- */

static void append_page(const struct page_view *view, size_t offset, const char *relation, const char *name,
                        struct bytes *out) {
    struct search_request request = *view->request;
    request.offset = offset;
    request.after = NULL;
    bytes_append_format(out, "<a rel=\"%s\" href=\"", relation);
    page_link(view, &request, out);
    bytes_append_format(out, "\">%s</a>\n", name);
}

/* Hits, or groups, that there are, and that are shown. */
static uint64_t count_all(const revue_result *result, size_t *shown, bool *is_exact) {
    const uint64_t total = revue_result_total(result, is_exact);
    *shown = revue_result_count(result);
    if (revue_result_group_count(result) == 0) return total;
    *shown = revue_result_group_count(result);
    *is_exact = true;
    return revue_result_groups(result, NULL);
}

void page_pages(const struct page_view *view, struct bytes *out) {
    const struct search_request *request = view->request;
    size_t shown;
    bool is_exact;
    const uint64_t all = count_all(view->result, &shown, &is_exact);
    const size_t end = request->offset + shown;
    const bool has_more = is_exact ? end < all : shown == request->n;
    const bool has_next = has_more && (view->depth == 0 || end + request->n <= view->depth);
    if (request->n == 0 || request->after || shown == 0 || (request->offset == 0 && !has_next)) return;
    bytes_append_string(out, "<nav class=\"pages\" aria-label=\"Pages\">\n");
    if (request->offset > 0) {
        const size_t before = request->offset > request->n ? request->offset - request->n : 0;
        append_page(view, before, "prev", "\342\206\220 Previous", out);
    }
    bytes_append_format(out, "<span>Page %zu", request->offset / request->n + 1);
    if (is_exact) {
        bytes_append_string(out, " of ");
        page_html_count(out, (all + request->n - 1) / request->n);
    }
    bytes_append_string(out, "</span>\n");
    if (has_next) append_page(view, request->offset + request->n, "next", "Next \342\206\222", out);
    bytes_append_string(out, "</nav>\n");
}
