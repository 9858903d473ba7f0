/* intake.c - see intake.h. The loop over the spans of a text is the hottest of the indexer: one look-up and one append a
 * word. Repeated paragraphs are found by the hashes of their forms (the plain way is text/analyzer.c). */
#include "indexer/invert/intake.h"

#include "indexer/base/memory.h"

#include <string.h>

revue_status intake_init(struct intake *intake, bool keep_text, revue_error *error) {
    memset(intake, 0, sizeof *intake);
    intake->keep_text = keep_text;
    TRY(vocabulary_init(&intake->vocabulary, error));
    intake->paragraphs = paragraph_set_create();
    if (!intake->paragraphs) {
        intake_free(intake);
        return error_no_memory(error);
    }
    return REVUE_OK;
}

void intake_free(struct intake *intake) {
    vocabulary_free(&intake->vocabulary);
    paragraph_set_free(intake->paragraphs);
    arena_free(&intake->arena);
    memory_free(intake->log);
    memset(intake, 0, sizeof *intake);
}

void intake_clear(struct intake *intake) {
    vocabulary_clear(&intake->vocabulary);
    arena_reset(&intake->arena);
    intake->log_count = 0;
    intake->review_count = 0;
    intake_note_memory(intake);
}

void intake_note_memory(struct intake *intake) {
    size_t memory = vocabulary_memory(&intake->vocabulary) + intake->arena.total_bytes;
    atomic_store_explicit(&intake->memory, memory, memory_order_relaxed);
    atomic_store_explicit(&intake->log_items, intake->log_count, memory_order_relaxed);
}

/* One text on its way into the log. */
struct text_intake {
    struct intake *intake;
    const char *end; /* of the text */
    enum review_field field;
    enum language language;
    bool store;                   /* this field's text is kept, in word codes */
    bool blank_waits, after_word; /* a single blank is implied only when a word follows it */
    size_t paragraph_start;       /* in the log */
    uint64_t paragraph_hash;
    uint32_t paragraph_tokens, length;
};

static inline revue_status log_append(struct intake *intake, uint32_t item, revue_error *error) {
    if (intake->log_count == intake->log_capacity &&
        !MEMORY_RESERVE(intake->log, intake->log_capacity, intake->log_count + 1))
        return error_no_memory(error);
    intake->log[intake->log_count++] = item;
    return REVUE_OK;
}

/* A span on its way: found, but its symbol not looked up yet. */
struct waiting_span {
    const char *data;
    uint32_t size;
    uint32_t symbol; /* VOCABULARY_NONE: new, or not looked for yet */
    struct short_symbol key;
    uint64_t hash;
    uint8_t kind; /* enum span_kind */
    bool ascii, paragraph;
    bool blank_follows; /* a single one, and then a word: they have no span of their own */
};
#define SPANS_AHEAD 16u

static inline revue_status symbol_of_span(struct text_intake *text, const struct waiting_span *span, enum symbol_kind kind,
                                          uint32_t *symbol, revue_error *error) {
    *symbol = span->symbol;
    if (*symbol != VOCABULARY_NONE) return REVUE_OK;
    return vocabulary_symbol(&text->intake->vocabulary, view_of(span->data, span->size), kind, span->ascii,
                             kind == SYMBOL_GAP ? LANGUAGE_NONE : text->language, symbol, error);
}

static inline revue_status append_gap(struct text_intake *text, uint32_t symbol, revue_error *error) {
    text->intake->vocabulary.uses[symbol].stored++;
    text->after_word = false;
    return log_append(text->intake, LOG_STORE | symbol, error);
}

/* Writes out a blank that turned out not to stand between two words. */
static revue_status intake_waiting_blank(struct text_intake *text, revue_error *error) {
    uint32_t symbol;
    if (!text->blank_waits) return REVUE_OK;
    text->blank_waits = false;
    TRY(vocabulary_symbol(&text->intake->vocabulary, view_of(" ", 1), SYMBOL_GAP, true, LANGUAGE_NONE, &symbol, error));
    return append_gap(text, symbol, error);
}

