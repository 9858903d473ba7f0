/* suggest.c - revue_suggest: did you mean.
 *
 * The archive is its own dictionary (Cucerzan and Brill, "Spelling correction as an iterative process that exploits the
 * collective knowledge of web users", 2004, have it of query logs): a word that few reviews have, next to one a few edits
 * away that many have, is taken for a slip. Which of several is meant, the other words tell: every spelling of the whole
 * text is searched for, and is worth what it finds. */
#include "query/suggest/suggest.h"

#include "indexer/base/memory.h"
#include "indexer/base/utf8.h"
#include "query/expand/expand.h"
#include "query/suggest/text_hits.h"
#include "query/suggest/typed_words.h"

#include <math.h>
#include <stdlib.h>

#define POSTINGS_COUNTED 1000000u /* for one call */
#define SPELLINGS_MAX 24u         /* of the whole text, looked at */
#define CANDIDATES_MAX 6u         /* of one word */
#define RARE_SHARE 200u           /* a word in more than one of so many reviews is one */
#define MORE_HITS 10u             /* times as many, and it is worth a word */
#define EDIT_PENALTY 4.0          /* halvings of the count that an edit must make up for */

struct spelling { /* of the text up to a word */
    struct view text;
    double worth; /* of the words so far, as far as each alone tells */
    uint32_t edits;
    uint64_t count; /* reviews, once the text is whole */
};
struct suggesting {
    struct text_hits hits;
    struct view text;
    struct typed_words words;
    struct arena arena;
    struct spelling items[SPELLINGS_MAX * (CANDIDATES_MAX + 1)];
    size_t count;
    uint64_t typed_count;
    revue_error *error;
};

/* ---- spellings ---- */

static int compare_worth(const void *left, const void *right) {
    const struct spelling *a = left, *b = right;
    if (a->worth != b->worth) return a->worth > b->worth ? -1 : 1;
    return view_compare(a->text, b->text);
}

static void keep_best(struct suggesting *suggesting) {
    qsort(suggesting->items, suggesting->count, sizeof *suggesting->items, compare_worth);
    if (suggesting->count > SPELLINGS_MAX) suggesting->count = SPELLINGS_MAX;
}

static double worth_of(uint64_t reviews, uint32_t edits) {
    return (reviews > 0 ? log2((double)reviews) : -100) - edits * EDIT_PENALTY;
}

/* A spelling goes on with a form instead of what stands in the text from at to end. */
static bool go_on(struct suggesting *suggesting, struct spelling *spelling, struct view piece) {
    char *text = arena_alloc(&suggesting->arena, spelling->text.size + piece.size + 1);
    if (!text) return false;
    if (spelling->text.size > 0) memcpy(text, spelling->text.data, spelling->text.size);
    if (piece.size > 0) memcpy(text + spelling->text.size, piece.data, piece.size);
    spelling->text = view_of(text, spelling->text.size + piece.size);
    return true;
}

/* Every spelling so far goes on with every candidate for the next word. */
static bool branch(struct suggesting *suggesting, const struct expansions *candidates, struct view written,
                   uint64_t reviews) {
    const size_t before = suggesting->count;
    for (size_t i = 0; i < before; i++) {
        struct spelling *kept = &suggesting->items[i];
        const struct spelling begun = *kept;
        for (size_t j = 0; j < candidates->count; j++) {
            const struct expansion *form = &candidates->items[j];
            struct spelling *other = &suggesting->items[suggesting->count];
            if (form->distance == 0) continue;
            *other = begun;
            other->worth += worth_of(form->df, form->distance);
            other->edits += form->distance;
            if (!go_on(suggesting, other, form->form)) return false;
            suggesting->count++;
        }
        kept->worth += worth_of(reviews, 0);
        if (!go_on(suggesting, kept, written)) return false;
    }
    keep_best(suggesting);
    return true;
}

static revue_status add_piece(struct suggesting *suggesting, struct view piece) {
    for (size_t i = 0; i < suggesting->count; i++)
        if (!go_on(suggesting, &suggesting->items[i], piece)) return error_no_memory(suggesting->error);
    return REVUE_OK;
}

/* ---- words ---- */

static revue_status count_form(struct suggesting *suggesting, struct view form, uint64_t *reviews) {
    revue_searcher *searcher = suggesting->hits.searcher;
    *reviews = 0;
    for (uint32_t i = 0; i < searcher->segment_count; i++) {
        forms_reader *forms;
        struct form_entry entry;
        TRY(segment_forms(searcher->segments[i].segment, &forms, suggesting->error));
        revue_status status = forms_reader_find(forms, form, &entry, suggesting->error);
        if (status == REVUE_NO_MATCH) continue;
        TRY(status);
        for (uint32_t pair = 0; pair < entry.pair_count; pair++)
            *reviews += entry.pairs[pair].df;
    }
    return REVUE_OK;
}

