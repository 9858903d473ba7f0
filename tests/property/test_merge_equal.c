/* test_merge_equal.c - a merged index must equal one built at once. Random archives are built in several runs and segments,
 * with changes, patches and deletions, and merged into one segment; the reviews that live are built at once over the same
 * base table.
 *
 * Record for record: all of it where every stem has at most three forms and one language. Where stems have more, the forms
 * that are listed may differ, and with them TERMS, FORMS, the masks in POSTINGS and the offsets in SKIPS: those are read
 * side by side then, form by form. Everything else is equal byte for byte in any case. */
#include "tests/support/trial.h"
#include "tests/unit/merge/merge_answers.h"

struct side {
    char path[TEMPORARY_PATH_SIZE];
    store *store;
    store_txn *txn;
    struct manifest manifest;
    struct segment *segment;
    struct segment_meta base;
};

static void side_open(struct side *side) {
    revue_error error;
    uint64_t checksum;
    assert_ok(store_open(&side->store, side->path, STORE_READ_ALL, &error));
    assert_ok(store_begin_read(side->store, &side->txn, &error));
    assert_ok(manifest_read(side->txn, &side->manifest, &error));
    assert_int_equal(side->manifest.segment_count, 1);
    bool has_base = segment_meta_read(side->txn, BASE_SEGMENT, &side->base, &checksum, &error) == REVUE_OK;
    assert_ok(
        segment_open(&side->segment, side->txn, side->manifest.segments[0].number, has_base ? &side->base : NULL, &error));
    assert_ok(segment_meta_read(side->txn, side->segment->number, &side->segment->meta, &checksum, &error));
    assert_int_equal(checksum, side->manifest.segments[0].meta_checksum);
}

static void side_close(struct side *side) {
    segment_close(side->segment);
    manifest_free(&side->manifest);
    store_abort(side->txn);
    store_close(side->store);
    temporary_folder_remove(side->path);
}

static void merge_everything(const char *path) {
    revue_error error;
    store *opened;
    store_txn *txn;
    struct manifest manifest;
    struct merge_options options = {.memory_bytes = SAMPLE_MEMORY};
    uint32_t segments[MERGE_INPUTS_MAX];
    assert_ok(store_open(&opened, path, STORE_WRITE, &error));
    assert_ok(store_begin_read(opened, &txn, &error));
    assert_ok(manifest_read(txn, &manifest, &error));
    store_abort(txn);
    uint32_t count = manifest.segment_count;
    assert_true(count > 1 && count <= MERGE_INPUTS_MAX);
    for (uint32_t i = 0; i < count; i++)
        segments[count - 1 - i] = manifest.segments[i].number; /* their order must not matter */
    assert_ok(merge_segments(opened, &manifest, segments, count, &options, &error));
    manifest_free(&manifest);
    store_close(opened);
}

/* ---- record for record ---- */

/* Every record of the segment in table, but those of the kinds that are left out. */
static void compare_records(const struct side *a, const struct side *b, enum store_table table, uint32_t left_out) {
    revue_error error;
    store_cursor *cursors[2];
    struct view key[2], value[2];
    const struct side *sides[2] = {a, b};
    bool is_there[2];
    for (unsigned i = 0; i < 2; i++) {
        struct key prefix = key_segment(sides[i]->segment->number);
        assert_ok(store_cursor_open(sides[i]->txn, table, &cursors[i], &error));
        is_there[i] = store_cursor_at_or_after(cursors[i], key_view(&prefix), &key[i], &value[i], &error) == REVUE_OK;
    }
    for (;;) {
        for (unsigned i = 0; i < 2; i++) {
            while (is_there[i] && load_be32(key[i].data) == sides[i]->segment->number && table == TABLE_SEGMENTS &&
                   (key[i].data[4] == KIND_META || left_out >> key[i].data[4] & 1))
                is_there[i] = store_cursor_next(cursors[i], &key[i], &value[i], &error) == REVUE_OK;
            is_there[i] = is_there[i] && load_be32(key[i].data) == sides[i]->segment->number;
        }
        if (!is_there[0] || !is_there[1]) break;
        struct view parts[2] = {view_of(key[0].data + 4, key[0].size - 4), view_of(key[1].data + 4, key[1].size - 4)};
        if (!view_equal(parts[0], parts[1]) || !view_equal(value[0], value[1]))
            fail_msg("table %d: kind or column %u, part of %zu bytes (%.*s): records differ (%zu and %zu bytes)",
                     (int)table, (unsigned)(uint8_t)parts[0].data[table == TABLE_SEGMENTS ? 0 : 1], parts[0].size,
                     (int)parts[0].size - 1, parts[0].data + 1, value[0].size, value[1].size);
        for (unsigned i = 0; i < 2; i++)
            is_there[i] = store_cursor_next(cursors[i], &key[i], &value[i], &error) == REVUE_OK;
    }
    assert_int_equal(is_there[0], is_there[1]);
    store_cursor_close(cursors[0]);
    store_cursor_close(cursors[1]);
}

