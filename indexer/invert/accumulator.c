/* accumulator.c - see accumulator.h. */
#include "indexer/invert/accumulator.h"

#include "indexer/base/memory.h"
#include "indexer/invert/parts.h"
#include "indexer/invert/text_cost.h"

#include <string.h>

#define BATCH_REVIEWS 256u
#define BATCH_BYTES ((size_t)256 << 10)
#define COUNT_MAX ((size_t)1 << 30) /* of reviews, and of tokens foreseen, in one segment */

#define PARTS_AHEAD 8u                 /* for each thread */
#define PART_MEMORY ((size_t)32 << 20) /* of the run, for each of them */
#define BETWEEN_PART 32u               /* of the memory, lost between blocks of several sizes */
#define TABLES_PART 2u                 /* of the memory (half) for tables without words */

/* What the sum of costs is made of: an item of the log, orders of a review. And a token's place in a pass of a flush. */
#define LOG_COST sizeof(uint32_t)
#define TOKEN_COST sizeof(uint64_t)
#define LEAST_COST ((size_t)256 << 10) /* of a segment: short memory must not make segments of one review */
#define REVIEW_COST (sizeof(struct pending_review) + 48)

/* Texts that wait for a worker; used again by a later batch, once they were taken in. */
struct waiting_texts {
    struct waiting_texts *next; /* of those that nobody uses */
    struct arena arena;
    struct waiting_review {
        struct view text[FIELD_COUNT]; /* in the arena */
        enum language language;
    } reviews[BATCH_REVIEWS];
};
struct batch {
    struct task task;
    struct accumulator *accumulator;
    struct arena arena;
    struct waiting_texts *waiting; /* NULL when the reviews are taken in as they come, or were taken in */
    size_t text_bytes;
    uint32_t count;
    bool is_submitted;
    struct pending_review reviews[BATCH_REVIEWS];
};

/* ---- making ---- */

/* The more memory there is, the more of it lies unused between what was given back. */
static size_t usable_memory(const struct accumulator_options *options) {
    const size_t others = ACCUMULATOR_OTHERS + options->memory_bytes / BETWEEN_PART;
    return options->memory_bytes > 2 * others ? options->memory_bytes - others : options->memory_bytes / 2;
}

/* What the caller holds can leave too little: then segments get small, but not ever smaller. */
static size_t memory_left(const struct accumulator *accumulator) {
    size_t usable = usable_memory(&accumulator->options), held = accumulator->held_elsewhere;
    return held < usable / 4 * 3 ? usable - held : usable / 4;
}

bool accumulator_is_helped(const struct accumulator *accumulator) {
    return workers_threads(accumulator->workers) > accumulator->worker_count;
}

/* The caller is away for 20 ms whenever a transaction is synced: a part takes one or two, and less than half a MiB. */
unsigned accumulator_parts_ahead(const struct accumulator *accumulator) {
    unsigned least = parts_slots(accumulator->workers), most = workers_threads(accumulator->workers) * PARTS_AHEAD;
    size_t carried = memory_left(accumulator) / PART_MEMORY;
    if (least == 1 || carried <= least) return least;
    return carried < most ? (unsigned)carried : most;
}

static uint64_t tokens_foreseen(const struct accumulator *accumulator) {
    return (uint64_t)((double)memory_left(accumulator) * ACCUMULATOR_PASS_SHARE) / TOKEN_COST;
}

/* Bytes that the reviews hold and a lexicon of them will, but for the log; *items: of the log, those foreseen counted. */
static size_t held_by_reviews(const struct accumulator *accumulator, size_t *items) {
    size_t held = accumulator->review_cost;
    *items = 0;
    for (unsigned i = 0; i < accumulator->worker_count; i++) {
        held += atomic_load_explicit(&accumulator->intakes[i].memory, memory_order_relaxed) / 2 * 3; /* and the lexicon */
        *items += atomic_load_explicit(&accumulator->intakes[i].log_items, memory_order_relaxed);
    }
    if (*items < accumulator->text_cost / LOG_COST) *items = accumulator->text_cost / LOG_COST;
    return held;
}

/* A segment that ends with its archive leaves memory over: of what is over a quarter of it, half is for the pass, too. */
uint64_t accumulator_pass_tokens(const struct accumulator *accumulator) {
    uint64_t tokens = tokens_foreseen(accumulator);
    if (accumulator_is_helped(accumulator)) return tokens / 2; /* the rest is for what the helper makes */
    size_t items, held = held_by_reviews(accumulator, &items) + items * LOG_COST, memory = memory_left(accumulator);
    uint64_t spare = held < memory / 4 * 3 ? (memory / 4 * 3 - held) / 2 / TOKEN_COST : 0;
    return spare > tokens ? spare : tokens;
}

