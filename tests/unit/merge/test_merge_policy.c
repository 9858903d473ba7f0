/* test_merge_policy.c - what is merged and when: each rule by an example, then a thousand runs whose writing is added up.
 */
#include "indexer/merge/merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#define KB (1024u)
#define MB (1024u * 1024u)
#define NOW 1000000u /* a run that wrote none of the segments */

static struct merge_candidate segment(uint32_t number, uint64_t bytes) {
    return (struct merge_candidate){.number = number, .doc_count = 1000, .run = number, .bytes = bytes};
}

/* As merge_choose, with as many reviews as a segment may have. */
static void choose(const struct merge_candidate *candidates, uint32_t count, uint32_t run, uint64_t spent,
                   struct merge_choice *choice) {
    const struct merge_limits limits = {run, spent, MERGE_REVIEWS_MAX, MERGE_INPUTS_MAX};
    merge_choose(candidates, count, &limits, choice);
}

static bool chosen(const struct merge_choice *choice, uint32_t number) {
    for (uint32_t i = 0; i < choice->count; i++)
        if (choice->segments[i] == number) return true;
    return false;
}

static void test_few_segments_stay(void **state) {
    (void)state;
    struct merge_candidate segments[8];
    struct merge_choice choice;
    for (uint32_t i = 0; i < 8; i++) /* each larger than all before it */
        segments[i] = segment(i + 1, 2ull * MB << (2 * i));
    choose(segments, 0, NOW, 0, &choice);
    assert_int_equal(choice.count, 0);
    choose(segments, 8, NOW, 0, &choice);
    assert_int_equal(choice.count, 0);
    segments[1].bytes = segments[0].bytes; /* two of one size are not worth it */
    choose(segments, 8, NOW, 0, &choice);
    assert_int_equal(choice.count, 0);
}

static void test_a_row_that_is_due(void **state) {
    (void)state;
    struct merge_candidate segments[10];
    struct merge_choice choice;
    segments[0] = segment(1, 900 * MB);
    for (uint32_t i = 1; i < 9; i++)
        segments[i] = segment(i + 1, (100 + i) * KB);
    segments[9] = segment(10, 1200 * KB);
    choose(segments, 10, NOW, 0, &choice);
    assert_int_equal(choice.count, 8); /* of about one size, and neither of those that are larger than all of them */
    assert_false(chosen(&choice, 1));
    assert_false(chosen(&choice, 10));
    assert_int_equal(choice.bytes, 8 * 100 * KB + 36 * KB);
    assert_int_equal(choice.older_bytes, choice.bytes);
    segments[9].bytes = choice.bytes + 16 * KB; /* no larger than the rest, and what is let pass */
    choose(segments, 10, NOW, 0, &choice);
    assert_int_equal(choice.count, 9);
    segments[9].bytes++;
    choose(segments, 10, NOW, 0, &choice);
    assert_int_equal(choice.count, 8);
    for (uint32_t i = 1; i < 4; i++) /* tiny ones go together whatever their sizes are */
        segments[i] = segment(i + 1, i * i * i * KB / 2);
    choose(segments, 4, NOW, 0, &choice);
    assert_int_equal(choice.count, 3);
}

static void test_the_cheapest_comes_first(void **state) {
    (void)state;
    struct merge_candidate segments[5];
    struct merge_choice choice;
    for (uint32_t i = 0; i < 5; i++)
        segments[i] = segment(i + 1, i < 2 ? 1000 * MB : MB);
    segments[1].deleted = 250;
    choose(segments, 5, NOW, 0, &choice);
    assert_int_equal(choice.count, 3);
    assert_false(chosen(&choice, 2));
    segments[1].bytes = 2 * MB; /* what lives of it is less than the row */
    for (uint32_t i = 2; i < 5; i++)
        segments[i].bytes = 4 * MB;
    choose(segments, 5, NOW, 0, &choice);
    assert_int_equal(choice.count, 1);
    assert_true(chosen(&choice, 2));
}

static void test_budget(void **state) {
    (void)state;
    struct merge_candidate segments[30];
    struct merge_choice choice;
    for (uint32_t i = 0; i < 30; i++)
        segments[i] = segment(i + 1, MB);
    choose(segments, 8, NOW, 0, &choice); /* three of eight are more than a third */
    assert_int_equal(choice.count, 0);
    choose(segments, 24, NOW, 0, &choice); /* all are due: as many as the third holds go */
    assert_int_equal(choice.count, 8);
    choose(segments, 24, NOW, 1, &choice); /* a byte was written before */
    assert_int_equal(choice.count, 7);
    choose(segments, 25, NOW, 100 * MB, &choice); /* the limit goes before the budget */
    assert_int_equal(choice.count, MERGE_WIDTH);
}

