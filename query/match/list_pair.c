/* list_pair.c - see list_pair.h. */
#include "query/match/list_pair.h"

#include <string.h>

#define FEW 4u /* reviews of rare for which filling the table does not pay */

bool list_pair_open(struct list_pair *pair, struct list_cursor *rare, struct list_cursor *common, struct arena *arena) {
    *pair = (struct list_pair){.rare = rare, .common = common, .table = arena_alloc(arena, LIST_PAIR_WINDOW)};
    if (pair->table) memset(pair->table, 0, LIST_PAIR_WINDOW);
    return pair->table != NULL;
}

/* Both lists stand in their blocks; the reviews up to limit are compared. */
static void compare_few(struct list_pair *pair) {
    struct list_cursor *rare = pair->rare, *common = pair->common;
    for (uint32_t i = rare->index; rare->reader.docs[i] <= pair->limit; i++) {
        list_cursor_find(common, common->index, rare->reader.docs[i]);
        pair->rare_index[pair->count] = (uint8_t)i;
        pair->common_index[pair->count] = (uint8_t)common->index;
        pair->count += common->doc == rare->reader.docs[i];
    }
}

static void compare_many(struct list_pair *pair) {
    const uint32_t *rare = pair->rare->reader.docs, *common = pair->common->reader.docs, limit = pair->limit;
    uint8_t *table = pair->table;
    uint32_t count = 0;
    for (uint32_t i = pair->common->index; common[i] <= limit; i++)
        table[common[i] % LIST_PAIR_WINDOW] = (uint8_t)i;
    for (uint32_t i = pair->rare->index; rare[i] <= limit; i++) {
        const uint8_t place = table[rare[i] % LIST_PAIR_WINDOW];
        pair->rare_index[count] = (uint8_t)i;
        pair->common_index[count] = place;
        count += common[place] == rare[i];
    }
    pair->count = count;
}

/* Finds the shared reviews of the next two blocks that meet at or after target. False when a list ends before. Blocks end
 * with reviews no limit reaches (DOC_END), so that none of the loops asks for the end of a block. */
static bool compare_blocks(struct list_pair *pair, uint32_t target, struct cursor_failure *failure) {
    struct list_cursor *rare = pair->rare, *common = pair->common;
    pair->count = 0;
    list_cursor_seek(rare, target, failure);
    if (rare->doc == DOC_END) return false;
    list_cursor_seek(common, rare->doc, failure);
    if (common->doc == DOC_END) return false;
    list_cursor_seek(rare, common->doc, failure);
    if (rare->doc == DOC_END) return false;
    uint32_t limit = rare->reader.last_doc < common->reader.last_doc ? rare->reader.last_doc : common->reader.last_doc;
    if (limit >= rare->doc && limit - rare->doc >= LIST_PAIR_WINDOW) limit = rare->doc + LIST_PAIR_WINDOW - 1;
    pair->limit = limit;
    if (rare->reader.docs[rare->index + FEW] > limit)
        compare_few(pair);
    else
        compare_many(pair);
    return true;
}

bool list_pair_next(struct list_pair *pair, uint32_t target, struct cursor_failure *failure) {
    for (; compare_blocks(pair, target, failure); target = pair->limit + 1)
        if (pair->count > 0) return true;
    return false;
}
