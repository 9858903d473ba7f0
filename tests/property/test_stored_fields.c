/* Every stored field comes back byte for byte: random texts of every kind of character go in as JSON lines, through
 * analysis, word codes, zstd and columns, and are compared with what revue_get gives. */
#include "include/revue.h"
#include "tests/support/temporary_index.h"
#include "tests/support/trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define REVIEWS 400
#define TEXT_MAX 60000

static uint64_t random_state;
static uint32_t random_below(uint32_t bound) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % bound);
}

struct text {
    char *bytes;
    size_t size;
};

static size_t put_utf8(char *to, uint32_t code) {
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (char)(0xC0 | code >> 6);
        to[1] = (char)(0x80 | (code & 63));
        return 2;
    }
    if (code < 0x10000) {
        to[0] = (char)(0xE0 | code >> 12);
        to[1] = (char)(0x80 | (code >> 6 & 63));
        to[2] = (char)(0x80 | (code & 63));
        return 3;
    }
    to[0] = (char)(0xF0 | code >> 18);
    to[1] = (char)(0x80 | (code >> 12 & 63));
    to[2] = (char)(0x80 | (code >> 6 & 63));
    to[3] = (char)(0x80 | (code & 63));
    return 4;
}

static const char *const pieces[] = {"the",
                                     "great",
                                     "Great",
                                     "don\xE2\x80\x99t",
                                     "spin-off\xE2\x80\x94"
                                     "Ballerina",
                                     " ",
                                     "  ",
                                     " ",
                                     " ",
                                     "\n",
                                     "\r\n",
                                     "\t",
                                     "\n\n",
                                     ".",
                                     ", ",
                                     "3.5",
                                     "<br />",
                                     "&amp;",
                                     "&#8217;",
                                     "\xC2\xAD",
                                     "\xE2\x80\x8B",
                                     "\xEF\xBB\xBF",
                                     "na\xC3\xAFve",
                                     "Stra\xC3\x9F"
                                     "e",
                                     "\xE5\xA5\xBD\xE7\x9C\x8B",
                                     "\xE0\xB8\x94\xE0\xB8\xB5",
                                     "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D",
                                     "e\xCC\x81",
                                     "\xF0\x9F\x98\x80",
                                     "\xE2\x80\xAE",
                                     "\"",
                                     "\\",
                                     "/",
                                     "'",
                                     "\x7F",
                                     "\x01",
                                     "\xEF\xBF\xBD",
                                     "\xC2\xA0"};

/* Any character that JSON can carry, the surrogates apart. */
static uint32_t any_character(void) {
    for (;;) {
        uint32_t code = random_below(3) ? random_below(0x3000) : random_below(0x110000);
        if (code >= 1 && (code < 0xD800 || code > 0xDFFF)) return code;
    }
}

static struct text make_text(size_t size, unsigned kind) {
    struct text text = {malloc(size + 64), 0};
    assert_non_null(text.bytes);
    while (text.size < size) {
        if (kind == 0 || (kind == 1 && random_below(4) == 0)) {
            text.size += put_utf8(text.bytes + text.size, any_character());
        } else if (kind == 2) { /* one endless word */
            text.bytes[text.size++] = (char)('a' + random_below(3));
        } else {
            const char *piece = pieces[random_below(sizeof pieces / sizeof *pieces)];
            memcpy(text.bytes + text.size, piece, strlen(piece));
            text.size += strlen(piece);
        }
    }
    return text;
}

/* As JSON writes it, every second character as an escape. */
static void write_json_string(FILE *file, const char *name, struct text text) {
    fprintf(file, "\"%s\":\"", name);
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];
        if (byte < 0x20 || byte == '"' || byte == '\\' || (byte < 0x80 && i % 7 == 0))
            fprintf(file, "\\u%04x", byte);
        else
            fputc(byte, file);
    }
    fputc('"', file);
}

struct made {
    char id[16];
    struct text title, body, product, author;
};

static struct text visible(size_t size) { /* names are trimmed by the reader: none begins or ends in white space */
    struct text text = make_text(size, random_below(2));
    text.size += put_utf8(text.bytes + text.size, 0x10348);
    memmove(text.bytes + 1, text.bytes, text.size);
    text.bytes[0] = 'P';
    text.size++;
    return text;
}

static struct text pick_body(int number) {
    if (number % 57 == 0) return make_text(TEXT_MAX, (unsigned)number % 4);
    struct text text = make_text(1 + random_below(900), random_below(4));
    if ((unsigned char)text.bytes[0] < 0x80) text.bytes[0] = 'b'; /* a body of blanks is none */
    return text;
}

static void write_archive(const char *path, struct made *made) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (int i = 0; i < REVIEWS; i++) {
        snprintf(made[i].id, sizeof made[i].id, "r%d", i);
        made[i].title = visible(random_below(80));
        made[i].body = pick_body(i);
        made[i].product = visible(random_below(40));
        made[i].author = visible(random_below(40));
        fprintf(file, "{\"id\":\"%s\",", made[i].id);
        write_json_string(file, "title", made[i].title);
        fputc(',', file);
        write_json_string(file, "product", made[i].product);
        fputc(',', file);
        write_json_string(file, "author", made[i].author);
        fputc(',', file);
        write_json_string(file, "text", made[i].body);
        fputs("}\n", file);
    }
    assert_int_equal(fclose(file), 0);
}

static void same(const char *what, const char *id, const char *bytes, size_t size, struct text expected) {
    if (bytes && size == expected.size && memcmp(bytes, expected.bytes, size) == 0) return;
    size_t i = 0;
    while (bytes && i < size && i < expected.size && bytes[i] == expected.bytes[i])
        i++;
    fail_msg("%s of %s differs at byte %zu: %zu bytes went in, %zu came out", what, id, i, expected.size, bytes ? size : 0);
}

static void every_field_comes_back(void **state) {
    (void)state;
    char folder[TEMPORARY_PATH_SIZE], archive[128], index[128];
    static struct made made[REVIEWS];
    revue_error error;
    random_state = trial_seed(20260517);
    temporary_folder_create(folder);
    snprintf(archive, sizeof archive, "%s/reviews.jsonl", folder);
    snprintf(index, sizeof index, "%s/index", folder);
    write_archive(archive, made);
    const char *roots[] = {archive};
    revue_update_options options = {.roots = roots, .root_count = 1};
    revue_report *report = NULL;
    revue_status status = revue_update(index, &options, &report, &error);
    if (status != REVUE_OK) fail_msg("update: %s", error.message);
    assert_int_equal(report->reviews_added, REVIEWS);
    revue_report_free(report);
    revue_searcher *searcher;
    assert_int_equal(revue_searcher_open(&searcher, index, &error), REVUE_OK);
    for (int i = 0; i < REVIEWS; i++) {
        revue_review *review;
        const char *id = made[i].id;
        status = revue_get(searcher, id, strlen(id), &review, &error);
        if (status != REVUE_OK) fail_msg("get %s: %s", id, error.message);
        same("title", id, review->title, review->title_size, made[i].title);
        same("body", id, review->body, review->body_size, made[i].body);
        same("product", id, review->product, review->product_size, made[i].product);
        same("author", id, review->author, review->author_size, made[i].author);
        revue_review_free(review);
        free(made[i].title.bytes);
        free(made[i].body.bytes);
        free(made[i].product.bytes);
        free(made[i].author.bytes);
    }
    revue_searcher_close(searcher);
    temporary_folder_remove(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_field_comes_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
