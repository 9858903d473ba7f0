/* forms.c - the dictionary of forms: which stems a word as written leads to (FORMAT.md, 6.2).
 *
 * A query resolves its words here before it asks a stemmer, and patterns and misspellings are expanded over it. Nearly
 * every form has one stem; the same letters in two languages may have two. */
#include "indexer/format/dictionary_block.h"

#include "indexer/base/memory.h"

/* The head of a pair. */
#define HEAD_NUMBER 0x03u
#define HEAD_MORE 0x04u     /* another pair follows */
#define HEAD_LANGUAGE 0x08u /* it follows; else it is that of the pair before */
#define HEAD_ONE 0x10u      /* df is 1; else it follows */
#define STEM_SHIFT 5
#define STEM_CUT 5u      /* up to here: the form without so many of its last bytes */
#define STEM_I 6u        /* the form with an i in place of its last byte */
#define STEM_EXPLICIT 7u /* front-coded against the form */

/* ---- writing ---- */

struct forms_writer {
    struct dictionary_writer blocks;
    struct bytes payload;
    uint8_t language; /* of the pair before */
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

static unsigned stem_code(struct view form, struct view stem) {
    const size_t shared = dictionary_shared(form, stem);
    if (shared == stem.size && form.size - shared <= STEM_CUT) return (unsigned)(form.size - shared);
    if (shared + 1 == stem.size && stem.size == form.size && stem.data[shared] == 'i') return STEM_I;
    return STEM_EXPLICIT;
}

static void append_pair(forms_writer *writer, struct view form, const struct form_pair *pair, bool has_more) {
    struct bytes *out = &writer->payload;
    const unsigned stem = stem_code(form, pair->stem);
    const bool is_other_language = pair->language != writer->language;
    bytes_append_u8(out,
                    (uint8_t)(pair->form_number | (has_more ? HEAD_MORE : 0) | (is_other_language ? HEAD_LANGUAGE : 0) |
                              (pair->df == 1 ? HEAD_ONE : 0) | stem << STEM_SHIFT));
    if (is_other_language) bytes_append_u8(out, pair->language);
    if (stem == STEM_EXPLICIT) dictionary_append_suffix(out, form, pair->stem);
    if (pair->df != 1) bytes_append_varint(out, pair->df);
    writer->language = pair->language;
}

revue_status forms_writer_add(forms_writer *writer, const struct form_entry *entry, revue_error *error) {
    if (!entry_is_sound(entry))
        return error_set(error, REVUE_BUG, "the stems of form \"%.*s\" are out of order", (int)entry->form.size,
                         entry->form.data);
    const uint8_t before = writer->language;
    bytes_clear(&writer->payload);
    for (uint32_t i = 0; i < entry->pair_count; i++)
        append_pair(writer, entry->form, &entry->pairs[i], i + 1 < entry->pair_count);
    if (writer->payload.failed) return error_no_memory(error);
    return dictionary_writer_add(&writer->blocks, entry->form, view_of(&before, sizeof before),
                                 bytes_view(&writer->payload), error);
}

revue_status forms_writer_finish(forms_writer *writer, uint32_t *count, revue_error *error) {
    TRY(dictionary_writer_finish(&writer->blocks, error));
    *count = writer->blocks.count;
    return REVUE_OK;
}

/* ---- reading ---- */

struct forms_payload {
    struct form_entry entry;
    uint8_t language; /* of the pair before */
    uint8_t stems[FORM_PAIRS_MAX][FORM_MAX];
};
struct forms_reader {
    struct dictionary_reader blocks;
    struct forms_payload payload;
};

static bool take_stem(struct byte_reader *reader, struct view form, unsigned code, uint8_t *out, struct view *stem) {
    size_t size;
    if (code == STEM_EXPLICIT) {
        if (!dictionary_take_suffix(reader, form, out, &size)) return false;
    } else {
        if (code != STEM_I && form.size <= code) return false;
        size = code == STEM_I ? form.size : form.size - code;
        memcpy(out, form.data, size);
        if (code == STEM_I) out[size - 1] = 'i';
    }
    *stem = view_of(out, size);
    return true;
}

static bool take_pair(struct forms_payload *forms, struct byte_reader *reader, struct view form, unsigned head,
                      uint32_t number) {
    struct form_pair *pair = &forms->entry.pairs[number];
    pair->language = forms->language;
    pair->form_number = (uint8_t)(head & HEAD_NUMBER);
    if (!take_stem(reader, form, head >> STEM_SHIFT, forms->stems[number], &pair->stem)) return false;
    if (number > 0 && !comes_before(&pair[-1], pair)) return false;
    pair->df = head & HEAD_ONE ? 1 : dictionary_varint32(reader);
    return !reader->failed;
}

static bool pass_pair(struct byte_reader *reader, struct view form, unsigned head) {
    if (head >> STEM_SHIFT == STEM_EXPLICIT && !dictionary_pass_suffix(reader, form.size)) return false;
    if (!(head & HEAD_ONE)) (void)dictionary_varint32(reader);
    return !reader->failed;
}

static bool take_payload(void *context, struct byte_reader *reader, struct view form, bool is_restart, bool is_wanted) {
    struct forms_payload *forms = context;
    unsigned head = HEAD_MORE;
    uint32_t count = 0;
    if (is_restart) forms->language = byte_reader_u8(reader);
    for (; head & HEAD_MORE; count++) {
        head = byte_reader_u8(reader);
        if (reader->failed || count == FORM_PAIRS_MAX) return false;
        if (head & HEAD_LANGUAGE) forms->language = byte_reader_u8(reader);
        if (!(is_wanted ? take_pair(forms, reader, form, head, count) : pass_pair(reader, form, head))) return false;
    }
    forms->entry.form = form;
    forms->entry.pair_count = count;
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

revue_status forms_reader_walk(forms_reader *reader, size_t dead_size, struct view *form, revue_error *error) {
    TRY(dictionary_reader_walk(&reader->blocks, dead_size, error));
    *form = dictionary_reader_term(&reader->blocks);
    return REVUE_OK;
}

revue_status forms_reader_walked(forms_reader *reader, struct form_entry *entry, revue_error *error) {
    TRY(dictionary_reader_walked(&reader->blocks, error));
    entry_copy(entry, &reader->payload.entry);
    return REVUE_OK;
}

revue_status forms_block_check(struct view value, uint32_t *count, revue_error *error) {
    struct forms_payload payload = {0};
    return dictionary_block_check(value, KIND_FORMS, take_payload, &payload, count, error);
}
