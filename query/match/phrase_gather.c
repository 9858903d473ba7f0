/* phrase_gather.c - see phrase_gather.h. */
#include "query/match/phrase_gather.h"

#include <string.h>

#define UNASKED_BLOCKS 3u
#define FEW_TARGETS 12u /* that are looked up in a block of bits as it is, undecoded */

static struct list_cursor *list_of(const struct phrase_gather *gather, uint32_t word) {
    return &gather->words[word].lists[0];
}

static struct postings_reader *reader_of(const struct phrase_gather *gather, uint32_t word) {
    return &list_of(gather, word)->reader;
}

bool phrase_gather_open(struct phrase_gather *gather, struct phrase_word *words, uint32_t word_count, struct arena *arena) {
    gather->words = words;
    gather->word_count = word_count;
    gather->end = gather->count = gather->lead_next = 0;
    gather->pairs.count = gather->pairs.next = gather->unasked = 0;
    gather->lead_block = UINT32_MAX;
    gather->lead = &gather->rooms[0];
    gather->kept = &gather->rooms[1];
    gather->lead->count = 0;
    gather->functions = candidate_functions_best();
    gather->index = arena_alloc_array(arena, word_count, sizeof *gather->index);
    return gather->index != NULL;
}

/* ---- the lead's postings ---- */

/* Moves the lead to a block that reaches where every word has one, at or after from. False: there is none. */
static revue_status find_lead_block(struct phrase_gather *gather, uint32_t from, bool *found, revue_error *error) {
    struct postings_reader *lead = reader_of(gather, 0);
    *found = false;
    TRY(postings_reader_seek_block(lead, from, error));
    for (uint32_t word = 1; word < gather->word_count && lead->count > 0;) {
        struct postings_reader *reader = reader_of(gather, word);
        const uint32_t begin = lead->previous_last + 1;
        TRY(postings_reader_seek_block(reader, begin > from ? begin : from, error));
        if (reader->count == 0) return REVUE_OK;
        const uint32_t begins = reader->previous_last + 1;
        word = begins > lead->last_doc ? 1 : word + 1;
        if (begins > lead->last_doc) TRY(postings_reader_seek_block(lead, begins, error));
    }
    *found = lead->count > 0;
    return REVUE_OK;
}

static void keep_lead(struct phrase_gather *gather, const uint32_t *passes) {
    struct candidates *kept = gather->kept;
    gather->functions->keep(gather->lead, passes, kept);
    gather->kept = gather->lead;
    gather->lead = kept;
}

static void take_all(struct phrase_gather *gather) {
    const struct postings_reader *reader = reader_of(gather, 0);
    memcpy(gather->lead->docs, reader->docs, sizeof(uint32_t[POSTINGS_BLOCK]));
    for (uint32_t i = 0; i < POSTINGS_BLOCK; i++)
        gather->lead->postings[i] = i;
    gather->lead->count = reader->count;
}

/* Those with a frequency of least, in a block all of which may matter as little as the floor says. */
static revue_status take_frequent(struct phrase_gather *gather, const struct gather_limits *limits, uint32_t least,
                                  revue_error *error) {
    struct postings_reader *reader = reader_of(gather, 0);
    if (least <= 1 || reader->last_doc >= limits->last) {
        take_all(gather);
        return REVUE_OK;
    }
    TRY(postings_reader_frequencies(reader, error));
    gather->functions->take(reader->docs, reader->frequencies, reader->count, least, gather->lead);
    return REVUE_OK;
}

/* What is not before limits->last matters in any case. */
static void spare_last(const struct phrase_gather *gather, const struct gather_limits *limits, uint32_t *passes) {
    const struct candidates *lead = gather->lead;
    for (uint32_t i = lead->count; i > 0 && lead->docs[i - 1] >= limits->last; i--)
        passes[i - 1] = UINT32_MAX;
}

