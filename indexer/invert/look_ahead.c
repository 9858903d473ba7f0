/* look_ahead.c - see look_ahead.h. The bits of a window (text/scan_window.h) give plain spans, the scanner the others. With
 * AVX-512 a window is one vector, and of each kind of byte one comparison makes all 64 bits. */
#include "indexer/invert/look_ahead.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

/* Makes the key of a span and has its slot fetched. readable: bytes from its first on. */
INLINE void announce(const struct look_ahead *ahead, struct waiting_span *span, size_t readable, bool is_word) {
    span->key = short_symbol_of(view_of(span->data, span->size), readable, is_word ? SYMBOL_WORD : SYMBOL_GAP,
                                is_word ? ahead->language : LANGUAGE_NONE);
    span->hash = short_symbol_hash(ahead->look_up, span->key);
    __builtin_prefetch(&ahead->look_up.slots[span->hash & ahead->look_up.mask], 1);
}

static enum gap_kind gap_kind_of(const struct span *span, const char *data) {
    if (span->kind != SPAN_GAP) return GAP_PLAIN;
    if (span->paragraph) return GAP_PARAGRAPH;
    return span->size == 1 && data[0] == ' ' ? GAP_BLANK : GAP_PLAIN;
}

static bool find_any_span(const struct look_ahead *ahead, struct scanner *scanner, struct waiting_span *found) {
    struct span span;
    if (!scanner_next(scanner, &span)) return false;
    const char *data = scanner->data + span.start;
    *found = (struct waiting_span){.data = data,
                                   .size = span.size,
                                   .about = {(uint8_t)span.kind, span.ascii, (uint8_t)gap_kind_of(&span, data), false}};
    if (span.kind == SPAN_WORD || (span.kind == SPAN_GAP && ahead->store))
        announce(ahead, found, (size_t)(scanner->size - span.start), span.kind == SPAN_WORD);
    return true;
}

/* Adds the spans of a window at data behind *waiting, without their keys; returns the bytes that they take. */
INLINE uint32_t cut_window(const char *data, struct scan_window window, struct waiting_span **waiting) {
    struct waiting_span *next = *waiting;
    bool is_word = window.starts_in_word;
    uint32_t at = 0;
    for (uint64_t ends = window.ends; ends; ends &= ends - 1) {
        const uint32_t end = (uint32_t)__builtin_ctzll(ends);
        const bool blank_follows = window.singles >> end & 1; /* never where a gap ends */
        next->data = data + at;
        next->size = end - at;
        next->about = (struct span_about){is_word ? SPAN_WORD : SPAN_GAP, true, GAP_PLAIN, blank_follows};
        next++;
        at = end + blank_follows;
        is_word = !is_word | blank_follows;
    }
    if (!window.starts_in_word && data[0] == ' ' && (window.ends & 2)) (*waiting)->about.gap = GAP_BLANK;
    *waiting = next;
    return at;
}

void text_ahead_start(struct text_ahead *text, struct view field) {
    scanner_start(&text->scanner, field);
    text->in_tail = false;
}

/* Is there a window at the scanner, and what keys are made of behind it? */
INLINE bool has_window(struct text_ahead *text) {
    struct scanner *scanner = &text->scanner;
    const uint32_t left = scanner->size - scanner->at;
    if (left >= SCAN_WINDOW + SHORT_SYMBOL_MAX || text->in_tail) return left > 0;
    memset(text->tail, 0, sizeof text->tail);
    if (left > 0) memcpy(text->tail, scanner->data + scanner->at, left);
    scanner->data = text->tail;
    scanner->size = left;
    scanner->at = 0;
    text->in_tail = true;
    return left > 0;
}

/* Plain spans by windows, others one by one. The keys of a window's spans are made after it was cut: both at once would
 * want more registers than there are. */
INLINE uint32_t find_by(struct scan_bits (*read)(const char *data), const struct look_ahead *ahead, struct text_ahead *text,
                        struct waiting_span *waiting) {
    struct waiting_span *next = waiting, *const enough = waiting + SPANS_AHEAD;
    struct scanner *scanner = &text->scanner;
    while (next < enough) {
        for (bool is_cut = false; next < enough && !is_cut && has_window(text);) {
            struct waiting_span *first = next;
            const char *data = scanner->data + scanner->at;
            const struct scan_window window = scan_window_of(read(data));
            scanner->at += cut_window(data, window, &next);
            for (; first < next; first++)
                announce(ahead, first, SHORT_SYMBOL_MAX, first->about.kind == SPAN_WORD);
            is_cut = window.is_cut || window.ends == 0; /* or a span longer than a window */
        }
        if (next >= enough || !find_any_span(ahead, scanner, next)) break;
        next++;
    }
    return (uint32_t)(next - waiting);
}

static uint32_t find_plain(struct look_ahead ahead, struct text_ahead *text, struct waiting_span *waiting) {
    return find_by(scan_bits_read, &ahead, text, waiting);
}

#if defined(__x86_64__)
#include <immintrin.h>

#define WITH_AVX512 __attribute__((target("avx512f,avx512bw,bmi,bmi2,popcnt")))

WITH_AVX512 static inline uint64_t equal_to(__m512i bytes, char sought) {
    return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(sought));
}

WITH_AVX512 static inline struct scan_bits read_avx512(const char *data) {
    const __m512i bytes = _mm512_loadu_si512(data), lower = _mm512_or_si512(bytes, _mm512_set1_epi8(0x20));
    return (struct scan_bits){
        .letters = _mm512_cmple_epu8_mask(_mm512_sub_epi8(lower, _mm512_set1_epi8('a')), _mm512_set1_epi8('z' - 'a')),
        .digits = _mm512_cmple_epu8_mask(_mm512_sub_epi8(bytes, _mm512_set1_epi8('0')), _mm512_set1_epi8('9' - '0')),
        .apostrophes = equal_to(bytes, '\'') | equal_to(bytes, '`'),
        .mid_numbers = equal_to(bytes, '.') | equal_to(bytes, ','),
        .blanks = equal_to(bytes, ' '),
        .breaks = equal_to(bytes, 0) | equal_to(bytes, '\n') | equal_to(bytes, '\r') | equal_to(bytes, '<'),
        .beyond = _mm512_movepi8_mask(bytes) | equal_to(bytes, '&'),
    };
}

WITH_AVX512 static uint32_t find_avx512(struct look_ahead ahead, struct text_ahead *text, struct waiting_span *waiting) {
    return find_by(read_avx512, &ahead, text, waiting);
}

find_spans *find_spans_of(unsigned way) {
    bool is_fast = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
    if (is_fast && way-- == 0) return find_avx512;
    return way == 0 ? find_plain : NULL;
}
#else
find_spans *find_spans_of(unsigned way) {
    return way == 0 ? find_plain : NULL;
}
#endif
