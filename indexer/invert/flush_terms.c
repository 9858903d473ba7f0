/* flush_terms.c - dictionaries, posting lists, positions and skip data of a segment.
 *
 * The stems are cut into ranges. A range is encoded by a worker into memory, with addresses that begin at 0; the caller
 * appends ranges in order to the streams of the segment and moves the addresses on. So nothing but the caller talks to the
 * store, and the bytes do not depend on where the cuts lie. Ranges follow each other in passes: the tokens of one pass are
 * placed, encoded and forgotten before those of the next take their room. */
#include "indexer/base/memory.h"
#include "indexer/format/dictionary.h"
#include "indexer/invert/champions.h"
#include "indexer/invert/inversion.h"

#include <assert.h>

/* A range ends with the stem that passes one of these. */
#define RANGE_TOKENS ((uint64_t)1 << 17)
#define RANGE_STEMS 1024u

enum { LISTS_POSTINGS, LISTS_POSITIONS, LISTS_SKIPS, LISTS_COUNT };
static const enum segment_kind list_kinds[LISTS_COUNT] = {KIND_POSTINGS, KIND_POSITIONS, KIND_SKIPS};

/* A range being encoded, or waiting to be appended. */
struct term_range {
    const struct terms_flush *terms;
    struct term_entry entries[RANGE_STEMS];
    uint32_t count;
    uint64_t posting_count;
    struct segment_sink sink; /* collects extents in encoded */
    struct stream_writer streams[LISTS_COUNT];
    struct bytes encoded[LISTS_COUNT];
    postings_writer *list_writer;
    struct champions champions;
    uint32_t *positions; /* of one posting */
    size_t positions_capacity;
};

struct terms_flush {
    struct flush *flush;
    struct inversion inversion;
    uint32_t *range_starts;            /* first rank of each range, one more at the end */
    uint32_t range_count, first_range; /* of the pass at hand */
    uint32_t *lengths[FIELD_COUNT];    /* by doc */
    struct term_range **ranges;        /* by slot */
    unsigned slots;
    struct stream_writer streams[LISTS_COUNT];
    terms_writer *writer;
};

/* ---- encoding a range ---- */

static revue_status collect(void *context, enum segment_kind kind, struct view part, struct view value,
                            revue_error *error) {
    struct term_range *range = context;
    (void)part;
    for (unsigned i = 0; i < LISTS_COUNT; i++)
        if (list_kinds[i] == kind) {
            bytes_append(&range->encoded[i], value.data, value.size);
            if (range->encoded[i].failed) return error_no_memory(error);
        }
    return REVUE_OK;
}

static revue_status range_create(struct term_range **created, const struct terms_flush *terms, revue_error *error) {
    bool has_positions = terms->flush->meta.has_positions;
    struct term_range *range = memory_alloc_zeroed(1, sizeof *range);
    if (!range) return error_no_memory(error);
    *created = range;
    range->terms = terms;
    range->sink = (struct segment_sink){collect, range};
    for (unsigned i = 0; i < LISTS_COUNT; i++)
        TRY(stream_writer_open(&range->streams[i], &range->sink, list_kinds[i], error));
    uint64_t totals[FIELD_COUNT];
    uint32_t docs[FIELD_COUNT];
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        totals[field] = terms->flush->meta.fields[field].total_length;
        docs[field] = terms->flush->meta.fields[field].docs_with_field;
    }
    TRY(champions_init(&range->champions, terms->flush->doc_count, totals, docs, error));
    return postings_writer_create(&range->list_writer, &range->streams[LISTS_POSTINGS],
                                  has_positions ? &range->streams[LISTS_POSITIONS] : NULL, &range->streams[LISTS_SKIPS],
                                  error);
}

static void range_free(struct term_range *range) {
    if (!range) return;
    for (unsigned i = 0; i < LISTS_COUNT; i++) {
        stream_writer_free(&range->streams[i]);
        bytes_free(&range->encoded[i]);
    }
    champions_free(&range->champions);
    postings_writer_free(range->list_writer);
    memory_free(range->positions);
    memory_free(range);
}

