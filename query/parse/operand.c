/* operand.c - words, phrases, ranges and groups with the field before and the suffixes behind them.
 *
 * The hard part is a field that does not work out in a lenient parse: Score:10/10, http://x, rating:good, title: alone.
 * Its raw text becomes a word as it stands, which printed again fails in the same way and gives the same word. */
#include "query/parse/parse_state.h"

#include "query/parse/fields.h"
#include "query/parse/range.h"
#include "query/parse/word.h"

static revue_status complain_filter_boost(struct parser *parser, const struct ast_node *range, uint32_t start,
                                          uint32_t end) {
    return parse_complain(parser, start, end, "^ ignored", "%.*s filters and has no score to boost: leave out the ^",
                          PARSE_SHOW(range->field->name));
}

/* Of a group: what it came to may have a boost of its own, (word^2)^3. */
static revue_status multiply_boost(struct parser *parser, struct ast_node *node, double boost, uint32_t start,
                                   uint32_t end) {
    if (boost == 1) return REVUE_OK;
    if (node->kind == AST_RANGE) return complain_filter_boost(parser, node, start, end);
    node->boost = ast_boost_round(node->boost * boost);
    return REVUE_OK;
}

/* ~3 and ^2 after a phrase or a group. */
struct suffix {
    bool has_slop;
    uint32_t slop;
    double boost;
};

static size_t suffix_part_end(struct view text, size_t at) {
    while (at < text.size && text.data[at] != '~' && text.data[at] != '^')
        at++;
    return at;
}

#define SLOP_FAULT "~ after a phrase takes a number from 0 to %u, as in \"a phrase\"~3"

static revue_status read_slop(struct parser *parser, struct view digits, bool phrase, struct suffix *suffix) {
    const struct token *token = &parser->token;
    uint32_t slop;
    if (!phrase)
        return parse_complain(parser, token->start, token->end, "~ ignored", "~ stands after a word or a phrase only");
    if (!digits_read(digits, &slop))
        return parse_complain(parser, token->start, token->end, "~ ignored", SLOP_FAULT, AST_SLOP_MAX);
    suffix->has_slop = true;
    suffix->slop = slop < AST_SLOP_MAX ? slop : AST_SLOP_MAX;
    if (slop <= AST_SLOP_MAX) return REVUE_OK;
    return parse_complain(parser, token->start, token->end, "read as ~100", SLOP_FAULT, AST_SLOP_MAX);
}

/* Reads the token when it is a suffix; it is consumed by the caller's advance. */
static revue_status read_suffix(struct parser *parser, bool phrase, struct suffix *suffix) {
    struct token token = parser->token;
    struct view text = token.text;
    struct suffix none = {false, 0, 1};
    *suffix = none;
    if (token.kind != TOKEN_SUFFIX) return REVUE_OK;
    while (text.size > 0 && text.data[text.size - 1] == '.')
        text.size--; /* "a phrase"^2. */
    bool boosted = false;
    for (size_t at = 0, end; at < text.size; at = end) {
        end = suffix_part_end(text, at + 1);
        struct view number = view_of(text.data + at + 1, end - at - 1);
        bool again = text.data[at] == '^' ? boosted : suffix->has_slop;
        if (again) {
            TRY(parse_complain(parser, token.start, token.end, "the first one is used", "~ and ^ stand only once each"));
        } else if (text.data[at] == '~') {
            TRY(read_slop(parser, number, phrase, suffix));
        } else if (boost_read(number, &suffix->boost)) {
            boosted = true;
        } else {
            TRY(parse_complain(parser, token.start, token.end, "^ ignored", BOOST_FAULT));
        }
    }
    return REVUE_OK;
}

/* What stands before a value: field:, =, both or nothing. */
struct prefix {
    uint32_t start;
    const struct query_field *field;
    bool named; /* the field's name touches the value: no group, no stray quote between */
    bool exact;
    bool failed; /* a field's name that did not work out is part of the word */
};

