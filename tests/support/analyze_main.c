/* analyze_main.c - prints what the analysis makes of a text, for people and for scripts that judge it.
 *
 *     analyze [--lang TAG] [--json] [--records] < text
 *
 * One text on stdin; with --records many, each but the last ended by a zero byte. Bytes that are not UTF-8 are repaired
 * first, as the archive readers do: offsets count in the repaired text. One line for each token,
 *     position TAB start TAB size TAB form TAB stem TAB repeated
 * repeated 0 or 1 (then position says nothing), and an empty line between two records; with --json one object a record. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "indexer/base/utf8.h"
#include "indexer/text/analyzer.h"

struct options {
    enum language language;
    bool json, records;
};

static bool read_all(FILE *file, struct bytes *text) {
    for (;;) {
        uint8_t *room = bytes_extend(text, 1 << 16);
        if (!room) return false;
        size_t got = fread(room, 1, 1 << 16, file);
        text->size -= (1 << 16) - got;
        if (got == 0) return !ferror(file);
    }
}

/* Forms hold no quotes, backslashes or control characters: only words come here. */
static void print_json(const struct tokens *tokens) {
    printf("{\"length\": %u, \"tokens\": [", tokens->length);
    for (size_t i = 0; i < tokens->count; i++) {
        const struct token *token = &tokens->items[i];
        printf("%s{\"position\": %u, \"start\": %u, \"size\": %u, \"form\": \"%s\", \"stem\": \"%s\", \"repeated\": %s}",
               i ? ", " : "", token->position, token->start, token->size, token->form.data, token->stem.data,
               token->repeated ? "true" : "false");
    }
    puts("]}");
}

static void print_lines(const struct tokens *tokens) {
    for (size_t i = 0; i < tokens->count; i++) {
        const struct token *token = &tokens->items[i];
        printf("%u\t%u\t%u\t%s\t%s\t%d\n", token->position, token->start, token->size, token->form.data, token->stem.data,
               token->repeated);
    }
}

static int analyze_records(struct view text, const struct options *options, stemmer *stemmers, revue_error *error) {
    struct arena arena = {0};
    bool first = true;
    for (;;) {
        struct tokens tokens = {0};
        const char *end = options->records ? memchr(text.data, '\0', text.size) : NULL;
        struct view record = view_of(text.data, end ? (size_t)(end - text.data) : text.size);
        arena_reset(&arena);
        if (analyze_field(stemmers, record, options->language, &arena, &tokens, error) != REVUE_OK) break;
        if (!first && !options->json) putchar('\n');
        if (options->json)
            print_json(&tokens);
        else
            print_lines(&tokens);
        first = false;
        if (!end) break;
        text = view_of(end + 1, text.size - record.size - 1);
    }
    arena_free(&arena);
    return error->status == REVUE_OK ? 0 : (int)error->status;
}

static bool read_options(int count, char **arguments, struct options *options) {
    for (int i = 1; i < count; i++) {
        bool known = true;
        if (strcmp(arguments[i], "--json") == 0)
            options->json = true;
        else if (strcmp(arguments[i], "--records") == 0)
            options->records = true;
        else if (strcmp(arguments[i], "--lang") == 0 && i + 1 < count) {
            options->language = language_of_tag(view_of_string(arguments[++i]), &known);
        } else {
            known = false;
        }
        if (!known) return false;
    }
    return true;
}

int main(int count, char **arguments) {
    struct options options = {LANGUAGE_ENGLISH, false, false};
    struct bytes raw = {0}, text = {0};
    stemmer *stemmers = NULL;
    revue_error error = {0};
    int result = 2;
    if (!read_options(count, arguments, &options)) {
        fputs("usage: analyze [--lang TAG] [--json] [--records] < text\n", stderr);
        return result;
    }
    if (!read_all(stdin, &raw))
        error_set(&error, REVUE_IO, "standard input cannot be read");
    else if (stemmer_create(&stemmers, &error) == REVUE_OK) {
        utf8_repair(&text, (const char *)raw.data, raw.size);
        if (text.failed)
            error_no_memory(&error);
        else
            analyze_records(bytes_view(&text), &options, stemmers, &error);
    }
    result = (int)error.status;
    if (result) fprintf(stderr, "analyze: %s\n", error.message);
    stemmer_free(stemmers);
    bytes_free(&raw);
    bytes_free(&text);
    return fflush(stdout) == 0 ? result : (int)REVUE_IO;
}