/* The caller takes texts in as well, so it needs as much as a thread. */
static unsigned threads_to_use(const struct accumulator_options *options) {
    size_t carried = usable_memory(options) / ACCUMULATOR_WORKER;
    carried -= carried > 0;
    return carried < options->threads ? (unsigned)carried : options->threads;
}

/* Where no thread can have a vocabulary of its own, one helps to write segments all the same: that takes a MiB. */
static unsigned threads_to_flush(const struct accumulator *accumulator, const struct accumulator_options *options) {
    bool is_helped = options->threads > 0 && options->memory_bytes >= ACCUMULATOR_HELPED;
    return accumulator->worker_count == 1 && is_helped ? 2 : accumulator->worker_count;
}

revue_status accumulator_init(struct accumulator *accumulator, const struct accumulator_options *options,
                              revue_error *error) {
    memset(accumulator, 0, sizeof *accumulator);
    accumulator->options = *options;
    accumulator->options.threads = threads_to_use(options);
    accumulator->worker_count = accumulator->options.threads + 1;
    if (!options->batch_bytes) accumulator->options.batch_bytes = BATCH_BYTES;
    accumulator->intakes = memory_alloc_zeroed(accumulator->worker_count, sizeof *accumulator->intakes);
    unsigned threads = threads_to_flush(accumulator, options);
    revue_status status =
        accumulator->intakes ? workers_create(&accumulator->workers, threads, error) : error_no_memory(error);
    if (status != REVUE_OK) accumulator_free(accumulator);
    return status;
}

/* Nobody works on the batch any more: its texts are free for another one. */
static void release_texts(struct batch *batch) {
    if (!batch->waiting) return;
    arena_reset(&batch->waiting->arena);
    batch->waiting->next = batch->accumulator->spare_texts;
    batch->accumulator->spare_texts = batch->waiting;
    batch->waiting = NULL;
}

static void batch_free(struct batch *batch) {
    release_texts(batch);
    arena_free(&batch->arena);
    memory_free(batch);
}

static void free_spare_texts(struct accumulator *accumulator) {
    while (accumulator->spare_texts) {
        struct waiting_texts *texts = accumulator->spare_texts;
        accumulator->spare_texts = texts->next;
        arena_free(&texts->arena);
        memory_free(texts);
    }
}

/* Waits for the workers, whatever came of their work. */
static void drop_batches(struct accumulator *accumulator) {
    for (size_t i = 0; i < accumulator->batch_count; i++) {
        struct batch *batch = accumulator->batches[i];
        if (i >= accumulator->batches_done && batch->is_submitted)
            (void)workers_wait(accumulator->workers, &batch->task, NULL);
        batch_free(batch);
    }
    accumulator->batch_count = accumulator->batches_done = 0;
    free_spare_texts(accumulator);
}

void accumulator_free(struct accumulator *accumulator) {
    drop_batches(accumulator);
    workers_free(accumulator->workers);
    for (unsigned i = 0; accumulator->intakes && i < accumulator->worker_count; i++)
        intake_free(&accumulator->intakes[i]);
    memory_free(accumulator->intakes);
    memory_free(accumulator->batches);
    memset(accumulator, 0, sizeof *accumulator);
}

/* Tables that grew are kept, for the next segment wants them as large, unless they alone take too much. */
static void clear_intake(const struct accumulator *accumulator, struct intake *intake) {
    intake_clear(intake);
    size_t held = atomic_load_explicit(&intake->memory, memory_order_relaxed);
    if (held * accumulator->worker_count > memory_left(accumulator) / TABLES_PART) intake_free(intake);
}

void accumulator_clear(struct accumulator *accumulator) {
    drop_batches(accumulator);
    for (unsigned i = 0; i < accumulator->worker_count; i++)
        if (accumulator->intakes[i].paragraphs) clear_intake(accumulator, &accumulator->intakes[i]);
    accumulator->review_count = 0;
    accumulator->text_bytes = 0;
    accumulator->review_cost = accumulator->text_cost = 0;
}

/* ---- taking in ---- */

static revue_status take_in(struct accumulator *accumulator, unsigned worker, const struct view text[FIELD_COUNT],
                            enum language language, struct pending_review *review, revue_error *error) {
    struct intake *intake = &accumulator->intakes[worker];
    if (!intake->paragraphs) TRY(intake_init(intake, accumulator->options.keep_text, error));
    review->worker = worker;
    return intake_review(intake, text, language, review->text, error);
}

