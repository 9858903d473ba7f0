/* check_terms.c - the dictionary of stems walked in order: df, forms, where the lists lie, champions, and the totals that
 * all lists add up to.
 *
 * Every piece of a stem must begin where the one before it ended, over all stems and streams: so the streams are covered
 * without a hole, and no list is read twice. */
#include "indexer/check/check.h"

#define UNION_FIELDS (1u << FIELD_BODY | 1u << FIELD_TITLE | 1u << FIELD_PRODUCT)

struct terms_walk {
    struct check *check;
    struct check_segment *segment;
    struct check_lists *lists;
    forms_reader *forms;
    uint64_t postings, positions, skips; /* where the next piece must begin */
    uint8_t before[FORM_MAX];
    size_t before_size;
    struct form_entry form; /* looked up */
};

#define STEM(entry) (int)(entry)->stem.size, (entry)->stem.data

static uint32_t number_of(const struct terms_walk *walk) {
    return walk->segment->row->number;
}

/* ---- where pieces lie ---- */

static void check_piece(struct terms_walk *walk, const struct term_entry *entry, const char *stream, uint64_t address,
                        uint64_t size, uint64_t *next) {
    if (size > 0 && address != *next)
        check_fault(walk->check, "segment %u, term \"%.*s\": its bytes in %s begin at %llu, those before it end at %llu",
                    number_of(walk), STEM(entry), stream, (unsigned long long)address, (unsigned long long)*next);
    if (size > 0) *next = size <= UINT64_MAX - address ? address + size : UINT64_MAX;
}

static void check_addresses(struct terms_walk *walk, const struct term_entry *entry) {
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        const struct posting_list *list = &entry->lists[field];
        if (!(entry->fields >> field & 1) || list->is_inline) continue;
        check_piece(walk, entry, "POSTINGS", list->postings, list->postings_bytes, &walk->postings);
        check_piece(walk, entry, "POSITIONS", list->positions, list->positions_bytes, &walk->positions);
        check_piece(walk, entry, "SKIPS", list->skips, list->skips_bytes, &walk->skips);
    }
    check_piece(walk, entry, "SKIPS", entry->champions, entry->champions_bytes, &walk->skips);
}

static void check_end(struct terms_walk *walk, const char *stream, enum segment_kind kind, uint64_t end) {
    uint64_t size = walk->segment->segment->meta.kinds[kind].bytes;
    if (end != size)
        check_fault(walk->check, "segment %u, %s: terms own %llu bytes of %llu", number_of(walk), stream,
                    (unsigned long long)end, (unsigned long long)size);
}

/* ---- forms ---- */

static bool has_pair(const struct form_entry *form, struct view stem, uint8_t number) {
    for (uint32_t i = 0; i < form->pair_count; i++)
        if (view_equal(form->pairs[i].stem, stem) && form->pairs[i].form_number == number) return true;
    return false;
}

/* Every form that is listed stands in FORMS, under this stem and number. */
static revue_status check_listed_forms(struct terms_walk *walk, const struct term_entry *entry, revue_error *error) {
    for (uint8_t number = 0; number < entry->form_count; number++) {
        struct view form = entry->forms[number];
        revue_status status = forms_reader_find(walk->forms, form, &walk->form, error);
        if (status != REVUE_OK && status != REVUE_NO_MATCH) return status;
        if (status == REVUE_OK && has_pair(&walk->form, entry->stem, number)) continue;
        check_fault(walk->check, "segment %u, term \"%.*s\": its form %u, \"%.*s\", is not in FORMS", number_of(walk),
                    STEM(entry), number, (int)form.size, form.data);
    }
    return REVUE_OK;
}

/* ---- one term ---- */

static bool ascends(struct terms_walk *walk, const struct term_entry *entry) {
    if (view_compare(view_of(walk->before, walk->before_size), entry->stem) >= 0) return false;
    memcpy(walk->before, entry->stem.data, entry->stem.size);
    walk->before_size = entry->stem.size;
    return true;
}

