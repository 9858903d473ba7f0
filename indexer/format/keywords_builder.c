/* keywords_builder.c - numbers keyword values that are new, and writes them as a batch (FORMAT.md, 8). Reading: keywords.c.
 *
 * Only new values are held in memory; old ones are found where they lie. When batches become more than 8, the last ones are
 * joined with the new one: all that are at most twice as large as what comes behind them, as in a log-structured merge
 * tree, so that a column of millions of values is not rewritten for the few that a run adds. Values are copied through as
 * bytes, offsets and hashes moved by a constant.
 *
 * Joining takes memory for all that is joined, so it ends where that would be more than may be taken: batches that alone
 * take half of it are left as they are, and do not count among the 8. */
#include "indexer/format/keywords_batch.h"

#include "indexer/base/arena.h"
#include "indexer/base/memory.h"
#include "indexer/format/hash_index.h"

#define BATCHES_MAX 8u
#define FIRST_SLOTS 64u

struct new_value {
    struct view value; /* in the arena */
    uint64_t hash;
};
struct keywords_builder {
    uint16_t column;
    keywords *existing;   /* NULL: none, or written since */
    uint32_t old_count;   /* values that were there before; new ones are numbered behind them */
    bool is_closed;       /* old values can no longer be looked up */
    uint64_t most_joined; /* bytes that writing a joined batch may take */
    struct arena arena;
    struct new_value *values;
    size_t count, capacity, written;
    uint32_t *slots; /* open addressing: 1 + index of a value, 0 for a free one; at most half are taken */
    size_t slot_count;
};

revue_status keywords_builder_create(keywords_builder **created, uint16_t column, keywords *existing, revue_error *error) {
    keywords_builder *builder = memory_alloc_zeroed(1, sizeof *builder);
    if (!builder) return error_no_memory(error);
    builder->column = column;
    builder->existing = existing;
    builder->most_joined = UINT64_MAX;
    builder->old_count = existing ? existing->count : 0;
    *created = builder;
    return REVUE_OK;
}

void keywords_builder_free(keywords_builder *builder) {
    if (!builder) return;
    arena_free(&builder->arena);
    memory_free(builder->values);
    memory_free(builder->slots);
    memory_free(builder);
}

void keywords_builder_limit(keywords_builder *builder, uint64_t most_joined) {
    builder->most_joined = most_joined;
}

uint64_t keywords_builder_memory(const keywords_builder *builder) {
    return sizeof *builder + builder->arena.total_bytes + builder->capacity * sizeof *builder->values +
           builder->slot_count * sizeof *builder->slots;
}

/* ---- numbering ---- */

/* The slot of value, or the free one where it belongs. */
static uint32_t *find_slot(const keywords_builder *builder, struct view value, uint64_t hash) {
    for (size_t at = hash & (builder->slot_count - 1);; at = (at + 1) & (builder->slot_count - 1)) {
        uint32_t *slot = &builder->slots[at];
        if (*slot == 0) return slot;
        const struct new_value *candidate = &builder->values[*slot - 1];
        if (candidate->hash == hash && view_equal(candidate->value, value)) return slot;
    }
}

static bool grow_slots(keywords_builder *builder) {
    size_t slot_count = builder->slot_count > 0 ? builder->slot_count * 2 : FIRST_SLOTS;
    uint32_t *slots = memory_alloc_zeroed(slot_count, sizeof *slots);
    if (!slots) return false;
    memory_free(builder->slots);
    builder->slots = slots;
    builder->slot_count = slot_count;
    for (size_t i = 0; i < builder->count; i++)
        *find_slot(builder, builder->values[i].value, builder->values[i].hash) = (uint32_t)i + 1;
    return true;
}

