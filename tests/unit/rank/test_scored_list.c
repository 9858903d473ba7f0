/* test_scored_list.c - values, runs, seeks and bounds of a list against the postings read one by one. */
#include "query/rank/scored_list.h"
#include "tests/unit/rank/rank_test.h"

/* What a list is, out of the plain reader: the value of each review, -1 where there is none. */
static double *values_of(struct rank_archive *ranked, const struct leaf_context *context, enum review_field field,
                         const struct posting_list *where, const struct field_scoring *scoring) {
    static struct postings_reader reader;
    const uint32_t doc_count = context->segment->meta.doc_count;
    struct lengths_reader lengths = segment_lengths(context->segment, field);
    double *values = arena_alloc_array(&ranked->arena, doc_count, sizeof *values);
    assert_non_null(values);
    for (uint32_t doc = 0; doc < doc_count; doc++)
        values[doc] = -1;
    assert_int_equal(postings_reader_open(&reader, segment_postings(context->segment), doc_count, where, NULL), REVUE_OK);
    while (reader.count > 0) {
        assert_int_equal(postings_reader_frequencies(&reader, NULL), REVUE_OK);
        for (uint32_t i = 0; i < reader.count; i++) {
            uint32_t length;
            assert_int_equal(lengths_get(&lengths, reader.docs[i], &length, NULL), REVUE_OK);
            values[reader.docs[i]] = scoring_field_value(scoring->weight[field], reader.frequencies[i],
                                                         scoring_norm(scoring->b, length, scoring->average[field]));
        }
        assert_int_equal(postings_reader_next_block(&reader, NULL), REVUE_OK);
    }
    postings_reader_close(&reader);
    return values;
}

static double largest_in(const double *values, uint32_t from, uint32_t to) {
    double largest = -1;
    for (uint32_t doc = from; doc < to; doc++)
        if (values[doc] > largest) largest = values[doc];
    return largest;
}

/* Windows of all sizes in ascending order, some reviews in two of them. */
static void check_bounds(struct scored_list *list, const double *values, uint32_t doc_count, uint64_t *random) {
    static const uint32_t widths[] = {1, 20, 300, 2048, 9000};
    for (uint32_t from = 0; from < doc_count; from += 1 + random_below(random, 500)) {
        uint32_t wanted = from + 1 + random_below(random, widths[random_below(random, 5)]);
        uint32_t to = wanted < doc_count ? wanted : doc_count;
        float bound;
        assert_int_equal(scored_list_bound(list, from, to, &bound, NULL), REVUE_OK);
        double largest = largest_in(values, from, to);
        if (!((double)bound >= largest)) fail_msg("[%u, %u): %.9g over %.9g", from, to, largest, (double)bound);
        assert_true(bound <= list->bound * 1.00001f);
    }
    assert_true((double)list->bound >= largest_in(values, 0, doc_count));
}

static void check_runs(struct scored_list *list, const double *values, uint32_t doc_count, uint64_t *random) {
    for (uint32_t from = 0, to; from < doc_count; from = to) {
        uint32_t next = from, expected = from;
        to = from + 1 + random_below(random, 700);
        if (to > doc_count) to = doc_count;
        while (next != DOC_END) {
            uint32_t first, end;
            assert_int_equal(scored_list_run(list, next, to, &first, &end, &next, NULL), REVUE_OK);
            if (first < end) assert_int_equal(scored_list_values(list, NULL), REVUE_OK);
            for (uint32_t i = first; i < end; i++, expected++) {
                while (values[expected] < 0)
                    expected++;
                assert_int_equal(list->reader.docs[i], expected);
                assert_true(list->values[i] == values[expected]);
            }
        }
        assert_true(largest_in(values, expected, to) < 0);
    }
}

static void check_seeks(struct scored_list *list, const double *values, uint32_t doc_count, uint64_t *random) {
    for (uint32_t target = 0; target < doc_count; target += 1 + random_below(random, 300)) {
        uint32_t expected = target;
        bool found;
        while (expected < doc_count && values[expected] < 0)
            expected++;
        assert_int_equal(scored_list_seek(list, target, &found, NULL), REVUE_OK);
        assert_int_equal(found, expected < doc_count);
        if (!found) continue;
        assert_int_equal(list->reader.docs[list->at], expected);
    }
}

