/* plan.c - see plan.h. Words are analysed as the indexer analyses texts; what the index holds decides the stems (a form is
 * looked up first, and stemmed only when no segment knows it). */
#include "query/plan/plan.h"

#include "indexer/format/scoring.h"

#include <stdio.h>
#include <string.h>

const struct query_field plan_fields[] = {
    {{"title", 5}, QUERY_FIELD_TEXT},   {{"body", 4}, QUERY_FIELD_TEXT},     {{"product", 7}, QUERY_FIELD_TEXT},
    {{"author", 6}, QUERY_FIELD_TEXT},  {{"rating", 6}, QUERY_FIELD_NUMBER}, {{"stars", 5}, QUERY_FIELD_NUMBER},
    {{"votes", 5}, QUERY_FIELD_NUMBER}, {{"date", 4}, QUERY_FIELD_DATE},     {{"lang", 4}, QUERY_FIELD_KEYWORD},
    {{"tags", 4}, QUERY_FIELD_KEYWORD}, {{"id", 2}, QUERY_FIELD_KEYWORD},
};
const size_t plan_field_count = sizeof plan_fields / sizeof *plan_fields;

struct planner {
    struct plan *plan;
    revue_searcher *searcher;
    const struct plan_options *options;
    struct arena *arena;
    revue_error *error;
    uint32_t leaf_capacity;
    double boost; /* of the groups around */
};

/* ---- words ---- */

static revue_status add_stem(struct planner *planner, struct view stems[WORD_STEMS_MAX], uint32_t *count,
                             struct view stem) {
    for (uint32_t i = 0; i < *count; i++)
        if (view_equal(stems[i], stem)) return REVUE_OK;
    if (*count == WORD_STEMS_MAX) return REVUE_OK;
    char *copy = arena_copy(planner->arena, stem.data, stem.size);
    if (!copy) return error_no_memory(planner->error);
    stems[(*count)++] = view_of(copy, stem.size);
    return REVUE_OK;
}

static revue_status find_form(struct planner *planner, uint32_t segment, struct view form, struct form_entry *entry) {
    forms_reader *forms;
    TRY(segment_forms(planner->searcher->segments[segment].segment, &forms, planner->error));
    return forms_reader_find(forms, form, entry, planner->error);
}

/* The stems of a form in all segments; a form nobody knows has the one its token came with. */
static revue_status stems_of(struct planner *planner, const struct token *token, struct view stems[WORD_STEMS_MAX],
                             uint32_t *count) {
    struct form_entry entry;
    *count = 0;
    for (uint32_t segment = 0; segment < planner->searcher->segment_count; segment++) {
        revue_status status = find_form(planner, segment, token->form, &entry);
        if (status == REVUE_NO_MATCH) continue;
        TRY(status);
        for (uint32_t i = 0; i < entry.pair_count; i++)
            TRY(add_stem(planner, stems, count, entry.pairs[i].stem));
    }
    return *count ? REVUE_OK : add_stem(planner, stems, count, token->stem);
}

static uint64_t df_of(const struct term_entry *entry, const struct field_scoring *scoring) {
    uint64_t df = 0;
    unsigned searched = 0;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        if (scoring->weight[field] <= 0 || !(entry->fields >> field & 1)) continue;
        searched++;
        if (entry->lists[field].df > df) df = entry->lists[field].df;
    }
    return searched > 1 && entry->df > df ? entry->df : df;
}

/* The lists of a stem in one segment; df of a word by form comes from FORMS instead. */
static revue_status bind_stem(struct planner *planner, struct plan_word *word, uint32_t segment, struct view stem,
                              uint8_t form_number, const struct field_scoring *scoring) {
    terms_reader *terms;
    struct term_entry entry;
    TRY(segment_terms(planner->searcher->segments[segment].segment, &terms, planner->error));
    revue_status status = terms_reader_find(terms, stem, &entry, planner->error);
    if (status == REVUE_NO_MATCH) return REVUE_OK;
    TRY(status);
    struct segment_word *in = &word->in[segment];
    if (in->stem_count == WORD_STEMS_MAX) return REVUE_OK;
    struct term_entry_lists *lists = &in->stems[in->stem_count++];
    *lists = (struct term_entry_lists){.stem = stem, .fields = entry.fields, .form_number = form_number};
    memcpy(lists->lists, entry.lists, sizeof lists->lists);
    if (!word->by_form) word->df += df_of(&entry, scoring);
    return REVUE_OK;
}

