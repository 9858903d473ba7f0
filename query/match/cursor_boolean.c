/* cursor_boolean.c - AND, OR, NOT: must, should and must not, block-skipping through the cursors' seek. */
#include "query/match/cursor.h"

#include <string.h>

struct boolean_cursor {
    struct cursor cursor;
    struct cursor **must, **should, **must_not;
    uint32_t must_count, should_count, must_not_count;
};

/* The first review at or after target in which all of must are; the rarest leads. */
static uint32_t next_of_all(struct boolean_cursor *boolean, uint32_t target) {
    for (uint32_t i = 0; i < boolean->must_count;) {
        cursor_seek(boolean->must[i], target);
        uint32_t doc = boolean->must[i]->doc;
        if (doc == DOC_END) return DOC_END;
        if (doc > target && i > 0) {
            target = doc;
            i = 0;
            continue;
        }
        target = doc;
        i++;
    }
    return target;
}

static uint32_t next_of_any(struct boolean_cursor *boolean, uint32_t target) {
    uint32_t doc = DOC_END;
    for (uint32_t i = 0; i < boolean->should_count; i++) {
        cursor_seek(boolean->should[i], target);
        if (boolean->should[i]->doc < doc) doc = boolean->should[i]->doc;
    }
    return doc;
}

static bool is_excluded(struct boolean_cursor *boolean, uint32_t doc) {
    for (uint32_t i = 0; i < boolean->must_not_count; i++) {
        cursor_seek(boolean->must_not[i], doc);
        if (boolean->must_not[i]->doc == doc) return true;
    }
    return false;
}

static void boolean_seek(struct cursor *cursor, uint32_t target) {
    struct boolean_cursor *boolean = (struct boolean_cursor *)cursor;
    for (;;) {
        uint32_t doc = boolean->must_count ? next_of_all(boolean, target) : next_of_any(boolean, target);
        cursor->doc = cursor->failure->status == REVUE_OK ? doc : DOC_END;
        if (cursor->doc == DOC_END || !is_excluded(boolean, doc)) return;
        target = doc + 1;
    }
}

static int32_t boolean_contribution(struct cursor *cursor) {
    struct boolean_cursor *boolean = (struct boolean_cursor *)cursor;
    int32_t sum = 0;
    for (uint32_t i = 0; i < boolean->must_count; i++)
        sum += cursor_contribution(boolean->must[i]);
    for (uint32_t i = 0; i < boolean->should_count; i++) {
        cursor_seek(boolean->should[i], cursor->doc);
        if (boolean->should[i]->doc == cursor->doc) sum += cursor_contribution(boolean->should[i]);
    }
    return sum;
}

static void boolean_close(struct cursor *cursor) {
    struct boolean_cursor *boolean = (struct boolean_cursor *)cursor;
    for (uint32_t i = 0; i < boolean->must_count; i++)
        cursor_close(boolean->must[i]);
    for (uint32_t i = 0; i < boolean->should_count; i++)
        cursor_close(boolean->should[i]);
    for (uint32_t i = 0; i < boolean->must_not_count; i++)
        cursor_close(boolean->must_not[i]);
}

static const struct cursor_methods boolean_methods = {boolean_seek, boolean_contribution, boolean_close, NULL};

static void sort_by_cost(struct cursor **cursors, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        struct cursor *moved = cursors[i];
        uint32_t j = i;
        for (; j > 0 && cursors[j - 1]->cost > moved->cost; j--)
            cursors[j] = cursors[j - 1];
        cursors[j] = moved;
    }
}

struct cursor *cursor_boolean_create(const struct leaf_context *context, struct cursor **must, uint32_t must_count,
                                     struct cursor **should, uint32_t should_count, struct cursor **must_not,
                                     uint32_t must_not_count) {
    if (must_count + should_count == 1 && must_not_count == 0) return must_count ? must[0] : should[0];
    struct boolean_cursor wanted = {.cursor = {&boolean_methods, context->failure, CURSOR_BEFORE, 0},
                                    .must = must,
                                    .should = should,
                                    .must_not = must_not,
                                    .must_count = must_count,
                                    .should_count = should_count,
                                    .must_not_count = must_not_count};
    struct boolean_cursor *boolean = arena_alloc(context->arena, sizeof *boolean);
    if (!boolean) {
        boolean_close(&wanted.cursor);
        return NULL;
    }
    *boolean = wanted;
    sort_by_cost(boolean->must, must_count);
    if (must_count) boolean->cursor.cost = boolean->must[0]->cost;
    for (uint32_t i = 0; i < should_count && !must_count; i++)
        boolean->cursor.cost += should[i]->cost;
    return &boolean->cursor;
}
