/* fuzz.h - what every target has. */
#ifndef REVUE_TESTS_FUZZ_H
#define REVUE_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void require(bool is_so) {
    if (!is_so) abort();
}

#endif
