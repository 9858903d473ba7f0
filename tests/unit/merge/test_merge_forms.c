/* test_merge_forms.c - which forms a merged stem lists, by example: all that can be told apart in every input; none when
 * each is hidden in some input. And what the dictionaries need for that. */
#include "tests/unit/merge/merge_samples.h"

static const struct sample_shape plain_shape = {.roots = 1};

static void add_text(struct writer *writer, struct archive *archive, const char *text) {
    revue_error error;
    struct sample *sample = new_sample(archive, 1);
    (void)snprintf(sample->id, sizeof sample->id, "r%zu", archive->count);
    sample->product = SAMPLE_PRODUCTS;
    bytes_append_string(&sample->text[FIELD_BODY], text);
    assert_ok(add_sample(writer, archive, archive->count - 1, &error));
}

/* Each text of a segment is a review; a run per segment, so that nothing is merged. */
static void build(struct archive *archive, const char *path, const char *const *const *segments, uint32_t count) {
    revue_error error;
    *archive = (struct archive){.shape = plain_shape};
    for (uint32_t i = 0; i < count; i++) {
        struct writer writer;
        sample_open(&writer, path, &plain_shape, never);
        if (i == 0) number_all_keywords(&writer);
        for (const char *const *text = segments[i]; *text; text++)
            add_text(&writer, archive, *text);
        assert_ok(writer_commit(&writer, NULL, NULL, &error));
        writer_close(&writer);
    }
}

struct merged {
    char path[TEMPORARY_PATH_SIZE];
    struct archive archive;
    store *store;
    store_txn *txn;
    struct manifest manifest;
    terms_reader *terms;
    forms_reader *forms;
};

static void merged_open(struct merged *merged, const char *const *const *segments, uint32_t count) {
    revue_error error;
    struct merge_options options = {.memory_bytes = SAMPLE_MEMORY};
    uint32_t numbers[8];
    temporary_folder_create(merged->path);
    build(&merged->archive, merged->path, segments, count);
    read_manifest(merged->path, &merged->manifest);
    assert_int_equal(merged->manifest.segment_count, count);
    for (uint32_t i = 0; i < count; i++)
        numbers[i] = merged->manifest.segments[i].number;
    assert_ok(store_open(&merged->store, merged->path, STORE_WRITE, &error));
    assert_ok(merge_segments(merged->store, &merged->manifest, numbers, count, &options, &error));
    assert_ok(store_begin_read(merged->store, &merged->txn, &error));
    uint32_t number = merged->manifest.segments[0].number;
    assert_ok(terms_reader_open(&merged->terms, merged->txn, number, &error));
    assert_ok(forms_reader_open(&merged->forms, merged->txn, number, &error));
}

static void merged_close(struct merged *merged) {
    terms_reader_close(merged->terms);
    forms_reader_close(merged->forms);
    manifest_free(&merged->manifest);
    store_abort(merged->txn);
    store_close(merged->store);
    temporary_folder_remove(merged->path);
    archive_free(&merged->archive);
}

static void check_form(struct merged *merged, const char *form, unsigned number, uint32_t df) {
    revue_error error;
    struct form_entry entry;
    assert_ok(forms_reader_find(merged->forms, view_of_string(form), &entry, &error));
    assert_int_equal(entry.pair_count, 1);
    assert_int_equal(entry.pairs[0].form_number, number);
    assert_int_equal(entry.pairs[0].df, df);
}

/* A form that one input lists and the other does not hold may be listed; by reviews, then bytewise. */
static void test_all_are_known(void **state) {
    (void)state;
    static const char *const first[] = {"walk", "walk walked", NULL}, *const second[] = {"walks", "walked walks", NULL};
    static const char *const *const segments[] = {first, second};
    revue_error error;
    struct merged merged;
    struct term_entry term;
    merged_open(&merged, segments, 2);
    assert_ok(terms_reader_find(merged.terms, view_of_string("walk"), &term, &error));
    assert_int_equal(term.form_count, 3);
    assert_false(term.has_more_forms);
    assert_int_equal(term.df, 4);
    check_form(&merged, "walk", 0, 2);
    check_form(&merged, "walked", 1, 2);
    check_form(&merged, "walks", 2, 2);
    merged_close(&merged);
}

