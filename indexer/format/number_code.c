/* number_code.c - see number_code.h.
 *
 * Numbers are in the order of their counts, so that neighbours are about as frequent. The first 64 have a code each; behind
 * them numbers that share their high bits form a class, and only classes get a prefix code (Huffman 1952, at most 12 bits,
 * canonical), behind which the low bits follow as they are. So a code of 2^28 numbers is 148 lengths, needs no tree, and
 * comes within one per cent of the entropy of words in a review (imdb: 10.3 of 10.24 bits; bytes as units took 11.7).
 * A decoder looks 12 bits up and knows the class and the size of the whole code: between two codes there is one load. */
#include "indexer/format/number_code.h"

#include "indexer/base/bitpack.h"

#include <string.h>

#define SINGLES 64u     /* classes of one number */
#define EIGHTHS_FROM 6u /* octaves from 2^6 on are eight classes each, */
#define HALVES_FROM 14u /* from 2^14 on two, */
#define WHOLE_FROM 20u  /* from 2^20 on one */
#define HALVES (SINGLES + (HALVES_FROM - EIGHTHS_FROM) * 8)
#define WHOLE (HALVES + (WHOLE_FROM - HALVES_FROM) * 2)
#define PAD_BITS 8u /* a code this long lets a text end in ones */

/* ---- classes ---- */

/* The class of a number below NUMBER_LIMIT, and how many low bits follow its prefix. */
static unsigned class_of(uint32_t number, unsigned *rest) {
    *rest = 0;
    if (number < SINGLES) return number;
    const unsigned octave = bit_width32(number) - 1;
    if (octave < HALVES_FROM) {
        *rest = octave - 3;
        return SINGLES + (octave - EIGHTHS_FROM) * 8 + (number >> *rest & 7);
    }
    if (octave < WHOLE_FROM) {
        *rest = octave - 1;
        return HALVES + (octave - HALVES_FROM) * 2 + (number >> *rest & 1);
    }
    *rest = octave;
    return WHOLE + octave - WHOLE_FROM;
}

/* The first number of a class; of the one behind the last, NUMBER_LIMIT. */
static uint32_t first_of(unsigned class) {
    if (class < SINGLES) return class;
    if (class < HALVES) {
        const unsigned octave = EIGHTHS_FROM + (class - SINGLES) / 8;
        return (8 + (class - SINGLES) % 8) << (octave - 3);
    }
    if (class < WHOLE) {
        const unsigned octave = HALVES_FROM + (class - HALVES) / 2;
        return (2 + (class - HALVES) % 2) << (octave - 1);
    }
    return 1u << (WHOLE_FROM + class - WHOLE);
}

/* ---- choosing the lengths ---- */

#define PRIOR 16384u /* times the sum of 1 / (number + 8), some 280,000 occurrences in all */

/* Zipf's law, with a flat beginning. */
static uint64_t prior_of(unsigned class) {
    const uint64_t first = first_of(class), size = first_of(class + 1) - first;
    return PRIOR * size / (first + size / 2 + 8) + 1;
}

/* Huffman's code: the two least nodes are joined until one is left. 2 * classes nodes; parents come behind. */
static unsigned build_tree(const uint64_t weights[NUMBER_CLASSES], uint8_t lengths[NUMBER_CLASSES]) {
    uint64_t of_node[2 * NUMBER_CLASSES];
    uint16_t parents[2 * NUMBER_CLASSES], open[NUMBER_CLASSES];
    unsigned nodes = NUMBER_CLASSES, opened = NUMBER_CLASSES, longest = 0;
    memcpy(of_node, weights, NUMBER_CLASSES * sizeof *weights);
    for (unsigned i = 0; i < NUMBER_CLASSES; i++)
        open[i] = (uint16_t)i;
    for (; opened > 1; nodes++) {
        of_node[nodes] = 0;
        for (unsigned child = 0; child < 2; child++) {
            unsigned least = 0;
            for (unsigned i = 1; i < opened; i++)
                if (of_node[open[i]] < of_node[open[least]]) least = i;
            of_node[nodes] += of_node[open[least]];
            parents[open[least]] = (uint16_t)nodes;
            open[least] = open[--opened];
        }
        open[opened++] = (uint16_t)nodes;
    }
    for (unsigned i = 0; i < NUMBER_CLASSES; i++) {
        unsigned length = 0;
        for (unsigned node = i; node != nodes - 1; node = parents[node])
            length++;
        lengths[i] = (uint8_t)(length > UINT8_MAX ? UINT8_MAX : length);
        if (length > longest) longest = length;
    }
    return longest;
}

void number_code_choose(const uint64_t *counts, size_t count, uint8_t lengths[NUMBER_CLASSES]) {
    uint64_t weights[NUMBER_CLASSES];
    for (unsigned class = 0; class < NUMBER_CLASSES; class ++)
        weights[class] = prior_of(class);
    for (size_t i = 0; i < count && i < NUMBER_LIMIT; i++) {
        unsigned rest;
        weights[class_of((uint32_t)i, &rest)] += counts[i];
    }
    /* Flatter weights make a flatter tree. */
    while (build_tree(weights, lengths) > NUMBER_PREFIX_MAX)
        for (unsigned class = 0; class < NUMBER_CLASSES; class ++)
            weights[class] = weights[class] / 2 + 1;
}

/* ---- the code ---- */

static bool are_complete(const uint8_t lengths[NUMBER_CLASSES]) {
    uint32_t used = 0;
    unsigned longest = 0;
    for (unsigned class = 0; class < NUMBER_CLASSES; class ++) {
        if (lengths[class] < 1 || lengths[class] > NUMBER_PREFIX_MAX) return false;
        used += 1u << (NUMBER_PREFIX_MAX - lengths[class]);
        if (lengths[class] > longest) longest = lengths[class];
    }
    return used == 1u << NUMBER_PREFIX_MAX && longest >= PAD_BITS;
}

static unsigned reversed(unsigned value, unsigned bits) {
    unsigned result = 0;
    for (unsigned i = 0; i < bits; i++)
        result |= (value >> i & 1) << (bits - 1 - i);
    return result;
}

static void make_class(struct number_code *code, unsigned class, unsigned canonical) {
    const unsigned length = code->lengths[class];
    unsigned rest;
    code->firsts[class] = first_of(class);
    class_of(code->firsts[class], &rest);
    code->prefixes[class] = (uint16_t)reversed(canonical, length);
    for (unsigned bits = code->prefixes[class]; bits < 1u << NUMBER_PREFIX_MAX; bits += 1u << length)
        code->classes[bits] = (uint16_t)(class | (length + rest) << NUMBER_SIZE_SHIFT);
}

bool number_code_make(struct number_code *code, const uint8_t lengths[NUMBER_CLASSES]) {
    unsigned next = 0;
    if (!are_complete(lengths)) return false;
    memcpy(code->lengths, lengths, NUMBER_CLASSES);
    for (unsigned length = 1; length <= NUMBER_PREFIX_MAX; length++, next <<= 1)
        for (unsigned class = 0; class < NUMBER_CLASSES; class ++)
            if (lengths[class] == length) make_class(code, class, next++);
    code->is_made = true;
    return true;
}

struct number_bits number_code_encode(const struct number_code *code, uint32_t number) {
    unsigned rest;
    if (number >= NUMBER_LIMIT) return (struct number_bits){0, 0};
    const unsigned class = class_of(number, &rest), length = code->lengths[class];
    return (struct number_bits){code->prefixes[class] | (uint64_t)(number - code->firsts[class]) << length, length + rest};
}
