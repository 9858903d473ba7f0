/* similar.c - revue_similar: the reviews that are most like one, found by a search for its most significant words.
 *
 * The stored text is a forward index: its words are weighed by how often they stand in the review and how few others have
 * them (as Lucene's MoreLikeThis does), and the best are searched for like typed ones, each counting the
 * more the more often it stands there and the fewer have it: with the idf of the search itself that makes the square of it,
 * as in the cosine of two vectors of such weights. How few: the largest segment tells, and that of the review; the others
 * would hardly change the order, and cost a look-up for every word. Reviews of the very same text, the review among them,
 * are left out. */
#include "indexer/base/memory.h"
#include "indexer/format/scoring.h"
#include "query/match/field_text.h"
#include "query/search_internal.h"
#include "query/word_counts.h"

#include <math.h>
#include <stdlib.h>

#define WORDS_SEARCHED 16u /* most significant ones */
#define TOKENS_READ 4096u  /* of each field */
#define TITLE_WORD 2u      /* a word of the title counts as so many */
#define REVIEWS_LEAST 2u   /* a word that fewer have leads to no other review */

struct significant {
    struct view form, stem;
    uint32_t frequency;
    double idf, worth;
};
struct likeness {
    struct search search;
    revue_search_options options; /* of that search */
    uint32_t segment, doc, largest;
    uint64_t hash;
    struct field_text text;
    struct arena arena; /* of the words */
    struct significant *words;
    size_t count, capacity;
    double idf_most; /* of those that are searched for */
};

/* ---- the words of the review ---- */

static bool copy_token(struct likeness *likeness, const struct token *token, uint32_t frequency) {
    struct significant *word = &likeness->words[likeness->count];
    const char *form = arena_copy(&likeness->arena, token->form.data, token->form.size);
    const char *stem = arena_copy(&likeness->arena, token->stem.data, token->stem.size);
    if (!form || !stem) return false;
    *word = (struct significant){
        .form = view_of(form, token->form.size), .stem = view_of(stem, token->stem.size), .frequency = frequency};
    likeness->count++;
    return true;
}

static revue_status read_words(struct likeness *likeness, enum review_field field, uint32_t frequency) {
    revue_error *error = likeness->search.error;
    struct segment *segment = likeness->search.searcher->segments[likeness->segment].segment;
    TRY(field_text_load(&likeness->text, segment, likeness->doc, field, error));
    const struct tokens *tokens = &likeness->text.tokens;
    const size_t count = tokens->count < TOKENS_READ ? tokens->count : TOKENS_READ;
    if (!MEMORY_RESERVE(likeness->words, likeness->capacity, likeness->count + count)) return error_no_memory(error);
    for (size_t i = 0; i < count; i++)
        if (!tokens->items[i].repeated && !copy_token(likeness, &tokens->items[i], frequency))
            return error_no_memory(error);
    return REVUE_OK;
}

static int compare_stems(const void *left, const void *right) {
    const struct significant *a = left, *b = right;
    const int order = view_compare(a->stem, b->stem);
    return order ? order : view_compare(a->form, b->form);
}

static void join_equal(struct likeness *likeness) {
    size_t kept = 0;
    if (likeness->count > 0) qsort(likeness->words, likeness->count, sizeof *likeness->words, compare_stems);
    for (size_t i = 0; i < likeness->count; i++) {
        if (kept > 0 && view_equal(likeness->words[kept - 1].stem, likeness->words[i].stem))
            likeness->words[kept - 1].frequency += likeness->words[i].frequency;
        else
            likeness->words[kept++] = likeness->words[i];
    }
    likeness->count = kept;
}

/* ---- what they are worth ---- */

static revue_status add_reviews(struct likeness *likeness, uint32_t number, struct view stem, uint64_t *with,
                                uint64_t *all) {
    struct segment *segment = likeness->search.searcher->segments[number].segment;
    uint64_t reviews;
    TRY(word_counts_stem_in(segment, stem, &reviews, likeness->search.error));
    *with += reviews;
    *all += segment->meta.doc_count;
    return REVUE_OK;
}

