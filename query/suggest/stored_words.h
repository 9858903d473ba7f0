/* stored_words.h - the words of a stored review as they are written. */
#ifndef REVUE_SUGGEST_STORED_WORDS_H
#define REVUE_SUGGEST_STORED_WORDS_H

#include "indexer/text/scan.h"
#include "query/searcher.h"

/* Zero bytes are ready for use. */
struct stored_words {
    struct bytes text, scratch;
};
void stored_words_free(struct stored_words *words);

/* Calls take for each word of product, title and body, in the order of the text, until it returns false. Before each field
 * it is called with no bytes: views of words live until then. A field whose stored bytes are over 16 KiB is passed over,
 * and titles and bodies may not be stored. is_ascii as fold_word wants it. */
revue_status stored_words_walk(struct stored_words *words, revue_searcher *searcher, uint32_t segment, uint32_t doc,
                               bool (*take)(void *context, struct view word, bool is_ascii), void *context,
                               revue_error *error);

#endif
