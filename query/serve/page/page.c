/* page.c - see page.h: a form, what went wrong, hits or one review. */
#include "query/serve/page/page.h"

#include "indexer/base/terminal.h"
#include "indexer/base/utf8.h"

#include <inttypes.h>

/* ---- text ---- */

static void append_character(struct bytes *out, const char *at, size_t size, uint32_t character) {
    switch (character) {
    case '&': bytes_append_string(out, "&amp;"); break;
    case '<': bytes_append_string(out, "&lt;"); break;
    case '>': bytes_append_string(out, "&gt;"); break;
    case '"': bytes_append_string(out, "&quot;"); break;
    case '\'': bytes_append_string(out, "&#39;"); break;
    case '\n':
    case '\t': bytes_append_u8(out, (uint8_t)character); break;
    default:
        /* Marks that turn the direction of writing could show another address than the one that is linked. */
        if (terminal_is_hostile(character))
            bytes_append_string(out, "\357\277\275");
        else
            bytes_append(out, at, size);
    }
}

static void append_text(struct bytes *out, struct view text) {
    for (size_t at = 0, length; at < text.size; at += length) {
        uint32_t character = utf8_decode(text.data + at, text.size - at, &length);
        append_character(out, text.data + at, length, character);
    }
}

static void append_string(struct bytes *out, const char *text) {
    append_text(out, view_of_string(text));
}

static bool is_web_address(const char *url) {
    return url && (strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0);
}

/* ---- parts of the page ---- */

static void append_head(const struct page_view *view, struct bytes *out) {
    bytes_append_string(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    if (view->request->query.size > 0) {
        append_text(out, view->request->query);
        bytes_append_string(out, " - ");
    }
    append_string(out, view->site_name);
    bytes_append_format(out, "</title>\n<link rel=\"stylesheet\" href=\"%s/search.css\">\n", view->base_path);
    bytes_append_format(out,
                        "<link rel=\"search\" type=\"application/opensearchdescription+xml\" href=\"%s/opensearch.xml\" "
                        "title=\"",
                        view->base_path);
    append_string(out, view->site_name);
    bytes_append_string(out, "\">\n</head>\n<body>\n");
}

static void append_form(const struct page_view *view, struct bytes *out) {
    bytes_append_format(out, "<form action=\"%s/\" method=\"get\" role=\"search\">\n", view->base_path);
    bytes_append_string(out, "<label>Search reviews <input type=\"search\" name=\"q\" value=\"");
    append_text(out, view->request->query);
    bytes_append_string(out, "\"></label>\n<button>Search</button>\n</form>\n");
}

static void append_warning(const char *warning, struct bytes *out) {
    bytes_append_string(out, "<p class=\"warning\">");
    append_string(out, warning);
    bytes_append_string(out, "</p>\n");
}

static void append_snippet(const revue_snippet *snippet, struct bytes *out) {
    size_t at = 0;
    bytes_append_string(out, "<p>");
    for (size_t i = 0; i < snippet->mark_count; i++) {
        revue_mark mark = snippet->marks[i];
        append_text(out, view_of(snippet->text + at, mark.from - at));
        bytes_append_string(out, "<mark>");
        append_text(out, view_of(snippet->text + mark.from, mark.to - mark.from));
        bytes_append_string(out, "</mark>");
        at = mark.to;
    }
    append_text(out, view_of(snippet->text + at, snippet->text_size - at));
    bytes_append_string(out, "</p>\n");
}

static void append_hit(const struct page_view *view, const revue_hit *hit, struct bytes *out) {
    bytes_append_format(out, "<li><h2><a href=\"%s/review/", view->base_path);
    request_append_path(view_of_string(hit->id), out);
    bytes_append_string(out, "\">");
    append_string(out, hit->title ? hit->title : hit->id);
    bytes_append_string(out, "</a></h2>\n");
    for (size_t i = 0; i < hit->snippet_count; i++)
        append_snippet(&hit->snippets[i], out);
    bytes_append_string(out, "</li>\n");
}

static void append_result(const struct page_view *view, struct bytes *out) {
    bool exact;
    uint64_t total = revue_result_total(view->result, &exact);
    for (size_t i = 0; i < revue_result_warning_count(view->result); i++)
        append_warning(revue_result_warning(view->result, i), out);
    bytes_append_format(out, "<p role=\"status\">%s%" PRIu64 " found</p>\n", exact ? "" : "at least ", total);
    bytes_append_format(out, "<ol start=\"%zu\">\n", view->request->offset + 1);
    for (size_t i = 0; i < revue_result_count(view->result); i++)
        append_hit(view, revue_result_hit(view->result, i), out);
    bytes_append_string(out, "</ol>\n");
}

static void append_review(const revue_review *review, struct bytes *out) {
    bytes_append_string(out, "<article>\n<h1>");
    append_string(out, review->title ? review->title : review->id);
    bytes_append_string(out, "</h1>\n<p class=\"body\">");
    append_text(out, view_of(review->body, review->body ? review->body_size : 0));
    bytes_append_string(out, "</p>\n");
    if (is_web_address(review->url)) {
        bytes_append_string(out, "<p><a rel=\"nofollow noopener noreferrer\" href=\"");
        append_string(out, review->url);
        bytes_append_string(out, "\">Source</a></p>\n");
    }
    bytes_append_string(out, "</article>\n");
}

static void append_problem(const struct page_view *view, struct bytes *out) {
    bytes_append_format(out, "<p class=\"problem\" role=\"alert\">%u: ", view->status);
    append_string(out, view->problem->message);
    bytes_append_string(out, "</p>\n");
}

void page_render(const struct page_view *view, struct bytes *out) {
    append_head(view, out);
    append_form(view, out);
    for (size_t i = 0; i < view->request->warning_count; i++)
        append_warning(view->request->warnings[i], out);
    if (view->problem) {
        append_problem(view, out);
    } else if (view->review) {
        append_review(view->review, out);
    } else if (view->result) {
        append_result(view, out);
    }
    bytes_append_string(out, "</body>\n</html>\n");
}

const char *page_security_policy(void) {
    return "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
           "form-action 'self'; base-uri 'none'";
}
