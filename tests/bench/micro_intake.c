/* micro_intake.c - how long each stage from the bytes of an archive to a segment takes on one core. For people who change
 * those loops; no test asserts a time.
 *
 *     micro_intake ARCHIVE [REVIEWS [ROUNDS]]
 *
 * Reads the first REVIEWS reviews (20,000) of a file and turns them into one segment, ROUNDS times (9), in the calling
 * thread; of each stage the best round counts. Milliseconds of processor, and nanoseconds a byte of text. */
#include "indexer/archive/archive.h"
#include "indexer/identity.h"
#include "indexer/invert/inversion.h"
#include "tests/support/temporary_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum stage { READ, HASH, TAKE_IN, TAKE_IN_AGAIN, LEXICON, INVERSION, FLUSH, STAGES };
static const char *const stage_names[STAGES] = {
    "reading records",
    "hashing texts",
    "taking in",
    "taking in, words known",
    "lexicon",
    "inversion",
    "flush (lexicon and inversion included)",
};

static double seconds_now(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void must(revue_status status, const revue_error *error) {
    if (status == REVUE_OK) return;
    (void)fprintf(stderr, "%s\n", error->message);
    exit(1);
}

struct bench {
    const char *path;
    struct archive_files files;
    struct archive_options options;
    struct arena arena; /* owns the texts */
    struct review *reviews;
    size_t count, limit;
    uint64_t bytes;
    double best[STAGES];
};

static void note(struct bench *bench, enum stage stage, double started) {
    double took = seconds_now() - started;
    if (bench->best[stage] == 0 || took < bench->best[stage]) bench->best[stage] = took;
}

static void keep_review(struct bench *bench, const struct review *review) {
    struct review *kept = &bench->reviews[bench->count++];
    *kept = (struct review){.line = review->line};
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        char *copy = arena_copy(&bench->arena, review->text[field].data, review->text[field].size);
        if (!copy) abort();
        kept->text[field] = view_of(copy, review->text[field].size);
        bench->bytes += kept->text[field].size;
    }
}

/* Reads; keeps what it read the first time. */
static void read_records(struct bench *bench) {
    archive_reader *reader;
    struct archive_event event;
    revue_error error;
    bool must_keep = bench->count == 0;
    size_t count = 0;
    must(archive_open(&reader, bench->path, &bench->files.items[0], &bench->options, &error), &error);
    double started = seconds_now();
    do {
        must(archive_next(reader, &event, &error), &error);
        if (event.kind != ARCHIVE_REVIEW) continue;
        count++;
        if (must_keep) keep_review(bench, &event.review);
    } while (event.kind != ARCHIVE_END && count < bench->limit);
    if (!must_keep) note(bench, READ, started);
    archive_close(reader);
}

static void hash_texts(struct bench *bench) {
    double started = seconds_now();
    uint64_t sum = 0;
    for (size_t i = 0; i < bench->count; i++)
        sum += identity_text_hash(&bench->reviews[i], LANGUAGE_ENGLISH);
    note(bench, HASH, started);
    if (sum == 1) (void)puts(""); /* so that it is wanted */
}

static void take_in(struct bench *bench, struct accumulator *accumulator, enum stage stage) {
    revue_error error;
    double started = seconds_now();
    for (size_t i = 0; i < bench->count; i++) {
        char id[24];
        int size = snprintf(id, sizeof id, "%zu", i);
        struct pending_values values = {.run = 1};
        must(accumulator_add(accumulator, &bench->reviews[i], view_of(id, (size_t)size), LANGUAGE_ENGLISH, i, &values,
                             &error),
             &error);
    }
    must(accumulator_finish(accumulator, &error), &error);
    note(bench, stage, started);
}

