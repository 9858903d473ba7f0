/* fold.c - see fold.h.
 *
 * A form is made character by character:
 *   1. entities are decoded; default-ignorable characters (soft hyphen, joiners, direction marks, variation selectors) and
 *      middle dots (Catalan col·legi is collegi) are dropped; every apostrophe becomes ' and a Hebrew double quote U+05F4;
 *   2. full case folding (ß becomes ss, final sigma σ) and decomposition, by utf8proc. Compatibility decomposition (full
 *      width, ligatures, superscripts) only where it gives nothing but characters of words: ½ stays ½ and does not become
 *      "1⁄2", ⒈ does not become "1.";
 *   3. letters without a decomposition that readers type as others: æ ae, œ oe, ø o, ł l, đ ð d, þ th, ħ h, ŧ t, ŋ n, ı i;
 *   4. marks are dropped after Latin, Greek and Cyrillic letters and ASCII digits. Not after others, where they are vowels
 *      (Indic), and not where the Cyrillic letter with its mark is another letter: й ў ї ѓ ќ; ё becomes е;
 *   5. canonical order and composition: a form is in NFC, and folding it again changes nothing.
 * What cannot stand in a word (blanks, punctuation) is dropped, so a form holds neither.
 *
 * Turkish has ı and i: "Kapı" is written KAPI in capitals and kapi on a keyboard without ı. As ş, ğ and the rest lose
 * their marks for everyone, ı does too, in every language: I, İ, ı and i are one letter in a form. Turkish loses the
 * difference of some pairs (sınır, sinir); in return a word is found however it was typed, and a query needs no language.
 * That is also why no rule here looks at the language. don't and dont are two forms: the apostrophe is kept. */
#include "indexer/text/fold.h"

#include <utf8proc.h>

#include "indexer/base/utf8.h"
#include "indexer/text/character.h"

/* Decomposed, a form of FORM_MAX bytes has at most 4 characters for each of at most 255: more than this can be dropped. */
#define CHARACTERS_MAX 1056
#define EXPANSION_MAX 32 /* characters one character decomposes to: 18 at most (U+FDFA) */

struct folding {
    utf8proc_int32_t characters[CHARACTERS_MAX];
    utf8proc_ssize_t count;
    uint32_t base; /* the last character that is no mark; 0 at the start */
};

/* ASCII in ASCII out; 0 for what is dropped. */
static inline char fold_byte(char byte) {
    switch (byte_kinds[(uint8_t)byte]) {
    case KIND_LETTER: return (char)(byte | 0x20);
    case KIND_DIGIT:
    case KIND_MID_NUMBER: return byte;
    case KIND_APOSTROPHE: return '\'';
    default: return 0;
    }
}

static size_t fold_ascii(struct view word, char form[FORM_MAX]) {
    size_t size = 0;
    for (size_t i = 0; i < word.size && size < FORM_MAX; i++) {
        char folded = fold_byte(word.data[i]);
        form[size] = folded;
        size += folded != 0;
    }
    return size;
}

/* The ASCII letters for a Latin letter that no decomposition leads to them; NULL for others. Input is case-folded. */
static const char *plain_letters(uint32_t character) {
    switch (character) {
    case 0xE6: return "ae";
    case 0xF0:
    case 0x111: return "d";
    case 0xF8: return "o";
    case 0xFE: return "th";
    case 0x127: return "h";
    case 0x131: return "i";
    case 0x142: return "l";
    case 0x14B: return "n";
    case 0x153: return "oe";
    case 0x167: return "t";
    default: return NULL;
    }
}

/* Is this mark part of another Cyrillic letter than its base? Breve on и and у, diaeresis on і, acute on г and к. */
static bool makes_cyrillic_letter(uint32_t base, uint32_t mark) {
    return (mark == 0x306 && (base == 0x438 || base == 0x443)) || (mark == 0x308 && base == 0x456) ||
           (mark == 0x301 && (base == 0x433 || base == 0x43A));
}

static bool is_mark(uint32_t character) {
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)character);
    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC || category == UTF8PROC_CATEGORY_ME;
}

static bool is_dropped(uint32_t character, uint8_t kind) {
    switch (kind) {
    case KIND_GAP:
    case KIND_LINE_END:
    case KIND_TAG:
    case KIND_ENTITY:
    case KIND_MID_LETTER: return true;
    case KIND_EXTEND:
        if (character >= 0x55B && character <= 0x55E) return true; /* Armenian stress, exclamation, question */
        break;
    default: break;
    }
    return utf8proc_get_property((utf8proc_int32_t)character)->ignorable;
}

/* Do marks on this base carry no meaning for search? */
static bool loses_marks(uint32_t base) {
    return base != 0 && (base < 0x80 || character_class_of(base)->script != SCRIPT_OTHER);
}

