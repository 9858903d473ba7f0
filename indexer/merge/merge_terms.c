/* merge_terms.c - the dictionary of stems: k-way over the inputs, stem by stem.
 *
 * Which forms may be listed: masks of an input tell its listed forms apart, and hold all others in one bit. A form can have
 * a number in the merged stem only when every input that has the stem either lists it or does not hold it at all, which its
 * FORMS tells when it has more forms than are listed. All other forms are "other" from then on. Of those that may, the
 * three that occur in most live reviews are listed, as a flush does: the counts come from the masks, in a pass of their own
 * over the lists, which stems of one form are spared, and, where no review was deleted, long lists, whose FORMS know them.
 *
 * The dictionary is cut into parts where blocks of the largest input begin. Workers merge parts into memory, and the caller
 * appends them. A part that would take more memory than it may (merge->part_bytes) stops before that stem; the caller goes
 * on with it when its turn comes, straight into the segment. */
#include "indexer/merge/merge_heap.h"
#include "indexer/merge/merge_internal.h"

#include "indexer/base/arena.h"
#include "indexer/base/memory.h"

#define CUT_BLOCKS 2u      /* of the largest input's dictionary, in a part */
#define COUNTED_BELOW 256u /* reviews: to count the masks of less takes no longer than to look the forms up */
#define CANDIDATES_MAX (MERGE_INPUTS_MAX * FORMS_LISTED)

/* A form that some input lists. */
struct candidate {
    struct view form;
    bool may_be_listed;
    uint8_t number;   /* in the merged stem */
    uint32_t reviews; /* live, any field; over the inputs that list it */
};
/* What is to be told merge_forms of a stem, once its part is used. */
struct kept_record {
    struct view stem;
    struct stem_record record; /* bytes in the arena of the part */
};
/* A slot of parts: what merges one stem after the other. */
struct stem_merge {
    struct merge *merge; /* its view */
    postings_merger *postings;
    struct encoded_lists lists; /* of the part that is made aside */
    struct arena arena;         /* bytes of its stems and forms */
    struct kept_record *records;
    size_t record_count, record_capacity;
    struct all_stems *direct; /* the stem at hand goes straight into the segment; NULL: into lists */
    struct view end;          /* the first stem of the next part; no data: this is the last */
    bool is_waiting;          /* the stem at hand was popped, and not merged yet */
    struct merge_heap heap;
    struct view stem;
    uint32_t inputs[MERGE_INPUTS_MAX]; /* those that have the stem */
    uint32_t input_count;
    struct candidate candidates[CANDIDATES_MAX];
    uint32_t candidate_count;
    uint16_t candidate_of[MERGE_INPUTS_MAX][FORMS_LISTED]; /* by place in inputs and form number there */
    uint8_t masks[MERGE_INPUTS_MAX][16];
    bool has_other;   /* some input has more forms than it lists */
    bool has_deleted; /* some posting goes */
    bool is_counted;  /* candidates and other_reviews are */
    uint32_t other_reviews, reviews, df;
    uint32_t listed[FORMS_LISTED]; /* candidates, by number */
    uint32_t listed_count;
};
/* The merge of all of them, of the caller. */
struct all_stems {
    struct merge *merge;
    struct lists_writer out;
    postings_writer *writer; /* into out */
    struct stem_merge **slots;
    struct arena arena;  /* bytes of the cuts */
    struct view *starts; /* first stem of each part but part 0, which begins where any input does: starts[part - 1] */
    size_t start_count, start_capacity;
};

static const struct merge_input *input_at(const struct stem_merge *stem, uint32_t i) {
    return &stem->merge->inputs[stem->inputs[i]];
}

/* ---- candidates ---- */

static uint32_t find_candidate(struct stem_merge *stem, struct view form) {
    uint32_t at = 0;
    while (at < stem->candidate_count && !view_equal(stem->candidates[at].form, form))
        at++;
    if (at == stem->candidate_count)
        stem->candidates[stem->candidate_count++] =
            (struct candidate){.form = form, .may_be_listed = true, .number = FORM_OTHER};
    return at;
}

