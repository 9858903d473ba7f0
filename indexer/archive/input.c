/* input.c - see input.h. The buffer is one block: consumed bytes, the window, free bytes. It is compacted when it is full
 * and grown by doubling when one record needs all of it. */
#include "indexer/archive/input.h"

#include "indexer/archive/charset.h"
#include "indexer/base/memory.h"

#define START_BYTES ((size_t)1 << 18)

struct input {
    struct stream stream;
    char *buffer;
    size_t capacity, limit;
    size_t start, end; /* the window */
    size_t searched;   /* bytes of the window known to hold no line end */
    uint64_t line_number;
    uint64_t received; /* bytes of the stream before the end of the window */
    bool line_is_open;
    enum charset charset;
    struct utf16_decoder utf16;
    struct bytes decoded; /* UTF-8 made from UTF-16, waiting for room */
    size_t decoded_at;
    bool stream_ended;
    revue_error failure;
};

revue_status input_create(struct input **input, uint64_t record_limit, revue_error *error) {
    struct input *made = memory_alloc_zeroed(1, sizeof *made);
    if (!made) return error_no_memory(error);
    made->limit = record_limit > SIZE_MAX / 4 ? SIZE_MAX / 4 : (size_t)record_limit;
    *input = made;
    return REVUE_OK;
}

void input_free(struct input *input) {
    if (!input) return;
    memory_free(input->buffer);
    bytes_free(&input->decoded);
    memory_free(input);
}

struct view input_window(const struct input *input) {
    return view_of(input->buffer ? input->buffer + input->start : NULL, input->end - input->start);
}

char *input_bytes(struct input *input) {
    return input->buffer + input->start;
}

uint64_t input_line_number(const struct input *input) {
    return input->line_number;
}

size_t input_held(const struct input *input) {
    return input->capacity + input->decoded.capacity;
}

uint64_t input_record_limit(const struct input *input) {
    return input->limit;
}

bool input_at_end(const struct input *input) {
    return input->stream_ended && input->decoded_at == input->decoded.size;
}

bool input_is_full(const struct input *input) {
    return input->end - input->start > input->limit;
}

const revue_error *input_failure(const struct input *input) {
    return input->failure.status == REVUE_OK ? NULL : &input->failure;
}

/* ---- filling ---- */

/* Makes room after the window: moves it to the front, or doubles the block. */
static revue_status make_room(struct input *input, revue_error *error) {
    if (input->start > 0) {
        if (input->end > input->start) memmove(input->buffer, input->buffer + input->start, input->end - input->start);
        input->end -= input->start;
        input->start = 0;
    }
    if (input->end <= input->capacity / 2 && input->capacity > 0) return REVUE_OK;
    size_t capacity = input->capacity ? input->capacity * 2 : START_BYTES;
    char *grown = memory_resize(input->buffer, capacity);
    if (!grown) return error_no_memory(error);
    input->buffer = grown;
    input->capacity = capacity;
    return REVUE_OK;
}

/* One read of the stream into buffer; remembers its end and its failure. */
static revue_status read_stream(struct input *input, void *buffer, size_t size, size_t *got, revue_error *error) {
    *got = 0;
    revue_status status = input->stream.read(input->stream.context, buffer, size, got, &input->failure);
    if (status == REVUE_NO_MEMORY) return error_no_memory(error);
    if (status != REVUE_OK) {
        input->failure.status = status;
        *got = 0;
    }
    if (*got == 0) input->stream_ended = true;
    return REVUE_OK;
}

static revue_status decode_more(struct input *input, revue_error *error) {
    char raw[8192];
    size_t got;
    bytes_clear(&input->decoded);
    input->decoded_at = 0;
    TRY(read_stream(input, raw, sizeof raw, &got, error));
    if (got > 0)
        utf16_decode(&input->utf16, view_of(raw, got), &input->decoded);
    else
        utf16_finish(&input->utf16, &input->decoded);
    return input->decoded.failed ? error_no_memory(error) : REVUE_OK;
}

/* Moves as much decoded text as fits into the free bytes. */
static revue_status fill_utf16(struct input *input, revue_error *error) {
    if (input->decoded_at == input->decoded.size) TRY(decode_more(input, error));
    size_t size = input->decoded.size - input->decoded_at, room = input->capacity - input->end;
    if (size > room) size = room;
    if (size) memcpy(input->buffer + input->end, input->decoded.data + input->decoded_at, size);
    input->decoded_at += size;
    input->end += size;
    return REVUE_OK;
}

