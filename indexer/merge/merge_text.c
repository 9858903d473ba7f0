/* merge_text.c - stored text: word codes are copied, with the numbers of local symbols replaced.
 *
 * Base numbers mean the same in all segments of a generation. Local symbols and words that were literals (stored once in
 * their segment) are counted over the live merged texts in a first walk, and numbered as a flush numbers them: by count,
 * then bytes; what is stored once is a literal. So merging gives the table and the codes that building at once would have
 * given. Only when literals take a quarter of the memory allowed are further ones not counted: these stay literals.
 * Nothing is decoded: the codes of base symbols are copied bit by bit, other codings whole. */
#include "indexer/merge/merge_internal.h"

#include "indexer/base/arena.h"
#include "indexer/base/hash.h"
#include "indexer/base/memory.h"

#include <stdlib.h>

#define NO_SYMBOL UINT32_MAX
#define FIRST_SLOTS 1024u
#define LITERALS_PART 4u /* of the memory (a quarter) for words that may be stored twice */

struct counted_symbol {
    struct symbol symbol; /* bytes in the arena */
    uint64_t count;
    uint32_t number; /* 0: a literal */
};
struct text_merge {
    struct merge *merge;
    const struct number_code *code; /* of the generation */
    uint32_t first_local;           /* number */
    struct arena arena;
    struct counted_symbol *symbols;
    size_t count, capacity;
    uint64_t *slots; /* 32 bits of hash in the upper half, index + 1 in the lower; 0 is free */
    size_t mask;
    uint32_t **locals; /* of each input: ordinal of a local symbol -> index in symbols */
    uint32_t *ranked;  /* the symbols that have a number, by number */
    uint32_t ranked_count;
};

/* ---- symbols ---- */

static bool reserve_slots(struct text_merge *text) {
    if (text->slots && text->count * 8 < (text->mask + 1) * 5) return true;
    size_t size = text->slots ? (text->mask + 1) * 2 : FIRST_SLOTS;
    uint64_t *grown = memory_alloc_zeroed(size, sizeof *grown);
    if (!grown) return false;
    for (size_t i = 0; text->slots && i <= text->mask; i++) {
        if (!text->slots[i]) continue;
        size_t at = (size_t)(text->slots[i] >> 32) & (size - 1);
        while (grown[at])
            at = (at + 1) & (size - 1);
        grown[at] = text->slots[i];
    }
    memory_free(text->slots);
    text->slots = grown;
    text->mask = size - 1;
    return true;
}

/* The symbol's index, or NO_SYMBOL; *at is then the free slot. slots are there. */
static uint32_t find_symbol(const struct text_merge *text, struct symbol symbol, uint64_t hash, size_t *at) {
    *at = (size_t)(hash >> 32) & text->mask;
    for (uint64_t slot; (slot = text->slots[*at]) != 0; *at = (*at + 1) & text->mask) {
        const struct symbol *found = &text->symbols[(uint32_t)slot - 1].symbol;
        if (slot >> 32 == hash >> 32 && found->is_gap == symbol.is_gap && view_equal(found->bytes, symbol.bytes))
            return (uint32_t)slot - 1;
    }
    return NO_SYMBOL;
}

/* may_add false: *index may be NO_SYMBOL. */
static revue_status count_symbol(struct text_merge *text, struct symbol symbol, bool may_add, uint32_t *index,
                                 revue_error *error) {
    uint64_t hash = hash_bytes_seeded(symbol.bytes.data, symbol.bytes.size, symbol.is_gap);
    size_t at;
    if (!reserve_slots(text)) return error_no_memory(error);
    *index = find_symbol(text, symbol, hash, &at);
    if (*index != NO_SYMBOL || !may_add) return REVUE_OK;
    char *copy = arena_copy(&text->arena, symbol.bytes.data, symbol.bytes.size);
    if (!copy || !MEMORY_RESERVE(text->symbols, text->capacity, text->count + 1)) return error_no_memory(error);
    text->symbols[text->count] = (struct counted_symbol){.symbol = {view_of(copy, symbol.bytes.size), symbol.is_gap}};
    *index = (uint32_t)text->count++;
    text->slots[at] = hash >> 32 << 32 | text->count;
    return REVUE_OK;
}

static revue_status read_locals(struct text_merge *text, uint32_t index, struct bytes *scratch, revue_error *error) {
    struct symbol_tables *tables = &text->merge->inputs[index].segment->symbols;
    text->locals[index] = memory_alloc_array(tables->local_count, sizeof **text->locals);
    if (!text->locals[index]) return error_no_memory(error);
    for (uint32_t local = 0; local < tables->local_count; local++) {
        struct symbol symbol;
        TRY(symbol_tables_get(tables, text->first_local + local, scratch, &symbol, error));
        TRY(count_symbol(text, symbol, true, &text->locals[index][local], error));
    }
    return REVUE_OK;
}

