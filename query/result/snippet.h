/* snippet.h - the passage of a review that answers the query best. */
#ifndef REVUE_RESULT_SNIPPET_H
#define REVUE_RESULT_SNIPPET_H

#include "query/match/field_text.h"
#include "query/result/result.h"

/* The best passage of the body of a hit, bounded by sentences, with the words of the query marked; its beginning when no
 * word of the query is in it. No snippet for an empty body, or without stored text. text remembers what it loaded; strings
 * are copied. */
revue_status snippet_fill(revue_hit *hit, const struct plan *plan, struct field_text *text, struct segment *segment,
                          uint32_t doc, struct arena *arena, revue_error *error);

#endif
