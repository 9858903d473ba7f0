/* test_manifest.c - manifest, schema, settings and source rows: there and back, and what is refused. */
#include "indexer/format/columns.h"
#include "indexer/format/keys.h"
#include "indexer/format/manifest.h"
#include "tests/unit/format/format_test.h"

#include <math.h>

#define assert_refused(expression, expected, text)                                                                         \
    do {                                                                                                                   \
        error.message[0] = '\0';                                                                                           \
        revue_status assert_status = (expression);                                                                         \
        if (assert_status != (expected)) fail_msg("%s: status %d: %s", #expression, (int)assert_status, error.message);    \
        if (!strstr(error.message, text)) fail_msg("%s: \"%s\" lacks \"%s\"", #expression, error.message, text);           \
    } while (0)

static struct view name(const char *text) {
    return view_of_string(text);
}

/* ---- manifest ---- */

static struct manifest_segment row(uint32_t number) {
    struct manifest_segment made = {number, 1000 + number, number, 3, 0x1122334455667788u + number, {{0, 0}}};
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        made.fields[field] = (struct manifest_field){((uint64_t)number << 32) + field, 900 + field};
    }
    return made;
}

static void make_manifest(struct manifest *manifest) {
    static const uint32_t numbers[] = {4, 1, 9, 2};
    revue_error error;
    assert_ok(manifest_new(manifest, &error));
    manifest->commit = 0x0102030405060708u;
    manifest->committed_at = -5;
    manifest->next_segment = 10;
    manifest->next_source = 77;
    manifest->last_run = 6;
    manifest->fingerprint = 0xFEDCBA9876543210u;
    manifest->text_bytes = (uint64_t)5 << 40;
    manifest->blocked = 12;
    for (size_t i = 0; i < 4; i++) {
        struct manifest_segment added = row(numbers[i]);
        assert_ok(manifest_add_segment(manifest, &added, &error));
    }
}

static void assert_same_manifest(const struct manifest *a, const struct manifest *b) {
    assert_memory_equal(a->uuid, b->uuid, sizeof a->uuid);
    assert_int_equal(a->commit, b->commit);
    assert_int_equal(a->committed_at, b->committed_at);
    assert_int_equal(a->next_segment, b->next_segment);
    assert_int_equal(a->next_source, b->next_source);
    assert_int_equal(a->last_run, b->last_run);
    assert_int_equal(a->fingerprint, b->fingerprint);
    assert_int_equal(a->text_bytes, b->text_bytes);
    assert_int_equal(a->blocked, b->blocked);
    assert_int_equal(a->segment_count, b->segment_count);
    for (uint32_t i = 0; i < a->segment_count; i++) {
        const struct manifest_segment *left = &a->segments[i], *right = &b->segments[i];
        assert_int_equal(left->number, right->number);
        assert_int_equal(left->doc_count, right->doc_count);
        assert_int_equal(left->deleted, right->deleted);
        assert_int_equal(left->run, right->run);
        assert_int_equal(left->meta_checksum, right->meta_checksum);
        for (unsigned field = 0; field < FIELD_COUNT; field++) {
            assert_int_equal(left->fields[field].total_length, right->fields[field].total_length);
            assert_int_equal(left->fields[field].doc_count, right->fields[field].doc_count);
        }
    }
}

static void test_new_manifests_differ(void **state) {
    (void)state;
    revue_error error;
    struct manifest a, b;
    assert_ok(manifest_new(&a, &error));
    assert_ok(manifest_new(&b, &error));
    assert_memory_not_equal(a.uuid, b.uuid, sizeof a.uuid);
    assert_int_equal(a.uuid[6] >> 4, 4);
    assert_int_equal(a.uuid[8] >> 6, 2);
    assert_int_equal(a.next_segment, 1);
    assert_int_equal(a.next_source, 1);
    assert_int_equal(a.segment_count, 0);
    manifest_free(&a);
    manifest_free(&b);
}

static void test_rows_stand_in_order(void **state) {
    (void)state;
    static const uint32_t expected[] = {1, 2, 4, 9};
    revue_error error;
    struct manifest manifest;
    make_manifest(&manifest);
    assert_int_equal(manifest.segment_count, 4);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(manifest.segments[i].number, expected[i]);
    struct manifest_segment again = row(4);
    assert_refused(manifest_add_segment(&manifest, &again, &error), REVUE_BUG, "segment 4 is in the manifest already");
    assert_int_equal(manifest.segment_count, 4);
    manifest_free(&manifest);
}

static void test_manifest_there_and_back(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    struct manifest manifest, found;
    fixture_open(&fixture);
    assert_int_equal(manifest_read(fixture.txn, &found, &error), REVUE_NO_MATCH);
    make_manifest(&manifest);
    assert_ok(manifest_write(fixture.txn, &manifest, &error));
    fixture_read(&fixture);
    assert_ok(manifest_read(fixture.txn, &found, &error));
    assert_same_manifest(&manifest, &found);
    manifest_free(&manifest);
    manifest_free(&found);
    fixture_close(&fixture);
}

/* The first bytes as the format says them, whatever the code thinks. */
static void test_manifest_bytes(void **state) {
    (void)state;
    struct manifest manifest;
    struct bytes record = {0};
    make_manifest(&manifest);
    manifest_encode(&manifest, &record);
    assert_int_equal(record.size, 4 + 4 + 16 + 8 + 8 + 4 * 4 + 4 * (16 + 8 + 4 * 12) + 8 + 8 + 4);
    assert_memory_equal(record.data, "RVU1\1\0\0\0", 8);
    assert_memory_equal(record.data + 8, manifest.uuid, 16);
    assert_memory_equal(record.data + 24, "\x08\x07\x06\x05\x04\x03\x02\x01\xFB\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 16);
    assert_memory_equal(record.data + 40,
                        "\x0A\0\0\0\x4D\0\0\0\6\0\0\0\4\0\0\0\1\0\0\0\xE9\3\0\0\1\0\0\0\3\0\0\0\x89\x77\x66", 35);
    bytes_free(&record);
    manifest_free(&manifest);
}

static void test_other_versions_are_named(void **state) {
    (void)state;
    revue_error error;
    struct manifest manifest;
    struct bytes record = {0};
    make_manifest(&manifest);
    manifest_encode(&manifest, &record);
    manifest_free(&manifest);
    store_le32(record.data + 4, 2);
    assert_refused(manifest_decode(bytes_view(&record), &manifest, &error), REVUE_CORRUPT,
                   "has format 2, this program reads format 1");
    record.data[0] = 'X';
    assert_refused(manifest_decode(bytes_view(&record), &manifest, &error), REVUE_CORRUPT, "does not begin with RVU1");
    bytes_free(&record);
}

static void decode_any(void *context, const uint8_t *data, size_t size) {
    struct manifest manifest;
    unsigned *refused = context;
    revue_status status = manifest_decode(view_of(data, size), &manifest, NULL);
    *refused += status == REVUE_CORRUPT;
    if (status == REVUE_OK)
        manifest_free(&manifest);
    else
        assert_int_equal(status, REVUE_CORRUPT);
}

static void test_damaged_manifests(void **state) {
    (void)state;
    struct manifest manifest, decoded;
    struct bytes record = {0};
    revue_error error;
    unsigned refused = 0;
    make_manifest(&manifest);
    manifest_encode(&manifest, &record);
    manifest_free(&manifest);
    for (size_t size = 0; size < record.size; size++) {
        uint8_t *cut = malloc(size + 1);
        memcpy(cut, record.data, size);
        assert_int_equal(manifest_decode(view_of(cut, size), &decoded, &error), REVUE_CORRUPT);
        free(cut);
    }
    bytes_append_u8(&record, 0);
    assert_refused(manifest_decode(bytes_view(&record), &decoded, &error), REVUE_CORRUPT, "wrong size");
    flip_each_bit(record.data, record.size - 1, decode_any, &refused);
    assert_in_range(refused, 64 + 32 + 4 * 32, record.size * 8); /* magic, version, count, segment numbers ... */
    bytes_free(&record);
}

static void test_rows_that_contradict(void **state) {
    (void)state;
    static const struct {
        size_t at;
        uint32_t value;
    } cases[] = {{56, 0}, {56, 10}, {56, 2}, {64, 1002}, {88, 1002}, {52, 5}, {52, 3}, {52, UINT32_MAX}};
    struct manifest manifest, decoded;
    struct bytes record = {0};
    revue_error error;
    make_manifest(&manifest);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes_clear(&record);
        manifest_encode(&manifest, &record);
        assert_ok(manifest_decode(bytes_view(&record), &decoded, &error));
        manifest_free(&decoded);
        store_le32(record.data + cases[i].at, cases[i].value);
        assert_int_equal(manifest_decode(bytes_view(&record), &decoded, &error), REVUE_CORRUPT);
    }
    bytes_free(&record);
    manifest_free(&manifest);
}

/* ---- schema ---- */

static void test_built_in_columns(void **state) {
    (void)state;
    static const char *const names[COLUMN_BUILT_IN_COUNT] = {"rating", "stars",  "date",    "date-precision",
                                                             "votes",  "lang",   "product", "author",
                                                             "tags",   "source", "run",     "column-hash"};
    revue_error error;
    struct schema schema;
    assert_ok(schema_new(&schema, &error));
    assert_int_equal(schema.version, 1);
    assert_int_equal(schema.count, COLUMN_BUILT_IN_COUNT);
    for (uint16_t i = 0; i < COLUMN_BUILT_IN_COUNT; i++) {
        const struct schema_column *column = schema_find(&schema, name(names[i]));
        assert_non_null(column);
        assert_int_equal(column->number, i);
        assert_int_equal(column->has_several, i == COLUMN_OF_TAGS);
    }
    assert_null(schema_find(&schema, name("")));
    assert_null(schema_find(&schema, name("rat")));
    assert_non_null(schema_find(&schema, name("RATING")));
    schema_free(&schema);
}

static void test_columns_are_declared(void **state) {
    (void)state;
    revue_error error;
    struct schema schema;
    uint16_t number;
    assert_ok(schema_new(&schema, &error));
    assert_ok(schema_declare(&schema, name("brand"), COLUMN_KEYWORD, &number, &error));
    assert_int_equal(number, 32);
    assert_ok(schema_declare(&schema, name("größe"), COLUMN_NUMBER, &number, &error));
    assert_int_equal(number, 33);
    assert_ok(schema_declare(&schema, name("Brand"), COLUMN_KEYWORD, &number, &error));
    assert_int_equal(number, 32);
    assert_int_equal(schema.count, COLUMN_BUILT_IN_COUNT + 2);
    assert_refused(schema_declare(&schema, name("brand"), COLUMN_DATE, &number, &error), REVUE_USAGE,
                   "is a keyword column");
    assert_refused(schema_declare(&schema, name("Title"), COLUMN_KEYWORD, &number, &error), REVUE_USAGE,
                   "--map Title=NAME");
    assert_refused(schema_declare(&schema, name("url"), COLUMN_KEYWORD, &number, &error), REVUE_USAGE, "every index has");
    assert_refused(schema_declare(&schema, name("stars"), COLUMN_NUMBER, &number, &error), REVUE_USAGE, "every index has");
    schema_free(&schema);
}

static void test_names_a_query_cannot_say(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",   "a b", "a:b", "a\tb", "a\"b", "-a",    "+a",
        "a(", "a*",  "a~1", "a^2",  "\xFF", "a\x7F", "0123456789012345678901234567890123456789012345678901234567890123x"};
    revue_error error;
    struct schema schema;
    uint16_t number;
    assert_ok(schema_new(&schema, &error));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_refused(schema_declare(&schema, name(wrong[i]), COLUMN_KEYWORD, &number, &error), REVUE_USAGE,
                       "1 to 64 bytes");
    }
    assert_refused(schema_declare(&schema, view_of("a\0b", 3), COLUMN_KEYWORD, &number, &error), REVUE_USAGE, "--column a");
    assert_ok(schema_declare(&schema, name("a-b_c.d"), COLUMN_KEYWORD, &number, &error));
    schema_free(&schema);
}