/* A token: counts it, and mixes it into the paragraph. Returns LOG_SEARCH, or 0 when folding left nothing of it. */
static inline uint32_t intake_token(struct text_intake *text, uint32_t symbol) {
    struct intake *intake = text->intake;
    struct symbol_use *use = &intake->vocabulary.uses[symbol];
    if (use->form == VOCABULARY_NONE) return 0;
    use->searched[text->field]++;
    struct form_use *form = &intake->vocabulary.form_uses[use->form];
    if (form->last_review != intake->review_count) {
        form->last_review = intake->review_count;
        form->df++;
    }
    text->paragraph_hash = hash_mix(text->paragraph_hash, form->hash);
    text->paragraph_tokens++;
    return LOG_SEARCH;
}

static inline revue_status intake_word(struct text_intake *text, const struct waiting_span *span, revue_error *error) {
    uint32_t symbol;
    TRY(symbol_of_span(text, span, SYMBOL_WORD, &symbol, error));
    uint32_t flags = intake_token(text, symbol);
    if (text->store) {
        if (text->after_word && !text->blank_waits) TRY(log_append(text->intake, LOG_TOUCH, error));
        text->blank_waits = span->blank_follows;
        text->after_word = true;
        text->intake->vocabulary.uses[symbol].stored++;
        flags |= LOG_STORE;
    }
    return flags ? log_append(text->intake, flags | symbol, error) : REVUE_OK;
}

static revue_status intake_ideographs(struct text_intake *text, struct view run, revue_error *error) {
    uint32_t at = 0, start, size;
    while (ideographs_next(run, &at, &start, &size)) {
        uint32_t symbol;
        TRY(vocabulary_symbol(&text->intake->vocabulary, view_of(run.data + start, size), SYMBOL_BIGRAM, false,
                              text->language, &symbol, error));
        uint32_t flags = intake_token(text, symbol);
        if (flags) TRY(log_append(text->intake, flags | symbol, error));
    }
    return REVUE_OK;
}

/* The end of a paragraph: when it was there before, its tokens stay in the stored text but are no longer searched. Their
 * forms occurred in the earlier one, so no df changes. */
static revue_status intake_paragraph(struct text_intake *text, revue_error *error) {
    struct intake *intake = text->intake;
    if (text->paragraph_tokens > 0) {
        bool seen;
        if (!paragraph_set_add(intake->paragraphs, text->paragraph_hash, &seen)) return error_no_memory(error);
        if (!seen) {
            text->length += text->paragraph_tokens;
        } else {
            for (size_t i = text->paragraph_start; i < intake->log_count; i++) {
                if (!(intake->log[i] & LOG_SEARCH)) continue;
                intake->log[i] &= ~LOG_SEARCH;
                intake->vocabulary.uses[intake->log[i] & LOG_SYMBOL].searched[text->field]--;
            }
        }
    }
    text->paragraph_start = intake->log_count;
    text->paragraph_hash = 0;
    text->paragraph_tokens = 0;
    return REVUE_OK;
}

/* A text of a script written without blanks codes badly: it is kept as it is and compressed at the flush. */
static bool has_ideographs(struct view text) {
    struct scanner scanner;
    struct span span;
    scanner_start(&scanner, text);
    while (scanner_next(&scanner, &span))
        if (span.kind == SPAN_IDEOGRAPHS) return true;
    return false;
}

static bool has_high_bytes(struct view text) {
    size_t i = 0;
    for (; i + 8 <= text.size; i += 8)
        if (load_le64(text.data + i) & 0x8080808080808080u) return true;
    for (; i < text.size; i++)
        if ((uint8_t)text.data[i] & 0x80) return true;
    return false;
}

static inline revue_status intake_gap(struct text_intake *text, const struct waiting_span *span, revue_error *error) {
    uint32_t symbol;
    if (span->paragraph) TRY(intake_paragraph(text, error));
    if (!text->store) return REVUE_OK;
    if (text->after_word && !text->blank_waits && span->size == 1 && span->data[0] == ' ') {
        text->blank_waits = true;
        return REVUE_OK;
    }
    TRY(intake_waiting_blank(text, error));
    TRY(symbol_of_span(text, span, SYMBOL_GAP, &symbol, error));
    return append_gap(text, symbol, error);
}

/* Makes the key of a span and has its slot fetched. */
static inline void announce(struct text_intake *text, struct waiting_span *span) {
    bool is_word = span->kind == SPAN_WORD;
    span->symbol = VOCABULARY_NONE;
    span->key.about = 0;
    if (span->kind == SPAN_IDEOGRAPHS || (!is_word && !text->store)) return;
    span->key = short_symbol_of(view_of(span->data, span->size), (size_t)(text->end - span->data),
                                is_word ? SYMBOL_WORD : SYMBOL_GAP, is_word ? text->language : LANGUAGE_NONE);
    span->hash = short_symbol_hash(&text->intake->vocabulary, span->key);
    vocabulary_prefetch(&text->intake->vocabulary, span->hash);
}

