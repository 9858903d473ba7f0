/* page_review.c - a whole review: what the archive says of it, all of its text. */
#include "query/serve/page/page_html.h"
#include "query/serve/page/labels.h"
#include "query/serve/page/page_link.h"
#include "query/serve/page/page_parts.h"

static void append_tags(const revue_review *review, struct bytes *out) {
    if (review->tag_count == 0) return;
    bytes_append_string(out, "<p class=\"facts\">");
    for (size_t i = 0; i < review->tag_count; i++) {
        bytes_append_string(out, "<span>");
        page_html_isolated(out, review->tags[i]);
        bytes_append_string(out, "</span>");
    }
    bytes_append_string(out, "</p>\n");
}

static void append_text(const revue_review *review, struct bytes *out) {
    bytes_append_string(out, "<div class=\"body\"");
    page_html_direction(out, review->lang);
    bytes_append_u8(out, '>');
    page_html_text(out, view_of(review->body, review->body ? review->body_size : 0));
    bytes_append_string(out, "</div>\n");
}

void page_review(const struct page_view *view, struct bytes *out) {
    const revue_review *review = view->review;
    const struct page_facts facts = {.product = review->product,
                                     .author = review->author,
                                     .date = review->date,
                                     .url = review->url,
                                     .has_rating = review->has_rating,
                                     .has_stars = review->has_stars,
                                     .has_votes = review->has_votes,
                                     .rating = review->rating,
                                     .stars = review->stars,
                                     .votes = review->votes};
    bytes_append_string(out, "<article class=\"review\">\n<h1");
    page_html_direction(out, review->title ? review->lang : NULL);
    bytes_append_u8(out, '>');
    page_html_string(out, review->title ? review->title : review->product ? review->product : review->id);
    bytes_append_string(out, "</h1>\n");
    page_facts(view, &facts, out);
    append_tags(review, out);
    append_text(review, out);
    if (view->can_find_similar) {
        bytes_append_string(out, "<p class=\"notice\"><a href=\"");
        page_link_similar(view, review->id, out);
        bytes_append_string(out, "\">Reviews like this one</a></p>\n");
    }
    bytes_append_string(out, "</article>\n");
}