static revue_status check_term(struct terms_walk *walk, const struct term_entry *entry, revue_error *error) {
    uint32_t unioned = 0;
    check_addresses(walk, entry);
    TRY(check_lists_of(walk->lists, entry, &unioned, error));
    bool is_whole = check_lists_totals(walk->lists).is_whole;
    if (is_whole && entry->fields & UNION_FIELDS && unioned != entry->df)
        check_fault(walk->check, "segment %u, term \"%.*s\": df is %u, body, title and product hold it in %u reviews",
                    number_of(walk), STEM(entry), entry->df, unioned);
    if (is_whole) TRY(check_champions(walk->check, walk->segment, walk->lists, entry, unioned, error));
    return check_listed_forms(walk, entry, error);
}

/* ---- all of them ---- */

static void check_totals(struct terms_walk *walk) {
    const struct check_list_totals totals = check_lists_totals(walk->lists);
    const struct segment_meta *meta = &walk->segment->segment->meta;
    uint64_t tokens = 0;
    if (!totals.is_whole) return;
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        tokens += totals.tokens[field];
    if (totals.postings != meta->posting_count || tokens != meta->token_count)
        check_fault(walk->check, "segment %u: %llu postings of %llu tokens, META counts %llu of %llu", number_of(walk),
                    (unsigned long long)totals.postings, (unsigned long long)tokens,
                    (unsigned long long)meta->posting_count, (unsigned long long)meta->token_count);
    check_end(walk, "POSTINGS", KIND_POSTINGS, walk->postings);
    check_end(walk, "POSITIONS", KIND_POSITIONS, walk->positions);
    check_end(walk, "SKIPS", KIND_SKIPS, walk->skips);
}

/* What LENGTHS says of each review is what all lists together hold of it. */
static void check_counted(struct terms_walk *walk, unsigned field) {
    const struct check_segment *segment = walk->segment;
    uint32_t wrong = 0, first = 0;
    for (uint32_t doc = segment->row->doc_count; doc-- > 0;) {
        if (segment->counted[field][doc] == segment->lengths[field][doc]) continue;
        wrong++;
        first = doc;
    }
    if (wrong > 0)
        check_fault(walk->check,
                    "segment %u, %s: posting lists hold %u tokens of review %u, LENGTHS says %u (so of %u reviews)",
                    number_of(walk), check_field_name(field), segment->counted[field][first], first,
                    segment->lengths[field][first], wrong);
}

static revue_status walk_terms(struct terms_walk *walk, terms_reader *terms, revue_error *error) {
    struct term_entry entry;
    revue_status status;
    while ((status = terms_reader_next(terms, &entry, error)) == REVUE_OK) {
        if (!ascends(walk, &entry))
            return error_set(error, REVUE_CORRUPT, "term \"%.*s\" is not behind the one before", STEM(&entry));
        TRY(check_term(walk, &entry, error));
    }
    if (status != REVUE_NO_MATCH) return status;
    check_totals(walk);
    walk->segment->has_sums = check_lists_totals(walk->lists).is_whole;
    for (unsigned field = 0; walk->segment->has_sums && field < FIELD_COUNT; field++)
        check_counted(walk, field);
    return REVUE_OK;
}

revue_status check_terms(struct check *check, struct check_segment *segment, revue_error *error) {
    struct terms_walk walk = {.check = check, .segment = segment};
    terms_reader *terms = NULL;
    revue_status status;
    TRY_DONE(check_dictionary(check, segment, KIND_TERMS, segment->segment->meta.term_count, error));
    TRY_DONE(terms_reader_open(&terms, check->txn, segment->row->number, error));
    TRY_DONE(forms_reader_open(&walk.forms, check->txn, segment->row->number, error));
    TRY_DONE(check_lists_create(&walk.lists, check, segment, error));
    TRY_DONE(walk_terms(&walk, terms, error));
done:
    terms_reader_close(terms);
    forms_reader_close(walk.forms);
    check_lists_free(walk.lists);
    return status;
}
