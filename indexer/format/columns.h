/* columns.h - values kept for filtering, sorting and facets, and lengths, keywords and deletes (FORMAT.md, 4, 8, 9). */
#ifndef REVUE_FORMAT_COLUMNS_H
#define REVUE_FORMAT_COLUMNS_H

#include "indexer/base/bitpack.h"
#include "indexer/format/stream.h"
#include "indexer/review/schema.h"

#define COLUMN_CHUNK 4096u
#define DELETES_CHUNK 65536u

/* Numbers of the built-in columns; declared ones count from COLUMN_DECLARED. */
enum column_number {
    COLUMN_OF_RATING,
    COLUMN_OF_STARS,
    COLUMN_OF_DATE,
    COLUMN_OF_DATE_PRECISION,
    COLUMN_OF_VOTES,
    COLUMN_OF_LANG,
    COLUMN_OF_PRODUCT,
    COLUMN_OF_AUTHOR,
    COLUMN_OF_TAGS,
    COLUMN_OF_SOURCE,
    COLUMN_OF_RUN,
    COLUMN_OF_HASH,
    COLUMN_BUILT_IN_COUNT,
    COLUMN_DECLARED = 32
};

/* ---- chunks ---- */
/* Values of one chunk being written. Numbers (number, date, and keyword numbers) are doubles or int64; a chunk is one or
 * the other. has_value[i] false: missing. */
struct column_chunk_input {
    uint32_t count;  /* at most COLUMN_CHUNK */
    bool is_integer; /* integers[] is used, else numbers[] */
    const int64_t *integers;
    const double *numbers;
    const bool *has_value; /* NULL: all have */
    const uint32_t *ends;  /* several values: end offset of each review's in integers[]; NULL: one each */
};
/* Appends the record; nothing when all values are missing (*is_empty then). */
revue_status column_chunk_encode(const struct column_chunk_input *input, struct bytes *out, bool *is_empty,
                                 revue_error *error);

/* A chunk in place. get is valid for index < count; it does not check again what _open checked. */
struct column_chunk {
    uint32_t count, missing;
    uint8_t encoding, scale;               /* scale: a value is its integer / 10^scale */
    bool has_several, is_integer;          /* is_integer: stored as integers, of whatever scale */
    int64_t minimum, maximum;              /* of an integer chunk, before scaling */
    double number_minimum, number_maximum; /* of any chunk, as numbers */
    const uint8_t *missing_bits, *values, *ends;
};
revue_status column_chunk_open(struct view record, struct column_chunk *chunk, revue_error *error);
bool column_chunk_has(const struct column_chunk *chunk, uint32_t index);
int64_t column_chunk_integer(const struct column_chunk *chunk, uint32_t index); /* is_integer, one value; not scaled */
double column_chunk_number(const struct column_chunk *chunk, uint32_t index);   /* any chunk, as a number */
/* How wide the values of a chunk of single ones are, which lie side by side: 0 (all are the minimum), 1, 2 or 4 bytes (less
 * the minimum), or 8 (as they are). */
unsigned column_chunk_value_bytes(const struct column_chunk *chunk);
/* The keyword numbers of review index: how many, and the i-th. */
uint32_t column_chunk_several(const struct column_chunk *chunk, uint32_t index, uint32_t *first);
uint32_t column_chunk_several_at(const struct column_chunk *chunk, uint32_t at);

/* A column of an open segment: remembers the chunk it looked at last. A chunk without a record reads as all missing. */
struct column_reader {
    store_txn *txn;
    uint32_t segment;
    uint16_t column;
    uint32_t chunk_number; /* UINT32_MAX: none yet */
    bool is_absent;
    struct column_chunk chunk;
};
void column_reader_open(struct column_reader *reader, store_txn *txn, uint32_t segment, uint16_t column);
/* Makes the chunk of doc current. */
revue_status column_reader_seek(struct column_reader *reader, uint32_t doc, revue_error *error);
/* Single values of review doc; *has false when missing. Integers of a scale other than 0 are REVUE_CORRUPT: a number column
 * is read as numbers. */
revue_status column_reader_integer(struct column_reader *reader, uint32_t doc, bool *has, int64_t *value,
                                   revue_error *error);
revue_status column_reader_number(struct column_reader *reader, uint32_t doc, bool *has, double *value, revue_error *error);
/* The several values of review doc: how many, 0 when missing, and which of the current chunk's is the first
 * (column_chunk_several_at). */
