/* lexer.h - a query's text cut into tokens: words, phrases and the signs that are operators where they stand. */
#ifndef REVUE_PARSE_LEXER_H
#define REVUE_PARSE_LEXER_H

#include "query/parse/parser.h"

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,   /* raw, with its suffixes (word^2, fuzy~1); after a field or = any signs too */
    TOKEN_PHRASE, /* .text is what stands between the quotes */
    TOKEN_QUOTE,  /* a quote that is never closed */
    TOKEN_SUFFIX, /* ~3, ^2 or both, directly after a phrase or a closing parenthesis */
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_AND,
    TOKEN_OR,
    TOKEN_NOT,
    TOKEN_MUST,
    TOKEN_MUST_NOT, /* + and -, directly before what they apply to */
    TOKEN_FIELD,    /* name: with something directly after it; .text is the name */
    TOKEN_EXACT     /* = directly before a word or a phrase */
};

struct token {
    enum token_kind kind;
    uint32_t start, end; /* bytes of the query */
    struct view text;
    bool joined;   /* no blank before it */
    bool has_word; /* TOKEN_WORD, TOKEN_PHRASE: not punctuation alone */
};

struct lexer {
    struct view text;                 /* valid UTF-8, at most UINT32_MAX bytes */
    const struct query_field *fields; /* NAME: at the front of a word is a field when it is one of these, or
                                         looks like a name and something stands directly after it */
    size_t field_count;
    uint32_t at;
    enum token_kind previous; /* TOKEN_END at the start */
};

void lexer_start(struct lexer *lexer, struct view text, const struct query_field *fields, size_t field_count);

/* The next token; TOKEN_END for ever at the end. Never fails, never allocates. */
void lexer_next(struct lexer *lexer, struct token *token);

/* The next run of bytes that are not blanks, whatever they are. False at the end. */
bool lexer_next_plain(struct lexer *lexer, struct token *token);

/* True when text is more than punctuation: it holds a letter, a digit or a sign that may be either. */
bool lexer_has_word(struct view text);
bool lexer_is_blank(uint32_t character);
bool lexer_is_letter(uint32_t character); /* not ASCII and not known as punctuation counts as a letter */
bool lexer_is_digit(uint32_t character);

#endif
