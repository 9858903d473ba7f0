/* test_terms.c - the dictionary of stems: known bytes, many entries found and walked, order that is refused, damage. */
#include "indexer/format/dictionary.h"
#include "tests/unit/format/format_test.h"

#define MANY 6000u

/* ---- a model: MANY stems in order, with everything an entry can hold ---- */

struct model {
    char stems[MANY][FORM_MAX];
    size_t sizes[MANY];
    struct term_entry entries[MANY];
    char forms[MANY][FORMS_LISTED][FORM_MAX];
    uint64_t postings, positions, skips; /* handed out so far */
};

static int compare_stems(const void *a, const void *b) {
    return strcmp(a, b);
}

/* Distinct stems of 1 to 254 letters (most of them short), sorted. */
static void make_stems(struct model *model, uint64_t *random) {
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t size = 3 + random_below(random, random_below(random, 40) == 0 ? 240 : 8);
        for (uint32_t at = 0; at < size; at++)
            model->stems[i][at] = (char)('a' + random_below(random, at < 2 ? 5 : 20));
        (void)snprintf(model->stems[i] + size, 8, "%u", i);
    }
    qsort(model->stems, MANY, sizeof model->stems[0], compare_stems);
    for (uint32_t i = 0; i < MANY; i++)
        model->sizes[i] = strlen(model->stems[i]);
}

static struct posting_list make_list(struct model *model, uint64_t *random) {
    struct posting_list list = {0};
    list.postings = model->postings;
    list.positions = model->positions;
    list.skips = model->skips;
    list.df = random_below(random, 3) == 0 ? 1 : 1 + random_below(random, 5000);
    list.is_inline = list.df == 1 && random_below(random, 4) > 0;
    if (list.is_inline) {
        list.inline_doc = random_below(random, UINT32_MAX);
        list.inline_frequency = 1 + random_below(random, POSTINGS_INLINE_MAX);
        list.inline_mask = (uint8_t)(1 + random_below(random, 15));
        uint32_t position = random_below(random, 3);
        for (uint32_t i = 0; i < list.inline_frequency; i++, position += 1 + random_below(random, 1000))
            list.inline_positions[i] = position;
        return list;
    }
    list.postings_bytes = 2 + random_below(random, list.df * 2);
    list.positions_bytes = random_below(random, list.df * 2);
    list.skips_bytes = list.df > POSTINGS_BLOCK ? 1 + random_below(random, 100) : 0;
    model->postings += list.postings_bytes;
    model->positions += list.positions_bytes;
    model->skips += list.skips_bytes;
    return list;
}

static void make_entry(struct model *model, uint32_t i, uint64_t *random) {
    struct term_entry *entry = &model->entries[i];
    entry->stem = view_of(model->stems[i], model->sizes[i]);
    entry->fields = (uint8_t)(1 + random_below(random, 15));
    entry->form_count = (uint8_t)(1 + random_below(random, FORMS_LISTED));
    entry->has_more_forms = random_below(random, 5) == 0;
    for (unsigned form = 0; form < entry->form_count; form++) {
        int size = snprintf(model->forms[i][form], FORM_MAX, "%.*s%s", form == 2 ? 2 : 250, model->stems[i],
                            (const char *[]){"", "s", "xy"}[form]);
        entry->forms[form] = view_of(model->forms[i][form], (size_t)size);
    }
    unsigned counted = 0;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        if (!(entry->fields >> field & 1)) continue;
        entry->lists[field] = make_list(model, random);
        if (field == FIELD_AUTHOR) continue;
        counted++;
        entry->df = counted == 1 ? entry->lists[field].df : entry->df + entry->lists[field].df - random_below(random, 2);
    }
    if (random_below(random, 7) > 0) return;
    entry->champions = model->skips;
    entry->champions_bytes = 1 + random_below(random, 60);
    model->skips += entry->champions_bytes;
}

static struct model *make_model(void) {
    static struct model model;
    uint64_t random = 20261123;
    memset(&model, 0, sizeof model);
    make_stems(&model, &random);
    for (uint32_t i = 0; i < MANY; i++)
        make_entry(&model, i, &random);
    return &model;
}