/* Drops those whose field is too long for their frequency; where most are short enough, the next blocks are not asked. */
static revue_status drop_long(struct phrase_gather *gather, const struct gather_limits *limits, revue_error *error) {
    struct list_cursor *list = list_of(gather, 0);
    uint32_t lengths[POSTINGS_BLOCK], frequencies[POSTINGS_BLOCK], passes[CANDIDATES_ROOM];
    const uint32_t count = gather->lead->count;
    TRY(postings_reader_frequencies(&list->reader, error));
    TRY(near_lengths_gather(&list->lengths, gather->lead->docs, count, lengths, error));
    for (uint32_t i = 0; i < count; i++)
        frequencies[i] = list->reader.frequencies[gather->lead->postings[i]];
    phrase_floor_reach(limits->floor, frequencies, lengths, count, passes);
    spare_last(gather, limits, passes);
    keep_lead(gather, passes);
    gather->unasked = gather->lead->count > count / 4 * 3 ? UNASKED_BLOCKS : 0;
    return REVUE_OK;
}

/* The postings of the lead's block that may matter. */
static revue_status take_lead(struct phrase_gather *gather, const struct gather_limits *limits, revue_error *error) {
    struct list_cursor *list = list_of(gather, 0);
    const bool has_floor = phrase_floor_look(limits->floor);
    uint32_t least = 0;
    gather->lead_block = list->reader.block;
    gather->lead_next = gather->lead->count = 0;
    if (has_floor) TRY(phrase_floor_block(limits->floor, &list->reader, &least, error));
    if (least == PHRASE_FLOOR_NONE && list->reader.last_doc < limits->last) return REVUE_OK;
    TRY(list_cursor_decode(list, error));
    TRY(take_frequent(gather, limits, least, error));
    if (!has_floor) return REVUE_OK;
    if (gather->unasked > 0) {
        gather->unasked--;
        return REVUE_OK;
    }
    return gather->lead->count > 0 ? drop_long(gather, limits, error) : REVUE_OK;
}

static void pass_lead(struct phrase_gather *gather, uint32_t from) {
    const struct candidates *lead = gather->lead;
    while (gather->lead_next < lead->count && lead->docs[gather->lead_next] < from)
        gather->lead_next++;
}

/* ---- the second word ---- */

/* Moves a word to its block that doc may lie in. Reviews from doc up to *from, itself excluded, hold it not or do not
 * matter. */
static revue_status seek_word(struct phrase_gather *gather, uint32_t word, uint32_t doc, const struct gather_limits *limits,
                              uint32_t *from, revue_error *error) {
    struct postings_reader *reader = reader_of(gather, word);
    uint32_t least = 0;
    const bool moves = doc > reader->last_doc;
    if (moves) TRY(postings_reader_seek_block(reader, doc, error));
    if (moves && phrase_floor_look(limits->floor)) TRY(phrase_floor_block(limits->floor, reader, &least, error));
    const bool may = least != PHRASE_FLOOR_NONE || reader->last_doc >= limits->last;
    *from = reader->count == 0 ? DOC_END : may ? reader->previous_last + 1 : reader->last_doc + 1;
    return REVUE_OK;
}

/* Moves the second word to a block in which the lead's next posting may be. *found: the lead has such a posting. */
static revue_status find_second_block(struct phrase_gather *gather, const struct gather_limits *limits, bool *found,
                                      revue_error *error) {
    *found = false;
    while (gather->lead_next < gather->lead->count) {
        const uint32_t doc = gather->lead->docs[gather->lead_next];
        uint32_t from;
        TRY(seek_word(gather, 1, doc, limits, &from, error));
        *found = from <= doc;
        if (*found) return REVUE_OK;
        pass_lead(gather, from);
    }
    return REVUE_OK;
}

/* Which of the targets, which lie in it, the word's block has. */
static revue_status find(struct phrase_gather *gather, uint32_t word, const uint32_t *targets, uint32_t count,
                         uint32_t *held, uint32_t *places, uint32_t *found, revue_error *error) {
    struct list_cursor *list = list_of(gather, word);
    struct postings_reader *reader = &list->reader;
    if (!reader->has_docs && count <= FEW_TARGETS) TRY(postings_reader_bitset(reader, error));
    if (reader->has_docs || !reader->bitset) {
        TRY(list_cursor_decode(list, error));
        *found = gather->functions->find(targets, count, reader->docs, held, places);
        return REVUE_OK;
    }
    *found = 0;
    for (uint32_t i = 0; i < count; i++) {
        held[*found] = i;
        *found += postings_reader_bitset_has(reader, targets[i], &places[*found]);
    }
    return REVUE_OK;
}

