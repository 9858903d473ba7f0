/* search_count.c - see search_count.h. */
#include "query/rank/search_count.h"

#include "query/rank/doc_window.h"
#include "query/rank/excluded.h"
#include "query/rank/list_intersection.h"

#include <string.h>

/* ---- plans ---- */

/* The words of a plan that is nothing but words. */
struct counted_words {
    struct plan_node *const *must, *const *should, *const *must_not;
    uint32_t must_count, should_count, must_not_count;
};

static bool are_words(struct plan_node *const *nodes, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (nodes[i]->kind != PLAN_WORD || nodes[i]->words[0].by_form || nodes[i]->forms) return false;
    return true;
}

/* What should match is of no account beside what must. */
static bool words_of(const struct plan *plan, struct counted_words *words) {
    *words = (struct counted_words){0};
    if (!plan->root) return false;
    if (plan->root->kind == PLAN_WORD) {
        words->should = &plan->root;
        words->should_count = 1;
    } else if (plan->root->kind == PLAN_BOOLEAN && plan->root->filter_count == 0) {
        const struct plan_node *root = plan->root;
        *words = (struct counted_words){
            root->must, root->should, root->must_not, root->must_count, root->should_count, root->must_not_count,
        };
        if (words->must_count > 0) words->should_count = 0;
    } else {
        return false;
    }
    return are_words(words->must, words->must_count) && are_words(words->should, words->should_count) &&
           are_words(words->must_not, words->must_not_count);
}

bool search_count_is_possible(const struct plan *plan, const revue_searcher *searcher) {
    struct counted_words words;
    for (uint32_t i = 0; i < searcher->segment_count; i++)
        if (searcher->segments[i].segment->meta.doc_count > INT32_MAX) return false;
    return words_of(plan, &words);
}

static uint64_t postings_of(struct plan_node *const *nodes, uint32_t count) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += nodes[i]->words[0].df;
    return sum;
}

uint64_t search_count_postings(const struct plan *plan) {
    struct counted_words words;
    if (!words_of(plan, &words)) return UINT64_MAX;
    return postings_of(words.must, words.must_count) + postings_of(words.should, words.should_count) +
           postings_of(words.must_not, words.must_not_count);
}

/* ---- sets ---- */

/* A union of posting lists: those of a word, or of all words of which any may match. */
struct list_set {
    struct postings_reader **lists;
    uint32_t count;
    uint64_t postings;
};

/* The count of one segment. */
struct segment_count {
    const struct leaf_context *context;
    uint32_t number;
    uint32_t doc_count;
    const struct deletes *deletes;
    struct doc_window *windows[2];
    uint64_t total;
    window_visitor visit; /* NULL: matches are counted and nothing else */
    void *context_of_visit;
    revue_error *error;
};

static uint32_t lists_of(const struct plan_node *node, uint32_t segment) {
    return node->words[0].in[segment].stem_count * FIELD_COUNT;
}

/* Adds the lists of a word to a set that has room for them. */
static revue_status open_word(struct segment_count *count, const struct plan_node *node, struct list_set *set) {
    const struct segment_word *word = &node->words[0].in[count->number];
    struct segment *segment = count->context->segment;
    for (uint32_t stem = 0; stem < word->stem_count; stem++)
        for (unsigned field = 0; field < FIELD_COUNT; field++) {
            const struct posting_list *list = &word->stems[stem].lists[field];
            if (!(word->stems[stem].fields >> field & 1) || node->scoring.weight[field] <= 0) continue;
            struct postings_reader *reader = arena_alloc(count->context->arena, sizeof *reader);
            if (!reader) return error_no_memory(count->error);
            set->lists[set->count++] = reader;
            set->postings += list->df;
            TRY(postings_reader_open(reader, segment_postings(segment), count->doc_count, list, count->error));
        }
    return REVUE_OK;
}

static void close_set(struct list_set *set) {
    for (uint32_t i = 0; i < set->count; i++)
        postings_reader_close(set->lists[i]);
}

static void close_sets(struct list_set *sets, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        close_set(&sets[i]);
}

