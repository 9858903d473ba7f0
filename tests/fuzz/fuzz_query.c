/* fuzz_query.c - any bytes as a query, strict, lenient and plain. A lenient parse always answers; whatever a mode accepts
 * must survive printing and parsing again in that mode. */
#include "query/parse/parser.h"
#include "tests/fuzz/fuzz.h"

#define FIELD(name, kind)                                                                                                  \
    { {name, sizeof name - 1}, kind }
static const struct query_field fields[] = {
    FIELD("title", QUERY_FIELD_TEXT),    FIELD("body", QUERY_FIELD_TEXT),      FIELD("product", QUERY_FIELD_TEXT),
    FIELD("rating", QUERY_FIELD_NUMBER), FIELD("votes", QUERY_FIELD_NUMBER),   FIELD("date", QUERY_FIELD_DATE),
    FIELD("lang", QUERY_FIELD_KEYWORD),  FIELD("n.stars", QUERY_FIELD_NUMBER), FIELD("a", QUERY_FIELD_TEXT)};

static void check_places(const struct ast_node *node, size_t size) {
    require(node->start <= node->end && node->end <= size);
    for (size_t i = 0; i < node->count; i++)
        check_places(node->items[i].node, size);
}

static void check_round_trip(const struct query *first, const struct query_options *options) {
    struct arena arena = {0};
    struct bytes printed = {0};
    struct query second;
    revue_error error;
    ast_print(&printed, first->root);
    require(!printed.failed);
    size_t opened = 0;
    for (size_t i = 0; i < printed.size; i++)
        opened += printed.data[i] == '(';
    /* Printing may need a parenthesis that the query did without, and a field before each word of its group. */
    if (printed.size <= QUERY_BYTES_MAX && opened <= QUERY_DEPTH_MAX) {
        require(query_parse(bytes_view(&printed), options, &arena, &second, &error) == REVUE_OK);
        require(ast_equal(first->root, second.root));
    }
    bytes_free(&printed);
    arena_free(&arena);
}

static void check_mode(struct view text, enum query_mode mode) {
    struct query_options options = {mode, fields, sizeof fields / sizeof fields[0]};
    struct arena arena = {0};
    struct query query;
    revue_error error = {0};
    revue_status status = query_parse(text, &options, &arena, &query, &error);
    if (status == REVUE_OK) {
        check_places(query.root, query.text.size);
        require(mode == QUERY_LENIENT || query.warning_total == 0);
        check_round_trip(&query, &options);
    } else {
        require(mode == QUERY_STRICT && status == REVUE_USAGE && error.column >= 1 && error.message[0]);
    }
    arena_free(&arena);
}

static void check_plain(struct view text) {
    struct arena arena = {0};
    struct query query;
    require(query_parse_plain(text, &arena, &query, NULL) == REVUE_OK);
    require(query.root->kind == AST_LIST);
    check_places(query.root, query.text.size);
    for (size_t i = 0; i < query.root->count; i++)
        require(query.root->items[i].node->kind == AST_WORD);
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct view text = view_of(data, size);
    check_mode(text, QUERY_STRICT);
    check_mode(text, QUERY_LENIENT);
    check_plain(text);
    return 0;
}
