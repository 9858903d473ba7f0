/* flush.c - see flush.h. Puts the reviews in order and lets the three parts write their kinds. */
#include "indexer/invert/flush.h"

#include "indexer/base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Reviews of one product stand together: their words are alike, so that gaps and blocks get smaller. Of one product the
 * first seen comes first; products ascend bytewise, so that merges of segments keep the order. */
static int compare_reviews(const void *left, const void *right, void *context) {
    const struct pending_review *reviews = context;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    int order = view_compare(reviews[a].product, reviews[b].product);
    return order ? order : a < b ? -1 : a > b;
}

static revue_status order_reviews(struct flush *flush, revue_error *error) {
    flush->doc_count = (uint32_t)flush->accumulator->review_count;
    flush->order = memory_alloc_array(flush->doc_count, sizeof *flush->order);
    if (!flush->order) return error_no_memory(error);
    for (uint32_t i = 0; i < flush->doc_count; i++)
        flush->order[i] = i;
    qsort_r(flush->order, flush->doc_count, sizeof *flush->order, compare_reviews, flush->accumulator->reviews);
    return REVUE_OK;
}

static void total_lengths(struct flush *flush) {
    for (uint32_t i = 0; i < flush->doc_count; i++)
        for (unsigned field = 0; field < FIELD_COUNT; field++) {
            uint32_t length = flush->accumulator->reviews[i].text[field].length;
            flush->meta.fields[field].total_length += length;
            flush->meta.fields[field].docs_with_field += length > 0;
        }
}

revue_status flush_segment(const struct accumulator *accumulator, struct base_symbols *base, store *to, uint32_t segment,
                           bool has_positions, struct manifest_segment *row, revue_error *error) {
    struct flush flush = {.accumulator = accumulator, .base = base, .to = to};
    revue_status status;
    uint64_t checksum;
    flush.meta.doc_count = (uint32_t)accumulator->review_count;
    flush.meta.has_positions = has_positions;
    flush.meta.has_text = accumulator->keep_text;
    flush.meta.token_count = accumulator->token_count;
    TRY_DONE(order_reviews(&flush, error));
    total_lengths(&flush);
    if (accumulator->keep_text) TRY_DONE(flush_number_symbols(&flush, error));
    TRY_DONE(segment_writer_create(&flush.writer, to, segment, error));
    flush.sink = segment_writer_sink(flush.writer);
    TRY_DONE(flush_terms(&flush, error));
    TRY_DONE(flush_columns(&flush, error));
    if (accumulator->keep_text) TRY_DONE(flush_text(&flush, error));
    TRY_DONE(segment_writer_finish(flush.writer, &flush.meta, &checksum, error));
    *row = (struct manifest_segment){.number = segment, .doc_count = flush.doc_count, .meta_checksum = checksum};
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        row->fields[field].total_length = flush.meta.fields[field].total_length;
        row->fields[field].doc_count = flush.meta.fields[field].docs_with_field;
    }
done:
    segment_writer_free(flush.writer);
    text_numbers_free(flush.text);
    memory_free(flush.order);
    return status;
}