revue_status column_reader_several(struct column_reader *reader, uint32_t doc, uint32_t *first, uint32_t *count,
                                   revue_error *error);

/* ---- keyword tables ---- */
/* Values of one column, index-wide. Reading: number -> value and value -> number over all batches. */
typedef struct keywords keywords;
revue_status keywords_open(keywords **opened, store_txn *txn, uint16_t column, revue_error *error);
void keywords_close(keywords *keywords);
uint32_t keywords_count(const keywords *keywords);
revue_status keywords_value(keywords *keywords, uint32_t number, struct bytes *scratch, struct view *value,
                            revue_error *error);
/* Or REVUE_NO_MATCH. */
revue_status keywords_number(keywords *keywords, struct view value, uint32_t *number, revue_error *error);
/* For whoever looks up much that is not there: reads all hashes once, and from then on most batches that do not hold a
 * value are passed over. Takes one to two bytes a value until keywords_close. page_bytes: as for store_limit_pages,
 * meanwhile. */
revue_status keywords_make_filters(keywords *keywords, size_t page_bytes, revue_error *error);
size_t keywords_filters_memory(const keywords *keywords);
/* Writing: numbers values that are new on top of what keywords (may be NULL for a new column) holds. */
typedef struct keywords_builder keywords_builder;
revue_status keywords_builder_create(keywords_builder **created, uint16_t column, keywords *existing, revue_error *error);
/* Finds or adds. */
revue_status keywords_builder_number(keywords_builder *builder, struct view value, uint32_t *number, revue_error *error);
/* Writing takes no more than about so many bytes: larger batches are not joined. Without a limit they always are. */
void keywords_builder_limit(keywords_builder *builder, uint64_t most_joined);
/* Writes the new values as one batch; joins batches when there are more than 8. existing must not be used again:
 * afterwards the builder still knows the values it added, but (when there were existing ones) can number no others:
 * REVUE_BUG, open the column again. */
revue_status keywords_builder_write(keywords_builder *builder, store_txn *txn, revue_error *error);
void keywords_builder_free(keywords_builder *builder);
uint64_t keywords_builder_memory(const keywords_builder *builder);

/* ---- lengths ---- */
/* Lengths of one field of a segment, in doc order. width is 1, 2 or 4. */
revue_status lengths_write(const struct segment_sink *sink, unsigned field, const uint32_t *lengths, uint32_t count,
                           uint8_t *width, revue_error *error);
struct lengths_reader {
    struct stream *stream;
    uint8_t width; /* 0: the field is empty in all reviews */
    uint32_t doc_count;
};
revue_status lengths_get(struct lengths_reader *reader, uint32_t doc, uint32_t *length, revue_error *error);
/* What reviews of a segment are in the order of: how many bits the length of the body has (FORMAT.md, 4). */
#define LENGTH_CLASSES 33u
static inline unsigned length_class(uint32_t body_length) {
    return bit_width32(body_length);
}
/* lengths of ascending docs[0 .. count). */
revue_status lengths_gather(struct lengths_reader *reader, const uint32_t *docs, uint32_t count, uint32_t *lengths,
                            revue_error *error);
/* Of lengths of two bytes, in an extent whose data begins with review first: those of some of its reviews. Two bytes more
 * than the lengths are readable: the checksum of an extent is. */
void lengths_gather_two(const uint8_t *data, uint32_t first, const uint32_t *docs, uint32_t count, uint32_t *lengths);

/* ---- deletes ---- */
/* The deleted reviews of a segment as one bitset in memory of whole 64-bit words (bit = deleted), made from its chunks;
 * NULL words when none is deleted. */
struct deletes {
    uint64_t *words;
    uint32_t doc_count, deleted;
};
revue_status deletes_read(struct deletes *deletes, store_txn *txn, uint32_t segment, uint32_t doc_count,
                          revue_error *error);
static inline bool deletes_has(const struct deletes *deletes, uint32_t doc) {
    return deletes->words && (deletes->words[doc / 64] >> (doc % 64) & 1);
}
/* Marks; *was_live tells if it was not deleted before. */
revue_status deletes_mark(struct deletes *deletes, uint32_t doc, bool *was_live, revue_error *error);
revue_status deletes_write(const struct deletes *deletes, store_txn *txn, uint32_t segment, revue_error *error);
void deletes_free(struct deletes *deletes);

#endif
