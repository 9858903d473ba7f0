/* look_ahead.h - the next spans of a text, with the slot of the vocabulary that each leads to on its way from memory. */
#ifndef REVUE_INVERT_LOOK_AHEAD_H
#define REVUE_INVERT_LOOK_AHEAD_H

#include "indexer/invert/vocabulary.h"
#include "indexer/text/scan.h"
#include "indexer/text/scan_window.h"

/* Spans are found until they are so many; a window may give more. */
#define SPANS_AHEAD 64u
#define SPANS_ROOM (SPANS_AHEAD + SCAN_WINDOW)

enum gap_kind {
    GAP_PLAIN,    /* or no gap at all */
    GAP_BLANK,    /* ' ' alone */
    GAP_PARAGRAPH /* a paragraph ends here */
};

/* A span on its way: found, but its symbol not looked up yet. */
struct waiting_span {
    const char *data;
    uint32_t size;
    struct span_about {
        uint8_t kind; /* enum span_kind */
        bool ascii;
        uint8_t gap;        /* enum gap_kind */
        bool blank_follows; /* a single one, and then a word: they have no span of their own */
    } about;
    struct short_symbol key; /* about is 0: nothing to be looked for */
    union {
        uint64_t hash;           /* of the key */
        struct short_slot *slot; /* when looked up; NULL: new, or of no key */
    };
};

/* How spans are looked for. */
struct look_ahead {
    struct short_look_up look_up;
    enum language language;
    bool store; /* gaps have a key as well */
};

/* A text on its way through. Its end is copied to where something may be read behind it, and scanned there. */
struct text_ahead {
    struct scanner scanner;
    bool in_tail;
    char tail[2 * (SCAN_WINDOW + SHORT_SYMBOL_MAX)]; /* zeros behind the text */
};
void text_ahead_start(struct text_ahead *text, struct view field);

/* Fills waiting, of SPANS_ROOM, with the next spans, at least one where the text has one; returns how many. They are valid
 * until the next call. */
typedef uint32_t find_spans(struct look_ahead ahead, struct text_ahead *text, struct waiting_span *waiting);

/* The ways there are to do it, the fastest that this processor can run first; NULL behind the last, which is the plain one,
 * the judge of the others. */
find_spans *find_spans_of(unsigned way);

#endif
