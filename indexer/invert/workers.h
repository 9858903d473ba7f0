/* workers.h - a few threads that take tasks from one queue, and a caller that helps them instead of waiting.
 *
 * Threads start when there is work that nobody has taken yet, one at a time up to the number allowed; with one thread none
 * is ever started and a task runs where it is submitted. When the system refuses a thread, those that run do its share.
 * Workers have all signals blocked: a signal interrupts the program's own threads only. */
#ifndef REVUE_INVERT_WORKERS_H
#define REVUE_INVERT_WORKERS_H

#include "indexer/base/error.h"

/* Embedded in what it works on. run, and all it touches, belong to one thread from submit to wait. */
struct task {
    /* worker: below the number of threads; no two tasks run under one number at the same time. */
    revue_status (*run)(struct task *task, unsigned worker, revue_error *error);
    /* ---- of workers.c ---- */
    struct task *next;
    bool is_done;
    revue_status status;
    revue_error error;
};

/* How many threads should work beside the caller's when so many were asked for; 0: one for each processor. Where there is
 * but one processor a single thread beside would only wait for the caller: then none. */
unsigned workers_to_use(unsigned asked);

typedef struct workers workers;
/* threads: 1 or more, the caller counted. */
revue_status workers_create(workers **created, unsigned threads, revue_error *error);
/* Every task that was submitted must have been waited for. NULL is fine. */
void workers_free(workers *pool);
unsigned workers_threads(const workers *pool);

/* Queues the task. One caller submits and waits: the thread that made the pool. */
void workers_submit(workers *pool, struct task *task);
/* Returns when the task is done, running queued ones meanwhile, with the task's status and error. */
revue_status workers_wait(workers *pool, struct task *task, revue_error *error);
/* The same, but leaves the work to the threads, when any was started. */
revue_status workers_leave(workers *pool, struct task *task, revue_error *error);

#endif
