/* field_text.c - see field_text.h. Counting goes through the word codes where they can tell; the analysis of the whole
 * field is the other way, and the judge of that one. */
#include "query/match/field_text.h"

#include "indexer/base/memory.h"
#include "indexer/format/columns.h"

#include <string.h>

void field_text_init(struct field_text *text, stemmer *shared) {
    memset(text, 0, sizeof *text);
    text->stemmer = shared;
    text->coded.stemmer = shared;
}

void field_text_free(struct field_text *text) {
    arena_free(&text->arena);
    bytes_free(&text->raw);
    bytes_free(&text->scratch);
    coded_words_free(&text->coded);
    for (uint32_t i = 0; i < FIELD_TEXTS_MAX && text->sifted; i++)
        bytes_free(&text->sifted[i].scratch);
    memory_free(text->sifted);
}

void field_text_look_for(struct field_text *text, const struct view *forms, const struct segment_word *words,
                         uint32_t count, struct arena *arena) {
    text->coded.forms = forms;
    text->coded.words = words;
    text->coded.count = count;
    text->coded_arena = arena;
}

static revue_status keyword_text(struct segment *segment, uint32_t doc, uint16_t column, struct bytes *scratch,
                                 struct bytes *out, revue_error *error) {
    struct column_reader reader;
    keywords *table = NULL;
    bool has;
    int64_t number;
    struct view value;
    column_reader_open(&reader, segment->txn, segment->number, column);
    TRY(column_reader_integer(&reader, doc, &has, &number, error));
    if (!has) return REVUE_OK;
    TRY(keywords_open(&table, segment->txn, column, error));
    revue_status status = keywords_value(table, (uint32_t)number, scratch, &value, error);
    if (status == REVUE_OK) bytes_append(out, value.data, value.size);
    keywords_close(table);
    return status;
}

static revue_status stored_text(struct segment *segment, uint32_t doc, enum review_field field, struct bytes *scratch,
                                struct bytes *out, revue_error *error) {
    struct text_part parts[TEXT_FIELD_COUNT];
    if (field == FIELD_PRODUCT) return keyword_text(segment, doc, COLUMN_OF_PRODUCT, scratch, out, error);
    if (field == FIELD_AUTHOR) return keyword_text(segment, doc, COLUMN_OF_AUTHOR, scratch, out, error);
    if (!segment->meta.has_text) return REVUE_OK;
    TRY(text_read(segment_text(segment), doc, scratch, parts, error));
    return text_part_decode(&segment->symbols, parts[field == FIELD_TITLE ? TEXT_TITLE : TEXT_BODY], SIZE_MAX, out, error);
}

static revue_status language_of_keyword(struct segment *segment, int64_t number, struct bytes *scratch,
                                        enum language *language, revue_error *error) {
    keywords *table = NULL;
    struct view value;
    TRY(keywords_open(&table, segment->txn, COLUMN_OF_LANG, error));
    revue_status status = keywords_value(table, (uint32_t)number, scratch, &value, error);
    if (status == REVUE_OK) *language = value.size ? language_of_tag(value, NULL) : LANGUAGE_ENGLISH;
    keywords_close(table);
    return status;
}

/* Neighbours mostly are of one language, in one chunk of the column. */
static revue_status language_of_review(struct field_text *text, struct segment *segment, uint32_t doc,
                                       enum language *language, revue_error *error) {
    struct review_languages *languages = &text->languages;
    bool has;
    int64_t number;
    if (languages->segment != segment) {
        column_reader_open(&languages->reader, segment->txn, segment->number, COLUMN_OF_LANG);
        languages->segment = segment;
        languages->number = -1;
    }
    *language = LANGUAGE_ENGLISH;
    TRY(column_reader_integer(&languages->reader, doc, &has, &number, error));
    if (!has) return REVUE_OK;
    if (number != languages->number) {
        languages->number = -1;
        TRY(language_of_keyword(segment, number, &text->scratch, &languages->language, error));
        languages->number = number;
    }
    *language = languages->language;
    return REVUE_OK;
}

