/* merge_postings.c - posting lists of one stem from several inputs: counted, and merged into new lists.
 *
 * Maps ascend, so each input's list is read once, block by block, and the lists are merged by the review they come to.
 * Gaps, masks and blocks change, so everything is decoded and goes through the postings writer again; what a posting says
 * stays the same, but for the numbers of the forms. Reviews of one class of length stand together, those of one input
 * behind those of another: so what comes next is mostly a run of postings of one input, and goes from block to block as
 * that. Counting reads docs and masks only. */
#include "indexer/merge/merge_internal.h"

#include "indexer/base/memory.h"
#include "indexer/invert/champions.h"

#define SOURCE_BITS 16u /* of a heap key, below the merged review */

/* One input's list, at a posting: those of the block at hand that are of live reviews. */
struct list_source {
    struct merge *merge;
    struct postings_reader reader;
    struct positions_reader positions;
    struct lengths_reader lengths_of;
    const uint32_t *map;
    const uint8_t *mask_of; /* merged mask of each */
    uint32_t index, count;  /* the next of them, and how many they are; 0 at the end of the list */
    uint32_t docs[POSTINGS_BLOCK], frequencies[POSTINGS_BLOCK], lengths[POSTINGS_BLOCK]; /* docs: merged */
    uint8_t masks[POSTINGS_BLOCK], places[POSTINGS_BLOCK];                               /* places: in the block */
};

struct postings_merger {
    struct merge *merge;
    postings_writer *writer; /* these two belong to whoever aimed */
    struct stream_writer *skips;
    struct champions champions;
    uint64_t written;
    struct list_source *sources;     /* of the inputs of one list */
    uint64_t heap[MERGE_INPUTS_MAX]; /* merged review << SOURCE_BITS | source, smallest first */
    uint32_t heap_count;
    struct postings_reader counted[FIELD_COUNT]; /* the lists of one input, while they are counted */
    uint32_t *position_values;                   /* of a run of postings */
    size_t position_capacity;
};

/* ---- the merger ---- */

static void init_champions(postings_merger *merger) {
    const struct segment_meta *meta = &merger->merge->meta;
    uint64_t totals[FIELD_COUNT];
    uint32_t docs[FIELD_COUNT];
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        totals[field] = meta->fields[field].total_length;
        docs[field] = meta->fields[field].docs_with_field;
    }
    champions_init(&merger->champions, merger->merge->doc_count, totals, docs);
}

revue_status postings_merger_create(postings_merger **created, struct merge *view, revue_error *error) {
    postings_merger *merger = memory_alloc_zeroed(1, sizeof *merger);
    if (!merger) return error_no_memory(error);
    merger->merge = view;
    merger->sources = memory_alloc_zeroed(view->input_count, sizeof *merger->sources);
    if (!merger->sources) {
        postings_merger_free(merger);
        return error_no_memory(error);
    }
    init_champions(merger);
    *created = merger;
    return REVUE_OK;
}

void postings_merger_aim(postings_merger *merger, postings_writer *writer, struct stream_writer *skips) {
    merger->writer = writer;
    merger->skips = skips;
}

uint64_t postings_merger_written(const postings_merger *merger) {
    return merger->written;
}

static void close_sources(postings_merger *merger, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        postings_reader_close(&merger->sources[i].reader);
        positions_reader_close(&merger->sources[i].positions);
    }
}

void postings_merger_free(postings_merger *merger) {
    if (!merger) return;
    champions_free(&merger->champions);
    memory_free(merger->sources);
    memory_free(merger->position_values);
    memory_free(merger);
}

static struct postings_streams streams_of(const struct merge *merge, const struct merge_input *input) {
    struct postings_streams streams = segment_postings(input->segment);
    if (!merge->meta.has_positions) streams.positions = NULL;
    return streams;
}

/* Decodes docs and masks of the block; reviews that are not there would be looked up past the end of the map. */
static revue_status decode_block(struct postings_reader *reader, revue_error *error) {
    TRY(postings_reader_docs(reader, error));
    TRY(postings_reader_masks(reader, error));
    if (reader->count > 0 && reader->docs[reader->count - 1] >= reader->doc_count)
        return postings_damaged(reader, "a review is out of range", error);
    return REVUE_OK;
}

/* ---- counting ---- */

