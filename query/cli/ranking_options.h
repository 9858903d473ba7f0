/* ranking_options.h - the options of search, batch and bench that say how reviews are scored. */
#ifndef REVUE_QUERY_RANKING_OPTIONS_H
#define REVUE_QUERY_RANKING_OPTIONS_H

#include "indexer/base/options.h"

struct ranking_options {
    double k1, b;
    struct option_list weight_words; /* "FIELD=W" */
    bool exhaustive, no_synonyms;
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
        {"no-synonyms", OPTION_FLAG, &(ranking)->no_synonyms, NULL, "leave out the synonyms of INDEX", NULL}, {            \
        "exhaustive", OPTION_FLAG, &(ranking)->exhaustive, NULL, "score every match: slower, the same answer", NULL        \
    }

void ranking_options_init(struct ranking_options *ranking); /* the library's defaults */
void ranking_options_free(struct ranking_options *ranking);
/* Puts it into options, which then point into ranking. */
revue_status ranking_options_apply(struct ranking_options *ranking, revue_search_options *options, revue_error *error);

#endif