static void compare_meta(const struct side *a, const struct side *b) {
    const struct segment_meta *m = &a->segment->meta, *n = &b->segment->meta;
    assert_int_equal(m->doc_count, n->doc_count);
    assert_int_equal(m->term_count, n->term_count);
    assert_int_equal(m->posting_count, n->posting_count);
    assert_int_equal(m->token_count, n->token_count);
    assert_int_equal(m->has_positions, n->has_positions);
    assert_int_equal(m->has_text, n->has_text);
    assert_int_equal(m->symbol_count, n->symbol_count);
    assert_int_equal(m->first_symbol, n->first_symbol);
    assert_memory_equal(m->fields, n->fields, sizeof m->fields);
    const struct manifest_segment *r = &a->manifest.segments[0], *s = &b->manifest.segments[0];
    assert_int_equal(r->doc_count, s->doc_count);
    assert_int_equal(r->deleted, 0);
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        assert_int_equal(r->fields[field].total_length, s->fields[field].total_length);
        assert_int_equal(r->fields[field].doc_count, s->fields[field].doc_count);
    }
    if (m->has_text) assert_int_equal(a->manifest.text_bytes, b->manifest.text_bytes);
}

/* ---- side by side ---- */

static uint32_t length_of(void *context, uint32_t doc) {
    revue_error error;
    uint32_t length;
    assert_ok(lengths_get(context, doc, &length, &error));
    return length;
}

/* bit of b that tells what bit number of a does: the form's own, or "other". */
static unsigned number_in(const struct term_entry *entry, struct view form) {
    for (unsigned i = 0; i < entry->form_count; i++)
        if (view_equal(entry->forms[i], form)) return i;
    return FORM_OTHER;
}

/* Forms of a posting that both list must agree, and "other" must hold for what only one lists. */
static void compare_masks(const struct term_entry *a, unsigned mask_a, const struct term_entry *b, unsigned mask_b) {
    bool only_a = false, only_b = false;
    for (unsigned i = 0; i < a->form_count; i++) {
        unsigned other = number_in(b, a->forms[i]);
        if (other != FORM_OTHER) assert_int_equal(mask_a >> i & 1, mask_b >> other & 1);
        if (other == FORM_OTHER && mask_a >> i & 1) only_a = true;
    }
    for (unsigned i = 0; i < b->form_count; i++)
        if (mask_b >> i & 1 && number_in(a, b->forms[i]) == FORM_OTHER) only_b = true;
    if (only_a) assert_true(mask_b >> FORM_OTHER & 1);
    if (only_b) assert_true(mask_a >> FORM_OTHER & 1);
    if (mask_a >> FORM_OTHER & 1) assert_true(only_b || mask_b >> FORM_OTHER & 1);
}

