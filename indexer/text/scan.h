/* scan.h - from the bytes of a field to words and what stands between them.
 *
 * The scanner cuts a field into spans that follow each other without a hole: joined together they are the field again.
 * Words are those of UAX #29 (Unicode 15.0) with this tailoring: '.' and ':' between letters split (great.Would is two
 * words; 3.5 and 1,000 stay one), '_' and hyphens split; the head of scan.c has the whole list. Markup is seen through:
 * tags and comments belong to the gap around them (<script> and <style> with their content), an entity counts as the
 * character it stands for, a soft hyphen or zero-width character inside a word does not end it. */
#ifndef REVUE_TEXT_SCAN_H
#define REVUE_TEXT_SCAN_H

#include "indexer/base/bytes.h"
#include "indexer/text/words_table.h"

enum span_kind {
    SPAN_GAP,       /* blanks, punctuation, markup: never searched */
    SPAN_WORD,      /* one word: one token */
    SPAN_IDEOGRAPHS /* a run of a script written without blanks: tokens are its overlapping bigrams */
};
struct span {
    uint32_t start, size; /* bytes of the field; size > 0 */
    enum span_kind kind;
    bool ascii;     /* only bytes 0x01 to 0x7F, and (a word) no entity: may be folded bytewise */
    bool paragraph; /* SPAN_GAP: a paragraph ends here (a line end, <p>, <br>, <div>, <li> ...) */
};
struct scanner {
    const char *data;
    uint32_t size, at;
    uint8_t missing; /* enum markup_missing: keeps unclosed comments and scripts linear */
};

/* data must be valid UTF-8 and at most UINT32_MAX bytes; it may hold zero bytes. Never allocates, never fails. */
void scanner_start(struct scanner *scanner, struct view field);
bool scanner_next(struct scanner *scanner, struct span *span); /* false at the end */

/* The high bit of every byte that is not an ASCII letter or digit. Bytes below 0x80 cannot carry into their neighbour: the
 * largest sum is 0x7F + 0x50. */
static inline uint64_t scan_stops(uint64_t bytes) {
    const uint64_t each = 0x0101010101010101u, high = each * 0x80;
    uint64_t plain = bytes & ~high, lower = plain | each * 0x20;
    uint64_t letters = (lower + each * (0x80 - 'a')) & ~(lower + each * (0x7F - 'z'));
    uint64_t digits = (plain + each * (0x80 - '0')) & ~(plain + each * (0x7F - '9'));
    return (~(letters | digits) | bytes) & high;
}

/* UAX #29 without any tailoring or markup, for the conformance test: the end of the word segment that starts at. */
uint32_t scan_uax29_next(const char *data, uint32_t size, uint32_t at);

/* The tokens of an ideograph run: [*start, *start + *size) of the run is the next bigram (a run of one character is its
 * own token), advancing *at from 0. False at the end. */
bool ideographs_next(struct view run, uint32_t *at, uint32_t *start, uint32_t *size);

#endif