/* One list: the tokens of a run, review by review. */
static revue_status encode_list(struct term_range *range, enum review_field field, const uint64_t *token,
                                const uint64_t *end, bool may_have_champions, struct posting_list *list,
                                revue_error *error) {
    const uint32_t *lengths = range->terms->lengths[field];
    bool has_positions = range->terms->flush->meta.has_positions;
    postings_writer_begin(range->list_writer);
    while (token < end) {
        struct posting posting = {.doc = token_doc(*token)};
        posting.length = lengths[posting.doc];
        if (posting.length > range->positions_capacity &&
            !MEMORY_RESERVE(range->positions, range->positions_capacity, posting.length))
            return error_no_memory(error);
        for (; token < end && token_doc(*token) == posting.doc; token++) {
            range->positions[posting.frequency++] = token_position(*token);
            posting.mask |= (uint8_t)(1u << token_form(*token));
        }
        if (may_have_champions) champions_add(&range->champions, field, posting.doc, posting.frequency, posting.length);
        TRY(postings_writer_add(range->list_writer, posting, has_positions ? range->positions : NULL, error));
    }
    TRY(postings_writer_end(range->list_writer, list, error));
    range->posting_count += list->df;
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
            if (at[field] < end[field] && token_doc(*inversion_token(inversion, at[field])) < doc)
                doc = token_doc(*inversion_token(inversion, at[field]));
        if (doc == UINT64_MAX) return df;
        df++;
        for (unsigned field = 0; field < FIELD_AUTHOR; field++)
            while (at[field] < end[field] && token_doc(*inversion_token(inversion, at[field])) == doc)
                at[field]++;
    }
}

static void describe_forms(const struct lexicon *lexicon, uint32_t rank, struct term_entry *entry) {
    for (uint32_t i = lexicon->first_form[rank]; i < lexicon->first_form[rank + 1]; i++) {
        const struct lexicon_form *form = &lexicon->forms[lexicon->forms_of_stems[i]];
        if (form->number == FORM_OTHER) {
            entry->has_more_forms = true;
            continue;
        }
        entry->forms[form->number] = form->bytes;
        if (form->number >= entry->form_count) entry->form_count = (uint8_t)(form->number + 1);
    }
}

static revue_status encode_term(struct term_range *range, uint32_t rank, struct term_entry *entry, revue_error *error) {
    const struct inversion *inversion = &range->terms->inversion;
    const struct lexicon *lexicon = &range->terms->flush->lexicon;
    const uint64_t *starts = inversion->starts + (size_t)rank * FIELD_COUNT;
    bool may_have_champions = starts[FIELD_AUTHOR] - starts[0] > CHAMPIONS_DF;
    unsigned default_fields = 0;
    *entry = (struct term_entry){.stem = lexicon->stems[rank]};
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        if (starts[field] == starts[field + 1]) continue;
        entry->fields |= (uint8_t)(1u << field);
        TRY(encode_list(range, (enum review_field)field, inversion_token(inversion, starts[field]),
                        inversion_token(inversion, starts[field + 1]), may_have_champions, &entry->lists[field], error));
        if (field == FIELD_AUTHOR) continue;
        default_fields++;
        entry->df = entry->lists[field].df;
    }
    assert(entry->fields != 0); /* a form is first met in a paragraph that counts */
    if (default_fields > 1) entry->df = count_reviews(inversion, rank);
    describe_forms(lexicon, rank, entry);
    return champions_finish(&range->champions, entry->df, entry->fields, &range->streams[LISTS_SKIPS], &entry->champions,
                            &entry->champions_bytes, error);
}

