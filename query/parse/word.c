/* word.c - see word.h. Signs are read from the right: trailing punctuation, then ^boost, then ~distance, then wildcards.
 *
 * A wildcard needs a letter before it in its word, for 5* and 4.5* are ratings, not prefixes; or it begins the word with
 * two letters directly behind it (*ness, ?ood): *s is a note, *, ** and ?? are punctuation. A ? at the end of a word is the
 * end of a question (is it good?) unless the word holds another wildcard (colo?r?). */
#include "query/parse/word.h"

#include "indexer/base/utf8.h"
#include "query/parse/lexer.h"

static bool is_digit(char c) {
    return lexer_is_digit((unsigned char)c);
}

bool digits_read(struct view text, uint32_t *number) {
    uint32_t value = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (!is_digit(text.data[i])) return false;
        value = value > 99999999 ? 999999999 : value * 10 + (uint32_t)(text.data[i] - '0');
    }
    if (text.size == 0) return false;
    *number = value;
    return true;
}

/* In thousandths, by hand: strtod would follow the program's locale. A fourth decimal rounds, further ones are ignored. */
bool boost_read(struct view text, double *boost) {
    const uint32_t most = (uint32_t)(AST_BOOST_MAX * 1000);
    uint32_t thousandths = 0, unit = 1000;
    size_t at = 0, digits = 0;
    for (; at < text.size && is_digit(text.data[at]); at++, digits++)
        if (thousandths <= most) thousandths = thousandths * 10 + (uint32_t)(text.data[at] - '0') * 1000;
    if (at < text.size && text.data[at] == '.') at++;
    for (; at < text.size && is_digit(text.data[at]); at++, digits++) {
        unit /= 10;
        if (unit > 0)
            thousandths += (uint32_t)(text.data[at] - '0') * unit;
        else if (text.data[at] >= '5' && text.data[at - 4] == '.')
            thousandths++;
    }
    if (at < text.size || digits == 0 || thousandths == 0 || thousandths > most) return false;
    *boost = (double)thousandths / 1000;
    return true;
}

/* Without the punctuation that ends a sentence or a clause. */
static struct view trim_end(struct view text) {
    while (text.size > 0 && memchr(".,;:!", text.data[text.size - 1], 5))
        text.size--;
    return text;
}

/* The first ^ with a word before it; text.size when there is none (^_^ is no boost). */
static size_t find_caret(struct view text) {
    size_t length;
    bool word = false;
    for (size_t i = 0; i < text.size; i += length) {
        uint32_t character = utf8_decode(text.data + i, text.size - i, &length);
        if (word && character == '^') return i;
        word = word || lexer_is_letter(character) || lexer_is_digit(character);
    }
    return text.size;
}

static bool begins_with_caret(struct view text) {
    size_t length;
    if (text.size < 2 || text.data[0] != '^') return false;
    uint32_t next = utf8_decode(text.data + 1, text.size - 1, &length);
    return lexer_is_letter(next) || lexer_is_digit(next);
}

/* Just past the last character that is a letter, a digit or a live *: a ? before it is inside its word. */
static size_t solid_end(struct view text) {
    size_t length, end = 0;
    bool letter = false;
    for (size_t i = 0; i < text.size; i += length) {
        uint32_t character = utf8_decode(text.data + i, text.size - i, &length);
        letter = letter || lexer_is_letter(character);
        if (lexer_is_letter(character) || lexer_is_digit(character) || (character == '*' && letter)) end = i + length;
    }
    return end;
}

/* Of a keyword, which may be a number or an id, digits are as good as letters. */
static bool allows_wildcard(uint32_t character, enum word_signs signs) {
    return lexer_is_letter(character) || (signs == WORD_SIGNS_KEYWORD && lexer_is_digit(character));
}

/* *ness and ?ood: the sign, and two letters directly behind it. */
static bool begins_with_wildcard(struct view text, enum word_signs signs) {
    size_t length, at = 1;
    if (text.size == 0 || (text.data[0] != '*' && (text.data[0] != '?' || signs == WORD_SIGNS_KEYWORD))) return false;
    for (unsigned letters = 0; letters < 2; letters++, at += length) {
        if (at == text.size || !allows_wildcard(utf8_decode(text.data + at, text.size - at, &length), signs)) return false;
    }
    return true;
}