/* One segment that is nearly all of the index: the third of what lives holds it once as much is dead in it. */
static void test_dead_beyond_the_budget(void **state) {
    (void)state;
    struct merge_candidate segments[1];
    struct merge_choice choice;
    segments[0] = segment(1, 100 * MB);
    segments[0].deleted = segments[0].doc_count / 2 - 1;
    choose(segments, 1, NOW, 0, &choice);
    assert_int_equal(choice.count, 0);
    segments[0].deleted = segments[0].doc_count / 2;
    choose(segments, 1, NOW, 0, &choice);
    assert_int_equal(choice.count, 1);
}

static void test_memory(void **state) {
    (void)state;
    struct merge_candidate segments[30];
    struct merge_limits limits = {NOW, 0, 5999, MERGE_INPUTS_MAX};
    struct merge_choice choice;
    for (uint32_t i = 0; i < 30; i++)
        segments[i] = segment(i + 1, MB);
    merge_choose(segments, 24, &limits, &choice);
    assert_int_equal(choice.count, 5);
    limits.inputs = 4;
    merge_choose(segments, 24, &limits, &choice);
    assert_int_equal(choice.count, 4);
    limits.reviews = 2999;
    merge_choose(segments, 24, &limits, &choice);
    assert_int_equal(choice.count, 0);
    merge_choose(segments, 25, &limits, &choice); /* the limit goes before the memory, too */
    assert_int_equal(choice.count, MERGE_WIDTH);
}

static void test_the_limit_takes_what_is_cheap(void **state) {
    (void)state;
    struct merge_candidate segments[40];
    struct merge_choice choice;
    for (uint32_t i = 0; i < 25; i++)
        segments[i] = segment(i + 1, i < 20 ? (100ull + i) << 40 : KB);
    choose(segments, 25, NOW, UINT64_MAX, &choice); /* the small ones alone, though fewer than eight */
    assert_int_equal(choice.count, 5);
    for (uint32_t i = 0; i < 5; i++)
        assert_true(chosen(&choice, 21 + i));
    for (uint32_t i = 0; i < 40; i++)
        segments[i] = segment(i + 1, MB + i);
    choose(segments, 40, NOW, UINT64_MAX, &choice); /* as many as have to go */
    assert_int_equal(choice.count, 40 - MERGE_SEGMENTS_MAX + 1);
}

static void test_deleted_reviews(void **state) {
    (void)state;
    struct merge_candidate segments[3] = {segment(1, 100 * MB), segment(2, MB), segment(3, MB)};
    struct merge_choice choice;
    segments[1].deleted = 200;
    choose(segments, 3, NOW, 0, &choice); /* a fifth is borne */
    assert_int_equal(choice.count, 0);
    segments[1].deleted = 201;
    choose(segments, 3, NOW, 0, &choice);
    assert_int_equal(choice.count, 1);
    assert_true(chosen(&choice, 2));
    assert_int_equal(choice.bytes, (uint64_t)MB / 1000 * 799 + MB % 1000 * 799 / 1000);
    segments[2].deleted = 500; /* both at once */
    choose(segments, 3, NOW, 0, &choice);
    assert_int_equal(choice.count, 2);
    segments[0].deleted = 300; /* most of the index: waits */
    segments[1].deleted = segments[2].deleted = 0;
    choose(segments, 3, NOW, 0, &choice);
    assert_int_equal(choice.count, 0);
    segments[0].deleted = 1000;
    choose(segments, 3, NOW, 0, &choice); /* nothing to write */
    assert_int_equal(choice.count, 1);
    assert_int_equal(choice.bytes, 0);
}

/* They are joined at once, and do not count as spent while the run that flushed them lasts. */
static void test_pieces_of_one_run(void **state) {
    (void)state;
    struct merge_candidate segments[20];
    struct merge_choice choice;
    for (uint32_t i = 0; i < 20; i++) {
        segments[i] = segment(i + 1, 60 * MB);
        segments[i].run = 7;
    }
    choose(segments, 2, 7, 0, &choice); /* two: they stay */
    assert_int_equal(choice.count, 0);
    choose(segments, 20, 7, UINT64_MAX, &choice);
    assert_int_equal(choice.count, 20);
    assert_int_equal(choice.bytes, 20 * 60ull * MB);
    assert_int_equal(choice.older_bytes, 0);
    choose(segments, 20, 8, 0, &choice); /* to a later run they are old: a third of them */
    assert_int_equal(choice.count, 6);
    for (uint32_t i = 0; i < 6; i++)
        segments[i].run = 5;
    choose(segments, 20, 7, 0, &choice);
    assert_int_equal(choice.count, 20);
    assert_int_equal(choice.older_bytes, 6 * 60ull * MB);
    choose(segments, 20, 7, 100 * MB, &choice); /* 20 / 3 of the bytes, less these: five old ones, the sixth stops it */
    assert_int_equal(choice.count, 5);
}

