/* field_text.c - see field_text.h. Counting goes through the word codes where they can tell; the analysis of the whole
 * field is the other way, and the judge of that one. */
#include "query/match/field_text.h"

#include "indexer/format/columns.h"

#include <string.h>

void field_text_init(struct field_text *text, stemmer *shared) {
    memset(text, 0, sizeof *text);
    text->stemmer = shared;
}

void field_text_free(struct field_text *text) {
    arena_free(&text->arena);
    bytes_free(&text->raw);
    bytes_free(&text->scratch);
    coded_forms_free(&text->coded);
}

void field_text_look_for(struct field_text *text, const struct view *forms, uint32_t count, struct arena *arena) {
    text->coded.forms = forms;
    text->coded.form_count = count;
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

static revue_status language_of_review(struct segment *segment, uint32_t doc, struct bytes *scratch,
                                       enum language *language, revue_error *error) {
    struct bytes tag = {0};
    revue_status status = keyword_text(segment, doc, COLUMN_OF_LANG, scratch, &tag, error);
    if (status == REVUE_OK && tag.failed) status = error_no_memory(error);
    *language = tag.size ? language_of_tag(bytes_view(&tag), NULL) : LANGUAGE_ENGLISH;
    bytes_free(&tag);
    return status;
}

revue_status field_text_load(struct field_text *text, struct segment *segment, uint32_t doc, enum review_field field,
                             revue_error *error) {
    enum language language;
    if (text->is_loaded && text->segment == segment && text->doc == doc && text->field == field) return REVUE_OK;
    text->is_loaded = false;
    bytes_clear(&text->raw);
    TRY(language_of_review(segment, doc, &text->scratch, &language, error));
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

/* ---- counting forms ---- */

/* *is_known: text->coded.ids says what the tokens of the field are. */
static revue_status walk_codes(struct field_text *text, struct segment *segment, uint32_t doc, enum review_field field,
                               bool *is_known, revue_error *error) {
    struct text_part parts[TEXT_FIELD_COUNT];
    struct lengths_reader lengths = segment_lengths(segment, field);
    uint32_t length;
    *is_known = false;
    if (!segment->meta.has_text || (field != FIELD_TITLE && field != FIELD_BODY)) return REVUE_OK;
    if (text->is_loaded && text->segment == segment && text->doc == doc && text->field == field) return REVUE_OK;
    if (text->coded_segment != segment) text->coded.known = NULL;
    text->coded_segment = segment;
    TRY(lengths_get(&lengths, doc, &length, error));
    TRY(text_read(segment_text(segment), doc, &text->scratch, parts, error));
    const struct text_part *part = &parts[field == FIELD_TITLE ? TEXT_TITLE : TEXT_BODY];
    if (part->coding != CODING_WORDS) return REVUE_OK;
    return coded_forms_walk(&text->coded, &segment->symbols, part->data, length, text->coded_arena, is_known, error);
}

revue_status field_text_count(struct field_text *text, struct segment *segment, uint32_t doc, enum review_field field,
                              uint32_t *count, revue_error *error) {
    const struct view form = text->coded.forms[0];
    bool is_known;
    uint32_t found = 0;
    TRY(walk_codes(text, segment, doc, field, &is_known, error));
    if (is_known) {
        for (size_t i = 0; i + 1 < text->coded.ids.size; i++)
            found += text->coded.ids.data[i] == CODED_FORM_FIRST;
    } else {
        TRY(field_text_load(text, segment, doc, field, error));
        for (size_t i = 0; i < text->tokens.count; i++)
            found += !text->tokens.items[i].repeated && view_equal(text->tokens.items[i].form, form);
    }
    *count = found;
    return REVUE_OK;
}

static bool coded_phrase_stands_at(const struct field_text *text, uint32_t start) {
    const struct coded_forms *coded = &text->coded;
    const size_t length = coded->ids.size - 1; /* one byte more than there are tokens was made */
    if (start > length || coded->form_count > length - start) return false;
    for (uint32_t i = 0; i < coded->form_count; i++)
        if (coded->ids.data[start + i] != coded_forms_id(coded, i)) return false;
    return true;
}

/* Repeated paragraphs may stand between the words, they take no positions. *from: the first token of start or before it. */
static bool phrase_stands_at(const struct field_text *text, size_t *from, uint32_t start) {
    const struct token *items = text->tokens.items;
    const size_t count = text->tokens.count;
    uint32_t matched = 0;
    while (*from < count && (items[*from].repeated || items[*from].position < start))
        ++*from;
    for (size_t i = *from; i < count && matched < text->coded.form_count; i++) {
        if (items[i].repeated) continue;
        if (!view_equal(items[i].form, text->coded.forms[matched])) return false;
        matched++;
    }
    return matched == text->coded.form_count;
}

revue_status field_text_count_phrase(struct field_text *text, struct segment *segment, uint32_t doc,
                                     enum review_field field, const uint32_t *starts, uint32_t start_count, uint32_t *count,
                                     revue_error *error) {
    bool is_known;
    uint32_t found = 0;
    size_t from = 0;
    TRY(walk_codes(text, segment, doc, field, &is_known, error));
    if (!is_known) TRY(field_text_load(text, segment, doc, field, error));
    for (uint32_t i = 0; i < start_count; i++)
        found += is_known ? coded_phrase_stands_at(text, starts[i]) : phrase_stands_at(text, &from, starts[i]);
    *count = found;
    return REVUE_OK;
}
