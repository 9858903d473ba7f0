/* coded_words.c - see coded_words.h. */
#include "query/match/coded_words.h"

#include "indexer/base/memory.h"

void coded_words_free(struct coded_words *coded) {
    memory_free(coded->places);
    bytes_free(&coded->scratch);
    coded_sift_free(&coded->sift);
}

/* ---- what is looked for ---- */

static void add_target(struct coded_words *coded, struct view form_or_stem, uint32_t word) {
    const uint64_t hash = symbol_note_of(form_or_stem);
    uint32_t at = 0;
    while (at < coded->target_count && coded->targets[at].hash != hash)
        at++;
    if (at == coded->target_count) coded->targets[coded->target_count++] = (struct coded_target){hash, 0};
    coded->targets[at].words |= (uint64_t)1 << word;
}

static inline uint32_t sieve_bit(uint64_t hash) {
    return (uint32_t)(hash >> 6) & 1023;
}

static bool make_targets(struct coded_words *coded, struct arena *arena) {
    size_t most = coded->count;
    for (uint32_t i = 0; i < coded->count && !coded->forms; i++)
        most += coded->words[i].stem_count;
    coded->targets = arena_alloc_array(arena, most, sizeof *coded->targets);
    if (!coded->targets) return false;
    for (uint32_t i = 0; i < coded->count; i++) {
        if (coded->forms) add_target(coded, coded->forms[i], i);
        for (uint32_t stem = 0; !coded->forms && stem < coded->words[i].stem_count; stem++)
            add_target(coded, coded->words[i].stems[stem].stem, i);
    }
    for (uint32_t i = 0; i < coded->target_count; i++)
        coded->sieve[sieve_bit(coded->targets[i].hash) / 64] |= (uint64_t)1 << (sieve_bit(coded->targets[i].hash) % 64);
    return true;
}

/* ---- walking ---- */

struct noting { /* one walk */
    struct coded_words *coded;
    struct symbol_notes notes;
    uint32_t length, tokens; /* of the field, and how many have been passed */
    uint64_t unusual;        /* bit n: a note with these low bits may be no token that is not looked for */
};
#define LOW_BITS 63u

static inline bool add_place(struct coded_words *coded, uint32_t position, uint64_t note) {
    if (!(coded->sieve[sieve_bit(note) / 64] >> (sieve_bit(note) % 64) & 1)) return true;
    for (uint32_t i = 0; i < coded->target_count; i++) {
        if (coded->targets[i].hash != note) continue;
        if (!MEMORY_RESERVE(coded->places, coded->place_capacity, coded->place_count + 1)) return false;
        coded->places[coded->place_count++] = (struct coded_place){position, coded->targets[i].words};
    }
    return true;
}

/* *is_countable false: positions cannot be told. */
static revue_status take_note(struct noting *noting, uint64_t note, bool *is_countable, revue_error *error) {
    if (note == NOTE_NOT_A_TOKEN) return REVUE_OK;
    *is_countable = note != NOTE_UNCOUNTABLE && noting->tokens < noting->length;
    if (!*is_countable) return REVUE_OK;
    return add_place(noting->coded, noting->tokens++, note) ? REVUE_OK : error_no_memory(error);
}

/* Nearly all numbers are those of gaps, or of words that are not looked for: their notes tell it at a glance. */
static revue_status take_numbers(struct noting *noting, const uint32_t *numbers, uint32_t count, bool *is_countable,
                                 revue_error *error) {
    for (uint32_t i = 0; i < count && *is_countable; i++) {
        uint64_t note = numbers[i] < noting->notes.count ? noting->notes.notes[numbers[i]] : 0;
        if (__builtin_expect(!(noting->unusual >> (note & LOW_BITS) & 1), 1)) {
            noting->tokens += note != NOTE_NOT_A_TOKEN;
            continue;
        }
        if (note == 0) TRY(symbol_notes_of_number(&noting->notes, numbers[i], &note, error));
        TRY(take_note(noting, note, is_countable, error));
    }
    return REVUE_OK;
}

static revue_status take_literal(struct noting *noting, const struct text_item *item, bool *is_countable,
                                 revue_error *error) {
    uint64_t note = NOTE_NOT_A_TOKEN;
    if (item->number == SYMBOL_LITERAL_WORD) TRY(symbol_notes_of_word(&noting->notes, item->literal, &note, error));
    return take_note(noting, note, is_countable, error);
}

revue_status coded_words_notes(struct coded_words *coded, struct symbol_tables *tables, enum language language,
                               struct symbol_notes *notes, revue_error *error) {
    return symbol_notes_open(notes, tables, coded->forms ? NULL : coded->stemmer, language, &coded->scratch, error);
}

static revue_status prepare(struct noting *noting, struct symbol_tables *tables, enum language language,
                            struct arena *arena, revue_error *error) {
    struct coded_words *coded = noting->coded;
    if (!coded->targets && !make_targets(coded, arena)) return error_no_memory(error);
    TRY(coded_words_notes(coded, tables, language, &noting->notes, error));
    noting->unusual = (uint64_t)1 << 0 | (uint64_t)1 << NOTE_UNCOUNTABLE;
    for (uint32_t i = 0; i < coded->target_count; i++)
        noting->unusual |= (uint64_t)1 << (coded->targets[i].hash & LOW_BITS);
    coded->place_count = 0;
    return REVUE_OK;
}

#define NUMBERS_AT_ONCE 256u

revue_status coded_words_walk(struct coded_words *coded, struct symbol_tables *tables, struct view codes, uint32_t length,
                              enum language language, struct arena *arena, bool *is_known, revue_error *error) {
    struct noting noting = {.coded = coded, .length = length};
    struct word_codes_walk walk;
    bool is_countable = coded->count <= CODED_WORDS_MAX;
    *is_known = false;
    if (!is_countable) return REVUE_OK;
    TRY(prepare(&noting, tables, language, arena, error));
    word_codes_walk_start(&walk, &tables->code, codes);
    while (is_countable) {
        uint32_t numbers[NUMBERS_AT_ONCE];
        struct text_item item;
        const uint32_t count = word_codes_walk_numbers(&walk, numbers, NUMBERS_AT_ONCE);
        TRY(take_numbers(&noting, numbers, count, &is_countable, error));
        if (count == NUMBERS_AT_ONCE) continue;
        if (!word_codes_walk_next(&walk, &item)) break;
        TRY(take_literal(&noting, &item, &is_countable, error));
    }
    *is_known = is_countable && !walk.failed && noting.tokens == length;
    return REVUE_OK;
}

/* Shift-and (Baeza-Yates, Gonnet, "A new approach to text searching", 1992): bit n of state tells that words 0 to n end at
 * the place before. */
uint32_t coded_words_count_phrase(const struct coded_words *coded) {
    const uint64_t last = (uint64_t)1 << (coded->count - 1);
    uint64_t state = 0;
    uint32_t count = 0, next = 0; /* the position behind the place before */
    for (size_t i = 0; i < coded->place_count; i++) {
        const struct coded_place *place = &coded->places[i];
        state = ((place->position == next ? state << 1 : 0) | 1) & place->words;
        count += (state & last) != 0;
        next = place->position + 1;
    }
    return count;
}
