/* stem.c - see stem.h.
 *
 * Stems are made from forms, that is, from words without case and accents, so that "cafe" in a query meets "café" in a
 * review. Snowball's algorithms were written for accented text; most of their suffixes survive the loss, some do not. What
 * is done about it, and about what libstemmer 2.2.0 lacks:
 *   - English: possessive 's off, then the table of exceptions (stem_exceptions.c), then Snowball;
 *   - French, Italian, Catalan: an elided article or pronoun is taken off (l'hotel, dell'albergo), as Snowball 3 does;
 *   - Turkish: a suffix behind an apostrophe is taken off (Istanbul'da), and since Snowball's suffixes must harmonise with
 *     the vowels before them, dots are put back first: see restore_turkish;
 *   - other languages: a few endings get their accent back (reservée, recomendación): see endings;
 *   - what comes out is folded, so that a stem has no accents either (Serbian is stemmed to Latin with them).
 * A form with a digit, of a script without blanks, or of nothing but apostrophes is its own stem. */
#include "indexer/text/stem.h"

#include <libstemmer.h>

#include "indexer/base/memory.h"
#include "indexer/base/utf8.h"
#include "indexer/text/character.h"
#include "indexer/text/stem_exceptions.h"
#include "indexer/text/stem_memo.h"

struct stemmer {
    struct sb_stemmer *algorithms[LANGUAGE_COUNT]; /* NULL until needed */
    struct stem_exception_filter exceptions;
    struct stem_memo *memo; /* NULL: nothing is kept */
};

revue_status stemmer_create(stemmer **created, revue_error *error) {
    stemmer *made = memory_alloc_zeroed(1, sizeof *made);
    if (!made) return error_no_memory(error);
    *created = made;
    return REVUE_OK;
}

void stemmer_free(stemmer *stemmers) {
    if (!stemmers) return;
    for (int i = 0; i < LANGUAGE_COUNT; i++) {
        if (stemmers->algorithms[i]) sb_stemmer_delete(stemmers->algorithms[i]);
    }
    stem_memo_free(stemmers->memo);
    memory_free(stemmers);
}

revue_status stemmer_remember(stemmer *stemmers, revue_error *error) {
    if (!stemmers->memo) stemmers->memo = stem_memo_create();
    return stemmers->memo ? REVUE_OK : error_no_memory(error);
}

/* Letters, marks and apostrophes only, and at least one letter. */
static bool has_only_letters(struct view form) {
    bool letter = false;
    for (size_t at = 0; at < form.size;) {
        if (form.data[at] >= 'a' && form.data[at] <= 'z') {
            letter = true;
            at++;
            continue;
        }
        struct character character = character_read(form.data, (uint32_t)form.size, (uint32_t)at);
        switch (character.kind) {
        case KIND_LETTER:
        case KIND_HEBREW: letter = true; break;
        case KIND_EXTEND:
        case KIND_APOSTROPHE:
        case KIND_QUOTE: break;
        default: return false;
        }
        at += character.size;
    }
    return letter;
}

static struct view without_possessive(struct view form) {
    if (form.size > 2 && memcmp(form.data + form.size - 2, "'s", 2) == 0) form.size -= 2;
    return form;
}

/* Elided words, without their apostrophe, between blanks. */
static const char french_elisions[] = " c d j l m n s t qu jusqu lorsqu puisqu quoiqu ";
static const char catalan_elisions[] = " d l m n s t ";
static const char italian_elisions[] =
    " c d l m s t v un all dall dell nell sull coll agl dagl degl negl sugl gl quest quell bell sant ";

/* The form behind its elided article or pronoun, if it has one and two letters more. */
static struct view without_elision(struct view form, const char *elisions) {
    char padded[10] = " ";
    const char *apostrophe = memchr(form.data, '\'', form.size);
    if (!apostrophe) return form;
    size_t length = (size_t)(apostrophe - form.data);
    if (length == 0 || length + 3 > sizeof padded || form.size < length + 3) return form;
    memcpy(padded + 1, form.data, length);
    padded[length + 1] = ' ';
    padded[length + 2] = '\0';
    if (!strstr(elisions, padded)) return form;
    return view_of(form.data + length + 1, form.size - length - 1);
}

static struct view before_apostrophe(struct view form) {
    const char *apostrophe = memchr(form.data, '\'', form.size);
    if (apostrophe && apostrophe - form.data >= 2) form.size = (size_t)(apostrophe - form.data);
    return form;
}

/* Endings that Snowball knows only with the accent that folding took off, and that have no other reading. */
static const struct ending {
    enum language language;
    const char *folded, *accented;
} endings[] = {
    {LANGUAGE_CATALAN, "cio", "ció"},    {LANGUAGE_FRENCH, "ee", "ée"},         {LANGUAGE_FRENCH, "ees", "ées"},
    {LANGUAGE_PORTUGUESE, "cao", "ção"}, {LANGUAGE_PORTUGUESE, "coes", "ções"}, {LANGUAGE_SPANISH, "cion", "ción"},
};

