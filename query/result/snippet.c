/* snippet.c - see snippet.h. The text is cut into sentences, short ones joined to the next; the one with the most distinct
 * words of the query wins, then the one with the most of them, then the first. A long one is cut around its first match.
 *
 * Of several snippets each is chosen like the first, but that words which none before it has count before all others; what
 * a cut left of a long sentence is one more to choose from. A paragraph that stood in the text before, and a sentence that
 * was chosen already, tell nothing new. */
#include "query/result/snippet.h"

#include "indexer/base/memory.h"
#include "indexer/base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define SNIPPET_BYTES 240u  /* aimed at */
#define SENTENCE_LEAST 60u  /* a shorter one goes on into the next */
#define OPENING_BYTES 8u    /* of quotes and brackets before the first word */
#define LEAD_BYTES 40u      /* kept before the first match of a sentence that is cut */
#define WORDS_TOLD_APART 64 /* distinct words of the query, one bit each; the last bit is for all others */

struct passage {
    uint32_t start, end; /* bytes of the field */
    size_t first_token, token_end;
    uint64_t words; /* which words of the query are in it */
    uint32_t matches;
};
struct snippet_search {
    struct view raw;
    const struct token *tokens;
    size_t token_count;
    int8_t *word_of_token;    /* number of the query's word, -1: none */
    struct passage *passages; /* to choose from */
    size_t passage_count, passage_capacity;
    struct passage chosen[SNIPPETS_MAX];
    size_t chosen_count;
    uint64_t words_chosen;
};

/* ---- words of the query ---- */

static bool is_word(const struct plan_word *word, const struct token *token) {
    for (uint32_t i = 0; i < word->form_count; i++)
        if (view_equal(word->forms[i], token->form)) return true;
    if (word->by_form) return false;
    for (uint32_t i = 0; i < word->stem_count; i++)
        if (view_equal(word->stems[i], token->stem)) return true;
    return false;
}

/* Tokens of the leaf that begin at token: 0 when it does not stand there. */
static size_t match_leaf(const struct snippet_search *search, const struct plan_node *leaf, size_t token) {
    if (leaf->kind == PLAN_PHRASE && leaf->slop == 0) {
        if (leaf->word_count > search->token_count - token) return 0;
        for (uint32_t i = 0; i < leaf->word_count; i++)
            if (!is_word(&leaf->words[i], &search->tokens[token + i])) return 0;
        return leaf->word_count;
    }
    for (uint32_t i = 0; i < leaf->word_count; i++)
        if (is_word(&leaf->words[i], &search->tokens[token])) return 1;
    return 0;
}

static void find_words(struct snippet_search *search, const struct plan *plan) {
    memset(search->word_of_token, -1, search->token_count);
    for (uint32_t i = 0; i < plan->leaf_count; i++) {
        const int8_t number = (int8_t)(i < WORDS_TOLD_APART ? i : WORDS_TOLD_APART - 1);
        if (plan->leaves[i]->scoring.weight[FIELD_BODY] <= 0) continue;
        for (size_t token = 0; token < search->token_count; token++) {
            size_t count = match_leaf(search, plan->leaves[i], token);
            if (count > 0) memset(search->word_of_token + token, number, count);
        }
    }
}

/* ---- sentences ---- */

static uint32_t token_end(const struct token *token) {
    return token->start + token->size;
}

/* Marks that end a sentence: with a blank behind them, or (wide ones) without. */
static bool ends_sentence(uint32_t character, bool *needs_blank) {
    *needs_blank = false;
    switch (character) {
    case '.':
    case '!':
    case '?': *needs_blank = true; return true;
    case 0x061F: /* Arabic question mark */
    case 0x06D4: /* Urdu full stop */
    case 0x0964: /* danda */
    case 0x2026: /* ellipsis */
    case 0x3002: /* ideographic full stop */
    case 0xFF01:
    case 0xFF1F: return true;
    default: return false;
    }
}

