/* test_check_meaning.c - records that are what was written, with every checksum right, and yet wrong: what only comparing
 * structures with each other can tell. Each damage is named by what it is. */
#include "tests/support/store_sink.h"
#include "tests/unit/check/check_test.h"

/* ---- terms and forms, written anew with a change ---- */

struct kept_term {
    struct term_entry entry;
    uint8_t stem[FORM_MAX], forms[FORMS_LISTED][FORM_MAX];
};
struct kept_terms {
    struct kept_term *items;
    size_t count;
};

static void keep_view(struct view *view, uint8_t *copy) {
    memcpy(copy, view->data, view->size);
    view->data = (const char *)copy;
}

static struct kept_terms read_terms(struct edit *edit, uint32_t segment) {
    struct kept_terms terms = {NULL, 0};
    terms_reader *reader;
    struct term_entry entry;
    revue_error error = {0};
    terms.items = calloc(read_meta(edit, segment).term_count, sizeof *terms.items);
    assert_non_null(terms.items);
    assert_done(terms_reader_open(&reader, edit->txn, segment, &error));
    while (terms_reader_next(reader, &entry, &error) == REVUE_OK) {
        struct kept_term *kept = &terms.items[terms.count++];
        kept->entry = entry;
        keep_view(&kept->entry.stem, kept->stem);
        for (unsigned i = 0; i < entry.form_count; i++)
            keep_view(&kept->entry.forms[i], kept->forms[i]);
    }
    terms_reader_close(reader);
    return terms;
}

static void write_terms(struct edit *edit, uint32_t segment, const struct kept_terms *terms) {
    struct key prefix = key_segment_kind(segment, KIND_TERMS);
    struct store_sink sink;
    terms_writer *writer;
    uint32_t count;
    revue_error error = {0};
    assert_done(store_delete_prefix(edit->txn, TABLE_SEGMENTS, key_view(&prefix), &error));
    store_sink_open(&sink, edit->txn, segment);
    assert_done(terms_writer_create(&writer, &sink.sink, &error));
    for (size_t i = 0; i < terms->count; i++)
        assert_done(terms_writer_add(writer, &terms->items[i].entry, &error));
    assert_done(terms_writer_finish(writer, &count, &error));
    terms_writer_free(writer);
    reseal(edit, segment);
}

/* Lets change look for the term it wants and change it; then the index is checked for a fault that says so. */
static void check_changed_term(bool (*change)(struct term_entry *entry), const char *fault) {
    bool is_changed = false;
    copy_index("made", "index");
    struct edit edit = edit_begin("index");
    uint32_t segment = first_segment(&edit);
    struct kept_terms terms = read_terms(&edit, segment);
    for (size_t i = 0; i < terms.count && !is_changed; i++)
        is_changed = change(&terms.items[i].entry);
    if (!is_changed) fail_msg("no term for: %s", fault);
    write_terms(&edit, segment, &terms);
    free(terms.items);
    edit_end(&edit);
    assert_fault("index", fault);
    temporary_folder_remove(at("index"));
}

static bool change_df(struct term_entry *entry) {
    if (entry->fields != (1u << FIELD_BODY | 1u << FIELD_TITLE)) return false;
    entry->df++;
    return true;
}

static struct posting_list *inline_list(struct term_entry *entry) {
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (entry->fields >> field & 1 && entry->lists[field].is_inline) return &entry->lists[field];
    return NULL;
}

static bool change_review(struct term_entry *entry) {
    struct posting_list *list = inline_list(entry);
    if (!list || list->inline_frequency != 1) return false;
    list->inline_doc ^= 1;
    list->inline_positions[0] = 0; /* however short that review is */
    return true;
}

static bool change_mask(struct term_entry *entry) {
    struct posting_list *list = inline_list(entry);
    if (!list || entry->form_count > 1 || entry->has_more_forms) return false;
    list->inline_mask = 2;
    return true;
}

static bool change_position(struct term_entry *entry) {
    struct posting_list *list = inline_list(entry);
    if (!list || list != &entry->lists[FIELD_BODY] || list->inline_frequency != 1 || list->inline_positions[0] == 0)
        return false;
    list->inline_positions[0]--;
    return true;
}

