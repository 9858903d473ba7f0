/* test_intake.c - the log of a text against the plain way (text/analyzer.c), and the text that can be read back from it. */
#include "indexer/invert/intake.h"
#include "tests/unit/invert/invert_test.h"

/* What is stored, put together from the log. */
static void read_back(const struct intake *intake, const struct pending_text *pending, struct bytes *out) {
    bool after_word = false, touches = false;
    bytes_clear(out);
    if (pending->raw.data) bytes_append(out, pending->raw.data, pending->raw.size);
    for (uint32_t i = 0; i < pending->log_count; i++) {
        uint32_t item = intake->log[pending->log_start + i];
        if (item == LOG_TOUCH) touches = true;
        if (item == LOG_TOUCH || !(item & LOG_STORE)) continue;
        const struct vocabulary_symbol *symbol = &intake->vocabulary.symbols[item & LOG_SYMBOL];
        if (after_word && symbol->kind == SYMBOL_WORD && !touches) bytes_append_u8(out, ' ');
        bytes_append(out, symbol->bytes, symbol->size);
        after_word = symbol->kind == SYMBOL_WORD;
        touches = false;
    }
}

/* Tokens of the log against those of the analyzer; repeated paragraphs take no position. */
static void assert_tokens(const struct intake *intake, const struct pending_text *pending, struct view text,
                          enum language language) {
    struct arena arena = {0};
    struct tokens tokens = {0};
    stemmer *plain;
    revue_error error;
    assert_ok(stemmer_create(&plain, &error));
    assert_ok(analyze_field(plain, text, language, &arena, &tokens, &error));
    assert_int_equal(pending->length, tokens.length);
    uint32_t next = 0;
    for (size_t i = 0; i < tokens.count; i++) {
        if (tokens.items[i].repeated) continue;
        while (next < pending->log_count && !(intake->log[pending->log_start + next] & LOG_SEARCH))
            next++;
        assert_true(next < pending->log_count);
        uint32_t symbol = intake->log[pending->log_start + next++] & LOG_SYMBOL;
        const struct vocabulary_form *form = &intake->vocabulary.forms[intake->vocabulary.uses[symbol].form];
        assert_true(view_equal(form->bytes, tokens.items[i].form));
        assert_true(view_equal(intake->vocabulary.stems[form->stem], tokens.items[i].stem));
        assert_int_equal(form->language, language);
    }
    while (next < pending->log_count)
        assert_int_equal(intake->log[pending->log_start + next++] & LOG_SEARCH, 0);
    stemmer_free(plain);
    arena_free(&arena);
}

/* Counts kept on the way against counting the log. */
static void assert_counts(const struct intake *intake, struct pending_text (*texts)[FIELD_COUNT], size_t count) {
    size_t symbols = intake->vocabulary.symbol_count;
    struct symbol_use *uses = calloc(symbols + 1, sizeof *uses);
    assert_non_null(uses);
    for (size_t i = 0; i < count; i++)
        for (unsigned field = 0; field < FIELD_COUNT; field++)
            for (uint32_t j = 0; j < texts[i][field].log_count; j++) {
                uint32_t item = intake->log[texts[i][field].log_start + j];
                if (item == LOG_TOUCH) continue;
                uses[item & LOG_SYMBOL].stored += (item & LOG_STORE) != 0;
                uses[item & LOG_SYMBOL].searched[field] += (item & LOG_SEARCH) != 0;
            }
    for (size_t i = 0; i < symbols; i++) {
        assert_int_equal(uses[i].stored, intake->vocabulary.uses[i].stored);
        assert_memory_equal(uses[i].searched, intake->vocabulary.uses[i].searched, sizeof uses[i].searched);
    }
    free(uses);
}

static void as_the_plain_way(bool keep_text) {
    struct sample sample;
    struct intake intake;
    struct bytes text = {0};
    revue_error error;
    sample_create(&sample, 300, 60, 21);
    struct pending_text(*texts)[FIELD_COUNT] = calloc(sample.count, sizeof *texts);
    assert_non_null(texts);
    assert_ok(intake_init(&intake, keep_text, &error));
    for (size_t i = 0; i < sample.count; i++) {
        const struct review *review = &sample.reviews[i];
        assert_ok(intake_review(&intake, review->text, sample.languages[i], texts[i], &error));
        for (unsigned field = 0; field < FIELD_COUNT; field++) {
            assert_tokens(&intake, &texts[i][field], review->text[field], sample.languages[i]);
            if (!keep_text || (field != FIELD_BODY && field != FIELD_TITLE)) continue;
            read_back(&intake, &texts[i][field], &text);
            assert_true(view_equal(bytes_view(&text), review->text[field]));
        }
    }
    intake_settle(&intake);
    assert_counts(&intake, texts, sample.count);
    intake_note_memory(&intake);
    assert_true(atomic_load(&intake.memory) > 0);
    assert_int_equal(atomic_load(&intake.log_items), intake.log_count);
    bytes_free(&text);
    free(texts);
    intake_free(&intake);
    sample_free(&sample);
}