static bool may_add_literal(const struct text_merge *text) {
    size_t held = text->arena.total_bytes + text->capacity * sizeof *text->symbols + (text->mask + 1) * sizeof *text->slots;
    return held < text->merge->options->memory_bytes / LITERALS_PART;
}

static revue_status damaged(const struct merge_input *input, uint32_t doc, revue_error *error) {
    return error_set(error, REVUE_CORRUPT, "stored text of segment %u, review %u: its codes are damaged; rebuild the index",
                     input->row.number, doc);
}

/* The counted symbol an item stands for: *index is NO_SYMBOL for base symbols, the sign for no blank, and literals that are
 * not counted. False: there is no such number. */
static revue_status find_item(struct text_merge *text, const struct merge_input *input, const struct text_item *item,
                              bool may_add, uint32_t *index, bool *is_known, revue_error *error) {
    *index = NO_SYMBOL;
    *is_known = true;
    if (item->number <= SYMBOL_LITERAL_GAP) {
        struct symbol symbol = {item->literal, item->number == SYMBOL_LITERAL_GAP};
        if (symbol.bytes.size == 0 || symbol.bytes.size > SYMBOL_BYTES_MAX) return REVUE_OK;
        return count_symbol(text, symbol, may_add && may_add_literal(text), index, error);
    }
    if (item->number < text->first_local) return REVUE_OK;
    uint32_t local = item->number - text->first_local;
    *is_known = local < input->segment->symbols.local_count;
    if (*is_known) *index = text->locals[input - text->merge->inputs][local];
    return REVUE_OK;
}

/* ---- counting ---- */

static revue_status count_codes(struct text_merge *text, const struct merge_input *input, uint32_t doc, struct view codes,
                                revue_error *error) {
    struct word_codes_walk walk;
    struct text_item item;
    word_codes_walk_start(&walk, text->code, codes);
    while (word_codes_walk_next(&walk, &item)) {
        uint32_t index;
        bool is_known;
        if (item.number > SYMBOL_LITERAL_GAP && item.number < text->first_local) continue;
        TRY(find_item(text, input, &item, true, &index, &is_known, error));
        if (!is_known) return damaged(input, doc, error);
        if (index != NO_SYMBOL) text->symbols[index].count++;
    }
    return walk.failed ? damaged(input, doc, error) : REVUE_OK;
}

static revue_status count_all(struct text_merge *text, struct bytes *scratch, revue_error *error) {
    struct merge_walk walk;
    struct merge_input *input;
    uint32_t doc;
    merge_walk_start(&walk, text->merge);
    while (merge_walk_next(&walk, &input, &doc)) {
        struct text_part parts[TEXT_FIELD_COUNT];
        TRY(text_read(segment_text(input->segment), doc, scratch, parts, error));
        for (unsigned field = 0; field < TEXT_FIELD_COUNT; field++)
            if (parts[field].coding == CODING_WORDS) TRY(count_codes(text, input, doc, parts[field].data, error));
        TRY(merge_poll(text->merge, error));
    }
    return REVUE_OK;
}

/* ---- numbers ---- */

/* As flush_text.c numbers: most often stored first, then gaps before words, then bytewise. */
static int compare_ranked(const void *left, const void *right, void *context) {
    const struct counted_symbol *symbols = context;
    const struct counted_symbol *a = &symbols[*(const uint32_t *)left], *b = &symbols[*(const uint32_t *)right];
    if (a->count != b->count) return a->count > b->count ? -1 : 1;
    if (a->symbol.is_gap != b->symbol.is_gap) return a->symbol.is_gap ? -1 : 1;
    return view_compare(a->symbol.bytes, b->symbol.bytes);
}

static revue_status number_symbols(struct text_merge *text, revue_error *error) {
    text->ranked = memory_alloc_array(text->count, sizeof *text->ranked);
    if (!text->ranked) return error_no_memory(error);
    for (uint32_t i = 0; i < text->count; i++)
        if (text->symbols[i].count > 1) text->ranked[text->ranked_count++] = i;
    qsort_r(text->ranked, text->ranked_count, sizeof *text->ranked, compare_ranked, text->symbols);
    uint32_t most = NUMBER_LIMIT - text->first_local; /* what the code reaches */
    if (text->ranked_count > most) text->ranked_count = most;
    for (uint32_t i = 0; i < text->ranked_count; i++)
        text->symbols[text->ranked[i]].number = text->first_local + i;
    return REVUE_OK;
}

static revue_status write_symbols(struct text_merge *text, revue_error *error) {
    uint64_t bytes_size, index_size;
    text->merge->meta.first_symbol = text->first_local;
    text->merge->meta.symbol_count = text->ranked_count;
    if (text->ranked_count == 0) return REVUE_OK;
    struct symbol *table = memory_alloc_array(text->ranked_count, sizeof *table);
    if (!table) return error_no_memory(error);
    for (uint32_t i = 0; i < text->ranked_count; i++)
        table[i] = text->symbols[text->ranked[i]].symbol;
    revue_status status = symbols_write(text->merge->sink, table, text->ranked_count, &bytes_size, &index_size, error);
    memory_free(table);
    return status;
}

