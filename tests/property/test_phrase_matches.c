/* test_phrase_matches.c - where words, forms and phrases stand: the cursors, which go by masks, positions and word codes,
 * against the plain analysis of every text.
 *
 * The texts are random: few stems with many forms each (more than the masks list), repeated paragraphs, markup, entities,
 * letters with marks, soft hyphens, words that touch, scripts without blanks, languages that stem the same form
 * differently. */
#include "indexer/base/memory.h"
#include "query/match/cursor.h"
#include "query/searcher.h"
#include "tests/support/temporary_index.h"
#include "tests/support/trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define REVIEWS 700u
#define WORDS_MAX 4u
#define PHRASES 700u

static uint64_t random_state;
static uint32_t random_below(uint32_t bound) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % bound);
}

/* ---- texts ---- */

static const char *const words[] = {
    "connect",     "connected",
    "Connecting",  "connection",
    "CONNECTIONS", "connects",
    "run",         "runs",
    "running",     "Run",
    "film",        "films",
    "filmed",      "a",
    "the",         "the",
    "Café",        "cafe",
    "caf&eacute;", "cafés",
    "na\u00efve",  "naive",
    "ist",         "lieben",
    "liebe",       "geliebt",
    "don't",       "don\u2019t",
    "3.5",         "KAPI",
    "kapı",        "co\u00adnnect",
    "\u00ad",      "Ελλάδα",
    "ελλαδα",      "über",
    "fußball",     "fussball",
    "x",           "organization",
    "organize",    "organizational",
    "good",        "better",
    "½",           "film½",
};
#define WORDS (sizeof words / sizeof *words)
static const char *const gaps[] = {" ",   " ",   " ",     " ",      " ", " ",      ", ", ". ",
                                   " - ", "<b>", "</b> ", "&nbsp;", "_", "<br />", "  "};
#define GAPS (sizeof gaps / sizeof *gaps)

static void append_words(struct bytes *out, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        /* The first words are the common ones. */
        const uint32_t word = random_below(3) ? random_below(random_below(WORDS) + 1) : random_below(WORDS);
        bytes_append_string(out, words[word]);
        bytes_append_string(out, gaps[random_below(GAPS)]);
        if (random_below(400) == 0)
            for (unsigned letter = 0; letter < 200; letter++) /* a word that is no symbol */
                bytes_append_u8(out, 'q');
    }
}

static void append_text(struct bytes *out) {
    size_t earlier_start = 0, earlier_end = 0;
    const size_t start = out->size;
    for (uint32_t paragraph = random_below(4); paragraph > 0; paragraph--) {
        if (out->size > start) bytes_append_string(out, random_below(2) ? "<br>" : "<p>");
        const size_t from = out->size;
        if (earlier_end > earlier_start && random_below(4) == 0) {
            const size_t size = earlier_end - earlier_start;
            uint8_t *room = bytes_extend(out, size);
            assert_non_null(room);
            memcpy(room, out->data + earlier_start, size);
        } else {
            append_words(out, 1 + random_below(random_below(8) ? 12 : 150));
            if (random_below(30) == 0) bytes_append_string(out, "日本語の映画 ");
        }
        earlier_start = from;
        earlier_end = out->size;
    }
}

static void write_archive(const char *path) {
    static const char *const languages[] = {"en", "en", "en", "de", "tr", "und"};
    struct bytes out = {0};
    for (uint32_t i = 0; i < REVIEWS; i++) {
        bytes_append_format(&out, "{\"id\": \"%u\", \"lang\": \"%s\", \"title\": \"", i, languages[random_below(6)]);
        append_words(&out, random_below(5));
        bytes_append_string(&out, "\", \"product\": \"");
        append_words(&out, random_below(3));
        bytes_append_string(&out, "\", \"body\": \"");
        append_text(&out);
        bytes_append_string(&out, "\"}\n");
    }
    assert_false(out.failed);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(out.data, 1, out.size, file), out.size);
    assert_int_equal(fclose(file), 0);
    bytes_free(&out);
}

/* ---- the index, and what its texts are ---- */

enum { TEXT_FIELDS = 3 }; /* body, title, product */

struct indexed {
    char path[TEMPORARY_PATH_SIZE];
    revue_searcher *searcher;
    struct arena arena;
    struct tokens *tokens; /* of review d of segment 0 in field f: [d * TEXT_FIELDS + f], repeated ones left out */
    uint32_t count;
};

