/* phrase_field.c - see phrase_field.h.
 *
 * A word's positions are shifted back by its place in the phrase: an exact match has them all equal, and the largest less
 * the smallest is the number of moves that a sloppy one needs (Lucene's sloppy phrases). */
#include "query/match/phrase_field.h"

#include <string.h>

#define MATCH_WORK 8 /* a review where all the words are, in postings: positions, at worst its text */

static struct list_cursor *list_of(const struct phrase_field *field, uint32_t word) {
    return &field->words[word].lists[0];
}

/* What positions are found by: all reviews and frequencies of the block. */
static bool load_block(struct list_cursor *list, struct cursor_failure *failure) {
    revue_status status = list_cursor_decode(list, &failure->error);
    if (status != REVUE_OK && failure->status == REVUE_OK) failure->status = status;
    return status == REVUE_OK && list_cursor_load_frequencies(list, failure);
}

/* ---- candidates ---- */

/* Where nothing is gathered: one review that has all the words, in which their lists then stand. */
static void gather_one(struct phrase_field *field, uint32_t target) {
    struct phrase *phrase = field->phrase;
    uint32_t doc;
    if (target < field->batch.end) target = field->batch.end;
    do {
        doc = target;
        for (uint32_t i = 0; i < phrase->word_count && target == doc && doc != DOC_END; i++)
            target = phrase_word_seek(&field->words[i], doc, phrase->failure);
    } while (target != doc);
    field->batch.count = doc != DOC_END;
    field->batch.docs[0] = doc;
    field->batch.end = doc != DOC_END ? doc + 1 : DOC_END;
}

static void gather(struct phrase_field *field, uint32_t target, uint32_t last, struct phrase_floor *floor) {
    struct cursor_failure *failure = field->phrase->failure;
    const struct gather_limits limits = {field->at_once, last, floor};
    if (field->gathered == 0) {
        gather_one(field, target);
    } else {
        revue_status status = phrase_gather_next(&field->batch, target, &limits, &failure->error);
        if (status != REVUE_OK && failure->status == REVUE_OK) failure->status = status;
    }
    field->alive_count = field->batch.count;
    for (uint32_t i = 0; i < field->batch.count; i++)
        field->alive[i] = (uint8_t)i;
}

/* ---- bounds ---- */

/* Without a batch: how often the phrase may stand in the one review, in which all lists stand. */
static void most_of_one(struct phrase_field *field, uint32_t *most) {
    *most = UINT32_MAX;
    for (uint32_t word = 0; word < field->phrase->word_count; word++) {
        uint32_t frequency = 0;
        for (uint32_t i = 0; i < field->words[word].list_count; i++) {
            struct list_cursor *list = &field->words[word].lists[i];
            if (list->doc == field->batch.docs[0]) frequency += list_cursor_frequency(list, field->phrase->failure);
        }
        if (frequency < *most) *most = frequency;
    }
}

#define FEW_FREQUENCIES 3u /* that are read one by one */

/* A phrase does not occur more often than its rarest word. */
static revue_status most_frequent(struct phrase_field *field, uint32_t *most, revue_error *error) {
    const uint32_t count = field->batch.count;
    if (field->gathered == 0) {
        most_of_one(field, most);
        return field->phrase->failure->status;
    }
    for (uint32_t word = 0; word < field->gathered; word++) {
        struct postings_reader *reader = &list_of(field, word)->reader;
        const uint8_t *index = field->batch.index[word];
        if (count > FEW_FREQUENCIES) TRY(postings_reader_frequencies(reader, error));
        for (uint32_t i = 0; i < count; i++) {
            uint32_t frequency;
            TRY(postings_reader_frequency(reader, index[i], &frequency, error));
            most[i] = word == 0 || frequency < most[i] ? frequency : most[i];
        }
    }
    return REVUE_OK;
}