static revue_status find_candidates(struct suggesting *suggesting, struct view form, struct expansions *candidates) {
    revue_searcher *searcher = suggesting->hits.searcher;
    struct pattern pattern;
    revue_status status = pattern_init(&pattern, PATTERN_FUZZY, form, 1, searcher->language, suggesting->error);
    if (status == REVUE_OK) pattern.distance = pattern_usual_distance(pattern.count);
    if (status == REVUE_OK)
        status = expand_pattern(searcher, &pattern, CANDIDATES_MAX, &suggesting->arena, candidates, suggesting->error);
    pattern_free(&pattern);
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

static revue_status spell_word(struct suggesting *suggesting, const struct typed_word *word) {
    const struct view written = view_of(suggesting->text.data + word->start, word->end - word->start);
    struct expansions candidates = {0};
    uint64_t reviews;
    TRY(count_form(suggesting, word->form, &reviews));
    if (reviews <= suggesting->hits.searcher->reviews / RARE_SHARE)
        TRY(find_candidates(suggesting, word->form, &candidates));
    return branch(suggesting, &candidates, written, reviews) ? REVUE_OK : error_no_memory(suggesting->error);
}

static revue_status spell_all(struct suggesting *suggesting) {
    uint32_t at = 0;
    suggesting->items[0] = (struct spelling){.text = view_of(NULL, 0)};
    suggesting->count = 1;
    for (uint32_t i = 0; i < suggesting->words.count; i++) {
        const struct typed_word *word = &suggesting->words.items[i];
        TRY(add_piece(suggesting, view_of(suggesting->text.data + at, word->start - at)));
        TRY(spell_word(suggesting, word));
        at = word->end;
    }
    return add_piece(suggesting, view_of(suggesting->text.data + at, suggesting->text.size - at));
}

/* ---- the choice ---- */

/* What finds enough more than the text as typed, worth what it finds. */
static revue_status weigh(struct suggesting *suggesting) {
    size_t kept = 0;
    for (size_t i = 0; i < suggesting->count; i++) {
        struct spelling *spelling = &suggesting->items[i];
        bool is_known;
        if (spelling->edits == 0) continue;
        TRY(text_hits_count(&suggesting->hits, spelling->text, &spelling->count, &is_known));
        if (!is_known || spelling->count == 0 || spelling->count < suggesting->typed_count * MORE_HITS) continue;
        spelling->worth = worth_of(spelling->count, spelling->edits);
        suggesting->items[kept++] = *spelling;
    }
    suggesting->count = kept;
    keep_best(suggesting);
    return REVUE_OK;
}

static revue_status read_words(struct suggesting *suggesting, struct view text) {
    struct query query;
    bool is_known;
    TRY(text_hits_parse(&suggesting->hits, text, &query));
    suggesting->text = view_of(arena_copy(&suggesting->arena, query.text.data, query.text.size), query.text.size);
    if (!suggesting->text.data) return error_no_memory(suggesting->error);
    if (!typed_words_find(&query, suggesting->hits.searcher->language, &suggesting->arena, &suggesting->words))
        return error_no_memory(suggesting->error);
    if (suggesting->words.total > TYPED_WORDS_MAX) suggesting->words.count = 0;
    TRY(text_hits_count(&suggesting->hits, suggesting->text, &suggesting->typed_count, &is_known));
    if (!is_known) suggesting->words.count = 0; /* it finds much: nothing to mend */
    return REVUE_OK;
}

static revue_status suggest(struct suggesting *suggesting, struct view text, size_t n, revue_completions *completions) {
    const struct view none = {NULL, 0};
    TRY(read_words(suggesting, text));
    if (suggesting->words.count == 0) return REVUE_OK;
    TRY(spell_all(suggesting));
    TRY(weigh(suggesting));
    for (size_t i = 0; i < suggesting->count && i < n; i++)
        if (!completions_add(completions, none, suggesting->items[i].text, none, suggesting->items[i].count))
            return error_no_memory(suggesting->error);
    return REVUE_OK;
}

revue_status suggest_spellings(revue_searcher *searcher, struct view text, const struct plan_options *options, size_t n,
                               revue_completions *completions, revue_error *error) {
    if (text.size > QUERY_BYTES_MAX || n == 0) return REVUE_OK;
    struct suggesting *suggesting = memory_alloc_zeroed(1, sizeof *suggesting);
    if (!suggesting) return error_no_memory(error);
    suggesting->error = error;
    revue_status status = text_hits_init(&suggesting->hits, searcher, options, POSTINGS_COUNTED, error);
    if (status == REVUE_OK) status = suggest(suggesting, text, n, completions);
    text_hits_free(&suggesting->hits);
    arena_free(&suggesting->arena);
    memory_free(suggesting);
    return status;
}

revue_status revue_suggest(revue_searcher *searcher, const char *text, size_t size, size_t n,
                           revue_completions **completions, revue_error *error) {
    error_clear(error);
    TRY(completions_check(n, error));
    revue_completions *made = completions_create();
    if (!made) return error_no_memory(error);
    revue_status status = suggest_spellings(searcher, view_of(text, size), NULL, n, made, error);
    if (status == REVUE_OK)
        *completions = made;
    else
        revue_completions_free(made);
    return status;
}
