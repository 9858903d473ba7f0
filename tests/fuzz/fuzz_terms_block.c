/* fuzz_terms_block.c - a block of stems from hostile bytes, once by itself and once through the reader of a store whose
 * checksums are right. What the check accepts must be found by look-up as it is by walking. */
#include "indexer/format/dictionary.h"
#include "tests/fuzz/fuzz_index.h"

#include <stdlib.h>

static void look_up(store_txn *txn, const struct term_entry *entry) {
    terms_reader *reader;
    struct term_entry found;
    require(terms_reader_open(&reader, txn, 1, NULL) == REVUE_OK);
    require(terms_reader_find(reader, entry->stem, &found, NULL) == REVUE_OK);
    require(view_equal(found.stem, entry->stem) && found.fields == entry->fields && found.df == entry->df &&
            found.champions == entry->champions && found.champions_bytes == entry->champions_bytes);
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (entry->fields >> field & 1)
            require(found.lists[field].df == entry->lists[field].df &&
                    found.lists[field].postings == entry->lists[field].postings);
    terms_reader_close(reader);
}

static void read_block(const uint8_t *data, size_t size, bool is_sound, uint32_t count) {
    struct key key = key_block(1, KIND_TERMS, view_of("", 1)); /* before every term */
    struct term_entry entry;
    terms_reader *reader;
    uint32_t walked = 0;
    store_txn *txn;
    require(store_begin_write(fuzz_index(), &txn, NULL) == REVUE_OK);
    require(store_put(txn, TABLE_SEGMENTS, key_view(&key), view_of(data, size), NULL) == REVUE_OK);
    require(terms_reader_open(&reader, txn, 1, NULL) == REVUE_OK);
    while (terms_reader_next(reader, &entry, NULL) == REVUE_OK) {
        require(walked++ < size);
        if (is_sound && walked % 5 == 1) look_up(txn, &entry);
    }
    if (is_sound) require(walked == count);
    for (size_t at = 0; at < size; at += 1 + size / 16) { /* any bytes at all */
        size_t some = size - at < 20 ? size - at : 20;
        (void)terms_reader_find(reader, view_of(data + at, some), &entry, NULL);
        (void)terms_reader_seek(reader, view_of(data + at, some / 4), &entry, NULL);
        (void)terms_reader_next(reader, &entry, NULL);
    }
    terms_reader_close(reader);
    store_abort(txn);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint32_t count = 0;
    if (size == 0 || size > DICTIONARY_BLOCK - 8) return 0;
    revue_status status = terms_block_check(view_of(data, size), &count, NULL);
    read_block(data, size, status == REVUE_OK, count);
    return 0;
}
