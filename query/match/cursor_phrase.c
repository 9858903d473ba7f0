/* cursor_phrase.c - words in order within one field. Two phases: the reviews that hold all words in a field, then their
 * positions there. A word's positions are shifted back by its place in the phrase: an exact match has them all equal, and
 * the largest less the smallest is the number of moves that a sloppy one needs (Lucene's sloppy phrases). */
#include "query/match/cursor.h"

#include "indexer/format/scoring.h"
#include "query/match/field_text.h"
#include "query/match/list_cursor.h"

#include <stdlib.h>

struct phrase_word {
    struct list_cursor *lists; /* of its stems */
    uint32_t list_count;
    struct bytes positions; /* uint32_t, ascending */
    size_t at;
};
struct phrase_field {
    enum review_field field;
    struct phrase_word *words;
    uint32_t doc, frequency; /* the review that was looked at last */
    uint64_t cost;
};
struct phrase_cursor {
    struct cursor cursor;
    const struct leaf_context *context;
    struct phrase_field fields[FIELD_COUNT];
    uint32_t field_count, word_count, slop;
    const struct segment_word *words;
    struct field_scoring scoring;
    double scale;
    const struct view *forms;
    struct field_text text;
};

static uint32_t word_seek(struct phrase_cursor *phrase, struct phrase_word *word, uint32_t target) {
    uint32_t doc = DOC_END;
    for (uint32_t i = 0; i < word->list_count; i++) {
        list_cursor_seek(&word->lists[i], target, phrase->cursor.failure);
        if (word->lists[i].doc < doc) doc = word->lists[i].doc;
    }
    return doc;
}

static uint32_t field_seek_all(struct phrase_cursor *phrase, struct phrase_field *field, uint32_t target) {
    for (uint32_t i = 0; i < phrase->word_count;) {
        uint32_t doc = word_seek(phrase, &field->words[i], target);
        if (doc == DOC_END) return DOC_END;
        i = doc > target && i > 0 ? 0 : i + 1;
        target = doc;
    }
    return target;
}

static int compare_positions(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

static bool stem_is_of_word(const struct segment_word *word, struct view stem) {
    for (uint32_t i = 0; i < word->stem_count; i++)
        if (view_equal(word->stems[i].stem, stem)) return true;
    return false;
}

/* An index without positions has them in its stored text. */
static void positions_from_text(struct phrase_cursor *phrase, struct phrase_field *field, uint32_t doc) {
    struct cursor_failure *failure = phrase->cursor.failure;
    revue_status status = field_text_load(&phrase->text, phrase->context->segment, doc, field->field, &failure->error);
    if (status != REVUE_OK) cursor_fail(&phrase->cursor, status);
    for (uint32_t i = 0; i < phrase->word_count && status == REVUE_OK; i++)
        for (size_t token = 0; token < phrase->text.tokens.count; token++) {
            const struct token *found = &phrase->text.tokens.items[token];
            if (!found->repeated && stem_is_of_word(&phrase->words[i], found->stem))
                bytes_append_u32(&field->words[i].positions, found->position);
        }
}

static void positions_from_lists(struct phrase_cursor *phrase, struct phrase_field *field, uint32_t doc) {
    for (uint32_t i = 0; i < phrase->word_count; i++) {
        struct phrase_word *word = &field->words[i];
        uint32_t used = 0;
        for (uint32_t list = 0; list < word->list_count; list++) {
            if (word->lists[list].doc != doc) continue;
            list_cursor_positions(&word->lists[list], phrase->context->arena, &word->positions, phrase->cursor.failure);
            used++;
        }
        if (used > 1) qsort(word->positions.data, word->positions.size / 4, 4, compare_positions);
    }
}

static uint32_t position_at(const struct phrase_word *word, size_t at) {
    return load_le32(word->positions.data + at * 4);
}

/* As written: the forms at the places of a match are those of the query. */
static bool forms_agree(struct phrase_cursor *phrase, struct phrase_field *field, uint32_t first_position) {
    struct cursor_failure *failure = phrase->cursor.failure;
    struct segment *segment = phrase->context->segment;
    if (!phrase->forms || (!segment->meta.has_text && field->field <= FIELD_TITLE)) return true;
    revue_status status = field_text_load(&phrase->text, segment, phrase->fields[0].doc, field->field, &failure->error);
    if (status != REVUE_OK) {
        cursor_fail(&phrase->cursor, status);
        return false;
    }
    uint32_t matched = 0;
    for (size_t i = 0; i < phrase->text.tokens.count && matched < phrase->word_count; i++) {
        const struct token *token = &phrase->text.tokens.items[i];
        if (token->repeated || token->position != first_position + matched) continue;
        if (!view_equal(token->form, phrase->forms[matched])) return false;
        matched++;
    }
    return matched == phrase->word_count;
}

static uint32_t count_matches(struct phrase_cursor *phrase, struct phrase_field *field) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < phrase->word_count; i++)
        field->words[i].at = 0;
    for (;;) {
        int64_t smallest = INT64_MAX, largest = INT64_MIN;
        uint32_t behind = 0;
        for (uint32_t i = 0; i < phrase->word_count; i++) {
            struct phrase_word *word = &field->words[i];
            if (word->at * 4 >= word->positions.size) return count;
            int64_t shifted = (int64_t)position_at(word, word->at) - i;
            if (shifted < smallest) {
                smallest = shifted;
                behind = i;
            }
            if (shifted > largest) largest = shifted;
        }
        if (largest - smallest > (int64_t)phrase->slop) {
            field->words[behind].at++;
            continue;
        }
        count += phrase->slop > 0 || forms_agree(phrase, field, (uint32_t)smallest);
        for (uint32_t i = 0; i < phrase->word_count; i++)
            field->words[i].at++;
    }
}

