/* plan_pattern.c - words of which a part or a letter is missing: any of the forms that are meant, out of the index.
 *
 * The forms are searched for as if they were one word: their occurrences are counted together and share one idf, so that a
 * rare slip of the pen is not worth more than the word itself (as Lucene's blended rewrites do). Forms at the same number
 * of edits are one leaf, each edit halves what it counts for, and the very word that was typed is a leaf of its own
 * besides. */
#include "query/plan/planner.h"

#include "indexer/format/scoring.h"
#include "query/expand/expand.h"
#include "query/match/coded_words.h"

#include <string.h>

#define FORMS_SEARCHED CODED_WORDS_MAX /* as many as can be looked for in texts at once */
#define PART_WEIGHT 0.5                /* of forms of which what was typed is a part, or that are one edit away */

struct patterned {
    struct planner *planner;
    const struct ast_node *ast;
    struct pattern *pattern;
    struct expansions expansions;
    struct node_list list;
};

static revue_status add_leaf(struct patterned *patterned, struct view name, struct view *forms, uint32_t count,
                             double weight) {
    struct planner *planner = patterned->planner;
    struct plan_node *leaf;
    TRY(planner_create_leaf(planner, PLAN_WORD, patterned->ast, 1, &leaf));
    bind_forms(name, forms, count, &leaf->words[0]);
    TRY(planner_bind_leaf(planner, leaf));
    leaf->boost *= weight;
    return planner_append(planner, &patterned->list, leaf);
}

/* The forms at one number of edits; those of a prefix or wildcards have none. */
static revue_status add_forms(struct patterned *patterned, uint32_t distance) {
    const struct expansions *expansions = &patterned->expansions;
    struct view *forms = arena_alloc_array(patterned->planner->binder.arena, expansions->count + 1, sizeof *forms);
    uint32_t count = 0;
    double weight = patterned->pattern->kind == PATTERN_FUZZY ? 1 : PART_WEIGHT;
    if (!forms) return error_no_memory(patterned->planner->binder.error);
    for (size_t i = 0; i < expansions->count; i++)
        if (expansions->items[i].distance == distance) forms[count++] = expansions->items[i].form;
    for (uint32_t i = 0; i < distance; i++)
        weight *= PART_WEIGHT;
    return count > 0 ? add_leaf(patterned, patterned->ast->text, forms, count, weight) : REVUE_OK;
}

/* The beginning of a word may be a word itself, which then counts once more. */
static revue_status add_itself(struct patterned *patterned) {
    const struct view literal = view_of(patterned->pattern->literal, patterned->pattern->literal_size);
    for (size_t i = 0; i < patterned->expansions.count && patterned->pattern->kind == PATTERN_PREFIX; i++) {
        struct view *form = &patterned->expansions.items[i].form;
        if (view_equal(*form, literal)) return add_leaf(patterned, *form, form, 1, PART_WEIGHT);
    }
    return REVUE_OK;
}

static revue_status add_all(struct patterned *patterned) {
    const struct expansions *expansions = &patterned->expansions;
    if (expansions->count == 0) return add_leaf(patterned, patterned->ast->text, NULL, 0, 1); /* nothing must match still */
    for (uint32_t distance = 0; distance <= PATTERN_DISTANCE_MAX; distance++)
        TRY(add_forms(patterned, distance));
    TRY(add_itself(patterned));
    if (expansions->total == expansions->count) return REVUE_OK;
    return planner_warn(patterned->planner, patterned->ast,
                        "of %llu%s words that are meant the %u most frequent are searched for",
                        (unsigned long long)expansions->total, expansions->cut ? " and more" : "", FORMS_SEARCHED);
}

static revue_status expand(struct patterned *patterned, struct plan_node **made) {
    struct planner *planner = patterned->planner;
    struct node_list lists[ROLE_COUNT] = {0};
    TRY(expand_pattern(planner->binder.searcher, patterned->pattern, EXPANSION_ALL, FORMS_SEARCHED, planner->binder.arena,
                       &patterned->expansions, planner->binder.error));
    TRY(add_all(patterned));
    lists[SHOULD] = patterned->list;
    return planner_make_boolean(planner, lists, made);
}

enum pattern_kind planner_pattern_kind(const struct ast_node *ast) {
    return ast->kind == AST_PREFIX ? PATTERN_PREFIX : ast->kind == AST_WILDCARD ? PATTERN_WILDCARD : PATTERN_FUZZY;
}

static revue_status plan_pattern(struct planner *planner, const struct ast_node *ast, struct view text,
                                 struct plan_node **made) {
    const struct binder *binder = &planner->binder;
    struct pattern pattern = {0};
    struct patterned patterned = {.planner = planner, .ast = ast, .pattern = &pattern};
    *made = NULL;
    revue_status status =
        pattern_init(&pattern, planner_pattern_kind(ast), text, ast->distance, binder->searcher->language, binder->error);
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
    if (tokens.count > 1) TRY(planner_add_words(planner, &before, true, &lists[MUST]));
    TRY(plan_pattern(planner, ast, end->form, &last));
    if (last) TRY(planner_append(planner, &lists[MUST], last));
    return planner_make_boolean(planner, lists, made);
}

revue_status planner_pattern(struct planner *planner, const struct ast_node *ast, struct plan_node **made) {
    return ast->kind == AST_WILDCARD ? plan_pattern(planner, ast, ast->text, made) : plan_last_word(planner, ast, made);
}