static bool change_form(struct term_entry *entry) {
    static char changed[FORM_MAX];
    if (entry->form_count < 2) return false;
    memcpy(changed, entry->forms[1].data, entry->forms[1].size);
    changed[entry->forms[1].size - 1] ^= 1;
    entry->forms[1].data = changed;
    return true;
}

static bool swap_forms(struct term_entry *entry) {
    if (entry->form_count < 2) return false;
    struct view form = entry->forms[0];
    entry->forms[0] = entry->forms[1];
    entry->forms[1] = form;
    return true;
}

static void test_terms(void **state) {
    (void)state;
    make_index("made", 700);
    check_changed_term(change_df, "df is");
    check_changed_term(change_review, "LENGTHS says");
    check_changed_term(change_mask, "a mask names a form that the term does not have");
    check_changed_term(change_position, "analysis differs");
    check_changed_term(change_form, "is not in FORMS");
    check_changed_term(swap_forms, "has the number of another form");
}

/* ---- bytes of a stream ---- */

/* Changes bytes of an extent of the first segment. */
static void check_changed_extent(enum segment_kind kind, void (*change)(uint8_t *data, size_t size), const char *fault) {
    copy_index("made", "index");
    struct edit edit = edit_begin("index");
    uint32_t segment = first_segment(&edit);
    struct key key = key_extent(segment, kind, 0);
    struct bytes value = edit_get(&edit, TABLE_SEGMENTS, key_view(&key));
    change(value.data, value.size);
    edit_put(&edit, TABLE_SEGMENTS, key_view(&key), &value);
    reseal(&edit, segment);
    edit_end(&edit);
    assert_fault("index", fault);
    temporary_folder_remove(at("index"));
}

static void change_first(uint8_t *data, size_t size) {
    (void)size;
    data[0] ^= 1;
}

static void change_last(uint8_t *data, size_t size) {
    data[size - 1] ^= 1;
}

/* An id becomes that of another review. */
static void change_id(uint8_t *data, size_t size) {
    for (size_t i = 0; i + 3 < size; i++)
        if (data[i] == 'r' && data[i + 1] >= '0' && data[i + 1] < '9') {
            data[i + 1]++;
            return;
        }
    fail_msg("no id was found");
}

static void swap_hashes(uint8_t *data, size_t size) {
    uint64_t first = load_le64(data);
    assert_true(size >= 16);
    store_le64(data, load_le64(data + 8));
    store_le64(data + 8, first);
}

/* The first list: none of its postings has the frequency any more that its impacts allow. */
static void change_skips(uint8_t *data, size_t size) {
    unsigned pairs = data[8];
    assert_in_range(pairs, 1, IMPACTS_MAX);
    assert_true(9 + 2 * (size_t)pairs < size);
    data[9 + 2 * (pairs - 1)] = 0;
}

/* A word of a stored text becomes the next word of the table: a code of one byte stands for another. */
static void change_word(uint8_t *data, size_t size) {
    for (size_t i = size / 3; i < size; i++)
        if (data[i] > 8 && data[i] < 20) {
            data[i]++;
            return;
        }
    fail_msg("no code was found");
}

static void test_streams(void **state) {
    (void)state;
    make_index("made", 700);
    check_changed_extent(KIND_LENGTHS + FIELD_BODY, change_first, "LENGTHS body");
    check_changed_extent(KIND_IDS, change_id, ", ids: ");
    check_changed_extent(KIND_ID_HASHES, swap_hashes, "ID_HASHES is not sorted");
    check_changed_extent(KIND_ID_INDEX, change_last, "ids");
    check_changed_extent(KIND_TEXT_HASHES, change_first, "the hash is not that of its texts");
    check_changed_extent(KIND_TEXT_INDEX, change_last, "stored text");
    check_changed_extent(KIND_TEXT, change_word, "analysis differs");
    check_changed_extent(KIND_SKIPS, change_skips, "term");
    check_changed_extent(KIND_POSTINGS, change_first, "term");
    check_changed_extent(KIND_POSITIONS, change_first, "segment");
}

