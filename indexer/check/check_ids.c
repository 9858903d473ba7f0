/* check_ids.c - ids by review and reviews by id, text hashes, and that no live review has an id that another has. */
#include "indexer/check/check.h"

#include "indexer/base/memory.h"
#include "indexer/format/element.h"
#include "indexer/format/hash_index.h"

#define BLOCK_IDS 32u

/* ---- IDS and ID_INDEX ---- */

struct ids_walk {
    struct check *check;
    struct check_segment *segment;
    uint32_t *hashes; /* upper halves, by review */
    struct bytes id, before;
    uint64_t offset; /* where the next id must begin */
};

static size_t varint_bytes(size_t value) {
    size_t size = 1;
    for (; value >= 0x80; value >>= 7)
        size++;
    return size;
}

/* How many bytes the id takes when it shares all it can with the one before. */
static size_t stored_bytes(const struct ids_walk *walk, uint32_t doc) {
    size_t shared = 0, most = walk->id.size < walk->before.size ? walk->id.size : walk->before.size;
    while (doc % BLOCK_IDS != 0 && shared < most && walk->id.data[shared] == walk->before.data[shared])
        shared++;
    size_t rest = walk->id.size - shared;
    return varint_bytes(shared) + varint_bytes(rest) + rest;
}

static revue_status check_id(struct ids_walk *walk, uint32_t doc, revue_error *error) {
    struct ids_streams streams = segment_ids(walk->segment->segment);
    uint64_t block = 0;
    if (doc % BLOCK_IDS == 0) {
        TRY(element_u64(streams.index, doc / BLOCK_IDS, &block, error));
        if (block != walk->offset)
            return error_set(error, REVUE_CORRUPT, "ID_INDEX has review %u at %llu, the ids before it end at %llu", doc,
                             (unsigned long long)block, (unsigned long long)walk->offset);
    }
    TRY(ids_get(streams, doc, &walk->id, error));
    walk->offset += stored_bytes(walk, doc);
    walk->hashes[doc] = hash_index_hash(hash_index_element(bytes_view(&walk->id), doc));
    bytes_clear(&walk->before);
    bytes_append(&walk->before, walk->id.data, walk->id.size);
    return walk->before.failed ? error_no_memory(error) : REVUE_OK;
}

static revue_status walk_ids(struct ids_walk *walk, revue_error *error) {
    const struct segment_kind_size *kinds = walk->segment->segment->meta.kinds;
    uint32_t doc_count = walk->segment->row->doc_count;
    for (uint32_t doc = 0; doc < doc_count; doc++)
        TRY(check_id(walk, doc, error));
    if (walk->offset != kinds[KIND_IDS].bytes)
        return error_set(error, REVUE_CORRUPT, "IDS has %llu bytes, the ids take %llu",
                         (unsigned long long)kinds[KIND_IDS].bytes, (unsigned long long)walk->offset);
    if (kinds[KIND_ID_INDEX].bytes != (uint64_t)((doc_count - 1) / BLOCK_IDS + 1) * 8)
        return error_set(error, REVUE_CORRUPT, "ID_INDEX has not an entry for each 32 reviews");
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
    bytes_free(&walk.before);
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
