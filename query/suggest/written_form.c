/* written_form.c - see written_form.h. What the symbol tables do not know stands in few texts: the first of them are read.
 */
#include "query/suggest/written_form.h"

#include "indexer/format/scoring.h"
#include "query/match/field_text.h"
#include "query/plan/bind.h"
#include "query/suggest/common_words.h"

#include <string.h>

#define REVIEWS_READ 3u
#define WAYS_MAX 8u /* to write one form, that are told apart */

struct written_ways {
    revue_searcher *searcher;
    struct view form;
    struct arena *arena;
    struct field_text text;
    struct written_way {
        struct view written;
        uint32_t count;
    } ways[WAYS_MAX];
    size_t count;
    uint32_t reviews;
    revue_error *error;
};

static revue_status count_way(struct written_ways *ways, struct view written) {
    for (size_t i = 0; i < ways->count; i++) {
        if (!view_equal(ways->ways[i].written, written)) continue;
        ways->ways[i].count++;
        return REVUE_OK;
    }
    if (ways->count == WAYS_MAX) return REVUE_OK;
    const char *copy = arena_copy(ways->arena, written.data, written.size);
    if (!copy) return error_no_memory(ways->error);
    ways->ways[ways->count++] = (struct written_way){view_of(copy, written.size), 1};
    return REVUE_OK;
}

static revue_status read_field(struct written_ways *ways, struct segment *segment, uint32_t doc, enum review_field field) {
    TRY(field_text_load(&ways->text, segment, doc, field, ways->error));
    const struct tokens *tokens = &ways->text.tokens;
    for (size_t i = 0; i < tokens->count; i++) {
        const struct token *token = &tokens->items[i];
        const struct view written = view_of(ways->text.raw.data + token->start, token->size);
        if (view_equal(token->form, ways->form) && common_word_is_clean(written)) TRY(count_way(ways, written));
    }
    return REVUE_OK;
}

/* The first reviews of a segment that have the form. */
static revue_status read_segment(struct written_ways *ways, const struct plan_word *word,
                                 const struct field_scoring *scoring, uint32_t number) {
    static const enum review_field fields[] = {FIELD_BODY, FIELD_TITLE, FIELD_PRODUCT};
    struct segment *segment = ways->searcher->segments[number].segment;
    struct cursor_failure failure = {0};
    const struct leaf_context context = {
        .segment = segment, .arena = ways->arena, .failure = &failure, .stemmer = ways->searcher->stemmer};
    revue_status status = REVUE_OK;
    struct cursor *cursor = cursor_term_create(&context, &word->in[number], scoring, 1, word->forms, word->form_count);
    if (!cursor) return error_no_memory(ways->error);
    for (cursor_next(cursor); cursor->doc != DOC_END && ways->reviews < REVIEWS_READ && status == REVUE_OK;
         cursor_next(cursor)) {
        ways->reviews++;
        for (size_t i = 0; i < sizeof fields / sizeof *fields && status == REVUE_OK; i++)
            status = read_field(ways, segment, cursor->doc, fields[i]);
    }
    cursor_close(cursor);
    if (failure.status != REVUE_OK && ways->error) *ways->error = failure.error;
    return failure.status != REVUE_OK ? failure.status : status;
}

static revue_status read_reviews(struct written_ways *ways) {
    const struct binder binder = {ways->searcher, ways->arena, ways->error};
    struct field_scoring scoring = {.k1 = SCORING_K1, .b = SCORING_B};
    struct plan_word word;
    memcpy(scoring.weight, scoring_default_weights, sizeof scoring.weight);
    memcpy(scoring.average, ways->searcher->average, sizeof scoring.average);
    bind_forms(ways->form, &ways->form, 1, &word);
    TRY(bind_lists(&binder, &word, &scoring));
    for (uint32_t i = 0; i < ways->searcher->segment_count && ways->reviews < REVIEWS_READ; i++)
        TRY(read_segment(ways, &word, &scoring, i));
    return REVUE_OK;
}

revue_status written_form_find(revue_searcher *searcher, struct view form, struct arena *arena, struct view *written,
                               revue_error *error) {
    struct written_ways ways = {.searcher = searcher, .form = form, .arena = arena, .error = error};
    const struct written_way *best = NULL;
    field_text_init(&ways.text, searcher->stemmer);
    revue_status status = read_reviews(&ways);
    field_text_free(&ways.text);
    for (size_t i = 0; i < ways.count; i++)
        if (!best || ways.ways[i].count > best->count) best = &ways.ways[i];
    *written = best ? best->written : view_of(form.data, ways.reviews > 0 ? form.size : 0);
    return status;
}
