/* test_word_codes.c - text as symbol numbers and back: known codes, random texts with every kind of item, limits, damage.
 */
#include "tests/unit/format/symbols_test.h"

#define MANY 5000u /* symbols, of which the last LOCAL are local */
#define LOCAL 1000u

static struct symbol symbols[MANY];
static char symbol_bytes[MANY][SYMBOL_BYTES_MAX];

/* Words of letters, gaps of anything else; short ones first, as frequent ones are. */
static void make_symbols(void) {
    uint64_t random = 20261126;
    for (uint32_t i = 0; i < MANY; i++) {
        bool is_gap = random_below(&random, 5) == 0;
        uint32_t size = i % 300 == 299 ? 20 + random_below(&random, 108) : 1 + random_below(&random, i < 100 ? 3 : 17);
        for (uint32_t at = 0; at < size; at++)
            symbol_bytes[i][at] =
                is_gap ? ".,;:!? -\n\xE2\x80\x94"[random_below(&random, 12)] : (char)('a' + random_below(&random, 26));
        symbols[i] = (struct symbol){view_of(symbol_bytes[i], size), is_gap};
    }
}

static bool is_letter(char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

/* The number of exactly these bytes, or that of a literal. */
static uint32_t number_of(const struct symbol_tables *tables, struct view bytes, bool is_gap) {
    for (uint32_t i = 0; i < tables->base_count + tables->local_count; i++)
        if (symbols[i].is_gap == is_gap && view_equal(symbols[i].bytes, bytes)) return SYMBOL_FIRST + i;
    return is_gap ? SYMBOL_LITERAL_GAP : SYMBOL_LITERAL_WORD;
}

/* Cuts a text into runs of letters and of others and codes it: what the indexer does with the spans of its scanner. Runs
 * are cut at most_letters, so that words touch. */
static void encode(const struct symbol_tables *tables, struct view text, size_t most_letters, struct bytes *out) {
    struct word_codes_writer writer;
    bool after_word = false;
    word_codes_start(&writer, &tables->code, out);
    for (size_t at = 0; at < text.size;) {
        size_t end = at;
        bool is_word = is_letter(text.data[at]);
        while (end < text.size && is_letter(text.data[end]) == is_word && end - at < (is_word ? most_letters : SIZE_MAX))
            end++;
        struct view run = view_of(text.data + at, end - at);
        at = end;
        bool blank = !is_word && after_word && run.size == 1 && run.data[0] == ' ' && end < text.size;
        if (blank) { /* a word follows: the blank goes without saying */
            size_t begin = end;
            while (end < text.size && is_letter(text.data[end]) && end - begin < most_letters)
                end++;
            run = view_of(text.data + begin, end - begin);
            at = end;
            is_word = true;
        }
        struct text_item item = {number_of(tables, run, !is_word), run};
        word_codes_append(&writer, item, after_word, is_word, blank);
        after_word = is_word;
    }
    word_codes_finish(&writer);
}

static void check_round_trip(struct symbol_tables *tables, struct view text, size_t most_letters) {
    revue_error error;
    struct bytes codes = {0}, out = {0};
    encode(tables, text, most_letters, &codes);
    bytes_append_string(&out, "before");
    assert_ok(word_codes_decode(tables, bytes_view(&codes), &out, &error));
    assert_int_equal(out.size, 6 + text.size);
    assert_memory_equal(out.data, "before", 6);
    if (text.size > 0) assert_memory_equal(out.data + 6, text.data, text.size);
    bytes_free(&codes);
    bytes_free(&out);
}

/* Strings of symbols with blanks, gaps, touching words and words that are no symbol. */
static void make_text(struct bytes *text, uint64_t *random) {
    uint32_t items = random_below(random, 200);
    bytes_clear(text);
    for (uint32_t i = 0; i < items; i++) {
        uint32_t kind = random_below(random, 20);
        const struct symbol *symbol = &symbols[random_below(random, random_below(random, 3) == 0 ? MANY : 60)];
        if (kind < 15) bytes_append(text, symbol->bytes.data, symbol->bytes.size);
        if (kind == 15) bytes_append_string(text, "Unheard");
        if (kind == 16) bytes_append_string(text, "  \t");
        if (kind == 17)
            for (uint32_t size = random_below(random, 300); size > 0; size--)
                bytes_append_u8(text, (uint8_t)('A' + random_below(random, 26)));
        if (kind == 18) bytes_append_u8(text, (uint8_t)random_next(random));
        if (random_below(random, 6) > 0) bytes_append_u8(text, ' ');
    }
}

/* Codes that suit archives of several sizes. */
/* Copied in runs and item by item, the codes stay the same bytes, whatever is passed over. */
static void check_copy(const struct symbol_tables *tables, struct view codes, uint32_t limit) {
    struct word_codes_walk walk;
    struct word_codes_writer writer;
    struct text_item item;
    struct bytes out = {0};
    word_codes_walk_start(&walk, &tables->code, codes);
    word_codes_start(&writer, &tables->code, &out);
    for (;;) {
        uint64_t first = walk.bit;
        word_codes_walk_pass(&walk, limit);
        word_codes_copy(&writer, &walk, first);
        if (!word_codes_walk_next(&walk, &item)) break;
        assert_true(item.number <= SYMBOL_LITERAL_GAP || item.number >= limit);
        word_codes_append(&writer, item, false, false, true);
    }
    assert_false(walk.failed);
    word_codes_finish(&writer);
    assert_true(view_equal(bytes_view(&out), codes));
    bytes_free(&out);
}

static void test_copies(void **state) {
    (void)state;
    static const uint32_t limits[] = {0, SYMBOL_FIRST, SYMBOL_FIRST + 20, SYMBOL_FIRST + 2000, UINT32_MAX};
    struct test_tables test;
    struct bytes text = {0}, codes = {0};
    uint64_t random = 23;
    make_symbols();
    test_tables_open(&test, symbols, MANY - LOCAL, LOCAL);
    for (unsigned round = 0; round < 50; round++) {
        bytes_clear(&codes);
        make_text(&text, &random);
        encode(&test.tables, bytes_view(&text), 1 + round, &codes);
        for (unsigned i = 0; i < 5; i++)
            check_copy(&test.tables, bytes_view(&codes), limits[i]);
    }
    bytes_free(&text);
    bytes_free(&codes);
    test_tables_close(&test);
}

static void test_random_texts(void **state) {
    (void)state;
    static uint64_t counts[MANY];
    struct bytes text = {0};
    uint64_t random = 99;
    make_symbols();
    for (uint64_t tokens = 0; tokens < 1000000000; tokens = tokens * 30 + 100) {
        struct test_tables test;
        uint8_t lengths[NUMBER_CLASSES];
        for (uint32_t i = 0; i < MANY; i++)
            counts[i] = tokens / (10 * (i + 1));
        test_tables_open(&test, symbols, MANY - LOCAL, LOCAL);
        number_code_choose(counts, MANY, lengths);
        assert_true(number_code_make(&test.tables.code, lengths));
        for (unsigned round = 0; round < 60; round++) {
            make_text(&text, &random);
            assert_false(text.failed);
            check_round_trip(&test.tables, bytes_view(&text), round % 2 ? SIZE_MAX : 1 + random_below(&random, 9));
        }
        test_tables_close(&test);
    }
    bytes_free(&text);
}

static void test_random_bytes(void **state) {
    (void)state;
    struct test_tables test;
    struct bytes text = {0};
    uint64_t random = 5;
    make_symbols();
    test_tables_open(&test, symbols, MANY - LOCAL, LOCAL);
    check_round_trip(&test.tables, view_of(NULL, 0), SIZE_MAX);
    for (unsigned round = 0; round < 300; round++) {
        bytes_clear(&text);
        for (uint32_t size = random_below(&random, 100); size > 0; size--)
            bytes_append_u8(&text, random_below(&random, 3) ? (uint8_t) " ab"[random_below(&random, 3)]
                                                            : (uint8_t)random_next(&random));
        check_round_trip(&test.tables, bytes_view(&text), SIZE_MAX);
    }
    bytes_free(&text);
    test_tables_close(&test);
}

/* ---- known codes ---- */

static const struct symbol known[] = {{{"good", 4}, false}, {{"movie", 5}, false}, {{". ", 2}, true}, {{"!", 1}, true}};
#define GOOD (SYMBOL_FIRST + 0)
#define MOVIE (SYMBOL_FIRST + 1)
#define STOP (SYMBOL_FIRST + 2)
#define MARK (SYMBOL_FIRST + 3)

#define NUMBERS(...) (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t)

/* A text of numbers as they are; what literals say is in turn in literals. */
static void put_numbers(const struct number_code *code, const uint32_t *numbers, size_t count, const char *const *literals,
                        struct bytes *out) {
    struct word_codes_writer writer;
    word_codes_start(&writer, code, out);
    for (size_t i = 0; i < count; i++) {
        struct text_item item = {.number = numbers[i]};
        if (numbers[i] <= SYMBOL_LITERAL_GAP) item.literal = view_of_string(*literals++);
        word_codes_append(&writer, item, false, false, true);
    }
    word_codes_finish(&writer);
}

static void check_known(struct symbol_tables *tables, const uint32_t *numbers, size_t count, const char *literal,
                        const char *expected) {
    revue_error error;
    struct bytes codes = {0}, out = {0};
    put_numbers(&tables->code, numbers, count, &literal, &codes);
    assert_ok(word_codes_decode(tables, bytes_view(&codes), &out, &error));
    assert_view(bytes_view(&out), expected, strlen(expected));
    bytes_free(&codes);
    bytes_free(&out);
}

static void test_known_codes(void **state) {
    (void)state;
    struct test_tables test;
    test_tables_open(&test, known, 2, 2);
    for (unsigned round = 0; round < 2; round++) { /* without the cache, then with it */
        check_known(&test.tables, NUMBERS(GOOD, MOVIE, STOP, GOOD, MARK, MARK), NULL, "good movie. good!!");
        check_known(&test.tables, NUMBERS(GOOD, SYMBOL_NO_BLANK, MOVIE), NULL, "goodmovie");
        check_known(&test.tables, NUMBERS(GOOD, SYMBOL_LITERAL_WORD, MOVIE), "ok", "good ok movie");
        check_known(&test.tables, NUMBERS(GOOD, SYMBOL_LITERAL_GAP, MOVIE), "/", "good/movie");
        check_known(&test.tables, NUMBERS(SYMBOL_LITERAL_WORD), "ok", "ok");
    }
    test_tables_close(&test);
}

static void test_what_appending_adds(void **state) {
    (void)state;
    struct number_code code;
    struct bytes appended = {0}, expected = {0};
    struct word_codes_writer writer;
    const char *literal = "?";
    test_code_make(&code);
    word_codes_start(&writer, &code, &appended);
    word_codes_append(&writer, (struct text_item){GOOD, {NULL, 0}}, false, true, false);
    word_codes_append(&writer, (struct text_item){MOVIE, {NULL, 0}}, true, true, true);
    word_codes_append(&writer, (struct text_item){GOOD, {NULL, 0}}, true, true, false);
    word_codes_append(&writer, (struct text_item){SYMBOL_LITERAL_GAP, view_of_string("?")}, true, false, false);
    word_codes_finish(&writer);
    put_numbers(&code, NUMBERS(GOOD, MOVIE, SYMBOL_NO_BLANK, GOOD, SYMBOL_LITERAL_GAP), &literal, &expected);
    assert_true(view_equal(bytes_view(&appended), bytes_view(&expected)));
    assert_view(view_of(appended.data + appended.size - 2, 2), "\1?", 2); /* behind the number: size, bytes */
    word_codes_append(&writer, (struct text_item){NUMBER_LIMIT, {NULL, 0}}, false, true, false);
    assert_true(appended.failed);
    bytes_free(&appended);
    bytes_free(&expected);
}

static void test_walk(void **state) {
    (void)state;
    static const uint32_t numbers[] = {GOOD, 195, SYMBOL_LITERAL_WORD, SYMBOL_NO_BLANK, NUMBER_LIMIT - 1};
    struct number_code code;
    struct word_codes_walk walk;
    struct bytes codes = {0};
    const char *literal = "ok";
    struct text_item item;
    test_code_make(&code);
    put_numbers(&code, numbers, 5, &literal, &codes);
    word_codes_walk_start(&walk, &code, bytes_view(&codes));
    for (unsigned i = 0; i < 5; i++) {
        assert_true(word_codes_walk_next(&walk, &item));
        assert_int_equal(item.number, numbers[i]);
        assert_int_equal(walk.taken.size, number_code_encode(&code, numbers[i]).size);
        assert_true(walk.taken.bits == number_code_encode(&code, numbers[i]).bits);
        if (i == 2) assert_view(item.literal, "ok", 2);
    }
    assert_false(word_codes_walk_next(&walk, &item));
    assert_false(walk.failed);
    unsigned noticed = 0; /* what is cut off at a border of codes is not */
    for (size_t size = codes.size - 1; size > 0; size--) {
        word_codes_walk_start(&walk, &code, view_of(codes.data, size));
        unsigned walked = 0;
        while (word_codes_walk_next(&walk, &item))
            walked++;
        assert_true(walked < 5);
        noticed += walk.failed;
        assert_false(word_codes_walk_next(&walk, &item));
    }
    assert_in_range(noticed, 4, codes.size);
    memset(&code, 0, sizeof code);
    word_codes_walk_start(&walk, &code, bytes_view(&codes));
    assert_false(word_codes_walk_next(&walk, &item));
    assert_true(walk.failed);
    bytes_free(&codes);
}

static void check_wrong(struct symbol_tables *tables, struct view codes) {
    revue_error error;
    struct bytes out = {0};
    bytes_append_string(&out, "kept");
    assert_int_equal(word_codes_decode(tables, codes, &out, &error), REVUE_CORRUPT);
    assert_view(bytes_view(&out), "kept", 4);
    bytes_free(&out);
}

static void test_wrong_codes(void **state) {
    (void)state;
    struct test_tables test;
    const char *literal = "abc";
    test_tables_open(&test, known, 2, 2);
    static const uint32_t wrong[] = {MARK + 1, 250, NUMBER_LIMIT - 1};
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct bytes codes = {0};
        put_numbers(&test.tables.code, NUMBERS(GOOD, wrong[i]), NULL, &codes);
        check_wrong(&test.tables, bytes_view(&codes));
        bytes_free(&codes);
    }
    struct bytes codes = {0};
    put_numbers(&test.tables.code, NUMBERS(GOOD, SYMBOL_LITERAL_WORD), &literal, &codes);
    check_wrong(&test.tables, view_of(codes.data, codes.size - 1)); /* within the literal */
    check_wrong(&test.tables, view_of(codes.data, codes.size - 4)); /* without its size */
    check_wrong(&test.tables, view_of("\xFF", 1));                  /* nothing but padding */
    check_wrong(&test.tables, view_of("\xFF\xFF", 2));
    test.tables.code.is_made = false;
    check_wrong(&test.tables, bytes_view(&codes));
    bytes_free(&codes);
    test_tables_close(&test);
}

