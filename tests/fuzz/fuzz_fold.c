/* fuzz_fold.c - any bytes, repaired to UTF-8, folded and stemmed in the language the first byte picks: forms are valid
 * UTF-8, no longer than FORM_MAX, and folding them again changes nothing; stems are valid and not empty. */
#include <stdlib.h>

#include "indexer/base/utf8.h"
#include "indexer/text/stem.h"
#include "tests/fuzz/fuzz.h"

static void check_stem(struct view form, enum language language) {
    static stemmer *stemmers;
    char stem[FORM_MAX];
    size_t size = 0;
    if (!stemmers) require(stemmer_create(&stemmers, NULL) == REVUE_OK);
    require(stemmer_stem(stemmers, form, language, stem, &size, NULL) == REVUE_OK);
    require(size > 0 && size <= FORM_MAX && utf8_valid_prefix(stem, size) == size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bytes text = {0};
    char form[FORM_MAX], again[FORM_MAX];
    if (size == 0 || size > 1 << 14) return 0;
    enum language language = (enum language)(data[0] % LANGUAGE_COUNT);
    utf8_repair(&text, (const char *)data + 1, size - 1);
    require(!text.failed);
    /* An exact copy, so that a sanitizer sees the first byte read past the end. */
    char *exact = malloc(text.size ? text.size : 1);
    require(exact);
    if (text.size) memcpy(exact, text.data, text.size);
    size_t form_size = fold_word(view_of(exact, text.size), false, language, form);
    require(form_size <= FORM_MAX && utf8_valid_prefix(form, form_size) == form_size);
    size_t again_size = fold_word(view_of(form, form_size), false, language, again);
    require(view_equal(view_of(form, form_size), view_of(again, again_size)));
    if (form_size > 0) check_stem(view_of(form, form_size), language);
    free(exact);
    bytes_free(&text);
    return 0;
}