static uint32_t field_frequency(struct phrase_cursor *phrase, struct phrase_field *field, uint32_t doc) {
    for (uint32_t i = 0; i < phrase->word_count; i++)
        bytes_clear(&field->words[i].positions);
    phrase->fields[0].doc = doc; /* what forms_agree looks at */
    if (phrase->context->segment->meta.has_positions)
        positions_from_lists(phrase, field, doc);
    else
        positions_from_text(phrase, field, doc);
    return phrase->cursor.failure->status == REVUE_OK ? count_matches(phrase, field) : 0;
}

static void phrase_seek(struct cursor *cursor, uint32_t target) {
    struct phrase_cursor *phrase = (struct phrase_cursor *)cursor;
    for (;;) {
        uint32_t candidates[FIELD_COUNT], doc = DOC_END;
        bool is_match = false;
        for (uint32_t i = 0; i < phrase->field_count; i++) {
            candidates[i] = field_seek_all(phrase, &phrase->fields[i], target);
            if (candidates[i] < doc) doc = candidates[i];
        }
        cursor->doc = cursor->failure->status == REVUE_OK ? doc : DOC_END;
        if (cursor->doc == DOC_END) return;
        for (uint32_t i = 0; i < phrase->field_count; i++) {
            phrase->fields[i].frequency = candidates[i] == doc ? field_frequency(phrase, &phrase->fields[i], doc) : 0;
            is_match |= phrase->fields[i].frequency > 0;
        }
        if (is_match || cursor->failure->status != REVUE_OK) return;
        target = doc + 1;
    }
}

static int32_t phrase_contribution(struct cursor *cursor) {
    struct phrase_cursor *phrase = (struct phrase_cursor *)cursor;
    double x = 0;
    for (uint32_t i = 0; i < phrase->field_count; i++) {
        const struct phrase_field *field = &phrase->fields[i];
        struct lengths_reader lengths = segment_lengths(phrase->context->segment, field->field);
        uint32_t length = 0;
        if (field->frequency == 0) continue;
        revue_status status = lengths_get(&lengths, cursor->doc, &length, &cursor->failure->error);
        if (status != REVUE_OK) {
            cursor_fail(cursor, status);
            return 0;
        }
        x += scoring_field_value(phrase->scoring.weight[field->field], field->frequency,
                                 scoring_norm(phrase->scoring.b, length, phrase->scoring.average[field->field]));
    }
    return x > 0 ? scoring_contribution(phrase->scale, x, phrase->scoring.k1) : 0;
}

static void phrase_close(struct cursor *cursor) {
    struct phrase_cursor *phrase = (struct phrase_cursor *)cursor;
    for (uint32_t i = 0; i < phrase->field_count; i++)
        for (uint32_t w = 0; w < phrase->word_count; w++) {
            struct phrase_word *word = &phrase->fields[i].words[w];
            for (uint32_t list = 0; list < word->list_count; list++)
                list_cursor_close(&word->lists[list]);
            bytes_free(&word->positions);
        }
    field_text_free(&phrase->text);
}

static const struct cursor_methods phrase_methods = {phrase_seek, phrase_contribution, phrase_close};

static bool field_holds_all(const struct segment_word *words, uint32_t count, unsigned field) {
    for (uint32_t i = 0; i < count; i++) {
        bool holds = false;
        for (uint32_t stem = 0; stem < words[i].stem_count; stem++)
            holds |= words[i].stems[stem].fields >> field & 1;
        if (!holds) return false;
    }
    return true;
}

static bool open_field(struct phrase_cursor *phrase, enum review_field number) {
    struct phrase_field *field = &phrase->fields[phrase->field_count];
    *field = (struct phrase_field){.field = number, .doc = DOC_END, .cost = UINT64_MAX};
    field->words = arena_alloc_array(phrase->context->arena, phrase->word_count, sizeof *field->words);
    if (!field->words) return false;
    for (uint32_t i = 0; i < phrase->word_count; i++) {
        struct phrase_word *word = &field->words[i];
        const struct segment_word *source = &phrase->words[i];
        uint64_t cost = 0;
        *word = (struct phrase_word){
            .lists = arena_alloc_array(phrase->context->arena, source->stem_count, sizeof *word->lists)};
        if (!word->lists) return false;
        for (uint32_t stem = 0; stem < source->stem_count; stem++) {
            if (!(source->stems[stem].fields >> number & 1)) continue;
            list_cursor_open(&word->lists[word->list_count++], phrase->context->segment, number, &source->stems[stem],
                             phrase->cursor.failure);
            cost += source->stems[stem].lists[number].df;
        }
        if (cost < field->cost) field->cost = cost;
    }
    phrase->cursor.cost += field->cost;
    phrase->field_count++;
    return true;
}

struct cursor *cursor_phrase_create(const struct leaf_context *context, const struct segment_word *words, uint32_t count,
                                    const struct field_scoring *scoring, double scale, uint32_t slop,
                                    const struct view *forms) {
    struct phrase_cursor *phrase = arena_alloc(context->arena, sizeof *phrase);
    if (!phrase) return NULL;
    *phrase = (struct phrase_cursor){.cursor = {&phrase_methods, context->failure, CURSOR_BEFORE, 0},
                                     .context = context,
                                     .word_count = count,
                                     .slop = slop,
                                     .words = words,
                                     .scoring = *scoring,
                                     .scale = scale,
                                     .forms = forms};
    field_text_init(&phrase->text, context->stemmer);
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (scoring->weight[field] > 0 && field_holds_all(words, count, field) &&
            !open_field(phrase, (enum review_field)field))
            return NULL;
    return &phrase->cursor;
}
