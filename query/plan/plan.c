/* plan.c - the nodes of a plan, made of the parsed tree; see plan.h.
 *
 * A node of the tree may become nothing (punctuation), a word, or several (wi-fi). Words side by side fall into the list of
 * their occurrence: must, should, must not. What is said twice in one list is one leaf with the sum of the boosts, so that
 * a long question costs no more than its different words. What must not match scores nothing and is no leaf. */
#include "query/plan/planner.h"

#include "indexer/format/scoring.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- lists of nodes ---- */

revue_status planner_append(struct planner *planner, struct node_list *list, struct plan_node *node) {
    if (list->count == list->capacity) {
        uint32_t capacity = list->capacity ? list->capacity * 2 : 8;
        struct plan_node **grown = arena_alloc_array(planner->binder.arena, capacity, sizeof *grown);
        if (!grown) return error_no_memory(planner->binder.error);
        if (list->count) memcpy(grown, list->nodes, list->count * sizeof *grown);
        list->nodes = grown;
        list->capacity = capacity;
    }
    list->nodes[list->count++] = node;
    return REVUE_OK;
}

revue_status planner_make_boolean(struct planner *planner, const struct node_list lists[ROLE_COUNT],
                                  struct plan_node **made) {
    const uint32_t wanted = lists[MUST].count + lists[SHOULD].count;
    *made = NULL;
    const uint32_t others = lists[MUST_NOT].count + lists[FILTER].count;
    if (wanted + others == 0) return REVUE_OK;
    if (wanted == 1 && others == 0) {
        *made = lists[MUST].count ? lists[MUST].nodes[0] : lists[SHOULD].nodes[0];
        return REVUE_OK;
    }
    struct plan_node *node = arena_alloc(planner->binder.arena, sizeof *node);
    if (!node) return error_no_memory(planner->binder.error);
    *node = (struct plan_node){.kind = PLAN_BOOLEAN,
                               .must = lists[MUST].nodes,
                               .must_count = lists[MUST].count,
                               .should = lists[SHOULD].nodes,
                               .should_count = lists[SHOULD].count,
                               .must_not = lists[MUST_NOT].nodes,
                               .must_not_count = lists[MUST_NOT].count,
                               .filters = lists[FILTER].nodes,
                               .filter_count = lists[FILTER].count};
    *made = node;
    return REVUE_OK;
}

/* ---- warnings ---- */

revue_status planner_warn(struct planner *planner, const struct ast_node *ast, const char *format, ...) {
    const struct binder *binder = &planner->binder;
    struct plan *plan = planner->plan;
    char message[256];
    int size = snprintf(message, sizeof message, "column %u: ", (unsigned)ast->start + 1);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message + size, sizeof message - (size_t)size, format, arguments);
    va_end(arguments);
    const char **grown = arena_alloc_array(binder->arena, plan->warning_count + 1, sizeof *grown);
    char *copy = arena_copy(binder->arena, message, strlen(message));
    if (!grown || !copy) return error_no_memory(binder->error);
    if (plan->warning_count) memcpy(grown, plan->warnings, plan->warning_count * sizeof *grown);
    grown[plan->warning_count++] = copy;
    plan->warnings = grown;
    return REVUE_OK;
}

revue_status planner_not_executed(struct planner *planner, const struct ast_node *ast, const char *what,
                                  struct plan_node **made) {
    revue_error *error = planner->binder.error;
    *made = NULL;
    if (planner->options->lenient)
        return planner_warn(planner, ast, "%s cannot be searched for by this version: left out", what);
    revue_status status = error_set(error, REVUE_USAGE, "%s cannot be searched for by this version", what);
    if (error) error->column = ast->start + 1;
    return status;
}

/* ---- nodes ---- */

static revue_status plan_words(struct planner *planner, const struct ast_node *ast, struct plan_node **made) {
    struct node_list lists[ROLE_COUNT] = {0};
    if (ast->kind == AST_PHRASE) return planner_phrase(planner, ast, made);
    TRY(planner_add_words(planner, ast, true, &lists[MUST]));
    return planner_make_boolean(planner, lists, made);
}

static revue_status plan_node_of(struct planner *planner, const struct ast_node *ast, struct plan_node **made);

revue_status planner_exclude(struct planner *planner, const struct ast_node *ast, struct node_list *list) {
    uint32_t leaf_count = planner->plan->leaf_count;
    struct plan_node *node;
    TRY(plan_node_of(planner, ast, &node));
    planner->plan->leaf_count = leaf_count;
    return node ? planner_append(planner, list, node) : REVUE_OK;
}

