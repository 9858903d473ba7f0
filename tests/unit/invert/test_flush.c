/* test_flush.c - what was added is found in the segment: every posting of every stem, every form, every text, id, length
 * and column, against the plain analysis of each review. And the segment is the same with any number of threads. */
#include "indexer/text/analyzer.h"
#include "tests/unit/invert/invert_test.h"

/* ---- the judge ---- */

struct token_place {
    struct view stem, form;
    uint32_t field, doc, position;
    enum language language;
};
struct judge {
    struct arena arena;
    struct token_place *places;
    size_t count, capacity;
    uint32_t *doc_of; /* of each review of the sample */
    uint32_t *review_of;
};

static int compare_places(const void *left, const void *right) {
    const struct token_place *a = left, *b = right;
    int order = view_compare(a->stem, b->stem);
    if (order) return order;
    if (a->field != b->field) return a->field < b->field ? -1 : 1;
    if (a->doc != b->doc) return a->doc < b->doc ? -1 : 1;
    return a->position < b->position ? -1 : a->position > b->position;
}

/* How many bits the number of tokens of the body has, repeated paragraphs left out. */
static unsigned class_of(stemmer *plain, const struct sample *sample, uint32_t review) {
    struct arena arena = {0};
    struct tokens tokens = {0};
    revue_error error;
    unsigned class = 0;
    assert_ok(
        analyze_field(plain, sample->reviews[review].text[FIELD_BODY], sample->languages[review], &arena, &tokens, &error));
    size_t length = 0;
    for (size_t i = 0; i < tokens.count; i++)
        length += !tokens.items[i].repeated;
    for (; length > 0; length /= 2)
        class ++;
    arena_free(&arena);
    return class;
}

static unsigned *sorted_classes;
static int compare_reviews(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    if (sorted_classes[a] != sorted_classes[b]) return sorted_classes[a] < sorted_classes[b] ? -1 : 1;
    return a < b ? -1 : 1;
}

static void sort_reviews(struct judge *judge, stemmer *plain, const struct sample *sample) {
    sorted_classes = calloc(sample->count, sizeof *sorted_classes);
    assert_non_null(sorted_classes);
    for (uint32_t i = 0; i < sample->count; i++) {
        sorted_classes[i] = class_of(plain, sample, i);
        judge->review_of[i] = i;
    }
    qsort(judge->review_of, sample->count, sizeof(uint32_t), compare_reviews);
    for (uint32_t doc = 0; doc < sample->count; doc++)
        judge->doc_of[judge->review_of[doc]] = doc;
    free(sorted_classes);
}

static void judge_create(struct judge *judge, const struct sample *sample) {
    stemmer *plain;
    revue_error error;
    *judge = (struct judge){0};
    judge->doc_of = calloc(sample->count, sizeof(uint32_t));
    judge->review_of = calloc(sample->count, sizeof(uint32_t));
    assert_true(judge->doc_of && judge->review_of);
    assert_ok(stemmer_create(&plain, &error));
    sort_reviews(judge, plain, sample);
    for (size_t i = 0; i < sample->count; i++)
        for (unsigned field = 0; field < FIELD_COUNT; field++) {
            struct tokens tokens = {0};
            assert_ok(
                analyze_field(plain, sample->reviews[i].text[field], sample->languages[i], &judge->arena, &tokens, &error));
            assert_true(MEMORY_RESERVE(judge->places, judge->capacity, judge->count + tokens.count));
            for (size_t j = 0; j < tokens.count; j++)
                if (!tokens.items[j].repeated)
                    judge->places[judge->count++] =
                        (struct token_place){tokens.items[j].stem, tokens.items[j].form,     field,
                                             judge->doc_of[i],     tokens.items[j].position, sample->languages[i]};
        }
    stemmer_free(plain);
    qsort(judge->places, judge->count, sizeof *judge->places, compare_places);
}

static void judge_free(struct judge *judge) {
    arena_free(&judge->arena);
    memory_free(judge->places);
    free(judge->doc_of);
    free(judge->review_of);
}

/* ---- a segment ---- */

