/* inversion.c - see inversion.h.
 *
 * A counting sort in two steps, for one step would drop every token at a place of its own in much more memory than the
 * cache holds. First each token goes to the end of what was gathered of its range: some hundred places, side by side in
 * the cache. Then each range is sorted by itself, just before it is encoded, by whoever encodes it. Reviews are visited
 * field by field in their final order, and both steps keep that order; so a range of one stem is sorted already.
 *
 * The reviews are cut into parts of about as many tokens. How many tokens of a range a part has is counted beforehand, so
 * every part knows where its own go, and threads gather several at once. What is gathered for a range does not depend on
 * how many parts there are.
 *
 * A flush may gather some ranges after the other: each time costs one more look at the log, four bytes a word, and saves
 * eight bytes a word of the ranges that wait. So the log is turned over first: its symbols become terms, and what is no
 * token goes. The texts must have been written by then. */
#include "indexer/invert/inversion.h"

#include "indexer/base/memory.h"

#include <string.h>

/* A range has no more stems or tokens than these, but for that of a stem that has more alone. */
#define RANGE_STEMS_BITS 10u
#define RANGE_TOKENS ((uint64_t)1 << 16)

#define FORM_BITS 2u
#define PARTS_A_THREAD 4u
#define REVIEWS_AHEAD 4u
#define LINES_AHEAD 4u
#define ITEMS_IN_LINE 16u
#define TOKENS_IN_LINE 8u

/* A term of the log: the number of its range, that of the stem within it, and the form. A token that was gathered: stem and
 * form in the highest bits, then review and position. */
struct inversion_part {
    struct task task;
    const struct inversion *inversion;
    const struct flush *flush;
    uint32_t first_doc, end_doc;
    /* By field and range: how many tokens there are; then where the next of them goes. */
    uint64_t *places;
    uint32_t first_range, end_range; /* to be gathered */
};

static uint64_t *places_of(const struct inversion_part *part, unsigned field) {
    return part->places + (size_t)field * part->inversion->range_count;
}

/* ---- counting ---- */

/* Adds up what the symbols count, then turns counts into starts. */
static revue_status count_tokens(struct inversion *inversion, const struct lexicon *lexicon, revue_error *error) {
    size_t runs = (size_t)lexicon->stem_count * FIELD_COUNT;
    inversion->starts = memory_alloc_zeroed(runs + 1, sizeof *inversion->starts);
    if (!inversion->starts) return error_no_memory(error);
    for (unsigned worker = 0; worker < lexicon->workers; worker++) {
        const struct vocabulary *vocabulary = &lexicon->intakes[worker].vocabulary;
        for (size_t i = 0; i < vocabulary->symbol_count; i++) {
            if (lexicon->terms[worker][i] == NOT_A_TERM) continue;
            uint64_t *of_stem = inversion->starts + (size_t)(lexicon->terms[worker][i] >> FORM_BITS) * FIELD_COUNT;
            for (unsigned field = 0; field < FIELD_COUNT; field++)
                of_stem[field] += vocabulary->uses[i].searched[field];
        }
    }
    uint64_t next = 0;
    for (size_t run = 0; run <= runs; run++) {
        uint64_t count = inversion->starts[run];
        inversion->starts[run] = next;
        next += count;
    }
    return REVUE_OK;
}

static unsigned bits_for(uint32_t value) {
    return value ? 32 - (unsigned)__builtin_clz(value) : 0;
}

/* How a token is kept while it waits: what review and position leave of 64 bits is for the stem within its range. */
static void choose_bits(struct inversion *inversion, const struct flush *flush) {
    uint32_t longest = 0;
    for (uint32_t doc = 0; doc < flush->doc_count; doc++)
        for (unsigned field = 0; field < FIELD_COUNT; field++)
            if (flush->reviews[doc]->text[field].length > longest) longest = flush->reviews[doc]->text[field].length;
    const unsigned taken = bits_for(longest) + bits_for(flush->doc_count) + FORM_BITS;
    const unsigned left = taken < 64 ? 64 - taken : 0;
    inversion->position_bits = bits_for(longest);
    inversion->stem_bits = left < RANGE_STEMS_BITS ? left : RANGE_STEMS_BITS;
}

