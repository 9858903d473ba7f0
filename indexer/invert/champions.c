/* champions.c - see champions.h. Postings are gathered first. The fields, whose reviews ascend, are then walked side by
 * side, so that a review's sum needs no room; between two reviews of the others one field has many alone. */
#include "indexer/invert/champions.h"

#include <stdlib.h>
#include <string.h>

void champions_init(struct champions *champions, uint32_t doc_count, const uint64_t total_length[FIELD_COUNT],
                    const uint32_t docs_with_field[FIELD_COUNT]) {
    memset(champions, 0, sizeof *champions);
    champions->doc_count = doc_count;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        double average = scoring_average(total_length[field], docs_with_field[field]);
        champions->average[field] = average;
        for (uint32_t length = 0; length < CHAMPIONS_NORMS; length++)
            champions->norms[field][length] = scoring_norm(SCORING_B, length, average);
    }
}

void champions_free(struct champions *champions) {
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        memory_free(champions->postings[field].items);
    memset(champions, 0, sizeof *champions);
}

/* ---- choosing ---- */

/* The CHAMPIONS_MAX largest, largest first; of equals the smaller review. */
struct best {
    uint32_t count;
    uint32_t docs[CHAMPIONS_MAX];
    double values[CHAMPIONS_MAX];
};

static inline bool comes_before(double value, uint32_t doc, double other_value, uint32_t other) {
    return value > other_value || (value == other_value && doc < other);
}

static void insert(struct best *best, uint32_t doc, double value) {
    uint32_t at = best->count < CHAMPIONS_MAX ? best->count++ : CHAMPIONS_MAX - 1;
    for (; at > 0 && comes_before(value, doc, best->values[at - 1], best->docs[at - 1]); at--) {
        best->values[at] = best->values[at - 1];
        best->docs[at] = best->docs[at - 1];
    }
    best->values[at] = value;
    best->docs[at] = doc;
}

static inline void offer(struct best *best, uint32_t doc, double value) {
    if (best->count < CHAMPIONS_MAX ||
        comes_before(value, doc, best->values[CHAMPIONS_MAX - 1], best->docs[CHAMPIONS_MAX - 1]))
        insert(best, doc, value);
}

static inline double norm_of(const struct champions *champions, unsigned field, uint32_t length) {
    return length < CHAMPIONS_NORMS ? champions->norms[field][length]
                                    : scoring_norm(SCORING_B, length, champions->average[field]);
}

/* Of the fields, each at its next posting. */
struct fields_walk {
    size_t at[FIELD_COUNT];
    uint32_t doc[FIELD_COUNT]; /* of that posting; UINT32_MAX at the end */
};

static void settle(const struct champions *champions, struct fields_walk *walk, unsigned field) {
    const struct champion_postings *postings = &champions->postings[field];
    walk->doc[field] = walk->at[field] < postings->count ? postings->items[walk->at[field]].doc : UINT32_MAX;
}

/* Reviews before end, of which no other field has one. Nearly all are worth less than those found, by so much that no
 * rounding makes up for it: these are told without a division. */
static void choose_alone(const struct champions *champions, unsigned field, struct fields_walk *walk, uint32_t end,
                         struct best *best) {
    const struct champion_postings *postings = &champions->postings[field];
    const double weight = scoring_default_weights[field];
    size_t at = walk->at[field];
    for (; at < postings->count && postings->items[at].doc < end; at++) {
        const struct champion_posting posting = postings->items[at];
        const double norm = norm_of(champions, field, posting.length);
        const double least = best->count < CHAMPIONS_MAX ? 0 : best->values[CHAMPIONS_MAX - 1];
        if (weight * posting.frequency < least * norm * (1 - 4 * DBL_EPSILON)) continue;
        offer(best, posting.doc, scoring_field_value(weight, posting.frequency, norm));
    }
    walk->at[field] = at;
    settle(champions, walk, field);
}

/* A review that several fields have: its frequencies, weighted and normalised, summed in the order of the fields. */
static void choose_shared(const struct champions *champions, uint32_t doc, struct fields_walk *walk, struct best *best) {
    double value = 0;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        if (walk->doc[field] != doc) continue;
        const struct champion_posting posting = champions->postings[field].items[walk->at[field]++];
        const double norm = norm_of(champions, field, posting.length);
        value += scoring_field_value(scoring_default_weights[field], posting.frequency, norm);
        settle(champions, walk, field);
    }
    offer(best, doc, value);
}

static void choose(const struct champions *champions, struct best *best) {
    struct fields_walk walk = {.at = {0}};
    best->count = 0;
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        settle(champions, &walk, field);
    for (;;) {
        uint32_t doc = UINT32_MAX, next = UINT32_MAX; /* the two smallest of the fields' reviews */
        unsigned first = 0;
        for (unsigned field = 0; field < FIELD_COUNT; field++) {
            const uint32_t other = walk.doc[field] < doc ? doc : walk.doc[field];
            first = walk.doc[field] < doc ? field : first;
            doc = walk.doc[first] < doc ? walk.doc[first] : doc;
            next = other < next ? other : next;
        }
        if (doc == UINT32_MAX) return;
        if (doc < next)
            choose_alone(champions, first, &walk, next, best);
        else
            choose_shared(champions, doc, &walk, best);
    }
}

void champions_forget(struct champions *champions) {
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        champions->postings[field].count = 0;
}

/* ---- writing ---- */

static void sort_docs(uint32_t *docs, uint32_t count) {
    for (uint32_t i = 1; i < count; i++)
        for (uint32_t j = i; j > 0 && docs[j - 1] > docs[j]; j--) {
            uint32_t swapped = docs[j];
            docs[j] = docs[j - 1];
            docs[j - 1] = swapped;
        }
}

static int compare_docs(const void *key, const void *item) {
    uint32_t doc = *(const uint32_t *)key, other = ((const struct champion_posting *)item)->doc;
    return doc < other ? -1 : doc > other;
}

static void describe(const struct champions *champions, uint32_t doc, struct champion *champion) {
    champion->doc = doc;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        const struct champion_postings *postings = &champions->postings[field];
        const struct champion_posting *found =
            postings->count ? bsearch(&doc, postings->items, postings->count, sizeof *postings->items, compare_docs) : NULL;
        champion->frequency[field] = found ? found->frequency : 0;
    }
}

static revue_status write_record(const struct champions *champions, uint8_t fields, struct stream_writer *skips,
                                 uint32_t *size, revue_error *error) {
    struct best best;
    struct champion chosen[CHAMPIONS_MAX];
    struct bytes record = {0};
    choose(champions, &best);
    sort_docs(best.docs, best.count);
    for (uint32_t i = 0; i < best.count; i++)
        describe(champions, best.docs[i], &chosen[i]);
    champions_encode(chosen, best.count, fields, &record);
    revue_status status =
        record.failed ? error_no_memory(error) : stream_writer_append(skips, record.data, record.size, error);
    *size = (uint32_t)record.size;
    bytes_free(&record);
    return status;
}

revue_status champions_finish(struct champions *champions, uint32_t df, uint8_t fields, struct stream_writer *skips,
                              uint64_t *address, uint32_t *size, revue_error *error) {
    *address = skips->size;
    *size = 0;
    if (champions->failed) return error_no_memory(error);
    if (df > CHAMPIONS_DF) TRY(write_record(champions, fields, skips, size, error));
    champions_forget(champions);
    return REVUE_OK;
}