/* The work of a task: the texts of a batch. */
static revue_status take_in_batch(struct task *task, unsigned worker, revue_error *error) {
    struct batch *batch = (struct batch *)(void *)task;
    for (uint32_t i = 0; i < batch->count; i++)
        TRY(take_in(batch->accumulator, worker, batch->waiting->reviews[i].text, batch->waiting->reviews[i].language,
                    &batch->reviews[i], error));
    intake_note_memory(&batch->accumulator->intakes[worker]);
    return REVUE_OK;
}

static struct waiting_texts *take_texts(struct accumulator *accumulator) {
    struct waiting_texts *texts = accumulator->spare_texts;
    if (texts) {
        accumulator->spare_texts = texts->next;
        return texts;
    }
    texts = memory_alloc(sizeof *texts);
    if (texts) memset(texts, 0, offsetof(struct waiting_texts, reviews));
    return texts;
}

static revue_status new_batch(struct accumulator *accumulator, struct batch **made, revue_error *error) {
    if (!MEMORY_RESERVE(accumulator->batches, accumulator->batch_capacity, accumulator->batch_count + 1))
        return error_no_memory(error);
    struct batch *batch = memory_alloc(sizeof *batch);
    if (!batch) return error_no_memory(error);
    memset(batch, 0, offsetof(struct batch, reviews));
    batch->task.run = take_in_batch;
    batch->accumulator = accumulator;
    if (accumulator->options.threads > 0) {
        batch->waiting = take_texts(accumulator);
        if (!batch->waiting) {
            memory_free(batch);
            return error_no_memory(error);
        }
    }
    accumulator->batches[accumulator->batch_count++] = batch;
    *made = batch;
    return REVUE_OK;
}

/* Returns when at most so many batches are with the workers. A failure shows here, some batches late. */
static revue_status wait_for_batches(struct accumulator *accumulator, size_t left, revue_error *error) {
    while (accumulator->batch_count - accumulator->batches_done > left) {
        struct batch *batch = accumulator->batches[accumulator->batches_done];
        TRY(workers_leave(accumulator->workers, &batch->task, error));
        release_texts(batch);
        accumulator->batches_done++;
    }
    return REVUE_OK;
}

/* Hands the last batch to the workers, and waits when they cannot keep up, which also bounds the text that waits. */
static revue_status submit_last(struct accumulator *accumulator, revue_error *error) {
    struct batch *batch = accumulator->batches[accumulator->batch_count - 1];
    size_t threads = accumulator->options.threads;
    batch->is_submitted = true;
    if (threads == 0) {
        if (accumulator->intakes->paragraphs) intake_note_memory(accumulator->intakes);
        accumulator->batches_done = accumulator->batch_count;
        return REVUE_OK;
    }
    workers_submit(accumulator->workers, &batch->task);
    return wait_for_batches(accumulator, 2 * threads + 2, error);
}

static revue_status batch_with_room(struct accumulator *accumulator, struct batch **found, revue_error *error) {
    struct batch *last = accumulator->batch_count ? accumulator->batches[accumulator->batch_count - 1] : NULL;
    if (last && !last->is_submitted && last->count < BATCH_REVIEWS && last->text_bytes < accumulator->options.batch_bytes) {
        *found = last;
        return REVUE_OK;
    }
    if (last && !last->is_submitted) TRY(submit_last(accumulator, error));
    return new_batch(accumulator, found, error);
}

static bool copy_view(struct arena *arena, struct view *view) {
    if (view->size == 0) {
        *view = view_of(NULL, 0);
        return true;
    }
    char *copy = arena_copy(arena, view->data, view->size);
    if (copy) *view = view_of(copy, view->size);
    return copy != NULL;
}

static bool copy_values(struct arena *arena, struct pending_values *values) {
    if (values->tag_count) {
        uint32_t *tags = arena_alloc_array(arena, values->tag_count, sizeof *tags);
        if (!tags) return false;
        memcpy(tags, values->tags, values->tag_count * sizeof *tags);
        values->tags = tags;
    }
    if (values->extra_count) {
        struct pending_extra *extras = arena_alloc_array(arena, values->extra_count, sizeof *extras);
        if (!extras) return false;
        memcpy(extras, values->extras, values->extra_count * sizeof *extras);
        values->extras = extras;
    }
    return true;
}

