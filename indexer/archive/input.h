/* input.h - one source as text to be cut into records: a buffer over a stream that shows a window of what comes next, gives
 * lines, and lets the format readers look further ahead until a record is whole.
 *
 * Only the record in hand is held: the buffer grows to the limit of one record and no further. UTF-16 is turned into UTF-8
 * here, a byte order mark dropped; other bytes pass as they are (charset.h decodes record by record). Not thread-safe. */
#ifndef REVUE_ARCHIVE_INPUT_H
#define REVUE_ARCHIVE_INPUT_H

#include "indexer/archive/byte_stream.h"

struct input;

revue_status input_create(struct input **input, uint64_t record_limit, revue_error *error);
void input_free(struct input *input);         /* NULL is fine */
size_t input_held(const struct input *input); /* bytes of memory */

/* Starts on a new stream; what was left of the one before is dropped, the buffers are kept. */
revue_status input_start(struct input *input, struct stream stream, revue_error *error);

/* Reads until at least wanted bytes are buffered, or the stream ended or failed, or the record limit is passed.
 * REVUE_NO_MEMORY only. Invalidates every view given out before. */
revue_status input_need(struct input *input, size_t wanted, revue_error *error);

struct view input_window(const struct input *input);   /* what is buffered and not yet consumed */
char *input_bytes(struct input *input);                /* the same bytes, which the caller may change */
void input_consume(struct input *input, size_t size);  /* counts the line ends it passes; views stay valid until need */
bool input_at_end(const struct input *input);          /* nothing but the window is left, or the stream failed */
bool input_is_full(const struct input *input);         /* the window holds more than the record limit */
uint64_t input_line_number(const struct input *input); /* 1-based, of the window's first byte */
uint64_t input_record_limit(const struct input *input);
bool input_line_is_open(const struct input *input); /* the line given last has no end: the stream ended before */
/* Bytes of the stream before the window, 0 when they cannot be told since the text was UTF-16. */
uint64_t input_position(const struct input *input);
/* Goes on at another place of the stream, which its owner has moved there: what is buffered is dropped. */
void input_move(struct input *input, uint64_t position, uint64_t line_number);
/* Why the stream failed, NULL when it did not. The window may still hold whole records read before. */
const revue_error *input_failure(const struct input *input);

enum input_state {
    INPUT_LINE,     /* *line is a line without its end ("\n" or "\r\n") */
    INPUT_TOO_LONG, /* a line over the record limit was passed over */
    INPUT_END       /* no line is left; see input_failure */
};
/* The next line, consumed; *line_number is its number. A last line cut by a failing stream is not given. */
revue_status input_line(struct input *input, struct view *line, uint64_t *line_number, enum input_state *state,
                        revue_error *error);

/* Passes over everything to the next line end, whatever its length. REVUE_NO_MEMORY only. */
revue_status input_skip_line(struct input *input, revue_error *error);

#endif