static revue_status make_range(void *context, uint32_t part, unsigned slot, revue_error *error) {
    const struct terms_flush *terms = context;
    struct term_range *range = terms->ranges[slot];
    range->count = 0;
    range->posting_count = 0;
    for (unsigned i = 0; i < LISTS_COUNT; i++) {
        bytes_clear(&range->encoded[i]);
        range->streams[i].extent = range->streams[i].filled = 0;
        range->streams[i].size = 0;
    }
    const uint32_t *starts = terms->range_starts + terms->first_range + part;
    for (uint32_t rank = starts[0]; rank < starts[1]; rank++)
        TRY(encode_term(range, rank, &range->entries[range->count++], error));
    for (unsigned i = 0; i < LISTS_COUNT; i++)
        TRY(stream_writer_finish(&range->streams[i], error));
    return REVUE_OK;
}

/* ---- appending ---- */

/* Moves an entry's addresses from those of its range to those of the segment. */
static void move_entry(const struct terms_flush *terms, struct term_entry *entry) {
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        entry->lists[field].postings += terms->streams[LISTS_POSTINGS].size;
        entry->lists[field].positions += terms->streams[LISTS_POSITIONS].size;
        entry->lists[field].skips += terms->streams[LISTS_SKIPS].size;
    }
    entry->champions += terms->streams[LISTS_SKIPS].size;
}

static revue_status append_range(void *context, uint32_t part, unsigned slot, revue_error *error) {
    struct terms_flush *terms = context;
    struct term_range *range = terms->ranges[slot];
    (void)part;
    for (uint32_t i = 0; i < range->count; i++) {
        move_entry(terms, &range->entries[i]);
        TRY(terms_writer_add(terms->writer, &range->entries[i], error));
    }
    for (unsigned i = 0; i < LISTS_COUNT; i++)
        TRY(stream_writer_append(&terms->streams[i], range->encoded[i].data, range->encoded[i].size, error));
    terms->flush->meta.posting_count += range->posting_count;
    return REVUE_OK;
}

/* ---- getting ready ---- */

static revue_status gather_lengths(struct terms_flush *terms, revue_error *error) {
    const struct flush *flush = terms->flush;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        terms->lengths[field] = memory_alloc_array(flush->doc_count, sizeof(uint32_t));
        if (!terms->lengths[field]) return error_no_memory(error);
        for (uint32_t doc = 0; doc < flush->doc_count; doc++)
            terms->lengths[field][doc] = flush->reviews[doc]->text[field].length;
    }
    return REVUE_OK;
}

static revue_status cut_ranges(struct terms_flush *terms, revue_error *error) {
    const struct inversion *inversion = &terms->inversion;
    uint32_t stems = terms->flush->lexicon.stem_count;
    size_t most = terms->flush->meta.token_count / RANGE_TOKENS + stems / RANGE_STEMS + 2, count = 0;
    terms->range_starts = memory_alloc_array(most + 1, sizeof *terms->range_starts);
    if (!terms->range_starts) return error_no_memory(error);
    for (uint32_t first = 0, rank; first < stems; first = rank) {
        terms->range_starts[count++] = first;
        for (rank = first + 1; rank < stems && rank - first < RANGE_STEMS; rank++)
            if (inversion_tokens_before(inversion, rank) - inversion_tokens_before(inversion, first) >= RANGE_TOKENS) break;
    }
    terms->range_starts[count] = stems;
    terms->range_count = (uint32_t)count;
    return REVUE_OK;
}

static revue_status open_streams(struct terms_flush *terms, revue_error *error) {
    const struct segment_sink *sink = terms->flush->sink;
    workers *pool = terms->flush->accumulator->workers;
    for (unsigned i = 0; i < LISTS_COUNT; i++)
        TRY(stream_writer_open(&terms->streams[i], sink, list_kinds[i], error));
    TRY(terms_writer_create(&terms->writer, sink, error));
    terms->ranges = memory_alloc_zeroed(flush_slots(pool), sizeof(struct term_range *));
    if (!terms->ranges) return error_no_memory(error);
    terms->slots = flush_slots(pool);
    for (unsigned slot = 0; slot < terms->slots; slot++)
        TRY(range_create(&terms->ranges[slot], terms, error));
    return REVUE_OK;
}