struct written {
    char path[TEMPORARY_PATH_SIZE];
    store *store;
    store_txn *txn;
    struct base_symbols base;
    struct manifest_segment row;
    struct segment *segment;
};

/* flush_memory: what the flush believes the memory to be. */
static void write_sample_within(struct written *written, const struct sample *sample, unsigned threads, bool keep_text,
                                bool has_positions, size_t flush_memory) {
    struct accumulator accumulator;
    const struct accumulator_options options = {
        .keep_text = keep_text, .memory_bytes = (size_t)1 << 30, .threads = threads, .batch_bytes = 3000};
    revue_error error;
    *written = (struct written){.store = NULL};
    written->store = temporary_index_create(written->path);
    assert_ok(accumulator_init(&accumulator, &options, &error));
    assert_ok(sample_add_all(sample, &accumulator, &error));
    accumulator.options.memory_bytes = flush_memory;
    assert_ok(flush_segment(&accumulator, &written->base, written->store, 1, has_positions, &written->row, &error));
    accumulator_free(&accumulator);
    assert_ok(store_begin_read(written->store, &written->txn, &error));
    assert_ok(segment_open(&written->segment, written->txn, 1, keep_text ? &written->base.meta : NULL, &error));
}

static void write_sample(struct written *written, const struct sample *sample, unsigned threads, bool keep_text,
                         bool has_positions) {
    write_sample_within(written, sample, threads, keep_text, has_positions, (size_t)1 << 30);
}

static void written_free(struct written *written) {
    segment_close(written->segment);
    store_abort(written->txn);
    base_symbols_free(&written->base);
    store_close(written->store);
    temporary_index_remove(written->path);
}

/* ---- comparing ---- */

static unsigned form_number(const struct term_entry *entry, struct view form) {
    for (unsigned i = 0; i < entry->form_count; i++)
        if (view_equal(entry->forms[i], form)) return i;
    assert_true(entry->has_more_forms);
    return FORM_OTHER;
}

/* One list against the places [from, to) of the judge. */
static void assert_list(struct written *written, const struct term_entry *entry, unsigned field,
                        const struct token_place *from, const struct token_place *to) {
    struct postings_reader reader;
    struct positions_reader positions;
    bool has_positions = written->segment->meta.has_positions;
    revue_error error;
    assert_ok(postings_reader_open(&reader, segment_postings(written->segment), written->segment->meta.doc_count,
                                   &entry->lists[field], &error));
    positions_reader_open(&positions);
    while (reader.count > 0) {
        assert_ok(postings_reader_docs(&reader, &error));
        assert_ok(postings_reader_frequencies(&reader, &error));
        assert_ok(postings_reader_masks(&reader, &error));
        for (uint32_t i = 0; i < reader.count; i++) {
            uint32_t *found = calloc(reader.frequencies[i] + POSITIONS_BEHIND, sizeof *found);
            unsigned mask = 0;
            assert_non_null(found);
            if (has_positions) assert_ok(positions_reader_read(&positions, &reader, i, found, &error));
            for (uint32_t j = 0; j < reader.frequencies[i]; j++, from++) {
                assert_true(from < to);
                assert_int_equal(from->doc, reader.docs[i]);
                if (has_positions) assert_int_equal(from->position, found[j]);
                mask |= 1u << form_number(entry, from->form);
            }
            assert_int_equal(reader.masks[i], mask);
            free(found);
        }
        assert_ok(postings_reader_next_block(&reader, &error));
    }
    assert_ptr_equal(from, to);
    positions_reader_close(&positions);
    postings_reader_close(&reader);
}