/* ---- ranges ---- */

static uint64_t tokens_of_stems(const struct inversion *inversion, uint32_t first, uint32_t end) {
    return inversion->starts[(size_t)end * FIELD_COUNT] - inversion->starts[(size_t)first * FIELD_COUNT];
}

static uint32_t end_of_range(const struct inversion *inversion, uint32_t first, uint32_t stems) {
    const uint32_t most = (uint32_t)1 << inversion->stem_bits;
    uint32_t end = first + 1;
    while (end < stems && end - first < most && tokens_of_stems(inversion, first, end + 1) <= RANGE_TOKENS)
        end++;
    return end;
}

static revue_status cut_ranges(struct inversion *inversion, uint32_t stems, revue_error *error) {
    size_t capacity = 0, count = 0;
    for (uint32_t first = 0;; first = end_of_range(inversion, first, stems)) {
        if (!MEMORY_RESERVE(inversion->range_starts, capacity, count + 1)) return error_no_memory(error);
        inversion->range_starts[count] = first;
        if (first == stems) break;
        count++;
    }
    inversion->range_count = (uint32_t)count;
    if ((uint64_t)count << inversion->stem_bits >= NOT_A_TERM >> FORM_BITS)
        return error_set(error, REVUE_USAGE, "too many different words for one segment");
    return REVUE_OK;
}

/* Terms by rank become terms by range and stem within it. */
static revue_status number_within_ranges(const struct inversion *inversion, const struct lexicon *lexicon,
                                         revue_error *error) {
    uint32_t *numbers = memory_alloc_array(lexicon->stem_count, sizeof *numbers);
    if (!numbers) return error_no_memory(error);
    for (uint32_t range = 0; range < inversion->range_count; range++)
        for (uint32_t rank = inversion->range_starts[range]; rank < inversion->range_starts[range + 1]; rank++)
            numbers[rank] = range << inversion->stem_bits | (rank - inversion->range_starts[range]);
    for (unsigned worker = 0; worker < lexicon->workers; worker++) {
        uint32_t *terms = lexicon->terms[worker];
        for (size_t i = 0; i < lexicon->intakes[worker].vocabulary.symbol_count; i++)
            if (terms[i] != NOT_A_TERM)
                terms[i] = numbers[terms[i] >> FORM_BITS] << FORM_BITS | (terms[i] & ((1u << FORM_BITS) - 1));
    }
    memory_free(numbers);
    return REVUE_OK;
}

/* ---- turning the log over ---- */

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

static const uint32_t *terms_of(const struct flush *flush, uint32_t doc, unsigned field, uint32_t *count) {
    const struct pending_review *review = flush->reviews[doc];
    *count = review->text[field].length;
    return flush->lexicon.intakes[review->worker].log + review->text[field].log_start;
}

/* In their final order reviews and texts lie anywhere: the beginnings of those that come next are fetched. */
static inline void announce_texts(const struct inversion_part *part, uint32_t doc) {
    if (part->end_doc - doc <= REVIEWS_AHEAD) return;
    const struct pending_review *far = part->flush->reviews[doc + REVIEWS_AHEAD],
                                *near = part->flush->reviews[doc + REVIEWS_AHEAD / 2];
    const uint32_t *items = part->flush->lexicon.intakes[near->worker].log + near->text[FIELD_BODY].log_start;
    __builtin_prefetch(&far->worker);
    __builtin_prefetch(&far->text[FIELD_COUNT - 1]);
    for (unsigned line = 0; line < LINES_AHEAD; line++)
        __builtin_prefetch(items + line * ITEMS_IN_LINE);
}

