/* word_parts.c - see word_parts.h. How often two words stand together is not known without a look at their positions; of
 * two that are both frequent it is taken to be so in one of TOGETHER_SHARE reviews that have the rarer one. */
#include "query/suggest/word_parts.h"
#include "query/word_counts.h"

#include <string.h>

#define TOGETHER_SHARE 32u
#define BLANK_PENALTY 4.0 /* halvings of the count: slips of the blank are frequent ones */
#define PARTS_MAX 2u
#define PART_LEAST 2u /* bytes of a part; but "a lot" */

struct parting {
    size_t at; /* bytes of the first part */
    uint64_t count;
};

static revue_status count_parts(revue_searcher *searcher, struct view form, size_t at, uint64_t *count,
                                revue_error *error) {
    uint64_t first, second = 0;
    TRY(word_counts_form(searcher, view_of(form.data, at), &first, error));
    if (first > 0) TRY(word_counts_form(searcher, view_of(form.data + at, form.size - at), &second, error));
    *count = ((first < second ? first : second) + TOGETHER_SHARE - 1) / TOGETHER_SHARE;
    return REVUE_OK;
}

static bool may_part(struct view form, size_t at) {
    if ((form.data[at] & 0xC0) == 0x80) return false; /* within a character */
    return form.size - at >= PART_LEAST && (at >= PART_LEAST || form.data[0] == 'a');
}

/* The best ones first. */
static void keep(struct parting best[PARTS_MAX], struct parting parting) {
    for (size_t i = 0; i < PARTS_MAX; i++) {
        if (parting.count <= best[i].count) continue;
        const struct parting worse = best[i];
        best[i] = parting;
        parting = worse;
    }
}

static bool add_parted(struct view form, size_t at, uint64_t count, struct arena *arena, struct word_choices *choices) {
    char *text = arena_alloc(arena, form.size + 2);
    if (!text) return false;
    memcpy(text, form.data, at);
    text[at] = ' ';
    memcpy(text + at + 1, form.data + at, form.size - at);
    choices->items[choices->count++] =
        (struct word_choice){.text = view_of(text, form.size + 1), .count = count, .penalty = BLANK_PENALTY, .words = 1};
    return true;
}

revue_status word_parts_split(revue_searcher *searcher, struct view form, struct arena *arena, struct word_choices *choices,
                              revue_error *error) {
    struct parting best[PARTS_MAX] = {{0, 0}};
    for (size_t at = 1; at + PART_LEAST <= form.size; at++) {
        struct parting parting = {at, 0};
        if (!may_part(form, at)) continue;
        TRY(count_parts(searcher, form, at, &parting.count, error));
        keep(best, parting);
    }
    for (size_t i = 0; i < PARTS_MAX && best[i].count > 0; i++)
        if (!add_parted(form, best[i].at, best[i].count, arena, choices)) return error_no_memory(error);
    return REVUE_OK;
}

revue_status word_parts_join(revue_searcher *searcher, struct view form, struct view next, struct arena *arena,
                             struct word_choices *choices, revue_error *error) {
    uint64_t count;
    if (form.size + next.size > FORM_MAX) return REVUE_OK;
    char *text = arena_alloc(arena, form.size + next.size);
    if (!text) return error_no_memory(error);
    memcpy(text, form.data, form.size);
    memcpy(text + form.size, next.data, next.size);
    TRY(word_counts_form(searcher, view_of(text, form.size + next.size), &count, error));
    if (count > 0)
        choices->items[choices->count++] = (struct word_choice){
            .text = view_of(text, form.size + next.size), .count = count, .penalty = BLANK_PENALTY, .words = 2};
    return REVUE_OK;
}
