/* parser.c - recursive descent: OR of AND of lists of items. GRAMMAR.md has the grammar; each rule is a function, the
 * operands in operand.c. The recursion goes through parentheses only and so is at most QUERY_DEPTH_MAX rounds deep. */
#include "query/parse/parse_state.h"

/* NOT, + and - before an item. */
static revue_status parse_occurrence(struct parser *parser, struct token *not_token, enum ast_occurrence *occurrence) {
    *occurrence = AST_SHOULD;
    memset(not_token, 0, sizeof *not_token);
    while (parser->token.kind == TOKEN_NOT) {
        if (*occurrence == AST_MUST_NOT)
            TRY(parse_complain(parser, parser->token.start, parser->token.end, "one is ignored", "NOT stands twice"));
        *occurrence = AST_MUST_NOT;
        *not_token = parser->token;
        TRY(parse_advance(parser));
    }
    struct token sign = parser->token;
    if (sign.kind != TOKEN_MUST && sign.kind != TOKEN_MUST_NOT) return REVUE_OK;
    if (*occurrence == AST_MUST_NOT)
        TRY(parse_complain(parser, sign.start, sign.end, "the sign is ignored", "NOT and %.*s at the same word",
                           PARSE_SHOW(sign.text)));
    TRY(parse_advance(parser));
    if (*occurrence == AST_SHOULD && parser->token.joined) *occurrence = sign.kind == TOKEN_MUST ? AST_MUST : AST_MUST_NOT;
    return REVUE_OK;
}

static bool ends_list(enum token_kind kind) {
    return kind == TOKEN_END || kind == TOKEN_CLOSE || kind == TOKEN_AND || kind == TOKEN_OR;
}

/* Adds at most one item to the list. Always consumes a token. */
static revue_status parse_item(struct parser *parser, struct ast_items *list) {
    uint32_t start = parser->token.start;
    struct token not_token;
    enum ast_occurrence occurrence;
    struct ast_node *node = NULL;
    TRY(parse_occurrence(parser, &not_token, &occurrence));
    if (not_token.kind == TOKEN_NOT && ends_list(parser->token.kind))
        return parse_complain(parser, not_token.start, not_token.end, "ignored",
                              "NOT has nothing after it: to search for the word, write not");
    TRY(parse_operand(parser, &node));
    if (!node) return REVUE_OK;
    node->start = start;
    return ast_items_add(list, parser->arena, occurrence, node) ? REVUE_OK : error_no_memory(parser->error);
}

/* A node over the items: themselves when there is but one and nothing to say about it. */
static revue_status join(struct parser *parser, enum ast_kind kind, const struct ast_items *list,
                         struct ast_node **result) {
    *result = NULL;
    if (list->count == 0) return REVUE_OK;
    struct ast_node *first = list->items[0].node, *last = list->items[list->count - 1].node, *node = NULL;
    *result = first;
    if (list->count == 1 && list->items[0].occurrence != AST_MUST_NOT) return REVUE_OK;
    TRY(parse_node(parser, list->count == 1 ? AST_NOT : kind, first->start, last->end, &node));
    if (list->count == 1) list->items[0].occurrence = AST_SHOULD;
    node->items = list->items;
    node->count = list->count;
    *result = node;
    return REVUE_OK;
}

/* Tokens between items that belong nowhere. *skipped tells that there was one. */
static revue_status skip_stray(struct parser *parser, bool *skipped) {
    const struct token *token = &parser->token;
    bool ours = parser->ignored > 0; /* the other half of a parenthesis that made no group */
    *skipped = token->kind == TOKEN_SUFFIX || (token->kind == TOKEN_CLOSE && (ours || parser->depth == 0));
    if (!*skipped) return REVUE_OK;
    if (token->kind == TOKEN_SUFFIX)
        TRY(parse_complain(parser, token->start, token->end, "ignored", "there is nothing before %.*s to apply it to",
                           PARSE_SHOW(token->text)));
    else if (ours)
        parser->ignored--;
    else
        TRY(parse_complain(parser, token->start, token->end, "ignored",
                           "this parenthesis was never opened: leave it out or put the text in quotes"));
    return parse_advance(parser);
}

static revue_status parse_list(struct parser *parser, struct ast_node **result) {
    struct ast_items list = {0};
    for (;;) {
        bool skipped;
        TRY(skip_stray(parser, &skipped));
        if (skipped) continue;
        if (ends_list(parser->token.kind)) break;
        TRY(parse_item(parser, &list));
    }
    return join(parser, AST_LIST, &list, result);
}