static void test_limit(void **state) {
    (void)state;
    revue_error error;
    struct test_tables test;
    struct bytes codes = {0};
    test_tables_open(&test, known, 2, 2);
    put_numbers(&test.tables.code, NUMBERS(GOOD, MOVIE, STOP, GOOD, GOOD, MOVIE, GOOD), NULL, &codes);
    for (size_t limit = 0; limit < 100; limit++) { /* 4 + 6 + 2 + 4 + 5 + 6 + 5 bytes */
        struct bytes out = {0};
        revue_status status = word_codes_decode_up_to(&test.tables, bytes_view(&codes), limit, &out, &error);
        assert_int_equal(status, limit < 32 ? REVUE_CORRUPT : REVUE_OK);
        assert_int_equal(out.size, limit < 32 ? 0 : 32);
        bytes_free(&out);
    }
    bytes_free(&codes);
    test_tables_close(&test);
}

static void check_flipped(void *context, const uint8_t *flipped, size_t size) {
    revue_error error;
    struct bytes out = {0};
    revue_status status = word_codes_decode(context, view_of(flipped, size), &out, &error);
    assert_true(status == REVUE_OK || status == REVUE_CORRUPT);
    bytes_free(&out);
}

static void test_flipped_bits(void **state) {
    (void)state;
    struct test_tables test;
    struct bytes text = {0}, codes = {0};
    uint64_t random = 17;
    make_symbols();
    test_tables_open(&test, symbols, MANY - LOCAL, LOCAL);
    make_text(&text, &random);
    encode(&test.tables, bytes_view(&text), 12, &codes);
    assert_true(codes.size > 100);
    flip_each_bit(codes.data, codes.size, check_flipped, &test.tables);
    bytes_free(&text);
    bytes_free(&codes);
    test_tables_close(&test);
}

