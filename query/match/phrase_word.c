/* phrase_word.c - see phrase_word.h. */
#include "query/match/phrase_word.h"

#include "indexer/base/memory.h"

#include <stdlib.h>
#include <string.h>

bool phrase_word_open(struct phrase *phrase, enum review_field field, uint32_t place, struct phrase_word *word) {
    const struct segment_word *source = &phrase->words[place];
    *word = (struct phrase_word){.field = field, .place = place};
    word->lists = arena_alloc_array(phrase->arena, source->stem_count, sizeof *word->lists);
    if (!word->lists) return false;
    for (uint32_t stem = 0; stem < source->stem_count; stem++) {
        if (!(source->stems[stem].fields >> field & 1)) continue;
        list_cursor_open(&word->lists[word->list_count++], phrase->segment, field, &source->stems[stem], phrase->failure);
        word->cost += source->stems[stem].lists[field].df;
    }
    return true;
}

void phrase_word_close(struct phrase_word *word) {
    for (uint32_t i = 0; i < word->list_count; i++)
        list_cursor_close(&word->lists[i]);
    memory_free(word->positions);
}

uint32_t phrase_word_seek(struct phrase_word *word, uint32_t target, struct cursor_failure *failure) {
    uint32_t doc = DOC_END;
    for (uint32_t i = 0; i < word->list_count; i++) {
        list_cursor_seek(&word->lists[i], target, failure);
        if (word->lists[i].doc < doc) doc = word->lists[i].doc;
    }
    return doc;
}

bool phrase_word_may_stand(struct phrase_word *word, uint32_t doc, struct cursor_failure *failure, bool *is_mixed) {
    bool may_stand = false;
    for (uint32_t i = 0; i < word->list_count; i++) {
        struct list_cursor *list = &word->lists[i];
        if (list->doc != doc) continue;
        const enum form_presence presence = list_cursor_form(list, failure);
        *is_mixed |= presence == FORM_MAY_BE_THERE || presence == FORM_AMONG_OTHERS;
        may_stand |= presence != FORM_ABSENT;
    }
    return may_stand;
}

static int compare_positions(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

bool phrase_word_reserve(struct phrase_word *word, size_t count, struct cursor_failure *failure) {
    if (count <= word->capacity || MEMORY_RESERVE(word->positions, word->capacity, count)) return true;
    if (failure->status == REVUE_OK) failure->status = error_no_memory(&failure->error);
    return false;
}

/* An index without positions has them in its stored text. */
static revue_status read_from_text(struct phrase *phrase, struct phrase_word *word, uint32_t doc) {
    struct cursor_failure *failure = phrase->failure;
    struct field_text *text = &phrase->text;
    bool is_known;
    TRY(field_text_find(text, phrase->segment, doc, word->field, &is_known, &failure->error));
    const size_t most = is_known ? text->coded.place_count : text->tokens.count;
    if (!phrase_word_reserve(word, most, failure)) return REVUE_NO_MEMORY;
    for (size_t i = 0; i < most && is_known; i++)
        if (text->coded.places[i].words >> word->place & 1) word->positions[word->count++] = text->coded.places[i].position;
    for (size_t i = 0; i < most && !is_known; i++)
        if (!text->tokens.items[i].repeated && field_text_is_word(text, word->place, &text->tokens.items[i]))
            word->positions[word->count++] = text->tokens.items[i].position;
    return REVUE_OK;
}

static void read_from_lists(struct phrase *phrase, struct phrase_word *word, uint32_t doc) {
    struct cursor_failure *failure = phrase->failure;
    uint32_t used = 0;
    for (uint32_t i = 0; i < word->list_count; i++) {
        struct list_cursor *list = &word->lists[i];
        if (list->doc != doc) continue;
        if (phrase->forms && list_cursor_form(list, failure) == FORM_ABSENT) continue;
        const uint32_t frequency = list_cursor_frequency(list, failure);
        if (failure->status != REVUE_OK) return; /* maybe without frequencies, which positions want */
        const uint8_t index = (uint8_t)list->index;
        if (!phrase_word_reserve(word, word->count + frequency + POSITIONS_BEHIND, failure)) return;
        list_cursor_positions(list, &index, 1, word->positions + word->count, failure);
        word->count += frequency;
        used++;
    }
    if (used > 1) qsort(word->positions, word->count, sizeof *word->positions, compare_positions);
}

bool phrase_word_read(struct phrase *phrase, struct phrase_word *word, uint32_t doc) {
    word->count = 0;
    if (phrase->segment->meta.has_positions) {
        read_from_lists(phrase, word, doc);
    } else {
        const revue_status status = read_from_text(phrase, word, doc);
        if (phrase->failure->status == REVUE_OK) phrase->failure->status = status;
    }
    return phrase->failure->status == REVUE_OK;
}