/* A champion becomes its neighbour. */
static void test_champions(void **state) {
    (void)state;
    make_index("index", 700);
    struct edit edit = edit_begin("index");
    uint32_t segment = first_segment(&edit);
    struct key key = key_extent(segment, KIND_SKIPS, 0);
    struct kept_terms terms = read_terms(&edit, segment);
    size_t i = 0;
    while (i < terms.count && terms.items[i].entry.champions_bytes == 0)
        i++;
    assert_true(i < terms.count);
    struct bytes value = edit_get(&edit, TABLE_SEGMENTS, key_view(&key));
    value.data[terms.items[i].entry.champions + 1] ^= 1;
    edit_put(&edit, TABLE_SEGMENTS, key_view(&key), &value);
    reseal(&edit, segment);
    edit_end(&edit);
    free(terms.items);
    assert_fault("index", "champions: ");
}

static void test_base_symbol(void **state) {
    (void)state;
    make_index("made", 60);
    copy_index("made", "index");
    struct edit edit = edit_begin("index");
    struct key key = key_extent(BASE_SEGMENT, KIND_SYMBOL_BYTES, 0);
    struct bytes value = edit_get(&edit, TABLE_SEGMENTS, key_view(&key));
    char *found = memmem(value.data, value.size, "number", 6);
    assert_non_null(found);
    memcpy(found, "numbex", 6);
    edit_put(&edit, TABLE_SEGMENTS, key_view(&key), &value);
    reseal(&edit, BASE_SEGMENT);
    edit_end(&edit);
    assert_fault("index", "title: analysis differs");
}

/* ---- counts of META and of the manifest ---- */

static void check_changed_meta(void (*change)(struct segment_meta *meta), const char *fault) {
    copy_index("made", "index");
    struct edit edit = edit_begin("index");
    uint32_t segment = first_segment(&edit);
    struct segment_meta meta = read_meta(&edit, segment);
    change(&meta);
    reseal_with(&edit, segment, &meta);
    edit_end(&edit);
    assert_fault("index", fault);
    temporary_folder_remove(at("index"));
}

static void count_terms(struct segment_meta *meta) {
    meta->term_count++;
}
static void count_forms(struct segment_meta *meta) {
    meta->form_count--;
}
static void count_postings(struct segment_meta *meta) {
    meta->posting_count++;
}
static void count_tokens(struct segment_meta *meta) {
    meta->token_count--;
}
static void count_length(struct segment_meta *meta) {
    meta->fields[FIELD_TITLE].total_length++;
}
static void count_with_field(struct segment_meta *meta) {
    meta->fields[FIELD_AUTHOR].docs_with_field--;
}
static void count_reviews(struct segment_meta *meta) {
    meta->doc_count++;
}

static void check_changed_manifest(void (*change)(struct manifest *manifest), const char *fault) {
    copy_index("made", "index");
    struct edit edit = edit_begin("index");
    struct manifest manifest = edit_read_manifest(&edit);
    change(&manifest);
    edit_manifest(&edit, &manifest);
    edit_end(&edit);
    assert_fault("index", fault);
    temporary_folder_remove(at("index"));
}

static void count_text(struct manifest *manifest) {
    manifest->text_bytes++;
}
static void count_blocked(struct manifest *manifest) {
    manifest->blocked++;
}
static void count_deleted(struct manifest *manifest) {
    manifest->segments[0].deleted++;
}
static void count_live_length(struct manifest *manifest) {
    manifest->segments[0].fields[FIELD_BODY].total_length--;
}
static void name_other_meta(struct manifest *manifest) {
    manifest->segments[0].meta_checksum ^= 1;
}
static void forget_sources(struct manifest *manifest) {
    manifest->next_source = 1;
}
static void forget_runs(struct manifest *manifest) {
    manifest->last_run = 0;
}
static void name_no_segment(struct manifest *manifest) {
    manifest->segments[0].number += 1000;
    manifest->next_segment += 1001;
}