static void assert_same_list(const struct posting_list *found, const struct posting_list *expected) {
    assert_int_equal(found->df, expected->df);
    assert_int_equal(found->is_inline, expected->is_inline);
    if (expected->is_inline) {
        assert_int_equal(found->inline_doc, expected->inline_doc);
        assert_int_equal(found->inline_frequency, expected->inline_frequency);
        assert_int_equal(found->inline_mask, expected->inline_mask);
        assert_memory_equal(found->inline_positions, expected->inline_positions,
                            expected->inline_frequency * sizeof(uint32_t));
        return;
    }
    assert_int_equal(found->postings_bytes, expected->postings_bytes);
    assert_int_equal(found->positions_bytes, expected->positions_bytes);
    assert_int_equal(found->skips_bytes, expected->skips_bytes);
    assert_int_equal(found->postings, expected->postings);
    if (expected->positions_bytes > 0) assert_int_equal(found->positions, expected->positions);
    if (expected->skips_bytes > 0) assert_int_equal(found->skips, expected->skips);
}

static void assert_same_entry(const struct term_entry *found, const struct term_entry *expected) {
    assert_view(found->stem, expected->stem.data, expected->stem.size);
    assert_int_equal(found->fields, expected->fields);
    assert_int_equal(found->form_count, expected->form_count);
    assert_int_equal(found->has_more_forms, expected->has_more_forms);
    for (unsigned i = 0; i < expected->form_count; i++)
        assert_view(found->forms[i], expected->forms[i].data, expected->forms[i].size);
    assert_int_equal(found->df, expected->df);
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (expected->fields >> field & 1) assert_same_list(&found->lists[field], &expected->lists[field]);
    assert_int_equal(found->champions_bytes, expected->champions_bytes);
    if (expected->champions_bytes > 0) assert_int_equal(found->champions, expected->champions);
}

static revue_status write_model(const struct segment_sink *sink, const struct model *model, uint32_t many,
                                revue_error *error) {
    terms_writer *writer;
    uint32_t count = 0;
    TRY(terms_writer_create(&writer, sink, error));
    revue_status status = REVUE_OK;
    for (uint32_t i = 0; i < many && status == REVUE_OK; i++)
        status = terms_writer_add(writer, &model->entries[i], error);
    if (status == REVUE_OK) status = terms_writer_finish(writer, &count, error);
    if (status == REVUE_OK) assert_int_equal(count, many);
    terms_writer_free(writer);
    return status;
}

/* ---- known bytes ---- */