static void test_declared_columns_are_few(void **state) {
    (void)state;
    revue_error error;
    struct schema schema;
    uint16_t number;
    char text[16];
    assert_ok(schema_new(&schema, &error));
    for (unsigned i = 0; i < SCHEMA_DECLARED_MAX; i++) {
        (void)snprintf(text, sizeof text, "c%u", i);
        assert_ok(schema_declare(&schema, name(text), COLUMN_NUMBER, &number, &error));
        assert_int_equal(number, 32 + i);
    }
    assert_refused(schema_declare(&schema, name("more"), COLUMN_NUMBER, &number, &error), REVUE_USAGE, "at most 32");
    assert_ok(schema_declare(&schema, name("c31"), COLUMN_NUMBER, &number, &error));
    schema_free(&schema);
}

static void test_schema_there_and_back(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    struct schema schema, found;
    uint16_t number;
    fixture_open(&fixture);
    assert_int_equal(schema_read(fixture.txn, &found, &error), REVUE_NO_MATCH);
    assert_ok(schema_new(&schema, &error));
    assert_ok(schema_declare(&schema, name("brand"), COLUMN_KEYWORD, &number, &error));
    schema.version = 7;
    assert_ok(schema_write(fixture.txn, &schema, &error));
    fixture_read(&fixture);
    assert_ok(schema_read(fixture.txn, &found, &error));
    assert_int_equal(found.version, 7);
    assert_int_equal(found.count, schema.count);
    for (uint32_t i = 0; i < found.count; i++) {
        assert_string_equal(found.columns[i].name, schema.columns[i].name);
        assert_int_equal(found.columns[i].number, schema.columns[i].number);
        assert_int_equal(found.columns[i].kind, schema.columns[i].kind);
        assert_int_equal(found.columns[i].has_several, schema.columns[i].has_several);
        assert_int_equal(found.columns[i].is_internal, schema.columns[i].is_internal);
    }
    schema_free(&schema);
    schema_free(&found);
    fixture_close(&fixture);
}

