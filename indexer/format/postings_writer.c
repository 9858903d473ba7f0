/* postings_writer.c - posting lists into their three streams (FORMAT.md, 6.3 to 6.5).
 *
 * One block is gathered at a time, with its positions, whose codes are as wide as the largest of them needs. A list that
 * ends with its first block needs no skip record, and one short posting is given back for the dictionary. */
#include "indexer/base/memory.h"
#include "indexer/format/positions.h"
#include "indexer/format/postings_block.h"
#include "indexer/format/postings_skips.h"

#include <assert.h>

struct postings_writer {
    struct stream_writer *postings, *positions, *skips;
    uint64_t postings_start, positions_start; /* of the list, in the streams */
    uint32_t df;
    uint32_t previous;  /* the last review of the block before */
    uint32_t least_doc; /* the next review is at least this one */
    uint32_t count;     /* postings gathered */
    uint32_t docs[POSTINGS_BLOCK], frequencies[POSTINGS_BLOCK], lengths[POSTINGS_BLOCK];
    uint8_t masks[POSTINGS_BLOCK];
    uint32_t *gathered; /* positions of the block */
    size_t gathered_count, gathered_capacity;
    struct bytes unit; /* of the block */
    struct skips_writer skip_record;
};

revue_status postings_writer_create(postings_writer **created, struct stream_writer *postings,
                                    struct stream_writer *positions, struct stream_writer *skips, revue_error *error) {
    postings_writer *writer = memory_alloc_zeroed(1, sizeof *writer);
    if (!writer) return error_no_memory(error);
    writer->postings = postings;
    writer->positions = positions;
    writer->skips = skips;
    postings_writer_begin(writer);
    *created = writer;
    return REVUE_OK;
}

void postings_writer_free(postings_writer *writer) {
    if (!writer) return;
    memory_free(writer->gathered);
    bytes_free(&writer->unit);
    skips_writer_free(&writer->skip_record);
    memory_free(writer);
}

void postings_writer_begin(postings_writer *writer) {
    writer->postings_start = writer->postings->size;
    writer->positions_start = writer->positions ? writer->positions->size : 0;
    writer->df = 0;
    writer->previous = UINT32_MAX;
    writer->least_doc = 0;
    writer->count = 0;
    writer->gathered_count = 0;
    skips_writer_begin(&writer->skip_record);
}

static revue_status write_unit(postings_writer *writer, revue_error *error) {
    uint64_t bits;
    if (!positions_unit_make(&writer->unit, writer->gathered, writer->frequencies, writer->count, &bits))
        return error_no_memory(error);
    if (bits > UINT32_MAX)
        return error_set(error, REVUE_INVALID,
                         "%u reviews in a row hold a word so often that their positions pass 512 MiB; split the longest of "
                         "them, or index without positions",
                         POSTINGS_BLOCK);
    writer->gathered_count = 0;
    return stream_writer_append(writer->positions, writer->unit.data, writer->unit.size, error);
}

static revue_status write_block(postings_writer *writer, revue_error *error) {
    uint8_t block[POSTINGS_BLOCK_BYTES];
    size_t size =
        postings_block_encode(writer->docs, writer->frequencies, writer->masks, writer->count, writer->previous, block);
    TRY(stream_writer_append(writer->postings, block, size, error));
    return writer->positions ? write_unit(writer, error) : REVUE_OK;
}

/* A block of a list that has several: most lists have one, and are spared the impacts. */
static __attribute__((noinline)) revue_status write_block_and_skip(postings_writer *writer, revue_error *error) {
    TRY(write_block(writer, error));
    struct impacts impacts;
    impacts_of(writer->frequencies, writer->lengths, writer->count, &impacts);
    const uint32_t last_doc = writer->docs[writer->count - 1];
    const uint64_t postings_end = writer->postings->size - writer->postings_start;
    const uint64_t positions_end = writer->positions ? writer->positions->size - writer->positions_start : 0;
    TRY(skips_writer_add(&writer->skip_record, last_doc, postings_end, positions_end, &impacts, error));
    writer->previous = last_doc;
    writer->count = 0;
    return REVUE_OK;
}

static inline uint32_t *reserve_positions(postings_writer *writer, size_t added) {
    const size_t count = writer->gathered_count + added;
    if (__builtin_expect(count > writer->gathered_capacity, 0) &&
        !MEMORY_RESERVE(writer->gathered, writer->gathered_capacity, count))
        return NULL;
    uint32_t *next = writer->gathered + writer->gathered_count;
    writer->gathered_count = count;
    return next;
}

