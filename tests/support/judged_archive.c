/* judged_archive.c - see judged_archive.h. */
#include "tests/support/judged_archive.h"

#include "tests/support/random_list.h"

#include <stdio.h>
#include <stdlib.h>

/* Forms that share stems, a form in quotes of its own, accents, ideographs, a word that is in no review at the end. */
static const char *const vocabulary[] = {
    "film",  "films",       "filming",   "love",   "loved", "loving", "good", "Good",
    "plot",  "caf\xC3\xA9", "it's",      "the",    "a",     "slow",   "3.5",  "\xE7\x94\xB5\xE5\xBD\xB1",
    "scene", "scenes",      "wonderful", "nowhere"};
#define VOCABULARY (sizeof vocabulary / sizeof *vocabulary)
#define WRITTEN (VOCABULARY - 1)

static void give_up(const char *why) {
    fprintf(stderr, "judged archive: %s\n", why);
    exit(99);
}

/* ---- the archive ---- */

/* Words grow rarer along the vocabulary; now and then a paragraph is pasted twice. */
static void append_words(struct bytes *out, uint32_t count, uint64_t *random_state) {
    size_t paragraph = out->size;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t limit = 1 + random_below(random_state, WRITTEN);
        if (i > 0) bytes_append_string(out, random_below(random_state, 8) == 0 ? ". " : " ");
        bytes_append_string(out, vocabulary[random_below(random_state, limit)]);
    }
    if (count > 3 && random_below(random_state, 4) == 0) {
        size_t size = out->size - paragraph;
        bytes_append_string(out, "\\n\\n");
        uint8_t *room = bytes_extend(out, size);
        if (room) memcpy(room, out->data + paragraph, size);
    }
}

static void append_field(struct judged_archive *judged, struct bytes *line, uint32_t review, unsigned field,
                         const char *name, uint32_t count, uint64_t *random_state) {
    struct bytes text = {0}, value = {0};
    append_words(&text, count, random_state);
    bytes_append_format(line, ",\"%s\":\"", name);
    bytes_append(line, text.data, text.size);
    bytes_append_u8(line, '"');
    for (size_t i = 0; i < text.size; i++) { /* the only escape there is */
        bool is_end = text.data[i] == '\\';
        bytes_append_u8(&value, is_end ? '\n' : text.data[i]);
        i += is_end;
    }
    if (analyze_field(judged->stemmer, bytes_view(&value), LANGUAGE_ENGLISH, &judged->arena, &judged->tokens[review][field],
                      NULL) != REVUE_OK)
        give_up("out of memory");
    bytes_free(&text);
    bytes_free(&value);
}

static void append_review(struct judged_archive *judged, struct bytes *lines, uint32_t review, uint64_t *random_state) {
    bytes_append_format(lines, "{\"id\":\"r%02u\"", (unsigned)review);
    append_field(judged, lines, review, FIELD_BODY, "text", random_below(random_state, 30), random_state);
    if (random_below(random_state, 2))
        append_field(judged, lines, review, FIELD_TITLE, "title", 1 + random_below(random_state, 3), random_state);
    if (random_below(random_state, 3))
        append_field(judged, lines, review, FIELD_PRODUCT, "product", 1 + random_below(random_state, 2), random_state);
    if (random_below(random_state, 3))
        append_field(judged, lines, review, FIELD_AUTHOR, "author", 1 + random_below(random_state, 2), random_state);
    bytes_append_string(lines, "}\n");
}

void judged_archive_create(struct judged_archive *judged, uint64_t seed, unsigned runs) {
    uint64_t random_state = seed;
    memset(judged, 0, sizeof *judged);
    judged->all = ((review_set)1 << JUDGED_REVIEWS) - 1;
    if (stemmer_create(&judged->stemmer, NULL) != REVUE_OK) give_up("out of memory");
    small_archive_create(&judged->archive);
    for (unsigned run = 0; run < runs; run++) {
        struct bytes lines = {0};
        char name[32];
        for (uint32_t review = run; review < JUDGED_REVIEWS; review += runs) {
            random_state = seed + review * UINT64_C(7919) + 1; /* the same reviews however many runs there are */
            append_review(judged, &lines, review, &random_state);
        }
        (void)snprintf(name, sizeof name, "run%u.jsonl", run);
        small_archive_write(&judged->archive, name, bytes_view(&lines));
        small_archive_update(&judged->archive, NULL);
        bytes_free(&lines);
    }
}

void judged_archive_remove(struct judged_archive *judged) {
    small_archive_remove(&judged->archive);
    arena_free(&judged->arena);
    stemmer_free(judged->stemmer);
}

/* ---- what matches ---- */

static struct tokens analyse(const struct judged_archive *judged, const char *text, struct arena *arena) {
    struct tokens tokens = {0};
    if (analyze_field(judged->stemmer, view_of_string(text), LANGUAGE_ENGLISH, arena, &tokens, NULL) != REVUE_OK)
        give_up("out of memory");
    return tokens;
}

