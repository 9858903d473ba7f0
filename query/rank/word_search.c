/* word_search.c - see word_search.h.
 *
 * What a single word gives depends on two small numbers alone, its frequency and the length of the field, and descends with
 * the length. So a threshold is a table: of each frequency the longest field that may enter. Blocks are passed over by it,
 * and postings are compared with whole numbers; only those that may enter are scored. */
#include "query/rank/word_search.h"

#include "indexer/format/scoring.h"

#define FREQUENCIES 32u /* higher ones are not looked up: they may enter */

struct word_search {
    struct scored_leaf *leaf;
    struct scored_list *list;
    uint32_t segment;
    const struct deletes *deletes;
    struct topk *topk;
    uint64_t *total;
    revue_error *error;
    int32_t threshold;             /* that longest was worked out for */
    uint32_t longest[FREQUENCIES]; /* field that may enter, by frequency; 0: none */
};
/* Postings of a block that may enter. */
struct postings_taken {
    uint32_t count;
    uint32_t docs[POSTINGS_BLOCK], frequencies[POSTINGS_BLOCK], lengths[POSTINGS_BLOCK];
};

/* ---- the threshold as a table ---- */

/* value: that of a posting must be so at least. Rounded up by more than doubles are off. */
static uint32_t longest_field(const struct scored_list *list, uint32_t frequency, double value) {
    const double norm = list->weight * frequency / value * (1 + 1e-9); /* 1 - b + b * length / average */
    if (norm < 1 - list->b) return 0;
    if (!(list->b > 0)) return UINT32_MAX;
    const double length = (norm - (1 - list->b)) * list->average / list->b + 1;
    return length < UINT32_MAX ? (uint32_t)length : UINT32_MAX;
}

/* A contribution is scale * x / (k1 + x), rounded by half a unit. */
static void note_threshold(struct word_search *search) {
    const double least = (double)search->topk->threshold - 1, left = search->leaf->scale - least;
    if (search->topk->threshold == search->threshold) return;
    search->threshold = search->topk->threshold;
    for (uint32_t frequency = 1; frequency < FREQUENCIES - 1; frequency++)
        search->longest[frequency] = left <= 0    ? 0
                                     : least <= 0 ? UINT32_MAX
                                                  : longest_field(search->list, frequency, search->leaf->k1 * least / left);
    search->longest[FREQUENCIES - 1] = UINT32_MAX;
}

static uint32_t longest_of(const struct word_search *search, uint32_t frequency) {
    return search->longest[frequency < FREQUENCIES ? frequency : FREQUENCIES - 1];
}

/* No posting of the block with a frequency below *least may enter; false when none may at all. Of the pairs frequencies and
 * lengths ascend, so that the first that may enter has the shortest field. */
static revue_status least_frequency(struct word_search *search, uint32_t *least, bool *may) {
    struct impacts impacts;
    TRY(postings_reader_block_impacts(&search->list->reader, &impacts, search->error));
    *may = false;
    for (uint32_t i = 0; i < impacts.count && !*may; i++) {
        const uint32_t shortest = impact_value(impacts.pairs[i].length_code);
        const uint8_t code = impacts.pairs[i].frequency_code;
        *may = longest_of(search, code == IMPACT_ANY ? FREQUENCIES : impact_value(code)) >= shortest;
        for (*least = 1; *least < FREQUENCIES - 1 && search->longest[*least] < shortest;)
            ++*least;
    }
    return REVUE_OK;
}

/* ---- postings ---- */

static void take_frequent(const struct postings_reader *reader, uint32_t least, struct postings_taken *taken) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < reader->count; i++) {
        taken->docs[count] = reader->docs[i];
        taken->frequencies[count] = reader->frequencies[i];
        count += reader->frequencies[i] >= least;
    }
    taken->count = count;
}

/* 0 < frequency <= length < 2^31: then no norm is 0, and no value is 0 or infinite. */
static revue_status take_short(struct word_search *search, struct postings_taken *taken) {
    uint32_t count = 0, wrong = 0;
    if (taken->count == 0) return REVUE_OK;
    TRY(lengths_gather(&search->list->lengths, taken->docs, taken->count, taken->lengths, search->error));
    for (uint32_t i = 0; i < taken->count; i++) {
        const uint32_t doc = taken->docs[i], frequency = taken->frequencies[i], length = taken->lengths[i];
        wrong |= (uint32_t)(frequency - 1 >= length) | (uint32_t)(length > INT32_MAX);
        taken->docs[count] = doc;
        taken->frequencies[count] = frequency;
        taken->lengths[count] = length;
        count += length <= longest_of(search, frequency);
    }
    taken->count = count;
    return wrong ? postings_damaged(&search->list->reader, "a frequency or length is out of range", search->error)
                 : REVUE_OK;
}

static void collect(struct word_search *search, const struct postings_taken *taken) {
    const struct scored_list *list = search->list;
    double values[POSTINGS_BLOCK];
    int32_t scores[POSTINGS_BLOCK];
    list->functions->values(taken->frequencies, taken->lengths, taken->count, list->weight, list->b, list->average, values);
    list->functions->contributions(values, taken->count, search->leaf->scale, search->leaf->k1, scores);
    for (uint32_t i = 0; i < taken->count; i++) {
        if (deletes_has(search->deletes, taken->docs[i])) continue;
        ++*search->total;
        topk_add(search->topk, search->segment, taken->docs[i], scores[i]);
    }
}

static revue_status search_block(struct word_search *search) {
    struct postings_taken taken; /* large: only what is used is filled in */
    uint32_t least = 1;
    bool may = true;
    note_threshold(search);
    if (search->threshold > INT32_MIN) TRY(least_frequency(search, &least, &may));
    if (!may) return REVUE_OK;
    TRY(postings_reader_docs(&search->list->reader, search->error));
    TRY(postings_reader_frequencies(&search->list->reader, search->error));
    take_frequent(&search->list->reader, least, &taken);
    TRY(take_short(search, &taken));
    collect(search, &taken);
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
    for (unsigned i = 0; i < FREQUENCIES; i++)
        search.longest[i] = UINT32_MAX;
    while (search.list->reader.count > 0 && leaf->bound >= topk->threshold) {
        TRY(deadline_spend(POSTINGS_BLOCK, error));
        TRY(search_block(&search));
        TRY(postings_reader_next_block(&search.list->reader, error));
    }
    return REVUE_OK;
}