/* Steps 3 and 4 for one case-folded, decomposed character. */
static void push(struct folding *folding, uint32_t character) {
    uint8_t kind = character_class_of(character)->kind;
    if (is_dropped(character, kind)) return;
    if (kind == KIND_APOSTROPHE) character = '\'';
    if (kind == KIND_QUOTE) character = 0x5F4;
    if (is_mark(character)) {
        if (loses_marks(folding->base) && !makes_cyrillic_letter(folding->base, character)) return;
    } else {
        folding->base = character;
    }
    const char *letters = plain_letters(character);
    if (!letters) {
        folding->characters[folding->count++] = (utf8proc_int32_t)character;
        return;
    }
    for (; *letters; letters++) {
        folding->characters[folding->count++] = *letters;
        folding->base = (uint32_t)*letters;
    }
}

/* May these stand for the one character they were decomposed from? A lone '.' may (full width), one among others not. */
static bool only_word_characters(const utf8proc_int32_t *characters, utf8proc_ssize_t count) {
    for (utf8proc_ssize_t i = 0; i < count; i++) {
        switch (character_class_of((uint32_t)characters[i])->kind) {
        case KIND_LETTER:
        case KIND_HEBREW:
        case KIND_DIGIT:
        case KIND_EXTEND:
        case KIND_UNSPACED:
        case KIND_APOSTROPHE:
        case KIND_MID_LETTER: break;
        case KIND_MID_NUMBER:
            if (count == 1) break;
            return false;
        default: return false;
        }
    }
    return true;
}

/* Step 2 for one character. */
static void push_folded(struct folding *folding, uint32_t character) {
    utf8proc_int32_t parts[EXPANSION_MAX];
    int boundary = 0;
    utf8proc_option_t canonical = UTF8PROC_CASEFOLD | UTF8PROC_DECOMPOSE, compatible = canonical | UTF8PROC_COMPAT;
    utf8proc_int32_t code = (utf8proc_int32_t)character;
    utf8proc_ssize_t count = utf8proc_decompose_char(code, parts, EXPANSION_MAX, compatible, &boundary);
    if (count < 0 || count > EXPANSION_MAX || !only_word_characters(parts, count)) {
        count = utf8proc_decompose_char(code, parts, EXPANSION_MAX, canonical, &boundary);
    }
    if (count < 0 || count > EXPANSION_MAX) {
        push(folding, character);
        return;
    }
    for (utf8proc_ssize_t i = 0; i < count; i++)
        push(folding, (uint32_t)parts[i]);
}

/* Canonical order: marks after one base by combining class, those of one class as they came. */
static void order_marks(struct folding *folding) {
    for (utf8proc_ssize_t i = 1; i < folding->count; i++) {
        utf8proc_int32_t moved = folding->characters[i];
        utf8proc_propval_t class = utf8proc_get_property(moved)->combining_class;
        utf8proc_ssize_t to = i;
        if (class == 0) continue;
        while (to > 0 && utf8proc_get_property(folding->characters[to - 1])->combining_class > class) {
            folding->characters[to] = folding->characters[to - 1];
            to--;
        }
        folding->characters[to] = moved;
    }
}

static size_t write_form(struct folding *folding, char form[FORM_MAX]) {
    size_t size = 0;
    order_marks(folding);
    utf8proc_option_t options = UTF8PROC_COMPOSE | UTF8PROC_STABLE;
    utf8proc_ssize_t composed = utf8proc_normalize_utf32(folding->characters, folding->count, options);
    if (composed >= 0) folding->count = composed;
    for (utf8proc_ssize_t i = 0; i < folding->count; i++) {
        char bytes[4];
        size_t length = utf8_encode((uint32_t)folding->characters[i], bytes);
        if (size + length > FORM_MAX) break;
        memcpy(form + size, bytes, length);
        size += length;
    }
    return size;
}

size_t fold_word(struct view word, bool ascii, enum language language, char form[FORM_MAX]) {
    (void)language; /* see above: no rule depends on it */
    if (ascii) return fold_ascii(word, form);
    struct folding folding;
    folding.count = 0;
    folding.base = 0;
    for (uint32_t at = 0; at < word.size && folding.count <= CHARACTERS_MAX - EXPANSION_MAX;) {
        struct character character = character_read(word.data, (uint32_t)word.size, at);
        if (character.code == '"') {
            push(&folding, character.code);
        } else if (character.code < 0x80) {
            char folded = fold_byte((char)character.code);
            if (folded) push(&folding, (uint32_t)folded);
        } else {
            push_folded(&folding, character.code);
        }
        at += character.size;
    }
    return write_form(&folding, form);
}