/* How many tokens lie before a range that was not placed yet, or with range_count in all. */
static uint64_t tokens_before(const struct terms_flush *terms, uint32_t range) {
    return range < terms->range_count ? inversion_tokens_before(&terms->inversion, terms->range_starts[range])
                                      : terms->flush->meta.token_count;
}

/* The end of the pass that begins with range first: as many as have the tokens of a pass, and at least one. */
static uint32_t pass_end(const struct terms_flush *terms, uint32_t first) {
    uint64_t most = accumulator_pass_tokens(terms->flush->accumulator), before = tokens_before(terms, first);
    uint32_t end = first + 1;
    while (end < terms->range_count && tokens_before(terms, end + 1) - before <= most)
        end++;
    return end;
}

static revue_status write_pass(struct terms_flush *terms, uint32_t end, revue_error *error) {
    struct flush_parts parts = {make_range, append_range, terms, end - terms->first_range};
    TRY(inversion_place(&terms->inversion, terms->flush, terms->range_starts[terms->first_range], terms->range_starts[end],
                        error));
    return flush_run_parts(terms->flush->accumulator->workers, &parts, error);
}

static revue_status write_lists(struct terms_flush *terms, revue_error *error) {
    for (uint32_t end; terms->first_range < terms->range_count; terms->first_range = end) {
        end = pass_end(terms, terms->first_range);
        TRY(write_pass(terms, end, error));
    }
    TRY(terms_writer_finish(terms->writer, &terms->flush->meta.term_count, error));
    for (unsigned i = 0; i < LISTS_COUNT; i++)
        TRY(stream_writer_finish(&terms->streams[i], error));
    return REVUE_OK;
}

static void terms_flush_free(struct terms_flush *terms) {
    inversion_free(&terms->inversion);
    memory_free(terms->range_starts);
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        memory_free(terms->lengths[field]);
    for (unsigned slot = 0; slot < terms->slots; slot++)
        range_free(terms->ranges[slot]);
    memory_free(terms->ranges);
    for (unsigned i = 0; i < LISTS_COUNT; i++)
        stream_writer_free(&terms->streams[i]);
    terms_writer_free(terms->writer);
}

revue_status flush_terms(struct flush *flush, revue_error *error) {
    struct terms_flush terms = {.flush = flush};
    revue_status status;
    TRY_DONE(gather_lengths(&terms, error));
    TRY_DONE(inversion_init(&terms.inversion, flush, error));
    TRY_DONE(cut_ranges(&terms, error));
    TRY_DONE(open_streams(&terms, error));
    TRY_DONE(write_lists(&terms, error));
done:
    terms_flush_free(&terms);
    return status;
}

/* ---- forms ---- */

static revue_status add_forms(const struct lexicon *lexicon, forms_writer *writer, revue_error *error) {
    for (uint32_t i = 0; i < lexicon->form_count;) {
        struct form_entry entry = {.form = lexicon->forms[i].bytes};
        for (; i < lexicon->form_count && view_equal(lexicon->forms[i].bytes, entry.form); i++) {
            const struct lexicon_form *form = &lexicon->forms[i];
            if (entry.pair_count < FORM_PAIRS_MAX)
                entry.pairs[entry.pair_count++] =
                    (struct form_pair){form->language, form->number, lexicon->stems[form->stem], form->df};
        }
        TRY(forms_writer_add(writer, &entry, error));
    }
    return REVUE_OK;
}

revue_status flush_forms(struct flush *flush, const struct segment_sink *sink, revue_error *error) {
    forms_writer *writer;
    TRY(forms_writer_create(&writer, sink, error));
    revue_status status = add_forms(&flush->lexicon, writer, error);
    if (status == REVUE_OK) status = forms_writer_finish(writer, &flush->meta.form_count, error);
    forms_writer_free(writer);
    return status;
}
