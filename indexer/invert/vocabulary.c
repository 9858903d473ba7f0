/* vocabulary.c - see vocabulary.h. Three open-addressing tables of 64-bit slots, keyed by XXH3 (inlined: words are short
 * and the call would cost as much as the hash), grown at 5/8 full. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "indexer/invert/vocabulary.h"

#include "indexer/base/memory.h"

#include <string.h>

#define FIRST_SLOTS 4096u

static bool slots_init(struct vocabulary_slots *table) {
    table->slots = memory_alloc_zeroed(FIRST_SLOTS, sizeof *table->slots);
    table->mask = FIRST_SLOTS - 1;
    table->used = 0;
    return table->slots != NULL;
}

/* The tag is kept so that growing needs no look at the words; 32 bits of hash choose the place, enough for 2^32 slots. */
static bool slots_grow(struct vocabulary_slots *table) {
    size_t size = (table->mask + 1) * 2;
    uint64_t *grown = memory_alloc_zeroed(size, sizeof *grown);
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

static void slots_clear(struct vocabulary_slots *table) {
    if (table->slots) memset(table->slots, 0, (table->mask + 1) * sizeof *table->slots);
    table->used = 0;
}

revue_status vocabulary_init(struct vocabulary *vocabulary, revue_error *error) {
    memset(vocabulary, 0, sizeof *vocabulary);
    if (!slots_init(&vocabulary->symbol_slots) || !slots_init(&vocabulary->form_slots) ||
        !slots_init(&vocabulary->stem_slots)) {
        vocabulary_free(vocabulary);
        return error_no_memory(error);
    }
    revue_status status = stemmer_create(&vocabulary->stemmer, error);
    if (status != REVUE_OK) vocabulary_free(vocabulary);
    return status;
}

void vocabulary_free(struct vocabulary *vocabulary) {
    stemmer_free(vocabulary->stemmer);
    memory_free(vocabulary->symbol_slots.slots);
    memory_free(vocabulary->form_slots.slots);
    memory_free(vocabulary->stem_slots.slots);
    memory_free(vocabulary->symbols);
    memory_free(vocabulary->forms);
    memory_free(vocabulary->stems);
    arena_free(&vocabulary->arena);
    memset(vocabulary, 0, sizeof *vocabulary);
}

void vocabulary_clear(struct vocabulary *vocabulary) {
    arena_reset(&vocabulary->arena);
    vocabulary->symbol_count = vocabulary->form_count = vocabulary->stem_count = 0;
    slots_clear(&vocabulary->symbol_slots);
    slots_clear(&vocabulary->form_slots);
    slots_clear(&vocabulary->stem_slots);
}

size_t vocabulary_memory(const struct vocabulary *vocabulary) {
    return vocabulary->arena.total_bytes + vocabulary->symbol_capacity * sizeof *vocabulary->symbols +
           vocabulary->form_capacity * sizeof *vocabulary->forms + vocabulary->stem_capacity * sizeof *vocabulary->stems +
           (vocabulary->symbol_slots.mask + vocabulary->form_slots.mask + vocabulary->stem_slots.mask + 3) *
               sizeof(uint64_t);
}

static revue_status add_stem(struct vocabulary *vocabulary, struct view bytes, uint32_t *stem, revue_error *error) {
    struct vocabulary_slots *table = &vocabulary->stem_slots;
    uint64_t hash = XXH3_64bits(bytes.data, bytes.size);
    if (!slots_reserve(table)) return error_no_memory(error);
    size_t at = (size_t)(hash >> 32) & table->mask;
    for (uint64_t slot; (slot = table->slots[at]) != 0; at = (at + 1) & table->mask) {
        uint32_t index = (uint32_t)slot - 1;
        if (slot >> 32 == hash >> 32 && view_equal(vocabulary->stems[index].bytes, bytes)) {
            *stem = index;
            return REVUE_OK;
        }
    }
    char *copy = arena_copy(&vocabulary->arena, bytes.data, bytes.size);
    if (!copy || !MEMORY_RESERVE(vocabulary->stems, vocabulary->stem_capacity, vocabulary->stem_count + 1))
        return error_no_memory(error);
    vocabulary->stems[vocabulary->stem_count].bytes = view_of(copy, bytes.size);
    slots_put(table, at, hash, vocabulary->stem_count);
    *stem = (uint32_t)vocabulary->stem_count++;
    return REVUE_OK;
}

static revue_status add_form(struct vocabulary *vocabulary, struct view bytes, enum language language, uint32_t *form,
                             revue_error *error) {
    struct vocabulary_slots *table = &vocabulary->form_slots;
    uint64_t plain_hash = XXH3_64bits(bytes.data, bytes.size);
    uint64_t hash = hash_mix(plain_hash, (uint64_t)language);
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
    struct vocabulary_form added = {.hash = plain_hash, .language = (uint8_t)language};
    TRY(stemmer_stem(vocabulary->stemmer, bytes, language, stem_bytes, &stem_size, error));
    TRY(add_stem(vocabulary, view_of(stem_bytes, stem_size), &added.stem, error));
    char *copy = arena_copy(&vocabulary->arena, bytes.data, bytes.size);
    if (!copy || !MEMORY_RESERVE(vocabulary->forms, vocabulary->form_capacity, vocabulary->form_count + 1))
        return error_no_memory(error);
    added.bytes = view_of(copy, bytes.size);
    vocabulary->forms[vocabulary->form_count] = added;
    slots_put(table, at, hash, vocabulary->form_count);
    *form = (uint32_t)vocabulary->form_count++;
    return REVUE_OK;
}

revue_status vocabulary_symbol(struct vocabulary *vocabulary, struct view bytes, enum symbol_kind kind, bool ascii,
                               enum language language, uint32_t *symbol, revue_error *error) {
    struct vocabulary_slots *table = &vocabulary->symbol_slots;
    uint64_t hash = XXH3_64bits_withSeed(bytes.data, bytes.size, (uint64_t)kind << 8 | (uint64_t)language);
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
    struct vocabulary_symbol added = {
        .size = (uint32_t)bytes.size, .form = VOCABULARY_NONE, .kind = (uint8_t)kind, .language = (uint8_t)language};
    if (kind != SYMBOL_GAP) {
        char form_bytes[FORM_MAX];
        size_t form_size = fold_word(bytes, ascii, language, form_bytes);
        if (form_size > 0) TRY(add_form(vocabulary, view_of(form_bytes, form_size), language, &added.form, error));
    }
    char *copy = arena_copy(&vocabulary->arena, bytes.data, bytes.size);
    if (!copy || !MEMORY_RESERVE(vocabulary->symbols, vocabulary->symbol_capacity, vocabulary->symbol_count + 1) ||
        !slots_reserve(table))
        return error_no_memory(error);
    added.bytes = copy;
    /* The table may have grown: look for the free place again. */
    at = (size_t)(hash >> 32) & table->mask;
    while (table->slots[at])
        at = (at + 1) & table->mask;
    vocabulary->symbols[vocabulary->symbol_count] = added;
    slots_put(table, at, hash, vocabulary->symbol_count);
    *symbol = (uint32_t)vocabulary->symbol_count++;
    return REVUE_OK;
}
