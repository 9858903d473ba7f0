/* leaf_probe.c - what a word gives reviews that others brought in (scored_leaf.h).
 *
 * Candidates are looked up many at a time, in the shorter lists first, and in the longest only those that it could still do
 * for: a word stands in many bodies and in few titles. */
#include "query/rank/scored_leaf.h"

#include "indexer/format/scoring.h"

#include <string.h>

static void drop_below(struct score_candidates *candidates, int32_t least) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < candidates->count; i++) {
        candidates->docs[kept] = candidates->docs[i];
        candidates->scores[kept] = candidates->scores[i];
        kept += candidates->scores[i] >= least;
    }
    candidates->count = kept;
}

/* Of a leaf that has no other list there. Drops on the way what it does not hold when it must. */
static revue_status probe_list(struct scored_leaf *leaf, uint32_t number, bool is_required,
                               struct score_candidates *candidates, revue_error *error) {
    struct looked_up found; /* large: only what is used is filled in */
    int32_t contributions[POSTINGS_BLOCK];
    uint32_t kept = 0;
    for (uint32_t from = 0; from < candidates->count; from += CANDIDATES_MAX) {
        const uint32_t left = candidates->count - from;
        TRY(scored_list_look_up(&leaf->lists[number], candidates->docs + from,
                                left < CANDIDATES_MAX ? left : CANDIDATES_MAX, &found, error));
        leaf->lists->functions->contributions(found.values, found.count, leaf->scale, leaf->k1, contributions);
        for (uint32_t i = 0; i < found.count; i++)
            candidates->scores[from + found.which[i]] += contributions[i];
        for (uint32_t i = 0; is_required && i < found.count; i++, kept++) {
            candidates->docs[kept] = candidates->docs[from + found.which[i]];
            candidates->scores[kept] = candidates->scores[from + found.which[i]];
        }
    }
    if (is_required) candidates->count = kept;
    return REVUE_OK;
}

/* Some of the candidates, at most CANDIDATES_MAX, and which of them shorter lists than the longest have. */
struct fields_probe {
    struct scored_leaf *leaf;
    uint32_t lists, longest; /* there; of these */
    int32_t least;
    int32_t least_alone; /* what a candidate scores at least when the longest list alone can do for it */
    const uint32_t *docs;
    int32_t *scores;
    uint32_t count;
    uint64_t is_short[CANDIDATES_MAX / 64], is_held[CANDIDATES_MAX / 64];
    double values[FIELD_COUNT][CANDIDATES_MAX]; /* of those, by list; 0: not held */
    struct looked_up found;
    struct candidates all, kept;
};

static bool bit_of(const uint64_t *bits, uint32_t number) {
    return bits[number / 64] >> number % 64 & 1;
}

static void note_short(struct fields_probe *probe, uint32_t which) {
    if (bit_of(probe->is_short, which)) return;
    probe->is_short[which / 64] |= (uint64_t)1 << which % 64;
    for (uint32_t i = 0; i < probe->leaf->list_count; i++)
        probe->values[i][which] = 0;
}

static revue_status look_up_short(struct fields_probe *probe, revue_error *error) {
    for (uint32_t left = probe->lists & ~(1u << probe->longest); left; left &= left - 1) {
        const uint32_t number = (uint32_t)__builtin_ctz(left);
        TRY(scored_list_look_up(&probe->leaf->lists[number], probe->docs, probe->count, &probe->found, error));
        for (uint32_t i = 0; i < probe->found.count; i++) {
            note_short(probe, probe->found.which[i]);
            probe->values[number][probe->found.which[i]] = probe->found.values[i];
        }
    }
    return REVUE_OK;
}

/* Whether the most that the longest list gives would do beside the shorter ones. A unit covers how that is rounded. */
static bool is_hopeful(const struct fields_probe *probe, uint32_t which) {
    const double needed = (double)probe->least - probe->scores[which] - 1; /* scale * x / (k1 + x) */
    double most = (double)probe->leaf->lists[probe->longest].range_bound;
    for (uint32_t left = probe->lists & ~(1u << probe->longest); left; left &= left - 1)
        most += probe->values[__builtin_ctz(left)][which];
    most *= (double)BOUND_ROUNDED_UP;
    return needed * (probe->leaf->k1 + most) <= probe->leaf->scale * most;
}

