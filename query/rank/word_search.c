/* word_search.c - see word_search.h.
 *
 * What a single word gives depends on two small numbers alone, its frequency and the length of the field. Of a block the
 * skip data tells the least frequency that may do, and whether any does; of the postings that have it those go on whose
 * field is short enough for it, by a comparison of floats; and only these are scored. */
#include "query/rank/word_search.h"

struct word_search {
    struct scored_leaf *leaf;
    struct scored_list *list;
    uint32_t segment;
    const struct deletes *deletes;
    struct topk *topk;
    uint64_t *total;
    revue_error *error;
    int32_t threshold; /* that value was worked out for */
    double value;      /* of a posting that may enter; 0: any */
};
static void note_threshold(struct word_search *search) {
    if (search->topk->threshold == search->threshold) return;
    search->threshold = search->topk->threshold;
    search->value = scored_leaf_value_needed(search->leaf, search->threshold);
}

static void collect(struct word_search *search, const struct taken_postings *taken) {
    const struct scored_list *list = search->list;
    double values[POSTINGS_BLOCK];
    int32_t scores[POSTINGS_BLOCK];
    list->functions->values(taken->frequencies, taken->lengths, taken->count, list->weight, list->b, list->average, values);
    list->functions->contributions(values, taken->count, search->leaf->scale, search->leaf->k1, scores);
    topk_add_live(search->topk, search->segment, search->deletes, taken->docs, scores, taken->count, search->total);
}

static revue_status search_block(struct word_search *search) {
    struct taken_postings taken; /* large: only what is used is filled in */
    struct scored_list *list = search->list;
    const struct postings_reader *reader = &list->reader;
    note_threshold(search);
    TRY(scored_leaf_take(search->leaf, reader->previous_last + 1, reader->last_doc + 1, search->value, &taken,
                         search->error));
    if (taken.count == 0) return REVUE_OK;
    TRY(lengths_gather(&list->lengths, taken.docs, taken.count, taken.lengths, search->error));
    if (search->value > 0) list->lookup->drop_long(&taken, (float)(search->value / list->weight), list->b, list->average);
    if (!list->functions->are_sound(taken.frequencies, taken.lengths, taken.count))
        return postings_damaged(reader, "a frequency or length is out of range", search->error);
    if (taken.count > 0) collect(search, &taken);
    return REVUE_OK;
}

revue_status word_search(struct scored_leaf *leaf, uint32_t segment, const struct deletes *deletes, struct topk *topk,
                         uint64_t *total, revue_error *error) {
    struct word_search search = {.leaf = leaf,
                                 .list = leaf->lists,
                                 .segment = segment,
                                 .deletes = deletes,
                                 .topk = topk,
                                 .total = total,
                                 .error = error,
                                 .threshold = INT32_MIN};
    while (search.list->reader.count > 0 && leaf->bound >= topk->threshold) {
        TRY(deadline_spend(POSTINGS_BLOCK, error));
        TRY(search_block(&search));
        TRY(postings_reader_next_block(&search.list->reader, error));
    }
    return REVUE_OK;
}
