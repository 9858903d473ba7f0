/* fuzz_json_flat.c - a flat object, against json-c. */
#include "tests/support/json_judge.h"

#include "indexer/base/utf8.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct json_flat flat;
    bool is_taken;
    char *copy = malloc(size ? size : 1); /* of just that size: reading past it is seen */
    if (!copy || size > INT32_MAX || utf8_valid_prefix((const char *)data, size) != size) {
        free(copy);
        return 0;
    }
    if (size) memcpy(copy, data, size);
    const char *difference = json_judge(&flat, view_of(copy, size), &is_taken);
    if (difference) {
        (void)fprintf(stderr, "%s\n", difference);
        abort();
    }
    free(copy);
    return 0;
}
