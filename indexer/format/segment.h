/* segment.h - a segment: its META record, opening it for reading, writing a new one (FORMAT.md, 4 and 5). */
#ifndef REVUE_FORMAT_SEGMENT_H
#define REVUE_FORMAT_SEGMENT_H

#include "indexer/format/columns.h"
#include "indexer/format/dictionary.h"
#include "indexer/format/ids.h"
#include "indexer/format/stored_text.h"

struct segment_meta {
    uint32_t doc_count, term_count, form_count;
    uint64_t posting_count, token_count;
    bool has_positions, has_text;
    struct segment_field {
        uint8_t length_width;
        uint64_t total_length;
        uint32_t docs_with_field;
    } fields[FIELD_COUNT];
    uint32_t symbol_count, first_symbol;  /* local table; of segment 0 the base table */
    uint8_t code_lengths[NUMBER_CLASSES]; /* of the number code: of segment 0, else 0 */
    struct segment_kind_size {
        uint32_t records;
        uint64_t bytes;
        uint64_t checksum; /* of checksums */
    } kinds[KIND_COUNT];
};

/* ---- writing ---- */
/* Writes the records of one segment in transactions of about 10 MB, counts them and their checksums. Nothing is live before
 * the manifest says so. What a stopped run left under the number is removed with the first record. From that record until
 * finish or free a write transaction is open: one thread does all of it, and nothing else writes meanwhile. */
typedef struct segment_writer segment_writer;
revue_status segment_writer_create(segment_writer **created, store *store, uint32_t segment, revue_error *error);
/* Commits in steps of a sixteenth of memory_bytes where that is less: what waits for its commit is held in memory. */
void segment_writer_fit(segment_writer *writer, size_t memory_bytes);
const struct segment_sink *segment_writer_sink(segment_writer *writer);
/* A column chunk of the segment (table columns), in the same transactions. */
revue_status segment_writer_put_column(segment_writer *writer, uint16_t column, uint32_t chunk, struct view record,
                                       revue_error *error);
/* Completes meta->kinds, writes META, commits. *checksum goes to the manifest. */
revue_status segment_writer_finish(segment_writer *writer, struct segment_meta *meta, uint64_t *checksum,
                                   revue_error *error);
void segment_writer_free(segment_writer *writer); /* unfinished: what was committed stays unlisted garbage */
/* Removes all records of a segment (segments, columns, deletes). */
revue_status segment_remove(store_txn *txn, uint32_t segment, revue_error *error);

/* ---- reading ---- */
/* An open segment of one transaction. Nothing is read at open but META. Not thread-safe. */
struct segment {
    store_txn *txn;
    uint32_t number;
    struct segment_meta meta;
    struct stream streams[KIND_COUNT];
    terms_reader *terms; /* opened at first use by segment_terms */
    forms_reader *forms;
    struct symbol_tables symbols;
};
/* REVUE_NO_MATCH: no such segment. *checksum is META's own, which the manifest repeats. */
revue_status segment_meta_read(store_txn *txn, uint32_t segment, struct segment_meta *meta, uint64_t *checksum,
                               revue_error *error);
/* base: META of segment 0 of the same generation, or NULL when there is none. No such segment: REVUE_CORRUPT. */
revue_status segment_open(struct segment **opened, store_txn *txn, uint32_t segment, const struct segment_meta *base,
                          revue_error *error);
/* The same of a segment that the manifest lists with so many reviews: REVUE_CORRUPT when META has others. What is held for
 * each review of a segment may go by either count then. */
revue_status segment_open_listed(struct segment **opened, store_txn *txn, uint32_t segment, uint32_t doc_count,
                                 const struct segment_meta *base, revue_error *error);
void segment_close(struct segment *segment);
revue_status segment_terms(struct segment *segment, terms_reader **terms, revue_error *error);
revue_status segment_forms(struct segment *segment, forms_reader **forms, revue_error *error);
struct postings_streams segment_postings(struct segment *segment);
struct lengths_reader segment_lengths(struct segment *segment, enum review_field field);
struct ids_streams segment_ids(struct segment *segment);
struct text_streams segment_text(struct segment *segment);

void segment_meta_encode(const struct segment_meta *meta, struct bytes *out);
revue_status segment_meta_decode(struct view record, struct segment_meta *meta, revue_error *error);

#endif
