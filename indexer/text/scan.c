/* scan.c - see scan.h. Words as UAX #29 sees them, tailored to reviews as people write them and sites mangle them.
 *
 * A word is a run of letters and digits (and the marks that belong to them) and goes on over
 *   - an apostrophe between two letters (don't) or two digits (1'000), however it is written: ' ’ ‘ ‛ ʼ ＇ ` ´ ′ ;
 *   - '.' and ',' between two digits (3.5  1,000  v2.0), full width and Arabic ones too;
 *   - a middle dot between two letters (Catalan col·legi), a double quote or gershayim between two Hebrew letters;
 *   - soft hyphens, joiners, direction marks, byte order marks, variation selectors: Format, Extend and ZWJ of UAX #29.
 *     U+200B, the zero width space, is not among them: it separates words, as in UAX #29.
 * Where this differs from UAX #29:
 *   - '.' and ':' between letters split: great.Would, price:good, U.S.A. So do ';' between digits, and a trailing
 *     apostrophe is never part of a word (UAX #29 has U+02BC as a letter and keeps ' after a Hebrew letter).
 *   - '_' is punctuation: reviews write _Titanic_ for emphasis, and foo_bar is found as the phrase it is. Same for its
 *     kin (ExtendNumLet). '@', '#', '/', '+', '&' are punctuation as in UAX #29: C++ is c, R&D is r and d.
 *   - Hyphens and dashes split, as in UAX #29: wi-fi is two words, spin-off—Ballerina three.
 *   - Super- and subscript digits belong to their word (m², H₂O); other number characters (½ ③) are a word each. Currency
 *     and percent signs are punctuation: of $9.99 and 50% the number is the word.
 *   - Runs of scripts written without blanks (Han, kana, Thai, Lao, Khmer, Myanmar, and the rarer ones to which Unicode
 *     gives no word break class) are spans of their own kind, cut into overlapping bigrams of a character with its marks.
 *     Hangul is written in words.
 *   - Emoji are gaps: nobody searches for them in words, and as tokens they would stand between the words of a phrase.
 * Entities count as the character they stand for (caf&eacute; is one word; &lt;b&gt; is not a tag), tags as blanks: see
 * markup.c. Everything between two words is one gap.
 *
 * Speed: this is the hottest loop of the indexer. Eight bytes at a time the end of a run of ASCII letters and digits is
 * found without a branch per byte (the machine is little-endian, see bytes.h); everything else goes through a table of
 * 256 classes, and only bytes from 0x80 and '&' leave it for the table of all characters. */
#include "indexer/text/scan.h"

#include "indexer/text/character.h"

static inline bool is_word_byte(char byte) {
    return byte_kinds[(uint8_t)byte] == KIND_LETTER || byte_kinds[(uint8_t)byte] == KIND_DIGIT;
}

static inline uint32_t skip_letters_and_digits(const char *data, uint32_t size, uint32_t at) {
    while (size - at >= 8) {
        uint64_t stops = scan_stops(load_le64(data + at));
        if (stops) return at + (uint32_t)__builtin_ctzll(stops) / 8;
        at += 8;
    }
    while (at < size && is_word_byte(data[at]))
        at++;
    return at;
}

/* Are all bytes in 0x01 to 0x7F? */
static bool is_plain_ascii(const char *data, uint32_t size) {
    for (uint32_t i = 0; i < size; i++) {
        if ((signed char)data[i] <= 0) return false;
    }
    return true;
}

static inline bool is_letter(uint8_t kind) {
    return kind == KIND_LETTER || kind == KIND_HEBREW;
}

/* Does middle stand inside a word between these two? */
static inline bool joins(uint8_t left, uint8_t middle, uint8_t right) {
    switch (middle) {
    case KIND_APOSTROPHE: return (is_letter(left) && is_letter(right)) || (left == KIND_DIGIT && right == KIND_DIGIT);
    case KIND_MID_LETTER: return is_letter(left) && is_letter(right);
    case KIND_MID_NUMBER: return left == KIND_DIGIT && right == KIND_DIGIT;
    case KIND_QUOTE: return left == KIND_HEBREW && right == KIND_HEBREW;
    default: return false;
    }
}

/* One character on from at, inside a word whose last letter or digit was of kind *last: returns at when the word ends. */
static uint32_t word_step(const char *data, uint32_t size, uint32_t at, uint8_t *last, bool *ascii) {
    struct character character = character_read(data, size, at);
    uint32_t next = at + character.size;
    bool plain = character.size == 1;
    switch (character.kind) {
    case KIND_LETTER:
    case KIND_HEBREW:
    case KIND_DIGIT: *last = character.kind; break;
    case KIND_EXTEND: break;
    case KIND_APOSTROPHE:
    case KIND_MID_LETTER:
    case KIND_MID_NUMBER:
    case KIND_QUOTE: {
        uint8_t middle = character.kind;
        do {
            if (next >= size) return at;
            character = character_read(data, size, next);
            next += character.size;
            plain = plain && character.size == 1;
        } while (character.kind == KIND_EXTEND);
        if (!joins(*last, middle, character.kind)) return at;
        *last = character.kind;
        break;
    }
    default: return at;
    }
    if (!plain) *ascii = false;
    return next;
}

/* Behind the characters of more than one byte from at that go on with a word whatever follows: most of the text outside of
 * English, so it has a loop of its own. *last as for word_step. */
