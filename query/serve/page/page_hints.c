/* page_hints.c - pages without hits: the first one, nothing found, and what went wrong. */
#include "query/serve/page/page_html.h"
#include "query/serve/page/page_link.h"
#include "query/serve/page/page_parts.h"

struct hint {
    const char *query, *means;
};

static void append_hints(const struct page_view *view, struct bytes *out) {
    static const struct hint hints[] = {
        {"calm quiet room", "all of the words, in any of their forms"},
        {"\"worth every penny\"", "these words, one after the other"},
        {"battery -charger", "one word without the other"},
        {"disappoint*", "words that begin so"},
        {"wonderfull~", "words spelled about so"},
        {"title:great", "in titles only"},
        {"service stars:>=4 date:2019..", "with four stars or more, since 2019"},
    };
    bytes_append_string(out, "<dl>\n");
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
        const struct search_request request = {
            .query = view_of_string(hints[i].query), .has_query = true, .n = REQUEST_N_DEFAULT};
        bytes_append_string(out, "<dt><a href=\"");
        page_link(view, &request, out);
        bytes_append_string(out, "\">");
        page_html_string(out, hints[i].query);
        bytes_append_format(out, "</a></dt><dd>%s</dd>\n", hints[i].means);
    }
    bytes_append_string(out, "</dl>\n");
}

void page_welcome(const struct page_view *view, struct bytes *out) {
    bytes_append_string(out, "<div class=\"hints\">\n<h1>Search ");
    if (view->reviews > 0) page_html_count(out, view->reviews);
    bytes_append_string(out, view->reviews == 1 ? " review</h1>\n" : " reviews</h1>\n");
    bytes_append_string(out, "<p>Write what you would like to know, in plain words. Or, for example:</p>\n");
    append_hints(view, out);
    bytes_append_string(out, "</div>\n");
}

void page_nothing(const struct page_view *view, const struct filter_parts *chosen, struct bytes *out) {
    bytes_append_string(out, "<div class=\"hints\">\n<h2>Nothing was found</h2>\n");
    if (chosen->count > 0) {
        bytes_append_string(out, "<p>The search is narrowed. Look through <a href=\"");
        page_link_filter(view, NULL, out);
        bytes_append_string(out, "\">all reviews</a> instead.</p>\n");
    }
    if (!view->similar_to) {
        bytes_append_string(out, "<p>Fewer words, or others, may find more. What one may write:</p>\n");
        append_hints(view, out);
    }
    bytes_append_string(out, "</div>\n");
}

/* What a visitor can make of a status. */
static const char *problem_heading(unsigned status) {
    switch (status) {
    case 404: return "There is no such page";
    case 429: return "Too many searches from here";
    case 503: return "This cannot be answered now";
    default: return status < 500 ? "This could not be understood" : "Something went wrong";
    }
}

void page_problem(const struct page_view *view, struct bytes *out) {
    bytes_append_format(out, "<div class=\"hints\" role=\"alert\">\n<h1>%s</h1>\n<p dir=\"auto\">",
                        problem_heading(view->status));
    page_html_string(out, view->problem->message);
    bytes_append_string(out, "</p>\n</div>\n");
}
