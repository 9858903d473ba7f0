/* lengths.c - how many tokens a field of each review has (FORMAT.md, 4): an array as wide as its largest value needs.
 *
 * Scoring reads the lengths of all postings of a block at once, so gathering goes extent by extent and pays one compare and
 * one load a review. */
#include "indexer/format/columns.h"

/* ---- writing ---- */

static uint8_t width_of(const uint32_t *lengths, uint32_t count) {
    uint32_t all = 0;
    for (uint32_t i = 0; i < count; i++)
        all |= lengths[i];
    if (all == 0) return 0;
    return all <= UINT8_MAX ? 1 : all <= UINT16_MAX ? 2 : 4;
}

static revue_status append_all(struct stream_writer *writer, const uint32_t *lengths, uint32_t count, uint8_t width,
                               revue_error *error) {
    for (uint32_t i = 0; i < count; i++) {
        uint8_t bytes[4];
        store_le32(bytes, lengths[i]);
        TRY(stream_writer_append(writer, bytes, width, error));
    }
    return stream_writer_finish(writer, error);
}

revue_status lengths_write(const struct segment_sink *sink, unsigned field, const uint32_t *lengths, uint32_t count,
                           uint8_t *width, revue_error *error) {
    uint8_t needed = width_of(lengths, count);
    if (needed > 0) {
        struct stream_writer writer;
        TRY(stream_writer_open(&writer, sink, (enum segment_kind)(KIND_LENGTHS + field), error));
        revue_status status = append_all(&writer, lengths, count, needed, error);
        stream_writer_free(&writer);
        if (status != REVUE_OK) return status;
    }
    *width = needed;
    return REVUE_OK;
}

/* ---- reading ---- */

revue_status lengths_get(struct lengths_reader *reader, uint32_t doc, uint32_t *length, revue_error *error) {
    return lengths_gather(reader, &doc, 1, length, error);
}

static revue_status damaged(const struct lengths_reader *reader, const char *what, uint32_t doc, revue_error *error) {
    return error_set(error, REVUE_CORRUPT, "lengths of segment %u, review %u: %s; rebuild the index",
                     reader->stream->segment, doc, what);
}

static void gather_two_plain(const uint8_t *data, uint32_t first, const uint32_t *docs, uint32_t count, uint32_t *lengths) {
    for (uint32_t i = 0; i < count; i++)
        lengths[i] = load_le16(data + 2 * (size_t)(docs[i] - first));
}

#if defined(__x86_64__)
#include <immintrin.h>

/* Sixteen loads of four bytes, of which two are of the next review, or behind the last. */
__attribute__((target("avx512f"))) static void gather_two_avx512(const uint8_t *data, uint32_t first, const uint32_t *docs,
                                                                 uint32_t count, uint32_t *lengths) {
    const __m512i firsts = _mm512_set1_epi32((int)first), low = _mm512_set1_epi32(UINT16_MAX);
    uint32_t done = 0;
    for (; done + 16 <= count; done += 16) {
        const __m512i at = _mm512_sub_epi32(_mm512_loadu_si512(docs + done), firsts);
        _mm512_storeu_si512(lengths + done, _mm512_and_si512(_mm512_i32gather_epi32(at, data, 2), low));
    }
    gather_two_plain(data, first, docs + done, count - done, lengths + done);
}

void lengths_gather_two(const uint8_t *data, uint32_t first, const uint32_t *docs, uint32_t count, uint32_t *lengths) {
    if (count >= 16 && __builtin_cpu_supports("avx512f"))
        gather_two_avx512(data, first, docs, count, lengths);
    else
        gather_two_plain(data, first, docs, count, lengths);
}
#else
void lengths_gather_two(const uint8_t *data, uint32_t first, const uint32_t *docs, uint32_t count, uint32_t *lengths) {
    gather_two_plain(data, first, docs, count, lengths);
}
#endif

/* Reviews [first, first + count) lie in the extent at data. Mostly all that are wanted are, which is seen by the first and
 * the last when they ascend; else each loop goes on as long as docs are among them (any other, before or behind, wraps to a
 * large number), and returns how many were. */
#define GATHER(load)                                                                                                       \
    do {                                                                                                                   \
        if (are_here)                                                                                                      \
            for (; done < wanted; done++) {                                                                                \
                size_t at = docs[done] - first;                                                                            \
                lengths[done] = (load);                                                                                    \
            }                                                                                                              \
        while (done < wanted && docs[done] - first < count) {                                                              \
            size_t at = docs[done] - first;                                                                                \
            lengths[done++] = (load);                                                                                      \
        }                                                                                                                  \
    } while (0)

static uint32_t gather_extent(const uint8_t *data, uint8_t width, uint32_t first, uint32_t count, const uint32_t *docs,
                              uint32_t wanted, uint32_t *lengths) {
    const bool are_here = docs[0] >= first && docs[wanted - 1] - first < count;
    uint32_t done = 0;
    if (width == 2 && are_here) {
        lengths_gather_two(data, first, docs, wanted, lengths);
        return wanted;
    }
    if (width == 1)
        GATHER(data[at]);
    else if (width == 2)
        GATHER(load_le16(data + 2 * at));
    else
        GATHER(load_le32(data + 4 * at));
    return done;
}

revue_status lengths_gather(struct lengths_reader *reader, const uint32_t *docs, uint32_t count, uint32_t *lengths,
                            revue_error *error) {
    if (reader->width == 0) {
        memset(lengths, 0, count * sizeof *lengths);
        return REVUE_OK;
    }
    if (reader->width != 1 && reader->width != 2 && reader->width != 4)
        return damaged(reader, "they have no such width", 0, error);
    const unsigned shift = reader->width / 2; /* no division by what is 1, 2 or 4 */
    const uint32_t in_extent = EXTENT_BYTES >> shift;
    for (uint32_t done = 0; done < count;) {
        const uint8_t *data = NULL;
        uint32_t size = 0;
        const uint32_t extent = (uint32_t)(((uint64_t)docs[done] << shift) / EXTENT_BYTES);
        if (docs[done] >= reader->doc_count) return damaged(reader, "there is no such review", docs[done], error);
        TRY(stream_extent(reader->stream, extent, &data, &size, error));
        uint32_t gathered = gather_extent(data, reader->width, extent * in_extent, size >> shift, docs + done, count - done,
                                          lengths + done);
        if (gathered == 0) return damaged(reader, "its length is missing", docs[done], error);
        done += gathered;
    }
    return REVUE_OK;
}
