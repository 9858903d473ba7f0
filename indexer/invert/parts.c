/* parts.c - see parts.h. */
#include "indexer/invert/parts.h"

#include "indexer/base/memory.h"

struct part_task {
    struct task task;
    const struct parts *parts;
    uint32_t part;
    unsigned slot;
};

unsigned parts_slots(const workers *pool) {
    unsigned threads = workers_threads(pool);
    return threads > 1 ? threads + 1 : 1;
}

static revue_status make_part(struct task *task, unsigned worker, revue_error *error) {
    struct part_task *self = (struct part_task *)(void *)task;
    return self->parts->make(self->parts->context, self->part, self->slot, worker, error);
}

/* Waits for those that were submitted and not used. */
static void abandon(workers *pool, struct part_task *tasks, unsigned slots, uint32_t used, uint32_t submitted) {
    for (; used < submitted; used++)
        (void)workers_wait(pool, &tasks[used % slots].task, NULL);
}

revue_status parts_run(workers *pool, const struct parts *parts, revue_error *error) {
    unsigned slots = parts->slots;
    struct part_task *tasks = memory_alloc_zeroed(slots, sizeof *tasks);
    if (!tasks) return error_no_memory(error);
    revue_status status = REVUE_OK;
    uint32_t submitted = 0;
    for (uint32_t part = 0; part < parts->count && status == REVUE_OK; part++) {
        for (; submitted < parts->count && submitted < part + slots; submitted++) {
            struct part_task *task = &tasks[submitted % slots];
            task->task.run = make_part;
            task->parts = parts;
            task->part = submitted;
            task->slot = submitted % slots;
            workers_submit(pool, &task->task);
        }
        status = workers_wait(pool, &tasks[part % slots].task, error);
        if (status == REVUE_OK) status = parts->use(parts->context, part, part % slots, error);
        if (status != REVUE_OK) abandon(pool, tasks, slots, part + 1, submitted);
    }
    memory_free(tasks);
    return status;
}