static void test_bytes(void **state) {
    (void)state;
    revue_error error;
    struct memory_sink sink;
    terms_writer *writer;
    uint32_t count;
    memory_sink_open(&sink);
    assert_ok(terms_writer_create(&writer, &sink.sink, &error));
    struct term_entry dance = {
        .stem = view_of_string("danc"), .fields = 1u << FIELD_BODY | 1u << FIELD_TITLE, .form_count = 2, .df = 201};
    dance.forms[0] = view_of_string("dance");
    dance.forms[1] = view_of_string("dancing");
    dance.has_more_forms = true;
    dance.lists[FIELD_BODY] =
        (struct posting_list){.df = 200, .postings_bytes = 300, .positions_bytes = 40, .skips_bytes = 9};
    dance.lists[FIELD_TITLE] =
        (struct posting_list){.df = 1, .is_inline = true, .inline_doc = 7, .inline_frequency = 2, .inline_mask = 1};
    dance.lists[FIELD_TITLE].inline_positions[0] = 3;
    dance.lists[FIELD_TITLE].inline_positions[1] = 5;
    dance.champions = 9;
    dance.champions_bytes = 5;
    struct term_entry dark = {.stem = view_of_string("dark"), .fields = 1u << FIELD_PRODUCT, .form_count = 1, .df = 1};
    dark.forms[0] = dark.stem;
    dark.lists[FIELD_PRODUCT] =
        (struct posting_list){.df = 1, .is_inline = true, .inline_doc = 2, .inline_frequency = 1, .inline_mask = 1};
    assert_ok(terms_writer_add(writer, &dance, &error));
    assert_ok(terms_writer_add(writer, &dark, &error));
    struct term_entry dart = {.stem = view_of_string("dart"), .fields = 1u << FIELD_BODY, .form_count = 1, .df = 1};
    dart.forms[0] = dart.stem;
    dart.lists[FIELD_BODY] =
        (struct posting_list){.df = 1, .is_inline = true, .inline_doc = 300, .inline_frequency = 1, .inline_mask = 4};
    dart.lists[FIELD_BODY].inline_positions[0] = 6;
    assert_ok(terms_writer_add(writer, &dart, &error));
    assert_ok(terms_writer_finish(writer, &count, &error));
    terms_writer_free(writer);
    static const uint8_t expected[] = {
        0x40, 'd',  'a',  'n',  'c',  0,    0,    0, /* a restart: the addresses are 0 */
        0xD3, 0x14, 'e',  0x34, 'i',  'n',  'g',     /* more forms, two listed, champions, body and title */
        0xC9, 1,    0x90, 3,    0xAC, 2,    40,   9, /* df 201; 200 in the body: sizes of its pieces */
        3,    7,    0x1A, 3,    2,                   /* title: inline, mask 1, positions, frequency 2 */
        5,                                           /* champions */
        0x22, 'r',  'k',  0x04, 3,    2,    0x11,    /* the form is the stem; position 0 is not written */
        0x13, 't',  0,    0xAC, 2,    0x49, 6,       /* "dart": the body alone, review 300, mask 4, position 6 */
        0,    0,    1,    0                          /* one restart, at 0 */
    };
    assert_int_equal(sink.kinds[KIND_TERMS].size, sizeof expected);
    assert_memory_equal(sink.kinds[KIND_TERMS].data, expected, sizeof expected);
    assert_ok(terms_block_check(view_of(expected, sizeof expected), &count, &error));
    assert_int_equal(count, 3);
    memory_sink_close(&sink);
}

/* Looking up passes by entries that share less than was found so far: front coding that shares less than it could would
 * hide terms from it, and is refused. */
static void test_shared_bytes_are_all_there_are(void **state) {
    (void)state;
    revue_error error;
    uint32_t count;
    static const uint8_t block[] = {0x20, 'a', 'b', 0, 0, 0, 1,    3, 2, 0x11, /* "ab" */
                                    0x20, 'a', 'c', 1, 3, 2, 0x11,             /* "ac", sharing nothing */
                                    0,    0,   1,   0};
    static const uint8_t right[] = {0x20, 'a', 'b', 0, 0, 0, 1, 3, 2, 0x11, 0x11, 'c', 1, 3, 2, 0x11, 0, 0, 1, 0};
    assert_int_equal(terms_block_check(view_of(block, sizeof block), &count, &error), REVUE_CORRUPT);
    assert_ok(terms_block_check(view_of(right, sizeof right), &count, &error));
    assert_int_equal(count, 2);
}

/* ---- many entries ---- */

static void check_walk(terms_reader *reader, const struct model *model, uint32_t from, revue_status status,
                       struct term_entry *entry) {
    revue_error error;
    for (uint32_t i = from; i < MANY; i++) {
        assert_ok(status);
        assert_same_entry(entry, &model->entries[i]);
        status = terms_reader_next(reader, entry, &error);
    }
    assert_int_equal(status, REVUE_NO_MATCH);
    assert_int_equal(terms_reader_next(reader, entry, &error), REVUE_NO_MATCH);
}

/* The first model stem not before text. */
static uint32_t lower_bound(const struct model *model, struct view text) {
    uint32_t i = 0;
    while (i < MANY && view_compare(model->entries[i].stem, text) < 0)
        i++;
    return i;
}