static revue_status make_word(struct parser *parser, const struct prefix *prefix, uint32_t end, struct view raw,
                              struct ast_node **result) {
    uint32_t granted, start = prefix->start;
    *result = NULL;
    TRY(parse_take_words(parser, start, end, 1, &granted));
    if (granted == 0) return REVUE_OK;
    struct word_reading reading;
    struct ast_node *node = NULL;
    bool keyword = prefix->field && prefix->field->kind == QUERY_FIELD_KEYWORD;
    bool plain = prefix->exact || prefix->failed;
    word_read(raw, plain ? WORD_SIGNS_BOOST : keyword ? WORD_SIGNS_KEYWORD : WORD_SIGNS_ALL, &reading);
    if (reading.fault) TRY(parse_complain(parser, start, end, reading.done, "%s", reading.fault));
    TRY(parse_node(parser, reading.kind, start, end, &node));
    node->text = reading.text;
    node->boost = reading.boost;
    node->distance = reading.distance;
    node->field = prefix->field;
    node->exact = prefix->exact;
    *result = node;
    return REVUE_OK;
}

/* The raw text in [start, end), read as a word of no field in which only ^ is a sign: http://x/a?b is no wildcard. */
static revue_status make_failed(struct parser *parser, uint32_t start, uint32_t end, struct ast_node **result) {
    struct prefix prefix = {.start = start, .failed = true};
    return make_word(parser, &prefix, end, view_of(parser->lexer.text.data + start, end - start), result);
}

static revue_status parse_word(struct parser *parser, const struct prefix *prefix, struct ast_node **result) {
    struct token token = parser->token;
    struct view after_sign = token.text;
    if (prefix->field && !prefix->exact && range_comparison(&after_sign) != COMPARE_EQUAL)
        TRY(parse_complain(parser, token.start, token.end, "read as part of the word",
                           "%.*s holds text: > and < need a number or a date", PARSE_SHOW(prefix->field->name)));
    TRY(parse_advance(parser));
    return make_word(parser, prefix, token.end, token.text, result);
}

/* Counts the words of a phrase; beyond the limit *text is cut. */
static revue_status take_phrase_words(struct parser *parser, const struct token *token, struct view *text) {
    struct lexer inside;
    struct token word;
    uint32_t wanted = 0, granted, seen = 0;
    lexer_start(&inside, *text, NULL, 0);
    while (lexer_next_plain(&inside, &word))
        wanted++;
    TRY(parse_take_words(parser, token->start, token->end, wanted, &granted));
    if (granted == wanted) return REVUE_OK;
    lexer_start(&inside, *text, NULL, 0);
    while (seen < granted && lexer_next_plain(&inside, &word))
        seen++;
    text->size = inside.at;
    return REVUE_OK;
}

static revue_status parse_phrase(struct parser *parser, const struct prefix *prefix, struct ast_node **result) {
    struct token token = parser->token;
    struct view text = token.text;
    struct suffix suffix;
    struct ast_node *node = NULL;
    uint32_t end;
    *result = NULL;
    TRY(take_phrase_words(parser, &token, &text));
    TRY(parse_advance(parser));
    end = parser->token.kind == TOKEN_SUFFIX ? parser->token.end : token.end;
    TRY(read_suffix(parser, true, &suffix));
    if (!token.has_word)
        TRY(parse_complain(parser, token.start, token.end, "ignored", "there is no word between these quotes"));
    if (prefix->exact && suffix.has_slop)
        TRY(parse_complain(parser, token.start, end, "~ ignored", "= and ~ at the same phrase: exact or close, not both"));
    if (parser->token.kind == TOKEN_SUFFIX) TRY(parse_advance(parser));
    if (!lexer_has_word(text)) return REVUE_OK; /* also what the limit has left of it */
    TRY(parse_node(parser, AST_PHRASE, prefix->start, end, &node));
    node->text = text;
    node->field = prefix->field;
    node->exact = prefix->exact;
    node->has_slop = suffix.has_slop && !prefix->exact;
    node->slop = node->has_slop ? suffix.slop : 0;
    node->boost = suffix.boost;
    *result = node;
    return REVUE_OK;
}

static const char *range_help(const struct query_field *field) {
    return field->kind == QUERY_FIELD_NUMBER ? "a number, as in >=4 or 3..5" : "a date, as in >2019-06 or 2019..2021-06";
}

