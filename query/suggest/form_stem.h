/* form_stem.h - the stem of a form, by which a search for it finds its other forms too. */
#ifndef REVUE_SUGGEST_FORM_STEM_H
#define REVUE_SUGGEST_FORM_STEM_H

#include "query/searcher.h"

/* As the first segment that has the form says (of several languages the first); in the arena. Of size 0: none has it. */
revue_status form_stem_find(revue_searcher *searcher, struct view form, struct arena *arena, struct view *stem,
                            revue_error *error);

#endif