/* One set of all the words' lists. Close it also when this fails. */
static revue_status open_union(struct segment_count *count, struct plan_node *const *nodes, uint32_t node_count,
                               struct list_set *set) {
    uint64_t most = 0;
    *set = (struct list_set){0};
    for (uint32_t i = 0; i < node_count; i++)
        most += lists_of(nodes[i], count->number);
    set->lists = arena_alloc_array(count->context->arena, (size_t)most + 1, sizeof *set->lists);
    if (!set->lists) return error_no_memory(count->error);
    for (uint32_t i = 0; i < node_count; i++)
        TRY(open_word(count, nodes[i], set));
    return REVUE_OK;
}

/* A set for each word, those of few postings first. Close *opened of them, also when this fails. */
static revue_status open_each(struct segment_count *count, struct plan_node *const *nodes, uint32_t node_count,
                              struct list_set **sets, uint32_t *opened) {
    *opened = 0;
    *sets = arena_alloc_array(count->context->arena, (size_t)node_count + 1, sizeof **sets);
    if (!*sets) return error_no_memory(count->error);
    for (uint32_t i = 0; i < node_count; i++) {
        struct list_set set;
        revue_status status = open_union(count, &nodes[i], 1, &set);
        uint32_t at = (*opened)++;
        for (; at > 0 && (*sets)[at - 1].postings > set.postings; at--)
            (*sets)[at] = (*sets)[at - 1];
        (*sets)[at] = set;
        TRY(status);
    }
    return REVUE_OK;
}

/* ---- windows ---- */

/* The first review from which on the set has one that is not before from; DOC_END behind the last. */
static revue_status set_next(const struct list_set *set, uint32_t from, uint32_t *next, revue_error *error) {
    *next = DOC_END;
    for (uint32_t i = 0; i < set->count; i++) {
        uint32_t of_list;
        TRY(doc_window_next(set->lists[i], from, &of_list, error));
        if (of_list < *next) *next = of_list;
    }
    return REVUE_OK;
}

static revue_status make_windows(struct segment_count *count, unsigned wanted) {
    for (unsigned i = 0; i < wanted; i++) {
        count->windows[i] = arena_alloc(count->context->arena, sizeof *count->windows[i]);
        if (!count->windows[i]) return error_no_memory(count->error);
    }
    return REVUE_OK;
}

static uint32_t window_end(const struct segment_count *count, uint32_t from) {
    return count->doc_count - from < DOC_WINDOW ? count->doc_count : from + DOC_WINDOW;
}

static revue_status add_set(struct doc_window *window, const struct list_set *set, revue_error *error) {
    for (uint32_t i = 0; i < set->count; i++)
        TRY(doc_window_add(window, set->lists[i], error));
    return REVUE_OK;
}

static revue_status add_common(struct doc_window *window, const struct doc_window *with, const struct list_set *set,
                               revue_error *error) {
    doc_window_clear(window, with->from, with->to);
    for (uint32_t i = 0; i < set->count; i++)
        TRY(doc_window_add_common(window, with, set->lists[i], error));
    return REVUE_OK;
}

/* ---- any ---- */

/* The longest list becomes the last. */
static void longest_last(struct list_set *set) {
    struct postings_reader **last = &set->lists[set->count - 1];
    for (uint32_t i = 0; i + 1 < set->count; i++) {
        struct postings_reader *list = set->lists[i];
        if (list->list.df <= (*last)->list.df) continue;
        set->lists[i] = *last;
        *last = list;
    }
}

/* Counts the reviews of a window that the shorter lists have, and takes from the total those that the longest has too, and
 * those it has that are deleted. */
static revue_status count_window(struct segment_count *count, const struct list_set *shorter,
                                 struct postings_reader *longest, uint32_t from) {
    struct doc_window *window = count->windows[0];
    uint64_t common = 0;
    TRY(deadline_spend(DOC_WINDOW / 64, count->error));
    doc_window_clear(window, from, window_end(count, from));
    TRY(add_set(window, shorter, count->error));
    if (count->deletes->words) doc_window_remove_words(window, count->deletes->words);
    count->total += doc_window_count(window);
    if (count->deletes->words) doc_window_add_words(window, count->deletes->words);
    TRY(doc_window_count_common(window, longest, &common, count->error));
    count->total -= common;
    return REVUE_OK;
}