static revue_status add_value(keywords_builder *builder, struct view value, uint64_t hash, uint32_t *number,
                              revue_error *error) {
    if (builder->count >= UINT32_MAX - 1 - builder->old_count)
        return error_set(error, REVUE_BUG, "column %u has more values than there are numbers", builder->column);
    if (builder->count >= builder->slot_count / 2 && !grow_slots(builder)) return error_no_memory(error);
    if (!MEMORY_RESERVE(builder->values, builder->capacity, builder->count + 1)) return error_no_memory(error);
    char *copy = arena_copy(&builder->arena, value.data, value.size);
    if (!copy) return error_no_memory(error);
    *find_slot(builder, value, hash) = (uint32_t)builder->count + 1;
    builder->values[builder->count] = (struct new_value){view_of(copy, value.size), hash};
    *number = builder->old_count + (uint32_t)builder->count++;
    return REVUE_OK;
}

revue_status keywords_builder_number(keywords_builder *builder, struct view value, uint32_t *number, revue_error *error) {
    if (value.size == 0 || value.size > UINT32_MAX)
        return error_set(error, REVUE_BUG, "a keyword of %zu bytes cannot be numbered", value.size);
    uint64_t hash = hash_view(value);
    uint32_t slot = builder->slot_count > 0 ? *find_slot(builder, value, hash) : 0;
    if (slot > 0) {
        *number = builder->old_count + slot - 1;
        return REVUE_OK;
    }
    if (builder->is_closed)
        return error_set(error, REVUE_BUG, "column %u: values are numbered after they were written; open the column again",
                         builder->column);
    if (builder->existing) {
        revue_status status = keywords_number(builder->existing, value, number, error);
        if (status != REVUE_NO_MATCH) return status;
    }
    return add_value(builder, value, hash, number, error);
}

/* ---- writing a batch ---- */

/* A batch on its way into the store. */
struct batch_writer {
    store_txn *txn;
    uint16_t column;
    uint32_t first, count;
    uint64_t *elements; /* hash index, in number order until it is sorted */
    uint32_t *offsets;
    uint64_t values_size; /* of what is counted in so far */
};
/* Where one part goes: a sink for a stream writer, which does the cutting. */
struct part_sink {
    const struct batch_writer *batch;
    unsigned part;
};

static revue_status put_part(void *context, enum segment_kind kind, struct view part, struct view value,
                             revue_error *error) {
    const struct part_sink *sink = context;
    (void)kind;
    struct key key = key_keywords(sink->batch->column, sink->batch->first, (uint8_t)sink->part, load_be32(part.data));
    return store_put(sink->batch->txn, TABLE_KEYWORDS, key_view(&key), value, error);
}

/* Writes count elements of size bytes each as one part. */
static revue_status write_array(const struct batch_writer *batch, unsigned part, const void *data, size_t size,
                                revue_error *error) {
    struct part_sink context = {batch, part};
    struct segment_sink sink = {put_part, &context};
    struct stream_writer writer;
    TRY(stream_writer_open(&writer, &sink, KIND_META, error));
    revue_status status = stream_writer_append(&writer, data, size, error);
    if (status == REVUE_OK) status = stream_writer_finish(&writer, error);
    stream_writer_free(&writer);
    return status;
}

/* Bytes of a value with its size in front. */
static uint64_t sized_bytes(struct view value) {
    uint64_t size = 1 + value.size;
    for (uint64_t rest = value.size; rest >= 0x80; rest >>= 7)
        size++;
    return size;
}

/* Takes the hashes and offsets of an old batch over. */
static revue_status take_old(struct batch_writer *batch, keywords *old, struct keywords_batch *source, revue_error *error) {
    uint32_t moved = source->first - batch->first;
    for (uint32_t i = 0; i < source->count; i++) {
        uint64_t element = 0;
        uint32_t offset = 0;
        TRY(keywords_offset(old, source, i, &offset, error));
        TRY(keywords_hash(old, source, i, &element, error));
        if (hash_index_number(element) >= source->count)
            return error_set(error, REVUE_CORRUPT, "keyword values of column %u: a hash names no value; rebuild the index",
                             batch->column);
        batch->offsets[batch->count] = (uint32_t)batch->values_size + offset;
        batch->elements[batch->count++] = element + moved;
    }
    batch->values_size += source->parts[PART_VALUES].size;
    return REVUE_OK;
}