/* What a lenient parse makes of a value that is none: the words as they stand. */
static revue_status make_failed_range(struct parser *parser, const struct prefix *prefix, const struct token *token,
                                      struct ast_node **result) {
    struct prefix plain = {.start = token->start, .exact = prefix->exact};
    *result = NULL;
    if (token->kind == TOKEN_PHRASE) return parse_phrase(parser, &plain, result);
    if (parser->token.start == token->start) TRY(parse_advance(parser)); /* a > alone was taken before */
    if (prefix->named) return make_failed(parser, prefix->start, token->end, result);
    if (!token->has_word) return REVUE_OK;
    return make_word(parser, &plain, token->end, token->text, result);
}

/* The token after a range's value: nothing, or a suffix that has no business there. */
static revue_status finish_range(struct parser *parser, struct ast_node *range) {
    struct suffix suffix;
    TRY(parse_advance(parser));
    if (parser->token.kind != TOKEN_SUFFIX) return REVUE_OK;
    TRY(read_suffix(parser, false, &suffix));
    if (suffix.boost != 1) TRY(complain_filter_boost(parser, range, parser->token.start, parser->token.end));
    return parse_advance(parser);
}

static revue_status parse_range(struct parser *parser, const struct prefix *prefix, struct ast_node **result) {
    struct token token = parser->token;
    struct view value = token.text, bad;
    enum comparison comparison = COMPARE_EQUAL;
    struct ast_node *range = NULL;
    uint32_t granted;
    bool swapped, quoted = token.kind == TOKEN_PHRASE;
    *result = NULL;
    if (!quoted) comparison = range_comparison(&value);
    if (!quoted && value.size == 0) { /* date:>="June 17, 2018" */
        TRY(parse_advance(parser));
        quoted = parser->token.kind == TOKEN_PHRASE && parser->token.joined;
        if (quoted) token = parser->token;
        value = quoted ? token.text : value;
    }
    TRY(parse_node(parser, AST_RANGE, prefix->start, token.end, &range));
    range->field = prefix->field;
    const char *caret = quoted || value.size == 0 ? NULL : memchr(value.data, '^', value.size);
    if (caret) value.size = (size_t)(caret - value.data);
    if (!range_read(value, quoted, comparison, range, &bad, &swapped)) {
        TRY(parse_complain(parser, prefix->start, token.end, "searched as words", "%.*s takes %s; \"%.*s\" is none",
                           PARSE_SHOW(prefix->field->name), range_help(prefix->field), PARSE_SHOW(bad)));
        return make_failed_range(parser, prefix, &token, result);
    }
    if (swapped)
        TRY(parse_complain(parser, prefix->start, token.end, "the ends are swapped", "this range ends before it begins"));
    TRY(parse_take_words(parser, prefix->start, token.end, 1, &granted));
    if (caret) TRY(complain_filter_boost(parser, range, prefix->start, token.end));
    TRY(finish_range(parser, range));
    if (granted > 0) *result = range;
    return REVUE_OK;
}

/* Everything between the parentheses, the suffix included; *result NULL for nothing. */
static revue_status parse_group(struct parser *parser, const struct prefix *prefix, struct ast_node **result) {
    struct token open = parser->token;
    const struct query_field *around = parser->field;
    struct suffix suffix = {false, 0, 1};
    struct ast_node *node = NULL;
    uint32_t end;
    *result = NULL;
    parser->depth++;
    parser->field = prefix->field;
    TRY(parse_advance(parser));
    TRY(parse_or(parser, &node));
    parser->field = around;
    parser->depth--;
    bool closed = parser->token.kind == TOKEN_CLOSE;
    end = parser->token.end;
    if (!closed)
        TRY(parse_complain(parser, open.start, open.end, "closed at the end",
                           "this parenthesis is never closed: add a ) or put the text in quotes"));
    if (!node) TRY(parse_complain(parser, open.start, end, "ignored", "there is nothing between these parentheses"));
    if (closed) TRY(parse_advance(parser));
    if (closed && parser->token.kind == TOKEN_SUFFIX) {
        end = parser->token.end;
        TRY(read_suffix(parser, false, &suffix));
        if (node) TRY(multiply_boost(parser, node, suffix.boost, parser->token.start, end));
        TRY(parse_advance(parser));
    }
    if (node) node->start = prefix->start;
    if (node) node->end = end;
    *result = node;
    return REVUE_OK;
}

