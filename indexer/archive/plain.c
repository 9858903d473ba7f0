/* plain.c - readers of plain text: a file that is one review, and a file of one review a line. */
#include "indexer/archive/charset.h"
#include "indexer/archive/format.h"
#include "indexer/base/memory.h"

struct plain_reader {
    struct format_reader base;
    struct format_source source;
    struct bytes decoded;
    bool done;
};

static void plain_close(struct format_reader *base) {
    struct plain_reader *reader = (struct plain_reader *)base;
    bytes_free(&reader->decoded);
    memory_free(reader);
}

/* The body of the review is text, which is not UTF-8 yet. */
static revue_status give_body(struct plain_reader *reader, struct view text, uint64_t line, struct archive_event *event,
                              revue_error *error) {
    struct record *record = reader->source.record;
    struct view body;
    if (!charset_decode(text, &reader->decoded, &body)) return error_no_memory(error);
    record_start(record, line);
    record_put(record, (struct record_key){.slot = SLOT_BODY, .rank = 1}, body);
    event->kind = ARCHIVE_REVIEW;
    return record_finish(record, &event->review, error);
}

/* ---- one review a file ---- */

static revue_status text_next(struct format_reader *base, struct archive_event *event, revue_error *error) {
    struct plain_reader *reader = (struct plain_reader *)base;
    struct input *input = reader->source.input;
    if (reader->done) return format_end(base, event, input);
    reader->done = true;
    TRY(input_need(input, SIZE_MAX, error));
    if (input_failure(input)) return format_end(base, event, input);
    if (input_is_full(input)) {
        return format_fatal(base, event, 0, "longer than the limit of %llu bytes for one review%s",
                            (unsigned long long)input_record_limit(input), format_more_allowed(input));
    }
    return give_body(reader, input_window(input), 0, event, error);
}

/* ---- one review a line ---- */

static revue_status lines_next(struct format_reader *base, struct archive_event *event, revue_error *error) {
    struct plain_reader *reader = (struct plain_reader *)base;
    struct input *input = reader->source.input;
    for (;;) {
        struct view line;
        uint64_t number;
        enum input_state state;
        TRY(input_line(input, &line, &number, &state, error));
        if (state == INPUT_END) return format_end(base, event, input);
        if (state == INPUT_TOO_LONG) return format_too_long(base, event, input, number);
        TRY(give_body(reader, line, number, event, error));
        base->whole_bytes = input_position(input);
        if (event->review.text[FIELD_BODY].size > 0) return REVUE_OK; /* a blank line is no review */
    }
}

static void lines_resume(struct format_reader *base) {
    (void)base; /* a line says nothing of the next */
}

static revue_status plain_open(struct format_opening *opening, const struct format_source *source, bool one_review,
                               revue_error *error) {
    struct plain_reader *reader = memory_alloc_zeroed(1, sizeof *reader);
    if (!reader) return error_no_memory(error);
    reader->base.next = one_review ? text_next : lines_next;
    reader->base.close = plain_close;
    reader->base.resume = one_review ? NULL : lines_resume;
    reader->base.one_review = one_review;
    reader->source = *source;
    opening->reader = &reader->base;
    return REVUE_OK;
}

revue_status text_reader_open(struct format_opening *opening, const struct format_source *source, revue_error *error) {
    return plain_open(opening, source, true, error);
}

revue_status lines_reader_open(struct format_opening *opening, const struct format_source *source, revue_error *error) {
    return plain_open(opening, source, false, error);
}
