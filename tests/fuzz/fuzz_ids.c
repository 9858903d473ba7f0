/* fuzz_ids.c - the ids of a segment from hostile bytes.
 *
 * Input: u16 reviews, u16 bytes of ID_INDEX, u16 bytes of ID_HASHES, u16 0, then those bytes and, to the end, IDS. What is
 * found under an id must have that id. */
#include "indexer/format/ids.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/memory_stream.h"

#define HEAD 8u

struct search {
    struct ids_streams ids;
    struct view id;
};

static bool check_found(void *context, uint32_t doc) {
    struct search *search = context;
    struct bytes out = {0};
    require(doc < search->ids.doc_count);
    require(ids_get(search->ids, doc, &out, NULL) == REVUE_OK && view_equal(bytes_view(&out), search->id));
    bytes_free(&out);
    return true;
}

/* All ways of reading find the same: the first of many is read otherwise than those behind it. */
static void read_many(struct ids_streams ids, uint32_t doc, struct view id) {
    const uint32_t docs[2] = {doc, doc};
    struct arena arena = {0};
    const char *read[2];
    if (ids_get_many(ids, docs, 2, &arena, read, NULL) == REVUE_OK)
        for (unsigned i = 0; i < 2; i++)
            require(memcmp(read[i], id.data, id.size) == 0 && read[i][id.size] == '\0');
    arena_free(&arena);
}

static void read_all(struct ids_streams ids) {
    struct bytes out = {0};
    for (uint32_t doc = 0; doc < ids.doc_count && doc < 200; doc++) {
        if (ids_get(ids, doc, &out, NULL) != REVUE_OK) continue;
        require(out.size > 0 && out.size <= ID_MAX);
        struct search search = {ids, bytes_view(&out)};
        read_many(ids, doc, search.id);
        (void)ids_find(ids, search.id, check_found, &search, NULL);
    }
    require(ids_get(ids, ids.doc_count, &out, NULL) == REVUE_CORRUPT);
    bytes_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < HEAD) return 0;
    size_t index_size = load_le16(data + 2), hashes_size = load_le16(data + 4);
    if (size - HEAD < index_size + hashes_size) return 0;
    struct stream ids, index, hashes;
    memory_stream_open(&index, KIND_ID_INDEX, data + HEAD, index_size);
    memory_stream_open(&hashes, KIND_ID_HASHES, data + HEAD + index_size, hashes_size);
    memory_stream_open(&ids, KIND_IDS, data + HEAD + index_size + hashes_size, size - HEAD - index_size - hashes_size);
    read_all((struct ids_streams){&ids, &index, &hashes, &hashes, load_le16(data)});
    memory_stream_close(&ids);
    memory_stream_close(&index);
    memory_stream_close(&hashes);
    return 0;
}
