/* analyzer.c - see analyzer.h. Plain on purpose: it is the judge of the indexer's faster way to the same tokens. */
#include "indexer/text/analyzer.h"

#include "indexer/base/hash.h"
#include "indexer/base/memory.h"

/* One run over one field. */
struct analysis {
    stemmer *stemmers;
    enum language language;
    struct arena *arena;
    struct tokens *tokens;
    struct paragraph_set *paragraphs; /* NULL until there are two */
    uint64_t first_paragraph;         /* its hash */
    bool has_paragraph;
    size_t paragraph_start; /* the first token of the paragraph under way */
    uint64_t paragraph_hash;
};

static bool reserve_token(struct analysis *analysis) {
    struct tokens *tokens = analysis->tokens;
    if (tokens->count < tokens->capacity) return true;
    size_t capacity = tokens->capacity ? tokens->capacity * 2 : 64;
    struct token *items = arena_alloc_array(analysis->arena, capacity, sizeof *items);
    if (!items) return false;
    if (tokens->count) memcpy(items, tokens->items, tokens->count * sizeof *items);
    tokens->items = items;
    tokens->capacity = capacity;
    return true;
}

static revue_status stem_token(struct analysis *analysis, struct token *token, revue_error *error) {
    char stem[FORM_MAX];
    size_t size;
    token->stem = token->form;
    if (!analysis->stemmers) return REVUE_OK;
    TRY(stemmer_stem(analysis->stemmers, token->form, analysis->language, stem, &size, error));
    token->stem = view_of(arena_copy(analysis->arena, stem, size), size);
    return token->stem.data ? REVUE_OK : error_no_memory(error);
}

/* Folds and stems one word or bigram and adds it, its position still open. A word that folds to nothing is none. */
static revue_status add_token(struct analysis *analysis, struct view word, bool ascii, uint32_t start, revue_error *error) {
    char form[FORM_MAX];
    size_t form_size = fold_word(word, ascii, analysis->language, form);
    if (form_size == 0) return REVUE_OK;
    if (!reserve_token(analysis)) return error_no_memory(error);
    struct token token = {.start = start, .size = (uint32_t)word.size};
    token.form = view_of(arena_copy(analysis->arena, form, form_size), form_size);
    if (!token.form.data) return error_no_memory(error);
    TRY(stem_token(analysis, &token, error));
    analysis->tokens->items[analysis->tokens->count++] = token;
    analysis->paragraph_hash = hash_mix(analysis->paragraph_hash, hash_bytes(form, form_size));
    return REVUE_OK;
}

static revue_status add_bigrams(struct analysis *analysis, struct view run, uint32_t run_start, revue_error *error) {
    uint32_t at = 0, start, size;
    while (ideographs_next(run, &at, &start, &size)) {
        TRY(add_token(analysis, view_of(run.data + start, size), false, run_start + start, error));
    }
    return REVUE_OK;
}

/* Most of what is analysed, such as queries, is one paragraph, and needs no set. */
static bool note_paragraph(struct analysis *analysis, bool *seen) {
    bool never;
    *seen = false;
    if (!analysis->has_paragraph) {
        analysis->has_paragraph = true;
        analysis->first_paragraph = analysis->paragraph_hash;
        return true;
    }
    if (!analysis->paragraphs) {
        analysis->paragraphs = paragraph_set_create();
        if (!analysis->paragraphs || !paragraph_set_add(analysis->paragraphs, analysis->first_paragraph, &never))
            return false;
    }
    return paragraph_set_add(analysis->paragraphs, analysis->paragraph_hash, seen);
}

/* Gives the paragraph's tokens their positions, or none when the field had the same paragraph before. */
static revue_status end_paragraph(struct analysis *analysis, revue_error *error) {
    struct tokens *tokens = analysis->tokens;
    bool seen = false;
    if (tokens->count > analysis->paragraph_start) {
        if (!note_paragraph(analysis, &seen)) return error_no_memory(error);
    }
    for (size_t i = analysis->paragraph_start; i < tokens->count; i++) {
        tokens->items[i].repeated = seen;
        tokens->items[i].position = seen ? 0 : tokens->length++;
    }
    analysis->paragraph_start = tokens->count;
    analysis->paragraph_hash = 0;
    return REVUE_OK;
}

static revue_status analyze_spans(struct analysis *analysis, struct view field, revue_error *error) {
    struct scanner scanner;
    struct span span;
    scanner_start(&scanner, field);
    while (scanner_next(&scanner, &span)) {
        struct view bytes = view_of(field.data + span.start, span.size);
        if (span.kind == SPAN_WORD)
            TRY(add_token(analysis, bytes, span.ascii, span.start, error));
        else if (span.kind == SPAN_IDEOGRAPHS)
            TRY(add_bigrams(analysis, bytes, span.start, error));
        else if (span.paragraph)
            TRY(end_paragraph(analysis, error));
    }
    return end_paragraph(analysis, error);
}

revue_status analyze_field(stemmer *stemmers, struct view field, enum language language, struct arena *arena,
                           struct tokens *tokens, revue_error *error) {
    if (field.size > UINT32_MAX) {
        return error_set(error, REVUE_INVALID, "a field of %zu bytes is too long: the limit is 4 GiB", field.size);
    }
    struct tokens found = {0};
    struct analysis analysis = {.stemmers = stemmers, .language = language, .arena = arena, .tokens = &found};
    revue_status status = analyze_spans(&analysis, field, error);
    paragraph_set_free(analysis.paragraphs);
    if (status == REVUE_OK) *tokens = found;
    return status;
}
