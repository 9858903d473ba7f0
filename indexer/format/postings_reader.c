/* postings_reader.c - a posting list read block by block (FORMAT.md, 6.3 and 6.5); see postings.h.
 *
 * Where a block ends is known before any of it is decoded: from the skip record, or, in a list of one block, because the
 * block is decoded when the list is opened. Moving therefore costs a look at an array of 32 reviews, sometimes a step in
 * the directory and one group; the payload waits until somebody asks for docs, frequencies or masks. */
#include "indexer/base/bitset.h"
#include "indexer/format/postings_block.h"
#include "indexer/format/postings_skips.h"

#include <inttypes.h>

revue_status postings_damaged(const struct postings_reader *reader, const char *what, revue_error *error) {
    return error_set(error, REVUE_CORRUPT, "posting list at %" PRIu64 ", block %u: %s; run a check of the index",
                     reader->list.postings, reader->block, what);
}

/* ---- blocks ---- */

static void forget_block(struct postings_reader *reader) {
    reader->has_docs = reader->has_frequencies = reader->has_masks = reader->has_places = reader->has_bitset = false;
    reader->bitset = NULL;
}

static void enter_block(struct postings_reader *reader, uint32_t in_group) {
    const uint32_t block = reader->group * SKIP_GROUP + in_group, first = block * POSTINGS_BLOCK;
    reader->previous_last = in_group        ? reader->block_last[in_group - 1]
                            : reader->group ? skip_entry_last(reader->directory, reader->group - 1)
                                            : UINT32_MAX;
    reader->block = block;
    reader->block_first = first;
    reader->count = reader->list.df - first < POSTINGS_BLOCK ? reader->list.df - first : POSTINGS_BLOCK;
    reader->last_doc = reader->block_last[in_group];
    forget_block(reader);
    reader->data = NULL;
}

static void enter_end(struct postings_reader *reader) {
    reader->block = reader->block_count;
    reader->block_first = reader->list.df;
    reader->count = 0;
    reader->last_doc = DOC_END;
    forget_block(reader);
}

static revue_status touch_block(struct postings_reader *reader, revue_error *error) {
    uint64_t start = reader->list.postings;
    uint64_t size = reader->list.postings_bytes;
    if (reader->directory) {
        const uint32_t in_group = reader->block % SKIP_GROUP;
        const uint32_t before = in_group ? reader->postings_end[in_group - 1] : 0;
        start += reader->group_postings + before;
        size = reader->postings_end[in_group] - before;
    }
    if (size > POSTINGS_BLOCK_BYTES) return postings_damaged(reader, "it is larger than a block can be", error);
    TRY(stream_view(reader->streams.postings, start, (size_t)size, &reader->scratch, &reader->data, error));
    reader->data_size = (size_t)size;
    return REVUE_OK;
}

/* Loops over whole blocks take a shorter one for one of them. From its end on, four at a time. */
static void fill_up_docs(struct postings_reader *reader) {
    const uint32_t behind = reader->doc_count <= INT32_MAX ? INT32_MAX : DOC_END;
    const uint32_t four[4] = {behind, behind, behind, behind};
    uint32_t end = POSTINGS_BLOCK;
    for (; end >= reader->count + 4; end -= 4)
        memcpy(reader->docs + end - 4, four, sizeof four);
    while (end > reader->count)
        reader->docs[--end] = behind;
}

revue_status postings_reader_docs(struct postings_reader *reader, revue_error *error) {
    if (reader->has_docs || reader->count == 0) return REVUE_OK;
    if (!reader->data) TRY(touch_block(reader, error));
    const char *wrong = postings_block_docs(reader->data, reader->data_size, reader->count, reader->previous_last,
                                            reader->docs, &reader->frequencies_at);
    if (wrong) return postings_damaged(reader, wrong, error);
    const uint32_t last_doc = reader->docs[reader->count - 1];
    if (reader->directory ? last_doc != reader->last_doc : last_doc >= reader->doc_count) {
        return postings_damaged(reader, "the last review is not the expected one", error);
    }
    fill_up_docs(reader);
    reader->has_docs = reader->has_places = true;
    return REVUE_OK;
}

