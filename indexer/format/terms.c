/* terms.c - the dictionary of stems: which fields hold a stem, how often, and where its posting lists lie (FORMAT.md, 6.2).
 *
 * Addresses are not stored: lists lie in their streams in the order of the entries, so sizes are enough, and a restart says
 * where its first list begins. The writer checks that order, for nothing in the index would tell later. A stem that occurs
 * in one review keeps its posting here: most stems of an archive never touch the streams. */
#include "indexer/format/dictionary_block.h"

#include "indexer/base/memory.h"

#define FLAG_FIELDS 0x0Fu /* none: the body alone, in one review, and its list is inline */
#define FLAG_CHAMPIONS 0x10u
#define FORMS_SHIFT 5u
#define FLAG_MORE_FORMS 0x80u
#define INLINE_FREQUENCY 0x07u
#define INLINE_POSITIONS 0x08u /* positions follow; else there are none, or the only one is 0 */
#define INLINE_MASK_SHIFT 4u

_Static_assert(FIELD_COUNT == 4, "flags hold four fields");

/* The fields that df counts. */
#define DF_FIELDS (1u << FIELD_BODY | 1u << FIELD_TITLE | 1u << FIELD_PRODUCT)

/* Where the next list begins, in POSTINGS, POSITIONS and SKIPS. */
struct addresses {
    uint64_t postings, positions, skips;
};

/* df is told apart from the lists' own only when several of them count. */
static bool has_own_df(unsigned fields) {
    unsigned counted = fields & DF_FIELDS;
    return (counted & (counted - 1)) != 0;
}

/* ---- writing ---- */

struct terms_writer {
    struct dictionary_writer blocks;
    struct addresses next;
    struct bytes at_restart, payload;
};

revue_status terms_writer_create(terms_writer **created, const struct segment_sink *sink, revue_error *error) {
    terms_writer *writer = memory_alloc_zeroed(1, sizeof *writer);
    if (!writer) return error_no_memory(error);
    dictionary_writer_start(&writer->blocks, sink, KIND_TERMS);
    *created = writer;
    return REVUE_OK;
}

void terms_writer_free(terms_writer *writer) {
    if (!writer) return;
    dictionary_writer_free(&writer->blocks);
    bytes_free(&writer->at_restart);
    bytes_free(&writer->payload);
    memory_free(writer);
}

/* Most stems: their only form is the stem itself. */
static bool is_only_form(const struct term_entry *entry) {
    return entry->form_count == 1 && !entry->has_more_forms && view_equal(entry->forms[0], entry->stem);
}

static void append_forms(struct bytes *out, const struct term_entry *entry) {
    if (is_only_form(entry)) return;
    for (unsigned i = 0; i < entry->form_count; i++)
        dictionary_append_suffix(out, entry->stem, entry->forms[i]);
}

/* Nearly every stem that occurs once. */
static bool is_single(const struct term_entry *entry) {
    return entry->fields == 1u << FIELD_BODY && entry->lists[FIELD_BODY].is_inline;
}

static uint8_t entry_flags(const struct term_entry *entry) {
    unsigned listed = is_only_form(entry) ? 0 : entry->form_count;
    return (uint8_t)((is_single(entry) ? 0 : entry->fields) | (entry->champions_bytes > 0 ? FLAG_CHAMPIONS : 0) |
                     listed << FORMS_SHIFT | (entry->has_more_forms ? FLAG_MORE_FORMS : 0));
}

static void append_inline(struct bytes *out, const struct posting_list *list) {
    bool has_positions = list->inline_positions[list->inline_frequency - 1] > 0;
    bytes_append_varint(out, list->inline_doc);
    bytes_append_u8(out, (uint8_t)((unsigned)list->inline_mask << INLINE_MASK_SHIFT |
                                   (has_positions ? INLINE_POSITIONS : 0) | list->inline_frequency));
    for (uint32_t i = 0; has_positions && i < list->inline_frequency; i++)
        bytes_append_varint(out, list->inline_positions[i] - (i > 0 ? list->inline_positions[i - 1] : 0));
}

static void append_list(struct bytes *out, const struct posting_list *list) {
    bytes_append_varint(out, (uint64_t)list->df << 1 | (list->is_inline ? 1 : 0));
    if (list->is_inline) {
        append_inline(out, list);
        return;
    }
    bytes_append_varint(out, list->postings_bytes);
    bytes_append_varint(out, list->positions_bytes);
    if (list->df > POSTINGS_BLOCK) bytes_append_varint(out, list->skips_bytes);
}

static void append_lists(struct bytes *out, const struct term_entry *entry) {
    if (is_single(entry)) {
        append_inline(out, &entry->lists[FIELD_BODY]);
        return;
    }
    if (has_own_df(entry->fields)) bytes_append_varint(out, entry->df);
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (entry->fields >> field & 1) append_list(out, &entry->lists[field]);
}

