/* word_codes.c - a field's text as symbol numbers, written, walked and decoded (FORMAT.md, 7).
 *
 * Decoding is what a page of results waits for, so numbers are resolved through a cache: symbols of up to 16 bytes are kept
 * beside their number and copied out with two 8-byte moves. Numbers fall with frequency: the first HOT numbers have a slot
 * of their own, all others share COLD slots and push each other out. Numbers 0 to 2 are never cached, so a slot that names
 * 0 is an empty one. Without memory for the cache everything still decodes, slower. */
#include "indexer/format/stored_text.h"

#include "indexer/base/memory.h"

/* ---- writing ---- */

static void append_number(struct bytes *out, unsigned s, uint32_t number) {
    uint8_t code[DENSE_CODE_MAX];
    size_t size = dense_code_encode(number, s, code);
    if (size == 0) out->failed = true;
    bytes_append(out, code, size);
}

void word_codes_append(struct bytes *out, unsigned s, struct text_item item, bool follows_word, bool is_word,
                       bool blank_between) {
    if (follows_word && is_word && !blank_between) append_number(out, s, SYMBOL_NO_BLANK);
    append_number(out, s, item.number);
    if (item.number == SYMBOL_LITERAL_WORD || item.number == SYMBOL_LITERAL_GAP) bytes_append_view(out, item.literal);
}

/* ---- walking ---- */

/* The next number; false at the end and, with reader->failed, when there is none. */
static inline bool take_number(struct byte_reader *reader, unsigned s, uint32_t *number) {
    const uint8_t *next = reader->next;
    uint64_t value = 0, first = 0, reach = s;
    for (unsigned i = 0; i < DENSE_CODE_MAX && next < reader->end; i++) {
        unsigned byte = *next++;
        if (byte < s) {
            value = value * s + byte + first;
            if (value > UINT32_MAX) break;
            reader->next = next;
            *number = (uint32_t)value;
            return true;
        }
        value = value * (256 - s) + (byte - s);
        first += reach;
        reach *= 256 - s;
    }
    if (reader->next < reader->end) reader->failed = true;
    return false;
}

/* An empty field may come without an address. */
static struct byte_reader reader_of(struct view codes) {
    return byte_reader_of(codes.size > 0 ? codes.data : "", codes.size);
}

void word_codes_walk_start(struct word_codes_walk *walk, struct view codes, unsigned s) {
    walk->reader = reader_of(codes);
    walk->s = s;
    walk->item = walk->reader.next;
}

bool word_codes_walk_next(struct word_codes_walk *walk, struct text_item *item) {
    struct text_item found = {0, {NULL, 0}};
    if (walk->reader.failed || !take_number(&walk->reader, walk->s, &found.number)) return false;
    if (found.number <= SYMBOL_LITERAL_GAP) {
        found.literal = byte_reader_view(&walk->reader);
        if (walk->reader.failed) return false;
    }
    *item = found;
    return true;
}

uint32_t word_codes_walk_numbers(struct word_codes_walk *walk, uint32_t *numbers, uint32_t room) {
    struct word_codes_walk ahead = *walk;
    uint32_t count = 0, number;
    while (count < room && !ahead.reader.failed && take_number(&ahead.reader, ahead.s, &number)) {
        if (number <= SYMBOL_LITERAL_GAP) break;
        numbers[count++] = number;
        walk->reader.next = ahead.reader.next;
    }
    return count;
}

/* Where first lies behind all numbers of one byte, or two, the codes of these are not worked out. */
bool word_codes_walk_to(struct word_codes_walk *walk, uint32_t first, struct text_item *item) {
    const unsigned s = walk->s;
    const bool passes_one = s > SYMBOL_LITERAL_GAP && first >= s, passes_two = passes_one && first >= s + s * (256 - s);
    do {
        const uint8_t *next = walk->reader.next, *end = walk->reader.end;
        while (passes_one && next<end && * next> SYMBOL_LITERAL_GAP) {
            if (*next >= s && (!passes_two || end - next < 2 || next[1] >= s)) break;
            next += *next < s ? 1 : 2;
        }
        walk->reader.next = walk->item = next;
        if (!word_codes_walk_next(walk, item)) return false;
    } while (item->number > SYMBOL_LITERAL_GAP && item->number < first);
    return true;
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
static bool copy_cached(struct output *output, struct byte_reader *reader, unsigned s, struct symbol_cache *cache,
                        uint32_t *number) {
    size_t room = output_room(output);
    uint8_t *at = output->out->data + output->out->size, *begin = at;
    uint8_t *last = room > CACHED_BYTES ? at + (room - CACHED_BYTES - 1) : NULL; /* of the places where one surely fits */
    bool after_word = output->after_word, found;
    while ((found = take_number(reader, s, number)) && last && at <= last) {
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
                                 struct byte_reader *reader, struct bytes *scratch, revue_error *error) {
    if (number == SYMBOL_NO_BLANK) {
        output->after_word = false;
        return REVUE_OK;
    }
    if (number <= SYMBOL_LITERAL_GAP) {
        struct view literal = byte_reader_view(reader);
        return output_add(output, literal, number == SYMBOL_LITERAL_GAP, error);
    }
    struct symbol symbol;
    TRY(symbol_tables_get(tables, number, scratch, &symbol, error));
    if (tables->cache) cache_add(tables->cache, number, &symbol);
    return output_add(output, symbol.bytes, symbol.is_gap, error);
}

static revue_status decode_all(struct output *output, struct symbol_tables *tables, struct view codes,
                               struct bytes *scratch, revue_error *error) {
    struct byte_reader reader = reader_of(codes);
    uint32_t number;
    while (tables->cache ? copy_cached(output, &reader, tables->s, tables->cache, &number)
                         : take_number(&reader, tables->s, &number)) {
        TRY(write_number(output, tables, number, &reader, scratch, error));
        if (reader.failed) break;
    }
    if (reader.failed) return error_set(error, REVUE_CORRUPT, "stored text: a field's codes end early; rebuild the index");
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
    if (tables->s < 1 || tables->s > 255)
        return error_set(error, REVUE_CORRUPT, "the symbol table has no code; rebuild the index");
    if (!tables->cache) tables->cache = cache_create();
    size_t likely = codes.size < limit / 4 ? codes.size * 4 + 2 * CACHED_BYTES : limit;
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
