/* explain.c - see explain.h. The cursors of the plan are run once more, at the review of the hit: what a leaf adds is what
 * its own cursor says it adds. A leaf inside an OR counts when the node it belongs to matches as a whole: in (a -b) OR c
 * the word a adds nothing to a review that has b and c. */
#include "query/result/explain.h"

#include "indexer/format/scoring.h"
#include "query/plan/plan_print.h"

#include <string.h>

#define DAY 86400.0

struct explaining {
    struct segment *segment;
    uint32_t segment_index, doc;
    stemmer *stemmer;
    struct arena *arena; /* of the result */
    struct cursor_failure failure;
    revue_explain *explain;
    revue_explain_term *terms;
    int64_t sum; /* units */
};

static revue_status out_of_memory(struct explaining *explaining) {
    return error_no_memory(&explaining->failure.error);
}

/* ---- names ---- */

/* The stems of a word, or the form that was asked for. */
static void append_word(struct bytes *name, const struct plan_word *word) {
    if (word->by_form) bytes_append(name, word->form.data, word->form.size);
    plan_print_stems(name, word);
}

static void append_phrase(struct bytes *name, const struct plan_node *leaf) {
    for (uint32_t i = 0; i < leaf->word_count; i++) {
        bytes_append_u8(name, i == 0 ? '"' : ' ');
        append_word(name, &leaf->words[i]);
    }
    bytes_append_u8(name, '"');
    if (!leaf->forms) bytes_append_format(name, "~%u", (unsigned)leaf->slop);
}

static revue_status name_leaf(struct explaining *explaining, const struct plan_node *leaf, const char **kept) {
    struct bytes name = {0};
    if (leaf->kind == PLAN_WORD && leaf->words[0].by_form) bytes_append_u8(&name, '=');
    if (leaf->kind == PLAN_WORD)
        append_word(&name, &leaf->words[0]);
    else
        append_phrase(&name, leaf);
    *kept = name.failed ? NULL : arena_copy(explaining->arena, name.data, name.size);
    bytes_free(&name);
    return *kept ? REVUE_OK : out_of_memory(explaining);
}

/* ---- one leaf ---- */

/* The fields in the order in which the scorer adds them up. */
static revue_status explain_fields(struct explaining *explaining, const struct field_scoring *scoring,
                                   const struct leaf_evidence *evidence, revue_explain_term *term) {
    revue_explain_field *fields = arena_alloc_array(explaining->arena, FIELD_COUNT, sizeof *fields);
    if (!fields) return out_of_memory(explaining);
    term->fields = fields;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        const uint32_t frequency = evidence->frequency[field], length = evidence->length[field];
        const double norm = scoring_norm(scoring->b, length, scoring->average[field]);
        if (frequency == 0) continue;
        double value = scoring_field_value(scoring->weight[field], frequency, norm);
        term->frequency += value;
        fields[term->field_count++] = (revue_explain_field){.field = plan_field_names[field],
                                                            .frequency = frequency,
                                                            .length = length,
                                                            .average = scoring->average[field],
                                                            .weight = scoring->weight[field],
                                                            .value = value};
    }
    return REVUE_OK;
}

static uint64_t df_of(const struct plan_node *leaf) {
    uint64_t df = leaf->words[0].df;
    for (uint32_t i = 1; i < leaf->word_count; i++)
        if (leaf->words[i].df < df) df = leaf->words[i].df;
    return df;
}

static revue_status explain_leaf(struct explaining *explaining, const struct plan_node *leaf, struct cursor *cursor) {
    revue_explain_term *term = &explaining->terms[explaining->explain->term_count];
    struct leaf_evidence evidence;
    const int32_t contribution = cursor_contribution(cursor);
    cursor->methods->evidence(cursor, &evidence);
    TRY(explaining->failure.status);
    *term = (revue_explain_term){
        .boost = leaf->boost, .idf = leaf->idf, .df = df_of(leaf), .score = contribution * explaining->explain->unit};
    TRY(name_leaf(explaining, leaf, &term->term));
    TRY(explain_fields(explaining, &leaf->scoring, &evidence, term));
    explaining->explain->term_count++;
    explaining->sum += contribution;
    return REVUE_OK;
}

/* ---- the tree ---- */