static inline uint32_t skip_foreign_letters(const char *data, uint32_t size, uint32_t at, uint8_t *last) {
    while (at < size && (uint8_t)data[at] >= 0x80) {
        uint32_t length;
        uint8_t kind = character_class_of(character_decode(data, size, at, &length))->kind;
        if (is_letter(kind) || kind == KIND_DIGIT)
            *last = kind;
        else if (kind != KIND_EXTEND)
            break;
        at += length;
    }
    return at;
}

/* The rest of a word; *last as for word_step. */
static inline uint32_t word_end(const char *data, uint32_t size, uint32_t at, uint8_t last, bool *ascii) {
    for (;;) {
        uint32_t next = skip_letters_and_digits(data, size, at);
        if (next >= size) return size;
        if (next > at) last = byte_kinds[(uint8_t)data[next - 1]];
        at = next;
        switch (byte_kinds[(uint8_t)data[at]]) {
        case KIND_MID_NUMBER: /* the commonest ends of a word: decided here, without a call */
            if (last != KIND_DIGIT) return at;
            break;
        case KIND_MULTIBYTE:
            next = skip_foreign_letters(data, size, at, &last);
            if (next == at) break;
            *ascii = false;
            at = next;
            continue;
        case KIND_APOSTROPHE:
        case KIND_QUOTE:
        case KIND_ENTITY: break;
        default: return at;
        }
        next = word_step(data, size, at, &last, ascii);
        if (next == at) return at;
        at = next;
    }
}

/* The end of the characters of one kind from at, and the marks on them. */
static uint32_t run_end(const char *data, uint32_t size, uint32_t at, uint8_t kind) {
    while (at < size) {
        struct character character = character_read(data, size, at);
        if (character.kind != kind && character.kind != KIND_EXTEND) break;
        at += character.size;
    }
    return at;
}

static bool starts_word(uint8_t kind) {
    return is_letter(kind) || kind == KIND_DIGIT || kind == KIND_ALONE || kind == KIND_UNSPACED;
}

/* A gap up to the next character that starts a word. */
static uint32_t gap_end(struct scanner *scanner, uint32_t at, struct span *span) {
    const char *data = scanner->data;
    uint32_t size = scanner->size;
    while (at < size) {
        uint32_t from = at;
        struct character character;
        switch (byte_kinds[(uint8_t)data[at]]) {
        case KIND_LETTER:
        case KIND_DIGIT: return at;
        case KIND_LINE_END:
            span->paragraph = true;
            at++;
            break;
        case KIND_TAG:
            at = markup_tag_end(data, size, at, &scanner->missing, &span->paragraph);
            if (at == from)
                at++;
            else if (!is_plain_ascii(data + from, at - from))
                span->ascii = false;
            break;
        case KIND_MULTIBYTE:
        case KIND_ENTITY:
            character = character_read(data, size, at);
            if (starts_word(character.kind)) return at;
            if (character.kind == KIND_LINE_END) span->paragraph = true;
            if ((uint8_t)data[at] >= 0x80) span->ascii = false;
            at += character.size;
            break;
        default:
            if (data[at] == '\0') span->ascii = false;
            at++;
        }
    }
    return at;
}

/* A span that starts with a character not of one byte. */
static uint32_t foreign_end(struct scanner *scanner, struct span *span) {
    struct character character = character_read(scanner->data, scanner->size, span->start);
    uint32_t next = span->start + character.size;
    if (!starts_word(character.kind)) return gap_end(scanner, span->start, span);
    span->ascii = false;
    if (character.kind == KIND_UNSPACED) {
        span->kind = SPAN_IDEOGRAPHS;
        return run_end(scanner->data, scanner->size, next, KIND_UNSPACED);
    }
    span->kind = SPAN_WORD;
    if (character.kind == KIND_ALONE) return run_end(scanner->data, scanner->size, next, KIND_EXTEND);
    return word_end(scanner->data, scanner->size, next, character.kind, &span->ascii);
}

void scanner_start(struct scanner *scanner, struct view field) {
    scanner->data = field.data;
    scanner->size = (uint32_t)field.size;
    scanner->at = 0;
    scanner->missing = 0;
}

bool scanner_next(struct scanner *scanner, struct span *span) {
    uint32_t at = scanner->at, end;
    if (at >= scanner->size) return false;
    span->start = at;
    span->ascii = true;
    span->paragraph = false;
    uint8_t kind = byte_kinds[(uint8_t)scanner->data[at]];
    if (kind == KIND_LETTER || kind == KIND_DIGIT) {
        span->kind = SPAN_WORD;
        end = word_end(scanner->data, scanner->size, at, kind, &span->ascii);
    } else {
        span->kind = SPAN_GAP;
        if (kind == KIND_GAP && scanner->data[at] && at + 1 < scanner->size && is_word_byte(scanner->data[at + 1])) {
            end = at + 1; /* the single blank between two words, most of the time */
        } else if (kind == KIND_MULTIBYTE || kind == KIND_ENTITY)
            end = foreign_end(scanner, span);
        else
            end = gap_end(scanner, at, span);
    }
    span->size = end - at;
    scanner->at = end;
    return true;
}

/* The end of one character and its marks. */
static uint32_t unit_end(struct view run, uint32_t at) {
    uint32_t size = (uint32_t)run.size;
    return run_end(run.data, size, at + character_read(run.data, size, at).size, KIND_EXTEND);
}

bool ideographs_next(struct view run, uint32_t *at, uint32_t *start, uint32_t *size) {
    if (*at >= run.size) return false;
    uint32_t first = unit_end(run, *at);
    uint32_t second = first < run.size ? unit_end(run, first) : first;
    *start = *at;
    *size = second - *at;
    *at = second >= run.size ? second : first;
    return true;
}
