/* update_repeats.c - equal records of a source, which have no ids of their own: the second one's id ends in ~2 and so on.
 * They are counted as they are met; of a source that is read on from where it ended, the index tells how many of them the
 * part before holds, since their ids are numbered without a gap.
 *
 * Nearly all records are met once: of these there is only a hash in a set, which may lie in a file. */
#include "indexer/base/memory.h"
#include "indexer/identity.h"
#include "indexer/update.h"

#include <string.h>

static bool grow(struct repeat_counts *repeats) {
    size_t size = repeats->slots ? (repeats->mask + 1) * 2 : 1024;
    struct repeat_slot *grown = memory_alloc_zeroed(size, sizeof *grown);
    if (!grown) return false;
    for (size_t i = 0; repeats->slots && i <= repeats->mask; i++) {
        if (!repeats->slots[i].count) continue;
        size_t at = (size_t)repeats->slots[i].hash & (size - 1);
        while (grown[at].count)
            at = (at + 1) & (size - 1);
        grown[at] = repeats->slots[i];
    }
    memory_free(repeats->slots);
    repeats->slots = grown;
    repeats->mask = size - 1;
    return true;
}

/* The slot of a record's hash, whose count is 0 when it is new; NULL when out of memory. */
static struct repeat_slot *find_slot(struct repeat_counts *repeats, uint64_t hash) {
    if ((!repeats->slots || repeats->used * 2 > repeats->mask) && !grow(repeats)) return NULL;
    size_t at = (size_t)hash & repeats->mask;
    while (repeats->slots[at].count && repeats->slots[at].hash != hash)
        at = (at + 1) & repeats->mask;
    repeats->slots[at].hash = hash;
    return &repeats->slots[at];
}

void repeat_counts_clear(struct repeat_counts *repeats) {
    id_set_clear(&repeats->met);
    if (repeats->used) memset(repeats->slots, 0, (repeats->mask + 1) * sizeof *repeats->slots);
    repeats->used = 0;
}

void repeat_counts_free(struct repeat_counts *repeats) {
    id_set_free(&repeats->met);
    memory_free(repeats->slots);
}

size_t repeat_counts_memory(const struct repeat_counts *repeats) {
    return id_set_memory(&repeats->met) + (repeats->slots ? (repeats->mask + 1) * sizeof *repeats->slots : 0);
}

/* ---- what the part before holds ---- */

/* The id was given: its review lives, or was deleted by hand, or stands behind another one. */
static revue_status was_given(struct update_run *run, const struct review *review, uint32_t repeat, bool *given,
                              revue_error *error) {
    struct review_location location;
    identity_of_record(bytes_view(&run->name), review, repeat, &run->id);
    if (run->id.failed) return error_no_memory(error);
    revue_status status = writer_find(&run->writer, bytes_view(&run->id), &location, error);
    *given = status == REVUE_OK;
    if (status != REVUE_NO_MATCH) return status;
    TRY(update_is_blocked(run, bytes_view(&run->id), given, error));
    return *given ? REVUE_OK : shadow_is_known(run, bytes_view(&run->id), run->source.row.number, given, error);
}

/* The largest number given, 0 when none was: by doubling, then by halves. */
static revue_status count_before(struct update_run *run, const struct review *review, uint32_t *count, revue_error *error) {
    uint32_t given = 0, free_number = 1;
    bool is_given;
    for (;;) {
        TRY(was_given(run, review, free_number, &is_given, error));
        if (!is_given || free_number > UINT32_MAX / 4) break;
        given = free_number;
        free_number *= 2;
    }
    while (free_number - given > 1) {
        uint32_t middle = given + (free_number - given) / 2;
        TRY(was_given(run, review, middle, &is_given, error));
        *(is_given ? &given : &free_number) = middle;
    }
    *count = given;
    return REVUE_OK;
}

/* *count: how many like it came before it, becomes its own number. Only those behind a first one have a slot. */
static bool count_one_more(struct repeat_counts *repeats, uint64_t hash, uint32_t *count) {
    if (*count == 0) {
        *count = 1;
        return true;
    }
    struct repeat_slot *slot = find_slot(repeats, hash);
    if (!slot) return false;
    if (slot->count == 0) {
        slot->count = *count;
        repeats->used++;
    }
    *count = ++slot->count;
    return true;
}

revue_status repeat_count(struct update_run *run, const struct review *review, uint32_t *count, revue_error *error) {
    uint64_t hash = identity_record_hash(review);
    bool was_met;
    if (!id_set_add_hash(&run->repeats.met, hash, &was_met)) return error_no_memory(error);
    uint32_t before = was_met;
    if (!was_met && run->source_is_resumed) TRY(count_before(run, review, &before, error));
    if (!count_one_more(&run->repeats, hash, &before)) return error_no_memory(error);
    *count = before;
    return REVUE_OK;
}
