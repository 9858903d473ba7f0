/* check_segment.c - one segment: lengths and deletes, and what META and the manifest total of them; then its parts. */
#include "indexer/check/check.h"

#include "indexer/base/memory.h"

revue_status check_segment_open(struct check *check, struct check_segment *segment, revue_error *error) {
    uint32_t number = segment->row->number;
    if (segment->is_damaged) return REVUE_OK;
    revue_status status = segment_open(&segment->segment, check->txn, number, check->has_base ? &check->base : NULL, error);
    if (status == REVUE_OK && segment->segment->meta.doc_count != segment->row->doc_count) {
        check_fault(check, "segment %u: META has %u reviews, the manifest %u", number, segment->segment->meta.doc_count,
                    segment->row->doc_count);
        segment->is_damaged = true;
    }
    if (segment->row->doc_count == 0) check_fault(check, "segment %u: it is in the manifest, and has no reviews", number);
    if (status != REVUE_OK || segment->row->doc_count == 0) segment->is_damaged = true;
    return check_outcome(check, status, error, "segment %u", number);
}

/* ---- deletes ---- */

static revue_status check_deletes(struct check *check, struct check_segment *segment, revue_error *error) {
    const struct manifest_segment *row = segment->row;
    TRY(deletes_read(&segment->deletes, check->txn, row->number, row->doc_count, error));
    if (segment->deletes.deleted != row->deleted)
        check_fault(check, "segment %u: %u reviews are deleted, the manifest counts %u", row->number,
                    segment->deletes.deleted, row->deleted);
    if (row->deleted == row->doc_count)
        check_fault(check, "segment %u: all its reviews are deleted, and yet it is in the manifest", row->number);
    return REVUE_OK;
}

/* ---- lengths ---- */

static revue_status read_lengths(struct check_segment *segment, unsigned field, revue_error *error) {
    uint32_t docs[1024], doc_count = segment->row->doc_count;
    struct lengths_reader reader = segment_lengths(segment->segment, (enum review_field)field);
    for (uint32_t first = 0; first < doc_count;) {
        uint32_t count = 0;
        for (; count < sizeof docs / sizeof *docs && first + count < doc_count; count++)
            docs[count] = first + count;
        TRY(lengths_gather(&reader, docs, count, segment->lengths[field] + first, error));
        first += count;
    }
    return REVUE_OK;
}

static unsigned width_of(uint32_t longest) {
    return longest == 0 ? 0 : longest <= UINT8_MAX ? 1 : longest <= UINT16_MAX ? 2 : 4;
}

static void total_lengths(struct check *check, const struct check_segment *segment, unsigned field) {
    const struct segment_field *meta = &segment->segment->meta.fields[field];
    const struct manifest_field *row = &segment->row->fields[field];
    struct manifest_field all = {0}, live = {0};
    uint32_t longest = 0, number = segment->row->number;
    for (uint32_t doc = 0; doc < segment->row->doc_count; doc++) {
        uint32_t length = segment->lengths[field][doc];
        bool is_live = !deletes_has(&segment->deletes, doc);
        longest = length > longest ? length : longest;
        all.total_length += length;
        all.doc_count += length > 0;
        live.total_length += is_live ? length : 0;
        live.doc_count += is_live && length > 0;
    }
    const char *name = check_field_name(field);
    if (all.total_length != meta->total_length || all.doc_count != meta->docs_with_field)
        check_fault(check, "segment %u, LENGTHS %s: %llu tokens in %u reviews, META counts %llu in %u", number, name,
                    (unsigned long long)all.total_length, all.doc_count, (unsigned long long)meta->total_length,
                    meta->docs_with_field);
    if (live.total_length != row->total_length || live.doc_count != row->doc_count)
        check_fault(check, "segment %u, LENGTHS %s: %llu tokens in %u live reviews, the manifest counts %llu in %u", number,
                    name, (unsigned long long)live.total_length, live.doc_count, (unsigned long long)row->total_length,
                    row->doc_count);
    if (width_of(longest) != meta->length_width)
        check_fault(check, "segment %u, LENGTHS %s: %u bytes a review, where the longest of %u wants %u", number, name,
                    meta->length_width, longest, width_of(longest));
}

static revue_status check_lengths(struct check *check, struct check_segment *segment, revue_error *error) {
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        TRY(read_lengths(segment, field, error));
        total_lengths(check, segment, field);
    }
    return REVUE_OK;
}

/* ---- all of it ---- */

static revue_status allocate(struct check_segment *segment, revue_error *error) {
    size_t doc_count = segment->row->doc_count;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        segment->lengths[field] = memory_alloc_array(doc_count, sizeof(uint32_t));
        segment->counted[field] = memory_alloc_zeroed(doc_count, sizeof(uint32_t));
        segment->sums[field] = memory_alloc_zeroed(doc_count, sizeof(uint64_t));
        if (!segment->lengths[field] || !segment->counted[field] || !segment->sums[field]) return error_no_memory(error);
    }
    return REVUE_OK;
}

static void release(struct check_segment *segment) {
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        memory_free(segment->lengths[field]);
        memory_free(segment->counted[field]);
        memory_free(segment->sums[field]);
        segment->lengths[field] = segment->counted[field] = NULL;
        segment->sums[field] = NULL;
    }
}

static revue_status check_parts(struct check *check, struct check_segment *segment, revue_error *error) {
    static const struct {
        const char *name;
        revue_status (*check)(struct check *check, struct check_segment *segment, revue_error *error);
    } parts[] = {{"deletes", check_deletes}, {"lengths", check_lengths}, {"terms and postings", check_terms},
                 {"forms", check_forms},     {"ids", check_ids},         {"columns", check_columns},
                 {"stored text", check_text}};
    TRY(allocate(segment, error));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        uint64_t faults = check->fault_count;
        check_part(check, "segment %u: %s", segment->row->number, parts[i].name);
        revue_status status = parts[i].check(check, segment, error);
        TRY(check_outcome(check, status, error, "segment %u, %s", segment->row->number, parts[i].name));
        if (check->fault_count > faults) check->counts_are_whole = false;
        store_release_pages(check->txn);
    }
    return REVUE_OK;
}

revue_status check_segment_contents(struct check *check, struct check_segment *segment, revue_error *error) {
    revue_status status = check_parts(check, segment, error);
    release(segment);
    return status;
}