static inline bool find_span(struct scanner *scanner, struct waiting_span *found) {
    uint32_t start, size;
    struct span span;
    *found = (struct waiting_span){.kind = SPAN_WORD, .ascii = true, .blank_follows = true};
    if (scanner_next_plain(scanner, &start, &size)) {
        found->data = scanner->data + start;
        found->size = size;
        return true;
    }
    if (!scanner_next(scanner, &span)) return false;
    found->data = scanner->data + span.start;
    found->size = span.size;
    found->kind = (uint8_t)span.kind;
    found->ascii = span.ascii;
    found->paragraph = span.paragraph;
    found->blank_follows = false;
    return true;
}

/* Looks at some spans ahead, in steps: each of the three places a word leads to (its slot, its counts, its form's) is a
 * miss of the cache for all but the commonest, and so the misses of many words are waited for at once. */
static uint32_t scan_ahead(struct text_intake *text, struct scanner *scanner, struct waiting_span *waiting) {
    const struct vocabulary *vocabulary = &text->intake->vocabulary;
    uint32_t count = 0;
    for (; count < SPANS_AHEAD && find_span(scanner, &waiting[count]); count++)
        announce(text, &waiting[count]);
    for (uint32_t i = 0; i < count; i++) {
        if (waiting[i].key.about) waiting[i].symbol = vocabulary_find_short(vocabulary, waiting[i].key, waiting[i].hash);
        if (waiting[i].symbol != VOCABULARY_NONE) __builtin_prefetch(&vocabulary->uses[waiting[i].symbol]);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (waiting[i].symbol == VOCABULARY_NONE) continue;
        uint32_t form = vocabulary->uses[waiting[i].symbol].form;
        if (form != VOCABULARY_NONE) __builtin_prefetch(&vocabulary->form_uses[form]);
    }
    return count;
}

static revue_status intake_spans(struct text_intake *text, struct view field, revue_error *error) {
    struct waiting_span waiting[SPANS_AHEAD];
    struct scanner scanner;
    uint32_t count;
    scanner_start(&scanner, field);
    while ((count = scan_ahead(text, &scanner, waiting)) > 0)
        for (uint32_t i = 0; i < count; i++)
            switch ((enum span_kind)waiting[i].kind) {
            case SPAN_WORD: TRY(intake_word(text, &waiting[i], error)); break;
            case SPAN_IDEOGRAPHS: TRY(intake_ideographs(text, view_of(waiting[i].data, waiting[i].size), error)); break;
            case SPAN_GAP: TRY(intake_gap(text, &waiting[i], error)); break;
            }
    TRY(intake_waiting_blank(text, error));
    return intake_paragraph(text, error);
}

static revue_status intake_text(struct intake *intake, struct view text, enum review_field field, enum language language,
                                struct pending_text *pending, revue_error *error) {
    memset(pending, 0, sizeof *pending);
    pending->log_start = intake->log_count;
    if (text.size == 0) return REVUE_OK;
    struct text_intake taken = {.intake = intake,
                                .end = text.data + text.size,
                                .field = field,
                                .language = language,
                                .store = intake->keep_text && (field == FIELD_BODY || field == FIELD_TITLE),
                                .paragraph_start = intake->log_count};
    if (taken.store && has_high_bytes(text) && has_ideographs(text)) {
        char *copy = arena_copy(&intake->arena, text.data, text.size);
        if (!copy) return error_no_memory(error);
        pending->raw = view_of(copy, text.size);
        taken.store = false;
    }
    paragraph_set_clear(intake->paragraphs);
    TRY(intake_spans(&taken, text, error));
    pending->log_count = (uint32_t)(intake->log_count - pending->log_start);
    pending->length = taken.length;
    return REVUE_OK;
}

revue_status intake_review(struct intake *intake, const struct view text[FIELD_COUNT], enum language language,
                           struct pending_text pending[FIELD_COUNT], revue_error *error) {
    intake->review_count++;
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        TRY(intake_text(intake, text[field], (enum review_field)field, language, &pending[field], error));
    return REVUE_OK;
}
