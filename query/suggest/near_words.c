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
#include "query/suggest/form_stem.h"
#include "query/word_counts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MET_MAX 64u            /* near one word, of the frequent ones */
#define RARE_MAX 32u           /* and out of the dictionary */
#define SMALL_DICTIONARY 4096u /* forms */
#define LONG_WORD 5u           /* characters: begins alike for three of them instead of two */
#define FORMS_TRIED 1024u      /* of a segment */

struct typed {
    struct view form;
    struct pattern pattern, skeleton;
    bool is_ascii;
    uint32_t letters; /* bit n: a byte with these low bits is in it */
    struct near_word met[MET_MAX + RARE_MAX];
    uint32_t distances[MET_MAX + RARE_MAX];
    size_t count;
};
struct nearing { /* one call */
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
    uint64_t bits = 0, last = 0;
    size_t at = 0;
    for (; text.size - at >= sizeof bits; at += sizeof bits)
        bits |= load_le64(text.data + at);
    memcpy(&last, text.data + at, text.size - at);
    return ((bits | last) & 0x8080808080808080u) == 0;
}

/* Bytes that so many edits may put in, leave out or change: a character that is not ASCII has two or more. */
static uint32_t edited_bytes(const struct typed *typed, bool ascii) {
    return typed->pattern.distance * (ascii && typed->is_ascii ? 1 : 3);
}

static bool has_near_size(const struct typed *typed, size_t size, bool ascii) {
    const size_t apart = size > typed->form.size ? size - typed->form.size : typed->form.size - size;
    return apart <= edited_bytes(typed, ascii);
}

