/* form_stem.c - see form_stem.h. */
#include "query/suggest/form_stem.h"

revue_status form_stem_find(revue_searcher *searcher, struct view form, struct arena *arena, struct view *stem,
                            revue_error *error) {
    *stem = view_of(NULL, 0);
    for (uint32_t i = 0; i < searcher->segment_count; i++) {
        forms_reader *forms;
        struct form_entry entry;
        TRY(segment_forms(searcher->segments[i].segment, &forms, error));
        revue_status status = forms_reader_find(forms, form, &entry, error);
        if (status == REVUE_NO_MATCH) continue;
        TRY(status);
        *stem = view_of(arena_copy(arena, entry.pairs[0].stem.data, entry.pairs[0].stem.size), entry.pairs[0].stem.size);
        return stem->data ? REVUE_OK : error_no_memory(error);
    }
    return REVUE_OK;
}
