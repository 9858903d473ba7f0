/* champions_record.c - see champions_record.h. The frequencies stand beside the reviews so that champions can be scored,
 * under whatever weights, without a look at the posting lists; their lengths are in LENGTHS. */
#include "indexer/format/champions_record.h"

#include "indexer/format/scoring.h"

/* Fields whose frequencies are in the record. */
static bool is_kept(uint8_t fields, unsigned field) {
    return (fields >> field & 1) && scoring_default_weights[field] > 0;
}

void champions_encode(const struct champion *champions, uint32_t count, uint8_t fields, struct bytes *out) {
    bytes_append_varint(out, count);
    for (uint32_t i = 0; i < count; i++) {
        bytes_append_varint(out, i ? champions[i].doc - champions[i - 1].doc : champions[i].doc);
        for (unsigned field = 0; field < FIELD_COUNT; field++)
            if (is_kept(fields, field)) bytes_append_varint(out, champions[i].frequency[field]);
    }
}

static bool take_champion(struct byte_reader *reader, uint8_t fields, struct champion *champion) {
    uint32_t all = 0;
    memset(champion->frequency, 0, sizeof champion->frequency);
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        if (!is_kept(fields, field)) continue;
        champion->frequency[field] = byte_reader_varint32(reader);
        all |= champion->frequency[field];
    }
    return all > 0 && all <= INT32_MAX;
}

revue_status champions_read(struct stream *skips, uint64_t address, uint32_t size, uint8_t fields, uint32_t doc_count,
                            struct champion champions[CHAMPIONS_MAX], uint32_t *count, revue_error *error) {
    struct bytes scratch = {0};
    const uint8_t *data;
    const revue_status status = stream_view(skips, address, size, &scratch, &data, error);
    if (status != REVUE_OK) {
        bytes_free(&scratch);
        return status;
    }
    struct byte_reader reader = byte_reader_of(data, size);
    uint64_t doc = 0, found = byte_reader_varint(&reader);
    bool is_sound = found >= 1 && found <= CHAMPIONS_MAX;
    for (uint32_t i = 0; is_sound && i < found; i++) {
        uint32_t gap = byte_reader_varint32(&reader);
        doc += gap;
        is_sound = take_champion(&reader, fields, &champions[i]) && (gap > 0 || i == 0) && doc < doc_count;
        champions[i].doc = (uint32_t)doc;
    }
    is_sound &= !reader.failed && byte_reader_left(&reader) == 0;
    bytes_free(&scratch);
    if (!is_sound)
        return error_set(error, REVUE_CORRUPT,
                         "segment %u, champions at %llu: the record is damaged; run a check of the index", skips->segment,
                         (unsigned long long)address);
    *count = (uint32_t)found;
    return REVUE_OK;
}
