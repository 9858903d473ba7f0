/* excluded.c - see excluded.h. A test of a column costs a microsecond or two for 4,096 reviews, so all of them are tested:
 * asking for those only that words bring in would pay for the rarest words alone. */
#include "query/rank/excluded.h"

#include <string.h>

struct passing { /* the reviews of a segment that pass the filters so far */
    uint64_t *words;
    size_t word_count;
    struct segment *segment;
    struct arena *arena; /* of cursors, given back when all are done */
    stemmer *stemmer;
    revue_error *error;
};

static revue_status pass_column(struct passing *passing, const struct column_test *test) {
    struct column_reader reader;
    uint64_t bits[CHUNK_WORDS];
    column_reader_open(&reader, passing->segment->txn, passing->segment->number, test->column);
    for (size_t word = 0; word < passing->word_count; word++) {
        if (word % CHUNK_WORDS == 0) TRY(deadline_spend(CHUNK_WORDS, passing->error));
        if (word % CHUNK_WORDS == 0)
            TRY(column_test_chunk(test, &reader, (uint32_t)(word / CHUNK_WORDS), bits, passing->error));
        passing->words[word] &= bits[word % CHUNK_WORDS];
    }
    return REVUE_OK;
}

/* Clears what lies before the next match, and leaves the match. */
static void keep_until(struct passing *passing, uint32_t *from, uint32_t to) {
    while (*from < to) {
        uint32_t in_word = 64 - *from % 64 < to - *from ? 64 - *from % 64 : to - *from;
        uint64_t span = in_word == 64 ? UINT64_MAX : (((uint64_t)1 << in_word) - 1) << (*from % 64);
        passing->words[*from / 64] &= ~span;
        *from += in_word;
    }
}

static revue_status pass_cursor(struct passing *passing, const struct plan_node *filter, uint32_t number) {
    struct cursor_failure failure = {0};
    const struct leaf_context context = {
        .segment = passing->segment, .arena = passing->arena, .failure = &failure, .stemmer = passing->stemmer};
    const uint32_t doc_count = passing->segment->meta.doc_count;
    uint32_t from = 0;
    struct cursor *cursor = plan_node_cursor(filter, &context, number);
    if (!cursor) return error_no_memory(passing->error);
    for (cursor_next(cursor); cursor->doc != DOC_END; cursor_next(cursor)) {
        keep_until(passing, &from, cursor->doc);
        from = cursor->doc + 1;
    }
    keep_until(passing, &from, doc_count);
    cursor_close(cursor);
    if (failure.status != REVUE_OK && passing->error) *passing->error = failure.error;
    return failure.status;
}

/* Reviews of the text that is left out do not pass. */
static revue_status pass_other_texts(struct passing *passing, uint64_t hash) {
    struct stream *hashes = segment_ids(passing->segment).text_hashes;
    const uint32_t doc_count = passing->segment->meta.doc_count;
    uint32_t doc = 0;
    for (uint32_t extent = 0; doc < doc_count; extent++) {
        const uint8_t *data;
        uint32_t size;
        TRY(stream_extent(hashes, extent, &data, &size, passing->error));
        for (uint32_t i = 0; i < size / sizeof hash && doc < doc_count; i++, doc++)
            if (load_le64(data + i * sizeof hash) == hash) passing->words[doc / 64] &= ~((uint64_t)1 << (doc % 64));
    }
    return REVUE_OK;
}

static revue_status pass_filters(struct passing *passing, const struct plan *plan, uint32_t number) {
    for (uint32_t i = 0; i < plan->filter_count; i++) {
        const struct plan_node *filter = plan->filters[i];
        TRY(filter->kind == PLAN_COLUMN ? pass_column(passing, &filter->test) : pass_cursor(passing, filter, number));
    }
    return plan->left_out ? pass_other_texts(passing, *plan->left_out) : REVUE_OK;
}

/* What does not pass, or is deleted, is excluded. */
static void turn_round(const struct passing *passing, const struct deletes *deletes, struct deletes *excluded) {
    const uint32_t doc_count = passing->segment->meta.doc_count;
    *excluded = (struct deletes){.words = passing->words, .doc_count = doc_count};
    for (size_t i = 0; i < passing->word_count; i++) {
        uint64_t valid = doc_count - i * 64 < 64 ? ((uint64_t)1 << (doc_count - i * 64)) - 1 : UINT64_MAX;
        passing->words[i] = (~passing->words[i] | (deletes->words ? deletes->words[i] : 0)) & valid;
        excluded->deleted += (uint32_t)__builtin_popcountll(passing->words[i]);
    }
}

static revue_status filter_segment(const struct plan *plan, revue_searcher *searcher, uint32_t number,
                                   const struct deletes *deletes, revue_error *error) {
    struct arena arena = {0};
    struct passing passing = {
        .segment = searcher->segments[number].segment, .arena = &arena, .stemmer = searcher->stemmer, .error = error};
    passing.word_count = ((size_t)passing.segment->meta.doc_count + 63) / 64;
    passing.words = arena_alloc_array(plan->arena, passing.word_count + 1, sizeof *passing.words);
    if (!passing.words) return error_no_memory(error);
    memset(passing.words, 0xFF, passing.word_count * sizeof *passing.words);
    revue_status status = pass_filters(&passing, plan, number);
    arena_free(&arena);
    if (status == REVUE_OK) turn_round(&passing, deletes, &plan->excluded[number]);
    return status;
}

revue_status excluded_reviews(const struct plan *plan, revue_searcher *searcher, uint32_t segment,
                              const struct deletes **excluded, revue_error *error) {
    TRY(searcher_deletes(searcher, segment, excluded, error));
    if (!plan->excluded) return REVUE_OK;
    if (!plan->excluded[segment].words) TRY(filter_segment(plan, searcher, segment, *excluded, error));
    *excluded = &plan->excluded[segment];
    return REVUE_OK;
}
