/* fuzz_forms_block.c - a block of forms from hostile bytes, once by itself and once through the reader of a store whose
 * checksums are right. What the check accepts must be found by look-up as it is by walking. */
#include "indexer/format/dictionary.h"
#include "tests/fuzz/fuzz_index.h"

#include <stdlib.h>

/* By language, then stem: one language has two where segments made with two stemmers were merged. */
static bool comes_before(const struct form_pair *a, const struct form_pair *b) {
    return a->language != b->language ? a->language < b->language : view_compare(a->stem, b->stem) < 0;
}

static void look_up(store_txn *txn, const struct form_entry *entry) {
    forms_reader *reader;
    struct form_entry found;
    require(forms_reader_open(&reader, txn, 1, NULL) == REVUE_OK);
    require(forms_reader_find(reader, entry->form, &found, NULL) == REVUE_OK);
    require(view_equal(found.form, entry->form) && found.pair_count == entry->pair_count);
    for (uint32_t i = 0; i < found.pair_count; i++) {
        require(view_equal(found.pairs[i].stem, entry->pairs[i].stem) && found.pairs[i].df == entry->pairs[i].df);
        require(i == 0 || comes_before(&found.pairs[i - 1], &found.pairs[i]));
    }
    forms_reader_close(reader);
}

static void read_block(const uint8_t *data, size_t size, bool is_sound, uint32_t count) {
    struct key key = key_block(1, KIND_FORMS, view_of("", 1)); /* before every form */
    struct form_entry entry;
    forms_reader *reader;
    uint32_t walked = 0;
    store_txn *txn;
    require(store_begin_write(fuzz_index(), &txn, NULL) == REVUE_OK);
    require(store_put(txn, TABLE_SEGMENTS, key_view(&key), view_of(data, size), NULL) == REVUE_OK);
    require(forms_reader_open(&reader, txn, 1, NULL) == REVUE_OK);
    while (forms_reader_next(reader, &entry, NULL) == REVUE_OK) {
        require(walked++ < size && entry.pair_count >= 1 && entry.pair_count <= FORM_PAIRS_MAX);
        if (is_sound && walked % 5 == 1) look_up(txn, &entry);
    }
    if (is_sound) require(walked == count);
    for (size_t at = 0; at < size; at += 1 + size / 16) { /* any bytes at all */
        size_t some = size - at < 20 ? size - at : 20;
        (void)forms_reader_find(reader, view_of(data + at, some), &entry, NULL);
        (void)forms_reader_seek(reader, view_of(data + at, some / 4), &entry, NULL);
        (void)forms_reader_next(reader, &entry, NULL);
    }
    forms_reader_close(reader);
    store_abort(txn);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint32_t count = 0;
    if (size == 0 || size > DICTIONARY_BLOCK - 8) return 0;
    revue_status status = forms_block_check(view_of(data, size), &count, NULL);
    read_block(data, size, status == REVUE_OK, count);
    return 0;
}