static bool is_same(const struct token *a, const struct token *b, bool by_form) {
    return by_form ? view_equal(a->form, b->form) : view_equal(a->stem, b->stem);
}

/* Times the words stand one after the other; repeated paragraphs do not count, and do not part words. */
static uint32_t count_run(const struct tokens *text, const struct tokens *words, bool by_form) {
    uint32_t count = 0;
    for (size_t start = 0; start < text->count; start++) {
        size_t at = start, matched = 0;
        if (text->items[start].repeated) continue;
        while (at < text->count && matched < words->count) {
            if (!text->items[at].repeated) {
                if (!is_same(&text->items[at], &words->items[matched], by_form)) break;
                matched++;
            }
            at++;
        }
        count += matched == words->count;
    }
    return count;
}

static review_set run_matches(const struct judged_archive *judged, const char *text, bool by_form, unsigned fields) {
    struct arena arena = {0};
    struct tokens words = analyse(judged, text, &arena);
    review_set set = 0;
    for (uint32_t review = 0; review < JUDGED_REVIEWS; review++)
        for (unsigned field = 0; field < FIELD_COUNT; field++)
            if ((fields >> field & 1) && count_run(&judged->tokens[review][field], &words, by_form) > 0)
                set |= (review_set)1 << review;
    arena_free(&arena);
    return set;
}

#define DEFAULT_FIELDS (1u << FIELD_BODY | 1u << FIELD_TITLE | 1u << FIELD_PRODUCT)

review_set judged_word_matches(const struct judged_archive *judged, const char *word, bool by_form) {
    return run_matches(judged, word, by_form, DEFAULT_FIELDS);
}

uint32_t judged_frequency(const struct judged_archive *judged, const char *word, uint32_t review, unsigned field) {
    struct arena arena = {0};
    struct tokens words = analyse(judged, word, &arena);
    uint32_t count = count_run(&judged->tokens[review][field], &words, false);
    arena_free(&arena);
    return count;
}

/* ---- queries ---- */

const char *judged_word_random(uint64_t *random_state) {
    return vocabulary[random_below(random_state, VOCABULARY)];
}

static void leaf_random(struct judged_archive *judged, struct judged_query *query, uint64_t *random_state) {
    static const char *const names[FIELD_COUNT] = {"body", "title", "product", "author"};
    unsigned fields = DEFAULT_FIELDS;
    char text[64];
    if (random_below(random_state, 4) == 0) {
        unsigned field = random_below(random_state, FIELD_COUNT);
        fields = 1u << field;
        bytes_append_format(&query->text, "%s:", names[field]);
    }
    uint32_t kind = random_below(random_state, 5);
    (void)snprintf(text, sizeof text, kind == 0 ? "%s %s" : "%s", judged_word_random(random_state),
                   judged_word_random(random_state));
    bytes_append_format(&query->text, kind == 0 ? "\"%s\"" : kind == 1 ? "=%s" : "%s", text);
    query->matches = run_matches(judged, text, kind < 2, fields);
    if (kind > 1 && random_below(random_state, 6) == 0) bytes_append_string(&query->text, "^2.5");
}

static void combine(struct judged_archive *judged, struct judged_query *query, uint64_t *random_state, unsigned depth) {
    struct judged_query a = judged_query_random(judged, random_state, depth - 1);
    struct judged_query b = judged_query_random(judged, random_state, depth - 1);
    const char *left = (const char *)a.text.data, *right = (const char *)b.text.data;
    switch (random_below(random_state, 5)) {
    case 0:
        bytes_append_format(&query->text, "(%s AND %s)", left, right);
        query->matches = a.matches & b.matches;
        break;
    case 1:
        bytes_append_format(&query->text, "(%s OR %s)", left, right);
        query->matches = a.matches | b.matches;
        break;
    case 2:
        bytes_append_format(&query->text, "(%s AND NOT %s)", left, right);
        query->matches = a.matches & ~b.matches;
        break;
    case 3:
        bytes_append_format(&query->text, "(+%s %s)^3", left, right); /* in mode any: the second only adds to scores */
        query->matches = a.matches;
        break;
    default: bytes_append_format(&query->text, "(%s -%s)", left, right); query->matches = a.matches & ~b.matches;
    }
    bytes_free(&a.text);
    bytes_free(&b.text);
}

struct judged_query judged_query_random(struct judged_archive *judged, uint64_t *random_state, unsigned depth) {
    struct judged_query query = {0};
    if (depth == 0 || random_below(random_state, 4) == 0)
        leaf_random(judged, &query, random_state);
    else
        combine(judged, &query, random_state, depth);
    bytes_append_u8(&query.text, 0);
    if (query.text.failed) give_up("out of memory");
    query.text.size--;
    return query;
}

review_set judged_result_set(const revue_result *result) {
    review_set set = 0;
    for (size_t i = 0; i < revue_result_count(result); i++) {
        review_set bit = (review_set)1 << strtoul(revue_result_hit(result, i)->id + 1, NULL, 10);
        if (set & bit) give_up("a review was found twice");
        set |= bit;
    }
    return set;
}