/* An item into the list of its occurrence: words go in one by one, anything else as a node of its own. */
static revue_status plan_item(struct planner *planner, const struct ast_node *ast, bool is_must, struct node_list *list) {
    struct plan_node *node;
    if (ast->kind == AST_WORD && planner_is_text(ast)) return planner_add_words(planner, ast, is_must, list);
    TRY(plan_node_of(planner, ast, &node));
    return node ? planner_append(planner, list, node) : REVUE_OK;
}

/* Of the words that should match at least so many: all of them, or a node of its own that must. */
static revue_status demand_several(struct planner *planner, struct node_list lists[ROLE_COUNT]) {
    const struct min_match *wanted = &planner->options->min_match;
    const struct node_list should = lists[SHOULD];
    uint32_t least = wanted->is_percent ? (uint32_t)((uint64_t)should.count * wanted->number / 100) : wanted->number;
    if (least > should.count) least = should.count;
    if (least == 0 || (least == 1 && lists[MUST].count == 0)) return REVUE_OK; /* as without */
    lists[SHOULD] = (struct node_list){0};
    for (uint32_t i = 0; i < should.count && least == should.count; i++)
        TRY(planner_append(planner, &lists[MUST], should.nodes[i]));
    if (least == should.count) return REVUE_OK;
    struct plan_node *node = arena_alloc(planner->binder.arena, sizeof *node);
    if (!node) return error_no_memory(planner->binder.error);
    *node = (struct plan_node){.kind = PLAN_SEVERAL, .should = should.nodes, .should_count = should.count, .least = least};
    return planner_append(planner, &lists[MUST], node);
}

/* Items that are words, as one text. */
static struct ast_node join_words(const struct ast_node *list, size_t from, size_t count) {
    struct ast_node joined = *list->items[from].node;
    const struct view last = list->items[from + count - 1].node->text;
    if (count > 1) joined.text.size = (size_t)(last.data + last.size - joined.text.data);
    return joined;
}

/* Items side by side; a test of a column must pass, however words are joined. all and any differ when there are two that
 * neither must nor must not match, or one beside another that must. */
static revue_status plan_list(struct planner *planner, const struct ast_node *ast, struct plan_node **made) {
    struct node_list lists[ROLE_COUNT] = {0};
    uint32_t bare_count = 0;
    const bool is_counted = planner->is_top && !planner->all && planner->options->min_match.number > 0;
    planner->is_top = false;
    for (size_t i = 0; i < ast->count; i++) {
        const struct ast_item *item = &ast->items[i];
        if (item->occurrence == AST_MUST_NOT) {
            TRY(planner_exclude(planner, item->node, &lists[MUST_NOT]));
            continue;
        }
        if (planner_is_test(planner, item->node)) {
            TRY(plan_item(planner, item->node, true, &lists[FILTER]));
            continue;
        }
        bool is_must = item->occurrence == AST_MUST || planner->all;
        struct node_list *list = &lists[is_must ? MUST : SHOULD];
        uint32_t before = list->count;
        const size_t run = planner_word_run(planner, ast, i);
        const struct ast_node joined = join_words(ast, i, run);
        TRY(plan_item(planner, &joined, is_must || is_counted, list));
        i += run - 1;
        if (item->occurrence == AST_SHOULD) bare_count += list->count - before;
    }
    uint32_t wanted = lists[MUST].count + lists[SHOULD].count;
    planner->plan->has_choice |= bare_count > 1 || (bare_count == 1 && wanted > 1);
    if (is_counted) TRY(demand_several(planner, lists));
    return planner_make_boolean(planner, lists, made);
}

static revue_status plan_operator(struct planner *planner, const struct ast_node *ast, struct plan_node **made) {
    struct node_list lists[ROLE_COUNT] = {0};
    for (size_t i = 0; i < ast->count; i++) {
        const struct ast_node *item = ast->items[i].node;
        struct plan_node *node;
        if (ast->kind == AST_NOT || (ast->kind == AST_AND && item->kind == AST_NOT)) {
            TRY(planner_exclude(planner, ast->kind == AST_NOT ? item : item->items[0].node, &lists[MUST_NOT]));
            continue;
        }
        TRY(plan_node_of(planner, item, &node));
        int role = ast->kind == AST_OR ? SHOULD : planner_is_test(planner, item) ? FILTER : MUST;
        if (node) TRY(planner_append(planner, &lists[role], node));
    }
    return planner_make_boolean(planner, lists, made);
}

static revue_status plan_group(struct planner *planner, const struct ast_node *ast, struct plan_node **made) {
    double around = planner->boost;
    planner->boost *= ast->boost;
    revue_status status = ast->kind == AST_LIST ? plan_list(planner, ast, made) : plan_operator(planner, ast, made);
    planner->boost = around;
    return status;
}