/* ---- texts ---- */

static void append_item(struct word_codes_writer *writer, const struct counted_symbol *counted) {
    struct text_item item = {.number = counted->number};
    if (item.number == 0) {
        item.number = counted->symbol.is_gap ? SYMBOL_LITERAL_GAP : SYMBOL_LITERAL_WORD;
        item.literal = counted->symbol.bytes;
    }
    word_codes_append(writer, item, false, !counted->symbol.is_gap, true);
}

/* out becomes codes with the numbers of the merged table. */
static revue_status renumber(struct text_merge *text, const struct merge_input *input, uint32_t doc, struct view codes,
                             struct bytes *out, revue_error *error) {
    struct word_codes_walk walk;
    struct word_codes_writer writer;
    struct text_item item;
    bytes_clear(out);
    word_codes_walk_start(&walk, text->code, codes);
    word_codes_start(&writer, text->code, out);
    while (word_codes_walk_next(&walk, &item)) {
        uint32_t index;
        bool is_known;
        if (item.number > SYMBOL_LITERAL_GAP && item.number < text->first_local) {
            word_codes_put(&writer, walk.taken);
            continue;
        }
        TRY(find_item(text, input, &item, false, &index, &is_known, error));
        if (!is_known) return damaged(input, doc, error);
        if (index == NO_SYMBOL)
            word_codes_append(&writer, item, false, false, true);
        else
            append_item(&writer, &text->symbols[index]);
    }
    if (walk.failed) return damaged(input, doc, error);
    word_codes_finish(&writer);
    return out->failed ? error_no_memory(error) : REVUE_OK;
}

static revue_status write_text(struct text_merge *text, text_writer *writer, const struct merge_input *input, uint32_t doc,
                               struct bytes buffers[TEXT_FIELD_COUNT + 1], revue_error *error) {
    struct text_part parts[TEXT_FIELD_COUNT];
    TRY(text_read(segment_text(input->segment), doc, &buffers[TEXT_FIELD_COUNT], parts, error));
    for (unsigned field = 0; field < TEXT_FIELD_COUNT; field++) {
        if (parts[field].coding != CODING_WORDS || parts[field].data.size == 0) continue;
        TRY(renumber(text, input, doc, parts[field].data, &buffers[field], error));
        parts[field].data = bytes_view(&buffers[field]);
    }
    return text_writer_add(writer, parts, error);
}

static revue_status write_texts(struct text_merge *text, struct bytes buffers[TEXT_FIELD_COUNT + 1], revue_error *error) {
    text_writer *writer;
    struct merge_walk walk;
    struct merge_input *input;
    uint32_t doc;
    uint64_t text_size, index_size;
    revue_status status;
    TRY(text_writer_create(&writer, text->merge->sink, error));
    merge_walk_start(&walk, text->merge);
    while (merge_walk_next(&walk, &input, &doc)) {
        TRY_DONE(write_text(text, writer, input, doc, buffers, error));
        TRY_DONE(merge_poll(text->merge, error));
    }
    TRY_DONE(text_writer_finish(writer, &text_size, &index_size, error));
done:
    text_writer_free(writer);
    return status;
}

revue_status merge_text(struct merge *merge, revue_error *error) {
    struct text_merge text = {.merge = merge, .code = &merge->inputs[0].segment->symbols.code};
    struct bytes buffers[TEXT_FIELD_COUNT + 1] = {{0}}; /* the last: of records that lie in two extents */
    revue_status status;
    text.first_local = SYMBOL_FIRST + merge->base.symbol_count;
    text.locals = memory_alloc_zeroed(merge->input_count, sizeof *text.locals);
    TRY_DONE(text.locals ? REVUE_OK : error_no_memory(error));
    for (uint32_t i = 0; i < merge->input_count; i++)
        TRY_DONE(read_locals(&text, i, &buffers[TEXT_FIELD_COUNT], error));
    TRY_DONE(count_all(&text, &buffers[TEXT_FIELD_COUNT], error));
    TRY_DONE(number_symbols(&text, error));
    TRY_DONE(write_symbols(&text, error));
    TRY_DONE(write_texts(&text, buffers, error));
done:
    for (uint32_t i = 0; text.locals && i < merge->input_count; i++)
        memory_free(text.locals[i]);
    for (unsigned i = 0; i <= TEXT_FIELD_COUNT; i++)
        bytes_free(&buffers[i]);
    memory_free((void *)text.locals);
    memory_free(text.ranked);
    memory_free(text.symbols);
    memory_free(text.slots);
    arena_free(&text.arena);
    return status;
}
