/* expand.c - see expand.h. Each segment's forms are walked from the first that may match; forms of several segments are put
 * together by sorting. */
#include "query/expand/expand.h"

#include "indexer/base/memory.h"
#include "query/match/deadline.h"
#include "query/word_counts.h"

#include <stdlib.h>
#include <string.h>

struct walk {
    struct pattern *pattern;
    struct arena *arena; /* of the forms */
    struct expansion *items;
    size_t count, capacity;
    size_t begin; /* of this segment's items */
    struct expansion_limits limits;
    bool cut;
    revue_error *error;
};

static revue_status add_form(struct walk *walk, const struct form_entry *entry, uint32_t distance) {
    if (!MEMORY_RESERVE(walk->items, walk->capacity, walk->count + 1)) return error_no_memory(walk->error);
    const char *copy = arena_copy(walk->arena, entry->form.data, entry->form.size);
    if (!copy) return error_no_memory(walk->error);
    walk->items[walk->count++] = (struct expansion){view_of(copy, entry->form.size), word_counts_of_form(entry), distance};
    return REVUE_OK;
}

static bool begins_with(struct view form, struct view beginning) {
    return form.size >= beginning.size && memcmp(form.data, beginning.data, beginning.size) == 0;
}

static revue_status walk_segment(struct walk *walk, struct segment *segment) {
    const struct view literal = view_of(walk->pattern->literal, walk->pattern->literal_size);
    struct form_entry entry = {0};
    forms_reader *forms;
    walk->begin = walk->count;
    TRY(segment_forms(segment, &forms, walk->error));
    revue_status status = forms_reader_seek(forms, literal, &entry, walk->error);
    struct view form = entry.form;
    for (size_t looked_at = 0; status == REVUE_OK && begins_with(form, literal); looked_at++) {
        struct pattern_try tried;
        TRY(deadline_spend(1, walk->error));
        pattern_try(walk->pattern, form, &tried);
        walk->cut |= tried.matches && walk->count - walk->begin == walk->limits.matching;
        walk->cut |= looked_at == walk->limits.tried;
        if (walk->cut) return REVUE_OK;
        if (tried.matches) {
            TRY(forms_reader_walked(forms, &entry, walk->error));
            TRY(add_form(walk, &entry, tried.distance));
        }
        status = forms_reader_walk(forms, tried.dead_size, &form, walk->error);
    }
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

static int compare_forms(const void *left, const void *right) {
    return view_compare(((const struct expansion *)left)->form, ((const struct expansion *)right)->form);
}

static int compare_use(const void *left, const void *right) {
    const struct expansion *a = left, *b = right;
    if (a->distance != b->distance) return a->distance < b->distance ? -1 : 1;
    if (a->df != b->df) return a->df > b->df ? -1 : 1;
    return view_compare(a->form, b->form);
}

/* A form of several segments becomes one. */
static void join_equal(struct walk *walk) {
    size_t kept = 0;
    qsort(walk->items, walk->count, sizeof *walk->items, compare_forms);
    for (size_t i = 0; i < walk->count; i++) {
        if (kept > 0 && view_equal(walk->items[kept - 1].form, walk->items[i].form))
            walk->items[kept - 1].df += walk->items[i].df;
        else
            walk->items[kept++] = walk->items[i];
    }
    walk->count = kept;
}

static revue_status choose(struct walk *walk, size_t wanted, struct arena *arena, struct expansions *expansions) {
    if (walk->count > 0) {
        join_equal(walk);
        qsort(walk->items, walk->count, sizeof *walk->items, compare_use);
    }
    size_t count = walk->count < wanted ? walk->count : wanted;
    struct expansion *items = arena_alloc_array(arena, count + 1, sizeof *items);
    if (!items) return error_no_memory(walk->error);
    for (size_t i = 0; i < count; i++) {
        items[i] = walk->items[i];
        items[i].form.data = arena_copy(arena, items[i].form.data, items[i].form.size);
        if (!items[i].form.data) return error_no_memory(walk->error);
    }
    *expansions = (struct expansions){items, count, walk->count, walk->cut};
    return REVUE_OK;
}

revue_status expand_pattern(revue_searcher *searcher, struct pattern *pattern, struct expansion_limits limits,
                            size_t wanted, struct arena *arena, struct expansions *expansions, revue_error *error) {
    struct arena forms = {0};
    struct walk walk = {.pattern = pattern, .arena = &forms, .limits = limits, .error = error};
    revue_status status = REVUE_OK;
    for (uint32_t i = 0; i < searcher->segment_count && status == REVUE_OK; i++)
        status = walk_segment(&walk, searcher->segments[i].segment);
    if (status == REVUE_OK) status = choose(&walk, wanted, arena, expansions);
    memory_free(walk.items);
    arena_free(&forms);
    return status;
}
