/* merge_forms.c - the dictionary of forms: k-way over the inputs, form by form.
 *
 * The numbers of forms were settled stem by stem, in merge_terms; here they come form by form. What was settled is kept in
 * between, packed, for the stems of which it is not plain: those of several forms, and those that lost a review. They grow
 * as a vocabulary does (28,000 of the 116,000 stems of 100,000 film reviews), far slower than the reviews.
 *
 * Counts of reviews are exact where masks could tell them: for a listed form that has the stem in one language. Other
 * counts are the sums of the inputs', exact as long as no review was deleted, and never more than the stem has reviews. */
#include "indexer/merge/merge_heap.h"
#include "indexer/merge/merge_internal.h"

#include "indexer/base/hash.h"
#include "indexer/base/memory.h"

/* ---- records of stems ---- */

struct stem_records {
    struct bytes packed;
    uint64_t *offsets; /* of record i in packed */
    size_t count, capacity;
    uint64_t *slots; /* open addressing: 32 bits of hash in the upper half, index + 1 in the lower; 0 is free */
    size_t mask;
};

#define FIRST_SLOTS 1024u

static void place(uint64_t *slots, size_t mask, uint64_t slot) {
    size_t at = (size_t)(slot >> 32) & mask;
    while (slots[at])
        at = (at + 1) & mask;
    slots[at] = slot;
}

static bool reserve(struct stem_records *records) {
    if (records->slots && records->count * 8 < (records->mask + 1) * 5) return true;
    size_t size = records->slots ? (records->mask + 1) * 2 : FIRST_SLOTS;
    uint64_t *grown = memory_alloc_zeroed(size, sizeof *grown);
    if (!grown) return false;
    for (size_t i = 0; records->slots && i <= records->mask; i++)
        if (records->slots[i]) place(grown, size - 1, records->slots[i]);
    memory_free(records->slots);
    records->slots = grown;
    records->mask = size - 1;
    return true;
}

static void pack(struct bytes *out, struct view stem, const struct stem_record *record) {
    bytes_append_view(out, stem);
    bytes_append_u8(out, (uint8_t)(record->form_count | (record->has_more_forms ? 4 : 0)));
    bytes_append_varint(out, record->reviews);
    for (unsigned form = 0; form < record->form_count; form++) {
        bytes_append_view(out, record->forms[form]);
        bytes_append_varint(out, record->form_reviews[form]);
    }
}

/* Views are into packed. */
static void unpack(struct byte_reader *reader, struct stem_record *record) {
    unsigned flags = byte_reader_u8(reader);
    record->form_count = flags & 3;
    record->has_more_forms = (flags & 4) != 0;
    record->reviews = byte_reader_varint32(reader);
    for (unsigned form = 0; form < record->form_count; form++) {
        record->forms[form] = byte_reader_view(reader);
        record->form_reviews[form] = byte_reader_varint32(reader);
    }
}

revue_status stem_records_add(struct merge *merge, struct view stem, const struct stem_record *record, revue_error *error) {
    if (!merge->stems) merge->stems = memory_alloc_zeroed(1, sizeof *merge->stems);
    struct stem_records *records = merge->stems;
    if (!records || !reserve(records) || !MEMORY_RESERVE(records->offsets, records->capacity, records->count + 1))
        return error_no_memory(error);
    records->offsets[records->count] = records->packed.size;
    pack(&records->packed, stem, record);
    if (records->packed.failed) return error_no_memory(error);
    place(records->slots, records->mask, hash_view(stem) >> 32 << 32 | (uint32_t)++records->count);
    return REVUE_OK;
}

static bool find_record(const struct stem_records *records, struct view stem, struct stem_record *record) {
    if (!records) return false;
    uint64_t hash = hash_view(stem);
    size_t at = (size_t)(hash >> 32) & records->mask;
    for (uint64_t slot; (slot = records->slots[at]) != 0; at = (at + 1) & records->mask) {
        if (slot >> 32 != hash >> 32) continue;
        uint64_t offset = records->offsets[(uint32_t)slot - 1];
        struct byte_reader reader = byte_reader_of(records->packed.data + offset, records->packed.size - offset);
        if (!view_equal(byte_reader_view(&reader), stem)) continue;
        unpack(&reader, record);
        return true;
    }
    return false;
}

void stem_records_free(struct stem_records *records) {
    if (!records) return;
    bytes_free(&records->packed);
    memory_free(records->offsets);
    memory_free(records->slots);
    memory_free(records);
}

/* ---- a form ---- */

struct form_source {
    forms_reader *reader;
    struct form_entry entry; /* the next */
};
struct form_merge {
    struct merge *merge;
    struct form_source *sources; /* of each input */
    forms_writer *writer;
    struct merge_heap heap;
    uint32_t inputs[MERGE_INPUTS_MAX]; /* those that have the form */
    uint32_t input_count;
    struct form_entry entry;
};

static int compare_pairs(const struct form_pair *a, const struct form_pair *b) {
    if (a->language != b->language) return a->language < b->language ? -1 : 1;
    return view_compare(a->stem, b->stem);
}