static void collect_candidates(struct stem_merge *stem) {
    stem->candidate_count = 0;
    stem->has_other = false;
    for (uint32_t i = 0; i < stem->input_count; i++) {
        const struct term_entry *term = &input_at(stem, i)->term;
        stem->has_other |= term->has_more_forms;
        for (unsigned form = 0; form < term->form_count; form++)
            stem->candidate_of[i][form] = (uint16_t)find_candidate(stem, term->forms[form]);
    }
}

static bool lists(const struct term_entry *term, struct view form) {
    for (unsigned i = 0; i < term->form_count; i++)
        if (view_equal(term->forms[i], form)) return true;
    return false;
}

/* In how many languages the input holds the form under this stem, and in how many reviews in the last of them. */
static revue_status find_form(const struct merge_input *input, struct view form, struct view stem, uint32_t *languages,
                              uint32_t *reviews, revue_error *error) {
    forms_reader *forms;
    struct form_entry entry;
    *languages = 0;
    TRY(segment_forms(input->segment, &forms, error));
    revue_status status = forms_reader_find(forms, form, &entry, error);
    if (status == REVUE_NO_MATCH) return REVUE_OK;
    TRY(status);
    for (uint32_t i = 0; i < entry.pair_count; i++) {
        if (!view_equal(entry.pairs[i].stem, stem)) continue;
        ++*languages;
        *reviews = entry.pairs[i].df;
    }
    return REVUE_OK;
}

static revue_status rule_out_hidden(struct stem_merge *stem, revue_error *error) {
    for (uint32_t i = 0; i < stem->input_count; i++) {
        const struct merge_input *input = input_at(stem, i);
        for (uint32_t at = 0; input->term.has_more_forms && at < stem->candidate_count; at++) {
            struct candidate *candidate = &stem->candidates[at];
            uint32_t languages, reviews;
            if (!candidate->may_be_listed || lists(&input->term, candidate->form)) continue;
            TRY(find_form(input, candidate->form, stem->stem, &languages, &reviews, error));
            candidate->may_be_listed = languages == 0;
        }
    }
    return REVUE_OK;
}

/* ---- counting ---- */

/* Without deleted reviews the dictionary knows some counts: df, and that of an only form when no author has it. */
static bool counts_are_known(const struct stem_merge *stem, const struct merge_input *input) {
    if (input->deletes.deleted > 0) return false;
    if (!stem->is_counted) return true;
    return input->term.form_count == 1 && !input->term.has_more_forms && !(input->term.fields >> FIELD_AUTHOR & 1);
}

/* FORMS has the exact count of a form that has the stem in one language. Of the others it matters only whether there are
 * any: some live review holds one, or the dictionary would not say so. */
static revue_status look_up_counts(const struct stem_merge *stem, const struct merge_input *input,
                                   struct posting_counts *counts, bool *are_found, revue_error *error) {
    const struct term_entry *term = &input->term;
    *are_found = false;
    if (input->deletes.deleted > 0 || term->df < COUNTED_BELOW || (term->fields >> FIELD_AUTHOR & 1)) return REVUE_OK;
    for (unsigned form = 0; form < term->form_count; form++) {
        uint32_t languages;
        TRY(find_form(input, term->forms[form], stem->stem, &languages, &counts->forms[form], error));
        if (languages != 1) return REVUE_OK;
    }
    counts->forms[FORM_OTHER] = term->has_more_forms;
    *are_found = true;
    return REVUE_OK;
}

