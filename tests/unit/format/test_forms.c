/* test_forms.c - the dictionary of forms: known bytes, many entries found and walked, forms of many stems, damage. */
#include "indexer/format/dictionary.h"
#include "tests/unit/format/format_test.h"

#define MANY 3000u

struct model {
    char forms[MANY][FORM_MAX + 1];
    char stems[MANY][3][FORM_MAX + 1];
    struct form_entry entries[MANY];
};

static int compare_forms(const void *a, const void *b) {
    return strcmp(a, b);
}

static struct model *make_model(void) {
    static struct model model;
    uint64_t random = 20261124;
    memset(&model, 0, sizeof model);
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t size = 1 + random_below(&random, i % 50 == 0 ? 240 : 10);
        for (uint32_t at = 0; at < size; at++)
            model.forms[i][at] = (char)('a' + random_below(&random, at < 2 ? 4 : 26));
        (void)snprintf(model.forms[i] + size, 8, "%u", i);
    }
    qsort(model.forms, MANY, sizeof model.forms[0], compare_forms);
    for (uint32_t i = 0; i < MANY; i++) {
        struct form_entry *entry = &model.entries[i];
        entry->form = view_of_string(model.forms[i]);
        entry->pair_count = i % 10 == 0 ? 1 + random_below(&random, 3) : 1;
        for (uint32_t pair = 0; pair < entry->pair_count; pair++) {
            int kept = (int)random_below(&random, (uint32_t)entry->form.size);
            (void)snprintf(model.stems[i][pair], FORM_MAX, "%.*s%s", kept, model.forms[i],
                           kept == 0 || pair > 0 ? "y" : "");
            entry->pairs[pair] = (struct form_pair){(uint8_t)(pair * 5 + 1), (uint8_t)random_below(&random, 4),
                                                    view_of_string(model.stems[i][pair]), random_below(&random, 1u << 31)};
        }
    }
    return &model;
}

static void assert_same_entry(const struct form_entry *found, const struct form_entry *expected) {
    assert_view(found->form, expected->form.data, expected->form.size);
    assert_int_equal(found->pair_count, expected->pair_count);
    for (uint32_t i = 0; i < expected->pair_count; i++) {
        assert_int_equal(found->pairs[i].language, expected->pairs[i].language);
        assert_int_equal(found->pairs[i].form_number, expected->pairs[i].form_number);
        assert_view(found->pairs[i].stem, expected->pairs[i].stem.data, expected->pairs[i].stem.size);
        assert_int_equal(found->pairs[i].df, expected->pairs[i].df);
    }
}

static revue_status write_entries(const struct segment_sink *sink, const struct form_entry *entries, uint32_t many,
                                  revue_error *error) {
    forms_writer *writer;
    uint32_t count = 0;
    TRY(forms_writer_create(&writer, sink, error));
    revue_status status = REVUE_OK;
    for (uint32_t i = 0; i < many && status == REVUE_OK; i++)
        status = forms_writer_add(writer, &entries[i], error);
    if (status == REVUE_OK) status = forms_writer_finish(writer, &count, error);
    if (status == REVUE_OK) assert_int_equal(count, many);
    forms_writer_free(writer);
    return status;
}

static void test_bytes(void **state) {
    (void)state;
    revue_error error;
    struct memory_sink sink;
    uint32_t count;
    struct form_entry entries[3] = {{.form = view_of_string("dancing"), .pair_count = 1},
                                    {.form = view_of_string("die"), .pair_count = 2},
                                    {.form = view_of_string("dirty"), .pair_count = 1}};
    entries[0].pairs[0] = (struct form_pair){1, 2, view_of_string("danc"), 200};
    entries[1].pairs[0] = (struct form_pair){1, 0, view_of_string("die"), 7};
    entries[1].pairs[1] = (struct form_pair){10, 3, view_of_string("dx"), 1};
    entries[2].pairs[0] = (struct form_pair){10, 0, view_of_string("dirti"), 1};
    memory_sink_open(&sink);
    assert_ok(write_entries(&sink.sink, entries, 3, &error));
    static const uint8_t expected[] = {
        0x70, 'd', 'a',  'n',  'c',  'i', 'n', 'g', 0, /* a restart: no language before */
        0x6A, 1,   0xC8, 1,                            /* form 2, a language follows, the form less 3 bytes; df 200 */
        0x21, 'i', 'e',  0x04, 7,    /* form 0, another pair, the same language, the form as it is; df 7 */
        0xFB, 10,  0x11, 'x',        /* form 3, another language, df 1, the stem follows: d, x */
        0x32, 'r', 't',  'y',  0xD0, /* form 0, df 1, the stem ends in i */
        0,    0,   1,    0};
    assert_int_equal(sink.kinds[KIND_FORMS].size, sizeof expected);
    assert_memory_equal(sink.kinds[KIND_FORMS].data, expected, sizeof expected);
    assert_ok(forms_block_check(view_of(expected, sizeof expected), &count, &error));
    assert_int_equal(count, 3);
    memory_sink_close(&sink);
}

