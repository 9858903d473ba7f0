/* wrap.h - text for a terminal, filled into lines and made harmless, with styles that never reach over a line's end (pagers
 * and copied text lose them there).
 *
 * Lines break at blanks and between wide characters, which have none. A word longer than a line is cut. All runs of blanks
 * and line ends become one blank. Columns are terminal_character_width's. */
#ifndef REVUE_OUTPUT_WRAP_H
#define REVUE_OUTPUT_WRAP_H

#include "indexer/base/bytes.h"

enum wrap_style { WRAP_PLAIN, WRAP_BOLD, WRAP_DIM, WRAP_STARS, WRAP_MARK };

struct wrap {
    struct bytes *out;
    bool colour;                /* without it styles are ignored */
    unsigned width, indent;     /* columns of the whole line; blanks before every line but the first */
    unsigned column;            /* where the line is */
    bool line_is_empty;         /* nothing on it but the indent: no blank goes before its first word */
    bool owes_blank;            /* the next word is parted from the last by a blank */
    enum wrap_style line_style; /* in force at the end of the line */
    struct bytes word;          /* not on a line yet; changes of style inside it are escapes */
    unsigned word_width;
    enum wrap_style word_first, word_last; /* the styles in which it begins and ends */
};

/* Begins at column of a line that may hold something already. */
void wrap_start(struct wrap *wrap, struct bytes *out, unsigned width, unsigned indent, unsigned column, bool colour);
void wrap_text(struct wrap *wrap, struct view text, enum wrap_style style);
void wrap_end(struct wrap *wrap); /* ends the line, and gives back what the wrap holds */

#endif
