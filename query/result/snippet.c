/* snippet.c - see snippet.h. The text is cut into sentences; the one with the most distinct words of the query wins, then
 * the one with the most of them, then the first. A short one takes the next along; a long one is cut around its first
 * match. */
#include "query/result/snippet.h"

#include "indexer/base/memory.h"
#include "indexer/base/utf8.h"

#include <string.h>

#define SNIPPET_BYTES 240u      /* aimed at */
#define QUERY_WORDS_COUNTED 64u /* distinct words told apart, one bit each */

struct passage {
    uint32_t start, end; /* bytes of the field */
    size_t first_token, token_end;
    uint64_t words; /* which words of the query are in it */
    uint32_t matches;
};
struct snippet_search {
    const struct plan *plan;
    struct view raw;
    const struct tokens *tokens;
    int8_t *word_of_token; /* number of the query's word, -1: none */
};

static bool is_query_word(const struct plan_word *word, const struct token *token) {
    if (word->by_form) return view_equal(word->form, token->form);
    for (uint32_t i = 0; i < word->stem_count; i++)
        if (view_equal(word->stems[i], token->stem)) return true;
    return false;
}

static int8_t word_number(const struct plan *plan, const struct token *token) {
    uint32_t number = 0;
    for (uint32_t leaf = 0; leaf < plan->leaf_count; leaf++)
        for (uint32_t i = 0; i < plan->leaves[leaf]->word_count; i++, number++)
            if (is_query_word(&plan->leaves[leaf]->words[i], token))
                return (int8_t)(number < QUERY_WORDS_COUNTED ? number : QUERY_WORDS_COUNTED - 1);
    return -1;
}

/* Where the sentence of a token ends: behind the marks that close it, when the gap behind the token ends one; else 0. */
static uint32_t sentence_end(const struct snippet_search *search, size_t token) {
    uint32_t at = search->tokens->items[token].start + search->tokens->items[token].size, from = at;
    uint32_t next = token + 1 < search->tokens->count ? search->tokens->items[token + 1].start : (uint32_t)search->raw.size;
    bool closes = token + 1 == search->tokens->count;
    while (at < next && search->raw.data[at] != ' ' && search->raw.data[at] != '\n' && search->raw.data[at] != '\r' &&
           search->raw.data[at] != '<') {
        closes |= search->raw.data[at] == '.' || search->raw.data[at] == '!' || search->raw.data[at] == '?';
        at++;
    }
    if (at == next && next != search->raw.size) closes = false; /* nothing blank follows: 3.5, great.Would */
    for (uint32_t i = from; i < next && !closes; i++)
        closes = search->raw.data[i] == '\n' || (search->raw.data[i] == '<' && next - i > 3);
    return closes ? at : 0;
}

static void measure(const struct snippet_search *search, struct passage *passage) {
    passage->words = 0;
    passage->matches = 0;
    for (size_t i = passage->first_token; i < passage->token_end; i++) {
        if (search->word_of_token[i] < 0) continue;
        passage->words |= (uint64_t)1 << search->word_of_token[i];
        passage->matches++;
    }
}

static bool is_better(const struct passage *a, const struct passage *b) {
    int a_words = __builtin_popcountll(a->words), b_words = __builtin_popcountll(b->words);
    return a_words != b_words ? a_words > b_words : a->matches > b->matches;
}

