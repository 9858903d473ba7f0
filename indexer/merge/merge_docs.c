/* merge_docs.c - the order of the merged reviews, as flush has it: by class of length, then by age.
 *
 * Every input is in that order, so the classes are taken one after the other, of each what the inputs have, the oldest
 * first; and the map of each input ascends: posting lists can be merged as they are read. */
#include "indexer/merge/merge_internal.h"

#include "indexer/base/memory.h"

#define DOCS_BETWEEN_POLLS 64u

/* An input's next live review. */
struct next_review {
    struct lengths_reader lengths;
    uint32_t doc;
    unsigned class;
};

/* Passes over what was deleted; class is LENGTH_CLASSES at the end. */
static revue_status settle(const struct merge_input *input, struct next_review *next, revue_error *error) {
    uint32_t length;
    next->class = LENGTH_CLASSES;
    while (next->doc < input->row.doc_count && deletes_has(&input->deletes, next->doc))
        input->map[next->doc++] = DOC_END;
    if (next->doc == input->row.doc_count) return REVUE_OK;
    TRY(lengths_get(&next->lengths, next->doc, &length, error));
    next->class = length_class(length);
    return REVUE_OK;
}

/* Takes the reviews up to the first of another class; one of a smaller class, which no flush leaves here, goes with them.
 */
static revue_status take_class(struct merge *merge, uint32_t index, struct next_review *next, unsigned class,
                               revue_error *error) {
    const struct merge_input *input = &merge->inputs[index];
    while (next->class <= class) {
        merge->origin[merge->doc_count] = (uint16_t)index;
        input->map[next->doc++] = merge->doc_count++;
        TRY(settle(input, next, error));
        if (next->doc % DOCS_BETWEEN_POLLS == 0) TRY(merge_poll(merge, error));
    }
    return REVUE_OK;
}

static revue_status allocate(struct merge *merge, revue_error *error) {
    uint64_t live = 0;
    for (uint32_t i = 0; i < merge->input_count; i++) {
        struct merge_input *input = &merge->inputs[i];
        input->map = memory_alloc_array(input->row.doc_count, sizeof *input->map);
        if (!input->map) return error_no_memory(error);
        live += input->row.doc_count - input->deletes.deleted;
    }
    if (live >= DOC_END) return error_set(error, REVUE_BUG, "a merge of %llu reviews", (unsigned long long)live);
    merge->origin = memory_alloc_array((size_t)live, sizeof *merge->origin);
    return merge->origin ? REVUE_OK : error_no_memory(error);
}

static revue_status order(struct merge *merge, struct next_review *next, revue_error *error) {
    for (uint32_t i = 0; i < merge->input_count; i++) {
        next[i].lengths = segment_lengths(merge->inputs[i].segment, FIELD_BODY);
        TRY(settle(&merge->inputs[i], &next[i], error));
    }
    for (unsigned class = 0; class < LENGTH_CLASSES; class ++)
        for (uint32_t i = 0; i < merge->input_count; i++)
            TRY(take_class(merge, i, &next[i], class, error));
    return REVUE_OK;
}

/* Lengths of live reviews are what averages are made of. */
static revue_status total_lengths(struct merge *merge, struct merge_input *input, unsigned field, revue_error *error) {
    struct lengths_reader lengths = segment_lengths(input->segment, field);
    struct segment_field *total = &merge->meta.fields[field];
    for (uint32_t doc = 0; doc < input->row.doc_count; doc++) {
        uint32_t length;
        if (input->map[doc] == DOC_END) continue;
        TRY(lengths_get(&lengths, doc, &length, error));
        total->total_length += length;
        total->docs_with_field += length > 0;
        merge->meta.token_count += length;
    }
    return REVUE_OK;
}

revue_status merge_docs(struct merge *merge, revue_error *error) {
    struct next_review *next = memory_alloc_zeroed(merge->input_count, sizeof *next);
    revue_status status = next ? allocate(merge, error) : error_no_memory(error);
    if (status == REVUE_OK) status = order(merge, next, error);
    memory_free(next);
    TRY(status);
    merge->meta.doc_count = merge->doc_count;
    for (uint32_t i = 0; i < merge->input_count; i++)
        for (unsigned field = 0; field < FIELD_COUNT; field++)
            TRY(total_lengths(merge, &merge->inputs[i], field, error));
    return REVUE_OK;
}

void merge_walk_start(struct merge_walk *walk, const struct merge *merge) {
    walk->merge = merge;
    walk->next = 0;
    memset(walk->at, 0, sizeof walk->at);
}

bool merge_walk_next(struct merge_walk *walk, struct merge_input **input, uint32_t *doc) {
    if (walk->next == walk->merge->doc_count) return false;
    uint32_t index = walk->merge->origin[walk->next++];
    struct merge_input *from = &walk->merge->inputs[index];
    while (from->map[walk->at[index]] == DOC_END)
        walk->at[index]++;
    *input = from;
    *doc = walk->at[index]++;
    return true;
}
