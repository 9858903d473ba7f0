/* flush_terms.c - the inversion: dictionaries, posting lists, positions and skip data of a segment.
 *
 * A counting sort. Stems are put in order; a first pass over the log counts the tokens of each (stem, field), a second one
 * drops each token, as (review, position, form number) in 8 bytes, at its place. Reviews are visited in their final order,
 * so that every run comes out sorted. Then each run is read off into the postings writer. */
#include "indexer/invert/flush.h"

#include "indexer/base/memory.h"
#include "indexer/format/dictionary.h"
#include "indexer/invert/champions.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A token at its place: review 32 bits, position 30, form number 2. A position of 2^30 would need a field of over 1 GiB. */
#define TOKEN(doc, position, form) ((uint64_t)(doc) << 32 | (uint64_t)(position) << 2 | (form))
#define NOT_A_TERM UINT32_MAX

struct sort_key {
    uint64_t prefix; /* the first 8 bytes, big-endian: decides most comparisons */
    uint32_t index;
};

struct stem_forms {        /* of one stem, by rank */
    uint32_t first, count; /* in forms_of_stems */
};

struct inversion {
    struct flush *flush;
    const struct vocabulary *vocabulary;
    uint32_t *stem_order; /* rank -> stem */
    uint32_t *stem_rank;
    uint32_t *forms_of_stems; /* form indexes grouped by stem rank; within a stem by form number */
    struct stem_forms *stem_forms;
    uint8_t *form_number;     /* by form index */
    uint32_t *term_of_symbol; /* rank << 2 | form number, or NOT_A_TERM */
    uint64_t *starts;         /* (rank * FIELD_COUNT + field) -> first of its tokens, one more at the end */
    uint64_t *tokens;
    uint32_t *lengths[FIELD_COUNT];
    uint32_t *positions; /* of one posting */
    size_t positions_capacity;
    struct champions champions;
    struct stream_writer postings, skips, position_bits;
    postings_writer *list_writer;
    terms_writer *terms;
    forms_writer *forms;
};

static uint64_t prefix_of(struct view bytes) {
    uint8_t head[8] = {0};
    memcpy(head, bytes.data, bytes.size < 8 ? bytes.size : 8);
    return load_be64(head);
}

static int compare_stems(const void *left, const void *right, void *context) {
    const struct vocabulary *vocabulary = context;
    const struct sort_key *a = left, *b = right;
    if (a->prefix != b->prefix) return a->prefix < b->prefix ? -1 : 1;
    return view_compare(vocabulary->stems[a->index].bytes, vocabulary->stems[b->index].bytes);
}

static revue_status order_stems(struct inversion *inversion, revue_error *error) {
    const struct vocabulary *vocabulary = inversion->vocabulary;
    size_t count = vocabulary->stem_count;
    struct sort_key *keys = memory_alloc_array(count, sizeof *keys);
    inversion->stem_order = memory_alloc_array(count, sizeof(uint32_t));
    inversion->stem_rank = memory_alloc_array(count, sizeof(uint32_t));
    if (!keys || !inversion->stem_order || !inversion->stem_rank) {
        memory_free(keys);
        return error_no_memory(error);
    }
    for (size_t i = 0; i < count; i++)
        keys[i] = (struct sort_key){prefix_of(vocabulary->stems[i].bytes), (uint32_t)i};
    qsort_r(keys, count, sizeof *keys, compare_stems, (void *)(uintptr_t)vocabulary);
    for (size_t rank = 0; rank < count; rank++) {
        inversion->stem_order[rank] = keys[rank].index;
        inversion->stem_rank[keys[rank].index] = (uint32_t)rank;
    }
    memory_free(keys);
    return REVUE_OK;
}

/* Forms of one stem by reviews, most first, then bytewise; the same bytes in several languages count together and stay
 * neighbours, by language. */
