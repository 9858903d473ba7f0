/* stored_review.c - see stored_review.h. */
#include "indexer/stored_review.h"

#include "indexer/base/memory.h"

#include <string.h>

/* ---- keywords ---- */

void stored_keywords_close(struct stored_keywords *tables) {
    for (unsigned column = 0; column < KEYWORD_COLUMN_MAX; column++) {
        keywords_close(tables->by_column[column]);
        tables->by_column[column] = NULL;
    }
}

static revue_status keyword_of(struct stored_reviews *reviews, uint16_t column, uint32_t number, struct view *value,
                               revue_error *error) {
    struct stored_keywords *tables = reviews->tables;
    if (column >= KEYWORD_COLUMN_MAX)
        return error_set(error, REVUE_CORRUPT, "column %u cannot hold keywords: rebuild the index from its archive",
                         column);
    if (!tables->by_column[column]) TRY(keywords_open(&tables->by_column[column], tables->txn, column, error));
    return keywords_value(tables->by_column[column], number, &reviews->scratch, value, error);
}

/* The value of a single keyword column; *value stays as it is when there is none. */
static revue_status read_keyword(struct stored_reviews *reviews, struct column_reader *reader, uint32_t doc, bool *has,
                                 struct view *value, revue_error *error) {
    int64_t number;
    TRY(column_reader_integer(reader, doc, has, &number, error));
    return *has ? keyword_of(reviews, reader->column, (uint32_t)number, value, error) : REVUE_OK;
}

/* The same, kept until the next review is read. */
static revue_status keep_keyword(struct stored_reviews *reviews, struct column_reader *reader, uint32_t doc, bool *has,
                                 struct view *kept, revue_error *error) {
    struct view value;
    TRY(read_keyword(reviews, reader, doc, has, &value, error));
    if (!*has) return REVUE_OK;
    char *copy = arena_copy(&reviews->arena, value.data, value.size);
    if (!copy) return error_no_memory(error);
    *kept = view_of(copy, value.size);
    return REVUE_OK;
}

/* ---- opening ---- */

revue_status stored_reviews_open(struct stored_reviews *reviews, struct segment *segment, struct stored_keywords *tables,
                                 const struct schema *schema, revue_error *error) {
    *reviews = (struct stored_reviews){.segment = segment, .tables = tables, .schema = schema};
    for (uint16_t column = 0; column < COLUMN_BUILT_IN_COUNT; column++)
        column_reader_open(&reviews->columns[column], segment->txn, segment->number, column);
    reviews->declared = memory_alloc_zeroed((size_t)schema->count + 1, sizeof *reviews->declared);
    if (!reviews->declared) return error_no_memory(error);
    for (uint32_t i = 0; i < schema->count; i++)
        column_reader_open(&reviews->declared[i], segment->txn, segment->number, schema->columns[i].number);
    return REVUE_OK;
}

void stored_reviews_close(struct stored_reviews *reviews) {
    memory_free(reviews->declared);
    arena_free(&reviews->arena);
    bytes_free(&reviews->record);
    bytes_free(&reviews->scratch);
    bytes_free(&reviews->id);
    for (unsigned field = 0; field < TEXT_FIELD_COUNT; field++)
        bytes_free(&reviews->texts[field]);
    memset(reviews, 0, sizeof *reviews);
}

/* ---- reading ---- */

static revue_status read_texts(struct stored_reviews *reviews, uint32_t doc, struct review *review, revue_error *error) {
    struct text_part parts[TEXT_FIELD_COUNT];
    if (!reviews->segment->meta.has_text) return REVUE_OK;
    TRY(text_read(segment_text(reviews->segment), doc, &reviews->record, parts, error));
    for (unsigned field = 0; field < TEXT_FIELD_COUNT; field++) {
        bytes_clear(&reviews->texts[field]);
        TRY(text_part_decode(&reviews->segment->symbols, parts[field], SIZE_MAX, &reviews->texts[field], error));
    }
    review->text[FIELD_TITLE] = bytes_view(&reviews->texts[TEXT_TITLE]);
    review->text[FIELD_BODY] = bytes_view(&reviews->texts[TEXT_BODY]);
    review->url = bytes_view(&reviews->texts[TEXT_URL]);
    return REVUE_OK;
}

static revue_status read_tags(struct stored_reviews *reviews, uint32_t doc, struct review *review, revue_error *error) {
    struct column_reader *reader = &reviews->columns[COLUMN_OF_TAGS];
    uint32_t first, count;
    TRY(column_reader_several(reader, doc, &first, &count, error));
    if (count == 0) return REVUE_OK;
    struct view *tags = arena_alloc_array(&reviews->arena, count, sizeof *tags);
    if (!tags) return error_no_memory(error);
    for (uint32_t i = 0; i < count; i++) {
        struct view value;
        TRY(keyword_of(reviews, COLUMN_OF_TAGS, column_chunk_several_at(&reader->chunk, first + i), &value, error));
        char *copy = arena_copy(&reviews->arena, value.data, value.size);
        if (!copy) return error_no_memory(error);
        tags[i] = view_of(copy, value.size);
    }
    review->tags = tags;
    review->tag_count = count;
    return REVUE_OK;
}

