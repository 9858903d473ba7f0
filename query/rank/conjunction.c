/* conjunction.c - see conjunction.h.
 *
 * The rarest list leads, block by block. Its postings are thinned out by what costs least: first those whose frequency
 * cannot do (the skip data knows the shortest field for each frequency), then those whose field is too long for it, then
 * those that the other lists do not hold. What the lead has to give follows from the bounds of the blocks that the other
 * lists have beside its own; where even the most is too little, nothing is decoded. Behind each list a bound in floats,
 * which one division a list gives, drops what the lists to come cannot lift over the threshold any more. Only what is left
 * is scored exactly.
 *
 * A dense block is a bitset and answers in place; in any other the candidates are looked up many at a time. */
#include "query/rank/conjunction.h"

#include "indexer/format/scoring.h"
#include "query/rank/candidate_functions.h"

#include <string.h>

#define SMALL_PART 16      /* of the threshold: what gives less is not bounded block by block */
#define FEW 3u             /* frequencies that are read one by one */
#define FILTER_SAMPLE 256u /* candidates that are asked for their lengths at least */
#define UNASKED 8u         /* blocks then whose candidates are not, where that did not drop enough */

struct conjunction {
    struct scored_leaf *leaves;
    uint32_t leaf_count, segment;
    const struct deletes *deletes;
    struct topk *topk;
    uint64_t *total;
    revue_error *error;
    int64_t most;         /* that all lists together can give */
    int32_t *most_beside; /* by leaf: that it can give in the lead's block; the lead's own is not known */
    bool is_bounded;      /* most_beside is known */
    /* What the lead has to give a review of its block, as the threshold was when it was worked out. */
    float least_value;                  /* of a posting, its weight divided out; 0: anything will do, infinite: nothing */
    uint32_t filtered, passed, unasked; /* candidates asked for their lengths, and blocks that were not */
    const struct candidate_functions *functions;
    uint32_t (*frequencies)[POSTINGS_BLOCK]; /* by leaf, and posting of the lead's block; the lead's own when they */
    bool has_lead_frequencies;               /* are read */
    uint32_t bounded; /* so many leaves, the first ones, are in bounds; 0: neither bounds nor lengths are known */
    struct candidates *candidates, *kept; /* postings of the lead's block that may match; the other is for the next step */
    struct candidates rooms[2];
    float bounds[POSTINGS_BLOCK]; /* by posting of the lead's block: what candidates score at most with the leaves known */
    uint32_t lengths[POSTINGS_BLOCK];
};

static struct scored_list *list_of(const struct conjunction *search, uint32_t leaf) {
    return search->leaves[leaf].lists;
}

/* ---- what the lead has to give ---- */

/* No posting worth less, its weight divided out, contributes least. */
static float value_needed(const struct scored_leaf *leaf, double least) {
    return (float)(scored_leaf_value_needed(leaf, least) / leaf->lists[0].weight);
}

/* Passes over blocks that cannot do even with the most that the other lists have anywhere. */
static revue_status pass_blocks(struct conjunction *search) {
    struct scored_leaf *lead = &search->leaves[0];
    if (search->topk->threshold == INT32_MIN) return REVUE_OK;
    const int64_t least = search->topk->threshold - (search->most - lead->bound);
    const float value = value_needed(lead, (double)least) * (float)lead->lists[0].weight;
    return value > lead->lists[0].bound / 8 ? scored_list_pass_below(&lead->lists[0], value, search->error) : REVUE_OK;
}

/* Of the leaf's blocks beside the lead's. */
static revue_status bound_beside(struct conjunction *search, uint32_t leaf, int32_t *most) {
    float bound;
    TRY(scored_list_bound_near(list_of(search, leaf), list_of(search, 0)->reader.last_doc, &bound, search->error));
    *most = scored_leaf_most(&search->leaves[leaf], bound);
    return REVUE_OK;
}

/* What a posting of the lead's block has to be worth, with the most that the others can give beside it. */
static revue_status note_needed(struct conjunction *search) {
    const int32_t threshold = search->topk->threshold;
    search->least_value = 0;
    search->is_bounded = threshold > INT32_MIN;
    if (threshold == INT32_MIN) return REVUE_OK;
    int64_t least = threshold;
    for (uint32_t i = 1; i < search->leaf_count; i++) {
        int32_t most = search->leaves[i].bound;
        if (most >= threshold / SMALL_PART) TRY(bound_beside(search, i, &most));
        search->most_beside[i] = most;
        least -= most;
    }
    search->least_value = value_needed(&search->leaves[0], (double)least);
    return REVUE_OK;
}

