/* intake.c - see intake.h. The loop over the spans of a text is the hottest of the indexer: one look-up and one append a
 * word. Repeated paragraphs are found by a hash of their forms' numbers (the plain way is text/analyzer.c). */
#include "indexer/invert/intake.h"

#include "indexer/base/memory.h"
#include "indexer/text/character.h"

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
    intake->find_spans = find_spans_of(0);
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

void intake_settle(struct intake *intake) {
    vocabulary_settle(&intake->vocabulary, intake->keep_text);
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

static inline revue_status symbol_of_span(struct text_intake *text, const struct waiting_span *span, enum symbol_kind kind,
                                          uint32_t *symbol, revue_error *error) {
    if (span->slot) {
        *symbol = span->slot->index - 1;
        return REVUE_OK;
    }
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
static inline uint64_t paragraph_mix(uint64_t hash, uint32_t form) {
    return hash * 0x9E3779B97F4A7C15u + form + 1;
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
    text->paragraph_hash = paragraph_mix(text->paragraph_hash, use->form);
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
    if (span->about.gap == GAP_PARAGRAPH) TRY(intake_paragraph(text, error));
    if (!text->store) return REVUE_OK;
    if (text->after_word && !text->blank_waits && span->about.gap == GAP_BLANK) {
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

/* Where known spans are counted, and what of them: constants of each loop. */
struct known {
    struct symbol_use *uses;
    struct form_use *form_uses;
    uint32_t review;
    enum review_field field;
    bool store;
    bool in_slots; /* the text is one of those that slots count */
};

/* Whether it is known, and no gap at which more is to be done. */
static inline bool is_known(const struct waiting_span *span, const struct progress *progress) {
    const bool is_word = span->about.kind == SPAN_WORD;
    return span->slot && (span->slot->form != VOCABULARY_NONE) == is_word &&
           !(span->about.gap | (progress->blank_waits & !is_word));
}

/* A known span of a text that is kept. Nobody can foresee whether a word or a gap comes next: so what is done is the same
 * for both, and a gap counts a form that nobody asks for. */
static inline void take_kept(const struct known *known, const struct waiting_span *span, struct form_use *of_gaps,
                             struct progress *progress) {
    const bool is_word = span->about.kind == SPAN_WORD;
    const uint32_t symbol = span->slot->index - 1;
    struct form_use *form = is_word ? &known->form_uses[span->slot->form] : of_gaps;
    form->df += form->last_review != known->review;
    form->last_review = known->review;
    const uint64_t mixed = paragraph_mix(progress->paragraph_hash, span->slot->form);
    progress->paragraph_hash = is_word ? mixed : progress->paragraph_hash;
    progress->paragraph_tokens += is_word;
    if (known->in_slots) {
        span->slot->count++;
    } else {
        known->uses[symbol].searched[known->field] += is_word;
        known->uses[symbol].stored++;
    }
    *progress->next = LOG_TOUCH;
    progress->next += is_word & progress->after_word & !progress->blank_waits;
    *progress->next++ = LOG_STORE | (uint32_t)is_word << LOG_SEARCH_BIT | symbol;
    progress->blank_waits = span->about.blank_follows;
    progress->after_word = is_word;
}

/* The same of a text that is only searched. */
static inline void take_searched(const struct known *known, const struct waiting_span *span, struct progress *progress) {
    if (span->about.kind != SPAN_WORD) return;
    const uint32_t symbol = span->slot->index - 1;
    struct form_use *form = &known->form_uses[span->slot->form];
    form->df += form->last_review != known->review;
    form->last_review = known->review;
    progress->paragraph_hash = paragraph_mix(progress->paragraph_hash, span->slot->form);
    progress->paragraph_tokens++;
    if (known->in_slots)
        span->slot->count++;
    else
        known->uses[symbol].searched[known->field]++;
    *progress->next++ = LOG_SEARCH | symbol;
}

static inline __attribute__((always_inline)) uint32_t take_known(const struct known *known, struct text_intake *text,
                                                                 const struct waiting_span *waiting, uint32_t count) {
    struct intake *intake = text->intake;
    struct form_use of_gaps = {0};
    struct progress progress = {intake->log + intake->log_count, text->paragraph_hash, text->paragraph_tokens,
                                text->blank_waits, text->after_word};
    uint32_t taken = 0;
    for (; taken < count && is_known(&waiting[taken], &progress); taken++)
        if (known->store)
            take_kept(known, &waiting[taken], &of_gaps, &progress);
        else
            take_searched(known, &waiting[taken], &progress);
    intake->log_count = (size_t)(progress.next - intake->log);
    text->paragraph_hash = progress.paragraph_hash;
    text->paragraph_tokens = progress.paragraph_tokens;
    text->blank_waits = progress.blank_waits;
    text->after_word = progress.after_word;
    return taken;
}

/* Takes in spans from waiting on, up to the first that needs more than counts and an item or two; returns how many it took.
 * The log has room. Bodies that are kept have a loop of their own, which asks nothing that is known of them. */
static uint32_t intake_known(struct text_intake *text, const struct waiting_span *waiting, uint32_t count) {
    const struct vocabulary *vocabulary = &text->intake->vocabulary;
    struct known known = {.uses = vocabulary->uses,
                          .form_uses = vocabulary->form_uses,
                          .review = text->review,
                          .field = text->field,
                          .store = text->store,
                          .in_slots = text->field == FIELD_BODY && text->store == text->intake->keep_text};
    if (!known.in_slots || !known.store) return take_known(&known, text, waiting, count);
    known.in_slots = known.store = true;
    return take_known(&known, text, waiting, count);
}

/* Looks at some spans ahead, in steps: each of the places a word leads to (its slot, and from there its form's counts) is a
 * miss of the cache for all but the commonest, and so the misses of many words are waited for at once. */
static uint32_t scan_ahead(const struct text_intake *text, struct text_ahead *ahead_text, struct waiting_span *waiting) {
    const struct intake *intake = text->intake;
    const struct look_ahead ahead = {vocabulary_look_up(&intake->vocabulary), text->language, text->store};
    const struct form_use *form_uses = intake->vocabulary.form_uses;
    const uint32_t count = intake->find_spans(ahead, ahead_text, waiting);
    for (uint32_t i = 0; i < count; i++) {
        struct short_slot *slot =
            waiting[i].key.about ? vocabulary_find_short(ahead.look_up, waiting[i].key, waiting[i].hash) : NULL;
        waiting[i].slot = slot;
        if (slot)
            __builtin_prefetch(&form_uses[slot->form + (slot->form == VOCABULARY_NONE)], 1); /* the first: no branch */
    }
    return count;
}

/* The slots have moved: who waits is looked up again when its turn comes. */
static void forget_slots(struct waiting_span *waiting, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        waiting[i].slot = NULL;
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
    struct waiting_span waiting[SPANS_ROOM];
    struct text_ahead ahead;
    uint32_t count;
    text_ahead_start(&ahead, field);
    while ((count = scan_ahead(text, &ahead, waiting)) > 0)
        for (uint32_t taken = 0; taken < count;) {
            if (!MEMORY_RESERVE(intake->log, intake->log_capacity, intake->log_count + (size_t)2 * SPANS_ROOM))
                return error_no_memory(error);
            taken += intake_known(text, waiting + taken, count - taken);
            if (taken == count) break;
            const struct short_slot *slots = intake->vocabulary.short_slots.slots;
            TRY(intake_span(text, &waiting[taken++], error));
            if (intake->vocabulary.short_slots.slots != slots) forget_slots(waiting + taken, count - taken);
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
