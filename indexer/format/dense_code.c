/* dense_code.c - the (s,c)-dense code of symbol numbers (FORMAT.md, 7).
 *
 * Brisaboa, Farina, Navarro, Parama, "Lightweight natural language text compression", Information Retrieval 10 (2007).
 * Bytes under s stop a number, the c = 256 - s others continue it: s numbers take one byte, the next s * c take two, the
 * next s * c * c three. Unlike Huffman codes it needs no tree, only s, and a decoder finds the borders of numbers from
 * anywhere.
 *
 * s is frozen with the base table, while the tables of later segments go on counting behind it. So s is kept where five
 * bytes reach DENSE_NUMBERS numbers (s at most 223), and where the counts do not care (a first run of a few reviews) it is
 * 190, near which large collections end up. */
#include "indexer/format/stored_text.h"

#define USUAL_S 190u

size_t dense_code_encode(uint32_t number, unsigned s, uint8_t out[DENSE_CODE_MAX]) {
    uint8_t reversed[DENSE_CODE_MAX];
    unsigned c = 256 - s;
    size_t size = 0;
    reversed[size++] = (uint8_t)(number % s);
    for (number /= s; number > 0; number /= c) {
        if (size == DENSE_CODE_MAX) return 0;
        number--;
        reversed[size++] = (uint8_t)(s + number % c);
    }
    for (size_t i = 0; i < size; i++)
        out[i] = reversed[size - 1 - i];
    return size;
}

/* A point in counts and the sum of what lies before it. Moved instead of computed anew: the borders of neighbouring s lie
 * close together, so that all s together cost a few passes over counts and no memory. */
struct border {
    size_t at;
    uint64_t sum;
};

static void border_move(struct border *border, const uint64_t *counts, size_t to) {
    while (border->at < to)
        border->sum += counts[border->at++];
    while (border->at > to)
        border->sum -= counts[--border->at];
}

/* How many numbers size bytes reach. */
static uint64_t reach(unsigned s, unsigned size) {
    uint64_t numbers = 0, more = s;
    for (unsigned i = 0; i < size; i++, more *= 256 - s)
        numbers += more;
    return numbers;
}

unsigned dense_code_choose(const uint64_t *counts, size_t count) {
    struct border borders[DENSE_CODE_MAX] = {{0, 0}}; /* borders[k]: the first number that k bytes do not reach */
    uint64_t best_bytes = UINT64_MAX;
    unsigned best = USUAL_S;
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += counts[i];
    for (unsigned s = 1; s < 256 && (s == 1 || reach(s, DENSE_CODE_MAX) >= DENSE_NUMBERS); s++) {
        uint64_t bytes = total;
        for (unsigned size = 1; size < DENSE_CODE_MAX; size++) {
            uint64_t reached = reach(s, size);
            border_move(&borders[size], counts, reached < count ? (size_t)reached : count);
            bytes += total - borders[size].sum;
        }
        if (bytes < best_bytes || (bytes == best_bytes && s <= USUAL_S)) {
            best_bytes = bytes;
            best = s;
        }
    }
    return best;
}
