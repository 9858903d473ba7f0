/* check_kinds.c - the table segments, compared with what META counts: for each kind the number of records, their bytes, and
 * the checksum of their checksums. A damaged branch page makes LMDB drop keys without a word: only counts tell. */
#include "indexer/check/check.h"

#include "indexer/base/hash.h"
#include "indexer/base/memory.h"

#define KIND_KEY 5u /* bytes of a key: segment and kind */

/* The segment whose records are passing. */
struct passing {
    uint32_t number;
    bool is_any, has_meta, has_bad_record;
    struct segment_meta meta;
    uint64_t meta_checksum;
    struct segment_kind_size kinds[KIND_COUNT];
    struct bytes checksums[KIND_COUNT];
};

/* ---- at the end of a segment ---- */

static void wrong_count(struct check *check, const struct passing *passing, unsigned kind, const char *what, uint64_t found,
                        uint64_t counted) {
    check_fault(check, "segment %u, %s: %llu %s, META counts %llu", passing->number, check_kind_name(kind),
                (unsigned long long)found, what, (unsigned long long)counted);
}

/* True when they are those META was written with. */
static bool compare_kind(struct check *check, struct passing *passing, unsigned kind) {
    struct segment_kind_size *found = &passing->kinds[kind];
    const struct segment_kind_size *counted = &passing->meta.kinds[kind];
    if (found->records > 0) found->checksum = hash_view(bytes_view(&passing->checksums[kind]));
    if (found->records != counted->records)
        wrong_count(check, passing, kind, "records", found->records, counted->records);
    else if (found->bytes != counted->bytes)
        wrong_count(check, passing, kind, "bytes", found->bytes, counted->bytes);
    else if (found->checksum != counted->checksum)
        check_fault(check, "segment %u, %s: the records are not those that META was written with", passing->number,
                    check_kind_name(kind));
    else
        return true;
    return false;
}

static bool compare_kinds(struct check *check, struct passing *passing, const struct manifest_segment *row) {
    bool is_whole = true;
    if (!passing->has_meta) {
        if (!passing->has_bad_record) check_fault(check, "segment %u has no META record", passing->number);
        return false;
    }
    if (row && passing->meta_checksum != row->meta_checksum) {
        check_fault(check, "segment %u: META is not the one the manifest was written with", passing->number);
        is_whole = false;
    }
    for (unsigned kind = KIND_META + 1; kind < KIND_COUNT; kind++)
        is_whole = compare_kind(check, passing, kind) && is_whole;
    return is_whole;
}

/* Of a segment that is not listed nothing is expected: its writer may have come no further. */
static revue_status end_segment(struct check *check, struct passing *passing, revue_error *error) {
    if (!passing->is_any || !check->has_manifest) return REVUE_OK;
    struct check_segment *listed = check_find_segment(check, passing->number);
    if (!listed && passing->number != BASE_SEGMENT) return check_leftover(check, passing->number, error);
    /* A base table without segments may be half written, and the next run writes it anew. */
    if (!listed && check->manifest.segment_count == 0) return REVUE_OK;
    if (listed) listed->has_records = true;
    bool is_whole = compare_kinds(check, passing, listed ? listed->row : NULL) && !passing->has_bad_record;
    if (is_whole) return REVUE_OK;
    if (listed) listed->is_damaged = true;
    for (uint32_t i = 0; !listed && i < check->manifest.segment_count; i++)
        check->segments[i].is_damaged = true; /* all texts are in symbols of the base table */
    return REVUE_OK;
}

/* ---- record by record ---- */

static void begin_segment(struct passing *passing, uint32_t number) {
    for (unsigned kind = 0; kind < KIND_COUNT; kind++)
        bytes_clear(&passing->checksums[kind]);
    memset(passing->kinds, 0, sizeof passing->kinds);
    passing->number = number;
    passing->is_any = true;
    passing->has_meta = passing->has_bad_record = false;
}

static const char *wrong_shape(struct view key, const struct passing *passing) {
    unsigned kind = (uint8_t)key.data[4];
    if (kind >= KIND_COUNT) return "there is no such kind";
    if (kind == KIND_META) return key.size == KIND_KEY ? NULL : "META has no parts";
    if (passing->number == BASE_SEGMENT && kind != KIND_SYMBOL_BYTES && kind != KIND_SYMBOL_INDEX)
        return "the base symbol table has no such kind";
    if (kind == KIND_TERMS || kind == KIND_FORMS)
        return key.size > KIND_KEY && key.size <= KIND_KEY + FORM_MAX ? NULL : "its key has not the shape of the table";
    if (key.size != KIND_KEY + 4) return "its key has not the shape of the table";
    return load_be32(key.data + KIND_KEY) == passing->kinds[kind].records ? NULL : "an extent before it is missing";
}

static void take_meta(struct check *check, struct passing *passing, struct view value) {
    revue_error error;
    revue_status status = segment_meta_decode(value, &passing->meta, &error);
    if (status != REVUE_OK) {
        check_fault(check, "segment %u: %s", passing->number, error.message);
        passing->has_bad_record = true;
        return;
    }
    passing->has_meta = true;
    passing->meta_checksum = load_le64(value.data + value.size);
}

static revue_status take_record(struct check *check, struct passing *passing, struct view key, struct view value,
                                bool is_sound, revue_error *error) {
    char place[128];
    const char *wrong = wrong_shape(key, passing);
    if (wrong) {
        store_describe_key(TABLE_SEGMENTS, key, place);
        check_fault(check, "%s: %s", place, wrong);
    }
    passing->has_bad_record |= wrong || !is_sound;
    unsigned kind = (uint8_t)key.data[4];
    if (kind == KIND_META && is_sound && !wrong) take_meta(check, passing, value);
    if (kind >= KIND_COUNT || !value.data) return REVUE_OK;
    passing->kinds[kind].records++;
    passing->kinds[kind].bytes += value.size;
    bytes_append_u64(&passing->checksums[kind], load_le64(value.data + value.size));
    return passing->checksums[kind].failed ? error_no_memory(error) : REVUE_OK;
}

static revue_status take_next(struct check *check, void *context, struct view key, struct view value, bool is_sound,
                              revue_error *error) {
    struct passing *passing = context;
    char place[128];
    if (key.size < KIND_KEY) {
        store_describe_key(TABLE_SEGMENTS, key, place);
        check_fault(check, "%s: its key has not the shape of the table", place);
        return REVUE_OK;
    }
    if (!passing->is_any || passing->number != load_be32(key.data)) {
        TRY(end_segment(check, passing, error));
        begin_segment(passing, load_be32(key.data));
    }
    return take_record(check, passing, key, value, is_sound, error);
}

/* Segments of which no record is left. */
static void find_missing(struct check *check) {
    for (uint32_t i = 0; i < check->manifest.segment_count; i++) {
        struct check_segment *segment = &check->segments[i];
        if (segment->has_records) continue;
        check_fault(check, "segment %u is in the manifest, but has no records", segment->row->number);
        segment->is_damaged = true;
    }
}

revue_status check_segment_records(struct check *check, revue_error *error) {
    struct passing *passing = memory_alloc_zeroed(1, sizeof *passing);
    if (!passing) return error_no_memory(error);
    revue_status status = check_walk(check, TABLE_SEGMENTS, take_next, passing, error);
    if (status == REVUE_OK) status = end_segment(check, passing, error);
    if (status == REVUE_OK) find_missing(check);
    for (unsigned kind = 0; kind < KIND_COUNT; kind++)
        bytes_free(&passing->checksums[kind]);
    memory_free(passing);
    return status;
}
