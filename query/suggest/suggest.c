/* suggest.c - revue_suggest: did you mean.
 *
 * The archive is its own dictionary (Cucerzan and Brill, "Spelling correction as an iterative process that exploits the
 * collective knowledge of web users", 2004, have it of query logs): a word that few reviews have, next to one a few edits
 * away that many have, is taken for a slip. Which of several is meant, the other words tell: every spelling of the whole
 * text is searched for, and is worth what it finds. */
#include "query/suggest/suggest.h"

#include "indexer/base/memory.h"
#include "query/suggest/text_hits.h"
#include "query/suggest/word_parts.h"
#include "query/word_counts.h"

#include <math.h>

#define POSTINGS_COUNTED 1000000u /* for one call */
#define RARE_SHARE 200u           /* a word in more than one of so many reviews is one */
#define MORE_HITS 4.0             /* times as many at least, and it is worth a word */
#define CHANCE_WEIGHT 0.5

struct suggesting {
    struct text_hits hits;
    struct view text;
    struct typed_words words;
    uint64_t counts[TYPED_WORDS_MAX]; /* reviews that have the form of each */
    struct word_choices choices[TYPED_WORDS_MAX];
    struct spellings spellings;
    struct arena arena;
    uint64_t typed_count; /* reviews that the text finds */
    revue_error *error;
};

/* ---- what each word may have been meant to be ---- */

static revue_status start_choices(struct suggesting *suggesting) {
    for (uint32_t i = 0; i < suggesting->words.count; i++) {
        const struct typed_word *word = &suggesting->words.items[i];
        TRY(word_counts_form(suggesting->hits.searcher, word->form, &suggesting->counts[i], suggesting->error));
        suggesting->choices[i].items[0] =
            (struct word_choice){.text = view_of(suggesting->text.data + word->start, word->end - word->start),
                                 .count = suggesting->counts[i],
                                 .words = 1};
        suggesting->choices[i].count = 1;
    }
    return REVUE_OK;
}

/* The rarest words of the text, unless they are frequent in the archive: the others are no slips. */
static size_t find_rare(const struct suggesting *suggesting, uint32_t rare[NEAR_TYPED_MAX]) {
    const uint64_t most = suggesting->hits.searcher->reviews / RARE_SHARE;
    size_t count = 0;
    for (uint32_t i = 0; i < suggesting->words.count; i++) {
        size_t at = count < NEAR_TYPED_MAX ? count : NEAR_TYPED_MAX - 1;
        if (suggesting->counts[i] > most) continue;
        if (count == NEAR_TYPED_MAX && suggesting->counts[i] >= suggesting->counts[rare[at]]) continue;
        for (; at > 0 && suggesting->counts[i] < suggesting->counts[rare[at - 1]]; at--)
            rare[at] = rare[at - 1];
        rare[at] = i;
        count += count < NEAR_TYPED_MAX;
    }
    return count;
}

static void add_near(struct word_choices *choices, const struct near_words *near) {
    for (size_t i = 0; i < near->count; i++)
        choices->items[choices->count++] = (struct word_choice){.text = near->items[i].written,
                                                                .count = near->items[i].count,
                                                                .penalty = near->items[i].penalty,
                                                                .others = near->items[i].others,
                                                                .words = 1};
}

static revue_status add_near_words(struct suggesting *suggesting) {
    uint32_t rare[NEAR_TYPED_MAX];
    struct view forms[NEAR_TYPED_MAX];
    struct near_words near[NEAR_TYPED_MAX];
    revue_searcher *searcher = suggesting->hits.searcher;
    const size_t count = find_rare(suggesting, rare);
    if (count == 0) return REVUE_OK;
    for (size_t i = 0; i < count; i++)
        forms[i] = suggesting->words.items[rare[i]].form;
    TRY(near_words_find(searcher, forms, count, &suggesting->arena, near, suggesting->error));
    for (size_t i = 0; i < count; i++) {
        struct word_choices *choices = &suggesting->choices[rare[i]];
        add_near(choices, &near[i]);
        if (suggesting->words.items[rare[i]].is_bare)
            TRY(word_parts_split(searcher, forms[i], &suggesting->arena, choices, suggesting->error));
    }
    return REVUE_OK;
}

static revue_status add_joined(struct suggesting *suggesting) {
    for (uint32_t i = 0; i + 1 < suggesting->words.count; i++) {
        const struct typed_word *word = &suggesting->words.items[i];
        if (word->joins_next)
            TRY(word_parts_join(suggesting->hits.searcher, word->form, word[1].form, &suggesting->arena,
                                &suggesting->choices[i], suggesting->error));
    }
    return REVUE_OK;
}

/* ---- the choice ---- */

/* A slip that is made once in so many times makes a text that is found that much less often: what was typed is none unless
 * the other spelling is found more often by as much, and at least MORE_HITS times as often. */
static bool finds_more(const struct suggesting *suggesting, const struct spelling *spelling) {
    const double times = exp2(spelling->penalty), found = (double)spelling->count * exp2(-spelling->others / 2);
    return spelling->count > 0 && found >= (double)suggesting->typed_count * (times > MORE_HITS ? times : MORE_HITS);
}

/* A spelling is worth what it finds, and of several words the more, the less that is by chance. */
static double worth_together(const struct suggesting *suggesting, const struct spelling *spelling) {
    const double reviews = log2((double)suggesting->hits.searcher->reviews);
    const double found = log2((double)spelling->count) - spelling->others;
    const double by_chance = spelling->worth + spelling->penalty - (spelling->words - 1) * reviews;
    const double more = spelling->words > 1 && found > by_chance ? found - by_chance : 0;
    return found - spelling->penalty + CHANCE_WEIGHT * more;
}

static revue_status weigh(struct suggesting *suggesting) {
    struct spellings *spellings = &suggesting->spellings;
    size_t kept = 0;
    for (size_t i = 0; i < spellings->count; i++) {
        struct spelling *spelling = &spellings->items[i];
        bool is_known;
        if (!spelling->is_changed) continue;
        TRY(text_hits_count(&suggesting->hits, spelling->text, &spelling->count, &is_known));
        if (!is_known || !finds_more(suggesting, spelling)) continue;
        spelling->worth = worth_together(suggesting, spelling);
        spellings->items[kept++] = *spelling;
    }
    spellings->count = kept;
    spellings_sort(spellings);
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
    if (suggesting->words.count == 0) return REVUE_OK;
    TRY(text_hits_count(&suggesting->hits, suggesting->text, &suggesting->typed_count, &is_known));
    if (!is_known) suggesting->words.count = 0; /* its words are all over the archive: nothing to mend */
    return REVUE_OK;
}

static revue_status suggest(struct suggesting *suggesting, struct view text, size_t n, revue_completions *completions) {
    const struct view none = {NULL, 0};
    TRY(read_words(suggesting, text));
    if (suggesting->words.count == 0) return REVUE_OK;
    TRY(start_choices(suggesting));
    TRY(add_near_words(suggesting));
    TRY(add_joined(suggesting));
    if (!spellings_make(suggesting->text, &suggesting->words, suggesting->choices, &suggesting->arena,
                        &suggesting->spellings))
        return error_no_memory(suggesting->error);
    TRY(weigh(suggesting));
    for (size_t i = 0; i < suggesting->spellings.count && i < n; i++)
        if (!completions_add(completions, none, suggesting->spellings.items[i].text, none,
                             suggesting->spellings.items[i].count))
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
    TRY(searcher_is_awake(searcher, error));
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