static void compare_lists(struct side *a, const struct term_entry *in_a, struct side *b, const struct term_entry *in_b,
                          unsigned field) {
    revue_error error;
    static struct postings_reader readers[2];
    struct side *sides[2] = {a, b};
    const struct term_entry *entries[2] = {in_a, in_b};
    struct lengths_reader lengths = segment_lengths(a->segment, field);
    for (unsigned i = 0; i < 2; i++)
        assert_ok(postings_reader_open(&readers[i], segment_postings(sides[i]->segment), sides[i]->segment->meta.doc_count,
                                       &entries[i]->lists[field], &error));
    assert_int_equal(in_a->lists[field].df, in_b->lists[field].df);
    for (; readers[0].count > 0;) {
        for (unsigned i = 0; i < 2; i++) {
            assert_ok(postings_reader_frequencies(&readers[i], &error));
            assert_ok(postings_reader_masks(&readers[i], &error));
        }
        assert_int_equal(readers[0].count, readers[1].count);
        assert_memory_equal(readers[0].docs, readers[1].docs, readers[0].count * sizeof(uint32_t));
        assert_memory_equal(readers[0].frequencies, readers[1].frequencies, readers[0].count * sizeof(uint32_t));
        for (uint32_t i = 0; i < readers[0].count; i++)
            compare_masks(in_a, readers[0].masks[i], in_b, readers[1].masks[i]);
        struct impacts impacts[2];
        for (unsigned i = 0; i < 2; i++) {
            assert_ok(postings_reader_block_impacts(&readers[i], &impacts[i], &error));
            assert_ok(postings_reader_next_block(&readers[i], &error));
        }
        assert_int_equal(impacts[0].count, impacts[1].count);
        assert_memory_equal(impacts[0].pairs, impacts[1].pairs, impacts[0].count * sizeof(struct impact));
    }
    assert_int_equal(readers[1].count, 0);
    postings_reader_close(&readers[0]);
    postings_reader_close(&readers[1]);
    uint64_t tokens;
    assert_ok(postings_reader_open(&readers[0], segment_postings(a->segment), a->segment->meta.doc_count,
                                   &in_a->lists[field], &error));
    assert_ok(postings_check(&readers[0], length_of, &lengths, a->segment->meta.has_positions, &tokens, &error));
    postings_reader_close(&readers[0]);
}

static void compare_champions(struct side *a, const struct term_entry *in_a, struct side *b,
                              const struct term_entry *in_b) {
    revue_error error;
    struct bytes scratch[2] = {{0}};
    const uint8_t *record[2];
    assert_int_equal(in_a->champions_bytes, in_b->champions_bytes);
    if (in_a->champions_bytes == 0) return;
    assert_ok(stream_view(&a->segment->streams[KIND_SKIPS], in_a->champions, in_a->champions_bytes, &scratch[0], &record[0],
                          &error));
    assert_ok(stream_view(&b->segment->streams[KIND_SKIPS], in_b->champions, in_b->champions_bytes, &scratch[1], &record[1],
                          &error));
    assert_memory_equal(record[0], record[1], in_a->champions_bytes);
    bytes_free(&scratch[0]);
    bytes_free(&scratch[1]);
}

static void compare_stems(struct side *a, struct side *b) {
    revue_error error;
    terms_reader *readers[2];
    struct term_entry entries[2];
    assert_ok(segment_terms(a->segment, &readers[0], &error));
    assert_ok(segment_terms(b->segment, &readers[1], &error));
    for (;;) {
        revue_status status = terms_reader_next(readers[0], &entries[0], &error);
        assert_int_equal(terms_reader_next(readers[1], &entries[1], &error), status);
        if (status == REVUE_NO_MATCH) break;
        assert_int_equal(status, REVUE_OK);
        assert_true(view_equal(entries[0].stem, entries[1].stem));
        assert_int_equal(entries[0].fields, entries[1].fields);
        assert_int_equal(entries[0].df, entries[1].df);
        for (unsigned field = 0; field < FIELD_COUNT; field++)
            if (entries[0].fields >> field & 1) compare_lists(a, &entries[0], b, &entries[1], field);
        compare_champions(a, &entries[0], b, &entries[1]);
    }
}

