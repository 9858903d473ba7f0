/* sorted.h - the first k matches in an order of columns. */
#ifndef REVUE_COLLECT_SORTED_H
#define REVUE_COLLECT_SORTED_H

#include "query/collect/chunk_values.h"
#include "query/rank/topk.h"
#include "query/collect/page_token.h"

struct sort_key {
    bool is_score; /* else a column */
    bool is_descending, is_keyword;
    uint16_t column;
};
struct sort_order {
    struct sort_key keys[SORT_KEYS_MAX];
    uint32_t count;
    bool ids_descend; /* where all keys are equal */
};
/* Reads "date:desc,stars": columns, score and id, the smallest first unless :desc follows; scores the largest first unless
 * :asc does. REVUE_USAGE for what cannot be sorted by. */
revue_status sort_order_read(const revue_searcher *searcher, struct view text, struct sort_order *order,
                             revue_error *error);
/* The order of a query that scores nothing: the newest first. */
struct sort_order sort_order_newest(void);

bool sort_order_has_score(const struct sort_order *order);

/* Matches without a value come after all that have one, in either direction; what is equal in all keys goes by id. */
struct sorted {
    struct collector collector;
    revue_searcher *searcher;
    struct sort_order order;
    size_t k, count, capacity;
    bool is_full;               /* the first k of items are the best of what came before the last sorting out */
    struct sorted_match *items; /* the best k, and what came since */
    struct column_reader readers[SORT_KEYS_MAX];
    struct chunk_values values;            /* of the first key */
    uint32_t segment;                      /* of the readers; UINT32_MAX: none yet */
    const uint32_t *places[SORT_KEYS_MAX]; /* of a keyword by its number, among all values in order */
    uint32_t place_counts[SORT_KEYS_MAX];
    const struct sorted_match *after; /* what the page before ended with; NULL: everything is wanted */
    struct arena ids;                 /* those that ties needed, of the items there are */
    struct bytes id;                  /* the one looked at last */
};
revue_status sorted_init(struct sorted *sorted, revue_searcher *searcher, const struct sort_order *order, size_t k,
                         revue_error *error);
/* The first k, in order, with their scores; the caller's arena holds them. */
revue_status sorted_finish(struct sorted *sorted, struct arena *arena, struct candidate **candidates, size_t *count,
                           revue_error *error);
/* Where the index-th of the sorted ends a page: its keys as they outlive the snapshot. */
revue_status sorted_page_keys(struct sorted *sorted, size_t index, struct arena *arena, struct page_key keys[SORT_KEYS_MAX],
                              revue_error *error);
/* Only what comes after these keys and this id is wanted; behind sorted_init. The arena, keys and id outlive sorted. */
revue_status sorted_begin_after(struct sorted *sorted, const struct page_key *keys, const char *id, struct arena *arena,
                                revue_error *error);
void sorted_free(struct sorted *sorted); /* zero bytes are fine */

#endif