/* Whatever posting of the lead's block has a frequency below *least cannot do; false when none can. */
static revue_status least_frequency(struct conjunction *search, uint32_t *least, bool *may, revue_error *error) {
    struct scored_list *list = list_of(search, 0);
    struct impacts impacts;
    TRY(postings_reader_block_impacts(&list->reader, &impacts, error));
    *least = bound_table_least_frequency(list->bounds, impacts.pairs, impacts.count, search->least_value);
    *may = *least < UINT32_MAX;
    return REVUE_OK;
}

/* ---- candidates of the lead's block ---- */

static void take_kept(struct conjunction *search) {
    struct candidates *kept = search->kept;
    search->kept = search->candidates;
    search->candidates = kept;
}

static void keep(struct conjunction *search, const uint32_t *passes) {
    search->functions->keep(search->candidates, passes, search->kept);
    take_kept(search);
}

static void take_all(struct conjunction *search) {
    const struct postings_reader *lead = &list_of(search, 0)->reader;
    memcpy(search->candidates->docs, lead->docs, sizeof(uint32_t[POSTINGS_BLOCK]));
    for (uint32_t i = 0; i < POSTINGS_BLOCK; i++)
        search->candidates->postings[i] = i;
    search->candidates->count = lead->count;
}

/* Of the candidates, what a leaf has of each. */
static void gather_frequencies(const struct conjunction *search, uint32_t leaf, uint32_t *frequencies) {
    const uint32_t *all = search->frequencies[leaf];
    for (uint32_t i = 0; i < search->candidates->count; i++)
        frequencies[i] = all[search->candidates->postings[i]];
}

/* Drops those whose field is too long for their frequency. */
static revue_status drop_long(struct conjunction *search) {
    struct scored_list *list = list_of(search, 0);
    uint32_t lengths[POSTINGS_BLOCK], frequencies[POSTINGS_BLOCK], passes[CANDIDATES_ROOM];
    const uint32_t before = search->candidates->count;
    TRY(lengths_gather(&list->lengths, search->candidates->docs, before, lengths, search->error));
    for (uint32_t i = 0; i < before; i++)
        frequencies[i] = list->reader.frequencies[search->candidates->postings[i]];
    list->functions->reach(frequencies, lengths, before, search->least_value, list->b, list->average, passes);
    keep(search, passes);
    search->filtered += before;
    search->passed += search->candidates->count;
    return REVUE_OK;
}

/* Where most are short enough it is not worth asking, but for a block now and then. */
static bool asks_lengths(struct conjunction *search) {
    if (search->filtered < FILTER_SAMPLE || search->passed < search->filtered / 4 * 3) return true;
    if (++search->unasked == UNASKED) search->filtered = search->passed = search->unasked = 0;
    return false;
}

static revue_status take_candidates(struct conjunction *search) {
    struct postings_reader *lead = &list_of(search, 0)->reader;
    uint32_t least = 1;
    bool may = true;
    search->candidates->count = 0;
    if (search->least_value > 0 && lead->directory) TRY(least_frequency(search, &least, &may, search->error));
    if (!may) return REVUE_OK;
    TRY(postings_reader_docs(lead, search->error));
    const bool asks = search->least_value > 0 && asks_lengths(search);
    if (least > 1 || asks) TRY(postings_reader_frequencies(lead, search->error));
    if (least > 1)
        search->functions->take(lead->docs, lead->frequencies, lead->count, least, search->candidates);
    else
        take_all(search);
    return asks && search->candidates->count > 0 ? drop_long(search) : REVUE_OK;
}

/* ---- what the other lists hold ---- */

/* Keeps those of the candidates [from, to), which lie in the reader's block, that it has. */
static revue_status find(struct conjunction *search, struct scored_list *list, uint32_t from, uint32_t to,
                         uint32_t *found) {
    const struct candidates *candidates = search->candidates;
    struct candidates *kept = search->kept;
    uint32_t held[CANDIDATES_ROOM], count;
    TRY(scored_list_find(list, candidates->docs + from, to - from, held, found, &count, search->error));
    for (uint32_t i = 0; i < count; i++) {
        kept->docs[kept->count + i] = candidates->docs[from + held[i]];
        kept->postings[kept->count + i] = candidates->postings[from + held[i]];
    }
    kept->count += count;
    return REVUE_OK;
}

