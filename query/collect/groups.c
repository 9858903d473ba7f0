/* groups.c - see groups.h. One pass: every group keeps what it comes to and its best hits so far, few enough for a sorted
 * list. Groups are ordered at the end, of equal ones the larger first, then by value.
 *
 * The Bayesian mean of a group is (m * c + sum of stars) / (m + number of stars), where c is the mean of the whole archive
 * and m the number of ratings that a value of the column has in the archive on average: few ratings say little against what
 * is usual. */
#include "query/collect/groups.h"

#include "indexer/base/memory.h"
#include "query/collect/cells.h"
#include "query/collect/chunk_values.h"
#include "query/collect/kth_largest.h"
#include "query/column/column_name.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum group_sort { SORT_BY_SCORE, SORT_BY_COUNT, SORT_BY_MEAN, SORT_BY_BAYES };

struct group_more { /* of a cell */
    uint64_t histogram[REVUE_STARS];
    size_t hit_count;
    struct candidate hits[]; /* the best first */
};
struct groups {
    struct collector collector;
    revue_searcher *searcher;
    const struct schema_column *column;
    enum group_sort sort;
    size_t hits, skipped, shown;
    struct column_reader values_reader, stars_reader;
    uint32_t segment; /* of the readers; UINT32_MAX: none yet */
    struct chunk_values values, stars;
    struct cells cells;
    uint64_t ungrouped;
    struct arena arena; /* of what cells have more */
    struct bytes id;
};

/* ---- the best of a group ---- */

static revue_status read_id(struct groups *groups, const struct candidate *candidate, revue_error *error) {
    TRY(ids_get(segment_ids(groups->searcher->segments[candidate->segment].segment), candidate->doc, &groups->id, error));
    bytes_append_u8(&groups->id, 0);
    return groups->id.failed ? error_no_memory(error) : REVUE_OK;
}

/* The id of a hit that is kept, once read, stays. */
static revue_status keep_id(struct groups *groups, struct candidate *kept, revue_error *error) {
    if (kept->id) return REVUE_OK;
    TRY(read_id(groups, kept, error));
    kept->id = arena_copy(&groups->arena, groups->id.data, groups->id.size);
    return kept->id ? REVUE_OK : error_no_memory(error);
}

/* Ids are read only where scores are equal. */
static revue_status is_better(struct groups *groups, const struct candidate *hit, struct candidate *kept, bool *better,
                              revue_error *error) {
    *better = hit->score > kept->score;
    if (hit->score != kept->score) return REVUE_OK;
    TRY(keep_id(groups, kept, error));
    TRY(read_id(groups, hit, error));
    *better = strcmp((const char *)groups->id.data, kept->id) < 0;
    return REVUE_OK;
}

static revue_status add_hit(struct groups *groups, struct group_more *more, const struct candidate *hit,
                            revue_error *error) {
    size_t at = more->hit_count;
    for (bool better = true; at > 0; at--) {
        TRY(is_better(groups, hit, &more->hits[at - 1], &better, error));
        if (!better) break;
    }
    if (at == groups->hits) return REVUE_OK;
    if (more->hit_count < groups->hits) more->hit_count++;
    memmove(&more->hits[at + 1], &more->hits[at], (more->hit_count - 1 - at) * sizeof *hit);
    more->hits[at] = *hit;
    return REVUE_OK;
}

/* ---- collecting ---- */

static revue_status more_of(struct groups *groups, struct cell *cell, struct group_more **more, revue_error *error) {
    if (!cell->more) {
        size_t size = sizeof **more + groups->hits * sizeof *(*more)->hits;
        cell->more = arena_alloc(&groups->arena, size);
        if (!cell->more) return error_no_memory(error);
        memset(cell->more, 0, size);
    }
    *more = cell->more;
    return REVUE_OK;
}

static revue_status add_match(struct groups *groups, uint32_t at, const struct candidate *hit, revue_error *error) {
    const double number = groups->values.numbers[at];
    struct group_more *more = NULL;
    if (!(number >= 0 && number < (double)groups->cells.limit))
        return error_set(error, REVUE_CORRUPT, "a review has a keyword that is not in the table; rebuild the index");
    struct cell *cell = cells_at(&groups->cells, (int64_t)number);
    if (!cell) return error_no_memory(error);
    cell->count++;
    TRY(more_of(groups, cell, &more, error));
    if (groups->stars.has[at / 64] >> at % 64 & 1) {
        summary_add(&cell->stars, groups->stars.numbers[at]);
        more->histogram[whole_stars(groups->stars.numbers[at]) - 1]++;
    }
    return add_hit(groups, more, hit, error);
}

