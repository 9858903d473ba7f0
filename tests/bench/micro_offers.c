/* micro_offers.c - how long completing, spelling and finding what is similar take, on a searcher that is open.
 *
 *     micro_offers INDEX complete|suggest|similar [ROUNDS] < LINES
 *
 * Every line is a text (or an id). It is asked ROUNDS times (5) in turns with the others; its time is the least. Prints
 * the slowest, then median, mean, 99th percentile and most in microseconds, of the least and of the first call of each
 * line; no test asserts a time. */
#include "revue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LINES_MAX 100000u
#define LINE_BYTES 4096u

enum what { COMPLETE, SUGGEST, SIMILAR };

struct lines {
    char *items[LINES_MAX];
    double first[LINES_MAX], least[LINES_MAX];
    size_t count;
};

static double microseconds_now(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec * 1e-3;
}

static revue_status ask(revue_searcher *searcher, enum what what, const char *line) {
    revue_error error;
    revue_status status;
    revue_completions *completions = NULL;
    revue_result *result = NULL;
    revue_search_options options;
    revue_search_options_init(&options);
    options.ids_only = true;
    options.snippets = false;
    if (what == COMPLETE) status = revue_complete(searcher, line, strlen(line), 10, &completions, &error);
    if (what == SUGGEST) status = revue_suggest(searcher, line, strlen(line), 5, &completions, &error);
    if (what == SIMILAR) status = revue_similar(searcher, line, strlen(line), &options, &result, &error);
    revue_completions_free(completions);
    revue_result_free(result);
    return status;
}

static void read_lines(struct lines *lines) {
    char line[LINE_BYTES];
    while (lines->count < LINES_MAX && fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        lines->items[lines->count] = strdup(line);
        if (lines->items[lines->count]) lines->count++;
    }
}

static bool ask_all(revue_searcher *searcher, enum what what, struct lines *lines, bool is_first) {
    for (size_t i = 0; i < lines->count; i++) {
        const double started = microseconds_now();
        const revue_status status = ask(searcher, what, lines->items[i]);
        const double took = microseconds_now() - started;
        if (status != REVUE_OK) {
            fprintf(stderr, "%s: %s\n", lines->items[i], revue_status_text(status));
            return false;
        }
        if (is_first) lines->first[i] = lines->least[i] = took;
        if (took < lines->least[i]) lines->least[i] = took;
    }
    return true;
}

static int compare_times(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

static void print_slowest(const struct lines *lines) {
    size_t slowest = 0;
    for (size_t i = 0; i < lines->count; i++)
        if (lines->least[i] > lines->least[slowest]) slowest = i;
    printf("slowest  %8.1f  %s\n", lines->least[slowest], lines->items[slowest]);
}

static void print_times(const char *name, double *times, size_t count) {
    double sum = 0;
    qsort(times, count, sizeof *times, compare_times);
    for (size_t i = 0; i < count; i++)
        sum += times[i];
    printf("%-8s median %8.1f  mean %8.1f  p99 %8.1f  most %8.1f\n", name, times[count / 2], sum / (double)count,
           times[count * 99 / 100], times[count - 1]);
}

static int run(const char *index_path, enum what what, unsigned rounds) {
    struct lines *lines = calloc(1, sizeof *lines);
    revue_searcher *searcher = NULL;
    revue_error error;
    bool is_good = lines && revue_searcher_open(&searcher, index_path, &error) == REVUE_OK;
    if (is_good) read_lines(lines);
    for (unsigned i = 0; i < rounds && is_good; i++)
        is_good = ask_all(searcher, what, lines, i == 0);
    if (is_good && lines->count > 0) {
        print_slowest(lines);
        print_times("least", lines->least, lines->count);
        print_times("first", lines->first, lines->count);
    }
    for (size_t i = 0; lines && i < lines->count; i++)
        free(lines->items[i]);
    revue_searcher_close(searcher);
    free(lines);
    return is_good ? 0 : 1;
}

int main(int argc, char **argv) {
    static const char *const names[] = {"complete", "suggest", "similar"};
    for (unsigned what = 0; argc > 2 && what < 3; what++)
        if (strcmp(argv[2], names[what]) == 0) return run(argv[1], (enum what)what, argc > 3 ? (unsigned)atoi(argv[3]) : 5);
    fprintf(stderr, "micro_offers INDEX complete|suggest|similar [ROUNDS] < LINES\n");
    return 2;
}
