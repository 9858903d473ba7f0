/* ast_print.c - a tree as canonical query text, and as an s-expression. See ast.h.
 *
 * Parentheses stand only where the tree needs them: from loose to tight OR, AND, side by side, item. Signs are written
 * rather than NOT, a field before each of its words rather than before the group. */
#include "query/parse/ast.h"

#include "indexer/base/utf8.h"
#include "query/parse/lexer.h"
#include "query/parse/range.h"

enum level { LEVEL_OR, LEVEL_AND, LEVEL_LIST, LEVEL_ITEM, LEVEL_GROUP };

static void print_level(struct bytes *out, const struct ast_node *node, enum level level);

static void append_view(struct bytes *out, struct view text) {
    bytes_append(out, text.data, text.size);
}

/* In thousandths and by hand, as it was read: printf would follow the program's locale. */
static void print_number(struct bytes *out, double boost) {
    unsigned thousandths = (unsigned)(boost * 1000 + 0.5), fraction = thousandths % 1000;
    bytes_append_format(out, "%u", thousandths / 1000);
    if (fraction == 0) return;
    bytes_append_format(out, ".%03u", fraction);
    while (!out->failed && out->data[out->size - 1] == '0')
        out->size--;
}

static void print_field(struct bytes *out, const struct ast_node *node) {
    if (!node->field) return;
    append_view(out, node->field->name);
    bytes_append_string(out, ":");
}

/* A value that came out of quotes (June 17, 2018) may hold what would end it or mean something without them. */
static bool needs_quotes(struct view value) {
    size_t length;
    for (size_t i = 0; i < value.size; i += length) {
        uint32_t character = utf8_decode(value.data + i, value.size - i, &length);
        if (lexer_is_blank(character) || character == '(' || character == ')' || character == '^') return true;
        if (character == '.' && i + 1 < value.size && value.data[i + 1] == '.') return true;
    }
    struct view rest = value;
    if (value.size == 0 || value.data[0] == '=' || range_comparison(&rest) != COMPARE_EQUAL) return true;
    return memchr(".,;", value.data[value.size - 1], 3) != NULL;
}

static void print_value(struct bytes *out, struct view value) {
    const char *quote = needs_quotes(value) ? "\"" : "";
    bytes_append_string(out, quote);
    append_view(out, value);
    bytes_append_string(out, quote);
}

static void print_range(struct bytes *out, const struct ast_node *range) {
    const struct ast_bound *low = &range->low, *high = &range->high;
    print_field(out, range);
    if (low->present && high->present) {
        if (view_equal(low->text, high->text)) {
            print_value(out, low->text);
            return;
        }
        append_view(out, low->text); /* a..b is never quoted */
        bytes_append_string(out, "..");
        append_view(out, high->text);
        return;
    }
    const struct ast_bound *bound = low->present ? low : high;
    bytes_append_string(out, low->present ? ">" : "<");
    if (bound->inclusive) bytes_append_string(out, "=");
    print_value(out, bound->text);
}

static void print_text(struct bytes *out, const struct ast_node *leaf) {
    bool phrase = leaf->kind == AST_PHRASE;
    print_field(out, leaf);
    if (leaf->exact) bytes_append_string(out, "=");
    if (phrase) bytes_append_string(out, "\"");
    append_view(out, leaf->text);
    if (phrase) bytes_append_string(out, "\"");
    if (leaf->kind == AST_PREFIX) bytes_append_string(out, "*");
    if (leaf->kind == AST_FUZZY) bytes_append_string(out, "~");
    if (leaf->kind == AST_FUZZY && leaf->distance > 0) bytes_append_format(out, "%u", leaf->distance);
    if (leaf->has_slop) bytes_append_format(out, "~%u", leaf->slop);
}

/* A word that would be read as an operator gets a boost of 1, which makes it a word. */
static bool looks_like_operator(const struct ast_node *node) {
    struct view text = node->text;
    return node->kind == AST_WORD && !node->field && !node->exact &&
           (view_equal(text, view_of_string("AND")) || view_equal(text, view_of_string("OR")) ||
            view_equal(text, view_of_string("NOT")));
}

static enum level level_of(const struct ast_node *node) {
    switch (node->kind) {
    case AST_OR: return LEVEL_OR;
    case AST_AND: return LEVEL_AND;
    case AST_LIST:
    case AST_NOT: return LEVEL_LIST;
    default: return LEVEL_ITEM;
    }
}

/* --x after a sign would be another word: ---x. */
static enum level level_after(enum ast_occurrence occurrence, const struct ast_node *node, enum level level) {
    bool bare = level_of(node) == LEVEL_ITEM && node->kind != AST_PHRASE && !node->field && !node->exact;
    bool signs = bare && node->text.size > 0 && (node->text.data[0] == '-' || node->text.data[0] == '+');
    return occurrence != AST_SHOULD && signs ? LEVEL_GROUP : level;
}

static void print_item(struct bytes *out, const struct ast_item *item, enum ast_occurrence occurrence, enum level level) {
    if (occurrence != AST_SHOULD) bytes_append_u8(out, occurrence == AST_MUST ? '+' : '-');
    print_level(out, item->node, level_after(occurrence, item->node, level));
}

