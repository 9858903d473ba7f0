/* hits.c - the stored fields of the reviews that are shown. */
#include "query/result/result.h"

#include "indexer/format/columns.h"
#include "indexer/review/date.h"

#include <string.h>

struct filling {
    revue_searcher *searcher;
    struct segment *segment;
    uint32_t doc;
    struct arena *arena;
    struct bytes scratch, text;
    revue_error *error;
};

static revue_status keep_text(struct filling *filling, const char **kept, size_t *size) {
    *kept = arena_copy(filling->arena, filling->text.data, filling->text.size);
    if (size) *size = filling->text.size;
    return *kept && !filling->text.failed ? REVUE_OK : error_no_memory(filling->error);
}

static revue_status fill_keyword(struct filling *filling, uint16_t column, const char **value, size_t *size) {
    struct column_reader reader;
    keywords *table;
    struct view found;
    bool has;
    int64_t number;
    column_reader_open(&reader, filling->segment->txn, filling->segment->number, column);
    TRY(column_reader_integer(&reader, filling->doc, &has, &number, filling->error));
    if (!has) return REVUE_OK;
    TRY(searcher_keywords(filling->searcher, column, &table, filling->error));
    TRY(keywords_value(table, (uint32_t)number, &filling->scratch, &found, filling->error));
    bytes_clear(&filling->text);
    bytes_append(&filling->text, found.data, found.size);
    return keep_text(filling, value, size);
}

static revue_status fill_number(struct filling *filling, uint16_t column, bool *has, double *value) {
    struct column_reader reader;
    column_reader_open(&reader, filling->segment->txn, filling->segment->number, column);
    return column_reader_number(&reader, filling->doc, has, value, filling->error);
}

static revue_status fill_date(struct filling *filling, const char **date) {
    struct column_reader reader;
    bool has, has_precision;
    int64_t seconds, precision;
    char text[32];
    column_reader_open(&reader, filling->segment->txn, filling->segment->number, COLUMN_OF_DATE);
    TRY(column_reader_integer(&reader, filling->doc, &has, &seconds, filling->error));
    if (!has) return REVUE_OK;
    column_reader_open(&reader, filling->segment->txn, filling->segment->number, COLUMN_OF_DATE_PRECISION);
    TRY(column_reader_integer(&reader, filling->doc, &has_precision, &precision, filling->error));
    struct review_date value = {seconds, has_precision && precision > DATE_ABSENT && precision <= DATE_SECOND
                                             ? (enum date_precision)precision
                                             : DATE_SECOND};
    size_t size = date_format(value, text);
    *date = arena_copy(filling->arena, text, size);
    return *date ? REVUE_OK : error_no_memory(filling->error);
}

static revue_status fill_part(struct filling *filling, struct text_part part, const char **value, size_t *size) {
    if (part.coding == CODING_ABSENT) return REVUE_OK;
    bytes_clear(&filling->text);
    TRY(text_part_decode(&filling->segment->symbols, part, SIZE_MAX, &filling->text, filling->error));
    return keep_text(filling, value, size);
}

static revue_status fill_id(struct filling *filling, const char **id) {
    TRY(ids_get(segment_ids(filling->segment), filling->doc, &filling->text, filling->error));
    return keep_text(filling, id, NULL);
}

static revue_status fill_columns(struct filling *filling, revue_review *review) {
    TRY(fill_keyword(filling, COLUMN_OF_PRODUCT, &review->product, &review->product_size));
    TRY(fill_keyword(filling, COLUMN_OF_AUTHOR, &review->author, &review->author_size));
    TRY(fill_keyword(filling, COLUMN_OF_LANG, &review->lang, NULL));
    TRY(fill_number(filling, COLUMN_OF_RATING, &review->has_rating, &review->rating));
    TRY(fill_number(filling, COLUMN_OF_STARS, &review->has_stars, &review->stars));
    TRY(fill_number(filling, COLUMN_OF_VOTES, &review->has_votes, &review->votes));
    return fill_date(filling, &review->date);
}

static revue_status fill_texts(struct filling *filling, revue_review *review, bool with_body) {
    struct text_part parts[TEXT_FIELD_COUNT];
    struct bytes record = {0};
    if (!filling->segment->meta.has_text) return REVUE_OK;
    revue_status status = text_read(segment_text(filling->segment), filling->doc, &record, parts, filling->error);
    if (status == REVUE_OK) status = fill_part(filling, parts[TEXT_TITLE], &review->title, &review->title_size);
    if (status == REVUE_OK) status = fill_part(filling, parts[TEXT_URL], &review->url, &review->url_size);
    if (status == REVUE_OK && with_body) status = fill_part(filling, parts[TEXT_BODY], &review->body, &review->body_size);
    bytes_free(&record);
    return status;
}

