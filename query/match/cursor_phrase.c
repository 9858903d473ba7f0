/* cursor_phrase.c - words in order within one field.
 *
 * A phrase lies in one field, so each field is searched by itself, in phases that grow dearer: the reviews whose field
 * holds all the words, led by the rarest; of a phrase as written, the masks, which tell without positions that a form is
 * missing; the positions, again from the rarest word on and only as long as a match is still possible, since those of a
 * common word cost most; and the stored text, where the masks say that other forms of a word stand in the field as well.
 *
 * A word's positions are shifted back by its place in the phrase: an exact match has them all equal, and the largest less
 * the smallest is the number of moves that a sloppy one needs (Lucene's sloppy phrases). */
#include "query/match/cursor.h"

#include "indexer/base/memory.h"
#include "indexer/format/scoring.h"
#include "query/match/field_text.h"
#include "query/match/list_pair.h"

#include <stdlib.h>
#include <string.h>

struct phrase_word {
    uint32_t place; /* in the phrase, from 0 */
    uint64_t cost;
    struct list_cursor *lists; /* of its stems */
    uint32_t list_count;
    uint32_t *positions; /* in the review looked at, ascending */
    size_t count, capacity;
    size_t at; /* of a sloppy match */
};
struct phrase_field {
    enum review_field field;
    struct phrase_word *words; /* the rarest first */
    struct list_pair pair;     /* of the first two */
    uint32_t lead;             /* words that are found together: 2 with a pair, else 1 */
    uint32_t doc;              /* the review that holds all of them, as a cursor's */
    uint32_t frequency;        /* of the phrase, in the review the cursor stands on */
};
struct phrase_cursor {
    struct cursor cursor;
    struct segment *segment;
    struct arena *arena;
    struct phrase_field fields[FIELD_COUNT];
    uint32_t field_count, word_count, slop;
    const struct segment_word *words;
    struct field_scoring scoring;
    double scale;
    const struct view *forms; /* as written; NULL: any of the stems', as always with slop */
    const int32_t *least;     /* as in leaf_context */
    struct field_text text;
};

/* ---- reviews with all words ---- */

static uint32_t word_seek(struct phrase_word *word, uint32_t target, struct cursor_failure *failure) {
    uint32_t doc = DOC_END;
    for (uint32_t i = 0; i < word->list_count; i++) {
        list_cursor_seek(&word->lists[i], target, failure);
        if (word->lists[i].doc < doc) doc = word->lists[i].doc;
    }
    return doc;
}

static uint32_t lead_seek(struct phrase_field *field, uint32_t target, struct cursor_failure *failure) {
    return field->lead == 2 ? list_pair_seek(&field->pair, target, failure) : word_seek(&field->words[0], target, failure);
}

static void field_seek(struct phrase_cursor *phrase, struct phrase_field *field, uint32_t target) {
    struct cursor_failure *failure = phrase->cursor.failure;
    if (field->doc != CURSOR_BEFORE && field->doc >= target) return;
    for (;;) {
        const uint32_t doc = lead_seek(field, target, failure);
        target = doc;
        for (uint32_t i = field->lead; i < phrase->word_count && target == doc && doc != DOC_END; i++)
            target = word_seek(&field->words[i], doc, failure);
        if (target == doc || target == DOC_END) break;
    }
    field->doc = target;
}

/* ---- masks ---- */

/* May the form asked for stand in the list's field? *is_mixed is set when other forms may stand there too. */
static bool mask_allows(struct list_cursor *list, struct cursor_failure *failure, bool *is_mixed) {
    const enum form_presence presence = list_cursor_form(list, failure);
    *is_mixed |= presence == FORM_MAY_BE_THERE || presence == FORM_AMONG_OTHERS;
    return presence != FORM_ABSENT;
}

static bool masks_allow(struct phrase_cursor *phrase, struct phrase_field *field, bool *is_mixed) {
    for (uint32_t i = 0; i < phrase->word_count; i++) {
        struct phrase_word *word = &field->words[i];
        bool is_there = false;
        for (uint32_t list = 0; list < word->list_count; list++)
            if (word->lists[list].doc == field->doc)
                is_there |= mask_allows(&word->lists[list], phrase->cursor.failure, is_mixed);
        if (!is_there) return false;
    }
    return true;
}

/* ---- positions ---- */