/* Keeps those of the batch that the word holds. */
static revue_status keep_held(struct phrase_gather *gather, uint32_t word, revue_error *error) {
    uint32_t held[CANDIDATES_ROOM], places[CANDIDATES_ROOM], count;
    TRY(find(gather, word, gather->docs, gather->count, held, places, &count, error));
    for (uint32_t before = 0; before < word && count < gather->count; before++)
        for (uint32_t i = 0; i < count; i++)
            gather->index[before][i] = gather->index[before][held[i]];
    for (uint32_t i = 0; i < count; i++) {
        gather->docs[i] = gather->docs[held[i]];
        gather->index[word][i] = (uint8_t)places[i];
    }
    gather->count = count;
    return REVUE_OK;
}

/* How many of count ascending docs, at least one, are not behind last. By halves: where the steps end cannot be predicted,
 * so that how many there are follows from count alone. */
static uint32_t count_up_to(const uint32_t *docs, uint32_t count, uint32_t last) {
    const uint32_t *from = docs;
    while (count > 1) {
        const uint32_t half = count / 2;
        from += from[half - 1] <= last ? half : 0;
        count -= half;
    }
    return (uint32_t)(from - docs) + (*from <= last);
}

/* A batch of the lead's postings up to last, of which there is one, that the second word has: both have a block that
 * reaches there. */
static revue_status look_up(struct phrase_gather *gather, uint32_t last, uint32_t at_once, revue_error *error) {
    const struct candidates *lead = gather->lead;
    const uint32_t *docs = lead->docs + gather->lead_next, *postings = lead->postings + gather->lead_next;
    const uint32_t left = lead->count - gather->lead_next, most = left < at_once ? left : at_once;
    const uint32_t count = count_up_to(docs, most, last);
    uint32_t held[CANDIDATES_ROOM], places[CANDIDATES_ROOM];
    gather->lead_next += count;
    gather->end = count < left && docs[count] <= last ? docs[count] : last + 1;
    TRY(find(gather, 1, docs, count, held, places, &gather->count, error));
    for (uint32_t i = 0; i < gather->count; i++) {
        gather->docs[i] = docs[held[i]];
        gather->index[0][i] = (uint8_t)postings[held[i]];
        gather->index[1][i] = (uint8_t)places[i];
    }
    return REVUE_OK;
}

/* ---- the other words ---- */

static void put_pairs(struct phrase_gather *gather) {
    struct phrase_pairs *pairs = &gather->pairs;
    memcpy(pairs->docs, gather->docs, gather->count * sizeof *pairs->docs);
    memcpy(pairs->index[0], gather->index[0], gather->count);
    memcpy(pairs->index[1], gather->index[1], gather->count);
    pairs->count = gather->count;
    pairs->next = 0;
    pairs->end = gather->end;
    if (gather->count > 0) gather->end = gather->docs[0];
    gather->count = 0;
}

static void pass_pairs(struct phrase_pairs *pairs, uint32_t from) {
    while (pairs->next < pairs->count && pairs->docs[pairs->next] < from)
        pairs->next++;
}

/* Moves the other words to the blocks in which the next pair may be; *last is the last review that lies in all of them. */
static revue_status find_other_blocks(struct phrase_gather *gather, const struct gather_limits *limits, uint32_t *last,
                                      revue_error *error) {
    struct phrase_pairs *pairs = &gather->pairs;
    *last = DOC_END;
    for (uint32_t word = 2; word < gather->word_count && pairs->next < pairs->count;) {
        const uint32_t doc = pairs->docs[pairs->next];
        uint32_t from;
        TRY(seek_word(gather, word, doc, limits, &from, error));
        if (from > doc) {
            pass_pairs(pairs, from);
            *last = DOC_END;
            word = 2;
            continue;
        }
        if (reader_of(gather, word)->last_doc < *last) *last = reader_of(gather, word)->last_doc;
        word++;
    }
    return REVUE_OK;
}

