/* parse_state.c - see parse_state.h. */
#include "query/parse/parse_state.h"

#include <stdarg.h>
#include <stdio.h>

#define SHOWN_MAX 60u

int parse_shown_size(struct view text) {
    return (int)(text.size <= SHOWN_MAX ? text.size : utf8_floor(text.data, SHOWN_MAX));
}

static revue_status warn(struct parser *parser, uint32_t start, uint32_t end, const char *message, const char *done) {
    parser->warning_total++;
    if (parser->warning_count == QUERY_WARNINGS_MAX) return REVUE_OK;
    if (!parser->warnings) {
        parser->warnings = arena_alloc_array(parser->arena, QUERY_WARNINGS_MAX, sizeof *parser->warnings);
        if (!parser->warnings) return error_no_memory(parser->error);
    }
    char text[640];
    (void)snprintf(text, sizeof text, "%s (%s)", message, done);
    struct query_warning *warning = &parser->warnings[parser->warning_count];
    warning->message = arena_copy(parser->arena, text, strlen(text));
    if (!warning->message) return error_no_memory(parser->error);
    warning->start = start;
    warning->end = end;
    parser->warning_count++;
    return REVUE_OK;
}

/* A fault in [start, end) of the query. done says what a lenient parse does about it. */
revue_status parse_complain(struct parser *parser, uint32_t start, uint32_t end, const char *done, const char *format,
                            ...) {
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (parser->mode == QUERY_LENIENT) return warn(parser, start, end, message, done);
    revue_status status = error_set(parser->error, REVUE_USAGE, "%s", message);
    if (parser->error) parser->error->column = (uint64_t)start + 1;
    return status;
}

/* Takes the next token. Punctuation that stands alone is left out here, but for the > of date:(>"May 2019"), and so is a
 * quote that is never closed. */
revue_status parse_advance(struct parser *parser) {
    for (;;) {
        bool value = parser->lexer.previous == TOKEN_FIELD;
        bool filters = parser->field && parser->field->kind >= QUERY_FIELD_NUMBER;
        lexer_next(&parser->lexer, &parser->token);
        const struct token *token = &parser->token;
        if (token->kind == TOKEN_QUOTE) {
            TRY(parse_complain(parser, token->start, token->end, "ignored",
                               "this quote is never closed: add the other one, or leave it out"));
            continue;
        }
        if (token->kind != TOKEN_WORD || token->has_word || (value && token->joined) || filters) return REVUE_OK;
    }
}

revue_status parse_node(struct parser *parser, enum ast_kind kind, uint32_t start, uint32_t end, struct ast_node **result) {
    struct ast_node *node = ast_node_create(parser->arena, kind);
    *result = NULL;
    if (!node) return error_no_memory(parser->error);
    node->start = start;
    node->end = end;
    *result = node;
    return REVUE_OK;
}

/* Counts wanted words in [start, end) against the limit; *granted is what is left of it at most. */
revue_status parse_take_words(struct parser *parser, uint32_t start, uint32_t end, uint32_t wanted, uint32_t *granted) {
    uint32_t left = QUERY_WORDS_MAX - parser->word_count;
    *granted = wanted < left ? wanted : left;
    parser->word_count += *granted;
    if (*granted == wanted || parser->words_cut) return REVUE_OK;
    parser->words_cut = true;
    return parse_complain(parser, start, end, "the rest is ignored", "a query has at most %u words: leave some out",
                          QUERY_WORDS_MAX);
}
