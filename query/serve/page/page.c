/* page.c - see page.h: the frame of every page, and what is put into it. Without script the form and the links do all; the
 * script (page.js) exchanges what is in #page and #kept. */
#include "query/serve/page/page.h"

#include "query/serve/page/page_html.h"
#include "query/serve/page/page_assets.h"
#include "query/serve/page/page_link.h"
#include "query/serve/page/page_parts.h"

#include <stdio.h>

const char *const page_facets[PAGE_FACETS] = {"stars", "date:year", "product:8", "lang:8"};

/* An address of a file of ours, with its version: what the browser keeps is never older than the page. */
static void append_asset(const struct page_view *view, const char *path, struct bytes *out) {
    page_html_attribute_string(out, view->base_path);
    bytes_append_format(out, "%s?v=%s", path, page_asset_find(view_of_string(path))->etag);
}

static void append_title(const struct page_view *view, struct bytes *out) {
    const revue_review *review = view->review;
    const char *name = review ? (review->title ? review->title : review->id) : NULL;
    bytes_append_string(out, "<title>");
    page_html_attribute(out, name ? view_of_string(name) : view->request->query);
    if (name || view->request->query.size > 0) bytes_append_string(out, " \342\200\223 ");
    page_html_attribute_string(out, view->site_name);
    bytes_append_string(out, "</title>\n");
}

static void append_head(const struct page_view *view, struct bytes *out) {
    bytes_append_string(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                             "<meta name=\"color-scheme\" content=\"light dark\">\n");
    append_title(view, out);
    /* Answers are for people: a crawler would follow every way to narrow every one of them. */
    if (view->result) bytes_append_string(out, "<meta name=\"robots\" content=\"noindex, nofollow\">\n");
    bytes_append_string(out, "<link rel=\"stylesheet\" href=\"");
    append_asset(view, "/search.css", out);
    bytes_append_string(out, "\">\n<link rel=\"icon\" href=\"");
    append_asset(view, "/icon.svg", out);
    bytes_append_string(out, "\">\n<link rel=\"search\" type=\"application/opensearchdescription+xml\" href=\"");
    page_html_attribute_string(out, view->base_path);
    bytes_append_string(out, "/opensearch.xml\" title=\"");
    page_html_attribute_string(out, view->site_name);
    bytes_append_string(out, "\">\n<script src=\"");
    append_asset(view, "/search.js", out);
    bytes_append_string(out, "\" defer></script>\n</head>\n");
}

static void append_kept(const char *name, const char *value, struct bytes *out) {
    if (!value) return;
    bytes_append_format(out, "<input type=\"hidden\" name=\"%s\" value=\"", name);
    page_html_attribute_string(out, value);
    bytes_append_string(out, "\">");
}

/* What a search for other words keeps of this one. The order is kept by the field that shows it. */
static void append_all_kept(const struct page_view *view, struct bytes *out) {
    static const char *const operators[] = {[REVUE_OP_AUTO] = NULL, [REVUE_OP_ANY] = "any", [REVUE_OP_ALL] = "all"};
    const struct search_request *request = view->request;
    char n[24];
    bytes_append_string(out, "<div id=\"kept\" hidden>");
    append_kept("filter", request->filter, out);
    append_kept("group", request->group, out);
    append_kept("op", operators[request->op], out);
    append_kept("min_match", request->min_match, out);
    append_kept("prior", request->prior, out);
    append_kept("lang", request->lang, out);
    for (size_t i = 0; i < request->facet_count; i++)
        append_kept("facet", request->facets[i], out);
    if (request->n != REQUEST_N_DEFAULT) {
        snprintf(n, sizeof n, "%zu", request->n);
        append_kept("n", n, out);
    }
    bytes_append_string(out, "</div>\n");
}