static revue_status plan_node_of(struct planner *planner, const struct ast_node *ast, struct plan_node **made) {
    if (planner_is_test(planner, ast)) return planner_test(planner, ast, made);
    switch (ast->kind) {
    case AST_WORD:
    case AST_RANGE:
    case AST_PHRASE: return plan_words(planner, ast, made);
    case AST_LIST:
    case AST_AND:
    case AST_OR:
    case AST_NOT: return plan_group(planner, ast, made);
    case AST_PREFIX:
    case AST_WILDCARD:
    case AST_FUZZY: return planner_pattern(planner, ast, made);
    }
    return error_set(planner->binder.error, REVUE_BUG, "a query node of an unknown kind");
}

/* The unit of scores: 2^-20, doubled until the largest sum there can be, each leaf rounded up, fits an int32_t. */
static void choose_unit(struct plan *plan, double factor) {
    double sum = 0;
    for (uint32_t i = 0; i < plan->leaf_count; i++)
        sum += plan->leaves[i]->boost * plan->leaves[i]->idf;
    plan->unit = 1.0 / (double)(1 << SCORING_UNIT_BITS);
    while ((sum / plan->unit + plan->leaf_count + 1) * factor >= (double)INT32_MAX)
        plan->unit *= 2;
    for (uint32_t i = 0; i < plan->leaf_count; i++)
        plan->leaves[i]->scale = plan->leaves[i]->boost * plan->leaves[i]->idf / plan->unit;
}

/* A word alone is a list of one: what it turns out as stands side by side. */
static revue_status plan_root(struct planner *planner, const struct ast_node *root, struct plan_node **made) {
    struct ast_node word = *root;
    struct ast_item item = {AST_SHOULD, &word};
    struct ast_node list = {.kind = AST_LIST, .boost = 1, .items = &item, .count = 1};
    planner->is_top = root->kind == AST_WORD || root->kind == AST_LIST;
    return plan_node_of(planner, root->kind == AST_WORD ? &list : root, made);
}

/* Text without syntax is analysed whole, since markup may span blanks. */
static revue_status plan_plain(struct planner *planner, struct view text, struct plan_node **made) {
    struct ast_node root = {.kind = AST_WORD, .boost = 1, .text = text};
    if (planner->options->phrase) root.kind = AST_PHRASE;
    root.has_slop = planner->options->phrase;
    return plan_root(planner, &root, made);
}

revue_status plan_make(struct plan *plan, revue_searcher *searcher, const struct query *query,
                       const struct plan_options *options, struct arena *arena, revue_error *error) {
    struct planner planner = {
        .plan = plan, .binder = {searcher, arena, error}, .options = options, .boost = 1, .all = options->all};
    static const struct synonyms none;
    *plan = (struct plan){.k1 = options->k1, .b = options->b, .left_out = options->left_out, .arena = arena};
    planner.synonyms = &none;
    if (!options->no_synonyms) TRY(searcher_synonyms(searcher, &planner.synonyms, error));
    if (options->plain || options->phrase)
        TRY(plan_plain(&planner, query->text, &plan->root));
    else
        TRY(plan_root(&planner, query->root, &plan->root));
    TRY(planner_filters(&planner));
    plan->reviews = searcher->reviews;
    if (options->statistics) TRY(planner_use_statistics(plan, options->statistics, error));
    choose_unit(plan, options->score_factor > 1 ? options->score_factor : 1);
    return REVUE_OK;
}

/* What a posting of a phrase or of one form costs, in plain ones: positions are read, and texts where masks do not decide.
 */
#define VERIFIED_POSTING 16u

static uint64_t node_postings(const struct plan_node *node) {
    uint64_t sum = 0, least = UINT64_MAX;
    if (node->kind == PLAN_COLUMN) return UINT32_MAX; /* none, but it may match everything */
    if (node->kind == PLAN_ID) return 1;
    if (node->kind == PLAN_BOOLEAN || node->kind == PLAN_SEVERAL) {
        for (uint32_t i = 0; i < node->must_count; i++) {
            uint64_t postings = node_postings(node->must[i]);
            if (postings < least) least = postings;
        }
        for (uint32_t i = 0; i < node->should_count; i++)
            sum += node_postings(node->should[i]);
        return node->must_count ? least : sum;
    }
    for (uint32_t i = 0; i < node->word_count; i++)
        if (node->words[i].df < least) least = node->words[i].df;
    return node->kind == PLAN_PHRASE || node->words[0].by_form ? least * VERIFIED_POSTING : least;
}

uint64_t plan_postings(const struct plan *plan) {
    return plan->root ? node_postings(plan->root) : 0;
}
