/* word_codes.c - a field's text as symbol numbers, written, walked and decoded (FORMAT.md, 7).
 *
 * Decoding is what a page of results waits for, so numbers are resolved through a cache: symbols of up to 16 bytes are kept
 * beside their number and copied out with two 8-byte moves. Numbers fall with frequency: the first HOT numbers have a slot
 * of their own, all others share COLD slots and push each other out. Numbers 0 to 2 are never cached, so a slot that names
 * 0 is an empty one. Without memory for the cache everything still decodes, slower. */
#include "indexer/format/stored_text.h"

#include "indexer/base/memory.h"

/* ---- writing ---- */

#define PADDING 0xFFu /* what a field ends with: ones are no whole code, for the last one has 8 bits at least */

void word_codes_start(struct word_codes_writer *writer, const struct number_code *code, struct bytes *out) {
    *writer = (struct word_codes_writer){.code = code, .out = out};
}

bool word_codes_make_room(struct word_codes_writer *writer) {
    struct bytes *out = writer->out;
    if (!out->failed && !MEMORY_RESERVE(out->data, out->capacity, out->size + sizeof(uint64_t))) out->failed = true;
    return !out->failed;
}

static void pad(struct word_codes_writer *writer, unsigned with) {
    if (writer->used) bytes_append_u8(writer->out, (uint8_t)(writer->filling | with << writer->used));
    writer->filling = 0;
    writer->used = 0;
}

void word_codes_finish(struct word_codes_writer *writer) {
    pad(writer, PADDING);
}

static void put_number(struct word_codes_writer *writer, uint32_t number) {
    const struct number_bits code = number_code_encode(writer->code, number);
    if (code.size == 0) writer->out->failed = true;
    word_codes_put(writer, code);
}

void word_codes_append(struct word_codes_writer *writer, struct text_item item, bool follows_word, bool is_word,
                       bool blank_between) {
    if (follows_word && is_word && !blank_between) put_number(writer, SYMBOL_NO_BLANK);
    put_number(writer, item.number);
    if (item.number != SYMBOL_LITERAL_WORD && item.number != SYMBOL_LITERAL_GAP) return;
    pad(writer, 0);
    bytes_append_view(writer->out, item.literal);
}

/* ---- walking ---- */

#define COPIED_BITS 48u /* at once: with what fills no byte yet they fit 64 */

/* The bits from walk->bit on, at least 57, zeros behind the last byte. */
static inline uint64_t next_bits(const struct word_codes_walk *walk) {
    const uint64_t byte = walk->bit >> 3, left = (walk->end >> 3) - byte;
    uint8_t last[sizeof(uint64_t)] = {0};
    const uint8_t *data = walk->data + byte;
    if (__builtin_expect(left < sizeof last, 0)) data = memcpy(last, data, left);
    return load_le64(data) >> (walk->bit & 7);
}

/* The next number; false at the end and, with walk->failed, when there is none. */
static inline bool take_number(struct word_codes_walk *walk, uint32_t *number) {
    const struct number_code *code = walk->code;
    const uint64_t left = walk->end - walk->bit;
    if (left == 0) return false;
    const uint64_t bits = next_bits(walk);
    const unsigned entry = code->classes[bits & ((1u << NUMBER_PREFIX_MAX) - 1)];
    const unsigned size = entry >> NUMBER_SIZE_SHIFT, class = entry & NUMBER_CLASS_BITS;
    if (__builtin_expect(size > left, 0)) {
        walk->failed = left >= 8 || bits != ((uint64_t)1 << left) - 1;
        return false;
    }
    walk->taken = (struct number_bits){bits & (((uint64_t)1 << size) - 1), size};
    walk->bit += size;
    *number = code->firsts[class] + (uint32_t)(walk->taken.bits >> code->lengths[class]);
    return true;
}

/* The bytes of a literal, which begin with a byte of their own. */
static bool take_literal(struct word_codes_walk *walk, struct view *literal) {
    const uint64_t byte = (walk->bit + 7) >> 3, size = walk->end >> 3;
    struct byte_reader reader = byte_reader_of(walk->data + byte, (size_t)(size - byte));
    *literal = byte_reader_view(&reader);
    walk->failed = reader.failed;
    walk->bit = (uint64_t)(reader.next - walk->data) << 3;
    return !walk->failed;
}