static void number_forms(struct inversion *inversion, uint32_t *forms, uint32_t count) {
    const struct vocabulary_form *all = inversion->vocabulary->forms;
    for (uint32_t i = 1; i < count; i++) { /* bytewise, then by language: few, so insertion */
        uint32_t moved = forms[i], j = i;
        for (; j > 0; j--) {
            int order = view_compare(all[forms[j - 1]].bytes, all[moved].bytes);
            if (order < 0 || (order == 0 && all[forms[j - 1]].language < all[moved].language)) break;
            forms[j] = forms[j - 1];
        }
        forms[j] = moved;
    }
    uint64_t best_df[FORMS_LISTED] = {0};
    uint32_t best[FORMS_LISTED] = {0}, chosen = 0;
    for (uint32_t i = 0; i < count;) {
        uint64_t df = 0;
        uint32_t same = i;
        for (; same < count && view_equal(all[forms[same]].bytes, all[forms[i]].bytes); same++) {
            df += all[forms[same]].df;
            inversion->form_number[forms[same]] = FORM_OTHER;
        }
        uint32_t at = chosen < FORMS_LISTED ? chosen++ : FORMS_LISTED;
        while (at > 0 && best_df[at - 1] < df) {
            if (at < FORMS_LISTED) {
                best_df[at] = best_df[at - 1];
                best[at] = best[at - 1];
            }
            at--;
        }
        if (at < FORMS_LISTED) {
            best_df[at] = df;
            best[at] = i;
        }
        i = same;
    }
    for (uint32_t number = 0; number < chosen; number++)
        for (uint32_t i = best[number]; i < count && view_equal(all[forms[i]].bytes, all[forms[best[number]]].bytes); i++)
            inversion->form_number[forms[i]] = (uint8_t)number;
}

static revue_status group_forms(struct inversion *inversion, revue_error *error) {
    const struct vocabulary *vocabulary = inversion->vocabulary;
    size_t form_count = vocabulary->form_count, stem_count = vocabulary->stem_count;
    inversion->forms_of_stems = memory_alloc_array(form_count, sizeof(uint32_t));
    inversion->stem_forms = memory_alloc_zeroed(stem_count, sizeof *inversion->stem_forms);
    inversion->form_number = memory_alloc_array(form_count, 1);
    if (!inversion->forms_of_stems || !inversion->stem_forms || !inversion->form_number) return error_no_memory(error);
    for (size_t i = 0; i < form_count; i++)
        inversion->stem_forms[inversion->stem_rank[vocabulary->forms[i].stem]].count++;
    uint32_t first = 0;
    for (size_t rank = 0; rank < stem_count; rank++) {
        inversion->stem_forms[rank].first = first;
        first += inversion->stem_forms[rank].count;
        inversion->stem_forms[rank].count = 0;
    }
    for (size_t i = 0; i < form_count; i++) {
        struct stem_forms *group = &inversion->stem_forms[inversion->stem_rank[vocabulary->forms[i].stem]];
        inversion->forms_of_stems[group->first + group->count++] = (uint32_t)i;
    }
    for (size_t rank = 0; rank < stem_count; rank++)
        number_forms(inversion, inversion->forms_of_stems + inversion->stem_forms[rank].first,
                     inversion->stem_forms[rank].count);
    return REVUE_OK;
}

static revue_status map_symbols(struct inversion *inversion, revue_error *error) {
    const struct vocabulary *vocabulary = inversion->vocabulary;
    inversion->term_of_symbol = memory_alloc_array(vocabulary->symbol_count, sizeof(uint32_t));
    if (!inversion->term_of_symbol) return error_no_memory(error);
    for (size_t i = 0; i < vocabulary->symbol_count; i++) {
        uint32_t form = vocabulary->symbols[i].form;
        inversion->term_of_symbol[i] = form == VOCABULARY_NONE ? NOT_A_TERM
                                                               : inversion->stem_rank[vocabulary->forms[form].stem] << 2 |
                                                                     inversion->form_number[form];
    }
    return REVUE_OK;
}

static void count_tokens(struct inversion *inversion) {
    const struct accumulator *accumulator = inversion->flush->accumulator;
    for (size_t review = 0; review < accumulator->review_count; review++)
        for (unsigned field = 0; field < FIELD_COUNT; field++) {
            const struct pending_text *text = &accumulator->reviews[review].text[field];
            const uint32_t *item = accumulator->log + text->log_start;
            for (uint32_t i = 0; i < text->log_count; i++)
                if (item[i] & LOG_SEARCH)
                    inversion
                        ->starts[(inversion->term_of_symbol[item[i] & LOG_SYMBOL] >> 2) * (size_t)FIELD_COUNT + field]++;
        }
}

