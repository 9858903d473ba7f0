/* test_writer_keywords.c - keyword values ahead of the commit: memory for them is bounded however many there are, numbers
 * stay, what a run without a commit leaves is found by the next one, and nothing else shows. */
#include "indexer/identity.h"
#include "indexer/writer.h"
#include "tests/unit/indexer/index_test.h"

#define MEMORY ((size_t)2 << 20)
#define AUTHORS 20000u
#define HELD_MOST (MEMORY / 16 + MEMORY / 8 + ((size_t)96 << 10)) /* new values, pages, and 64 reviews with filters */

static struct view author_of(uint32_t i, char text[64]) {
    int size = snprintf(text, 64, "author %u of the archive", i);
    return view_of(text, (size_t)size);
}

static uint32_t number_of(struct writer *writer, uint32_t author) {
    char text[64];
    uint32_t number;
    revue_error error = {0};
    assert_done(writer_keyword(writer, COLUMN_OF_AUTHOR, author_of(author, text), &number, &error));
    return number;
}

static void open_index(struct writer *writer) {
    const struct writer_options options = {.create = true, .memory_bytes = MEMORY};
    revue_error error = {0};
    assert_done(writer_open(writer, at("index"), &options, &error));
}

static void add_review(struct writer *writer, uint32_t i, uint32_t author) {
    char id[32], text[64];
    const struct review review = {.text[FIELD_BODY] = view_of_string("one word and another"),
                                  .text[FIELD_AUTHOR] = author_of(author, text)};
    const struct pending_values values = {.has_author = true, .author = number_of(writer, author), .run = writer->run};
    revue_error error = {0};
    int size = snprintf(id, sizeof id, "r%u", i);
    assert_done(writer_add(writer, &review, view_of(id, (size_t)size), LANGUAGE_ENGLISH,
                           identity_text_hash(&review, LANGUAGE_ENGLISH), &values, &error));
}

/* Every author once, and now and then one that was met before. */
static void add_authors(struct writer *writer, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(number_of(writer, i), i);
        if (i % 5 == 0) assert_int_equal(number_of(writer, i * 7919u % (i + 1)), i * 7919u % (i + 1));
        add_review(writer, i, i);
        assert_in_range(writer_keyword_bytes(writer), 0, HELD_MOST);
    }
}

/* These reviews have no source, and a run without a commit leaves its segments: all else is a fault. */
static void on_fault(void *context, const char *fault) {
    (void)context;
    if (!strstr(fault, "names a source that has no row") && !strstr(fault, "a run was stopped")) fail_msg("%s", fault);
}

static void assert_sound(void) {
    revue_error error = {0};
    revue_status status = revue_check(at("index"), on_fault, NULL, &error);
    assert_true(status == REVUE_OK || status == REVUE_CORRUPT);
}

static void commit(struct writer *writer) {
    revue_error error = {0};
    assert_done(writer_commit(writer, NULL, NULL, &error));
    writer_close(writer);
}

static void test_memory_is_bounded(void **state) {
    (void)state;
    struct writer writer;
    open_index(&writer);
    add_authors(&writer, AUTHORS);
    assert_non_null(writer.keyword_read);
    commit(&writer);
    assert_sound();
    open_index(&writer);
    for (uint32_t i = 0; i < AUTHORS; i += 97)
        assert_int_equal(number_of(&writer, i), i);
    assert_int_equal(number_of(&writer, AUTHORS), AUTHORS);
    writer_close(&writer);
}

/* Few new values are written with the commit and not before. */
static void test_few_wait_for_the_commit(void **state) {
    (void)state;
    struct writer writer;
    open_index(&writer);
    add_authors(&writer, 200);
    assert_null(writer.keyword_read);
    commit(&writer);
    assert_sound();
    size_t rows = rows_in("index", TABLE_KEYWORDS);
    open_index(&writer);
    assert_int_equal(number_of(&writer, 200), 200);
    add_review(&writer, 200, 200);
    writer_close(&writer);
    assert_int_equal(rows_in("index", TABLE_KEYWORDS), rows);
}

static void test_a_run_without_commit(void **state) {
    (void)state;
    struct writer writer;
    open_index(&writer);
    add_review(&writer, 0, 0);
    commit(&writer);
    open_index(&writer);
    for (uint32_t i = 1; i < AUTHORS; i++)
        add_review(&writer, i, i);
    assert_non_null(writer.keyword_read);
    writer_close(&writer);
    assert_sound();
    open_index(&writer);
    for (uint32_t i = AUTHORS + 100;
         i-- > AUTHORS;) /* numbers go on behind those that were left, and none is given twice */
        add_review(&writer, i, i);
    for (uint32_t i = 0; i < AUTHORS; i += 13)
        add_review(&writer, AUTHORS + 100 + i, i);
    commit(&writer);
    assert_sound();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_memory_is_bounded, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_few_wait_for_the_commit, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_a_run_without_commit, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