static const struct form_pair *find_pair(const struct form_entry *entry, const struct form_pair *sought) {
    for (uint32_t i = 0; i < entry->pair_count; i++)
        if (entry->pairs[i].language == sought->language && view_equal(entry->pairs[i].stem, sought->stem))
            return &entry->pairs[i];
    return NULL;
}

/* Every form of b is in a, with its number as TERMS has it and a count that is right, or, when reviews were deleted and the
 * form is not listed or has the stem in two languages, not too small. */
static void compare_forms(struct side *a, struct side *b, bool has_deletes) {
    revue_error error;
    forms_reader *forms[2];
    terms_reader *terms;
    struct form_entry in_a, in_b;
    struct term_entry term;
    assert_ok(forms_reader_open(&forms[0], a->txn, a->segment->number, &error));
    assert_ok(forms_reader_open(&forms[1], b->txn, b->segment->number, &error));
    assert_ok(terms_reader_open(&terms, a->txn, a->segment->number, &error));
    while (forms_reader_next(forms[1], &in_b, &error) == REVUE_OK) {
        assert_ok(forms_reader_find(forms[0], in_b.form, &in_a, &error));
        for (uint32_t i = 0; i < in_b.pair_count; i++) {
            const struct form_pair *pair = find_pair(&in_a, &in_b.pairs[i]);
            assert_non_null(pair);
            assert_ok(terms_reader_find(terms, pair->stem, &term, &error));
            assert_int_equal(pair->form_number, number_in(&term, in_b.form));
            bool is_exact = !has_deletes || (pair->form_number != FORM_OTHER && in_a.pair_count == 1);
            if (is_exact) assert_int_equal(pair->df, in_b.pairs[i].df);
            assert_true(pair->df >= in_b.pairs[i].df && pair->df <= a->segment->meta.doc_count);
        }
        if (!has_deletes) assert_int_equal(in_a.pair_count, in_b.pair_count);
    }
    if (!has_deletes) assert_int_equal(a->segment->meta.form_count, b->segment->meta.form_count);
    assert_true(a->segment->meta.form_count >= b->segment->meta.form_count);
    forms_reader_close(forms[0]);
    forms_reader_close(forms[1]);
    terms_reader_close(terms);
}

/* ---- scenarios ---- */

static bool has_deletes(const struct archive *archive) {
    for (size_t i = 0; i < archive->count; i++)
        if (!archive->samples[i].is_live) return true;
    return false;
}

/* Runs and pieces, merged; then the same at once; compared. is_exact: every record must be the same. */
static void merge_and_compare(uint64_t seed, struct sample_shape shape, uint32_t pieces, bool is_exact) {
    struct archive archive = {.shape = shape, .random = trial_seed(seed)};
    struct side merged, built;
    temporary_folder_create(merged.path);
    temporary_folder_create(built.path);
    for (uint32_t run = 1; run <= shape.runs; run++)
        archive_run(&archive, merged.path, run, pieces, never);
    merge_everything(merged.path);
    archive_build_at_once(&archive, built.path);
    side_open(&merged);
    side_open(&built);
    compare_meta(&merged, &built);
    uint32_t by_value = 1u << KIND_TERMS | 1u << KIND_FORMS | 1u << KIND_POSTINGS | 1u << KIND_SKIPS;
    compare_records(&merged, &built, TABLE_SEGMENTS, is_exact ? 0 : by_value);
    compare_records(&merged, &built, TABLE_COLUMNS, 0);
    compare_stems(&merged, &built);
    compare_forms(&merged, &built, has_deletes(&archive));
    /* With two languages a form may still lead to a stem under which only deleted reviews had it; and a form that is not
     * listed is counted in the text, which does not tell under which stem it stood there. */
    bool forms_have_scores = is_exact || (!has_deletes(&archive) && !shape.has_languages);
    if (!shape.has_languages || !has_deletes(&archive))
        compare_answers(&archive, merged.path, built.path, forms_have_scores);
    compare_texts(&archive, merged.path);
    side_close(&merged);
    side_close(&built);
    archive_free(&archive);
}