static void assert_terms(struct written *written, const struct judge *judge) {
    terms_reader *terms;
    struct term_entry entry;
    revue_error error;
    revue_status status;
    size_t at = 0, stems = 0;
    assert_ok(segment_terms(written->segment, &terms, &error));
    for (status = terms_reader_seek(terms, view_of("", 0), &entry, &error); status == REVUE_OK;
         status = terms_reader_next(terms, &entry, &error), stems++) {
        assert_true(at < judge->count);
        for (unsigned field = 0; field < FIELD_COUNT; field++) {
            size_t end = at;
            while (end < judge->count && judge->places[end].field == field &&
                   view_equal(judge->places[end].stem, entry.stem))
                end++;
            assert_int_equal(entry.fields >> field & 1, end > at);
            if (end > at) assert_list(written, &entry, field, &judge->places[at], judge->places + end);
            at = end;
        }
    }
    assert_int_equal(status, REVUE_NO_MATCH);
    assert_int_equal(at, judge->count);
    assert_int_equal(stems, written->segment->meta.term_count);
    assert_int_equal(written->segment->meta.token_count, judge->count);
}

/* Reviews in which a form of a language occurs, counted in the judge. */
static uint32_t count_form(const struct judge *judge, struct view form, unsigned language, uint32_t doc_count) {
    uint8_t *seen = calloc(doc_count, 1);
    uint32_t df = 0;
    assert_non_null(seen);
    for (size_t i = 0; i < judge->count; i++)
        if (judge->places[i].language == language && view_equal(judge->places[i].form, form))
            seen[judge->places[i].doc] = 1;
    for (uint32_t doc = 0; doc < doc_count; doc++)
        df += seen[doc];
    free(seen);
    return df;
}

static void assert_forms(struct written *written, const struct judge *judge) {
    forms_reader *forms;
    struct form_entry entry;
    revue_error error;
    revue_status status;
    size_t count = 0;
    assert_ok(segment_forms(written->segment, &forms, &error));
    for (status = forms_reader_seek(forms, view_of("", 0), &entry, &error); status == REVUE_OK;
         status = forms_reader_next(forms, &entry, &error), count++)
        for (uint32_t i = 0; i < entry.pair_count && count % 7 == 0; i++)
            assert_int_equal(entry.pairs[i].df,
                             count_form(judge, entry.form, entry.pairs[i].language, written->segment->meta.doc_count));
    assert_int_equal(status, REVUE_NO_MATCH);
    assert_int_equal(count, written->segment->meta.form_count);
}

static void assert_text(struct written *written, uint32_t doc, enum text_field field, struct view expected) {
    struct text_part parts[TEXT_FIELD_COUNT];
    struct bytes scratch = {0}, text = {0};
    revue_error error;
    assert_ok(text_read(segment_text(written->segment), doc, &scratch, parts, &error));
    assert_ok(text_part_decode(&written->segment->symbols, parts[field], SIZE_MAX, &text, &error));
    assert_true(view_equal(bytes_view(&text), expected));
    bytes_free(&scratch);
    bytes_free(&text);
}

static void assert_reviews(struct written *written, const struct sample *sample, const struct judge *judge) {
    struct column_reader ratings;
    struct bytes id = {0};
    revue_error error;
    column_reader_open(&ratings, written->txn, 1, COLUMN_OF_RATING);
    for (uint32_t doc = 0; doc < sample->count; doc++) {
        uint32_t review = judge->review_of[doc];
        uint64_t hash;
        bool has;
        double rating;
        assert_ok(ids_get(segment_ids(written->segment), doc, &id, &error));
        assert_true(view_equal(bytes_view(&id), sample->ids[review]));
        assert_ok(ids_text_hash(segment_ids(written->segment), doc, &hash, &error));
        assert_int_equal(hash, (uint64_t)review * 7919 + 1);
        assert_ok(column_reader_number(&ratings, doc, &has, &rating, &error));
        assert_int_equal(has, sample->values[review].has_rating);
        if (has) assert_true(rating == sample->values[review].rating);
        if (!written->segment->meta.has_text) continue;
        assert_text(written, doc, TEXT_BODY, sample->reviews[review].text[FIELD_BODY]);
        assert_text(written, doc, TEXT_TITLE, sample->reviews[review].text[FIELD_TITLE]);
        assert_text(written, doc, TEXT_URL, sample->reviews[review].url);
    }
    bytes_free(&id);
}

/* ---- tests ---- */

