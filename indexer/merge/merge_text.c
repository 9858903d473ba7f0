/* merge_text.c - stored text: word codes are copied, with the numbers of local symbols replaced.
 *
 * Base numbers mean the same in all segments of a generation. Local symbols and words that were literals (stored once in
 * their segment) are counted over the live merged texts in a first walk, and numbered as a flush numbers them: by count,
 * then bytes; what is stored once is a literal. So merging gives the table and the codes that building at once would have
 * given. Only when literals take a quarter of the memory allowed are further ones not counted: these stay literals.
 * Nothing is decoded: the codes of base symbols are passed over, and copied as runs of bits; other codings whole.
 *
 * Both walks go over parts of the merged reviews: workers collect the symbols of a part, or write its codes into memory;
 * the caller counts the symbols and appends the texts, part by part. A part whose texts are larger than the memory allows
 * (merge->part_bytes) ends early, and the caller goes on with it. */
#include "indexer/merge/merge_internal.h"

#include "indexer/base/arena.h"
#include "indexer/base/hash.h"
#include "indexer/base/memory.h"

#include <stdlib.h>

#define NO_SYMBOL UINT32_MAX
#define PART_REVIEWS 256u
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
    uint64_t *table; /* 32 bits of hash in the upper half, index + 1 in the lower; 0 is free */
    size_t mask;
    uint32_t **locals; /* of each input: ordinal of a local symbol -> index in symbols */
    uint32_t *ranked;  /* the symbols that have a number, by number */
    uint32_t ranked_count;
    struct text_slot *slots; /* of the views */
    text_writer *writer;
};
/* What stands for one text in the bytes of its part. */
struct part_place {
    enum text_coding coding;
    size_t start, size;
};
/* Merges parts of the texts in one view. Parts of a slot ascend, so its walk goes over all reviews once. */
struct text_slot {
    const struct text_merge *text;
    struct merge *view;
    struct merge_walk walk;
    struct bytes scratch;   /* of records that lie in two extents */
    struct bytes collected; /* symbols met (struct met_symbol, and the bytes of literals), or texts */
    struct part_place places[PART_REVIEWS][TEXT_FIELD_COUNT];
    uint32_t count; /* reviews of the part that were written aside */
};
/* A symbol met in a text: a local one by its index, or a literal, whose bytes follow. */
struct met_symbol {
    uint32_t index; /* NO_SYMBOL: a literal */
    uint8_t size;
    bool is_gap;
};

/* ---- symbols ---- */

static bool reserve_slots(struct text_merge *text) {
    if (text->table && text->count * 8 < (text->mask + 1) * 5) return true;
    size_t size = text->table ? (text->mask + 1) * 2 : FIRST_SLOTS;
    uint64_t *grown = memory_alloc_zeroed(size, sizeof *grown);
    if (!grown) return false;
    for (size_t i = 0; text->table && i <= text->mask; i++) {
        if (!text->table[i]) continue;
        size_t at = (size_t)(text->table[i] >> 32) & (size - 1);
        while (grown[at])
            at = (at + 1) & (size - 1);
        grown[at] = text->table[i];
    }
    memory_free(text->table);
    text->table = grown;
    text->mask = size - 1;
    return true;
}

/* The symbol's index, or NO_SYMBOL; *at is then the free slot. The table is there. */
static uint32_t find_symbol(const struct text_merge *text, struct symbol symbol, uint64_t hash, size_t *at) {
    *at = (size_t)(hash >> 32) & text->mask;
    for (uint64_t slot; (slot = text->table[*at]) != 0; *at = (*at + 1) & text->mask) {
        const struct symbol *found = &text->symbols[(uint32_t)slot - 1].symbol;
        if (slot >> 32 == hash >> 32 && found->is_gap == symbol.is_gap && view_equal(found->bytes, symbol.bytes))
            return (uint32_t)slot - 1;
    }
    return NO_SYMBOL;
}

static uint64_t hash_symbol(struct symbol symbol) {
    return hash_bytes_seeded(symbol.bytes.data, symbol.bytes.size, symbol.is_gap);
}

/* may_add false: *index may be NO_SYMBOL. */
static revue_status intern_symbol(struct text_merge *text, struct symbol symbol, bool may_add, uint32_t *index,
                                  revue_error *error) {
    uint64_t hash = hash_symbol(symbol);
    size_t at;
    if (!reserve_slots(text)) return error_no_memory(error);
    *index = find_symbol(text, symbol, hash, &at);
    if (*index != NO_SYMBOL || !may_add) return REVUE_OK;
    char *copy = arena_copy(&text->arena, symbol.bytes.data, symbol.bytes.size);
    if (!copy || !MEMORY_RESERVE(text->symbols, text->capacity, text->count + 1)) return error_no_memory(error);
    text->symbols[text->count] = (struct counted_symbol){.symbol = {view_of(copy, symbol.bytes.size), symbol.is_gap}};
    *index = (uint32_t)text->count++;
    text->table[at] = hash >> 32 << 32 | text->count;
    return REVUE_OK;
}

