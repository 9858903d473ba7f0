/* plan_synonyms.c - words that have synonyms in the index: one group each.
 *
 * Synonyms of one word join the stems of the word that was typed, so that the group is one leaf with one idf: who says film
 * means films and movies, and a rare synonym is not worth more than the word itself. Those of several words are phrases by
 * stem beside that leaf, with the same idf. It is that of the most frequent of the group, as in Lucene's SynonymQuery: how
 * many reviews have any of them is not known, and their sum would make frequent words worthless. Several words that were
 * typed and have synonyms (new york, NYC) stay what they are, and may be matched by those instead. */
#include "query/plan/planner.h"

#include "indexer/format/scoring.h"
#include "indexer/format/synonyms.h"

#include <stdlib.h>
#include <string.h>

struct synonym_group {
    struct planner *planner;
    const struct ast_node *ast;
    const struct token *typed;
    uint32_t typed_count; /* words of the query that the group stands for */
    const struct synonym_entry *others[SYNONYM_ENTRIES_MAX];
    uint32_t other_count;
    struct node_list alternatives;
    uint64_t df; /* of the most frequent alternative */
};

/* ---- finding ---- */

static bool is_typed(const struct synonym_entry *entry, const struct tokens *tokens, size_t at) {
    if (entry->word_count > tokens->count - at) return false;
    for (uint32_t i = 0; i < entry->word_count; i++)
        if (tokens->items[at + i].repeated || !view_equal(entry->stems[i], tokens->items[at + i].stem)) return false;
    return true;
}

static bool same_entry(const struct synonym_entry *a, const struct synonym_entry *b) {
    if (a->word_count != b->word_count) return false;
    for (uint32_t i = 0; i < a->word_count; i++)
        if (!view_equal(a->stems[i], b->stems[i])) return false;
    return true;
}

static void add_other(struct synonym_group *group, const struct synonym_entry *entry) {
    if (entry->word_count == 0 || group->other_count == SYNONYM_ENTRIES_MAX) return;
    for (uint32_t i = 0; i < group->other_count; i++)
        if (same_entry(group->others[i], entry)) return;
    group->others[group->other_count++] = entry;
}

static void add_rule(struct synonym_group *group, const struct synonym_key *key) {
    for (uint32_t i = key->rule->left_count; i < key->rule->count; i++)
        if (!same_entry(&key->rule->entries[i], &key->rule->entries[key->entry])) add_other(group, &key->rule->entries[i]);
}

/* Of the entries that begin here the longest; with all their rules. */
static void find_group(const struct synonyms *synonyms, const struct tokens *tokens, size_t at,
                       struct synonym_group *group) {
    const struct view stem = tokens->items[at].stem;
    for (uint32_t i = synonyms_find(synonyms, stem); i < synonyms->count; i++) {
        const struct synonym_key *key = &synonyms->keys[i];
        const struct synonym_entry *entry = &key->rule->entries[key->entry];
        if (!view_equal(entry->stems[0], stem)) return;
        if (entry->word_count < group->typed_count || !is_typed(entry, tokens, at)) continue;
        if (entry->word_count > group->typed_count) group->other_count = 0;
        group->typed_count = entry->word_count;
        add_rule(group, key);
    }
}

/* ---- leaves ---- */

static revue_status add_alternative(struct synonym_group *group, struct plan_node *leaf) {
    uint64_t df = UINT64_MAX;
    for (uint32_t i = 0; i < leaf->word_count; i++)
        if (leaf->words[i].df < df) df = leaf->words[i].df;
    if (df > group->df) group->df = df;
    return planner_append(group->planner, &group->alternatives, leaf);
}

static revue_status resolve(struct synonym_group *group, struct view form, struct plan_word *word) {
    const struct token token = {.form = form};
    return bind_resolve(&group->planner->binder, &token, false, word);
}

static uint32_t count_single(const struct synonym_group *group) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < group->other_count; i++)
        count += group->others[i]->word_count == 1;
    return count;
}

/* The joined word is as frequent as the most frequent one in it. */
static revue_status note_df(struct synonym_group *group, struct plan_node *leaf, struct plan_word *word, uint64_t *most) {
    TRY(bind_lists(&group->planner->binder, word, &leaf->scoring));
    if (word->df > *most) *most = word->df;
    return REVUE_OK;
}

/* The word that was typed, if it is one, and all synonyms that are one word: any of their stems. */
static revue_status add_words(struct synonym_group *group) {
    struct planner *planner = group->planner;
    const uint32_t single_count = count_single(group);
    bool has_word = group->typed_count == 1;
    uint64_t df = 0;
    struct plan_node *leaf;
    if (!has_word && single_count == 0) return REVUE_OK;
    TRY(planner_create_leaf(planner, PLAN_WORD, group->ast, 1, &leaf));
    struct plan_word *word = &leaf->words[0];
    if (has_word) TRY(resolve(group, group->typed[0].form, word));
    if (has_word) TRY(note_df(group, leaf, word, &df));
    struct view *names = arena_alloc_array(planner->binder.arena, (size_t)single_count + 1, sizeof *names);
    if (!names) return error_no_memory(planner->binder.error);
    uint32_t name_count = 0;
    for (uint32_t i = 0; i < group->other_count; i++) {
        struct plan_word other;
        if (group->others[i]->word_count != 1) continue;
        TRY(resolve(group, group->others[i]->forms[0], &other));
        TRY(note_df(group, leaf, &other, &df));
        if (has_word)
            TRY(bind_join(&planner->binder, word, &other));
        else
            *word = other;
        has_word = true;
        names[name_count++] = group->others[i]->forms[0];
    }
    word->synonyms = names;
    word->synonym_count = name_count;
    word->df = 0;
    TRY(planner_bind_leaf(planner, leaf));
    word->df = df;
    return add_alternative(group, leaf);
}