static void take_new(struct batch_writer *batch, const keywords_builder *builder) {
    for (size_t i = builder->written; i < builder->count; i++) {
        batch->offsets[batch->count] = (uint32_t)batch->values_size;
        batch->elements[batch->count] = builder->values[i].hash >> 32 << 32 | batch->count;
        batch->count++;
        batch->values_size += sized_bytes(builder->values[i].value);
    }
}

/* Copies the values of an old batch. Each extent is copied aside first: putting one may move what the store showed. One of
 * the wrong size would put every value behind it where its offset does not look. */
static revue_status copy_old_values(struct stream_writer *writer, store_txn *txn, uint16_t column,
                                    const struct keywords_batch *source, uint8_t *aside, revue_error *error) {
    const struct keywords_stream *values = &source->parts[PART_VALUES];
    for (uint32_t extent = 0; extent < KEYWORDS_EXTENTS(values->size); extent++) {
        struct key key = key_keywords(column, source->first, PART_VALUES, extent);
        struct view value;
        revue_status status = store_get(txn, TABLE_KEYWORDS, key_view(&key), &value, error);
        if (status == REVUE_NO_MATCH || (status == REVUE_OK && value.size != keywords_extent_size(values, extent)))
            return error_set(error, REVUE_CORRUPT,
                             "keyword values of column %u: an extent is missing or has the wrong size; rebuild the index",
                             column);
        if (status != REVUE_OK) return status;
        memcpy(aside, value.data, value.size);
        TRY(stream_writer_append(writer, aside, value.size, error));
    }
    return REVUE_OK;
}

static revue_status append_new_values(struct stream_writer *writer, const keywords_builder *builder, revue_error *error) {
    for (size_t i = builder->written; i < builder->count; i++) {
        struct view value = builder->values[i].value;
        uint8_t size[10];
        size_t bytes = 0;
        for (uint64_t rest = value.size; rest > 0; rest >>= 7)
            size[bytes++] = (uint8_t)((rest & 0x7F) | (rest >= 0x80 ? 0x80 : 0));
        TRY(stream_writer_append(writer, size, bytes, error));
        TRY(stream_writer_append(writer, value.data, value.size, error));
    }
    return REVUE_OK;
}

/* The values of the old batches from joined on, then the new ones. */
static revue_status write_values(const struct batch_writer *batch, const keywords_builder *builder, const keywords *old,
                                 size_t joined, revue_error *error) {
    struct part_sink context = {batch, PART_VALUES};
    struct segment_sink sink = {put_part, &context};
    struct stream_writer writer;
    uint8_t *aside = memory_alloc(EXTENT_BYTES);
    if (!aside) return error_no_memory(error);
    revue_status status = stream_writer_open(&writer, &sink, KIND_META, error);
    if (status == REVUE_OK) {
        for (size_t i = joined; i < old->batch_count && status == REVUE_OK; i++)
            status = copy_old_values(&writer, batch->txn, batch->column, &old->batches[i], aside, error);
        if (status == REVUE_OK) status = append_new_values(&writer, builder, error);
        if (status == REVUE_OK) status = stream_writer_finish(&writer, error);
        stream_writer_free(&writer);
    }
    memory_free(aside);
    return status;
}

/* ---- joining ---- */

/* What writing a batch takes: its offsets and hashes, and the transaction's copy of them and of the values. */
static uint64_t writing_bytes(uint64_t count, uint64_t bytes) {
    return bytes + 2 * count * (sizeof(uint32_t) + sizeof(uint64_t));
}

static uint64_t writing_old(const struct keywords_batch *batch) {
    return writing_bytes(batch->count, batch->parts[PART_VALUES].size);
}

/* Batches from here on may be joined. */
static size_t first_open(const keywords *old, uint64_t most_joined) {
    size_t first = old->batch_count;
    while (first > 0 && writing_old(&old->batches[first - 1]) <= most_joined / 2)
        first--;
    return first;
}