static revue_error error;
#define assert_ok(expression)                                                                                              \
    do {                                                                                                                   \
        if ((expression) != REVUE_OK) fail_msg("%s: %s", #expression, error.message);                                      \
    } while (0)

static void analyse(struct indexed *indexed, uint32_t doc, unsigned field, const char *text, size_t size,
                    enum language language) {
    struct tokens *tokens = &indexed->tokens[doc * TEXT_FIELDS + field];
    size_t kept = 0;
    if (!text) return;
    assert_ok(analyze_field(indexed->searcher->stemmer, view_of(text, size), language, &indexed->arena, tokens, &error));
    for (size_t i = 0; i < tokens->count; i++)
        if (!tokens->items[i].repeated) tokens->items[kept++] = tokens->items[i];
    tokens->count = kept;
    assert_int_equal(kept, tokens->length);
}

/* Texts come back through revue_get: another road than the one that is tested. */
static void read_texts(struct indexed *indexed, revue_searcher *with_text) {
    struct segment *segment = indexed->searcher->segments[0].segment;
    struct bytes id = {0};
    indexed->count = segment->meta.doc_count;
    indexed->tokens = calloc(indexed->count * TEXT_FIELDS, sizeof *indexed->tokens);
    assert_non_null(indexed->tokens);
    for (uint32_t doc = 0; doc < indexed->count; doc++) {
        revue_review *review;
        bytes_clear(&id);
        assert_ok(ids_get(segment_ids(segment), doc, &id, &error));
        assert_ok(revue_get(with_text, (const char *)id.data, id.size, &review, &error));
        const enum language language =
            review->lang ? language_of_tag(view_of_string(review->lang), NULL) : LANGUAGE_ENGLISH;
        analyse(indexed, doc, FIELD_BODY, review->body, review->body_size, language);
        analyse(indexed, doc, FIELD_TITLE, review->title, review->title_size, language);
        analyse(indexed, doc, FIELD_PRODUCT, review->product, review->product_size, language);
        revue_review_free(review);
    }
    bytes_free(&id);
}

static void index_archive(struct indexed *indexed, const char *archive, bool no_positions, bool no_text) {
    const char *const roots[] = {archive};
    const revue_update_options options = {
        .roots = roots, .root_count = 1, .threads = 1, .no_positions = no_positions, .no_text = no_text};
    revue_report *report = NULL;
    *indexed = (struct indexed){.count = 0};
    temporary_folder_create(indexed->path);
    char index[TEMPORARY_PATH_SIZE + 8];
    (void)snprintf(index, sizeof index, "%s/index", indexed->path);
    assert_ok(revue_update(index, &options, &report, &error));
    revue_report_free(report);
    assert_ok(revue_searcher_open(&indexed->searcher, index, &error));
    assert_int_equal(indexed->searcher->segment_count, 1);
}

static void indexed_free(struct indexed *indexed) {
    revue_searcher_close(indexed->searcher);
    arena_free(&indexed->arena);
    free(indexed->tokens);
    temporary_folder_remove(indexed->path);
}

/* ---- words of a query ---- */

struct asked {
    uint32_t count, slop;
    bool by_form;
    struct view forms[WORDS_MAX];
    struct segment_word words[WORDS_MAX];
    struct field_scoring scoring;
};

static void bind(struct indexed *indexed, struct arena *arena, struct view form, bool by_form, struct segment_word *word) {
    struct segment *segment = indexed->searcher->segments[0].segment;
    forms_reader *forms;
    terms_reader *terms;
    struct form_entry entry;
    assert_ok(segment_forms(segment, &forms, &error));
    assert_ok(segment_terms(segment, &terms, &error));
    assert_ok(forms_reader_find(forms, form, &entry, &error));
    word->stem_count = 0;
    word->stems = arena_alloc_array(arena, entry.pair_count, sizeof *word->stems);
    assert_non_null(word->stems);
    for (uint32_t i = 0; i < entry.pair_count; i++) {
        struct term_entry term;
        struct term_entry_lists *lists = &word->stems[word->stem_count];
        const struct view stem = entry.pairs[i].stem;
        bool is_known = false;
        for (uint32_t j = 0; j < word->stem_count; j++) /* languages may share a stem */
            is_known |= view_equal(word->stems[j].stem, stem);
        if (is_known) continue;
        assert_ok(terms_reader_find(terms, stem, &term, &error));
        *lists = (struct term_entry_lists){.stem = view_of(arena_copy(arena, stem.data, stem.size), stem.size),
                                           .fields = term.fields,
                                           .form_bits = (uint8_t)(by_form ? 1u << entry.pairs[i].form_number : FORM_ANY)};
        memcpy(lists->lists, term.lists, sizeof lists->lists);
        word->stem_count++;
    }
}

/* Words that stand next to each other in some text, of which one may be exchanged; else any. */
static void ask(struct indexed *indexed, struct arena *arena, struct asked *asked, uint32_t words_at_least) {
    *asked = (struct asked){.by_form = random_below(2), .scoring = {.weight = {1, 2, 1.5, 0}, .k1 = 1.2, .b = 0.75}};
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        asked->scoring.average[field] = indexed->searcher->average[field];
    if (random_below(3) == 0) asked->scoring.weight[random_below(TEXT_FIELDS)] = 0;
    asked->count = words_at_least == 1 ? 1 : words_at_least + random_below(WORDS_MAX - words_at_least + 1);
    const struct tokens *tokens;
    do
        tokens = &indexed->tokens[random_below(indexed->count * TEXT_FIELDS)];
    while (tokens->count < asked->count);
    const uint32_t start = random_below((uint32_t)tokens->count - asked->count + 1);
    for (uint32_t i = 0; i < asked->count; i++) {
        const bool is_exchanged = random_below(6) == 0;
        asked->forms[i] = tokens->items[is_exchanged ? random_below((uint32_t)tokens->count) : start + i].form;
    }
    if (!asked->by_form && asked->count > 1 && random_below(2)) asked->slop = 1 + random_below(4);
    for (uint32_t i = 0; i < asked->count; i++)
        bind(indexed, arena, asked->forms[i], asked->by_form, &asked->words[i]);
}

/* ---- the judge ---- */

static bool is_word(const struct asked *asked, uint32_t word, const struct token *token) {
    if (asked->by_form) return view_equal(token->form, asked->forms[word]);
    for (uint32_t i = 0; i < asked->words[word].stem_count; i++)
        if (view_equal(token->stem, asked->words[word].stems[i].stem)) return true;
    return false;
}

static uint32_t judge_exact(const struct asked *asked, const struct tokens *tokens) {
    uint32_t count = 0;
    for (size_t start = 0; start + asked->count <= tokens->count; start++) {
        uint32_t matched = 0;
        while (matched < asked->count && is_word(asked, matched, &tokens->items[start + matched]))
            matched++;
        count += matched == asked->count;
    }
    return count;
}

/* Takes from each word the first place not yet used and gives up the one that lies furthest back, or all when they fit. */
static uint32_t judge_sloppy(const struct asked *asked, const struct tokens *tokens) {
    size_t at[WORDS_MAX] = {0};
    for (uint32_t count = 0;;) {
        int64_t smallest = INT64_MAX, largest = INT64_MIN;
        uint32_t behind = 0;
        for (uint32_t i = 0; i < asked->count; i++) {
            while (at[i] < tokens->count && !is_word(asked, i, &tokens->items[at[i]]))
                at[i]++;
            if (at[i] == tokens->count) return count;
            const int64_t shifted = (int64_t)at[i] - i;
            if (shifted < smallest) behind = i;
            if (shifted < smallest) smallest = shifted;
            if (shifted > largest) largest = shifted;
        }
        const bool is_match = largest - smallest <= (int64_t)asked->slop;
        count += is_match;
        for (uint32_t i = 0; i < asked->count; i++)
            at[i] += is_match || i == behind;
    }
}

/* ---- comparing ---- */

static struct cursor *create(const struct asked *asked, const struct leaf_context *context) {
    if (asked->count == 1)
        return cursor_term_create(context, &asked->words[0], &asked->scoring, 1e6, asked->forms, asked->by_form ? 1 : 0);
    return cursor_phrase_create(context, asked->words, asked->count, &asked->scoring, 1e6, asked->slop,
                                asked->by_form ? asked->forms : NULL);
}

static uint32_t compare(struct indexed *indexed, const struct asked *asked, struct arena *arena, bool has_seeks) {
    struct cursor_failure failure = {0};
    const struct leaf_context context = {.segment = indexed->searcher->segments[0].segment,
                                         .arena = arena,
                                         .failure = &failure,
                                         .stemmer = indexed->searcher->stemmer};
    struct cursor *cursor = create(asked, &context);
    uint32_t matches = 0;
    assert_non_null(cursor);
    for (uint32_t doc = 0; doc < indexed->count; doc++) {
        uint32_t frequency[TEXT_FIELDS], sum = 0;
        if (has_seeks && random_below(3)) continue;
        for (unsigned field = 0; field < TEXT_FIELDS; field++) {
            const struct tokens *tokens = &indexed->tokens[doc * TEXT_FIELDS + field];
            frequency[field] = asked->scoring.weight[field] <= 0 ? 0
                               : asked->slop                     ? judge_sloppy(asked, tokens)
                                                                 : judge_exact(asked, tokens);
            sum += frequency[field];
        }
        cursor_seek(cursor, doc);
        assert_int_equal(failure.status, REVUE_OK);
        assert_int_equal(cursor->doc == doc, sum > 0);
        if (sum == 0) continue;
        struct leaf_evidence evidence;
        cursor->methods->evidence(cursor, &evidence);
        for (unsigned field = 0; field < TEXT_FIELDS; field++) {
            assert_int_equal(evidence.frequency[field], frequency[field]);
            if (frequency[field])
                assert_int_equal(evidence.length[field], indexed->tokens[doc * TEXT_FIELDS + field].count);
        }
        assert_true(cursor_contribution(cursor) > 0);
        matches++;
    }
    cursor_seek(cursor, indexed->count);
    assert_int_equal(cursor->doc, DOC_END);
    cursor_close(cursor);
    return matches;
}

/* by_stem_only: without texts the forms of a mixed field cannot be told. */
static void compare_all(struct indexed *indexed, uint32_t words_at_least, bool by_stem_only) {
    uint64_t matches = 0;
    for (uint32_t i = 0; i < PHRASES; i++) {
        struct arena arena = {0};
        struct asked asked;
        do
            ask(indexed, &arena, &asked, words_at_least);
        while (by_stem_only && asked.by_form);
        matches += compare(indexed, &asked, &arena, random_below(2));
        arena_free(&arena);
    }
    assert_true(matches > PHRASES);
}

/* ---- without memory ---- */

static uint32_t allocations_left;
static bool may_allocate(void *context) {
    (void)context;
    return allocations_left > 0 && allocations_left-- > 0;
}

/* Walks with an allocation that fails: the cursor is not made, or ends and says why. True when none failed. */
static bool walk_without_memory(struct indexed *indexed, const struct asked *asked, uint32_t allowed) {
    struct arena arena = {0};
    struct cursor_failure failure = {0};
    const struct leaf_context context = {.segment = indexed->searcher->segments[0].segment,
                                         .arena = &arena,
                                         .failure = &failure,
                                         .stemmer = indexed->searcher->stemmer};
    allocations_left = allowed;
    memory_set_test_hook(may_allocate, NULL);
    struct cursor *cursor = create(asked, &context);
    while (cursor && cursor->doc != DOC_END) {
        cursor_next(cursor);
        if (cursor->doc != DOC_END) (void)cursor_contribution(cursor);
    }
    memory_set_test_hook(NULL, NULL);
    assert_true(failure.status == REVUE_OK || failure.status == REVUE_NO_MEMORY);
    const bool is_whole = cursor && failure.status == REVUE_OK;
    cursor_close(cursor);
    arena_free(&arena);
    return is_whole;
}

static void fail_each_allocation(struct indexed *indexed) {
    for (uint32_t i = 0; i < 24; i++) {
        struct arena arena = {0};
        struct asked asked;
        uint32_t allowed = 0;
        ask(indexed, &arena, &asked, 1 + i % 2);
        while (!walk_without_memory(indexed, &asked, allowed))
            allowed += 1 + allowed / 4; /* the first ones one by one */
        assert_true(allowed > 0);
        arena_free(&arena);
    }
}

static void test_all(void **state) {
    (void)state;
    char folder[TEMPORARY_PATH_SIZE], archive[TEMPORARY_PATH_SIZE + 16];
    struct indexed whole, no_positions, no_text;
    random_state = trial_seed(20261125);
    temporary_folder_create(folder);
    (void)snprintf(archive, sizeof archive, "%s/a.jsonl", folder);
    write_archive(archive);
    index_archive(&whole, archive, false, false);
    index_archive(&no_positions, archive, true, false);
    index_archive(&no_text, archive, false, true);
    read_texts(&whole, whole.searcher);
    read_texts(&no_positions, whole.searcher);
    read_texts(&no_text, whole.searcher);
    compare_all(&whole, 1, false);
    compare_all(&whole, 2, false);
    compare_all(&no_positions, 2, false);
    compare_all(&no_text, 2, true);
    fail_each_allocation(&whole);
    fail_each_allocation(&no_positions);
    indexed_free(&whole);
    indexed_free(&no_positions);
    indexed_free(&no_text);
    temporary_folder_remove(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