/* Five forms: what an input hides among its more forms cannot be listed, though another lists it. */
static void test_a_hidden_form_stays_hidden(void **state) {
    (void)state;
    static const char *const first[] = {"connect connected connecting", "connect connected connecting connects", NULL};
    static const char *const second[] = {"connects", "connects connection", "connect", NULL};
    static const char *const *const segments[] = {first, second};
    revue_error error;
    struct merged merged;
    struct term_entry term;
    merged_open(&merged, segments, 2);
    assert_ok(terms_reader_find(merged.terms, view_of_string("connect"), &term, &error));
    assert_int_equal(term.form_count, 3);
    assert_true(term.has_more_forms);
    check_form(&merged, "connect", 0, 3);
    check_form(&merged, "connected", 1, 2);
    check_form(&merged, "connecting", 2, 2);
    check_form(&merged, "connects", FORM_OTHER, 3);
    check_form(&merged, "connection", FORM_OTHER, 1);
    merged_close(&merged);
}

/* Six forms, of which each input lists the three that the other hides. */
static void test_none_can_be_listed(void **state) {
    (void)state;
    static const char *const first[] = {"connect connected connecting",
                                        "connect connected connecting connects connection connections", NULL};
    static const char *const second[] = {"connects connection connections",
                                         "connect connected connecting connects connection connections", NULL};
    static const char *const *const segments[] = {first, second};
    revue_error error;
    struct merged merged;
    struct term_entry term;
    struct lengths_reader lengths;
    merged_open(&merged, segments, 2);
    assert_ok(terms_reader_find(merged.terms, view_of_string("connect"), &term, &error));
    assert_int_equal(term.form_count, 0);
    assert_true(term.has_more_forms);
    assert_int_equal(term.df, 4);
    check_form(&merged, "connect", FORM_OTHER, 3);
    check_form(&merged, "connections", FORM_OTHER, 3);
    struct segment *segment;
    struct segment_meta base;
    uint64_t checksum;
    assert_ok(segment_meta_read(merged.txn, BASE_SEGMENT, &base, &checksum, &error));
    assert_ok(segment_open(&segment, merged.txn, merged.manifest.segments[0].number, &base, &error));
    lengths = segment_lengths(segment, FIELD_BODY);
    assert_int_equal(lengths.doc_count, 4);
    struct postings_reader reader;
    assert_ok(postings_reader_open(&reader, segment_postings(segment), 4, &term.lists[FIELD_BODY], &error));
    assert_ok(postings_reader_masks(&reader, &error));
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(reader.masks[i], 1u << FORM_OTHER);
    postings_reader_close(&reader);
    segment_close(segment);
    merged_close(&merged);
}

/* ---- the dictionaries ---- */

/* What lists no form may be merged again, alone or with others. */
static void test_none_is_listed_twice(void **state) {
    (void)state;
    static const char *const first[] = {"connect connected connecting",
                                        "connect connected connecting connects connection connections", NULL};
    static const char *const second[] = {"connects connection connections",
                                         "connect connected connecting connects connection connections", NULL};
    static const char *const *const segments[] = {first, second};
    revue_error error;
    struct merged merged;
    struct merge_options options = {.memory_bytes = SAMPLE_MEMORY};
    struct term_entry term;
    terms_reader *terms;
    store_txn *txn;
    merged_open(&merged, segments, 2);
    uint32_t number = merged.manifest.segments[0].number;
    assert_ok(merge_segments(merged.store, &merged.manifest, &number, 1, &options, &error));
    assert_ok(store_begin_read(merged.store, &txn, &error));
    assert_ok(terms_reader_open(&terms, txn, merged.manifest.segments[0].number, &error));
    assert_ok(terms_reader_find(terms, view_of_string("connect"), &term, &error));
    assert_int_equal(term.form_count, 0);
    assert_true(term.has_more_forms);
    assert_int_equal(term.df, 4);
    terms_reader_close(terms);
    store_abort(txn);
    merged_close(&merged);
}