/* Those that the longest list is asked about: that it could do for, with what shorter ones give. */
static void keep_hopeful(struct fields_probe *probe) {
    uint32_t passes[CANDIDATES_ROOM];
    for (uint32_t i = 0; i < probe->count; i++)
        passes[i] = probe->scores[i] >= probe->least_alone ? UINT32_MAX : 0;
    for (uint32_t word = 0; word < CANDIDATES_MAX / 64; word++)
        for (uint64_t bits = probe->is_short[word]; bits; bits &= bits - 1) {
            const uint32_t which = word * 64 + (uint32_t)__builtin_ctzll(bits);
            passes[which] = is_hopeful(probe, which) ? UINT32_MAX : 0;
        }
    memcpy(probe->all.docs, probe->docs, probe->count * sizeof *probe->docs);
    probe->all.count = probe->count;
    probe->leaf->lists->lookup->keep(&probe->all, passes, &probe->kept);
}

static revue_status look_up_longest(struct fields_probe *probe, revue_error *error) {
    const struct scored_leaf *leaf = probe->leaf;
    int32_t contributions[POSTINGS_BLOCK];
    keep_hopeful(probe);
    if (probe->kept.count == 0) return REVUE_OK;
    TRY(scored_list_look_up(&leaf->lists[probe->longest], probe->kept.docs, probe->kept.count, &probe->found, error));
    leaf->lists->functions->contributions(probe->found.values, probe->found.count, leaf->scale, leaf->k1, contributions);
    for (uint32_t i = 0; i < probe->found.count; i++) {
        const uint32_t which = probe->kept.postings[probe->found.which[i]];
        probe->is_held[which / 64] |= (uint64_t)1 << which % 64;
        if (bit_of(probe->is_short, which))
            probe->values[probe->longest][which] = probe->found.values[i];
        else
            probe->scores[which] += contributions[i];
    }
    return REVUE_OK;
}

/* Of those that a shorter list has: values are added in the order of the fields. */
static void add_sums_of_short(struct fields_probe *probe) {
    const struct scored_leaf *leaf = probe->leaf;
    for (uint32_t word = 0; word < CANDIDATES_MAX / 64; word++) {
        probe->is_held[word] |= probe->is_short[word];
        for (uint64_t bits = probe->is_short[word]; bits; bits &= bits - 1) {
            const uint32_t which = word * 64 + (uint32_t)__builtin_ctzll(bits);
            double value = 0;
            for (uint32_t i = 0; i < leaf->list_count; i++)
                value += probe->values[i][which];
            probe->scores[which] += scoring_contribution(leaf->scale, value, leaf->k1);
        }
    }
}

static revue_status probe_part(struct fields_probe *probe, revue_error *error) {
    memset(probe->is_short, 0, sizeof probe->is_short);
    memset(probe->is_held, 0, sizeof probe->is_held);
    TRY(look_up_short(probe, error));
    TRY(look_up_longest(probe, error));
    add_sums_of_short(probe);
    return REVUE_OK;
}

static revue_status probe_fields(struct scored_leaf *leaf, uint32_t lists, bool is_required, int32_t least,
                                 struct score_candidates *candidates, revue_error *error) {
    struct fields_probe probe; /* large: only what is used is filled in */
    uint32_t kept = 0;
    probe.leaf = leaf;
    probe.lists = lists;
    probe.least = least;
    probe.longest = scored_leaf_longest(leaf, lists);
    const int32_t most = scored_leaf_most(leaf, leaf->lists[probe.longest].range_bound);
    probe.least_alone = least < INT32_MIN + most ? INT32_MIN : least - most;
    for (uint32_t i = 0; i < CANDIDATES_MAX; i++)
        probe.all.postings[i] = i;
    for (uint32_t from = 0; from < candidates->count; from += CANDIDATES_MAX) {
        const uint32_t left = candidates->count - from;
        probe.docs = candidates->docs + from;
        probe.scores = candidates->scores + from;
        probe.count = left < CANDIDATES_MAX ? left : CANDIDATES_MAX;
        TRY(probe_part(&probe, error));
        for (uint32_t i = 0; i < probe.count; i++) {
            candidates->docs[kept] = probe.docs[i];
            candidates->scores[kept] = probe.scores[i];
            kept += (uint32_t)(probe.scores[i] >= least) & (uint32_t)(!is_required | bit_of(probe.is_held, i));
        }
    }
    candidates->count = kept;
    return REVUE_OK;
}

revue_status scored_leaf_probe(struct scored_leaf *leaf, bool is_required, int32_t least,
                               struct score_candidates *candidates, revue_error *error) {
    const uint32_t lists = scored_leaf_lists_there(leaf);
    if (lists & (lists - 1)) return probe_fields(leaf, lists, is_required, least, candidates, error);
    if (lists)
        TRY(probe_list(leaf, (uint32_t)__builtin_ctz(lists), is_required, candidates, error));
    else if (is_required)
        candidates->count = 0;
    drop_below(candidates, least);
    return REVUE_OK;
}
