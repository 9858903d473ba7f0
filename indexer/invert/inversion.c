/* inversion.c - see inversion.h.
 *
 * A counting sort. How many tokens each stem has in each field is known from what the workers counted symbol by symbol, so
 * one pass over the log drops each token at its place. Reviews are visited in their final order, so that every run comes
 * out sorted. With several threads each takes a range of stems of about as many tokens as the others' and passes over the
 * whole log: reading it is cheap, and what is written stays in the range's own memory. The same lets a flush place the
 * stems in several passes: each costs one more look at the log, four bytes a word, and saves eight bytes a word of the
 * stems that are not in it.
 *
 * Since every token is looked at many times (with 512 MiB and two threads nine times), the log is turned over first: its
 * symbols become terms, and what is no token goes, so that a look is a load and a comparison. The texts must have been
 * written by then. */
#include "indexer/invert/inversion.h"

#include "indexer/base/memory.h"

#include <string.h>

#define TERMS_AT_ONCE 128u

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

/* ---- turning the log over ---- */

struct turning {
    struct task task;
    const struct flush *flush;
    uint32_t first_doc, end_doc;
};

/* Symbols of tokens become terms, side by side: the place of each is its position. */
static void turn_text(const struct lexicon *lexicon, unsigned worker, const struct pending_text *text) {
    uint32_t *items = lexicon->intakes[worker].log + text->log_start, next = 0;
    const uint32_t *terms = lexicon->terms[worker];
    for (uint32_t i = 0; i < text->log_count; i++) {
        const uint32_t item = items[i], is_token = (item & LOG_SEARCH) != 0;
        items[next] = terms[item & LOG_SYMBOL & -is_token];
        next += is_token;
    }
}

static revue_status turn_range(struct task *task, unsigned worker, revue_error *error) {
    (void)worker;
    (void)error;
    const struct turning *turning = (const struct turning *)(const void *)task;
    for (uint32_t doc = turning->first_doc; doc < turning->end_doc; doc++) {
        const struct pending_review *review = turning->flush->reviews[doc];
        for (unsigned field = 0; field < FIELD_COUNT; field++)
            turn_text(&turning->flush->lexicon, review->worker, &review->text[field]);
    }
    return REVUE_OK;
}

static revue_status turn_log(const struct flush *flush, revue_error *error) {
    workers *pool = flush->accumulator->workers;
    unsigned ranges = workers_threads(pool);
    struct turning *turning = memory_alloc_zeroed(ranges, sizeof *turning);
    if (!turning) return error_no_memory(error);
    for (unsigned i = 0; i < ranges; i++) {
        turning[i] = (struct turning){{.run = turn_range}, flush, 0, 0};
        turning[i].first_doc = (uint32_t)((uint64_t)flush->doc_count * i / ranges);
        turning[i].end_doc = (uint32_t)((uint64_t)flush->doc_count * (i + 1) / ranges);
        workers_submit(pool, &turning[i].task);
    }
    for (unsigned i = 0; i < ranges; i++)
        (void)workers_wait(pool, &turning[i].task, NULL);
    memory_free(turning);
    return REVUE_OK;
}

/* ---- placing ---- */

/* Tokens of a text that are to be placed, and the stems that place them. */
struct kept_tokens {
    uint64_t tokens[TERMS_AT_ONCE];
    uint32_t stems[TERMS_AT_ONCE];
    uint32_t count;
};

/* Keeps those of count terms that are of the stems being placed. Every one is written, and the next over it when it is not
 * kept: which of them are, nothing can foresee, and a branch would be taken wrongly time and again. */
static inline void keep_tokens(const struct placing *placing, const uint32_t *terms, uint32_t count, uint64_t token,
                               struct kept_tokens *kept) {
    const uint32_t first = placing->first_rank, stems = placing->end_rank - first;
    uint32_t next = 0;
    for (uint32_t i = 0; i < count; i++) {
        kept->tokens[next] = token + TOKEN(0, i, terms[i] & 3);
        kept->stems[next] = terms[i] >> 2;
        next += (terms[i] >> 2) - first < stems;
    }
    kept->count = next;
}

static void place_text(const struct placing *placing, uint32_t doc, enum review_field field,
                       const struct pending_review *review) {
    const struct pending_text *text = &review->text[field];
    const uint32_t *terms = placing->flush->lexicon.intakes[review->worker].log + text->log_start;
    uint64_t *next = placing->inversion->starts + 1 + field;
    uint64_t *const tokens = placing->inversion->tokens;
    const uint64_t before = placing->inversion->first;
    struct kept_tokens kept;
    for (uint32_t at = 0; at < text->length; at += TERMS_AT_ONCE) {
        const uint32_t left = text->length - at, count = left < TERMS_AT_ONCE ? left : TERMS_AT_ONCE;
        keep_tokens(placing, terms + at, count, TOKEN(doc, at, 0), &kept);
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
    return turn_log(flush, error);
}

void inversion_free(struct inversion *inversion) {
    memory_free(inversion->starts);
    memory_free(inversion->tokens);
    *inversion = (struct inversion){0};
}