/* A form of one byte whose stem is an i: there is nothing before the last byte. */
static void test_one_byte(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    static struct form_entry entry = {.pair_count = 1}, found;
    forms_reader *reader;
    entry.form = view_of_string("y");
    entry.pairs[0] = (struct form_pair){1, 0, view_of_string("i"), 3};
    fixture_open(&fixture);
    assert_ok(write_entries(&fixture.sink.sink, &entry, 1, &error));
    fixture_read(&fixture);
    assert_ok(forms_reader_open(&reader, fixture.txn, 1, &error));
    assert_ok(forms_reader_find(reader, entry.form, &found, &error));
    assert_same_entry(&found, &entry);
    forms_reader_close(reader);
    fixture_close(&fixture);
}

static void test_many(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    struct model *model = make_model();
    uint64_t random = 5;
    forms_reader *reader;
    static struct form_entry entry;
    fixture_open(&fixture);
    assert_ok(write_entries(&fixture.sink.sink, model->entries, MANY, &error));
    fixture_read(&fixture);
    assert_ok(forms_reader_open(&reader, fixture.txn, 1, &error));
    for (uint32_t i = 0; i < MANY; i++) {
        assert_ok(i == 0 ? forms_reader_seek(reader, view_of_string(""), &entry, &error)
                         : forms_reader_next(reader, &entry, &error));
        assert_same_entry(&entry, &model->entries[i]);
    }
    assert_int_equal(forms_reader_next(reader, &entry, &error), REVUE_NO_MATCH);
    for (uint32_t round = 0; round < 3 * MANY; round++) {
        uint32_t i = random_below(&random, MANY - 1);
        assert_ok(forms_reader_find(reader, model->entries[i].form, &entry, &error));
        assert_same_entry(&entry, &model->entries[i]);
        char longer[FORM_MAX + 8];
        int size = snprintf(longer, sizeof longer, "%s!", model->forms[i]);
        assert_int_equal(forms_reader_find(reader, view_of(longer, (size_t)size), &entry, &error), REVUE_NO_MATCH);
        assert_ok(forms_reader_seek(reader, view_of(longer, (size_t)size), &entry, &error));
        assert_same_entry(&entry, &model->entries[i + 1]);
    }
    forms_reader_close(reader);
    fixture_close(&fixture);
}

/* As many stems as there can be, long ones among them, still fit a block. */
static void test_most_pairs(void **state) {
    (void)state;
    revue_error error;
    struct memory_sink sink;
    static char form[FORM_MAX + 1], stems[FORM_PAIRS_MAX][FORM_MAX + 1];
    static struct form_entry entry;
    uint32_t count;
    memset(form, 'f', FORM_MAX);
    entry.form = view_of(form, FORM_MAX);
    entry.pair_count = FORM_PAIRS_MAX;
    for (uint32_t i = 0; i < FORM_PAIRS_MAX; i++) {
        memset(stems[i], i < 8 ? 's' : 'f', 250);
        entry.pairs[i] = (struct form_pair){(uint8_t)i, (uint8_t)(i % 4), view_of(stems[i], 250 - i), 1u << i};
    }
    memory_sink_open(&sink);
    assert_ok(write_entries(&sink.sink, &entry, 1, &error));
    assert_ok(forms_block_check(view_of(sink.kinds[KIND_FORMS].data, sink.kinds[KIND_FORMS].size), &count, &error));
    memory_sink_close(&sink);
    for (uint32_t i = 0; i < FORM_PAIRS_MAX; i++)
        memset(stems[i], 's', 250); /* none in reality */
    memory_sink_open(&sink);
    assert_int_equal(write_entries(&sink.sink, &entry, 1, &error), REVUE_BUG);
    memory_sink_close(&sink);
}