/* Gives word its accented ending back, in restored; the word itself when it has none of them. */
static struct view restore_ending(struct view word, enum language language, char restored[2 * FORM_MAX]) {
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t size = strlen(endings[i].folded), rest = word.size - size;
        if (endings[i].language != language || word.size < size + 2) continue;
        if (memcmp(word.data + rest, endings[i].folded, size) != 0) continue;
        memcpy(restored, word.data, rest);
        memcpy(restored + rest, endings[i].accented, strlen(endings[i].accented));
        return view_of(restored, rest + strlen(endings[i].accented));
    }
    return word;
}

enum harmony { HARMONY_UNKNOWN, HARMONY_BACK, HARMONY_FRONT };

/* Whether the first vowel that tells, a or e, is of the back or the front row. */
static enum harmony first_harmony(struct view form) {
    for (size_t i = 0; i < form.size; i++) {
        if (form.data[i] == 'a') return HARMONY_BACK;
        if (form.data[i] == 'e') return HARMONY_FRONT;
    }
    return HARMONY_UNKNOWN;
}

/* Gives a Turkish form back the vowels that folding took: after a back vowel i was ı, after a front vowel u was ü (and an
 * o, which stands in first syllables only, ö). Right for words that harmonise, which is what the suffixes ask for; folding
 * takes the dots off again. Writes at most 2 bytes for one; returns the size. */
static size_t restore_turkish(struct view form, char restored[2 * FORM_MAX]) {
    enum harmony harmony = first_harmony(form);
    size_t size = 0;
    for (size_t i = 0; i < form.size; i++) {
        char byte = form.data[i];
        const char *vowel = NULL;
        if (byte == 'a') harmony = HARMONY_BACK;
        if (byte == 'e') harmony = HARMONY_FRONT;
        if (byte == 'i' && harmony == HARMONY_BACK) vowel = "\xC4\xB1";
        if (byte == 'u' && harmony == HARMONY_FRONT) vowel = "\xC3\xBC";
        if (byte == 'o' && harmony == HARMONY_FRONT) vowel = "\xC3\xB6";
        if (vowel) {
            memcpy(restored + size, vowel, 2);
            size += 2;
        } else {
            restored[size++] = byte;
        }
    }
    return size;
}

/* What is taken off before the algorithm sees the form. */
static struct view without_clitics(struct view form, enum language language) {
    switch (language) {
    case LANGUAGE_ENGLISH: return without_possessive(form);
    case LANGUAGE_FRENCH: return without_elision(form, french_elisions);
    case LANGUAGE_CATALAN: return without_elision(form, catalan_elisions);
    case LANGUAGE_ITALIAN: return without_elision(form, italian_elisions);
    case LANGUAGE_TURKISH: return before_apostrophe(form);
    default: return form;
    }
}

static size_t cut_copy(struct view from, char to[FORM_MAX]) {
    size_t size = from.size <= FORM_MAX ? from.size : utf8_floor(from.data, FORM_MAX);
    memcpy(to, from.data, size);
    return size;
}

static bool is_ascii(struct view text) {
    for (size_t i = 0; i < text.size; i++) {
        if ((uint8_t)text.data[i] >= 0x80) return false;
    }
    return true;
}

/* Snowball's stem of word, folded; false when out of memory. */
static bool snowball_stem(stemmer *stemmers, struct view word, enum language language, char stem[FORM_MAX], size_t *size) {
    char restored[2 * FORM_MAX];
    struct sb_stemmer **algorithm = &stemmers->algorithms[language];
    if (!*algorithm) *algorithm = sb_stemmer_new(language_algorithm(language), "UTF_8");
    if (!*algorithm) return false;
    if (language == LANGUAGE_TURKISH)
        word = view_of(restored, restore_turkish(word, restored));
    else
        word = restore_ending(word, language, restored);
    const sb_symbol *result = sb_stemmer_stem(*algorithm, (const sb_symbol *)word.data, (int)word.size);
    if (!result) return false;
    struct view stemmed = view_of(result, (size_t)sb_stemmer_length(*algorithm));
    *size = is_ascii(stemmed) ? cut_copy(stemmed, stem) : fold_word(stemmed, false, language, stem);
    return true;
}

static revue_status make_stem(stemmer *stemmers, struct view form, enum language language, char stem[FORM_MAX],
                              size_t *size, revue_error *error) {
    struct view word, known;
    if (form.size > FORM_MAX) form.size = utf8_floor(form.data, FORM_MAX);
    if (language <= LANGUAGE_NONE || language >= LANGUAGE_COUNT || !has_only_letters(form)) {
        *size = cut_copy(form, stem);
        return REVUE_OK;
    }
    word = without_clitics(form, language);
    if (language == LANGUAGE_ENGLISH && stem_exception_filtered(&stemmers->exceptions, word, &known)) {
        *size = cut_copy(known, stem);
        return REVUE_OK;
    }
    if (!snowball_stem(stemmers, word, language, stem, size)) return error_no_memory(error);
    if (*size == 0) *size = cut_copy(form, stem);
    return REVUE_OK;
}

revue_status stemmer_stem(stemmer *stemmers, struct view form, enum language language, char stem[FORM_MAX], size_t *size,
                          revue_error *error) {
    if (!stemmers->memo) return make_stem(stemmers, form, language, stem, size, error);
    if (stem_memo_find(stemmers->memo, form, language, stem, size)) return REVUE_OK;
    TRY(make_stem(stemmers, form, language, stem, size, error));
    stem_memo_keep(stemmers->memo, form, language, view_of(stem, *size));
    return REVUE_OK;
}
