/* page_hits.c - what was found: a heading that leads to the whole review, the facts, passages with what matched marked. */
#include "query/serve/page/page_html.h"
#include "query/serve/page/labels.h"
#include "query/serve/page/page_link.h"
#include "query/serve/page/page_parts.h"

static void append_product(const struct page_view *view, const char *product, struct bytes *out) {
    const revue_facet facet = {.name = "product", .kind = "keyword"};
    const revue_facet_value value = {.text = product};
    struct search_request request = *view->request;
    struct page_view at_search = *view;
    struct bytes part = {0};
    filter_part_of_value(&facet, &value, &part);
    bytes_append_u8(&part, 0);
    /* All there is of the product: what narrows the words that were searched for stands among the facets. */
    request.query = view_of_string("");
    request.has_query = false;
    request.filter = part.failed ? NULL : (const char *)part.data;
    request.offset = 0;
    request.after = request.sort = NULL;
    at_search.similar_to = NULL;
    bytes_append_string(out, "<span><a href=\"");
    page_link(&at_search, &request, out);
    bytes_append_string(out, "\">");
    page_html_isolated(out, product);
    bytes_append_string(out, "</a></span>");
    out->failed |= part.failed;
    bytes_free(&part);
}

static void append_number(const char *before, double number, const char *after, struct bytes *out) {
    bytes_append_string(out, "<span>");
    bytes_append_string(out, before);
    page_html_decimal(out, number);
    bytes_append_string(out, after);
    bytes_append_string(out, "</span>");
}

/* Who wrote it, who liked it, where it stands. */
static void append_origin(const struct page_facts *facts, struct bytes *out) {
    if (facts->author) {
        bytes_append_string(out, "<span>by ");
        page_html_isolated(out, facts->author);
        bytes_append_string(out, "</span>");
    }
    if (facts->has_votes && facts->votes >= 1) append_number("", facts->votes, " found it helpful", out);
    if (page_html_is_web_address(facts->url)) {
        bytes_append_string(out, "<a rel=\"noopener nofollow ugc\" href=\"");
        page_html_attribute_string(out, facts->url);
        bytes_append_string(out, "\">Source</a>");
    }
}

void page_facts(const struct page_view *view, const struct page_facts *facts, struct bytes *out) {
    static const char start[] = "<p class=\"facts\">";
    const size_t before = out->size;
    bytes_append_string(out, start);
    if (facts->has_stars) {
        label_stars(facts->stars, out);
    } else if (facts->has_rating) {
        append_number("Rated ", facts->rating, "", out);
    }
    if (facts->product) append_product(view, facts->product, out);
    if (facts->date) label_date(facts->date, out);
    append_origin(facts, out);
    if (out->size == before + sizeof start - 1) {
        out->size = before; /* nothing is known */
    } else {
        bytes_append_string(out, "</p>\n");
    }
}

static void append_snippet(const revue_snippet *snippet, struct bytes *out) {
    size_t at = 0;
    for (size_t i = 0; i < snippet->mark_count; i++) {
        const revue_mark mark = snippet->marks[i];
        page_html_text(out, view_of(snippet->text + at, mark.from - at));
        bytes_append_string(out, "<mark>");
        page_html_text(out, view_of(snippet->text + mark.from, mark.to - mark.from));
        bytes_append_string(out, "</mark>");
        at = mark.to;
    }
    page_html_text(out, view_of(snippet->text + at, snippet->text_size - at));
}

/* Passages of one text, in its order, with dots where something was left out. */
static void append_snippets(const revue_hit *hit, struct bytes *out) {
    if (hit->snippet_count == 0) return;
    bytes_append_string(out, "<p class=\"snippet\"");
    page_html_direction(out, hit->lang);
    bytes_append_string(out, hit->snippets[0].cut_before ? ">\342\200\246 " : ">");
    for (size_t i = 0; i < hit->snippet_count; i++) {
        if (i > 0) bytes_append_string(out, hit->snippets[i].cut_before ? " \342\200\246 " : " ");
        append_snippet(&hit->snippets[i], out);
    }
    const bool is_cut = hit->snippets[hit->snippet_count - 1].cut_after;
    bytes_append_string(out, is_cut ? " \342\200\246</p>\n" : "</p>\n");
}

/* What a review is called: its title, else its product, else its id. */
static const char *heading(const revue_hit *hit) {
    return hit->title ? hit->title : hit->product ? hit->product : hit->id;
}

static void append_hit(const struct page_view *view, const revue_hit *hit, const char *level, struct bytes *out) {
    const struct page_facts facts = {.product = hit->title ? hit->product : NULL,
                                     .author = hit->author,
                                     .date = hit->date,
                                     .url = hit->url,
                                     .has_rating = hit->has_rating,
                                     .has_stars = hit->has_stars,
                                     .has_votes = hit->has_votes,
                                     .rating = hit->rating,
                                     .stars = hit->stars,
                                     .votes = hit->votes};
    bytes_append_format(out, "<li class=\"hit\">\n<%s", level);
    page_html_direction(out, hit->title ? hit->lang : NULL);
    bytes_append_string(out, "><a href=\"");
    page_link_review(view, hit->id, out);
    bytes_append_string(out, "\">");
    page_html_string(out, heading(hit));
    bytes_append_format(out, "</a></%s>\n", level);
    page_facts(view, &facts, out);
    append_snippets(hit, out);
    bytes_append_string(out, "</li>\n");
}

static void append_group(const struct page_view *view, const revue_group *group, struct bytes *out) {
    bytes_append_string(out, "<section class=\"group\">\n<h2 dir=\"auto\">");
    page_html_string(out, group->value);
    bytes_append_string(out, "</h2>\n<p class=\"facts\">");
    if (group->stars.count > 0) label_stars(group->stars.mean, out);
    bytes_append_string(out, "<span>");
    page_html_count(out, group->count);
    bytes_append_string(out, group->count == 1 ? " review found</span></p>\n" : " reviews found</span></p>\n");
    bytes_append_string(out, "<ol class=\"hits\">\n");
    for (size_t i = 0; i < group->hit_count; i++)
        append_hit(view, &group->hits[i], "h3", out);
    bytes_append_string(out, "</ol>\n</section>\n");
}

void page_hits(const struct page_view *view, struct bytes *out) {
    for (size_t i = 0; i < revue_result_group_count(view->result); i++)
        append_group(view, revue_result_group(view->result, i), out);
    const size_t count = revue_result_count(view->result);
    if (count == 0) return;
    bytes_append_format(out, "<ol class=\"hits\" start=\"%zu\">\n", view->request->offset + 1);
    for (size_t i = 0; i < count; i++)
        append_hit(view, revue_result_hit(view->result, i), "h2", out);
    bytes_append_string(out, "</ol>\n");
}
