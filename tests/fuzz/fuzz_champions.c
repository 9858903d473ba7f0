/* fuzz_champions.c - the record of a stem's champions from hostile bytes.
 *
 * Input: u32 reviews of the segment, u8 fields, u8 address, u8 bytes of the stream behind the record, u8 0, then the
 * stream. What is accepted is in range, and comes back the same when it is encoded anew. */
#include "indexer/format/champions_record.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/memory_stream.h"

#define HEAD 8u

struct record {
    struct champion champions[CHAMPIONS_MAX];
    uint32_t count;
};

static void check_range(const struct record *record, uint8_t fields, uint32_t doc_count) {
    require(record->count >= 1 && record->count <= CHAMPIONS_MAX);
    for (uint32_t i = 0; i < record->count; i++) {
        const struct champion *champion = &record->champions[i];
        uint64_t sum = 0;
        require(champion->doc < doc_count && (i == 0 || champion->doc > record->champions[i - 1].doc));
        for (unsigned field = 0; field < FIELD_COUNT; field++) {
            require(champion->frequency[field] == 0 || (fields >> field & 1));
            sum += champion->frequency[field];
        }
        require(sum > 0);
    }
}

static void encode_anew(const struct record *record, uint8_t fields, uint32_t doc_count) {
    struct bytes out = {0};
    struct stream skips;
    struct record anew;
    champions_encode(record->champions, record->count, fields, &out);
    require(!out.failed);
    memory_stream_open(&skips, KIND_SKIPS, out.data, out.size);
    revue_status status =
        champions_read(&skips, 0, (uint32_t)out.size, fields, doc_count, anew.champions, &anew.count, NULL);
    require(status == REVUE_OK && anew.count == record->count);
    require(memcmp(anew.champions, record->champions, record->count * sizeof *anew.champions) == 0);
    memory_stream_close(&skips);
    bytes_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct stream skips;
    struct record record;
    if (size < HEAD) return 0;
    const uint32_t doc_count = load_le32(data), stream_size = (uint32_t)(size - HEAD);
    const uint8_t fields = data[4];
    const uint32_t around = (uint32_t)data[5] + data[6];
    memory_stream_open(&skips, KIND_SKIPS, data + HEAD, stream_size);
    /* When the address and what follows are more than the stream, the record reaches past its end. */
    const uint32_t record_size = around <= stream_size ? stream_size - around : around;
    revue_status status =
        champions_read(&skips, data[5], record_size, fields, doc_count, record.champions, &record.count, NULL);
    require(status == REVUE_OK || status == REVUE_CORRUPT);
    require(status == REVUE_CORRUPT || around <= stream_size);
    memory_stream_close(&skips);
    if (status == REVUE_OK) {
        check_range(&record, fields, doc_count);
        encode_anew(&record, fields, doc_count);
    }
    return 0;
}
