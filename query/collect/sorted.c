/* sorted.c - see sorted.h. Keys are numbers of which the smaller comes first: values as they are or negated, keywords as
 * their places among all values of the column, infinity where there is none. Matches collect behind the best k and are
 * sorted out when the buffer is full; once k are known, one that is worse than the last of them by its first key is not
 * kept. */
#include "query/collect/sorted.h"

#include "indexer/base/memory.h"
#include "query/column/column_name.h"
#include "query/column/keyword_order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COLLECTED_LEAST 256u

struct sorted_match {
    double keys[SORT_KEYS_MAX];
    int32_t score;
    uint32_t segment, doc;
    const char *id; /* NULL: not read yet */
};

/* ---- the order that was asked for ---- */

static revue_status read_direction(struct view name, struct view direction, struct sort_key *key, revue_error *error) {
    if (view_equal(direction, view_of_string("asc"))) {
        key->is_descending = false;
    } else if (view_equal(direction, view_of_string("desc"))) {
        key->is_descending = true;
    } else if (direction.size > 0) {
        return error_set(error, REVUE_USAGE, "--sort %.*s: behind the colon stands asc or desc", (int)name.size, name.data);
    }
    return REVUE_OK;
}

static revue_status column_key(const revue_searcher *searcher, struct view name, struct sort_key *key, revue_error *error) {
    const struct schema_column *column;
    TRY(column_by_name(searcher, "--sort", name, &column, error));
    if (column->has_several)
        return error_set(error, REVUE_USAGE, "--sort %s: a review may have several of them, and so no one place",
                         column->name);
    *key = (struct sort_key){.column = column->number, .is_keyword = column->kind == COLUMN_KEYWORD};
    return REVUE_OK;
}

static revue_status read_key(const revue_searcher *searcher, struct view text, struct sort_order *order,
                             revue_error *error) {
    struct view direction = text, name = column_next_part(&direction, ':');
    struct sort_key key = {0};
    bool is_id = view_equal(name, view_of_string("id"));
    if (view_equal(name, view_of_string("score")))
        key = (struct sort_key){.is_score = true, .is_descending = true};
    else if (!is_id)
        TRY(column_key(searcher, name, &key, error));
    TRY(read_direction(name, direction, &key, error));
    if (is_id)
        order->ids_descend = key.is_descending;
    else if (order->count < SORT_KEYS_MAX)
        order->keys[order->count++] = key;
    else
        return error_set(error, REVUE_USAGE, "--sort takes at most %u columns", SORT_KEYS_MAX);
    return REVUE_OK;
}

revue_status sort_order_read(const revue_searcher *searcher, struct view text, struct sort_order *order,
                             revue_error *error) {
    struct sort_order read = {0};
    do {
        struct view part = column_next_part(&text, ',');
        TRY(read_key(searcher, part, &read, error));
    } while (text.size > 0);
    *order = read;
    return REVUE_OK;
}

struct sort_order sort_order_newest(void) {
    return (struct sort_order){{{.is_descending = true, .column = COLUMN_OF_DATE}}, 1, false};
}

/* ---- keys of a match ---- */

static revue_status key_of_value(const struct sorted *sorted, uint32_t at, bool has, double value, double *key,
                                 revue_error *error) {
    const struct sort_key *wanted = &sorted->order.keys[at];
    *key = HUGE_VAL;
    if (!has) return REVUE_OK;
    if (wanted->is_keyword) {
        if (!(value >= 0 && value < sorted->place_counts[at]))
            return error_set(error, REVUE_CORRUPT, "a review has a keyword that is not in the table; rebuild the index");
        value = sorted->places[at][(uint32_t)value];
    }
    *key = wanted->is_descending ? -value : value;
    return REVUE_OK;
}

static revue_status key_of_column(struct sorted *sorted, uint32_t at, uint32_t doc, double *key, revue_error *error) {
    double value = 0;
    bool has;
    TRY(column_reader_number(&sorted->readers[at], doc, &has, &value, error));
    return key_of_value(sorted, at, has, value, key, error);
}

/* The first key is known. */
static revue_status keys_behind(struct sorted *sorted, struct sorted_match *match, revue_error *error) {
    for (uint32_t at = 1; at < sorted->order.count; at++) {
        const struct sort_key *wanted = &sorted->order.keys[at];
        if (wanted->is_score)
            match->keys[at] = wanted->is_descending ? -(double)match->score : match->score;
        else
            TRY(key_of_column(sorted, at, match->doc, &match->keys[at], error));
    }
    return REVUE_OK;
}