static revue_status count_union(struct segment_count *count, struct list_set *set) {
    if (set->count == 0) return REVUE_OK;
    TRY(make_windows(count, 1));
    longest_last(set);
    struct postings_reader *longest = set->lists[set->count - 1];
    const struct list_set shorter = {set->lists, set->count - 1, 0};
    count->total += longest->list.df;
    for (uint32_t from = 0; from < count->doc_count; from = window_end(count, from)) {
        uint32_t next = from;
        if (!count->deletes->words) TRY(set_next(&shorter, from, &next, count->error));
        if (next == DOC_END) return REVUE_OK;
        from = next / 64 * 64;
        TRY(count_window(count, &shorter, longest, from));
    }
    return REVUE_OK;
}

/* Reviews of the segment that hold the word, as the dictionary has counted; UINT64_MAX when it has not: of several stems,
 * of some of the fields of body, title and product, or of these and the author. */
static uint64_t df_of(const struct segment_word *word, const struct field_scoring *scoring) {
    unsigned held = 0, searched = 0, lists = 0;
    uint32_t df = 0;
    if (word->stem_count != 1) return word->stem_count ? UINT64_MAX : 0;
    const struct term_entry_lists *stem = word->stems;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        const unsigned is_held = stem->fields >> field & 1, is_searched = is_held && scoring->weight[field] > 0;
        if (is_searched) df = stem->lists[field].df;
        lists += is_searched;
        if (field == FIELD_AUTHOR) continue;
        held += is_held;
        searched += is_searched;
    }
    if (lists <= 1) return df;
    return held == searched && lists == searched ? stem->df : UINT64_MAX;
}

static revue_status count_any(struct segment_count *count, struct plan_node *const *nodes, uint32_t node_count) {
    struct list_set set;
    if (node_count == 1 && !count->deletes->words) {
        const uint64_t df = df_of(&nodes[0]->words[0].in[count->number], &nodes[0]->scoring);
        if (df != UINT64_MAX) {
            count->total += df;
            return REVUE_OK;
        }
    }
    revue_status status = open_union(count, nodes, node_count, &set);
    if (status == REVUE_OK) status = count_union(count, &set);
    close_set(&set);
    return status;
}

/* ---- all, and not ---- */

struct all_sets {
    struct list_set *must, *must_not;
    uint32_t must_count, must_not_count;
};

/* The first review from which on all can be. */
static revue_status all_next(const struct segment_count *count, const struct all_sets *sets, uint32_t from,
                             uint32_t *next) {
    *next = from;
    for (uint32_t i = 0; i < sets->must_count && *next != DOC_END; i++)
        TRY(set_next(&sets->must[i], *next, next, count->error));
    return REVUE_OK;
}

/* What is left of the window when every word but the first had its say; NULL when it was counted on the way. */
static revue_status keep_matches(struct segment_count *count, const struct all_sets *sets, struct doc_window **left) {
    struct doc_window *window = *left, *other = count->windows[1];
    for (uint32_t i = 1; i < sets->must_count; i++) {
        const struct list_set *set = &sets->must[i];
        if (i + 1 == sets->must_count && set->count == 1 && sets->must_not_count == 0 && !count->visit) {
            *left = NULL;
            return doc_window_count_common(window, set->lists[0], &count->total, count->error);
        }
        TRY(add_common(other, window, set, count->error));
        struct doc_window *swapped = window;
        window = other;
        other = swapped;
    }
    for (uint32_t i = 0; i < sets->must_not_count; i++) {
        TRY(add_common(other, window, &sets->must_not[i], count->error));
        doc_window_remove(window, other);
    }
    *left = window;
    return REVUE_OK;
}

static revue_status count_all_window(struct segment_count *count, const struct all_sets *sets, uint32_t from) {
    struct doc_window *window = count->windows[0];
    TRY(deadline_spend(DOC_WINDOW / 64, count->error));
    if (sets->must_count == 0) {
        doc_window_fill(window, from, window_end(count, from));
    } else {
        doc_window_clear(window, from, window_end(count, from));
        TRY(add_set(window, &sets->must[0], count->error));
    }
    if (count->deletes->words) doc_window_remove_words(window, count->deletes->words);
    TRY(keep_matches(count, sets, &window));
    if (count->visit) return count->visit(count->context_of_visit, window, count->error);
    if (window) count->total += doc_window_count(window);
    return REVUE_OK;
}

static revue_status count_windows(struct segment_count *count, const struct all_sets *sets) {
    for (uint32_t from = 0; from < count->doc_count; from = window_end(count, from)) {
        uint32_t next;
        TRY(all_next(count, sets, from, &next));
        if (next == DOC_END) return REVUE_OK;
        from = next / COLUMN_CHUNK * COLUMN_CHUNK; /* whoever visits reads columns */
        TRY(count_all_window(count, sets, from));
    }
    return REVUE_OK;
}

