/* ast.h - a parsed query as a tree: what the parser makes and the planner reads.
 *
 * The tree says what was written, not what it means for an index. Text in it is raw: a slice of the query as typed (valid
 * UTF-8), neither folded nor stemmed, which may turn out as several tokens (wi-fi, great.Would, a run of ideographs) or as
 * none (a dash). How bare words are joined (auto, any, all), which nodes are filters, and how a pattern or a fuzzy word
 * expands is for the planner to decide.
 *
 * Nodes live in the arena given to the parser and are never changed after it returned. The field pointers point into the
 * list of fields given to the parser, which must live as long as the tree. */
#ifndef REVUE_PARSE_AST_H
#define REVUE_PARSE_AST_H

#include "indexer/base/arena.h"
#include "indexer/base/error.h"
#include "indexer/review/review.h"

enum query_field_kind { QUERY_FIELD_TEXT, QUERY_FIELD_KEYWORD, QUERY_FIELD_NUMBER, QUERY_FIELD_DATE };

/* A field that a query may name. Names are compared without regard to the case of ASCII letters. */
struct query_field {
    struct view name;           /* not empty, no ':' and no blanks */
    enum query_field_kind kind; /* of product and author: QUERY_FIELD_TEXT; their keyword side is .exact below */
};

enum ast_kind {
    /* Leaves with .text and perhaps .field (NULL: the default fields). */
    AST_WORD,     /* word, or =word when .exact */
    AST_PHRASE,   /* "a phrase" without its quotes; as written unless .has_slop */
    AST_PREFIX,   /* pre*: .text is pre, which may hold punctuation (wi-f*) but no live wildcard */
    AST_WILDCARD, /* w?ld*, *ness: .text as written. From the first live wildcard on (word.h) ? is one
                     character and * any number of them; before it they are punctuation */
    AST_FUZZY,    /* fuzy~: .text is fuzy, .distance 1, 2 or 0 for what the planner thinks right */
    AST_RANGE,    /* .field (a number or a date, never NULL) between .low and .high; .boost is 1 */
    /* Nodes with .items. */
    AST_LIST, /* items side by side, each with its occurrence. Two or more; or none at all, only as
                 the root of a lenient parse that found nothing to search for */
    AST_AND,  /* explicit operators: two or more items, all of them AST_SHOULD */
    AST_OR,
    AST_NOT /* one item, AST_SHOULD: a NOT that stands alone, or as an operand of AND or OR */
};

enum ast_occurrence { AST_SHOULD, AST_MUST, AST_MUST_NOT }; /* word, +word, -word */

struct ast_item {
    enum ast_occurrence occurrence;
    struct ast_node *node;
};

/* One end of a range. A number v: low is v <= x, or v < x when not inclusive; high the same way round. A date d covers
 * the span of its precision: low is d.seconds <= x, or date_end(d) <= x when not inclusive; high is x < date_end(d), or
 * x < d.seconds when not inclusive. */
struct ast_bound {
    bool present; /* false: open on this side, and nothing else is set */
    bool inclusive;
    struct view text;        /* as written */
    double number;           /* QUERY_FIELD_NUMBER */
    struct review_date date; /* QUERY_FIELD_DATE */
};

struct ast_node {
    enum ast_kind kind;
    uint32_t start, end;             /* bytes of query.text with signs, field and suffixes; equal: nobody typed it */
    double boost;                    /* 1 when none was written; AST_BOOST_MIN to AST_BOOST_MAX, in steps of a thousandth */
    const struct query_field *field; /* leaves: NULL when none was named */
    struct view text;
    bool exact;    /* AST_WORD, AST_PHRASE: written with =. By form instead of stem; equality of the whole
                      value where the field has a keyword side (product:="Ana de Armas") */
    bool has_slop; /* AST_PHRASE: written with ~N: by stem, with up to .slop moves; ~0 is an option */
    uint32_t slop;
    uint32_t distance;          /* AST_FUZZY */
    struct ast_bound low, high; /* AST_RANGE: at least one is present */
    struct ast_item *items;
    size_t count;
};

#define AST_BOOST_MIN 0.001
#define AST_BOOST_MAX 1000.0
#define AST_SLOP_MAX 100u
#define AST_DISTANCE_MAX 2u

/* A zeroed node of that kind with boost 1. NULL when out of memory. */
struct ast_node *ast_node_create(struct arena *arena, enum ast_kind kind);

/* The boost nearest to value that a tree may hold. */
double ast_boost_round(double value);

/* A growing list of items in an arena. Zero bytes are ready for use. */
struct ast_items {
    struct ast_item *items;
    size_t count, capacity;
};
bool ast_items_add(struct ast_items *list, struct arena *arena, enum ast_occurrence occurrence, struct ast_node *node);

/* True when both trees ask the same thing in the same way: places (start, end) and the spelling of numbers and dates do
 * not count, fields are compared by name. */
bool ast_equal(const struct ast_node *a, const struct ast_node *b);

/* Appends the canonical text of a tree made by query_parse: parsed again in the same mode with the same fields it gives an
 * equal tree, as long as the text is within the limits of parser.h. (Words of query_parse_plain that look like syntax are
 * printed as they are.) Failure to allocate shows in out->failed. */
void ast_print(struct bytes *out, const struct ast_node *node);

/* Appends the tree as an s-expression, for tests and for people: words stand bare, (list good (must (phrase "b c" ~2))
 * (not (in title (prefix pre))) (boost 2 (fuzzy fuzy 1)) (range rating >=4)). */
void ast_dump(struct bytes *out, const struct ast_node *node);

#endif
