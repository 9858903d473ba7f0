/* postings_check.c - a posting list read whole, everything in it compared with everything else: the part of `check` that
 * checksums cannot do, since they also fit what a faulty writer wrote. */
#include "indexer/base/memory.h"
#include "indexer/format/postings_skips.h"

struct check {
    struct postings_reader *reader;
    struct positions_reader positions;
    uint32_t (*length_of)(void *context, uint32_t doc);
    void *context;
    bool has_positions;
    uint32_t lengths[POSTINGS_BLOCK]; /* of the block's reviews */
    struct impacts list_impacts;
    uint32_t *decoded; /* positions of one posting */
    uint32_t largest;  /* position of the block */
    size_t decoded_capacity;
    uint64_t tokens;
};

static bool bounds(const struct impacts *impacts, uint32_t frequency, uint32_t length) {
    for (uint32_t i = 0; i < impacts->count; i++) {
        const struct impact pair = impacts->pairs[i];
        const bool is_high = pair.frequency_code == IMPACT_ANY || impact_value(pair.frequency_code) >= frequency;
        if (is_high && impact_value(pair.length_code) <= length) return true;
    }
    return false;
}

static bool ascend(const struct impacts *impacts) {
    for (uint32_t i = 1; i < impacts->count; i++) {
        if (impacts->pairs[i].frequency_code <= impacts->pairs[i - 1].frequency_code ||
            impacts->pairs[i].length_code <= impacts->pairs[i - 1].length_code)
            return false;
    }
    return impacts->count > 0 && impacts->count <= IMPACTS_MAX;
}

/* Order of the reviews, and that each posting is possible in its field. */
static const char *wrong_posting(struct check *check) {
    const struct postings_reader *reader = check->reader;
    for (uint32_t i = 0; i < reader->count; i++) {
        const uint32_t doc = reader->docs[i], before = i ? reader->docs[i - 1] : reader->previous_last;
        if (before != UINT32_MAX && doc <= before) return "reviews do not ascend";
        if (doc >= reader->doc_count) return "a review is not in the segment";
        if (reader->masks[i] == 0 || reader->masks[i] > 15) return "a mask names no form";
        if ((uint32_t)__builtin_popcount(reader->masks[i]) > reader->frequencies[i])
            return "a mask names more forms than there are occurrences";
        check->lengths[i] = check->length_of(check->context, doc);
        if (reader->frequencies[i] > check->lengths[i]) return "a frequency is over the length of its field";
        check->tokens += reader->frequencies[i];
    }
    return reader->docs[reader->count - 1] == reader->last_doc ? NULL : "it does not end where the skip record says";
}

static revue_status check_impacts(struct check *check, revue_error *error) {
    struct postings_reader *reader = check->reader;
    struct impacts block, group;
    uint32_t group_last;
    const char *wrong = reader->directory ? skip_group_positions(reader) : NULL;
    if (wrong) return postings_damaged(reader, wrong, error);
    TRY(postings_reader_block_impacts(reader, &block, error));
    TRY(postings_reader_group_impacts(reader, reader->docs[0], &group, &group_last, error));
    if (!ascend(&block) || !ascend(&group)) return postings_damaged(reader, "impact pairs do not ascend", error);
    if (group_last < reader->last_doc) return postings_damaged(reader, "its group ends before it", error);
    for (uint32_t i = 0; i < reader->count; i++) {
        const uint32_t frequency = reader->frequencies[i], length = check->lengths[i];
        if (!bounds(&block, frequency, length) || !bounds(&group, frequency, length) ||
            !bounds(&check->list_impacts, frequency, length)) {
            return postings_damaged(reader, "a posting is above its impact pairs", error);
        }
    }
    return REVUE_OK;
}

static revue_status check_positions_of(struct check *check, uint32_t index, revue_error *error) {
    struct postings_reader *reader = check->reader;
    const uint32_t frequency = reader->frequencies[index], length = check->lengths[index];
    /* Each of many positions takes a bit at least: no memory for more than there can be. */
    if (!reader->list.is_inline && (frequency - 1) / 8 > reader->list.positions_bytes) {
        return postings_damaged(reader, "positions end early", error);
    }
    if (!MEMORY_RESERVE(check->decoded, check->decoded_capacity, (size_t)frequency + POSITIONS_BEHIND))
        return error_no_memory(error);
    TRY(positions_reader_read(&check->positions, reader, index, check->decoded, error));
    for (uint32_t i = 0; i < frequency; i++) {
        if (check->decoded[i] >= length || (i && check->decoded[i] <= check->decoded[i - 1])) {
            return postings_damaged(reader, "positions do not ascend within their field", error);
        }
    }
    if (check->decoded[frequency - 1] > check->largest) check->largest = check->decoded[frequency - 1];
    return REVUE_OK;
}

static revue_status check_unit(struct check *check, revue_error *error) {
    check->largest = 0;
    for (uint32_t i = 0; i < check->reader->count; i++)
        TRY(check_positions_of(check, i, error));
    return positions_reader_check(&check->positions, check->reader, check->largest, error);
}

static revue_status check_block(struct check *check, revue_error *error) {
    struct postings_reader *reader = check->reader;
    TRY(postings_reader_docs(reader, error));
    TRY(postings_reader_frequencies(reader, error));
    TRY(postings_reader_masks(reader, error));
    const char *wrong = wrong_posting(check);
    if (wrong) return postings_damaged(reader, wrong, error);
    TRY(check_impacts(check, error));
    return check->has_positions ? check_unit(check, error) : REVUE_OK;
}

static revue_status check_blocks(struct check *check, revue_error *error) {
    struct postings_reader *reader = check->reader;
    uint32_t seen = 0;
    TRY(postings_reader_list_impacts(reader, &check->list_impacts, error));
    if (!ascend(&check->list_impacts)) return postings_damaged(reader, "the list's impact pairs do not ascend", error);
    while (reader->count) {
        if (reader->block_first != seen) return postings_damaged(reader, "a block is missing before it", error);
        TRY(check_block(check, error));
        seen += reader->count;
        TRY(postings_reader_next_block(reader, error));
    }
    return seen == reader->list.df ? REVUE_OK : postings_damaged(reader, "postings are missing", error);
}

revue_status postings_check(struct postings_reader *reader, uint32_t (*length_of)(void *context, uint32_t doc),
                            void *context, bool has_positions, uint64_t *tokens, revue_error *error) {
    struct check check = {.reader = reader, .length_of = length_of, .context = context, .has_positions = has_positions};
    positions_reader_open(&check.positions);
    revue_status status = check_blocks(&check, error);
    if (status == REVUE_OK) *tokens = check.tokens;
    positions_reader_close(&check.positions);
    memory_free(check.decoded);
    return status;
}
