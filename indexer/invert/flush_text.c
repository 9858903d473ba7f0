/* flush_text.c - the stored text of a segment: symbols get numbers, texts become word codes (FORMAT.md, 7).
 *
 * A symbol's code is worked out once; a text is then its symbols' codes one after the other. Texts are encoded in ranges of
 * reviews by the workers and appended in order by the caller. */
#include "indexer/base/memory.h"
#include "indexer/format/stored_text.h"
#include "indexer/invert/flush.h"

#include <string.h>

/* A code ready to be put: up to 39 bits, and how many they are in the highest byte. */
#define CODE_SIZE_SHIFT 56

struct text_numbers {
    struct flush *flush;
    struct symbol *table; /* of the symbols that get a new number */
    uint32_t table_count;
    uint64_t **codes; /* by worker and symbol; 0: a literal */
    uint64_t touch;   /* the code of "no blank" */
};

/* ---- numbers ---- */

static const struct vocabulary_symbol *symbol_of(const struct lexicon *lexicon, uint32_t symbol) {
    struct sort_key key = lexicon->symbol_keys[lexicon->symbols[symbol].first];
    return &lexicon->intakes[key.owner].vocabulary.symbols[key.index];
}

/* Most stored first; of equals the order they had, which is that of their bytes. */
static int compare_places(const void *left, const void *right, void *context) {
    const struct sort_key *a = left, *b = right;
    (void)context;
    return a->index < b->index ? -1 : 1;
}

/* Symbols the base table does not hold get numbers of their own when they are stored twice; a single one is a literal.
 * numbers: of all symbols of the lexicon, 0 for literals. ranked: room for as many, for the new ones in order. */
static revue_status number_symbols(struct text_numbers *text, uint32_t *numbers, struct sort_key *ranked,
                                   uint32_t *ranked_count, revue_error *error) {
    const struct lexicon *lexicon = &text->flush->lexicon;
    const struct base_symbols *base = text->flush->base;
    uint32_t first_number = SYMBOL_FIRST + (base->code.is_made ? base->count : 0), count = 0;
    for (uint32_t i = 0; i < lexicon->symbol_count; i++) {
        const struct vocabulary_symbol *symbol = symbol_of(lexicon, i);
        numbers[i] = base_symbols_find(base, view_of(symbol->bytes, symbol->size), symbol->kind == SYMBOL_GAP);
        if (numbers[i] == 0 && lexicon->symbols[i].count > 1)
            ranked[count++] = (struct sort_key){UINT64_MAX - lexicon->symbols[i].count, 0, i};
    }
    TRY(sort_keys(ranked, count, compare_places, NULL, error));
    for (uint32_t i = 0; i < count; i++)
        numbers[ranked[i].index] = first_number + i;
    text->flush->meta.first_symbol = first_number;
    *ranked_count = count;
    return REVUE_OK;
}

static revue_status make_table(struct text_numbers *text, const struct sort_key *ranked, uint32_t count,
                               revue_error *error) {
    text->table = memory_alloc_array(count, sizeof *text->table);
    if (!text->table) return error_no_memory(error);
    text->table_count = count;
    for (uint32_t i = 0; i < count; i++) {
        const struct vocabulary_symbol *symbol = symbol_of(&text->flush->lexicon, ranked[i].index);
        text->table[i] = (struct symbol){view_of(symbol->bytes, symbol->size), symbol->kind == SYMBOL_GAP};
    }
    return REVUE_OK;
}

/* Occurrences of symbols without a number. */
static void count_literals(const struct text_numbers *text, const uint32_t *numbers, uint64_t counts[SYMBOL_FIRST]) {
    const struct lexicon *lexicon = &text->flush->lexicon;
    for (unsigned worker = 0; worker < lexicon->workers; worker++) {
        const struct vocabulary *vocabulary = &lexicon->intakes[worker].vocabulary;
        for (size_t i = 0; i < vocabulary->symbol_count; i++)
            if (vocabulary->symbols[i].size > SYMBOL_BYTES_MAX)
                counts[vocabulary->symbols[i].kind == SYMBOL_GAP ? SYMBOL_LITERAL_GAP : SYMBOL_LITERAL_WORD] +=
                    vocabulary->uses[i].stored;
    }
    for (uint32_t i = 0; i < lexicon->symbol_count; i++)
        if (numbers[i] == 0)
            counts[symbol_of(lexicon, i)->kind == SYMBOL_GAP ? SYMBOL_LITERAL_GAP : SYMBOL_LITERAL_WORD] +=
                lexicon->symbols[i].count;
}

/* The first flush of a generation: its symbols become the base table, and their counts choose the code. */
static revue_status create_base(struct text_numbers *text, const uint32_t *numbers, const struct sort_key *ranked,
                                uint32_t count, revue_error *error) {
    uint64_t *counts = memory_alloc_zeroed((size_t)count + SYMBOL_FIRST, sizeof *counts);
    if (!counts) return error_no_memory(error);
    count_literals(text, numbers, counts);
    for (uint32_t i = 0; i < count; i++)
        counts[SYMBOL_FIRST + i] = text->flush->lexicon.symbols[ranked[i].index].count;
    uint8_t lengths[NUMBER_CLASSES];
    number_code_choose(counts, (size_t)count + SYMBOL_FIRST, lengths);
    memory_free(counts);
    TRY(base_symbols_create(text->flush->base, text->flush->to, text->table, text->table_count, lengths, error));
    text->flush->meta.first_symbol = SYMBOL_FIRST + count;
    return REVUE_OK;
}