static void check_find(terms_reader *reader, const struct model *model, uint64_t *random) {
    revue_error error;
    struct term_entry entry;
    for (uint32_t round = 0; round < 3 * MANY; round++) {
        uint32_t i = round < MANY ? round : random_below(random, MANY);
        assert_ok(terms_reader_find(reader, model->entries[i].stem, &entry, &error));
        assert_same_entry(&entry, &model->entries[i]);
    }
}

static void check_absent(terms_reader *reader, const struct model *model, uint64_t *random) {
    revue_error error;
    struct term_entry entry;
    for (uint32_t round = 0; round < 2000; round++) {
        char text[FORM_MAX + 8];
        int size = snprintf(text, sizeof text, "%s", model->stems[random_below(random, MANY)]);
        text[random_below(random, (uint32_t)size)]++;
        struct view sought = view_of(text, (size_t)size);
        uint32_t i = lower_bound(model, sought);
        bool is_there = i < MANY && view_equal(model->entries[i].stem, sought);
        assert_int_equal(terms_reader_find(reader, sought, &entry, &error), is_there ? REVUE_OK : REVUE_NO_MATCH);
        assert_int_equal(terms_reader_seek(reader, sought, &entry, &error), i < MANY ? REVUE_OK : REVUE_NO_MATCH);
        if (i == MANY) continue;
        assert_same_entry(&entry, &model->entries[i]);
        if (i + 1 == MANY) continue;
        assert_ok(terms_reader_next(reader, &entry, &error));
        assert_same_entry(&entry, &model->entries[i + 1]);
    }
}

static void test_many(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    struct model *model = make_model();
    uint64_t random = 7;
    terms_reader *reader;
    struct term_entry entry;
    fixture_open(&fixture);
    for (uint32_t segment = 1; segment <= 3; segment++) { /* neighbours that must not be taken for segment 2 */
        store_sink_open(&fixture.sink, fixture.txn, segment);
        assert_ok(write_model(&fixture.sink.sink, model, segment == 2 ? MANY : 3, &error));
    }
    fixture_read(&fixture);
    assert_ok(terms_reader_open(&reader, fixture.txn, 2, &error));
    check_walk(reader, model, 0, terms_reader_next(reader, &entry, &error), &entry);
    check_walk(reader, model, 0, terms_reader_seek(reader, view_of(NULL, 0), &entry, &error), &entry);
    check_walk(reader, model, MANY - 40, terms_reader_seek(reader, model->entries[MANY - 40].stem, &entry, &error), &entry);
    check_find(reader, model, &random);
    check_absent(reader, model, &random);
    char endless[FORM_MAX + 50];
    memset(endless, 'b', sizeof endless);
    assert_int_equal(terms_reader_find(reader, view_of(endless, sizeof endless), &entry, &error), REVUE_NO_MATCH);
    uint32_t i = lower_bound(model, view_of(endless, sizeof endless));
    assert_ok(terms_reader_seek(reader, view_of(endless, sizeof endless), &entry, &error));
    assert_same_entry(&entry, &model->entries[i]);
    terms_reader_close(reader);
    assert_ok(terms_reader_open(&reader, fixture.txn, 4, &error)); /* a segment without terms */
    assert_int_equal(terms_reader_find(reader, model->entries[0].stem, &entry, &error), REVUE_NO_MATCH);
    assert_int_equal(terms_reader_seek(reader, view_of(NULL, 0), &entry, &error), REVUE_NO_MATCH);
    assert_int_equal(terms_reader_next(reader, &entry, &error), REVUE_NO_MATCH);
    terms_reader_close(reader);
    fixture_close(&fixture);
}

/* ---- blocks ---- */

struct block_sink {
    struct segment_sink sink;
    struct model *model;
    uint32_t blocks, entries;
};

static revue_status check_block(void *context, enum segment_kind kind, struct view part, struct view value,
                                revue_error *error) {
    struct block_sink *sink = context;
    uint32_t count = 0;
    assert_int_equal(kind, KIND_TERMS);
    assert_in_range(value.size, 1, DICTIONARY_BLOCK - 8);
    assert_true(view_equal(part, sink->model->entries[sink->entries].stem));
    TRY(terms_block_check(value, &count, error));
    sink->blocks++;
    sink->entries += count;
    return REVUE_OK;
}