static int compare_positions(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

static bool reserve_positions(struct phrase_cursor *phrase, struct phrase_word *word, size_t count) {
    if (count <= word->capacity || MEMORY_RESERVE(word->positions, word->capacity, count)) return true;
    cursor_fail(&phrase->cursor, error_no_memory(&phrase->cursor.failure->error));
    return false;
}

static bool is_word(const struct phrase_cursor *phrase, uint32_t place, const struct token *token) {
    const struct segment_word *word = &phrase->words[place];
    if (phrase->forms) return view_equal(phrase->forms[place], token->form);
    for (uint32_t i = 0; i < word->stem_count; i++)
        if (view_equal(word->stems[i].stem, token->stem)) return true;
    return false;
}

/* An index without positions has them in its stored text. */
static void read_from_text(struct phrase_cursor *phrase, struct phrase_field *field, struct phrase_word *word) {
    struct cursor_failure *failure = phrase->cursor.failure;
    revue_status status = field_text_load(&phrase->text, phrase->segment, field->doc, field->field, &failure->error);
    if (status != REVUE_OK) {
        cursor_fail(&phrase->cursor, status);
        return;
    }
    const struct tokens *tokens = &phrase->text.tokens;
    if (!reserve_positions(phrase, word, tokens->count)) return;
    for (size_t i = 0; i < tokens->count; i++)
        if (!tokens->items[i].repeated && is_word(phrase, word->place, &tokens->items[i]))
            word->positions[word->count++] = tokens->items[i].position;
}

static void read_from_lists(struct phrase_cursor *phrase, struct phrase_field *field, struct phrase_word *word) {
    struct cursor_failure *failure = phrase->cursor.failure;
    uint32_t used = 0;
    for (uint32_t i = 0; i < word->list_count; i++) {
        struct list_cursor *list = &word->lists[i];
        if (list->doc != field->doc) continue;
        if (phrase->forms && list_cursor_form(list, failure) == FORM_ABSENT) continue;
        uint32_t frequency = list_cursor_frequency(list, failure);
        if (!reserve_positions(phrase, word, word->count + frequency)) return;
        list_cursor_positions(list, phrase->arena, word->positions + word->count, failure);
        word->count += frequency;
        used++;
    }
    if (used > 1) qsort(word->positions, word->count, sizeof *word->positions, compare_positions);
}

/* False after a failure. */
static bool read_positions(struct phrase_cursor *phrase, struct phrase_field *field, struct phrase_word *word) {
    word->count = 0;
    if (phrase->segment->meta.has_positions)
        read_from_lists(phrase, field, word);
    else
        read_from_text(phrase, field, word);
    return phrase->cursor.failure->status == REVUE_OK;
}

/* ---- matches ---- */

/* Keeps the starts at which word stands at its place. */
static size_t keep_starts(uint32_t *starts, size_t count, const struct phrase_word *word) {
    size_t kept = 0;
    for (size_t i = 0, at = 0; i < count && at < word->count;) {
        const uint64_t wanted = (uint64_t)starts[i] + word->place, found = word->positions[at];
        if (wanted == found) starts[kept++] = starts[i];
        i += wanted <= found;
        at += found <= wanted;
    }
    return kept;
}

/* Where the phrase begins, with no moves: the starts are kept in place of the rarest word's positions. */
static size_t find_starts(struct phrase_cursor *phrase, struct phrase_field *field) {
    struct phrase_word *rarest = &field->words[0];
    size_t count = 0;
    if (!read_positions(phrase, field, rarest)) return 0;
    for (size_t i = 0; i < rarest->count; i++)
        if (rarest->positions[i] >= rarest->place) rarest->positions[count++] = rarest->positions[i] - rarest->place;
    for (uint32_t i = 1; i < phrase->word_count && count > 0; i++) {
        if (!read_positions(phrase, field, &field->words[i])) return 0;
        count = keep_starts(rarest->positions, count, &field->words[i]);
    }
    return count;
}

static uint32_t exact_frequency(struct phrase_cursor *phrase, struct phrase_field *field) {
    struct cursor_failure *failure = phrase->cursor.failure;
    bool is_mixed = false;
    if (phrase->forms && !masks_allow(phrase, field, &is_mixed)) return 0;
    uint32_t count = (uint32_t)find_starts(phrase, field);
    /* Positions out of the text are those of the forms; and without a text nothing can tell, the stems have to do. */
    const struct segment_meta *meta = &phrase->segment->meta;
    if (count == 0 || !is_mixed || !meta->has_positions || (!meta->has_text && field->field <= FIELD_TITLE)) return count;
    revue_status status = field_text_count_phrase(&phrase->text, phrase->segment, field->doc, field->field,
                                                  field->words[0].positions, count, &count, &failure->error);
    if (status != REVUE_OK) cursor_fail(&phrase->cursor, status);
    return status == REVUE_OK ? count : 0;
}

/* Each position counts in one match at most. */
static uint32_t sloppy_frequency(struct phrase_cursor *phrase, struct phrase_field *field) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < phrase->word_count; i++) {
        if (!read_positions(phrase, field, &field->words[i])) return 0;
        field->words[i].at = 0;
    }
    for (;;) {
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

/* ---- bounds ---- */

/* Occurrences of the word in the field of the review it stands on. */
static uint32_t word_frequency(struct phrase_word *word, uint32_t doc, struct cursor_failure *failure) {
    uint32_t frequency = 0;
    for (uint32_t i = 0; i < word->list_count; i++)
        if (word->lists[i].doc == doc) frequency += list_cursor_frequency(&word->lists[i], failure);
    return frequency;
}

/* A phrase does not occur more often than its rarest word. False: the review stays below what matters, whatever the
 * positions, which need not be read then. */
static bool may_matter(struct phrase_cursor *phrase, uint32_t doc) {
    struct cursor_failure *failure = phrase->cursor.failure;
    double x = 0;
    if (!phrase->least || *phrase->least == INT32_MIN) return true;
    for (uint32_t i = 0; i < phrase->field_count; i++) {
        struct phrase_field *field = &phrase->fields[i];
        uint32_t most = UINT32_MAX, length;
        if (field->doc != doc) continue;
        for (uint32_t w = 0; w < phrase->word_count; w++) {
            uint32_t frequency = word_frequency(&field->words[w], doc, failure);
            if (frequency < most) most = frequency;
        }
        revue_status status = near_lengths_get(&field->words[0].lists[0].lengths, doc, &length, &failure->error);
        if (status != REVUE_OK) cursor_fail(&phrase->cursor, status);
        if (failure->status != REVUE_OK) return true;
        x += scoring_field_value(phrase->scoring.weight[field->field], most,
                                 scoring_norm(phrase->scoring.b, length, phrase->scoring.average[field->field]));
    }
    return scoring_contribution_most(phrase->scale, x, phrase->scoring.k1) >= *phrase->least;
}

/* ---- the cursor ---- */

static void phrase_seek(struct cursor *cursor, uint32_t target) {
    struct phrase_cursor *phrase = (struct phrase_cursor *)cursor;
    for (;;) {
        uint32_t doc = DOC_END;
        bool is_match = false;
        for (uint32_t i = 0; i < phrase->field_count; i++) {
            field_seek(phrase, &phrase->fields[i], target);
            if (phrase->fields[i].doc < doc) doc = phrase->fields[i].doc;
        }
        cursor->doc = cursor->failure->status == REVUE_OK ? doc : DOC_END;
        if (cursor->doc == DOC_END) return;
        target = doc + 1;
        if (!may_matter(phrase, doc)) continue;
        for (uint32_t i = 0; i < phrase->field_count; i++) {
            struct phrase_field *field = &phrase->fields[i];
            field->frequency = field->doc != doc  ? 0
                               : phrase->slop > 0 ? sloppy_frequency(phrase, field)
                                                  : exact_frequency(phrase, field);
            is_match |= field->frequency > 0;
        }
        if (cursor->failure->status != REVUE_OK) cursor->doc = DOC_END;
        if (is_match || cursor->doc == DOC_END) return;
    }
}

static void phrase_evidence(struct cursor *cursor, struct leaf_evidence *evidence) {
    struct phrase_cursor *phrase = (struct phrase_cursor *)cursor;
    memset(evidence, 0, sizeof *evidence);
    for (uint32_t i = 0; i < phrase->field_count; i++) {
        struct phrase_field *field = &phrase->fields[i];
        if (field->frequency == 0) continue;
        revue_status status = near_lengths_get(&field->words[0].lists[0].lengths, cursor->doc,
                                               &evidence->length[field->field], &cursor->failure->error);
        if (status != REVUE_OK) {
            cursor_fail(cursor, status);
            return;
        }
        evidence->frequency[field->field] = field->frequency;
    }
}

static int32_t phrase_contribution(struct cursor *cursor) {
    struct phrase_cursor *phrase = (struct phrase_cursor *)cursor;
    const struct field_scoring *scoring = &phrase->scoring;
    struct leaf_evidence evidence;
    double x = 0;
    phrase_evidence(cursor, &evidence);
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (evidence.frequency[field] > 0)
            x += scoring_field_value(scoring->weight[field], evidence.frequency[field],
                                     scoring_norm(scoring->b, evidence.length[field], scoring->average[field]));
    /* A damaged length of 0 can make it infinite. */
    return x > 0 && x < INFINITY ? scoring_contribution(phrase->scale, x, scoring->k1) : 0;
}

static void phrase_close(struct cursor *cursor) {
    struct phrase_cursor *phrase = (struct phrase_cursor *)cursor;
    for (uint32_t i = 0; i < phrase->field_count; i++)
        for (uint32_t w = 0; w < phrase->word_count; w++) {
            struct phrase_word *word = &phrase->fields[i].words[w];
            for (uint32_t list = 0; list < word->list_count; list++)
                list_cursor_close(&word->lists[list]);
            memory_free(word->positions);
        }
    field_text_free(&phrase->text);
}

static const struct cursor_methods phrase_methods = {phrase_seek, phrase_contribution, phrase_close, phrase_evidence};

/* ---- creation ---- */

static bool field_holds_all(const struct segment_word *words, uint32_t count, unsigned field) {
    for (uint32_t i = 0; i < count; i++) {
        bool holds = false;
        for (uint32_t stem = 0; stem < words[i].stem_count; stem++)
            holds |= words[i].stems[stem].fields >> field & 1;
        if (!holds) return false;
    }
    return count > 0;
}

/* After a failure what was opened is in the word, for phrase_close. */
static bool open_word(struct phrase_cursor *phrase, enum review_field field, uint32_t place, struct phrase_word *word) {
    const struct segment_word *source = &phrase->words[place];
    word->place = place;
    word->lists = arena_alloc_array(phrase->arena, source->stem_count, sizeof *word->lists);
    if (!word->lists) return false;
    for (uint32_t stem = 0; stem < source->stem_count; stem++) {
        if (!(source->stems[stem].fields >> field & 1)) continue;
        list_cursor_open(&word->lists[word->list_count++], phrase->segment, field, &source->stems[stem],
                         phrase->cursor.failure);
        word->cost += source->stems[stem].lists[field].df;
    }
    return true;
}

static void sort_by_cost(struct phrase_word *words, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        struct phrase_word moved = words[i];
        uint32_t j = i;
        for (; j > 0 && words[j - 1].cost > moved.cost; j--)
            words[j] = words[j - 1];
        words[j] = moved;
    }
}