/* An edit of a byte takes one letter out of the set and puts one in. */
static bool has_near_letters(const struct typed *typed, uint32_t letters, bool ascii) {
    uint32_t differing = letters ^ typed->letters;
    for (uint32_t i = 0; i < 2 * edited_bytes(typed, ascii); i++)
        differing &= differing - 1; /* without its lowest bit */
    return differing == 0;
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

static bool has_any_near_size(const struct nearing *nearing, size_t size, bool ascii) {
    for (size_t i = 0; i < nearing->typed_count; i++)
        if (has_near_size(&nearing->typed[i], size, ascii)) return true;
    return false;
}

/* Capitals have the low bits of small letters. What is not ASCII is folded first, and mostly is then; to fold it as the
 * index does is worth it only for what is near after that. */
static bool take_word(void *context, struct view word) {
    struct nearing *nearing = context;
    char folded[QUICK_BYTES];
    struct view text = word;
    const bool is_plain = is_ascii(word);
    if (!is_plain) text = view_of(folded, quick_fold(&nearing->quick, word, QUICK_BYTES, folded));
    const bool ascii = is_plain || is_ascii(text);
    if (!has_any_near_size(nearing, text.size, ascii)) return true;
    const uint32_t letters = letters_of(text);
    for (size_t i = 0; i < nearing->typed_count; i++) {
        struct typed *typed = &nearing->typed[i];
        struct pattern_try tried = {.matches = true};
        if (!has_near_size(typed, text.size, ascii) || !has_near_letters(typed, letters, ascii)) continue;
        if (!is_plain) pattern_try(&typed->pattern, text, &tried);
        if (tried.matches) try_word(nearing, typed, word);
    }
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
    const bool is_small = count_forms(nearing->searcher) <= SMALL_DICTIONARY;
    const struct expansion_limits limits = {EXPANSION_WALKED_MAX, is_small ? SIZE_MAX : FORMS_TRIED};
    struct expansions expansions;
    if (!is_small) pattern_keep_beginning(&typed->pattern, typed->pattern.count < LONG_WORD ? 2 : 3);
    TRY(expand_pattern(nearing->searcher, &typed->pattern, limits, RARE_MAX, nearing->arena, &expansions, nearing->error));
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

/* How unlikely a slip is. Letters that are heard alike are mistaken ten times as often as others: a vowel for another one,
 * one left out or put in, an h, a letter doubled or not, f for ph (Kernighan, Church, Gale, "A spelling correction program
 * based on a noisy channel model", 1990, have the counts). Whether it is only such, the skeletons tell: the words without
 * their vowels, h and doubled letters. */
#define SOUND_PENALTY 2.5
#define EDIT_PENALTY 4.5
#define FIRST_LETTER_PENALTY 2.0

static bool is_silent(char letter) {
    return letter == 'h' || letter == 'a' || letter == 'e' || letter == 'i' || letter == 'o' || letter == 'u' ||
           letter == 'y';
}

static struct view skeleton_of(struct view form, char skeleton[FORM_MAX]) {
    size_t size = 0;
    for (size_t i = 0; i < form.size; i++) {
        const bool is_ph = form.data[i] == 'p' && i + 1 < form.size && form.data[i + 1] == 'h';
        const char letter = is_ph ? 'f' : form.data[i];
        const bool is_foreign = (letter & 0x80) != 0; /* part of a character, which stays whole */
        if (size == 0 || is_foreign || (!is_silent(letter) && letter != skeleton[size - 1])) skeleton[size++] = letter;
    }
    return view_of(skeleton, size);
}

static double penalty_of(struct typed *typed, const struct near_word *word, uint32_t distance) {
    const bool begins_alike = typed->form.data[0] == word->form.data[0];
    char skeleton[FORM_MAX];
    struct pattern_try tried;
    pattern_try(&typed->skeleton, skeleton_of(word->form, skeleton), &tried);
    const uint32_t edits = tried.matches && tried.distance < distance ? tried.distance : distance;
    return edits * EDIT_PENALTY + (distance - edits) * SOUND_PENALTY + (begins_alike ? 0 : FIRST_LETTER_PENALTY);
}

static revue_status weigh_others(struct nearing *nearing, struct near_words *found) {
    for (size_t i = 0; i < found->count; i++) {
        struct near_word *word = &found->items[i];
        struct view stem;
        uint64_t reviews;
        TRY(form_stem_find(nearing->searcher, word->form, nearing->arena, &stem, nearing->error));
        TRY(word_counts_stem(nearing->searcher, stem, &reviews, nearing->error));
        if (reviews > word->count) word->others = log2((double)reviews) - log2((double)word->count);
    }
    return REVUE_OK;
}

static revue_status choose(struct nearing *nearing, struct typed *typed, struct near_words *found) {
    size_t kept = 0;
    for (size_t i = 0; i < typed->count; i++) {
        struct near_word *word = &typed->met[i];
        TRY(word_counts_form(nearing->searcher, word->form, &word->count, nearing->error));
        word->penalty = penalty_of(typed, word, typed->distances[i]);
        if (word->count > 0) typed->met[kept++] = *word;
    }
    if (kept > 0) qsort(typed->met, kept, sizeof *typed->met, compare_likely);
    found->count = kept < NEAR_WORDS_MAX ? kept : NEAR_WORDS_MAX;
    memcpy(found->items, typed->met, found->count * sizeof *found->items);
    return weigh_others(nearing, found);
}

static revue_status start(struct nearing *nearing, struct view form) {
    struct typed *typed = &nearing->typed[nearing->typed_count];
    char skeleton[FORM_MAX];
    typed->form = form;
    typed->is_ascii = is_ascii(form);
    typed->letters = letters_of(form);
    nearing->typed_count++; /* from here on its pattern is freed */
    TRY(pattern_init(&typed->pattern, PATTERN_FUZZY, form, 1, nearing->searcher->language, nearing->error));
    typed->pattern.distance = pattern_usual_distance(typed->pattern.count);
    return pattern_init(&typed->skeleton, PATTERN_FUZZY, skeleton_of(form, skeleton), PATTERN_DISTANCE_MAX,
                        nearing->searcher->language, nearing->error);
}

static void free_typed(struct typed *typed) {
    pattern_free(&typed->pattern);
    pattern_free(&typed->skeleton);
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
    memset(found, 0, count * sizeof *found); /* what the first form without letters leaves out */
    nearing->searcher = searcher;
    nearing->arena = arena;
    nearing->error = error;
    revue_status status = find(nearing, forms, count, found);
    for (size_t i = 0; i < nearing->typed_count; i++)
        free_typed(&nearing->typed[i]);
    memory_free(nearing);
    return status == REVUE_NO_MATCH ? REVUE_OK : status; /* a form without letters has nothing near */
}
