/* intake.c - see intake.h. The loop over the spans of a text is the hottest of the indexer: one look-up and one append a
 * word. Repeated paragraphs are found by the hashes of their forms (the plain way is text/analyzer.c). */
#include "indexer/invert/intake.h"

#include "indexer/base/memory.h"
#include "indexer/text/character.h"
#include "indexer/text/scan_window.h"

#include <stddef.h>
#include <string.h>

/* The counters are stored, not overwritten: whoever reads the archive looks at them while a worker makes its intake. */
static void reset(struct intake *intake) {
    memset(intake, 0, offsetof(struct intake, memory));
    atomic_store_explicit(&intake->memory, 0, memory_order_relaxed);
    atomic_store_explicit(&intake->log_items, 0, memory_order_relaxed);
}

revue_status intake_init(struct intake *intake, bool keep_text, revue_error *error) {
    reset(intake);
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
    reset(intake);
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
    uint32_t review; /* as the worker counts them */
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
    uint32_t symbol;         /* VOCABULARY_NONE: new, or not looked for yet */
    struct short_symbol key; /* about is 0: nothing to be looked for */
    uint64_t hash;
    struct span_about {
        uint8_t kind; /* enum span_kind */
        bool ascii, paragraph;
        bool blank_follows; /* a single one, and then a word: they have no span of their own */
    } about;
};
#define SPANS_AHEAD 64u