/* Moves *next over a piece; false when the piece does not begin there. */
static bool pass(uint64_t *next, uint64_t address, uint64_t size) {
    if (size > 0 && address != *next) return false;
    *next += size;
    return true;
}

static bool list_is_sound(const struct posting_list *list, struct addresses *next) {
    if (list->is_inline) {
        return list->df == 1 && list->inline_frequency >= 1 && list->inline_frequency <= POSTINGS_INLINE_MAX &&
               list->inline_mask >= 1 && list->inline_mask <= 15;
    }
    if (list->df == 0 || (list->df <= POSTINGS_BLOCK && list->skips_bytes > 0)) return false;
    return pass(&next->postings, list->postings, list->postings_bytes) &&
           pass(&next->positions, list->positions, list->positions_bytes) &&
           pass(&next->skips, list->skips, list->skips_bytes);
}

static bool entry_is_sound(const struct term_entry *entry, struct addresses *next) {
    if (entry->fields == 0 || entry->fields > FLAG_FIELDS || entry->form_count > FORMS_LISTED) return false;
    if (entry->form_count == 0 && !entry->has_more_forms) return false;
    for (unsigned i = 0; i < entry->form_count; i++)
        if (entry->forms[i].size == 0 || entry->forms[i].size > FORM_MAX) return false;
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (entry->fields >> field & 1 && !list_is_sound(&entry->lists[field], next)) return false;
    return pass(&next->skips, entry->champions, entry->champions_bytes);
}

revue_status terms_writer_add(terms_writer *writer, const struct term_entry *entry, revue_error *error) {
    struct addresses next = writer->next;
    if (!entry_is_sound(entry, &next))
        return error_set(error, REVUE_BUG, "the lists of stem \"%.*s\" do not follow those before it",
                         (int)entry->stem.size, entry->stem.data);
    struct bytes *at_restart = &writer->at_restart, *payload = &writer->payload;
    bytes_clear(at_restart);
    bytes_append_varint(at_restart, writer->next.postings);
    bytes_append_varint(at_restart, writer->next.positions);
    bytes_append_varint(at_restart, writer->next.skips);
    bytes_clear(payload);
    bytes_append_u8(payload, entry_flags(entry));
    append_forms(payload, entry);
    append_lists(payload, entry);
    if (entry->champions_bytes > 0) bytes_append_varint(payload, entry->champions_bytes);
    if (at_restart->failed || payload->failed) return error_no_memory(error);
    TRY(dictionary_writer_add(&writer->blocks, entry->stem, bytes_view(at_restart), bytes_view(payload), error));
    writer->next = next;
    return REVUE_OK;
}

revue_status terms_writer_finish(terms_writer *writer, uint32_t *count, revue_error *error) {
    TRY(dictionary_writer_finish(&writer->blocks, error));
    *count = writer->blocks.count;
    return REVUE_OK;
}

/* ---- reading an entry ---- */

/* What is kept of entries that are read through. */
struct terms_payload {
    struct term_entry entry;
    struct addresses next;
    uint8_t forms[FORMS_LISTED][FORM_MAX];
};
struct terms_reader {
    struct dictionary_reader blocks;
    struct terms_payload payload;
};

static bool pass_forms(struct byte_reader *reader, struct view stem, unsigned listed) {
    for (unsigned i = 0; i < listed; i++)
        if (!dictionary_pass_suffix(reader, stem.size)) return false;
    return true;
}

static bool take_forms(struct terms_payload *terms, struct byte_reader *reader, struct view stem, unsigned listed) {
    terms->entry.form_count = (uint8_t)(listed > 0 || terms->entry.has_more_forms ? listed : 1);
    terms->entry.forms[0] = stem;
    for (unsigned i = 0; i < listed; i++) {
        size_t size;
        if (!dictionary_take_suffix(reader, stem, terms->forms[i], &size)) return false;
        terms->entry.forms[i] = view_of(terms->forms[i], size);
    }
    return true;
}

static bool take_inline(struct posting_list *list, struct byte_reader *reader) {
    memset(list->inline_positions, 0, sizeof list->inline_positions);
    list->inline_doc = dictionary_varint32(reader);
    unsigned about = byte_reader_u8(reader);
    list->inline_frequency = about & INLINE_FREQUENCY;
    list->inline_mask = (uint8_t)(about >> INLINE_MASK_SHIFT);
    if (list->df != 1 || list->inline_mask == 0 || list->inline_frequency < 1 ||
        list->inline_frequency > POSTINGS_INLINE_MAX)
        return false;
    uint64_t position = 0;
    for (uint32_t i = 0; about & INLINE_POSITIONS && i < list->inline_frequency; i++) {
        uint32_t gap = dictionary_varint32(reader);
        position += gap;
        if ((i > 0 && gap == 0) || position > UINT32_MAX) return false;
        list->inline_positions[i] = (uint32_t)position;
    }
    return true;
}

