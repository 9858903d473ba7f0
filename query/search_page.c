/* search_page.c - pages by token: a query goes on where the page before ended, under the statistics that it was scored with
 * (collect/page_token.h). A token is good for one query: what hits there are and in which order is hashed, how many of them
 * are shown, and with what, is not. */
#include "indexer/base/hash.h"
#include "query/search_internal.h"

#include <string.h>

/* ---- what was asked ---- */

static void append_query(struct bytes *out, const struct query *query, bool is_plain) {
    if (is_plain)
        bytes_append_view(out, query->text);
    else if (query->root)
        ast_print(out, query->root);
    bytes_append_u8(out, 0);
}

static void append_options(struct bytes *out, const struct search *search) {
    const revue_search_options *options = search->options;
    const struct plan_options *plan = &search->plan_options;
    bytes_append_format(out, "%d %d %d %d %a %a", (int)options->op, plan->plain, plan->phrase, plan->lenient, plan->k1,
                        plan->b);
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        bytes_append_format(out, " %a", plan->weights[field]);
    bytes_append_format(out, " %llu %u %d %d", (unsigned long long)plan->since_run, (unsigned)plan->min_match.number,
                        plan->min_match.is_percent, plan->no_synonyms);
    for (unsigned part = 0; part < PRIOR_PARTS; part++)
        bytes_append_format(out, " %a", search->prior_options.weights[part]);
    bytes_append_format(out, " %a", search->prior_options.span);
    bytes_append_u8(out, 0);
    bytes_append_string(out, options->sort ? options->sort : "");
    bytes_append_u8(out, 0);
}

static revue_status hash_query(struct search *search) {
    struct bytes asked = {0};
    append_query(&asked, &search->query, search->options->plain);
    append_query(&asked, &search->filter, false);
    append_options(&asked, search);
    if (!asked.failed) search->query_hash = hash_bytes(asked.data, asked.size);
    revue_status status = asked.failed ? error_no_memory(search->error) : REVUE_OK;
    bytes_free(&asked);
    return status;
}

/* ---- beginning ---- */

static revue_status check_token(const struct search *search, const struct page_token *token) {
    const char *wrong = NULL;
    if (memcmp(token->uuid, search->searcher->manifest.uuid, sizeof token->uuid) != 0)
        wrong = "this token is of another index, or the index was made anew";
    else if (token->query != search->query_hash)
        wrong = "this token is of another query, or of one with other options";
    if (!wrong) return REVUE_OK;
    return error_set(search->error, REVUE_USAGE, "--after: %s: ask for the first page again", wrong);
}

revue_status search_page_open(struct search *search) {
    const revue_search_options *options = search->options;
    struct page_token *token;
    search->gives_next = !options->group && !options->ids_only && options->n > 0;
    if (!options->after && !search->gives_next) return REVUE_OK;
    TRY(hash_query(search));
    if (!options->after) return REVUE_OK;
    if (options->offset > 0 || options->group)
        return error_set(search->error, REVUE_USAGE, "--after goes on behind a page of hits: %s cannot stand beside it",
                         options->group ? "--group" : "--offset");
    token = arena_alloc(&search->arena, sizeof *token);
    if (!token) return error_no_memory(search->error);
    TRY(page_token_read(options->after, &search->arena, token, search->error));
    TRY(check_token(search, token));
    search->after = token;
    search->statistics =
        (struct plan_statistics){.reviews = token->reviews, .dfs = token->dfs, .df_count = token->df_count};
    memcpy(search->statistics.average, token->average, sizeof token->average);
    search->plan_options.statistics = &search->statistics;
    search->prior.options.now = token->now;
    return REVUE_OK;
}

revue_status search_page_begin(struct search *search) {
    const struct page_token *after = search->after;
    if (!after) return REVUE_OK;
    if (after->is_sorted != search->is_sorted || after->key_count != (search->is_sorted ? search->order.count : 0))
        return error_set(search->error, REVUE_USAGE,
                         "--after: this token is of another order: ask for the first page again");
    if (search->is_sorted)
        return sorted_begin_after(&search->sorted, after->keys, after->id, &search->arena, search->error);
    search->topk.after = (struct topk_after){after->id, after->score};
    return REVUE_OK;
}

/* ---- ending ---- */

revue_status search_page_end(struct search *search, const struct candidate *best, size_t last, uint64_t rank) {
    struct revue_result *result = search->result;
    struct plan_statistics statistics;
    TRY(plan_statistics_of(&search->plan, search->searcher, &search->arena, &statistics, search->error));
    struct page_token token = {.query = search->query_hash,
                               .all = result->op == REVUE_OP_ALL,
                               .is_sorted = search->is_sorted,
                               .reviews = statistics.reviews,
                               .dfs = statistics.dfs,
                               .df_count = statistics.df_count,
                               .now = search->prior.options.now,
                               .rank = rank,
                               .score = best[last].score,
                               .id = best[last].id};
    memcpy(token.uuid, search->searcher->manifest.uuid, sizeof token.uuid);
    memcpy(token.average, statistics.average, sizeof token.average);
    if (search->is_sorted) {
        token.key_count = search->order.count;
        TRY(sorted_page_keys(&search->sorted, last, &search->arena, token.keys, search->error));
    }
    return page_token_write(&token, &result->arena, &result->next, search->error);
}
