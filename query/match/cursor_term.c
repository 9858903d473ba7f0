/* cursor_term.c - one word: the union of its posting lists over stems and fields, scored as BM25F.
 *
 * A pattern may have a hundred lists and more, of which few stand on any one review: they are kept in a heap by the review
 * they stand on, and only those on the review at hand are asked about it. */
#include "query/match/cursor.h"

#include "indexer/format/scoring.h"
#include "query/match/field_text.h"
#include "query/match/list_cursor.h"

#include <string.h>

struct term_cursor {
    struct cursor cursor;
    struct segment *segment;
    struct list_cursor *lists;
    uint32_t list_count;
    struct list_cursor **heap, **standing; /* unless is_plain; standing: the lists on the review at hand, */
    uint32_t *places, standing_count;      /* and where they are in the heap */
    bool is_heaped;
    struct field_scoring scoring;
    double scale;
    uint32_t form_count;  /* 0: any form */
    bool counts_forms;    /* only occurrences of the forms count */
    const int32_t *least; /* as in leaf_context */
    int32_t others;
    bool is_plain;          /* any form of one stem: at most one list a field, fields ascending */
    struct field_text text; /* for forms the masks do not decide */
};

/* ---- frequencies ---- */

static bool has_text_of(const struct term_cursor *term, enum review_field field) {
    return term->segment->meta.has_text || field > FIELD_TITLE;
}

static uint32_t text_frequency(struct term_cursor *term, enum review_field field) {
    uint32_t frequency = 0;
    revue_status status =
        field_text_count(&term->text, term->segment, term->cursor.doc, field, &frequency, &term->cursor.failure->error);
    if (status != REVUE_OK) cursor_fail(&term->cursor, status);
    return frequency;
}

/* Occurrences of the forms in a field. Each list that stands on the review may know it by its mask; where one does
 * not, the text tells, for all of them at once. */
static uint32_t form_frequency(struct term_cursor *term, enum review_field field) {
    uint32_t frequency = 0;
    bool is_mixed = false;
    for (uint32_t i = 0; i < term->standing_count; i++) {
        struct list_cursor *list = term->standing[i];
        if (list->field != field) continue;
        const enum form_presence presence = list_cursor_form(list, term->cursor.failure);
        is_mixed |= presence == FORM_AMONG_OTHERS || presence == FORM_MAY_BE_THERE;
        if (presence == FORM_ALONE || presence == FORM_AMONG_OTHERS)
            frequency += list_cursor_frequency(list, term->cursor.failure);
    }
    return is_mixed && has_text_of(term, field) ? text_frequency(term, field) : frequency;
}

/* A listed form is there when its mask says so; only one among the others has to be looked for. */
static bool stands_on_match(struct term_cursor *term) {
    bool may_match = false;
    for (uint32_t i = 0; i < term->standing_count; i++) {
        const enum form_presence presence = list_cursor_form(term->standing[i], term->cursor.failure);
        if (presence == FORM_ALONE || presence == FORM_AMONG_OTHERS) return true;
        may_match |= presence == FORM_MAY_BE_THERE;
    }
    for (uint32_t i = 0; i < term->standing_count && may_match; i++)
        if (has_text_of(term, term->standing[i]->field) && text_frequency(term, term->standing[i]->field) > 0) return true;
    return false;
}

static double value_of(const struct term_cursor *term, enum review_field field, uint32_t frequency, uint32_t length) {
    return scoring_field_value(term->scoring.weight[field], frequency,
                               scoring_norm(term->scoring.b, length, term->scoring.average[field]));
}

/* A form does not occur more often than its stem. False: the review stays below what matters, whatever the text says. */
static bool may_matter(struct term_cursor *term) {
    struct cursor_failure *failure = term->cursor.failure;
    uint32_t frequency[FIELD_COUNT] = {0}, length[FIELD_COUNT] = {0};
    double x = 0;
    if (!term->least || *term->least == INT32_MIN) return true;
    for (uint32_t i = 0; i < term->standing_count; i++) {
        struct list_cursor *list = term->standing[i];
        frequency[list->field] += list_cursor_frequency(list, failure);
        length[list->field] = list_cursor_length(list, failure);
    }
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (frequency[field] > 0) x += value_of(term, (enum review_field)field, frequency[field], length[field]);
    return failure->status != REVUE_OK ||
           scoring_contribution_most(term->scale, x, term->scoring.k1) >= *term->least - term->others;
}

