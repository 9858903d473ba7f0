/* parse_state.h - what the functions of one parse share: the next token, the limits, and the one way to complain.
 *
 * Strict and lenient are one parser: every fault goes through parse_complain(), which ends a strict parse and notes a
 * warning in a lenient one; the line after the call is the lenient repair. A rule that finds nothing gives a NULL node (an
 * operator at the end, parentheses around nothing, a word beyond the limit), and its caller leaves it out. */
#ifndef REVUE_PARSE_STATE_H
#define REVUE_PARSE_STATE_H

#include "indexer/base/utf8.h"
#include "query/parse/lexer.h"

struct parser {
    struct lexer lexer;
    struct token token; /* the next one, not yet consumed */
    enum query_mode mode;
    struct arena *arena;
    revue_error *error;
    const struct query_field *field; /* of the group around: title:(a b) */
    unsigned depth;                  /* open groups */
    unsigned ignored;                /* open parentheses beyond the depth limit, which make no group */
    uint32_t word_count;
    bool words_cut; /* said once */
    struct query_warning *warnings;
    size_t warning_count, warning_total;
};

/* For "%.*s" in a message: a name or a value, cut when it is long. */
#define PARSE_SHOW(view) parse_shown_size(view), (view).data
int parse_shown_size(struct view text);

/* A fault in [start, end) of the query. done says what a lenient parse does about it. */
revue_status parse_complain(struct parser *parser, uint32_t start, uint32_t end, const char *done, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Takes the next token. Left out are punctuation that stands alone, but for the > of date:(>"May 2019"), and a quote that
 * is never closed. */
revue_status parse_advance(struct parser *parser);

/* Counts wanted words in [start, end) against QUERY_WORDS_MAX; *granted is at most what is left of it. */
revue_status parse_take_words(struct parser *parser, uint32_t start, uint32_t end, uint32_t wanted, uint32_t *granted);

revue_status parse_node(struct parser *parser, enum ast_kind kind, uint32_t start, uint32_t end, struct ast_node **result);

/* One operand with all that belongs to it, but for NOT and the signs. *result is NULL when it came to nothing; where no
 * operand begins no token is consumed. (operand.c) */
revue_status parse_operand(struct parser *parser, struct ast_node **result);

/* The loosest rule, up to a closing parenthesis or the end; *result NULL for nothing. (parser.c) */
revue_status parse_or(struct parser *parser, struct ast_node **result);

#endif