/* The stem itself beside more forms, and more forms alone, are two things. */
static void test_terms_tell_none_from_the_stem(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    terms_writer *writer;
    terms_reader *reader;
    struct term_entry found;
    uint32_t count;
    fixture_open(&fixture);
    assert_ok(terms_writer_create(&writer, &fixture.sink.sink, &error));
    static const char *const stems[] = {"only", "stem", "none"};
    for (unsigned i = 0; i < 3; i++) {
        static const unsigned order[] = {2, 0, 1};
        struct term_entry entry = {.stem = view_of_string(stems[order[i]]), .fields = 1 << FIELD_BODY, .df = 1};
        entry.lists[FIELD_BODY] =
            (struct posting_list){.df = 1, .is_inline = true, .inline_frequency = 1, .inline_mask = 1};
        entry.has_more_forms = order[i] > 0;
        entry.form_count = order[i] < 2;
        entry.forms[0] = entry.stem;
        assert_ok(terms_writer_add(writer, &entry, &error));
    }
    struct term_entry nothing = {.stem = view_of_string("zero"), .fields = 1 << FIELD_BODY};
    nothing.lists[FIELD_BODY] = (struct posting_list){.df = 1, .is_inline = true, .inline_frequency = 1, .inline_mask = 1};
    assert_int_equal(terms_writer_add(writer, &nothing, &error), REVUE_BUG);
    assert_ok(terms_writer_finish(writer, &count, &error));
    terms_writer_free(writer);
    fixture_read(&fixture);
    assert_ok(terms_reader_open(&reader, fixture.txn, 1, &error));
    for (unsigned i = 0; i < 3; i++) {
        assert_ok(terms_reader_find(reader, view_of_string(stems[i]), &found, &error));
        assert_int_equal(found.form_count, i < 2);
        assert_int_equal(found.has_more_forms, i > 0);
        if (i < 2) assert_view(found.forms[0], stems[i], 4);
    }
    terms_reader_close(reader);
    fixture_close(&fixture);
}

/* A form that two stemmers of one language stem differently, and pairs out of order. */
static void test_forms_of_two_stemmers(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    forms_writer *writer;
    forms_reader *reader;
    struct form_entry found;
    uint32_t count;
    struct form_entry entry = {.form = view_of_string("universal"), .pair_count = 2};
    entry.pairs[0] = (struct form_pair){LANGUAGE_ENGLISH, 0, view_of_string("univers"), 3};
    entry.pairs[1] = (struct form_pair){LANGUAGE_ENGLISH, 1, view_of_string("universal"), 4};
    fixture_open(&fixture);
    assert_ok(forms_writer_create(&writer, &fixture.sink.sink, &error));
    assert_ok(forms_writer_add(writer, &entry, &error));
    entry.form = view_of_string("universally");
    entry.pairs[1].stem = entry.pairs[0].stem;
    assert_int_equal(forms_writer_add(writer, &entry, &error), REVUE_BUG);
    assert_ok(forms_writer_finish(writer, &count, &error));
    forms_writer_free(writer);
    fixture_read(&fixture);
    assert_ok(forms_reader_open(&reader, fixture.txn, 1, &error));
    assert_ok(forms_reader_find(reader, view_of_string("universal"), &found, &error));
    assert_int_equal(found.pair_count, 2);
    assert_view(found.pairs[0].stem, "univers", 7);
    assert_view(found.pairs[1].stem, "universal", 9);
    forms_reader_close(reader);
    fixture_close(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_are_known),        cmocka_unit_test(test_a_hidden_form_stays_hidden),
        cmocka_unit_test(test_none_can_be_listed),   cmocka_unit_test(test_terms_tell_none_from_the_stem),
        cmocka_unit_test(test_none_is_listed_twice), cmocka_unit_test(test_forms_of_two_stemmers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