struct decoding {
    struct test_tables test;
    struct bytes codes, out, text;
};

static revue_status decode_anew(void *context, revue_error *error) {
    struct decoding *decoding = context;
    bytes_free(&decoding->out);
    memory_free(decoding->test.tables.cache);
    decoding->test.tables.cache = NULL;
    revue_status status = word_codes_decode(&decoding->test.tables, bytes_view(&decoding->codes), &decoding->out, error);
    if (status == REVUE_OK) assert_true(view_equal(bytes_view(&decoding->out), bytes_view(&decoding->text)));
    return status;
}

static void test_allocations_fail(void **state) {
    (void)state;
    struct decoding decoding = {.codes = {0}};
    uint64_t random = 18;
    make_symbols();
    test_tables_open(&decoding.test, symbols, MANY - LOCAL, LOCAL);
    do
        make_text(&decoding.text, &random);
    while (decoding.text.size < 1000);
    encode(&decoding.test.tables, bytes_view(&decoding.text), SIZE_MAX, &decoding.codes);
    assert_true(fail_each_allocation(decode_anew, &decoding) >= 2);
    bytes_free(&decoding.text);
    bytes_free(&decoding.codes);
    bytes_free(&decoding.out);
    test_tables_close(&decoding.test);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_codes),  cmocka_unit_test(test_what_appending_adds),
        cmocka_unit_test(test_walk),         cmocka_unit_test(test_copies),
        cmocka_unit_test(test_random_texts), cmocka_unit_test(test_random_bytes),
        cmocka_unit_test(test_wrong_codes),  cmocka_unit_test(test_limit),
        cmocka_unit_test(test_flipped_bits), cmocka_unit_test(test_allocations_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