static revue_status bind_by_form(struct planner *planner, struct plan_word *word, const struct field_scoring *scoring) {
    for (uint32_t segment = 0; segment < planner->searcher->segment_count; segment++) {
        struct form_entry entry;
        revue_status status = find_form(planner, segment, word->form, &entry);
        if (status == REVUE_NO_MATCH) continue;
        TRY(status);
        for (uint32_t i = 0; i < entry.pair_count; i++) {
            char *stem = arena_copy(planner->arena, entry.pairs[i].stem.data, entry.pairs[i].stem.size);
            if (!stem) return error_no_memory(planner->error);
            word->df += entry.pairs[i].df;
            TRY(bind_stem(planner, word, segment, view_of(stem, entry.pairs[i].stem.size), entry.pairs[i].form_number,
                          scoring));
        }
    }
    return REVUE_OK;
}

static revue_status bind_word(struct planner *planner, struct plan_word *word, const struct token *token, bool by_form,
                              const struct field_scoring *scoring) {
    *word = (struct plan_word){.form = token->form, .by_form = by_form};
    word->in = arena_alloc_array(planner->arena, (size_t)planner->searcher->segment_count + 1, sizeof *word->in);
    if (!word->in) return error_no_memory(planner->error);
    memset(word->in, 0, ((size_t)planner->searcher->segment_count + 1) * sizeof *word->in);
    if (by_form) {
        TRY(bind_by_form(planner, word, scoring));
    } else {
        TRY(stems_of(planner, token, word->stems, &word->stem_count));
        for (uint32_t segment = 0; segment < planner->searcher->segment_count; segment++)
            for (uint32_t i = 0; i < word->stem_count; i++)
                TRY(bind_stem(planner, word, segment, word->stems[i], FORM_ANY, scoring));
    }
    if (word->df > planner->searcher->reviews) word->df = planner->searcher->reviews;
    return REVUE_OK;
}

/* ---- leaves ---- */

static void set_scoring(const struct planner *planner, const struct query_field *field, struct field_scoring *scoring) {
    *scoring = (struct field_scoring){.k1 = planner->options->k1, .b = planner->options->b};
    for (unsigned number = 0; number < FIELD_COUNT; number++) {
        static const char *const names[FIELD_COUNT] = {"body", "title", "product", "author"};
        double weight = planner->options->weights[number];
        bool is_named = field && view_equal(field->name, view_of_string(names[number]));
        scoring->average[number] = planner->searcher->average[number];
        scoring->weight[number] = !field ? weight : !is_named ? 0 : weight > 0 ? weight : 1;
    }
}

static revue_status add_leaf(struct planner *planner, struct plan_node *leaf) {
    struct plan *plan = planner->plan;
    if (plan->leaf_count == planner->leaf_capacity) {
        uint32_t capacity = planner->leaf_capacity ? planner->leaf_capacity * 2 : 16;
        struct plan_node **grown = arena_alloc_array(planner->arena, capacity, sizeof *grown);
        if (!grown) return error_no_memory(planner->error);
        if (plan->leaf_count) memcpy(grown, plan->leaves, plan->leaf_count * sizeof *grown);
        plan->leaves = grown;
        planner->leaf_capacity = capacity;
    }
    plan->leaves[plan->leaf_count++] = leaf;
    return REVUE_OK;
}

static revue_status make_leaf(struct planner *planner, enum plan_kind kind, const struct token *tokens, uint32_t count,
                              bool by_form, const struct ast_node *ast, struct plan_node **made) {
    struct plan_node *node = arena_alloc(planner->arena, sizeof *node);
    if (!node) return error_no_memory(planner->error);
    *node = (struct plan_node){.kind = kind,
                               .boost = planner->boost * ast->boost,
                               .word_count = count,
                               .slop = ast->kind == AST_PHRASE && ast->has_slop ? ast->slop : 0};
    node->words = arena_alloc_array(planner->arena, count, sizeof *node->words);
    if (!node->words) return error_no_memory(planner->error);
    set_scoring(planner, ast->field, &node->scoring);
    if (kind == PLAN_PHRASE && by_form) {
        node->forms = arena_alloc_array(planner->arena, count, sizeof *node->forms);
        if (!node->forms) return error_no_memory(planner->error);
    }
    for (uint32_t i = 0; i < count; i++) {
        TRY(bind_word(planner, &node->words[i], &tokens[i], by_form, &node->scoring));
        node->idf += scoring_idf(planner->searcher->reviews, node->words[i].df);
        if (node->forms) node->forms[i] = tokens[i].form;
    }
    TRY(add_leaf(planner, node));
    *made = node;
    return REVUE_OK;
}

