/* written_form.h - how the reviews that have a rare form write it. */
#ifndef REVUE_SUGGEST_WRITTEN_FORM_H
#define REVUE_SUGGEST_WRITTEN_FORM_H

#include "query/plan/plan.h"

/* As the texts, titles or products of the first reviews that have the form mostly do; in the arena. The form itself, when
 * no text is stored; of size 0 when none of these fields has it. */
revue_status written_form_find(revue_searcher *searcher, struct view form, struct arena *arena, struct view *written,
                               revue_error *error);

#endif
