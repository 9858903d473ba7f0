/* doc_window.c - see doc_window.h. */
#include "query/rank/doc_window.h"

#include "query/rank/bit_functions.h"
#include "query/rank/block_functions.h"

#include <string.h>

#define FEW 4u /* reviews of a block that are looked for one by one before all of the block are compared */

static uint32_t words_of(const struct doc_window *window) {
    return (window->to - window->from + 63) / 64;
}

void doc_window_clear(struct doc_window *window, uint32_t from, uint32_t to) {
    window->from = from;
    window->to = to;
    memset(window->bits, 0, ((size_t)words_of(window) + 1) * sizeof *window->bits);
}

void doc_window_fill(struct doc_window *window, uint32_t from, uint32_t to) {
    doc_window_clear(window, from, to);
    memset(window->bits, 0xFF, (size_t)words_of(window) * sizeof *window->bits);
    if (to % 64) window->bits[words_of(window) - 1] = ((uint64_t)1 << to % 64) - 1;
}

uint32_t doc_window_count(const struct doc_window *window) {
    return bit_functions_best()->count(window->bits, words_of(window));
}

void doc_window_remove_words(struct doc_window *window, const uint64_t *words) {
    for (uint32_t i = 0; i < words_of(window); i++)
        window->bits[i] &= ~words[window->from / 64 + i];
}

void doc_window_add_words(struct doc_window *window, const uint64_t *words) {
    for (uint32_t i = 0; i < words_of(window); i++)
        window->bits[i] |= words[window->from / 64 + i];
}

void doc_window_remove(struct doc_window *window, const struct doc_window *other) {
    for (uint32_t i = 0; i < words_of(window); i++)
        window->bits[i] &= ~other->bits[i];
}

/* The first review of the window at or after doc, DOC_END when there is none. */
static uint32_t first_from(const struct doc_window *window, uint32_t doc) {
    if (doc >= window->to) return DOC_END;
    const uint32_t at = doc > window->from ? doc - window->from : 0, words = words_of(window);
    uint32_t word = at / 64;
    uint64_t bits = window->bits[word] & ~(uint64_t)0 << at % 64;
    while (bits == 0) {
        if (++word == words) return DOC_END;
        bits = window->bits[word];
    }
    return window->from + word * 64 + (uint32_t)__builtin_ctzll(bits);
}

/* ---- blocks ---- */

static uint32_t first_of(const struct postings_reader *list) {
    return list->previous_last + 1;
}

static uint32_t index_of(const struct postings_reader *list, uint32_t doc) {
    return block_functions_best()->count_below(list->docs, doc);
}

/* The postings [*first, *end) of the decoded block that lie in the window. */
static void clip(const struct doc_window *window, const struct postings_reader *list, uint32_t *first, uint32_t *end) {
    *first = first_of(list) < window->from ? index_of(list, window->from) : 0;
    *end = list->last_doc >= window->to ? index_of(list, window->to) : list->count;
}

/* The bits of the block when it is stored so and lies in the window; NULL when it has to be decoded. */
static revue_status bits_of(const struct doc_window *window, struct postings_reader *list, const uint8_t **bits,
                            uint32_t *words, revue_error *error) {
    *bits = NULL;
    if (list->has_docs || first_of(list) < window->from || list->last_doc >= window->to) return REVUE_OK;
    return postings_reader_bits(list, bits, words, error);
}

static revue_status check_ones(const struct postings_reader *list, uint32_t ones, revue_error *error) {
    return ones == list->count ? REVUE_OK : postings_damaged(list, "the bitset has another number of reviews", error);
}

revue_status doc_window_next(struct postings_reader *list, uint32_t from, uint32_t *next, revue_error *error) {
    TRY(postings_reader_seek_block(list, from, error));
    *next = DOC_END;
    if (list->count == 0) return REVUE_OK;
    *next = first_of(list) > from ? first_of(list) : from;
    if (!list->has_docs) return REVUE_OK;
    *next = list->docs[index_of(list, from)];
    return REVUE_OK;
}

/* ---- adding ---- */

static revue_status add_block(struct doc_window *window, struct postings_reader *list, revue_error *error) {
    const uint8_t *in;
    uint32_t words, first, end;
    TRY(bits_of(window, list, &in, &words, error));
    if (in)
        return check_ones(list, bit_functions_best()->add(window->bits, first_of(list) - window->from, in, words), error);
    TRY(postings_reader_docs(list, error));
    clip(window, list, &first, &end);
    for (; first < end; first++) {
        const uint32_t at = list->docs[first] - window->from;
        window->bits[at / 64] |= (uint64_t)1 << at % 64;
    }
    return REVUE_OK;
}

