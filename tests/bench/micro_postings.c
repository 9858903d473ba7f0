/* micro_postings.c - how fast posting lists are read and written on one core, and how many bits they take. For people who
 * change those loops; no test asserts a time.
 *
 * Each row is a list of a million postings at one largest gap: reviews decoded (with their sums), frequencies, masks,
 * positions of all postings, short jumps (the next block or so) and long ones. The last part is a set of lists whose sizes
 * fall as words do (the n-th has a review count of N / n), with positions, and says what a posting and a position take. */
#include "tests/support/random_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 5

static double seconds_now(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void must(revue_status status) {
    if (status != REVUE_OK) abort();
}

struct bench {
    struct random_list list;
    struct written_lists written;
    uint32_t *lengths; /* of the postings, block after block */
};

static void bench_open(struct bench *bench, const struct list_shape *shape) {
    uint64_t state = 20261123;
    random_list_make(&bench->list, shape, &state);
    written_lists_make(&bench->written, &bench->list, 1, 0);
    bench->lengths = malloc(bench->list.count * sizeof *bench->lengths);
    if (!bench->lengths) abort();
    for (uint32_t i = 0; i < bench->list.count; i++)
        bench->lengths[i] = bench->list.postings[i].length;
}

static void bench_close(struct bench *bench) {
    written_lists_free(&bench->written);
    random_list_free(&bench->list);
    free(bench->lengths);
}

static void open_reader(struct bench *bench, struct postings_reader *reader) {
    must(postings_reader_open(reader, written_lists_streams(&bench->written), bench->list.doc_count, bench->written.lists,
                              NULL));
}

enum part { DOCS, FREQUENCIES, MASKS, POSITIONS, LAST_POSITIONS };

/* Of every posting of a block, or only of its last: then the codes before it are walked over. */
static void read_positions(struct bench *bench, struct positions_reader *positions, struct postings_reader *reader,
                           bool all) {
    static uint32_t out[1u << 16];
    for (uint32_t i = all ? 0 : reader->count - 1; i < reader->count; i++) {
        must(positions_reader_read(positions, reader, i, out, NULL));
    }
}

/* Seconds in the decoding of one part over the whole list, the least of some rounds; the parts before it are decoded, but
 * not counted: of a block each part is measured by the difference of two whole passes. */
static double pass_seconds(struct bench *bench, enum part last) {
    double least = 1e9;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct postings_reader reader;
        struct positions_reader positions;
        positions_reader_open(&positions);
        open_reader(bench, &reader);
        const double start = seconds_now();
        while (reader.count) {
            must(postings_reader_docs(&reader, NULL));
            if (last >= FREQUENCIES) must(postings_reader_frequencies(&reader, NULL));
            if (last == MASKS) must(postings_reader_masks(&reader, NULL));
            if (last >= POSITIONS) read_positions(bench, &positions, &reader, last == POSITIONS);
            must(postings_reader_next_block(&reader, NULL));
        }
        const double took = seconds_now() - start;
        if (took < least) least = took;
        positions_reader_close(&positions);
        postings_reader_close(&reader);
    }
    return least;
}

/* Nanoseconds a jump of about reach reviews, docs not decoded. */
static double jump_ns(struct bench *bench, uint32_t reach) {
    struct postings_reader reader;
    uint64_t state = 7, jumps = 0;
    open_reader(bench, &reader);
    const double start = seconds_now();
    for (uint64_t target = 0; reader.count; jumps++) {
        target += 1 + random_below(&state, 2 * reach);
        must(postings_reader_seek_block(&reader, target < DOC_END ? (uint32_t)target : DOC_END - 1, NULL));
    }
    const double took = seconds_now() - start;
    postings_reader_close(&reader);
    return took / (double)jumps * 1e9;
}

static void print_row(uint32_t gap, uint32_t cluster) {
    const struct list_shape shape = {.count = 1000000,
                                     .gap = gap,
                                     .cluster = cluster,
                                     .frequency = 3,
                                     .rare_frequency = 20,
                                     .length = 300,
                                     .masks = 3,
                                     .has_positions = true};
    struct bench bench;
    bench_open(&bench, &shape);
    const double docs = pass_seconds(&bench, DOCS), frequencies = pass_seconds(&bench, FREQUENCIES);
    const double masks = pass_seconds(&bench, MASKS), positions = pass_seconds(&bench, POSITIONS);
    const double skipped = pass_seconds(&bench, LAST_POSITIONS);
    const double count = (double)bench.list.count;
    printf("%8u %10.2f %12.2f %8.2f %12.0f %12.0f %10.1f %10.1f\n", gap, count / docs / 1e9,
           count / (frequencies - docs) / 1e9, count / (masks - frequencies) / 1e9,
           (double)bench.list.tokens / (positions - frequencies) / 1e6,
           (double)bench.list.tokens / (skipped - frequencies) / 1e6, jump_ns(&bench, gap * 64),
           jump_ns(&bench, gap * 5000));
    bench_close(&bench);
}