static void start_list(const struct terms_payload *terms, struct posting_list *list, uint32_t df, bool is_inline) {
    list->df = df;
    list->is_inline = is_inline;
    list->postings_bytes = list->positions_bytes = list->skips_bytes = 0;
    list->postings = terms->next.postings;
    list->positions = terms->next.positions;
    list->skips = terms->next.skips;
}

static bool take_list(struct terms_payload *terms, struct posting_list *list, struct byte_reader *reader) {
    uint64_t head = dictionary_varint(reader);
    if (head >> 1 == 0 || head >> 1 > UINT32_MAX) return false;
    start_list(terms, list, (uint32_t)(head >> 1), (head & 1) != 0);
    if (list->is_inline) return take_inline(list, reader);
    terms->next.postings += list->postings_bytes = dictionary_varint(reader);
    terms->next.positions += list->positions_bytes = dictionary_varint(reader);
    if (list->df > POSTINGS_BLOCK) terms->next.skips += list->skips_bytes = dictionary_varint(reader);
    return true;
}

static bool take_single(struct terms_payload *terms, struct byte_reader *reader) {
    struct posting_list *list = &terms->entry.lists[FIELD_BODY];
    terms->entry.fields = 1u << FIELD_BODY;
    terms->entry.df = 1;
    start_list(terms, list, 1, true);
    return take_inline(list, reader);
}

static bool take_lists(struct terms_payload *terms, struct byte_reader *reader) {
    struct term_entry *entry = &terms->entry;
    bool own_df = has_own_df(entry->fields);
    entry->df = own_df ? dictionary_varint32(reader) : 0;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        if (!(entry->fields >> field & 1)) continue;
        if (!take_list(terms, &entry->lists[field], reader)) return false;
        if (!own_df && DF_FIELDS >> field & 1) entry->df = entry->lists[field].df;
    }
    return true;
}

/* Lists are read on the way to another stem too: addresses run on over them. */
static bool take_payload(void *context, struct byte_reader *reader, struct view stem, bool is_restart, bool is_wanted) {
    struct terms_payload *terms = context;
    if (is_restart) {
        terms->next.postings = dictionary_varint(reader);
        terms->next.positions = dictionary_varint(reader);
        terms->next.skips = dictionary_varint(reader);
    }
    unsigned flags = byte_reader_u8(reader);
    terms->entry.stem = stem;
    terms->entry.fields = flags & FLAG_FIELDS;
    terms->entry.has_more_forms = (flags & FLAG_MORE_FORMS) != 0;
    if (reader->failed) return false;
    unsigned listed = flags >> FORMS_SHIFT & 3;
    if (!(is_wanted ? take_forms(terms, reader, stem, listed) : pass_forms(reader, stem, listed))) return false;
    if (!(terms->entry.fields == 0 ? take_single(terms, reader) : take_lists(terms, reader))) return false;
    terms->entry.champions = terms->next.skips;
    terms->entry.champions_bytes = 0;
    if (flags & FLAG_CHAMPIONS) {
        terms->entry.champions_bytes = dictionary_varint32(reader);
        terms->next.skips += terms->entry.champions_bytes;
        if (terms->entry.champions_bytes == 0) return false;
    }
    return true;
}

/* ---- looking up ---- */

revue_status terms_reader_open(terms_reader **opened, store_txn *txn, uint32_t segment, revue_error *error) {
    terms_reader *reader = memory_alloc_zeroed(1, sizeof *reader);
    if (!reader) return error_no_memory(error);
    revue_status status =
        dictionary_reader_open(&reader->blocks, txn, segment, KIND_TERMS, take_payload, &reader->payload, error);
    if (status != REVUE_OK) {
        memory_free(reader);
        return status;
    }
    *opened = reader;
    return REVUE_OK;
}

void terms_reader_close(terms_reader *reader) {
    if (!reader) return;
    dictionary_reader_close(&reader->blocks);
    memory_free(reader);
}

revue_status terms_reader_find(terms_reader *reader, struct view stem, struct term_entry *entry, revue_error *error) {
    TRY(dictionary_reader_find(&reader->blocks, stem, error));
    *entry = reader->payload.entry;
    return REVUE_OK;
}

revue_status terms_reader_seek(terms_reader *reader, struct view from, struct term_entry *entry, revue_error *error) {
    TRY(dictionary_reader_seek(&reader->blocks, from, error));
    *entry = reader->payload.entry;
    return REVUE_OK;
}

revue_status terms_reader_next(terms_reader *reader, struct term_entry *entry, revue_error *error) {
    TRY(dictionary_reader_next(&reader->blocks, error));
    *entry = reader->payload.entry;
    return REVUE_OK;
}

revue_status terms_block_check(struct view value, uint32_t *count, revue_error *error) {
    struct terms_payload payload = {0};
    return dictionary_block_check(value, KIND_TERMS, take_payload, &payload, count, error);
}
