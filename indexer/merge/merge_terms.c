/* merge_terms.c - the dictionary of stems: k-way over the inputs, stem by stem.
 *
 * Which forms may be listed: masks of an input tell its listed forms apart, and hold all others in one bit. A form can have
 * a number in the merged stem only when every input that has the stem either lists it or does not hold it at all, which its
 * FORMS tells when it has more forms than are listed. All other forms are "other" from then on. Of those that may, the
 * three that occur in most live reviews are listed, as a flush does: the counts come from the masks, in a pass of their own
 * over the lists, which stems of one form are spared. */
#include "indexer/merge/merge_heap.h"
#include "indexer/merge/merge_internal.h"

#include "indexer/base/memory.h"

#define CANDIDATES_MAX (MERGE_INPUTS_MAX * FORMS_LISTED)

/* A form that some input lists. */
struct candidate {
    struct view form;
    bool may_be_listed;
    uint8_t number;   /* in the merged stem */
    uint32_t reviews; /* live, any field; over the inputs that list it */
};
struct stem_merge {
    struct merge *merge;
    postings_merger *postings;
    terms_writer *writer;
    struct merge_heap heap;
    struct view stem;
    uint32_t inputs[MERGE_INPUTS_MAX]; /* those that have the stem */
    uint32_t input_count;
    struct candidate candidates[CANDIDATES_MAX];
    uint32_t candidate_count;
    uint16_t candidate_of[MERGE_INPUTS_MAX][FORMS_LISTED]; /* by place in inputs and form number there */
    uint8_t masks[MERGE_INPUTS_MAX][16];
    bool has_other;   /* some input has more forms than it lists */
    bool has_deleted; /* some posting goes */
    bool is_counted;  /* candidates and other_reviews are */
    uint32_t other_reviews, reviews, df;
    uint32_t listed[FORMS_LISTED]; /* candidates, by number */
    uint32_t listed_count;
};

static const struct merge_input *input_at(const struct stem_merge *stem, uint32_t i) {
    return &stem->merge->inputs[stem->inputs[i]];
}

/* ---- candidates ---- */

static uint32_t find_candidate(struct stem_merge *stem, struct view form) {
    uint32_t at = 0;
    while (at < stem->candidate_count && !view_equal(stem->candidates[at].form, form))
        at++;
    if (at == stem->candidate_count)
        stem->candidates[stem->candidate_count++] =
            (struct candidate){.form = form, .may_be_listed = true, .number = FORM_OTHER};
    return at;
}

static void collect_candidates(struct stem_merge *stem) {
    stem->candidate_count = 0;
    stem->has_other = false;
    for (uint32_t i = 0; i < stem->input_count; i++) {
        const struct term_entry *term = &input_at(stem, i)->term;
        stem->has_other |= term->has_more_forms;
        for (unsigned form = 0; form < term->form_count; form++)
            stem->candidate_of[i][form] = (uint16_t)find_candidate(stem, term->forms[form]);
    }
}

static bool lists(const struct term_entry *term, struct view form) {
    for (unsigned i = 0; i < term->form_count; i++)
        if (view_equal(term->forms[i], form)) return true;
    return false;
}

/* Whether the input holds the form under this stem, in any language. */
static revue_status holds_form(const struct merge_input *input, struct view form, struct view stem, bool *holds,
                               revue_error *error) {
    forms_reader *forms;
    struct form_entry entry;
    *holds = false;
    TRY(segment_forms(input->segment, &forms, error));
    revue_status status = forms_reader_find(forms, form, &entry, error);
    if (status == REVUE_NO_MATCH) return REVUE_OK;
    TRY(status);
    for (uint32_t i = 0; i < entry.pair_count; i++)
        *holds |= view_equal(entry.pairs[i].stem, stem);
    return REVUE_OK;
}