static void test_blocks_are_full_and_sound(void **state) {
    (void)state;
    revue_error error;
    struct block_sink sink = {{check_block, &sink}, make_model(), 0, 0};
    assert_ok(write_model(&sink.sink, sink.model, MANY, &error));
    assert_int_equal(sink.entries, MANY);
    assert_in_range(sink.blocks, 10, MANY / 16);
}

static void test_order_is_checked(void **state) {
    (void)state;
    revue_error error;
    struct memory_sink sink;
    terms_writer *writer;
    memory_sink_open(&sink);
    assert_ok(terms_writer_create(&writer, &sink.sink, &error));
    struct term_entry entry = {.stem = view_of_string("b"), .fields = 1, .form_count = 1, .df = 3};
    entry.forms[0] = entry.stem;
    entry.lists[0] = (struct posting_list){.df = 3, .postings = 1, .postings_bytes = 8};
    assert_int_equal(terms_writer_add(writer, &entry, &error), REVUE_BUG); /* a hole in POSTINGS */
    entry.lists[0].postings = 0;
    entry.lists[0].positions_bytes = 4;
    entry.lists[0].positions = 4;
    assert_int_equal(terms_writer_add(writer, &entry, &error), REVUE_BUG); /* a hole in POSITIONS */
    entry.lists[0].positions = 0;
    entry.champions_bytes = 4;
    entry.champions = 1;
    assert_int_equal(terms_writer_add(writer, &entry, &error), REVUE_BUG); /* a hole in SKIPS */
    entry.champions = 0;
    assert_ok(terms_writer_add(writer, &entry, &error));
    struct term_entry same = {.stem = view_of_string("b"), .fields = 1, .form_count = 1, .df = 1};
    same.forms[0] = same.stem;
    same.lists[0] = (struct posting_list){.df = 1, .is_inline = true, .inline_frequency = 1, .inline_mask = 1};
    assert_int_equal(terms_writer_add(writer, &same, &error), REVUE_BUG); /* the same stem again */
    same.stem = view_of_string("a");
    assert_int_equal(terms_writer_add(writer, &same, &error), REVUE_BUG); /* one before it */
    same.stem = view_of_string("c");
    same.fields = 0;
    assert_int_equal(terms_writer_add(writer, &same, &error), REVUE_BUG); /* in no field */
    terms_writer_free(writer);
    memory_sink_close(&sink);
}

/* ---- damage ---- */

static void check_flipped(void *context, const uint8_t *flipped, size_t size) {
    revue_error error;
    uint32_t count;
    unsigned *refused = context;
    revue_status status = terms_block_check(view_of(flipped, size), &count, &error);
    assert_true(status == REVUE_OK || status == REVUE_CORRUPT);
    *refused += status == REVUE_CORRUPT;
}

static void test_flipped_bits(void **state) {
    (void)state;
    revue_error error;
    struct memory_sink sink;
    unsigned refused = 0;
    memory_sink_open(&sink);
    assert_ok(write_model(&sink.sink, make_model(), 40, &error));
    flip_each_bit(sink.kinds[KIND_TERMS].data, sink.kinds[KIND_TERMS].size, check_flipped, &refused);
    assert_true(refused > sink.kinds[KIND_TERMS].size);
    memory_sink_close(&sink);
}

/* Takes all stems in turn, which ascend or end in damage: merges rely on that. */
static revue_status walk_ascending(terms_reader *reader, revue_error *error) {
    char before[FORM_MAX];
    size_t before_size = 0;
    struct term_entry entry;
    revue_status status = terms_reader_seek(reader, view_of(NULL, 0), &entry, error);
    for (; status == REVUE_OK; status = terms_reader_next(reader, &entry, error)) {
        assert_true(view_compare(view_of(before, before_size), entry.stem) < 0);
        memcpy(before, entry.stem.data, entry.stem.size);
        before_size = entry.stem.size;
    }
    return status;
}

