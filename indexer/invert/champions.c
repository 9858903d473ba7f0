/* champions.c - see champions.h. One number a review, summed over the fields; only touched ones are looked at. */
#include "indexer/invert/champions.h"

#include "indexer/base/memory.h"
#include "indexer/format/scoring.h"

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

void champions_add(struct champions *champions, enum review_field field, uint32_t doc, uint32_t frequency,
                   uint32_t length) {
    double weight = scoring_default_weights[field];
    if (weight == 0 || doc >= champions->doc_count) return;
    struct champion_postings *postings = &champions->postings[field];
    if (!MEMORY_RESERVE(postings->items, postings->capacity, postings->count + 1)) {
        champions->failed = true;
        return;
    }
    postings->items[postings->count++] = (struct champion_posting){doc, frequency};
    if (champions->value[doc] == 0) champions->touched[champions->touched_count++] = doc;
    double norm = length < CHAMPIONS_NORMS ? champions->norms[field][length]
                                           : scoring_norm(SCORING_B, length, champions->average[field]);
    champions->value[doc] += scoring_field_value(weight, frequency, norm);
}

/* Keeps best[] as the CHAMPIONS_MAX largest, largest first; of equals the smaller review. */
static uint32_t choose_best(const struct champions *champions, uint32_t best[CHAMPIONS_MAX]) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < champions->touched_count; i++) {
        uint32_t doc = champions->touched[i];
        double value = champions->value[doc];
        if (count == CHAMPIONS_MAX && value < champions->value[best[count - 1]]) continue;
        uint32_t at = count < CHAMPIONS_MAX ? count++ : CHAMPIONS_MAX - 1;
        if (at == CHAMPIONS_MAX - 1 && i >= CHAMPIONS_MAX && value == champions->value[best[at]] && doc > best[at])
            continue;
        while (at > 0 && (champions->value[best[at - 1]] < value ||
                          (champions->value[best[at - 1]] == value && best[at - 1] > doc))) {
            best[at] = best[at - 1];
            at--;
        }
        best[at] = doc;
    }
    return count;
}

void champions_forget(struct champions *champions) {
    for (uint32_t i = 0; i < champions->touched_count; i++)
        champions->value[champions->touched[i]] = 0;
    champions->touched_count = 0;
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        champions->postings[field].count = 0;
}

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
    uint32_t best[CHAMPIONS_MAX], count = choose_best(champions, best);
    struct champion chosen[CHAMPIONS_MAX];
    struct bytes record = {0};
    sort_docs(best, count);
    for (uint32_t i = 0; i < count; i++)
        describe(champions, best[i], &chosen[i]);
    champions_encode(chosen, count, fields, &record);
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