static uint32_t add_capped(uint32_t a, uint32_t b, uint32_t most) {
    uint64_t sum = (uint64_t)a + b;
    return sum < most ? (uint32_t)sum : most;
}

/* Pairs ascend by language and stem. A language that has two stems for a form was indexed with two stemmers. */
static void add_pair(struct form_merge *form, const struct form_pair *pair) {
    struct form_entry *entry = &form->entry;
    uint32_t at = 0;
    while (at < entry->pair_count && compare_pairs(&entry->pairs[at], pair) < 0)
        at++;
    if (at < entry->pair_count && compare_pairs(&entry->pairs[at], pair) == 0) {
        entry->pairs[at].df = add_capped(entry->pairs[at].df, pair->df, form->merge->doc_count);
        return;
    }
    if (entry->pair_count == FORM_PAIRS_MAX) return;
    memmove(&entry->pairs[at + 1], &entry->pairs[at], (entry->pair_count - at) * sizeof *pair);
    entry->pairs[at] = *pair;
    entry->pair_count++;
}

static bool stem_has_one_language(const struct form_entry *entry, struct view stem) {
    unsigned languages = 0;
    for (uint32_t i = 0; i < entry->pair_count; i++)
        languages += view_equal(entry->pairs[i].stem, stem);
    return languages == 1;
}

/* Gives the pair its number and count; false when no live review holds the form under this stem any more. */
static bool settle_pair(const struct form_merge *form, struct form_pair *pair) {
    struct stem_record record;
    pair->form_number = 0;
    if (!find_record(form->merge->stems, pair->stem, &record)) return true;
    unsigned number = 0;
    while (number < record.form_count && !view_equal(record.forms[number], form->entry.form))
        number++;
    bool is_listed = number < record.form_count;
    if (!is_listed && !record.has_more_forms) return false;
    uint32_t most = is_listed ? record.form_reviews[number] : record.reviews;
    pair->form_number = (uint8_t)(is_listed ? number : FORM_OTHER);
    if (pair->df > most || (is_listed && stem_has_one_language(&form->entry, pair->stem))) pair->df = most;
    return true;
}

static revue_status merge_form(struct form_merge *form, revue_error *error) {
    struct form_entry *entry = &form->entry;
    struct form_entry settled;
    entry->pair_count = 0;
    for (uint32_t i = 0; i < form->input_count; i++) {
        const struct form_entry *from = &form->sources[form->inputs[i]].entry;
        for (uint32_t at = 0; at < from->pair_count; at++)
            add_pair(form, &from->pairs[at]);
    }
    settled.form = entry->form;
    settled.pair_count = 0;
    for (uint32_t at = 0; at < entry->pair_count; at++) {
        struct form_pair pair = entry->pairs[at];
        if (settle_pair(form, &pair)) settled.pairs[settled.pair_count++] = pair;
    }
    return settled.pair_count > 0 ? forms_writer_add(form->writer, &settled, error) : REVUE_OK;
}

/* ---- all forms ---- */

static revue_status enter(struct form_merge *form, uint32_t index, revue_error *error) {
    struct form_source *source = &form->sources[index];
    revue_status status = forms_reader_next(source->reader, &source->entry, error);
    if (status == REVUE_NO_MATCH) return REVUE_OK;
    TRY(status);
    merge_heap_push(&form->heap, source->entry.form, index);
    return REVUE_OK;
}

static revue_status merge_all(struct form_merge *form, revue_error *error) {
    struct merge *merge = form->merge;
    for (uint32_t i = 0; i < merge->input_count; i++) {
        TRY(forms_reader_open(&form->sources[i].reader, merge->read, merge->inputs[i].row.number, error));
        TRY(enter(form, i, error));
    }
    while (form->heap.count > 0) {
        form->input_count = merge_heap_pop_equal(&form->heap, &form->entry.form, form->inputs);
        TRY(merge_form(form, error));
        for (uint32_t i = 0; i < form->input_count; i++)
            TRY(enter(form, form->inputs[i], error));
        TRY(merge_poll(merge, error));
    }
    return forms_writer_finish(form->writer, &merge->meta.form_count, error);
}

revue_status merge_forms(struct merge *merge, revue_error *error) {
    struct form_merge *form = memory_alloc_zeroed(1, sizeof *form);
    revue_status status;
    if (!form) return error_no_memory(error);
    form->merge = merge;
    form->sources = memory_alloc_zeroed(merge->input_count, sizeof *form->sources);
    TRY_DONE(form->sources ? REVUE_OK : error_no_memory(error));
    TRY_DONE(forms_writer_create(&form->writer, merge->sink, error));
    TRY_DONE(merge_all(form, error));
done:
    for (uint32_t i = 0; form->sources && i < merge->input_count; i++)
        forms_reader_close(form->sources[i].reader);
    memory_free(form->sources);
    forms_writer_free(form->writer);
    memory_free(form);
    return status;
}
