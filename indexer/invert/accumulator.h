/* accumulator.h - reviews waiting to become a segment.
 *
 * Each text is kept as its sequence of symbols (the log), four bytes a word: that is at once what is stored and what is
 * inverted. When the log and the vocabulary near the memory allowed, flush.c turns all of it into one segment. */
#ifndef REVUE_INVERT_ACCUMULATOR_H
#define REVUE_INVERT_ACCUMULATOR_H

#include "indexer/invert/vocabulary.h"
#include "indexer/review/review.h"
#include "indexer/text/analyzer.h"

/* Items of the log: two flags and a symbol. */
#define LOG_SEARCH 0x80000000u /* a token: takes a position */
#define LOG_STORE 0x40000000u  /* part of the stored text */
#define LOG_SYMBOL 0x3FFFFFFFu
#define LOG_TOUCH 0x3FFFFFFFu /* the words before and behind touch; without it a single blank stands between words */

/* A value of a declared column, converted. */
struct pending_extra {
    uint16_t column;
    bool is_integer; /* dates and keyword numbers; else number */
    int64_t integer;
    double number;
};
/* What the columns of a review hold. Keyword numbers are index-wide (keywords.h). */
struct pending_values {
    bool has_rating, has_votes, has_lang, has_product, has_author;
    double rating, votes;
    double rating_max; /* the scale when it is known, else 0: recognised from the source at the end */
    struct review_date date;
    uint32_t lang, product, author; /* keyword numbers */
    const uint32_t *tags;
    uint32_t tag_count;
    const struct pending_extra *extras;
    uint32_t extra_count;
    uint32_t source, run, column_hash;
};
struct pending_text {
    uint64_t log_start;
    uint32_t log_count;
    uint32_t length; /* items with LOG_SEARCH */
    struct view raw; /* kept only when word codes would not pay (text without blanks); data NULL otherwise */
};
struct pending_review {
    struct view id, product, url; /* in the accumulator's arena */
    uint64_t text_hash;
    struct pending_text text[FIELD_COUNT];
    struct pending_values values;
};
struct accumulator {
    struct vocabulary vocabulary;
    struct arena arena;
    uint32_t *log;
    size_t log_count, log_capacity;
    struct pending_review *reviews;
    size_t review_count, review_capacity;
    uint64_t token_count; /* items with LOG_SEARCH */
    uint64_t text_bytes;  /* title and body */
    bool keep_text;
    struct paragraph_set *paragraphs;
};

revue_status accumulator_init(struct accumulator *accumulator, bool keep_text, revue_error *error);
void accumulator_free(struct accumulator *accumulator);
void accumulator_clear(struct accumulator *accumulator); /* after a flush */
/* Takes a review in; everything is copied. Texts of 2^32 bytes and more are the caller's mistake. After a failure the
 * accumulator can only be cleared or freed. */
revue_status accumulator_add(struct accumulator *accumulator, const struct review *review, struct view id,
                             enum language language, uint64_t text_hash, const struct pending_values *values,
                             revue_error *error);
/* Bytes held now, with what a flush of it will need on top. */
size_t accumulator_memory(const struct accumulator *accumulator);

#endif
