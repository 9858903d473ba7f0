/* lead_search.c - see lead_search.h.
 *
 * What MAXSCORE (Turtle and Flood, "Query evaluation: strategies and optimizations", 1995) leaves of most any-of queries
 * after a few reviews: one essential list. Block by block its postings are thinned out as those of a conjunction's lead:
 * by frequency, which the skip data answers, then by what they can be worth in floats beside the most that the others may
 * add. What is left is looked up in the others, those that may add most first, and what can no longer enter is dropped
 * after each. Only the few that remain are scored exactly. */
#include "query/rank/lead_search.h"

#include "indexer/format/scoring.h"
#include "query/rank/candidate_functions.h"

#include <string.h>

#define FEW 3u /* frequencies that are read one by one */

/* What is known of a candidate stands where its number says: candidates' postings are counted by what was taken of the
 * lead's block. */
struct lead_room {
    const struct candidate_functions *functions;
    int64_t rest; /* the most that the leaves can add that were not asked yet */
    uint32_t taken;
    struct candidates *candidates, *kept; /* that may enter; the other is for the next step */
    struct candidates rooms[2];
    enum review_field field; /* of the lengths */
    uint32_t lengths[CANDIDATES_ROOM];
    float bounds[CANDIDATES_ROOM];            /* of what the leaves give that were asked */
    uint32_t (*frequencies)[CANDIDATES_ROOM]; /* by leaf; 0: not held */
};

bool lead_search_is_possible(const struct scored_leaf *leaves, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (leaves[i].list_count > 1) return false;
    return true;
}

revue_status lead_search_open(struct lead_search *search, struct arena *arena) {
    struct lead_room *room = search->room = arena_alloc(arena, sizeof *room);
    if (!room) return error_no_memory(search->error);
    room->functions = candidate_functions_best();
    room->candidates = &room->rooms[0];
    room->kept = &room->rooms[1];
    room->frequencies = arena_alloc_array(arena, search->leaf_count, sizeof *room->frequencies);
    return room->frequencies ? REVUE_OK : error_no_memory(search->error);
}

/* ---- what may enter ---- */

/* What candidates may score falls by the roundings of floats, and of contributions to integers, less than this adds. */
static void drop_below(struct lead_search *search) {
    struct lead_room *room = search->room;
    const float factor = 1 + (float)(16 + search->leaf_count) * FLT_EPSILON;
    const float least = (float)search->topk->threshold - (float)search->leaf_count, rest = (float)room->rest;
    const struct candidates *candidates = room->candidates;
    uint32_t passes[CANDIDATES_ROOM];
    for (uint32_t i = 0; i < candidates->count; i++)
        passes[i] = (room->bounds[candidates->postings[i]] + rest) * factor >= least ? UINT32_MAX : 0;
    room->functions->keep(candidates, passes, room->kept);
    room->candidates = room->kept;
    room->kept = &room->rooms[room->candidates == &room->rooms[0]];
}

/* ---- the lead ---- */

/* Makes the postings of the block in [from, to) that may enter the candidates. */
static revue_status take_candidates(struct lead_search *search, uint32_t leaf, uint32_t from, uint32_t to) {
    struct lead_room *room = search->room;
    struct scored_leaf *lead = &search->leaves[leaf];
    struct scored_list *list = lead->lists;
    struct taken_postings taken; /* large: only what is used is filled in */
    const double value = scored_leaf_value_needed(lead, (double)(search->topk->threshold - room->rest));
    TRY(scored_leaf_take(lead, from, to, value, &taken, search->error));
    room->taken = room->candidates->count = taken.count;
    if (taken.count == 0) return REVUE_OK;
    TRY(lengths_gather(&list->lengths, taken.docs, taken.count, room->lengths, search->error));
    for (uint32_t i = 0; i < taken.count; i++) {
        room->candidates->docs[i] = taken.docs[i];
        room->candidates->postings[i] = i;
        room->frequencies[leaf][i] = taken.frequencies[i];
        room->bounds[i] = 0;
    }
    room->field = list->field;
    list->functions->add_bounds(taken.frequencies, room->lengths, taken.count, list->weight, list->b, list->average,
                                lead->scale, lead->k1, room->bounds);
    drop_below(search);
    return REVUE_OK;
}

/* ---- the others ---- */