static void count_text(const struct inversion_part *part, uint32_t doc, unsigned field) {
    const unsigned range_shift = part->inversion->stem_bits + FORM_BITS;
    uint64_t *counts = places_of(part, field);
    uint32_t count;
    const uint32_t *terms = terms_of(part->flush, doc, field, &count);
    for (uint32_t i = 0; i < count; i++)
        counts[terms[i] >> range_shift]++;
}

static revue_status turn_part(struct task *task, unsigned worker, revue_error *error) {
    (void)worker;
    (void)error;
    const struct inversion_part *part = (const struct inversion_part *)(const void *)task;
    for (uint32_t doc = part->first_doc; doc < part->end_doc; doc++) {
        const struct pending_review *review = part->flush->reviews[doc];
        announce_texts(part, doc);
        for (unsigned field = 0; field < FIELD_COUNT; field++) {
            turn_text(&part->flush->lexicon, review->worker, &review->text[field]);
            count_text(part, doc, field);
        }
    }
    return REVUE_OK;
}

static void run_parts(const struct inversion *inversion, const struct flush *flush,
                      revue_status (*run)(struct task *task, unsigned worker, revue_error *error)) {
    workers *pool = flush->accumulator->workers;
    for (unsigned i = 0; i < inversion->part_count; i++) {
        inversion->parts[i].task.run = run;
        workers_submit(pool, &inversion->parts[i].task);
    }
    for (unsigned i = 0; i < inversion->part_count; i++)
        (void)workers_wait(pool, &inversion->parts[i].task, NULL);
}

/* Parts of about as many tokens each. */
static revue_status cut_parts(struct inversion *inversion, const struct flush *flush, revue_error *error) {
    unsigned threads = workers_threads(flush->accumulator->workers), count = threads > 1 ? threads * PARTS_A_THREAD : 1;
    inversion->parts = memory_alloc_zeroed(count, sizeof *inversion->parts);
    if (!inversion->parts) return error_no_memory(error);
    uint64_t tokens = 0, all = inversion_tokens_before(inversion, inversion->range_count);
    uint32_t doc = 0;
    for (; inversion->part_count < count; inversion->part_count++) {
        struct inversion_part *part = &inversion->parts[inversion->part_count];
        *part = (struct inversion_part){.inversion = inversion, .flush = flush, .first_doc = doc};
        part->places = memory_alloc_zeroed((size_t)inversion->range_count * FIELD_COUNT, sizeof *part->places);
        if (!part->places) return error_no_memory(error);
        for (; doc < flush->doc_count && tokens * count <= all * (inversion->part_count + 1); doc++)
            for (unsigned field = 0; field < FIELD_COUNT; field++)
                tokens += flush->reviews[doc]->text[field].length;
        part->end_doc = doc;
    }
    inversion->parts[count - 1].end_doc = flush->doc_count;
    return REVUE_OK;
}

/* From how many tokens each part has to where they go: range by range, there field by field, and then in order. */
static void counts_to_places(const struct inversion *inversion) {
    uint64_t next = 0;
    for (uint32_t range = 0; range < inversion->range_count; range++)
        for (unsigned field = 0; field < FIELD_COUNT; field++)
            for (unsigned part = 0; part < inversion->part_count; part++) {
                uint64_t *place = &places_of(&inversion->parts[part], field)[range], count = *place;
                *place = next;
                next += count;
            }
}

revue_status inversion_init(struct inversion *inversion, const struct flush *flush, revue_error *error) {
    *inversion = (struct inversion){.sift = sift_terms_of(0)};
    TRY(count_tokens(inversion, &flush->lexicon, error));
    choose_bits(inversion, flush);
    TRY(cut_ranges(inversion, flush->lexicon.stem_count, error));
    TRY(number_within_ranges(inversion, &flush->lexicon, error));
    TRY(cut_parts(inversion, flush, error));
    run_parts(inversion, flush, turn_part);
    counts_to_places(inversion);
    return REVUE_OK;
}

