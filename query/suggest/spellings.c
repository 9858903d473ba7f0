/* spellings.c - see spellings.h. From word to word the few likeliest beginnings are kept (a beam). */
#include "query/suggest/spellings.h"

#include <math.h>
#include <stdlib.h>

#define UNKNOWN_WORTH (-100.0) /* of a word that no review has: nothing with it is found */

double spelling_worth(uint64_t count, double penalty) {
    return (count > 0 ? log2((double)count) : UNKNOWN_WORTH) - penalty;
}

static int compare_worth(const void *left, const void *right) {
    const struct spelling *a = left, *b = right;
    if (a->worth != b->worth) return a->worth > b->worth ? -1 : 1;
    return view_compare(a->text, b->text);
}

void spellings_sort(struct spellings *spellings) {
    if (spellings->count > 0) qsort(spellings->items, spellings->count, sizeof *spellings->items, compare_worth);
}

static bool append(struct arena *arena, struct spelling *spelling, struct view piece) {
    const size_t size = spelling->text.size;
    char *text = arena_alloc(arena, size + piece.size + 1);
    if (!text) return false;
    if (size > 0) memcpy(text, spelling->text.data, size);
    if (piece.size > 0) memcpy(text + size, piece.data, piece.size);
    spelling->text = view_of(text, size + piece.size);
    return true;
}

static struct spelling choose(const struct spelling *begun, const struct word_choice *choice, bool is_other) {
    struct spelling chosen = *begun;
    chosen.worth += spelling_worth(choice->count, choice->penalty);
    chosen.penalty += choice->penalty;
    chosen.others += choice->others;
    chosen.is_changed |= is_other;
    chosen.next += choice->words;
    chosen.words++;
    return chosen;
}

/* Every beginning that is at this word goes on with every choice for it. gap: what stands before the word. */
static bool branch(struct spellings *made, uint32_t word, struct view gap, const struct word_choices *choices,
                   struct arena *arena) {
    const size_t before = made->count;
    for (size_t i = 0; i < before; i++) {
        struct spelling begun = made->items[i];
        if (begun.next != word) continue;
        if (!append(arena, &begun, gap)) return false;
        for (size_t j = 0; j < choices->count; j++) {
            struct spelling *to = &made->items[j == 0 ? i : made->count];
            *to = choose(&begun, &choices->items[j], j > 0);
            if (!append(arena, to, choices->items[j].text)) return false;
            made->count += j > 0;
        }
    }
    spellings_sort(made);
    if (made->count > SPELLINGS_MAX) made->count = SPELLINGS_MAX;
    return true;
}

static struct view gap_before(struct view text, const struct typed_words *words, uint32_t word) {
    const uint32_t from = word > 0 ? words->items[word - 1].end : 0;
    const uint32_t to = word < words->count ? words->items[word].start : (uint32_t)text.size;
    return view_of(text.data + from, to - from);
}

bool spellings_make(struct view text, const struct typed_words *words, const struct word_choices *choices,
                    struct arena *arena, struct spellings *made) {
    made->items[0] = (struct spelling){0};
    made->count = 1;
    for (uint32_t i = 0; i < words->count; i++)
        if (!branch(made, i, gap_before(text, words, i), &choices[i], arena)) return false;
    for (size_t i = 0; i < made->count; i++)
        if (!append(arena, &made->items[i], gap_before(text, words, words->count))) return false;
    return true;
}
