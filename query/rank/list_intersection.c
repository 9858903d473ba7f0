/* list_intersection.c - see list_intersection.h. */
#include "query/rank/list_intersection.h"

#include "query/match/deadline.h"
#include "query/rank/candidate_functions.h"

#include <string.h>

/* Reviews that all lists asked so far have, of one block of the sparsest. */
struct common_docs {
    const struct candidate_functions *functions;
    uint32_t docs[CANDIDATES_ROOM];
    uint32_t count;
};

static uint32_t keep_in_bits(const uint8_t *bits, uint32_t first, const uint32_t *docs, uint32_t count, uint32_t *kept) {
    uint32_t kept_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t bit = docs[i] - first;
        kept[kept_count] = docs[i];
        kept_count += (uint32_t)(load_le64(bits + (size_t)(bit / 64) * 8) >> bit % 64 & 1);
    }
    return kept_count;
}

static uint32_t keep_in_docs(const struct candidate_functions *functions, const struct postings_reader *list,
                             const uint32_t *docs, uint32_t count, uint32_t *kept) {
    uint32_t held[CANDIDATES_ROOM], places[CANDIDATES_ROOM];
    const uint32_t kept_count = functions->find(docs, count, list->docs, held, places);
    for (uint32_t i = 0; i < kept_count; i++)
        kept[i] = docs[held[i]];
    return kept_count;
}

/* Of docs, which lie in the list's block, those that it has. kept may be in front of docs in the same array. */
static revue_status keep_in_block(const struct candidate_functions *functions, struct postings_reader *list,
                                  const uint32_t *docs, uint32_t count, uint32_t *kept, uint32_t *kept_count,
                                  revue_error *error) {
    const uint8_t *bits = NULL;
    uint32_t words;
    if (!list->has_docs) TRY(postings_reader_bits(list, &bits, &words, error));
    if (!bits) TRY(postings_reader_docs(list, error));
    *kept_count = bits ? keep_in_bits(bits, list->previous_last + 1, docs, count, kept)
                       : keep_in_docs(functions, list, docs, count, kept);
    return REVUE_OK;
}

static revue_status keep_held(struct common_docs *common, struct postings_reader *list, revue_error *error) {
    uint32_t kept = 0;
    for (uint32_t from = 0, to; from < common->count; from = to) {
        uint32_t found;
        TRY(postings_reader_seek_block(list, common->docs[from], error));
        if (list->count == 0) break;
        to = from + common->functions->up_to(common->docs + from, common->count - from, list->last_doc);
        TRY(keep_in_block(common->functions, list, common->docs + from, to - from, common->docs + kept, &found, error));
        kept += found;
    }
    common->count = kept;
    return REVUE_OK;
}

revue_status list_intersection_count(struct postings_reader *const *lists, uint32_t list_count, uint64_t *total,
                                     revue_error *error) {
    struct postings_reader *lead = lists[0];
    struct common_docs common; /* large: only what is used is filled in */
    common.functions = candidate_functions_best();
    while (lead->count > 0) {
        TRY(deadline_spend(POSTINGS_BLOCK, error));
        TRY(postings_reader_docs(lead, error));
        memcpy(common.docs, lead->docs, sizeof lead->docs);
        common.count = lead->count;
        for (uint32_t i = 1; i < list_count && common.count > 0; i++)
            TRY(keep_held(&common, lists[i], error));
        *total += common.count;
        TRY(postings_reader_next_block(lead, error));
    }
    return REVUE_OK;
}
