/* cursor.h - THE contract of everything that walks the matching reviews of one segment, in ascending order.
 *
 * A new cursor stands before the first review: doc is CURSOR_BEFORE. seek(target) moves it to the first match at or after
 * target and behaves as if written while (cursor->doc == CURSOR_BEFORE || cursor->doc < target) next(cursor); so it never
 * goes back, and seeking to where it stands or behind is legal and does nothing. After the last match doc is DOC_END, and
 * next and seek are legal there and stay there. Deleted reviews are matches too: whoever collects leaves them out.
 * contribution() tells what the cursor adds to the score of the review it stands on, in units (scoring.h); a node's is the
 * sum over its scoring leaves that match. cost is the number of matches at most, for ordering intersections. Reading may
 * fail (damage, memory): the cursor then goes to DOC_END and keeps the failure in *failure, which all cursors of a search
 * share; check it once after the loop. A cursor belongs to one segment, one search, one thread; memory is the arena's, and
 * cursor_close releases what is not. */
#ifndef REVUE_MATCH_CURSOR_H
#define REVUE_MATCH_CURSOR_H

#include "indexer/base/arena.h"
#include "indexer/format/segment.h"
#include "indexer/text/stem.h"
#include "query/column/column_test.h"
#include "query/match/deadline.h"

#define CURSOR_BEFORE (UINT32_MAX - 1) /* no review has this number */

struct cursor_failure {
    revue_status status; /* REVUE_OK: none yet */
    revue_error error;
};
struct cursor {
    const struct cursor_methods *methods;
    struct cursor_failure *failure;
    uint32_t doc; /* CURSOR_BEFORE, a review, or DOC_END */
    uint64_t cost;
};
/* What the contribution of a leaf is worked out of, in the review it stands on: for explanations. */
struct leaf_evidence {
    uint32_t frequency[FIELD_COUNT], length[FIELD_COUNT]; /* lengths count only where there is a frequency */
};
struct cursor_methods {
    void (*seek)(struct cursor *cursor, uint32_t target);
    int32_t (*contribution)(struct cursor *cursor);
    void (*close)(struct cursor *cursor);
    void (*evidence)(struct cursor *cursor, struct leaf_evidence *evidence); /* NULL: no leaf that scores */
};
/* Notes a failure and ends the cursor. */
static inline void cursor_fail(struct cursor *cursor, revue_status status) {
    if (cursor->failure->status == REVUE_OK) cursor->failure->status = status;
    cursor->doc = DOC_END;
}
/* A search whose time is over ends as one that fails does. */
static inline void cursor_spend(struct cursor *cursor) {
    revue_status status = deadline_spend(1, &cursor->failure->error);
    if (status != REVUE_OK) cursor_fail(cursor, status);
}
static inline void cursor_seek(struct cursor *cursor, uint32_t target) {
    if (cursor->doc != CURSOR_BEFORE && cursor->doc >= target) return;
    cursor->methods->seek(cursor, target);
    cursor_spend(cursor);
}
static inline void cursor_next(struct cursor *cursor) {
    if (cursor->doc == DOC_END) return;
    cursor->methods->seek(cursor, cursor->doc == CURSOR_BEFORE ? 0 : cursor->doc + 1);
    cursor_spend(cursor);
}
static inline int32_t cursor_contribution(struct cursor *cursor) {
    return cursor->methods->contribution(cursor);
}
static inline void cursor_close(struct cursor *cursor) {
    if (cursor) cursor->methods->close(cursor);
}
/* ---- what leaves are made of: plan/plan.h fills these in ---- */

struct field_scoring {
    double weight[FIELD_COUNT]; /* 0: the field is not searched by this leaf */
    double average[FIELD_COUNT];
    double k1, b;
};
/* One word of a query in one segment: the lists of its stems (several, all different: a group of synonyms, languages) in
 * the fields searched. */
struct segment_word {
    bool counts_stems; /* of a pattern: where any of the forms stands in a review, all words of these stems are counted */
    uint32_t stem_count;
    struct term_entry_lists {
        struct view stem;
        uint8_t fields;
        uint32_t df; /* reviews in which body, title or product holds it */
        struct posting_list lists[FIELD_COUNT];
        uint64_t champions;       /* address in SKIPS */
        uint32_t champions_bytes; /* 0: none */
        uint8_t form_bits;        /* by form number: the forms looked for in this stem; FORM_ANY when any will do */
    } * stems;                    /* stem_count of them, in the arena of the plan */
};
#define FORM_ANY 255u

struct bound_table;   /* query/rank/bound_table.h */
struct leaf_context { /* what all leaves of one segment's search share */
    struct segment *segment;
    struct arena *arena;
    struct cursor_failure *failure;
    stemmer *stemmer;
    /* What a review has to score at least to matter, of which others may add so much; it may rise meanwhile. A leaf may
     * pass over reviews that it knows to stay below. NULL: every match is wanted. */
    const int32_t *least;
    int32_t others;
    struct bound_table *bounds; /* by field, for leaves that bound whole blocks; NULL: none do */
};

/* One word: scores scale * x / (k1 + x), x over the fields of scoring (scoring.h). form_count over 0: only reviews match in
 * which any of these forms (CODED_WORDS_MAX at most, or it gets slow) occurs, and only they are counted unless the word
 * counts stems; where the masks do not decide, the stored text does. The forms must outlive the cursor. NULL when out of
 * memory. */
struct cursor *cursor_term_create(const struct leaf_context *context, const struct segment_word *word,
                                  const struct field_scoring *scoring, double scale, const struct view *forms,
                                  uint32_t form_count);
/* The words in this order within one field, with up to slop moves between them in all; forms (may be NULL): as written. */
struct cursor *cursor_phrase_create(const struct leaf_context *context, const struct segment_word *words, uint32_t count,
                                    const struct field_scoring *scoring, double scale, uint32_t slop,
                                    const struct view *forms);
/* All of must (with what should adds to the score), none of must_not; with no must: any of should. Takes the cursors
 * and the lists of them over: closes them when it is closed, and before it returns NULL; the lists are of the arena. */
struct cursor *cursor_boolean_create(const struct leaf_context *context, struct cursor **must, uint32_t must_count,
                                     struct cursor **should, uint32_t should_count, struct cursor **must_not,
                                     uint32_t must_not_count);
/* At least least of count cursors, 1 <= least <= count. Takes them and the list of them over, as above. */
struct cursor *cursor_several_create(const struct leaf_context *context, struct cursor **items, uint32_t count,
                                     uint32_t least);
/* The reviews whose value in a column passes the test, which must outlive the cursor; scores nothing. */
struct cursor *cursor_column_create(const struct leaf_context *context, const struct column_test *test);
/* Some reviews, ascending, which must outlive the cursor; scores nothing. */
struct doc_list {
    uint32_t *docs;
    uint32_t count;
};
struct cursor *cursor_docs_create(const struct leaf_context *context, const struct doc_list *list);
/* The matches of another cursor, which is taken over, without its score. */
struct cursor *cursor_unscored_create(const struct leaf_context *context, struct cursor *scored);
/* Every review of the segment; scores nothing. */
struct cursor *cursor_all_create(const struct leaf_context *context);
/* No review. */
struct cursor *cursor_none_create(const struct leaf_context *context);

#endif
