/* answer_search.c - /search, the page and /similar/ID: a request becomes options of the library, its result goes through
 * the printers of the command line, or the page. */
#include "indexer/base/error.h"
#include "query/output/hits.h"
#include "query/output/result_answer.h"
#include "query/serve/page/page.h"
#include "query/serve/params.h"
#include "query/serve/routes.h"
#include "query/serve/server.h"

#include <stdio.h>

/* So deep a page costs as much as a count. */
#define DEEP 1000u

bool answer_is_dear(const struct exchange *exchange) {
    const struct search_request *request = &exchange->request;
    const struct view query = request->query;
    const bool is_similar = exchange->route->answer == answer_similar;
    if (!is_similar && exchange->route->answer != answer_search) return false;
    if (exchange_wants_page(exchange) && (is_similar || query.size > 0 || request->filter)) return true;
    return request->sort || request->group || request->facet_count > 0 || request->count ||
           request->offset + request->n > DEEP || memchr(query.data, '*', query.size) ||
           memchr(query.data, '?', query.size) || memchr(query.data, '~', query.size);
}

/* The filter and the wish for a language, which is one of them. NULL: neither; false: no memory. */
static bool filter_of(struct exchange *exchange, const char **filter) {
    struct search_request *request = &exchange->request;
    struct bytes text = {0};
    *filter = request->filter;
    if (!request->lang) return true;
    if (request->filter) bytes_append_format(&text, "(%s) ", request->filter);
    bytes_append_format(&text, "lang:%s", request->lang);
    *filter = text.failed ? NULL : arena_copy(&request->arena, text.data, text.size);
    bytes_free(&text);
    return *filter != NULL;
}

/* What pages show beyond what was asked for. */
static void add_options_of_page(const struct search_request *request, revue_search_options *options) {
    options->snippet_count = PAGE_SNIPPETS;
    options->multi_select = true;
    if (request->facet_count > 0) return;
    options->facets = page_facets;
    options->facet_count = PAGE_FACETS;
}

/* False: no memory. */
static bool options_of(struct exchange *exchange, revue_search_options *wanted) {
    const struct search_request *request = &exchange->request;
    revue_search_options options;
    revue_search_options_init(&options);
    options.n = request->n;
    options.after = request->after;
    options.offset = request->offset;
    options.op = request->op;
    options.lenient = true;
    options.count = request->count || request->n == 0;
    options.min_match = request->min_match;
    options.prior = request->prior;
    options.sort = request->sort;
    options.group = request->group;
    options.facets = (const char *const *)request->facets;
    options.facet_count = request->facet_count;
    options.timeout = server_settings(exchange->server)->timeout;
    options.stale_after = server_settings(exchange->server)->stale_after;
    if (exchange_wants_page(exchange)) add_options_of_page(request, &options);
    const bool has_filter = filter_of(exchange, &options.filter);
    *wanted = options;
    return has_filter;
}

/* ---- an answer whose first warnings are those of reading the request ---- */

struct warned_answer {
    struct answer inner;
    const struct search_request *request;
    char more[64]; /* "3 more were left out"; empty: none */
};

static const revue_hit *hit_of(const void *context, size_t at) {
    const struct answer *inner = &((const struct warned_answer *)context)->inner;
    return inner->hit(inner->context, at);
}

static const revue_facet *facet_of(const void *context, size_t at) {
    const struct answer *inner = &((const struct warned_answer *)context)->inner;
    return inner->facet(inner->context, at);
}

static const revue_group *group_of(const void *context, size_t at) {
    const struct answer *inner = &((const struct warned_answer *)context)->inner;
    return inner->group(inner->context, at);
}

static const char *warning_of(const void *context, size_t at) {
    const struct warned_answer *answer = context;
    const size_t own = answer->request->warning_count + (answer->more[0] != '\0');
    if (at < answer->request->warning_count) return answer->request->warnings[at];
    return at < own ? answer->more : answer->inner.warning(answer->inner.context, at - own);
}