static void print_items(struct bytes *out, const struct ast_node *node, const char *between, enum level level) {
    for (size_t i = 0; i < node->count; i++) {
        if (i > 0) bytes_append_string(out, between);
        print_item(out, &node->items[i], node->items[i].occurrence, level);
    }
}

static void print_bare(struct bytes *out, const struct ast_node *node) {
    switch (node->kind) {
    case AST_OR: print_items(out, node, " OR ", LEVEL_AND); break;
    case AST_AND: print_items(out, node, " AND ", LEVEL_LIST); break;
    case AST_LIST: print_items(out, node, " ", LEVEL_ITEM); break;
    case AST_NOT: print_item(out, &node->items[0], AST_MUST_NOT, LEVEL_ITEM); break;
    case AST_RANGE: print_range(out, node); break;
    case AST_WORD:
    case AST_PHRASE:
    case AST_PREFIX:
    case AST_WILDCARD:
    case AST_FUZZY: print_text(out, node); break;
    }
}

/* Two kinds of word of a lenient parse cannot take a boost directly: x^2^3 and title:! as they stand. */
static bool boost_needs_group(const struct ast_node *node) {
    if (level_of(node) != LEVEL_ITEM) return true;
    if (node->kind != AST_WORD || node->text.size == 0) return false;
    if (memchr(node->text.data, '^', node->text.size)) return true;
    const char *colon = memchr(node->text.data, ':', node->text.size);
    return colon && !lexer_has_word(view_of(colon, (size_t)(node->text.data + node->text.size - colon)));
}

static void print_level(struct bytes *out, const struct ast_node *node, enum level level) {
    bool boosted = node->boost != 1 || looks_like_operator(node);
    bool group = level_of(node) < level || (boosted && boost_needs_group(node));
    if (group) bytes_append_string(out, "(");
    print_bare(out, node);
    if (group) bytes_append_string(out, ")");
    if (!boosted) return;
    bytes_append_string(out, "^");
    print_number(out, node->boost);
}

void ast_print(struct bytes *out, const struct ast_node *node) {
    print_level(out, node, LEVEL_OR);
}

/* ---- s-expressions ---- */

static void dump_range(struct bytes *out, const struct ast_node *range) {
    const struct ast_bound *low = &range->low, *high = &range->high;
    bytes_append_string(out, "(range ");
    append_view(out, range->field->name);
    if (low->present) bytes_append_string(out, low->inclusive ? " >=" : " >");
    if (low->present) append_view(out, low->text);
    if (high->present) bytes_append_string(out, high->inclusive ? " <=" : " <");
    if (high->present) append_view(out, high->text);
    bytes_append_string(out, ")");
}

static void dump_phrase(struct bytes *out, const struct ast_node *phrase) {
    bytes_append_string(out, "(phrase \"");
    append_view(out, phrase->text);
    bytes_append_string(out, "\"");
    if (phrase->has_slop) bytes_append_format(out, " ~%u", phrase->slop);
    bytes_append_string(out, ")");
}

static void dump_named(struct bytes *out, const char *name, const struct ast_node *leaf) {
    bytes_append_format(out, "(%s ", name);
    append_view(out, leaf->text);
    if (leaf->kind == AST_FUZZY && leaf->distance > 0) bytes_append_format(out, " %u", leaf->distance);
    bytes_append_string(out, ")");
}

static void dump_items(struct bytes *out, const char *name, const struct ast_node *node) {
    bytes_append_format(out, "(%s", name);
    for (size_t i = 0; i < node->count; i++) {
        enum ast_occurrence occurrence = node->items[i].occurrence;
        bytes_append_string(out, occurrence == AST_MUST ? " (must " : occurrence == AST_MUST_NOT ? " (not " : " ");
        ast_dump(out, node->items[i].node);
        if (occurrence != AST_SHOULD) bytes_append_string(out, ")");
    }
    bytes_append_string(out, ")");
}

static void dump_bare(struct bytes *out, const struct ast_node *node) {
    switch (node->kind) {
    case AST_WORD: append_view(out, node->text); break;
    case AST_PHRASE: dump_phrase(out, node); break;
    case AST_PREFIX: dump_named(out, "prefix", node); break;
    case AST_WILDCARD: dump_named(out, "wildcard", node); break;
    case AST_FUZZY: dump_named(out, "fuzzy", node); break;
    case AST_RANGE: dump_range(out, node); break;
    case AST_LIST: dump_items(out, "list", node); break;
    case AST_AND: dump_items(out, "and", node); break;
    case AST_OR: dump_items(out, "or", node); break;
    case AST_NOT: dump_items(out, "not", node); break;
    }
}

void ast_dump(struct bytes *out, const struct ast_node *node) {
    bool in_field = node->field && node->kind != AST_RANGE, boosted = node->boost != 1;
    if (boosted) {
        bytes_append_string(out, "(boost ");
        print_number(out, node->boost);
        bytes_append_string(out, " ");
    }
    if (in_field) {
        bytes_append_string(out, "(in ");
        append_view(out, node->field->name);
        bytes_append_string(out, " ");
    }
    if (node->exact) bytes_append_string(out, "(exact ");
    dump_bare(out, node);
    if (node->exact) bytes_append_string(out, ")");
    if (in_field) bytes_append_string(out, ")");
    if (boosted) bytes_append_string(out, ")");
}
