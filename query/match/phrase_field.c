/* phrase_field.c - see phrase_field.h.
 *
 * A word's positions are shifted back by its place in the phrase: an exact match has them all equal, and the largest less
 * the smallest is the number of moves that a sloppy one needs (Lucene's sloppy phrases). */
#include "query/match/phrase_field.h"

#include "indexer/format/scoring.h"

#include <string.h>

#define MATCH_WORK 8 /* a review where all the words are, in postings: positions, at worst its text */

/* ---- candidates ---- */

static struct list_cursor *list_of(const struct phrase_field *field, uint32_t word) {
    return &field->words[word].lists[0];
}

/* Looks for doc in the gathered words behind the pair. *target: no review before it has all of them. False when that
 * would leave a block that candidates lie in. */
static bool gather_words(struct phrase_field *field, uint32_t doc, uint32_t *target) {
    const uint32_t at = field->candidate_count;
    *target = doc;
    for (uint32_t i = 2; i < field->gathered && *target == doc; i++) {
        struct list_cursor *list = list_of(field, i);
        if (at > 0 && doc > list->reader.last_doc) return false;
        list_cursor_seek(list, doc, field->phrase->failure);
        field->index[i][at] = (uint8_t)list->index;
        *target = list->doc;
    }
    return true;
}

/* The next candidates at or after target: as many of those the pair has found as all lie in one block of each word. */
static void gather(struct phrase_field *field, uint32_t target) {
    struct list_pair *pair = &field->pair;
    if (field->pair_next == pair->count) {
        field->pair_next = 0;
        if (!list_pair_next(pair, target, field->phrase->failure)) {
            field->known_end = DOC_END;
            return;
        }
    }
    field->known_end = pair->limit + 1;
    for (; field->pair_next < pair->count && target != DOC_END; field->pair_next++) {
        const uint32_t rare = pair->rare_index[field->pair_next], doc = pair->rare->reader.docs[rare];
        if (doc < target) continue;
        if (field->candidate_count == field->at_once || !gather_words(field, doc, &target)) {
            field->known_end = doc;
            return;
        }
        field->candidates[field->candidate_count] = doc;
        field->index[0][field->candidate_count] = (uint8_t)rare;
        field->index[1][field->candidate_count] = pair->common_index[field->pair_next];
        field->candidate_count += target == doc;
    }
    if (target == DOC_END) field->known_end = DOC_END;
}

/* Without a pair: one review that has all the words, in which their lists then stand. */
static void gather_one(struct phrase_field *field, uint32_t target) {
    struct phrase *phrase = field->phrase;
    uint32_t doc;
    do {
        doc = target;
        for (uint32_t i = 0; i < phrase->word_count && target == doc && doc != DOC_END; i++)
            target = phrase_word_seek(&field->words[i], doc, phrase->failure);
    } while (target != doc);
    field->known_end = doc;
    if (doc == DOC_END) return;
    field->known_end = doc + 1;
    field->candidates[field->candidate_count++] = doc;
}

/* ---- bounds ---- */

/* What scoring_contribution makes of it is monotone but for the last bit: the margin is far above that. */
static double floor_value(struct phrase_floor *floor) {
    const double margin = 1e-9, share = ((double)*floor->least - 0.5) / floor->scale * (1 - margin);
    if (floor->value_of == *floor->least) return floor->value;
    floor->value_of = *floor->least;
    floor->value = share <= 0 ? 0 : share >= 1 ? INFINITY : floor->k1 * share / (1 - share) * (1 - margin);
    return floor->value;
}

/* Whether the others are known not to match in doc. */
static bool stands_alone(const struct phrase_field *others, uint32_t other_count, uint32_t doc) {
    for (uint32_t i = 0; i < other_count; i++) {
        if (doc >= others[i].known_end && others[i].known_end != DOC_END) return false;
        for (uint32_t match = others[i].match_next; match < others[i].match_count; match++)
            if (others[i].matches[match] == doc) return false;
    }
    return true;
}

/* Without a batch: occurrences of a word in the review its lists stand in. */
static uint32_t frequency_of_one(struct phrase_field *field, uint32_t word, uint32_t doc) {
    uint32_t frequency = 0;
    for (uint32_t i = 0; i < field->words[word].list_count; i++) {
        struct list_cursor *list = &field->words[word].lists[i];
        if (list->doc == doc) frequency += list_cursor_frequency(list, field->phrase->failure);
    }
    return frequency;
}

