/* stem_memo.c - see stem_memo.h. A form has one place, by its hash: whoever comes last has it. Frequent forms come back at
 * once, so they hold theirs nearly always, without a list of who was used when. A place is a line of the processor's cache.
 */
#include "indexer/text/stem_memo.h"

#include "indexer/base/hash.h"
#include "indexer/base/memory.h"

#define PLACES 8192u /* a power of two */
#define BYTES 61u

struct place {
    uint8_t language, form_size, stem_size; /* form_size 0: nobody has it yet */
    char bytes[BYTES];                      /* the form, then the stem */
};

struct stem_memo {
    struct place places[PLACES];
};

struct stem_memo *stem_memo_create(void) {
    return memory_alloc_zeroed(1, sizeof(struct stem_memo));
}

void stem_memo_free(struct stem_memo *memo) {
    memory_free(memo);
}

static size_t place_of(struct view form, enum language language) {
    return (size_t)(hash_view(form) + (uint64_t)language) % PLACES;
}

bool stem_memo_find(const struct stem_memo *memo, struct view form, enum language language, char stem[FORM_MAX],
                    size_t *size) {
    if (form.size == 0 || form.size >= BYTES) return false;
    const struct place *place = &memo->places[place_of(form, language)];
    if (place->form_size != form.size || place->language != (uint8_t)language) return false;
    if (memcmp(place->bytes, form.data, form.size) != 0) return false;
    memcpy(stem, place->bytes + form.size, place->stem_size);
    *size = place->stem_size;
    return true;
}

void stem_memo_keep(struct stem_memo *memo, struct view form, enum language language, struct view stem) {
    if (form.size == 0 || form.size + stem.size > BYTES) return;
    struct place *place = &memo->places[place_of(form, language)];
    place->language = (uint8_t)language;
    place->form_size = (uint8_t)form.size;
    place->stem_size = (uint8_t)stem.size;
    memcpy(place->bytes, form.data, form.size);
    memcpy(place->bytes + form.size, stem.data, stem.size);
}
