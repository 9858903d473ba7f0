/* text_cost.c - see text_cost.h. Sixteen bytes at a time with the vector types of gcc and clang: the whole text is looked
 * at once more for this, at some gigabytes a second. */
#include "indexer/invert/text_cost.h"

#include "indexer/base/byte_lanes.h"

#define STEPS_MAX 255u /* until a lane of a count may be full */

/* Each gives all ones in the lanes where it holds. */
static inline byte_lanes in_words(byte_lanes bytes) {
    byte_lanes lower = bytes | 0x20;
    return (byte_lanes)(lower - 'a' <= 'z' - 'a') | (byte_lanes)(bytes - '0' <= 9) | (byte_lanes)(bytes >= 0x80);
}
static inline byte_lanes wide(byte_lanes bytes) { /* first bytes of the characters that count each */
    return (byte_lanes)(bytes - 0xE0 <= 1) | (byte_lanes)(bytes - 0xE3 <= 6);
}
static inline byte_lanes punctuation(byte_lanes bytes, byte_lanes words) {
    return ~words & (byte_lanes)(bytes > ' ');
}

static uint64_t sum_of(byte_lanes counts) {
    uint64_t sum = 0;
    for (unsigned i = 0; i < sizeof counts; i++)
        sum += counts[i];
    return sum;
}

/* Counts the bytes from at on in whole vectors, at most STEPS_MAX of them; returns where it stopped. at is over 0. */
static size_t count_vectors(struct view text, size_t at, struct text_spans *spans) {
    byte_lanes tokens = {0}, gaps = {0};
    for (unsigned step = 0; step < STEPS_MAX / 2 && text.size - at >= sizeof(byte_lanes);
         step++, at += sizeof(byte_lanes)) {
        byte_lanes bytes = byte_lanes_load(text.data + at), words = in_words(bytes);
        byte_lanes before = in_words(byte_lanes_load(text.data + at - 1));
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
    char edge[2 * sizeof(byte_lanes)] = {0};
    if (text.size == 0) return spans;
    size_t at = 1;
    while (text.size - at >= sizeof(byte_lanes))
        at = count_vectors(text, at, &spans);
    /* The first byte and the last ones, each with a zero or its neighbour before it. */
    struct view rest = view_of(edge, 1 + sizeof(byte_lanes));
    edge[1] = text.data[0];
    (void)count_vectors(rest, 1, &spans);
    memset(edge, 0, sizeof edge);
    memcpy(edge, text.data + at - 1, text.size - at + 1);
    (void)count_vectors(rest, 1, &spans);
    return spans;
}