/* The lists of one input side by side. */
struct counting {
    struct merge *merge;
    struct postings_reader *readers; /* of each field, opened when fields says so */
    uint32_t at[FIELD_COUNT];
    unsigned fields; /* those not at their end */
};

static revue_status start_field(struct counting *counting, unsigned field, revue_error *error) {
    counting->at[field] = 0;
    TRY(decode_block(&counting->readers[field], error));
    if (counting->readers[field].count == 0) counting->fields &= ~(1u << field);
    return REVUE_OK;
}

static revue_status advance_field(struct counting *counting, unsigned field, revue_error *error) {
    struct postings_reader *reader = &counting->readers[field];
    if (++counting->at[field] < reader->count) return REVUE_OK;
    TRY(merge_poll(counting->merge, error));
    TRY(postings_reader_next_block(reader, error));
    return start_field(counting, field, error);
}

static uint32_t smallest_doc(const struct counting *counting) {
    uint32_t doc = DOC_END;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        if (!(counting->fields >> field & 1)) continue;
        uint32_t candidate = counting->readers[field].docs[counting->at[field]];
        if (candidate < doc) doc = candidate;
    }
    return doc;
}

static void count_review(struct posting_counts *counts, unsigned fields, unsigned mask) {
    counts->reviews++;
    counts->df += (fields & ~(1u << FIELD_AUTHOR)) != 0;
    for (unsigned form = 0; form <= FORMS_LISTED; form++)
        counts->forms[form] += mask >> form & 1;
}

static revue_status count_lists(struct counting *counting, const struct merge_input *input, struct posting_counts *counts,
                                revue_error *error) {
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (counting->fields >> field & 1) TRY(start_field(counting, field, error));
    while (counting->fields) {
        uint32_t doc = smallest_doc(counting);
        unsigned fields = 0, mask = 0;
        for (unsigned field = 0; field < FIELD_COUNT; field++) {
            if (!(counting->fields >> field & 1) || counting->readers[field].docs[counting->at[field]] != doc) continue;
            fields |= 1u << field;
            mask |= counting->readers[field].masks[counting->at[field]];
            TRY(advance_field(counting, field, error));
        }
        if (input->map[doc] == DOC_END)
            counts->has_deleted = true;
        else
            count_review(counts, fields, mask);
    }
    return REVUE_OK;
}

revue_status postings_merger_count(postings_merger *merger, const struct merge_input *input, const struct term_entry *entry,
                                   struct posting_counts *counts, revue_error *error) {
    struct counting counting = {.merge = merger->merge, .readers = merger->counted, .fields = entry->fields};
    revue_status status = REVUE_OK;
    unsigned opened = 0;
    *counts = (struct posting_counts){0};
    for (unsigned field = 0; field < FIELD_COUNT && status == REVUE_OK; field++) {
        if (!(entry->fields >> field & 1)) continue;
        status = postings_reader_open(&merger->counted[field], streams_of(merger->merge, input), input->row.doc_count,
                                      &entry->lists[field], error);
        opened |= 1u << field;
    }
    if (status == REVUE_OK) status = count_lists(&counting, input, counts, error);
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (opened >> field & 1) postings_reader_close(&merger->counted[field]);
    return status;
}

/* ---- a list being read ---- */

/* The postings of the block, without those of deleted reviews. */
static void keep_live(struct list_source *source) {
    const struct postings_reader *reader = &source->reader;
    uint32_t lengths[POSTINGS_BLOCK], kept = 0;
    memcpy(lengths, source->lengths, reader->count * sizeof *lengths);
    for (uint32_t i = 0; i < reader->count; i++) {
        const uint32_t doc = source->map[reader->docs[i]];
        source->docs[kept] = doc;
        source->frequencies[kept] = reader->frequencies[i];
        source->lengths[kept] = lengths[i];
        source->masks[kept] = source->mask_of[reader->masks[i] & 15];
        source->places[kept] = (uint8_t)i;
        kept += doc != DOC_END;
    }
    source->count = kept;
}

static revue_status check_postings(const struct list_source *source, revue_error *error) {
    bool is_larger = false, is_nameless = false;
    for (uint32_t i = 0; i < source->count; i++) {
        is_larger |= source->frequencies[i] == 0 || source->frequencies[i] > source->lengths[i];
        is_nameless |= source->masks[i] == 0;
    }
    if (is_larger) return postings_damaged(&source->reader, "a frequency is larger than its field", error);
    if (is_nameless) return postings_damaged(&source->reader, "a mask names a form that is not there", error);
    return REVUE_OK;
}