/* A phrase does not occur more often than its rarest word. */
static uint32_t most_frequent(struct phrase_field *field, uint32_t candidate) {
    const uint32_t words = field->gathered ? field->gathered : field->phrase->word_count;
    uint32_t most = UINT32_MAX;
    for (uint32_t i = 0; i < words; i++) {
        const uint32_t frequency = field->gathered ? list_of(field, i)->reader.frequencies[field->index[i][candidate]]
                                                   : frequency_of_one(field, i, field->candidates[candidate]);
        if (frequency < most) most = frequency;
    }
    return most;
}

static bool load_frequencies(struct phrase_field *field) {
    for (uint32_t i = 0; i < field->gathered; i++)
        if (!list_cursor_load_frequencies(list_of(field, i), field->phrase->failure)) return false;
    return true;
}

/* Leaves out what stays below the floor, whatever the positions, which need not be read then. */
static void keep_strong(struct phrase_field *field, struct phrase_floor *floor, const struct phrase_field *others,
                        uint32_t other_count) {
    struct cursor_failure *failure = field->phrase->failure;
    uint32_t lengths[POSTINGS_BLOCK], kept = 0;
    const double value = floor_value(floor);
    revue_status status = near_lengths_gather(&list_of(field, 0)->lengths, field->candidates, field->candidate_count,
                                              lengths, &failure->error);
    if (status != REVUE_OK && failure->status == REVUE_OK) failure->status = status;
    if (status != REVUE_OK || !load_frequencies(field)) return;
    for (uint32_t i = 0; i < field->alive_count; i++) {
        const uint32_t candidate = field->alive[i];
        const double norm = scoring_norm(floor->b, lengths[candidate], floor->average);
        field->alive[kept] = (uint8_t)candidate;
        kept += !(floor->weight * most_frequent(field, candidate) < value * norm) ||
                !stands_alone(others, other_count, field->candidates[candidate]);
    }
    field->alive_count = kept;
}

/* ---- masks ---- */

/* Leaves out the candidates in which a form asked for cannot stand, as far as the gathered words tell. */
static void keep_by_masks(struct phrase_field *field) {
    struct cursor_failure *failure = field->phrase->failure;
    memset(field->is_mixed, 0, sizeof field->is_mixed);
    for (uint32_t word = 0; word < field->gathered; word++) {
        uint32_t kept = 0;
        for (uint32_t i = 0; i < field->alive_count; i++) {
            const uint8_t candidate = field->alive[i];
            const enum form_presence presence =
                list_cursor_form_at(list_of(field, word), field->index[word][candidate], failure);
            field->is_mixed[candidate] |= presence == FORM_MAY_BE_THERE || presence == FORM_AMONG_OTHERS;
            field->alive[kept] = candidate;
            kept += presence != FORM_ABSENT;
        }
        field->alive_count = kept;
    }
}

/* ---- positions of a batch ---- */

/* The word's positions in the candidates alive, one after the other. False after a failure. */
static bool read_batch(struct phrase_field *field, uint32_t number) {
    struct phrase_word *word = &field->words[number];
    struct cursor_failure *failure = field->phrase->failure;
    struct list_cursor *list = list_of(field, number);
    uint8_t indexes[POSTINGS_BLOCK];
    size_t sum = 0;
    if (!list_cursor_load_frequencies(list, failure)) return false;
    for (uint32_t i = 0; i < field->alive_count; i++) {
        indexes[i] = field->index[number][field->alive[i]];
        sum += list->reader.frequencies[indexes[i]];
    }
    if (!phrase_word_reserve(word, sum, failure)) return false;
    list_cursor_positions(list, field->phrase->arena, indexes, field->alive_count, word->positions, failure);
    return failure->status == REVUE_OK;
}

