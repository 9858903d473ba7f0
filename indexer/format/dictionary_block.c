/* dictionary_block.c - see dictionary_block.h.
 *
 * A look-up costs one key of the store, about six comparisons over the restarts, whose terms stand whole in the block, and
 * a walk over at most 16 entries. Blocks are found by the last key that is not after the term, and stay at hand: whoever
 * looks up many terms in order goes to the store once a block. */
#include "indexer/format/dictionary_block.h"

#define KIND_KEY 5u /* bytes of a key before the term: segment and kind */

size_t dictionary_shared(struct view a, struct view b) {
    size_t most = a.size < b.size ? a.size : b.size, shared = 0;
    while (shared < most && a.data[shared] == b.data[shared])
        shared++;
    return shared;
}

/* Both sizes of front-coded bytes in one, which is enough for nearly all. */
#define SIZE_MORE 15u /* a varint of the rest follows */
#define SIZE_BITS 4u

void dictionary_append_suffix(struct bytes *out, struct view base, struct view bytes) {
    const size_t shared = dictionary_shared(base, bytes), suffix_size = bytes.size - shared;
    const size_t low = shared < SIZE_MORE ? shared : SIZE_MORE, high = suffix_size < SIZE_MORE ? suffix_size : SIZE_MORE;
    bytes_append_u8(out, (uint8_t)(low | high << SIZE_BITS));
    if (low == SIZE_MORE) bytes_append_varint(out, shared - SIZE_MORE);
    if (high == SIZE_MORE) bytes_append_varint(out, suffix_size - SIZE_MORE);
    bytes_append(out, bytes.data + shared, suffix_size);
}

static inline bool take_size(struct byte_reader *reader, unsigned stored, size_t *size) {
    *size = stored;
    if (stored < SIZE_MORE) return true;
    const uint64_t more = dictionary_varint(reader);
    *size += (size_t)more;
    return more <= FORM_MAX;
}

/* Reads the sizes of front-coded bytes; the suffix comes next. */
static inline bool take_sizes(struct byte_reader *reader, size_t base_size, size_t *shared, size_t *suffix_size) {
    const unsigned sizes = byte_reader_u8(reader);
    if (!take_size(reader, sizes & SIZE_MORE, shared) || !take_size(reader, sizes >> SIZE_BITS, suffix_size)) return false;
    if (reader->failed || *shared > base_size || *suffix_size > byte_reader_left(reader)) return false;
    return *shared + *suffix_size > 0 && *shared + *suffix_size <= FORM_MAX;
}

bool dictionary_take_suffix(struct byte_reader *reader, struct view base, uint8_t *out, size_t *size) {
    size_t shared, suffix_size;
    if (!take_sizes(reader, base.size, &shared, &suffix_size)) return false;
    if (shared > 0 && (const char *)out != base.data) memcpy(out, base.data, shared);
    if (suffix_size > 0) memcpy(out + shared, reader->next, suffix_size);
    reader->next += suffix_size;
    *size = shared + suffix_size;
    return true;
}

bool dictionary_pass_suffix(struct byte_reader *reader, size_t base_size) {
    size_t shared, suffix_size;
    if (!take_sizes(reader, base_size, &shared, &suffix_size)) return false;
    reader->next += suffix_size;
    return true;
}

/* ---- writing ---- */

void dictionary_writer_start(struct dictionary_writer *writer, const struct segment_sink *sink, enum segment_kind kind) {
    memset(writer, 0, sizeof *writer);
    writer->sink = sink;
    writer->kind = kind;
}

void dictionary_writer_free(struct dictionary_writer *writer) {
    bytes_free(&writer->block);
    bytes_free(&writer->entry);
}

static revue_status put_block(struct dictionary_writer *writer, revue_error *error) {
    for (uint32_t i = 0; i < writer->restart_count; i++)
        bytes_append_u16(&writer->block, writer->restarts[i]);
    bytes_append_u16(&writer->block, (uint16_t)writer->restart_count);
    if (writer->block.failed) return error_no_memory(error);
    TRY(writer->sink->put(writer->sink->context, writer->kind, view_of(writer->first, writer->first_size),
                          bytes_view(&writer->block), error));
    bytes_clear(&writer->block);
    writer->restart_count = writer->block_entries = 0;
    return REVUE_OK;
}