static revue_status count_input(struct stem_merge *stem, uint32_t i, revue_error *error) {
    const struct merge_input *input = input_at(stem, i);
    struct posting_counts counts = {.reviews = input->term.df, .df = input->term.df, .forms = {input->term.df}};
    bool are_known = counts_are_known(stem, input);
    if (!are_known) TRY(look_up_counts(stem, input, &counts, &are_known, error));
    if (!are_known) TRY(postings_merger_count(stem->postings, input, &input->term, &counts, error));
    stem->df += counts.df;
    stem->reviews += counts.reviews;
    stem->other_reviews += counts.forms[FORM_OTHER];
    stem->has_deleted |= counts.has_deleted;
    for (unsigned form = 0; form < input->term.form_count; form++)
        stem->candidates[stem->candidate_of[i][form]].reviews += counts.forms[form];
    return REVUE_OK;
}

static revue_status count_reviews(struct stem_merge *stem, revue_error *error) {
    stem->df = stem->reviews = stem->other_reviews = 0;
    stem->has_deleted = false;
    stem->is_counted = stem->candidate_count != 1 || stem->has_other; /* no candidate: every form is another one */
    for (uint32_t i = 0; i < stem->input_count; i++)
        stem->is_counted |= input_at(stem, i)->deletes.deleted > 0;
    for (uint32_t i = 0; i < stem->input_count; i++)
        TRY(count_input(stem, i, error));
    return REVUE_OK;
}

/* ---- numbers ---- */

static bool is_listed_before(const struct candidate *a, const struct candidate *b) {
    return a->reviews != b->reviews ? a->reviews > b->reviews : view_compare(a->form, b->form) < 0;
}

static void list_candidate(struct stem_merge *stem, uint32_t at) {
    uint32_t place = stem->listed_count < FORMS_LISTED ? stem->listed_count++ : FORMS_LISTED;
    for (; place > 0; place--) {
        uint32_t before = stem->listed[place - 1];
        if (!is_listed_before(&stem->candidates[at], &stem->candidates[before])) break;
        if (place < FORMS_LISTED) stem->listed[place] = before;
    }
    if (place < FORMS_LISTED) stem->listed[place] = at;
}

static void number_forms(struct stem_merge *stem) {
    stem->listed_count = 0;
    for (uint32_t at = 0; at < stem->candidate_count; at++) {
        const struct candidate *candidate = &stem->candidates[at];
        if (candidate->may_be_listed && (candidate->reviews > 0 || !stem->is_counted)) list_candidate(stem, at);
    }
    for (uint32_t number = 0; number < stem->listed_count; number++)
        stem->candidates[stem->listed[number]].number = (uint8_t)number;
    for (uint32_t at = 0; at < stem->candidate_count; at++)
        if (stem->candidates[at].number == FORM_OTHER) stem->other_reviews += stem->candidates[at].reviews;
}

/* What the masks of each input become; 0 for a mask that names a form the input does not have. */
static void map_masks(struct stem_merge *stem) {
    for (uint32_t i = 0; i < stem->input_count; i++) {
        const struct term_entry *term = &input_at(stem, i)->term;
        unsigned known = (1u << term->form_count) - 1, bits[FORMS_LISTED + 1] = {0};
        if (term->has_more_forms) known |= 1u << FORM_OTHER;
        bits[FORM_OTHER] = 1u << FORM_OTHER;
        for (unsigned form = 0; form < term->form_count; form++)
            bits[form] = 1u << stem->candidates[stem->candidate_of[i][form]].number;
        for (unsigned mask = 0; mask < 16; mask++) {
            unsigned mapped = 0;
            for (unsigned form = 0; form <= FORMS_LISTED; form++)
                if (mask >> form & 1) mapped |= bits[form];
            stem->masks[i][mask] = (mask & ~known) == 0 ? (uint8_t)mapped : 0;
        }
    }
}

/* ---- a stem ---- */

static bool copy_view(struct arena *arena, struct view *view) {
    char *copy = arena_copy(arena, view->data, view->size);
    if (copy) *view = view_of(copy, view->size);
    return copy != NULL;
}

