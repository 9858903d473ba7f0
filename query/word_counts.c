/* word_counts.c - see word_counts.h. */
#include "query/word_counts.h"

typedef revue_status (*count_call)(struct segment *segment, struct view word, uint64_t *reviews, revue_error *error);

static revue_status count_everywhere(revue_searcher *searcher, struct view word, count_call count, uint64_t *reviews,
                                     revue_error *error) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < searcher->segment_count; i++) {
        uint64_t some;
        TRY(count(searcher->segments[i].segment, word, &some, error));
        sum += some;
    }
    *reviews = sum;
    return REVUE_OK;
}

/* Under several stems a form stands in different reviews, or is counted twice in a few. */
uint64_t word_counts_of_form(const struct form_entry *entry) {
    uint64_t reviews = 0;
    for (uint32_t i = 0; i < entry->pair_count; i++)
        reviews += entry->pairs[i].df;
    return reviews;
}

static revue_status count_form_in(struct segment *segment, struct view form, uint64_t *reviews, revue_error *error) {
    forms_reader *forms;
    struct form_entry entry;
    *reviews = 0;
    TRY(segment_forms(segment, &forms, error));
    revue_status status = forms_reader_find(forms, form, &entry, error);
    if (status == REVUE_OK) *reviews = word_counts_of_form(&entry);
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

revue_status word_counts_form(revue_searcher *searcher, struct view form, uint64_t *reviews, revue_error *error) {
    return count_everywhere(searcher, form, count_form_in, reviews, error);
}

revue_status word_counts_stem_in(struct segment *segment, struct view stem, uint64_t *reviews, revue_error *error) {
    terms_reader *terms;
    struct term_entry entry;
    *reviews = 0;
    TRY(segment_terms(segment, &terms, error));
    revue_status status = terms_reader_find(terms, stem, &entry, error);
    if (status != REVUE_OK) return status == REVUE_NO_MATCH ? REVUE_OK : status;
    *reviews = entry.df;
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (field != FIELD_AUTHOR && entry.fields >> field & 1 && entry.lists[field].df > *reviews)
            *reviews = entry.lists[field].df;
    return REVUE_OK;
}

revue_status word_counts_stem(revue_searcher *searcher, struct view stem, uint64_t *reviews, revue_error *error) {
    return count_everywhere(searcher, stem, word_counts_stem_in, reviews, error);
}