/* The entry as it would stand at the end of the block. */
static void entry_encode(struct dictionary_writer *writer, struct view term, struct view at_restart, struct view payload) {
    bool is_restart = writer->block_entries % DICTIONARY_RESTART == 0;
    struct view base = view_of(writer->last, is_restart ? 0 : writer->last_size);
    bytes_clear(&writer->entry);
    dictionary_append_suffix(&writer->entry, base, term);
    if (is_restart) bytes_append(&writer->entry, at_restart.data, at_restart.size);
    bytes_append(&writer->entry, payload.data, payload.size);
}

static bool entry_fits(const struct dictionary_writer *writer) {
    size_t restarts = writer->restart_count + (writer->block_entries % DICTIONARY_RESTART == 0 ? 1u : 0u);
    return restarts <= DICTIONARY_RESTARTS &&
           writer->block.size + writer->entry.size + 2 * restarts + 2 <= DICTIONARY_VALUE;
}

static revue_status entry_prepare(struct dictionary_writer *writer, struct view term, struct view at_restart,
                                  struct view payload, revue_error *error) {
    entry_encode(writer, term, at_restart, payload);
    if (writer->block_entries > 0 && !entry_fits(writer)) {
        TRY(put_block(writer, error));
        entry_encode(writer, term, at_restart, payload);
    }
    if (writer->entry.failed) return error_no_memory(error);
    if (!entry_fits(writer))
        return error_set(error, REVUE_BUG, "an entry of %zu bytes does not fit a block", writer->entry.size);
    return REVUE_OK;
}

revue_status dictionary_writer_add(struct dictionary_writer *writer, struct view term, struct view at_restart,
                                   struct view payload, revue_error *error) {
    if (term.size == 0 || term.size > FORM_MAX) return error_set(error, REVUE_BUG, "a term of %zu bytes", term.size);
    if (writer->count > 0 && view_compare(view_of(writer->last, writer->last_size), term) >= 0)
        return error_set(error, REVUE_BUG, "terms are written out of order");
    TRY(entry_prepare(writer, term, at_restart, payload, error));
    if (writer->block_entries == 0) {
        memcpy(writer->first, term.data, term.size);
        writer->first_size = term.size;
    }
    if (writer->block_entries % DICTIONARY_RESTART == 0)
        writer->restarts[writer->restart_count++] = (uint16_t)writer->block.size;
    bytes_append(&writer->block, writer->entry.data, writer->entry.size);
    memcpy(writer->last, term.data, term.size);
    writer->last_size = term.size;
    writer->block_entries++;
    writer->count++;
    return writer->block.failed ? error_no_memory(error) : REVUE_OK;
}

revue_status dictionary_writer_finish(struct dictionary_writer *writer, revue_error *error) {
    return writer->block_entries > 0 ? put_block(writer, error) : REVUE_OK;
}

/* ---- a block ---- */

static revue_status damaged(struct dictionary_reader *reader, const char *what, revue_error *error) {
    reader->block = NULL;
    return error_set(error, REVUE_CORRUPT, "a block of %s of segment %u: %s; rebuild the index",
                     reader->kind == KIND_TERMS ? "terms" : "forms", reader->segment, what);
}

static revue_status out_of_order(struct dictionary_reader *reader, revue_error *error) {
    return damaged(reader, "terms are out of order", error);
}

/* Makes value the current block, at its first entry. */
static revue_status enter_block(struct dictionary_reader *reader, struct view value, revue_error *error) {
    const uint8_t *data = (const uint8_t *)value.data;
    uint32_t restarts = value.size >= 2 ? load_le16(data + value.size - 2) : 0;
    if (restarts == 0 || restarts > DICTIONARY_RESTARTS || 2 * restarts + 2 > value.size)
        return damaged(reader, "it has no restarts", error);
    reader->block = data;
    reader->restart_count = restarts;
    reader->reader = byte_reader_of(data, value.size - 2 - 2 * restarts);
    reader->next_entry = 0;
    reader->term_size = 0;
    reader->is_pending = false;
    return REVUE_OK;
}

