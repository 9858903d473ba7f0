/* fingerprint.c - text_fingerprint of stem.h: did the analysis that made an index change since? */
#include "indexer/base/hash.h"
#include "indexer/text/scan.h"
#include "indexer/text/stem.h"
#include "indexer/text/stem_exceptions.h"

/* Raised when scanning, folding or stemming changes in a way that the probes below may not show. */
#define ANALYSIS_VERSION 1

/* A few words per language, with their inflections, accents and traps; scanned, folded and stemmed they show most changes
 * of the scanner, the tables, utf8proc and libstemmer. In the order of enum language. */
static const char *const probes[LANGUAGE_COUNT] = {
    "été İstanbul Ａ½ 1,000 3.5 foo_bar wi-fi &eacute;t&#233; <b>x</b> don’t 中文字 भाषा",
    "universities national relational conditionally happiness running dying news's generously skies evenings apologists",
    "الكتاب والمدرسة العربية",
    "գրքերում սիրելիները",
    "etxearen liburuak herrietan maitasunagatik",
    "les pel·lícules l'hotel cantaven nacionalitats",
    "husene bøgerne kærlighed danskernes",
    "gelukkige huizen mogelijkheden lopen",
    "taloissa kävelemässä kirjoittaminen",
    "l'hôtel été continuellement mangées chevaux",
    "Häuser aufgegessen Straßen Gemütlichkeit",
    "οι ταινίες τους ανθρώπους",
    "हिन्दी किताबें लड़कों",
    "házakban szerelmes könyvekkel",
    "memperbaiki keindahannya bukumu",
    "na leabhair fhear mbróg álaidh",
    "dell'albergo nazionalità mangiando perché",
    "namų knygose žmonėms",
    "नेपालको मानिसहरू",
    "husene bøkenes kjærligheten",
    "nações corações rapidamente",
    "cărților frumusețe și naționale",
    "красивый фильмы её любовью",
    "књигама школама",
    "canciones rápidamente niños hablándole",
    "husen böckernas kärleken",
    "புத்தகங்கள் மரத்தில்",
    "kapılarımız evlerinizden İstanbul'da gülüyorlar",
    "ביכער קינדערלעך",
};

static bool hash_exception(void *context, const char *form, const char *stem) {
    uint64_t *hash = context;
    *hash = hash_mix(hash_mix(*hash, hash_view(view_of_string(form))), hash_view(view_of_string(stem)));
    return true;
}

/* Mixes in the spans, forms and stems of one probe; false when out of memory. */
static bool hash_probe(stemmer *stemmers, enum language language, uint64_t *hash) {
    struct scanner scanner;
    struct span span;
    scanner_start(&scanner, view_of_string(probes[language]));
    while (scanner_next(&scanner, &span)) {
        char form[FORM_MAX], stem[FORM_MAX];
        size_t stem_size;
        *hash = hash_mix(*hash, (uint64_t)span.size << 8 | (uint64_t)span.kind);
        if (span.kind == SPAN_GAP) continue;
        size_t form_size = fold_word(view_of(scanner.data + span.start, span.size), span.ascii, language, form);
        if (stemmer_stem(stemmers, view_of(form, form_size), language, stem, &stem_size, NULL) != REVUE_OK) return false;
        *hash = hash_mix(hash_mix(*hash, hash_bytes(form, form_size)), hash_bytes(stem, stem_size));
    }
    return true;
}

uint64_t text_fingerprint(void) {
    stemmer *stemmers;
    uint64_t hash = ANALYSIS_VERSION;
    bool whole = true;
    if (stemmer_create(&stemmers, NULL) != REVUE_OK) return 0;
    (void)stem_exceptions_visit(hash_exception, &hash);
    for (int language = 0; language < LANGUAGE_COUNT && whole; language++) {
        whole = hash_probe(stemmers, (enum language)language, &hash);
    }
    stemmer_free(stemmers);
    if (!whole) return 0;
    return hash ? hash : 1;
}
