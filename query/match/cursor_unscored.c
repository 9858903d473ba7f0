/* cursor_unscored.c - what matches without adding to the score: tests of a column, reviews that are known, cursors whose
 * score does not count, every review, none.
 *
 * A column is tested a chunk at a time, when the first review of the chunk is asked about: 4,096 values cost about as much
 * as one block of postings. */
#include "query/match/cursor.h"

#include <string.h>

static int32_t no_contribution(struct cursor *cursor) {
    (void)cursor;
    return 0;
}

static void nothing_to_close(struct cursor *cursor) {
    (void)cursor;
}

/* ---- tests of a column ---- */

struct column_cursor {
    struct cursor cursor;
    const struct column_test *test;
    struct column_reader reader;
    uint32_t doc_count;
    uint32_t chunk; /* whose bits they are; UINT32_MAX: none yet */
    uint64_t bits[CHUNK_WORDS];
};

/* The first set bit at or after index; COLUMN_CHUNK when there is none. */
static uint32_t next_bit(const uint64_t bits[CHUNK_WORDS], uint32_t index) {
    uint32_t word = index / 64;
    uint64_t left = bits[word] & UINT64_MAX << (index % 64);
    while (left == 0) {
        if (++word == CHUNK_WORDS) return COLUMN_CHUNK;
        left = bits[word];
    }
    return word * 64 + (uint32_t)__builtin_ctzll(left);
}

static void column_seek(struct cursor *cursor, uint32_t target) {
    struct column_cursor *column = (struct column_cursor *)cursor;
    for (uint32_t chunk = target / COLUMN_CHUNK, index = target % COLUMN_CHUNK; target < column->doc_count;
         chunk++, index = 0, target = chunk * COLUMN_CHUNK) {
        if (chunk != column->chunk) {
            revue_status status =
                column_test_chunk(column->test, &column->reader, chunk, column->bits, &cursor->failure->error);
            if (status != REVUE_OK) {
                cursor_fail(cursor, status);
                return;
            }
            column->chunk = chunk;
        }
        index = next_bit(column->bits, index);
        cursor->doc = chunk * COLUMN_CHUNK + index;
        if (index < COLUMN_CHUNK && cursor->doc < column->doc_count) return;
    }
    cursor->doc = DOC_END;
}

static const struct cursor_methods column_methods = {column_seek, no_contribution, nothing_to_close, NULL};

struct cursor *cursor_column_create(const struct leaf_context *context, const struct column_test *test) {
    struct column_cursor *column = arena_alloc(context->arena, sizeof *column);
    if (!column) return NULL;
    column->cursor = (struct cursor){&column_methods, context->failure, CURSOR_BEFORE, context->segment->meta.doc_count};
    column->test = test;
    column_reader_open(&column->reader, context->segment->txn, context->segment->number, test->column);
    column->doc_count = context->segment->meta.doc_count;
    column->chunk = UINT32_MAX;
    return &column->cursor;
}

/* ---- reviews that are known: a few ---- */

struct docs_cursor {
    struct cursor cursor;
    const struct doc_list *list;
    uint32_t next;
};

static void docs_seek(struct cursor *cursor, uint32_t target) {
    struct docs_cursor *docs = (struct docs_cursor *)cursor;
    while (docs->next < docs->list->count && docs->list->docs[docs->next] < target)
        docs->next++;
    cursor->doc = docs->next < docs->list->count ? docs->list->docs[docs->next] : DOC_END;
}

static const struct cursor_methods docs_methods = {docs_seek, no_contribution, nothing_to_close, NULL};

struct cursor *cursor_docs_create(const struct leaf_context *context, const struct doc_list *list) {
    struct docs_cursor *docs = arena_alloc(context->arena, sizeof *docs);
    if (!docs) return NULL;
    *docs = (struct docs_cursor){{&docs_methods, context->failure, CURSOR_BEFORE, list->count}, list, 0};
    return &docs->cursor;
}

/* ---- without the score ---- */

struct unscored_cursor {
    struct cursor cursor;
    struct cursor *scored;
};

static void unscored_seek(struct cursor *cursor, uint32_t target) {
    struct unscored_cursor *unscored = (struct unscored_cursor *)cursor;
    cursor_seek(unscored->scored, target);
    cursor->doc = unscored->scored->doc;
}

static void unscored_close(struct cursor *cursor) {
    cursor_close(((struct unscored_cursor *)cursor)->scored);
}

static const struct cursor_methods unscored_methods = {unscored_seek, no_contribution, unscored_close, NULL};

struct cursor *cursor_unscored_create(const struct leaf_context *context, struct cursor *scored) {
    struct unscored_cursor *unscored = scored ? arena_alloc(context->arena, sizeof *unscored) : NULL;
    if (!unscored) {
        cursor_close(scored);
        return NULL;
    }
    unscored->cursor = (struct cursor){&unscored_methods, context->failure, CURSOR_BEFORE, scored->cost};
    unscored->scored = scored;
    return &unscored->cursor;
}

/* ---- every review, none ---- */

struct all_cursor {
    struct cursor cursor;
    uint32_t doc_count;
};

static void all_seek(struct cursor *cursor, uint32_t target) {
    cursor->doc = target < ((struct all_cursor *)cursor)->doc_count ? target : DOC_END;
}

static const struct cursor_methods all_methods = {all_seek, no_contribution, nothing_to_close, NULL};

static struct cursor *create_range(const struct leaf_context *context, uint32_t doc_count) {
    struct all_cursor *all = arena_alloc(context->arena, sizeof *all);
    if (!all) return NULL;
    *all = (struct all_cursor){{&all_methods, context->failure, CURSOR_BEFORE, doc_count}, doc_count};
    return &all->cursor;
}

struct cursor *cursor_all_create(const struct leaf_context *context) {
    return create_range(context, context->segment->meta.doc_count);
}

struct cursor *cursor_none_create(const struct leaf_context *context) {
    return create_range(context, 0);
}