/* Large ones are searched nearly as soon as one would be, and stay: up to some number, and unless they lose reviews. */
static void test_large_segments_stay(void **state) {
    (void)state;
    struct merge_candidate segments[MERGE_LARGE_MAX + 1];
    struct merge_choice choice;
    for (uint32_t i = 0; i < MERGE_LARGE_MAX + 1; i++) {
        segments[i] = segment(i + 1, MERGE_LARGE);
        segments[i].run = 7;
    }
    choose(segments, MERGE_LARGE_MAX, 7, 0, &choice);
    assert_int_equal(choice.count, 0);
    choose(segments, MERGE_LARGE_MAX + 1, 7, 0, &choice);
    assert_int_equal(choice.count, MERGE_LARGE_MAX + 1);
    segments[0].bytes--; /* all the smaller ones, alone or together, do not make a large one due */
    choose(segments, MERGE_LARGE_MAX + 1, 7, 0, &choice);
    assert_int_equal(choice.count, 0);
    segments[1].bytes--;
    segments[2].bytes--;
    choose(segments, MERGE_LARGE_MAX + 1, 7, 0, &choice);
    assert_int_equal(choice.count, 3);
    for (uint32_t i = 0; i < 3; i++)
        assert_true(chosen(&choice, i + 1));
    for (uint32_t i = 0; i < MERGE_LARGE_MAX; i++)
        segments[i] = segment(i + 1, 2 * MERGE_LARGE);
    segments[3].deleted = 201;
    choose(segments, MERGE_LARGE_MAX, NOW, 0, &choice);
    assert_int_equal(choice.count, 1);
    assert_true(chosen(&choice, 4));
}

static void test_no_segment_outgrows_its_numbers(void **state) {
    (void)state;
    struct merge_candidate segments[26];
    struct merge_choice choice;
    for (uint32_t i = 0; i < 26; i++) {
        segments[i] = segment(i + 1, MB + i);
        segments[i].doc_count = 1u << 29;
    }
    choose(segments, 26, NOW, UINT64_MAX, &choice);
    assert_int_equal(choice.count, 2);
    for (uint32_t i = 0; i < 26; i++)
        segments[i].doc_count = (1u << 29) + 1;
    choose(segments, 26, NOW, UINT64_MAX, &choice);
    assert_int_equal(choice.count, 0);
}

static void test_the_order_of_candidates_does_not_matter(void **state) {
    (void)state;
    struct merge_candidate segments[26], turned[26];
    struct merge_choice choice, other;
    for (uint32_t i = 0; i < 26; i++) {
        segments[i] = segment(i + 1, (uint64_t)(i % 5 + 1) << (10 + i % 7 * 2));
        segments[i].deleted = i % 4 * 90;
    }
    for (uint32_t count = 1; count <= 26; count++) {
        for (uint32_t i = 0; i < count; i++)
            turned[i] = segments[count - 1 - i];
        choose(segments, count, NOW, 0, &choice);
        choose(turned, count, NOW, 0, &other);
        assert_int_equal(choice.count, other.count);
        for (uint32_t i = 0; i < choice.count; i++)
            assert_true(chosen(&other, choice.segments[i]));
    }
}

/* ---- a thousand runs ---- */

struct life {
    struct merge_candidate segments[400];
    uint32_t count, next_number, most_segments;
    uint64_t written, flushed, worst_share; /* worst_share: per mille of the live bytes a run's merges wrote again */
};

static uint64_t live_bytes(const struct life *life) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < life->count; i++)
        bytes += life->segments[i].bytes;
    return bytes;
}

static void apply(struct life *life, const struct merge_choice *choice) {
    struct merge_candidate merged = {.number = life->next_number++, .bytes = choice->bytes};
    uint32_t kept = 0;
    for (uint32_t i = 0; i < life->count; i++) {
        if (!chosen(choice, life->segments[i].number)) {
            life->segments[kept++] = life->segments[i];
            continue;
        }
        merged.doc_count += life->segments[i].doc_count - life->segments[i].deleted;
        if (life->segments[i].run > merged.run) merged.run = life->segments[i].run;
    }
    life->segments[kept++] = merged;
    life->count = kept;
}

