/* stem_memo.c - see stem_memo.h. A form has one place, by its hash: whoever comes last has it. Frequent forms come back at
 * once, so they hold theirs nearly always, without a list of who was used when. A place is a line of the processor's cache.
 *
 * A program that answers one search keeps some hundred forms, and would wait for the system to hand out every page of a
 * large table twice, once to be looked at and once to be written. So tables are small at first, and become twice as large
 * when as many forms were kept as they have places. */
#include "indexer/text/stem_memo.h"

#include "indexer/base/hash.h"
#include "indexer/base/memory.h"

#define FIRST_PLACES 512u /* powers of two */
#define MOST_PLACES 8192u
#define BYTES 61u

struct place {
    uint8_t language, form_size, stem_size; /* form_size 0: nobody has it yet */
    char bytes[BYTES];                      /* the form, then the stem */
};

struct stem_memo {
    struct place *places;
    size_t mask, kept; /* kept: since the table was made */
};

struct stem_memo *stem_memo_create(void) {
    struct stem_memo *memo = memory_alloc_zeroed(1, sizeof *memo);
    if (!memo) return NULL;
    memo->places = memory_alloc_zeroed(FIRST_PLACES, sizeof *memo->places);
    memo->mask = FIRST_PLACES - 1;
    if (memo->places) return memo;
    memory_free(memo);
    return NULL;
}

void stem_memo_free(struct stem_memo *memo) {
    if (!memo) return;
    memory_free(memo->places);
    memory_free(memo);
}

static struct place *place_of(const struct stem_memo *memo, struct view form, enum language language) {
    return &memo->places[(size_t)(hash_view(form) + (uint64_t)language) & memo->mask];
}

/* Without memory the table stays as it is, for as many forms again. */
static void grow(struct stem_memo *memo) {
    struct stem_memo grown = {.mask = memo->mask * 2 + 1};
    memo->kept = 0;
    grown.places = memory_alloc_zeroed(grown.mask + 1, sizeof *grown.places);
    if (!grown.places) return;
    for (size_t i = 0; i <= memo->mask; i++) {
        const struct place *place = &memo->places[i];
        if (place->form_size > 0)
            *place_of(&grown, view_of(place->bytes, place->form_size), (enum language)place->language) = *place;
    }
    memory_free(memo->places);
    *memo = grown;
}

bool stem_memo_find(const struct stem_memo *memo, struct view form, enum language language, char stem[FORM_MAX],
                    size_t *size) {
    if (form.size == 0 || form.size >= BYTES) return false;
    const struct place *place = place_of(memo, form, language);
    if (place->form_size != form.size || place->language != (uint8_t)language) return false;
    if (memcmp(place->bytes, form.data, form.size) != 0) return false;
    memcpy(stem, place->bytes + form.size, place->stem_size);
    *size = place->stem_size;
    return true;
}

void stem_memo_keep(struct stem_memo *memo, struct view form, enum language language, struct view stem) {
    if (form.size == 0 || form.size + stem.size > BYTES) return;
    if (memo->kept++ > memo->mask && memo->mask + 1 < MOST_PLACES) grow(memo);
    struct place *place = place_of(memo, form, language);
    place->language = (uint8_t)language;
    place->form_size = (uint8_t)form.size;
    place->stem_size = (uint8_t)stem.size;
    memcpy(place->bytes, form.data, form.size);
    memcpy(place->bytes + form.size, stem.data, stem.size);
}