/* Where the phrase would begin, by its rarest word. */
static void take_starts(struct phrase_field *field) {
    const struct phrase_word *word = &field->words[0];
    const uint32_t *frequencies = list_of(field, 0)->reader.frequencies;
    uint32_t from = 0;
    if (!read_batch(field, 0)) return;
    for (uint32_t i = 0; i < field->alive_count; i++) {
        const uint8_t candidate = field->alive[i];
        const uint32_t frequency = frequencies[field->index[0][candidate]];
        uint32_t count = 0;
        for (uint32_t j = from; j < from + frequency; j++)
            if (word->positions[j] >= word->place) word->positions[from + count++] = word->positions[j] - word->place;
        field->start_from[candidate] = from;
        field->start_count[candidate] = count;
        from += frequency;
    }
}

static void keep_by_positions(struct phrase_field *field, uint32_t number) {
    const struct phrase_word *word = &field->words[number];
    const uint32_t *frequencies = list_of(field, number)->reader.frequencies;
    uint32_t kept = 0;
    size_t from = 0;
    if (field->alive_count == 0 || !read_batch(field, number)) return;
    for (uint32_t i = 0; i < field->alive_count; i++) {
        const uint8_t candidate = field->alive[i];
        const uint32_t frequency = frequencies[field->index[number][candidate]];
        uint32_t *starts = field->words[0].positions + field->start_from[candidate];
        const uint32_t count = phrase_starts_keep(&field->starts, starts, field->start_count[candidate],
                                                  word->positions + from, frequency, word->place);
        field->start_count[candidate] = count;
        field->alive[kept] = candidate;
        kept += count > 0;
        from += frequency;
    }
    field->alive_count = kept;
}

/* ---- positions of one review ---- */

/* Makes all lists stand in the candidate: the gathered words' go back to it in their blocks. */
static bool stand_in(struct phrase_field *field, uint32_t candidate) {
    const uint32_t doc = field->candidates[candidate];
    for (uint32_t i = 0; i < field->gathered; i++) {
        list_of(field, i)->index = field->index[i][candidate];
        list_of(field, i)->doc = doc;
    }
    for (uint32_t i = field->gathered; i < field->phrase->word_count; i++)
        if (phrase_word_seek(&field->words[i], doc, field->phrase->failure) != doc) return false;
    return true;
}

/* Without a batch: all the positions of the rarest word that leave room for the words before it. */
static uint32_t starts_of_one(struct phrase_field *field, uint32_t doc) {
    struct phrase_word *rarest = &field->words[0];
    uint32_t count = 0;
    if (!phrase_word_read(field->phrase, rarest, doc)) return 0;
    for (size_t i = 0; i < rarest->count; i++)
        if (rarest->positions[i] >= rarest->place) rarest->positions[count++] = rarest->positions[i] - rarest->place;
    return count;
}

/* The words from number on, which are not gathered: their lists are sought to doc. */
static uint32_t finish_starts(struct phrase_field *field, uint32_t number, uint32_t doc, uint32_t *starts, uint32_t count,
                              bool *is_mixed) {
    struct phrase *phrase = field->phrase;
    for (uint32_t i = number; i < phrase->word_count && count > 0; i++) {
        struct phrase_word *word = &field->words[i];
        if (phrase_word_seek(word, doc, phrase->failure) != doc) return 0;
        if (phrase->forms && !phrase_word_may_stand(word, doc, phrase->failure, is_mixed)) return 0;
        if (!phrase_word_read(phrase, word, doc)) return 0;
        if (word->count == 0) return 0;
        count = phrase_starts_keep(&field->starts, starts, count, word->positions, word->count, word->place);
    }
    return count;
}

/* Without a text nothing can tell forms apart, the stems have to do. */
static uint32_t count_forms(struct phrase_field *field, uint32_t doc, uint32_t count) {
    struct phrase *phrase = field->phrase;
    struct cursor_failure *failure = phrase->failure;
    if (!phrase->segment->meta.has_text && field->field <= FIELD_TITLE) return count;
    revue_status status =
        field_text_count_phrase(&phrase->text, phrase->segment, doc, field->field, &count, &failure->error);
    if (status == REVUE_OK) return count;
    if (failure->status == REVUE_OK) failure->status = status;
    return 0;
}