static bool add_positions(postings_writer *writer, uint32_t frequency, const uint32_t *positions) {
    uint32_t *next = reserve_positions(writer, frequency);
    for (uint32_t i = 0; next && i < frequency; i++)
        next[i] = positions[i];
    return next != NULL;
}

revue_status postings_writer_add(postings_writer *writer, struct posting posting, const uint32_t *positions,
                                 revue_error *error) {
    assert(posting.frequency > 0 && posting.frequency <= posting.length && posting.mask > 0 && posting.mask <= 15);
    assert((uint32_t)__builtin_popcount(posting.mask) <= posting.frequency);
    assert(posting.doc >= writer->least_doc);
    if (writer->count == POSTINGS_BLOCK) TRY(write_block_and_skip(writer, error));
    if (writer->positions && !add_positions(writer, posting.frequency, positions)) return error_no_memory(error);
    const uint32_t i = writer->count++;
    writer->docs[i] = posting.doc;
    writer->frequencies[i] = posting.frequency;
    writer->lengths[i] = posting.length;
    writer->masks[i] = posting.mask;
    writer->least_doc = posting.doc + 1;
    writer->df++;
    return REVUE_OK;
}

/* As much of the run from index at on as the block at hand has room for; *positions moves behind theirs. */
static revue_status fill_block(postings_writer *writer, const struct posting_run *run, uint32_t at, uint32_t taken,
                               const uint32_t **positions, revue_error *error) {
    const uint32_t count = writer->count;
    size_t position_count = 0;
    memcpy(writer->docs + count, run->docs + at, taken * sizeof *run->docs);
    memcpy(writer->frequencies + count, run->frequencies + at, taken * sizeof *run->frequencies);
    memcpy(writer->lengths + count, run->lengths + at, taken * sizeof *run->lengths);
    memcpy(writer->masks + count, run->masks + at, taken * sizeof *run->masks);
    writer->count += taken;
    if (!writer->positions) return REVUE_OK;
    for (uint32_t i = 0; i < taken; i++)
        position_count += run->frequencies[at + i];
    uint32_t *next = reserve_positions(writer, position_count);
    if (!next) return error_no_memory(error);
    memcpy(next, *positions, position_count * sizeof *next);
    *positions += position_count;
    return REVUE_OK;
}

revue_status postings_writer_add_run(postings_writer *writer, const struct posting_run *run, const uint32_t *positions,
                                     revue_error *error) {
    assert(run->count > 0 && run->docs[0] >= writer->least_doc);
    for (uint32_t at = 0, taken; at < run->count; at += taken) {
        if (writer->count == POSTINGS_BLOCK) TRY(write_block_and_skip(writer, error));
        const uint32_t room = POSTINGS_BLOCK - writer->count;
        taken = run->count - at < room ? run->count - at : room;
        TRY(fill_block(writer, run, at, taken, &positions, error));
    }
    writer->least_doc = run->docs[run->count - 1] + 1;
    writer->df += run->count;
    return REVUE_OK;
}

/* The only posting goes to the dictionary; nothing was written. */
static void give_inline(postings_writer *writer, struct posting_list *list) {
    list->is_inline = true;
    list->inline_doc = writer->docs[0];
    list->inline_frequency = writer->frequencies[0];
    list->inline_mask = writer->masks[0];
    if (writer->positions) memcpy(list->inline_positions, writer->gathered, writer->frequencies[0] * sizeof(uint32_t));
}

revue_status postings_writer_end(postings_writer *writer, struct posting_list *list, revue_error *error) {
    assert(writer->df > 0);
    struct posting_list ended = {.df = writer->df,
                                 .postings = writer->postings_start,
                                 .positions = writer->positions_start,
                                 .skips = writer->skips->size};
    if (writer->df == 1 && writer->frequencies[0] <= POSTINGS_INLINE_MAX) {
        give_inline(writer, &ended);
    } else if (writer->df <= POSTINGS_BLOCK) {
        TRY(write_block(writer, error));
    } else {
        TRY(write_block_and_skip(writer, error));
        TRY(skips_writer_finish(&writer->skip_record, writer->skips, &ended.skips_bytes, error));
    }
    ended.postings_bytes = writer->postings->size - writer->postings_start;
    if (writer->positions) ended.positions_bytes = writer->positions->size - writer->positions_start;
    *list = ended;
    return REVUE_OK;
}
