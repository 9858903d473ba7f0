/* workers.c - see workers.h. One mutex, one queue: tasks last for milliseconds, so that nothing finer would pay. */
#include "indexer/invert/workers.h"

#include "indexer/base/memory.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#define THREADS_MAX 256u

struct worker {
    workers *pool;
    unsigned number; /* from 1: the caller is 0 */
    pthread_t thread;
};

struct workers {
    pthread_mutex_t mutex; /* guards what follows, and the last part of every task */
    pthread_cond_t has_work, has_result;
    struct task *first, **last;
    size_t queued;
    unsigned idle;
    bool is_ending;
    unsigned threads, started; /* the caller counted */
    struct worker worker[];
};

/* Those this process may run on. */
static unsigned processors(void) {
    cpu_set_t usable;
    if (sched_getaffinity(0, sizeof usable, &usable) == 0) return (unsigned)CPU_COUNT(&usable);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online < 1 ? 1 : (unsigned)online;
}

unsigned workers_to_use(unsigned asked) {
    unsigned usable = processors(), threads = asked ? asked : usable;
    if (threads <= 1 && usable <= 1) return 0;
    return threads < THREADS_MAX ? threads : THREADS_MAX;
}

revue_status workers_create(workers **created, unsigned threads, revue_error *error) {
    workers *pool = memory_alloc_zeroed(1, sizeof *pool + threads * sizeof *pool->worker);
    if (!pool) return error_no_memory(error);
    (void)pthread_mutex_init(&pool->mutex, NULL);
    (void)pthread_cond_init(&pool->has_work, NULL);
    (void)pthread_cond_init(&pool->has_result, NULL);
    pool->last = &pool->first;
    pool->threads = threads;
    pool->started = 1;
    *created = pool;
    return REVUE_OK;
}

unsigned workers_threads(const workers *pool) {
    return pool->threads;
}

/* The mutex is held. */
static struct task *take(workers *pool) {
    struct task *task = pool->first;
    pool->first = task->next;
    if (!pool->first) pool->last = &pool->first;
    pool->queued--;
    return task;
}

/* The mutex is held before and after, not meanwhile. */
static void run_one(workers *pool, unsigned number) {
    struct task *task = take(pool);
    (void)pthread_mutex_unlock(&pool->mutex);
    revue_status status = task->run(task, number, &task->error);
    (void)pthread_mutex_lock(&pool->mutex);
    task->status = status;
    task->is_done = true;
    (void)pthread_cond_signal(&pool->has_result);
}

static void *work(void *context) {
    struct worker *self = context;
    workers *pool = self->pool;
    (void)pthread_mutex_lock(&pool->mutex);
    for (;;) {
        while (!pool->first && !pool->is_ending) {
            pool->idle++;
            (void)pthread_cond_wait(&pool->has_work, &pool->mutex);
            pool->idle--;
        }
        if (!pool->first) break;
        run_one(pool, self->number);
    }
    (void)pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

/* A thread inherits the signals blocked where it is made. The mutex is held. */
static void start_thread(workers *pool) {
    struct worker *worker = &pool->worker[pool->started];
    sigset_t all, before;
    *worker = (struct worker){.pool = pool, .number = pool->started};
    (void)sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0) return;
    if (pthread_create(&worker->thread, NULL, work, worker) == 0)
        pool->started++;
    else
        pool->threads = pool->started; /* no more are to be had */
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void workers_submit(workers *pool, struct task *task) {
    task->next = NULL;
    task->is_done = false;
    (void)pthread_mutex_lock(&pool->mutex);
    *pool->last = task;
    pool->last = &task->next;
    pool->queued++;
    if (pool->threads == 1)
        run_one(pool, 0);
    else if (pool->idle >= pool->queued)
        (void)pthread_cond_signal(&pool->has_work);
    else if (pool->started < pool->threads)
        start_thread(pool);
    (void)pthread_mutex_unlock(&pool->mutex);
}

revue_status workers_leave(workers *pool, struct task *task, revue_error *error) {
    (void)pthread_mutex_lock(&pool->mutex);
    bool is_helped = pool->started > 1;
    while (is_helped && !task->is_done)
        (void)pthread_cond_wait(&pool->has_result, &pool->mutex);
    (void)pthread_mutex_unlock(&pool->mutex);
    return workers_wait(pool, task, error);
}

revue_status workers_wait(workers *pool, struct task *task, revue_error *error) {
    (void)pthread_mutex_lock(&pool->mutex);
    while (!task->is_done) {
        if (pool->first)
            run_one(pool, 0);
        else
            (void)pthread_cond_wait(&pool->has_result, &pool->mutex);
    }
    (void)pthread_mutex_unlock(&pool->mutex);
    if (task->status != REVUE_OK && error) *error = task->error;
    return task->status;
}

void workers_free(workers *pool) {
    if (!pool) return;
    (void)pthread_mutex_lock(&pool->mutex);
    pool->is_ending = true;
    (void)pthread_cond_broadcast(&pool->has_work);
    (void)pthread_mutex_unlock(&pool->mutex);
    for (unsigned i = 1; i < pool->started; i++)
        (void)pthread_join(pool->worker[i].thread, NULL);
    (void)pthread_cond_destroy(&pool->has_work);
    (void)pthread_cond_destroy(&pool->has_result);
    (void)pthread_mutex_destroy(&pool->mutex);
    memory_free(pool);
}