/* Leaves starts[] at the ends of the runs; sort_tokens moves them back. */
static void place_tokens(struct inversion *inversion) {
    const struct flush *flush = inversion->flush;
    const struct accumulator *accumulator = flush->accumulator;
    for (uint32_t doc = 0; doc < flush->doc_count; doc++) {
        const struct pending_review *review = &accumulator->reviews[flush->order[doc]];
        for (unsigned field = 0; field < FIELD_COUNT; field++) {
            const struct pending_text *text = &review->text[field];
            const uint32_t *item = accumulator->log + text->log_start;
            uint32_t position = 0;
            for (uint32_t i = 0; i < text->log_count; i++) {
                if (!(item[i] & LOG_SEARCH)) continue;
                uint32_t term = inversion->term_of_symbol[item[i] & LOG_SYMBOL];
                inversion->tokens[inversion->starts[(term >> 2) * (size_t)FIELD_COUNT + field]++] =
                    TOKEN(doc, position, term & 3);
                position++;
            }
        }
    }
}

static revue_status sort_tokens(struct inversion *inversion, revue_error *error) {
    size_t runs = inversion->vocabulary->stem_count * FIELD_COUNT;
    inversion->starts = memory_alloc_zeroed(runs + 1, sizeof *inversion->starts);
    inversion->tokens = memory_alloc_array(inversion->flush->accumulator->token_count, sizeof *inversion->tokens);
    if (!inversion->starts || !inversion->tokens) return error_no_memory(error);
    count_tokens(inversion);
    uint64_t next = 0;
    for (size_t run = 0; run <= runs; run++) {
        uint64_t count = inversion->starts[run];
        inversion->starts[run] = next;
        next += count;
    }
    place_tokens(inversion);
    memmove(inversion->starts + 1, inversion->starts, runs * sizeof *inversion->starts);
    inversion->starts[0] = 0;
    return REVUE_OK;
}

static revue_status gather_lengths(struct inversion *inversion, revue_error *error) {
    const struct flush *flush = inversion->flush;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        inversion->lengths[field] = memory_alloc_array(flush->doc_count, sizeof(uint32_t));
        if (!inversion->lengths[field]) return error_no_memory(error);
        for (uint32_t doc = 0; doc < flush->doc_count; doc++)
            inversion->lengths[field][doc] = flush->accumulator->reviews[flush->order[doc]].text[field].length;
    }
    return REVUE_OK;
}

static revue_status open_writers(struct inversion *inversion, revue_error *error) {
    const struct segment_sink *sink = inversion->flush->sink;
    bool has_positions = inversion->flush->meta.has_positions;
    uint64_t totals[FIELD_COUNT];
    uint32_t docs[FIELD_COUNT];
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        totals[field] = inversion->flush->meta.fields[field].total_length;
        docs[field] = inversion->flush->meta.fields[field].docs_with_field;
    }
    TRY(champions_init(&inversion->champions, inversion->flush->doc_count, totals, docs, error));
    TRY(stream_writer_open(&inversion->postings, sink, KIND_POSTINGS, error));
    TRY(stream_writer_open(&inversion->skips, sink, KIND_SKIPS, error));
    if (has_positions) TRY(stream_writer_open(&inversion->position_bits, sink, KIND_POSITIONS, error));
    TRY(postings_writer_create(&inversion->list_writer, &inversion->postings,
                               has_positions ? &inversion->position_bits : NULL, &inversion->skips, error));
    TRY(terms_writer_create(&inversion->terms, sink, error));
    return forms_writer_create(&inversion->forms, sink, error);
}