/* The reader's block holds count of the candidates, held, as its postings found: what they add. */
static revue_status add_found(struct lead_search *search, uint32_t leaf, const uint32_t *held, const uint32_t *found,
                              uint32_t count) {
    struct lead_room *room = search->room;
    struct scored_list *list = search->leaves[leaf].lists;
    uint32_t docs[POSTINGS_BLOCK], frequencies[POSTINGS_BLOCK], lengths[POSTINGS_BLOCK];
    float bounds[POSTINGS_BLOCK];
    if (count == 0) return REVUE_OK;
    if (count > FEW) TRY(postings_reader_frequencies(&list->reader, search->error));
    for (uint32_t i = 0; i < count; i++) {
        TRY(postings_reader_frequency(&list->reader, found[i], &frequencies[i], search->error));
        const uint32_t posting = room->candidates->postings[held[i]];
        docs[i] = room->candidates->docs[held[i]];
        lengths[i] = room->lengths[posting];
        bounds[i] = room->bounds[posting];
    }
    if (list->field != room->field) TRY(lengths_gather(&list->lengths, docs, count, lengths, search->error));
    list->functions->add_bounds(frequencies, lengths, count, list->weight, list->b, list->average,
                                search->leaves[leaf].scale, search->leaves[leaf].k1, bounds);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t posting = room->candidates->postings[held[i]];
        room->frequencies[leaf][posting] = frequencies[i];
        room->bounds[posting] = bounds[i];
    }
    return REVUE_OK;
}

static revue_status ask(struct lead_search *search, uint32_t leaf) {
    struct lead_room *room = search->room;
    const struct candidates *candidates = room->candidates;
    struct scored_list *list = search->leaves[leaf].lists;
    uint32_t held[CANDIDATES_ROOM], found[CANDIDATES_ROOM];
    memset(room->frequencies[leaf], 0, room->taken * sizeof(uint32_t));
    for (uint32_t from = 0, to; from < candidates->count; from = to) {
        uint32_t count;
        TRY(postings_reader_seek_block(&list->reader, candidates->docs[from], search->error));
        if (list->reader.count == 0) break;
        to = from + room->functions->up_to(candidates->docs + from, candidates->count - from, list->reader.last_doc);
        TRY(scored_list_find(list, candidates->docs + from, to - from, held, found, &count, search->error));
        for (uint32_t i = 0; i < count; i++)
            held[i] += from;
        TRY(add_found(search, leaf, held, found, count));
    }
    drop_below(search);
    return REVUE_OK;
}

/* ---- scores ---- */

static revue_status add_contributions(struct lead_search *search, uint32_t leaf, int32_t *scores) {
    struct lead_room *room = search->room;
    struct scored_list *list = search->leaves[leaf].lists;
    uint32_t docs[POSTINGS_BLOCK], frequencies[POSTINGS_BLOCK], numbers[POSTINGS_BLOCK], count = 0;
    double values[POSTINGS_BLOCK];
    int32_t contributions[POSTINGS_BLOCK];
    for (uint32_t i = 0; i < room->candidates->count; i++) {
        docs[count] = room->candidates->docs[i];
        frequencies[count] = room->frequencies[leaf][room->candidates->postings[i]];
        numbers[count] = i;
        count += frequencies[count] > 0;
    }
    if (count == 0) return REVUE_OK;
    TRY(scored_list_values_of(list, docs, frequencies, count, values, search->error));
    list->functions->contributions(values, count, search->leaves[leaf].scale, search->leaves[leaf].k1, contributions);
    for (uint32_t i = 0; i < count; i++)
        scores[numbers[i]] += contributions[i];
    return REVUE_OK;
}

static revue_status collect(struct lead_search *search, const struct lead_word *words, uint32_t count) {
    const struct candidates *candidates = search->room->candidates;
    int32_t scores[POSTINGS_BLOCK];
    memset(scores, 0, candidates->count * sizeof *scores);
    for (uint32_t i = 0; i < count; i++)
        TRY(add_contributions(search, words[i].leaf, scores));
    topk_add_live(search->topk, search->segment, search->deletes, candidates->docs, scores, candidates->count,
                  search->total);
    return REVUE_OK;
}

/* ---- the search ---- */

static revue_status search_block(struct lead_search *search, const struct lead_word *words, uint32_t count, uint32_t from,
                                 uint32_t to) {
    struct lead_room *room = search->room;
    TRY(take_candidates(search, words[0].leaf, from, to));
    for (uint32_t i = 1; i < count && room->candidates->count > 0; i++) {
        room->rest -= words[i].bound;
        TRY(ask(search, words[i].leaf));
    }
    return room->candidates->count > 0 ? collect(search, words, count) : REVUE_OK;
}

revue_status lead_search_range(struct lead_search *search, const struct lead_word *words, uint32_t count, uint32_t from,
                               uint32_t to) {
    struct postings_reader *reader = &search->leaves[words[0].leaf].lists->reader;
    int64_t rest = 0;
    for (uint32_t i = 1; i < count; i++)
        rest += words[i].bound;
    while (from < to) {
        TRY(postings_reader_seek_block(reader, from, search->error));
        if (reader->count == 0 || reader->previous_last + 1 >= to) return REVUE_OK;
        search->room->rest = rest;
        TRY(search_block(search, words, count, from, to));
        from = reader->last_doc + 1;
    }
    return REVUE_OK;
}
