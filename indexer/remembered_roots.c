/* remembered_roots.c - see remembered_roots.h. */
#include "indexer/remembered_roots.h"

#include "indexer/base/memory.h"

#include <string.h>

bool remembered_root_is(const struct setting *row) {
    return strcmp(row->name, SETTING_ROOT) == 0 || strcmp(row->name, SETTING_FORGOTTEN_ROOT) == 0;
}

bool remembered_root_find(const struct settings *settings, struct view path, uint16_t *place) {
    uint16_t at = 0;
    for (size_t i = 0; i < settings->count; i++) {
        const struct setting *row = &settings->rows[i];
        if (!remembered_root_is(row)) continue;
        if (strcmp(row->name, SETTING_ROOT) == 0 && view_equal(view_of_string(row->value), path)) {
            *place = at;
            return true;
        }
        at++;
    }
    return false;
}

revue_status remembered_root_rename(struct settings *settings, size_t place, const char *name, revue_error *error) {
    for (size_t i = 0; i < settings->count; i++) {
        if (!remembered_root_is(&settings->rows[i]) || place-- > 0) continue;
        char *copy = memory_copy_string(name);
        if (!copy) return error_no_memory(error);
        memory_free(settings->rows[i].name);
        settings->rows[i].name = copy;
        return REVUE_OK;
    }
    return error_set(error, REVUE_BUG, "a root without a place among the settings");
}
