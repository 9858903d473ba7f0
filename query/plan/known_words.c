/* known_words.c - see known_words.h. A table of slots by hash, of which a new word takes the place of the old one: frequent
 * words come back soon, and those that do not are no loss. */
#include "query/plan/known_words.h"

#include "indexer/base/hash.h"
#include "indexer/base/memory.h"

#include <string.h>

#define SLOTS 512u
#define BYTES_MOST (2u << 20) /* words that were replaced counted in; twice as many within one query */

struct known_words {
    struct arena arena;
    struct known_word *slots[SLOTS];
};

static uint32_t slot_of(struct view form, bool by_form) {
    return (uint32_t)((hash_view(form) + by_form) % SLOTS);
}

const struct known_word *known_words_find(const struct known_words *words, struct view form, bool by_form) {
    const struct known_word *word = words ? words->slots[slot_of(form, by_form)] : NULL;
    return word && word->by_form == by_form && view_equal(word->form, form) ? word : NULL;
}

static bool copy_view(struct arena *arena, struct view from, struct view *to) {
    *to = view_of(arena_copy(arena, from.data, from.size), from.size);
    return to->data != NULL;
}

static bool copy_stems(struct arena *arena, const struct known_word *from, struct known_word *to) {
    to->stems = arena_alloc_array(arena, (size_t)from->stem_count + 1, sizeof *to->stems);
    for (uint32_t i = 0; to->stems && i < from->stem_count; i++)
        if (!copy_view(arena, from->stems[i], &to->stems[i])) return false;
    return to->stems != NULL;
}

static bool copy_lists(struct arena *arena, const struct segment_word *in, struct segment_word *copy) {
    *copy = (struct segment_word){0};
    if (in->stem_count == 0) return true;
    copy->stems = arena_alloc_array(arena, in->stem_count, sizeof *copy->stems);
    if (!copy->stems) return false;
    copy->stem_count = in->stem_count;
    memcpy(copy->stems, in->stems, in->stem_count * sizeof *copy->stems);
    for (uint32_t i = 0; i < in->stem_count; i++)
        if (!copy_view(arena, in->stems[i].stem, &copy->stems[i].stem)) return false;
    return true;
}

static struct known_word *copy_word(struct arena *arena, const struct known_word *from, uint32_t segment_count) {
    struct known_word *to = arena_alloc(arena, sizeof *to);
    if (!to) return NULL;
    *to = *from;
    if (!copy_view(arena, from->form, &to->form) || !copy_stems(arena, from, to)) return NULL;
    to->in = arena_alloc_array(arena, (size_t)segment_count + 1, sizeof *to->in);
    for (uint32_t i = 0; to->in && i < segment_count; i++)
        if (!copy_lists(arena, &from->in[i], &to->in[i])) return NULL;
    return to->in ? to : NULL;
}

void known_words_add(struct known_words **words, const struct known_word *word, uint32_t segment_count) {
    if (!*words) *words = memory_alloc_zeroed(1, sizeof **words);
    if (!*words || (*words)->arena.total_bytes > 2 * (size_t)BYTES_MOST) return;
    struct known_word *copy = copy_word(&(*words)->arena, word, segment_count);
    if (copy) (*words)->slots[slot_of(word->form, word->by_form)] = copy;
}

void known_words_trim(struct known_words *words) {
    if (!words || words->arena.total_bytes <= BYTES_MOST) return;
    memset(words->slots, 0, sizeof words->slots);
    arena_reset(&words->arena);
}

void known_words_free(struct known_words *words) {
    if (!words) return;
    arena_free(&words->arena);
    memory_free(words);
}
