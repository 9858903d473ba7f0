/* vocabulary.c - see vocabulary.h. Open-addressing tables, grown at 5/8 full. That of symbols of up to 16 bytes holds them
 * whole: one look at memory instead of three, and a comparison of numbers instead of a call. The others, of long symbols,
 * forms and stems, have slots of 64 bits keyed by XXH3 (inlined: words are short and the call would cost as much as the
 * hash).
 *
 * A form is often the word as written and a stem the beginning of its form: then they share the bytes. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "indexer/invert/vocabulary.h"

#include "indexer/base/memory.h"

#include <string.h>
#include <sys/random.h>

#define FIRST_SLOTS 4096u
#define WORDS_CHUNK 65536u

#define ONES(count) (UINT64_MAX >> (64 - 8 * (count)))
const uint64_t short_symbol_masks[SHORT_SYMBOL_MAX + 1][2] = {
    {0, 0},
    {ONES(1), 0},
    {ONES(2), 0},
    {ONES(3), 0},
    {ONES(4), 0},
    {ONES(5), 0},
    {ONES(6), 0},
    {ONES(7), 0},
    {ONES(8), 0},
    {ONES(8), ONES(1)},
    {ONES(8), ONES(2)},
    {ONES(8), ONES(3)},
    {ONES(8), ONES(4)},
    {ONES(8), ONES(5)},
    {ONES(8), ONES(6)},
    {ONES(8), ONES(7)},
    {ONES(8), ONES(8)},
};

static bool slots_init(struct vocabulary_slots *table) {
    table->slots = memory_alloc_table(FIRST_SLOTS, sizeof *table->slots);
    table->mask = FIRST_SLOTS - 1;
    table->used = 0;
    return table->slots != NULL;
}

/* The tag is kept so that growing needs no look at the words; 32 bits of hash choose the place, enough for 2^32 slots. */
static bool slots_grow(struct vocabulary_slots *table) {
    size_t size = (table->mask + 1) * 2;
    uint64_t *grown = memory_alloc_table(size, sizeof *grown);
    if (!grown) return false;
    for (size_t i = 0; i <= table->mask; i++) {
        uint64_t slot = table->slots[i];
        if (!slot) continue;
        size_t at = (size_t)(slot >> 32) & (size - 1);
        while (grown[at])
            at = (at + 1) & (size - 1);
        grown[at] = slot;
    }
    memory_free(table->slots);
    table->slots = grown;
    table->mask = size - 1;
    return true;
}

static bool slots_reserve(struct vocabulary_slots *table) {
    return table->used * 8 < (table->mask + 1) * 5 || slots_grow(table);
}

static void slots_put(struct vocabulary_slots *table, size_t at, uint64_t hash, size_t index) {
    table->slots[at] = hash >> 32 << 32 | (uint32_t)(index + 1);
    table->used++;
}

static bool short_slots_init(struct short_slots *table) {
    table->slots = memory_alloc_table(FIRST_SLOTS, sizeof *table->slots);
    table->mask = FIRST_SLOTS - 1;
    table->used = 0;
    return table->slots != NULL;
}

static void short_slots_put(struct short_slots *table, struct short_slot added, uint64_t hash) {
    size_t at = hash & table->mask;
    while (table->slots[at].index)
        at = (at + 1) & table->mask;
    table->slots[at] = added;
}

/* In the order in which they were met, so that the commonest, which are met soon, lie where they are looked for first.
 * places: of each symbol, room for all. */
static void short_slots_move(const struct vocabulary *vocabulary, const struct short_slots *from, struct short_slots *to,
                             uint32_t *places) {
    memset(places, 0xFF, vocabulary->symbol_count * sizeof *places);
    for (size_t i = 0; i <= from->mask; i++)
        if (from->slots[i].index) places[from->slots[i].index - 1] = (uint32_t)i;
    for (size_t symbol = 0; symbol < vocabulary->symbol_count; symbol++) {
        if (places[symbol] == UINT32_MAX) continue; /* a long one */
        const struct short_slot *slot = &from->slots[places[symbol]];
        const struct short_symbol key = {slot->low, slot->high, slot->about};
        short_slots_put(to, *slot, short_symbol_hash(vocabulary_look_up(vocabulary), key));
    }
}

