/* random_text.h - random text for the property tests of this folder: pieces that mean something to the scanner, and any
 * characters at all. The same seed gives the same text everywhere. */
#ifndef REVUE_TESTS_RANDOM_TEXT_H
#define REVUE_TESTS_RANDOM_TEXT_H

#include "indexer/base/utf8.h"

static inline uint32_t random_next(uint64_t *state) { /* splitmix64 (Steele, Lea, Flood 2014) */
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (uint32_t)((z ^ (z >> 31)) >> 32);
}

static inline uint32_t random_character(uint64_t *state) {
    uint32_t pick = random_next(state);
    switch (random_next(state) % 8) {
    case 0: return 0x20 + pick % 0x5F;
    case 1: return 0x80 + pick % 0x180;
    case 2: return 0x300 + pick % 0x70;
    case 3: return 0x370 + pick % 0x1C90;
    case 4: return 0x2000 + pick % 0x70;
    case 5: return 0x2070 + pick % 0xDF00;
    case 6: return 0xF900 + pick % 0x700;
    default: return 0x10000 + pick % 0x22000;
    }
}

/* Appends about count pieces. */
static inline void random_text(struct bytes *out, uint64_t *state, unsigned count) {
    static const char *const pieces[] = {
        "a",
        "Word",
        "don't",
        "don’t",
        "3.5",
        "1,000",
        "'",
        "’",
        ".",
        ",",
        ":",
        "-",
        "—",
        "_",
        " ",
        "  ",
        "\n",
        "\r\n",
        "<br />",
        "<p",
        ">",
        "<",
        "</p>",
        "<!--",
        "-->",
        "<script>",
        "</script>",
        "<style>",
        "<a href=\"",
        "\"",
        "&",
        "&amp;",
        "&eacute;",
        "&#39;",
        "&#x301;",
        "&shy;",
        "&nbsp;",
        ";",
        "é",
        "e\xCC\x81",
        "\xC2\xAD",
        "\xE2\x80\x8B",
        "\xE2\x80\x8D",
        "中",
        "文字",
        "かな",
        "ไทย",
        "กำ",
        "한국",
        "½",
        "①",
        "ß",
        "İ",
        "ı",
        "Σ",
        "ς",
        "הי",
        "״",
        "हिन्दी",
        "👍",
        "й",
        "ё",
        "ﬁ",
        "Ａ",
        "²",
        "ﾞ",
        "·",
    };
    for (unsigned i = 0; i < count; i++) {
        if (random_next(state) % 4 == 0) {
            char encoded[4];
            bytes_append(out, encoded, utf8_encode(random_character(state), encoded));
        } else {
            bytes_append_string(out, pieces[random_next(state) % (sizeof pieces / sizeof pieces[0])]);
        }
    }
}

#endif