static void as_the_plain_way_with_texts(void **state) {
    (void)state;
    as_the_plain_way(true);
}

static void as_the_plain_way_without_texts(void **state) {
    (void)state;
    as_the_plain_way(false);
}

/* Reviews in which a form occurs are counted once each, over all fields. */
static void forms_count_reviews(void **state) {
    (void)state;
    struct intake intake;
    struct pending_text pending[FIELD_COUNT];
    revue_error error;
    assert_ok(intake_init(&intake, false, &error));
    for (unsigned i = 0; i < 3; i++) {
        struct view text[FIELD_COUNT] = {view_of_string("film Film film\n\nfilm"), view_of_string("film"),
                                         view_of_string(i ? "other" : ""), view_of(NULL, 0)};
        assert_ok(intake_review(&intake, text, LANGUAGE_ENGLISH, pending, &error));
    }
    assert_int_equal(intake.vocabulary.form_count, 2);
    assert_int_equal(intake.vocabulary.form_uses[0].df, 3);
    assert_int_equal(intake.vocabulary.form_uses[1].df, 2);
    for (size_t i = 0; i < intake.log_count; i++) /* nothing is stored */
        assert_int_equal(intake.log[i] & LOG_STORE, 0);
    intake_free(&intake);
}

/* Texts long enough for windows, put together of what makes them stop, at every distance from their ends. */
static void windows_as_the_plain_way(void **state) {
    (void)state;
    static const char *const pieces[] = {"a",     "film",         "The",   " ",        " ",   " ",      ", ", ". ",
                                         "3.5",   "9.",           "don't", "it's,",    "'",   "\"q\" ", "\n", "<br />",
                                         "&amp;", "caf\xC3\xA9",  "x<3 ",  "\t",       "--",  "1,000",  "`",  "wi-fi",
                                         "&",     "\xE2\x80\x94", "U.S.",  "\r\n\r\n", "8's", "?! "};
    struct intake intake;
    struct pending_text pending[FIELD_COUNT];
    struct bytes text = {0}, back = {0};
    revue_error error;
    uint64_t seed = 77;
    assert_ok(intake_init(&intake, true, &error));
    for (unsigned round = 0; round < 600; round++) {
        bytes_clear(&text);
        for (unsigned i = 0; i < 20 + round % 150; i++) {
            unsigned drawn = (unsigned)random_below(&seed, sizeof pieces / sizeof *pieces + 3);
            for (unsigned j = 0; drawn >= sizeof pieces / sizeof *pieces && j < 50 + round % 40; j++)
                bytes_append_u8(&text, drawn % 2 ? 'z' : '.'); /* longer than a window */
            if (drawn == sizeof pieces / sizeof *pieces) bytes_append_u8(&text, 0);
            if (drawn < sizeof pieces / sizeof *pieces) bytes_append_string(&text, pieces[drawn]);
        }
        const struct view fields[FIELD_COUNT] = {bytes_view(&text), bytes_view(&text), bytes_view(&text),
                                                 bytes_view(&text)};
        assert_ok(intake_review(&intake, fields, LANGUAGE_ENGLISH, pending, &error));
        for (unsigned field = 0; field < FIELD_COUNT; field++)
            assert_tokens(&intake, &pending[field], fields[field], LANGUAGE_ENGLISH);
        read_back(&intake, &pending[FIELD_BODY], &back);
        assert_true(view_equal(bytes_view(&back), fields[FIELD_BODY]));
    }
    bytes_free(&back);
    bytes_free(&text);
    intake_free(&intake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_plain_way_with_texts),
        cmocka_unit_test(as_the_plain_way_without_texts),
        cmocka_unit_test(windows_as_the_plain_way),
        cmocka_unit_test(forms_count_reviews),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
