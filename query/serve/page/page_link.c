/* page_link.c - see page_link.h. */
#include "query/serve/page/page_link.h"

#include "query/serve/page/page_html.h"

static void append_id_path(const struct page_view *view, const char *folder, const char *id, struct bytes *out) {
    page_html_attribute_string(out, view->base_path);
    bytes_append_string(out, folder);
    request_append_path(view_of_string(id), out); /* nothing that it leaves as it is must be escaped */
}

void page_link_review(const struct page_view *view, const char *id, struct bytes *out) {
    append_id_path(view, "/review/", id, out);
}

void page_link_similar(const struct page_view *view, const char *id, struct bytes *out) {
    append_id_path(view, "/similar/", id, out);
}

void page_link(const struct page_view *view, const struct search_request *request, struct bytes *out) {
    struct bytes query = {0};
    request_append_query(request, &query);
    if (view->similar_to) {
        page_link_similar(view, view->similar_to, out);
    } else {
        page_html_attribute_string(out, view->base_path);
        bytes_append_u8(out, '/');
    }
    if (query.size > 0) bytes_append_u8(out, '?');
    page_html_attribute(out, bytes_view(&query));
    out->failed |= query.failed;
    bytes_free(&query);
}

void page_link_filter(const struct page_view *view, const char *filter, struct bytes *out) {
    struct search_request request = *view->request;
    request.filter = filter && *filter ? filter : NULL;
    request.offset = 0;
    request.after = NULL;
    page_link(view, &request, out);
}

void page_link_query(const struct page_view *view, const char *query, struct bytes *out) {
    struct search_request request = *view->request;
    request.query = view_of_string(query);
    request.has_query = true;
    request.offset = 0;
    request.after = NULL;
    page_link(view, &request, out);
}