static bool short_slots_reserve(struct vocabulary *vocabulary) {
    struct short_slots *table = &vocabulary->short_slots;
    if (table->used * 8 < (table->mask + 1) * 5) return true;
    struct short_slots grown = {memory_alloc_table((table->mask + 1) * 2, sizeof *grown.slots), table->mask * 2 + 1,
                                table->used};
    uint32_t *places = memory_alloc_array(vocabulary->symbol_count, sizeof *places);
    if (!grown.slots || !places) {
        memory_free(grown.slots);
        memory_free(places);
        return false;
    }
    short_slots_move(vocabulary, table, &grown, places);
    memory_free(places);
    memory_free(table->slots);
    *table = grown;
    return true;
}

static void slots_clear(struct vocabulary_slots *table) {
    if (table->slots) memset(table->slots, 0, (table->mask + 1) * sizeof *table->slots);
    table->used = 0;
}

revue_status vocabulary_init(struct vocabulary *vocabulary, revue_error *error) {
    memset(vocabulary, 0, sizeof *vocabulary);
    if (getrandom(&vocabulary->seed, sizeof vocabulary->seed, 0) != sizeof vocabulary->seed)
        vocabulary->seed = (uint64_t)(uintptr_t)vocabulary;
    if (!short_slots_init(&vocabulary->short_slots) || !slots_init(&vocabulary->long_slots) ||
        !slots_init(&vocabulary->form_slots) || !slots_init(&vocabulary->stem_slots)) {
        vocabulary_free(vocabulary);
        return error_no_memory(error);
    }
    revue_status status = stemmer_create(&vocabulary->stemmer, error);
    if (status != REVUE_OK) vocabulary_free(vocabulary);
    return status;
}

void vocabulary_free(struct vocabulary *vocabulary) {
    stemmer_free(vocabulary->stemmer);
    memory_free(vocabulary->short_slots.slots);
    memory_free(vocabulary->long_slots.slots);
    memory_free(vocabulary->form_slots.slots);
    memory_free(vocabulary->stem_slots.slots);
    memory_free(vocabulary->symbols);
    memory_free(vocabulary->uses);
    memory_free(vocabulary->forms);
    memory_free(vocabulary->form_uses);
    memory_free(vocabulary->stems);
    arena_free(&vocabulary->arena);
    memset(vocabulary, 0, sizeof *vocabulary);
}

void vocabulary_clear(struct vocabulary *vocabulary) {
    arena_reset(&vocabulary->arena);
    vocabulary->next = vocabulary->end = NULL;
    vocabulary->symbol_count = vocabulary->form_count = vocabulary->stem_count = 0;
    memset(vocabulary->short_slots.slots, 0, (vocabulary->short_slots.mask + 1) * sizeof *vocabulary->short_slots.slots);
    vocabulary->short_slots.used = 0;
    slots_clear(&vocabulary->long_slots);
    slots_clear(&vocabulary->form_slots);
    slots_clear(&vocabulary->stem_slots);
}

size_t vocabulary_memory(const struct vocabulary *vocabulary) {
    return vocabulary->arena.total_bytes + (vocabulary->short_slots.mask + 1) * sizeof *vocabulary->short_slots.slots +
           vocabulary->symbol_capacity * (sizeof *vocabulary->symbols + sizeof *vocabulary->uses) +
           vocabulary->form_capacity * (sizeof *vocabulary->forms + sizeof *vocabulary->form_uses) +
           vocabulary->stem_capacity * sizeof *vocabulary->stems +
           (vocabulary->long_slots.mask + vocabulary->form_slots.mask + vocabulary->stem_slots.mask + 3) * sizeof(uint64_t);
}

/* Words stand side by side, without the arena's alignment; NULL when out of memory. */
static const char *keep_bytes(struct vocabulary *vocabulary, struct view bytes) {
    if (bytes.size > WORDS_CHUNK / 16) return arena_copy(&vocabulary->arena, bytes.data, bytes.size);
    if (!vocabulary->next || bytes.size > (size_t)(vocabulary->end - vocabulary->next)) {
        vocabulary->next = arena_alloc(&vocabulary->arena, WORDS_CHUNK);
        if (!vocabulary->next) return NULL;
        vocabulary->end = vocabulary->next + WORDS_CHUNK;
    }
    char *kept = vocabulary->next;
    memcpy(kept, bytes.data, bytes.size);
    vocabulary->next += bytes.size;
    return kept;
}

