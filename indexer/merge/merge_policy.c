/* merge_policy.c - which segments are merged, and when.
 *
 * What is wanted, and what each costs:
 *  - Segments ascend in size like powers of two (the logarithmic method of Bentley and Saxe, "Decomposable searching
 *    problems", 1980; log-structured merge trees do the same level by level). Looked at from the smallest on, a segment
 *    that is no larger than all smaller ones together is due, and they with it: the longest such row is merged at once,
 *    when there are three. So n small runs write O(n log n), small pieces of a run that was larger than its memory become
 *    one in a single merge, and what is left is about half of the logarithm of what was added. Up to 16 KiB are let pass:
 *    rewriting that costs less than the commit.
 *  - What a merge gains hardly grows with the size of its segments: each costs a search some microseconds, however large it
 *    is. What it costs is in proportion: to read a review and to write it into a segment takes some 23 microseconds of the
 *    processor, to merge it another 13. So segments of 64 MiB and more are left, up to eight, and the build of an archive
 *    takes as long for each review whether it is written in one piece or in eight. (1,000,000 generated reviews, eight
 *    pieces instead of one segment: 27 s of the processor instead of 40; the ten best of all of some words 180 microseconds
 *    instead of 158, of any 186 and 156, of phrases 146 and 109, of one word 9.7 and 1.4. `compact` makes it one.)
 *  - Deleted reviews take room and blur df. Segments more than a fifth dead are rewritten into one: four bytes for every
 *    dead one at most.
 *  - A run on a timer should not surprise: both write again at most a third of the live bytes a run, cheapest first, so
 *    that free pages, which serve again later, stay few too. What the run flushed itself does not count: it has just
 *    written as much. What does not fit waits for a later run, or for `compact`, and a shorter row is taken when one is
 *    due. Dead segments may be rewritten beyond a third once what is dead in them is as much as what lives.
 *  - A merge holds some bytes for every review, and pages of every input: none takes more than the memory carries.
 *  - Every search pays for each segment: more than 24 are never left, whatever that writes. Of the smallest ones, so many
 *    are merged (8 at most, unless more have to go) that the bytes for each segment that vanishes are fewest.
 *
 * Chosen by figures: 1,000 runs over 100,000 reviews (each 100 added, 10 changed, 10 deleted), 20 runs of 5,000 reviews
 * from nothing, and 200 runs of 1 % over 1,000,000 reviews. Segments on average and at most; bytes written by merges for
 * each byte that runs added; of the first, the largest part of the index that one run wrote again:
 *
 *     policy                        1,000 small runs           20 runs        200 of 1 %
 *     tiers of 8, a factor 8 apart   12.9  24   2.4   28 %    10.5  20  0      10.1  19  2.3
 *     tiers of 4, a factor 4 apart    8.4  15   3.7   19 %     6.0  11  1.0     7.0  12  3.3
 *     tiers of 2                      6.1  10   8.1   29 %     4.8   6  2.0     5.2   9  6.2
 *     sum of smaller, at least 6      7.2  12   3.8   21 %     9.0  17  0.9     6.4  11  3.0
 *     sum of smaller, at least 4      6.6  11   4.5   27 %     6.0  11  1.0     5.7  10  3.3
 *     sum of smaller, at least 3      6.2  10   4.3   21 %     4.8   8  1.6     5.5   9  3.5   this one
 *     twice the sum, at least 3       5.1   8   7.1   26 %     4.7   8  1.6     4.7   7  5.0
 *     half the sum, at least 3        7.3  13   4.5   21 %     5.4   8  0.9     6.5  12  3.2
 *
 * That was before large ones were left: the 200 of 1 % now begin with eight segments, and have 8.8 on average, 12 at most,
 * and write 3.6 bytes for each added.
 *
 * Sizes are those of live reviews: what a merge would write. A merged segment is of the newest run of its inputs, so what a
 * run merges once may be merged further in it, and counts no more then. Nothing here depends on clocks or chance. */
#include "indexer/merge/merge.h"

#define LEAST_BYTES (16u << 10)

static uint64_t live_bytes(const struct merge_candidate *candidate) {
    if (candidate->doc_count == 0) return 0;
    uint64_t live = candidate->doc_count - candidate->deleted;
    return candidate->bytes / candidate->doc_count * live +
           candidate->bytes % candidate->doc_count * live / candidate->doc_count;
}

static bool is_dead(const struct merge_candidate *candidate) {
    return (uint64_t)candidate->deleted * MERGE_DEAD_PART > candidate->doc_count;
}

/* A choice in the making: segments are added smallest first. */
struct selection {
    struct merge_choice choice;
    uint64_t reviews;
    struct { /* the longest row that is due, from the smallest on; count 0: none */
        uint32_t count;
        uint64_t bytes, older_bytes;
    } due;
};

/* What a selection is made from, and how much it may hold: reviews, and bytes that this run did not write. */
struct filter {
    bool only_dead, leaves_large;
    uint32_t run; /* this one */
    uint64_t budget, most_reviews;
    uint64_t dead_bytes; /* of all dead segments: as much may be written to get rid of it */
    uint32_t most_inputs;
};

