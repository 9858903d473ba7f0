/* answer_review.c - /review/ID: a whole stored review. The rest of the path is the id, slashes and all. */
#include "indexer/base/error.h"
#include "query/output/review_json.h"
#include "query/serve/page/page.h"
#include "query/serve/params.h"
#include "query/serve/routes.h"

static void show(struct exchange *exchange, const revue_searcher *searcher, const revue_review *review) {
    struct page_view view;
    if (!exchange_wants_page(exchange)) {
        exchange->reply.content = CONTENT_JSON;
        review_json(review, &exchange->reply.body);
        return;
    }
    answer_page_view(exchange, &view);
    view.review = review;
    view.reviews = revue_searcher_reviews(searcher);
    answer_page(exchange, &view);
}

void answer_review(struct exchange *exchange, revue_searcher *searcher) {
    revue_review *review = NULL;
    revue_error error = {0};
    struct view id;
    revue_status status = params_decode_path(exchange->rest, &exchange->request.arena, &id, &error);
    if (status == REVUE_OK && id.size == 0)
        status = error_set(&error, REVUE_NO_MATCH, "the id of a review goes behind /review/");
    if (status == REVUE_OK) status = revue_get(searcher, id.data, id.size, &review, &error);
    if (status == REVUE_OK)
        show(exchange, searcher, review);
    else
        exchange_failed(exchange, status, &error);
    revue_review_free(review);
}