static void test_damaged_schemas(void **state) {
    (void)state;
    static const char *const wrong[] = {"",
                                        "\1",
                                        "\1\0\0\0\3\0\1a\1\0\0\0",
                                        "\1\0\0\0\0\4\1a\1\0\0\0",
                                        "\1\0\0\0\0\0\0\1\0\0\0",
                                        "\2\0\0\0\0\0\1a\1\0\0\0\1a\1\0\0\0",
                                        "\0\0\1\0\0\0\0",
                                        "\xFF\xFF\1\0\0\0"};
    static const size_t sizes[] = {0, 1, 12, 12, 11, 18, 7, 6};
    revue_error error;
    struct schema schema;
    assert_ok(schema_decode(view_of("\1\0\0\0\0\0\1a\1\0\0\0", 12), &schema, &error));
    assert_int_equal(schema.count, 1);
    schema_free(&schema);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(schema_decode(view_of(wrong[i], sizes[i]), &schema, &error), REVUE_CORRUPT);
    }
}

/* ---- settings ---- */

static void test_settings(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    struct settings settings = {0}, found;
    fixture_open(&fixture);
    assert_ok(settings_read(fixture.txn, &found, &error));
    assert_int_equal(found.count, 0);
    assert_null(settings_get(&found, "root"));
    assert_ok(settings_add(&settings, "root", "/a", &error));
    assert_ok(settings_add(&settings, "map", "body=text", &error));
    assert_ok(settings_add(&settings, "root", "/b", &error));
    assert_ok(settings_add(&settings, "no-text", "", &error));
    assert_string_equal(settings_get(&settings, "root"), "/a");
    assert_ok(settings_write(fixture.txn, &settings, &error));
    settings_remove(&settings, "root");
    settings_remove(&settings, "never");
    assert_int_equal(settings.count, 2);
    assert_null(settings_get(&settings, "root"));
    assert_string_equal(settings_get(&settings, "map"), "body=text");
    settings_free(&settings);
    fixture_read(&fixture);
    assert_ok(settings_read(fixture.txn, &found, &error));
    assert_int_equal(found.count, 4);
    assert_string_equal(found.rows[2].value, "/b");
    assert_string_equal(found.rows[3].value, "");
    settings_free(&found);
    fixture_close(&fixture);
}