static revue_status analyse(struct planner *planner, struct view text, struct tokens *tokens) {
    memset(tokens, 0, sizeof *tokens);
    return analyze_field(planner->searcher->stemmer, text, planner->searcher->language, planner->arena, tokens,
                         planner->error);
}

static revue_status not_executed(struct planner *planner, const struct ast_node *ast, const char *what) {
    revue_status status = error_set(planner->error, REVUE_USAGE, "%s cannot be searched for by this version", what);
    if (planner->error) planner->error->column = ast->start + 1;
    return status;
}

/* ---- nodes ---- */

struct node_list {
    struct plan_node **nodes;
    uint32_t count, capacity;
};

static revue_status append_node(struct planner *planner, struct node_list *list, struct plan_node *node) {
    if (list->count == list->capacity) {
        uint32_t capacity = list->capacity ? list->capacity * 2 : 8;
        struct plan_node **grown = arena_alloc_array(planner->arena, capacity, sizeof *grown);
        if (!grown) return error_no_memory(planner->error);
        if (list->count) memcpy(grown, list->nodes, list->count * sizeof *grown);
        list->nodes = grown;
        list->capacity = capacity;
    }
    list->nodes[list->count++] = node;
    return REVUE_OK;
}

static revue_status make_boolean(struct planner *planner, const struct node_list lists[3], struct plan_node **made) {
    struct plan_node *node = arena_alloc(planner->arena, sizeof *node);
    if (!node) return error_no_memory(planner->error);
    *node = (struct plan_node){.kind = PLAN_BOOLEAN,
                               .must = lists[0].nodes,
                               .must_count = lists[0].count,
                               .should = lists[1].nodes,
                               .should_count = lists[1].count,
                               .must_not = lists[2].nodes,
                               .must_not_count = lists[2].count};
    *made = node;
    return REVUE_OK;
}

/* By stem, two forms of one stem are the same word. */
static bool same_words(const struct plan_word *a, const struct plan_word *b) {
    if (a->by_form || a->stem_count != b->stem_count) return a->by_form == b->by_form && view_equal(a->form, b->form);
    for (uint32_t i = 0; i < a->stem_count; i++)
        if (!view_equal(a->stems[i], b->stems[i])) return false;
    return true;
}

/* A word said before in the same list counts once more instead of standing there twice. */
static bool merge_repeat(const struct node_list *list, const struct plan_node *leaf) {
    for (uint32_t i = 0; i < list->count; i++) {
        struct plan_node *other = list->nodes[i];
        if (other->kind != PLAN_WORD || leaf->kind != PLAN_WORD || other->words[0].by_form != leaf->words[0].by_form ||
            memcmp(other->scoring.weight, leaf->scoring.weight, sizeof leaf->scoring.weight) != 0)
            continue;
        if (!same_words(&other->words[0], &leaf->words[0])) continue;
        other->boost += leaf->boost;
        return true;
    }
    return false;
}

static revue_status plan_node_of(struct planner *planner, const struct ast_node *ast, struct plan_node **made);

/* The words of a text, each into the list; repeats are merged where they add up. */
static revue_status add_words(struct planner *planner, const struct ast_node *ast, struct node_list *list) {
    struct tokens tokens;
    TRY(analyse(planner, ast->text, &tokens));
    if (tokens.count > QUERY_PLAIN_WORDS_MAX) tokens.count = QUERY_PLAIN_WORDS_MAX;
    for (size_t i = 0; i < tokens.count; i++) {
        struct plan_node *leaf;
        uint32_t leaves = planner->plan->leaf_count;
        if (tokens.items[i].repeated) continue;
        TRY(make_leaf(planner, PLAN_WORD, &tokens.items[i], 1, ast->exact, ast, &leaf));
        if (merge_repeat(list, leaf))
            planner->plan->leaf_count = leaves;
        else
            TRY(append_node(planner, list, leaf));
    }
    return REVUE_OK;
}