/* The first old batch that becomes part of the new one; batch_count: none does. */
static size_t choose_joined(const keywords *old, uint64_t most_joined, uint64_t new_count, uint64_t new_bytes) {
    size_t joined = old->batch_count, first = first_open(old, most_joined);
    if (joined - first < BATCHES_MAX) return joined;
    uint64_t count = new_count, bytes = new_bytes;
    while (joined > first) {
        const struct keywords_batch *last = &old->batches[joined - 1];
        if (joined - first < BATCHES_MAX && last->count > 2 * count) break;
        if (bytes + last->parts[PART_VALUES].size > UINT32_MAX) break; /* offsets have 32 bits */
        if (writing_bytes(count, bytes) + writing_old(last) > most_joined) break;
        count += last->count;
        bytes += last->parts[PART_VALUES].size;
        joined--;
    }
    return joined;
}

/* Removes the old batches that are part of the new one now. That of the new one's own first number was overwritten: all
 * parts have only grown. */
static revue_status remove_joined(store_txn *txn, const keywords *old, size_t joined, revue_error *error) {
    for (size_t i = joined + 1; i < old->batch_count; i++) {
        struct key key = key_keywords(old->column, old->batches[i].first, 0, 0);
        TRY(store_delete_prefix(txn, TABLE_KEYWORDS, view_of(key.data, 2 + 4), error));
    }
    return REVUE_OK;
}

/* Reads all it needs of old before it writes anything: old's views end there. */
static revue_status fill_batch(struct batch_writer *batch, const keywords_builder *builder, keywords *old, size_t joined,
                               revue_error *error) {
    size_t count = builder->count - builder->written;
    for (size_t i = joined; i < old->batch_count; i++)
        count += old->batches[i].count;
    batch->elements = memory_alloc_array(count, sizeof *batch->elements);
    batch->offsets = memory_alloc_array(count, sizeof *batch->offsets);
    if (!batch->elements || !batch->offsets) return error_no_memory(error);
    for (size_t i = joined; i < old->batch_count; i++)
        TRY(take_old(batch, old, &old->batches[i], error));
    take_new(batch, builder);
    return hash_index_sort(&batch->elements, batch->count) ? REVUE_OK : error_no_memory(error);
}

static revue_status write_batch(struct batch_writer *batch, const keywords_builder *builder, keywords *old, size_t joined,
                                revue_error *error) {
    TRY(fill_batch(batch, builder, old, joined, error));
    TRY(write_values(batch, builder, old, joined, error));
    TRY(remove_joined(batch->txn, old, joined, error));
    TRY(write_array(batch, PART_OFFSETS, batch->offsets, batch->count * sizeof *batch->offsets, error));
    for (uint32_t i = 0; i < batch->count; i++)
        batch->elements[i] = hash_index_swap(batch->elements[i]);
    return write_array(batch, PART_HASHES, batch->elements, batch->count * sizeof *batch->elements, error);
}

static revue_status write_new(keywords_builder *builder, store_txn *txn, keywords *old, revue_error *error) {
    uint64_t bytes = 0;
    for (size_t i = builder->written; i < builder->count; i++)
        bytes += sized_bytes(builder->values[i].value);
    if (old->count != builder->old_count + builder->written)
        return error_set(error, REVUE_BUG, "column %u got values from elsewhere while its own were numbered",
                         builder->column);
    if (bytes > UINT32_MAX)
        return error_set(error, REVUE_USAGE, "over 4 GiB of new values in one column (number %u); index it as text",
                         builder->column);
    size_t joined = choose_joined(old, builder->most_joined, builder->count - builder->written, bytes);
    struct batch_writer batch = {.txn = txn, .column = builder->column};
    batch.first = joined < old->batch_count ? old->batches[joined].first : old->count;
    revue_status status = write_batch(&batch, builder, old, joined, error);
    memory_free(batch.elements);
    memory_free(batch.offsets);
    return status;
}

revue_status keywords_builder_write(keywords_builder *builder, store_txn *txn, revue_error *error) {
    keywords *old;
    if (builder->written == builder->count) return REVUE_OK;
    TRY(keywords_open(&old, txn, builder->column, error));
    revue_status status = write_new(builder, txn, old, error);
    keywords_close(old);
    if (status != REVUE_OK) return status;
    builder->written = builder->count;
    builder->is_closed = builder->existing != NULL;
    builder->existing = NULL;
    return REVUE_OK;
}