static uint32_t restart_offset(const struct dictionary_reader *reader, uint32_t restart) {
    return load_le16(reader->reader.end + 2 * restart);
}

struct view dictionary_block_first(struct view value) {
    struct byte_reader entry = byte_reader_of(value.data, value.size);
    size_t shared, term_size;
    if (!take_sizes(&entry, 0, &shared, &term_size)) return view_of(NULL, 0);
    return view_of(entry.next, term_size);
}

/* The term at a restart, in place; size 0 when it is damaged. */
static struct view restart_term(const struct dictionary_reader *reader, uint32_t restart) {
    size_t offset = restart_offset(reader, restart), size = (size_t)(reader->reader.end - reader->block);
    if (offset >= size) return view_of(NULL, 0);
    return dictionary_block_first(view_of(reader->block + offset, size - offset));
}

static void go_to_restart(struct dictionary_reader *reader, uint32_t restart) {
    reader->reader.next = reader->block + restart_offset(reader, restart);
    reader->next_entry = restart * DICTIONARY_RESTART;
    reader->term_size = 0;
    reader->is_pending = false;
}

/* The last restart whose term is not after sought, the first when all are. */
static revue_status find_restart(struct dictionary_reader *reader, struct view sought, revue_error *error) {
    uint32_t low = 0, high = reader->restart_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        struct view term = restart_term(reader, middle);
        if (term.size == 0) return damaged(reader, "a restart points to no entry", error);
        if (view_compare(term, sought) <= 0)
            low = middle;
        else
            high = middle;
    }
    if (restart_term(reader, low).size == 0) return damaged(reader, "a restart points to no entry", error);
    go_to_restart(reader, low);
    return REVUE_OK;
}

/* Reads the next term of the block; its payload comes next. */
static bool take_term(struct dictionary_reader *reader, bool *is_restart) {
    *is_restart = reader->next_entry % DICTIONARY_RESTART == 0;
    struct view base = view_of(reader->term, *is_restart ? 0 : reader->term_size);
    reader->next_entry++;
    return dictionary_take_suffix(&reader->reader, base, reader->term, &reader->term_size);
}

static bool take_payload(struct dictionary_reader *reader, bool is_restart, bool is_wanted) {
    struct view term = dictionary_reader_term(reader);
    return reader->payload(reader->context, &reader->reader, term, is_restart, is_wanted) && !reader->reader.failed;
}

static bool block_ended(const struct dictionary_reader *reader) {
    return byte_reader_left(&reader->reader) == 0;
}

/* Compares the suffix that comes next with what sought has behind *matched bytes that the term is known to share with it,
 * and counts the bytes that are equal into *matched. */
static int compare_suffix(const uint8_t *suffix, size_t suffix_size, struct view sought, size_t *matched) {
    const uint8_t *rest = (const uint8_t *)sought.data + *matched;
    size_t rest_size = sought.size - *matched, most = suffix_size < rest_size ? suffix_size : rest_size, equal = 0;
    while (equal < most && suffix[equal] == rest[equal])
        equal++;
    *matched += equal;
    if (equal < most) return suffix[equal] < rest[equal] ? -1 : 1;
    return suffix_size < rest_size ? -1 : suffix_size > rest_size;
}

/* From the entry at hand to the first that is not before sought; *order is that of the entry and sought, and its payload is
 * kept. REVUE_NO_MATCH: the block ends before.
 *
 * Terms passed on the way are not put together. matched counts the first bytes that the term before shares with sought: an
 * entry that shares more with that term is before sought too, one that shares less is behind it, and only where both counts
 * are equal are bytes compared. The first bytes of the term found are those of sought. */