/* An empty field may come without an address. */
void word_codes_walk_start(struct word_codes_walk *walk, const struct number_code *code, struct view codes) {
    *walk = (struct word_codes_walk){.code = code, .failed = !code->is_made};
    walk->data = (const uint8_t *)(codes.size > 0 ? codes.data : "");
    walk->end = (uint64_t)codes.size << 3;
}

bool word_codes_walk_next(struct word_codes_walk *walk, struct text_item *item) {
    struct text_item found = {0, {NULL, 0}};
    if (walk->failed || !take_number(walk, &found.number)) return false;
    if (found.number <= SYMBOL_LITERAL_GAP && !take_literal(walk, &found.literal)) return false;
    *item = found;
    return true;
}

uint32_t word_codes_walk_numbers(struct word_codes_walk *walk, uint32_t *numbers, uint32_t room) {
    struct word_codes_walk ahead = *walk;
    uint32_t count = 0, number;
    while (count < room && !ahead.failed && take_number(&ahead, &number)) {
        if (number <= SYMBOL_LITERAL_GAP) break;
        numbers[count++] = number;
        walk->bit = ahead.bit;
    }
    return count;
}

void word_codes_walk_pass(struct word_codes_walk *walk, uint32_t limit) {
    struct word_codes_walk ahead = *walk;
    uint32_t number;
    while (!ahead.failed && take_number(&ahead, &number) && number > SYMBOL_LITERAL_GAP && number < limit)
        walk->bit = ahead.bit;
}

void word_codes_copy(struct word_codes_writer *writer, const struct word_codes_walk *walk, uint64_t first) {
    struct word_codes_walk from = *walk;
    for (from.bit = first; from.bit < walk->bit;) {
        const uint64_t left = walk->bit - from.bit;
        const unsigned size = left < COPIED_BITS ? (unsigned)left : COPIED_BITS;
        word_codes_put(writer, (struct number_bits){next_bits(&from) & (((uint64_t)1 << size) - 1), size});
        from.bit += size;
    }
}

/* ---- decoding ---- */

#define HOT 8192u
#define COLD 4096u
#define CACHED_BYTES 16u

struct cached_symbol {
    uint32_t number;
    uint8_t size;
    bool is_gap;
    uint8_t bytes[CACHED_BYTES];
};
struct symbol_cache {
    struct cached_symbol slots[HOT + COLD];
};

static inline struct cached_symbol *cache_slot(struct symbol_cache *cache, uint32_t number) {
    return &cache->slots[number < HOT ? number : HOT + number % COLD];
}

static void cache_add(struct symbol_cache *cache, uint32_t number, const struct symbol *symbol) {
    if (symbol->bytes.size > CACHED_BYTES) return;
    struct cached_symbol *slot = cache_slot(cache, number);
    slot->number = number;
    slot->size = (uint8_t)symbol->bytes.size;
    slot->is_gap = symbol->is_gap;
    memcpy(slot->bytes, symbol->bytes.data, symbol->bytes.size);
}

/* A text being put together at the end of out. */
struct output {
    struct bytes *out;
    size_t start, limit; /* where it began; how long it may get */
    bool after_word;     /* a blank comes before the next word */
};

/* How many bytes may be added without asking for memory or passing the limit. */
static size_t output_room(const struct output *output) {
    size_t capacity = output->out->capacity - output->out->size;
    size_t allowed = output->limit - (output->out->size - output->start);
    return capacity < allowed ? capacity : allowed;
}

static revue_status output_add(struct output *output, struct view data, bool is_gap, revue_error *error) {
    size_t blank = output->after_word && !is_gap ? 1 : 0;
    if (data.size + blank > output->limit - (output->out->size - output->start))
        return error_set(error, REVUE_CORRUPT, "stored text: a field decodes to more than %zu bytes; rebuild the index",
                         output->limit);
    uint8_t *at = bytes_extend(output->out, data.size + blank);
    if (!at) return error_no_memory(error);
    if (blank) *at = ' ';
    if (data.size) memcpy(at + blank, data.data, data.size);
    output->after_word = !is_gap;
    return REVUE_OK;
}