/* Of postings of a block, what they are to candidates: frequencies[candidates[i]] becomes that of postings[i]. */
static revue_status read_frequencies(struct postings_reader *reader, const uint32_t *postings, const uint32_t *candidates,
                                     uint32_t count, uint32_t *frequencies, revue_error *error) {
    if (count <= FEW && !reader->has_frequencies) {
        for (uint32_t i = 0; i < count; i++)
            TRY(postings_reader_frequency(reader, postings[i], &frequencies[candidates[i]], error));
        return REVUE_OK;
    }
    TRY(postings_reader_frequencies(reader, error));
    for (uint32_t i = 0; i < count; i++)
        frequencies[candidates[i]] = reader->frequencies[postings[i]];
    return REVUE_OK;
}

static revue_status keep_held(struct conjunction *search, uint32_t leaf) {
    struct scored_list *list = list_of(search, leaf);
    const struct candidates *candidates = search->candidates;
    uint32_t found[CANDIDATES_ROOM];
    search->kept->count = 0;
    for (uint32_t from = 0, to; from < candidates->count; from = to) {
        const uint32_t first = search->kept->count;
        TRY(postings_reader_seek_block(&list->reader, candidates->docs[from], search->error));
        if (list->reader.count == 0) break;
        to = from + search->functions->up_to(candidates->docs + from, candidates->count - from, list->reader.last_doc);
        TRY(find(search, list, from, to, found));
        TRY(read_frequencies(&list->reader, found, search->kept->postings + first, search->kept->count - first,
                             search->frequencies[leaf], search->error));
    }
    take_kept(search);
    return REVUE_OK;
}

/* ---- scores ---- */

/* Once for a block: of the other leaves they are known by now, and candidates only become fewer. */
static revue_status read_lead_frequencies(struct conjunction *search) {
    const struct candidates *candidates = search->candidates;
    if (search->has_lead_frequencies) return REVUE_OK;
    search->has_lead_frequencies = true;
    return read_frequencies(&list_of(search, 0)->reader, candidates->postings, candidates->postings, candidates->count,
                            search->frequencies[0], search->error);
}

/* Bounds and lengths of the candidates as far as leaves were bounded before. */
static revue_status take_up_bounds(struct conjunction *search, float *bounds, uint32_t *lengths) {
    const struct candidates *candidates = search->candidates;
    if (search->bounded == 0) {
        memset(bounds, 0, candidates->count * sizeof *bounds);
        return lengths_gather(&list_of(search, 0)->lengths, candidates->docs, candidates->count, lengths, search->error);
    }
    for (uint32_t i = 0; i < candidates->count; i++) {
        bounds[i] = search->bounds[candidates->postings[i]];
        lengths[i] = search->lengths[candidates->postings[i]];
    }
    return REVUE_OK;
}

static void put_by_bounds(struct conjunction *search, const float *bounds, const uint32_t *lengths) {
    const struct candidates *candidates = search->candidates;
    for (uint32_t i = 0; i < candidates->count; i++) {
        search->bounds[candidates->postings[i]] = bounds[i];
        search->lengths[candidates->postings[i]] = lengths[i];
    }
}

/* Adds what the leaves [bounded, known) give to the bounds. Lengths are those of the lead's field. */
static revue_status add_bounds(struct conjunction *search, uint32_t known, float *bounds, const uint32_t *lengths) {
    const struct candidates *candidates = search->candidates;
    uint32_t frequencies[POSTINGS_BLOCK], others[POSTINGS_BLOCK];
    for (uint32_t leaf = search->bounded; leaf < known; leaf++) {
        struct scored_list *list = list_of(search, leaf);
        const bool is_of_lead = list->field == list_of(search, 0)->field;
        if (!is_of_lead) TRY(lengths_gather(&list->lengths, candidates->docs, candidates->count, others, search->error));
        gather_frequencies(search, leaf, frequencies);
        list->functions->add_bounds(frequencies, is_of_lead ? lengths : others, candidates->count, list->weight, list->b,
                                    list->average, search->leaves[leaf].scale, search->leaves[leaf].k1, bounds);
    }
    return REVUE_OK;
}

/* Drops the candidates that stay below the threshold with all that leaves [known, leaf_count) can give. Bounds of the sums:
 * roundings of floats, and of contributions to integers, are less than what is added. */
static revue_status drop_below(struct conjunction *search, uint32_t known) {
    const float factor = 1 + (float)(8 + search->leaf_count) * FLT_EPSILON;
    uint32_t lengths[POSTINGS_BLOCK];
    float bounds[CANDIDATES_ROOM];
    int64_t needed = search->topk->threshold;
    for (uint32_t leaf = known; leaf < search->leaf_count; leaf++)
        needed -= search->most_beside[leaf];
    const float least = (float)needed - (float)search->leaf_count;
    if (least <= 0) return REVUE_OK;
    TRY(read_lead_frequencies(search));
    TRY(take_up_bounds(search, bounds, lengths));
    TRY(add_bounds(search, known, bounds, lengths));
    if (known < search->leaf_count) put_by_bounds(search, bounds, lengths);
    search->bounded = known;
    search->functions->keep_above(search->candidates, bounds, factor, least, search->kept);
    take_kept(search);
    return REVUE_OK;
}