static revue_status scan_block(struct dictionary_reader *reader, struct view sought, int *order, revue_error *error) {
    size_t matched = 0, shared, suffix_size;
    while (!block_ended(reader)) {
        bool is_restart = reader->next_entry++ % DICTIONARY_RESTART == 0;
        if (is_restart) matched = 0;
        if (!take_sizes(&reader->reader, is_restart ? 0 : reader->term_size, &shared, &suffix_size))
            return damaged(reader, "an entry ends early", error);
        const uint8_t *suffix = reader->reader.next;
        int found = shared > matched ? -1 : shared < matched ? 1 : compare_suffix(suffix, suffix_size, sought, &matched);
        reader->reader.next += suffix_size;
        reader->term_size = shared + suffix_size;
        if (found >= 0) {
            if (shared > 0) memcpy(reader->term, sought.data, shared);
            if (suffix_size > 0) memcpy(reader->term + shared, suffix, suffix_size);
        }
        if (!take_payload(reader, is_restart, found >= 0)) return damaged(reader, "an entry is damaged", error);
        if (found >= 0) {
            *order = found;
            return REVUE_OK;
        }
    }
    reader->term_size = 0; /* the last one was not put together */
    return REVUE_NO_MATCH;
}

/* ---- from block to block ---- */

void dictionary_reader_close(struct dictionary_reader *reader) {
    if (reader->cursor) store_cursor_close(reader->cursor);
    reader->cursor = NULL;
    reader->block = NULL;
}

revue_status dictionary_reader_open(struct dictionary_reader *reader, store_txn *txn, uint32_t segment,
                                    enum segment_kind kind, dictionary_payload *payload, void *context,
                                    revue_error *error) {
    memset(reader, 0, sizeof *reader);
    reader->segment = segment;
    reader->kind = kind;
    reader->payload = payload;
    reader->context = context;
    reader->is_fresh = true;
    TRY(store_cursor_open(txn, TABLE_SEGMENTS, &reader->cursor, error));
    const revue_status status = store_cursor_remember(reader->cursor, error);
    if (status != REVUE_OK) dictionary_reader_close(reader);
    return status;
}

/* Enters the block the cursor came to; REVUE_NO_MATCH when it left the dictionary of this segment. */
static revue_status enter_found(struct dictionary_reader *reader, revue_status found, struct view key, struct view value,
                                revue_error *error) {
    reader->block = NULL;
    if (found != REVUE_OK) return found;
    struct key ours = key_segment_kind(reader->segment, reader->kind);
    if (key.size <= KIND_KEY || memcmp(key.data, ours.data, KIND_KEY) != 0) return REVUE_NO_MATCH;
    return enter_block(reader, value, error);
}

/* To the last block that does not begin after sought. */
static revue_status enter_block_of(struct dictionary_reader *reader, struct view sought, revue_error *error) {
    struct view key, value;
    struct view first = view_of(sought.data, sought.size < FORM_MAX ? sought.size : FORM_MAX);
    struct key at = key_block(reader->segment, reader->kind, first);
    revue_status found = store_cursor_at_or_before(reader->cursor, key_view(&at), &key, &value, error);
    return enter_found(reader, found, key, value, error);
}

static revue_status enter_first_block(struct dictionary_reader *reader, revue_error *error) {
    struct view key, value;
    struct key at = key_segment_kind(reader->segment, reader->kind);
    revue_status found = store_cursor_at_or_after(reader->cursor, key_view(&at), &key, &value, error);
    return enter_found(reader, found, key, value, error);
}

static revue_status enter_next_block(struct dictionary_reader *reader, revue_error *error) {
    struct view key, value;
    revue_status found = store_cursor_next(reader->cursor, &key, &value, error);
    return enter_found(reader, found, key, value, error);
}

/* Sure without asking the store: sought lies between the first term and the last restart of the current block. */
static bool is_in_block(const struct dictionary_reader *reader, struct view sought) {
    if (!reader->block) return false;
    struct view first = restart_term(reader, 0), last = restart_term(reader, reader->restart_count - 1);
    return first.size > 0 && view_compare(first, sought) <= 0 && view_compare(sought, last) <= 0;
}

