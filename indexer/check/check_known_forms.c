/* check_known_forms.c - FORMS of a segment as a table in memory, from (form, language) to stem and form number, each pair
 * compared with what this build's stemmer makes of the form. So the texts of a segment are analysed without stemming a word
 * twice; and a segment that another stemmer made is known by its stems. */
#include "indexer/base/hash.h"
#include "indexer/base/memory.h"
#include "indexer/check/check_analysis.h"

#define LEAST_SLOTS 64u

static uint64_t key_of(struct view form, enum language language) {
    uint64_t key = hash_mix(hash_view(form), (uint64_t)language);
    return key ? key : 1;
}

/* The slot with this key, or the free one where it belongs. */
static struct check_known_form *slot_of(const struct check_known_forms *forms, uint64_t key) {
    size_t at = (size_t)(key >> 32) & forms->mask;
    while (forms->slots[at].key != 0 && forms->slots[at].key != key)
        at = (at + 1) & forms->mask;
    return &forms->slots[at];
}

struct check_known_form *check_known_form_find(const struct check_known_forms *forms, struct view form,
                                               enum language language) {
    struct check_known_form *slot = slot_of(forms, key_of(form, language));
    return slot->key != 0 ? slot : NULL;
}

void check_known_forms_free(struct check_known_forms *forms) {
    memory_free(forms->slots);
    forms->slots = NULL;
}

/* ---- reading ---- */

static revue_status know(struct check_known_forms *forms, stemmer *stemmers, const struct form_entry *entry, uint32_t index,
                         revue_error *error) {
    const struct form_pair *pair = &entry->pairs[index];
    enum language language = (enum language)pair->language;
    char stem[FORM_MAX];
    size_t size;
    unsigned same = 0;
    if (language >= LANGUAGE_COUNT) return REVUE_OK;
    TRY(stemmer_stem(stemmers, entry->form, language, stem, &size, error));
    forms->has_other_stems |= !view_equal(view_of(stem, size), pair->stem);
    for (uint32_t i = 0; i < entry->pair_count; i++)
        same += view_equal(entry->pairs[i].stem, pair->stem);
    uint64_t key = key_of(entry->form, language);
    *slot_of(forms, key) = (struct check_known_form){.key = key,
                                                     .stem_hash = hash_view(pair->stem),
                                                     .df = pair->df,
                                                     .number = pair->form_number,
                                                     .is_exact = pair->form_number != FORM_OTHER && same == 1};
    return REVUE_OK;
}

/* Counts the pairs; with slots to put them into, keeps them. */
static revue_status walk(struct check_known_forms *forms, forms_reader *reader, stemmer *stemmers, size_t *pairs,
                         revue_error *error) {
    struct form_entry entry;
    revue_status status = forms_reader_seek(reader, view_of("", 0), &entry, error);
    for (; status == REVUE_OK; status = forms_reader_next(reader, &entry, error)) {
        *pairs += entry.pair_count;
        for (uint32_t i = 0; forms->slots && i < entry.pair_count; i++)
            TRY(know(forms, stemmers, &entry, i, error));
    }
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

revue_status check_known_forms_read(struct check_known_forms *forms, store_txn *txn, uint32_t segment, stemmer *stemmers,
                                    revue_error *error) {
    forms_reader *reader = NULL;
    size_t pairs = 0, again = 0, slots = LEAST_SLOTS;
    revue_status status;
    TRY(forms_reader_open(&reader, txn, segment, error));
    TRY_DONE(walk(forms, reader, stemmers, &pairs, error));
    while (slots < pairs * 2)
        slots *= 2;
    forms->slots = memory_alloc_zeroed(slots, sizeof *forms->slots);
    if (!forms->slots) TRY_DONE(error_no_memory(error));
    forms->mask = slots - 1;
    TRY_DONE(walk(forms, reader, stemmers, &again, error));
done:
    forms_reader_close(reader);
    return status;
}