static bool open_field(struct phrase_cursor *phrase, enum review_field number) {
    struct phrase_field *field = &phrase->fields[phrase->field_count];
    *field = (struct phrase_field){.field = number, .doc = CURSOR_BEFORE};
    field->words = arena_alloc_array(phrase->arena, phrase->word_count, sizeof *field->words);
    if (!field->words) return false;
    memset(field->words, 0, phrase->word_count * sizeof *field->words);
    phrase->field_count++;
    for (uint32_t i = 0; i < phrase->word_count; i++)
        if (!open_word(phrase, number, i, &field->words[i])) return false;
    sort_by_cost(field->words, phrase->word_count);
    phrase->cursor.cost += field->words[0].cost;
    field->lead = 1;
    if (phrase->word_count < 2 || field->words[0].list_count != 1 || field->words[1].list_count != 1) return true;
    field->lead = 2;
    return list_pair_open(&field->pair, &field->words[0].lists[0], &field->words[1].lists[0], phrase->arena);
}

struct cursor *cursor_phrase_create(const struct leaf_context *context, const struct segment_word *words, uint32_t count,
                                    const struct field_scoring *scoring, double scale, uint32_t slop,
                                    const struct view *forms) {
    struct phrase_cursor *phrase = arena_alloc(context->arena, sizeof *phrase);
    if (!phrase) return NULL;
    *phrase = (struct phrase_cursor){.cursor = {&phrase_methods, context->failure, CURSOR_BEFORE, 0},
                                     .segment = context->segment,
                                     .arena = context->arena,
                                     .word_count = count,
                                     .slop = slop,
                                     .words = words,
                                     .scoring = *scoring,
                                     .scale = scale,
                                     .forms = slop == 0 ? forms : NULL,
                                     .least = context->least};
    field_text_init(&phrase->text, context->stemmer);
    field_text_look_for(&phrase->text, phrase->forms, phrase->forms ? count : 0, context->arena);
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        if (scoring->weight[field] <= 0 || !field_holds_all(words, count, field)) continue;
        if (!open_field(phrase, (enum review_field)field)) {
            phrase_close(&phrase->cursor);
            return NULL;
        }
    }
    return &phrase->cursor;
}
