/* cursor_phrase.c - words in order within one field. A phrase lies in one field, so each field finds its reviews by itself
 * (phrase_field.c); here they are put together and scored. */
#include "query/match/cursor.h"

#include "indexer/format/scoring.h"
#include "query/match/phrase_field.h"

#include <string.h>

struct phrase_cursor {
    struct cursor cursor;
    struct phrase phrase;
    struct phrase_field *fields; /* in the order of enum review_field */
    uint32_t field_count;
    struct field_scoring scoring;
    double scale;
    struct phrase_floor floor; /* of the first field */
};

/* The first field, mostly the body, is sought last: before the first match of the others it may pass over reviews that are
 * worth too little by what the field alone has. Those others themselves know nothing of it, and pass over none. */
static void phrase_seek(struct cursor *cursor, uint32_t target) {
    struct phrase_cursor *phrase = (struct phrase_cursor *)cursor;
    uint32_t doc = DOC_END;
    for (uint32_t i = phrase->field_count; i > 0; i--) {
        const uint32_t found =
            phrase_field_seek(&phrase->fields[i - 1], target, i == 1 ? doc : DOC_END, i == 1 ? &phrase->floor : NULL);
        if (found < doc) doc = found;
    }
    cursor->doc = cursor->failure->status == REVUE_OK ? doc : DOC_END;
}

static void phrase_evidence(struct cursor *cursor, struct leaf_evidence *evidence) {
    struct phrase_cursor *phrase = (struct phrase_cursor *)cursor;
    memset(evidence, 0, sizeof *evidence);
    for (uint32_t i = 0; i < phrase->field_count; i++) {
        struct phrase_field *field = &phrase->fields[i];
        const uint32_t frequency = phrase_field_frequency(field, cursor->doc);
        if (frequency == 0) continue;
        revue_status status = near_lengths_get(&field->words[0].lists[0].lengths, cursor->doc,
                                               &evidence->length[field->field], &cursor->failure->error);
        if (status != REVUE_OK) {
            cursor_fail(cursor, status);
            return;
        }
        evidence->frequency[field->field] = frequency;
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
        phrase_field_close(&phrase->fields[i]);
    field_text_free(&phrase->phrase.text);
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

static bool is_searched(const struct phrase_cursor *phrase, unsigned field) {
    return phrase->scoring.weight[field] > 0 && field_holds_all(phrase->phrase.words, phrase->phrase.word_count, field);
}

static bool open_fields(struct phrase_cursor *phrase) {
    uint32_t count = 0;
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        count += is_searched(phrase, field);
    phrase->fields = arena_alloc_array(phrase->phrase.arena, count + 1, sizeof *phrase->fields);
    if (!phrase->fields) return false;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        if (!is_searched(phrase, field)) continue;
        struct phrase_field *opened = &phrase->fields[phrase->field_count++];
        if (!phrase_field_open(&phrase->phrase, (enum review_field)field, opened)) return false;
        phrase->cursor.cost += opened->words[0].cost;
    }
    return true;
}

struct cursor *cursor_phrase_create(const struct leaf_context *context, const struct segment_word *words, uint32_t count,
                                    const struct field_scoring *scoring, double scale, uint32_t slop,
                                    const struct view *forms) {
    struct phrase_cursor *phrase = arena_alloc(context->arena, sizeof *phrase);
    if (!phrase) return NULL;
    *phrase = (struct phrase_cursor){.cursor = {&phrase_methods, context->failure, CURSOR_BEFORE, 0},
                                     .phrase = {.segment = context->segment,
                                                .arena = context->arena,
                                                .failure = context->failure,
                                                .words = words,
                                                .word_count = count,
                                                .slop = slop,
                                                .forms = slop == 0 ? forms : NULL},
                                     .scoring = *scoring,
                                     .scale = scale};
    field_text_init(&phrase->phrase.text, context->stemmer);
    field_text_look_for(&phrase->phrase.text, phrase->phrase.forms, words, count, context->arena);
    if (!open_fields(phrase)) {
        phrase_close(&phrase->cursor);
        return NULL;
    }
    if (phrase->field_count > 0) phrase_floor_open(&phrase->floor, context, scoring, scale, phrase->fields[0].field);
    return &phrase->cursor;
}
