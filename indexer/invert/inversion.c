/* inversion.c - see inversion.h.
 *
 * A counting sort. How many tokens each stem has in each field is known from what the workers counted symbol by symbol, so
 * one pass over the log drops each token at its place. Reviews are visited in their final order, so that every run comes
 * out sorted. With several threads each takes a range of stems of about as many tokens as the others' and passes over the
 * whole log: reading it is cheap, and what is written stays in the range's own memory. The same lets a flush place the
 * stems in several passes: each costs one more look at the log, four bytes a word, and saves eight bytes a word of the
 * stems that are not in it. */
#include "indexer/invert/inversion.h"

#include "indexer/base/memory.h"

#include <string.h>

#define ITEMS_AT_ONCE 128u /* of the log */

struct placing {
    struct task task;
    struct inversion *inversion;
    const struct flush *flush;
    uint32_t first_rank, end_rank;
};

/* Adds up what the symbols count, then turns counts into starts, one place ahead: placing moves them back. */
static void count_tokens(struct inversion *inversion, const struct lexicon *lexicon) {
    size_t runs = (size_t)lexicon->stem_count * FIELD_COUNT;
    for (unsigned worker = 0; worker < lexicon->workers; worker++) {
        const struct vocabulary *vocabulary = &lexicon->intakes[worker].vocabulary;
        for (size_t i = 0; i < vocabulary->symbol_count; i++) {
            if (lexicon->terms[worker][i] == NOT_A_TERM) continue;
            uint64_t *of_stem = inversion->starts + 1 + (size_t)(lexicon->terms[worker][i] >> 2) * FIELD_COUNT;
            for (unsigned field = 0; field < FIELD_COUNT; field++)
                of_stem[field] += vocabulary->uses[i].searched[field];
        }
    }
    uint64_t next = 0;
    for (size_t run = 1; run <= runs; run++) {
        uint64_t count = inversion->starts[run];
        inversion->starts[run] = next;
        next += count;
    }
}

/* Tokens of a text that are to be placed, and the stems that place them. */
struct kept_tokens {
    uint64_t tokens[ITEMS_AT_ONCE];
    uint32_t stems[ITEMS_AT_ONCE];
    uint32_t count;
};

/* Keeps those of count items that are tokens of the stems being placed. Every item is written, and the next one over it
 * when it is not kept: which of them are, nothing can foresee, and a branch would be taken wrongly time and again. */
static uint32_t keep_tokens(const struct placing *placing, const uint32_t *terms, const uint32_t *items, uint32_t count,
                            uint64_t token, struct kept_tokens *kept) {
    const uint32_t first = placing->first_rank, stems = placing->end_rank - first;
    uint32_t positions = 0, next = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t is_token = (items[i] & LOG_SEARCH) != 0;
        const uint32_t term = terms[items[i] & LOG_SYMBOL & -is_token];
        kept->tokens[next] = token + TOKEN(0, positions, term & 3);
        kept->stems[next] = term >> 2;
        next += is_token & ((term >> 2) - first < stems);
        positions += is_token;
    }
    kept->count = next;
    return positions;
}

static void place_text(const struct placing *placing, uint32_t doc, enum review_field field,
                       const struct pending_review *review) {
    const struct pending_text *text = &review->text[field];
    const struct lexicon *lexicon = &placing->flush->lexicon;
    const uint32_t *items = lexicon->intakes[review->worker].log + text->log_start, *terms = lexicon->terms[review->worker];
    uint64_t *next = placing->inversion->starts + 1 + field, token = TOKEN(doc, 0, 0);
    uint64_t *const tokens = placing->inversion->tokens;
    const uint64_t before = placing->inversion->first;
    struct kept_tokens kept;
    for (uint32_t at = 0; at < text->log_count; at += ITEMS_AT_ONCE) {
        const uint32_t left = text->log_count - at, count = left < ITEMS_AT_ONCE ? left : ITEMS_AT_ONCE;
        const uint32_t positions = keep_tokens(placing, terms, items + at, count, token, &kept);
        token += TOKEN(0, positions, 0);
        for (uint32_t i = 0; i < kept.count; i++)
            tokens[next[(size_t)kept.stems[i] * FIELD_COUNT]++ - before] = kept.tokens[i];
    }
}

static revue_status place_range(struct task *task, unsigned worker, revue_error *error) {
    (void)worker;
    (void)error;
    const struct placing *placing = (const struct placing *)(const void *)task;
    for (uint32_t doc = 0; doc < placing->flush->doc_count; doc++)
        for (unsigned field = 0; field < FIELD_COUNT; field++)
            place_text(placing, doc, (enum review_field)field, placing->flush->reviews[doc]);
    return REVUE_OK;
}

/* The first of the stems [low, high) at which at least share of all tokens lie before it. */
static uint32_t rank_at(const struct inversion *inversion, uint32_t low, uint32_t high, uint64_t share) {
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (inversion_tokens_before(inversion, middle) < share)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static revue_status make_room(struct inversion *inversion, uint64_t tokens, revue_error *error) {
    if (tokens <= inversion->capacity) return REVUE_OK;
    memory_free(inversion->tokens);
    inversion->capacity = 0;
    inversion->tokens = memory_alloc_array(tokens, sizeof *inversion->tokens);
    if (!inversion->tokens) return error_no_memory(error);
    inversion->capacity = tokens;
    return REVUE_OK;
}

revue_status inversion_place(struct inversion *inversion, const struct flush *flush, uint32_t first_rank, uint32_t end_rank,
                             revue_error *error) {
    workers *pool = flush->accumulator->workers;
    unsigned ranges = workers_threads(pool);
    uint64_t end =
        end_rank < flush->lexicon.stem_count ? inversion_tokens_before(inversion, end_rank) : flush->meta.token_count;
    inversion->first = inversion_tokens_before(inversion, first_rank);
    TRY(make_room(inversion, end - inversion->first, error));
    struct placing *placing = memory_alloc_zeroed(ranges, sizeof *placing);
    if (!placing) return error_no_memory(error);
    uint32_t first = first_rank;
    for (unsigned i = 0; i < ranges; i++) {
        uint64_t share = inversion->first + (end - inversion->first) * (i + 1) / ranges;
        uint32_t last = i + 1 < ranges ? rank_at(inversion, first, end_rank, share) : end_rank;
        placing[i] = (struct placing){{.run = place_range}, inversion, flush, first, last};
        first = last;
    }
    for (unsigned i = 0; i < ranges; i++)
        workers_submit(pool, &placing[i].task);
    for (unsigned i = 0; i < ranges; i++)
        (void)workers_wait(pool, &placing[i].task, NULL);
    memory_free(placing);
    return REVUE_OK;
}

revue_status inversion_init(struct inversion *inversion, const struct flush *flush, revue_error *error) {
    size_t runs = (size_t)flush->lexicon.stem_count * FIELD_COUNT;
    *inversion = (struct inversion){.starts = memory_alloc_zeroed(runs + 1, sizeof *inversion->starts)};
    if (!inversion->starts) return error_no_memory(error);
    count_tokens(inversion, &flush->lexicon);
    return REVUE_OK;
}

void inversion_free(struct inversion *inversion) {
    memory_free(inversion->starts);
    memory_free(inversion->tokens);
    *inversion = (struct inversion){0};
}