/* A long sentence: from a little before its first match. */
static void cut_around_match(const struct snippet_search *search, struct passage *passage) {
    const struct token *tokens = search->tokens->items;
    size_t first = passage->first_token;
    while (first < passage->token_end && search->word_of_token[first] < 0)
        first++;
    if (first == passage->token_end) first = passage->first_token;
    while (first > passage->first_token && tokens[first].start - tokens[passage->first_token].start > 0 &&
           tokens[first].start + SNIPPET_BYTES / 3 > tokens[first - 1].start + SNIPPET_BYTES / 2 && first > 0 &&
           passage->end - tokens[first - 1].start < SNIPPET_BYTES)
        first--;
    size_t end = first + 1;
    while (end < passage->token_end && tokens[end].start + tokens[end].size - tokens[first].start <= SNIPPET_BYTES)
        end++;
    passage->start = tokens[first].start;
    passage->end = end == passage->token_end ? passage->end : tokens[end - 1].start + tokens[end - 1].size;
    if (passage->end - passage->start > 2 * SNIPPET_BYTES)
        passage->end = (uint32_t)utf8_floor(search->raw.data, passage->start + 2 * SNIPPET_BYTES);
    passage->first_token = first;
    passage->token_end = end;
}

static struct passage choose(const struct snippet_search *search) {
    struct passage best = {0}, sentence = {0};
    bool has_best = false;
    for (size_t i = 0; i < search->tokens->count; i++) {
        uint32_t end = sentence_end(search, i);
        if (end == 0) continue;
        sentence.start = search->tokens->items[sentence.first_token].start;
        sentence.end = end;
        sentence.token_end = i + 1;
        /* Too short to say anything: it goes on into the next. */
        if (sentence.end - sentence.start < SNIPPET_BYTES / 4 && i + 1 < search->tokens->count) continue;
        measure(search, &sentence);
        if (!has_best || is_better(&sentence, &best)) best = sentence;
        has_best = true;
        sentence.first_token = i + 1;
    }
    if (best.end - best.start > SNIPPET_BYTES) cut_around_match(search, &best);
    return best;
}

static revue_status keep_snippet(revue_hit *hit, const struct snippet_search *search, const struct passage *passage,
                                 struct arena *arena, revue_error *error) {
    revue_snippet *snippet = arena_alloc(arena, sizeof *snippet);
    revue_mark *marks = arena_alloc_array(arena, passage->token_end - passage->first_token + 1, sizeof *marks);
    char *text = arena_copy(arena, search->raw.data + passage->start, passage->end - passage->start);
    if (!snippet || !marks || !text) return error_no_memory(error);
    *snippet = (revue_snippet){.field = "body",
                               .start = passage->start,
                               .text = text,
                               .text_size = passage->end - passage->start,
                               .marks = marks,
                               .cut_before = passage->start > 0,
                               .cut_after = passage->end < search->raw.size};
    uint32_t marked = 0; /* tokens of an ideograph run overlap: marks must not */
    for (size_t i = passage->first_token; i < passage->token_end; i++) {
        const struct token *token = &search->tokens->items[i];
        uint32_t from = token->start - passage->start, to = from + token->size;
        if (search->word_of_token[i] < 0 || to > snippet->text_size) continue;
        if (from < marked)
            marks[snippet->mark_count - 1].to = to;
        else
            marks[snippet->mark_count++] = (revue_mark){from, to};
        marked = to;
    }
    hit->snippets = snippet;
    hit->snippet_count = 1;
    return REVUE_OK;
}

revue_status snippet_fill(revue_hit *hit, const struct plan *plan, struct field_text *text, struct segment *segment,
                          uint32_t doc, struct arena *arena, revue_error *error) {
    if (!segment->meta.has_text) return REVUE_OK;
    TRY(field_text_load(text, segment, doc, FIELD_BODY, error));
    struct snippet_search search = {.plan = plan, .raw = bytes_view(&text->raw), .tokens = &text->tokens};
    if (text->tokens.count == 0) return REVUE_OK;
    search.word_of_token = memory_alloc(text->tokens.count);
    if (!search.word_of_token) return error_no_memory(error);
    for (size_t i = 0; i < text->tokens.count; i++)
        search.word_of_token[i] = word_number(plan, &text->tokens.items[i]);
    struct passage passage = choose(&search);
    revue_status status = passage.end > passage.start ? keep_snippet(hit, &search, &passage, arena, error) : REVUE_OK;
    memory_free(search.word_of_token);
    return status;
}