/* Copies symbols out as long as they are cached and fit. False at the end of the codes; else *number is one that still has
 * to be written. */
static bool copy_cached(struct output *output, struct word_codes_walk *walk, struct symbol_cache *cache, uint32_t *number) {
    size_t room = output_room(output);
    uint8_t *at = output->out->data + output->out->size, *begin = at;
    uint8_t *last = room > CACHED_BYTES ? at + (room - CACHED_BYTES - 1) : NULL; /* of the places where one surely fits */
    bool after_word = output->after_word, found;
    while ((found = take_number(walk, number)) && last && at <= last) {
        const struct cached_symbol *slot = cache_slot(cache, *number);
        if (slot->number != *number) break;
        *at = ' ';
        at += after_word & !slot->is_gap;
        memcpy(at, slot->bytes, CACHED_BYTES);
        at += slot->size;
        after_word = !slot->is_gap;
    }
    output->out->size += (size_t)(at - begin);
    output->after_word = after_word;
    return found;
}

/* What copy_cached left: literals, the sign for no blank, long symbols and those met for the first time. */
static revue_status write_number(struct output *output, struct symbol_tables *tables, uint32_t number,
                                 struct word_codes_walk *walk, struct bytes *scratch, revue_error *error) {
    if (number == SYMBOL_NO_BLANK) {
        output->after_word = false;
        return REVUE_OK;
    }
    if (number <= SYMBOL_LITERAL_GAP) {
        struct view literal;
        if (!take_literal(walk, &literal)) return REVUE_OK;
        return output_add(output, literal, number == SYMBOL_LITERAL_GAP, error);
    }
    struct symbol symbol;
    TRY(symbol_tables_get(tables, number, scratch, &symbol, error));
    if (tables->cache) cache_add(tables->cache, number, &symbol);
    return output_add(output, symbol.bytes, symbol.is_gap, error);
}

static revue_status decode_all(struct output *output, struct symbol_tables *tables, struct view codes,
                               struct bytes *scratch, revue_error *error) {
    struct word_codes_walk walk;
    uint32_t number;
    word_codes_walk_start(&walk, &tables->code, codes);
    while (tables->cache ? copy_cached(output, &walk, tables->cache, &number) : take_number(&walk, &number)) {
        TRY(write_number(output, tables, number, &walk, scratch, error));
        if (walk.failed) break;
    }
    if (walk.failed) return error_set(error, REVUE_CORRUPT, "stored text: a field's codes end early; rebuild the index");
    return REVUE_OK;
}

static struct symbol_cache *cache_create(void) {
    struct symbol_cache *cache = memory_alloc_zeroed(1, sizeof *cache);
    if (cache) cache->slots[SYMBOL_LITERAL_WORD].number = UINT32_MAX; /* so that 0 is not found in its zeroed slot */
    return cache;
}

revue_status word_codes_decode_up_to(struct symbol_tables *tables, struct view codes, size_t limit, struct bytes *out,
                                     revue_error *error) {
    if (out->failed) return error_no_memory(error);
    if (!tables->code.is_made) return error_set(error, REVUE_CORRUPT, "the symbol table has no code; rebuild the index");
    if (!tables->cache) tables->cache = cache_create();
    size_t likely = codes.size < limit / 5 ? codes.size * 5 + 2 * CACHED_BYTES : limit;
    if (!MEMORY_RESERVE(out->data, out->capacity, out->size + likely + 1)) return error_no_memory(error);
    struct output output = {out, out->size, limit, false};
    struct bytes scratch = {0};
    revue_status status = decode_all(&output, tables, codes, &scratch, error);
    if (status != REVUE_OK) out->size = output.start;
    bytes_free(&scratch);
    return status;
}

revue_status word_codes_decode(struct symbol_tables *tables, struct view codes, struct bytes *out, revue_error *error) {
    return word_codes_decode_up_to(tables, codes, SIZE_MAX, out, error);
}
