/* snippet.h - the passage of a review that answers the query best. */
#ifndef REVUE_RESULT_SNIPPET_H
#define REVUE_RESULT_SNIPPET_H

#include "query/match/field_text.h"
#include "query/result/result.h"

#define SNIPPETS_MAX 10u /* of one hit */

/* The best passages of the body of a hit, at most wanted (1 to SNIPPETS_MAX), in the order of the text and none over
 * another: bounded by sentences, with the words of the query marked that count in a body (of a phrase without slop: where
 * the whole phrase stands); its beginning when there is none. No snippet for a body without words, or without stored text.
 * text remembers what it loaded; strings are copied into the arena. */
revue_status snippet_fill(revue_hit *hit, const struct plan *plan, struct field_text *text, struct segment *segment,
                          uint32_t doc, size_t wanted, struct arena *arena, revue_error *error);

#endif
