/* flush.h - what an accumulator holds becomes one segment. */
#ifndef REVUE_INVERT_FLUSH_H
#define REVUE_INVERT_FLUSH_H

#include "indexer/format/manifest.h"
#include "indexer/invert/accumulator.h"
#include "indexer/invert/base_symbols.h"
#include "indexer/invert/lexicon.h"

/* Writes all reviews of the accumulator (at least one) as the segment of that number, in the order (product, first seen),
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
revue_status flush_terms(struct flush *flush, revue_error *error); /* flush_terms.c: dictionaries and posting lists */
/* flush_text.c: the numbers first, since the base table is a segment of its own and must be whole before this one begins.
 */
revue_status flush_number_symbols(struct flush *flush, revue_error *error);
revue_status flush_text(struct flush *flush, revue_error *error);
void text_numbers_free(struct text_numbers *text);
revue_status flush_columns(struct flush *flush, revue_error *error); /* flush_columns.c: columns, ids, lengths */

/* ---- work cut into parts that are made by workers and used in order (flush.c) ---- */
struct flush_parts {
    /* Makes part number `part` in slot number `slot`, by any worker. Parts of one slot follow each other. */
    revue_status (*make)(void *context, uint32_t part, unsigned slot, revue_error *error);
    /* Uses it, in the calling thread, parts ascending. */
    revue_status (*use)(void *context, uint32_t part, unsigned slot, revue_error *error);
    void *context;
    uint32_t count;
};
/* Slots that flush_run_parts uses with these workers. */
unsigned flush_slots(const workers *pool);
revue_status flush_run_parts(workers *pool, const struct flush_parts *parts, revue_error *error);

#endif