static uint32_t exact_frequency(struct phrase_field *field, uint32_t candidate) {
    struct phrase *phrase = field->phrase;
    const uint32_t doc = field->candidates[candidate];
    uint32_t *starts, count, next = field->gathered;
    bool is_mixed = false;
    if (field->gathered > 0 && phrase->segment->meta.has_positions) {
        starts = field->words[0].positions + field->start_from[candidate];
        count = field->start_count[candidate];
        is_mixed = phrase->forms && field->is_mixed[candidate];
    } else {
        if (!stand_in(field, candidate)) return 0;
        if (phrase->forms && !phrase_word_may_stand(&field->words[0], doc, phrase->failure, &is_mixed)) return 0;
        count = starts_of_one(field, doc);
        starts = field->words[0].positions;
        next = 1;
    }
    count = finish_starts(field, next, doc, starts, count, &is_mixed);
    /* Positions out of the text are those of the forms. */
    is_mixed &= phrase->segment->meta.has_positions;
    return count > 0 && phrase->forms && is_mixed ? count_forms(field, doc, count) : count;
}

/* Each position counts in one match at most. */
static uint32_t count_sloppy(struct phrase_field *field) {
    const struct phrase *phrase = field->phrase;
    for (uint32_t i = 0; i < phrase->word_count; i++)
        field->words[i].at = 0;
    for (uint32_t count = 0;;) {
        int64_t smallest = INT64_MAX, largest = INT64_MIN;
        struct phrase_word *behind = NULL;
        for (uint32_t i = 0; i < phrase->word_count; i++) {
            struct phrase_word *word = &field->words[i];
            if (word->at == word->count) return count;
            int64_t shifted = (int64_t)word->positions[word->at] - word->place;
            if (shifted > largest) largest = shifted;
            if (shifted >= smallest) continue;
            smallest = shifted;
            behind = word;
        }
        if (largest - smallest > (int64_t)phrase->slop) {
            behind->at++;
            continue;
        }
        count++;
        for (uint32_t i = 0; i < phrase->word_count; i++)
            field->words[i].at++;
    }
}

static uint32_t sloppy_frequency(struct phrase_field *field, uint32_t candidate) {
    struct phrase *phrase = field->phrase;
    if (!stand_in(field, candidate)) return 0;
    for (uint32_t i = 0; i < phrase->word_count; i++)
        if (!phrase_word_read(phrase, &field->words[i], field->candidates[candidate])) return 0;
    return count_sloppy(field);
}

/* ---- without positions ---- */

/* Candidates of several batches are looked up together, unless but a few reviews are wanted here. */
#define PENDING_MAX (FIELD_TEXTS_MAX - POSTINGS_BLOCK)

static void match_texts(struct phrase_field *field) {
    struct phrase *phrase = field->phrase;
    const uint32_t wanted = field->at_once < PENDING_MAX ? field->at_once : PENDING_MAX;
    for (uint32_t i = 0; i < field->alive_count; i++)
        field->pending[field->pending_count++] = field->candidates[field->alive[i]];
    if (field->pending_count < wanted && field->known_end != DOC_END) return;
    uint32_t counts[FIELD_TEXTS_MAX];
    revue_status status = field_text_count_phrases(&phrase->text, phrase->segment, field->pending, field->pending_count,
                                                   field->field, counts, &phrase->failure->error);
    if (status != REVUE_OK && phrase->failure->status == REVUE_OK) phrase->failure->status = status;
    for (uint32_t i = 0; i < field->pending_count && status == REVUE_OK; i++) {
        field->matches[field->match_count] = field->pending[i];
        field->frequencies[field->match_count] = counts[i];
        field->match_count += counts[i] > 0;
    }
    field->pending_count = 0;
}

/* ---- matches ---- */

static void match_batch(struct phrase_field *field) {
    const struct phrase *phrase = field->phrase;
    const bool has_positions = phrase->segment->meta.has_positions;
    const bool is_batch = field->gathered > 0 && phrase->slop == 0;
    if (field->gathered > 0 && phrase->forms) keep_by_masks(field);
    if (!has_positions && phrase->slop == 0) {
        match_texts(field);
        return;
    }
    if (is_batch && field->alive_count > 0) take_starts(field);
    for (uint32_t word = 1; word < field->gathered && is_batch; word++)
        keep_by_positions(field, word);
    for (uint32_t i = 0; i < field->alive_count && phrase->failure->status == REVUE_OK; i++) {
        const uint32_t candidate = field->alive[i];
        const uint32_t frequency =
            phrase->slop > 0 ? sloppy_frequency(field, candidate) : exact_frequency(field, candidate);
        field->matches[field->match_count] = field->candidates[candidate];
        field->frequencies[field->match_count] = frequency;
        field->match_count += frequency > 0;
    }
}

