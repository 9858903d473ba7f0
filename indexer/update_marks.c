/* update_marks.c - what a run knows of the sources of the index, by their numbers, which are dense. */
#include "indexer/update.h"

struct source_state *source_state(struct update_run *run, uint32_t number) {
    return paged_array_find(&run->sources, number);
}

enum source_mark source_mark(const struct update_run *run, uint32_t number) {
    const struct source_state *state = paged_array_find(&run->sources, number);
    return state ? (enum source_mark)state->mark : MARK_UNKNOWN;
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
    struct source_state *state = paged_array_make(&run->sources, number, sizeof *state);
    if (!state) return error_no_memory(error);
    state->mark = (uint8_t)mark;
    state->place = run->place;
    return REVUE_OK;
}

size_t source_count_waiting(const struct update_run *run) {
    size_t count = 0;
    for (size_t page = 0; page < run->sources.page_capacity; page++) {
        const struct source_state *states = run->sources.pages[page];
        for (unsigned i = 0; states && i < PAGED_ARRAY_PAGE; i++)
            count += states[i].lost > 0 || states[i].mark == MARK_DUE;
    }
    return count;
}

void source_note_missing(struct update_run *run, uint32_t number) {
    source_state(run, number)->may_miss = true;
    run->any_may_miss = true;
}

bool source_may_miss(const struct update_run *run, uint32_t number) {
    const struct source_state *state = paged_array_find(&run->sources, number);
    return source_is_read(run, number) && state->may_miss;
}