static revue_status read_date(struct stored_reviews *reviews, uint32_t doc, struct review_date *date, revue_error *error) {
    bool has, has_precision;
    int64_t seconds, precision;
    TRY(column_reader_integer(&reviews->columns[COLUMN_OF_DATE], doc, &has, &seconds, error));
    if (!has) return REVUE_OK;
    TRY(column_reader_integer(&reviews->columns[COLUMN_OF_DATE_PRECISION], doc, &has_precision, &precision, error));
    bool is_known = has_precision && precision > DATE_ABSENT && precision <= DATE_SECOND;
    *date = (struct review_date){seconds, is_known ? (enum date_precision)precision : DATE_SECOND};
    return REVUE_OK;
}

/* An internal column of whole numbers, which every review has. */
static revue_status read_internal(struct stored_reviews *reviews, enum column_number column, uint32_t doc, uint32_t *value,
                                  revue_error *error) {
    bool has;
    int64_t found;
    TRY(column_reader_integer(&reviews->columns[column], doc, &has, &found, error));
    *value = has ? (uint32_t)found : 0;
    return REVUE_OK;
}

static revue_status read_extra(struct stored_reviews *reviews, uint32_t index, uint32_t doc, struct stored_extra *extra,
                               bool *has, revue_error *error) {
    const struct schema_column *column = &reviews->schema->columns[index];
    struct column_reader *reader = &reviews->declared[index];
    *extra = (struct stored_extra){.column = column->number, .kind = column->kind};
    switch (column->kind) {
    case COLUMN_KEYWORD: return keep_keyword(reviews, reader, doc, has, &extra->keyword, error);
    case COLUMN_DATE: return column_reader_integer(reader, doc, has, &extra->date, error);
    case COLUMN_NUMBER: return column_reader_number(reader, doc, has, &extra->number, error);
    }
    return error_set(error, REVUE_BUG, "a column of kind %d", (int)column->kind);
}

static revue_status read_extras(struct stored_reviews *reviews, uint32_t doc, struct stored_review *stored,
                                revue_error *error) {
    stored->extras = arena_alloc_array(&reviews->arena, (size_t)reviews->schema->count + 1, sizeof *stored->extras);
    if (!stored->extras) return error_no_memory(error);
    for (uint32_t i = 0; i < reviews->schema->count; i++) {
        bool has = false;
        if (reviews->schema->columns[i].number < COLUMN_DECLARED) continue;
        TRY(read_extra(reviews, i, doc, &stored->extras[stored->extra_count], &has, error));
        stored->extra_count += has;
    }
    return REVUE_OK;
}

static revue_status read_columns(struct stored_reviews *reviews, uint32_t doc, struct stored_review *stored,
                                 revue_error *error) {
    struct review *review = &stored->review;
    struct column_reader *columns = reviews->columns;
    bool has;
    TRY(column_reader_number(&columns[COLUMN_OF_RATING], doc, &review->has_rating, &review->rating, error));
    TRY(column_reader_number(&columns[COLUMN_OF_STARS], doc, &stored->has_stars, &stored->stars, error));
    TRY(column_reader_number(&columns[COLUMN_OF_VOTES], doc, &review->has_votes, &review->votes, error));
    TRY(read_date(reviews, doc, &review->date, error));
    TRY(keep_keyword(reviews, &columns[COLUMN_OF_LANG], doc, &has, &review->lang, error));
    TRY(keep_keyword(reviews, &columns[COLUMN_OF_PRODUCT], doc, &has, &review->text[FIELD_PRODUCT], error));
    TRY(keep_keyword(reviews, &columns[COLUMN_OF_AUTHOR], doc, &has, &review->text[FIELD_AUTHOR], error));
    TRY(read_tags(reviews, doc, review, error));
    TRY(read_internal(reviews, COLUMN_OF_SOURCE, doc, &stored->source, error));
    TRY(read_internal(reviews, COLUMN_OF_RUN, doc, &stored->run, error));
    return read_internal(reviews, COLUMN_OF_HASH, doc, &stored->column_hash, error);
}

revue_status stored_reviews_read(struct stored_reviews *reviews, uint32_t doc, struct stored_review *stored,
                                 revue_error *error) {
    *stored = (struct stored_review){0};
    arena_reset(&reviews->arena);
    TRY(ids_get(segment_ids(reviews->segment), doc, &reviews->id, error));
    stored->id = bytes_view(&reviews->id);
    TRY(ids_text_hash(segment_ids(reviews->segment), doc, &stored->text_hash, error));
    TRY(read_texts(reviews, doc, &stored->review, error));
    TRY(read_columns(reviews, doc, stored, error));
    TRY(read_extras(reviews, doc, stored, error));
    /* Text without a tag was analysed as English: as soon as a language is remembered every review has a tag. */
    stored->language =
        stored->review.lang.size > 0 ? language_of_tag(stored->review.lang, NULL) : (enum language)LANGUAGE_ENGLISH;
    return REVUE_OK;
}

revue_status stored_reviews_order(struct stored_reviews *reviews, uint32_t doc, unsigned *class, uint32_t *run,
                                  revue_error *error) {
    struct lengths_reader lengths = segment_lengths(reviews->segment, FIELD_BODY);
    uint32_t length;
    TRY(lengths_get(&lengths, doc, &length, error));
    *class = length_class(length);
    return read_internal(reviews, COLUMN_OF_RUN, doc, run, error);
}