static void invert(struct bench *bench, struct accumulator *accumulator) {
    struct flush flush = {.accumulator = accumulator, .doc_count = (uint32_t)accumulator->review_count};
    struct inversion inversion = {0};
    struct range_tokens sorted = {0};
    revue_error error;
    double started = seconds_now();
    must(lexicon_build(&flush.lexicon, accumulator, &error), &error);
    note(bench, LEXICON, started);
    flush.reviews = calloc(flush.doc_count, sizeof *flush.reviews);
    if (!flush.reviews) abort();
    accumulator_list(accumulator, flush.reviews);
    for (uint32_t i = 0; i < flush.doc_count; i++)
        for (unsigned field = 0; field < FIELD_COUNT; field++)
            flush.meta.token_count += flush.reviews[i]->text[field].length;
    started = seconds_now();
    must(inversion_init(&inversion, &flush, &error), &error);
    must(inversion_gather(&inversion, &flush, 0, inversion.range_count, &error), &error);
    for (uint32_t range = 0; range < inversion.range_count; range++)
        must(inversion_sort(&inversion, range, &sorted, &error), &error);
    note(bench, INVERSION, started);
    range_tokens_free(&sorted);
    inversion_free(&inversion);
    lexicon_free(&flush.lexicon);
    free((void *)flush.reviews);
}

static void flush_all(struct bench *bench, struct accumulator *accumulator) {
    char folder[TEMPORARY_PATH_SIZE], path[TEMPORARY_PATH_SIZE + 8];
    struct base_symbols base = {0};
    struct manifest_segment row;
    store *to;
    revue_error error;
    temporary_folder_create(folder);
    (void)snprintf(path, sizeof path, "%s/index", folder);
    must(store_open(&to, path, STORE_CREATE, &error), &error);
    double started = seconds_now();
    must(flush_segment(accumulator, &base, to, 1, true, &row, &error), &error);
    note(bench, FLUSH, started);
    base_symbols_free(&base);
    store_close(to);
    temporary_folder_remove(folder);
}

static void run_round(struct bench *bench) {
    const struct accumulator_options options = {.keep_text = true, .memory_bytes = (size_t)4 << 30};
    struct accumulator accumulator;
    revue_error error;
    read_records(bench);
    hash_texts(bench);
    must(accumulator_init(&accumulator, &options, &error), &error);
    take_in(bench, &accumulator, TAKE_IN);
    invert(bench, &accumulator);                 /* after which the log is no more what a flush reads */
    take_in(bench, &accumulator, TAKE_IN_AGAIN); /* the same texts once more: nothing in them is new */
    accumulator_free(&accumulator);
    must(accumulator_init(&accumulator, &options, &error), &error);
    take_in(bench, &accumulator, TAKE_IN);
    flush_all(bench, &accumulator);
    accumulator_free(&accumulator);
}

int main(int argument_count, char **arguments) {
    if (argument_count < 2) {
        (void)fprintf(stderr, "usage: micro_intake ARCHIVE [REVIEWS [ROUNDS]]\n");
        return 2;
    }
    struct bench bench = {.path = arguments[1], .limit = argument_count > 2 ? strtoul(arguments[2], NULL, 10) : 20000};
    unsigned long rounds = argument_count > 3 ? strtoul(arguments[3], NULL, 10) : 9;
    revue_error error;
    must(archive_walk(bench.path, &bench.options, &bench.files, &error), &error);
    bench.reviews = calloc(bench.limit, sizeof *bench.reviews);
    if (!bench.reviews || bench.files.count == 0) abort();
    read_records(&bench);
    for (unsigned long round = 0; round < rounds; round++)
        run_round(&bench);
    (void)printf("%zu reviews, %.1f MB of text\n", bench.count, (double)bench.bytes * 1e-6);
    for (unsigned stage = 0; stage < STAGES; stage++)
        (void)printf("%-40s %8.1f ms %7.2f ns a byte\n", stage_names[stage], bench.best[stage] * 1e3,
                     bench.best[stage] * 1e9 / (double)bench.bytes);
    archive_files_free(&bench.files);
    arena_free(&bench.arena);
    free(bench.reviews);
    return 0;
}
