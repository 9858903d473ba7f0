/* champions.c - see champions.h. Postings are gathered first: most stems stand in one field, where a posting's value is the
 * review's. Else one number a review is summed over the fields; only touched ones are looked at. */
#include "indexer/invert/champions.h"

#include <stdlib.h>
#include <string.h>

revue_status champions_init(struct champions *champions, uint32_t doc_count, const uint64_t total_length[FIELD_COUNT],
                            const uint32_t docs_with_field[FIELD_COUNT], revue_error *error) {
    memset(champions, 0, sizeof *champions);
    champions->doc_count = doc_count;
    champions->value = memory_alloc_zeroed(doc_count, sizeof *champions->value);
    champions->touched = memory_alloc_array(doc_count, sizeof *champions->touched);
    if (!champions->value || !champions->touched) {
        champions_free(champions);
        return error_no_memory(error);
    }
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        double average = scoring_average(total_length[field], docs_with_field[field]);
        champions->average[field] = average;
        for (uint32_t length = 0; length < CHAMPIONS_NORMS; length++)
            champions->norms[field][length] = scoring_norm(SCORING_B, length, average);
    }
    return REVUE_OK;
}

void champions_free(struct champions *champions) {
    memory_free(champions->value);
    memory_free(champions->touched);
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

static inline double value_of(const struct champions *champions, unsigned field, struct champion_posting posting) {
    double norm = posting.length < CHAMPIONS_NORMS ? champions->norms[field][posting.length]
                                                   : scoring_norm(SCORING_B, posting.length, champions->average[field]);
    return scoring_field_value(scoring_default_weights[field], posting.frequency, norm);
}

static void choose_of_field(const struct champions *champions, unsigned field, struct best *best) {
    const struct champion_postings *postings = &champions->postings[field];
    for (size_t i = 0; i < postings->count; i++)
        offer(best, postings->items[i].doc, value_of(champions, field, postings->items[i]));
}

static void choose_of_sums(struct champions *champions, struct best *best) {
    champions->touched_count = 0;
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        for (size_t i = 0; i < champions->postings[field].count; i++) {
            struct champion_posting posting = champions->postings[field].items[i];
            if (champions->value[posting.doc] == 0) champions->touched[champions->touched_count++] = posting.doc;
            champions->value[posting.doc] += value_of(champions, field, posting);
        }
    for (uint32_t i = 0; i < champions->touched_count; i++) {
        uint32_t doc = champions->touched[i];
        offer(best, doc, champions->value[doc]);
        champions->value[doc] = 0;
    }
}

static void choose(struct champions *champions, struct best *best) {
    unsigned fields = 0, last = 0;
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (champions->postings[field].count) {
            fields++;
            last = field;
        }
    best->count = 0;
    if (fields == 1)
        choose_of_field(champions, last, best);
    else
        choose_of_sums(champions, best);
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

static revue_status write_record(struct champions *champions, uint8_t fields, struct stream_writer *skips, uint32_t *size,
                                 revue_error *error) {
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
