/* coded_sift.c - see coded_sift.h, and coded_words_sift in coded_words.h.
 *
 * Each field becomes a run of marks, a byte a token, four fields at a time (word_marks.h); where the words' marks do not
 * stand one after the other, the words do not. A literal is mostly taken for any word rather than analysed. What is left is
 * for the walk that knows words for certain. */
#include "indexer/base/byte_lanes.h"
#include "indexer/base/memory.h"
#include "query/match/coded_words.h"

#define CODES_MOST 65536u /* bytes: larger fields are left to the walk */

void coded_sift_free(struct coded_sift *sift) {
    for (unsigned i = 0; i < WORD_LANES; i++)
        memory_free(sift->marks[i]);
    *sift = (struct coded_sift){0};
}

/* ---- marks ---- */

struct sifting {
    struct coded_sift *sift;
    struct symbol_notes notes;
    uint8_t wanted[CODED_WORDS_MAX]; /* marks of the words, in order */
    uint32_t word_count;
    struct coded_field *next, *end; /* fields that wait */
    struct word_lane lanes[WORD_LANES];
    struct coded_field *fields[WORD_LANES]; /* NULL: the lane is free */
};

/* Behind the last mark come some that are of no word. */
#define MARKS_BEHIND (CODED_WORDS_MAX + BYTE_LANES)

static bool words_may_stand(const struct sifting *sifting, uint8_t *marks, uint32_t count) {
    memset(marks + count, WORD_MARK_UNKNOWN, MARKS_BEHIND);
    for (uint32_t at = 0; at + sifting->word_count <= count; at += BYTE_LANES) {
        uint32_t stands = UINT32_MAX;
        for (uint32_t word = 0; word < sifting->word_count && stands; word++) {
            const byte_lanes found = byte_lanes_load((const char *)marks + at + word);
            stands &= byte_lanes_bits((byte_lanes)(found == sifting->wanted[word]) | (byte_lanes)(found == MARK_ANY));
        }
        if (stands) return true;
    }
    return false;
}

/* Where marks are not one a token of the field, nothing is known of it. */
static bool may_stand(const struct sifting *sifting, const struct word_lane *lane, uint32_t length) {
    if (lane->walk.failed || lane->count != length) return true;
    return memchr(lane->marks, MARK_UNCOUNTABLE, lane->count) || words_may_stand(sifting, lane->marks, lane->count);
}

/* ---- lanes ---- */

/* The field that will be walked next is fetched meanwhile. */
static void expect_field(const struct coded_field *field) {
    const size_t line = 64, most = 16 * line;
    for (size_t at = 0; at < field->codes.size && at < most; at += line)
        __builtin_prefetch(field->codes.data + at);
}

/* The next field that waits takes the lane, which is free when none does. */
static revue_status start_field(struct sifting *sifting, unsigned number, revue_error *error) {
    struct word_lane *lane = &sifting->lanes[number];
    sifting->fields[number] = NULL;
    while (sifting->next < sifting->end && sifting->next->codes.size > CODES_MOST)
        sifting->next++->may_stand = true;
    if (sifting->next == sifting->end) return REVUE_OK;
    sifting->fields[number] = sifting->next++;
    if (sifting->next < sifting->end) expect_field(sifting->next);
    word_codes_walk_start(&lane->walk, &sifting->notes.tables->code, sifting->fields[number]->codes);
    const size_t room = (size_t)word_lane_room(&lane->walk) + MARKS_BEHIND;
    if (!MEMORY_RESERVE(sifting->sift->marks[number], sifting->sift->capacity[number], room)) return error_no_memory(error);
    lane->marks = sifting->sift->marks[number];
    lane->count = 0;
    return REVUE_OK;
}

static bool is_plain(struct view word) {
    for (size_t i = 0; i < word.size; i++) {
        const char small = (char)(word.data[i] | 0x20);
        if (!(small >= 'a' && small <= 'z') && !(word.data[i] >= '0' && word.data[i] <= '9')) return false;
    }
    return word.size > 0;
}

static inline void put_mark(struct word_lane *lane, uint8_t mark) {
    lane->marks[lane->count] = mark;
    lane->count += mark != WORD_MARK_SKIPPED;
}

