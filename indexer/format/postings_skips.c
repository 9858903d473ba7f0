/* postings_skips.c - see postings_skips.h.
 *
 * Two levels: the directory says where each group of 32 blocks ends and begins, a group says the same of its blocks. So a
 * reader that jumps touches the directory and one group, however long the list, and nothing of the payload. Nineteen lists
 * of twenty that have a record fit one group: theirs is the group and its last review, and the directory is made up. */
#include "indexer/format/postings_skips.h"

#include "indexer/base/bitpack_sums.h"

/* ---- writing ---- */

void skips_writer_free(struct skips_writer *writer) {
    bytes_free(&writer->directory);
    bytes_free(&writer->groups);
}

static void begin_group(struct skips_writer *writer) {
    writer->group_blocks = writer->group_pairs = 0;
    writer->group_postings = writer->postings_end;
    writer->group_positions = writer->positions_end;
    writer->group_impacts.count = 0;
}

void skips_writer_begin(struct skips_writer *writer) {
    writer->list_impacts.count = 0;
    bytes_clear(&writer->directory);
    bytes_clear(&writer->groups);
    writer->postings_end = writer->positions_end = 0;
    writer->last_doc = UINT32_MAX;
    begin_group(writer);
}

static void append_impacts(struct bytes *out, const struct impacts *impacts) {
    bytes_append_u8(out, (uint8_t)impacts->count);
    bytes_append(out, impacts->pairs, impacts->count * sizeof impacts->pairs[0]);
}

static unsigned widest(const uint32_t *values, uint32_t count) {
    uint32_t all = 0;
    for (uint32_t i = 0; i < count; i++)
        all |= values[i];
    return bit_width32(all);
}

static void end_group(struct skips_writer *writer) {
    const uint32_t count = writer->group_blocks;
    bytes_append_u32(&writer->directory, writer->last_doc);
    bytes_append_u32(&writer->directory, (uint32_t)writer->groups.size);
    bytes_append_u64(&writer->directory, writer->group_postings);
    bytes_append_u64(&writer->directory, writer->group_positions);

    append_impacts(&writer->groups, &writer->group_impacts);
    const uint32_t *const arrays[4] = {writer->spans, writer->postings_sizes, writer->positions_sizes, writer->pair_counts};
    for (unsigned i = 0; i < 4; i++)
        bytes_append_u8(&writer->groups, (uint8_t)widest(arrays[i], count));
    for (unsigned i = 0; i < 4; i++) {
        const unsigned width = widest(arrays[i], count);
        uint8_t *room = bytes_extend(&writer->groups, bitpack_size(count, width));
        if (room) bitpack_encode(arrays[i], count, width, room);
    }
    bytes_append(&writer->groups, writer->pairs, writer->group_pairs * sizeof writer->pairs[0]);
    impacts_join(&writer->list_impacts, &writer->group_impacts);
    begin_group(writer);
}

revue_status skips_writer_add(struct skips_writer *writer, uint32_t last_doc, uint64_t postings_end, uint64_t positions_end,
                              const struct impacts *impacts, revue_error *error) {
    const uint32_t i = writer->group_blocks;
    if (positions_end - writer->group_positions > UINT32_MAX) {
        return error_set(error, REVUE_INVALID,
                         "%u reviews in a row hold a word so often that their positions pass 4 GiB; "
                         "split the longest of them, or index without positions",
                         POSTINGS_BLOCK * SKIP_GROUP);
    }
    writer->spans[i] = last_doc - writer->last_doc;
    writer->postings_sizes[i] = (uint32_t)(postings_end - writer->postings_end);
    writer->positions_sizes[i] = (uint32_t)(positions_end - writer->positions_end);
    writer->pair_counts[i] = impacts->count;
    memcpy(writer->pairs + writer->group_pairs, impacts->pairs, impacts->count * sizeof impacts->pairs[0]);
    writer->group_pairs += impacts->count;
    impacts_join(&writer->group_impacts, impacts);
    writer->last_doc = last_doc;
    writer->postings_end = postings_end;
    writer->positions_end = positions_end;
    if (++writer->group_blocks == SKIP_GROUP) end_group(writer);
    return REVUE_OK;
}

