/* merge_docs.c - the order of the merged reviews, as flush has it: by product bytewise, then by age.
 *
 * Every input is in that order, so this is a k-way merge, and the map of each input ascends: posting lists can be merged as
 * they are read. Keyword numbers are index-wide: reviews of one product in one input are told by an equal number, and only
 * the first one's bytes are looked up. */
#include "indexer/merge/merge_internal.h"

#include "indexer/base/memory.h"
#include "indexer/merge/merge_heap.h"

/* The product of an input's next live review. */
struct product_place {
    struct column_reader column;
    uint32_t doc;
    bool has_product;
    int64_t number;
    struct bytes scratch; /* of the view in the heap */
};
struct ordering {
    struct merge *merge;
    keywords *products;
    struct product_place *places; /* of each input */
    struct merge_heap heap;
};

static void pass_deleted(const struct merge_input *input, uint32_t *doc) {
    while (*doc < input->row.doc_count && deletes_has(&input->deletes, *doc))
        input->map[(*doc)++] = DOC_END;
}

static revue_status read_product(struct product_place *place, bool *has, int64_t *number, revue_error *error) {
    *number = 0;
    return column_reader_integer(&place->column, place->doc, has, number, error);
}

/* Puts the input into the heap under the product of its next live review, if it has one. */
static revue_status enter(struct ordering *ordering, uint32_t index, revue_error *error) {
    struct product_place *place = &ordering->places[index];
    const struct merge_input *input = &ordering->merge->inputs[index];
    struct view product = view_of(NULL, 0);
    pass_deleted(input, &place->doc);
    if (place->doc == input->row.doc_count) return REVUE_OK;
    TRY(read_product(place, &place->has_product, &place->number, error));
    if (place->has_product) {
        uint32_t number = place->number < 0 || place->number > UINT32_MAX ? UINT32_MAX : (uint32_t)place->number;
        TRY(keywords_value(ordering->products, number, &place->scratch, &product, error));
    }
    merge_heap_push(&ordering->heap, product, index);
    return REVUE_OK;
}

/* Takes all reviews that follow in the input and have the same product. */
static revue_status take_product(struct ordering *ordering, uint32_t index, revue_error *error) {
    struct merge *merge = ordering->merge;
    struct product_place *place = &ordering->places[index];
    const struct merge_input *input = &merge->inputs[index];
    for (;;) {
        merge->origin[merge->doc_count] = (uint16_t)index;
        input->map[place->doc++] = merge->doc_count++;
        pass_deleted(input, &place->doc);
        if (place->doc == input->row.doc_count) return REVUE_OK;
        bool has;
        int64_t number;
        TRY(read_product(place, &has, &number, error));
        if (has != place->has_product || number != place->number) return REVUE_OK;
    }
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

static revue_status order(struct ordering *ordering, revue_error *error) {
    struct merge *merge = ordering->merge;
    for (uint32_t i = 0; i < merge->input_count; i++) {
        column_reader_open(&ordering->places[i].column, merge->read, merge->inputs[i].row.number, COLUMN_OF_PRODUCT);
        TRY(enter(ordering, i, error));
    }
    while (ordering->heap.count > 0) {
        uint32_t index = merge_heap_pop(&ordering->heap);
        TRY(take_product(ordering, index, error));
        TRY(enter(ordering, index, error));
        TRY(merge_poll(merge, error));
    }
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
    struct ordering *ordering = memory_alloc_zeroed(1, sizeof *ordering);
    revue_status status;
    if (!ordering) return error_no_memory(error);
    ordering->merge = merge;
    ordering->places = memory_alloc_zeroed(merge->input_count, sizeof *ordering->places);
    TRY_DONE(ordering->places ? REVUE_OK : error_no_memory(error));
    TRY_DONE(allocate(merge, error));
    TRY_DONE(keywords_open(&ordering->products, merge->read, COLUMN_OF_PRODUCT, error));
    TRY_DONE(order(ordering, error));
    merge->meta.doc_count = merge->doc_count;
    for (uint32_t i = 0; i < merge->input_count; i++)
        for (unsigned field = 0; field < FIELD_COUNT; field++)
            TRY_DONE(total_lengths(merge, &merge->inputs[i], field, error));
done:
    for (uint32_t i = 0; ordering->places && i < merge->input_count; i++)
        bytes_free(&ordering->places[i].scratch);
    keywords_close(ordering->products);
    memory_free(ordering->places);
    memory_free(ordering);
    return status;
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
