/* accumulator.h - reviews waiting to become a segment.
 *
 * Reviews are collected in batches. Without threads of its own a review is taken in at once, by the caller; with some its
 * texts are copied into the batch, which any of them takes in while the caller reads on: the order of reviews is that of
 * accumulator_add, whoever did the work. The caller never takes a batch in while it reads, it waits when too many are
 * under way. flush.c turns all of it into one segment, and there the caller is one worker more.
 *
 * When is it full? By a rule that knows the input and --memory only: every review has a cost, worked out from its bytes
 * before anyone takes it in (what it will take in the log, and for itself), and the segment ends with the review that makes
 * the sum pass ACCUMULATOR_SHARE of the memory that is left when the program, the store, the buffers and what the caller
 * holds have theirs. So the same archive gives the same segments with any number of threads. A flush places its tokens in
 * passes of ACCUMULATOR_PASS_SHARE. The rest is for vocabularies, one a thread: fewer threads are used than allowed where
 * the memory does not carry them.
 *
 * One exception: archives whose words do not repeat (made-up ones, or very many languages) can fill the vocabularies faster
 * than their bytes tell. When what is really held, with what a flush of it will take, would pass all the memory, the
 * segment ends early, and then the number of threads may show in where segments end. Nothing else ever depends on it. */
#ifndef REVUE_INVERT_ACCUMULATOR_H
#define REVUE_INVERT_ACCUMULATOR_H

#include "indexer/invert/intake.h"
#include "indexer/invert/workers.h"

#define ACCUMULATOR_SHARE 0.4
#define ACCUMULATOR_PASS_SHARE 0.125
#define ACCUMULATOR_OTHERS ((size_t)24 << 20) /* for all but the reviews; at most half of the memory */
#define ACCUMULATOR_WORKER ((size_t)48 << 20) /* memory that carries a thread, the caller's first */
#define ACCUMULATOR_HELPED                                                                                                 \
    ((size_t)48 << 20) /* of the run: it carries a thread that takes no texts in, but helps to flush */

/* A value of a declared column, converted. */
struct pending_extra {
    uint16_t column;
    bool is_integer; /* dates and keyword numbers; else number */
    int64_t integer;
    double number;
};
/* What the columns of a review hold. Keyword numbers are index-wide (keywords.h). */
struct pending_values {
    bool has_rating, has_stars, has_votes, has_lang, has_product, has_author;
    double rating, votes;
    double stars;      /* when they are known already (compact); else worked out from rating and its scale */
    double rating_max; /* the scale when it is known, else 0: recognised from the source at the end */
    struct review_date date;
    uint32_t lang, product, author; /* keyword numbers */
    const uint32_t *tags;
    uint32_t tag_count;
    const struct pending_extra *extras;
    uint32_t extra_count;
    uint32_t source, run, column_hash;
};
struct pending_review {
    struct view id, product, url; /* in its batch */
    uint64_t text_hash;
    unsigned worker; /* in whose log the texts are */
    struct pending_text text[FIELD_COUNT];
    struct pending_values values;
};

struct accumulator_options {
    bool keep_text;
    size_t memory_bytes; /* of the whole run */
    unsigned threads;    /* beside the caller's; fewer are used when the memory does not carry them. 0: none */
    size_t batch_bytes;  /* of text; 0: as is best */
};
struct accumulator {
    struct accumulator_options options;
    workers *workers;
    unsigned worker_count;             /* that take texts in, the caller counted: their numbers are below it */
    struct intake *intakes;            /* by worker; zero bytes until it first has work */
    struct batch **batches;            /* in order; the last one is being filled */
    struct waiting_texts *spare_texts; /* of batches that were taken in */
    size_t batch_count, batch_capacity, batches_done;
    size_t review_count;
    uint64_t text_bytes;           /* title and body */
    size_t review_cost, text_cost; /* bytes, as foreseen */
    size_t held_elsewhere;         /* by the caller, which sets it: from the input alone, so that segments do not vary */
};

revue_status accumulator_init(struct accumulator *accumulator, const struct accumulator_options *options,
                              revue_error *error);
void accumulator_free(struct accumulator *accumulator);  /* zero bytes are fine */
void accumulator_clear(struct accumulator *accumulator); /* after a flush, or a failure */
/* Takes a review in; everything is copied. Texts of 2^32 bytes and more are the caller's mistake. After a failure, which
 * may be that of an earlier review, the accumulator can only be cleared or freed. */
revue_status accumulator_add(struct accumulator *accumulator, const struct review *review, struct view id,
                             enum language language, uint64_t text_hash, const struct pending_values *values,
                             revue_error *error);
/* The segment should end here. */
bool accumulator_is_full(const struct accumulator *accumulator);
/* There is a thread that only helps to flush, since memory is short: what is done side by side should not hold much. */
bool accumulator_is_helped(const struct accumulator *accumulator);
/* How many parts of a segment may be made ahead of the one the caller writes, by parts_run. */
unsigned accumulator_parts_ahead(const struct accumulator *accumulator);
/* How many tokens a flush should place at once. */
uint64_t accumulator_pass_tokens(const struct accumulator *accumulator);
/* Returns when every review was taken in. */
revue_status accumulator_finish(struct accumulator *accumulator, revue_error *error);
/* All reviews in the order in which they came, into an array with room for review_count. */
void accumulator_list(const struct accumulator *accumulator, const struct pending_review **reviews);

#endif