/* A batch of the pairs that all other words hold. */
static revue_status look_up_pairs(struct phrase_gather *gather, const struct gather_limits *limits, revue_error *error) {
    struct phrase_pairs *pairs = &gather->pairs;
    uint32_t last;
    pass_pairs(pairs, gather->end);
    TRY(find_other_blocks(gather, limits, &last, error));
    for (gather->count = 0; pairs->next < pairs->count && pairs->docs[pairs->next] <= last; pairs->next++) {
        gather->docs[gather->count] = pairs->docs[pairs->next];
        gather->index[0][gather->count] = pairs->index[0][pairs->next];
        gather->index[1][gather->count++] = pairs->index[1][pairs->next];
    }
    const uint32_t end = pairs->next < pairs->count ? pairs->docs[pairs->next] : pairs->end;
    if (end > gather->end) gather->end = end;
    for (uint32_t word = 2; word < gather->word_count && gather->count > 0; word++)
        TRY(keep_held(gather, word, error));
    return REVUE_OK;
}

/* ---- batches ---- */

/* Stands in a block of the lead that is not passed. *found: there is one. */
static revue_status enter_lead_block(struct phrase_gather *gather, const struct gather_limits *limits, bool *found,
                                     revue_error *error) {
    struct postings_reader *lead = reader_of(gather, 0);
    *found = gather->lead_block != UINT32_MAX && gather->end <= lead->last_doc;
    if (!*found) {
        TRY(find_lead_block(gather, gather->end, found, error));
        if (*found && gather->lead_block != lead->block) TRY(take_lead(gather, limits, error));
    }
    pass_lead(gather, gather->end);
    return REVUE_OK;
}

/* One step: some of the lead's postings are looked up, or the block ends. */
static revue_status step(struct phrase_gather *gather, const struct gather_limits *limits, uint32_t at_once,
                         revue_error *error) {
    struct postings_reader *lead = reader_of(gather, 0);
    bool found;
    TRY(enter_lead_block(gather, limits, &found, error));
    if (!found) {
        gather->end = DOC_END;
        return REVUE_OK;
    }
    TRY(find_second_block(gather, limits, &found, error));
    uint32_t last = found ? reader_of(gather, 1)->last_doc : lead->last_doc;
    if (last > lead->last_doc) last = lead->last_doc;
    if (last > limits->last) last = limits->last;
    if (found && gather->lead->docs[gather->lead_next] <= last) return look_up(gather, last, at_once, error);
    gather->end = last + 1;
    return REVUE_OK;
}

/* Leaves no more than at_once in the batch: the others are looked up again. */
static void cut_batch(struct phrase_gather *gather, uint32_t at_once) {
    struct phrase_pairs *pairs = &gather->pairs;
    if (gather->count <= at_once) return;
    gather->count = at_once;
    gather->end = gather->docs[at_once];
    while (gather->word_count > 2 && pairs->next > 0 && pairs->docs[pairs->next - 1] >= gather->end)
        pairs->next--;
    while (gather->word_count == 2 && gather->lead->docs[gather->lead_next - 1] >= gather->end)
        gather->lead_next--;
}

revue_status phrase_gather_next(struct phrase_gather *gather, uint32_t from, const struct gather_limits *limits,
                                revue_error *error) {
    uint32_t at_once = limits->at_once;
    const bool has_others = gather->word_count > 2;
    if (from > gather->end) gather->end = from;
    gather->count = 0;
    while (gather->count == 0 && gather->end != DOC_END && gather->end <= limits->last) {
        TRY(deadline_spend(at_once, error));
        if (has_others && gather->pairs.next < gather->pairs.count) {
            TRY(look_up_pairs(gather, limits, error));
            continue;
        }
        TRY(step(gather, limits, at_once, error));
        if (has_others) put_pairs(gather);
        at_once = at_once < CANDIDATES_MAX / 4 ? 4 * at_once : CANDIDATES_MAX;
    }
    cut_batch(gather, limits->at_once);
    return REVUE_OK;
}
