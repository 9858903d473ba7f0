/* prefix_forms.c - see prefix_forms.h.
 *
 * A long beginning leads to few forms: they are read out of the dictionary, all of them, with their counts. A short one
 * leads to tens of thousands, of which the frequent ones are wanted; these come first in the symbol tables, so there it is
 * enough to look until there are as many as are wanted, and some more, since the tables count occurrences and are as old as
 * the first run. Either way takes a fraction of a millisecond. */
#include "query/suggest/prefix_forms.h"

#include "query/expand/expand.h"
#include "query/suggest/common_words.h"
#include "query/suggest/written_form.h"
#include "query/word_counts.h"

#include <stdlib.h>

#define FORMS_WALKED 512u /* of a segment; beyond that the symbol tables are asked */

struct prefix_walk {
    struct view prefix;
    enum language language;
    struct arena *arena;
    struct quick_fold quick;
    struct prefix_form *items;
    size_t count, wanted;
    size_t unspelled; /* while spelling */
    bool has_failed;  /* for lack of memory */
};

static int compare_forms(const void *left, const void *right) {
    const struct prefix_form *a = left, *b = right;
    if (a->is_next != b->is_next) return a->is_next ? -1 : 1;
    if (a->count != b->count) return a->count > b->count ? -1 : 1;
    return view_compare(a->form, b->form);
}

void prefix_forms_sort(struct prefix_forms *forms) {
    if (forms->count > 0) qsort(forms->items, forms->count, sizeof *forms->items, compare_forms);
}

/* ---- words as written ---- */

/* Whether the word begins with the prefix once it is folded, and what it is folded to. */
static bool begins_with(struct prefix_walk *walk, struct view word, char form[FORM_MAX], size_t *size) {
    const struct view prefix = walk->prefix;
    const size_t looked_at = prefix.size < QUICK_BYTES ? prefix.size : QUICK_BYTES;
    char begun[QUICK_BYTES];
    if (quick_fold(&walk->quick, word, looked_at, begun) < looked_at || memcmp(begun, prefix.data, looked_at) != 0)
        return false;
    *size = common_word_is_clean(word) ? common_word_fold(word, walk->language, form) : 0;
    return *size >= prefix.size && memcmp(form, prefix.data, prefix.size) == 0;
}

static struct prefix_form *find_form(const struct prefix_walk *walk, struct view form) {
    for (size_t i = 0; i < walk->count; i++)
        if (view_equal(walk->items[i].form, form)) return &walk->items[i];
    return NULL;
}

static bool copy_view(struct prefix_walk *walk, struct view from, struct view *copy) {
    *copy = view_of(arena_copy(walk->arena, from.data, from.size), from.size);
    walk->has_failed |= !copy->data;
    return copy->data != NULL;
}

/* The first way that a form is met in is the most frequent one. */
static bool take_new(void *context, struct view word) {
    struct prefix_walk *walk = context;
    char form[FORM_MAX];
    size_t size;
    if (!begins_with(walk, word, form, &size) || find_form(walk, view_of(form, size))) return true;
    struct prefix_form *item = &walk->items[walk->count];
    *item = (struct prefix_form){0};
    if (!copy_view(walk, view_of(form, size), &item->form) || !copy_view(walk, word, &item->written)) return false;
    return ++walk->count < walk->wanted;
}

static bool take_spelling(void *context, struct view word) {
    struct prefix_walk *walk = context;
    char form[FORM_MAX];
    size_t size;
    if (!begins_with(walk, word, form, &size)) return true;
    struct prefix_form *item = find_form(walk, view_of(form, size));
    if (!item || item->written.size > 0) return true;
    return copy_view(walk, word, &item->written) && --walk->unspelled > 0;
}

static char first_letter(struct view prefix) {
    return prefix.data[0] >= 'a' && prefix.data[0] <= 'z' ? prefix.data[0] : 0;
}

/* ---- finding ---- */

