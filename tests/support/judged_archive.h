/* judged_archive.h - a small random archive, its tokens kept in memory, and random queries with the reviews that must
 * match: decided by walking all tokens and by algebra over sets of reviews, without any index. */
#ifndef REVUE_TEST_JUDGED_ARCHIVE_H
#define REVUE_TEST_JUDGED_ARCHIVE_H

#include "tests/support/small_archive.h"

#define JUDGED_REVIEWS 60u

typedef uint64_t review_set; /* bit i: the review with the id "r" and two digits i */

struct judged_archive {
    struct small_archive archive;
    struct tokens tokens[JUDGED_REVIEWS][FIELD_COUNT];
    struct arena arena;
    stemmer *stemmer;
    review_set all;
};
/* Writes and indexes the reviews in so many runs, which makes as many segments as the merging leaves. */
void judged_archive_create(struct judged_archive *judged, uint64_t seed, unsigned runs);
void judged_archive_remove(struct judged_archive *judged);

struct judged_query {
    struct bytes text; /* fully parenthesised; ends in a zero byte that is not counted */
    review_set matches;
};
/* A query with operators, fields, forms and phrases, nested at most depth deep. Free with bytes_free(&query.text). */
struct judged_query judged_query_random(struct judged_archive *judged, uint64_t *random_state, unsigned depth);
/* A word of the archive's vocabulary, or one that is in no review. */
const char *judged_word_random(uint64_t *random_state);
/* The reviews with the word by stem, or (by_form) as written, in the default fields; or in one field only. */
review_set judged_word_matches(const struct judged_archive *judged, const char *word, bool by_form);
/* Times a word by stem stands in the field of a review. */
uint32_t judged_frequency(const struct judged_archive *judged, const char *word, uint32_t review, unsigned field);

/* The reviews in a result. Each may be there once. */
review_set judged_result_set(const revue_result *result);

#endif
