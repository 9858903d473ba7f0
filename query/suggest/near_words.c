/* near_words.c - see near_words.h.
 *
 * To walk the whole dictionary for what is two edits away takes tens of milliseconds. What is meant is mostly a frequent
 * word, and these stand together in the symbol tables: every one of them is looked at, and nearly all are told apart by
 * their length and by which letters they hold (an edit changes at most two bits of that set), in a few nanoseconds. Rare
 * words are looked for in the dictionary among those that begin alike, since few slips are at the beginning of a word
 * (Pollock and Zamora, "Automatic spelling correction in scientific and scholarly text", 1984: 8 % are at the first
 * letter); a small dictionary is walked whole. */
#include "query/suggest/near_words.h"

#include "indexer/base/memory.h"
#include "query/expand/expand.h"
#include "query/suggest/common_words.h"

#include <math.h>
#include <stdlib.h>

#define MET_MAX 64u  /* near one word, of the frequent ones */
#define RARE_MAX 32u /* and out of the dictionary */
#define SMALL_DICTIONARY 4096u
#define LONG_WORD 6u /* characters, that begin alike for three instead of two */

struct typed {
    struct view form;
    struct pattern pattern;
    bool is_ascii;
    uint32_t letters; /* bit n: a byte with these low bits is in it */
    struct near_word met[MET_MAX + RARE_MAX];
    uint32_t distances[MET_MAX + RARE_MAX];
    size_t count;
};
struct nearing {
    revue_searcher *searcher;
    struct typed typed[NEAR_TYPED_MAX];
    size_t typed_count;
    struct arena *arena;
    struct quick_fold quick;
    bool has_failed; /* for lack of memory */
    revue_error *error;
};

/* ---- what words have in common ---- */

static uint32_t letters_of(struct view text) {
    uint32_t letters = 0;
    for (size_t i = 0; i < text.size; i++)
        letters |= 1u << (text.data[i] & 31);
    return letters;
}

static bool is_ascii(struct view text) {
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] & 0x80) return false;
    return true;
}

/* A character that is not ASCII has two bytes or more, each of which an edit may change. */
static bool may_be_near(const struct typed *typed, size_t size, uint32_t letters, bool ascii) {
    const uint32_t bytes = typed->pattern.distance * (ascii && typed->is_ascii ? 1 : 3);
    const size_t apart = size > typed->form.size ? size - typed->form.size : typed->form.size - size;
    return apart <= bytes && (uint32_t)__builtin_popcount(letters ^ typed->letters) <= 2 * bytes;
}

/* ---- frequent words ---- */

static bool is_met(const struct typed *typed, struct view form) {
    for (size_t i = 0; i < typed->count; i++)
        if (view_equal(typed->met[i].form, form)) return true;
    return false;
}

static bool add_met(struct nearing *nearing, struct typed *typed, struct view form, struct view written,
                    uint32_t distance) {
    struct near_word *word = &typed->met[typed->count];
    const char *form_copy = arena_copy(nearing->arena, form.data, form.size);
    const char *written_copy = arena_copy(nearing->arena, written.data, written.size);
    if (!form_copy || !written_copy) return false;
    *word = (struct near_word){.form = view_of(form_copy, form.size), .written = view_of(written_copy, written.size)};
    typed->distances[typed->count++] = distance;
    return true;
}

static void try_word(struct nearing *nearing, struct typed *typed, struct view word) {
    char form[FORM_MAX];
    struct pattern_try tried;
    const struct view folded = view_of(form, common_word_fold(word, nearing->searcher->language, form));
    if (typed->count >= MET_MAX || view_equal(folded, typed->form) || is_met(typed, folded)) return;
    pattern_try(&typed->pattern, folded, &tried);
    if (tried.matches && common_word_is_clean(word))
        nearing->has_failed |= !add_met(nearing, typed, folded, word, tried.distance);
}

/* Capitals have the low bits of small letters; what is not ASCII is folded first. */
static bool take_word(void *context, struct view word) {
    struct nearing *nearing = context;
    const bool ascii = is_ascii(word);
    char folded[QUICK_BYTES];
    const struct view text = ascii ? word : view_of(folded, quick_fold(&nearing->quick, word, QUICK_BYTES, folded));
    const uint32_t letters = letters_of(text);
    for (size_t i = 0; i < nearing->typed_count; i++)
        if (may_be_near(&nearing->typed[i], text.size, letters, ascii)) try_word(nearing, &nearing->typed[i], word);
    return !nearing->has_failed;
}

