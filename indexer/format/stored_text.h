/* stored_text.h - symbol tables and the text of reviews in word codes (FORMAT.md, 7). Writer and reader. */
#ifndef REVUE_FORMAT_STORED_TEXT_H
#define REVUE_FORMAT_STORED_TEXT_H

#include "indexer/base/arena.h"
#include "indexer/format/number_code.h"
#include "indexer/format/stream.h"

#define SYMBOL_BYTES_MAX 127u
#define SYMBOL_LITERAL_WORD 0u
#define SYMBOL_LITERAL_GAP 1u
#define SYMBOL_NO_BLANK 2u
#define SYMBOL_FIRST 3u

/* ---- symbol tables ---- */
struct symbol {
    struct view bytes; /* 1 to SYMBOL_BYTES_MAX */
    bool is_gap;
};
/* Writes count symbols, to be numbered first, first + 1 ..., into SYMBOL_BYTES and SYMBOL_INDEX of a segment. */
revue_status symbols_write(const struct segment_sink *sink, const struct symbol *symbols, uint32_t count,
                           uint64_t *bytes_size, uint64_t *index_size, revue_error *error);

#define SYMBOL_NOTES 40u /* kinds of notes */

/* Base and local table of one segment together: what numbers mean there. */
struct symbol_tables {
    struct stream base_bytes, base_index, local_bytes, local_index;
    uint32_t base_count, local_count; /* numbers SYMBOL_FIRST ... + base_count - 1, then the local ones */
    struct number_code code;
    struct symbol_cache *cache;    /* short symbols met before; NULL until the first decode makes it */
    uint64_t *notes[SYMBOL_NOTES]; /* see symbol_tables_notes */
    uint8_t *marks[SYMBOL_NOTES];  /* see symbol_tables_marks */
};
/* Closes the four streams and frees the cache and the notes. */
void symbol_tables_close(struct symbol_tables *tables);
/* REVUE_CORRUPT when there is no such number. The view lives as long as the transaction (or until scratch is used
 * again). */
revue_status symbol_tables_get(struct symbol_tables *tables, uint32_t number, struct bytes *scratch, struct symbol *symbol,
                               revue_error *error);
/* The symbols of a table, the local or the base one, in order of number, that is the most frequent first: group_number
 * counts groups of so many from 0; *count is 0 behind the last. Views as of symbol_tables_get; a damaged symbol may have no
 * bytes. */
#define SYMBOL_GROUP 16u
revue_status symbol_tables_group(struct symbol_tables *tables, bool is_local, uint32_t group_number, struct bytes *scratch,
                                 struct symbol symbols[SYMBOL_GROUP], uint32_t *count, revue_error *error);
/* All symbols of the base table, in order of number, into symbols (base_count of them); their bytes are in the arena. */
revue_status symbol_tables_read_base(struct symbol_tables *tables, struct arena *arena, struct symbol *symbols,
                                     revue_error *error);

/* What those who walk texts note of the symbols, so as to look at the bytes of each only once: a note for every number
 * below *count, of this kind (below SYMBOL_NOTES), 0 until it is set. Kept as long as the tables. NULL: out of memory. */
uint64_t *symbol_tables_notes(struct symbol_tables *tables, unsigned kind, uint32_t *count);
/* The same in a byte each, for those who pass over most of them (word_marks.h). */
uint8_t *symbol_tables_marks(struct symbol_tables *tables, unsigned kind, uint32_t *count);

/* ---- a field in word codes ---- */
/* One item of a text: a number, or a literal. What the indexer holds in memory for each field. */
struct text_item {
    uint32_t number; /* SYMBOL_LITERAL_WORD / _GAP: the bytes are in literal */
    struct view literal;
};
/* Puts the codes of one field behind the bytes of out, from start to finish. When memory ends, out->failed says so. */
struct word_codes_writer {
    const struct number_code *code;
    struct bytes *out;
    uint64_t filling; /* bits that are no whole byte yet, */
    unsigned used;    /* so many */
};
void word_codes_start(struct word_codes_writer *writer, const struct number_code *code, struct bytes *out);
/* Room for one code; false when there is none. */
bool word_codes_make_room(struct word_codes_writer *writer);
static inline void word_codes_put(struct word_codes_writer *writer, struct number_bits code) {
    struct bytes *out = writer->out;
    if (__builtin_expect(out->capacity - out->size < sizeof(uint64_t), 0) && !word_codes_make_room(writer)) return;
    const uint64_t filling = writer->filling | code.bits << writer->used;
    const unsigned used = writer->used + code.size;
    store_le64(out->data + out->size, filling);
    out->size += used / 8;
    writer->filling = filling >> (used & ~7u);
    writer->used = used % 8;
}
/* Appends one item, given whether the item before was a word (false at the start) and whether this one is; adds NO_BLANK
 * where two words touch, and leaves away the single blank between two words: pass only the words. A number that the code
 * does not reach makes out fail. */
