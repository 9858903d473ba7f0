/* cursor_several.c - at least so many of some cursors, with the scores of all that match. */
#include "query/match/cursor.h"

struct several_cursor {
    struct cursor cursor;
    struct cursor **items;
    uint32_t count, least;
};

/* The least-th smallest of the reviews that the cursors stand on: before it no review has so many of them. The cursors are
 * kept in the order of their reviews. */
static uint32_t next_candidate(struct several_cursor *several, uint32_t target) {
    for (uint32_t i = 0; i < several->count; i++) {
        struct cursor *moved = several->items[i];
        uint32_t j = i;
        cursor_seek(moved, target);
        for (; j > 0 && several->items[j - 1]->doc > moved->doc; j--)
            several->items[j] = several->items[j - 1];
        several->items[j] = moved;
    }
    return several->items[several->least - 1]->doc;
}

static void several_seek(struct cursor *cursor, uint32_t target) {
    struct several_cursor *several = (struct several_cursor *)cursor;
    for (;;) {
        const uint32_t doc = next_candidate(several, target);
        cursor->doc = cursor->failure->status == REVUE_OK ? doc : DOC_END;
        if (cursor->doc == DOC_END || several->items[0]->doc == doc) return;
        target = doc; /* those that stand before it may come to it */
    }
}

static int32_t several_contribution(struct cursor *cursor) {
    struct several_cursor *several = (struct several_cursor *)cursor;
    int32_t sum = 0;
    for (uint32_t i = 0; i < several->count; i++)
        if (several->items[i]->doc == cursor->doc) sum += cursor_contribution(several->items[i]);
    return sum;
}

static void several_close(struct cursor *cursor) {
    struct several_cursor *several = (struct several_cursor *)cursor;
    for (uint32_t i = 0; i < several->count; i++)
        cursor_close(several->items[i]);
}

static const struct cursor_methods several_methods = {several_seek, several_contribution, several_close, NULL};

struct cursor *cursor_several_create(const struct leaf_context *context, struct cursor **items, uint32_t count,
                                     uint32_t least) {
    struct several_cursor wanted = {
        .cursor = {&several_methods, context->failure, CURSOR_BEFORE, 0}, .items = items, .count = count, .least = least};
    struct several_cursor *several = arena_alloc(context->arena, sizeof *several);
    if (!several) {
        several_close(&wanted.cursor);
        return NULL;
    }
    *several = wanted;
    for (uint32_t i = 0; i < count; i++)
        several->cursor.cost += items[i]->cost;
    return &several->cursor;
}