static revue_status plan_phrase(struct planner *planner, const struct ast_node *ast, bool by_form,
                                struct plan_node **made) {
    struct tokens tokens;
    *made = NULL;
    TRY(analyse(planner, ast->text, &tokens));
    if (tokens.count == 0) return REVUE_OK;
    return make_leaf(planner, tokens.count == 1 ? PLAN_WORD : PLAN_PHRASE, tokens.items, (uint32_t)tokens.count, by_form,
                     ast, made);
}

static revue_status plan_words(struct planner *planner, const struct ast_node *ast, struct plan_node **made) {
    struct node_list lists[3] = {0};
    *made = NULL;
    if (ast->field && ast->field->kind != QUERY_FIELD_TEXT)
        return not_executed(planner, ast, "a field kept as keyword or number");
    if (ast->kind == AST_PHRASE && ast->exact && ast->field)
        return not_executed(planner, ast, "the whole value of a field (field:=\"...\")");
    if (ast->kind == AST_PHRASE) return plan_phrase(planner, ast, !ast->has_slop, made);
    TRY(add_words(planner, ast, &lists[0]));
    if (lists[0].count == 0) return REVUE_OK;
    if (lists[0].count == 1) {
        *made = lists[0].nodes[0];
        return REVUE_OK;
    }
    return make_boolean(planner, lists, made);
}

/* An item of words side by side: its words go into the list of its occurrence. */
static revue_status plan_list(struct planner *planner, const struct ast_node *ast, struct plan_node **made) {
    struct node_list lists[3] = {0};
    uint32_t should_items = 0;
    for (size_t i = 0; i < ast->count; i++) {
        enum ast_occurrence occurrence = ast->items[i].occurrence;
        const struct ast_node *item = ast->items[i].node;
        bool is_must = occurrence == AST_MUST || (occurrence == AST_SHOULD && planner->options->all);
        struct node_list *list = &lists[occurrence == AST_MUST_NOT ? 2 : is_must ? 0 : 1];
        uint32_t leaves = planner->plan->leaf_count;
        if (item->kind == AST_WORD && occurrence != AST_MUST_NOT &&
            (!item->field || item->field->kind == QUERY_FIELD_TEXT)) {
            uint32_t before = list->count;
            TRY(add_words(planner, item, list));
            should_items += occurrence == AST_SHOULD ? list->count - before : 0;
            continue;
        }
        struct plan_node *node;
        TRY(plan_node_of(planner, item, &node));
        if (occurrence == AST_MUST_NOT) planner->plan->leaf_count = leaves; /* what must not match scores nothing */
        if (!node) continue;
        TRY(append_node(planner, list, node));
        should_items += occurrence == AST_SHOULD;
    }
    planner->plan->has_choice |=
        should_items > 1 || (should_items > 0 && lists[0].count > (planner->options->all ? should_items : 0));
    *made = NULL;
    if (lists[0].count + lists[1].count + lists[2].count == 0) return REVUE_OK;
    return make_boolean(planner, lists, made);
}

static revue_status plan_operator(struct planner *planner, const struct ast_node *ast, struct plan_node **made) {
    struct node_list lists[3] = {0};
    *made = NULL;
    for (size_t i = 0; i < ast->count; i++) {
        const struct ast_node *item = ast->items[i].node;
        struct plan_node *node;
        uint32_t leaves = planner->plan->leaf_count;
        bool is_not = ast->kind == AST_NOT || (ast->kind == AST_AND && item->kind == AST_NOT);
        TRY(plan_node_of(planner, is_not && item->kind == AST_NOT ? item->items[0].node : item, &node));
        if (is_not) planner->plan->leaf_count = leaves;
        if (node) TRY(append_node(planner, &lists[is_not ? 2 : ast->kind == AST_AND ? 0 : 1], node));
    }
    if (lists[0].count + lists[1].count + lists[2].count == 0) return REVUE_OK;
    return make_boolean(planner, lists, made);
}

static revue_status plan_group(struct planner *planner, const struct ast_node *ast, struct plan_node **made) {
    double around = planner->boost;
    planner->boost *= ast->boost;
    revue_status status = ast->kind == AST_LIST ? plan_list(planner, ast, made) : plan_operator(planner, ast, made);
    planner->boost = around;
    return status;
}