/* A parenthesis too deep makes no group: what is in it belongs to the group around. */
static revue_status parse_open(struct parser *parser, const struct prefix *prefix, struct ast_node **result) {
    if (parser->depth < QUERY_DEPTH_MAX) return parse_group(parser, prefix, result);
    *result = NULL;
    TRY(parse_complain(parser, parser->token.start, parser->token.end, "ignored", "at most %u parentheses may be open",
                       QUERY_DEPTH_MAX));
    parser->ignored++;
    return parse_advance(parser);
}

static revue_status complain_unknown_field(struct parser *parser, const struct token *token, const char *done) {
    const struct lexer *lexer = &parser->lexer;
    const struct query_field *nearest = field_nearest(lexer->fields, lexer->field_count, token->text);
    if (nearest)
        return parse_complain(parser, token->start, token->end, done, "unknown field \"%.*s\": did you mean \"%.*s\"?",
                              PARSE_SHOW(token->text), PARSE_SHOW(nearest->name));
    return parse_complain(parser, token->start, token->end, done,
                          "unknown field \"%.*s\": to search for it as text, put quotes around it",
                          PARSE_SHOW(token->text));
}

static bool is_filter(const struct query_field *field) {
    return field && field->kind >= QUERY_FIELD_NUMBER;
}

/* A name that is unknown or has no value, of a lenient parse: the name and the word directly behind it are one word. */
static revue_status parse_failed_field(struct parser *parser, const struct token *name, struct ast_node **result) {
    uint32_t end = name->end;
    while ((parser->token.kind == TOKEN_WORD || parser->token.kind == TOKEN_EXACT) && parser->token.start == end) {
        bool last = parser->token.kind == TOKEN_WORD;
        end = parser->token.end;
        TRY(parse_advance(parser));
        if (last) break;
    }
    return make_failed(parser, name->start, end, result);
}

/* NAME: in front of something. Either fills prefix and leaves the value as the next token, or sets *finished, with what it
 * all came to in *result. Of an unknown name before a phrase or a group a lenient parse leaves out the name. */
static revue_status parse_field(struct parser *parser, struct prefix *prefix, bool *finished, struct ast_node **result) {
    struct token name = parser->token;
    const struct lexer *lexer = &parser->lexer;
    const struct query_field *field = query_field_find(lexer->fields, lexer->field_count, name.text);
    if (!field) TRY(complain_unknown_field(parser, &name, "searched as words"));
    TRY(parse_advance(parser));
    const struct token *value = &parser->token;
    bool is_block = value->joined && (value->kind == TOKEN_PHRASE || value->kind == TOKEN_OPEN);
    bool is_word = value->joined &&
                   (value->kind == TOKEN_EXACT || (value->kind == TOKEN_WORD && (value->has_word || is_filter(field))));
    *finished = !is_block && !(field && is_word);
    if (field && *finished)
        TRY(parse_complain(parser, name.start, name.end, "read as a word",
                           "no value after %.*s: write it directly after the colon", PARSE_SHOW(name.text)));
    if (*finished) return parse_failed_field(parser, &name, result);
    if (field) prefix->field = field;
    prefix->named = field && value->start == name.end;
    return REVUE_OK;
}

revue_status parse_operand(struct parser *parser, struct ast_node **result) {
    struct prefix prefix = {.start = parser->token.start, .field = parser->field};
    *result = NULL;
    if (parser->token.kind == TOKEN_FIELD) {
        bool finished;
        TRY(parse_field(parser, &prefix, &finished, result));
        if (finished) return REVUE_OK;
    }
    if (parser->token.kind == TOKEN_EXACT) {
        uint32_t end = parser->token.end;
        TRY(parse_advance(parser));
        prefix.exact = true;
        prefix.named = prefix.named && parser->token.start == end;
        if (!parser->token.joined) return REVUE_OK; /* =" and nothing: the quote was complained about */
    }
    bool filter = is_filter(prefix.field);
    switch (parser->token.kind) {
    case TOKEN_WORD: return filter ? parse_range(parser, &prefix, result) : parse_word(parser, &prefix, result);
    case TOKEN_PHRASE: return filter ? parse_range(parser, &prefix, result) : parse_phrase(parser, &prefix, result);
    case TOKEN_OPEN: return parse_open(parser, &prefix, result);
    default: return REVUE_OK;
    }
}
