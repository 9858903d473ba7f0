/* field_text.c - see field_text.h. */
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

revue_status field_text_count(struct field_text *text, struct segment *segment, uint32_t doc, enum review_field field,
                              struct view form, uint32_t *count, revue_error *error) {
    TRY(field_text_load(text, segment, doc, field, error));
    *count = 0;
    for (size_t i = 0; i < text->tokens.count; i++)
        *count += !text->tokens.items[i].repeated && view_equal(text->tokens.items[i].form, form);
    return REVUE_OK;
}
