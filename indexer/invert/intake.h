/* intake.h - texts into the log: what one worker does with a review.
 *
 * Each text becomes its sequence of symbols (the log), four bytes a word: that is at once what is stored and what is
 * inverted. Numbers of symbols are the worker's own; the lexicon of a flush brings the workers together. */
#ifndef REVUE_INVERT_INTAKE_H
#define REVUE_INVERT_INTAKE_H

#include "indexer/invert/look_ahead.h"
#include "indexer/text/analyzer.h"

#include <stdatomic.h>

/* Items of the log: two flags and a symbol. */
#define LOG_SEARCH_BIT 31u
#define LOG_SEARCH (1u << LOG_SEARCH_BIT) /* a token: takes a position */
#define LOG_STORE 0x40000000u             /* part of the stored text */
#define LOG_SYMBOL 0x3FFFFFFFu
#define LOG_TOUCH 0x3FFFFFFFu /* the words before and behind touch; without it a single blank stands between words */

struct pending_text {
    uint64_t log_start; /* in the log of the worker that took it in */
    uint32_t log_count;
    uint32_t length; /* items with LOG_SEARCH */
    struct view raw; /* kept only when word codes would not pay (text without blanks); data NULL otherwise */
};

/* One worker's. */
struct intake {
    struct vocabulary vocabulary;
    find_spans *find_spans;
    struct arena arena; /* owns the raw texts */
    uint32_t *log;
    size_t log_count, log_capacity;
    uint32_t review_count;
    struct paragraph_set *paragraphs;
    bool keep_text;
    /* As of the last intake_note_memory; other threads may look, at these alone, which are last: bytes held, and items in
     * the log (not in those bytes). */
    atomic_size_t memory, log_items;
};

revue_status intake_init(struct intake *intake, bool keep_text, revue_error *error);
void intake_free(struct intake *intake); /* zero bytes are fine */
void intake_clear(struct intake *intake);
void intake_note_memory(struct intake *intake);
void intake_settle(
    struct intake *intake); /* when all reviews are in: the counts of the vocabulary are whole from then on */

/* Takes in the fields of one review; what is kept of them is copied. After a failure the intake can only be cleared or
 * freed. Texts of 2^32 bytes and more are the caller's mistake. */
revue_status intake_review(struct intake *intake, const struct view text[FIELD_COUNT], enum language language,
                           struct pending_text pending[FIELD_COUNT], revue_error *error);

#endif