static revue_status take(struct collector *collector, const struct matches *matches, revue_error *error) {
    struct groups *groups = (struct groups *)collector;
    uint32_t grouped = 0;
    if (groups->segment != matches->segment) {
        const struct segment *segment = groups->searcher->segments[matches->segment].segment;
        column_reader_open(&groups->values_reader, segment->txn, segment->number, groups->column->number);
        column_reader_open(&groups->stars_reader, segment->txn, segment->number, COLUMN_OF_STARS);
        groups->segment = matches->segment;
    }
    TRY(chunk_values_read(&groups->values, &groups->values_reader, matches, error));
    TRY(chunk_values_read(&groups->stars, &groups->stars_reader, matches, error));
    for (uint32_t at = chunk_next(groups->values.has, 0); at < COLUMN_CHUNK; at = chunk_next(groups->values.has, at + 1)) {
        const struct candidate hit = {
            .score = matches->scores[at], .segment = matches->segment, .doc = matches->chunk * COLUMN_CHUNK + at};
        TRY(add_match(groups, at, &hit, error));
        grouped++;
    }
    groups->ungrouped += matches->count - grouped;
    return REVUE_OK;
}

/* ---- the order of groups ---- */

struct bayes_prior { /* of the Bayesian mean */
    double mean, weight;
};

static revue_status add_segment_stars(const struct segment *segment, struct summary *stars, revue_error *error) {
    struct column_reader reader;
    column_reader_open(&reader, segment->txn, segment->number, COLUMN_OF_STARS);
    for (uint32_t doc = 0; doc < segment->meta.doc_count; doc++) {
        bool has;
        double value;
        TRY(column_reader_number(&reader, doc, &has, &value, error));
        if (has) summary_add(stars, value);
    }
    return REVUE_OK;
}

/* Of all reviews, those deleted and not yet merged away included: it is a prior. */
static revue_status read_prior(const struct groups *groups, struct bayes_prior *prior, revue_error *error) {
    const revue_searcher *searcher = groups->searcher;
    struct summary stars = {0};
    keywords *table;
    for (uint32_t i = 0; i < searcher->segment_count; i++)
        TRY(add_segment_stars(searcher->segments[i].segment, &stars, error));
    TRY(searcher_keywords(groups->searcher, groups->column->number, &table, error));
    uint32_t values = keywords_count(table);
    *prior = (struct bayes_prior){summary_of(&stars).mean, values > 0 ? (double)stars.count / values : 0};
    return REVUE_OK;
}

struct ordered {
    const struct cell *cell;
    double sort_value;
    struct view value; /* filled where it decides, and of groups that are shown */
};

static double sort_value_of(const struct groups *groups, const struct cell *cell, double unit, const struct bayes_prior *prior) {
    const struct group_more *more = cell->more;
    switch (groups->sort) {
    case SORT_BY_SCORE: return more->hits[0].score * unit;
    case SORT_BY_COUNT: return (double)cell->count;
    case SORT_BY_MEAN: return summary_of(&cell->stars).mean;
    case SORT_BY_BAYES: break;
    }
    double weight = prior->weight + (double)cell->stars.count;
    double mean = (prior->mean * prior->weight + (double)cell->stars.sum) / (weight > 0 ? weight : 1);
    return round(mean * 1e6) / 1e6;
}

static int compare_groups(const void *left, const void *right) {
    const struct ordered *a = left, *b = right;
    if (a->sort_value != b->sort_value) return a->sort_value > b->sort_value ? -1 : 1;
    if (a->cell->count != b->cell->count) return a->cell->count > b->cell->count ? -1 : 1;
    return view_compare(a->value, b->value);
}

static revue_status read_values(const struct groups *groups, struct ordered *ordered, size_t count, struct arena *arena,
                                revue_error *error) {
    struct bytes scratch = {0};
    keywords *table;
    TRY(searcher_keywords(groups->searcher, groups->column->number, &table, error));
    revue_status status = REVUE_OK;
    for (size_t i = 0; i < count && status == REVUE_OK; i++) {
        struct view value;
        status = keywords_value(table, (uint32_t)ordered[i].cell->key, &scratch, &value, error);
        if (status != REVUE_OK) break;
        const char *copy = arena_copy(arena, value.data, value.size);
        if (!copy) status = error_no_memory(error);
        ordered[i].value = view_of(copy, value.size);
    }
    bytes_free(&scratch);
    return status;
}

/* Keeps the groups that may be shown, or come before those: the others need no order and no value. */
static revue_status keep_first(const struct groups *groups, struct ordered *ordered, size_t *count, revue_error *error) {
    double *numbers = memory_alloc_array(*count + 1, sizeof *numbers), least = 0;
    size_t kept = 0;
    if (!numbers) return error_no_memory(error);
    for (size_t i = 0; i < *count; i++)
        numbers[i] = ordered[i].sort_value;
    revue_status status = kth_largest(numbers, *count, groups->skipped + groups->shown, &least, error);
    memory_free(numbers);
    if (status != REVUE_OK) return status;
    for (size_t i = 0; i < *count; i++)
        if (ordered[i].sort_value >= least) ordered[kept++] = ordered[i];
    *count = kept;
    return REVUE_OK;
}

