/* check_text.c - the stored text of every review: records follow each other without a hole, TEXT_INDEX knows every 4th,
 * all fields decode to valid UTF-8. What they hold is then compared with the posting lists (check_analysis.c). */
#include "indexer/check/check.h"

#include "indexer/base/utf8.h"

#define INDEXED_EVERY 4u
#define FIELD_BYTES_MAX ((size_t)UINT32_MAX) /* of a text: the analysis takes no longer ones */

struct text_walk {
    struct check *check;
    struct check_segment *segment;
    struct check_analysis *analysis; /* NULL: nothing to compare with */
    uint64_t offset;                 /* where the next record must begin */
    struct bytes scratch, texts[TEXT_FIELD_COUNT];
};

static size_t varint_bytes(uint64_t value) {
    size_t size = 1;
    for (; value >= 0x80; value >>= 7)
        size++;
    return size;
}

/* Bytes of a record as it is written: its size, the codings, the fields; the last one has no size of its own. */
static uint64_t record_bytes(const struct text_part parts[TEXT_FIELD_COUNT]) {
    unsigned last = 0;
    uint64_t size = 1;
    for (unsigned field = 0; field < TEXT_FIELD_COUNT; field++)
        if (parts[field].coding != CODING_ABSENT) last = field;
    for (unsigned field = 0; field < TEXT_FIELD_COUNT; field++) {
        if (parts[field].coding == CODING_ABSENT) continue;
        size += parts[field].data.size + (field < last ? varint_bytes(parts[field].data.size) : 0);
    }
    return size + varint_bytes(size);
}

static revue_status check_place(struct text_walk *walk, uint32_t doc, const struct text_part parts[TEXT_FIELD_COUNT],
                                revue_error *error) {
    const uint8_t *indexed;
    if (doc % INDEXED_EVERY == 0) {
        TRY(stream_view(&walk->segment->segment->streams[KIND_TEXT_INDEX], (uint64_t)(doc / INDEXED_EVERY) * 8, 8, NULL,
                        &indexed, error));
        if (load_le64(indexed) != walk->offset)
            return error_set(error, REVUE_CORRUPT, "TEXT_INDEX has it at %llu, those before it end at %llu",
                             (unsigned long long)load_le64(indexed), (unsigned long long)walk->offset);
    }
    walk->offset += record_bytes(parts);
    return REVUE_OK;
}

static revue_status decode_fields(struct text_walk *walk, const struct text_part parts[TEXT_FIELD_COUNT],
                                  revue_error *error) {
    for (unsigned field = 0; field < TEXT_FIELD_COUNT; field++) {
        struct bytes *text = &walk->texts[field];
        bytes_clear(text);
        TRY(text_part_decode(&walk->segment->segment->symbols, parts[field], FIELD_BYTES_MAX, text, error));
        if (parts[field].coding != CODING_ABSENT && text->size == 0)
            return error_set(error, REVUE_CORRUPT, "a field is stored, and empty");
        if (text->size > 0 && utf8_valid_prefix((const char *)text->data, text->size) != text->size)
            return error_set(error, REVUE_CORRUPT, "a field is not valid UTF-8");
    }
    return REVUE_OK;
}

static revue_status check_review(struct text_walk *walk, uint32_t doc, revue_error *error) {
    struct text_part parts[TEXT_FIELD_COUNT];
    if (walk->segment->segment->meta.has_text) {
        TRY(text_read(segment_text(walk->segment->segment), doc, &walk->scratch, parts, error));
        TRY(check_place(walk, doc, parts, error));
        TRY(decode_fields(walk, parts, error));
        if (!deletes_has(&walk->segment->deletes, doc))
            walk->check->text_bytes += walk->texts[TEXT_TITLE].size + walk->texts[TEXT_BODY].size;
    }
    if (!walk->analysis) return REVUE_OK;
    return check_analysis_review(walk->analysis, doc, bytes_view(&walk->texts[TEXT_TITLE]),
                                 bytes_view(&walk->texts[TEXT_BODY]), bytes_view(&walk->texts[TEXT_URL]), error);
}

static revue_status check_reviews(struct text_walk *walk, revue_error *error) {
    const struct segment_meta *meta = &walk->segment->segment->meta;
    uint32_t number = walk->segment->row->number;
    uint64_t indexed = meta->has_text ? (uint64_t)(meta->doc_count - 1) / INDEXED_EVERY + 1 : 0;
    for (uint32_t doc = 0; doc < meta->doc_count; doc++) {
        check_rest(walk->check);
        revue_status status = check_review(walk, doc, error);
        if (status == REVUE_OK) continue;
        /* Where the next record begins is not known any more. */
        return check_outcome(walk->check, status, error, "segment %u, stored text of review %u", number, doc);
    }
    if (walk->offset != meta->kinds[KIND_TEXT].bytes || meta->kinds[KIND_TEXT_INDEX].bytes != indexed * 8)
        check_fault(walk->check, "segment %u: TEXT has %llu bytes and TEXT_INDEX %llu, the texts take %llu and %llu",
                    number, (unsigned long long)meta->kinds[KIND_TEXT].bytes,
                    (unsigned long long)meta->kinds[KIND_TEXT_INDEX].bytes, (unsigned long long)walk->offset,
                    (unsigned long long)indexed * 8);
    return walk->analysis ? check_analysis_finish(walk->analysis, error) : REVUE_OK;
}

revue_status check_text(struct check *check, struct check_segment *segment, revue_error *error) {
    struct text_walk walk = {.check = check, .segment = segment};
    revue_status status = check_analysis_create(&walk.analysis, check, segment, error);
    if (status == REVUE_OK) status = check_reviews(&walk, error);
    check_analysis_free(walk.analysis);
    bytes_free(&walk.scratch);
    for (unsigned field = 0; field < TEXT_FIELD_COUNT; field++)
        bytes_free(&walk.texts[field]);
    return status;
}