void word_codes_append(struct word_codes_writer *writer, struct text_item item, bool follows_word, bool is_word,
                       bool blank_between);
void word_codes_finish(struct word_codes_writer *writer);
/* Decodes a field to its bytes (appended to out; on failure out is as long as before). */
revue_status word_codes_decode(struct symbol_tables *tables, struct view codes, struct bytes *out, revue_error *error);
/* The same for codes that may stand for more than they should: over limit bytes is REVUE_CORRUPT. */
revue_status word_codes_decode_up_to(struct symbol_tables *tables, struct view codes, size_t limit, struct bytes *out,
                                     revue_error *error);
/* Walks the items of a coded field in place: for merging (numbers are remapped, nothing is decoded) and phrase scans. */
struct word_codes_walk {
    const struct number_code *code;
    const uint8_t *data;
    uint64_t bit, end;        /* of data: the next, and behind the last */
    struct number_bits taken; /* the code of the item taken last */
    bool failed;              /* the codes are damaged, or the code was not made */
};
void word_codes_walk_start(struct word_codes_walk *walk, const struct number_code *code, struct view codes);
/* False at the end; walk->failed then tells a damaged code from the end. */
bool word_codes_walk_next(struct word_codes_walk *walk, struct text_item *item);
/* The numbers that come before the next literal, at most room of them, into numbers; returns how many. Fewer than room: a
 * literal or the end is next. */
uint32_t word_codes_walk_numbers(struct word_codes_walk *walk, uint32_t *numbers, uint32_t room);
/* Goes to the next item that is a literal or a number from limit on, or to the end. */
void word_codes_walk_pass(struct word_codes_walk *walk, uint32_t limit);
/* Puts the codes of walk from bit first to where it stands, as they are. */
void word_codes_copy(struct word_codes_writer *writer, const struct word_codes_walk *walk, uint64_t first);

/* ---- records ---- */
enum text_field { TEXT_TITLE, TEXT_URL, TEXT_BODY, TEXT_FIELD_COUNT };
enum text_coding { CODING_ABSENT, CODING_WORDS, CODING_ZSTD, CODING_PLAIN };
struct text_part {
    enum text_coding coding;
    struct view data; /* as stored */
};
typedef struct text_writer text_writer; /* TEXT and TEXT_INDEX of one segment */
revue_status text_writer_create(text_writer **created, const struct segment_sink *sink, revue_error *error);
/* The next review, in doc order. */
revue_status text_writer_add(text_writer *writer, const struct text_part parts[TEXT_FIELD_COUNT], revue_error *error);
revue_status text_writer_finish(text_writer *writer, uint64_t *text_size, uint64_t *index_size, revue_error *error);
void text_writer_free(text_writer *writer);
/* What trying zstd needs, kept from one field to the next; zeroed at first. One thread's. */
struct text_packer {
    struct bytes frame;
    struct ZSTD_CCtx_s *context; /* NULL: none was needed yet */
};
void text_packer_free(struct text_packer *packer);
/* Chooses the coding of a field: codes when they are at most 0.8 of the raw bytes, else the smallest of codes, zstd (in the
 * packer's frame) and plain. codes may be empty when the raw bytes are not (no codes were made). */
revue_status text_part_choose(struct view raw, struct view codes, struct text_packer *packer, struct text_part *part,
                              revue_error *error);

struct text_streams {
    struct stream *text, *index;
    uint32_t doc_count;
};
/* The stored parts of review doc, in place or in scratch. */
revue_status text_read(struct text_streams streams, uint32_t doc, struct bytes *scratch,
                       struct text_part parts[TEXT_FIELD_COUNT], revue_error *error);
/* Only hastens the text_read of the review that comes soon, of a number of reviews that are read one after the other. */
void text_expect(struct text_streams streams, uint32_t doc);
/* A part's bytes, appended to out; at most limit bytes (a zstd frame that says more is REVUE_CORRUPT). */
revue_status text_part_decode(struct symbol_tables *tables, struct text_part part, size_t limit, struct bytes *out,
                              revue_error *error);

#endif
