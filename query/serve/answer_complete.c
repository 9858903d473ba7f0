/* answer_complete.c - /complete and /suggest: texts that are offered for what was typed. */
#include "query/output/completions_json.h"
#include "query/serve/routes.h"

typedef revue_status (*offer_call)(revue_searcher *searcher, const char *text, size_t size, size_t n,
                                   revue_completions **completions, revue_error *error);

static void answer(struct exchange *exchange, revue_searcher *searcher, offer_call call) {
    const struct search_request *request = &exchange->request;
    const size_t n = request->n < REVUE_COMPLETIONS_MAX ? request->n : REVUE_COMPLETIONS_MAX;
    revue_completions *completions = NULL;
    revue_error error = {0};
    revue_status status = call(searcher, request->query.data, request->query.size, n, &completions, &error);
    if (status == REVUE_OK) {
        exchange->reply.content = CONTENT_JSON;
        completions_json(completions, request->query, request->warnings, request->warning_count, &exchange->reply.body);
    } else {
        exchange_failed(exchange, status, &error);
    }
    revue_completions_free(completions);
}

void answer_complete(struct exchange *exchange, revue_searcher *searcher) {
    answer(exchange, searcher, revue_complete);
}

void answer_suggest(struct exchange *exchange, revue_searcher *searcher) {
    answer(exchange, searcher, revue_suggest);
}
