/* scan_window.h - sixty-four bytes of a text at once, as bits: where words of ASCII begin and end, and from where on
 * somebody must look closer. Nearly all of an English text is cut by these bits alone, a few instructions a word; scan.c is
 * for the rest, and the judge of it. */
#ifndef REVUE_TEXT_SCAN_WINDOW_H
#define REVUE_TEXT_SCAN_WINDOW_H

#include "indexer/base/byte_lanes.h"
#include "indexer/base/bytes.h"

#include <stdbool.h>

#define SCAN_WINDOW 64u

/* What each byte is, by the kinds of words_table.h: bit i tells of byte i. */
struct scan_bits {
    uint64_t letters, digits;
    uint64_t apostrophes; /* stand in a word between two letters, or two digits */
    uint64_t mid_numbers; /* '.' and ',': between two digits */
    uint64_t blanks;      /* ' ' */
    uint64_t breaks;      /* zero, LINE_END, TAG: a gap with one of them is more than its bytes */
    uint64_t beyond;      /* MULTIBYTE, ENTITY */
};

/* The spans of a window that begins where a span does. Bits are told only as far as they are certain. */
struct scan_window {
    bool starts_in_word;
    bool is_cut;      /* something before the end of the window wants a closer look */
    uint64_t ends;    /* where a span ends and the next begins; a blank alone between two words is no span of its own */
    uint64_t singles; /* such blanks: where a word ends, and the next word begins one byte later */
};

/* data: SCAN_WINDOW readable bytes. */
static inline struct scan_bits scan_bits_read(const char *data) {
    struct lane_bits letters = {0}, digits = {0}, apostrophes = {0}, mid_numbers = {0}, blanks = {0}, breaks = {0},
                     beyond = {0};
    for (unsigned part = 0; part < SCAN_WINDOW / BYTE_LANES; part++) {
        const byte_lanes bytes = byte_lanes_load(data + part * BYTE_LANES), lower = bytes | 0x20;
        lane_bits_put(&letters, part, (byte_lanes)(lower - 'a' <= 'z' - 'a'));
        lane_bits_put(&digits, part, (byte_lanes)(bytes - '0' <= '9' - '0'));
        lane_bits_put(&apostrophes, part, (byte_lanes)(bytes == '\'') | (byte_lanes)(bytes == '`'));
        lane_bits_put(&mid_numbers, part, (byte_lanes)(bytes == '.') | (byte_lanes)(bytes == ','));
        lane_bits_put(&blanks, part, (byte_lanes)(bytes == ' '));
        lane_bits_put(&breaks, part,
                      (byte_lanes)(bytes == 0) | (byte_lanes)(bytes == '\n') | (byte_lanes)(bytes == '\r') |
                          (byte_lanes)(bytes == '<'));
        lane_bits_put(&beyond, part, (byte_lanes)(bytes >= 0x80) | (byte_lanes)(bytes == '&'));
    }
    return (struct scan_bits){lane_bits_word(&letters),     lane_bits_word(&digits), lane_bits_word(&apostrophes),
                              lane_bits_word(&mid_numbers), lane_bits_word(&blanks), lane_bits_word(&breaks),
                              lane_bits_word(&beyond)};
}

/* A byte beyond is certain of nothing: the word or gap before it may go on, and so may a word before an apostrophe before
 * it. Behind a break the gap it lies in may end anywhere. What the last byte is depends on the one behind it; and a word
 * before a blank before that is left to the next window, which sees whether the blank is alone. */
static inline struct scan_window scan_window_of(struct scan_bits bits) {
    const uint64_t within_letters = bits.letters << 1 & bits.letters >> 1,
                   within_digits = bits.digits << 1 & bits.digits >> 1;
    const uint64_t joining = (bits.apostrophes & (within_letters | within_digits)) | (bits.mid_numbers & within_digits);
    const uint64_t words = bits.letters | bits.digits | joining, last = (uint64_t)1 << (SCAN_WINDOW - 1);
    const uint64_t uncertain = bits.beyond | (bits.beyond >> 1 & (bits.apostrophes | bits.mid_numbers)) | bits.breaks << 1 |
                               (bits.blanks & last >> 1) | last;
    const uint64_t certain = (uncertain - 1) & ~uncertain; /* all below the first uncertain one */
    const uint64_t changes = (words ^ (words << 1 | (words & 1))) & certain;
    const uint64_t singles = bits.blanks & changes & changes >> 1;
    return (struct scan_window){words & 1, certain < (last >> 1) - 1, changes & ~(singles << 1), singles};
}

#endif