static revue_status add_phrase(struct synonym_group *group, const struct synonym_entry *entry) {
    struct plan_node *leaf;
    TRY(planner_create_leaf(group->planner, PLAN_PHRASE, group->ast, entry->word_count, &leaf));
    for (uint32_t i = 0; i < entry->word_count; i++)
        TRY(resolve(group, entry->forms[i], &leaf->words[i]));
    TRY(planner_bind_leaf(group->planner, leaf));
    return add_alternative(group, leaf);
}

/* One idf: a synonym is worth what the group is. */
static void share_idf(struct synonym_group *group) {
    const double idf = scoring_idf(group->planner->binder.searcher->reviews, group->df);
    for (uint32_t i = 0; i < group->alternatives.count; i++) {
        group->alternatives.nodes[i]->group_df = group->df;
        group->alternatives.nodes[i]->idf = idf;
    }
}

/* ---- the group ---- */

static revue_status add_typed_words(struct synonym_group *group, struct node_list *list) {
    for (uint32_t i = 0; i < group->typed_count; i++)
        TRY(planner_add_word(group->planner, group->ast, &group->typed[i], list));
    return REVUE_OK;
}

static revue_status add_any(struct synonym_group *group, struct node_list *list) {
    struct node_list lists[ROLE_COUNT] = {0};
    struct plan_node *any;
    lists[SHOULD] = group->alternatives;
    TRY(planner_make_boolean(group->planner, lists, &any));
    return planner_append(group->planner, list, any);
}

/* Where all words must match, several that were typed are one way to match among others. */
static revue_status add_several(struct synonym_group *group, bool all, struct node_list *list) {
    struct node_list typed[ROLE_COUNT] = {0};
    struct plan_node *together;
    group->planner->plan->has_choice = true;
    if (!all) TRY(add_typed_words(group, list));
    for (uint32_t i = 0; !all && i < group->alternatives.count; i++)
        TRY(planner_append(group->planner, list, group->alternatives.nodes[i]));
    if (!all) return REVUE_OK;
    TRY(add_typed_words(group, &typed[MUST]));
    TRY(planner_make_boolean(group->planner, typed, &together));
    TRY(planner_append(group->planner, &group->alternatives, together));
    return add_any(group, list);
}

/* A group that is one leaf counts again when it is said again, as a word does. */
static revue_status add_group(struct synonym_group *group, bool all, struct node_list *list) {
    if (group->typed_count > 1) return add_several(group, all, list);
    if (group->alternatives.count == 1) return planner_append_word(group->planner, group->alternatives.nodes[0], list);
    return add_any(group, list);
}

revue_status planner_add_synonyms(struct planner *planner, const struct ast_node *ast, const struct tokens *tokens,
                                  size_t at, bool all, struct node_list *list, uint32_t *taken) {
    struct synonym_group group = {.planner = planner, .ast = ast, .typed = &tokens->items[at], .typed_count = 1};
    *taken = 0;
    if (ast->exact || planner->synonyms->count == 0) return REVUE_OK;
    find_group(planner->synonyms, tokens, at, &group);
    if (group.other_count == 0) return REVUE_OK;
    TRY(add_words(&group));
    for (uint32_t i = 0; i < group.other_count; i++)
        if (group.others[i]->word_count > 1) TRY(add_phrase(&group, group.others[i]));
    share_idf(&group);
    *taken = group.typed_count;
    return add_group(&group, all, list);
}

/* ---- words side by side ---- */

/* A word that nobody typed (similar.c) has no place in a text, and so none beside it. */
static bool is_bare(const struct ast_item *item, const struct ast_node *first, enum ast_occurrence occurrence) {
    const struct ast_node *node = item->node;
    return node->kind == AST_WORD && node->end > node->start && !node->exact && planner_is_text(node) &&
           node->field == first->field && node->boost == first->boost && item->occurrence == occurrence;
}

static bool is_blank_between(struct view before, struct view after) {
    const char *at = before.data + before.size;
    if (at >= after.data) return false;
    while (at < after.data && (unsigned char)*at <= ' ')
        at++;
    return at == after.data;
}

size_t planner_word_run(const struct planner *planner, const struct ast_node *list, size_t from) {
    const struct ast_item *first = &list->items[from];
    size_t count = 1;
    if (planner->synonyms->longest < 2 || !is_bare(first, first->node, first->occurrence)) return 1;
    while (from + count < list->count && is_bare(&list->items[from + count], first->node, first->occurrence) &&
           is_blank_between(list->items[from + count - 1].node->text, list->items[from + count].node->text))
        count++;
    return count;
}