static void test_order_is_checked(void **state) {
    (void)state;
    revue_error error;
    struct memory_sink sink;
    static struct form_entry entries[2];
    memory_sink_open(&sink);
    for (unsigned i = 0; i < 2; i++) {
        entries[i].form = view_of_string("form");
        entries[i].pair_count = 1;
        entries[i].pairs[0] = (struct form_pair){1, 0, view_of_string("form"), 1};
    }
    assert_int_equal(write_entries(&sink.sink, entries, 2, &error), REVUE_BUG);
    entries[0].pair_count = 2;
    entries[0].pairs[1] = entries[0].pairs[0];
    assert_int_equal(write_entries(&sink.sink, entries, 1, &error), REVUE_BUG);
    entries[0].pair_count = 0;
    assert_int_equal(write_entries(&sink.sink, entries, 1, &error), REVUE_BUG);
    memory_sink_close(&sink);
}

static void check_flipped(void *context, const uint8_t *flipped, size_t size) {
    revue_error error;
    uint32_t count;
    unsigned *refused = context;
    revue_status status = forms_block_check(view_of(flipped, size), &count, &error);
    assert_true(status == REVUE_OK || status == REVUE_CORRUPT);
    *refused += status == REVUE_CORRUPT;
}

static void test_flipped_bits(void **state) {
    (void)state;
    revue_error error;
    struct memory_sink sink;
    unsigned refused = 0;
    memory_sink_open(&sink);
    assert_ok(write_entries(&sink.sink, make_model()->entries, 60, &error));
    flip_each_bit(sink.kinds[KIND_FORMS].data, sink.kinds[KIND_FORMS].size, check_flipped, &refused);
    assert_true(refused > sink.kinds[KIND_FORMS].size);
    memory_sink_close(&sink);
}

/* Forms b1 and c1 of which the second, once written, becomes a1: passing over what begins with an a leads back to b1. */
static void put_out_of_order(struct fixture *fixture) {
    revue_error error;
    struct memory_sink sink;
    static struct form_entry entries[2];
    static const char *const forms[] = {"b1", "c1"};
    for (unsigned i = 0; i < 2; i++)
        entries[i] = (struct form_entry){
            .form = view_of_string(forms[i]), .pair_count = 1, .pairs = {{1, 0, view_of_string("x"), 1}}};
    memory_sink_open(&sink);
    assert_ok(write_entries(&sink.sink, entries, 2, &error));
    struct memory_kind *block = &sink.kinds[KIND_FORMS];
    uint8_t *second = memmem(block->data, block->size, "c1", 2);
    assert_non_null(second);
    *second = 'a';
    const struct key key = key_block(1, KIND_FORMS, view_of_string("b1"));
    assert_ok(store_put(fixture->txn, TABLE_SEGMENTS, key_view(&key), view_of(block->data, block->size), &error));
    memory_sink_close(&sink);
}

static void test_a_walk_ends(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    forms_reader *reader;
    static struct form_entry entry;
    struct view form;
    unsigned walked = 0;
    fixture_open(&fixture);
    put_out_of_order(&fixture);
    fixture_read(&fixture);
    assert_ok(forms_reader_open(&reader, fixture.txn, 1, &error));
    assert_ok(forms_reader_seek(reader, view_of_string("b"), &entry, &error));
    revue_status status = REVUE_OK;
    while (status == REVUE_OK && walked++ < 100)
        status = forms_reader_walk(reader, 1, &form, &error);
    assert_int_equal(status, REVUE_CORRUPT);
    assert_non_null(strstr(error.message, "out of order"));
    forms_reader_close(reader);
    fixture_close(&fixture);
}

static revue_status write_and_find(void *context, revue_error *error) {
    struct fixture *fixture = context;
    const struct model *model = make_model();
    forms_reader *reader;
    static struct form_entry entry;
    TRY(write_entries(&fixture->sink.sink, model->entries, 200, error));
    TRY(forms_reader_open(&reader, fixture->txn, 1, error));
    revue_status status = forms_reader_find(reader, model->entries[50].form, &entry, error);
    forms_reader_close(reader);
    return status;
}

static void test_allocations_fail(void **state) {
    (void)state;
    struct fixture fixture;
    fixture_open(&fixture);
    assert_true(fail_each_allocation(write_and_find, &fixture) > 4);
    fixture_close(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),        cmocka_unit_test(test_one_byte),         cmocka_unit_test(test_many),
        cmocka_unit_test(test_most_pairs),   cmocka_unit_test(test_order_is_checked), cmocka_unit_test(test_a_walk_ends),
        cmocka_unit_test(test_flipped_bits), cmocka_unit_test(test_allocations_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