static revue_status weigh_word(struct likeness *likeness, struct significant *word) {
    uint64_t with = 0, all = 0;
    TRY(add_reviews(likeness, likeness->segment, word->stem, &with, &all));
    if (likeness->largest != likeness->segment) TRY(add_reviews(likeness, likeness->largest, word->stem, &with, &all));
    const double frequency = word->frequency;
    word->idf = scoring_idf(all, with);
    word->worth = with < REVIEWS_LEAST ? 0 : frequency / (frequency + SCORING_K1) * word->idf;
    return REVUE_OK;
}

static int compare_worth(const void *left, const void *right) {
    const struct significant *a = left, *b = right;
    if (a->worth != b->worth) return a->worth > b->worth ? -1 : 1;
    return view_compare(a->stem, b->stem);
}

static revue_status choose_words(struct likeness *likeness) {
    TRY(read_words(likeness, FIELD_BODY, 1));
    TRY(read_words(likeness, FIELD_TITLE, TITLE_WORD));
    join_equal(likeness);
    for (size_t i = 0; i < likeness->count; i++)
        TRY(weigh_word(likeness, &likeness->words[i]));
    if (likeness->count > 0) qsort(likeness->words, likeness->count, sizeof *likeness->words, compare_worth);
    if (likeness->count > WORDS_SEARCHED) likeness->count = WORDS_SEARCHED;
    while (likeness->count > 0 && likeness->words[likeness->count - 1].worth <= 0)
        likeness->count--;
    for (size_t i = 0; i < likeness->count; i++)
        if (likeness->words[i].idf > likeness->idf_most) likeness->idf_most = likeness->words[i].idf;
    return REVUE_OK;
}

/* ---- the search ---- */

static revue_status make_query(struct likeness *likeness) {
    struct search *search = &likeness->search;
    struct ast_node *root = ast_node_create(&search->arena, AST_LIST);
    struct ast_items list = {0};
    bool has_memory = root != NULL;
    for (size_t i = 0; i < likeness->count && has_memory; i++) {
        struct ast_node *node = ast_node_create(&search->arena, AST_WORD);
        has_memory = node && ast_items_add(&list, &search->arena, AST_SHOULD, node);
        if (!has_memory) break;
        const struct significant *word = &likeness->words[i];
        node->text = word->form;
        node->boost = ast_boost_round((1 + log2((double)word->frequency)) * word->idf / likeness->idf_most);
    }
    if (!has_memory) return error_no_memory(search->error);
    root->items = list.items;
    root->count = list.count;
    search->query = (struct query){.text = view_of_string(""), .root = root};
    return REVUE_OK;
}

static void find_largest(struct likeness *likeness) {
    const revue_searcher *searcher = likeness->search.searcher;
    for (uint32_t i = 0; i < searcher->segment_count; i++)
        if (searcher->segments[i].segment->meta.doc_count > searcher->segments[likeness->largest].segment->meta.doc_count)
            likeness->largest = i;
}

static revue_status find_similar(struct likeness *likeness, struct view id) {
    struct search *search = &likeness->search;
    revue_searcher *searcher = search->searcher;
    TRY(searcher_find_review(searcher, id, &likeness->segment, &likeness->doc, search->error));
    find_largest(likeness);
    TRY(ids_text_hash(segment_ids(searcher->segments[likeness->segment].segment), likeness->doc, &likeness->hash,
                      search->error));
    search->plan_options.left_out = &likeness->hash;
    TRY(choose_words(likeness));
    return make_query(likeness);
}

revue_status revue_similar(revue_searcher *searcher, const char *id, size_t id_size, const revue_search_options *options,
                           revue_result **result, revue_error *error) {
    revue_error own_error;
    struct likeness likeness = {.options = *options};
    likeness.options.op = REVUE_OP_ANY;
    likeness.options.plain = likeness.options.phrase = false;
    likeness.options.no_suggest = true;
    TRY(search_open(&likeness.search, searcher, &likeness.options, error ? error : &own_error));
    field_text_init(&likeness.text, searcher->stemmer);
    revue_status status = find_similar(&likeness, view_of(id, id_size));
    if (status == REVUE_OK)
        status = search_answer(&likeness.search, NULL, 0, result);
    else
        arena_free(&likeness.search.arena);
    field_text_free(&likeness.text);
    arena_free(&likeness.arena);
    memory_free(likeness.words);
    return status;
}
