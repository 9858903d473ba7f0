/* coded_sift.h - the fields, of many, in which a phrase cannot stand: what coded_words_sift keeps. */
#ifndef REVUE_MATCH_CODED_SIFT_H
#define REVUE_MATCH_CODED_SIFT_H

#include "indexer/format/word_marks.h"

struct coded_field {
    struct view codes;
    uint32_t length; /* in tokens */
    bool may_stand;
};
/* Room for the marks of the fields looked at together; zero bytes are ready for use. */
struct coded_sift {
    uint8_t *marks[WORD_LANES];
    size_t capacity[WORD_LANES];
};
void coded_sift_free(struct coded_sift *sift);

#endif