/* bytes again, in memory of the vocabulary: where they begin kept, or a copy. */
static const char *keep_or_share(struct vocabulary *vocabulary, struct view bytes, struct view kept) {
    bool is_beginning = bytes.size <= kept.size && memcmp(bytes.data, kept.data, bytes.size) == 0;
    return is_beginning ? kept.data : keep_bytes(vocabulary, bytes);
}

/* kept: the form. */
static revue_status add_stem(struct vocabulary *vocabulary, struct view bytes, struct view kept, uint32_t *stem,
                             revue_error *error) {
    struct vocabulary_slots *table = &vocabulary->stem_slots;
    uint64_t hash = XXH3_64bits(bytes.data, bytes.size);
    if (!slots_reserve(table)) return error_no_memory(error);
    size_t at = (size_t)(hash >> 32) & table->mask;
    for (uint64_t slot; (slot = table->slots[at]) != 0; at = (at + 1) & table->mask) {
        uint32_t index = (uint32_t)slot - 1;
        if (slot >> 32 == hash >> 32 && view_equal(vocabulary->stems[index], bytes)) {
            *stem = index;
            return REVUE_OK;
        }
    }
    const char *copy = keep_or_share(vocabulary, bytes, kept);
    if (!copy || !MEMORY_RESERVE(vocabulary->stems, vocabulary->stem_capacity, vocabulary->stem_count + 1))
        return error_no_memory(error);
    vocabulary->stems[vocabulary->stem_count] = view_of(copy, bytes.size);
    slots_put(table, at, hash, vocabulary->stem_count);
    *stem = (uint32_t)vocabulary->stem_count++;
    return REVUE_OK;
}

/* kept: the symbol. */
static revue_status add_form(struct vocabulary *vocabulary, struct view bytes, enum language language, struct view kept,
                             uint32_t *form, revue_error *error) {
    struct vocabulary_slots *table = &vocabulary->form_slots;
    uint64_t hash = hash_mix(XXH3_64bits(bytes.data, bytes.size), (uint64_t)language);
    if (!slots_reserve(table)) return error_no_memory(error);
    size_t at = (size_t)(hash >> 32) & table->mask;
    for (uint64_t slot; (slot = table->slots[at]) != 0; at = (at + 1) & table->mask) {
        const struct vocabulary_form *found = &vocabulary->forms[(uint32_t)slot - 1];
        if (slot >> 32 == hash >> 32 && found->language == language && view_equal(found->bytes, bytes)) {
            *form = (uint32_t)slot - 1;
            return REVUE_OK;
        }
    }
    char stem_bytes[FORM_MAX];
    size_t stem_size;
    const char *copy = keep_or_share(vocabulary, bytes, kept);
    if (!copy || !MEMORY_RESERVE(vocabulary->forms, vocabulary->form_capacity, vocabulary->form_count + 1) ||
        !MEMORY_RESERVE(vocabulary->form_uses, vocabulary->form_use_capacity, vocabulary->form_count + 1))
        return error_no_memory(error);
    struct vocabulary_form added = {.bytes = view_of(copy, bytes.size), .language = (uint8_t)language};
    TRY(stemmer_stem(vocabulary->stemmer, bytes, language, stem_bytes, &stem_size, error));
    TRY(add_stem(vocabulary, view_of(stem_bytes, stem_size), added.bytes, &added.stem, error));
    vocabulary->forms[vocabulary->form_count] = added;
    vocabulary->form_uses[vocabulary->form_count] = (struct form_use){0};
    slots_put(table, at, hash, vocabulary->form_count);
    *form = (uint32_t)vocabulary->form_count++;
    return REVUE_OK;
}

