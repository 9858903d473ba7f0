/* stem_exceptions.h - the table in front of the English stemmer. */
#ifndef REVUE_TEXT_STEM_EXCEPTIONS_H
#define REVUE_TEXT_STEM_EXCEPTIONS_H

#include "indexer/base/bytes.h"

/* The stem of an English form (without possessive 's) that has an exception; the view lives in the table or in form. */
bool stem_exception(struct view form, struct view *stem);

/* Calls visit for every entry of the tables, until it returns false: for the fingerprint and the tests. */
bool stem_exceptions_visit(bool (*visit)(void *context, const char *form, const char *stem), void *context);

#endif
