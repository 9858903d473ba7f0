/* parser.h - from what was typed to a tree (ast.h). The language is in GRAMMAR.md beside this file. */
#ifndef REVUE_PARSE_PARSER_H
#define REVUE_PARSE_PARSER_H

#include "query/parse/ast.h"

#define QUERY_BYTES_MAX 8192u        /* of a query with syntax */
#define QUERY_WORDS_MAX 256u         /* leaves, and every word of a phrase */
#define QUERY_DEPTH_MAX 32u          /* parentheses in parentheses */
#define QUERY_PLAIN_BYTES_MAX 65536u /* of plain text: long topics, whole reviews as queries */
#define QUERY_PLAIN_WORDS_MAX 4096u
#define QUERY_WARNINGS_MAX 16u

enum query_mode {
    QUERY_STRICT, /* the first fault is an error with its column: the command line */
    QUERY_LENIENT /* every fault is a warning and something sensible is searched: the endpoint */
};

struct query_options {
    enum query_mode mode;
    const struct query_field *fields; /* must outlive the tree */
    size_t field_count;
};

struct query_warning {
    const char *message; /* ends in a zero byte, no line end; in the arena */
    uint32_t start, end; /* bytes of query.text it is about */
};

struct query {
    struct view text;            /* the query as it was read: a copy in the arena, repaired to valid UTF-8, cut to size
                                    (lenient, plain). Every start, end and column counts bytes of it */
    const struct ast_node *root; /* never NULL */
    const struct query_warning *warnings; /* the first QUERY_WARNINGS_MAX */
    size_t warning_count;
    size_t warning_total; /* with those left out */
};

/* Parses text. Strict: REVUE_USAGE for a fault, with the message and error->column (1-based, in bytes). Lenient: fails for
 * lack of memory only. The tree, the text and the warnings live in arena; *query is written only on success. */
revue_status query_parse(struct view text, const struct query_options *options, struct arena *arena, struct query *query,
                         revue_error *error);

/* No syntax at all: what stands between blanks are words (TOPICS and QUERIES files). The root is always an AST_LIST of
 * AST_WORD, each AST_SHOULD: of one word too, and empty for a text without words. */
revue_status query_parse_plain(struct view text, struct arena *arena, struct query *query, revue_error *error);

/* The field of that name, NULL when there is none. */
const struct query_field *query_field_find(const struct query_field *fields, size_t count, struct view name);

#endif