/* Operands of one operator: lists of AND, ANDs of OR. One that is missing is complained about at its operator. */
static revue_status parse_chain(struct parser *parser, enum token_kind operator, struct ast_node ** result) {
    bool is_or = operator== TOKEN_OR;
    struct ast_items list = {0};
    struct token pending = {.kind = TOKEN_END};
    for (;;) {
        struct ast_node *node;
        TRY(is_or ? parse_chain(parser, TOKEN_AND, &node) : parse_list(parser, &node));
        if (node && !ast_items_add(&list, parser->arena, AST_SHOULD, node)) return error_no_memory(parser->error);
        bool more = parser->token.kind == operator;
        const char *side = pending.kind == operator? "after" : "before";
        struct token missing = pending.kind == operator? pending : parser->token;
        if (!node && (more || pending.kind == operator))
            TRY(parse_complain(parser, missing.start, missing.end, "ignored",
                               "%s has nothing %s it: to search for the word, write %s", is_or ? "OR" : "AND", side,
                               is_or ? "or" : "and"));
        if (!more) return join(parser, is_or ? AST_OR : AST_AND, &list, result);
        pending = parser->token;
        TRY(parse_advance(parser));
    }
}

revue_status parse_or(struct parser *parser, struct ast_node **result) {
    return parse_chain(parser, TOKEN_OR, result);
}

/* Copies text into the arena as valid UTF-8 of at most limit bytes; *cut tells that there was more. */
static revue_status take_text(struct parser *parser, struct view text, size_t limit, struct view *taken, bool *cut) {
    struct bytes repaired = {0};
    bool valid = utf8_valid_prefix(text.data, text.size) == text.size;
    if (!valid) utf8_repair(&repaired, text.data, text.size < limit ? text.size : limit + 1);
    struct view whole = valid ? text : bytes_view(&repaired);
    *cut = whole.size > limit;
    size_t size = *cut ? utf8_floor(whole.data, limit) : whole.size;
    char *copy = repaired.failed ? NULL : arena_copy(parser->arena, whole.data, size);
    bytes_free(&repaired);
    if (!copy) return error_no_memory(parser->error);
    *taken = view_of(copy, size);
    return REVUE_OK;
}

static void query_fill(const struct parser *parser, struct ast_node *root, struct query *query) {
    query->text = parser->lexer.text;
    query->root = root;
    query->warnings = parser->warnings;
    query->warning_count = parser->warning_count;
    query->warning_total = parser->warning_total;
}

static revue_status begin(struct parser *parser, struct view text, size_t limit, const struct query_options *options) {
    struct view taken;
    bool cut;
    TRY(take_text(parser, text, limit, &taken, &cut));
    lexer_start(&parser->lexer, taken, options ? options->fields : NULL, options ? options->field_count : 0);
    if (!cut) return REVUE_OK;
    return parse_complain(parser, (uint32_t)taken.size, (uint32_t)taken.size, "the rest is ignored",
                          "a query has at most %zu bytes: leave some words out", limit);
}

revue_status query_parse(struct view text, const struct query_options *options, struct arena *arena, struct query *query,
                         revue_error *error) {
    struct parser parser = {.mode = options->mode, .arena = arena, .error = error};
    struct ast_node *root = NULL;
    TRY(begin(&parser, text, QUERY_BYTES_MAX, options));
    TRY(parse_advance(&parser));
    TRY(parse_or(&parser, &root));
    if (!root) {
        TRY(parse_complain(&parser, 0, (uint32_t)parser.lexer.text.size, "no search", "there is no word to search for"));
        TRY(parse_node(&parser, AST_LIST, 0, (uint32_t)parser.lexer.text.size, &root));
    }
    query_fill(&parser, root, query);
    return REVUE_OK;
}

revue_status query_parse_plain(struct view text, struct arena *arena, struct query *query, revue_error *error) {
    struct parser parser = {.mode = QUERY_LENIENT, .arena = arena, .error = error};
    struct ast_items list = {0};
    struct ast_node *root = NULL, *node = NULL;
    struct token token;
    TRY(begin(&parser, text, QUERY_PLAIN_BYTES_MAX, NULL));
    while (lexer_next_plain(&parser.lexer, &token)) {
        if (!token.has_word) continue;
        if (list.count == QUERY_PLAIN_WORDS_MAX) {
            TRY(parse_complain(&parser, token.start, token.end, "the rest is ignored", "a plain query has at most %u words",
                               QUERY_PLAIN_WORDS_MAX));
            break;
        }
        TRY(parse_node(&parser, AST_WORD, token.start, token.end, &node));
        node->text = token.text;
        if (!ast_items_add(&list, arena, AST_SHOULD, node)) return error_no_memory(error);
    }
    TRY(parse_node(&parser, AST_LIST, 0, (uint32_t)parser.lexer.text.size, &root));
    root->items = list.items;
    root->count = list.count;
    query_fill(&parser, root, query);
    return REVUE_OK;
}
