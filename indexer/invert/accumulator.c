/* accumulator.c - see accumulator.h. The loop over the spans of a text is the hottest of the indexer: one look-up and one
 * append a word. Repeated paragraphs are found by the hashes of their forms (the plain way is text/analyzer.c). */
#include "indexer/invert/accumulator.h"

#include "indexer/base/memory.h"

#include <string.h>

revue_status accumulator_init(struct accumulator *accumulator, bool keep_text, revue_error *error) {
    memset(accumulator, 0, sizeof *accumulator);
    accumulator->keep_text = keep_text;
    TRY(vocabulary_init(&accumulator->vocabulary, error));
    accumulator->paragraphs = paragraph_set_create();
    if (!accumulator->paragraphs) {
        accumulator_free(accumulator);
        return error_no_memory(error);
    }
    return REVUE_OK;
}

void accumulator_free(struct accumulator *accumulator) {
    vocabulary_free(&accumulator->vocabulary);
    paragraph_set_free(accumulator->paragraphs);
    arena_free(&accumulator->arena);
    memory_free(accumulator->log);
    memory_free(accumulator->reviews);
    memset(accumulator, 0, sizeof *accumulator);
}

void accumulator_clear(struct accumulator *accumulator) {
    vocabulary_clear(&accumulator->vocabulary);
    arena_reset(&accumulator->arena);
    accumulator->log_count = accumulator->review_count = 0;
    accumulator->token_count = accumulator->text_bytes = 0;
}

size_t accumulator_memory(const struct accumulator *accumulator) {
    /* A flush sorts 8 bytes a token, and needs some 24 bytes a symbol and 16 a review for its orders and counts. */
    return vocabulary_memory(&accumulator->vocabulary) + accumulator->arena.total_bytes +
           accumulator->log_capacity * sizeof(uint32_t) + accumulator->review_capacity * sizeof(struct pending_review) +
           accumulator->token_count * 8 + accumulator->vocabulary.symbol_count * 24 + accumulator->review_count * 16;
}

/* One text on its way into the log. */
struct text_intake {
    struct accumulator *accumulator;
    enum language language;
    bool store;                   /* this field's text is kept, in word codes */
    bool blank_waits, after_word; /* a single blank is implied only when a word follows it */
    size_t paragraph_start;       /* in the log */
    uint64_t paragraph_hash;
    uint32_t paragraph_tokens, length;
};

static revue_status log_append(struct accumulator *accumulator, uint32_t item, revue_error *error) {
    if (accumulator->log_count == accumulator->log_capacity &&
        !MEMORY_RESERVE(accumulator->log, accumulator->log_capacity, accumulator->log_count + 1))
        return error_no_memory(error);
    accumulator->log[accumulator->log_count++] = item;
    return REVUE_OK;
}

static revue_status intake_gap(struct text_intake *intake, struct view bytes, revue_error *error) {
    uint32_t symbol;
    TRY(vocabulary_symbol(&intake->accumulator->vocabulary, bytes, SYMBOL_GAP, true, LANGUAGE_NONE, &symbol, error));
    intake->accumulator->vocabulary.symbols[symbol].stored++;
    intake->after_word = false;
    return log_append(intake->accumulator, LOG_STORE | symbol, error);
}

/* Writes out a blank that turned out not to stand between two words. */
static revue_status intake_waiting_blank(struct text_intake *intake, revue_error *error) {
    if (!intake->blank_waits) return REVUE_OK;
    intake->blank_waits = false;
    return intake_gap(intake, view_of(" ", 1), error);
}

/* A token: counts it, and mixes it into the paragraph. Returns LOG_SEARCH, or 0 when folding left nothing of it. */
static uint32_t intake_token(struct text_intake *intake, uint32_t symbol) {
    struct accumulator *accumulator = intake->accumulator;
    uint32_t form_index = accumulator->vocabulary.symbols[symbol].form;
    if (form_index == VOCABULARY_NONE) return 0;
    struct vocabulary_form *form = &accumulator->vocabulary.forms[form_index];
    uint32_t review = (uint32_t)accumulator->review_count + 1;
    if (form->last_review != review) {
        form->last_review = review;
        form->df++;
    }
    intake->paragraph_hash = hash_mix(intake->paragraph_hash, form->hash);
    intake->paragraph_tokens++;
    return LOG_SEARCH;
}

static revue_status intake_word(struct text_intake *intake, struct view bytes, bool ascii, revue_error *error) {
    struct accumulator *accumulator = intake->accumulator;
    uint32_t symbol;
    TRY(vocabulary_symbol(&accumulator->vocabulary, bytes, SYMBOL_WORD, ascii, intake->language, &symbol, error));
    uint32_t flags = intake_token(intake, symbol);
    if (intake->store) {
        if (intake->after_word && !intake->blank_waits) TRY(log_append(accumulator, LOG_TOUCH, error));
        intake->blank_waits = false;
        intake->after_word = true;
        accumulator->vocabulary.symbols[symbol].stored++;
        flags |= LOG_STORE;
    }
    return flags ? log_append(accumulator, flags | symbol, error) : REVUE_OK;
}

static revue_status intake_ideographs(struct text_intake *intake, struct view run, revue_error *error) {
    uint32_t at = 0, start, size;
    while (ideographs_next(run, &at, &start, &size)) {
        uint32_t symbol;
        TRY(vocabulary_symbol(&intake->accumulator->vocabulary, view_of(run.data + start, size), SYMBOL_BIGRAM, false,
                              intake->language, &symbol, error));
        uint32_t flags = intake_token(intake, symbol);
        if (flags) TRY(log_append(intake->accumulator, flags | symbol, error));
    }
    return REVUE_OK;
}

