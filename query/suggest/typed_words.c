/* typed_words.c - see typed_words.h. The tree tells what is a plain word; its texts are slices of the query, so that a word
 * can be replaced where it stands and everything around it stays byte for byte. */
#include "query/suggest/typed_words.h"

#include "indexer/text/scan.h"

struct finding {
    const struct query *query;
    enum language language;
    struct arena *arena;
    struct typed_words *words;
};

static bool add_word(struct finding *finding, struct view text, const struct span *span, bool is_bare) {
    struct typed_words *words = finding->words;
    char form[FORM_MAX];
    const struct view written = view_of(text.data + span->start, span->size);
    size_t size = fold_word(written, span->ascii, finding->language, form);
    if (size == 0 || words->total++ >= TYPED_WORDS_MAX) return true;
    const char *copy = arena_copy(finding->arena, form, size);
    if (!copy) return false;
    const uint32_t start = (uint32_t)(written.data - finding->query->text.data);
    words->items[words->count++] =
        (struct typed_word){.start = start, .end = start + span->size, .form = view_of(copy, size), .is_bare = is_bare};
    return true;
}

static bool add_words(struct finding *finding, const struct ast_node *ast, bool is_listed) {
    const char *start = finding->query->text.data + ast->start, *end = finding->query->text.data + ast->end;
    const bool is_bare = is_listed && ast->text.data == start && ast->text.data + ast->text.size == end;
    struct scanner scanner;
    struct span span;
    if (ast->exact || (ast->field && ast->field->kind != QUERY_FIELD_TEXT)) return true;
    scanner_start(&scanner, ast->text);
    while (scanner_next(&scanner, &span))
        if (span.kind == SPAN_WORD && !add_word(finding, ast->text, &span, is_bare && span.size == ast->text.size))
            return false;
    return true;
}

/* As deep as the parser lets parentheses be. */
static bool walk(struct finding *finding, const struct ast_node *ast, bool is_listed) {
    if (ast->kind == AST_WORD) return add_words(finding, ast, is_listed);
    if (ast->kind != AST_LIST && ast->kind != AST_AND && ast->kind != AST_OR) return true;
    for (size_t i = 0; i < ast->count; i++)
        if (ast->items[i].occurrence != AST_MUST_NOT &&
            !walk(finding, ast->items[i].node, ast->kind == AST_LIST && ast->items[i].occurrence == AST_SHOULD))
            return false;
    return true;
}

static bool are_blank(const char *from, const char *to) {
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    return from == to;
}

bool typed_words_find(const struct query *query, enum language language, struct arena *arena, struct typed_words *words) {
    struct finding finding = {query, language, arena, words};
    words->count = words->total = 0;
    if (!walk(&finding, query->root, true)) return false;
    for (uint32_t i = 0; i + 1 < words->count; i++) {
        struct typed_word *word = &words->items[i], *next = word + 1;
        word->joins_next =
            word->is_bare && next->is_bare && are_blank(query->text.data + word->end, query->text.data + next->start);
    }
    return true;
}
