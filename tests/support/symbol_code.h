/* symbol_code.h - number codes for fuzz targets, each named by a byte. */
#ifndef REVUE_TESTS_SYMBOL_CODE_H
#define REVUE_TESTS_SYMBOL_CODE_H

#include "indexer/format/number_code.h"

/* The code that suits an archive of about 5,000 times which tokens; 0: none. */
static inline void symbol_code_make(struct number_code *code, uint8_t which) {
    uint64_t counts[1000];
    uint8_t lengths[NUMBER_CLASSES];
    if (which == 0) return;
    for (uint32_t i = 0; i < 1000; i++)
        counts[i] = (uint64_t)which * 1000 / (i + 1);
    number_code_choose(counts, 1000, lengths);
    number_code_make(code, lengths);
}

#endif
