/* stem_exceptions.h - the table in front of the English stemmer. */
#ifndef REVUE_TEXT_STEM_EXCEPTIONS_H
#define REVUE_TEXT_STEM_EXCEPTIONS_H

#include "indexer/base/bytes.h"

/* The stem of an English form (without possessive 's) that has an exception; the view lives in the table or in form. */
bool stem_exception(struct view form, struct view *stem);

/* The same with a filter in front: a few bits of the hash of each form of the tables, so that nearly all other words, which
 * are nearly all words, cost one look. Filled once, by its owner; zero bytes are a filter not filled yet. */
struct stem_exception_filter {
    bool is_filled;
    uint64_t bits[256];
};
bool stem_exception_filtered(struct stem_exception_filter *filter, struct view form, struct view *stem);

/* Calls visit for every entry of the tables, until it returns false: for the fingerprint and the tests. */
bool stem_exceptions_visit(bool (*visit)(void *context, const char *form, const char *stem), void *context);

#endif