static revue_status put_number(const struct sifting *sifting, struct word_lane *lane, uint32_t number, revue_error *error) {
    const struct symbol_notes *notes = &sifting->notes;
    uint8_t mark = number < notes->count ? notes->marks[number] : WORD_MARK_UNKNOWN;
    if (__builtin_expect(mark == WORD_MARK_UNKNOWN, 0)) {
        uint64_t note;
        TRY(symbol_notes_of_number(notes, number, &note, error));
        mark = symbol_mark_of(note);
    }
    put_mark(lane, mark);
    return REVUE_OK;
}

static revue_status put_literal(const struct sifting *sifting, struct word_lane *lane, const struct text_item *item,
                                revue_error *error) {
    uint64_t note;
    if (item->number == SYMBOL_LITERAL_GAP) return REVUE_OK;
    if (is_plain(item->literal)) {
        put_mark(lane, MARK_ANY);
        return REVUE_OK;
    }
    TRY(symbol_notes_of_word(&sifting->notes, item->literal, &note, error));
    put_mark(lane, symbol_mark_of(note));
    return REVUE_OK;
}

#define STOP_NUMBERS 8u

/* What stopped a lane, and what little there is near its end, is taken by itself; at the end the next field begins. */
static revue_status pass_stop(struct sifting *sifting, unsigned number, revue_error *error) {
    struct word_lane *lane = &sifting->lanes[number];
    do {
        uint32_t numbers[STOP_NUMBERS];
        struct text_item item;
        const uint32_t wanted = word_lane_can_run(&lane->walk) ? 1 : STOP_NUMBERS;
        const uint32_t count = word_codes_walk_numbers(&lane->walk, numbers, wanted);
        for (uint32_t i = 0; i < count; i++)
            TRY(put_number(sifting, lane, numbers[i], error));
        if (count == wanted) continue;
        if (!word_codes_walk_next(&lane->walk, &item)) {
            struct coded_field *field = sifting->fields[number];
            field->may_stand = may_stand(sifting, lane, field->length);
            return start_field(sifting, number, error);
        }
        TRY(put_literal(sifting, lane, &item, error));
    } while (!word_lane_can_run(&lane->walk));
    return REVUE_OK;
}

static bool are_all_taken(const struct sifting *sifting) {
    for (unsigned i = 0; i < WORD_LANES; i++)
        if (!sifting->fields[i]) return false;
    return true;
}

static revue_status sift_fields(struct sifting *sifting, revue_error *error) {
    const struct symbol_notes *notes = &sifting->notes;
    for (unsigned i = 0; i < WORD_LANES; i++)
        TRY(start_field(sifting, i, error));
    while (are_all_taken(sifting)) {
        word_lanes_walk(sifting->lanes, notes->marks, notes->count);
        for (unsigned i = 0; i < WORD_LANES; i++)
            TRY(pass_stop(sifting, i, error));
    }
    for (unsigned i = 0; i < WORD_LANES; i++)
        while (sifting->fields[i]) {
            word_lane_walk(&sifting->lanes[i], notes->marks, notes->count);
            TRY(pass_stop(sifting, i, error));
        }
    return REVUE_OK;
}

/* ---- words ---- */

/* False when a word has several stems, or there are too many. */
static bool know_words(struct sifting *sifting, const struct coded_words *coded) {
    if (coded->count == 0 || coded->count > CODED_WORDS_MAX) return false;
    sifting->word_count = coded->count;
    for (uint32_t i = 0; i < coded->count; i++) {
        if (!coded->forms && coded->words[i].stem_count != 1) return false;
        sifting->wanted[i] = symbol_mark_of(symbol_note_of(coded->forms ? coded->forms[i] : coded->words[i].stems[0].stem));
    }
    return true;
}

revue_status coded_words_sift(struct coded_words *coded, struct symbol_tables *tables, enum language language,
                              struct coded_field *fields, uint32_t count, revue_error *error) {
    struct sifting sifting = {.sift = &coded->sift, .next = fields, .end = fields + count};
    for (uint32_t i = 0; i < count; i++)
        fields[i].may_stand = true;
    if (!know_words(&sifting, coded)) return REVUE_OK;
    TRY(coded_words_notes(coded, tables, language, &sifting.notes, error));
    return sift_fields(&sifting, error);
}