/* ---- rare ones ---- */

static uint64_t count_forms(const revue_searcher *searcher) {
    uint64_t forms = 0;
    for (uint32_t i = 0; i < searcher->segment_count; i++)
        forms += searcher->segments[i].segment->meta.form_count;
    return forms;
}

static revue_status take_rare(struct nearing *nearing, struct typed *typed) {
    struct expansions expansions;
    if (count_forms(nearing->searcher) > SMALL_DICTIONARY)
        pattern_keep_beginning(&typed->pattern, typed->pattern.count < LONG_WORD ? 2 : 3);
    TRY(expand_pattern(nearing->searcher, &typed->pattern, EXPANSION_WALKED_MAX, RARE_MAX, nearing->arena, &expansions,
                       nearing->error));
    for (size_t i = 0; i < expansions.count; i++) {
        const struct expansion *item = &expansions.items[i];
        if (item->distance == 0 || is_met(typed, item->form)) continue;
        if (!add_met(nearing, typed, item->form, item->form, item->distance)) return error_no_memory(nearing->error);
    }
    return REVUE_OK;
}

/* ---- the likeliest ---- */

static int compare_likely(const void *left, const void *right) {
    const struct near_word *a = left, *b = right;
    const double a_worth = log2((double)a->count) - a->penalty, b_worth = log2((double)b->count) - b->penalty;
    if (a_worth != b_worth) return a_worth > b_worth ? -1 : 1;
    return view_compare(a->form, b->form);
}

#define EDIT_PENALTY 4.0
#define FIRST_LETTER_PENALTY 2.0

static double penalty_of(const struct typed *typed, const struct near_word *word, uint32_t distance) {
    const bool begins_alike = typed->form.data[0] == word->form.data[0];
    return distance * EDIT_PENALTY + (begins_alike ? 0 : FIRST_LETTER_PENALTY);
}

static revue_status choose(struct nearing *nearing, struct typed *typed, struct near_words *found) {
    size_t kept = 0;
    for (size_t i = 0; i < typed->count; i++) {
        struct near_word *word = &typed->met[i];
        TRY(expand_count(nearing->searcher, word->form, &word->count, nearing->error));
        word->penalty = penalty_of(typed, word, typed->distances[i]);
        if (word->count > 0) typed->met[kept++] = *word;
    }
    if (kept > 0) qsort(typed->met, kept, sizeof *typed->met, compare_likely);
    found->count = kept < NEAR_WORDS_MAX ? kept : NEAR_WORDS_MAX;
    memcpy(found->items, typed->met, found->count * sizeof *found->items);
    return REVUE_OK;
}

static revue_status start(struct nearing *nearing, struct view form) {
    struct typed *typed = &nearing->typed[nearing->typed_count];
    typed->form = form;
    typed->is_ascii = is_ascii(form);
    typed->letters = letters_of(form);
    nearing->typed_count++; /* from here on its pattern is freed */
    TRY(pattern_init(&typed->pattern, PATTERN_FUZZY, form, 1, nearing->searcher->language, nearing->error));
    typed->pattern.distance = pattern_usual_distance(typed->pattern.count);
    return REVUE_OK;
}

static revue_status find(struct nearing *nearing, const struct view *forms, size_t count, struct near_words *found) {
    for (size_t i = 0; i < count; i++)
        TRY(start(nearing, forms[i]));
    TRY(common_words_walk(nearing->searcher, 0, take_word, nearing, nearing->error));
    if (nearing->has_failed) return error_no_memory(nearing->error);
    for (size_t i = 0; i < count; i++) {
        TRY(take_rare(nearing, &nearing->typed[i]));
        TRY(choose(nearing, &nearing->typed[i], &found[i]));
    }
    return REVUE_OK;
}

revue_status near_words_find(revue_searcher *searcher, const struct view *forms, size_t count, struct arena *arena,
                             struct near_words *found, revue_error *error) {
    struct nearing *nearing = memory_alloc_zeroed(1, sizeof *nearing);
    if (!nearing) return error_no_memory(error);
    nearing->searcher = searcher;
    nearing->arena = arena;
    nearing->error = error;
    revue_status status = find(nearing, forms, count, found);
    for (size_t i = 0; i < nearing->typed_count; i++)
        pattern_free(&nearing->typed[i].pattern);
    memory_free(nearing);
    return status == REVUE_NO_MATCH ? REVUE_OK : status; /* a form without letters has nothing near */
}