static revue_status read_locals(struct text_merge *text, uint32_t index, struct bytes *scratch, revue_error *error) {
    struct symbol_tables *tables = &text->merge->inputs[index].segment->symbols;
    text->locals[index] = memory_alloc_array(tables->local_count, sizeof **text->locals);
    if (!text->locals[index]) return error_no_memory(error);
    for (uint32_t local = 0; local < tables->local_count; local++) {
        struct symbol symbol;
        TRY(symbol_tables_get(tables, text->first_local + local, scratch, &symbol, error));
        TRY(intern_symbol(text, symbol, true, &text->locals[index][local], error));
    }
    return REVUE_OK;
}

static revue_status damaged(const struct merge_input *input, uint32_t doc, revue_error *error) {
    return error_set(error, REVUE_CORRUPT, "stored text of segment %u, review %u: its codes are damaged; rebuild the index",
                     input->row.number, doc);
}

/* The index of a local symbol; false: there is no such number. */
static bool local_index(const struct text_merge *text, const struct merge_walk *walk, uint32_t input, uint32_t number,
                        uint32_t *index) {
    uint32_t local = number - text->first_local;
    if (local >= walk->merge->inputs[input].segment->symbols.local_count) return false;
    *index = text->locals[input][local];
    return true;
}

/* Literals that may become symbols. */
static bool is_countable(const struct text_item *item) {
    return item->literal.size > 0 && item->literal.size <= SYMBOL_BYTES_MAX;
}

/* ---- counting ---- */

static void collect_literal(struct bytes *out, const struct text_item *item) {
    const struct met_symbol met = {NO_SYMBOL, (uint8_t)item->literal.size, item->number == SYMBOL_LITERAL_GAP};
    bytes_append(out, &met, sizeof met);
    bytes_append(out, item->literal.data, item->literal.size);
}

static revue_status collect_codes(struct text_slot *slot, uint32_t input, uint32_t doc, struct view codes,
                                  revue_error *error) {
    const struct text_merge *text = slot->text;
    struct word_codes_walk walk;
    struct text_item item;
    word_codes_walk_start(&walk, text->code, codes);
    while (word_codes_walk_pass(&walk, text->first_local), word_codes_walk_next(&walk, &item)) {
        struct met_symbol met = {0};
        if (item.number <= SYMBOL_LITERAL_GAP) {
            if (is_countable(&item)) collect_literal(&slot->collected, &item);
            continue;
        }
        if (!local_index(text, &slot->walk, input, item.number, &met.index))
            return damaged(&slot->view->inputs[input], doc, error);
        bytes_append(&slot->collected, &met, sizeof met);
    }
    if (walk.failed) return damaged(&slot->view->inputs[input], doc, error);
    return slot->collected.failed ? error_no_memory(error) : REVUE_OK;
}

static revue_status read_next(struct text_slot *slot, uint32_t *input, uint32_t *doc,
                              struct text_part parts[TEXT_FIELD_COUNT], revue_error *error) {
    struct merge_input *from;
    (void)merge_walk_next(&slot->walk, &from, doc);
    *input = (uint32_t)(from - slot->view->inputs);
    TRY(merge_poll(slot->view, error));
    return text_read(segment_text(from->segment), *doc, &slot->scratch, parts, error);
}

static uint32_t part_end(const struct text_merge *text, uint32_t part) {
    uint32_t first = part * PART_REVIEWS, docs = text->merge->doc_count;
    return docs - first < PART_REVIEWS ? docs : first + PART_REVIEWS;
}

/* Moves the walk of a slot to its next part. */
static void start_part(struct text_slot *slot, uint32_t part) {
    struct merge_input *input;
    uint32_t doc;
    bytes_clear(&slot->collected);
    slot->count = 0;
    while (slot->walk.next < part * PART_REVIEWS && merge_walk_next(&slot->walk, &input, &doc)) {
    }
}