static revue_status fill(struct input *input, revue_error *error) {
    if (input->end == input->capacity) TRY(make_room(input, error));
    if (input->charset != CHARSET_BYTES) return fill_utf16(input, error);
    size_t got;
    TRY(read_stream(input, input->buffer + input->end, input->capacity - input->end, &got, error));
    input->end += got;
    input->received += got;
    return REVUE_OK;
}

revue_status input_need(struct input *input, size_t wanted, revue_error *error) {
    if (wanted > input->limit) wanted = input->limit + 1; /* one more, to see that there is more */
    while (input->end - input->start < wanted && !input_at_end(input))
        TRY(fill(input, error));
    return REVUE_OK;
}

/* Takes the byte order mark off and, for UTF-16, hands what was read so far to the decoder. */
static revue_status settle_charset(struct input *input, revue_error *error) {
    size_t mark;
    enum charset charset = charset_detect(input_window(input), &mark);
    input->start += mark;
    if (charset == CHARSET_BYTES) return REVUE_OK;
    input->utf16 = (struct utf16_decoder){.big_endian = charset == CHARSET_UTF16_BE};
    utf16_decode(&input->utf16, input_window(input), &input->decoded);
    if (input->stream_ended) utf16_finish(&input->utf16, &input->decoded);
    if (input->decoded.failed) return error_no_memory(error);
    input->charset = charset;
    input->start = input->end = 0;
    return REVUE_OK;
}

revue_status input_start(struct input *input, struct stream stream, revue_error *error) {
    input->stream = stream;
    input->start = input->end = input->searched = 0;
    input->line_number = 1;
    input->received = 0;
    input->line_is_open = false;
    input->charset = CHARSET_BYTES;
    bytes_clear(&input->decoded);
    input->decoded.failed = false;
    input->decoded_at = 0;
    input->stream_ended = false;
    error_clear(&input->failure);
    while (input->end < 512 && !input->stream_ended)
        TRY(fill(input, error));
    return settle_charset(input, error);
}

/* ---- places ---- */

uint64_t input_position(const struct input *input) {
    return input->charset == CHARSET_BYTES ? input->received - (input->end - input->start) : 0;
}

void input_move(struct input *input, uint64_t position, uint64_t line_number) {
    input->start = input->end = input->searched = 0;
    input->received = position;
    input->line_number = line_number;
    input->stream_ended = false;
}

bool input_line_is_open(const struct input *input) {
    return input->line_is_open;
}

/* ---- consuming ---- */

void input_consume(struct input *input, size_t size) {
    const char *at = input->buffer + input->start, *end = at + size;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        input->line_number++;
        at++;
    }
    input->start += size;
    input->searched = 0;
}

revue_status input_skip_line(struct input *input, revue_error *error) {
    for (;;) {
        struct view window = input_window(input);
        const char *found = window.size ? memchr(window.data, '\n', window.size) : NULL;
        if (found) {
            input_consume(input, (size_t)(found - window.data) + 1);
            return REVUE_OK;
        }
        input_consume(input, window.size);
        if (input_at_end(input)) return REVUE_OK;
        TRY(input_need(input, 1, error));
    }
}

/* The line of size bytes at the window's start, with its end when it has one. */
static void take_line(struct input *input, size_t size, size_t end_size, struct view *line) {
    *line = view_of(input->buffer + input->start, size);
    if (line->size > 0 && line->data[line->size - 1] == '\r') line->size--;
    input->start += size + end_size;
    input->line_number += end_size;
    input->line_is_open = end_size == 0;
    input->searched = 0;
}

revue_status input_line(struct input *input, struct view *line, uint64_t *line_number, enum input_state *state,
                        revue_error *error) {
    for (;;) {
        struct view window = input_window(input);
        const char *from = window.data + input->searched, *found = NULL;
        if (window.size > input->searched) found = memchr(from, '\n', window.size - input->searched);
        *line_number = input->line_number;
        if (found && (size_t)(found - window.data) <= input->limit) {
            take_line(input, (size_t)(found - window.data), 1, line);
            *state = INPUT_LINE;
            return REVUE_OK;
        }
        if (found || input_is_full(input)) {
            *state = INPUT_TOO_LONG;
            return input_skip_line(input, error);
        }
        input->searched = window.size;
        if (input_at_end(input)) {
            *state = INPUT_END;
            if (window.size == 0 || input_failure(input)) return REVUE_OK;
            take_line(input, window.size, 0, line);
            *state = INPUT_LINE;
            return REVUE_OK;
        }
        TRY(input_need(input, window.size + 1, error));
    }
}