revue_status skips_writer_finish(struct skips_writer *writer, struct stream_writer *out, uint64_t *size,
                                 revue_error *error) {
    if (writer->group_blocks) end_group(writer);
    if (writer->directory.failed || writer->groups.failed) return error_no_memory(error);
    const uint32_t groups = (uint32_t)(writer->directory.size / SKIP_ENTRY_BYTES);
    if (groups == 1) {
        *size = SKIP_LAST_BYTES + writer->groups.size;
        TRY(stream_writer_append(out, writer->directory.data, SKIP_LAST_BYTES, error)); /* what its entry begins with */
        return stream_writer_append(out, writer->groups.data, writer->groups.size, error);
    }
    uint8_t head[SKIP_HEAD_BYTES];
    const size_t pairs = writer->list_impacts.count * sizeof(struct impact), head_size = 1 + pairs;
    head[0] = (uint8_t)writer->list_impacts.count;
    memcpy(head + 1, writer->list_impacts.pairs, pairs);
    /* Only now is it known where the first group starts. */
    for (uint32_t group = 0; group < groups; group++) {
        uint8_t *offset = writer->directory.data + (size_t)group * SKIP_ENTRY_BYTES + 4;
        store_le32(offset, load_le32(offset) + (uint32_t)(head_size + writer->directory.size));
    }
    TRY(stream_writer_append(out, head, head_size, error));
    TRY(stream_writer_append(out, writer->directory.data, writer->directory.size, error));
    TRY(stream_writer_append(out, writer->groups.data, writer->groups.size, error));
    *size = head_size + writer->directory.size + writer->groups.size;
    return REVUE_OK;
}

/* ---- reading ---- */

struct skip_entry skip_entry_at(const uint8_t *directory, uint32_t group) {
    const uint8_t *at = directory + (size_t)group * SKIP_ENTRY_BYTES;
    return (struct skip_entry){load_le32(at), load_le32(at + 4), load_le64(at + 8), load_le64(at + 16)};
}

const char *skip_impacts_decode(struct byte_reader *bytes, struct impacts *impacts) {
    const uint32_t count = byte_reader_u8(bytes);
    if (count == 0 || count > IMPACTS_MAX) return "impact pairs are missing or too many";
    struct view pairs = byte_reader_bytes(bytes, count * sizeof impacts->pairs[0]);
    if (bytes->failed) return "impact pairs end early";
    impacts->count = count;
    memcpy(impacts->pairs, pairs.data, pairs.size);
    return NULL;
}

const char *skip_head_decode(const uint8_t *data, size_t size, struct impacts *impacts, size_t *directory_at) {
    struct byte_reader bytes = byte_reader_of(data, size);
    const char *wrong = skip_impacts_decode(&bytes, impacts);
    if (wrong) return wrong;
    *directory_at = (size_t)(bytes.next - data);
    return NULL;
}

const char *skip_single_decode(const uint8_t *data, size_t size, uint8_t directory[SKIP_ENTRY_BYTES],
                               struct impacts *impacts) {
    if (size < SKIP_LAST_BYTES) return "the skip record ends early";
    struct byte_reader bytes = byte_reader_of(data + SKIP_LAST_BYTES, size - SKIP_LAST_BYTES);
    memset(directory, 0, SKIP_ENTRY_BYTES);
    memcpy(directory, data, SKIP_LAST_BYTES);
    store_le32(directory + SKIP_LAST_BYTES, SKIP_LAST_BYTES);
    return skip_impacts_decode(&bytes, impacts);
}

#define UNBROKEN_WIDTH 27u /* of values that SKIP_GROUP of do not pass 32 bits */

/* Added up, modulo 2^32; returns the least of the values. */
static uint32_t read_array(const struct skip_array *array, uint32_t count, uint32_t before, uint32_t *sums) {
    return bitpack_decode_sums(array->packed, count, array->width, before, sums);
}

/* Where the four arrays are, each of count values. */
static bool take_arrays(struct byte_reader *bytes, uint32_t count, struct skip_array arrays[4]) {
    struct view widths = byte_reader_bytes(bytes, 4);
    for (unsigned i = 0; i < 4 && !bytes->failed; i++) {
        const unsigned width = (uint8_t)widths.data[i];
        if (width > 32) return false;
        const struct view packed = byte_reader_bytes(bytes, bitpack_size(count, width));
        arrays[i] = (struct skip_array){(const uint8_t *)packed.data, width, false};
    }
    return !bytes->failed;
}

/* Every block has its reviews, and its bytes (a head at least). A sum that passed 32 bits is less than the one before. */
static bool blocks_are_whole(const struct postings_reader *reader, uint32_t group, uint32_t count, uint32_t before) {
    const uint32_t first = group * SKIP_GROUP;
    uint32_t last = 0, postings = 0; /* of the block before, from where the group begins */
    bool whole = true;
    for (uint32_t i = 0; i < count; i++) {
        const bool is_final = first + i + 1 == reader->block_count;
        const uint32_t reviews = is_final ? reader->list.df - (first + i) * POSTINGS_BLOCK : POSTINGS_BLOCK;
        const uint32_t block_last = reader->block_last[i] - before;
        whole &= block_last >= last && block_last - last >= reviews;
        whole &= reader->postings_end[i] > postings;
        last = block_last;
        postings = reader->postings_end[i];
    }
    return whole;
}

/* Where the group's blocks end. The least of all mostly tells that every block is whole. */
static bool read_blocks(struct postings_reader *reader, uint32_t group, uint32_t count, uint32_t before,
                        const struct skip_array *spans, const struct skip_array *sizes) {
    const uint32_t least_span = read_array(spans, count, before, reader->block_last);
    const uint32_t least_size = read_array(sizes, count, 0, reader->postings_end);
    if (spans->width <= UNBROKEN_WIDTH && sizes->width <= UNBROKEN_WIDTH && least_span >= POSTINGS_BLOCK && least_size > 0)
        return true;
    return blocks_are_whole(reader, group, count, before);
}

