/* flush.h - what an accumulator holds becomes one segment. */
#ifndef REVUE_INVERT_FLUSH_H
#define REVUE_INVERT_FLUSH_H

#include "indexer/format/manifest.h"
#include "indexer/invert/accumulator.h"
#include "indexer/invert/base_symbols.h"
#include "indexer/invert/lexicon.h"
#include "indexer/invert/parts.h"

/* Writes all reviews of the accumulator (at least one) as the segment of that number, in the order (length_class, first seen),
 * and fills in its row of the manifest but for the run. The first flush of a generation writes the base symbol table too.
 * All columns are written; COLUMN_OF_STARS only where the record named its scale, the rest needs whole sources. Nothing is
 * live yet. Takes in what still waits first; clear the accumulator afterwards. The store is used by the calling thread
 * alone; the accumulator's workers sort and encode. The segment does not depend on how many they are. */
revue_status flush_segment(struct accumulator *accumulator, struct base_symbols *base, store *to, uint32_t segment,
                           bool has_positions, struct manifest_segment *row, revue_error *error);

/* ---- between the files of flushing ---- */
struct flush {
    const struct accumulator *accumulator;
    struct base_symbols *base;
    store *to;
    segment_writer *writer;
    const struct segment_sink *sink;
    struct segment_meta meta;
    struct lexicon lexicon;
    struct text_numbers *text;             /* numbers of the symbols: of flush_text.c */
    const struct pending_review **reviews; /* by doc number */
    uint32_t doc_count;
};
revue_status flush_terms(struct flush *flush, revue_error *error); /* flush_terms.c: stems and posting lists */
revue_status flush_forms(struct flush *flush, const struct segment_sink *sink, revue_error *error); /* flush_terms.c */
/* flush_text.c: the numbers first, since the base table is a segment of its own and must be whole before this one begins.
 */
revue_status flush_number_symbols(struct flush *flush, revue_error *error);
revue_status flush_text(struct flush *flush, revue_error *error);
void text_numbers_free(struct text_numbers *text);
/* flush_columns.c: columns, lengths; sink is that of an aside. */
revue_status flush_columns(struct flush *flush, const struct segment_sink *sink, revue_error *error);
revue_status flush_ids(struct flush *flush, const struct segment_sink *sink, revue_error *error); /* flush_columns.c */

/* ---- records made by a worker while the caller is at something else (flush.c) ---- */
struct flush_aside {
    struct task task;
    struct flush *flush;
    /* By any worker: puts records into sink, reads flush, and changes nothing of it that others look at meanwhile. */
    revue_status (*make)(struct flush *flush, const struct segment_sink *sink, revue_error *error);
    struct bytes records;
};
void flush_aside_start(struct flush_aside *aside, struct flush *flush,
                       revue_status (*make)(struct flush *flush, const struct segment_sink *sink, revue_error *error));
/* For make: a chunk of a column, which is no record of a kind. sink: the one it was given. */
revue_status flush_aside_put_column(const struct segment_sink *sink, uint16_t column, uint32_t chunk, struct view record,
                                    revue_error *error);
/* Waits for it and puts its records into the segment; to be called once for every start. put false: only waits. */
revue_status flush_aside_finish(struct flush_aside *aside, bool put, revue_error *error);

#endif
