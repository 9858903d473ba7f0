/* terminal.h - what the programs know of the terminal they write to, and text made fit for one: how many columns it takes,
 * and nothing in it that the terminal would obey instead of showing. Text is UTF-8. */
#ifndef REVUE_BASE_TERMINAL_H
#define REVUE_BASE_TERMINAL_H

#include "indexer/base/bytes.h"

#define TERMINAL_WIDTH_DEFAULT 80u

bool terminal_is(int descriptor);
/* A terminal that shows colours, whose user did not forbid them: NO_COLOR (no-color.org) is empty, TERM is not "dumb". */
bool terminal_has_colour(int descriptor);
/* Columns of the terminal; TERMINAL_WIDTH_DEFAULT when it does not say, or is none. */
unsigned terminal_width(int descriptor);

/* Columns a character takes: 0 (combining, invisible), 1 or 2 (East Asian wide, emoji). Controls count 1, since they are
 * shown as a replacement. */
unsigned terminal_character_width(uint32_t character);
size_t terminal_text_width(struct view text);

/* Whether showing the character would move the cursor, change the terminal or turn the direction of writing: controls of
 * both sets, bidirectional marks, embeddings, overrides and isolates, line and paragraph separator, tag characters. */
bool terminal_is_hostile(uint32_t character);

enum terminal_keep {
    TERMINAL_ONE_LINE,  /* blanks instead of tabs and line ends */
    TERMINAL_KEEP_LINES /* tabs and line feeds stay */
};
/* Appends text with every hostile character and every ill-formed part replaced by U+FFFD. */
void terminal_append_harmless(struct bytes *out, struct view text, enum terminal_keep keep);

#endif