revue_status dictionary_reader_find(struct dictionary_reader *reader, struct view sought, revue_error *error) {
    int order;
    reader->is_fresh = false;
    if (sought.size == 0 || sought.size > FORM_MAX) return REVUE_NO_MATCH;
    if (!is_in_block(reader, sought)) TRY(enter_block_of(reader, sought, error));
    TRY(find_restart(reader, sought, error));
    TRY(scan_block(reader, sought, &order, error));
    return order == 0 ? REVUE_OK : REVUE_NO_MATCH;
}

static revue_status seek(struct dictionary_reader *reader, struct view from, revue_error *error) {
    int order;
    reader->is_fresh = false;
    if (from.size == 0) from = view_of("", 0); /* may come without an address */
    revue_status status = is_in_block(reader, from) ? REVUE_OK : enter_block_of(reader, from, error);
    if (status == REVUE_NO_MATCH) status = enter_first_block(reader, error);
    if (status != REVUE_OK) return status;
    TRY(find_restart(reader, from, error));
    status = scan_block(reader, from, &order, error);
    if (status == REVUE_NO_MATCH) status = dictionary_reader_next(reader, error);
    if (status != REVUE_OK) return status;
    return view_compare(dictionary_reader_term(reader), from) >= 0 ? REVUE_OK : out_of_order(reader, error);
}

revue_status dictionary_reader_seek(struct dictionary_reader *reader, struct view from, revue_error *error) {
    reader->beyond_size = 0;
    return seek(reader, from, error);
}

static revue_status pass_pending(struct dictionary_reader *reader, revue_error *error) {
    if (!reader->is_pending) return REVUE_OK;
    reader->is_pending = false;
    return take_payload(reader, reader->is_pending_restart, false) ? REVUE_OK
                                                                   : damaged(reader, "an entry is damaged", error);
}

/* Puts the next term together, before_size being that of the one in its place, which may be of another block. Whoever takes
 * all terms in turn, as a merge does, relies on their order. */
static revue_status take_next_term(struct dictionary_reader *reader, size_t before_size, bool *is_restart,
                                   revue_error *error) {
    size_t shared, suffix_size;
    *is_restart = reader->next_entry++ % DICTIONARY_RESTART == 0;
    if (!take_sizes(&reader->reader, *is_restart ? 0 : reader->term_size, &shared, &suffix_size))
        return damaged(reader, "an entry ends early", error);
    const struct view before = view_of(reader->term + shared, before_size - shared);
    const struct view suffix = view_of(reader->reader.next, suffix_size);
    if (before_size > 0 && view_compare(before, suffix) >= 0) return out_of_order(reader, error);
    memcpy(reader->term + shared, suffix.data, suffix_size);
    reader->reader.next += suffix_size;
    reader->term_size = shared + suffix_size;
    return REVUE_OK;
}

revue_status dictionary_reader_next(struct dictionary_reader *reader, revue_error *error) {
    bool is_restart;
    if (reader->is_fresh) TRY(enter_first_block(reader, error));
    reader->is_fresh = false;
    if (!reader->block) return REVUE_NO_MATCH;
    TRY(pass_pending(reader, error));
    const size_t before_size = reader->term_size;
    if (block_ended(reader)) TRY(enter_next_block(reader, error));
    TRY(take_next_term(reader, before_size, &is_restart, error));
    if (!take_payload(reader, is_restart, true)) return damaged(reader, "an entry is damaged", error);
    return REVUE_OK;
}

/* ---- walking ---- */

/* Behind everything that begins with dead_size bytes of the term, for no term holds a byte 0xFF. Terms that do not ascend
 * would be walked for ever. */
static revue_status seek_behind(struct dictionary_reader *reader, size_t dead_size, revue_error *error) {
    uint8_t beyond[FORM_MAX + 1];
    memcpy(beyond, reader->term, dead_size);
    beyond[dead_size] = 0xFF;
    const struct view from = view_of(beyond, dead_size + 1), before = view_of(reader->beyond, reader->beyond_size);
    if (before.size > 0 && view_compare(from, before) <= 0) return out_of_order(reader, error);
    memcpy(reader->beyond, from.data, from.size);
    reader->beyond_size = from.size;
    return seek(reader, from, error);
}