static revue_status enter_block(struct list_source *source, revue_error *error) {
    struct postings_reader *reader = &source->reader;
    source->index = source->count = 0;
    if (reader->count == 0) return REVUE_OK;
    TRY(decode_block(reader, error));
    TRY(postings_reader_frequencies(reader, error));
    TRY(lengths_gather(&source->lengths_of, reader->docs, reader->count, source->lengths, error));
    keep_live(source);
    return check_postings(source, error);
}

/* From the posting at hand, that one included, to the first of a live review. */
static revue_status find_live(struct list_source *source, revue_error *error) {
    while (source->index == source->count && source->reader.count > 0) {
        TRY(postings_reader_next_block(&source->reader, error));
        TRY(enter_block(source, error));
        TRY(merge_poll(source->merge, error));
    }
    return REVUE_OK;
}

static revue_status open_source(postings_merger *merger, struct list_source *source, const struct merge_input *input,
                                unsigned field, const uint8_t *masks, revue_error *error) {
    source->merge = merger->merge;
    source->map = input->map;
    source->mask_of = masks;
    source->lengths_of = segment_lengths(input->segment, field);
    positions_reader_open(&source->positions);
    TRY(postings_reader_open(&source->reader, streams_of(merger->merge, input), input->row.doc_count,
                             &input->term.lists[field], error));
    TRY(enter_block(source, error));
    return find_live(source, error);
}

/* ---- merging ---- */

static void heap_push(postings_merger *merger, uint64_t key) {
    uint32_t at = merger->heap_count++;
    for (; at > 0 && key < merger->heap[(at - 1) / 2]; at = (at - 1) / 2)
        merger->heap[at] = merger->heap[(at - 1) / 2];
    merger->heap[at] = key;
}

/* Replaces the smallest key by another one. */
static void heap_replace(postings_merger *merger, uint64_t key) {
    uint32_t at = 0;
    for (uint32_t child; (child = 2 * at + 1) < merger->heap_count; at = child) {
        if (child + 1 < merger->heap_count && merger->heap[child + 1] < merger->heap[child]) child++;
        if (merger->heap[child] >= key) break;
        merger->heap[at] = merger->heap[child];
    }
    merger->heap[at] = key;
}

static void heap_drop(postings_merger *merger) {
    uint64_t last = merger->heap[--merger->heap_count];
    if (merger->heap_count > 0) heap_replace(merger, last);
}

static uint64_t key_of(uint32_t doc, uint32_t source) {
    return (uint64_t)doc << SOURCE_BITS | source;
}

/* What came from the dictionary may not even ascend. */
static bool positions_ascend(const uint32_t *positions, uint32_t frequency) {
    for (uint32_t i = 1; i < frequency; i++)
        if (positions[i] <= positions[i - 1]) return false;
    return true;
}

static revue_status check_positions(const struct list_source *source, const uint32_t *positions, uint32_t count,
                                    revue_error *error) {
    bool is_wrong = source->reader.list.is_inline && !positions_ascend(positions, source->frequencies[0]);
    for (uint32_t i = source->index; i < source->index + count; i++) {
        positions += source->frequencies[i];
        is_wrong |= positions[-1] >= source->lengths[i];
    }
    if (!is_wrong) return REVUE_OK;
    return postings_damaged(&source->reader, "positions are out of order, or past the end of their field", error);
}

static revue_status read_positions(postings_merger *merger, struct list_source *source, uint32_t count,
                                   revue_error *error) {
    size_t needed = POSITIONS_BEHIND;
    for (uint32_t i = source->index; i < source->index + count; i++)
        needed += source->frequencies[i];
    if (merger->position_capacity < needed && !MEMORY_RESERVE(merger->position_values, merger->position_capacity, needed))
        return error_no_memory(error);
    TRY(positions_reader_read_several(&source->positions, &source->reader, source->places + source->index, count,
                                      merger->position_values, error));
    return check_positions(source, merger->position_values, count, error);
}