static revue_status fill_tags(struct filling *filling, revue_review *review) {
    struct column_reader reader;
    keywords *table;
    uint32_t first, count;
    column_reader_open(&reader, filling->segment->txn, filling->segment->number, COLUMN_OF_TAGS);
    TRY(column_reader_several(&reader, filling->doc, &first, &count, filling->error));
    if (count == 0) return REVUE_OK;
    const char **tags = arena_alloc_array(filling->arena, count, sizeof *tags);
    if (!tags) return error_no_memory(filling->error);
    TRY(searcher_keywords(filling->searcher, COLUMN_OF_TAGS, &table, filling->error));
    revue_status status = REVUE_OK;
    for (uint32_t i = 0; i < count && status == REVUE_OK; i++) {
        struct view value;
        status = keywords_value(table, column_chunk_several_at(&reader.chunk, first + i), &filling->scratch, &value,
                                filling->error);
        bytes_clear(&filling->text);
        if (status == REVUE_OK) bytes_append(&filling->text, value.data, value.size);
        if (status == REVUE_OK) status = keep_text(filling, &tags[i], NULL);
    }
    if (status != REVUE_OK) return status;
    review->tags = tags;
    review->tag_count = count;
    return REVUE_OK;
}

/* The value of one declared column; *has false when the review has none. */
static revue_status fill_value(struct filling *filling, const struct schema_column *column, revue_value *value, bool *has) {
    char text[32];
    if (column->kind == COLUMN_KEYWORD) {
        TRY(fill_keyword(filling, column->number, &value->text, NULL));
        *has = value->text != NULL;
        return REVUE_OK;
    }
    TRY(fill_number(filling, column->number, has, &value->number));
    if (!*has || column->kind != COLUMN_DATE) return REVUE_OK;
    size_t size = date_format((struct review_date){(int64_t)value->number, DATE_SECOND}, text);
    value->text = arena_copy(filling->arena, text, size);
    return value->text ? REVUE_OK : error_no_memory(filling->error);
}

static revue_status fill_declared(struct filling *filling, revue_review *review) {
    const struct schema *schema = &filling->searcher->schema;
    revue_value *values = arena_alloc_array(filling->arena, (size_t)schema->count + 1, sizeof *values);
    if (!values) return error_no_memory(filling->error);
    review->values = values;
    for (uint32_t i = 0; i < schema->count; i++) {
        const struct schema_column *column = &schema->columns[i];
        revue_value value = {0};
        bool has = false;
        if (column->number < COLUMN_DECLARED) continue;
        TRY(fill_value(filling, column, &value, &has));
        if (!has) continue;
        value.name = arena_copy(filling->arena, column->name, strlen(column->name));
        if (!value.name) return error_no_memory(filling->error);
        values[review->value_count++] = value;
    }
    return REVUE_OK;
}

static void filling_free(struct filling *filling) {
    bytes_free(&filling->scratch);
    bytes_free(&filling->text);
}

revue_status hit_fill(revue_hit *hit, revue_searcher *searcher, const struct candidate *candidate, struct arena *arena,
                      revue_error *error) {
    struct filling filling = {.searcher = searcher,
                              .segment = searcher->segments[candidate->segment].segment,
                              .doc = candidate->doc,
                              .arena = arena,
                              .error = error};
    revue_review review = {0};
    revue_status status = fill_columns(&filling, &review);
    if (status == REVUE_OK) status = fill_texts(&filling, &review, false);
    hit->title = review.title;
    hit->product = review.product;
    hit->author = review.author;
    hit->date = review.date;
    hit->lang = review.lang;
    hit->url = review.url;
    hit->has_rating = review.has_rating;
    hit->has_stars = review.has_stars;
    hit->has_votes = review.has_votes;
    hit->rating = review.rating;
    hit->stars = review.stars;
    hit->votes = review.votes;
    filling_free(&filling);
    return status;
}

revue_status review_fill(revue_review *review, revue_searcher *searcher, uint32_t segment, uint32_t doc,
                         struct arena *arena, revue_error *error) {
    struct filling filling = {
        .searcher = searcher, .segment = searcher->segments[segment].segment, .doc = doc, .arena = arena, .error = error};
    revue_status status = fill_id(&filling, &review->id);
    if (status == REVUE_OK) status = fill_columns(&filling, review);
    if (status == REVUE_OK) status = fill_texts(&filling, review, true);
    if (status == REVUE_OK) status = fill_tags(&filling, review);
    if (status == REVUE_OK) status = fill_declared(&filling, review);
    filling_free(&filling);
    return status;
}