/* ---- order ---- */

static int compare_keys(const struct sorted_match *a, const struct sorted_match *b) {
    for (unsigned i = 0; i < SORT_KEYS_MAX; i++)
        if (a->keys[i] != b->keys[i]) return a->keys[i] < b->keys[i] ? -1 : 1;
    return 0;
}

static int compare_places(const void *left, const void *right) {
    const struct sorted_match *a = left, *b = right;
    int order = compare_keys(a, b);
    if (order != 0) return order;
    if (a->segment != b->segment) return a->segment < b->segment ? -1 : 1;
    return a->doc < b->doc ? -1 : a->doc > b->doc;
}

static int compare_ids(const void *left, const void *right) {
    return strcmp(((const struct sorted_match *)left)->id, ((const struct sorted_match *)right)->id);
}

/* Into sorted->id. */
static revue_status find_id(struct sorted *sorted, const struct sorted_match *match, revue_error *error) {
    return ids_get(segment_ids(sorted->searcher->segments[match->segment].segment), match->doc, &sorted->id, error);
}

static revue_status read_id(struct sorted *sorted, struct sorted_match *match, revue_error *error) {
    if (match->id) return REVUE_OK;
    TRY(find_id(sorted, match, error));
    match->id = arena_copy(&sorted->ids, sorted->id.data, sorted->id.size);
    return match->id ? REVUE_OK : error_no_memory(error);
}

static void reverse(struct sorted_match *items, size_t count) {
    for (size_t i = 0; i < count / 2; i++) {
        struct sorted_match moved = items[i];
        items[i] = items[count - 1 - i];
        items[count - 1 - i] = moved;
    }
}

/* What is equal in all keys and begins among the first k is put in the order of ids. */
static revue_status order_ties(struct sorted *sorted, revue_error *error) {
    struct sorted_match *items = sorted->items;
    for (size_t from = 0, to; from < sorted->count && from < sorted->k; from = to) {
        for (to = from + 1; to < sorted->count && compare_keys(&items[from], &items[to]) == 0;)
            to++;
        if (to == from + 1) continue;
        for (size_t i = from; i < to; i++)
            TRY(read_id(sorted, &items[i], error));
        qsort(items + from, to - from, sizeof *items, compare_ids);
        if (sorted->order.ids_descend) reverse(items + from, to - from);
    }
    return REVUE_OK;
}

/* The ids of matches that went are given back. */
static revue_status keep_ids(struct sorted *sorted, revue_error *error) {
    struct arena kept = {0};
    for (size_t i = 0; i < sorted->count; i++) {
        const char *id = sorted->items[i].id;
        if (!id) continue;
        sorted->items[i].id = arena_copy(&kept, id, strlen(id));
        if (sorted->items[i].id) continue;
        arena_free(&kept);
        return error_no_memory(error);
    }
    arena_free(&sorted->ids);
    sorted->ids = kept;
    return REVUE_OK;
}

static revue_status sort_out(struct sorted *sorted, revue_error *error) {
    if (sorted->count == 0) return REVUE_OK; /* there may be no items at all */
    qsort(sorted->items, sorted->count, sizeof *sorted->items, compare_places);
    TRY(order_ties(sorted, error));
    if (sorted->count >= sorted->k) {
        sorted->count = sorted->k;
        sorted->is_full = true;
    }
    return sorted->ids.total_bytes > 0 ? keep_ids(sorted, error) : REVUE_OK;
}

/* ---- pages ---- */

static revue_status key_text(struct sorted *sorted, uint32_t at, const struct sorted_match *match, struct arena *arena,
                             struct page_key *key, revue_error *error) {
    const struct segment *segment = sorted->searcher->segments[match->segment].segment;
    struct column_reader reader;
    struct bytes scratch = {0};
    struct view text;
    keywords *table;
    bool has = false;
    int64_t number = 0;
    column_reader_open(&reader, segment->txn, segment->number, sorted->order.keys[at].column);
    TRY(column_reader_integer(&reader, match->doc, &has, &number, error));
    key->is_text = has;
    if (!has) return REVUE_OK;
    TRY(searcher_keywords(sorted->searcher, reader.column, &table, error));
    revue_status status = keywords_value(table, (uint32_t)number, &scratch, &text, error);
    if (status == REVUE_OK) key->text = view_of(arena_copy(arena, text.data, text.size), text.size);
    if (status == REVUE_OK && !key->text.data) status = error_no_memory(error);
    bytes_free(&scratch);
    return status;
}