/* One list: the tokens of a run, review by review. */
static revue_status write_list(struct inversion *inversion, enum review_field field, uint64_t from, uint64_t to,
                               bool may_have_champions, struct posting_list *list, revue_error *error) {
    const uint64_t *tokens = inversion->tokens;
    postings_writer_begin(inversion->list_writer);
    while (from < to) {
        struct posting posting = {.doc = (uint32_t)(tokens[from] >> 32)};
        if (!MEMORY_RESERVE(inversion->positions, inversion->positions_capacity, 1)) return error_no_memory(error);
        for (; from < to && tokens[from] >> 32 == posting.doc; from++) {
            if (posting.frequency == inversion->positions_capacity &&
                !MEMORY_RESERVE(inversion->positions, inversion->positions_capacity, (size_t)posting.frequency + 1))
                return error_no_memory(error);
            inversion->positions[posting.frequency++] = (uint32_t)tokens[from] >> 2;
            posting.mask |= (uint8_t)(1u << (tokens[from] & 3));
        }
        posting.length = inversion->lengths[field][posting.doc];
        if (may_have_champions) champions_add(&inversion->champions, field, posting.doc, posting.frequency, posting.length);
        TRY(postings_writer_add(inversion->list_writer, posting,
                                inversion->flush->meta.has_positions ? inversion->positions : NULL, error));
    }
    TRY(postings_writer_end(inversion->list_writer, list, error));
    inversion->flush->meta.posting_count += list->df;
    return REVUE_OK;
}

/* Reviews in which one of the fields searched by default holds the stem: the runs of body, title and product side by side.
 */
static uint32_t count_reviews(const struct inversion *inversion, size_t rank) {
    uint64_t at[FIELD_AUTHOR], end[FIELD_AUTHOR];
    uint32_t df = 0;
    for (unsigned field = 0; field < FIELD_AUTHOR; field++) {
        at[field] = inversion->starts[rank * FIELD_COUNT + field];
        end[field] = inversion->starts[rank * FIELD_COUNT + field + 1];
    }
    for (;;) {
        uint64_t doc = UINT64_MAX;
        for (unsigned field = 0; field < FIELD_AUTHOR; field++)
            if (at[field] < end[field] && inversion->tokens[at[field]] >> 32 < doc)
                doc = inversion->tokens[at[field]] >> 32;
        if (doc == UINT64_MAX) return df;
        df++;
        for (unsigned field = 0; field < FIELD_AUTHOR; field++)
            while (at[field] < end[field] && inversion->tokens[at[field]] >> 32 == doc)
                at[field]++;
    }
}

static void describe_forms(const struct inversion *inversion, size_t rank, struct term_entry *entry) {
    const struct stem_forms *group = &inversion->stem_forms[rank];
    for (uint32_t i = 0; i < group->count; i++) {
        uint32_t form = inversion->forms_of_stems[group->first + i];
        uint8_t number = inversion->form_number[form];
        if (number == FORM_OTHER) {
            entry->has_more_forms = true;
            continue;
        }
        entry->forms[number] = inversion->vocabulary->forms[form].bytes;
        if (number >= entry->form_count) entry->form_count = (uint8_t)(number + 1);
    }
}

static revue_status write_term(struct inversion *inversion, size_t rank, revue_error *error) {
    struct term_entry entry = {.stem = inversion->vocabulary->stems[inversion->stem_order[rank]].bytes};
    unsigned default_fields = 0;
    bool may_have_champions =
        inversion->starts[rank * FIELD_COUNT + FIELD_AUTHOR] - inversion->starts[rank * FIELD_COUNT] > CHAMPIONS_DF;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        uint64_t from = inversion->starts[rank * FIELD_COUNT + field],
                 to = inversion->starts[rank * FIELD_COUNT + field + 1];
        if (from == to) continue;
        entry.fields |= (uint8_t)(1u << field);
        TRY(write_list(inversion, field, from, to, may_have_champions, &entry.lists[field], error));
        if (field != FIELD_AUTHOR) {
            default_fields++;
            entry.df = entry.lists[field].df;
        }
    }
    assert(entry.fields != 0); /* a form is first met in a paragraph that counts */
    if (default_fields > 1) entry.df = count_reviews(inversion, rank);
    TRY(champions_finish(&inversion->champions, entry.df, &inversion->skips, &entry.champions, &entry.champions_bytes,
                         error));
    describe_forms(inversion, rank, &entry);
    return terms_writer_add(inversion->terms, &entry, error);
}