/* The second of the two runs began before the first. */
static void check_changed_times(void) {
    copy_index("made", "index");
    struct edit edit = edit_begin("index");
    struct key key = key_runs(0);
    struct view value;
    uint8_t times[64];
    revue_error error = {0};
    assert_done(store_get(edit.txn, TABLE_INDEX, key_view(&key), &value, &error));
    assert_in_range(value.size, 24, sizeof times);
    memcpy(times, value.data, value.size);
    store_le64(times + 16, load_le64(times + 8) - 1);
    assert_done(store_put(edit.txn, TABLE_INDEX, key_view(&key), view_of(times, value.size), &error));
    edit_end(&edit);
    assert_fault("index", "times of the runs from 0 on: a run began before the one before it");
    temporary_folder_remove(at("index"));
}

static void test_counts(void **state) {
    (void)state;
    make_index("made", 60);
    check_changed_meta(count_terms, "entries, META counts");
    check_changed_meta(count_forms, "entries, META counts");
    check_changed_meta(count_postings, "postings of");
    check_changed_meta(count_tokens, "tokens, META counts");
    check_changed_meta(count_length, "LENGTHS title");
    check_changed_meta(count_with_field, "LENGTHS author");
    check_changed_meta(count_reviews, "META has");
    check_changed_manifest(count_text, "bytes of live text");
    check_changed_manifest(count_blocked, "blocks");
    check_changed_manifest(count_deleted, "reviews are deleted, the manifest counts");
    check_changed_manifest(count_live_length, "live reviews, the manifest counts");
    check_changed_manifest(name_other_meta, "META is not the one the manifest was written with");
    check_changed_manifest(forget_sources, "its number was never given");
    check_changed_manifest(forget_runs, "and the last one was 0");
    check_changed_manifest(forget_runs, "it has times of runs that were not yet");
    check_changed_times();
    check_changed_manifest(name_no_segment, "is in the manifest, but has no records");
}

/* ---- columns, keywords, rows ---- */

static void check_changed_record(enum store_table table, struct key key, size_t offset, uint8_t mask, const char *fault) {
    copy_index("made", "index");
    struct edit edit = edit_begin("index");
    struct bytes value = edit_get(&edit, table, key_view(&key));
    assert_true(offset < value.size);
    value.data[offset] ^= mask;
    edit_put(&edit, table, key_view(&key), &value);
    edit_end(&edit);
    assert_fault("index", fault);
    temporary_folder_remove(at("index"));
}

static void check_missing_record(enum store_table table, struct key key, const char *fault) {
    revue_error error = {0};
    copy_index("made", "index");
    struct edit edit = edit_begin("index");
    assert_done(store_delete(edit.txn, table, key_view(&key), &error));
    edit_end(&edit);
    assert_fault("index", fault);
    temporary_folder_remove(at("index"));
}

static void test_other_tables(void **state) {
    (void)state;
    enum { MINIMUM = 8, MAXIMUM = 16, HEAD = 24, REVIEWS = 4 + 8 + 8 + 8 + 8 + 8 + 8 + 4 + 1 };
    make_index("made", 60);
    struct edit edit = edit_begin("made");
    uint32_t segment = first_segment(&edit);
    edit_end(&edit);
    check_changed_record(TABLE_COLUMNS, key_column_chunk(segment, COLUMN_OF_VOTES, 0), MAXIMUM, 1, "column votes");
    check_changed_record(TABLE_COLUMNS, key_column_chunk(segment, COLUMN_OF_PRODUCT, 0), MAXIMUM, 0x40, "column product");
    check_changed_record(TABLE_COLUMNS, key_column_chunk(segment, COLUMN_OF_SOURCE, 0), MINIMUM + 1, 1, "column source");
    check_changed_record(TABLE_COLUMNS, key_column_chunk(segment, COLUMN_OF_PRODUCT, 0), HEAD + 7, 1,
                         "product: analysis differs");
    check_missing_record(TABLE_COLUMNS, key_column_chunk(segment, COLUMN_OF_HASH, 0), "column column-hash");
    check_missing_record(TABLE_COLUMNS, key_column_chunk(segment, COLUMN_OF_DATE, 0), "a date without a precision");
    check_missing_record(TABLE_SOURCES, key_source(0, view_of_string("a.jsonl")), "names a source that has no row");
    check_changed_record(TABLE_SOURCES, key_source(0, view_of_string("a.jsonl")), REVIEWS, 0x40, "the row of source");
    check_changed_record(TABLE_SOURCES, key_source(0, view_of_string("a.jsonl")), 0, 0x80, "its number was never given");
    check_changed_record(TABLE_KEYWORDS, key_keywords(COLUMN_OF_AUTHOR, 0, 0, 0), 3, 1, "keywords of column author");
    check_changed_record(TABLE_KEYWORDS, key_keywords(COLUMN_OF_AUTHOR, 0, 1, 0), 4, 1, "keywords of column author");
    check_changed_record(TABLE_KEYWORDS, key_keywords(COLUMN_OF_AUTHOR, 0, 2, 0), 0, 1, "keywords of column author");
    check_missing_record(TABLE_DELETES, key_deletes_chunk(segment, 0), "reviews are deleted, the manifest counts");
    check_missing_record(TABLE_BLOCKS, key_blocked_id(view_of_string("r3")), "manifest: it counts 1 blocks");
    check_missing_record(TABLE_INDEX, key_name("schema"), "schema: the record is missing");
    check_missing_record(TABLE_INDEX, key_name("manifest"), "the record manifest is missing");
}