/* Whether the next entry begins with the first dead_size bytes of the term at hand, which stay as they are meanwhile. */
static bool is_dead(const struct dictionary_reader *reader, size_t dead_size, size_t shared, size_t suffix_size) {
    if (dead_size == 0) return false;
    if (shared > 0) return shared >= dead_size;
    return suffix_size >= dead_size && memcmp(reader->reader.next, reader->term, dead_size) == 0;
}

revue_status dictionary_reader_walk(struct dictionary_reader *reader, size_t dead_size, revue_error *error) {
    size_t shared, suffix_size;
    if (!reader->block) return REVUE_NO_MATCH;
    for (;;) {
        TRY(pass_pending(reader, error));
        if (block_ended(reader)) {
            if (dead_size > 0) return seek_behind(reader, dead_size, error);
            TRY(enter_next_block(reader, error));
        }
        const bool is_restart = reader->next_entry++ % DICTIONARY_RESTART == 0;
        if (!take_sizes(&reader->reader, is_restart ? 0 : reader->term_size, &shared, &suffix_size))
            return damaged(reader, "an entry ends early", error);
        const bool dead = is_dead(reader, dead_size, shared, suffix_size);
        if (!dead) memcpy(reader->term + shared, reader->reader.next, suffix_size);
        reader->reader.next += suffix_size;
        reader->term_size = shared + suffix_size;
        reader->is_pending = true;
        reader->is_pending_restart = is_restart;
        if (!dead) return REVUE_OK;
    }
}

revue_status dictionary_reader_walked(struct dictionary_reader *reader, revue_error *error) {
    if (!reader->is_pending) return REVUE_OK; /* sought: read already */
    reader->is_pending = false;
    return take_payload(reader, reader->is_pending_restart, true) ? REVUE_OK
                                                                  : damaged(reader, "an entry is damaged", error);
}

/* ---- checking ---- */

/* Looking up relies on shared being all that two terms share, and on every 16th entry being where its restart says. */
static revue_status check_entry(struct dictionary_reader *reader, revue_error *error) {
    uint8_t before_bytes[FORM_MAX];
    struct view before = view_of(before_bytes, reader->term_size);
    struct byte_reader ahead = reader->reader;
    size_t shared, suffix_size;
    uint32_t restart = reader->next_entry / DICTIONARY_RESTART, offset = (uint32_t)(reader->reader.next - reader->block);
    bool is_restart;
    memcpy(before_bytes, reader->term, before.size);
    if (!take_sizes(&ahead, before.size, &shared, &suffix_size) || !take_term(reader, &is_restart))
        return damaged(reader, "an entry ends early", error);
    if (is_restart && (restart >= reader->restart_count || restart_offset(reader, restart) != offset))
        return damaged(reader, "the restarts do not fit the entries", error);
    struct view term = dictionary_reader_term(reader);
    if (view_compare(before, term) >= 0) return out_of_order(reader, error);
    if (!is_restart && dictionary_shared(before, term) != shared)
        return damaged(reader, "an entry shares more than it says", error);
    if (!take_payload(reader, is_restart, true)) return damaged(reader, "an entry is damaged", error);
    return REVUE_OK;
}

revue_status dictionary_block_check(struct view value, enum segment_kind kind, dictionary_payload *payload, void *context,
                                    uint32_t *count, revue_error *error) {
    struct dictionary_reader reader = {.kind = kind, .payload = payload, .context = context};
    TRY(enter_block(&reader, value, error));
    while (!block_ended(&reader))
        TRY(check_entry(&reader, error));
    uint32_t restarts = (reader.next_entry + DICTIONARY_RESTART - 1) / DICTIONARY_RESTART;
    if (restarts != reader.restart_count) return damaged(&reader, "the restarts do not fit the entries", error);
    *count = reader.next_entry;
    return REVUE_OK;
}