static void append_form(const struct page_view *view, struct bytes *out) {
    bytes_append_string(out, "<form id=\"search\" role=\"search\" method=\"get\" action=\"");
    page_html_attribute_string(out, view->base_path);
    bytes_append_string(out, "/\">\n<label class=\"unseen\" for=\"q\">Search reviews</label>\n"
                             "<input id=\"q\" name=\"q\" type=\"search\" dir=\"auto\" placeholder=\"Search reviews\" "
                             "autocomplete=\"off\" autocapitalize=\"none\" spellcheck=\"false\" enterkeyhint=\"search\" "
                             "value=\"");
    page_html_attribute(out, view->request->query);
    bytes_append_string(out, !view->result && !view->review && !view->problem ? "\" autofocus>\n" : "\">\n");
    bytes_append_string(out, "<button type=\"submit\">Search</button>\n");
    append_all_kept(view, out);
    if (view->can_complete) {
        bytes_append_string(out, "<ul id=\"completions\" aria-label=\"Suggestions\" hidden></ul>\n");
    }
    bytes_append_string(out, "</form>\n");
}

static void append_indexes(const struct page_view *view, struct bytes *out) {
    if (view->index_count < 2) return;
    bytes_append_string(out, "<nav class=\"indexes\" aria-label=\"Archives\">");
    for (size_t i = 0; i < view->index_count; i++) {
        const bool is_this = view->index_name && strcmp(view->index_name, view->indexes[i]) == 0;
        bytes_append_string(out, "<a href=\"/");
        request_append_encoded(view_of_string(view->indexes[i]), out);
        bytes_append_string(out, is_this ? "/\" aria-current=\"page\">" : "/\">");
        page_html_isolated(out, view->indexes[i]);
        bytes_append_string(out, "</a>");
    }
    bytes_append_string(out, "</nav>\n");
}

static void append_header(const struct page_view *view, struct bytes *out) {
    bytes_append_string(out, "<body>\n<a class=\"skip\" href=\"#results\">Skip to the results</a>\n"
                             "<header><div class=\"bar\">\n<a class=\"home\" href=\"");
    page_html_attribute_string(out, view->base_path);
    bytes_append_string(out, "/\">");
    page_html_isolated(out, view->site_name);
    bytes_append_string(out, "</a>\n");
    append_form(view, out);
    append_indexes(view, out);
    bytes_append_string(out, "</div></header>\n<p id=\"live\" class=\"unseen\" role=\"status\"></p>\n");
}

static void append_warning(const char *warning, struct bytes *out) {
    bytes_append_string(out, "<p class=\"notice warning\" dir=\"auto\">");
    page_html_string(out, warning);
    bytes_append_string(out, "</p>\n");
}

static void append_warnings(const struct page_view *view, struct bytes *out) {
    for (size_t i = 0; i < view->request->warning_count; i++)
        append_warning(view->request->warnings[i], out);
    if (!view->result) return;
    for (size_t i = 0; i < revue_result_warning_count(view->result); i++)
        append_warning(revue_result_warning(view->result, i), out);
}

static void append_result(const struct page_view *view, const struct filter_parts *chosen, struct bytes *out) {
    page_summary(view, out);
    page_chips(view, chosen, out);
    page_suggestion(view, out);
    append_warnings(view, out);
    page_hits(view, out);
    if (revue_result_count(view->result) == 0 && revue_result_group_count(view->result) == 0)
        page_nothing(view, chosen, out);
    page_pages(view, out);
}

static void append_content(const struct page_view *view, const struct filter_parts *chosen, struct bytes *out) {
    if (view->result) {
        append_result(view, chosen, out);
        return;
    }
    append_warnings(view, out);
    if (view->problem) {
        page_problem(view, out);
    } else if (view->review) {
        page_review(view, out);
    } else {
        page_welcome(view, out);
    }
}

void page_render(const struct page_view *view, struct bytes *out) {
    struct filter_parts chosen;
    const bool has_facets = view->result && page_has_facets(view);
    filter_parts_read(view->request->filter, &chosen);
    append_head(view, out);
    append_header(view, out);
    bytes_append_format(out, "<div id=\"page\"%s>\n<main id=\"results\" tabindex=\"-1\">\n",
                        has_facets ? " class=\"columns\"" : "");
    append_content(view, &chosen, out);
    bytes_append_string(out, "</main>\n");
    if (has_facets) page_facet_lists(view, &chosen, out);
    bytes_append_string(out, "</div>\n</body>\n</html>\n");
}

const char *page_security_policy(void) {
    return "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
           "form-action 'self'; base-uri 'none'";
}