static void test_without_deletes(void **state) {
    (void)state;
    struct sample_shape shape = {.roots = 200, .suffixes = 3, .words = 40, .first = 120, .each = 60, .runs = 4};
    for (uint64_t seed = 1; seed <= 4; seed++)
        merge_and_compare(seed, shape, 1 + (uint32_t)seed % 3, true);
}

static void test_with_changes(void **state) {
    (void)state;
    struct sample_shape shape = {
        .roots = 300, .suffixes = 3, .words = 30, .first = 150, .each = 80, .runs = 5, .has_changes = true};
    for (uint64_t seed = 11; seed <= 16; seed++)
        merge_and_compare(seed, shape, 1 + (uint32_t)seed % 3, true);
}

/* More forms than can be listed: which are depends on what each segment listed. */
static void test_many_forms(void **state) {
    (void)state;
    struct sample_shape shape = {.roots = 40, .suffixes = 8, .words = 30, .first = 100, .each = 50, .runs = 5};
    for (uint64_t seed = 21; seed <= 24; seed++) {
        shape.has_changes = seed % 2 == 0;
        merge_and_compare(seed, shape, 2, false);
    }
}

static void test_two_languages(void **state) {
    (void)state;
    struct sample_shape shape = {
        .roots = 150, .suffixes = 6, .words = 30, .first = 100, .each = 60, .runs = 4, .has_languages = true};
    for (uint64_t seed = 31; seed <= 34; seed++) {
        shape.has_changes = seed % 2 == 0;
        merge_and_compare(seed, shape, 2, false);
    }
}

/* Lists of many blocks, with skip data and champions; several column chunks; a stem in nearly every review. */
static void test_long_lists(void **state) {
    (void)state;
    struct sample_shape shape = {
        .roots = 30, .suffixes = 3, .words = 20, .first = 3000, .each = 1500, .runs = 3, .has_changes = true};
    merge_and_compare(41, shape, 3, true);
    shape.suffixes = 8;
    merge_and_compare(42, shape, 2, false);
}

static void test_without_positions_or_text(void **state) {
    (void)state;
    struct sample_shape shape = {
        .roots = 200, .suffixes = 3, .words = 40, .first = 120, .each = 60, .runs = 3, .has_changes = true};
    shape.no_positions = true;
    merge_and_compare(51, shape, 2, true);
    shape.no_positions = false;
    shape.no_text = true;
    merge_and_compare(52, shape, 2, true);
}

/* Merged in two steps, and rewritten alone: the same again. */
static void test_merges_of_merges(void **state) {
    (void)state;
    struct sample_shape shape = {
        .roots = 300, .suffixes = 3, .words = 30, .first = 100, .each = 50, .runs = 6, .has_changes = true};
    struct archive archive = {.shape = shape, .random = trial_seed(61)};
    struct side merged, built;
    temporary_folder_create(merged.path);
    temporary_folder_create(built.path);
    for (uint32_t run = 1; run <= shape.runs; run++) {
        archive_run(&archive, merged.path, run, 1, never);
        if (run > 2) merge_everything(merged.path);
    }
    archive_build_at_once(&archive, built.path);
    side_open(&merged);
    side_open(&built);
    compare_meta(&merged, &built);
    compare_records(&merged, &built, TABLE_SEGMENTS, 0);
    compare_records(&merged, &built, TABLE_COLUMNS, 0);
    side_close(&merged);
    side_close(&built);
    archive_free(&archive);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_deletes),  cmocka_unit_test(test_with_changes),
        cmocka_unit_test(test_many_forms),       cmocka_unit_test(test_two_languages),
        cmocka_unit_test(test_long_lists),       cmocka_unit_test(test_without_positions_or_text),
        cmocka_unit_test(test_merges_of_merges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