revue_status doc_window_add(struct doc_window *window, struct postings_reader *list, revue_error *error) {
    TRY(postings_reader_seek_block(list, window->from, error));
    while (list->count > 0 && first_of(list) < window->to) {
        TRY(add_block(window, list, error));
        if (list->last_doc >= window->to) break;
        TRY(postings_reader_next_block(list, error));
    }
    return REVUE_OK;
}

/* ---- what is in both ---- */

/* Moves the list to the next block that may hold a review of the window at or after *doc, and *doc to that; DOC_END when
 * there is none. */
static revue_status next_common(const struct doc_window *window, struct postings_reader *list, uint32_t *doc,
                                revue_error *error) {
    for (*doc = first_from(window, *doc); *doc != DOC_END; *doc = first_from(window, first_of(list))) {
        TRY(postings_reader_seek_block(list, *doc, error));
        if (list->count == 0) *doc = DOC_END;
        if (list->count == 0 || *doc >= first_of(list)) return REVUE_OK;
    }
    return REVUE_OK;
}

/* Looks for the few reviews of the window from *doc on in the decoded block. *doc goes on behind them: what follows was not
 * looked at. */
static uint32_t count_few(const struct doc_window *window, const struct postings_reader *list, uint32_t *doc) {
    uint32_t common = 0;
    for (unsigned i = 0; i < FEW && *doc <= list->last_doc; i++) {
        common += list->docs[index_of(list, *doc)] == *doc;
        *doc = first_from(window, *doc + 1);
    }
    return common;
}

static revue_status count_block(const struct doc_window *window, struct postings_reader *list, uint32_t doc,
                                uint64_t *count, revue_error *error) {
    const uint8_t *in;
    uint32_t words, common = 0;
    TRY(bits_of(window, list, &in, &words, error));
    if (in) {
        TRY(check_ones(list,
                       bit_functions_best()->count_common(window->bits, first_of(list) - window->from, in, words, &common),
                       error));
        *count += common;
        return REVUE_OK;
    }
    TRY(postings_reader_docs(list, error));
    *count += count_few(window, list, &doc);
    if (doc > list->last_doc) return REVUE_OK;
    const uint32_t end = list->last_doc >= window->to ? index_of(list, window->to) : list->count;
    for (uint32_t i = index_of(list, doc); i < end; i++) {
        const uint32_t at = list->docs[i] - window->from;
        common += (uint32_t)(window->bits[at / 64] >> at % 64 & 1);
    }
    *count += common;
    return REVUE_OK;
}

revue_status doc_window_count_common(const struct doc_window *window, struct postings_reader *list, uint64_t *count,
                                     revue_error *error) {
    uint32_t doc = window->from;
    for (;; doc = list->last_doc + 1) {
        TRY(next_common(window, list, &doc, error));
        if (doc == DOC_END) return REVUE_OK;
        TRY(count_block(window, list, doc, count, error));
        if (list->last_doc >= window->to) return REVUE_OK;
    }
}

static revue_status add_common_block(struct doc_window *window, const struct doc_window *with, struct postings_reader *list,
                                     revue_error *error) {
    const uint8_t *in;
    uint32_t words, first, end;
    TRY(bits_of(window, list, &in, &words, error));
    if (in)
        return check_ones(
            list, bit_functions_best()->add_common(window->bits, with->bits, first_of(list) - window->from, in, words),
            error);
    TRY(postings_reader_docs(list, error));
    clip(window, list, &first, &end);
    for (; first < end; first++) {
        const uint32_t at = list->docs[first] - window->from;
        window->bits[at / 64] |= with->bits[at / 64] & (uint64_t)1 << at % 64;
    }
    return REVUE_OK;
}

revue_status doc_window_add_common(struct doc_window *window, const struct doc_window *with, struct postings_reader *list,
                                   revue_error *error) {
    uint32_t doc = window->from;
    for (;; doc = list->last_doc + 1) {
        TRY(next_common(with, list, &doc, error));
        if (doc == DOC_END) return REVUE_OK;
        TRY(add_common_block(window, with, list, error));
        if (list->last_doc >= window->to) return REVUE_OK;
    }
}
