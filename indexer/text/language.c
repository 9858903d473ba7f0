/* language.c - see language.h. One table: number, libstemmer's name, ISO 639 codes, English names. */
#include "indexer/text/language.h"

struct language_names {
    const char *code;      /* ISO 639-1 */
    const char *algorithm; /* libstemmer's; NULL for languages we know by name only */
    const char *others;    /* further codes and English names in lower case, blanks around each */
};

/* In the order of enum language; then languages without a stemmer, so that their names are at least known as such. */
static const struct language_names table[] = {
    {"und", NULL, " none unknown undetermined mul zxx "},
    {"en", "english", " eng english "},
    {"ar", "arabic", " ara arb arabic "},
    {"hy", "armenian", " hye arm armenian "},
    {"eu", "basque", " eus baq basque "},
    {"ca", "catalan", " cat catalan valencian "},
    {"da", "danish", " dan danish "},
    {"nl", "dutch", " nld dut dutch flemish "},
    {"fi", "finnish", " fin finnish "},
    {"fr", "french", " fra fre french "},
    {"de", "german", " deu ger german "},
    {"el", "greek", " ell gre greek "},
    {"hi", "hindi", " hin hindi "},
    {"hu", "hungarian", " hun hungarian "},
    {"id", "indonesian", " ind indonesian in "},
    {"ga", "irish", " gle irish "},
    {"it", "italian", " ita italian "},
    {"lt", "lithuanian", " lit lithuanian "},
    {"ne", "nepali", " nep npi nepali "},
    {"no", "norwegian", " nor nb nob nn nno norwegian bokmal nynorsk "},
    {"pt", "portuguese", " por portuguese "},
    {"ro", "romanian", " ron rum romanian mo mol moldavian "},
    {"ru", "russian", " rus russian "},
    {"sr", "serbian", " srp scc serbian "},
    {"es", "spanish", " spa spanish castilian "},
    {"sv", "swedish", " swe swedish "},
    {"ta", "tamil", " tam tamil "},
    {"tr", "turkish", " tur turkish "},
    {"yi", "yiddish", " yid ji yiddish "},
    {"", NULL,
     " afrikaans albanian azerbaijani belarusian bengali bosnian bulgarian burmese chinese croatian czech"
     " esperanto estonian filipino galician georgian hebrew icelandic japanese khmer korean lao latin latvian"
     " macedonian malay maltese mongolian persian polish slovak slovenian swahili tagalog thai ukrainian urdu"
     " vietnamese welsh "},
};

_Static_assert(sizeof table / sizeof table[0] == LANGUAGE_COUNT + 1, "one row for each language, and the last");

#define NAME_BYTES 16 /* longer than every name of the table */

static char lower(char byte) {
    return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
}

static bool is_letter(char byte) {
    return lower(byte) >= 'a' && lower(byte) <= 'z';
}

static bool is_separator(char byte) {
    return byte == '-' || byte == '_';
}

/* Two or three letters, then subtags of one to eight letters and digits: what RFC 5646 asks of a tag's shape, with '_' for
 * '-' as locale names have it. A ".UTF-8" behind a locale is not a tag's. */
static bool is_well_formed(struct view tag) {
    size_t at = 0, subtag = 0;
    while (at < tag.size && is_letter(tag.data[at]))
        at++;
    if (at < 2 || at > 3) return false;
    for (; at < tag.size; at++) {
        char byte = tag.data[at];
        if (is_separator(byte)) {
            if (subtag == 1) return false;
            subtag = 1; /* its separator counts as one */
        } else if (!is_letter(byte) && (byte < '0' || byte > '9')) {
            return false;
        } else if (subtag == 0 || ++subtag > 9) {
            return false;
        }
    }
    return subtag != 1;
}

/* The row whose code or names hold the lower-case word of that size; LANGUAGE_COUNT + 1 when none does. */
static size_t find_row(struct view word) {
    char padded[NAME_BYTES + 3] = " ";
    size_t row = 0;
    if (word.size == 0 || word.size > NAME_BYTES) return LANGUAGE_COUNT + 1;
    for (size_t i = 0; i < word.size; i++) {
        if (!is_letter(word.data[i])) return LANGUAGE_COUNT + 1;
        padded[1 + i] = lower(word.data[i]);
    }
    padded[1 + word.size] = '\0';
    for (; row <= LANGUAGE_COUNT && strcmp(table[row].code, padded + 1) != 0; row++)
        continue;
    if (row <= LANGUAGE_COUNT) return row;
    padded[1 + word.size] = ' ';
    padded[2 + word.size] = '\0';
    for (row = 0; row <= LANGUAGE_COUNT && !strstr(table[row].others, padded); row++)
        continue;
    return row;
}

enum language language_of_tag(struct view tag, bool *known) {
    size_t size = 0;
    while (size < tag.size && !is_separator(tag.data[size]))
        size++;
    size_t row = find_row(view_of(tag.data, size));
    bool found = row <= LANGUAGE_COUNT && (size == tag.size || size <= 3);
    if (known) *known = found ? size == tag.size || is_well_formed(tag) : is_well_formed(tag);
    return found && row < LANGUAGE_COUNT ? (enum language)row : LANGUAGE_NONE;
}

const char *language_code(enum language language) {
    return language >= 0 && language < LANGUAGE_COUNT ? table[language].code : table[LANGUAGE_NONE].code;
}

const char *language_algorithm(enum language language) {
    return language >= 0 && language < LANGUAGE_COUNT ? table[language].algorithm : NULL;
}