revue_status field_text_load(struct field_text *text, struct segment *segment, uint32_t doc, enum review_field field,
                             revue_error *error) {
    enum language language;
    if (text->is_loaded && text->segment == segment && text->doc == doc && text->field == field) return REVUE_OK;
    text->is_loaded = false;
    bytes_clear(&text->raw);
    TRY(language_of_review(text, segment, doc, &language, error));
    TRY(stored_text(segment, doc, field, &text->scratch, &text->raw, error));
    if (text->raw.failed) return error_no_memory(error);
    arena_reset(&text->arena);
    memset(&text->tokens, 0, sizeof text->tokens);
    TRY(analyze_field(text->stemmer, bytes_view(&text->raw), language, &text->arena, &text->tokens, error));
    text->segment = segment;
    text->doc = doc;
    text->field = field;
    text->is_loaded = true;
    return REVUE_OK;
}

/* ---- looking for words ---- */

/* *is_known: text->coded.places say where the words stand. */
static revue_status walk_codes(struct field_text *text, struct segment *segment, uint32_t doc, enum review_field field,
                               bool *is_known, revue_error *error) {
    struct text_part parts[TEXT_FIELD_COUNT];
    struct lengths_reader lengths = segment_lengths(segment, field);
    enum language language = LANGUAGE_ENGLISH;
    uint32_t length;
    *is_known = false;
    if (!segment->meta.has_text || (field != FIELD_TITLE && field != FIELD_BODY)) return REVUE_OK;
    if (!text->coded.forms) TRY(language_of_review(text, segment, doc, &language, error));
    TRY(lengths_get(&lengths, doc, &length, error));
    TRY(text_read(segment_text(segment), doc, &text->scratch, parts, error));
    const struct text_part *part = &parts[field == FIELD_TITLE ? TEXT_TITLE : TEXT_BODY];
    if (part->coding != CODING_WORDS) return REVUE_OK;
    return coded_words_walk(&text->coded, &segment->symbols, part->data, length, language, text->coded_arena, is_known,
                            error);
}

revue_status field_text_find(struct field_text *text, struct segment *segment, uint32_t doc, enum review_field field,
                             bool *is_known, revue_error *error) {
    struct walked_field *walked = &text->walked;
    if (walked->segment != segment || walked->doc != doc || walked->field != field) {
        bool known;
        walked->segment = NULL;
        TRY(walk_codes(text, segment, doc, field, &known, error));
        *walked = (struct walked_field){segment, doc, field, known};
    }
    *is_known = walked->is_known;
    return walked->is_known ? REVUE_OK : field_text_load(text, segment, doc, field, error);
}

static bool is_looked_for(const struct field_text *text, struct view form) {
    for (uint32_t i = 0; i < text->coded.count; i++)
        if (view_equal(text->coded.forms[i], form)) return true;
    return false;
}

revue_status field_text_count(struct field_text *text, struct segment *segment, uint32_t doc, enum review_field field,
                              uint32_t *count, revue_error *error) {
    bool is_known;
    uint32_t found = 0;
    TRY(field_text_find(text, segment, doc, field, &is_known, error));
    for (size_t i = 0; i < text->coded.place_count && is_known; i++)
        found += text->coded.places[i].words != 0;
    for (size_t i = 0; i < text->tokens.count && !is_known; i++)
        found += !text->tokens.items[i].repeated && is_looked_for(text, text->tokens.items[i].form);
    *count = found;
    return REVUE_OK;
}

bool field_text_is_word(const struct field_text *text, uint32_t place, const struct token *token) {
    const struct coded_words *wanted = &text->coded;
    if (wanted->forms) return view_equal(wanted->forms[place], token->form);
    const struct segment_word *word = &wanted->words[place];
    for (uint32_t i = 0; i < word->stem_count; i++)
        if (view_equal(word->stems[i].stem, token->stem)) return true;
    return false;
}

/* Repeated paragraphs may stand between the words, they take no positions. */
static bool phrase_stands_at(const struct field_text *text, size_t from) {
    const struct token *items = text->tokens.items;
    uint32_t matched = 0;
    for (size_t i = from; i < text->tokens.count && matched < text->coded.count; i++) {
        if (items[i].repeated) continue;
        if (!field_text_is_word(text, matched, &items[i])) return false;
        matched++;
    }
    return matched == text->coded.count;
}

