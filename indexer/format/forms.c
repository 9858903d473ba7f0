/* forms.c - the dictionary of forms: which stems a word as written leads to (FORMAT.md, 6.2).
 *
 * A query resolves its words here before it asks a stemmer, and patterns and misspellings are expanded over it. Nearly
 * every form has one stem; the same letters in two languages may have two. */
#include "indexer/format/dictionary_block.h"

#include "indexer/base/memory.h"

#define LEAST_PAIR 5u /* bytes: language, form number, shared, suffix size, df */

/* ---- writing ---- */

struct forms_writer {
    struct dictionary_writer blocks;
    struct bytes payload;
};

revue_status forms_writer_create(forms_writer **created, const struct segment_sink *sink, revue_error *error) {
    forms_writer *writer = memory_alloc_zeroed(1, sizeof *writer);
    if (!writer) return error_no_memory(error);
    dictionary_writer_start(&writer->blocks, sink, KIND_FORMS);
    *created = writer;
    return REVUE_OK;
}

void forms_writer_free(forms_writer *writer) {
    if (!writer) return;
    dictionary_writer_free(&writer->blocks);
    bytes_free(&writer->payload);
    memory_free(writer);
}

/* By language; a language stands twice only where segments made with two stemmers were merged. */
static bool comes_before(const struct form_pair *a, const struct form_pair *b) {
    return a->language != b->language ? a->language < b->language : view_compare(a->stem, b->stem) < 0;
}

static bool entry_is_sound(const struct form_entry *entry) {
    if (entry->pair_count < 1 || entry->pair_count > FORM_PAIRS_MAX) return false;
    for (uint32_t i = 0; i < entry->pair_count; i++) {
        const struct form_pair *pair = &entry->pairs[i];
        if (pair->stem.size == 0 || pair->stem.size > FORM_MAX || pair->form_number > FORM_OTHER) return false;
        if (i > 0 && !comes_before(&entry->pairs[i - 1], pair)) return false;
    }
    return true;
}

revue_status forms_writer_add(forms_writer *writer, const struct form_entry *entry, revue_error *error) {
    if (!entry_is_sound(entry))
        return error_set(error, REVUE_BUG, "the stems of form \"%.*s\" are out of order", (int)entry->form.size,
                         entry->form.data);
    bytes_clear(&writer->payload);
    bytes_append_varint(&writer->payload, entry->pair_count);
    for (uint32_t i = 0; i < entry->pair_count; i++) {
        const struct form_pair *pair = &entry->pairs[i];
        bytes_append_u8(&writer->payload, pair->language);
        bytes_append_u8(&writer->payload, pair->form_number);
        dictionary_append_suffix(&writer->payload, entry->form, pair->stem);
        bytes_append_varint(&writer->payload, pair->df);
    }
    if (writer->payload.failed) return error_no_memory(error);
    return dictionary_writer_add(&writer->blocks, entry->form, view_of(NULL, 0), bytes_view(&writer->payload), error);
}

revue_status forms_writer_finish(forms_writer *writer, uint32_t *count, revue_error *error) {
    TRY(dictionary_writer_finish(&writer->blocks, error));
    *count = writer->blocks.count;
    return REVUE_OK;
}

/* ---- reading ---- */

struct forms_payload {
    struct form_entry entry;
    uint8_t stems[FORM_PAIRS_MAX][FORM_MAX];
};
struct forms_reader {
    struct dictionary_reader blocks;
    struct forms_payload payload;
};

static bool take_pair(struct forms_payload *forms, struct byte_reader *reader, struct view form, uint32_t number) {
    struct form_pair *pair = &forms->entry.pairs[number];
    size_t size;
    pair->language = byte_reader_u8(reader);
    pair->form_number = byte_reader_u8(reader);
    if (pair->form_number > FORM_OTHER || !dictionary_take_suffix(reader, form, forms->stems[number], &size)) return false;
    pair->stem = view_of(forms->stems[number], size);
    if (number > 0 && !comes_before(&pair[-1], pair)) return false;
    pair->df = dictionary_varint32(reader);
    return !reader->failed;
}

static bool pass_pair(struct byte_reader *reader, struct view form) {
    (void)byte_reader_u16(reader); /* language and form number */
    if (!dictionary_pass_suffix(reader, form.size)) return false;
    (void)dictionary_varint32(reader);
    return true;
}

static bool take_payload(void *context, struct byte_reader *reader, struct view form, bool is_restart, bool is_wanted) {
    struct forms_payload *forms = context;
    (void)is_restart;
    uint32_t count = dictionary_varint32(reader);
    if (reader->failed || count < 1 || count > FORM_PAIRS_MAX || byte_reader_left(reader) / LEAST_PAIR < count)
        return false;
    forms->entry.form = form;
    forms->entry.pair_count = count;
    for (uint32_t i = 0; i < count; i++)
        if (!(is_wanted ? take_pair(forms, reader, form, i) : pass_pair(reader, form))) return false;
    return true;
}

/* An entry has room for 32 pairs and nearly always holds one. */
static void entry_copy(struct form_entry *to, const struct form_entry *from) {
    to->form = from->form;
    to->pair_count = from->pair_count;
    memcpy(to->pairs, from->pairs, from->pair_count * sizeof *from->pairs);
}

revue_status forms_reader_open(forms_reader **opened, store_txn *txn, uint32_t segment, revue_error *error) {
    forms_reader *reader = memory_alloc_zeroed(1, sizeof *reader);
    if (!reader) return error_no_memory(error);
    revue_status status =
        dictionary_reader_open(&reader->blocks, txn, segment, KIND_FORMS, take_payload, &reader->payload, error);
    if (status != REVUE_OK) {
        memory_free(reader);
        return status;
    }
    *opened = reader;
    return REVUE_OK;
}

void forms_reader_close(forms_reader *reader) {
    if (!reader) return;
    dictionary_reader_close(&reader->blocks);
    memory_free(reader);
}

revue_status forms_reader_find(forms_reader *reader, struct view form, struct form_entry *entry, revue_error *error) {
    TRY(dictionary_reader_find(&reader->blocks, form, error));
    entry_copy(entry, &reader->payload.entry);
    return REVUE_OK;
}

revue_status forms_reader_seek(forms_reader *reader, struct view from, struct form_entry *entry, revue_error *error) {
    TRY(dictionary_reader_seek(&reader->blocks, from, error));
    entry_copy(entry, &reader->payload.entry);
    return REVUE_OK;
}

revue_status forms_reader_next(forms_reader *reader, struct form_entry *entry, revue_error *error) {
    TRY(dictionary_reader_next(&reader->blocks, error));
    entry_copy(entry, &reader->payload.entry);
    return REVUE_OK;
}

revue_status forms_block_check(struct view value, uint32_t *count, revue_error *error) {
    struct forms_payload payload = {0};
    return dictionary_block_check(value, KIND_FORMS, take_payload, &payload, count, error);
}
