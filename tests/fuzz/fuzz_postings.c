/* fuzz_postings.c - a posting list from hostile bytes: its blocks, its skip record and its positions.
 *
 * Input: u32 postings, u32 reviews of the segment, u16 bytes of POSTINGS, u16 bytes of POSITIONS, then those bytes and, to
 * the end, the skip record. Every field has 64 tokens. Whatever is read must be in range, and what postings_check accepts
 * must be found by seeking as it is by reading in order. */
#include "indexer/format/postings.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/memory_stream.h"

#define FIELD_LENGTH 64u

static uint32_t length_of(void *context, uint32_t doc) {
    (void)context;
    (void)doc;
    return FIELD_LENGTH;
}

static void read_positions(struct postings_reader *reader) {
    struct positions_reader positions;
    uint32_t out[FIELD_LENGTH + POSITIONS_BEHIND];
    positions_reader_open(&positions);
    for (uint32_t i = reader->count / 3; i < reader->count; i += 1 + reader->docs[i] % 4) {
        if (reader->frequencies[i] > FIELD_LENGTH) continue;
        if (positions_reader_read(&positions, reader, i, out, NULL) != REVUE_OK) break;
        for (uint32_t j = 1; j < reader->frequencies[i]; j++)
            require(out[j] > out[j - 1]);
    }
    positions_reader_close(&positions);
}

/* Without decoding; then, decoded, it is the same. */
static void read_in_place(struct postings_reader *reader) {
    uint32_t place, frequency;
    if (postings_reader_bitset(reader, NULL) != REVUE_OK || !reader->bitset) return;
    require(postings_reader_bitset_has(reader, reader->last_doc, &place) && place == reader->count - 1);
    if (postings_reader_frequency(reader, place, &frequency, NULL) != REVUE_OK) return;
    require(frequency > 0);
    if (postings_reader_frequencies(reader, NULL) == REVUE_OK) require(reader->frequencies[place] == frequency);
    if (postings_reader_docs(reader, NULL) != REVUE_OK) return;
    for (uint32_t i = 0; i < reader->count; i++)
        require(postings_reader_bitset_has(reader, reader->docs[i], &place) && place == i);
}

static void read_block(struct postings_reader *reader) {
    struct impacts impacts;
    uint32_t last;
    read_in_place(reader);
    if (postings_reader_block_impacts(reader, &impacts, NULL) == REVUE_OK) require(impacts.count <= IMPACTS_MAX);
    if (postings_reader_group_impacts(reader, reader->last_doc / 2 * 3, &impacts, &last, NULL) == REVUE_OK) {
        require(impacts.count <= IMPACTS_MAX);
    }
    if (postings_reader_masks(reader, NULL) != REVUE_OK || postings_reader_frequencies(reader, NULL) != REVUE_OK) return;
    for (uint32_t i = 0; i < reader->count; i++) {
        require(reader->docs[i] < reader->doc_count && reader->frequencies[i] > 0 && reader->masks[i] <= 15);
        require(i == 0 ? reader->docs[0] + 1 > reader->previous_last + 1 : reader->docs[i] > reader->docs[i - 1]);
    }
    if (reader->count) require(reader->docs[reader->count - 1] == reader->last_doc);
    read_positions(reader);
}

/* Once block by block, once by jumps. */
static void read_list(struct postings_streams streams, uint32_t doc_count, const struct posting_list *list, uint32_t jump) {
    struct postings_reader reader;
    revue_status status = postings_reader_open(&reader, streams, doc_count, list, NULL);
    for (uint32_t steps = 0; status == REVUE_OK && reader.count; steps++) {
        require(steps <= reader.block_count);
        read_block(&reader);
        status = jump ? postings_reader_seek_block(&reader, reader.last_doc + 1 + jump % 997, NULL)
                      : postings_reader_next_block(&reader, NULL);
        jump = jump * 3;
    }
    postings_reader_close(&reader);
}

/* What was accepted: each review is where a jump to it leads. */
static void compare(struct postings_streams streams, uint32_t doc_count, const struct posting_list *list) {
    struct postings_reader in_order, jumping;
    require(postings_reader_open(&in_order, streams, doc_count, list, NULL) == REVUE_OK);
    require(postings_reader_open(&jumping, streams, doc_count, list, NULL) == REVUE_OK);
    while (in_order.count) {
        require(postings_reader_docs(&in_order, NULL) == REVUE_OK);
        for (uint32_t i = 0; i < in_order.count; i += 50) {
            require(postings_reader_seek_block(&jumping, in_order.docs[i], NULL) == REVUE_OK);
            require(jumping.block == in_order.block && jumping.last_doc == in_order.last_doc);
        }
        require(postings_reader_next_block(&in_order, NULL) == REVUE_OK);
    }
    postings_reader_close(&in_order);
    postings_reader_close(&jumping);
}

static void try_list(struct postings_streams streams, uint32_t doc_count, const struct posting_list *list) {
    struct postings_reader reader;
    uint64_t tokens;
    revue_status status = postings_reader_open(&reader, streams, doc_count, list, NULL);
    if (status == REVUE_OK) status = postings_check(&reader, length_of, NULL, true, &tokens, NULL);
    postings_reader_close(&reader);
    if (status == REVUE_OK) compare(streams, doc_count, list);
    read_list(streams, doc_count, list, 0);
    read_list(streams, doc_count, list, 1 + list->df);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct byte_reader bytes = byte_reader_of(data, size);
    struct posting_list list = {.df = byte_reader_u32(&bytes)};
    const uint32_t doc_count = byte_reader_u32(&bytes);
    list.postings_bytes = byte_reader_u16(&bytes);
    list.positions_bytes = byte_reader_u16(&bytes);
    const struct view blocks = byte_reader_bytes(&bytes, (size_t)list.postings_bytes);
    const struct view units = byte_reader_bytes(&bytes, (size_t)list.positions_bytes);
    if (bytes.failed) return 0;
    list.skips_bytes = byte_reader_left(&bytes);
    struct stream postings, positions, skips;
    memory_stream_open(&postings, KIND_POSTINGS, blocks.data, blocks.size);
    memory_stream_open(&positions, KIND_POSITIONS, units.data, units.size);
    memory_stream_open(&skips, KIND_SKIPS, bytes.next, (size_t)list.skips_bytes);
    const struct postings_streams streams = {.postings = &postings, .positions = &positions, .skips = &skips};
    try_list(streams, doc_count, &list);
    memory_stream_close(&postings);
    memory_stream_close(&positions);
    memory_stream_close(&skips);
    return 0;
}
