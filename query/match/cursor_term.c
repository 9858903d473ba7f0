/* cursor_term.c - one word: the union of its posting lists over stems and fields, scored as BM25F. */
#include "query/match/cursor.h"

#include "indexer/format/scoring.h"
#include "query/match/field_text.h"
#include "query/match/list_cursor.h"

struct term_cursor {
    struct cursor cursor;
    struct segment *segment;
    struct list_cursor *lists;
    uint32_t list_count;
    struct field_scoring scoring;
    double scale;
    struct view exact_form;
    struct field_text text; /* for forms the masks do not decide */
};

/* Occurrences of the word in the field of the review the list stands on; 0 when the exact form is not among them. */
static uint32_t list_frequency(struct term_cursor *term, struct list_cursor *list) {
    struct postings_reader *reader = &list->reader;
    revue_error *error = &term->cursor.failure->error;
    revue_status status = reader->has_frequencies ? REVUE_OK : postings_reader_frequencies(reader, error);
    if (status == REVUE_OK && list->form_number != FORM_ANY && !reader->has_masks)
        status = postings_reader_masks(reader, error);
    uint32_t frequency = status == REVUE_OK ? reader->frequencies[list->index] : 0;
    if (status == REVUE_OK && list->form_number != FORM_ANY) {
        uint8_t mask = reader->masks[list->index], bit = (uint8_t)(1u << list->form_number);
        if (!(mask & bit)) return 0;
        if (mask != bit || list->form_number == FORM_OTHER) /* other forms are there too: the text tells how often */
            status =
                field_text_count(&term->text, term->segment, list->doc, list->field, term->exact_form, &frequency, error);
    }
    if (status != REVUE_OK) {
        cursor_fail(&term->cursor, status);
        return 0;
    }
    return frequency;
}

static bool stands_on_match(struct term_cursor *term) {
    if (term->exact_form.size == 0) return true;
    for (uint32_t i = 0; i < term->list_count; i++)
        if (term->lists[i].doc == term->cursor.doc && list_frequency(term, &term->lists[i]) > 0) return true;
    return false;
}

static void term_seek(struct cursor *cursor, uint32_t target) {
    struct term_cursor *term = (struct term_cursor *)cursor;
    for (;;) {
        uint32_t doc = DOC_END;
        for (uint32_t i = 0; i < term->list_count; i++) {
            list_cursor_seek(&term->lists[i], target, cursor->failure);
            if (term->lists[i].doc < doc) doc = term->lists[i].doc;
        }
        if (cursor->failure->status != REVUE_OK) doc = DOC_END;
        cursor->doc = doc;
        if (doc == DOC_END || stands_on_match(term)) return;
        target = doc + 1;
    }
}

static int32_t term_contribution(struct cursor *cursor) {
    struct term_cursor *term = (struct term_cursor *)cursor;
    uint32_t frequency[FIELD_COUNT] = {0}, length[FIELD_COUNT] = {0};
    for (uint32_t i = 0; i < term->list_count; i++) {
        struct list_cursor *list = &term->lists[i];
        if (list->doc != cursor->doc) continue;
        frequency[list->field] += list_frequency(term, list);
        revue_status status = lengths_get(&list->lengths, list->doc, &length[list->field], &cursor->failure->error);
        if (status != REVUE_OK) cursor_fail(cursor, status);
    }
    double x = 0;
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (frequency[field] > 0)
            x += scoring_field_value(term->scoring.weight[field], frequency[field],
                                     scoring_norm(term->scoring.b, length[field], term->scoring.average[field]));
    return x > 0 ? scoring_contribution(term->scale, x, term->scoring.k1) : 0;
}

static void term_close(struct cursor *cursor) {
    struct term_cursor *term = (struct term_cursor *)cursor;
    for (uint32_t i = 0; i < term->list_count; i++)
        list_cursor_close(&term->lists[i]);
    field_text_free(&term->text);
}

static const struct cursor_methods term_methods = {term_seek, term_contribution, term_close};

struct cursor *cursor_term_create(const struct leaf_context *context, const struct segment_word *word,
                                  const struct field_scoring *scoring, double scale, struct view exact_form) {
    struct term_cursor *term = arena_alloc(context->arena, sizeof *term);
    struct list_cursor *lists = arena_alloc_array(context->arena, word->stem_count * FIELD_COUNT + 1, sizeof *lists);
    if (!term || !lists) return NULL;
    *term = (struct term_cursor){.cursor = {&term_methods, context->failure, CURSOR_BEFORE, 0},
                                 .segment = context->segment,
                                 .lists = lists,
                                 .scoring = *scoring,
                                 .scale = scale,
                                 .exact_form = exact_form};
    field_text_init(&term->text, context->stemmer);
    for (uint32_t stem = 0; stem < word->stem_count; stem++)
        for (unsigned field = 0; field < FIELD_COUNT; field++) {
            if (!(word->stems[stem].fields >> field & 1) || scoring->weight[field] <= 0) continue;
            struct list_cursor *list = &lists[term->list_count++];
            term->cursor.cost += word->stems[stem].lists[field].df;
            list_cursor_open(list, context->segment, (enum review_field)field, &word->stems[stem], context->failure);
        }
    return &term->cursor;
}
