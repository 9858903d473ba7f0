/* check_dictionary.c - the blocks of TERMS and FORMS one by one: each begins with the term that its key names, terms ascend
 * within and over the blocks, entries share all they can with the one before, restarts are where they are said to be, and
 * there are as many terms as META counts. */
#include "indexer/check/check.h"

#define KIND_KEY 5u

struct blocks {
    struct check *check;
    struct check_segment *segment;
    enum segment_kind kind;
    uint64_t terms;
};

static revue_status check_block(struct blocks *blocks, struct view key, struct view value, revue_error *error) {
    char place[128];
    uint32_t count = 0;
    store_describe_key(TABLE_SEGMENTS, key, place);
    if (value.size + 8 > DICTIONARY_BLOCK) check_fault(blocks->check, "%s: the block is too large", place);
    if (!view_equal(dictionary_block_first(value), view_of(key.data + KIND_KEY, key.size - KIND_KEY)))
        check_fault(blocks->check, "%s: the block does not begin with the term of its key", place);
    revue_status status =
        blocks->kind == KIND_TERMS ? terms_block_check(value, &count, error) : forms_block_check(value, &count, error);
    blocks->terms += count;
    return check_outcome(blocks->check, status, error, "%s", place);
}

static revue_status walk_blocks(struct blocks *blocks, store_cursor *cursor, revue_error *error) {
    struct view key, value;
    struct key prefix = key_segment_kind(blocks->segment->row->number, blocks->kind);
    revue_status status = store_cursor_at_or_after(cursor, key_view(&prefix), &key, &value, error);
    while (status == REVUE_OK && key.size > KIND_KEY && memcmp(key.data, prefix.data, KIND_KEY) == 0) {
        TRY(check_block(blocks, key, value, error));
        status = store_cursor_next(cursor, &key, &value, error);
    }
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

revue_status check_dictionary(struct check *check, struct check_segment *segment, enum segment_kind kind,
                              uint32_t term_count, revue_error *error) {
    struct blocks blocks = {check, segment, kind, 0};
    store_cursor *cursor;
    TRY(store_cursor_open(check->txn, TABLE_SEGMENTS, &cursor, error));
    revue_status status = walk_blocks(&blocks, cursor, error);
    store_cursor_close(cursor);
    TRY(status);
    if (blocks.terms != term_count)
        check_fault(check, "segment %u, %s: %llu entries, META counts %u", segment->row->number, check_kind_name(kind),
                    (unsigned long long)blocks.terms, term_count);
    return REVUE_OK;
}
