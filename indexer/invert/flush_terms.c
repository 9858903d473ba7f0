/* flush_terms.c - dictionaries, posting lists, positions and skip data of a segment.
 *
 * The stems are cut into ranges (inversion.h). A range is sorted and encoded by a worker into memory, and appended to the
 * segment by the caller, in order (encoded_lists.h). Ranges follow each other in passes: the tokens of one pass are
 * gathered, encoded and forgotten before those of the next take their room. */
#include "indexer/base/memory.h"
#include "indexer/invert/champions.h"
#include "indexer/invert/encoded_lists.h"
#include "indexer/invert/inversion.h"

#include <assert.h>

/* What a worker needs to encode a range. */
struct term_encoder {
    struct range_tokens tokens;
    struct champions champions;
    uint32_t *positions; /* of one posting */
    size_t positions_capacity;
};
/* A range being encoded, or waiting to be appended. */
struct term_range {
    const struct terms_flush *terms;
    struct term_encoder *encoder; /* while it is being encoded */
    struct encoded_lists lists;
    uint64_t posting_count;
};

struct terms_flush {
    struct flush *flush;
    struct inversion inversion;
    uint32_t first_range;           /* of the pass at hand */
    uint32_t *lengths[FIELD_COUNT]; /* by doc */
    struct term_range *ranges;      /* by slot */
    struct term_encoder *encoders;  /* by worker */
    unsigned slots, workers;
    struct lists_writer writer;
};

/* ---- encoding a range ---- */

static void encoder_init(struct term_encoder *encoder, const struct flush *flush) {
    uint64_t totals[FIELD_COUNT];
    uint32_t docs[FIELD_COUNT];
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        totals[field] = flush->meta.fields[field].total_length;
        docs[field] = flush->meta.fields[field].docs_with_field;
    }
    champions_init(&encoder->champions, flush->doc_count, totals, docs);
}

static void encoder_free(struct term_encoder *encoder) {
    range_tokens_free(&encoder->tokens);
    champions_free(&encoder->champions);
    memory_free(encoder->positions);
}

/* One list: the tokens of a run, review by review. */
static revue_status encode_list(struct term_range *range, enum review_field field, const uint64_t *token,
                                const uint64_t *end, bool may_have_champions, struct posting_list *list,
                                revue_error *error) {
    struct term_encoder *encoder = range->encoder;
    const uint32_t *lengths = range->terms->lengths[field];
    bool has_positions = range->terms->flush->meta.has_positions;
    postings_writer_begin(range->lists.writer);
    while (token < end) {
        struct posting posting = {.doc = token_doc(*token)};
        posting.length = lengths[posting.doc];
        if (posting.length > encoder->positions_capacity &&
            !MEMORY_RESERVE(encoder->positions, encoder->positions_capacity, posting.length))
            return error_no_memory(error);
        for (; token < end && token_doc(*token) == posting.doc; token++) {
            encoder->positions[posting.frequency++] = token_position(*token);
            posting.mask |= (uint8_t)(1u << token_form(*token));
        }
        if (may_have_champions) champions_add(&encoder->champions, field, posting.doc, posting.frequency, posting.length);
        TRY(postings_writer_add(range->lists.writer, posting, has_positions ? encoder->positions : NULL, error));
    }
    TRY(postings_writer_end(range->lists.writer, list, error));
    range->posting_count += list->df;
    return REVUE_OK;
}

/* Reviews in which one of the fields searched by default holds the stem: the runs of body, title and product side by side.
 */
static uint32_t count_reviews(const struct inversion *inversion, const struct range_tokens *tokens, size_t rank) {
    uint64_t at[FIELD_AUTHOR], end[FIELD_AUTHOR];
    uint32_t df = 0;
    for (unsigned field = 0; field < FIELD_AUTHOR; field++) {
        at[field] = inversion->starts[rank * FIELD_COUNT + field];
        end[field] = inversion->starts[rank * FIELD_COUNT + field + 1];
    }
    for (;;) {
        uint64_t doc = UINT64_MAX;
        for (unsigned field = 0; field < FIELD_AUTHOR; field++)
            if (at[field] < end[field] && token_doc(*range_token(tokens, at[field])) < doc)
                doc = token_doc(*range_token(tokens, at[field]));
        if (doc == UINT64_MAX) return df;
        df++;
        for (unsigned field = 0; field < FIELD_AUTHOR; field++)
            while (at[field] < end[field] && token_doc(*range_token(tokens, at[field])) == doc)
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
    struct term_encoder *encoder = range->encoder;
    const struct inversion *inversion = &range->terms->inversion;
    const struct lexicon *lexicon = &range->terms->flush->lexicon;
    const uint64_t *starts = inversion->starts + (size_t)rank * FIELD_COUNT;
    bool may_have_champions = starts[FIELD_AUTHOR] - starts[0] > CHAMPIONS_DF;
    unsigned default_fields = 0;
    *entry = (struct term_entry){.stem = lexicon->stems[rank]};
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        if (starts[field] == starts[field + 1]) continue;
        entry->fields |= (uint8_t)(1u << field);
        TRY(encode_list(range, (enum review_field)field, range_token(&encoder->tokens, starts[field]),
                        range_token(&encoder->tokens, starts[field + 1]), may_have_champions, &entry->lists[field], error));
        if (field == FIELD_AUTHOR) continue;
        default_fields++;
        entry->df = entry->lists[field].df;
    }
    assert(entry->fields != 0); /* a form is first met in a paragraph that counts */
    if (default_fields > 1) entry->df = count_reviews(inversion, &encoder->tokens, rank);
    describe_forms(lexicon, rank, entry);
    return champions_finish(&encoder->champions, entry->df, entry->fields, &range->lists.streams[LISTS_SKIPS],
                            &entry->champions, &entry->champions_bytes, error);
}

