/* postings_writer.c - posting lists into their three streams (FORMAT.md, 6.3 to 6.5).
 *
 * One block is gathered at a time; positions are coded on the way, since their codes need nothing that comes later. A
 * list that ends with its first block needs no skip record, and one short posting is given back for the dictionary. */
#include "indexer/base/memory.h"
#include "indexer/format/positions.h"
#include "indexer/format/postings_block.h"
#include "indexer/format/postings_skips.h"

#include <assert.h>

#define POSITIONS_WAITING 1024u

struct postings_writer {
    struct stream_writer *postings, *positions, *skips;
    uint64_t postings_start, positions_start; /* of the list, in the streams */
    uint32_t df;
    uint32_t previous;  /* the last review of the block before */
    uint32_t least_doc; /* the next review is at least this one */
    uint32_t count;     /* postings gathered */
    uint32_t docs[POSTINGS_BLOCK], frequencies[POSTINGS_BLOCK], lengths[POSTINGS_BLOCK];
    uint8_t masks[POSTINGS_BLOCK];
    uint32_t first_positions[POSTINGS_INLINE_MAX];
    uint32_t positions_waiting[POSITIONS_WAITING];
    uint32_t waiting, encoded;       /* positions that wait, and postings of the block whose positions do not */
    struct positions_writer unit;    /* positions of the block */
    uint64_t marks[POSITIONS_MARKS]; /* bits of the unit before all runs but the first */
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
    positions_writer_free(&writer->unit);
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
    writer->waiting = writer->encoded = 0;
    positions_writer_clear(&writer->unit);
    skips_writer_begin(&writer->skip_record);
}

/* Encodes the positions of the postings before end. */
static void encode_waiting(postings_writer *writer, uint32_t end) {
    const uint32_t first = writer->encoded;
    if (first < end)
        positions_writer_add(&writer->unit, writer->positions_waiting, writer->frequencies + first, writer->lengths + first,
                             end - first);
    writer->encoded = end;
    writer->waiting = 0;
}

/* A whole block's unit begins with its marks, unless it has no codes at all. */
static revue_status write_marks(postings_writer *writer, size_t codes_size, revue_error *error) {
    uint8_t marks[POSITIONS_MARKS * 4];
    const size_t width = positions_mark_width(codes_size + (size_t)POSITIONS_MARKS * 2);
    if (writer->marks[POSITIONS_MARKS - 1] > UINT32_MAX)
        return error_set(error, REVUE_INVALID,
                         "%u reviews in a row hold a word so often that their positions pass 512 MiB; split the longest of "
                         "them, or index without positions",
                         POSTINGS_BLOCK);
    for (unsigned i = 0; i < POSITIONS_MARKS; i++) {
        if (width == 2)
            store_le16(marks + i * width, (uint16_t)writer->marks[i]);
        else
            store_le32(marks + i * width, (uint32_t)writer->marks[i]);
    }
    return stream_writer_append(writer->positions, marks, POSITIONS_MARKS * width, error);
}

static revue_status write_unit(postings_writer *writer, revue_error *error) {
    encode_waiting(writer, writer->count);
    positions_writer_end_run(&writer->unit);
    if (!positions_writer_finish(&writer->unit)) return error_no_memory(error);
    const struct bytes *codes = &writer->unit.unit.bytes;
    if (codes->size > 0 && writer->count == POSTINGS_BLOCK) TRY(write_marks(writer, codes->size, error));
    if (codes->size > 0) TRY(stream_writer_append(writer->positions, codes->data, codes->size, error));
    positions_writer_clear(&writer->unit);
    writer->encoded = 0;
    return REVUE_OK;
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

/* Positions wait for some postings, so that they are coded in one loop. A posting with more than fit does not wait. */
static void add_positions(postings_writer *writer, uint32_t i, uint32_t frequency, const uint32_t *positions) {
    if (i % POSITIONS_RUN == 0 || frequency > POSITIONS_WAITING - writer->waiting) encode_waiting(writer, i);
    if (i % POSITIONS_RUN == 0 && i > 0) writer->marks[i / POSITIONS_RUN - 1] = positions_writer_end_run(&writer->unit);
    if (writer->df == 0 && frequency <= POSTINGS_INLINE_MAX)
        memcpy(writer->first_positions, positions, frequency * sizeof *positions);
    if (frequency > POSITIONS_WAITING) {
        positions_writer_add(&writer->unit, positions, &writer->frequencies[i], &writer->lengths[i], 1);
        writer->encoded = i + 1;
        return;
    }
    uint32_t *next = writer->positions_waiting + writer->waiting;
    for (uint32_t j = 0; j < frequency; j++)
        next[j] = positions[j];
    writer->waiting += frequency;
}

revue_status postings_writer_add(postings_writer *writer, struct posting posting, const uint32_t *positions,
                                 revue_error *error) {
    assert(posting.frequency > 0 && posting.frequency <= posting.length && posting.mask > 0 && posting.mask <= 15);
    assert((uint32_t)__builtin_popcount(posting.mask) <= posting.frequency);
    assert(posting.doc >= writer->least_doc);
    if (writer->count == POSTINGS_BLOCK) TRY(write_block_and_skip(writer, error));
    const uint32_t i = writer->count++;
    writer->docs[i] = posting.doc;
    writer->frequencies[i] = posting.frequency;
    writer->lengths[i] = posting.length;
    writer->masks[i] = posting.mask;
    writer->least_doc = posting.doc + 1;
    if (writer->positions) add_positions(writer, i, posting.frequency, positions);
    writer->df++;
    return REVUE_OK;
}

/* The only posting goes to the dictionary; nothing was written. */
static void give_inline(postings_writer *writer, struct posting_list *list) {
    list->is_inline = true;
    list->inline_doc = writer->docs[0];
    list->inline_frequency = writer->frequencies[0];
    list->inline_mask = writer->masks[0];
    if (writer->positions)
        memcpy(list->inline_positions, writer->first_positions, writer->frequencies[0] * sizeof(uint32_t));
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
