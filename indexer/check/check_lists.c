/* check_lists.c - the posting lists of a stem: postings_check proves each by itself; then it is read once more for what
 * lists say together: in how many reviews the stem is, how many tokens a review has, and which words stand where.
 *
 * The last is a sum per review and field of the hashes of (stem, position) and (stem, form): it does not depend on the
 * order, so that the lists, which come stem by stem, can be compared with the texts, which come review by review
 * (check_analysis.c), in 8 bytes a field. */
#include "indexer/check/check.h"

#include "indexer/base/hash.h"
#include "indexer/base/memory.h"
#include "indexer/format/scoring.h"

struct check_lists {
    struct check *check;
    struct check_segment *segment;
    struct check_list_totals totals;
    struct postings_reader reader;
    struct positions_reader positions;
    uint32_t *decoded; /* positions of one posting */
    size_t decoded_capacity;
    uint32_t *holder;  /* by review: the last stem that body, title or product held, as its ordinal */
    uint32_t *holders; /* unioned of them: reviews held by the stem at hand */
    double *worth;     /* of those reviews */
    uint32_t ordinal;  /* of the stem at hand, from 1 */
    uint32_t unioned;
    bool has_champions; /* so its worth to reviews is wanted */
    uint64_t stem_hash;
};

revue_status check_lists_create(struct check_lists **created, struct check *check, struct check_segment *segment,
                                revue_error *error) {
    struct check_lists *lists = memory_alloc_zeroed(1, sizeof *lists);
    if (!lists) return error_no_memory(error);
    lists->check = check;
    lists->segment = segment;
    lists->totals.is_whole = true;
    lists->holder = memory_alloc_zeroed(segment->row->doc_count, sizeof *lists->holder);
    lists->holders = memory_alloc_array(segment->row->doc_count, sizeof *lists->holders);
    lists->worth = memory_alloc_array(segment->row->doc_count, sizeof *lists->worth);
    if (!lists->holder || !lists->holders || !lists->worth) {
        check_lists_free(lists);
        return error_no_memory(error);
    }
    *created = lists;
    return REVUE_OK;
}

void check_lists_free(struct check_lists *lists) {
    if (!lists) return;
    memory_free(lists->decoded);
    memory_free(lists->holder);
    memory_free(lists->holders);
    memory_free(lists->worth);
    memory_free(lists);
}

bool check_lists_hold(const struct check_lists *lists, uint32_t doc) {
    return lists->holder[doc] == lists->ordinal;
}

uint32_t check_lists_holder(const struct check_lists *lists, uint32_t index) {
    return lists->holders[index];
}

double check_lists_worth(const struct check_lists *lists, uint32_t doc) {
    return lists->worth[doc];
}

struct check_list_totals check_lists_totals(const struct check_lists *lists) {
    return lists->totals;
}

/* ---- the list by itself ---- */

static uint32_t length_of(void *context, uint32_t doc) {
    return ((const uint32_t *)context)[doc];
}

static revue_status prove_list(struct check_lists *lists, const struct posting_list *list, unsigned field, uint64_t *tokens,
                               revue_error *error) {
    struct segment *segment = lists->segment->segment;
    revue_status status =
        postings_reader_open(&lists->reader, segment_postings(segment), segment->meta.doc_count, list, error);
    if (status == REVUE_OK)
        status = postings_check(&lists->reader, length_of, lists->segment->lengths[field], segment->meta.has_positions,
                                tokens, error);
    postings_reader_close(&lists->reader);
    return status;
}

/* ---- with the others ---- */

static revue_status add_positions(struct check_lists *lists, uint32_t index, uint64_t *sum, revue_error *error) {
    uint32_t frequency = lists->reader.frequencies[index];
    if (!MEMORY_RESERVE(lists->decoded, lists->decoded_capacity, (size_t)frequency + POSITIONS_BEHIND))
        return error_no_memory(error);
    TRY(positions_reader_read(&lists->positions, &lists->reader, index, lists->decoded, error));
    for (uint32_t i = 0; i < frequency; i++)
        *sum += check_token_hash(lists->stem_hash, CHECK_TOKEN_AT + lists->decoded[i]);
    return REVUE_OK;
}