void inversion_free(struct inversion *inversion) {
    for (unsigned i = 0; i < inversion->part_count; i++)
        memory_free(inversion->parts[i].places);
    memory_free(inversion->parts);
    memory_free(inversion->starts);
    memory_free(inversion->range_starts);
    memory_free(inversion->tokens);
    *inversion = (struct inversion){0};
}

/* ---- gathering ---- */

/* Where the tokens of one text go. */
struct gathering {
    uint64_t *next; /* by range, of the field */
    uint64_t *tokens, before;
    unsigned range_shift, term_shift;
};

/* token: of the review and position, but not yet the term. The line behind the one it goes to is fetched, for the token
 * that begins it would have to wait for memory, and so would all behind it. */
static inline void gather_term(const struct gathering *gathering, uint32_t term, uint64_t token) {
    uint64_t *restrict next = gathering->next, *restrict tokens = gathering->tokens;
    const uint64_t at = next[term >> gathering->range_shift]++;
    __builtin_prefetch(&tokens[at - gathering->before + TOKENS_IN_LINE], 1);
    tokens[at - gathering->before] = token | (uint64_t)term << gathering->term_shift;
}

/* Of several passes each looks at every term: so what is of none of its ranges must cost next to nothing. */
static void gather_text(const struct inversion_part *part, uint32_t doc, unsigned field) {
    const struct inversion *inversion = part->inversion;
    const unsigned range_shift = inversion->stem_bits + FORM_BITS;
    const struct gathering gathering = {.next = places_of(part, field),
                                        .tokens = inversion->tokens,
                                        .before = inversion->first,
                                        .range_shift = range_shift,
                                        .term_shift = 64 - range_shift};
    const bool is_only_pass = part->end_range - part->first_range == inversion->range_count;
    const uint32_t least = part->first_range << range_shift, span = (part->end_range - part->first_range) << range_shift;
    uint64_t token = (uint64_t)doc << inversion->position_bits;
    uint32_t count, size;
    const uint32_t *terms = terms_of(part->flush, doc, field, &count);
    for (; is_only_pass && count > 0; count--)
        gather_term(&gathering, *terms++, token++);
    for (; count > 0; count -= size, terms += size, token += size) {
        uint8_t places[SIFT_ROOM];
        size = count < SIFTED_TERMS ? count : SIFTED_TERMS;
        const uint32_t found = inversion->sift(terms, size, least, span, places);
        for (uint32_t i = 0; i < found; i++)
            gather_term(&gathering, terms[places[i]], token + places[i]);
    }
}

static revue_status gather_part(struct task *task, unsigned worker, revue_error *error) {
    (void)worker;
    (void)error;
    const struct inversion_part *part = (const struct inversion_part *)(const void *)task;
    for (uint32_t doc = part->first_doc; doc < part->end_doc; doc++) {
        announce_texts(part, doc);
        for (unsigned field = 0; field < FIELD_COUNT; field++)
            gather_text(part, doc, field);
    }
    return REVUE_OK;
}

static revue_status make_room(struct inversion *inversion, uint64_t tokens, revue_error *error) {
    if (tokens <= inversion->capacity) return REVUE_OK;
    memory_free(inversion->tokens);
    inversion->capacity = 0;
    inversion->tokens = memory_alloc_array(tokens, sizeof *inversion->tokens);
    if (!inversion->tokens) return error_no_memory(error);
    memory_use_large_pages(inversion->tokens, tokens * sizeof *inversion->tokens);
    inversion->capacity = tokens;
    return REVUE_OK;
}

