/* check_ids.c - ids by review and reviews by id, text hashes, and that no live review has an id that another has. */
#include "indexer/check/check.h"

#include "indexer/base/memory.h"
#include "indexer/format/element.h"
#include "indexer/format/hash_index.h"

/* ---- IDS and ID_INDEX ---- */

struct ids_walk {
    struct check *check;
    struct check_segment *segment;
    uint32_t *hashes; /* upper halves, by review */
    struct bytes id;
    struct bytes texts;           /* of the ids of a block, one after the other */
    size_t sizes[IDS_BLOCK];      /* and their sizes */
    struct bytes written, stored; /* the block as it would be written, and room for it as it is */
    uint64_t offset;              /* where the next block must begin */
};

static revue_status read_block(struct ids_walk *walk, uint32_t first, uint32_t count, revue_error *error) {
    bytes_clear(&walk->texts);
    for (uint32_t i = 0; i < count; i++) {
        TRY(ids_get(segment_ids(walk->segment->segment), first + i, &walk->id, error));
        walk->hashes[first + i] = hash_index_hash(hash_index_element(bytes_view(&walk->id), first + i));
        walk->sizes[i] = walk->id.size;
        bytes_append(&walk->texts, walk->id.data, walk->id.size);
    }
    return walk->texts.failed ? error_no_memory(error) : REVUE_OK;
}

/* The ids that were read, written once more. */
static revue_status write_block(struct ids_walk *walk, uint32_t count, revue_error *error) {
    struct view ids[IDS_BLOCK];
    const uint8_t *next = walk->texts.data;
    for (uint32_t i = 0; i < count; next += walk->sizes[i++])
        ids[i] = view_of(next, walk->sizes[i]);
    bytes_clear(&walk->written);
    ids_block_append(&walk->written, ids, count);
    return walk->written.failed ? error_no_memory(error) : REVUE_OK;
}

/* A block begins where the one before ends, and there is one way to write it. */
static revue_status check_block(struct ids_walk *walk, uint32_t first, uint32_t count, revue_error *error) {
    struct ids_streams streams = segment_ids(walk->segment->segment);
    const uint8_t *stored;
    uint64_t begins = 0;
    TRY(element_u64(streams.index, first / IDS_BLOCK, &begins, error));
    if (begins != walk->offset)
        return error_set(error, REVUE_CORRUPT, "ID_INDEX has review %u at %llu, the ids before it end at %llu", first,
                         (unsigned long long)begins, (unsigned long long)walk->offset);
    TRY(read_block(walk, first, count, error));
    TRY(write_block(walk, count, error));
    TRY(stream_view(streams.ids, begins, walk->written.size, &walk->stored, &stored, error));
    if (memcmp(stored, walk->written.data, walk->written.size) != 0)
        return error_set(error, REVUE_CORRUPT, "the ids from review %u on are not cut as their sizes want it", first);
    walk->offset += walk->written.size;
    return REVUE_OK;
}

static revue_status walk_ids(struct ids_walk *walk, revue_error *error) {
    const struct segment_kind_size *kinds = walk->segment->segment->meta.kinds;
    uint32_t doc_count = walk->segment->row->doc_count;
    for (uint32_t doc = 0; doc < doc_count; doc += IDS_BLOCK)
        TRY(check_block(walk, doc, doc_count - doc < IDS_BLOCK ? doc_count - doc : IDS_BLOCK, error));
    if (walk->offset != kinds[KIND_IDS].bytes)
        return error_set(error, REVUE_CORRUPT, "IDS has %llu bytes, the ids take %llu",
                         (unsigned long long)kinds[KIND_IDS].bytes, (unsigned long long)walk->offset);
    if (kinds[KIND_ID_INDEX].bytes != (uint64_t)((doc_count - 1) / IDS_BLOCK + 1) * 8)
        return error_set(error, REVUE_CORRUPT, "ID_INDEX has not an entry for each %u reviews", IDS_BLOCK);
    if (kinds[KIND_TEXT_HASHES].bytes != (uint64_t)doc_count * 8)
        return error_set(error, REVUE_CORRUPT, "TEXT_HASHES has not one for each review");
    return REVUE_OK;
}