static revue_status collect_symbols(void *context, uint32_t part, unsigned slot_number, unsigned worker,
                                    revue_error *error) {
    (void)worker;
    struct text_merge *text = context;
    struct text_slot *slot = &text->slots[slot_number];
    uint32_t end = part_end(text, part);
    start_part(slot, part);
    while (slot->walk.next < end) {
        struct text_part parts[TEXT_FIELD_COUNT];
        uint32_t input, doc;
        TRY(read_next(slot, &input, &doc, parts, error));
        for (unsigned field = 0; field < TEXT_FIELD_COUNT; field++)
            if (parts[field].coding == CODING_WORDS) TRY(collect_codes(slot, input, doc, parts[field].data, error));
    }
    return REVUE_OK;
}

static bool may_add_literal(const struct text_merge *text) {
    size_t held = text->arena.total_bytes + text->capacity * sizeof *text->symbols + (text->mask + 1) * sizeof *text->table;
    return held < text->merge->options->memory_bytes / LITERALS_PART;
}

static revue_status count_symbols(void *context, uint32_t part, unsigned slot_number, revue_error *error) {
    struct text_merge *text = context;
    const struct bytes *collected = &text->slots[slot_number].collected;
    (void)part;
    TRY(merge_ask(text->merge, error));
    for (size_t at = 0; at < collected->size;) {
        struct met_symbol met;
        memcpy(&met, collected->data + at, sizeof met);
        at += sizeof met;
        if (met.index == NO_SYMBOL) {
            struct symbol symbol = {view_of(collected->data + at, met.size), met.is_gap};
            TRY(intern_symbol(text, symbol, may_add_literal(text), &met.index, error));
            at += met.size;
        }
        if (met.index != NO_SYMBOL) text->symbols[met.index].count++;
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

/* A literal that was counted, else NO_SYMBOL. Changes nothing. */
static uint32_t find_literal(const struct text_merge *text, const struct text_item *item) {
    const struct symbol symbol = {item->literal, item->number == SYMBOL_LITERAL_GAP};
    size_t at;
    if (!text->table || !is_countable(item)) return NO_SYMBOL;
    return find_symbol(text, symbol, hash_symbol(symbol), &at);
}

/* The codes up to the next local symbol or literal stay what they are. */
static void copy_base(const struct text_merge *text, struct word_codes_walk *walk, struct word_codes_writer *writer) {
    uint64_t first = walk->bit;
    word_codes_walk_pass(walk, text->first_local);
    word_codes_copy(writer, walk, first);
}

/* Appends the codes with the numbers of the merged table to what is collected. */
static revue_status renumber(struct text_slot *slot, uint32_t input, uint32_t doc, struct view codes, revue_error *error) {
    const struct text_merge *text = slot->text;
    struct word_codes_walk walk;
    struct word_codes_writer writer;
    struct text_item item;
    word_codes_walk_start(&walk, text->code, codes);
    word_codes_start(&writer, text->code, &slot->collected);
    while (copy_base(text, &walk, &writer), word_codes_walk_next(&walk, &item)) {
        uint32_t index;
        if (item.number <= SYMBOL_LITERAL_GAP)
            index = find_literal(text, &item);
        else if (!local_index(text, &slot->walk, input, item.number, &index))
            return damaged(&slot->view->inputs[input], doc, error);
        if (index == NO_SYMBOL)
            word_codes_append(&writer, item, false, false, true);
        else
            append_item(&writer, &text->symbols[index]);
    }
    if (walk.failed) return damaged(&slot->view->inputs[input], doc, error);
    word_codes_finish(&writer);
    return slot->collected.failed ? error_no_memory(error) : REVUE_OK;
}

/* The next review's texts, collected. */
static revue_status write_text(struct text_slot *slot, struct part_place places[TEXT_FIELD_COUNT], revue_error *error) {
    struct text_part parts[TEXT_FIELD_COUNT];
    uint32_t input, doc;
    TRY(read_next(slot, &input, &doc, parts, error));
    for (unsigned field = 0; field < TEXT_FIELD_COUNT; field++) {
        places[field] = (struct part_place){.coding = parts[field].coding, .start = slot->collected.size};
        if (parts[field].coding == CODING_WORDS && parts[field].data.size > 0)
            TRY(renumber(slot, input, doc, parts[field].data, error));
        else if (parts[field].coding != CODING_ABSENT)
            bytes_append(&slot->collected, parts[field].data.data, parts[field].data.size);
        places[field].size = slot->collected.size - places[field].start;
    }
    return slot->collected.failed ? error_no_memory(error) : REVUE_OK;
}

static revue_status add_text(struct text_merge *text, const struct text_slot *slot,
                             const struct part_place places[TEXT_FIELD_COUNT], revue_error *error) {
    struct text_part parts[TEXT_FIELD_COUNT];
    for (unsigned field = 0; field < TEXT_FIELD_COUNT; field++) {
        const struct part_place *place = &places[field];
        struct view data = place->size ? view_of(slot->collected.data + place->start, place->size) : view_of(NULL, 0);
        parts[field] = (struct text_part){place->coding, data};
    }
    return text_writer_add(text->writer, parts, error);
}

static revue_status make_texts(void *context, uint32_t part, unsigned slot_number, unsigned worker, revue_error *error) {
    (void)worker;
    struct text_merge *text = context;
    struct text_slot *slot = &text->slots[slot_number];
    uint32_t end = part_end(text, part);
    start_part(slot, part);
    while (slot->walk.next < end && slot->collected.size < text->merge->part_bytes)
        TRY(write_text(slot, slot->places[slot->count++], error));
    return REVUE_OK;
}

static revue_status use_texts(void *context, uint32_t part, unsigned slot_number, revue_error *error) {
    struct text_merge *text = context;
    struct text_slot *slot = &text->slots[slot_number];
    uint32_t end = part_end(text, part);
    TRY(merge_ask(text->merge, error));
    for (uint32_t i = 0; i < slot->count; i++)
        TRY(add_text(text, slot, slot->places[i], error));
    while (slot->walk.next < end) {
        bytes_clear(&slot->collected);
        TRY(write_text(slot, slot->places[0], error));
        TRY(add_text(text, slot, slot->places[0], error));
    }
    return REVUE_OK;
}

/* ---- both walks ---- */

static revue_status
walk_texts(struct text_merge *text,
           revue_status (*make)(void *context, uint32_t part, unsigned slot, unsigned worker, revue_error *error),
           revue_status (*use)(void *context, uint32_t part, unsigned slot, revue_error *error), revue_error *error) {
    const struct merge *merge = text->merge;
    const struct parts parts = {make, use, text, (merge->doc_count - 1) / PART_REVIEWS + 1, parts_slots(merge->pool)};
    for (unsigned slot = 0; slot < merge->view_count; slot++)
        merge_walk_start(&text->slots[slot].walk, merge->views[slot]);
    return parts_run(merge->pool, &parts, error);
}

static revue_status write_texts(struct text_merge *text, revue_error *error) {
    uint64_t text_size, index_size;
    TRY(text_writer_create(&text->writer, text->merge->sink, error));
    TRY(walk_texts(text, make_texts, use_texts, error));
    return text_writer_finish(text->writer, &text_size, &index_size, error);
}

static revue_status open_slots(struct text_merge *text, revue_error *error) {
    const struct merge *merge = text->merge;
    text->slots = memory_alloc_zeroed(merge->view_count, sizeof *text->slots);
    if (!text->slots) return error_no_memory(error);
    for (unsigned slot = 0; slot < merge->view_count; slot++) {
        text->slots[slot].text = text;
        text->slots[slot].view = merge->views[slot];
    }
    return REVUE_OK;
}

static revue_status read_all_locals(struct text_merge *text, revue_error *error) {
    struct bytes scratch = {0};
    revue_status status = REVUE_OK;
    text->locals = memory_alloc_zeroed(text->merge->input_count, sizeof *text->locals);
    if (!text->locals) return error_no_memory(error);
    for (uint32_t i = 0; i < text->merge->input_count && status == REVUE_OK; i++)
        status = read_locals(text, i, &scratch, error);
    bytes_free(&scratch);
    return status;
}

static void text_merge_free(struct text_merge *text) {
    for (uint32_t i = 0; text->locals && i < text->merge->input_count; i++)
        memory_free(text->locals[i]);
    for (unsigned slot = 0; text->slots && slot < text->merge->view_count; slot++) {
        bytes_free(&text->slots[slot].scratch);
        bytes_free(&text->slots[slot].collected);
    }
    memory_free((void *)text->locals);
    memory_free(text->slots);
    memory_free(text->ranked);
    memory_free(text->symbols);
    memory_free(text->table);
    arena_free(&text->arena);
    text_writer_free(text->writer);
}

revue_status merge_text(struct merge *merge, revue_error *error) {
    struct text_merge text = {.merge = merge, .code = &merge->inputs[0].segment->symbols.code};
    revue_status status;
    text.first_local = SYMBOL_FIRST + merge->base.symbol_count;
    TRY_DONE(read_all_locals(&text, error));
    TRY_DONE(open_slots(&text, error));
    TRY_DONE(walk_texts(&text, collect_symbols, count_symbols, error));
    TRY_DONE(number_symbols(&text, error));
    TRY_DONE(write_symbols(&text, error));
    TRY_DONE(write_texts(&text, error));
done:
    text_merge_free(&text);
    return status;
}