/* Smaller, or as small and older. */
static bool comes_before(const struct merge_candidate *a, const struct merge_candidate *b) {
    uint64_t a_bytes = live_bytes(a), b_bytes = live_bytes(b);
    return a_bytes != b_bytes ? a_bytes < b_bytes : a->number < b->number;
}

/* The smallest candidate that passes and comes after the one chosen last (NULL: any); NULL when there is none. */
static const struct merge_candidate *next_smallest(const struct merge_candidate *candidates, uint32_t count,
                                                   const struct filter *filter, const struct merge_candidate *after) {
    const struct merge_candidate *found = NULL;
    for (uint32_t i = 0; i < count; i++) {
        const struct merge_candidate *candidate = &candidates[i];
        if ((filter->only_dead && !is_dead(candidate)) || (after && !comes_before(after, candidate))) continue;
        if (!found || comes_before(candidate, found)) found = candidate;
    }
    return found;
}

static void note_due(struct selection *selection, const struct filter *filter, uint64_t size) {
    const struct merge_choice *choice = &selection->choice;
    if (filter->leaves_large && size >= MERGE_LARGE) return;
    if (choice->count < MERGE_LEAST || size > choice->bytes - size + LEAST_BYTES) return;
    selection->due.count = choice->count;
    selection->due.bytes = choice->bytes;
    selection->due.older_bytes = choice->older_bytes;
}

static struct selection select_smallest(const struct merge_candidate *candidates, uint32_t count, struct filter filter) {
    struct selection selection = {.choice = {.count = 0}};
    const struct merge_candidate *next = NULL;
    while (selection.choice.count < filter.most_inputs && (next = next_smallest(candidates, count, &filter, next))) {
        uint64_t live = next->doc_count - next->deleted, size = live_bytes(next);
        uint64_t older = next->run == filter.run ? 0 : size;
        if (selection.reviews + live > filter.most_reviews || older > filter.budget - selection.choice.older_bytes) break;
        selection.choice.segments[selection.choice.count++] = next->number;
        selection.choice.bytes += size;
        selection.choice.older_bytes += older;
        selection.reviews += live;
        note_due(&selection, &filter, size);
    }
    return selection;
}

/* Keeps the cheaper one. */
static void prefer(struct merge_choice *best, const struct merge_choice *other) {
    if (best->count == 0 || other->bytes < best->bytes) *best = *other;
}

static void choose_within_budget(const struct merge_candidate *candidates, uint32_t count, struct filter filter,
                                 struct merge_choice *choice) {
    struct selection row = select_smallest(candidates, count, filter);
    filter.only_dead = true;
    if (filter.budget < filter.dead_bytes) filter.budget = filter.dead_bytes;
    struct selection dead = select_smallest(candidates, count, filter);
    if (row.due.count > 0) {
        row.choice.count = row.due.count;
        row.choice.bytes = row.due.bytes;
        row.choice.older_bytes = row.due.older_bytes;
        prefer(choice, &row.choice);
    }
    if (dead.choice.count > 0) prefer(choice, &dead.choice);
}

/* Fewest bytes for each segment that vanishes; of equals the wider merge. */
static void choose_over_limit(const struct merge_candidate *candidates, uint32_t count, struct filter filter,
                              struct merge_choice *choice) {
    uint32_t least = count - MERGE_SEGMENTS_MAX + 1, most = least > MERGE_WIDTH ? least : MERGE_WIDTH;
    if (least > MERGE_INPUTS_MAX) least = MERGE_INPUTS_MAX;
    for (filter.most_inputs = least; filter.most_inputs <= most; filter.most_inputs++) {
        struct selection selection = select_smallest(candidates, count, filter);
        if (selection.choice.count < 2) return;
        if (choice->count == 0 ||
            selection.choice.bytes / (selection.choice.count - 1) <= choice->bytes / (choice->count - 1))
            *choice = selection.choice;
    }
}

void merge_choose(const struct merge_candidate *candidates, uint32_t count, const struct merge_limits *limits,
                  struct merge_choice *choice) {
    *choice = (struct merge_choice){.count = 0};
    uint64_t live = 0, dead = 0;
    uint32_t large = 0;
    for (uint32_t i = 0; i < count; i++) {
        live += live_bytes(&candidates[i]);
        large += live_bytes(&candidates[i]) >= MERGE_LARGE;
        if (is_dead(&candidates[i])) dead += candidates[i].bytes - live_bytes(&candidates[i]);
    }
    uint64_t budget = live / MERGE_BUDGET_PART;
    struct filter filter = {.leaves_large = large <= MERGE_LARGE_MAX,
                            .run = limits->run,
                            .budget = limits->spent < budget ? budget - limits->spent : 0,
                            .most_reviews = limits->reviews,
                            .dead_bytes = dead,
                            .most_inputs = limits->inputs};
    choose_within_budget(candidates, count, filter, choice);
    if (choice->count > 0 || count <= MERGE_SEGMENTS_MAX) return;
    filter.budget = UINT64_MAX;
    filter.most_reviews = MERGE_REVIEWS_MAX;
    choose_over_limit(candidates, count, filter, choice);
}