static revue_status plan_node_of(struct planner *planner, const struct ast_node *ast, struct plan_node **made) {
    switch (ast->kind) {
    case AST_WORD:
    case AST_PHRASE: return plan_words(planner, ast, made);
    case AST_LIST:
    case AST_AND:
    case AST_OR:
    case AST_NOT: return plan_group(planner, ast, made);
    case AST_PREFIX: return not_executed(planner, ast, "the beginning of a word (pre*)");
    case AST_WILDCARD: return not_executed(planner, ast, "a pattern (w?ld*)");
    case AST_FUZZY: return not_executed(planner, ast, "a fuzzy word (fuzy~)");
    case AST_RANGE: return not_executed(planner, ast, "a range of numbers or dates");
    }
    return error_set(planner->error, REVUE_BUG, "a query node of an unknown kind");
}

static void choose_unit(struct plan *plan) {
    double sum = 0;
    for (uint32_t i = 0; i < plan->leaf_count; i++)
        sum += plan->leaves[i]->boost * plan->leaves[i]->idf;
    plan->unit = 1.0 / (double)(1 << SCORING_UNIT_BITS);
    while (sum / plan->unit >= 2147483647.0)
        plan->unit *= 2;
    for (uint32_t i = 0; i < plan->leaf_count; i++)
        plan->leaves[i]->scale = plan->leaves[i]->boost * plan->leaves[i]->idf / plan->unit;
}

revue_status plan_make(struct plan *plan, revue_searcher *searcher, const struct query *query,
                       const struct plan_options *options, struct arena *arena, revue_error *error) {
    struct planner planner = {
        .plan = plan, .searcher = searcher, .options = options, .arena = arena, .error = error, .boost = 1};
    memset(plan, 0, sizeof *plan);
    if (options->phrase) { /* plain text is analysed whole: markup may span blanks */
        struct ast_node phrase = {.kind = AST_PHRASE, .boost = 1, .text = query->text, .has_slop = true};
        TRY(plan_phrase(&planner, &phrase, false, &plan->root));
    } else if (options->plain) {
        struct ast_node word = {.kind = AST_WORD, .boost = 1, .text = query->text};
        struct ast_item item = {AST_SHOULD, &word};
        struct ast_node list = {.kind = AST_LIST, .boost = 1, .items = &item, .count = 1};
        TRY(plan_node_of(&planner, &list, &plan->root));
    } else {
        TRY(plan_node_of(&planner, query->root, &plan->root));
    }
    choose_unit(plan);
    return REVUE_OK;
}

/* ---- cursors ---- */

static struct cursor *node_cursor(const struct plan_node *node, const struct leaf_context *context, uint32_t segment);

static struct cursor **child_cursors(struct plan_node *const *nodes, uint32_t count, const struct leaf_context *context,
                                     uint32_t segment) {
    struct cursor **cursors = arena_alloc_array(context->arena, (size_t)count + 1, sizeof *cursors);
    for (uint32_t i = 0; cursors && i < count; i++)
        if (!(cursors[i] = node_cursor(nodes[i], context, segment))) return NULL;
    return cursors;
}

static struct cursor *boolean_cursor(const struct plan_node *node, const struct leaf_context *context, uint32_t segment) {
    struct cursor **must = child_cursors(node->must, node->must_count, context, segment);
    struct cursor **should = child_cursors(node->should, node->should_count, context, segment);
    struct cursor **must_not = child_cursors(node->must_not, node->must_not_count, context, segment);
    uint32_t must_count = node->must_count;
    if (!must || !should || !must_not) return NULL;
    if (must_count + node->should_count == 0 && !(must[must_count++] = cursor_all_create(context))) return NULL;
    return cursor_boolean_create(context, must, must_count, should, node->should_count, must_not, node->must_not_count);
}

static struct cursor *node_cursor(const struct plan_node *node, const struct leaf_context *context, uint32_t segment) {
    if (node->kind == PLAN_BOOLEAN) return boolean_cursor(node, context, segment);
    if (node->kind == PLAN_WORD)
        return cursor_term_create(context, &node->words[0].in[segment], &node->scoring, node->scale,
                                  node->words[0].by_form ? node->words[0].form : view_of(NULL, 0));
    struct segment_word *words = arena_alloc_array(context->arena, node->word_count, sizeof *words);
    if (!words) return NULL;
    for (uint32_t i = 0; i < node->word_count; i++)
        words[i] = node->words[i].in[segment];
    return cursor_phrase_create(context, words, node->word_count, &node->scoring, node->scale, node->slop, node->forms);
}

struct cursor *plan_cursor(const struct plan *plan, const struct leaf_context *context, uint32_t segment) {
    return plan->root ? node_cursor(plan->root, context, segment) : cursor_none_create(context);
}