/* A deleted review lives again beside the one that took its id. */
static void test_id_given_twice(void **state) {
    (void)state;
    revue_error error = {0};
    put_source("a.jsonl", "{\"id\":\"one\",\"text\":\"a quiet film\"}\n{\"id\":\"two\",\"text\":\"another\"}\n"
                          "{\"id\":\"three\",\"text\":\"a third\"}\n{\"id\":\"four\",\"text\":\"a fourth\"}\n"
                          "{\"id\":\"five\",\"text\":\"a fifth\"}\n{\"id\":\"six\",\"text\":\"a sixth\"}\n");
    update_index("index", (revue_update_options){0});
    put_source("a.jsonl", "{\"id\":\"one\",\"text\":\"a loud film\"}\n{\"id\":\"two\",\"text\":\"another\"}\n"
                          "{\"id\":\"three\",\"text\":\"a third\"}\n{\"id\":\"four\",\"text\":\"a fourth\"}\n"
                          "{\"id\":\"five\",\"text\":\"a fifth\"}\n{\"id\":\"six\",\"text\":\"a sixth\"}\n");
    update_index("index", (revue_update_options){0});
    assert_clean("index");
    struct edit edit = edit_begin("index");
    struct manifest manifest = edit_read_manifest(&edit);
    struct manifest_segment *row = &manifest.segments[0];
    struct segment_meta meta = read_meta(&edit, row->number);
    struct key key = key_deletes_chunk(row->number, 0);
    assert_int_equal(manifest.segment_count, 2);
    assert_int_equal(row->deleted, 1);
    assert_done(store_delete(edit.txn, TABLE_DELETES, key_view(&key), &error));
    row->deleted = 0;
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        row->fields[field] = (struct manifest_field){meta.fields[field].total_length, meta.fields[field].docs_with_field};
    edit_manifest(&edit, &manifest);
    edit_end(&edit);
    assert_fault("index", "id \"one\" is given twice");
}

/* Many faults: a hundred are said, and how many more there are. */
static void test_many_faults(void **state) {
    (void)state;
    struct said said;
    revue_error error = {0};
    make_index("index", 60);
    struct edit edit = edit_begin("index");
    for (unsigned i = 0; i < 130; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "other%u", i);
        struct key key = key_name(name);
        assert_done(store_put(edit.txn, TABLE_INDEX, key_view(&key), view_of_string("?"), &error));
    }
    edit_end(&edit);
    assert_int_equal(check_aside("index", &said, &error), REVUE_CORRUPT);
    assert_int_equal(said.faults, CHECK_LINES_MAX + 1);
    assert_non_null(strstr(said.all, "index other0: there is no record of that name"));
    assert_non_null(strstr(said.all, "and 30 more\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_terms, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_streams, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_champions, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_base_symbol, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_counts, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_other_tables, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_id_given_twice, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_many_faults, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
