/* number_code.h - the prefix code of symbol numbers (FORMAT.md, 7). */
#ifndef REVUE_FORMAT_NUMBER_CODE_H
#define REVUE_FORMAT_NUMBER_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NUMBER_CLASSES 148u
#define NUMBER_PREFIX_MAX 12u                  /* bits that say the class */
#define NUMBER_LIMIT (1u << 28)                /* numbers are below it */
#define NUMBER_CODE_BYTES (NUMBER_CLASSES / 2) /* of the lengths, as stored */

/* Made from the lengths of its prefixes; zero bytes are no code. */
struct number_code {
    bool is_made;
    uint8_t lengths[NUMBER_CLASSES];          /* of the prefixes, 1 to NUMBER_PREFIX_MAX */
    uint16_t prefixes[NUMBER_CLASSES];        /* low bit first */
    uint32_t firsts[NUMBER_CLASSES];          /* first number of the class */
    uint16_t classes[1 << NUMBER_PREFIX_MAX]; /* by the next bits: class, and bits of the whole code << NUMBER_SIZE_SHIFT */
};
#define NUMBER_CLASS_BITS 0xFFu
#define NUMBER_SIZE_SHIFT 8

/* The lengths that suit counts[i] occurrences of number i. The fewer there are, the more a law of how words are distributed
 * decides, for a code is kept while its archive grows. Every class gets a code. */
void number_code_choose(const uint64_t *counts, size_t count, uint8_t lengths[NUMBER_CLASSES]);
/* False, and *code as it was, unless the lengths are those of a code that leaves nothing over and has one of 8 bits. */
bool number_code_make(struct number_code *code, const uint8_t lengths[NUMBER_CLASSES]);

/* Bits, low first, and their count (at most 39); 0 bits when the number is not below NUMBER_LIMIT. */
struct number_bits {
    uint64_t bits;
    unsigned size;
};
struct number_bits number_code_encode(const struct number_code *code, uint32_t number);

#endif