bool word_find_wildcard(struct view text, enum word_signs signs, size_t *at) {
    size_t length, solid = signs == WORD_SIGNS_KEYWORD ? 0 : solid_end(text);
    bool letter = begins_with_wildcard(text, signs);
    for (size_t i = 0; i < text.size; i += length) {
        uint32_t character = utf8_decode(text.data + i, text.size - i, &length);
        letter = letter || allows_wildcard(character, signs);
        if (!letter || (character != '*' && (character != '?' || i >= solid))) continue;
        *at = i;
        return true;
    }
    return false;
}

static bool read_pattern(struct view text, enum word_signs signs, struct word_reading *reading) {
    size_t first;
    if (!word_find_wildcard(text, signs, &first)) return false;
    size_t stars = first;
    while (stars < text.size && text.data[stars] == '*')
        stars++;
    reading->kind = stars == text.size ? AST_PREFIX : AST_WILDCARD;
    reading->text = stars == text.size ? view_of(text.data, first) : text;
    return true;
}

static bool ends_in_word_or_wildcard(struct view text) {
    if (text.size == 0) return false;
    size_t last = utf8_floor(text.data, text.size - 1), length;
    uint32_t character = utf8_decode(text.data + last, text.size - last, &length);
    return lexer_is_letter(character) || lexer_is_digit(character) || character == '*' || character == '?';
}

/* Splits text before a ~ or ~N at its end; false when there is none. */
static bool split_tilde(struct view text, struct view *base, struct view *digits) {
    size_t tilde = text.size;
    while (tilde > 0 && is_digit(text.data[tilde - 1]))
        tilde--;
    if (tilde == 0 || text.data[tilde - 1] != '~') return false;
    *base = view_of(text.data, tilde - 1);
    *digits = view_of(text.data + tilde, text.size - tilde);
    return true;
}

/* fuzy~ and fuzy~N at the end of a word without trailing punctuation. More than one ~ (so good~~) is decoration. */
static bool read_fuzzy(struct view text, enum word_signs signs, struct word_reading *reading) {
    struct view base, digits, again;
    if (!split_tilde(text, &base, &digits) || !ends_in_word_or_wildcard(base)) return false;
    if (split_tilde(base, &again, &again)) return false;
    if (read_pattern(base, signs, reading)) {
        reading->fault = "a word cannot have wildcards and ~ at once: leave out one of them";
        reading->done = "~ ignored";
        return true;
    }
    if (base.data[base.size - 1] == '*' || base.data[base.size - 1] == '?') return false;
    reading->kind = AST_FUZZY;
    reading->text = base;
    if (digits.size == 0) return true;
    (void)digits_read(digits, &reading->distance);
    if (reading->distance >= 1 && reading->distance <= AST_DISTANCE_MAX) return true;
    reading->fault = "~ after a word takes 1 or 2, as in fuzy~1";
    reading->done = reading->distance == 0 ? "read as ~1" : "read as ~2";
    reading->distance = reading->distance == 0 ? 1 : AST_DISTANCE_MAX;
    return true;
}

void word_read(struct view raw, enum word_signs signs, struct word_reading *reading) {
    struct word_reading plain = {AST_WORD, raw, 1, 0, NULL, NULL};
    struct view trimmed = trim_end(raw);
    size_t caret = find_caret(trimmed);
    *reading = plain;
    if (begins_with_caret(raw)) {
        reading->fault = "there is nothing before ^ to boost: write word^2";
        reading->done = "read as part of the word";
        return;
    }
    if (caret < trimmed.size) {
        struct view number = view_of(trimmed.data + caret + 1, trimmed.size - caret - 1);
        if (!boost_read(number, &reading->boost)) {
            reading->fault = BOOST_FAULT;
            reading->done = "read as part of the word";
            return;
        }
        reading->text = view_of(raw.data, caret);
        trimmed = trim_end(reading->text);
    }
    if (signs == WORD_SIGNS_BOOST || read_fuzzy(trimmed, signs, reading)) return;
    (void)read_pattern(trimmed, signs, reading);
}
