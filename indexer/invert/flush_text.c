/* flush_text.c - the stored text of a segment: symbols get numbers, texts become word codes (FORMAT.md, 7). */
#include "indexer/invert/flush.h"

#include "indexer/base/memory.h"
#include "indexer/format/stored_text.h"

#include <stdlib.h>
#include <string.h>

struct text_numbers {
    struct flush *flush;
    const struct vocabulary *vocabulary;
    uint32_t *number;     /* of each symbol, or SYMBOL_LITERAL_... */
    struct symbol *table; /* of the symbols that get a new number */
    uint32_t table_count;
};

/* Languages share the text table: the same word met in two languages is one symbol of it. */
static int compare_symbol_bytes(const void *left, const void *right, void *context) {
    const struct vocabulary_symbol *symbols = context;
    const struct vocabulary_symbol *a = &symbols[*(const uint32_t *)left], *b = &symbols[*(const uint32_t *)right];
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    return view_compare(view_of(a->bytes, a->size), view_of(b->bytes, b->size));
}

struct ranked_symbol {
    uint64_t count;       /* how often it is stored, all languages together */
    uint32_t first, same; /* in the sorted order: symbols with these bytes */
};

struct ranking {
    const struct vocabulary_symbol *symbols;
    const uint32_t *sorted;
};

static int compare_ranked(const void *left, const void *right, void *context) {
    const struct ranking *ranking = context;
    const struct ranked_symbol *a = left, *b = right;
    if (a->count != b->count) return a->count > b->count ? -1 : 1;
    return compare_symbol_bytes(&ranking->sorted[a->first], &ranking->sorted[b->first],
                                (void *)(uintptr_t)ranking->symbols);
}

static bool may_have_number(const struct vocabulary_symbol *symbol) {
    return symbol->stored > 0 && symbol->size <= SYMBOL_BYTES_MAX;
}

/* Sorted by bytes; *count of them are stored at all. */
static revue_status sort_stored(struct text_numbers *text, uint32_t **sorted, uint32_t *count, revue_error *error) {
    const struct vocabulary *vocabulary = text->vocabulary;
    uint32_t *indexes = memory_alloc_array(vocabulary->symbol_count, sizeof *indexes);
    if (!indexes) return error_no_memory(error);
    *count = 0;
    for (uint32_t i = 0; i < vocabulary->symbol_count; i++)
        if (may_have_number(&vocabulary->symbols[i])) indexes[(*count)++] = i;
    qsort_r(indexes, *count, sizeof *indexes, compare_symbol_bytes, vocabulary->symbols);
    *sorted = indexes;
    return REVUE_OK;
}

/* Symbols the base table does not hold get numbers of their own when they are stored twice; a single one is a literal. */
static revue_status rank_new(struct text_numbers *text, const uint32_t *sorted, uint32_t count,
                             struct ranked_symbol **ranked, uint32_t *ranked_count, revue_error *error) {
    const struct vocabulary_symbol *symbols = text->vocabulary->symbols;
    struct ranking ranking = {symbols, sorted};
    *ranked = memory_alloc_array(count, sizeof **ranked);
    if (!*ranked) return error_no_memory(error);
    *ranked_count = 0;
    for (uint32_t i = 0; i < count;) {
        struct ranked_symbol group = {.first = i};
        const struct vocabulary_symbol *symbol = &symbols[sorted[i]];
        for (; i < count && compare_symbol_bytes(&sorted[i], &sorted[group.first], (void *)(uintptr_t)symbols) == 0; i++) {
            group.count += symbols[sorted[i]].stored;
            group.same++;
        }
        uint32_t base_number =
            base_symbols_find(text->flush->base, view_of(symbol->bytes, symbol->size), symbol->kind == SYMBOL_GAP);
        for (uint32_t j = 0; j < group.same; j++)
            text->number[sorted[group.first + j]] = base_number;
        if (base_number == 0 && group.count > 1) (*ranked)[(*ranked_count)++] = group;
    }
    qsort_r(*ranked, *ranked_count, sizeof **ranked, compare_ranked, &ranking);
    return REVUE_OK;
}

static revue_status number_new(struct text_numbers *text, const uint32_t *sorted, const struct ranked_symbol *ranked,
                               uint32_t count, uint32_t first_number, revue_error *error) {
    text->table = memory_alloc_array(count, sizeof *text->table);
    if (!text->table) return error_no_memory(error);
    text->table_count = count;
    for (uint32_t i = 0; i < count; i++) {
        const struct vocabulary_symbol *symbol = &text->vocabulary->symbols[sorted[ranked[i].first]];
        text->table[i] = (struct symbol){view_of(symbol->bytes, symbol->size), symbol->kind == SYMBOL_GAP};
        for (uint32_t j = 0; j < ranked[i].same; j++)
            text->number[sorted[ranked[i].first + j]] = first_number + i;
    }
    return REVUE_OK;
}

/* The first flush of a generation: its symbols become the base table, and their counts choose the code. */
static revue_status create_base(struct text_numbers *text, const struct ranked_symbol *ranked, uint32_t count,
                                revue_error *error) {
    const struct vocabulary *vocabulary = text->vocabulary;
    uint64_t *counts = memory_alloc_zeroed((size_t)count + SYMBOL_FIRST, sizeof *counts);
    if (!counts) return error_no_memory(error);
    for (size_t i = 0; i < vocabulary->symbol_count; i++)
        if (text->number[i] == 0)
            counts[vocabulary->symbols[i].kind == SYMBOL_GAP ? SYMBOL_LITERAL_GAP : SYMBOL_LITERAL_WORD] +=
                vocabulary->symbols[i].stored;
    for (uint32_t i = 0; i < count; i++)
        counts[SYMBOL_FIRST + i] = ranked[i].count;
    unsigned s = dense_code_choose(counts, (size_t)count + SYMBOL_FIRST);
    memory_free(counts);
    TRY(base_symbols_create(text->flush->base, text->flush->to, text->table, text->table_count, s, error));
    text->flush->meta.first_symbol = SYMBOL_FIRST + count;
    return REVUE_OK;
}

