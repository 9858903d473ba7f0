/* describe.c - revue_query_describe: a query read and planned, but not searched for. */
#include "indexer/base/memory.h"
#include "query/plan/plan_print.h"
#include "query/search_internal.h"

static void append_line(struct bytes *out, const char *name, struct view text) {
    bytes_append_format(out, "%s ", name);
    bytes_append(out, text.data, text.size);
    bytes_append_u8(out, '\n');
}

static void append_tree(struct bytes *out, const char *name, const struct query *query) {
    bytes_append_format(out, "%s ", name);
    ast_dump(out, query->root);
    bytes_append_u8(out, '\n');
}

static void append_warnings(struct bytes *out, const struct query *query) {
    for (size_t i = 0; i < query->warning_count; i++)
        append_line(out, "warning", view_of_string(query->warnings[i].message));
}

/* How words are joined: of auto the first try, and whether there would be a second. */
static void append_operator(struct bytes *out, const struct search *search) {
    const bool is_auto = search->options->op == REVUE_OP_AUTO;
    bytes_append_format(out, "op %s%s\n", search->plan_options.all ? "all" : "any",
                        is_auto && search->plan.has_choice ? ", or any when no review has all" : "");
}

static revue_status describe(struct search *search, struct bytes *out) {
    append_line(out, "query", search->query.text);
    append_tree(out, "tree", &search->query);
    if (search->options->filter) append_tree(out, "filter", &search->filter);
    append_operator(out, search);
    bytes_append_string(out, "plan\n");
    TRY(plan_print(out, &search->plan, search->searcher, search->error));
    append_warnings(out, &search->query);
    append_warnings(out, &search->filter);
    for (size_t i = 0; i < search->plan.warning_count; i++)
        append_line(out, "warning", view_of_string(search->plan.warnings[i]));
    bytes_append_u8(out, 0);
    return out->failed ? error_no_memory(search->error) : REVUE_OK;
}

revue_status revue_query_describe(revue_searcher *searcher, const char *query, size_t query_size,
                                  const revue_search_options *options, char **text, revue_error *error) {
    revue_error own_error;
    struct search search;
    struct bytes out = {0};
    revue_status status;
    TRY(search_open(&search, searcher, options, error ? error : &own_error));
    TRY_DONE(search_parse(&search, query, query_size));
    search.plan_options.all = options->op != REVUE_OP_ANY;
    TRY_DONE(plan_make(&search.plan, searcher, &search.query, &search.plan_options, &search.arena, search.error));
    TRY_DONE(describe(&search, &out));
    *text = memory_copy_bytes((const char *)out.data, out.size - 1);
    if (!*text) status = error_no_memory(search.error);
done:
    bytes_free(&out);
    arena_free(&search.arena);
    return status;
}
