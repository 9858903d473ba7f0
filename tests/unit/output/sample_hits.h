/* sample_hits.h - an answer made by hand, for the tests of the printers. */
#ifndef REVUE_TESTS_SAMPLE_HITS_H
#define REVUE_TESTS_SAMPLE_HITS_H

#include "query/output/hits.h"

struct sample {
    const revue_hit *hits;
    const char *const *warnings;
};

static inline const revue_hit *sample_hit(const void *context, size_t index) {
    return &((const struct sample *)context)->hits[index];
}

static inline const char *sample_warning(const void *context, size_t index) {
    return ((const struct sample *)context)->warnings[index];
}

static inline struct answer sample_answer(const struct sample *sample, size_t hits, size_t warnings) {
    struct answer answer = {
        .query = view_of_string("knife edge"),
        .op = REVUE_OP_ALL,
        .total = 17,
        .total_exact = true,
        .took_us = 1234.56,
        .with_snippets = true,
        .context = sample,
        .hit_count = hits,
        .warning_count = warnings,
        .hit = sample_hit,
        .warning = sample_warning,
    };
    return answer;
}

#endif