revue_status inversion_gather(struct inversion *inversion, const struct flush *flush, uint32_t first, uint32_t end,
                              revue_error *error) {
    uint64_t end_token = inversion_tokens_before(inversion, end);
    inversion->first = inversion_tokens_before(inversion, first);
    TRY(make_room(inversion, end_token - inversion->first, error));
    for (unsigned i = 0; i < inversion->part_count; i++) {
        inversion->parts[i].first_range = first;
        inversion->parts[i].end_range = end;
    }
    run_parts(inversion, flush, gather_part);
    return REVUE_OK;
}

/* ---- sorting a range ---- */

/* A token as gathered, as one of those sorted. */
static inline uint64_t token_of(uint64_t gathered, unsigned position_bits, unsigned stem_shift) {
    const uint64_t low = gathered & (((uint64_t)1 << (stem_shift - FORM_BITS)) - 1);
    return TOKEN(low >> position_bits, low & (((uint64_t)1 << position_bits) - 1),
                 gathered >> (stem_shift - FORM_BITS) & ((1u << FORM_BITS) - 1));
}

/* Where the tokens of the runs of a range go within it. */
static void set_places(const struct inversion *inversion, uint32_t range, uint64_t *next) {
    const uint64_t *starts = inversion->starts + (size_t)inversion->range_starts[range] * FIELD_COUNT;
    const uint32_t stems = inversion->range_starts[range + 1] - inversion->range_starts[range];
    for (uint32_t run = 0; run < stems * FIELD_COUNT; run++)
        next[run] = starts[run] - starts[0];
}

static uint64_t tokens_of_field(const struct inversion *inversion, uint32_t range, unsigned field) {
    uint64_t count = 0;
    for (uint32_t rank = inversion->range_starts[range]; rank < inversion->range_starts[range + 1]; rank++)
        count += inversion->starts[(size_t)rank * FIELD_COUNT + field + 1] -
                 inversion->starts[(size_t)rank * FIELD_COUNT + field];
    return count;
}

/* The tokens of each field come one after the other, and so do those of each run in them. */
static void sort_stems(const struct inversion *inversion, uint32_t range, const uint64_t *gathered,
                       struct range_tokens *sorted) {
    const unsigned stem_shift = 64 - inversion->stem_bits;
    set_places(inversion, range, sorted->next);
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        uint64_t *next = sorted->next + field;
        for (const uint64_t *end = gathered + tokens_of_field(inversion, range, field); gathered < end; gathered++)
            sorted->room[next[(*gathered >> stem_shift) * FIELD_COUNT]++] =
                token_of(*gathered, inversion->position_bits, stem_shift);
    }
    sorted->tokens = sorted->room;
}

static void sort_only_stem(const struct inversion *inversion, uint64_t *tokens, uint64_t count,
                           struct range_tokens *sorted) {
    for (uint64_t i = 0; i < count; i++)
        tokens[i] = token_of(tokens[i], inversion->position_bits, 64 - inversion->stem_bits);
    sorted->tokens = tokens;
}

revue_status inversion_sort(const struct inversion *inversion, uint32_t range, struct range_tokens *sorted,
                            revue_error *error) {
    const uint32_t stems = inversion->range_starts[range + 1] - inversion->range_starts[range];
    const uint64_t count = inversion_tokens_before(inversion, range + 1) - inversion_tokens_before(inversion, range);
    sorted->first = inversion_tokens_before(inversion, range);
    uint64_t *gathered = inversion->tokens + (sorted->first - inversion->first);
    if (stems == 1) {
        sort_only_stem(inversion, gathered, count, sorted);
        return REVUE_OK;
    }
    if (!MEMORY_RESERVE(sorted->room, sorted->room_capacity, count) ||
        !MEMORY_RESERVE(sorted->next, sorted->next_capacity, (size_t)stems * FIELD_COUNT))
        return error_no_memory(error);
    sort_stems(inversion, range, gathered, sorted);
    return REVUE_OK;
}

void range_tokens_free(struct range_tokens *sorted) {
    memory_free(sorted->room);
    memory_free(sorted->next);
    *sorted = (struct range_tokens){0};
}