static bool copy_texts(struct batch *batch, const struct review *review, enum language language) {
    struct waiting_review *waiting = &batch->waiting->reviews[batch->count];
    waiting->language = language;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        waiting->text[field] = review->text[field];
        if (!copy_view(&batch->waiting->arena, &waiting->text[field])) return false;
    }
    return true;
}

/* The cost of a review: see accumulator.h. Bytes only; never what taking it in finds. */
static void add_cost(struct accumulator *accumulator, const struct review *review, struct view id) {
    accumulator->review_cost += REVIEW_COST + id.size + review->text[FIELD_PRODUCT].size +
                                review->tag_count * sizeof(uint32_t) + review->extra_count * sizeof(struct pending_extra);
    if (accumulator->options.keep_text) accumulator->review_cost += review->url.size;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        struct text_spans spans = text_spans_estimate(review->text[field]);
        bool is_stored = accumulator->options.keep_text && (field == FIELD_BODY || field == FIELD_TITLE);
        accumulator->text_cost += (spans.tokens + (is_stored ? spans.gaps : 0)) * LOG_COST;
    }
}

revue_status accumulator_add(struct accumulator *accumulator, const struct review *review, struct view id,
                             enum language language, uint64_t text_hash, const struct pending_values *values,
                             revue_error *error) {
    struct batch *batch = NULL;
    TRY(batch_with_room(accumulator, &batch, error));
    struct pending_review *pending = &batch->reviews[batch->count];
    *pending = (struct pending_review){
        .id = id, .product = review->text[FIELD_PRODUCT], .url = review->url, .text_hash = text_hash, .values = *values};
    if (!accumulator->options.keep_text) pending->url = view_of(NULL, 0);
    if (!copy_view(&batch->arena, &pending->id) || !copy_view(&batch->arena, &pending->product) ||
        !copy_view(&batch->arena, &pending->url) || !copy_values(&batch->arena, &pending->values) ||
        (batch->waiting && !copy_texts(batch, review, language)))
        return error_no_memory(error);
    if (!batch->waiting) TRY(take_in(accumulator, 0, review->text, language, pending, error));
    batch->count++;
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        batch->text_bytes += review->text[field].size;
    accumulator->review_count++;
    accumulator->text_bytes += review->text[FIELD_BODY].size + review->text[FIELD_TITLE].size;
    add_cost(accumulator, review, id);
    return REVUE_OK;
}

bool accumulator_is_full(const struct accumulator *accumulator) {
    double memory = (double)memory_left(accumulator);
    size_t foreseen = accumulator->review_cost + accumulator->text_cost, items;
    if (foreseen < LEAST_COST) return false;
    if ((double)foreseen >= memory * ACCUMULATOR_SHARE || accumulator->review_count >= COUNT_MAX ||
        accumulator->text_cost / LOG_COST >= COUNT_MAX)
        return true;
    size_t held = held_by_reviews(accumulator, &items);
    uint64_t placed = tokens_foreseen(accumulator); /* whoever helps: segments must not vary */
    held += items * LOG_COST + (items < placed ? items : placed) * TOKEN_COST;
    return (double)held >= memory;
}

static void settle_intakes(struct accumulator *accumulator) {
    for (unsigned i = 0; i < accumulator->worker_count; i++)
        if (accumulator->intakes[i].paragraphs) intake_settle(&accumulator->intakes[i]);
}

revue_status accumulator_finish(struct accumulator *accumulator, revue_error *error) {
    if (accumulator->batch_count && !accumulator->batches[accumulator->batch_count - 1]->is_submitted) {
        struct batch *last = accumulator->batches[accumulator->batch_count - 1];
        /* A short archive is not worth a thread. */
        if (last->waiting && accumulator->batch_count == 1) {
            TRY(take_in_batch(&last->task, 0, error));
            last->is_submitted = true;
            release_texts(last);
            accumulator->batches_done = 1;
            settle_intakes(accumulator);
            return REVUE_OK;
        }
        TRY(submit_last(accumulator, error));
    }
    TRY(wait_for_batches(accumulator, 0, error));
    settle_intakes(accumulator);
    free_spare_texts(accumulator); /* a flush needs the most memory, and no texts */
    return REVUE_OK;
}

void accumulator_list(const struct accumulator *accumulator, const struct pending_review **reviews) {
    for (size_t i = 0; i < accumulator->batch_count; i++)
        for (uint32_t j = 0; j < accumulator->batches[i]->count; j++)
            *reviews++ = &accumulator->batches[i]->reviews[j];
}