/* ---- ID_HASHES ---- */

/* Sorted by hash and review, and true: as many as there are reviews, none twice, so every one. */
static revue_status walk_hashes(struct ids_walk *walk, revue_error *error) {
    struct stream *stream = &walk->segment->segment->streams[KIND_ID_HASHES];
    uint32_t doc_count = walk->segment->row->doc_count;
    uint64_t before = 0;
    if (stream->size != (uint64_t)doc_count * 8)
        return error_set(error, REVUE_CORRUPT, "ID_HASHES has not one for each review");
    for (uint32_t i = 0; i < doc_count; i++) {
        uint64_t stored = 0;
        TRY(element_u64(stream, i, &stored, error));
        uint64_t element = hash_index_swap(stored);
        uint32_t doc = hash_index_number(element);
        if (i > 0 && element <= before) return error_set(error, REVUE_CORRUPT, "ID_HASHES is not sorted at %u", i);
        if (doc >= doc_count || hash_index_hash(element) != walk->hashes[doc])
            return error_set(error, REVUE_CORRUPT, "ID_HASHES has another hash than the id of review %u", doc);
        before = element;
    }
    return REVUE_OK;
}

revue_status check_ids(struct check *check, struct check_segment *segment, revue_error *error) {
    struct ids_walk walk = {.check = check, .segment = segment};
    walk.hashes = memory_alloc_array(segment->row->doc_count, sizeof *walk.hashes);
    revue_status status = walk.hashes ? walk_ids(&walk, error) : error_no_memory(error);
    if (status == REVUE_OK) status = walk_hashes(&walk, error);
    memory_free(walk.hashes);
    bytes_free(&walk.id);
    bytes_free(&walk.texts);
    bytes_free(&walk.written);
    bytes_free(&walk.stored);
    return status;
}

/* ---- over all segments ---- */

struct others {
    const struct check_segment *segment;
    uint32_t own; /* the review that asks, or UINT32_MAX */
    bool is_found;
    uint32_t found;
};

static bool meet_other(void *context, uint32_t doc) {
    struct others *others = context;
    if (doc == others->own || deletes_has(&others->segment->deletes, doc)) return true;
    others->is_found = true;
    others->found = doc;
    return false;
}

/* Looks for the id of a live review among the later reviews: of its own segment, and of the segments behind. */
static revue_status seek_again(struct check *check, uint32_t first, uint32_t doc, struct bytes *id, revue_error *error) {
    TRY(ids_get(segment_ids(check->segments[first].segment), doc, id, error));
    for (uint32_t i = first; i < check->manifest.segment_count; i++) {
        struct others others = {.segment = &check->segments[i], .own = i == first ? doc : UINT32_MAX};
        if (!others.segment->segment || others.segment->is_damaged) continue;
        TRY(ids_find(segment_ids(others.segment->segment), bytes_view(id), meet_other, &others, error));
        if (others.is_found && (i > first || others.found > doc))
            check_fault(check, "id \"%.*s\" is given twice: review %u of segment %u and review %u of segment %u",
                        (int)id->size, (const char *)id->data, doc, check->segments[first].row->number, others.found,
                        check->segments[i].row->number);
    }
    return REVUE_OK;
}

static revue_status seek_all(struct check *check, uint32_t index, struct bytes *id, revue_error *error) {
    const struct check_segment *segment = &check->segments[index];
    for (uint32_t doc = 0; doc < segment->row->doc_count; doc++)
        if (!deletes_has(&segment->deletes, doc)) TRY(seek_again(check, index, doc, id, error));
    return REVUE_OK;
}

revue_status check_ids_once(struct check *check, revue_error *error) {
    struct bytes id = {0};
    revue_status status = REVUE_OK;
    check_part(check, "ids of all segments together");
    for (uint32_t i = 0; i < check->manifest.segment_count && status == REVUE_OK; i++) {
        if (!check->segments[i].segment || check->segments[i].is_damaged) continue;
        status = seek_all(check, i, &id, error);
        status = check_outcome(check, status, error, "ids of segment %u", check->segments[i].row->number);
    }
    bytes_free(&id);
    return status;
}
