/* text_cost.c - see text_cost.h. Sixteen bytes at a time with the vector types of gcc and clang: the whole text is looked
 * at once more for this, at some gigabytes a second. */
#include "indexer/invert/text_cost.h"

typedef uint8_t lanes __attribute__((vector_size(16)));

#define STEPS_MAX 255u /* until a lane of a count may be full */

static inline lanes load_lanes(const char *at) {
    lanes loaded;
    memcpy(&loaded, at, sizeof loaded);
    return loaded;
}

/* Each gives all ones in the lanes where it holds. */
static inline lanes in_words(lanes bytes) {
    lanes lower = bytes | 0x20;
    return (lanes)(lower - 'a' <= 'z' - 'a') | (lanes)(bytes - '0' <= 9) | (lanes)(bytes >= 0x80);
}
static inline lanes wide(lanes bytes) { /* first bytes of the characters that count each */
    return (lanes)(bytes - 0xE0 <= 1) | (lanes)(bytes - 0xE3 <= 6);
}
static inline lanes punctuation(lanes bytes, lanes words) {
    return ~words & (lanes)(bytes > ' ');
}

static uint64_t sum_of(lanes counts) {
    uint64_t sum = 0;
    for (unsigned i = 0; i < sizeof counts; i++)
        sum += counts[i];
    return sum;
}

/* Counts the bytes from at on in whole vectors, at most STEPS_MAX of them; returns where it stopped. at is over 0. */
static size_t count_vectors(struct view text, size_t at, struct text_spans *spans) {
    lanes tokens = {0}, gaps = {0};
    for (unsigned step = 0; step < STEPS_MAX / 2 && text.size - at >= sizeof(lanes); step++, at += sizeof(lanes)) {
        lanes bytes = load_lanes(text.data + at), words = in_words(bytes);
        lanes before = in_words(load_lanes(text.data + at - 1));
        tokens -= (words & ~before);
        tokens -= wide(bytes);
        gaps -= punctuation(bytes, words);
    }
    spans->tokens += sum_of(tokens);
    spans->gaps += sum_of(gaps);
    return at;
}

struct text_spans text_spans_estimate(struct view text) {
    struct text_spans spans = {0, 0};
    char edge[2 * sizeof(lanes)] = {0};
    if (text.size == 0) return spans;
    size_t at = 1;
    while (text.size - at >= sizeof(lanes))
        at = count_vectors(text, at, &spans);
    /* The first byte and the last ones, each with a zero or its neighbour before it. */
    struct view rest = view_of(edge, 1 + sizeof(lanes));
    edge[1] = text.data[0];
    (void)count_vectors(rest, 1, &spans);
    memset(edge, 0, sizeof edge);
    memcpy(edge, text.data + at - 1, text.size - at + 1);
    (void)count_vectors(rest, 1, &spans);
    return spans;
}
