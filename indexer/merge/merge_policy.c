/* merge_policy.c - which segments are merged, and when.
 *
 * What is wanted, and what each costs:
 *  - Segments of one run. A run larger than its memory flushes many pieces. They become one at once, whatever it writes:
 *    the run has just written as much, and pays one pass more.
 *  - Tiers (O'Neil et al., "The log-structured merge-tree", 1996; the tiered form is Lucene's and BigTable's). Sizes fall
 *    into classes a factor 8 apart; 8 segments of a class become one of a higher class. So a review is rewritten once a
 *    class, and n small runs write O(n log n). All below 64 KiB is one class: rewriting that costs less than the commit.
 *  - Deleted reviews take room and blur df. A segment more than a fifth dead is rewritten, together with others of its
 * class that are: four bytes for every dead one at most.
 *  - A run on a timer should not surprise: tiers and dead segments write at most a third of the live bytes a run, cheapest
 *    first, so that free pages, which serve again later, stay few too. What does not fit waits for a later run, or for
 *    `compact`: so does a segment that is most of the index until two thirds of it are dead.
 *  - Every search pays for each segment: more than 24 are never left, whatever that writes. Of the smallest ones, so many
 *    are merged (8 at most, unless more have to go) that the bytes for each segment that vanishes are fewest.
 *
 * Sizes are those of live reviews: what a merge would write. Nothing here depends on clocks, memory or chance. */
#include "indexer/merge/merge.h"

#define LEAST_CLASS_BYTES (64u << 10)
#define MERGE_REVIEWS_MAX (1u << 30) /* as a flush allows */
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

/* What a selection is made from. */
struct filter {
    uint32_t tier; /* its size class, or ANY_CLASS */
    bool only_dead, only_run;
    uint32_t run;
};

static bool passes(const struct merge_candidate *candidate, const struct filter *filter) {
    return (filter->tier == ANY_CLASS || size_class(candidate) == filter->tier) &&
           (!filter->only_dead || is_dead(candidate)) && (!filter->only_run || candidate->run == filter->run);
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

/* At most most of them, of at most bytes together. */
static struct selection select_smallest(const struct merge_candidate *candidates, uint32_t count, struct filter filter,
                                        uint32_t most, uint64_t bytes) {
    struct selection selection = {.choice = {.count = 0}};
    const struct merge_candidate *next = NULL;
    if (most > MERGE_INPUTS_MAX) most = MERGE_INPUTS_MAX;
    while (selection.choice.count < most && (next = next_smallest(candidates, count, &filter, next))) {
        uint64_t live = next->doc_count - next->deleted, size = live_bytes(next);
        if (selection.reviews + live > MERGE_REVIEWS_MAX || size > bytes - selection.choice.bytes) break;
        selection.choice.segments[selection.choice.count++] = next->number;
        selection.choice.bytes += size;
        selection.reviews += live;
    }
    return selection;
}

/* Keeps the cheaper one. */
static void prefer(struct merge_choice *best, const struct merge_choice *other) {
    if (best->count == 0 || other->bytes < best->bytes) *best = *other;
}

static void choose_of_one_run(const struct merge_candidate *candidates, uint32_t count, struct merge_choice *choice) {
    for (uint32_t i = 0; i < count; i++) {
        bool is_first = true, is_alone = true;
        for (uint32_t j = 0; j < count; j++) {
            if (j == i || candidates[j].run != candidates[i].run) continue;
            is_alone = false;
            is_first = is_first && i < j;
        }
        if (is_alone || !is_first) continue;
        struct filter filter = {.tier = ANY_CLASS, .only_run = true, .run = candidates[i].run};
        struct selection selection = select_smallest(candidates, count, filter, MERGE_INPUTS_MAX, UINT64_MAX);
        if (selection.choice.count >= 2) prefer(choice, &selection.choice);
    }
}

static void choose_within_budget(const struct merge_candidate *candidates, uint32_t count, uint64_t budget,
                                 struct merge_choice *choice) {
    uint32_t highest = 0;
    for (uint32_t i = 0; i < count; i++)
        if (size_class(&candidates[i]) > highest) highest = size_class(&candidates[i]);
    for (uint32_t tier = 0; tier <= highest; tier++) {
        struct selection full = select_smallest(candidates, count, (struct filter){.tier = tier}, MERGE_WIDTH, budget);
        struct selection dead =
            select_smallest(candidates, count, (struct filter){.tier = tier, .only_dead = true}, MERGE_INPUTS_MAX, budget);
        if (full.choice.count == MERGE_WIDTH) prefer(choice, &full.choice);
        if (dead.choice.count > 0) prefer(choice, &dead.choice);
    }
}

/* Fewest bytes for each segment that vanishes; of equals the wider merge. */
static void choose_over_limit(const struct merge_candidate *candidates, uint32_t count, struct merge_choice *choice) {
    uint32_t least = count - MERGE_SEGMENTS_MAX + 1, most = least > MERGE_WIDTH ? least : MERGE_WIDTH;
    if (least > MERGE_INPUTS_MAX) least = MERGE_INPUTS_MAX;
    for (uint32_t width = least; width <= most; width++) {
        struct selection selection =
            select_smallest(candidates, count, (struct filter){.tier = ANY_CLASS}, width, UINT64_MAX);
        if (selection.choice.count < 2) return;
        if (choice->count == 0 ||
            selection.choice.bytes / (selection.choice.count - 1) <= choice->bytes / (choice->count - 1))
            *choice = selection.choice;
    }
}

void merge_choose(const struct merge_candidate *candidates, uint32_t count, uint64_t spent, struct merge_choice *choice) {
    *choice = (struct merge_choice){.count = 0};
    uint64_t live = 0;
    for (uint32_t i = 0; i < count; i++)
        live += live_bytes(&candidates[i]);
    choose_of_one_run(candidates, count, choice);
    choice->is_of_one_run = choice->count > 0;
    if (choice->is_of_one_run) return;
    uint64_t budget = live / MERGE_BUDGET_PART;
    if (spent <= budget) choose_within_budget(candidates, count, budget - spent, choice);
    if (choice->count == 0 && count > MERGE_SEGMENTS_MAX) choose_over_limit(candidates, count, choice);
}
