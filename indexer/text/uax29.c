/* uax29.c - the default word boundaries of Unicode Standard Annex #29, version 15.0, rule by rule.
 *
 * The scanner does not use it: scan.c tailors the rules and knows markup. It is here so that the conformance test of
 * Unicode judges the generated table and our reading of the rules the tailoring starts from. */
#include "indexer/text/character.h"
#include "indexer/text/scan.h"

struct letter {
    uint8_t kind; /* enum word_break */
    bool pictographic;
    uint32_t end; /* offset behind it */
};

static struct letter letter_at(const char *data, uint32_t size, uint32_t at) {
    uint32_t length;
    const struct character_class *class = character_class_of(character_decode(data, size, at, &length));
    struct letter letter = {class->word_break, class->pictographic, at + length};
    return letter;
}

static bool is_ignored(uint8_t kind) {
    return kind == BREAK_EXTEND || kind == BREAK_FORMAT || kind == BREAK_ZWJ;
}

static bool is_line_end(uint8_t kind) {
    return kind == BREAK_CR || kind == BREAK_LF || kind == BREAK_NEWLINE;
}

static bool is_letter(uint8_t kind) {
    return kind == BREAK_ALETTER || kind == BREAK_HEBREW_LETTER;
}

static bool is_letter_or_number(uint8_t kind) {
    return is_letter(kind) || kind == BREAK_NUMERIC || kind == BREAK_KATAKANA;
}

static bool is_middle(uint8_t kind) {
    return kind == BREAK_MID_NUM_LET || kind == BREAK_SINGLE_QUOTE;
}

/* WB6, WB7b, WB12: does middle join left to what follows it, marks skipped (WB4)? */
static bool middle_joins(uint8_t left, uint8_t middle, const char *data, uint32_t size, uint32_t at) {
    bool letters = is_letter(left) && (middle == BREAK_MID_LETTER || is_middle(middle));
    bool hebrew = left == BREAK_HEBREW_LETTER && middle == BREAK_DOUBLE_QUOTE;
    bool numbers = left == BREAK_NUMERIC && (middle == BREAK_MID_NUM || is_middle(middle));
    if (!letters && !hebrew && !numbers) return false;
    while (at < size) {
        struct letter next = letter_at(data, size, at);
        if (!is_ignored(next.kind)) {
            return (letters && is_letter(next.kind)) || (hebrew && next.kind == BREAK_HEBREW_LETTER) ||
                   (numbers && next.kind == BREAK_NUMERIC);
        }
        at = next.end;
    }
    return false;
}

/* The rules that look at the two characters only: WB5, 8, 9, 10, 13, 13a, 13b. */
static bool pair_joins(uint8_t left, uint8_t right) {
    if (is_letter(left)) return is_letter(right) || right == BREAK_NUMERIC || right == BREAK_EXTEND_NUM_LET;
    if (left == BREAK_NUMERIC) return right == BREAK_NUMERIC || is_letter(right) || right == BREAK_EXTEND_NUM_LET;
    if (left == BREAK_KATAKANA) return right == BREAK_KATAKANA || right == BREAK_EXTEND_NUM_LET;
    if (left == BREAK_EXTEND_NUM_LET) return is_letter_or_number(right) || right == BREAK_EXTEND_NUM_LET;
    return false;
}

uint32_t scan_uax29_next(const char *data, uint32_t size, uint32_t at) {
    if (at >= size) return size;
    struct letter left = letter_at(data, size, at);
    uint8_t before = left.kind; /* the character directly before the place in question */
    bool odd_indicators = left.kind == BREAK_REGIONAL_INDICATOR, joined_by_middle = false;
    at = left.end;
    for (; at < size; at = left.end) {
        struct letter right = letter_at(data, size, at);
        if (before == BREAK_CR && right.kind == BREAK_LF) return right.end;          /* WB3 */
        if (is_line_end(before) || is_line_end(right.kind)) return at;               /* WB3a, WB3b */
        if (before == BREAK_ZWJ && right.pictographic) goto join;                    /* WB3c */
        if (before == BREAK_WSEG_SPACE && right.kind == BREAK_WSEG_SPACE) goto join; /* WB3d */
        if (is_ignored(right.kind)) {                                                /* WB4: left stays what it was */
            before = right.kind;
            left.end = right.end;
            continue;
        }
        if (joined_by_middle || pair_joins(left.kind, right.kind)) goto join; /* WB7, WB7c, WB11 */
        if (middle_joins(left.kind, right.kind, data, size, right.end)) {
            joined_by_middle = true;
            goto step;
        }
        if (left.kind == BREAK_HEBREW_LETTER && right.kind == BREAK_SINGLE_QUOTE) goto join; /* WB7a */
        if (odd_indicators && left.kind == BREAK_REGIONAL_INDICATOR && right.kind == BREAK_REGIONAL_INDICATOR) {
            goto join; /* WB15, WB16 */
        }
        return at; /* WB999 */
    join:
        joined_by_middle = false;
    step:
        odd_indicators = right.kind == BREAK_REGIONAL_INDICATOR && !odd_indicators;
        left = right;
        before = right.kind;
    }
    return size;
}