/* Whether looking up the reviews of the sparsest word in the other lists is less work than bits: where its blocks are no
 * bits themselves. */
#define DENSE 6u /* one review in so many */
static bool is_sparse(const struct segment_count *count, const struct all_sets *sets) {
    if (sets->must_count == 0 || sets->must_not_count > 0 || count->visit || count->deletes->words) return false;
    for (uint32_t i = 0; i < sets->must_count; i++)
        if (sets->must[i].count != 1) return false;
    return sets->must[0].postings <= count->doc_count / DENSE;
}

static revue_status count_sparse(struct segment_count *count, const struct all_sets *sets) {
    struct postings_reader **lists = arena_alloc_array(count->context->arena, sets->must_count, sizeof *lists);
    if (!lists) return error_no_memory(count->error);
    for (uint32_t i = 0; i < sets->must_count; i++)
        lists[i] = sets->must[i].lists[0];
    return list_intersection_count(lists, sets->must_count, &count->total, count->error);
}

static revue_status count_sets(struct segment_count *count, const struct all_sets *sets) {
    if (is_sparse(count, sets)) return count_sparse(count, sets);
    TRY(make_windows(count, 2));
    return count_windows(count, sets);
}

/* must: of each word; or one set of all words that should match. */
static revue_status count_all(struct segment_count *count, const struct counted_words *words) {
    struct all_sets sets = {0};
    struct list_set any = {0};
    revue_status status = REVUE_OK;
    if (words->should_count > 0) {
        status = open_union(count, words->should, words->should_count, &any);
        sets.must = &any;
        sets.must_count = 1;
    } else {
        status = open_each(count, words->must, words->must_count, &sets.must, &sets.must_count);
    }
    if (status == REVUE_OK)
        status = open_each(count, words->must_not, words->must_not_count, &sets.must_not, &sets.must_not_count);
    if (status == REVUE_OK) status = count_sets(count, &sets);
    close_sets(sets.must, sets.must_count);
    close_sets(sets.must_not, sets.must_not_count);
    return status;
}

/* ---- the index ---- */

static revue_status count_segment(struct segment_count *count, const struct counted_words *words) {
    if (words->should_count > 0 && words->must_not_count == 0) return count_any(count, words->should, words->should_count);
    if (words->must_count == 1 && words->must_not_count == 0) return count_any(count, words->must, 1);
    return count_all(count, words);
}

revue_status search_count(const struct plan *plan, revue_searcher *searcher, uint64_t *total, revue_error *error) {
    struct counted_words words;
    revue_status status = REVUE_OK;
    uint64_t sum = 0;
    if (!words_of(plan, &words)) return error_set(error, REVUE_BUG, "a plan that cannot be counted");
    struct arena arena = searcher_take_arena(searcher);
    for (uint32_t i = 0; i < searcher->segment_count && status == REVUE_OK; i++) {
        struct leaf_context context = {.segment = searcher->segments[i].segment, .arena = &arena};
        struct segment_count count = {
            .context = &context, .number = i, .doc_count = context.segment->meta.doc_count, .error = error};
        status = excluded_reviews(plan, searcher, i, &count.deletes, error);
        if (status == REVUE_OK) status = count_segment(&count, &words);
        sum += count.total;
        arena_reset(&arena);
    }
    searcher_give_arena(searcher, &arena);
    if (status == REVUE_OK) *total = sum;
    return status;
}

revue_status search_windows(const struct plan *plan, revue_searcher *searcher, uint32_t segment, window_visitor visit,
                            void *context, revue_error *error) {
    struct counted_words words;
    struct arena arena = {0};
    const struct leaf_context leaf_context = {.segment = searcher->segments[segment].segment, .arena = &arena};
    struct segment_count count = {.context = &leaf_context,
                                  .number = segment,
                                  .doc_count = leaf_context.segment->meta.doc_count,
                                  .visit = visit,
                                  .context_of_visit = context,
                                  .error = error};
    if (!words_of(plan, &words)) return error_set(error, REVUE_BUG, "a plan that cannot be counted");
    revue_status status = excluded_reviews(plan, searcher, segment, &count.deletes, error);
    if (status == REVUE_OK) status = count_all(&count, &words);
    arena_free(&arena);
    return status;
}
