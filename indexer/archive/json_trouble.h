/* json_trouble.h - what is wrong with a JSON value, in words for the person who has to mend it: json-c names what its own
 * state machine was waiting for ("null expected" of the word "no"). */
#ifndef REVUE_ARCHIVE_JSON_TROUBLE_H
#define REVUE_ARCHIVE_JSON_TROUBLE_H

#include "indexer/base/bytes.h"

#include <json-c/json.h>

enum json_trouble_kind {
    JSON_NO_OBJECT, /* a sound value of another kind */
    JSON_TEXT_AFTER,
    JSON_ENDS_EARLY,
    JSON_TOO_LONG,
    JSON_TOO_DEEP,
    JSON_NO_VALUE, /* something else stands where a value belongs */
    JSON_NO_NUMBER,
    JSON_NO_KEY,
    JSON_NO_COLON,
    JSON_NO_COMMA,
    JSON_NO_STRING,
    JSON_OTHER
};
struct json_trouble {
    enum json_trouble_kind kind;
    size_t at; /* byte of the value's text */
};
enum json_trouble_kind json_trouble_kind(enum json_tokener_error result);

/* Writes what was met and what was expected, valid UTF-8, to why; with_column also where in its line. Returns how many
 * lines below the first of text that is. */
uint64_t json_explain(const struct json_trouble *trouble, struct view text, bool with_column, char *why, size_t size);

#endif
