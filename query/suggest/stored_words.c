/* stored_words.c - see stored_words.h. */
#include "query/suggest/stored_words.h"

#define BYTES_READ 16384u /* of each field, as stored */

void stored_words_free(struct stored_words *words) {
    bytes_free(&words->text);
    bytes_free(&words->scratch);
}

static bool take_words(struct view text, bool (*take)(void *context, struct view word, bool is_ascii), void *context) {
    struct scanner scanner;
    struct span span;
    if (!take(context, view_of(NULL, 0), true)) return false;
    scanner_start(&scanner, text);
    while (scanner_next(&scanner, &span))
        if (span.kind == SPAN_WORD && !take(context, view_of(text.data + span.start, span.size), span.ascii)) return false;
    return true;
}

revue_status stored_words_walk(struct stored_words *words, struct segment *segment, uint32_t doc,
                               bool (*take)(void *context, struct view word, bool is_ascii), void *context,
                               revue_error *error) {
    static const enum text_field fields[] = {TEXT_TITLE, TEXT_BODY};
    struct text_part parts[TEXT_FIELD_COUNT];
    if (!segment->meta.has_text) return REVUE_OK;
    TRY(text_read(segment_text(segment), doc, &words->scratch, parts, error));
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const struct text_part part = parts[fields[i]];
        if (part.coding == CODING_ABSENT || part.data.size > BYTES_READ) continue;
        bytes_clear(&words->text);
        TRY(text_part_decode(&segment->symbols, part, SIZE_MAX, &words->text, error));
        if (!take_words(bytes_view(&words->text), take, context)) return REVUE_OK;
    }
    return REVUE_OK;
}