static inline revue_status symbol_of_span(struct text_intake *text, const struct waiting_span *span, enum symbol_kind kind,
                                          uint32_t *symbol, revue_error *error) {
    *symbol = span->symbol;
    if (*symbol != VOCABULARY_NONE) return REVUE_OK;
    return vocabulary_symbol(&text->intake->vocabulary, view_of(span->data, span->size), kind, span->about.ascii,
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

/* The hash of a paragraph with one more token: a polynomial, since every token waits for the one before. */
static inline uint64_t paragraph_mix(uint64_t hash, uint64_t form_hash) {
    return hash * 0x9E3779B97F4A7C15u + form_hash;
}

/* A token: counts it, and mixes it into the paragraph. Returns LOG_SEARCH, or 0 when folding left nothing of it. */
static inline uint32_t intake_token(struct text_intake *text, uint32_t symbol) {
    struct intake *intake = text->intake;
    struct symbol_use *use = &intake->vocabulary.uses[symbol];
    if (use->form == VOCABULARY_NONE) return 0;
    use->searched[text->field]++;
    struct form_use *form = &intake->vocabulary.form_uses[use->form];
    if (form->last_review != text->review) {
        form->last_review = text->review;
        form->df++;
    }
    text->paragraph_hash = paragraph_mix(text->paragraph_hash, form->hash);
    text->paragraph_tokens++;
    return LOG_SEARCH;
}

static inline revue_status intake_word(struct text_intake *text, const struct waiting_span *span, revue_error *error) {
    uint32_t symbol;
    TRY(symbol_of_span(text, span, SYMBOL_WORD, &symbol, error));
    uint32_t flags = intake_token(text, symbol);
    if (text->store) {
        if (text->after_word && !text->blank_waits) TRY(log_append(text->intake, LOG_TOUCH, error));
        text->blank_waits = span->about.blank_follows;
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
        if (!paragraph_set_add(intake->paragraphs, hash_mix(text->paragraph_hash, text->paragraph_tokens), &seen))
            return error_no_memory(error);
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

/* The first byte over 0x7F from at on, or size. */
static uint32_t next_high_byte(struct view text, uint32_t at) {
    for (; text.size - at >= 8; at += 8) {
        uint64_t high = load_le64(text.data + at) & 0x8080808080808080u;
        if (high) return at + (uint32_t)__builtin_ctzll(high) / 8;
    }
    while (at < text.size && !((uint8_t)text.data[at] & 0x80))
        at++;
    return at;
}

/* Without looking for words: is it worth while to ask has_ideographs? Only for texts with some character beyond ASCII. */
static bool may_have_ideographs(struct view text) {
    const uint32_t size = (uint32_t)text.size;
    uint32_t at = next_high_byte(text, 0), length;
    if (at == size) return false;
    for (; at < size; at = next_high_byte(text, at + length))
        if (character_class_of(character_decode(text.data, size, at, &length))->kind == KIND_UNSPACED) return true;
    return memchr(text.data, '&', text.size) != NULL; /* as an entity */
}

static inline revue_status intake_gap(struct text_intake *text, const struct waiting_span *span, revue_error *error) {
    uint32_t symbol;
    if (span->about.paragraph) TRY(intake_paragraph(text, error));
    if (!text->store) return REVUE_OK;
    if (text->after_word && !text->blank_waits && span->size == 1 && span->data[0] == ' ') {
        text->blank_waits = true;
        return REVUE_OK;
    }
    TRY(intake_waiting_blank(text, error));
    TRY(symbol_of_span(text, span, SYMBOL_GAP, &symbol, error));
    return append_gap(text, symbol, error);
}

/* ---- known spans: nearly all ---- */

/* What taking in changes beside the counts. A copy of its own, which no count can overlap, stays in registers. */
struct progress {
    uint32_t *next; /* item of the log */
    uint64_t paragraph_hash;
    uint32_t paragraph_tokens;
    bool blank_waits, after_word;
};

static inline bool take_known_word(const struct text_intake *text, const struct vocabulary *vocabulary,
                                   const struct waiting_span *span, struct progress *progress) {
    struct symbol_use *use = &vocabulary->uses[span->symbol];
    if (use->form == VOCABULARY_NONE) return false;
    struct form_use *form = &vocabulary->form_uses[use->form];
    use->searched[text->field]++;
    form->df += form->last_review != text->review;
    form->last_review = text->review;
    progress->paragraph_hash = paragraph_mix(progress->paragraph_hash, form->hash);
    progress->paragraph_tokens++;
    if (!text->store) {
        *progress->next++ = LOG_SEARCH | span->symbol;
        return true;
    }
    use->stored++;
    *progress->next = LOG_TOUCH;
    progress->next += progress->after_word & !progress->blank_waits;
    *progress->next++ = LOG_SEARCH | LOG_STORE | span->symbol;
    progress->blank_waits = span->about.blank_follows;
    progress->after_word = true;
    return true;
}

static inline bool take_known_gap(const struct text_intake *text, const struct vocabulary *vocabulary,
                                  const struct waiting_span *span, struct progress *progress) {
    if (span->about.paragraph) return false;
    if (!text->store) return true;
    if (progress->blank_waits) return false;
    if (progress->after_word && span->size == 1 && span->data[0] == ' ') {
        progress->blank_waits = true;
        return true;
    }
    vocabulary->uses[span->symbol].stored++;
    *progress->next++ = LOG_STORE | span->symbol;
    progress->after_word = false;
    return true;
}

/* Takes in spans from waiting on, up to the first that needs more than counts and an item or two; returns how many it took.
 * The log has room. */
static uint32_t intake_known(struct text_intake *text, const struct waiting_span *waiting, uint32_t count) {
    struct intake *intake = text->intake;
    const struct text_intake constant = *text;
    const struct vocabulary vocabulary = {.uses = intake->vocabulary.uses, .form_uses = intake->vocabulary.form_uses};
    struct progress progress = {intake->log + intake->log_count, text->paragraph_hash, text->paragraph_tokens,
                                text->blank_waits, text->after_word};
    uint32_t taken = 0;
    for (; taken < count && waiting[taken].symbol != VOCABULARY_NONE; taken++)
        if (!(waiting[taken].about.kind == SPAN_WORD ? take_known_word(&constant, &vocabulary, &waiting[taken], &progress)
                                                     : take_known_gap(&constant, &vocabulary, &waiting[taken], &progress)))
            break;
    intake->log_count = (size_t)(progress.next - intake->log);
    text->paragraph_hash = progress.paragraph_hash;
    text->paragraph_tokens = progress.paragraph_tokens;
    text->blank_waits = progress.blank_waits;
    text->after_word = progress.after_word;
    return taken;
}

/* ---- looking ahead ---- */

/* Where spans found are put: what announcing them needs, held in registers. */
struct look_ahead {
    struct short_look_up look_up;
    enum language language;
    bool store;
};

/* Makes the key of a span and has its slot fetched. readable: bytes from its first on. */
static inline void announce(struct look_ahead ahead, struct waiting_span *span, size_t readable) {
    bool is_word = span->about.kind == SPAN_WORD;
    span->key = short_symbol_of(view_of(span->data, span->size), readable, is_word ? SYMBOL_WORD : SYMBOL_GAP,
                                is_word ? ahead.language : LANGUAGE_NONE);
    span->hash = short_symbol_hash(ahead.look_up, span->key);
    __builtin_prefetch(&ahead.look_up.slots[span->hash & ahead.look_up.mask]);
}

static bool find_any_span(struct look_ahead ahead, struct scanner *scanner, struct waiting_span *found) {
    struct span span;
    if (!scanner_next(scanner, &span)) return false;
    *found = (struct waiting_span){.data = scanner->data + span.start,
                                   .size = span.size,
                                   .about = {(uint8_t)span.kind, span.ascii, span.paragraph, false}};
    if (span.kind == SPAN_WORD || (span.kind == SPAN_GAP && ahead.store))
        announce(ahead, found, (size_t)(scanner->size - span.start));
    return true;
}

/* Adds the plain spans of a window from its first byte on, at most room of them. *passed: the bytes that they take.
 * Returns whether they ended where the bits say nothing more, so that it may go on with another window. */
static inline bool find_in_window(struct look_ahead ahead, const char *data, struct waiting_span *waiting, uint32_t room,
                                  uint32_t *found, uint32_t *passed) {
    const struct scan_window window = scan_window_read(data);
    uint32_t at = 0, count = 0;
    bool may_go_on = false;
    for (; count < room; count++) {
        bool is_word = window.words >> at & 1, blank_follows = false;
        uint64_t others = (is_word ? ~window.words : window.words) >> at;
        may_go_on = others == 0; /* it reaches the end of the window */
        if (may_go_on) break;
        uint32_t end = at + (uint32_t)__builtin_ctzll(others);
        if (is_word) {
            if ((window.joins >> end & 1) && scan_may_join(data[end - 1], data[end])) break;
            blank_follows = data[end] == ' ' && (window.words >> end & 2);
        } else if ((window.breaks >> at) << (SCAN_WINDOW - (end - at)))
            break;
        struct waiting_span *span = &waiting[count];
        span->data = data + at;
        span->size = end - at;
        span->about = (struct span_about){is_word ? SPAN_WORD : SPAN_GAP, true, false, blank_follows};
        announce(ahead, span, SHORT_SYMBOL_MAX);
        at = end + blank_follows;
    }
    *found = count;
    *passed = at;
    return may_go_on && at > 0;
}

/* The next spans, at most SPANS_AHEAD: plain ones by windows, others one by one. */
static uint32_t find_spans(struct look_ahead ahead, struct scanner *scanner, struct waiting_span *waiting) {
    uint32_t count = 0, found, passed;
    while (count < SPANS_AHEAD) {
        bool goes_on = true;
        while (goes_on && scanner->size - scanner->at >= SCAN_WINDOW + SHORT_SYMBOL_MAX) {
            goes_on =
                find_in_window(ahead, scanner->data + scanner->at, waiting + count, SPANS_AHEAD - count, &found, &passed);
            count += found;
            scanner->at += passed;
        }
        if (count == SPANS_AHEAD || !find_any_span(ahead, scanner, &waiting[count])) break;
        count++;
    }
    return count;
}

/* Looks at some spans ahead, in steps: each of the three places a word leads to (its slot, its counts, its form's) is a
 * miss of the cache for all but the commonest, and so the misses of many words are waited for at once. */
static uint32_t scan_ahead(const struct text_intake *text, struct scanner *scanner, struct waiting_span *waiting) {
    const struct vocabulary *vocabulary = &text->intake->vocabulary;
    const struct look_ahead ahead = {vocabulary_look_up(vocabulary), text->language, text->store};
    const struct symbol_use *uses = vocabulary->uses;
    const struct form_use *form_uses = vocabulary->form_uses;
    uint32_t count = find_spans(ahead, scanner, waiting);
    for (uint32_t i = 0; i < count; i++) {
        waiting[i].symbol =
            waiting[i].key.about ? vocabulary_find_short(ahead.look_up, waiting[i].key, waiting[i].hash) : VOCABULARY_NONE;
        if (waiting[i].symbol != VOCABULARY_NONE) __builtin_prefetch(&uses[waiting[i].symbol], 1);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (waiting[i].symbol == VOCABULARY_NONE) continue;
        uint32_t form = uses[waiting[i].symbol].form;
        if (form != VOCABULARY_NONE) __builtin_prefetch(&form_uses[form], 1);
    }
    return count;
}

static revue_status intake_span(struct text_intake *text, const struct waiting_span *span, revue_error *error) {
    switch ((enum span_kind)span->about.kind) {
    case SPAN_WORD: return intake_word(text, span, error);
    case SPAN_IDEOGRAPHS: return intake_ideographs(text, view_of(span->data, span->size), error);
    case SPAN_GAP: break;
    }
    return intake_gap(text, span, error);
}

static revue_status intake_spans(struct text_intake *text, struct view field, revue_error *error) {
    struct intake *intake = text->intake;
    struct waiting_span waiting[SPANS_AHEAD];
    struct scanner scanner;
    uint32_t count;
    scanner_start(&scanner, field);
    while ((count = scan_ahead(text, &scanner, waiting)) > 0)
        for (uint32_t taken = 0; taken < count;) {
            if (!MEMORY_RESERVE(intake->log, intake->log_capacity, intake->log_count + (size_t)2 * SPANS_AHEAD))
                return error_no_memory(error);
            taken += intake_known(text, waiting + taken, count - taken);
            if (taken < count) TRY(intake_span(text, &waiting[taken++], error));
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
                                .review = intake->review_count,
                                .field = field,
                                .language = language,
                                .store = intake->keep_text && (field == FIELD_BODY || field == FIELD_TITLE),
                                .paragraph_start = intake->log_count};
    if (taken.store && may_have_ideographs(text) && has_ideographs(text)) {
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
