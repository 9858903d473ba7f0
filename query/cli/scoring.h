/* scoring.h - the options of search, batch and bench that say how reviews are scored. */
#ifndef REVUE_QUERY_SCORING_H
#define REVUE_QUERY_SCORING_H

#include "indexer/base/options.h"

struct scoring {
    double k1, b;
    struct option_list weight_words; /* "FIELD=W" */
    bool exhaustive;
    revue_weight *weights; /* read from the words by scoring_apply; owned here */
    struct bytes names;    /* of their fields */
};

/* The rows of the table, for the struct scoring pointed to. */
#define SCORING_ROWS(scoring)                                                                                              \
    {"k1", OPTION_NUMBER, &(scoring)->k1, "X", "BM25: how soon more of a word stops counting (1.2)", NULL},                \
        {"b", OPTION_NUMBER, &(scoring)->b, "X", "BM25: how much long texts are discounted, 0 to 1 (0.75)", NULL},         \
        {"weight",                                                                                                         \
         OPTION_LIST,                                                                                                      \
         &(scoring)->weight_words,                                                                                         \
         "FIELD=W",                                                                                                        \
         "weight of title (2), body (1), product (1.5) or author (0)",                                                     \
         NULL},                                                                                                            \
    {                                                                                                                      \
        "exhaustive", OPTION_FLAG, &(scoring)->exhaustive, NULL, "score every match: slower, the same answer", NULL        \
    }

void scoring_init(struct scoring *scoring); /* the library's defaults */
void scoring_free(struct scoring *scoring);
/* Puts it into options, which then point into scoring. */
revue_status scoring_apply(struct scoring *scoring, revue_search_options *options, revue_error *error);

#endif