revue_status sorted_page_keys(struct sorted *sorted, size_t index, struct arena *arena, struct page_key keys[SORT_KEYS_MAX],
                              revue_error *error) {
    const struct sorted_match *match = &sorted->items[index];
    for (uint32_t at = 0; at < sorted->order.count; at++) {
        keys[at] = (struct page_key){.number = match->keys[at]};
        if (sorted->order.keys[at].is_keyword) TRY(key_text(sorted, at, match, arena, &keys[at], error));
    }
    return REVUE_OK;
}

revue_status sorted_begin_after(struct sorted *sorted, const struct page_key *keys, const char *id, struct arena *arena,
                                revue_error *error) {
    struct sorted_match *after = arena_alloc(arena, sizeof *after);
    if (!after) return error_no_memory(error);
    *after = (struct sorted_match){.id = id};
    for (uint32_t at = 0; at < sorted->order.count; at++) {
        const struct sort_key *wanted = &sorted->order.keys[at];
        double place;
        after->keys[at] = wanted->is_keyword ? HUGE_VAL : keys[at].number;
        if (!wanted->is_keyword || !keys[at].is_text) continue;
        TRY(keyword_place(sorted->searcher, wanted->column, keys[at].text, &place, error));
        after->keys[at] = wanted->is_descending ? -place : place;
    }
    sorted->after = after;
    return REVUE_OK;
}

/* ---- collecting ---- */

static void enter_segment(struct sorted *sorted, uint32_t segment) {
    const struct segment *entered = sorted->searcher->segments[segment].segment;
    for (uint32_t at = 0; at < sorted->order.count; at++)
        column_reader_open(&sorted->readers[at], entered->txn, entered->number, sorted->order.keys[at].column);
    sorted->segment = segment;
}

/* *order: whether the id of a match comes before that of another with the same keys (below 0), or behind it. */
static revue_status order_by_id(struct sorted *sorted, const struct sorted_match *match, const char *other, int *order,
                                revue_error *error) {
    TRY(find_id(sorted, match, error));
    *order = view_compare(bytes_view(&sorted->id), view_of_string(other));
    if (sorted->order.ids_descend) *order = -*order;
    return REVUE_OK;
}

/* What stands before the end of the page before, or is it, was shown already. */
static revue_status is_wanted(struct sorted *sorted, const struct sorted_match *match, bool *wanted, revue_error *error) {
    if (!sorted->after) return REVUE_OK;
    int order = compare_keys(match, sorted->after);
    if (order == 0) TRY(order_by_id(sorted, match, sorted->after->id, &order, error));
    *wanted = order > 0;
    return REVUE_OK;
}

/* Once k are known, what comes behind the last of them cannot enter. */
static revue_status may_enter(struct sorted *sorted, const struct sorted_match *match, bool *may, revue_error *error) {
    if (!sorted->is_full) return REVUE_OK;
    struct sorted_match *last = &sorted->items[sorted->k - 1];
    int order = compare_keys(match, last);
    if (order == 0) {
        TRY(read_id(sorted, last, error));
        TRY(order_by_id(sorted, match, last->id, &order, error));
    }
    *may = order < 0;
    return REVUE_OK;
}

static revue_status take_match(struct sorted *sorted, struct sorted_match *match, revue_error *error) {
    bool is_taken = true;
    TRY(keys_behind(sorted, match, error));
    TRY(is_wanted(sorted, match, &is_taken, error));
    if (is_taken) TRY(may_enter(sorted, match, &is_taken, error));
    if (!is_taken) return REVUE_OK;
    if (sorted->count == 2 * sorted->k + COLLECTED_LEAST) TRY(sort_out(sorted, error));
    if (!MEMORY_RESERVE(sorted->items, sorted->capacity, sorted->count + 1)) return error_no_memory(error);
    sorted->items[sorted->count++] = *match;
    return REVUE_OK;
}

