/* prefix_forms.h - the forms of an index that begin with what was typed, and how people write them. */
#ifndef REVUE_SUGGEST_PREFIX_FORMS_H
#define REVUE_SUGGEST_PREFIX_FORMS_H

#include "query/searcher.h"

struct prefix_form {
    struct view form;
    struct view written; /* as reviews mostly write it; size 0: not looked up yet */
    uint64_t count;      /* reviews that have it, in any field */
    uint32_t following;  /* reviews of a sample in which it follows the word before */
    bool is_next;        /* these are many: it comes before others */
};
struct prefix_forms {
    struct prefix_form *items; /* the next ones, those in the most reviews first, then by their bytes; all in the arena */
    size_t count;
};

/* About wanted of those in the most reviews. prefix is folded, and not empty. */
revue_status prefix_forms_find(revue_searcher *searcher, struct view prefix, size_t wanted, struct arena *arena,
                               struct prefix_forms *forms, revue_error *error);
/* Puts them in order again. */
void prefix_forms_sort(struct prefix_forms *forms);
/* Looks up how the first of them are written; those that no text, title or product has go. At most wanted are left. */
revue_status prefix_forms_spell(revue_searcher *searcher, struct view prefix, size_t wanted, struct arena *arena,
                                struct prefix_forms *forms, revue_error *error);

#endif
