/* plan_pattern.c - words of which a part or a letter is missing: any of the forms that are meant, out of the index.
 *
 * The forms become one node, any of them. They share the idf of the most frequent, so that a rare slip of the pen is not
 * worth more than the word itself (as Lucene's blended rewrites do), and count less than the very word: by edits, or by
 * half when they are only begun like it. */
#include "query/plan/planner.h"

#include "indexer/format/scoring.h"
#include "query/expand/expand.h"

#include <string.h>

#define FORMS_SEARCHED 64u
#define PART_WEIGHT 0.5 /* of a form of which the pattern is a part, or one edit away */

struct patterned {
    struct planner *planner;
    const struct ast_node *ast;
    struct pattern *pattern;
    struct expansions expansions;
    struct node_list list;
    uint64_t df; /* of the most frequent */
};

static double weight_of(const struct patterned *patterned, const struct expansion *expansion) {
    const struct pattern *pattern = patterned->pattern;
    bool is_itself = pattern->kind == PATTERN_PREFIX && expansion->form.size == pattern->literal_size;
    double weight = pattern->kind == PATTERN_FUZZY || is_itself ? 1 : PART_WEIGHT;
    for (uint32_t i = 0; i < expansion->distance; i++)
        weight *= PART_WEIGHT;
    return weight;
}

static revue_status add_form(struct patterned *patterned, const struct expansion *expansion) {
    struct planner *planner = patterned->planner;
    const struct token token = {.form = expansion->form};
    struct plan_node *leaf;
    TRY(planner_create_leaf(planner, PLAN_WORD, patterned->ast, 1, &leaf));
    TRY(bind_resolve(&planner->binder, &token, true, &leaf->words[0]));
    TRY(planner_bind_leaf(planner, leaf));
    leaf->boost *= weight_of(patterned, expansion);
    if (leaf->words[0].df > patterned->df) patterned->df = leaf->words[0].df;
    return planner_append(planner, &patterned->list, leaf);
}

static revue_status add_forms(struct patterned *patterned) {
    const struct expansions *expansions = &patterned->expansions;
    for (size_t i = 0; i < expansions->count; i++)
        TRY(add_form(patterned, &expansions->items[i]));
    for (uint32_t i = 0; i < patterned->list.count; i++)
        patterned->list.nodes[i]->idf = scoring_idf(patterned->planner->binder.searcher->reviews, patterned->df);
    if (expansions->total == expansions->count) return REVUE_OK;
    return planner_warn(patterned->planner, patterned->ast,
                        "of %llu%s words that are meant the %u most frequent are searched for",
                        (unsigned long long)expansions->total, expansions->cut ? " and more" : "", FORMS_SEARCHED);
}

/* What no review has: it must still not match. */
static revue_status add_nothing(struct patterned *patterned) {
    const struct expansion itself = {.form = patterned->ast->text};
    return add_form(patterned, &itself);
}

static revue_status expand(struct patterned *patterned, struct plan_node **made) {
    struct planner *planner = patterned->planner;
    struct node_list lists[ROLE_COUNT] = {0};
    TRY(expand_pattern(planner->binder.searcher, patterned->pattern, FORMS_SEARCHED, planner->binder.arena,
                       &patterned->expansions, planner->binder.error));
    TRY(patterned->expansions.count > 0 ? add_forms(patterned) : add_nothing(patterned));
    lists[SHOULD] = patterned->list;
    return planner_make_boolean(planner, lists, made);
}

static revue_status plan_pattern(struct planner *planner, const struct ast_node *ast, struct view text,
                                 struct plan_node **made) {
    static const enum pattern_kind kinds[] = {
        [AST_PREFIX] = PATTERN_PREFIX, [AST_WILDCARD] = PATTERN_WILDCARD, [AST_FUZZY] = PATTERN_FUZZY};
    const struct binder *binder = &planner->binder;
    struct pattern pattern = {0};
    struct patterned patterned = {.planner = planner, .ast = ast, .pattern = &pattern};
    *made = NULL;
    revue_status status =
        pattern_init(&pattern, kinds[ast->kind], text, ast->distance, binder->searcher->language, binder->error);
    if (status == REVUE_NO_MATCH) return REVUE_OK;
    if (ast->kind == AST_FUZZY && ast->distance == 0) pattern.distance = pattern_usual_distance(pattern.count);
    if (status == REVUE_OK) status = expand(&patterned, made);
    pattern_free(&pattern);
    return status;
}

/* wi-f* is two words: wi, and what begins with f. */
static revue_status plan_last_word(struct planner *planner, const struct ast_node *ast, struct plan_node **made) {
    struct node_list lists[ROLE_COUNT] = {0};
    struct tokens tokens;
    struct plan_node *last;
    *made = NULL;
    TRY(planner_analyse(planner, ast->text, &tokens));
    if (tokens.count == 0) return REVUE_OK;
    const struct token *end = &tokens.items[tokens.count - 1];
    struct ast_node before = *ast;
    before.kind = AST_WORD;
    before.text.size = end->start;
    if (tokens.count > 1) TRY(planner_add_words(planner, &before, &lists[MUST]));
    TRY(plan_pattern(planner, ast, end->form, &last));
    if (last) TRY(planner_append(planner, &lists[MUST], last));
    return planner_make_boolean(planner, lists, made);
}

revue_status planner_pattern(struct planner *planner, const struct ast_node *ast, struct plan_node **made) {
    if (!planner_is_text(ast)) return planner_not_executed(planner, ast, "a pattern in a field of keywords", made);
    return ast->kind == AST_WILDCARD ? plan_pattern(planner, ast, ast->text, made) : plan_last_word(planner, ast, made);
}