static uint64_t code_of(uint32_t number, const struct number_code *number_code) {
    const struct number_bits code = number_code_encode(number_code, number);
    return code.bits | (uint64_t)code.size << CODE_SIZE_SHIFT;
}

/* The code of every symbol of every worker. */
static revue_status make_codes(struct text_numbers *text, const uint32_t *numbers, revue_error *error) {
    const struct lexicon *lexicon = &text->flush->lexicon;
    const struct number_code *code_of_numbers = &text->flush->base->code;
    text->codes = memory_alloc_zeroed(lexicon->workers, sizeof *text->codes);
    for (unsigned worker = 0; text->codes && worker < lexicon->workers; worker++) {
        text->codes[worker] = memory_alloc_zeroed(lexicon->intakes[worker].vocabulary.symbol_count, sizeof(uint64_t));
        if (!text->codes[worker]) return error_no_memory(error);
    }
    if (!text->codes) return error_no_memory(error);
    text->touch = code_of(SYMBOL_NO_BLANK, code_of_numbers);
    for (uint32_t i = 0; i < lexicon->symbol_count; i++) {
        const struct lexicon_symbol *symbol = &lexicon->symbols[i];
        uint64_t code = numbers[i] ? code_of(numbers[i], code_of_numbers) : 0;
        if (numbers[i] && code >> CODE_SIZE_SHIFT == 0)
            return error_set(error, REVUE_USAGE, "too many different symbols in one index: at most %u", NUMBER_LIMIT);
        for (uint32_t j = 0; j < symbol->same; j++) {
            struct sort_key key = lexicon->symbol_keys[symbol->first + j];
            text->codes[key.owner][key.index] = code;
        }
    }
    return REVUE_OK;
}

revue_status flush_number_symbols(struct flush *flush, revue_error *error) {
    struct text_numbers *text = memory_alloc_zeroed(1, sizeof *text);
    if (!text) return error_no_memory(error);
    text->flush = flush;
    flush->text = text;
    uint32_t ranked_count, count = flush->lexicon.symbol_count;
    uint32_t *numbers = memory_alloc_array(count, sizeof *numbers);
    struct sort_key *ranked = memory_alloc_array(count, sizeof *ranked);
    revue_status status;
    if (!numbers || !ranked) TRY_DONE(error_no_memory(error));
    TRY_DONE(number_symbols(text, numbers, ranked, &ranked_count, error));
    TRY_DONE(make_table(text, ranked, ranked_count, error));
    if (flush->base->code.is_made)
        flush->meta.symbol_count = ranked_count;
    else
        TRY_DONE(create_base(text, numbers, ranked, ranked_count, error));
    TRY_DONE(make_codes(text, numbers, error));
done:
    memory_free(numbers);
    memory_free(ranked);
    return status;
}

void text_numbers_free(struct text_numbers *text) {
    if (!text) return;
    for (unsigned worker = 0; text->codes && worker < text->flush->lexicon.workers; worker++)
        memory_free(text->codes[worker]);
    memory_free(text->codes);
    memory_free(text->table);
    memory_free(text);
}

/* ---- texts ---- */

#define RANGE_REVIEWS 512u

struct part_place { /* of a text in the range's bytes */
    enum text_coding coding;
    size_t start, size;
};
struct text_range {
    struct bytes encoded;
    struct text_packer packer;
    struct part_place parts[RANGE_REVIEWS][TEXT_FIELD_COUNT];
};
struct texts_flush {
    const struct flush *flush;
    struct text_range *ranges; /* by slot */
    text_writer *writer;
};

static void append_literal(struct word_codes_writer *writer, const struct vocabulary_symbol *symbol) {
    uint32_t number = symbol->kind == SYMBOL_WORD ? SYMBOL_LITERAL_WORD : SYMBOL_LITERAL_GAP;
    word_codes_append(writer, (struct text_item){number, view_of(symbol->bytes, symbol->size)}, false, false, true);
}

/* Appends the word codes of a text. The log says where words touch, which is the only thing between words that is told. */
static void encode_text(const struct flush *flush, const struct pending_review *review, const struct pending_text *pending,
                        struct bytes *out) {
    const struct intake *intake = &flush->lexicon.intakes[review->worker];
    const uint32_t *item = intake->log + pending->log_start;
    const uint64_t *codes = flush->text->codes[review->worker];
    struct word_codes_writer writer;
    word_codes_start(&writer, &flush->base->code, out);
    for (uint32_t i = 0; i < pending->log_count; i++) {
        if (!(item[i] & LOG_STORE) && item[i] != LOG_TOUCH) continue;
        const uint64_t code = item[i] == LOG_TOUCH ? flush->text->touch : codes[item[i] & LOG_SYMBOL];
        const unsigned size = (unsigned)(code >> CODE_SIZE_SHIFT);
        if (size > 0)
            word_codes_put(&writer, (struct number_bits){code & (((uint64_t)1 << CODE_SIZE_SHIFT) - 1), size});
        else
            append_literal(&writer, &intake->vocabulary.symbols[item[i] & LOG_SYMBOL]);
    }
    word_codes_finish(&writer);
}

