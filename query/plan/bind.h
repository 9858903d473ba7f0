/* bind.h - the words of a query as an index knows them: their stems, and the lists of those in every segment. */
#ifndef REVUE_PLAN_BIND_H
#define REVUE_PLAN_BIND_H

#include "query/plan/plan.h"

struct binder {
    revue_searcher *searcher;
    struct arena *arena; /* of the plan */
    revue_error *error;
};

/* What the word is: its form, or the stems of it. The index is asked first, whose own table of forms tells what each form
 * was stemmed to when it was indexed, with several stems where it stands in texts of several languages. A form that no
 * segment holds is stemmed here, by the stemmer of every language that is common in the archive. */
revue_status bind_resolve(const struct binder *binder, const struct token *token, bool by_form, struct plan_word *word);
/* Any of some forms, which are the caller's and outlive the plan, under the name of what was typed. What they count for is
 * how often their stems stand where one of them does: which forms those are only the texts could tell. */
void bind_forms(struct view name, struct view *forms, uint32_t count, struct plan_word *word);
/* Adds the stems of another word searched by stem to those of word, which are then in the order of their bytes; its lists
 * are to be looked up anew. */
revue_status bind_join(const struct binder *binder, struct plan_word *word, const struct plan_word *other);
/* The same word: equal forms, or (by stem) two forms of the same stems. What a pattern stands for is the same as no word
 * as written, though one form may be all there is of it. */
bool bind_same(const struct plan_word *a, const struct plan_word *b);
/* Looks up the lists of a resolved word in every segment, and adds up its df over the fields that scoring searches. */
revue_status bind_lists(const struct binder *binder, struct plan_word *word, const struct field_scoring *scoring);

#endif