static bool is_blank(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* Where the text that directly follows a token ends: marks and quotes. *closes: they end a sentence, if a blank follows. */
static uint32_t marks_end(const struct snippet_search *search, uint32_t at, uint32_t next, bool *closes,
                          bool *closes_alone) {
    while (at < next && !is_blank(search->raw.data[at]) && search->raw.data[at] != '<') {
        size_t length;
        bool needs_blank;
        uint32_t character = utf8_decode(search->raw.data + at, next - at, &length);
        bool ends = ends_sentence(character, &needs_blank);
        *closes |= ends;
        *closes_alone |= ends && !needs_blank;
        at += (uint32_t)length;
        if (ends && !needs_blank) break;
    }
    return at;
}

/* Where the sentence ends whose last token this is: behind the marks that close it; else 0. A line end or a tag closes one
 * too. */
static uint32_t sentence_end(const struct snippet_search *search, size_t token) {
    const bool is_last = token + 1 == search->token_count;
    const uint32_t next = is_last ? (uint32_t)search->raw.size : search->tokens[token + 1].start;
    const uint32_t end = token_end(&search->tokens[token]);
    bool closes = is_last, closes_alone = false;
    if (next < end) return 0; /* tokens of an ideograph run overlap */
    const uint32_t at = marks_end(search, end, next, &closes, &closes_alone);
    if (at == next && !is_last) closes = closes_alone; /* nothing blank follows: 3.5, great.Would */
    for (uint32_t i = at; i < next && !closes; i++)
        closes = search->raw.data[i] == '\n' || (search->raw.data[i] == '<' && next - i > 3);
    return closes ? at : 0;
}

/* Quotes and brackets that open right before the token belong to its sentence; a long run of marks does not. */
static uint32_t sentence_start(const struct snippet_search *search, size_t token, uint32_t from) {
    const uint32_t word = search->tokens[token].start;
    uint32_t start = word;
    while (start > from && !is_blank(search->raw.data[start - 1]) && search->raw.data[start - 1] != '>')
        start--;
    return word - start <= OPENING_BYTES ? start : word;
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

static int words_in(uint64_t words) {
    return __builtin_popcountll(words);
}

static bool is_better(const struct snippet_search *search, const struct passage *a, const struct passage *b) {
    const int a_new = words_in(a->words & ~search->words_chosen), b_new = words_in(b->words & ~search->words_chosen);
    if (a_new != b_new) return a_new > b_new;
    if (words_in(a->words) != words_in(b->words)) return words_in(a->words) > words_in(b->words);
    return a->matches > b->matches;
}

/* ---- the passage ---- */

/* A long sentence: from a little before its first match, as far as the size allows. */
static void cut_around_match(const struct snippet_search *search, struct passage *passage) {
    const struct token *tokens = search->tokens;
    size_t match = passage->first_token;
    while (match < passage->token_end && search->word_of_token[match] < 0)
        match++;
    if (match == passage->token_end) match = passage->first_token;
    size_t first = match;
    while (first > passage->first_token && (token_end(&tokens[match]) - tokens[first - 1].start <= LEAD_BYTES ||
                                            passage->end - tokens[first - 1].start <= SNIPPET_BYTES))
        first--;
    if (first > passage->first_token) passage->start = tokens[first].start;
    size_t end = first + 1;
    while (end < passage->token_end && token_end(&tokens[end]) - passage->start <= SNIPPET_BYTES)
        end++;
    if (end < passage->token_end) passage->end = token_end(&tokens[end - 1]);
    if (passage->end - passage->start > 2 * SNIPPET_BYTES) /* one endless word, or endless marks */
        passage->end = (uint32_t)utf8_floor(search->raw.data, passage->start + 2 * SNIPPET_BYTES);
    passage->first_token = first;
    passage->token_end = end;
}

/* Passages of one choice are compared in the order of the text. */
static bool add_passage(struct snippet_search *search, const struct passage *passage) {
    if (!MEMORY_RESERVE(search->passages, search->passage_capacity, search->passage_count + 1)) return false;
    struct passage *added = &search->passages[search->passage_count++];
    *added = *passage;
    measure(search, added);
    return true;
}

static bool find_passages(struct snippet_search *search) {
    struct passage sentence = {0};
    for (size_t i = 0; i < search->token_count; i++) {
        const bool is_last = i + 1 == search->token_count;
        const uint32_t end = sentence_end(search, i);
        if (end == 0 && !is_last) continue;
        sentence.start = sentence_start(search, sentence.first_token, sentence.end);
        if (end - sentence.start < SENTENCE_LEAST && !is_last) continue;
        sentence.end = end;
        sentence.token_end = i + 1;
        if (!add_passage(search, &sentence)) return false;
        sentence.first_token = i + 1;
    }
    return true;
}

/* Whether the passage says what one that was chosen says. */
static bool is_said(const struct snippet_search *search, const struct passage *passage) {
    const struct view text = view_of(search->raw.data + passage->start, passage->end - passage->start);
    if (search->tokens[passage->first_token].repeated) return true;
    for (size_t i = 0; i < search->chosen_count; i++) {
        const struct passage *chosen = &search->chosen[i];
        if (view_equal(text, view_of(search->raw.data + chosen->start, chosen->end - chosen->start))) return true;
    }
    return false;
}

/* The best that is left; NULL when there is none with a word of the query. The first may be without. */
static struct passage *find_best(const struct snippet_search *search) {
    struct passage *best = NULL;
    for (size_t i = 0; i < search->passage_count; i++) {
        struct passage *passage = &search->passages[i];
        if (passage->token_end == 0 || (search->chosen_count > 0 && passage->words == 0)) continue;
        if (best && !is_better(search, passage, best)) continue;
        if (search->chosen_count == 0 || !is_said(search, passage)) best = passage;
    }
    return best;
}

/* What follows the part of a sentence that is shown. */
static void keep_rest(struct snippet_search *search, const struct passage *shown, struct passage *sentence) {
    const bool is_whole = shown->token_end == sentence->token_end;
    sentence->first_token = shown->token_end;
    if (is_whole) {
        sentence->token_end = 0;
        return;
    }
    sentence->start = search->tokens[shown->token_end].start;
    measure(search, sentence);
    if (sentence->end < sentence->start || sentence->start < shown->end) sentence->token_end = 0;
}

static void choose(struct snippet_search *search, size_t wanted) {
    while (search->chosen_count < wanted) {
        struct passage *best = find_best(search);
        if (!best) return;
        struct passage *shown = &search->chosen[search->chosen_count];
        *shown = *best;
        if (shown->end - shown->start > SNIPPET_BYTES) cut_around_match(search, shown);
        measure(search, shown);
        search->words_chosen |= shown->words;
        search->chosen_count++;
        keep_rest(search, shown, best);
    }
}

static int compare_place(const void *left, const void *right) {
    const struct passage *a = left, *b = right;
    return a->start < b->start ? -1 : a->start > b->start;
}

/* ---- the snippet ---- */

/* Marks do not overlap, though tokens of an ideograph run do. */
static void add_marks(const struct snippet_search *search, const struct passage *passage, revue_snippet *snippet,
                      revue_mark *marks) {
    for (size_t i = passage->first_token; i < passage->token_end; i++) {
        const struct token *token = &search->tokens[i];
        if (search->word_of_token[i] < 0 || token_end(token) > passage->end) continue;
        const uint32_t from = token->start - passage->start, to = from + token->size;
        if (snippet->mark_count > 0 && from < marks[snippet->mark_count - 1].to)
            marks[snippet->mark_count - 1].to = to;
        else
            marks[snippet->mark_count++] = (revue_mark){from, to};
    }
}

static revue_status keep_snippet(const struct snippet_search *search, const struct passage *passage, struct arena *arena,
                                 revue_snippet *snippet, revue_error *error) {
    const uint32_t size = passage->end - passage->start;
    revue_mark *marks = arena_alloc_array(arena, passage->token_end - passage->first_token, sizeof *marks);
    char *text = arena_copy(arena, search->raw.data + passage->start, size);
    if (!marks || !text) return error_no_memory(error);
    const struct token *last = &search->tokens[passage->token_end - 1];
    *snippet = (revue_snippet){.field = plan_field_names[FIELD_BODY],
                               .start = passage->start,
                               .text = text,
                               .text_size = size,
                               .marks = marks,
                               .cut_before = passage->first_token > 0,
                               .cut_after = passage->token_end < search->token_count || token_end(last) > passage->end};
    add_marks(search, passage, snippet, marks);
    return REVUE_OK;
}

static revue_status keep_snippets(revue_hit *hit, struct snippet_search *search, struct arena *arena, revue_error *error) {
    revue_snippet *snippets = arena_alloc_array(arena, search->chosen_count, sizeof *snippets);
    if (!snippets) return error_no_memory(error);
    qsort(search->chosen, search->chosen_count, sizeof *search->chosen, compare_place);
    for (size_t i = 0; i < search->chosen_count; i++)
        TRY(keep_snippet(search, &search->chosen[i], arena, &snippets[i], error));
    hit->snippets = snippets;
    hit->snippet_count = search->chosen_count;
    return REVUE_OK;
}

revue_status snippet_fill(revue_hit *hit, const struct plan *plan, struct field_text *text, struct segment *segment,
                          uint32_t doc, size_t wanted, struct arena *arena, revue_error *error) {
    if (!segment->meta.has_text) return REVUE_OK;
    TRY(field_text_load(text, segment, doc, FIELD_BODY, error));
    struct snippet_search search = {
        .raw = bytes_view(&text->raw), .tokens = text->tokens.items, .token_count = text->tokens.count};
    revue_status status = REVUE_OK;
    if (search.token_count == 0) return REVUE_OK;
    search.word_of_token = memory_alloc(search.token_count);
    TRY_DONE(search.word_of_token ? REVUE_OK : error_no_memory(error));
    find_words(&search, plan);
    TRY_DONE(find_passages(&search) ? REVUE_OK : error_no_memory(error));
    choose(&search, wanted);
    TRY_DONE(keep_snippets(hit, &search, arena, error));
done:
    memory_free(search.passages);
    memory_free(search.word_of_token);
    return status;
}
