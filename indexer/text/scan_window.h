/* scan_window.h - sixty-four bytes of a text at once, as bits: where words of ASCII run, and where somebody must look
 * closer. Most of an English text is cut by these bits alone, a few instructions a word; scan.c is for the rest, and the
 * judge of it. */
#ifndef REVUE_TEXT_SCAN_WINDOW_H
#define REVUE_TEXT_SCAN_WINDOW_H

#include "indexer/base/byte_lanes.h"
#include "indexer/base/bytes.h"

#define SCAN_WINDOW 64u

/* Bit i tells of byte i. By the kinds of words_table.h: */
struct scan_window {
    uint64_t words;  /* LETTER, DIGIT */
    uint64_t joins;  /* a word before it may go on: APOSTROPHE, MID_NUMBER, QUOTE, ENTITY, MULTIBYTE */
    uint64_t breaks; /* in a gap it is more than a byte of the gap: zero, LINE_END, TAG, ENTITY, MULTIBYTE */
};

/* data: SCAN_WINDOW readable bytes. */
static inline struct scan_window scan_window_read(const char *data) {
    struct lane_bits word_bits = {0}, join_bits = {0}, break_bits = {0};
    for (unsigned part = 0; part < SCAN_WINDOW / BYTE_LANES; part++) {
        byte_lanes bytes = byte_lanes_load(data + part * BYTE_LANES);
        byte_lanes lower = bytes | 0x20;
        byte_lanes words = (byte_lanes)(lower - 'a' <= 'z' - 'a') | (byte_lanes)(bytes - '0' <= '9' - '0');
        byte_lanes beyond = (byte_lanes)(bytes >= 0x80) | (byte_lanes)(bytes == '&');
        byte_lanes joins = (byte_lanes)(bytes == '\'') | (byte_lanes)(bytes == '`') | (byte_lanes)(bytes == '"') |
                           (byte_lanes)(bytes == ',') | (byte_lanes)(bytes == '.') | beyond;
        byte_lanes breaks = (byte_lanes)(bytes == 0) | (byte_lanes)(bytes == '\n') | (byte_lanes)(bytes == '\r') |
                            (byte_lanes)(bytes == '<') | beyond;
        lane_bits_put(&word_bits, part, words);
        lane_bits_put(&join_bits, part, joins);
        lane_bits_put(&break_bits, part, breaks);
    }
    return (struct scan_window){lane_bits_word(&word_bits), lane_bits_word(&join_bits), lane_bits_word(&break_bits)};
}

/* May the word that ends before this byte, one of joins, go on behind it? '.' and ',' stand inside numbers only. */
static inline bool scan_may_join(char last, char byte) {
    return last <= '9' || (byte != '.' && byte != ',');
}

#endif
