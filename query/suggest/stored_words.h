/* stored_words.h - the words of a stored review as they are written. */
#ifndef REVUE_SUGGEST_STORED_WORDS_H
#define REVUE_SUGGEST_STORED_WORDS_H

#include "indexer/format/segment.h"
#include "indexer/text/scan.h"

/* Zero bytes are ready for use. */
struct stored_words {
    struct bytes text, scratch;
};
void stored_words_free(struct stored_words *words);

/* Calls take for each word of title and body, in the order of the text, until it returns false. Before each field it is
 * called with no bytes: views of words live until then. A field whose stored bytes are over 16 KiB is passed over, and an
 * index without stored text has none. is_ascii as fold_word wants it. */
revue_status stored_words_walk(struct stored_words *words, struct segment *segment, uint32_t doc,
                               bool (*take)(void *context, struct view word, bool is_ascii), void *context,
                               revue_error *error);

#endif
