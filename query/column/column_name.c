/* column_name.c - see column_name.h. */
#include "query/column/column_name.h"

#include <string.h>

static revue_status unknown(const revue_searcher *searcher, const char *option, struct view name, revue_error *error) {
    const struct schema *schema = &searcher->schema;
    struct bytes names = {0};
    for (uint32_t i = 0; i < schema->count; i++) {
        if (schema->columns[i].is_internal) continue;
        bytes_append_format(&names, "%s%s", names.size > 0 ? ", " : "", schema->columns[i].name);
    }
    revue_status status = names.failed
                              ? error_no_memory(error)
                              : error_set(error, REVUE_USAGE, "%s: there is no column %.*s; there are %.*s", option,
                                          (int)(name.size < 64 ? name.size : 64), name.size > 0 ? name.data : "",
                                          (int)names.size, names.size > 0 ? (const char *)names.data : "none");
    bytes_free(&names);
    return status;
}

revue_status column_by_name(const revue_searcher *searcher, const char *option, struct view name,
                            const struct schema_column **column, revue_error *error) {
    const struct schema_column *found = schema_find(&searcher->schema, name);
    if (!found || found->is_internal) return unknown(searcher, option, name, error);
    *column = found;
    return REVUE_OK;
}

struct view column_next_part(struct view *list, char separator) {
    const char *end = list->size > 0 ? memchr(list->data, separator, list->size) : NULL;
    struct view part = *list;
    if (end) part.size = (size_t)(end - list->data);
    size_t taken = part.size + (end ? 1 : 0);
    *list = view_of(list->data + taken, list->size - taken);
    return part;
}