static revue_status rule_out_hidden(struct stem_merge *stem, revue_error *error) {
    for (uint32_t i = 0; i < stem->input_count; i++) {
        const struct merge_input *input = input_at(stem, i);
        for (uint32_t at = 0; input->term.has_more_forms && at < stem->candidate_count; at++) {
            struct candidate *candidate = &stem->candidates[at];
            bool is_hidden;
            if (!candidate->may_be_listed || lists(&input->term, candidate->form)) continue;
            TRY(holds_form(input, candidate->form, stem->stem, &is_hidden, error));
            candidate->may_be_listed = !is_hidden;
        }
    }
    return REVUE_OK;
}

/* ---- counting ---- */

/* Without deleted reviews the dictionary knows some counts: df, and that of an only form when no author has it. */
static bool counts_are_known(const struct stem_merge *stem, const struct merge_input *input) {
    if (input->deletes.deleted > 0) return false;
    if (!stem->is_counted) return true;
    return input->term.form_count == 1 && !input->term.has_more_forms && !(input->term.fields >> FIELD_AUTHOR & 1);
}

static revue_status count_input(struct stem_merge *stem, uint32_t i, revue_error *error) {
    const struct merge_input *input = input_at(stem, i);
    struct posting_counts counts = {.reviews = input->term.df, .df = input->term.df, .forms = {input->term.df}};
    if (!counts_are_known(stem, input)) TRY(postings_merger_count(stem->postings, input, &input->term, &counts, error));
    stem->df += counts.df;
    stem->reviews += counts.reviews;
    stem->other_reviews += counts.forms[FORM_OTHER];
    stem->has_deleted |= counts.has_deleted;
    for (unsigned form = 0; form < input->term.form_count; form++)
        stem->candidates[stem->candidate_of[i][form]].reviews += counts.forms[form];
    return REVUE_OK;
}

static revue_status count_reviews(struct stem_merge *stem, revue_error *error) {
    stem->df = stem->reviews = stem->other_reviews = 0;
    stem->has_deleted = false;
    stem->is_counted = stem->candidate_count != 1 || stem->has_other; /* no candidate: every form is another one */
    for (uint32_t i = 0; i < stem->input_count; i++)
        stem->is_counted |= input_at(stem, i)->deletes.deleted > 0;
    for (uint32_t i = 0; i < stem->input_count; i++)
        TRY(count_input(stem, i, error));
    return REVUE_OK;
}

/* ---- numbers ---- */

static bool is_listed_before(const struct candidate *a, const struct candidate *b) {
    return a->reviews != b->reviews ? a->reviews > b->reviews : view_compare(a->form, b->form) < 0;
}

static void list_candidate(struct stem_merge *stem, uint32_t at) {
    uint32_t place = stem->listed_count < FORMS_LISTED ? stem->listed_count++ : FORMS_LISTED;
    for (; place > 0; place--) {
        uint32_t before = stem->listed[place - 1];
        if (!is_listed_before(&stem->candidates[at], &stem->candidates[before])) break;
        if (place < FORMS_LISTED) stem->listed[place] = before;
    }
    if (place < FORMS_LISTED) stem->listed[place] = at;
}

static void number_forms(struct stem_merge *stem) {
    stem->listed_count = 0;
    for (uint32_t at = 0; at < stem->candidate_count; at++) {
        const struct candidate *candidate = &stem->candidates[at];
        if (candidate->may_be_listed && (candidate->reviews > 0 || !stem->is_counted)) list_candidate(stem, at);
    }
    for (uint32_t number = 0; number < stem->listed_count; number++)
        stem->candidates[stem->listed[number]].number = (uint8_t)number;
    for (uint32_t at = 0; at < stem->candidate_count; at++)
        if (stem->candidates[at].number == FORM_OTHER) stem->other_reviews += stem->candidates[at].reviews;
}

/* What the masks of each input become; 0 for a mask that names a form the input does not have. */
static void map_masks(struct stem_merge *stem) {
    for (uint32_t i = 0; i < stem->input_count; i++) {
        const struct term_entry *term = &input_at(stem, i)->term;
        unsigned known = (1u << term->form_count) - 1, bits[FORMS_LISTED + 1] = {0};
        if (term->has_more_forms) known |= 1u << FORM_OTHER;
        bits[FORM_OTHER] = 1u << FORM_OTHER;
        for (unsigned form = 0; form < term->form_count; form++)
            bits[form] = 1u << stem->candidates[stem->candidate_of[i][form]].number;
        for (unsigned mask = 0; mask < 16; mask++) {
            unsigned mapped = 0;
            for (unsigned form = 0; form <= FORMS_LISTED; form++)
                if (mask >> form & 1) mapped |= bits[form];
            stem->masks[i][mask] = (mask & ~known) == 0 ? (uint8_t)mapped : 0;
        }
    }
}