static revue_status order_groups(const struct groups *groups, double unit, struct arena *arena, struct ordered *ordered,
                                 revue_error *error) {
    struct bayes_prior prior = {0};
    struct cell *cell;
    size_t place = 0, count = 0;
    if (groups->sort == SORT_BY_BAYES) TRY(read_prior(groups, &prior, error));
    while ((cell = cells_next(&groups->cells, &place)))
        ordered[count++] = (struct ordered){.cell = cell, .sort_value = sort_value_of(groups, cell, unit, &prior)};
    TRY(keep_first(groups, ordered, &count, error));
    TRY(read_values(groups, ordered, count, arena, error));
    qsort(ordered, count, sizeof *ordered, compare_groups);
    return REVUE_OK;
}

/* ---- what is shown ---- */

static revue_status fill_group(const struct ordered *ordered, struct arena *arena, struct group *out, revue_error *error) {
    const struct cell *cell = ordered->cell;
    const struct group_more *more = cell->more;
    struct candidate *hits = arena_alloc_array(arena, more->hit_count + 1, sizeof *hits);
    if (!hits) return error_no_memory(error);
    for (size_t i = 0; i < more->hit_count; i++) {
        hits[i] = more->hits[i];
        if (hits[i].id && !(hits[i].id = arena_copy(arena, hits[i].id, strlen(hits[i].id)))) return error_no_memory(error);
    }
    *out = (struct group){.value = ordered->value,
                          .count = cell->count,
                          .stars = summary_of(&cell->stars),
                          .sort_value = ordered->sort_value,
                          .hits = hits,
                          .hit_count = more->hit_count};
    memcpy(out->histogram, more->histogram, sizeof out->histogram);
    return REVUE_OK;
}

static revue_status fill_groups(const struct groups *groups, const struct ordered *ordered, struct arena *arena,
                                struct group **out, size_t *count, revue_error *error) {
    size_t left = groups->cells.count > groups->skipped ? groups->cells.count - groups->skipped : 0;
    size_t shown = left < groups->shown ? left : groups->shown;
    struct group *filled = arena_alloc_array(arena, shown + 1, sizeof *filled);
    if (!filled) return error_no_memory(error);
    for (size_t i = 0; i < shown; i++)
        TRY(fill_group(&ordered[groups->skipped + i], arena, &filled[i], error));
    *out = filled;
    *count = shown;
    return REVUE_OK;
}

revue_status groups_finish(struct groups *groups, double unit, struct arena *arena, struct group **out, size_t *count,
                           uint64_t *total, uint64_t *ungrouped, revue_error *error) {
    struct ordered *ordered = memory_alloc_zeroed(groups->cells.count + 1, sizeof *ordered);
    if (!ordered) return error_no_memory(error);
    revue_status status = order_groups(groups, unit, arena, ordered, error);
    if (status == REVUE_OK) status = fill_groups(groups, ordered, arena, out, count, error);
    memory_free(ordered);
    *total = groups->cells.count;
    *ungrouped = groups->ungrouped;
    return status;
}

/* ---- the groups ---- */

static revue_status read_options(struct groups *groups, const struct group_options *options, revue_error *error) {
    static const char *const sorts[] = {"score", "count", "mean", "bayes"};
    keywords *table;
    TRY(column_by_name(groups->searcher, "--group", options->column, &groups->column, error));
    if (groups->column->kind != COLUMN_KEYWORD || groups->column->has_several)
        return error_set(error, REVUE_USAGE, "--group %s: groups are made by a column of single keywords, such as product",
                         groups->column->name);
    if (options->hits == 0 || options->hits > GROUP_HITS_MAX)
        return error_set(error, REVUE_USAGE, "1 to %u hits of each group can be asked for", GROUP_HITS_MAX);
    TRY(searcher_keywords(groups->searcher, groups->column->number, &table, error));
    groups->cells.limit = keywords_count(table);
    groups->hits = options->hits;
    groups->skipped = options->skipped;
    groups->shown = options->shown;
    if (options->sort.size == 0) return REVUE_OK;
    for (int i = 0; i < 4; i++) {
        if (!view_equal(options->sort, view_of_string(sorts[i]))) continue;
        groups->sort = (enum group_sort)i;
        return REVUE_OK;
    }
    return error_set(error, REVUE_USAGE, "groups are sorted by score, count, mean or bayes, not by %.*s",
                     (int)(options->sort.size < 64 ? options->sort.size : 64), options->sort.data);
}

revue_status groups_create(struct groups **created, revue_searcher *searcher, const struct group_options *options,
                           revue_error *error) {
    struct groups *made = memory_alloc_zeroed(1, sizeof *made);
    if (!made) return error_no_memory(error);
    made->collector.take = take;
    made->searcher = searcher;
    made->segment = UINT32_MAX;
    revue_status status = read_options(made, options, error);
    if (status == REVUE_OK)
        *created = made;
    else
        groups_free(made);
    return status;
}

struct collector *groups_collector(struct groups *groups) {
    return &groups->collector;
}

void groups_free(struct groups *groups) {
    if (!groups) return;
    cells_free(&groups->cells);
    arena_free(&groups->arena);
    bytes_free(&groups->id);
    memory_free(groups);
}
