/* context_forms.h - what follows the words before: forms met in reviews that have these. */
#ifndef REVUE_SUGGEST_CONTEXT_FORMS_H
#define REVUE_SUGGEST_CONTEXT_FORMS_H

#include "query/suggest/prefix_forms.h"
#include "query/suggest/text_hits.h"

/* The forms that begin with prefix in products, titles and bodies of a sample, spread over the archive, of the reviews that
 * a search for before finds (all of them when they are few): those that follow the last word of before in many of them
 * first, then those in the most; counts are those of the sample. None when the search would take long. */
revue_status context_forms_find(struct text_hits *hits, struct view before, struct view prefix, struct arena *arena,
                                struct prefix_forms *forms);

#endif