static void check_sample(size_t count, unsigned words, uint64_t seed) {
    struct sample sample;
    struct judge judge;
    sample_create(&sample, count, words, seed);
    judge_create(&judge, &sample);
    uint64_t checksum = 0;
    for (unsigned threads = 1; threads <= 4; threads++) {
        struct written written;
        write_sample(&written, &sample, threads, true, true);
        assert_int_equal(written.row.doc_count, count);
        if (threads == 1) checksum = written.row.meta_checksum;
        assert_int_equal(written.row.meta_checksum, checksum);
        if (threads == 1 || threads == 3) {
            assert_terms(&written, &judge);
            assert_forms(&written, &judge);
            assert_reviews(&written, &sample, &judge);
        }
        written_free(&written);
    }
    judge_free(&judge);
    sample_free(&sample);
}

static void what_was_added_is_found(void **state) {
    (void)state;
    check_sample(1, 5, 41);
    check_sample(40, 40, 42);
    check_sample(900, 30, 43);  /* lists of several blocks */
    check_sample(2500, 12, 44); /* champions, several ranges of texts */
}

static void without_text_or_positions(void **state) {
    (void)state;
    struct sample sample;
    struct judge judge;
    struct written written;
    sample_create(&sample, 300, 30, 45);
    judge_create(&judge, &sample);
    write_sample(&written, &sample, 2, false, false);
    assert_terms(&written, &judge);
    assert_reviews(&written, &sample, &judge);
    written_free(&written);
    judge_free(&judge);
    sample_free(&sample);
}

/* One pass over all stems, or one for every range of them: the same segment. */
static void check_passes(size_t count, unsigned words, uint64_t seed) {
    struct sample sample;
    struct written whole, passes;
    sample_create(&sample, count, words, seed);
    for (unsigned threads = 0; threads <= 3; threads++) {
        write_sample(&whole, &sample, threads, true, true);
        write_sample_within(&passes, &sample, threads, true, true, 1 << 10);
        assert_true(whole.segment->meta.term_count > 2 * 1024); /* a range has no more stems */
        assert_int_equal(passes.row.meta_checksum, whole.row.meta_checksum);
        written_free(&whole);
        written_free(&passes);
    }
    sample_free(&sample);
}

static void passes_change_nothing(void **state) {
    (void)state;
    check_passes(1500, 30, 48);
    check_passes(100, 800, 49); /* texts that are sifted in several steps */
}

/* The second segment has the first one's symbols in its base table, and its own behind them. */
static void a_second_segment_uses_the_base_table(void **state) {
    (void)state;
    struct sample first, second;
    struct judge judge;
    struct written written;
    struct accumulator accumulator;
    const struct accumulator_options options = {.keep_text = true, .memory_bytes = (size_t)1 << 30, .threads = 2};
    revue_error error;
    sample_create(&first, 200, 30, 46);
    sample_create(&second, 200, 60, 47);
    judge_create(&judge, &second);
    write_sample(&written, &first, 2, true, true);
    uint32_t base_count = written.base.count;
    segment_close(written.segment);
    store_abort(written.txn);
    assert_ok(accumulator_init(&accumulator, &options, &error));
    assert_ok(sample_add_all(&second, &accumulator, &error));
    assert_ok(flush_segment(&accumulator, &written.base, written.store, 1, true, &written.row, &error));
    accumulator_free(&accumulator);
    assert_int_equal(written.base.count, base_count);
    assert_ok(store_begin_read(written.store, &written.txn, &error));
    assert_ok(segment_open(&written.segment, written.txn, 1, &written.base.meta, &error));
    assert_int_equal(written.segment->meta.first_symbol, SYMBOL_FIRST + base_count);
    assert_true(written.segment->meta.symbol_count > 0);
    assert_terms(&written, &judge);
    assert_reviews(&written, &second, &judge);
    written_free(&written);
    judge_free(&judge);
    sample_free(&first);
    sample_free(&second);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_added_is_found),
        cmocka_unit_test(without_text_or_positions),
        cmocka_unit_test(passes_change_nothing),
        cmocka_unit_test(a_second_segment_uses_the_base_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
