/* answer_page.c - pages, the files they load, and the description that lets a browser add the search to its own. */
#include "indexer/base/hash.h"
#include "query/serve/page/page.h"
#include "query/serve/routes.h"
#include "query/serve/server.h"

#include <stdio.h>

void answer_page_view(const struct exchange *exchange, struct page_view *view) {
    const struct site *site = server_site(exchange->server);
    *view = (struct page_view){
        .request = &exchange->request,
        .status = 200,
        .site_name = server_settings(exchange->server)->site_name,
        .index_name = exchange->index ? site_index_name(exchange->index) : NULL,
        .base_path = exchange->index ? site_index_base(exchange->index) : "",
        .indexes = site_names(site),
        .index_count = site_names(site) ? site_count(site) : 0,
        .depth = server_settings(exchange->server)->limits.depth,
        .can_complete = true,
        .can_find_similar = true,
    };
}

void answer_page(struct exchange *exchange, const struct page_view *view) {
    exchange->reply.content = CONTENT_HTML;
    page_render(view, &exchange->reply.body);
}

void answer_asset(struct exchange *exchange, revue_searcher *searcher) {
    const struct page_asset *asset = page_asset_find(exchange->rest);
    (void)searcher;
    exchange->reply.max_age = 3600;
    if (exchange_is_known(exchange, hash_view(view_of_string(asset->etag)))) return;
    exchange->reply.content = CONTENT_ASSET;
    exchange->reply.type = asset->type;
    exchange->reply.constant = view_of(asset->bytes, asset->size);
}

/* ---- opensearch.xml ---- */

static void append_xml(struct view text, struct bytes *out) {
    for (size_t i = 0; i < text.size; i++) {
        switch (text.data[i]) {
        case '&': bytes_append_string(out, "&amp;"); break;
        case '<': bytes_append_string(out, "&lt;"); break;
        case '>': bytes_append_string(out, "&gt;"); break;
        case '"': bytes_append_string(out, "&quot;"); break;
        default: bytes_append_u8(out, (uint8_t)text.data[i]);
        }
    }
}

/* As the client sees it; the host was looked at by admission. */
static void append_base(const struct exchange *exchange, struct bytes *out) {
    const struct view host = exchange_host(exchange);
    bytes_append_string(out, exchange_is_secure(exchange) ? "https://" : "http://");
    append_xml(host.size > 0 ? host : view_of_string("localhost"), out);
    append_xml(view_of_string(site_index_base(exchange->index)), out);
}

void answer_opensearch(struct exchange *exchange, revue_searcher *searcher) {
    struct bytes *out = &exchange->reply.body;
    (void)searcher;
    exchange->reply.content = CONTENT_OPENSEARCH;
    bytes_append_string(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                             "<OpenSearchDescription xmlns=\"http://a9.com/-/spec/opensearch/1.1/\">\n<ShortName>");
    append_xml(view_of_string(server_settings(exchange->server)->site_name), out);
    bytes_append_string(out,
                        "</ShortName>\n<Description>Search reviews</Description>\n<InputEncoding>UTF-8</InputEncoding>\n"
                        "<Url type=\"text/html\" template=\"");
    append_base(exchange, out);
    bytes_append_string(out, "/?q={searchTerms}\"/>\n<Url type=\"application/json\" template=\"");
    append_base(exchange, out);
    bytes_append_string(out, "/search?q={searchTerms}\"/>\n</OpenSearchDescription>\n");
}