revue_status postings_reader_bits(struct postings_reader *reader, const uint8_t **bits, uint32_t *words,
                                  revue_error *error) {
    *bits = NULL;
    if (!reader->directory || reader->count == 0) return REVUE_OK;
    if (!reader->data) TRY(touch_block(reader, error));
    const char *wrong =
        postings_block_bits(reader->data, reader->data_size, reader->last_doc - (reader->previous_last + 1), bits, words);
    return wrong ? postings_damaged(reader, wrong, error) : REVUE_OK;
}

revue_status postings_reader_bitset(struct postings_reader *reader, revue_error *error) {
    const uint8_t *bits;
    uint32_t words;
    if (reader->has_bitset) return REVUE_OK;
    TRY(postings_reader_bits(reader, &bits, &words, error));
    if (bits) {
        const char *wrong =
            postings_block_behind_bits(reader->data, reader->data_size, reader->count, words, &reader->frequencies_at);
        if (!wrong && bitset_ones_before(bits, words, reader->ones_before) != reader->count)
            wrong = "the bitset has another number of reviews";
        if (wrong) return postings_damaged(reader, wrong, error);
        reader->has_places = true;
    }
    reader->bitset = bits;
    reader->has_bitset = true;
    return REVUE_OK;
}

revue_status postings_reader_lookup(struct postings_reader *reader, revue_error *error) {
    if (reader->has_docs || reader->bitset || reader->count == 0) return REVUE_OK;
    if (!reader->data) TRY(touch_block(reader, error));
    const bool in_place = reader->directory && postings_block_is_bitset(reader->data, reader->data_size);
    return in_place ? postings_reader_bitset(reader, error) : postings_reader_docs(reader, error);
}

revue_status postings_reader_frequency(struct postings_reader *reader, uint32_t index, uint32_t *frequency,
                                       revue_error *error) {
    if (reader->has_frequencies) {
        *frequency = reader->frequencies[index];
        return REVUE_OK;
    }
    const char *wrong =
        postings_block_frequency(reader->data, reader->data_size, reader->count, reader->frequencies_at, index, frequency);
    return wrong ? postings_damaged(reader, wrong, error) : REVUE_OK;
}

revue_status postings_reader_frequencies(struct postings_reader *reader, revue_error *error) {
    if (reader->has_frequencies || reader->count == 0) return REVUE_OK;
    if (!reader->has_places) TRY(postings_reader_docs(reader, error));
    const char *wrong = postings_block_frequencies(reader->data, reader->data_size, reader->count, reader->frequencies_at,
                                                   reader->frequencies, &reader->masks_at);
    if (wrong) return postings_damaged(reader, wrong, error);
    reader->has_frequencies = true;
    return REVUE_OK;
}

revue_status postings_reader_masks(struct postings_reader *reader, revue_error *error) {
    if (reader->has_masks || reader->count == 0) return REVUE_OK;
    TRY(postings_reader_frequencies(reader, error));
    const char *wrong = postings_block_masks(reader->data, reader->data_size, reader->count, reader->masks_at,
                                             reader->frequencies, reader->masks);
    if (wrong) return postings_damaged(reader, wrong, error);
    reader->has_masks = true;
    return REVUE_OK;
}

/* ---- groups ---- */

/* Where a group begins; for the one after the last, where the list's bytes end. */
static struct skip_entry group_start(const struct postings_reader *reader, uint32_t group) {
    if (group < reader->group_count) return skip_entry_at(reader->directory, group);
    return (struct skip_entry){.last_doc = DOC_END,
                               .offset = (uint32_t)reader->list.skips_bytes,
                               .postings = reader->list.postings_bytes,
                               .positions = reader->list.positions_bytes};
}

static revue_status view_group(struct postings_reader *reader, uint32_t group, struct bytes *scratch, const uint8_t **data,
                               size_t *size, revue_error *error) {
    const uint32_t start = group_start(reader, group).offset, end = group_start(reader, group + 1).offset;
    if (start >= end || end > reader->list.skips_bytes) {
        return postings_damaged(reader, "a skip group lies outside of its record", error);
    }
    TRY(stream_view(reader->streams.skips, reader->list.skips + start, end - start, scratch, data, error));
    *size = end - start;
    return REVUE_OK;
}