static int compare_forms(const void *left, const void *right, void *context) {
    const struct vocabulary *vocabulary = context;
    const struct sort_key *a = left, *b = right;
    if (a->prefix != b->prefix) return a->prefix < b->prefix ? -1 : 1;
    int order = view_compare(vocabulary->forms[a->index].bytes, vocabulary->forms[b->index].bytes);
    if (order) return order;
    return vocabulary->forms[a->index].language < vocabulary->forms[b->index].language ? -1 : 1;
}

static revue_status write_forms(struct inversion *inversion, revue_error *error) {
    const struct vocabulary *vocabulary = inversion->vocabulary;
    size_t count = vocabulary->form_count;
    struct sort_key *keys = memory_alloc_array(count, sizeof *keys);
    if (!keys) return error_no_memory(error);
    for (size_t i = 0; i < count; i++)
        keys[i] = (struct sort_key){prefix_of(vocabulary->forms[i].bytes), (uint32_t)i};
    qsort_r(keys, count, sizeof *keys, compare_forms, (void *)(uintptr_t)vocabulary);
    revue_status status = REVUE_OK;
    for (size_t i = 0; i < count && status == REVUE_OK;) {
        struct form_entry entry = {.form = vocabulary->forms[keys[i].index].bytes};
        for (; i < count && view_equal(vocabulary->forms[keys[i].index].bytes, entry.form); i++) {
            const struct vocabulary_form *form = &vocabulary->forms[keys[i].index];
            if (entry.pair_count < FORM_PAIRS_MAX)
                entry.pairs[entry.pair_count++] = (struct form_pair){form->language, inversion->form_number[keys[i].index],
                                                                     vocabulary->stems[form->stem].bytes, form->df};
        }
        status = forms_writer_add(inversion->forms, &entry, error);
    }
    memory_free(keys);
    return status;
}

static revue_status write_dictionaries(struct inversion *inversion, revue_error *error) {
    TRY(open_writers(inversion, error));
    for (size_t rank = 0; rank < inversion->vocabulary->stem_count; rank++)
        TRY(write_term(inversion, rank, error));
    TRY(terms_writer_finish(inversion->terms, &inversion->flush->meta.term_count, error));
    TRY(stream_writer_finish(&inversion->postings, error));
    TRY(stream_writer_finish(&inversion->skips, error));
    if (inversion->flush->meta.has_positions) TRY(stream_writer_finish(&inversion->position_bits, error));
    TRY(write_forms(inversion, error));
    return forms_writer_finish(inversion->forms, &inversion->flush->meta.form_count, error);
}

static void inversion_free(struct inversion *inversion) {
    memory_free(inversion->stem_order);
    memory_free(inversion->stem_rank);
    memory_free(inversion->forms_of_stems);
    memory_free(inversion->stem_forms);
    memory_free(inversion->form_number);
    memory_free(inversion->term_of_symbol);
    memory_free(inversion->starts);
    memory_free(inversion->tokens);
    memory_free(inversion->positions);
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        memory_free(inversion->lengths[field]);
    champions_free(&inversion->champions);
    postings_writer_free(inversion->list_writer);
    stream_writer_free(&inversion->postings);
    stream_writer_free(&inversion->skips);
    stream_writer_free(&inversion->position_bits);
    terms_writer_free(inversion->terms);
    forms_writer_free(inversion->forms);
}

revue_status flush_terms(struct flush *flush, revue_error *error) {
    struct inversion inversion = {.flush = flush, .vocabulary = &flush->accumulator->vocabulary};
    revue_status status;
    TRY_DONE(order_stems(&inversion, error));
    TRY_DONE(group_forms(&inversion, error));
    TRY_DONE(map_symbols(&inversion, error));
    TRY_DONE(sort_tokens(&inversion, error));
    TRY_DONE(gather_lengths(&inversion, error));
    TRY_DONE(write_dictionaries(&inversion, error));
done:
    inversion_free(&inversion);
    return status;
}