revue_status field_text_count_phrase(struct field_text *text, struct segment *segment, uint32_t doc,
                                     enum review_field field, uint32_t *count, revue_error *error) {
    bool is_known;
    uint32_t found = 0;
    TRY(field_text_find(text, segment, doc, field, &is_known, error));
    if (is_known) found = coded_words_count_phrase(&text->coded);
    for (size_t i = 0; i < text->tokens.count && !is_known; i++)
        found += !text->tokens.items[i].repeated && phrase_stands_at(text, i);
    *count = found;
    return REVUE_OK;
}

/* ---- many reviews ---- */

/* The codes of a review's field; *is_coded false when it has none. */
static revue_status read_codes(struct field_text *text, struct segment *segment, uint32_t doc, enum review_field field,
                               struct sifted_text *sifted, bool *is_coded, revue_error *error) {
    struct text_part parts[TEXT_FIELD_COUNT];
    struct lengths_reader lengths = segment_lengths(segment, field);
    sifted->language = LANGUAGE_ENGLISH;
    if (!text->coded.forms) TRY(language_of_review(text, segment, doc, &sifted->language, error));
    TRY(lengths_get(&lengths, doc, &sifted->field.length, error));
    TRY(text_read(segment_text(segment), doc, &sifted->scratch, parts, error));
    const struct text_part *part = &parts[field == FIELD_TITLE ? TEXT_TITLE : TEXT_BODY];
    sifted->field.codes = part->data;
    *is_coded = part->coding == CODING_WORDS;
    return REVUE_OK;
}

/* Those of one language at a time: mostly there is but one. counts becomes 0 where the phrase cannot stand. */
static revue_status sift_languages(struct field_text *text, struct segment *segment, struct sifted_text *sifted,
                                   uint32_t count, uint32_t *counts, revue_error *error) {
    struct coded_field fields[FIELD_TEXTS_MAX];
    bool is_done[FIELD_TEXTS_MAX] = {false};
    for (uint32_t first = 0; first < count; first++) {
        uint32_t numbers[FIELD_TEXTS_MAX], same = 0;
        for (uint32_t i = first; i < count && !is_done[first]; i++) {
            if (is_done[i] || sifted[i].language != sifted[first].language) continue;
            fields[same] = sifted[i].field;
            numbers[same++] = i;
        }
        TRY(coded_words_sift(&text->coded, &segment->symbols, sifted[first].language, fields, same, error));
        for (uint32_t i = 0; i < same; i++) {
            is_done[numbers[i]] = true;
            if (!fields[i].may_stand) counts[sifted[numbers[i]].number] = 0;
        }
    }
    return REVUE_OK;
}

/* counts becomes 0 where the words surely do not stand one after the other. */
static revue_status sift(struct field_text *text, struct segment *segment, const uint32_t *docs, uint32_t count,
                         enum review_field field, uint32_t *counts, revue_error *error) {
    uint32_t read = 0;
    if (!segment->meta.has_text || (field != FIELD_TITLE && field != FIELD_BODY)) return REVUE_OK;
    if (!text->sifted) text->sifted = memory_alloc_zeroed(FIELD_TEXTS_MAX, sizeof *text->sifted);
    if (!text->sifted) return error_no_memory(error);
    for (uint32_t i = 0; i < count; i++)
        text_expect(segment_text(segment), docs[i]);
    for (uint32_t i = 0; i < count; i++) {
        bool is_coded;
        text->sifted[read].number = i;
        TRY(read_codes(text, segment, docs[i], field, &text->sifted[read], &is_coded, error));
        read += is_coded;
    }
    return sift_languages(text, segment, text->sifted, read, counts, error);
}

revue_status field_text_count_phrases(struct field_text *text, struct segment *segment, const uint32_t *docs,
                                      uint32_t count, enum review_field field, uint32_t *counts, revue_error *error) {
    for (uint32_t i = 0; i < count; i++)
        counts[i] = 1; /* maybe */
    TRY(sift(text, segment, docs, count, field, counts, error));
    for (uint32_t i = 0; i < count; i++)
        if (counts[i] > 0) TRY(field_text_count_phrase(text, segment, docs[i], field, &counts[i], error));
    return REVUE_OK;
}
