/* format.h - what every format reader looks like to archive.c: opened over the text of one source, pulled for reviews and
 * problems until the end. */
#ifndef REVUE_ARCHIVE_FORMAT_H
#define REVUE_ARCHIVE_FORMAT_H

#include "indexer/archive/archive.h"
#include "indexer/archive/input.h"
#include "indexer/archive/record.h"

struct format_source { /* all of it outlives the format reader */
    struct input *input;
    struct record *record;
    const struct archive_options *options;
    struct view path; /* of the file or member, as found */
};

struct format_reader {
    /* Gives ARCHIVE_REVIEW, ARCHIVE_PROBLEM or ARCHIVE_END (after a fatal problem nothing more is asked). Views in the
     * event live until the next call. REVUE_NO_MEMORY only. */
    revue_status (*next)(struct format_reader *reader, struct archive_event *event, revue_error *error);
    void (*close)(struct format_reader *reader);
    /* Told that the input was moved behind whole records: how they are read stays as it was decided. NULL: what comes
     * depends on what came before. */
    void (*resume)(struct format_reader *reader);
    uint64_t whole_bytes; /* up to the end of the last whole record; 0: unknown */
    bool one_review;      /* the source is one review */
    char what[400];       /* text of the last problem */
};

/* Each opens its format. When the source turns out to hold no reviews, *beside says why and *reader stays unset; the text
 * lives in buffer, of SKIP_TEXT_BYTES. */
#define SKIP_TEXT_BYTES 320u
struct format_opening {
    struct format_reader *reader;
    const char *beside; /* NULL, or why there is no reader: a constant, or buffer */
    char buffer[SKIP_TEXT_BYTES];
};
revue_status text_reader_open(struct format_opening *opening, const struct format_source *source, revue_error *error);
revue_status lines_reader_open(struct format_opening *opening, const struct format_source *source, revue_error *error);
revue_status json_reader_open(struct format_opening *opening, const struct format_source *source, revue_error *error);
revue_status html_reader_open(struct format_opening *opening, const struct format_source *source, revue_error *error);
/* separator: ',' or '\t', what the format's name promises; another one is recognised. */
revue_status table_reader_open(struct format_opening *opening, const struct format_source *source, char separator,
                               revue_error *error);

/* Event fillers: each returns REVUE_OK, so that a reader ends with it. */
revue_status format_problem(struct format_reader *reader, struct archive_event *event, uint64_t line, const char *format,
                            ...) __attribute__((format(printf, 4, 5)));
revue_status format_fatal(struct format_reader *reader, struct archive_event *event, uint64_t line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* What may stand behind a limit that goes by --memory: that more of it allows more; empty when this is the most. */
const char *format_more_allowed(const struct input *input);
revue_status format_too_long(struct format_reader *reader, struct archive_event *event, const struct input *input,
                             uint64_t line);
/* What the source ends in is the beginning of a record: it is not bad, but not taken either. how: what it was seen by. */
revue_status format_cut(struct format_reader *reader, struct archive_event *event, uint64_t line, const char *how);
/* The end of the input: ARCHIVE_END, or the fatal problem when the stream failed. */
revue_status format_end(struct format_reader *reader, struct archive_event *event, const struct input *input);

#endif