/* The same in the store, where the checksum is right and the block is not: whatever a reader does with it, it ends. */
static void read_everything(store_txn *txn, const struct model *model, uint32_t many) {
    revue_error error;
    terms_reader *reader;
    struct term_entry entry;
    assert_ok(terms_reader_open(&reader, txn, 1, &error));
    for (uint32_t i = 0; i < many; i++) {
        revue_status status = terms_reader_find(reader, model->entries[i].stem, &entry, &error);
        assert_true(status == REVUE_OK || status == REVUE_NO_MATCH || status == REVUE_CORRUPT);
    }
    revue_status status = walk_ascending(reader, &error);
    assert_true(status == REVUE_NO_MATCH || status == REVUE_CORRUPT);
    terms_reader_close(reader);
}

static void test_damaged_block_in_store(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    struct memory_sink sink;
    struct model *model = make_model();
    uint64_t random = 11;
    memory_sink_open(&sink);
    assert_ok(write_model(&sink.sink, model, 40, &error));
    size_t size = sink.kinds[KIND_TERMS].size;
    assert_in_range(size, 100, DICTIONARY_BLOCK - 8);
    fixture_open(&fixture);
    struct key key = key_block(1, KIND_TERMS, model->entries[0].stem);
    for (unsigned round = 0; round < 2000; round++) {
        uint8_t block[DICTIONARY_BLOCK];
        memcpy(block, sink.kinds[KIND_TERMS].data, size);
        for (unsigned flip = 0; flip <= random_below(&random, 4); flip++)
            block[random_below(&random, (uint32_t)size)] = (uint8_t)random_next(&random);
        size_t kept = random_below(&random, 5) == 0 ? random_below(&random, (uint32_t)size + 1) : size;
        assert_ok(store_put(fixture.txn, TABLE_SEGMENTS, key_view(&key), view_of(block, kept), &error));
        read_everything(fixture.txn, model, 40);
    }
    fixture_close(&fixture);
    memory_sink_close(&sink);
}

/* A block whose key comes behind its stems: what stands there was given before, or is before what is sought. */
static void test_block_of_another_key(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    struct memory_sink sink;
    struct model *model = make_model();
    terms_reader *reader;
    struct term_entry entry;
    memory_sink_open(&sink);
    assert_ok(write_model(&sink.sink, model, 40, &error));
    fixture_open(&fixture);
    const struct view block = view_of(sink.kinds[KIND_TERMS].data, sink.kinds[KIND_TERMS].size);
    const struct view stems[] = {model->entries[0].stem, view_of_string("zz")};
    for (unsigned i = 0; i < 2; i++) {
        struct key key = key_block(1, KIND_TERMS, stems[i]);
        assert_ok(store_put(fixture.txn, TABLE_SEGMENTS, key_view(&key), block, &error));
        assert_ok(terms_reader_open(&reader, fixture.txn, 1, &error));
        assert_int_equal(walk_ascending(reader, &error), i == 0 ? REVUE_NO_MATCH : REVUE_CORRUPT);
        revue_status status = terms_reader_seek(reader, view_of_string("zzz"), &entry, &error);
        assert_int_equal(status, REVUE_NO_MATCH);
        terms_reader_close(reader);
    }
    fixture_close(&fixture);
    memory_sink_close(&sink);
}

/* ---- memory ---- */

static revue_status write_and_find(void *context, revue_error *error) {
    struct fixture *fixture = context;
    const struct model *model = make_model();
    terms_reader *reader;
    struct term_entry entry;
    TRY(write_model(&fixture->sink.sink, model, 100, error));
    TRY(terms_reader_open(&reader, fixture->txn, 1, error));
    revue_status status = terms_reader_find(reader, model->entries[50].stem, &entry, error);
    terms_reader_close(reader);
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
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_shared_bytes_are_all_there_are),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_blocks_are_full_and_sound),
        cmocka_unit_test(test_order_is_checked),
        cmocka_unit_test(test_flipped_bits),
        cmocka_unit_test(test_damaged_block_in_store),
        cmocka_unit_test(test_block_of_another_key),
        cmocka_unit_test(test_allocations_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
