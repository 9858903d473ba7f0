/* stored_review.h - whole reviews read back from an index: all that was kept of them, for writing them anew. */
#ifndef REVUE_STORED_REVIEW_H
#define REVUE_STORED_REVIEW_H

#include "indexer/base/arena.h"
#include "indexer/format/manifest.h"
#include "indexer/format/segment.h"
#include "indexer/text/language.h"

#define KEYWORD_COLUMN_MAX 64u /* keyword columns have numbers below this */

/* The keyword tables of an index, opened at first use; one for all of its segments. */
struct stored_keywords {
    store_txn *txn;
    keywords *by_column[KEYWORD_COLUMN_MAX];
};
void stored_keywords_close(struct stored_keywords *tables);

struct stored_extra {
    uint16_t column;
    enum column_kind kind;
    struct view keyword; /* COLUMN_KEYWORD */
    int64_t date;        /* COLUMN_DATE */
    double number;       /* COLUMN_NUMBER */
};
/* Views live until the next review of the same segment is read. */
struct stored_review {
    struct review review; /* extras are not here but below; rating_max is 0: the stars say what it came to */
    struct view id;
    enum language language; /* of its text */
    uint64_t text_hash;
    bool has_stars;
    double stars;
    uint32_t source, run, column_hash;
    struct stored_extra *extras;
    uint32_t extra_count;
};

/* The reviews of one segment. */
struct stored_reviews {
    struct segment *segment;
    struct stored_keywords *tables;
    const struct schema *schema;
    struct column_reader columns[COLUMN_BUILT_IN_COUNT];
    struct column_reader *declared; /* by place in the schema */
    struct arena arena;
    struct bytes record, scratch, id, texts[TEXT_FIELD_COUNT];
};
/* segment, tables and schema stay the caller's and must outlive the reader. stored_reviews_close in any case. */
revue_status stored_reviews_open(struct stored_reviews *reviews, struct segment *segment, struct stored_keywords *tables,
                                 const struct schema *schema, revue_error *error);
void stored_reviews_close(struct stored_reviews *reviews);
revue_status stored_reviews_read(struct stored_reviews *reviews, uint32_t doc, struct stored_review *review,
                                 revue_error *error);
/* What reviews of several segments are put in order by: length_class and the run. */
revue_status stored_reviews_order(struct stored_reviews *reviews, uint32_t doc, unsigned *class, uint32_t *run,
                                  revue_error *error);

#endif