static bool copy_forms(struct arena *arena, struct view *forms, unsigned count) {
    for (unsigned form = 0; form < count; form++)
        if (!copy_view(arena, &forms[form])) return false;
    return true;
}

static revue_status put_record(struct stem_merge *stem, const struct stem_record *record, revue_error *error) {
    if (stem->direct) return stem_records_add(stem->direct->merge, stem->stem, record, error);
    if (!MEMORY_RESERVE(stem->records, stem->record_capacity, stem->record_count + 1)) return error_no_memory(error);
    struct kept_record *kept = &stem->records[stem->record_count++];
    *kept = (struct kept_record){stem->stem, *record};
    if (!copy_view(&stem->arena, &kept->stem) || !copy_forms(&stem->arena, kept->record.forms, record->form_count))
        return error_no_memory(error);
    return REVUE_OK;
}

static revue_status keep_record(struct stem_merge *stem, bool is_gone, revue_error *error) {
    bool is_plain = stem->candidate_count == 1 && !stem->has_other && !stem->has_deleted;
    if (is_plain) return REVUE_OK;
    struct stem_record record = {.has_more_forms = stem->other_reviews > 0, .reviews = stem->reviews};
    record.form_count = is_gone ? 0 : (uint8_t)stem->listed_count;
    for (uint32_t number = 0; number < record.form_count; number++) {
        record.forms[number] = stem->candidates[stem->listed[number]].form;
        record.form_reviews[number] = stem->candidates[stem->listed[number]].reviews;
    }
    return put_record(stem, &record, error);
}

static revue_status put_entry(struct stem_merge *stem, const struct term_entry *entry, revue_error *error) {
    if (stem->direct) return terms_writer_add(stem->direct->out.terms, entry, error);
    struct term_entry *kept = encoded_lists_add(&stem->lists);
    if (!kept) return error_no_memory(error);
    *kept = *entry;
    if (!copy_view(&stem->arena, &kept->stem) || !copy_forms(&stem->arena, kept->forms, entry->form_count))
        return error_no_memory(error);
    return REVUE_OK;
}

static revue_status merge_stem(struct stem_merge *stem, revue_error *error) {
    struct term_entry entry = {.stem = stem->stem};
    collect_candidates(stem);
    if (stem->has_other) TRY(rule_out_hidden(stem, error));
    TRY(count_reviews(stem, error));
    number_forms(stem);
    map_masks(stem);
    entry.df = stem->df;
    entry.form_count = (uint8_t)stem->listed_count;
    entry.has_more_forms = stem->other_reviews > 0;
    for (uint32_t number = 0; number < stem->listed_count; number++)
        entry.forms[number] = stem->candidates[stem->listed[number]].form;
    TRY(postings_merger_write(stem->postings, stem->inputs, stem->input_count, (const uint8_t(*)[16])stem->masks, &entry,
                              error));
    TRY(keep_record(stem, entry.fields == 0, error));
    return entry.fields == 0 ? REVUE_OK : put_entry(stem, &entry, error);
}

/* ---- a part ---- */

/* Puts the input into the heap under the stem it came to, if it has one. */
static revue_status enter(struct stem_merge *stem, uint32_t index, revue_status found) {
    if (found == REVUE_OK) merge_heap_push(&stem->heap, stem->merge->inputs[index].term.stem, index);
    return found == REVUE_NO_MATCH ? REVUE_OK : found;
}

static revue_status enter_next(struct stem_merge *stem, uint32_t index, revue_error *error) {
    struct merge_input *input = &stem->merge->inputs[index];
    return enter(stem, index, terms_reader_next(input->terms, &input->term, error));
}

