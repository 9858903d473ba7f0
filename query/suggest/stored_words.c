/* stored_words.c - see stored_words.h. */
#include "query/suggest/stored_words.h"

#define BYTES_READ 16384u /* of each field, as stored */

void stored_words_free(struct stored_words *words) {
    bytes_free(&words->text);
    bytes_free(&words->scratch);
}

struct taking {
    struct stored_words *words;
    bool (*take)(void *context, struct view word, bool is_ascii);
    void *context;
    bool has_ended;
    revue_error *error;
};

static void take_words(struct taking *taking, struct view text) {
    struct scanner scanner;
    struct span span;
    taking->has_ended = !taking->take(taking->context, view_of(NULL, 0), true);
    scanner_start(&scanner, text);
    while (!taking->has_ended && scanner_next(&scanner, &span))
        taking->has_ended = span.kind == SPAN_WORD &&
                            !taking->take(taking->context, view_of(text.data + span.start, span.size), span.ascii);
}

static revue_status take_product(struct taking *taking, revue_searcher *searcher, const struct segment *segment,
                                 uint32_t doc) {
    struct column_reader reader;
    keywords *table;
    struct view product;
    bool has;
    int64_t number;
    column_reader_open(&reader, segment->txn, segment->number, COLUMN_OF_PRODUCT);
    TRY(column_reader_integer(&reader, doc, &has, &number, taking->error));
    if (!has) return REVUE_OK;
    TRY(searcher_keywords(searcher, COLUMN_OF_PRODUCT, &table, taking->error));
    TRY(keywords_value(table, (uint32_t)number, &taking->words->scratch, &product, taking->error));
    take_words(taking, product);
    return REVUE_OK;
}

static revue_status take_texts(struct taking *taking, struct segment *segment, uint32_t doc) {
    static const enum text_field fields[] = {TEXT_TITLE, TEXT_BODY};
    struct text_part parts[TEXT_FIELD_COUNT];
    if (!segment->meta.has_text) return REVUE_OK;
    TRY(text_read(segment_text(segment), doc, &taking->words->scratch, parts, taking->error));
    for (size_t i = 0; i < sizeof fields / sizeof *fields && !taking->has_ended; i++) {
        const struct text_part part = parts[fields[i]];
        if (part.coding == CODING_ABSENT || part.data.size > BYTES_READ) continue;
        bytes_clear(&taking->words->text);
        TRY(text_part_decode(&segment->symbols, part, SIZE_MAX, &taking->words->text, taking->error));
        take_words(taking, bytes_view(&taking->words->text));
    }
    return REVUE_OK;
}

revue_status stored_words_walk(struct stored_words *words, revue_searcher *searcher, uint32_t segment, uint32_t doc,
                               bool (*take)(void *context, struct view word, bool is_ascii), void *context,
                               revue_error *error) {
    struct taking taking = {.words = words, .take = take, .context = context, .error = error};
    struct segment *opened = searcher->segments[segment].segment;
    TRY(take_product(&taking, searcher, opened, doc));
    return taking.has_ended ? REVUE_OK : take_texts(&taking, opened, doc);
}