/* The end of a paragraph: when it was there before, its tokens stay in the stored text but are no longer searched. Their
 * forms occurred in the earlier one, so no df changes. */
static revue_status intake_paragraph(struct text_intake *intake, revue_error *error) {
    struct accumulator *accumulator = intake->accumulator;
    if (intake->paragraph_tokens > 0) {
        bool seen;
        if (!paragraph_set_add(accumulator->paragraphs, intake->paragraph_hash, &seen)) return error_no_memory(error);
        if (!seen) {
            intake->length += intake->paragraph_tokens;
        } else {
            for (size_t i = intake->paragraph_start; i < accumulator->log_count; i++)
                if (accumulator->log[i] != LOG_TOUCH) accumulator->log[i] &= ~LOG_SEARCH;
        }
    }
    intake->paragraph_start = accumulator->log_count;
    intake->paragraph_hash = 0;
    intake->paragraph_tokens = 0;
    return REVUE_OK;
}

/* A text of a script written without blanks codes badly: it is kept as it is and compressed at the flush. */
static bool is_mostly_ideographs(struct view text) {
    struct scanner scanner;
    struct span span;
    size_t ideographs = 0;
    scanner_start(&scanner, text);
    while (scanner_next(&scanner, &span))
        if (span.kind == SPAN_IDEOGRAPHS) ideographs += span.size;
    return ideographs > 0;
}

static bool has_high_bytes(struct view text) {
    size_t i = 0;
    for (; i + 8 <= text.size; i += 8)
        if (load_le64(text.data + i) & 0x8080808080808080u) return true;
    for (; i < text.size; i++)
        if ((uint8_t)text.data[i] & 0x80) return true;
    return false;
}

static revue_status intake_text(struct accumulator *accumulator, struct view text, enum language language, bool store,
                                struct pending_text *pending, revue_error *error) {
    memset(pending, 0, sizeof *pending);
    pending->log_start = accumulator->log_count;
    if (text.size == 0) return REVUE_OK;
    struct text_intake intake = {
        .accumulator = accumulator, .language = language, .store = store, .paragraph_start = accumulator->log_count};
    if (store && has_high_bytes(text) && is_mostly_ideographs(text)) {
        char *copy = arena_copy(&accumulator->arena, text.data, text.size);
        if (!copy) return error_no_memory(error);
        pending->raw = view_of(copy, text.size);
        intake.store = false;
    }
    paragraph_set_clear(accumulator->paragraphs);
    struct scanner scanner;
    struct span span;
    scanner_start(&scanner, text);
    while (scanner_next(&scanner, &span)) {
        struct view bytes = view_of(text.data + span.start, span.size);
        if (span.kind == SPAN_WORD) {
            TRY(intake_word(&intake, bytes, span.ascii, error));
            continue;
        }
        if (span.kind == SPAN_IDEOGRAPHS) {
            TRY(intake_ideographs(&intake, bytes, error));
            continue;
        }
        if (span.paragraph) TRY(intake_paragraph(&intake, error));
        if (!intake.store) continue;
        if (intake.after_word && !intake.blank_waits && span.size == 1 && bytes.data[0] == ' ') {
            intake.blank_waits = true;
        } else {
            TRY(intake_waiting_blank(&intake, error));
            TRY(intake_gap(&intake, bytes, error));
        }
    }
    TRY(intake_waiting_blank(&intake, error));
    TRY(intake_paragraph(&intake, error));
    pending->log_count = (uint32_t)(accumulator->log_count - pending->log_start);
    pending->length = intake.length;
    accumulator->token_count += intake.length;
    return REVUE_OK;
}

static bool copy_view(struct arena *arena, struct view *view) {
    if (view->size == 0) {
        *view = view_of(NULL, 0);
        return true;
    }
    char *copy = arena_copy(arena, view->data, view->size);
    if (copy) *view = view_of(copy, view->size);
    return copy != NULL;
}

static bool copy_values(struct arena *arena, struct pending_values *values) {
    if (values->tag_count) {
        uint32_t *tags = arena_alloc_array(arena, values->tag_count, sizeof *tags);
        if (!tags) return false;
        memcpy(tags, values->tags, values->tag_count * sizeof *tags);
        values->tags = tags;
    }
    if (values->extra_count) {
        struct pending_extra *extras = arena_alloc_array(arena, values->extra_count, sizeof *extras);
        if (!extras) return false;
        memcpy(extras, values->extras, values->extra_count * sizeof *extras);
        values->extras = extras;
    }
    return true;
}

revue_status accumulator_add(struct accumulator *accumulator, const struct review *review, struct view id,
                             enum language language, uint64_t text_hash, const struct pending_values *values,
                             revue_error *error) {
    struct pending_review pending = {
        .id = id, .product = review->text[FIELD_PRODUCT], .url = review->url, .text_hash = text_hash, .values = *values};
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        bool store = accumulator->keep_text && (field == FIELD_BODY || field == FIELD_TITLE);
        TRY(intake_text(accumulator, review->text[field], language, store, &pending.text[field], error));
    }
    if (!accumulator->keep_text) pending.url = view_of(NULL, 0);
    if (!copy_view(&accumulator->arena, &pending.id) || !copy_view(&accumulator->arena, &pending.product) ||
        !copy_view(&accumulator->arena, &pending.url) || !copy_values(&accumulator->arena, &pending.values) ||
        !MEMORY_RESERVE(accumulator->reviews, accumulator->review_capacity, accumulator->review_count + 1))
        return error_no_memory(error);
    accumulator->reviews[accumulator->review_count++] = pending;
    accumulator->text_bytes += review->text[FIELD_BODY].size + review->text[FIELD_TITLE].size;
    return REVUE_OK;
}