/* Ascending reviews, of one block and of many. */
static void check_look_ups(struct scored_list *list, const double *values, uint32_t doc_count, uint64_t *random) {
    for (uint32_t from = 0; from < doc_count;) {
        const uint32_t step = 1 + random_below(random, random_below(random, 4) ? 9 : 200);
        uint32_t docs[CANDIDATES_MAX], count = 0, met = 0;
        struct looked_up found;
        for (; count < CANDIDATES_MAX && from < doc_count; from += 1 + random_below(random, step))
            docs[count++] = from;
        assert_int_equal(scored_list_look_up(list, docs, count, &found, NULL), REVUE_OK);
        for (uint32_t i = 0; i < count; i++) {
            if (values[docs[i]] < 0) continue;
            assert_true(met < found.count);
            assert_int_equal(found.which[met], i);
            assert_true(found.values[met++] == values[docs[i]]);
        }
        assert_int_equal(found.count, met);
    }
}

/* At blocks on the way, up to reviews near and far. */
static void check_near_bounds(struct scored_list *list, const double *values, uint32_t doc_count, uint64_t *random) {
    static const uint32_t widths[] = {1, 100, 700, 9000};
    for (uint32_t from = 0; list->reader.count > 0; from = list->reader.last_doc + 1 + random_below(random, 400)) {
        assert_int_equal(postings_reader_seek_block(&list->reader, from, NULL), REVUE_OK);
        for (unsigned i = 0; i < 4 && list->reader.count > 0; i++) {
            const uint32_t begins = list->reader.previous_last + 1, last = begins + random_below(random, widths[i]);
            float bound;
            assert_int_equal(scored_list_bound_near(list, last, &bound, NULL), REVUE_OK);
            assert_true((double)bound >= largest_in(values, begins, last < doc_count ? last + 1 : doc_count));
            assert_true(bound <= list->bound * 1.00001f);
        }
    }
}

/* What is passed over is worth less; what is stopped at may be. */
static void check_passing(struct scored_list *list, const double *values, uint32_t doc_count, uint64_t *random) {
    for (uint32_t from = 0, before; list->reader.count > 0; from = before + 1 + random_below(random, 300)) {
        const float least = list->bound * (float)(1 + random_below(random, 64)) / 64;
        assert_int_equal(postings_reader_seek_block(&list->reader, from, NULL), REVUE_OK);
        if (list->reader.count == 0) break;
        const uint32_t block = list->reader.block, begins = list->reader.previous_last + 1;
        assert_int_equal(scored_list_pass_below(list, least, NULL), REVUE_OK);
        const uint32_t stops = list->reader.count > 0 ? list->reader.previous_last + 1 : doc_count;
        assert_true(list->reader.block >= block && largest_in(values, begins, stops) < (double)least);
        before = list->reader.last_doc;
        uint32_t last;
        float bound;
        assert_int_equal(scored_list_last_above(list, least, &last, NULL), REVUE_OK);
        if (list->reader.count == 0) continue;
        /* All blocks up to it may, and it ends one of them. */
        assert_true(last >= before && last < doc_count && values[last] >= 0);
        assert_int_equal(scored_list_bound(list, last, last + 1, &bound, NULL), REVUE_OK);
        assert_true(bound >= least || !list->reader.directory);
    }
}

static void check_leaf(struct rank_archive *ranked, const struct plan_node *node, uint32_t segment, uint64_t *random) {
    static void (*const checks[])(struct scored_list *, const double *, uint32_t, uint64_t *) = {
        check_bounds, check_runs, check_seeks, check_look_ups, check_near_bounds, check_passing};
    const struct leaf_context context = rank_context(ranked, segment);
    const struct term_entry_lists *stem = &node->words[0].in[segment].stems[0];
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        if (!(stem->fields >> field & 1) || node->scoring.weight[field] <= 0) continue;
        const double *values = values_of(ranked, &context, (enum review_field)field, &stem->lists[field], &node->scoring);
        for (unsigned i = 0; i < sizeof checks / sizeof *checks; i++) {
            static struct scored_list list;
            scored_list_open(&list, context.segment, (enum review_field)field, &stem->lists[field], &node->scoring,
                             &ranked->searcher->bounds[field]);
            assert_int_equal(scored_list_start(&list, context.segment, NULL), REVUE_OK);
            checks[i](&list, values, context.segment->meta.doc_count, random);
            scored_list_close(&list);
        }
    }
}

static void lists_are_their_postings(void **state) {
    rank_each_leaf(*state, check_leaf);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(lists_are_their_postings)};
    return cmocka_run_group_tests(tests, rank_archive_create, rank_archive_remove);
}
