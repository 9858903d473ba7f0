/* check_forms.c - the dictionary of forms walked in order: every stem that a form leads to is in TERMS, and knows the form
 * by the number that the form gives. That TERMS lists no form which is not here is seen by check_terms.c. */
#include "indexer/check/check.h"

struct forms_walk {
    struct check *check;
    struct check_segment *segment;
    terms_reader *terms;
    uint8_t before[FORM_MAX];
    size_t before_size;
    struct form_entry entry;
    struct term_entry term; /* looked up */
};

static const char *wrong_number(const struct forms_walk *walk, const struct form_pair *pair) {
    const struct term_entry *term = &walk->term;
    if (pair->form_number == FORM_OTHER) {
        for (unsigned i = 0; i < term->form_count; i++)
            if (view_equal(term->forms[i], walk->entry.form)) return "calls it other, though the term lists it";
        return term->has_more_forms ? NULL : "calls it other, though the term has no other forms";
    }
    if (pair->form_number >= term->form_count) return "has a number that the term does not list";
    if (!view_equal(term->forms[pair->form_number], walk->entry.form)) return "has the number of another form of the term";
    return NULL;
}

static revue_status check_pair(struct forms_walk *walk, const struct form_pair *pair, revue_error *error) {
    const char *wrong = NULL;
    revue_status status = terms_reader_find(walk->terms, pair->stem, &walk->term, error);
    if (status != REVUE_OK && status != REVUE_NO_MATCH) return status;
    if (status == REVUE_NO_MATCH)
        wrong = "is not in TERMS";
    else if (pair->language >= LANGUAGE_COUNT)
        wrong = "has a language that there is not";
    else if (pair->df == 0 || pair->df > walk->segment->row->doc_count)
        wrong = "counts no reviews, or more than there are";
    else
        wrong = wrong_number(walk, pair);
    if (wrong)
        check_fault(walk->check, "segment %u, form \"%.*s\": its stem \"%.*s\" %s", walk->segment->row->number,
                    (int)walk->entry.form.size, walk->entry.form.data, (int)pair->stem.size, pair->stem.data, wrong);
    return REVUE_OK;
}

static revue_status walk_forms(struct forms_walk *walk, forms_reader *forms, revue_error *error) {
    struct form_entry *entry = &walk->entry;
    revue_status status;
    while ((status = forms_reader_next(forms, entry, error)) == REVUE_OK) {
        if (view_compare(view_of(walk->before, walk->before_size), entry->form) >= 0)
            return error_set(error, REVUE_CORRUPT, "form \"%.*s\" is not behind the one before", (int)entry->form.size,
                             entry->form.data);
        memcpy(walk->before, entry->form.data, entry->form.size);
        walk->before_size = entry->form.size;
        for (uint32_t i = 0; i < entry->pair_count; i++)
            TRY(check_pair(walk, &entry->pairs[i], error));
    }
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

revue_status check_forms(struct check *check, struct check_segment *segment, revue_error *error) {
    struct forms_walk walk = {.check = check, .segment = segment};
    forms_reader *forms = NULL;
    revue_status status;
    TRY_DONE(check_dictionary(check, segment, KIND_FORMS, segment->segment->meta.form_count, error));
    TRY_DONE(forms_reader_open(&forms, check->txn, segment->row->number, error));
    TRY_DONE(terms_reader_open(&walk.terms, check->txn, segment->row->number, error));
    TRY_DONE(walk_forms(&walk, forms, error));
done:
    forms_reader_close(forms);
    terms_reader_close(walk.terms);
    return status;
}