static revue_status encode_raw(struct text_range *range, struct view raw, struct part_place *place, revue_error *error) {
    struct text_part part;
    TRY(text_part_choose(raw, view_of(NULL, 0), &range->packer, &part, error));
    bytes_append(&range->encoded, part.data.data, part.data.size);
    place->coding = part.coding;
    return REVUE_OK;
}

/* What a text is stored as. Texts made of words are not kept as bytes, so only their codes are at hand: they pay by far. */
static revue_status encode_field(const struct flush *flush, const struct pending_review *review, enum review_field field,
                                 struct text_range *range, struct part_place *place, revue_error *error) {
    const struct pending_text *pending = &review->text[field];
    *place = (struct part_place){.start = range->encoded.size};
    if (pending->raw.data) {
        TRY(encode_raw(range, pending->raw, place, error));
    } else {
        encode_text(flush, review, pending, &range->encoded);
        place->coding = range->encoded.size > place->start ? CODING_WORDS : CODING_ABSENT;
    }
    place->size = range->encoded.size - place->start;
    return range->encoded.failed ? error_no_memory(error) : REVUE_OK;
}

static uint32_t range_end(const struct flush *flush, uint32_t part) {
    uint32_t first = part * RANGE_REVIEWS;
    return flush->doc_count - first < RANGE_REVIEWS ? flush->doc_count : first + RANGE_REVIEWS;
}

static revue_status make_texts(void *context, uint32_t part, unsigned slot, unsigned worker, revue_error *error) {
    (void)worker;
    const struct texts_flush *texts = context;
    struct text_range *range = &texts->ranges[slot];
    uint32_t first = part * RANGE_REVIEWS, end = range_end(texts->flush, part);
    bytes_clear(&range->encoded);
    for (uint32_t doc = first; doc < end; doc++) {
        const struct pending_review *review = texts->flush->reviews[doc];
        struct part_place *places = range->parts[doc - first];
        TRY(encode_field(texts->flush, review, FIELD_TITLE, range, &places[TEXT_TITLE], error));
        TRY(encode_field(texts->flush, review, FIELD_BODY, range, &places[TEXT_BODY], error));
        places[TEXT_URL] = (struct part_place){.start = range->encoded.size};
        if (review->url.size) TRY(encode_raw(range, review->url, &places[TEXT_URL], error));
        places[TEXT_URL].size = range->encoded.size - places[TEXT_URL].start;
    }
    return range->encoded.failed ? error_no_memory(error) : REVUE_OK;
}

static revue_status append_texts(void *context, uint32_t part, unsigned slot, revue_error *error) {
    struct texts_flush *texts = context;
    const struct text_range *range = &texts->ranges[slot];
    uint32_t first = part * RANGE_REVIEWS, end = range_end(texts->flush, part);
    for (uint32_t doc = first; doc < end; doc++) {
        struct text_part parts[TEXT_FIELD_COUNT];
        for (unsigned field = 0; field < TEXT_FIELD_COUNT; field++) {
            const struct part_place *place = &range->parts[doc - first][field];
            struct view data = place->size ? view_of(range->encoded.data + place->start, place->size) : view_of(NULL, 0);
            parts[field] = (struct text_part){place->coding, data};
        }
        TRY(text_writer_add(texts->writer, parts, error));
    }
    return REVUE_OK;
}

static revue_status write_texts(struct flush *flush, revue_error *error) {
    workers *pool = flush->accumulator->workers;
    struct texts_flush texts = {.flush = flush};
    struct parts parts = {make_texts, append_texts, &texts, (flush->doc_count + RANGE_REVIEWS - 1) / RANGE_REVIEWS,
                          accumulator_parts_ahead(flush->accumulator)};
    uint64_t text_size, index_size;
    revue_status status;
    texts.ranges = memory_alloc_zeroed(parts.slots, sizeof *texts.ranges);
    if (!texts.ranges) return error_no_memory(error);
    TRY_DONE(text_writer_create(&texts.writer, flush->sink, error));
    TRY_DONE(parts_run(pool, &parts, error));
    TRY_DONE(text_writer_finish(texts.writer, &text_size, &index_size, error));
done:
    text_writer_free(texts.writer);
    for (unsigned slot = 0; slot < parts.slots; slot++) {
        bytes_free(&texts.ranges[slot].encoded);
        text_packer_free(&texts.ranges[slot].packer);
    }
    memory_free(texts.ranges);
    return status;
}

revue_status flush_text(struct flush *flush, revue_error *error) {
    uint64_t bytes_size, index_size;
    if (flush->meta.symbol_count > 0)
        TRY(symbols_write(flush->sink, flush->text->table, flush->text->table_count, &bytes_size, &index_size, error));
    return write_texts(flush, error);
}
