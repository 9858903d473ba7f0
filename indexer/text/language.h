/* language.h - the languages that have a stemmer, by their number in the index. */
#ifndef REVUE_TEXT_LANGUAGE_H
#define REVUE_TEXT_LANGUAGE_H

#include "indexer/base/bytes.h"

/* Numbers are part of the format: append, never renumber. LANGUAGE_NONE stems nothing (Chinese, Thai, unknown tags). */
enum language {
    LANGUAGE_NONE,
    LANGUAGE_ENGLISH,
    LANGUAGE_ARABIC,
    LANGUAGE_ARMENIAN,
    LANGUAGE_BASQUE,
    LANGUAGE_CATALAN,
    LANGUAGE_DANISH,
    LANGUAGE_DUTCH,
    LANGUAGE_FINNISH,
    LANGUAGE_FRENCH,
    LANGUAGE_GERMAN,
    LANGUAGE_GREEK,
    LANGUAGE_HINDI,
    LANGUAGE_HUNGARIAN,
    LANGUAGE_INDONESIAN,
    LANGUAGE_IRISH,
    LANGUAGE_ITALIAN,
    LANGUAGE_LITHUANIAN,
    LANGUAGE_NEPALI,
    LANGUAGE_NORWEGIAN,
    LANGUAGE_PORTUGUESE,
    LANGUAGE_ROMANIAN,
    LANGUAGE_RUSSIAN,
    LANGUAGE_SERBIAN,
    LANGUAGE_SPANISH,
    LANGUAGE_SWEDISH,
    LANGUAGE_TAMIL,
    LANGUAGE_TURKISH,
    LANGUAGE_YIDDISH,
    LANGUAGE_COUNT
};

/* From a BCP 47 tag in any case ("en", "en-US", "zh_Hans"), a three-letter code, or an English name ("German").
 * LANGUAGE_NONE for a language without a stemmer; *known (may be NULL) tells whether the tag is at least well-formed. */
enum language language_of_tag(struct view tag, bool *known);
const char *language_code(enum language language);      /* "en" ...; "und" for LANGUAGE_NONE */
const char *language_algorithm(enum language language); /* libstemmer's name, NULL for LANGUAGE_NONE */

#endif
