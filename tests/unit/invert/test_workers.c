/* test_workers.c - tasks run once each, under a number of their own, whoever runs them; failures come back with theirs. */
#include "indexer/invert/workers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define TASKS 500u
#define THREADS_MAX 8u

struct counted {
    struct task task;
    unsigned runs, number;
};
static atomic_uint busy[THREADS_MAX]; /* by worker: more than 1 would be two tasks at once */
static atomic_uint overlaps, bad_numbers, threads_now;

static revue_status count_run(struct task *task, unsigned worker, revue_error *error) {
    struct counted *counted = (struct counted *)(void *)task;
    if (worker >= atomic_load(&threads_now)) atomic_fetch_add(&bad_numbers, 1);
    if (atomic_fetch_add(&busy[worker % THREADS_MAX], 1) != 0) atomic_fetch_add(&overlaps, 1);
    counted->runs++;
    atomic_fetch_sub(&busy[worker % THREADS_MAX], 1);
    return counted->number % 7 == 3 ? error_set(error, REVUE_IO, "task %u", counted->number) : REVUE_OK;
}

static void run_with(unsigned threads) {
    static struct counted tasks[TASKS];
    workers *pool;
    revue_error error;
    atomic_store(&threads_now, threads);
    assert_int_equal(workers_create(&pool, threads, &error), REVUE_OK);
    assert_int_equal(workers_threads(pool), threads);
    for (unsigned i = 0; i < TASKS; i++) {
        tasks[i] = (struct counted){.task.run = count_run, .number = i};
        workers_submit(pool, &tasks[i].task);
        if (i % 5 == 0) (void)workers_leave(pool, &tasks[i / 2].task, NULL);
    }
    for (unsigned i = 0; i < TASKS; i++) {
        char expected[32];
        (void)snprintf(expected, sizeof expected, "task %u", i);
        revue_status status = workers_wait(pool, &tasks[i].task, &error);
        assert_int_equal(status, i % 7 == 3 ? REVUE_IO : REVUE_OK);
        if (status != REVUE_OK) assert_string_equal(error.message, expected);
        assert_int_equal(tasks[i].runs, 1);
        assert_int_equal(workers_wait(pool, &tasks[i].task, NULL), status);
    }
    workers_free(pool);
}

static void every_task_runs_once(void **state) {
    (void)state;
    for (unsigned threads = 1; threads <= THREADS_MAX; threads++)
        run_with(threads);
    assert_int_equal(atomic_load(&overlaps), 0);
    assert_int_equal(atomic_load(&bad_numbers), 0);
}

/* With one thread a task is done when it is submitted: nothing runs beside the caller. */
static void one_thread_runs_at_once(void **state) {
    (void)state;
    workers *pool;
    revue_error error;
    struct counted counted = {.task.run = count_run, .number = 1};
    atomic_store(&threads_now, 1);
    assert_int_equal(workers_create(&pool, 1, &error), REVUE_OK);
    workers_submit(pool, &counted.task);
    assert_int_equal(counted.runs, 1);
    assert_int_equal(workers_wait(pool, &counted.task, &error), REVUE_OK);
    workers_free(pool);
    workers_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_once),
        cmocka_unit_test(one_thread_runs_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
