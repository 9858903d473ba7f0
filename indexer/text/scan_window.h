/* scan_window.h - sixty-four bytes of a text at once, as bits: where words of ASCII run, and where somebody must look
 * closer. Most of an English text is cut by these bits alone, a few instructions a word; scan.c is for the rest, and the
 * judge of it. */
#ifndef REVUE_TEXT_SCAN_WINDOW_H
#define REVUE_TEXT_SCAN_WINDOW_H

#include "indexer/base/bytes.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define SCAN_WINDOW 64u

/* Bit i tells of byte i. By the kinds of words_table.h: */
struct scan_window {
    uint64_t words;  /* LETTER, DIGIT */
    uint64_t joins;  /* a word before it may go on: APOSTROPHE, MID_NUMBER, QUOTE, ENTITY, MULTIBYTE */
    uint64_t breaks; /* in a gap it is more than a byte of the gap: zero, LINE_END, TAG, ENTITY, MULTIBYTE */
};

typedef uint8_t scan_lanes __attribute__((vector_size(16)));

/* One bit a lane, of lanes that are all ones or all zeros. */
static inline uint64_t scan_lane_bits(scan_lanes lanes) {
#ifdef __SSE2__
    return (uint64_t)(uint32_t)_mm_movemask_epi8((__m128i)lanes);
#else
    /* The product gathers one bit of each of eight bytes in its highest byte. */
    const uint64_t each = 0x0101010101010101u, gather = 0x0102040810204080u;
    uint64_t halves[2];
    memcpy(halves, &lanes, sizeof halves);
    return (halves[0] & each) * gather >> 56 | ((halves[1] & each) * gather >> 56) << 8;
#endif
}

/* data: SCAN_WINDOW readable bytes. */
static inline struct scan_window scan_window_read(const char *data) {
    struct scan_window window = {0, 0, 0};
    for (unsigned at = 0; at < SCAN_WINDOW; at += sizeof(scan_lanes)) {
        scan_lanes bytes;
        memcpy(&bytes, data + at, sizeof bytes);
        scan_lanes lower = bytes | 0x20;
        scan_lanes words = (scan_lanes)(lower - 'a' <= 'z' - 'a') | (scan_lanes)(bytes - '0' <= '9' - '0');
        scan_lanes beyond = (scan_lanes)(bytes >= 0x80) | (scan_lanes)(bytes == '&');
        scan_lanes joins = (scan_lanes)(bytes == '\'') | (scan_lanes)(bytes == '`') | (scan_lanes)(bytes == '"') |
                           (scan_lanes)(bytes == ',') | (scan_lanes)(bytes == '.') | beyond;
        scan_lanes breaks = (scan_lanes)(bytes == 0) | (scan_lanes)(bytes == '\n') | (scan_lanes)(bytes == '\r') |
                            (scan_lanes)(bytes == '<') | beyond;
        window.words |= scan_lane_bits(words) << at;
        window.joins |= scan_lane_bits(joins) << at;
        window.breaks |= scan_lane_bits(breaks) << at;
    }
    return window;
}

/* May the word that ends before this byte, one of joins, go on behind it? '.' and ',' stand inside numbers only. */
static inline bool scan_may_join(char last, char byte) {
    return last <= '9' || (byte != '.' && byte != ',');
}

#endif
