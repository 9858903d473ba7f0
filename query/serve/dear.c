/* dear.c - see dear.h: a bounded queue, first come first served. */
#include "query/serve/dear.h"

#include "indexer/base/error.h"
#include "indexer/base/memory.h"

#include <pthread.h>

struct dear {
    pthread_mutex_t mutex;
    pthread_cond_t has_work;
    struct exchange *first, **end;
    size_t waiting, room;
    bool is_stopping;
    void (*work)(struct exchange *exchange);
    pthread_t *threads;
    size_t thread_count;
};

/* NULL: the end. */
static struct exchange *take(struct dear *dear) {
    (void)pthread_mutex_lock(&dear->mutex);
    while (!dear->first && !dear->is_stopping)
        (void)pthread_cond_wait(&dear->has_work, &dear->mutex);
    struct exchange *taken = dear->first;
    if (taken) {
        dear->first = taken->next;
        if (!dear->first) dear->end = &dear->first;
        dear->waiting--;
        taken->next = NULL;
    }
    (void)pthread_mutex_unlock(&dear->mutex);
    return taken;
}

static void *run(void *context) {
    struct dear *dear = context;
    struct exchange *exchange;
    while ((exchange = take(dear)))
        dear->work(exchange);
    return NULL;
}

revue_status dear_start(struct dear **started, size_t threads, size_t room, void (*work)(struct exchange *exchange),
                        revue_error *error) {
    struct dear *dear = memory_alloc_zeroed(1, sizeof *dear);
    if (!dear) return error_no_memory(error);
    (void)pthread_mutex_init(&dear->mutex, NULL);
    (void)pthread_cond_init(&dear->has_work, NULL);
    dear->end = &dear->first;
    dear->room = room;
    dear->work = work;
    dear->threads = memory_alloc_array(threads, sizeof *dear->threads);
    revue_status status = dear->threads ? REVUE_OK : error_no_memory(error);
    while (status == REVUE_OK && dear->thread_count < threads) {
        if (pthread_create(&dear->threads[dear->thread_count], NULL, run, dear) == 0)
            dear->thread_count++;
        else
            status = error_set(error, REVUE_NO_MEMORY, "no more threads can be had: lower --workers");
    }
    if (status == REVUE_OK)
        *started = dear;
    else
        dear_free(dear);
    return status;
}

bool dear_offer(struct dear *dear, struct exchange *exchange) {
    (void)pthread_mutex_lock(&dear->mutex);
    const bool is_taken = dear->waiting < dear->room && !dear->is_stopping;
    if (is_taken) {
        exchange->next = NULL;
        *dear->end = exchange;
        dear->end = &exchange->next;
        dear->waiting++;
        (void)pthread_cond_signal(&dear->has_work);
    }
    (void)pthread_mutex_unlock(&dear->mutex);
    return is_taken;
}

size_t dear_waiting(struct dear *dear) {
    (void)pthread_mutex_lock(&dear->mutex);
    const size_t waiting = dear->waiting;
    (void)pthread_mutex_unlock(&dear->mutex);
    return waiting;
}

void dear_stop(struct dear *dear) {
    (void)pthread_mutex_lock(&dear->mutex);
    dear->is_stopping = true;
    (void)pthread_cond_broadcast(&dear->has_work);
    (void)pthread_mutex_unlock(&dear->mutex);
    for (size_t i = 0; i < dear->thread_count; i++)
        (void)pthread_join(dear->threads[i], NULL);
    dear->thread_count = 0;
}

void dear_free(struct dear *dear) {
    if (!dear) return;
    dear_stop(dear);
    memory_free(dear->threads);
    (void)pthread_cond_destroy(&dear->has_work);
    (void)pthread_mutex_destroy(&dear->mutex);
    memory_free(dear);
}
