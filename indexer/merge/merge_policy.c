/* merge_policy.c - which segments are merged, and when.
 *
 * What is wanted, and what each costs:
 *  - Tiers (O'Neil et al., "The log-structured merge-tree", 1996; the tiered form is Lucene's and BigTable's). Sizes fall
 *    into classes a factor 8 apart; 8 segments of a class become one of a higher class. So a review is rewritten once a
 *    class, and n small runs write O(n log n). All below 64 KiB is one class: rewriting that costs less than the commit.
 *  - The pieces that a run larger than its memory flushes are segments like any others. Joining the few of a first run
 *    would cost half of that run again, which its searches do not win back: they pay for each segment, but not much.
 *  - Deleted reviews take room and blur df. A segment more than a fifth dead is rewritten, together with others of its
 *    class that are: four bytes for every dead one at most.
 *  - A run on a timer should not surprise: tiers and dead segments write again at most a third of the live bytes a run,
 *    cheapest first, so that free pages, which serve again later, stay few too. What the run flushed itself does not count:
 *    it has just written as much, and an archive of many pieces ends at a handful. What does not fit waits for a later run,
 *    or for `compact`: so does a dead segment while it is more than a third of what lives.
 *  - Every search pays for each segment: more than 24 are never left, whatever that writes. Of the smallest ones, so many
 *    are merged (8 at most, unless more have to go) that the bytes for each segment that vanishes are fewest.
 *
 * Sizes are those of live reviews: what a merge would write. A merged segment is of the newest run of its inputs, so what a
 * run merges once may be merged further in it: each higher class takes 8 of a lower one, most of which are old, and counts
 * those. Nothing here depends on clocks, memory or chance. */
#include "indexer/merge/merge.h"

#define LEAST_CLASS_BYTES (64u << 10)
#define ANY_CLASS UINT32_MAX

static uint64_t live_bytes(const struct merge_candidate *candidate) {
    if (candidate->doc_count == 0) return 0;
    uint64_t live = candidate->doc_count - candidate->deleted;
    return candidate->bytes / candidate->doc_count * live +
           candidate->bytes % candidate->doc_count * live / candidate->doc_count;
}

static uint32_t size_class(const struct merge_candidate *candidate) {
    uint32_t tier = 0;
    for (uint64_t bytes = live_bytes(candidate); bytes >= LEAST_CLASS_BYTES; bytes /= MERGE_WIDTH)
        tier++;
    return tier;
}

static bool is_dead(const struct merge_candidate *candidate) {
    return (uint64_t)candidate->deleted * MERGE_DEAD_PART > candidate->doc_count;
}

/* A choice in the making: segments are added smallest first. */
struct selection {
    struct merge_choice choice;
    uint64_t reviews;
};

/* What a selection is made from, and how much of what this run did not write it may hold. */
struct filter {
    uint32_t tier; /* its size class, or ANY_CLASS */
    bool only_dead;
    uint32_t run; /* this one */
    uint64_t budget;
};

static bool passes(const struct merge_candidate *candidate, const struct filter *filter) {
    return (filter->tier == ANY_CLASS || size_class(candidate) == filter->tier) &&
           (!filter->only_dead || is_dead(candidate));
}

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
        if (!passes(candidate, filter) || (after && !comes_before(after, candidate))) continue;
        if (!found || comes_before(candidate, found)) found = candidate;
    }
    return found;
}

/* At most most of them. */
static struct selection select_smallest(const struct merge_candidate *candidates, uint32_t count, struct filter filter,
                                        uint32_t most) {
    struct selection selection = {.choice = {.count = 0}};
    const struct merge_candidate *next = NULL;
    if (most > MERGE_INPUTS_MAX) most = MERGE_INPUTS_MAX;
    while (selection.choice.count < most && (next = next_smallest(candidates, count, &filter, next))) {
        uint64_t live = next->doc_count - next->deleted, size = live_bytes(next);
        uint64_t older = next->run == filter.run ? 0 : size;
        if (selection.reviews + live > MERGE_REVIEWS_MAX || older > filter.budget - selection.choice.older_bytes) break;
        selection.choice.segments[selection.choice.count++] = next->number;
        selection.choice.bytes += size;
        selection.choice.older_bytes += older;
        selection.reviews += live;
    }
    return selection;
}

/* Keeps the cheaper one. */
static void prefer(struct merge_choice *best, const struct merge_choice *other) {
    if (best->count == 0 || other->bytes < best->bytes) *best = *other;
}

static void choose_within_budget(const struct merge_candidate *candidates, uint32_t count, struct filter filter,
                                 struct merge_choice *choice) {
    uint32_t highest = 0;
    for (uint32_t i = 0; i < count; i++)
        if (size_class(&candidates[i]) > highest) highest = size_class(&candidates[i]);
    for (filter.tier = 0; filter.tier <= highest; filter.tier++) {
        struct filter dead_filter = filter;
        dead_filter.only_dead = true;
        struct selection full = select_smallest(candidates, count, filter, MERGE_WIDTH);
        struct selection dead = select_smallest(candidates, count, dead_filter, MERGE_INPUTS_MAX);
        if (full.choice.count == MERGE_WIDTH) prefer(choice, &full.choice);
        if (dead.choice.count > 0) prefer(choice, &dead.choice);
    }
}

/* Fewest bytes for each segment that vanishes; of equals the wider merge. */
static void choose_over_limit(const struct merge_candidate *candidates, uint32_t count, struct filter filter,
                              struct merge_choice *choice) {
    uint32_t least = count - MERGE_SEGMENTS_MAX + 1, most = least > MERGE_WIDTH ? least : MERGE_WIDTH;
    if (least > MERGE_INPUTS_MAX) least = MERGE_INPUTS_MAX;
    for (uint32_t width = least; width <= most; width++) {
        struct selection selection = select_smallest(candidates, count, filter, width);
        if (selection.choice.count < 2) return;
        if (choice->count == 0 ||
            selection.choice.bytes / (selection.choice.count - 1) <= choice->bytes / (choice->count - 1))
            *choice = selection.choice;
    }
}

void merge_choose(const struct merge_candidate *candidates, uint32_t count, uint32_t run, uint64_t spent,
                  struct merge_choice *choice) {
    *choice = (struct merge_choice){.count = 0};
    uint64_t live = 0;
    for (uint32_t i = 0; i < count; i++)
        live += live_bytes(&candidates[i]);
    uint64_t budget = live / MERGE_BUDGET_PART;
    struct filter filter = {.run = run, .budget = spent < budget ? budget - spent : 0};
    choose_within_budget(candidates, count, filter, choice);
    if (choice->count > 0 || count <= MERGE_SEGMENTS_MAX) return;
    filter.tier = ANY_CLASS;
    filter.budget = UINT64_MAX;
    choose_over_limit(candidates, count, filter, choice);
}
