/* ranking_options.h - the options of search, batch and bench that say how reviews are scored. */
#ifndef REVUE_QUERY_RANKING_OPTIONS_H
#define REVUE_QUERY_RANKING_OPTIONS_H

#include "indexer/base/options.h"

struct ranking_options {
    double k1, b;
    struct option_list weight_words; /* "FIELD=W" */
    bool exhaustive, no_synonyms;
    const char *prior, *now;
    revue_weight *weights; /* read from the words by ranking_options_apply; owned here */
    struct bytes names;    /* of their fields */
};

/* The rows of the table, for the struct ranking_options pointed to. */
#define RANKING_ROWS(ranking)                                                                                              \
    {"k1", OPTION_NUMBER, &(ranking)->k1, "X", "BM25: how soon more of a word stops counting (1.2)", NULL},                \
        {"b", OPTION_NUMBER, &(ranking)->b, "X", "BM25: how much long texts are discounted, 0 to 1 (0.75)", NULL},         \
        {"weight",                                                                                                         \
         OPTION_LIST,                                                                                                      \
         &(ranking)->weight_words,                                                                                         \
         "FIELD=W",                                                                                                        \
         "weight of title (2), body (1), product (1.5) or author (0)",                                                     \
         NULL},                                                                                                            \
        {"prior",                                                                                                          \
         OPTION_TEXT,                                                                                                      \
         &(ranking)->prior,                                                                                                \
         "PRIOR",                                                                                                          \
         "lift scores by stars, votes and age, up to 1 + W times: stars:0.2,votes:0.1,age:0.3:180d",                       \
         NULL},                                                                                                            \
        {"now", OPTION_TEXT, &(ranking)->now, "DATE", "the day that ages count to (that of the last run)", NULL},          \
        {"no-synonyms", OPTION_FLAG, &(ranking)->no_synonyms, NULL, "leave out the synonyms of INDEX", NULL}, {            \
        "exhaustive", OPTION_FLAG, &(ranking)->exhaustive, NULL, "score every match: slower, the same answer", NULL        \
    }

void ranking_options_init(struct ranking_options *ranking); /* the library's defaults */
void ranking_options_free(struct ranking_options *ranking);
/* Puts it into options, which then point into ranking. */
revue_status ranking_options_apply(struct ranking_options *ranking, revue_search_options *options, revue_error *error);

#endif