static revue_status number_symbols(struct text_numbers *text, revue_error *error) {
    uint32_t *sorted = NULL, stored_count = 0, ranked_count = 0;
    struct ranked_symbol *ranked = NULL;
    revue_status status;
    struct base_symbols *base = text->flush->base;
    bool has_base = base->s != 0;
    uint32_t first_number = SYMBOL_FIRST + (has_base ? base->count : 0);
    text->number = memory_alloc_zeroed(text->vocabulary->symbol_count, sizeof *text->number);
    if (!text->number) return error_no_memory(error);
    TRY_DONE(sort_stored(text, &sorted, &stored_count, error));
    TRY_DONE(rank_new(text, sorted, stored_count, &ranked, &ranked_count, error));
    TRY_DONE(number_new(text, sorted, ranked, ranked_count, first_number, error));
    text->flush->meta.first_symbol = first_number;
    if (has_base)
        text->flush->meta.symbol_count = text->table_count;
    else
        TRY_DONE(create_base(text, ranked, ranked_count, error));
done:
    memory_free(sorted);
    memory_free(ranked);
    return status;
}

static void encode_text(const struct text_numbers *text, const struct pending_text *pending, struct bytes *codes) {
    const uint32_t *item = text->flush->accumulator->log + pending->log_start;
    unsigned s = text->flush->base->s;
    bool follows_word = false, touches = false;
    bytes_clear(codes);
    for (uint32_t i = 0; i < pending->log_count; i++) {
        if (item[i] == LOG_TOUCH) {
            touches = true;
            continue;
        }
        if (!(item[i] & LOG_STORE)) continue;
        uint32_t symbol_index = item[i] & LOG_SYMBOL;
        const struct vocabulary_symbol *symbol = &text->vocabulary->symbols[symbol_index];
        bool is_word = symbol->kind == SYMBOL_WORD;
        struct text_item coded = {.number = text->number[symbol_index]};
        if (coded.number == 0) {
            coded.number = is_word ? SYMBOL_LITERAL_WORD : SYMBOL_LITERAL_GAP;
            coded.literal = view_of(symbol->bytes, symbol->size);
        }
        word_codes_append(codes, s, coded, follows_word, is_word, !touches);
        follows_word = is_word;
        touches = false;
    }
}

/* What a text is stored as. Texts made of words are not kept as bytes, so only their codes are at hand: they pay by far. */
static revue_status choose_part(const struct text_numbers *text, const struct pending_text *pending, struct bytes *codes,
                                struct bytes *scratch, struct text_part *part, revue_error *error) {
    if (pending->raw.data) return text_part_choose(pending->raw, view_of(NULL, 0), scratch, part, error);
    encode_text(text, pending, codes);
    if (codes->failed) return error_no_memory(error);
    *part = (struct text_part){codes->size ? CODING_WORDS : CODING_ABSENT, bytes_view(codes)};
    return REVUE_OK;
}

static revue_status write_texts(struct text_numbers *text, revue_error *error) {
    text_writer *writer = NULL;
    struct bytes title = {0}, body = {0}, title_scratch = {0}, body_scratch = {0}, url_scratch = {0};
    uint64_t text_size, index_size;
    revue_status status;
    TRY_DONE(text_writer_create(&writer, text->flush->sink, error));
    for (uint32_t doc = 0; doc < text->flush->doc_count; doc++) {
        const struct pending_review *review = &text->flush->accumulator->reviews[text->flush->order[doc]];
        struct text_part parts[TEXT_FIELD_COUNT] = {0};
        TRY_DONE(choose_part(text, &review->text[FIELD_TITLE], &title, &title_scratch, &parts[TEXT_TITLE], error));
        TRY_DONE(choose_part(text, &review->text[FIELD_BODY], &body, &body_scratch, &parts[TEXT_BODY], error));
        if (review->url.size)
            TRY_DONE(text_part_choose(review->url, view_of(NULL, 0), &url_scratch, &parts[TEXT_URL], error));
        TRY_DONE(text_writer_add(writer, parts, error));
    }
    TRY_DONE(text_writer_finish(writer, &text_size, &index_size, error));
done:
    text_writer_free(writer);
    bytes_free(&title);
    bytes_free(&body);
    bytes_free(&title_scratch);
    bytes_free(&body_scratch);
    bytes_free(&url_scratch);
    return status;
}

revue_status flush_number_symbols(struct flush *flush, revue_error *error) {
    struct text_numbers *text = memory_alloc_zeroed(1, sizeof *text);
    if (!text) return error_no_memory(error);
    *text = (struct text_numbers){.flush = flush, .vocabulary = &flush->accumulator->vocabulary};
    flush->text = text;
    return number_symbols(text, error);
}

revue_status flush_text(struct flush *flush, revue_error *error) {
    uint64_t bytes_size, index_size;
    if (flush->meta.symbol_count > 0)
        TRY(symbols_write(flush->sink, flush->text->table, flush->text->table_count, &bytes_size, &index_size, error));
    return write_texts(flush->text, error);
}

void text_numbers_free(struct text_numbers *text) {
    if (!text) return;
    memory_free(text->number);
    memory_free(text->table);
    memory_free(text);
}