double check_worth(const struct check_segment *segment, unsigned field, uint32_t frequency, uint32_t length) {
    const struct segment_field *about = &segment->segment->meta.fields[field];
    double average = scoring_average(about->total_length, about->docs_with_field);
    return scoring_field_value(scoring_default_weights[field], frequency, scoring_norm(SCORING_B, length, average));
}

static void add_holder(struct check_lists *lists, unsigned field, uint32_t doc, uint32_t frequency) {
    if (lists->holder[doc] != lists->ordinal) {
        lists->holder[doc] = lists->ordinal;
        lists->holders[lists->unioned++] = doc;
        lists->worth[doc] = 0;
    }
    if (lists->has_champions)
        lists->worth[doc] += check_worth(lists->segment, field, frequency, lists->segment->lengths[field][doc]);
}

static revue_status add_posting(struct check_lists *lists, unsigned field, uint32_t index, revue_error *error) {
    const struct postings_reader *reader = &lists->reader;
    uint32_t doc = reader->docs[index], frequency = reader->frequencies[index];
    uint64_t *sum = &lists->segment->sums[field][doc];
    if (field != FIELD_AUTHOR) add_holder(lists, field, doc, frequency);
    lists->segment->counted[field][doc] += frequency;
    for (unsigned form = 0; form < 4; form++)
        if (reader->masks[index] >> form & 1) *sum += check_token_hash(lists->stem_hash, form);
    if (lists->segment->segment->meta.has_positions) return add_positions(lists, index, sum, error);
    *sum += frequency * check_token_hash(lists->stem_hash, CHECK_TOKEN_WITHOUT_POSITION);
    return REVUE_OK;
}

static revue_status add_block(struct check_lists *lists, const struct term_entry *entry, unsigned field,
                              revue_error *error) {
    struct postings_reader *reader = &lists->reader;
    unsigned forms = ((1u << entry->form_count) - 1) | (entry->has_more_forms ? 1u << FORM_OTHER : 0);
    TRY(postings_reader_docs(reader, error));
    TRY(postings_reader_frequencies(reader, error));
    TRY(postings_reader_masks(reader, error));
    for (uint32_t i = 0; i < reader->count; i++) {
        if (reader->masks[i] & ~forms)
            return postings_damaged(reader, "a mask names a form that the term does not have", error);
    }
    for (uint32_t i = 0; i < reader->count; i++)
        TRY(add_posting(lists, field, i, error));
    return REVUE_OK;
}

static revue_status add_list(struct check_lists *lists, const struct term_entry *entry, unsigned field,
                             revue_error *error) {
    struct segment *segment = lists->segment->segment;
    positions_reader_open(&lists->positions);
    revue_status status = postings_reader_open(&lists->reader, segment_postings(segment), segment->meta.doc_count,
                                               &entry->lists[field], error);
    while (status == REVUE_OK && lists->reader.count > 0) {
        status = add_block(lists, entry, field, error);
        if (status == REVUE_OK) status = postings_reader_next_block(&lists->reader, error);
    }
    positions_reader_close(&lists->positions);
    postings_reader_close(&lists->reader);
    return status;
}

/* ---- a stem ---- */

revue_status check_lists_of(struct check_lists *lists, const struct term_entry *entry, uint32_t *unioned,
                            revue_error *error) {
    check_rest(lists->check);
    lists->ordinal++;
    lists->unioned = 0;
    lists->has_champions = entry->champions_bytes > 0;
    lists->stem_hash = hash_view(entry->stem);
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        uint64_t tokens = 0;
        if (!(entry->fields >> field & 1)) continue;
        revue_status status = prove_list(lists, &entry->lists[field], field, &tokens, error);
        if (status == REVUE_OK) status = add_list(lists, entry, field, error);
        if (status == REVUE_OK) {
            lists->totals.postings += entry->lists[field].df;
            lists->totals.tokens[field] += tokens;
            continue;
        }
        lists->totals.is_whole = false;
        TRY(check_outcome(lists->check, status, error, "segment %u, term \"%.*s\" in %s", lists->segment->row->number,
                          (int)entry->stem.size, entry->stem.data, check_field_name(field)));
    }
    *unioned = lists->unioned;
    return REVUE_OK;
}
