/* json_flat.h - an object of strings, numbers and words, as nearly every record is, read without building anything.
 *
 * Takes only what is plain beyond doubt: strict JSON, no value inside a value, no name twice, no escape in a name, numbers
 * as everybody writes them. Whatever else there is goes to json-c, which is the judge: what is taken here, json-c reads as
 * the same (tests/fuzz/fuzz_json_flat.c). */
#ifndef REVUE_ARCHIVE_JSON_FLAT_H
#define REVUE_ARCHIVE_JSON_FLAT_H

#include "indexer/base/bytes.h"

#define JSON_FLAT_MEMBERS 32u

enum json_flat_kind { JSON_FLAT_TEXT, JSON_FLAT_NUMBER, JSON_FLAT_TRUE, JSON_FLAT_FALSE, JSON_FLAT_NULL };
struct json_flat_member {
    struct view name, text; /* in the text that was read, or in the scratch; text of TEXT and NUMBER */
    enum json_flat_kind kind;
};
struct json_flat {
    struct json_flat_member members[JSON_FLAT_MEMBERS];
    unsigned count;
    struct bytes scratch; /* owned: strings without their escapes */
};

/* text: valid UTF-8. False: it is not plain, or there is no memory: members are of no use then. The members live until the
 * next call, and as long as text. */
bool json_flat_read(struct json_flat *flat, struct view text);

#endif