/* What the first key alone puts behind the last of the first k is passed over at once. */
static bool is_behind(const struct sorted *sorted, double key) {
    return sorted->is_full && key > sorted->items[sorted->k - 1].keys[0];
}

static revue_status take_by_score(struct sorted *sorted, const struct matches *matches, revue_error *error) {
    const bool falls = sorted->order.keys[0].is_descending;
    for (uint32_t at = chunk_next(matches->bits, 0); at < COLUMN_CHUNK; at = chunk_next(matches->bits, at + 1)) {
        struct sorted_match match = {
            .score = matches->scores[at], .segment = matches->segment, .doc = matches->chunk * COLUMN_CHUNK + at};
        match.keys[0] = falls ? -(double)match.score : match.score;
        if (!is_behind(sorted, match.keys[0])) TRY(take_match(sorted, &match, error));
    }
    return REVUE_OK;
}

static revue_status take_by_column(struct sorted *sorted, const struct matches *matches, revue_error *error) {
    const struct chunk_values *values = &sorted->values;
    TRY(chunk_values_read(&sorted->values, &sorted->readers[0], matches, error));
    const uint64_t *bits = is_behind(sorted, HUGE_VAL) ? values->has : matches->bits;
    for (uint32_t at = chunk_next(bits, 0); at < COLUMN_CHUNK; at = chunk_next(bits, at + 1)) {
        struct sorted_match match = {
            .score = matches->scores[at], .segment = matches->segment, .doc = matches->chunk * COLUMN_CHUNK + at};
        const bool has = values->has[at / 64] >> at % 64 & 1;
        TRY(key_of_value(sorted, 0, has, has ? values->numbers[at] : 0, &match.keys[0], error));
        if (!is_behind(sorted, match.keys[0])) TRY(take_match(sorted, &match, error));
    }
    return REVUE_OK;
}

/* By ids alone there is no key: all of them are 0. */
static revue_status take_by_id(struct sorted *sorted, const struct matches *matches, revue_error *error) {
    for (uint32_t at = chunk_next(matches->bits, 0); at < COLUMN_CHUNK; at = chunk_next(matches->bits, at + 1)) {
        struct sorted_match match = {
            .score = matches->scores[at], .segment = matches->segment, .doc = matches->chunk * COLUMN_CHUNK + at};
        TRY(take_match(sorted, &match, error));
    }
    return REVUE_OK;
}

static revue_status take(struct collector *collector, const struct matches *matches, revue_error *error) {
    struct sorted *sorted = (struct sorted *)collector;
    if (sorted->k == 0) return REVUE_OK;
    if (sorted->segment != matches->segment) enter_segment(sorted, matches->segment);
    if (sorted->order.count == 0) return take_by_id(sorted, matches, error);
    return sorted->order.keys[0].is_score ? take_by_score(sorted, matches, error) : take_by_column(sorted, matches, error);
}

bool sort_order_has_score(const struct sort_order *order) {
    for (uint32_t at = 0; at < order->count; at++)
        if (order->keys[at].is_score) return true;
    return false;
}

revue_status sorted_init(struct sorted *sorted, revue_searcher *searcher, const struct sort_order *order, size_t k,
                         revue_error *error) {
    *sorted = (struct sorted){.collector = {take}, .searcher = searcher, .order = *order, .k = k, .segment = UINT32_MAX};
    for (uint32_t at = 0; at < order->count; at++)
        if (order->keys[at].is_keyword)
            TRY(keyword_order(searcher, order->keys[at].column, &sorted->places[at], &sorted->place_counts[at], error));
    return REVUE_OK;
}

void sorted_free(struct sorted *sorted) {
    memory_free(sorted->items);
    bytes_free(&sorted->id);
    arena_free(&sorted->ids);
    memset(sorted, 0, sizeof *sorted);
}

revue_status sorted_finish(struct sorted *sorted, struct arena *arena, struct candidate **candidates, size_t *count,
                           revue_error *error) {
    TRY(sort_out(sorted, error));
    struct candidate *made = arena_alloc_array(arena, sorted->count + 1, sizeof *made);
    if (!made) return error_no_memory(error);
    for (size_t i = 0; i < sorted->count; i++)
        made[i] = (struct candidate){
            .score = sorted->items[i].score, .segment = sorted->items[i].segment, .doc = sorted->items[i].doc};
    *candidates = made;
    *count = sorted->count;
    return REVUE_OK;
}