static void test_damaged_settings(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } cases[] = {{"", 0},
                 {"\1", 1},
                 {"\1\1a", 3},
                 {"\1\1a\1", 4},
                 {"\1\1a\1bc", 6},
                 {"\1\1\0\1b", 5},
                 {"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\1\0\0", 12},
                 {"\1\1a\xFF\xFF\xFF\xFF\x0F", 8}};
    revue_error error;
    struct settings settings;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(settings_decode(view_of(cases[i].bytes, cases[i].size), &settings, &error), REVUE_CORRUPT);
    }
    assert_ok(settings_decode(view_of("\1\1a\1b", 5), &settings, &error));
    assert_string_equal(settings_get(&settings, "a"), "b");
    settings_free(&settings);
}

/* ---- sources ---- */

static void test_source_rows(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    struct source_row written = {1, 2, -3, 4, 5, 6, 7, 8, 1, 10, 13, 11, -12, {-0.5, 9, true, true}, name("old.txt")},
                      found;
    static char longest[4000];
    memset(longest, 'p', sizeof longest);
    fixture_open(&fixture);
    assert_int_equal(source_row_get(fixture.txn, 1, name("a.txt"), &found, &error), REVUE_NO_MATCH);
    assert_ok(source_row_put(fixture.txn, 1, name("a.txt"), &written, &error));
    written.number = 2;
    assert_ok(source_row_put(fixture.txn, 1, view_of(longest, 3999), &written, &error));
    written.number = 3;
    assert_ok(source_row_put(fixture.txn, 1, view_of(longest, 4000), &written, &error));
    fixture_read(&fixture);
    assert_ok(source_row_get(fixture.txn, 1, view_of(longest, 3999), &found, &error));
    assert_int_equal(found.number, 2);
    assert_ok(source_row_get(fixture.txn, 1, view_of(longest, 4000), &found, &error));
    assert_int_equal(found.number, 3);
    assert_int_equal(source_row_get(fixture.txn, 2, name("a.txt"), &found, &error), REVUE_NO_MATCH);
    assert_ok(source_row_get(fixture.txn, 1, name("a.txt"), &found, &error));
    assert_int_equal(found.number, 1);
    assert_int_equal(found.size, 2);
    assert_int_equal(found.modified_ns, -3);
    assert_int_equal(found.inode, 4);
    assert_int_equal(found.hash, 5);
    assert_int_equal(found.prefix_bytes, 6);
    assert_int_equal(found.prefix_hash, 7);
    assert_int_equal(found.schema_version, 8);
    assert_int_equal(found.state, 1);
    assert_int_equal(found.reviews, 10);
    assert_int_equal(found.left_out, 13);
    assert_int_equal(found.run, 11);
    assert_int_equal(found.read_at, -12);
    assert_true(view_equal(found.name, name("old.txt")));
    assert_true(found.ratings.smallest == -0.5 && found.ratings.largest == 9);
    assert_true(found.ratings.has_rating && found.ratings.has_fraction);
    struct bytes record = {0};
    source_row_encode(&written, &record);
    assert_int_equal(record.size, 102);
    for (size_t size = 0; size < record.size; size++) {
        assert_int_equal(source_row_decode(view_of(record.data, size), &found, &error), REVUE_CORRUPT);
    }
    bytes_append_u8(&record, 0);
    assert_int_equal(source_row_decode(bytes_view(&record), &found, &error), REVUE_CORRUPT);
    bytes_free(&record);
    fixture_close(&fixture);
}

