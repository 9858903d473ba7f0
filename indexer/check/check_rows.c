/* check_rows.c - rows of sources, blocks and shadows (FORMAT.md, 2 and 11). */
#include "indexer/check/check.h"

#include "indexer/base/memory.h"
#include "indexer/format/ids.h"
#include "indexer/remembered_roots.h"

#include <stdlib.h>

#define PATH_MAX_IN_KEY (480u + 16u) /* cut, and its hash behind it */
#define ALL_STATES (SOURCE_PARTLY_FAILED | SOURCE_CONTAINER | SOURCE_BESIDE | SOURCE_BLOCKED | SOURCE_DUE)

static void wrong_row(struct check *check, enum store_table table, struct view key, const char *what) {
    char place[128];
    store_describe_key(table, key, place);
    check_fault(check, "%s: %s", place, what);
    check->has_bad_records[table] = true;
}

/* ---- sources ---- */

static uint32_t count_roots(const struct check *check) {
    uint32_t count = 0;
    for (size_t i = 0; i < check->settings.count; i++)
        count += remembered_root_is(&check->settings.rows[i]);
    return count;
}

static const char *wrong_source(const struct check *check, struct view key, const struct source_row *row) {
    uint32_t root = (uint32_t)(uint8_t)key.data[0] << 8 | (uint8_t)key.data[1];
    if (root >= count_roots(check)) return "the settings have no such root";
    if (row->number == 0 || row->number >= check->manifest.next_source) return "its number was never given";
    if (row->run > check->manifest.last_run) return "it was read in a run that has not been";
    if (row->state > ALL_STATES) return "it is in a state that there is not";
    if (check->has_schema && row->schema_version > check->schema.version)
        return "it was read under a later version of the schema";
    return NULL;
}

revue_status check_source_record(struct check *check, void *context, struct view key, struct view value, bool is_sound,
                                 revue_error *error) {
    struct source_row row;
    (void)context;
    if (!is_sound || !check->has_manifest) return REVUE_OK;
    if (key.size < 2 || key.size > 2 + PATH_MAX_IN_KEY) {
        wrong_row(check, TABLE_SOURCES, key, "its key has not the shape of the table");
        return REVUE_OK;
    }
    if (source_row_decode(value, &row, error) != REVUE_OK) {
        wrong_row(check, TABLE_SOURCES, key, error->message);
        return REVUE_OK;
    }
    const char *wrong = wrong_source(check, key, &row);
    if (wrong) wrong_row(check, TABLE_SOURCES, key, wrong);
    if (!MEMORY_RESERVE(check->sources, check->source_capacity, check->source_count + 1)) return error_no_memory(error);
    check->sources[check->source_count++] =
        (struct check_source){.number = row.number, .reviews = row.reviews, .state = row.state};
    return REVUE_OK;
}

static int compare_sources(const void *left, const void *right) {
    const struct check_source *a = left, *b = right;
    return a->number < b->number ? -1 : a->number > b->number;
}

void check_sort_sources(struct check *check) {
    if (check->source_count == 0) return;
    qsort(check->sources, check->source_count, sizeof *check->sources, compare_sources);
    for (size_t i = 1; i < check->source_count && !check->rows_wait; i++)
        if (check->sources[i].number == check->sources[i - 1].number)
            check_fault(check, "sources: two rows have the number %u", check->sources[i].number);
}

struct check_source *check_find_source(struct check *check, int64_t number) {
    struct check_source sought = {.number = (uint32_t)number};
    if (number < 0 || number > UINT32_MAX || check->source_count == 0) return NULL;
    return bsearch(&sought, check->sources, check->source_count, sizeof sought, compare_sources);
}

/* A review deleted by its id leaves a shadow, and stays in the count of its source until that is read again. A source that
 * was read in part keeps reviews which its row does not count. */
void check_source_counts(struct check *check) {
    for (size_t i = 0; i < check->source_count; i++) {
        const struct check_source *source = &check->sources[i];
        bool is_over = source->live > source->reviews, is_under = source->live + source->shadows < source->reviews;
        if (source->state & SOURCE_PARTLY_FAILED || !(is_over || is_under)) continue;
        check_fault(check, "sources: the row of source %u counts %u reviews, %llu live ones name it", source->number,
                    source->reviews, (unsigned long long)source->live);
    }
}

/* ---- blocks and shadows ---- */

revue_status check_block_record(struct check *check, void *context, struct view key, struct view value, bool is_sound,
                                revue_error *error) {
    (void)context, (void)value, (void)is_sound, (void)error;
    char kind = key.size > 0 ? key.data[0] : '\0';
    size_t most = kind == 'i' ? ID_MAX : kind == 's' ? PATH_MAX_IN_KEY : 0;
    if (key.size < 2 || key.size - 1 > most) wrong_row(check, TABLE_BLOCKS, key, "its key has not the shape of the table");
    return REVUE_OK;
}

revue_status check_shadow_record(struct check *check, void *context, struct view key, struct view value, bool is_sound,
                                 revue_error *error) {
    (void)context, (void)value, (void)is_sound, (void)error;
    const size_t behind_id = 1 + 4; /* a zero byte, the source */
    if (key.size < 1 + behind_id || key.size > ID_MAX + behind_id || key.data[key.size - behind_id] != '\0') {
        wrong_row(check, TABLE_SHADOWS, key, "its key has not the shape of the table");
    } else if (check->has_manifest) {
        uint32_t source = load_be32(key.data + key.size - 4);
        struct check_source *row = check_find_source(check, source);
        if (row) row->shadows++;
        if (source == 0 || source >= check->manifest.next_source)
            wrong_row(check, TABLE_SHADOWS, key, "its source was never given a number");
    }
    return REVUE_OK;
}