const char *skip_group_positions(struct postings_reader *reader) {
    uint32_t *ends = reader->positions_end, before = 0;
    bool whole = true;
    if (reader->packed_positions.is_read) return NULL;
    (void)read_array(&reader->packed_positions, reader->group_blocks, 0, ends);
    for (uint32_t i = 0; i < reader->group_blocks; i++) {
        whole &= ends[i] >= before;
        before = ends[i];
    }
    if (!whole || before != reader->group_positions_bytes) return "a skip group does not fill its bytes";
    reader->packed_positions.is_read = true;
    return NULL;
}

const char *skip_group_impacts(struct postings_reader *reader) {
    uint32_t *ends = reader->impacts_end, before = 0;
    bool whole = true;
    if (reader->packed_impacts.is_read) return NULL;
    (void)read_array(&reader->packed_impacts, reader->group_blocks, 0, ends);
    for (uint32_t i = 0; i < reader->group_blocks; i++) {
        whole &= ends[i] > before && ends[i] - before <= IMPACTS_MAX;
        before = ends[i];
    }
    if (!whole || reader->block_pairs_bytes != before * sizeof(struct impact)) return "impact pairs are missing";
    reader->packed_impacts.is_read = true;
    return NULL;
}

const char *skip_group_decode(struct postings_reader *reader, uint32_t group, const uint8_t *data, size_t size,
                              uint32_t before, const struct skip_entry *next) {
    const struct skip_entry entry = skip_entry_at(reader->directory, group);
    const uint32_t left = reader->block_count - group * SKIP_GROUP, count = left < SKIP_GROUP ? left : SKIP_GROUP;
    struct byte_reader bytes = byte_reader_of(data, size);
    const char *wrong = skip_impacts_decode(&bytes, &reader->group_impacts);
    if (wrong) return wrong;
    struct skip_array arrays[4];
    if (!take_arrays(&bytes, count, arrays)) return "a skip group is damaged";
    if (!read_blocks(reader, group, count, before, &arrays[0], &arrays[1])) return "a skip group is damaged";
    if (reader->block_last[count - 1] != entry.last_doc || entry.last_doc >= reader->doc_count ||
        (before != UINT32_MAX && entry.last_doc <= before)) {
        return "a skip group does not end where the directory says";
    }
    if (entry.postings > next->postings || next->postings - entry.postings != reader->postings_end[count - 1] ||
        entry.positions > next->positions) {
        return "a skip group does not fill its bytes";
    }
    reader->packed_positions = arrays[2];
    reader->packed_impacts = arrays[3];
    reader->group_positions_bytes = next->positions - entry.positions;
    reader->block_pairs = bytes.next;
    reader->block_pairs_bytes = byte_reader_left(&bytes);
    for (uint32_t i = count; i < SKIP_GROUP; i++)
        reader->block_last[i] = DOC_END;
    reader->group = group;
    reader->group_blocks = count;
    reader->group_postings = entry.postings;
    reader->group_positions = entry.positions;
    return NULL;
}

const char *skip_group_bounds(const uint8_t *data, size_t size, uint32_t before, uint32_t last,
                              struct postings_group *found) {
    const uint32_t count = found->block_count;
    struct byte_reader bytes = byte_reader_of(data, size);
    struct impacts of_group;
    const char *wrong = skip_impacts_decode(&bytes, &of_group);
    if (wrong) return wrong;
    struct view widths = byte_reader_bytes(&bytes, 4), packed[4];
    for (unsigned i = 0; i < 4 && !bytes.failed; i++) {
        if ((uint8_t)widths.data[i] > 32) return "a skip group is damaged";
        packed[i] = byte_reader_bytes(&bytes, bitpack_size(count, (uint8_t)widths.data[i]));
    }
    if (bytes.failed) return "a skip group ends early";
    (void)bitpack_decode_sums((const uint8_t *)packed[0].data, count, (uint8_t)widths.data[0], before, found->last_doc);
    (void)bitpack_decode_sums((const uint8_t *)packed[3].data, count, (uint8_t)widths.data[3], 0, found->pairs_end);
    bool whole = true;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t pairs = found->pairs_end[i] - (i ? found->pairs_end[i - 1] : 0);
        whole &= pairs >= 1 && pairs <= IMPACTS_MAX && (i == 0 || found->last_doc[i] > found->last_doc[i - 1]);
    }
    if (!whole || found->last_doc[count - 1] != last) return "a skip group is damaged";
    if (byte_reader_left(&bytes) != found->pairs_end[count - 1] * sizeof(struct impact)) return "impact pairs are missing";
    found->pairs = (const struct impact *)(const void *)bytes.next;
    return NULL;
}
