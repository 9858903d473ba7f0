/* dictionary_block.h - front-coded blocks of sorted terms: what TERMS and FORMS have in common (FORMAT.md, 6.1).
 *
 * Each dictionary adds the payload of its entries: the writer is handed it as bytes, the reader calls back to have it read.
 * A payload does not say its size; whoever passes an entry has to read through it. */
#ifndef REVUE_FORMAT_DICTIONARY_BLOCK_H
#define REVUE_FORMAT_DICTIONARY_BLOCK_H

#include "indexer/format/dictionary.h"

#define DICTIONARY_VALUE (DICTIONARY_BLOCK - 8u) /* bytes of a block without its checksum */
#define DICTIONARY_RESTARTS (DICTIONARY_BLOCK / DICTIONARY_RESTART)

/* ---- writing ---- */

struct dictionary_writer {
    const struct segment_sink *sink;
    enum segment_kind kind;
    struct bytes block, entry;
    uint16_t restarts[DICTIONARY_RESTARTS];
    uint32_t restart_count, block_entries, count; /* count: of all blocks */
    uint8_t first[FORM_MAX], last[FORM_MAX];      /* terms of the block */
    size_t first_size, last_size;
};
void dictionary_writer_start(struct dictionary_writer *writer, const struct segment_sink *sink, enum segment_kind kind);
/* Terms strictly ascend. at_restart stands before payload when the entry begins a run of 16. */
revue_status dictionary_writer_add(struct dictionary_writer *writer, struct view term, struct view at_restart,
                                   struct view payload, revue_error *error);
revue_status dictionary_writer_finish(struct dictionary_writer *writer, revue_error *error);
void dictionary_writer_free(struct dictionary_writer *writer);

/* ---- reading ---- */

/* Reads through the payload of term; when it is wanted, keeps what it says in context (else term is not known: only its
 * size is right). False, or reader->failed: damaged. */
typedef bool dictionary_payload(void *context, struct byte_reader *reader, struct view term, bool is_restart,
                                bool is_wanted);

struct dictionary_reader {
    store_cursor *cursor; /* at the block below; NULL: there is only the block below */
    uint32_t segment;
    enum segment_kind kind;
    dictionary_payload *payload;
    void *context;
    const uint8_t *block; /* NULL: none */
    uint32_t restart_count;
    bool is_fresh;             /* nothing was sought yet: next begins with the first term */
    struct byte_reader reader; /* the entries not read yet; its end is that of all entries */
    uint32_t next_entry;       /* ordinal in the block */
    uint8_t term[FORM_MAX];    /* of the entry read last */
    size_t term_size;
    bool is_pending, is_pending_restart; /* of a walk: the payload of that entry is not read yet */
    uint8_t beyond[FORM_MAX + 1];        /* what a walk sought last, which only ascends */
    size_t beyond_size;                  /* 0: nothing yet */
};
revue_status dictionary_reader_open(struct dictionary_reader *reader, store_txn *txn, uint32_t segment,
                                    enum segment_kind kind, dictionary_payload *payload, void *context, revue_error *error);
void dictionary_reader_close(struct dictionary_reader *reader);
/* Each leaves the reader at the entry it found, its payload kept, or says REVUE_NO_MATCH. */
revue_status dictionary_reader_find(struct dictionary_reader *reader, struct view sought, revue_error *error);
revue_status dictionary_reader_seek(struct dictionary_reader *reader, struct view from, revue_error *error);
revue_status dictionary_reader_next(struct dictionary_reader *reader, revue_error *error);
/* Walking terms of which few are wanted. From the entry at hand to the next that does not begin with dead_size bytes of it
 * (0: to the next), which those in between are not even put together for. Only then, and once, may its payload be asked
 * for. */
revue_status dictionary_reader_walk(struct dictionary_reader *reader, size_t dead_size, revue_error *error);
revue_status dictionary_reader_walked(struct dictionary_reader *reader, revue_error *error);
static inline struct view dictionary_reader_term(const struct dictionary_reader *reader) {
    return view_of(reader->term, reader->term_size);
}

/* Walks one block (without its checksum) and checks all that a look-up relies on. */
revue_status dictionary_block_check(struct view value, enum segment_kind kind, dictionary_payload *payload, void *context,
                                    uint32_t *count, revue_error *error);

/* A byte_reader_varint without a call where it is one byte, as nearly all are. */
static inline uint64_t dictionary_varint(struct byte_reader *reader) {
    if (reader->next < reader->end && *reader->next < 0x80) return *reader->next++;
    return byte_reader_varint(reader);
}
static inline uint32_t dictionary_varint32(struct byte_reader *reader) {
    if (reader->next < reader->end && *reader->next < 0x80) return *reader->next++;
    return byte_reader_varint32(reader);
}

/* What front coding leaves of bytes that follow, or belong to, others. */
size_t dictionary_shared(struct view a, struct view b);
/* Appends bytes as sizes (shared with base, of the suffix) and suffix; takes them apart again into out (FORM_MAX bytes),
 * of which the shared bytes come from base; false when they do not fit or are none. */
void dictionary_append_suffix(struct bytes *out, struct view base, struct view bytes);
bool dictionary_take_suffix(struct byte_reader *reader, struct view base, uint8_t *out, size_t *size);
bool dictionary_pass_suffix(struct byte_reader *reader, size_t base_size);

#endif