/* Leaves out what stays below the floor, whatever the positions, which need not be read then. */
static void keep_strong(struct phrase_field *field, uint32_t last, const struct phrase_floor *floor) {
    struct cursor_failure *failure = field->phrase->failure;
    uint32_t lengths[POSTINGS_BLOCK], frequencies[POSTINGS_BLOCK], passes[POSTINGS_BLOCK], kept = 0;
    const uint32_t count = field->batch.count;
    revue_status status =
        near_lengths_gather(&list_of(field, 0)->lengths, field->batch.docs, count, lengths, &failure->error);
    if (status == REVUE_OK) status = most_frequent(field, frequencies, &failure->error);
    if (status != REVUE_OK && failure->status == REVUE_OK) failure->status = status;
    if (status != REVUE_OK) return;
    phrase_floor_reach(floor, frequencies, lengths, count, passes);
    for (uint32_t i = 0; i < count; i++) {
        field->alive[kept] = (uint8_t)i;
        kept += passes[i] != 0 || field->batch.docs[i] >= last;
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
                list_cursor_form_at(list_of(field, word), field->batch.index[word][candidate], failure);
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
    if (!load_block(list, failure)) return false;
    for (uint32_t i = 0; i < field->alive_count; i++) {
        indexes[i] = field->batch.index[number][field->alive[i]];
        sum += list->reader.frequencies[indexes[i]];
    }
    if (!phrase_word_reserve(word, sum + PHRASE_STARTS_BEHIND, failure)) return false;
    word->count = sum;
    list_cursor_positions(list, indexes, field->alive_count, word->positions, failure);
    memset(word->positions + sum, 0, PHRASE_STARTS_BEHIND * sizeof *word->positions);
    return failure->status == REVUE_OK;
}

/* Where the phrase would begin, by its rarest word. What would be before the field wraps. */
static void take_starts(struct phrase_field *field) {
    const struct phrase_word *word = &field->words[0];
    const uint32_t *frequencies = list_of(field, 0)->reader.frequencies;
    uint32_t from = 0;
    if (!read_batch(field, 0)) return;
    for (size_t i = 0; i < word->count; i++)
        word->positions[i] -= word->place;
    for (uint32_t i = 0; i < field->alive_count; i++) {
        const uint8_t candidate = field->alive[i];
        field->start_from[candidate] = from;
        field->start_count[candidate] = frequencies[field->batch.index[0][candidate]];
        from += field->start_count[candidate];
    }
}

/* Of a candidate: drops the starts before the field, and those at which the word does not stand. */
static bool keep_starts(struct phrase_field *field, uint32_t candidate, const struct phrase_word *word,
                        const uint32_t *positions, uint32_t frequency) {
    const uint32_t *starts = field->words[0].positions, places = field->words[0].place;
    while (field->start_count[candidate] > 0 && starts[field->start_from[candidate]] > UINT32_MAX - places) {
        field->start_from[candidate]++;
        field->start_count[candidate]--;
    }
    field->start_count[candidate] =
        phrase_starts_keep(&field->starts, field->words[0].positions + field->start_from[candidate],
                           field->start_count[candidate], positions, frequency, word->place);
    return field->start_count[candidate] > 0;
}

static void keep_by_positions(struct phrase_field *field, uint32_t number) {
    const struct phrase_word *word = &field->words[number];
    const uint32_t *frequencies = list_of(field, number)->reader.frequencies, *starts = field->words[0].positions;
    uint32_t kept = 0;
    const uint32_t *positions;
    if (field->alive_count == 0 || !read_batch(field, number)) return;
    positions = word->positions;
    for (uint32_t i = 0; i < field->alive_count; i++) {
        const uint8_t candidate = field->alive[i];
        const uint32_t frequency = frequencies[field->batch.index[number][candidate]];
        field->alive[kept] = candidate;
        if (phrase_starts_may_keep(starts + field->start_from[candidate], field->start_count[candidate], positions,
                                   frequency, word->place))
            kept += keep_starts(field, candidate, word, positions, frequency);
        positions += frequency;
    }
    field->alive_count = kept;
}

/* ---- positions of one review ---- */

/* Makes all lists stand in the candidate: the gathered words' go back to it in their blocks. */
static bool stand_in(struct phrase_field *field, uint32_t candidate) {
    const uint32_t doc = field->batch.docs[candidate];
    for (uint32_t i = 0; i < field->gathered; i++) {
        if (!load_block(list_of(field, i), field->phrase->failure)) return false;
        list_of(field, i)->index = field->batch.index[i][candidate];
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
    const uint32_t doc = field->batch.docs[candidate];
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
        if (!phrase_word_read(phrase, &field->words[i], field->batch.docs[candidate])) return 0;
    return count_sloppy(field);
}

/* ---- without positions ---- */

/* Candidates of several batches are looked up together, unless but a few reviews are wanted here. */
#define PENDING_MAX (FIELD_TEXTS_MAX - POSTINGS_BLOCK)

static void match_texts(struct phrase_field *field, uint32_t last) {
    struct phrase *phrase = field->phrase;
    const uint32_t wanted = field->at_once < PENDING_MAX ? field->at_once : PENDING_MAX;
    for (uint32_t i = 0; i < field->alive_count; i++)
        field->pending[field->pending_count++] = field->batch.docs[field->alive[i]];
    if (field->pending_count < wanted && field->batch.end <= last && field->batch.end != DOC_END) return;
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

static void match_batch(struct phrase_field *field, uint32_t last) {
    const struct phrase *phrase = field->phrase;
    const bool has_positions = phrase->segment->meta.has_positions;
    const bool is_batch = field->gathered > 0 && phrase->slop == 0;
    if (field->gathered > 0 && phrase->forms) keep_by_masks(field);
    if (!has_positions && phrase->slop == 0) {
        match_texts(field, last);
        return;
    }
    if (is_batch && field->alive_count > 0) take_starts(field);
    for (uint32_t word = 1; word < field->gathered && is_batch; word++)
        keep_by_positions(field, word);
    for (uint32_t i = 0; i < field->alive_count && phrase->failure->status == REVUE_OK; i++) {
        const uint32_t candidate = field->alive[i];
        const uint32_t frequency =
            phrase->slop > 0 ? sloppy_frequency(field, candidate) : exact_frequency(field, candidate);
        field->matches[field->match_count] = field->batch.docs[candidate];
        field->frequencies[field->match_count] = frequency;
        field->match_count += frequency > 0;
    }
}

uint32_t phrase_field_seek(struct phrase_field *field, uint32_t target, uint32_t last, struct phrase_floor *floor) {
    struct cursor_failure *failure = field->phrase->failure;
    for (;;) {
        for (; field->match_next < field->match_count; field->match_next++)
            if (field->matches[field->match_next] >= target)
                return field->matches[field->match_next] <= last ? field->matches[field->match_next] : DOC_END;
        field->match_next = field->match_count = 0;
        if (failure->status == REVUE_OK) failure->status = deadline_spend(field->at_once * MATCH_WORK, &failure->error);
        if (field->batch.end == DOC_END || field->batch.end > last || failure->status != REVUE_OK) return DOC_END;
        const bool goes_on = target <= field->batch.end;
        field->at_once = !goes_on ? 1 : field->at_once < POSTINGS_BLOCK ? 4 * field->at_once : POSTINGS_BLOCK;
        gather(field, target, last, floor);
        if (failure->status != REVUE_OK) return DOC_END;
        if (field->batch.count > 0 && phrase_floor_look(floor)) keep_strong(field, last, floor);
        if (field->batch.count > 0 || field->pending_count > 0) match_batch(field, last);
    }
}

/* ---- opening ---- */

#define FIRST_AT_ONCE 4u /* the first few matches may give a floor */
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
    if (meta->doc_count > INT32_MAX) return 0;
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
    field->gathered = field->match_next = field->match_count = field->pending_count = 0;
    field->batch.end = 0;
    field->starts = (struct phrase_starts){0};
    field->at_once = FIRST_AT_ONCE;
    field->words = arena_alloc_array(phrase->arena, phrase->word_count, sizeof *field->words);
    if (!field->words) return false;
    memset(field->words, 0, phrase->word_count * sizeof *field->words);
    for (uint32_t i = 0; i < phrase->word_count; i++)
        if (!phrase_word_open(phrase, number, i, &field->words[i])) return false;
    sort_by_cost(field->words, phrase->word_count);
    field->gathered = count_gathered(field);
    if (field->gathered == 0) return true;
    if (phrase->segment->meta.has_positions && !open_starts(field)) return false;
    return phrase_gather_open(&field->batch, field->words, field->gathered, phrase->arena);
}

void phrase_field_close(struct phrase_field *field) {
    for (uint32_t i = 0; i < field->phrase->word_count && field->words; i++)
        phrase_word_close(&field->words[i]);
}
