/* update_marks.c - what a run knows of the sources of the index, by their numbers: an array, since numbers are dense. */
#include "indexer/base/memory.h"
#include "indexer/update.h"

#include <string.h>

struct source_state *source_state(struct update_run *run, uint32_t number) {
    return number < run->source_capacity ? &run->sources[number] : NULL;
}

enum source_mark source_mark(const struct update_run *run, uint32_t number) {
    return number < run->source_capacity ? (enum source_mark)run->sources[number].mark : MARK_UNKNOWN;
}

bool source_is_kept(const struct update_run *run, uint32_t number) {
    enum source_mark mark = source_mark(run, number);
    return mark == MARK_KEEP || mark == MARK_DUE;
}

bool source_is_read(const struct update_run *run, uint32_t number) {
    enum source_mark mark = source_mark(run, number);
    return mark == MARK_READ || mark == MARK_GONE;
}

revue_status source_set_mark(struct update_run *run, uint32_t number, enum source_mark mark, revue_error *error) {
    size_t old_capacity = run->source_capacity;
    if (!MEMORY_RESERVE(run->sources, run->source_capacity, (size_t)number + 1)) return error_no_memory(error);
    if (run->source_capacity > old_capacity)
        memset(run->sources + old_capacity, 0, (run->source_capacity - old_capacity) * sizeof *run->sources);
    run->sources[number].mark = (uint8_t)mark;
    run->sources[number].place = run->place;
    return REVUE_OK;
}

void source_note_missing(struct update_run *run, uint32_t number) {
    run->sources[number].may_miss = true;
    run->any_may_miss = true;
}

bool source_may_miss(const struct update_run *run, uint32_t number) {
    return source_is_read(run, number) && run->sources[number].may_miss;
}