static struct answer answer_with_warnings(struct warned_answer *warned) {
    struct answer answer = warned->inner;
    const size_t more = warned->request->warnings_more;
    if (more > 0) (void)snprintf(warned->more, sizeof warned->more, "%zu more warnings were left out", more);
    answer.context = warned;
    answer.warning_count += warned->request->warning_count + (more > 0);
    answer.hit = hit_of;
    answer.facet = facet_of;
    answer.group = group_of;
    answer.warning = warning_of;
    return answer;
}

static void print(struct exchange *exchange, const struct answer *answer) {
    struct reply *reply = &exchange->reply;
    struct bytes *out = &reply->body;
    switch (exchange->request.format) {
    case REQUEST_JSONL:
        reply->content = CONTENT_JSON_LINES;
        hits_jsonl(answer, out);
        break;
    case REQUEST_CSV:
        reply->content = CONTENT_CSV;
        hits_csv(answer, out);
        break;
    case REQUEST_TSV:
        reply->content = CONTENT_TSV;
        hits_tsv(answer, out);
        break;
    case REQUEST_TREC:
        reply->content = CONTENT_TEXT;
        hits_trec(answer, view_of_string("1"), view_of_string("revue"), out);
        break;
    case REQUEST_JSON:
    case REQUEST_HTML:
    default: reply->content = CONTENT_JSON; hits_json(answer, out);
    }
}

static void show(struct exchange *exchange, const revue_searcher *searcher, const revue_result *result,
                 const char *similar_to) {
    if (exchange_wants_page(exchange)) {
        struct page_view view;
        answer_page_view(exchange, &view);
        view.result = result;
        view.similar_to = similar_to;
        view.reviews = revue_searcher_reviews(searcher);
        answer_page(exchange, &view);
        return;
    }
    struct warned_answer warned = {answer_of_result(result, exchange->request.query, true, exchange->request.group != NULL),
                                   &exchange->request, ""};
    const struct answer answer = answer_with_warnings(&warned);
    print(exchange, &answer);
}

/* The page before anything was asked. */
static void show_form(struct exchange *exchange, const revue_searcher *searcher) {
    struct page_view view;
    answer_page_view(exchange, &view);
    view.reviews = searcher ? revue_searcher_reviews(searcher) : 0;
    answer_page(exchange, &view);
}

void answer_search(struct exchange *exchange, revue_searcher *searcher) {
    const struct search_request *request = &exchange->request;
    revue_search_options options;
    revue_result *result = NULL;
    revue_error error = {0};
    if (!searcher || (exchange_wants_page(exchange) && request->query.size == 0 && !request->filter)) {
        show_form(exchange, searcher);
        return;
    }
    revue_status status = options_of(exchange, &options) ? REVUE_OK : error_no_memory(&error);
    if (status == REVUE_OK)
        status = revue_search(searcher, request->query.data, request->query.size, &options, &result, &error);
    if (status == REVUE_OK)
        show(exchange, searcher, result, NULL);
    else
        exchange_failed(exchange, status, &error);
    revue_result_free(result);
}

void answer_similar(struct exchange *exchange, revue_searcher *searcher) {
    revue_search_options options;
    revue_result *result = NULL;
    revue_error error = {0};
    struct view id;
    revue_status status = options_of(exchange, &options) ? REVUE_OK : error_no_memory(&error);
    if (status == REVUE_OK) status = params_decode_path(exchange->rest, &exchange->request.arena, &id, &error);
    if (status == REVUE_OK && id.size == 0)
        status = error_set(&error, REVUE_NO_MATCH, "the id of a review goes behind /similar/");
    if (status == REVUE_OK) status = revue_similar(searcher, id.data, id.size, &options, &result, &error);
    if (status == REVUE_OK)
        show(exchange, searcher, result, id.data);
    else
        exchange_failed(exchange, status, &error);
    revue_result_free(result);
}
