/* utf8.h - UTF-8 from outside: checked, repaired, walked. RFC 3629: no surrogates, nothing over U+10FFFF, shortest form. */
#ifndef REVUE_BASE_UTF8_H
#define REVUE_BASE_UTF8_H

#include "indexer/base/bytes.h"

#define UTF8_REPLACEMENT 0xFFFDu

/* Bytes before the first that is not valid UTF-8; size when all of it is. */
size_t utf8_valid_prefix(const char *data, size_t size);

/* Appends data to out with every maximal ill-formed part replaced by U+FFFD (as the Unicode Standard, 3.9, recommends).
 * Returns the number of replacements. */
size_t utf8_repair(struct bytes *out, const char *data, size_t size);

/* Decodes the character that starts at data (size > 0) of any bytes: an ill-formed start gives U+FFFD and 1 in
 * *length. */
uint32_t utf8_decode(const char *data, size_t size, size_t *length);

/* Writes a scalar value as 1 to 4 bytes; returns how many. Anything not a scalar value is written as U+FFFD. */
size_t utf8_encode(uint32_t character, char out[4]);

/* The largest boundary of a character at or below at, of valid UTF-8. */
size_t utf8_floor(const char *data, size_t at);

#endif