struct totals {
    uint64_t postings, tokens, postings_bytes, positions_bytes, skips_bytes, inlined, bare_bytes;
};

/* The list once more with frequencies of 1 and no masks: the difference is what those take. */
static uint64_t bytes_of_docs(const struct random_list *list) {
    struct random_list bare = {.count = list->count, .doc_count = list->doc_count};
    struct written_lists written;
    bare.postings = malloc(list->count * sizeof *bare.postings);
    if (!bare.postings) abort();
    for (uint32_t i = 0; i < list->count; i++) {
        bare.postings[i] = (struct posting){.doc = list->postings[i].doc, .frequency = 1, .length = 1, .mask = 1};
    }
    written_lists_make(&written, &bare, 1, 0);
    const uint64_t bytes = written.lists[0].postings_bytes;
    written_lists_free(&written);
    free(bare.postings);
    return bytes;
}

static void add_list(struct totals *totals, uint32_t docs, uint32_t df, uint64_t *state) {
    const struct list_shape shape = {.count = df,
                                     .gap = docs / df * 2 - 1,
                                     .frequency = 1 + (df > docs / 20),
                                     .rare_frequency = 8,
                                     .length = 350,
                                     .masks = df % 3 ? 3 : 0,
                                     .has_positions = true};
    struct random_list list;
    struct written_lists written;
    random_list_make(&list, &shape, state);
    written_lists_make(&written, &list, 1, 0);
    totals->postings += list.count;
    totals->tokens += list.tokens;
    totals->postings_bytes += written.lists[0].postings_bytes;
    totals->positions_bytes += written.lists[0].positions_bytes;
    totals->skips_bytes += written.lists[0].skips_bytes;
    totals->inlined += written.lists[0].is_inline;
    if (!written.lists[0].is_inline) totals->bare_bytes += bytes_of_docs(&list);
    written_lists_free(&written);
    random_list_free(&list);
}

static void print_sizes(void) {
    const uint32_t docs = 100000;
    struct totals totals = {0};
    uint64_t state = 11;
    uint32_t lists = 0;
    for (uint32_t rank = 1; rank <= docs; rank = rank < 3000 ? rank + 1 : rank + rank / 100, lists++) {
        add_list(&totals, docs, docs / rank, &state);
    }
    const double postings = (double)totals.postings;
    printf("\n%u lists of %u reviews, %llu postings, %llu positions, %llu lists in the dictionary\n", lists, docs,
           (unsigned long long)totals.postings, (unsigned long long)totals.tokens, (unsigned long long)totals.inlined);
    printf("bits: review %.2f (with the heads), frequency and mask %.2f, skip data %.2f a posting; position %.2f\n",
           (double)totals.bare_bytes * 8 / postings, (double)(totals.postings_bytes - totals.bare_bytes) * 8 / postings,
           (double)totals.skips_bytes * 8 / postings, (double)totals.positions_bytes * 8 / (double)totals.tokens);
}

static void print_writing(void) {
    const struct list_shape shape = {
        .count = 1000000, .gap = 20, .frequency = 3, .length = 300, .masks = 3, .has_positions = true};
    struct random_list list;
    struct written_lists written;
    uint64_t state = 3;
    random_list_make(&list, &shape, &state);
    const double start = seconds_now();
    written_lists_make(&written, &list, 1, 0);
    const double took = seconds_now() - start;
    printf("\nwritten: %.1f M postings/s, with %.1f M positions/s\n", (double)list.count / took / 1e6,
           (double)list.tokens / took / 1e6);
    written_lists_free(&written);
    random_list_free(&list);
}

int main(void) {
    printf("%8s %10s %12s %8s %12s %12s %10s %10s\n", "gap to", "docs G/s", "freqs G/s", "masks G/s", "positions M/s",
           "skipped M/s", "hop ns", "jump ns");
    for (uint32_t gap = 1; gap <= 4096; gap = gap < 4 ? gap + 1 : gap * 4)
        print_row(gap, 0);
    print_row(5, 4); /* three in a row, then a gap: bitsets */
    print_writing();
    print_sizes();
    return 0;
}