/* ---- reviews ---- */

static void sift_down(struct list_cursor **heap, uint32_t count, uint32_t at) {
    struct list_cursor *moved = heap[at];
    for (uint32_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && heap[child + 1]->doc < heap[child]->doc) child++;
        if (heap[child]->doc >= moved->doc) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

/* The lists on the first review: the top of the heap, and from there on those that stand where their parents do. */
static void gather_standing(struct term_cursor *term) {
    const uint32_t doc = term->heap[0]->doc, count = term->list_count;
    term->standing_count = 0;
    if (doc == DOC_END) return;
    term->places[0] = 0;
    term->standing[term->standing_count++] = term->heap[0];
    for (uint32_t i = 0; i < term->standing_count; i++)
        for (uint32_t child = 2 * term->places[i] + 1; child <= 2 * term->places[i] + 2 && child < count; child++) {
            if (term->heap[child]->doc != doc) continue;
            term->places[term->standing_count] = child;
            term->standing[term->standing_count++] = term->heap[child];
        }
}

static void make_heap(struct term_cursor *term, uint32_t target) {
    term->is_heaped = true;
    for (uint32_t i = 0; i < term->list_count; i++) {
        term->heap[i] = &term->lists[i];
        list_cursor_seek(term->heap[i], target, term->cursor.failure);
    }
    for (uint32_t i = term->list_count / 2 + 1; i-- > 0;)
        if (i < term->list_count) sift_down(term->heap, term->list_count, i);
}

/* The first review at or after target that any list holds. */
static uint32_t seek_heap(struct term_cursor *term, uint32_t target) {
    if (term->list_count == 0) return DOC_END;
    if (!term->is_heaped) make_heap(term, target);
    while (term->heap[0]->doc < target) {
        list_cursor_seek(term->heap[0], target, term->cursor.failure);
        sift_down(term->heap, term->list_count, 0);
    }
    gather_standing(term);
    return term->heap[0]->doc;
}

static uint32_t seek_lists(struct term_cursor *term, uint32_t target) {
    uint32_t doc = DOC_END;
    for (uint32_t i = 0; i < term->list_count; i++) {
        list_cursor_seek(&term->lists[i], target, term->cursor.failure);
        if (term->lists[i].doc < doc) doc = term->lists[i].doc;
    }
    return doc;
}

static void term_seek(struct cursor *cursor, uint32_t target) {
    struct term_cursor *term = (struct term_cursor *)cursor;
    for (;;) {
        uint32_t doc = term->is_plain ? seek_lists(term, target) : seek_heap(term, target);
        if (cursor->failure->status != REVUE_OK) doc = DOC_END;
        cursor->doc = doc;
        if (doc == DOC_END || term->form_count == 0) return;
        if (may_matter(term) && stands_on_match(term)) return;
        target = doc + 1;
    }
}

/* ---- scores ---- */

/* A plain word knows its few lists without. */
static void gather_plain(struct term_cursor *term) {
    term->standing_count = 0;
    for (uint32_t i = 0; i < term->list_count; i++)
        if (term->lists[i].doc == term->cursor.doc) term->standing[term->standing_count++] = &term->lists[i];
}

/* Several lists of one field add their frequencies before anything is worked out of them. */
static void term_evidence(struct cursor *cursor, struct leaf_evidence *evidence) {
    struct term_cursor *term = (struct term_cursor *)cursor;
    memset(evidence, 0, sizeof *evidence);
    if (term->is_plain) gather_plain(term);
    for (uint32_t i = 0; i < term->standing_count; i++) {
        struct list_cursor *list = term->standing[i];
        evidence->length[list->field] = list_cursor_length(list, cursor->failure);
        if (!term->counts_forms) evidence->frequency[list->field] += list_cursor_frequency(list, cursor->failure);
    }
    for (unsigned field = 0; field < FIELD_COUNT && term->counts_forms; field++)
        evidence->frequency[field] = form_frequency(term, (enum review_field)field);
}

static double value_of_lists(struct term_cursor *term) {
    struct leaf_evidence evidence;
    double x = 0;
    term_evidence(&term->cursor, &evidence);
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (evidence.frequency[field] > 0)
            x += value_of(term, (enum review_field)field, evidence.frequency[field], evidence.length[field]);
    return x;
}

static double value_of_one_stem(struct term_cursor *term) {
    double x = 0;
    for (uint32_t i = 0; i < term->list_count; i++) {
        struct list_cursor *list = &term->lists[i];
        if (list->doc != term->cursor.doc) continue;
        const uint32_t frequency = list_cursor_frequency(list, term->cursor.failure);
        x += value_of(term, list->field, frequency, list_cursor_length(list, term->cursor.failure));
    }
    return x;
}

static int32_t term_contribution(struct cursor *cursor) {
    struct term_cursor *term = (struct term_cursor *)cursor;
    const double x = term->is_plain ? value_of_one_stem(term) : value_of_lists(term);
    if (__builtin_expect(cursor->failure->status != REVUE_OK, 0)) cursor_fail(cursor, cursor->failure->status);
    /* A damaged length of 0 can make it infinite. */
    return x > 0 && x < INFINITY ? scoring_contribution(term->scale, x, term->scoring.k1) : 0;
}

static void term_close(struct cursor *cursor) {
    struct term_cursor *term = (struct term_cursor *)cursor;
    for (uint32_t i = 0; i < term->list_count; i++)
        list_cursor_close(&term->lists[i]);
    field_text_free(&term->text);
}

static const struct cursor_methods term_methods = {term_seek, term_contribution, term_close, term_evidence};

/* ---- creation ---- */

static void open_lists(struct term_cursor *term, const struct leaf_context *context, const struct segment_word *word) {
    for (uint32_t stem = 0; stem < word->stem_count; stem++)
        for (unsigned field = 0; field < FIELD_COUNT; field++) {
            if (!(word->stems[stem].fields >> field & 1) || term->scoring.weight[field] <= 0) continue;
            term->cursor.cost += word->stems[stem].lists[field].df;
            list_cursor_open(&term->lists[term->list_count++], context->segment, (enum review_field)field,
                             &word->stems[stem], context->failure);
        }
}

struct cursor *cursor_term_create(const struct leaf_context *context, const struct segment_word *word,
                                  const struct field_scoring *scoring, double scale, const struct view *forms,
                                  uint32_t form_count) {
    struct term_cursor *term = arena_alloc(context->arena, sizeof *term);
    struct list_cursor *lists = arena_alloc_array(context->arena, word->stem_count * FIELD_COUNT + 1, sizeof *lists);
    struct list_cursor **heap = arena_alloc_array(context->arena, 2 * (word->stem_count * FIELD_COUNT + 1), sizeof *heap);
    uint32_t *places = arena_alloc_array(context->arena, word->stem_count * FIELD_COUNT + 1, sizeof *places);
    if (!term || !lists || !heap || !places) return NULL;
    *term = (struct term_cursor){.cursor = {&term_methods, context->failure, CURSOR_BEFORE, 0},
                                 .segment = context->segment,
                                 .lists = lists,
                                 .heap = heap,
                                 .standing = heap + word->stem_count * FIELD_COUNT + 1,
                                 .places = places,
                                 .scoring = *scoring,
                                 .scale = scale,
                                 .form_count = form_count,
                                 .counts_forms = form_count > 0 && !word->counts_stems,
                                 .least = context->least,
                                 .others = context->others,
                                 .is_plain = word->stem_count <= 1 && form_count == 0};
    field_text_init(&term->text, context->stemmer);
    field_text_look_for(&term->text, forms, NULL, form_count, context->arena);
    open_lists(term, context, word);
    return &term->cursor;
}
