/* fuzz_snippet.c - the passage that is shown of any stored text, for words and phrases taken from that text.
 *
 * Input: u8 language, u8 leaves (0 to 7), then for each u8 kind (bit 0 a phrase, bit 1 by form, bits 2 and 3 words less
 * one, bit 4 slop, bit 5 not in the body) and u8 token it begins with; then the body, repaired to UTF-8 as the archive
 * readers do. The passage lies in the text on whole characters and is short; marks lie in it in order, each from
 * the beginning of a token to the end of one. */
#include "indexer/base/utf8.h"
#include "query/plan/plan.h"
#include "query/result/snippet.h"
#include "tests/fuzz/fuzz.h"

#define LEAVES_MAX 7u
#define WORDS_MAX 4u
#define TEXT_MAX (1u << 14)
#define SNIPPET_MAX 480u

/* A plan of leaves alone: all that a snippet looks at. */
struct leaves {
    struct plan_node nodes[LEAVES_MAX], *pointers[LEAVES_MAX];
    struct plan_word words[LEAVES_MAX][WORDS_MAX];
    struct plan plan;
};

static void make_leaf(struct leaves *leaves, uint32_t number, uint8_t kind, size_t first, const struct tokens *tokens) {
    struct plan_node *node = &leaves->nodes[number];
    const uint32_t wanted = 1 + (kind >> 2 & 3);
    node->kind = kind & 1 ? PLAN_PHRASE : PLAN_WORD;
    node->slop = kind & 1 ? kind >> 4 & 1 : 0;
    node->scoring.weight[FIELD_BODY] = kind & 32 ? 0 : 1;
    node->words = leaves->words[number];
    for (uint32_t i = 0; i < wanted && (i == 0 || node->kind == PLAN_PHRASE); i++) {
        struct token *token = &tokens->items[(first + i) % tokens->count];
        const bool by_form = kind & 2;
        leaves->words[number][i] =
            (struct plan_word){.form = token->form, .by_form = by_form, .stems = &token->stem, .stem_count = !by_form};
        node->word_count++;
    }
    leaves->pointers[number] = node;
}

static void make_plan(struct leaves *leaves, struct byte_reader *reader, uint32_t count, const struct tokens *tokens) {
    memset(leaves, 0, sizeof *leaves);
    leaves->plan.leaves = leaves->pointers;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t kind = byte_reader_u8(reader);
        const size_t first = byte_reader_u8(reader);
        if (tokens->count > 0) make_leaf(leaves, leaves->plan.leaf_count++, kind, first, tokens);
    }
}

/* A mark begins where a token does and ends where one does. */
static void check_mark(const struct tokens *tokens, uint64_t from, uint64_t to) {
    bool begins = false, ends = false;
    for (size_t i = 0; i < tokens->count; i++) {
        begins |= tokens->items[i].start == from;
        ends |= tokens->items[i].start + tokens->items[i].size == to;
    }
    require(begins && ends && from < to);
}

static void check_snippet(const revue_snippet *snippet, struct view body, const struct tokens *tokens, bool has_leaves) {
    uint32_t last = 0;
    require(snippet->start <= body.size && snippet->text_size <= body.size - snippet->start);
    require(snippet->text_size > 0 && snippet->text_size <= SNIPPET_MAX);
    require(memcmp(snippet->text, body.data + snippet->start, snippet->text_size) == 0);
    require(utf8_valid_prefix(snippet->text, snippet->text_size) == snippet->text_size);
    for (size_t i = 0; i < snippet->mark_count; i++) {
        require(snippet->marks[i].from >= last);
        check_mark(tokens, snippet->start + snippet->marks[i].from, snippet->start + snippet->marks[i].to);
        last = snippet->marks[i].to;
    }
    require(last <= snippet->text_size && (has_leaves || snippet->mark_count == 0));
}

/* The text is given as one that was loaded before, so that no index is needed. */
static void show(struct field_text *text, struct byte_reader *reader, uint32_t leaf_count, enum language language) {
    struct leaves leaves;
    struct segment segment = {.meta.has_text = true};
    struct arena arena = {0};
    revue_hit hit = {0};
    const struct view body = bytes_view(&text->raw);
    require(analyze_field(text->stemmer, body, language, &text->arena, &text->tokens, NULL) == REVUE_OK);
    text->segment = &segment;
    text->field = FIELD_BODY;
    text->is_loaded = true;
    make_plan(&leaves, reader, leaf_count, &text->tokens);
    const size_t wanted = 1 + body.size % SNIPPETS_MAX;
    require(snippet_fill(&hit, &leaves.plan, text, &segment, 0, wanted, &arena, NULL) == REVUE_OK);
    require(hit.snippet_count <= wanted && (hit.snippet_count > 0) == (text->tokens.count > 0));
    for (size_t i = 0; i < hit.snippet_count; i++) {
        check_snippet(&hit.snippets[i], body, &text->tokens, leaves.plan.leaf_count > 0);
        require(i == 0 || hit.snippets[i].start >= hit.snippets[i - 1].start + hit.snippets[i - 1].text_size);
    }
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static stemmer *stemmers;
    struct byte_reader reader = byte_reader_of(data, size);
    struct field_text text;
    if (!stemmers) require(stemmer_create(&stemmers, NULL) == REVUE_OK);
    const enum language language = (enum language)(byte_reader_u8(&reader) % LANGUAGE_COUNT);
    const uint32_t leaf_count = byte_reader_u8(&reader) % (LEAVES_MAX + 1);
    struct byte_reader leaves = byte_reader_of(reader.next, byte_reader_left(&reader));
    (void)byte_reader_bytes(&reader, 2 * leaf_count);
    if (reader.failed || byte_reader_left(&reader) > TEXT_MAX) return 0;
    field_text_init(&text, stemmers);
    utf8_repair(&text.raw, (const char *)reader.next, byte_reader_left(&reader));
    require(!text.raw.failed);
    show(&text, &leaves, leaf_count, language);
    field_text_free(&text);
    return 0;
}