/* Ratings that cannot have been seen. */
static void test_source_row_ratings(void **state) {
    (void)state;
    const struct rating_range ranges[] = {{2, 1, true, false}, {0, INFINITY, true, false}, {(double)NAN, 1, true, false}};
    revue_error error;
    struct source_row found;
    struct bytes record = {0};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        const struct source_row row = {.ratings = ranges[i]};
        bytes_clear(&record);
        source_row_encode(&row, &record);
        assert_int_equal(source_row_decode(bytes_view(&record), &found, &error), REVUE_CORRUPT);
    }
    const struct source_row sound = {.ratings = {1, 1, true, false}};
    bytes_clear(&record);
    source_row_encode(&sound, &record);
    assert_ok(source_row_decode(bytes_view(&record), &found, &error));
    record.data[77] = 4; /* an unknown flag */
    assert_int_equal(source_row_decode(bytes_view(&record), &found, &error), REVUE_CORRUPT);
    bytes_free(&record);
}

/* ---- out of memory ---- */

static revue_status write_and_read(void *context, revue_error *error) {
    struct fixture *fixture = context;
    struct manifest manifest = {0}, manifest_found = {0};
    struct schema schema = {0}, schema_found = {0};
    struct settings settings = {0}, settings_found = {0};
    struct manifest_segment added = row(0);
    struct source_row source = {0};
    uint16_t number;
    revue_status status = manifest_new(&manifest, error);
    manifest.next_segment = 100;
    for (added.number = 1; added.number < 40 && status == REVUE_OK; added.number++)
        status = manifest_add_segment(&manifest, &added, error);
    if (status == REVUE_OK) status = manifest_write(fixture->txn, &manifest, error);
    if (status == REVUE_OK) status = manifest_read(fixture->txn, &manifest_found, error);
    if (status == REVUE_OK) status = schema_new(&schema, error);
    if (status == REVUE_OK) status = schema_declare(&schema, name("brand"), COLUMN_KEYWORD, &number, error);
    if (status == REVUE_OK) status = schema_write(fixture->txn, &schema, error);
    if (status == REVUE_OK) status = schema_read(fixture->txn, &schema_found, error);
    if (status == REVUE_OK) status = settings_add(&settings, "root", "/a", error);
    if (status == REVUE_OK) status = settings_write(fixture->txn, &settings, error);
    if (status == REVUE_OK) status = settings_read(fixture->txn, &settings_found, error);
    if (status == REVUE_OK) status = source_row_put(fixture->txn, 1, name("a"), &source, error);
    manifest_free(&manifest);
    manifest_free(&manifest_found);
    schema_free(&schema);
    schema_free(&schema_found);
    settings_free(&settings);
    settings_free(&settings_found);
    return status;
}

static void test_allocations(void **state) {
    (void)state;
    struct fixture fixture;
    fixture_open(&fixture);
    assert_in_range(fail_each_allocation(write_and_read, &fixture), 40, 100);
    fixture_close(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_manifests_differ),     cmocka_unit_test(test_rows_stand_in_order),
        cmocka_unit_test(test_manifest_there_and_back),  cmocka_unit_test(test_manifest_bytes),
        cmocka_unit_test(test_other_versions_are_named), cmocka_unit_test(test_damaged_manifests),
        cmocka_unit_test(test_rows_that_contradict),     cmocka_unit_test(test_built_in_columns),
        cmocka_unit_test(test_columns_are_declared),     cmocka_unit_test(test_names_a_query_cannot_say),
        cmocka_unit_test(test_declared_columns_are_few), cmocka_unit_test(test_schema_there_and_back),
        cmocka_unit_test(test_damaged_schemas),          cmocka_unit_test(test_settings),
        cmocka_unit_test(test_damaged_settings),         cmocka_unit_test(test_source_rows),
        cmocka_unit_test(test_source_row_ratings),       cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