static void run_once(struct life *life, uint32_t run, uint64_t bytes, uint32_t pieces) {
    uint64_t spent = 0;
    struct merge_choice choice;
    for (uint32_t piece = 0; piece < pieces; piece++) {
        struct merge_candidate flushed = segment(life->next_number++, bytes / pieces);
        flushed.run = run;
        flushed.doc_count = (uint32_t)(bytes / pieces / KB) + 1;
        life->segments[life->count++] = flushed;
    }
    life->flushed += bytes;
    uint64_t live = live_bytes(life);
    for (;;) {
        choose(life->segments, life->count, run, spent, &choice);
        if (choice.count == 0) break;
        assert_true(choice.count >= 2); /* nothing is deleted here */
        spent += choice.older_bytes;
        life->written += choice.bytes;
        apply(life, &choice);
    }
    if (spent * 1000 / live > life->worst_share) life->worst_share = spent * 1000 / live;
    if (life->count > life->most_segments) life->most_segments = life->count;
}

/* However many pieces a first run flushes, they become one, each byte written again once: but for those that one merge
 * cannot take. */
static void test_first_runs(void **state) {
    (void)state;
    for (uint32_t pieces = 1; pieces <= 300; pieces++) {
        struct life life = {.next_number = 1};
        run_once(&life, 1, pieces * 60ull * MB, pieces);
        assert_int_equal(life.count, pieces < MERGE_LEAST ? pieces : pieces <= MERGE_INPUTS_MAX ? 1 : life.count);
        assert_true(life.count <= MERGE_LEAST);
        assert_true(life.written <= (pieces <= MERGE_INPUTS_MAX ? 1 : 2) * life.flushed);
        assert_int_equal(life.worst_share, 0);
    }
}

/* Over a large index: small runs write a small multiple of what they add, and never a large part of the index. */
static void test_small_runs_over_a_large_index(void **state) {
    (void)state;
    struct life life = {.next_number = 1};
    run_once(&life, 1, 17 * 60ull * MB, 17);
    assert_int_equal(life.count, 1);
    assert_int_equal(life.written, life.flushed);
    life.written = life.flushed = 0;
    for (uint32_t run = 2; run < 1002; run++)
        run_once(&life, run, 100 * KB + run % 7 * 10 * KB, 1);
    assert_true(life.most_segments <= MERGE_SEGMENTS_MAX);
    assert_true(life.most_segments <= 12);
    assert_true(life.written < 6 * life.flushed);
    assert_true(life.worst_share <= 1000 / MERGE_BUDGET_PART);
}

/* From nothing, every run as large as any other: n log n, not n². */
static void test_runs_of_one_size(void **state) {
    (void)state;
    struct life life = {.next_number = 1};
    uint64_t written_then = 0;
    for (uint32_t run = 1; run <= 4000; run++) {
        run_once(&life, run, MB, 1 + run % 3);
        if (run == 1000) written_then = life.written;
    }
    assert_true(life.most_segments <= MERGE_SEGMENTS_MAX);
    assert_true(written_then < 7 * 1000ull * MB);
    assert_true(life.written < 8 * 4000ull * MB);
}

/* Runs of a few bytes: what they write again stays bounded by what is let pass. */
static void test_tiny_runs(void **state) {
    (void)state;
    struct life life = {.next_number = 1};
    run_once(&life, 1, 100ull * MB, 1);
    life.written = 0;
    for (uint32_t run = 2; run <= 5001; run++)
        run_once(&life, run, KB, 1);
    assert_true(life.most_segments <= MERGE_SEGMENTS_MAX);
    assert_true(life.written < 5000ull * 16 * KB);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_few_segments_stay),
        cmocka_unit_test(test_a_row_that_is_due),
        cmocka_unit_test(test_the_cheapest_comes_first),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_dead_beyond_the_budget),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_the_limit_takes_what_is_cheap),
        cmocka_unit_test(test_deleted_reviews),
        cmocka_unit_test(test_pieces_of_one_run),
        cmocka_unit_test(test_large_segments_stay),
        cmocka_unit_test(test_no_segment_outgrows_its_numbers),
        cmocka_unit_test(test_the_order_of_candidates_does_not_matter),
        cmocka_unit_test(test_first_runs),
        cmocka_unit_test(test_small_runs_over_a_large_index),
        cmocka_unit_test(test_runs_of_one_size),
        cmocka_unit_test(test_tiny_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