/* Sees whether the node matches the review, and explains it when it is a leaf. */
static revue_status visit(struct explaining *explaining, const struct plan_node *node, bool *matches) {
    struct arena arena = {0};
    struct leaf_context context = {
        .segment = explaining->segment, .arena = &arena, .failure = &explaining->failure, .stemmer = explaining->stemmer};
    struct cursor *cursor = plan_node_cursor(node, &context, explaining->segment_index);
    revue_status status = cursor ? REVUE_OK : out_of_memory(explaining);
    if (status == REVUE_OK) {
        cursor_seek(cursor, explaining->doc);
        *matches = cursor->doc == explaining->doc;
        status = explaining->failure.status;
    }
    bool is_leaf = node->kind == PLAN_WORD || node->kind == PLAN_PHRASE;
    if (status == REVUE_OK && *matches && is_leaf) status = explain_leaf(explaining, node, cursor);
    cursor_close(cursor);
    arena_free(&arena);
    return status;
}

static revue_status explain_node(struct explaining *explaining, const struct plan_node *node) {
    bool matches = false;
    TRY(visit(explaining, node, &matches));
    if (!matches || (node->kind != PLAN_BOOLEAN && node->kind != PLAN_SEVERAL)) return REVUE_OK;
    for (uint32_t i = 0; i < node->must_count; i++)
        TRY(explain_node(explaining, node->must[i]));
    for (uint32_t i = 0; i < node->should_count; i++)
        TRY(explain_node(explaining, node->should[i]));
    return REVUE_OK;
}

/* ---- the prior ---- */

static revue_status explain_prior(struct explaining *explaining, struct prior *prior, uint32_t *factor) {
    revue_explain *explain = explaining->explain;
    struct prior_value values[PRIOR_PARTS];
    revue_error *error = &explaining->failure.error;
    revue_explain_prior *parts = arena_alloc_array(explaining->arena, PRIOR_PARTS, sizeof *parts);
    if (!parts) return out_of_memory(explaining);
    TRY(prior_values(prior, explaining->segment_index, explaining->doc, values, error));
    TRY(prior_factor(prior, explaining->segment_index, explaining->doc, factor, error));
    explain->priors = parts;
    for (unsigned part = 0; part < PRIOR_PARTS; part++) {
        const double weight = prior->options.weights[part];
        if (!values[part].has) continue;
        parts[explain->prior_count++] = (revue_explain_prior){.column = prior_names[part],
                                                              .weight = weight,
                                                              .number = values[part].number / (part == PRIOR_AGE ? DAY : 1),
                                                              .x = values[part].x,
                                                              .factor = 1 + weight * values[part].x};
    }
    return REVUE_OK;
}

revue_status explain_fill(revue_hit *hit, const struct plan *plan, revue_searcher *searcher, struct prior *prior,
                          const struct candidate *candidate, struct arena *arena, revue_error *error) {
    struct explaining explaining = {.segment = searcher->segments[candidate->segment].segment,
                                    .segment_index = candidate->segment,
                                    .doc = candidate->doc,
                                    .stemmer = searcher->stemmer,
                                    .arena = arena,
                                    .explain = arena_alloc(arena, sizeof *explaining.explain)};
    uint32_t factor = PRIOR_ONE;
    explaining.terms = arena_alloc_array(arena, (size_t)plan->leaf_count + 1, sizeof *explaining.terms);
    if (!explaining.explain || !explaining.terms) return error_no_memory(error);
    *explaining.explain = (revue_explain){
        .unit = plan->unit, .k1 = plan->k1, .b = plan->b, .reviews = plan->reviews, .terms = explaining.terms};
    revue_status status = plan->root ? explain_node(&explaining, plan->root) : REVUE_OK;
    if (status == REVUE_OK && prior) status = explain_prior(&explaining, prior, &factor);
    if (status != REVUE_OK && error) *error = explaining.failure.error;
    if (status != REVUE_OK) return status;
    explaining.explain->relevance = (double)explaining.sum * plan->unit;
    explaining.explain->factor = (double)factor / PRIOR_ONE;
    explaining.explain->score = prior_apply((int32_t)explaining.sum, factor) * plan->unit;
    hit->explain = explaining.explain;
    return REVUE_OK;
}