/* The next postings of the source, which are the next of the merged list. */
static revue_status write_run(postings_merger *merger, struct list_source *source, uint32_t count, unsigned field,
                              bool may_have_champions, revue_error *error) {
    const uint32_t index = source->index;
    const struct posting_run run = {.count = count,
                                    .docs = source->docs + index,
                                    .frequencies = source->frequencies + index,
                                    .lengths = source->lengths + index,
                                    .masks = source->masks + index};
    const bool has_positions = merger->merge->meta.has_positions;
    if (has_positions) TRY(read_positions(merger, source, count, error));
    if (may_have_champions) champions_add_run(&merger->champions, field, run.docs, run.frequencies, run.lengths, count);
    source->index += count;
    return postings_writer_add_run(merger->writer, &run, has_positions ? merger->position_values : NULL, error);
}

/* How many of the block come before review end. */
static uint32_t run_before(const struct list_source *source, uint32_t end) {
    uint32_t index = source->index;
    if (source->docs[source->count - 1] < end) return source->count - index;
    while (source->docs[index] < end)
        index++;
    return index - source->index;
}

/* The review at which another source comes first. */
static uint32_t run_end(const postings_merger *merger) {
    uint64_t next = (uint64_t)DOC_END << SOURCE_BITS;
    for (uint32_t child = 1; child <= 2 && child < merger->heap_count; child++)
        if (merger->heap[child] < next) next = merger->heap[child];
    return (uint32_t)(next >> SOURCE_BITS);
}

static revue_status merge_sources(postings_merger *merger, unsigned field, bool may_have_champions, revue_error *error) {
    while (merger->heap_count > 0) {
        const uint32_t index = (uint32_t)merger->heap[0] & ((1u << SOURCE_BITS) - 1), end = run_end(merger);
        struct list_source *source = &merger->sources[index];
        do {
            TRY(write_run(merger, source, run_before(source, end), field, may_have_champions, error));
            TRY(find_live(source, error));
        } while (source->count > 0 && source->docs[source->index] < end);
        if (source->count == 0)
            heap_drop(merger);
        else
            heap_replace(merger, key_of(source->docs[source->index], index));
    }
    return REVUE_OK;
}

/* One field's list; *df 0: no review of it is left, and nothing is written. */
static revue_status write_list(postings_merger *merger, const uint32_t *inputs, uint32_t count, const uint8_t (*masks)[16],
                               unsigned field, bool may_have_champions, struct posting_list *list, revue_error *error) {
    revue_status status = REVUE_OK;
    uint32_t opened = 0;
    merger->heap_count = 0;
    list->df = 0;
    for (uint32_t i = 0; i < count && status == REVUE_OK; i++) {
        const struct merge_input *input = &merger->merge->inputs[inputs[i]];
        if (!(input->term.fields >> field & 1)) continue;
        struct list_source *source = &merger->sources[opened++];
        status = open_source(merger, source, input, field, masks[i], error);
        if (status == REVUE_OK && source->count > 0) heap_push(merger, key_of(source->docs[source->index], opened - 1));
    }
    if (status == REVUE_OK && merger->heap_count > 0) {
        postings_writer_begin(merger->writer);
        status = merge_sources(merger, field, may_have_champions, error);
        if (status == REVUE_OK) status = postings_writer_end(merger->writer, list, error);
        merger->written += list->df;
    }
    close_sources(merger, opened);
    return status;
}

/* df is at most the sum of these: most stems are spared the sums. */
static bool champions_are_possible(const struct merge *merge, const uint32_t *inputs, uint32_t count) {
    uint64_t postings = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct term_entry *term = &merge->inputs[inputs[i]].term;
        for (unsigned field = 0; field < FIELD_AUTHOR; field++)
            if (term->fields >> field & 1) postings += term->lists[field].df;
    }
    return postings > CHAMPIONS_DF;
}

revue_status postings_merger_write(postings_merger *merger, const uint32_t *inputs, uint32_t count,
                                   const uint8_t (*masks)[16], struct term_entry *entry, revue_error *error) {
    bool may_have_champions = champions_are_possible(merger->merge, inputs, count);
    entry->fields = 0;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        TRY(write_list(merger, inputs, count, masks, field, may_have_champions, &entry->lists[field], error));
        if (entry->lists[field].df > 0) entry->fields |= (uint8_t)(1u << field);
    }
    return champions_finish(&merger->champions, entry->df, entry->fields, merger->skips, &entry->champions,
                            &entry->champions_bytes, error);
}