uint32_t phrase_field_seek(struct phrase_field *field, uint32_t target, struct phrase_floor *floor,
                           const struct phrase_field *others, uint32_t other_count) {
    for (;;) {
        for (; field->match_next < field->match_count; field->match_next++)
            if (field->matches[field->match_next] >= target) return field->matches[field->match_next];
        field->match_next = field->match_count = field->candidate_count = 0;
        if (field->phrase->failure->status == REVUE_OK)
            field->phrase->failure->status = deadline_spend(field->at_once * MATCH_WORK, &field->phrase->failure->error);
        if (field->known_end == DOC_END || field->phrase->failure->status != REVUE_OK) return DOC_END;
        const bool goes_on = target <= field->known_end;
        field->at_once = !goes_on ? 1 : field->at_once < POSTINGS_BLOCK ? 4 * field->at_once : POSTINGS_BLOCK;
        const uint32_t from = goes_on ? field->known_end : target;
        if (field->gathered > 0)
            gather(field, from);
        else
            gather_one(field, from);
        if (field->phrase->failure->status != REVUE_OK) return DOC_END;
        field->alive_count = field->candidate_count;
        for (uint32_t i = 0; i < field->candidate_count; i++)
            field->alive[i] = (uint8_t)i;
        if (field->candidate_count > 0 && floor && floor->least && *floor->least != INT32_MIN)
            keep_strong(field, floor, others, other_count);
        if (field->candidate_count > 0 || field->pending_count > 0) match_batch(field);
    }
}

/* ---- opening ---- */

#define TABLE_PAYS 4096u /* postings of the rarest word */

static void sort_by_cost(struct phrase_word *words, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        struct phrase_word moved = words[i];
        uint32_t j = i;
        for (; j > 0 && words[j - 1].cost > moved.cost; j--)
            words[j] = words[j - 1];
        words[j] = moved;
    }
}

/* A word that more than half of the reviews have tells too little apart for what looking for it costs; but without
 * positions each candidate costs a text. */
static uint32_t count_gathered(const struct phrase_field *field) {
    const struct segment_meta *meta = &field->phrase->segment->meta;
    const uint64_t most = meta->has_positions ? meta->doc_count / 2 : meta->doc_count;
    uint32_t count = 0;
    while (count < field->phrase->word_count && field->words[count].list_count == 1 &&
           (count < 2 || field->words[count].cost <= most))
        count++;
    return count < 2 ? 0 : count;
}

/* Words of few postings are not worth a table. */
static bool open_starts(struct phrase_field *field) {
    const size_t size = PHRASE_STARTS_WINDOW * sizeof *field->starts.table;
    if (field->words[0].cost < TABLE_PAYS) return true;
    field->starts.table = arena_alloc(field->phrase->arena, size);
    if (field->starts.table) memset(field->starts.table, 0, size);
    return field->starts.table != NULL;
}

bool phrase_field_open(struct phrase *phrase, enum review_field number, struct phrase_field *field) {
    field->phrase = phrase;
    field->field = number;
    field->gathered = field->pair_next = field->match_next = field->match_count = field->known_end = 0;
    field->pending_count = 0;
    field->starts = (struct phrase_starts){0};
    field->at_once = POSTINGS_BLOCK;
    field->words = arena_alloc_array(phrase->arena, phrase->word_count, sizeof *field->words);
    if (!field->words) return false;
    memset(field->words, 0, phrase->word_count * sizeof *field->words);
    for (uint32_t i = 0; i < phrase->word_count; i++)
        if (!phrase_word_open(phrase, number, i, &field->words[i])) return false;
    sort_by_cost(field->words, phrase->word_count);
    field->gathered = count_gathered(field);
    if (field->gathered == 0) return true;
    field->index = arena_alloc_array(phrase->arena, field->gathered, sizeof *field->index);
    if (phrase->segment->meta.has_positions && !open_starts(field)) return false;
    return field->index && list_pair_open(&field->pair, list_of(field, 0), list_of(field, 1), phrase->arena);
}

void phrase_field_close(struct phrase_field *field) {
    for (uint32_t i = 0; i < field->phrase->word_count && field->words; i++)
        phrase_word_close(&field->words[i]);
}