/* Adds what is in neither table, but to them. */
static revue_status add_symbol(struct vocabulary *vocabulary, struct view bytes, enum symbol_kind kind, bool ascii,
                               enum language language, uint32_t *symbol, revue_error *error) {
    const char *copy = keep_bytes(vocabulary, bytes);
    if (!copy || !MEMORY_RESERVE(vocabulary->symbols, vocabulary->symbol_capacity, vocabulary->symbol_count + 1) ||
        !MEMORY_RESERVE(vocabulary->uses, vocabulary->use_capacity, vocabulary->symbol_count + 1))
        return error_no_memory(error);
    struct symbol_use use = {.form = VOCABULARY_NONE};
    if (kind != SYMBOL_GAP) {
        char form_bytes[FORM_MAX];
        size_t form_size = fold_word(bytes, ascii, language, form_bytes);
        if (form_size > 0)
            TRY(add_form(vocabulary, view_of(form_bytes, form_size), language, view_of(copy, bytes.size), &use.form,
                         error));
    }
    vocabulary->symbols[vocabulary->symbol_count] =
        (struct vocabulary_symbol){copy, (uint32_t)bytes.size, (uint8_t)kind, (uint8_t)language};
    vocabulary->uses[vocabulary->symbol_count] = use;
    *symbol = (uint32_t)vocabulary->symbol_count++;
    return REVUE_OK;
}

static revue_status long_symbol(struct vocabulary *vocabulary, struct view bytes, enum symbol_kind kind, bool ascii,
                                enum language language, uint32_t *symbol, revue_error *error) {
    struct vocabulary_slots *table = &vocabulary->long_slots;
    uint64_t hash =
        XXH3_64bits_withSeed(bytes.data, bytes.size, vocabulary->seed ^ (uint64_t)kind << 8 ^ (uint64_t)language);
    if (!slots_reserve(table)) return error_no_memory(error);
    size_t at = (size_t)(hash >> 32) & table->mask;
    for (uint64_t slot; (slot = table->slots[at]) != 0; at = (at + 1) & table->mask) {
        if (slot >> 32 != hash >> 32) continue;
        const struct vocabulary_symbol *found = &vocabulary->symbols[(uint32_t)slot - 1];
        if (found->size == bytes.size && found->kind == kind && found->language == language &&
            memcmp(found->bytes, bytes.data, bytes.size) == 0) {
            *symbol = (uint32_t)slot - 1;
            return REVUE_OK;
        }
    }
    TRY(add_symbol(vocabulary, bytes, kind, ascii, language, symbol, error));
    slots_put(table, at, hash, *symbol);
    return REVUE_OK;
}

revue_status vocabulary_symbol(struct vocabulary *vocabulary, struct view bytes, enum symbol_kind kind, bool ascii,
                               enum language language, uint32_t *symbol, revue_error *error) {
    struct short_symbol sought = short_symbol_of(bytes, bytes.size, kind, language);
    if (!sought.about) return long_symbol(vocabulary, bytes, kind, ascii, language, symbol, error);
    struct short_look_up look_up = vocabulary_look_up(vocabulary);
    uint64_t hash = short_symbol_hash(look_up, sought);
    const struct short_slot *slot = vocabulary_find_short(look_up, sought, hash);
    if (slot) {
        *symbol = slot->index - 1;
        return REVUE_OK;
    }
    if (!short_slots_reserve(vocabulary)) return error_no_memory(error);
    TRY(add_symbol(vocabulary, bytes, kind, ascii, language, symbol, error));
    struct short_slot added = {sought.low, sought.high, sought.about, *symbol + 1, vocabulary->uses[*symbol].form, 0};
    short_slots_put(&vocabulary->short_slots, added, hash);
    vocabulary->short_slots.used++;
    return REVUE_OK;
}

void vocabulary_settle(struct vocabulary *vocabulary, bool is_stored) {
    for (size_t i = 0; i <= vocabulary->short_slots.mask; i++) {
        struct short_slot *slot = &vocabulary->short_slots.slots[i];
        if (slot->count == 0) continue;
        struct symbol_use *use = &vocabulary->uses[slot->index - 1];
        if (use->form != VOCABULARY_NONE) use->searched[FIELD_BODY] += slot->count;
        if (is_stored) use->stored += slot->count;
        slot->count = 0;
    }
}