static revue_status start_part(struct stem_merge *stem, const struct all_stems *all, uint32_t part, revue_error *error) {
    stem->end = part < all->start_count ? all->starts[part] : view_of(NULL, 0);
    stem->is_waiting = false;
    stem->heap.count = 0;
    stem->record_count = 0;
    arena_reset(&stem->arena);
    encoded_lists_clear(&stem->lists);
    for (uint32_t i = 0; i < stem->merge->input_count; i++) {
        struct merge_input *input = &stem->merge->inputs[i];
        TRY(segment_terms(input->segment, &input->terms, error));
        if (part == 0)
            TRY(enter_next(stem, i, error));
        else
            TRY(enter(stem, i, terms_reader_seek(input->terms, all->starts[part - 1], &input->term, error)));
    }
    return REVUE_OK;
}

/* Bytes that the lists of the stem at hand have in the inputs. */
static uint64_t list_bytes(const struct stem_merge *stem) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < stem->input_count; i++) {
        const struct term_entry *term = &input_at(stem, i)->term;
        for (unsigned field = 0; field < FIELD_COUNT; field++)
            if (term->fields >> field & 1) bytes += term->lists[field].postings_bytes + term->lists[field].positions_bytes;
    }
    return bytes;
}

static bool has_room(const struct stem_merge *stem) {
    return stem->direct || encoded_lists_bytes(&stem->lists) + list_bytes(stem) <= stem->merge->part_bytes;
}

/* The next stem of the part; false at its end. */
static bool next_stem(struct stem_merge *stem) {
    if (stem->is_waiting) return true;
    if (stem->heap.count == 0 || (stem->end.data && view_compare(merge_heap_key(&stem->heap), stem->end) >= 0))
        return false;
    stem->input_count = merge_heap_pop_equal(&stem->heap, &stem->stem, stem->inputs);
    return true;
}

/* Merges stems to the end of the part, or to the first that finds no room. */
static revue_status merge_stems(struct stem_merge *stem, revue_error *error) {
    while (next_stem(stem)) {
        stem->is_waiting = !has_room(stem);
        if (stem->is_waiting) return REVUE_OK;
        TRY(merge_stem(stem, error));
        for (uint32_t i = 0; i < stem->input_count; i++)
            TRY(enter_next(stem, stem->inputs[i], error));
        TRY(merge_poll(stem->merge, error));
    }
    return REVUE_OK;
}

static revue_status make_stems(void *context, uint32_t part, unsigned slot, unsigned worker, revue_error *error) {
    (void)worker;
    const struct all_stems *all = context;
    struct stem_merge *stem = all->slots[slot];
    TRY(start_part(stem, all, part, error));
    if (all->merge->part_bytes == 0) return REVUE_OK;
    stem->direct = NULL;
    postings_merger_aim(stem->postings, stem->lists.writer, &stem->lists.streams[LISTS_SKIPS]);
    TRY(merge_stems(stem, error));
    return encoded_lists_finish(&stem->lists, error);
}

static revue_status use_stems(void *context, uint32_t part, unsigned slot, revue_error *error) {
    struct all_stems *all = context;
    struct stem_merge *stem = all->slots[slot];
    (void)part;
    TRY(merge_ask(all->merge, error));
    TRY(lists_writer_append(&all->out, &stem->lists, error));
    for (size_t i = 0; i < stem->record_count; i++)
        TRY(stem_records_add(all->merge, stem->records[i].stem, &stem->records[i].record, error));
    stem->direct = all;
    postings_merger_aim(stem->postings, all->writer, &all->out.streams[LISTS_SKIPS]);
    return merge_stems(stem, error);
}

/* ---- all parts ---- */

static const struct merge_input *largest_input(const struct merge *merge) {
    const struct merge_input *largest = &merge->inputs[0];
    for (uint32_t i = 1; i < merge->input_count; i++)
        if (merge->inputs[i].segment->meta.kinds[KIND_TERMS].bytes > largest->segment->meta.kinds[KIND_TERMS].bytes)
            largest = &merge->inputs[i];
    return largest;
}