/* ---- a stem ---- */

static revue_status keep_record(struct stem_merge *stem, bool is_gone, revue_error *error) {
    bool is_plain = stem->candidate_count == 1 && !stem->has_other && !stem->has_deleted;
    if (is_plain) return REVUE_OK;
    struct stem_record record = {.has_more_forms = stem->other_reviews > 0, .reviews = stem->reviews};
    record.form_count = is_gone ? 0 : (uint8_t)stem->listed_count;
    for (uint32_t number = 0; number < record.form_count; number++) {
        record.forms[number] = stem->candidates[stem->listed[number]].form;
        record.form_reviews[number] = stem->candidates[stem->listed[number]].reviews;
    }
    return stem_records_add(stem->merge, stem->stem, &record, error);
}

static revue_status merge_stem(struct stem_merge *stem, revue_error *error) {
    struct term_entry entry = {.stem = stem->stem};
    collect_candidates(stem);
    if (stem->has_other) TRY(rule_out_hidden(stem, error));
    TRY(count_reviews(stem, error));
    number_forms(stem);
    map_masks(stem);
    entry.df = stem->df;
    entry.form_count = (uint8_t)stem->listed_count;
    entry.has_more_forms = stem->other_reviews > 0;
    for (uint32_t number = 0; number < stem->listed_count; number++)
        entry.forms[number] = stem->candidates[stem->listed[number]].form;
    TRY(postings_merger_write(stem->postings, stem->inputs, stem->input_count, (const uint8_t(*)[16])stem->masks, &entry,
                              error));
    TRY(keep_record(stem, entry.fields == 0, error));
    return entry.fields == 0 ? REVUE_OK : terms_writer_add(stem->writer, &entry, error);
}

/* ---- all stems ---- */

/* Puts the input into the heap under its next stem, if it has one. */
static revue_status enter(struct stem_merge *stem, uint32_t index, revue_error *error) {
    struct merge_input *input = &stem->merge->inputs[index];
    revue_status status = terms_reader_next(input->terms, &input->term, error);
    if (status == REVUE_NO_MATCH) return REVUE_OK;
    TRY(status);
    merge_heap_push(&stem->heap, input->term.stem, index);
    return REVUE_OK;
}

static revue_status merge_all(struct stem_merge *stem, revue_error *error) {
    struct merge *merge = stem->merge;
    for (uint32_t i = 0; i < merge->input_count; i++) {
        TRY(segment_terms(merge->inputs[i].segment, &merge->inputs[i].terms, error));
        TRY(enter(stem, i, error));
    }
    while (stem->heap.count > 0) {
        stem->input_count = merge_heap_pop_equal(&stem->heap, &stem->stem, stem->inputs);
        TRY(merge_stem(stem, error));
        for (uint32_t i = 0; i < stem->input_count; i++)
            TRY(enter(stem, stem->inputs[i], error));
        TRY(merge_poll(merge, error));
    }
    TRY(terms_writer_finish(stem->writer, &merge->meta.term_count, error));
    return postings_merger_finish(stem->postings, error);
}

revue_status merge_terms(struct merge *merge, revue_error *error) {
    struct stem_merge *stem = memory_alloc_zeroed(1, sizeof *stem);
    revue_status status;
    if (!stem) return error_no_memory(error);
    stem->merge = merge;
    TRY_DONE(postings_merger_create(&stem->postings, merge, error));
    TRY_DONE(terms_writer_create(&stem->writer, merge->sink, error));
    TRY_DONE(merge_all(stem, error));
done:
    postings_merger_free(stem->postings);
    terms_writer_free(stem->writer);
    memory_free(stem);
    return status;
}
