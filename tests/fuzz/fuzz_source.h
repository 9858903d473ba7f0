/* fuzz_source.h - runs bytes through one of the readers of archive/, as a source of that format, and checks what every
 * reader promises: it ends, its text is valid UTF-8, its numbers are finite, a problem says what and what was done. */
#ifndef REVUE_TESTS_FUZZ_SOURCE_H
#define REVUE_TESTS_FUZZ_SOURCE_H

#include "indexer/archive/byte_stream.h"
#include "indexer/archive/format.h"
#include "indexer/archive/sniff.h"
#include "indexer/base/utf8.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>

static inline void fuzz_check_text(struct view text) {
    require(utf8_valid_prefix(text.data, text.size) == text.size);
}

static inline void fuzz_check_review(const struct review *review) {
    fuzz_check_text(review->id);
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        fuzz_check_text(review->text[field]);
    fuzz_check_text(review->lang);
    fuzz_check_text(review->url);
    for (uint32_t i = 0; i < review->tag_count; i++)
        fuzz_check_text(review->tags[i]);
    for (uint32_t i = 0; i < review->extra_count; i++)
        fuzz_check_text(review->extras[i].value);
    require(!review->has_rating || isfinite(review->rating));
    require(!review->has_votes || isfinite(review->votes));
    require(isfinite(review->rating_max) && review->rating_max >= 0);
}

static inline void fuzz_drain(struct format_reader *reader, size_t size) {
    struct archive_event event = {.kind = ARCHIVE_REVIEW};
    size_t events = 0;
    while (event.kind != ARCHIVE_END && !event.fatal) {
        event = (struct archive_event){.kind = ARCHIVE_END};
        require(reader->next(reader, &event, NULL) == REVUE_OK);
        if (event.kind == ARCHIVE_REVIEW) fuzz_check_review(&event.review);
        if (event.kind == ARCHIVE_PROBLEM) require(event.what && event.what[0] && event.done);
        require(++events <= 2 * size + 16); /* more events than bytes: it would never end */
    }
    reader->close(reader);
}

/* ARCHIVE_AUTO lets the name and the content decide, as in an archive. */
static inline void fuzz_source(enum archive_format format, const char *path, const struct archive_options *options,
                               const uint8_t *data, size_t size) {
    struct input *input;
    struct record *record;
    struct memory_stream memory = {{(const char *)data, size}, 0};
    struct format_opening opening = {0};
    const char *beside = NULL;
    require(input_create(&input, 4096, NULL) == REVUE_OK);
    require(record_create(&record, options, NULL) == REVUE_OK);
    require(input_start(input, memory_stream_of(&memory), NULL) == REVUE_OK);
    struct format_source source = {input, record, options, view_of_string(path)};
    if (format == ARCHIVE_AUTO) require(sniff_format(&source, &format, &beside, NULL) == REVUE_OK);
    revue_status status = REVUE_OK;
    if (!beside && format == ARCHIVE_JSONL)
        status = json_reader_open(&opening, &source, NULL);
    else if (!beside && format == ARCHIVE_HTML)
        status = html_reader_open(&opening, &source, NULL);
    else if (!beside && format == ARCHIVE_CSV)
        status = table_reader_open(&opening, &source, ',', NULL);
    else if (!beside && format == ARCHIVE_TSV)
        status = table_reader_open(&opening, &source, '\t', NULL);
    else if (!beside && format == ARCHIVE_LINES)
        status = lines_reader_open(&opening, &source, NULL);
    else if (!beside)
        status = text_reader_open(&opening, &source, NULL);
    require(status == REVUE_OK && (beside || !opening.reader == !!opening.beside));
    if (opening.reader) fuzz_drain(opening.reader, size);
    record_free(record);
    input_free(input);
}

#endif