static revue_status make_range(void *context, uint32_t part, unsigned slot, unsigned worker, revue_error *error) {
    const struct terms_flush *terms = context;
    struct term_range *range = &terms->ranges[slot];
    range->terms = terms;
    range->encoder = &terms->encoders[worker];
    range->posting_count = 0;
    encoded_lists_clear(&range->lists);
    TRY(inversion_sort(&terms->inversion, terms->first_range + part, &range->encoder->tokens, error));
    const uint32_t *starts = terms->inversion.range_starts + terms->first_range + part;
    for (uint32_t rank = starts[0]; rank < starts[1]; rank++) {
        struct term_entry *entry = encoded_lists_add(&range->lists);
        if (!entry) return error_no_memory(error);
        TRY(encode_term(range, rank, entry, error));
    }
    return encoded_lists_finish(&range->lists, error);
}

static revue_status append_range(void *context, uint32_t part, unsigned slot, revue_error *error) {
    struct terms_flush *terms = context;
    struct term_range *range = &terms->ranges[slot];
    (void)part;
    terms->flush->meta.posting_count += range->posting_count;
    return lists_writer_append(&terms->writer, &range->lists, error);
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

static revue_status open_streams(struct terms_flush *terms, revue_error *error) {
    TRY(lists_writer_init(&terms->writer, terms->flush->sink, error));
    terms->ranges = memory_alloc_zeroed(terms->slots, sizeof *terms->ranges);
    terms->encoders = memory_alloc_zeroed(terms->workers, sizeof *terms->encoders);
    if (!terms->ranges || !terms->encoders) return error_no_memory(error);
    for (unsigned worker = 0; worker < terms->workers; worker++)
        encoder_init(&terms->encoders[worker], terms->flush);
    for (unsigned slot = 0; slot < terms->slots; slot++)
        TRY(encoded_lists_init(&terms->ranges[slot].lists, terms->flush->meta.has_positions, error));
    return REVUE_OK;
}

/* The end of the pass that begins with range first: as many as have the tokens of a pass, and at least one. */
static uint32_t pass_end(const struct terms_flush *terms, uint32_t first) {
    const struct inversion *inversion = &terms->inversion;
    uint64_t most = accumulator_pass_tokens(terms->flush->accumulator), before = inversion_tokens_before(inversion, first);
    uint32_t end = first + 1;
    while (end < inversion->range_count && inversion_tokens_before(inversion, end + 1) - before <= most)
        end++;
    return end;
}

static revue_status write_pass(struct terms_flush *terms, uint32_t end, revue_error *error) {
    struct parts parts = {make_range, append_range, terms, end - terms->first_range, terms->slots};
    TRY(inversion_gather(&terms->inversion, terms->flush, terms->first_range, end, error));
    return parts_run(terms->flush->accumulator->workers, &parts, error);
}

static revue_status write_lists(struct terms_flush *terms, revue_error *error) {
    for (uint32_t end; terms->first_range < terms->inversion.range_count; terms->first_range = end) {
        end = pass_end(terms, terms->first_range);
        TRY(write_pass(terms, end, error));
    }
    return lists_writer_finish(&terms->writer, &terms->flush->meta.term_count, error);
}

static void terms_flush_free(struct terms_flush *terms) {
    inversion_free(&terms->inversion);
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        memory_free(terms->lengths[field]);
    for (unsigned slot = 0; terms->ranges && slot < terms->slots; slot++)
        encoded_lists_free(&terms->ranges[slot].lists);
    for (unsigned worker = 0; terms->encoders && worker < terms->workers; worker++)
        encoder_free(&terms->encoders[worker]);
    memory_free(terms->ranges);
    memory_free(terms->encoders);
    lists_writer_free(&terms->writer);
}

revue_status flush_terms(struct flush *flush, revue_error *error) {
    struct terms_flush terms = {.flush = flush,
                                .slots = accumulator_parts_ahead(flush->accumulator),
                                .workers = workers_threads(flush->accumulator->workers)};
    revue_status status;
    TRY_DONE(gather_lengths(&terms, error));
    TRY_DONE(inversion_init(&terms.inversion, flush, error));
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