static revue_status decode_group(struct postings_reader *reader, uint32_t group, revue_error *error) {
    const uint8_t *data;
    size_t size;
    TRY(view_group(reader, group, &reader->group_scratch, &data, &size, error));
    const uint32_t before = group ? skip_entry_last(reader->directory, group - 1) : UINT32_MAX;
    const struct skip_entry next = group_start(reader, group + 1);
    if (next.postings > reader->list.postings_bytes || next.positions > reader->list.positions_bytes) {
        return postings_damaged(reader, "a skip group points behind the list", error);
    }
    const char *wrong = skip_group_decode(reader, group, data, size, before, &next);
    return wrong ? postings_damaged(reader, wrong, error) : REVUE_OK;
}

/* After a failure the arrays of two groups may be mixed: the reader then stands at the end, where none is looked at. */
static revue_status load_group(struct postings_reader *reader, uint32_t group, revue_error *error) {
    revue_status status = decode_group(reader, group, error);
    if (status != REVUE_OK) enter_end(reader);
    return status;
}

/* The first group from on whose last review is at least target; group_count when there is none. Gallops: most jumps are
 * short. */
static uint32_t find_group(const struct postings_reader *reader, uint32_t from, uint32_t target) {
    uint32_t low = from, step = 1; /* all groups before low end before target */
    while (low + step <= reader->group_count && skip_entry_last(reader->directory, low + step - 1) < target) {
        low += step;
        if (step <= UINT32_MAX / 4) step *= 2;
    }
    uint32_t high = low + step - 1 < reader->group_count ? low + step - 1 : reader->group_count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (skip_entry_last(reader->directory, middle) < target)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The same among the blocks of the group, which has one. Mostly the first that is looked at. */
static uint32_t find_block(const struct postings_reader *reader, uint32_t from, uint32_t target) {
    if (reader->block_last[from] >= target) return from;
    uint32_t low = from + 1, high = reader->group_blocks - 1;
    while (low < high) {
        const uint32_t middle = (low + high) / 2;
        const bool is_before = reader->block_last[middle] < target;
        low = is_before ? middle + 1 : low;
        high = is_before ? high : middle;
    }
    return low;
}

/* ---- opening and moving ---- */

static bool lies_in(const struct stream *stream, uint64_t start, uint64_t size) {
    return start <= stream->size && size <= stream->size - start;
}

static revue_status open_inline(struct postings_reader *reader, revue_error *error) {
    const struct posting_list *list = &reader->list;
    if (list->df != 1 || list->inline_doc >= reader->doc_count || list->inline_frequency == 0 ||
        list->inline_frequency > POSTINGS_INLINE_MAX) {
        return postings_damaged(reader, "the single posting is out of range", error);
    }
    reader->docs[0] = reader->last_doc = list->inline_doc;
    fill_up_docs(reader);
    reader->frequencies[0] = list->inline_frequency;
    reader->masks[0] = list->inline_mask;
    reader->has_docs = reader->has_frequencies = reader->has_masks = true;
    return REVUE_OK;
}

static revue_status open_single_block(struct postings_reader *reader, revue_error *error) {
    TRY(postings_reader_docs(reader, error));
    reader->last_doc = reader->docs[reader->count - 1];
    return REVUE_OK;
}

/* The directory of several groups lies behind the head of the record. */
static revue_status find_directory(struct postings_reader *reader, revue_error *error) {
    const struct posting_list *list = &reader->list;
    const uint64_t head_size = list->skips_bytes < SKIP_HEAD_BYTES ? list->skips_bytes : SKIP_HEAD_BYTES;
    const uint64_t size = (uint64_t)reader->group_count * SKIP_ENTRY_BYTES;
    const uint8_t *data;
    size_t at;
    TRY(stream_view(reader->streams.skips, list->skips, (size_t)head_size, &reader->directory_scratch, &data, error));
    const char *wrong = skip_head_decode(data, (size_t)head_size, &reader->list_impacts, &at);
    if (wrong) return postings_damaged(reader, wrong, error);
    if (size > list->skips_bytes - at) return postings_damaged(reader, "the skip record ends early", error);
    TRY(stream_view(reader->streams.skips, list->skips + at, (size_t)size, &reader->directory_scratch, &reader->directory,
                    error));
    if (skip_entry_at(reader->directory, 0).offset != at + size) {
        return postings_damaged(reader, "the first skip group is not where the directory ends", error);
    }
    return REVUE_OK;
}

static revue_status make_directory(struct postings_reader *reader, revue_error *error) {
    const struct posting_list *list = &reader->list;
    const uint64_t most = SKIP_LAST_BYTES + SKIP_GROUP_HEAD_BYTES,
                   size = list->skips_bytes < most ? list->skips_bytes : most;
    const uint8_t *data;
    TRY(stream_view(reader->streams.skips, list->skips, (size_t)size, &reader->directory_scratch, &data, error));
    const char *wrong = skip_single_decode(data, (size_t)size, reader->single, &reader->list_impacts);
    if (wrong) return postings_damaged(reader, wrong, error);
    reader->directory = reader->single;
    return REVUE_OK;
}

static revue_status open_directory(struct postings_reader *reader, revue_error *error) {
    const struct posting_list *list = &reader->list;
    if (!lies_in(reader->streams.skips, list->skips, list->skips_bytes) || list->skips_bytes > UINT32_MAX) {
        return postings_damaged(reader, "its skip record lies outside of the stream", error);
    }
    reader->group_count = (reader->block_count + SKIP_GROUP - 1) / SKIP_GROUP;
    TRY(reader->group_count == 1 ? make_directory(reader, error) : find_directory(reader, error));
    TRY(load_group(reader, 0, error));
    enter_block(reader, 0);
    return REVUE_OK;
}

static revue_status open_list(struct postings_reader *reader, revue_error *error) {
    const struct posting_list *list = &reader->list;
    const struct postings_streams *streams = &reader->streams;
    if (list->df == 0 || list->df > reader->doc_count) {
        return postings_damaged(reader, "it has no posting, or more than there are reviews", error);
    }
    reader->block_count = (list->df - 1) / POSTINGS_BLOCK + 1;
    reader->count = list->df < POSTINGS_BLOCK ? list->df : POSTINGS_BLOCK;
    if (list->is_inline) return open_inline(reader, error);
    if (!lies_in(streams->postings, list->postings, list->postings_bytes) ||
        (streams->positions && !lies_in(streams->positions, list->positions, list->positions_bytes))) {
        return postings_damaged(reader, "it lies outside of its stream", error);
    }
    return list->df <= POSTINGS_BLOCK ? open_single_block(reader, error) : open_directory(reader, error);
}

revue_status postings_reader_open(struct postings_reader *reader, struct postings_streams streams, uint32_t doc_count,
                                  const struct posting_list *list, revue_error *error) {
    /* The arrays are large and get their values later. */
    memset(reader, 0, offsetof(struct postings_reader, docs));
    reader->list = *list;
    reader->streams = streams;
    reader->doc_count = doc_count;
    reader->previous_last = UINT32_MAX;
    revue_status status = open_list(reader, error);
    if (status != REVUE_OK) enter_end(reader);
    return status;
}

void postings_reader_close(struct postings_reader *reader) {
    bytes_free(&reader->scratch);
    bytes_free(&reader->directory_scratch);
    bytes_free(&reader->group_scratch);
    bytes_free(&reader->probe_scratch);
}

revue_status postings_reader_next_block(struct postings_reader *reader, revue_error *error) {
    if (reader->block + 1 >= reader->block_count) {
        enter_end(reader);
        return REVUE_OK;
    }
    const uint32_t block = reader->block + 1;
    if (block % SKIP_GROUP == 0) TRY(load_group(reader, block / SKIP_GROUP, error));
    enter_block(reader, block % SKIP_GROUP);
    return REVUE_OK;
}

revue_status postings_reader_seek_block(struct postings_reader *reader, uint32_t target, revue_error *error) {
    if (target <= reader->last_doc) return REVUE_OK;
    if (!reader->directory) {
        enter_end(reader);
        return REVUE_OK;
    }
    uint32_t from = reader->block % SKIP_GROUP + 1;
    if (target > reader->block_last[reader->group_blocks - 1]) {
        const uint32_t group = find_group(reader, reader->group + 1, target);
        if (group == reader->group_count) {
            enter_end(reader);
            return REVUE_OK;
        }
        TRY(load_group(reader, group, error));
        from = 0;
    }
    enter_block(reader, find_block(reader, from, target));
    return REVUE_OK;
}

/* ---- bounds ---- */

static const struct impacts any_impact = {.count = 1, .pairs = {{.frequency_code = IMPACT_ANY, .length_code = 0}}};
static const struct impacts no_impacts = {.count = 0};

revue_status postings_reader_pairs(struct postings_reader *reader, revue_error *error) {
    const char *wrong = skip_group_impacts(reader);
    return wrong ? postings_damaged(reader, wrong, error) : REVUE_OK;
}

revue_status postings_reader_block_impacts(struct postings_reader *reader, struct impacts *impacts, revue_error *error) {
    if (reader->count == 0) {
        *impacts = no_impacts;
    } else if (!reader->directory) {
        *impacts = any_impact;
    } else {
        const uint32_t in_group = reader->block % SKIP_GROUP;
        TRY(postings_reader_pairs(reader, error));
        const uint32_t start = in_group ? reader->impacts_end[in_group - 1] : 0;
        impacts->count = reader->impacts_end[in_group] - start;
        memcpy(impacts->pairs, reader->block_pairs + start * sizeof(struct impact), impacts->count * sizeof(struct impact));
    }
    return REVUE_OK;
}

revue_status postings_reader_list_impacts(struct postings_reader *reader, struct impacts *impacts, revue_error *error) {
    (void)error;
    *impacts = reader->directory ? reader->list_impacts : any_impact;
    return REVUE_OK;
}

/* A list of one block stays decoded behind its end. */
static void single_block_impacts(const struct postings_reader *reader, uint32_t target, struct impacts *impacts,
                                 uint32_t *last_doc) {
    const uint32_t last = reader->docs[reader->list.df - 1];
    *impacts = target <= last ? any_impact : no_impacts;
    *last_doc = target <= last ? last : DOC_END;
}

revue_status postings_reader_group_impacts(struct postings_reader *reader, uint32_t target, struct impacts *impacts,
                                           uint32_t *last_doc, revue_error *error) {
    if (!reader->directory) {
        single_block_impacts(reader, target, impacts, last_doc);
        return REVUE_OK;
    }
    const bool is_back = reader->group > 0 && target <= skip_entry_last(reader->directory, reader->group - 1);
    const uint32_t group = find_group(reader, is_back ? 0 : reader->group, target);
    if (group == reader->group_count) {
        *impacts = no_impacts;
        *last_doc = DOC_END;
        return REVUE_OK;
    }
    if (group == reader->group) {
        *impacts = reader->group_impacts;
    } else {
        const uint8_t *data;
        size_t size;
        TRY(view_group(reader, group, &reader->probe_scratch, &data, &size, error));
        struct byte_reader bytes = byte_reader_of(data, size);
        struct impacts found;
        const char *wrong = skip_impacts_decode(&bytes, &found);
        if (wrong) return postings_damaged(reader, wrong, error);
        *impacts = found;
    }
    *last_doc = skip_entry_last(reader->directory, group);
    return REVUE_OK;
}

uint32_t postings_reader_find_group(const struct postings_reader *reader, uint32_t from, uint32_t target) {
    return find_group(reader, from, target);
}

uint32_t postings_reader_group_last(const struct postings_reader *reader, uint32_t group) {
    return skip_entry_last(reader->directory, group);
}

revue_status postings_reader_group(struct postings_reader *reader, uint32_t group, struct postings_group *found,
                                   revue_error *error) {
    const uint8_t *data;
    size_t size;
    const uint32_t before = group ? skip_entry_last(reader->directory, group - 1) : UINT32_MAX;
    const uint32_t left = reader->block_count - group * SKIP_GROUP;
    TRY(view_group(reader, group, &reader->probe_scratch, &data, &size, error));
    found->block_count = left < SKIP_GROUP ? left : SKIP_GROUP;
    const char *wrong = skip_group_bounds(data, size, before, skip_entry_last(reader->directory, group), found);
    return wrong ? postings_damaged(reader, wrong, error) : REVUE_OK;
}