static revue_status add_start(struct all_stems *all, struct view stem, revue_error *error) {
    if (!MEMORY_RESERVE(all->starts, all->start_capacity, all->start_count + 1)) return error_no_memory(error);
    if (!copy_view(&all->arena, &stem)) return error_no_memory(error);
    all->starts[all->start_count++] = stem;
    return REVUE_OK;
}

/* The keys of its blocks are the stems they begin with. */
static revue_status cut(struct all_stems *all, store_cursor *cursor, revue_error *error) {
    struct key kind = key_segment_kind(largest_input(all->merge)->row.number, KIND_TERMS);
    struct view key, value;
    revue_status status = store_cursor_at_or_after(cursor, key_view(&kind), &key, &value, error);
    for (uint32_t block = 0; status == REVUE_OK; block++) {
        if (key.size <= kind.size || memcmp(key.data, kind.data, kind.size) != 0) return REVUE_OK;
        if (block > 0 && block % CUT_BLOCKS == 0)
            TRY(add_start(all, view_of(key.data + kind.size, key.size - kind.size), error));
        status = store_cursor_next(cursor, &key, &value, error);
    }
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

static revue_status cut_parts(struct all_stems *all, revue_error *error) {
    store_cursor *cursor;
    if (all->merge->part_bytes == 0) return REVUE_OK;
    TRY(store_cursor_open(all->merge->read, TABLE_SEGMENTS, &cursor, error));
    revue_status status = cut(all, cursor, error);
    store_cursor_close(cursor);
    return status;
}

static revue_status open_slots(struct all_stems *all, revue_error *error) {
    struct merge *merge = all->merge;
    all->slots = memory_alloc_zeroed(merge->view_count, sizeof(struct stem_merge *));
    if (!all->slots) return error_no_memory(error);
    for (unsigned slot = 0; slot < merge->view_count; slot++) {
        struct stem_merge *stem = all->slots[slot] = memory_alloc_zeroed(1, sizeof *stem);
        if (!stem) return error_no_memory(error);
        stem->merge = merge->views[slot];
        if (merge->part_bytes > 0) TRY(encoded_lists_init(&stem->lists, merge->meta.has_positions, error));
        TRY(postings_merger_create(&stem->postings, stem->merge, error));
    }
    return REVUE_OK;
}

static revue_status open_all(struct all_stems *all, revue_error *error) {
    TRY(lists_writer_init(&all->out, all->merge->sink, error));
    struct stream_writer *streams = all->out.streams;
    TRY(postings_writer_create(&all->writer, &streams[LISTS_POSTINGS],
                               all->merge->meta.has_positions ? &streams[LISTS_POSITIONS] : NULL, &streams[LISTS_SKIPS],
                               error));
    TRY(open_slots(all, error));
    return cut_parts(all, error);
}

static void close_slots(struct all_stems *all) {
    for (unsigned slot = 0; all->slots && slot < all->merge->view_count; slot++) {
        struct stem_merge *stem = all->slots[slot];
        if (!stem) continue;
        all->merge->meta.posting_count += stem->postings ? postings_merger_written(stem->postings) : 0;
        postings_merger_free(stem->postings);
        encoded_lists_free(&stem->lists);
        arena_free(&stem->arena);
        memory_free(stem->records);
        memory_free(stem);
    }
    memory_free(all->slots);
}

revue_status merge_terms(struct merge *merge, revue_error *error) {
    struct all_stems all = {.merge = merge};
    struct parts parts = {.make = make_stems, .use = use_stems, .context = &all};
    revue_status status;
    TRY_DONE(open_all(&all, error));
    parts.count = (uint32_t)all.start_count + 1;
    parts.slots = parts_slots(merge->pool);
    TRY_DONE(parts_run(merge->pool, &parts, error));
    TRY_DONE(lists_writer_finish(&all.out, &merge->meta.term_count, error));
done:
    close_slots(&all);
    postings_writer_free(all.writer);
    lists_writer_free(&all.out);
    arena_free(&all.arena);
    memory_free(all.starts);
    return status;
}
