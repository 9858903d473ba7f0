/* plan_leaves.c - words and phrases: what the analysis makes of them, and where the index has them. */
#include "query/plan/planner.h"

#include "indexer/format/scoring.h"

#include <string.h>

static revue_status note_leaf(struct planner *planner, struct plan_node *leaf) {
    struct plan *plan = planner->plan;
    struct node_list leaves = {plan->leaves, plan->leaf_count, planner->leaf_capacity};
    TRY(planner_append(planner, &leaves, leaf));
    plan->leaves = leaves.nodes;
    plan->leaf_count = leaves.count;
    planner->leaf_capacity = leaves.capacity;
    return REVUE_OK;
}

/* A field that is named is searched, also one whose weight is 0. */
static struct field_scoring scoring_of(const struct planner *planner, const struct query_field *named) {
    struct field_scoring scoring = {.k1 = planner->options->k1, .b = planner->options->b};
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        double weight = planner->options->weights[field];
        bool is_named = named && view_equal(named->name, view_of_string(plan_field_names[field]));
        scoring.average[field] = planner->binder.searcher->average[field];
        scoring.weight[field] = !named ? weight : !is_named ? 0 : weight > 0 ? weight : 1;
    }
    return scoring;
}

revue_status planner_create_leaf(struct planner *planner, enum plan_kind kind, const struct ast_node *ast,
                                 uint32_t word_count, struct plan_node **made) {
    struct plan_node *node = arena_alloc(planner->binder.arena, sizeof *node);
    struct plan_word *words = arena_alloc_array(planner->binder.arena, word_count, sizeof *words);
    if (!node || !words) return error_no_memory(planner->binder.error);
    *node = (struct plan_node){.kind = kind,
                               .boost = planner->boost * ast->boost,
                               .scoring = scoring_of(planner, ast->field),
                               .words = words,
                               .word_count = word_count};
    *made = node;
    return REVUE_OK;
}

revue_status planner_bind_leaf(struct planner *planner, struct plan_node *leaf) {
    for (uint32_t i = 0; i < leaf->word_count; i++) {
        TRY(bind_lists(&planner->binder, &leaf->words[i], &leaf->scoring));
        leaf->idf += scoring_idf(planner->binder.searcher->reviews, leaf->words[i].df);
    }
    return note_leaf(planner, leaf);
}

/* A word said before in the same list counts once more instead of standing there twice. */
static bool count_again(const struct node_list *list, const struct plan_node *leaf) {
    for (uint32_t i = 0; i < list->count; i++) {
        struct plan_node *other = list->nodes[i];
        if (other->kind != PLAN_WORD || !bind_same(&other->words[0], &leaf->words[0])) continue;
        if (memcmp(other->scoring.weight, leaf->scoring.weight, sizeof leaf->scoring.weight) != 0) continue;
        other->boost += leaf->boost;
        return true;
    }
    return false;
}

/* What stem a form has the index says (bind.c); that of the text alone is for finding synonyms. */
revue_status planner_analyse(struct planner *planner, struct view text, struct tokens *tokens) {
    const struct binder *binder = &planner->binder;
    memset(tokens, 0, sizeof *tokens);
    stemmer *plain = planner->synonyms->count > 0 ? binder->searcher->stemmer : NULL;
    return analyze_field(plain, text, binder->searcher->language, binder->arena, tokens, binder->error);
}

revue_status planner_append_word(struct planner *planner, struct plan_node *leaf, struct node_list *list) {
    if (!count_again(list, leaf)) return planner_append(planner, list, leaf);
    planner->plan->leaf_count--; /* it was noted last */
    return REVUE_OK;
}

revue_status planner_add_word(struct planner *planner, const struct ast_node *ast, const struct token *token,
                              struct node_list *list) {
    struct plan_node *leaf;
    TRY(planner_create_leaf(planner, PLAN_WORD, ast, 1, &leaf));
    TRY(bind_resolve(&planner->binder, token, ast->exact, &leaf->words[0]));
    if (count_again(list, leaf)) return REVUE_OK;
    TRY(planner_bind_leaf(planner, leaf));
    return planner_append(planner, list, leaf);
}

revue_status planner_add_words(struct planner *planner, const struct ast_node *ast, bool all, struct node_list *list) {
    struct tokens tokens;
    TRY(planner_analyse(planner, ast->text, &tokens));
    if (tokens.count > QUERY_PLAIN_WORDS_MAX) tokens.count = QUERY_PLAIN_WORDS_MAX;
    for (size_t i = 0; i < tokens.count; i++) {
        uint32_t taken;
        if (tokens.items[i].repeated) continue;
        TRY(planner_add_synonyms(planner, ast, &tokens, i, all, list, &taken));
        if (taken == 0) TRY(planner_add_word(planner, ast, &tokens.items[i], list));
        if (taken > 1) i += taken - 1;
    }
    return REVUE_OK;
}

revue_status planner_phrase(struct planner *planner, const struct ast_node *ast, struct plan_node **made) {
    struct tokens tokens;
    struct plan_node *leaf;
    *made = NULL;
    TRY(planner_analyse(planner, ast->text, &tokens));
    if (tokens.count == 0) return REVUE_OK;
    if (tokens.count > QUERY_PLAIN_WORDS_MAX) tokens.count = QUERY_PLAIN_WORDS_MAX;
    TRY(planner_create_leaf(planner, tokens.count == 1 ? PLAN_WORD : PLAN_PHRASE, ast, (uint32_t)tokens.count, &leaf));
    leaf->slop = ast->has_slop ? ast->slop : 0;
    if (!ast->has_slop) {
        leaf->forms = arena_alloc_array(planner->binder.arena, tokens.count, sizeof *leaf->forms);
        if (!leaf->forms) return error_no_memory(planner->binder.error);
    }
    for (size_t i = 0; i < tokens.count; i++) {
        TRY(bind_resolve(&planner->binder, &tokens.items[i], !ast->has_slop, &leaf->words[i]));
        if (leaf->forms) leaf->forms[i] = tokens.items[i].form;
    }
    TRY(planner_bind_leaf(planner, leaf));
    *made = leaf;
    return REVUE_OK;
}