/* With those that were walked in the dictionary already: when the tables have few, all are rare. */
static revue_status find_frequent(revue_searcher *searcher, struct prefix_walk *walk, const struct expansions *walked,
                                  revue_error *error) {
    walk->items = arena_alloc_array(walk->arena, walk->wanted + walked->count + 1, sizeof *walk->items);
    if (!walk->items) return error_no_memory(error);
    TRY(common_words_walk(searcher, first_letter(walk->prefix), take_new, walk, error));
    if (walk->has_failed) return error_no_memory(error);
    for (size_t i = 0; i < walk->count; i++)
        TRY(word_counts_form(searcher, walk->items[i].form, &walk->items[i].count, error));
    for (size_t i = 0; i < walked->count; i++)
        if (!find_form(walk, walked->items[i].form))
            walk->items[walk->count++] = (struct prefix_form){.form = walked->items[i].form, .count = walked->items[i].df};
    return REVUE_OK;
}

static revue_status take_expansions(struct prefix_walk *walk, const struct expansions *expansions, revue_error *error) {
    walk->items = arena_alloc_array(walk->arena, expansions->count + 1, sizeof *walk->items);
    if (!walk->items) return error_no_memory(error);
    for (size_t i = 0; i < expansions->count; i++)
        walk->items[i] = (struct prefix_form){.form = expansions->items[i].form, .count = expansions->items[i].df};
    walk->count = expansions->count;
    return REVUE_OK;
}

revue_status prefix_forms_find(revue_searcher *searcher, struct view prefix, size_t wanted, struct arena *arena,
                               struct prefix_forms *forms, revue_error *error) {
    struct prefix_walk *walk = arena_alloc(arena, sizeof *walk);
    const struct expansion_limits limits = {FORMS_WALKED, SIZE_MAX};
    struct pattern pattern;
    struct expansions expansions;
    if (!walk) return error_no_memory(error);
    memset(walk, 0, sizeof *walk);
    walk->prefix = prefix;
    walk->language = searcher->language;
    walk->arena = arena;
    walk->wanted = wanted;
    revue_status status = pattern_init(&pattern, PATTERN_PREFIX, prefix, 0, searcher->language, error);
    if (status == REVUE_OK) status = expand_pattern(searcher, &pattern, limits, wanted, arena, &expansions, error);
    pattern_free(&pattern);
    *forms = (struct prefix_forms){0};
    if (status == REVUE_NO_MATCH) return REVUE_OK;
    TRY(status);
    TRY(expansions.cut ? find_frequent(searcher, walk, &expansions, error) : take_expansions(walk, &expansions, error));
    *forms = (struct prefix_forms){walk->items, walk->count};
    prefix_forms_sort(forms);
    return REVUE_OK;
}

/* ---- spelling ---- */

static revue_status spell_common(revue_searcher *searcher, struct prefix_walk *walk, revue_error *error) {
    for (size_t i = 0; i < walk->count; i++)
        walk->unspelled += walk->items[i].written.size == 0;
    if (walk->unspelled == 0) return REVUE_OK;
    TRY(common_words_walk(searcher, first_letter(walk->prefix), take_spelling, walk, error));
    return walk->has_failed ? error_no_memory(error) : REVUE_OK;
}

revue_status prefix_forms_spell(revue_searcher *searcher, struct view prefix, size_t wanted, struct arena *arena,
                                struct prefix_forms *forms, revue_error *error) {
    const size_t looked_at = forms->count < 2 * wanted ? forms->count : 2 * wanted; /* some may go */
    struct prefix_walk *walk = arena_alloc(arena, sizeof *walk);
    size_t kept = 0;
    if (!walk) return error_no_memory(error);
    memset(walk, 0, sizeof *walk);
    walk->prefix = prefix;
    walk->language = searcher->language;
    walk->arena = arena;
    walk->items = forms->items;
    walk->count = looked_at < wanted ? looked_at : wanted;
    TRY(spell_common(searcher, walk, error));
    for (size_t i = 0; i < looked_at && kept < wanted; i++) {
        struct prefix_form *item = &forms->items[i];
        if (item->written.size == 0) TRY(written_form_find(searcher, item->form, arena, &item->written, error));
        if (item->written.size > 0) forms->items[kept++] = *item;
    }
    forms->count = kept;
    return REVUE_OK;
}