static revue_status score(struct conjunction *search, int32_t *scores) {
    uint32_t frequencies[POSTINGS_BLOCK];
    double values[POSTINGS_BLOCK];
    int32_t contributions[POSTINGS_BLOCK];
    memset(scores, 0, search->candidates->count * sizeof *scores);
    for (uint32_t leaf = 0; leaf < search->leaf_count; leaf++) {
        struct scored_list *list = list_of(search, leaf);
        gather_frequencies(search, leaf, frequencies);
        TRY(scored_list_values_of(list, search->candidates->docs, frequencies, search->candidates->count, values,
                                  search->error));
        list->functions->contributions(values, search->candidates->count, search->leaves[leaf].scale,
                                       search->leaves[leaf].k1, contributions);
        for (uint32_t i = 0; i < search->candidates->count; i++)
            scores[i] += contributions[i];
    }
    return REVUE_OK;
}

static revue_status collect(struct conjunction *search) {
    int32_t scores[POSTINGS_BLOCK];
    if (search->candidates->count == 0) return REVUE_OK;
    if (search->topk->threshold > INT32_MIN) TRY(drop_below(search, search->leaf_count));
    if (search->candidates->count == 0) return REVUE_OK;
    TRY(read_lead_frequencies(search));
    TRY(score(search, scores));
    topk_add_live(search->topk, search->segment, search->deletes, search->candidates->docs, scores,
                  search->candidates->count, search->total);
    return REVUE_OK;
}

/* ---- the search ---- */

/* Moves the lead on to a block that reaches where every list has one; false when there is none. */
static revue_status find_block(struct conjunction *search, bool *found) {
    struct postings_reader *lead = &list_of(search, 0)->reader;
    *found = false;
    for (uint32_t leaf = 1; leaf < search->leaf_count && lead->count > 0;) {
        struct postings_reader *reader = &list_of(search, leaf)->reader;
        TRY(postings_reader_seek_block(reader, lead->previous_last + 1, search->error));
        if (reader->count == 0) return REVUE_OK;
        const uint32_t begins = reader->previous_last + 1;
        leaf = begins > lead->last_doc ? 1 : leaf + 1;
        if (begins > lead->last_doc) TRY(postings_reader_seek_block(lead, begins, search->error));
    }
    *found = lead->count > 0;
    return REVUE_OK;
}

static revue_status search_block(struct conjunction *search) {
    search->has_lead_frequencies = false;
    search->bounded = 0;
    TRY(note_needed(search));
    TRY(take_candidates(search));
    for (uint32_t leaf = 1; leaf < search->leaf_count && search->candidates->count > 0; leaf++) {
        TRY(keep_held(search, leaf));
        if (search->is_bounded && leaf + 1 < search->leaf_count && search->candidates->count > 0)
            TRY(drop_below(search, leaf + 1));
    }
    return collect(search);
}

bool conjunction_is_possible(const struct scored_leaf *leaves, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (leaves[i].list_count != 1) return false;
    return count > 0;
}

revue_status conjunction_search(struct scored_leaf *leaves, uint32_t count, uint32_t segment, const struct deletes *deletes,
                                struct arena *arena, struct topk *topk, uint64_t *total, revue_error *error) {
    struct conjunction *search = arena_alloc(arena, sizeof *search);
    if (!search) return error_no_memory(error);
    memset(search, 0, offsetof(struct conjunction, rooms));
    search->leaves = leaves;
    search->leaf_count = count;
    search->segment = segment;
    search->deletes = deletes;
    search->topk = topk;
    search->total = total;
    search->error = error;
    for (uint32_t i = 0; i < count; i++)
        search->most += leaves[i].bound;
    search->candidates = &search->rooms[0];
    search->kept = &search->rooms[1];
    search->functions = candidate_functions_best();
    search->frequencies = arena_alloc_array(arena, count, sizeof *search->frequencies);
    search->most_beside = arena_alloc_array(arena, count, sizeof *search->most_beside);
    if (!search->frequencies || !search->most_beside) return error_no_memory(error);
    for (bool found; search->most >= topk->threshold;) {
        TRY(deadline_spend(POSTINGS_BLOCK, error));
        TRY(pass_blocks(search));
        TRY(find_block(search, &found));
        if (!found) break;
        TRY(search_block(search));
        TRY(postings_reader_next_block(&leaves[0].lists->reader, error));
    }
    return REVUE_OK;
}
