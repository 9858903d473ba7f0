/* writer_columns.c - columns that change after their segment was written: patches of reviews whose text stayed the same,
 * and the stars, which need the rating scale of a whole source. A chunk is read, changed in memory and replaced. */
#include "indexer/writer.h"

#include "indexer/base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One chunk of a column in memory. */
struct open_chunk {
    uint32_t count;
    int64_t integers[COLUMN_CHUNK];
    double numbers[COLUMN_CHUNK];
    bool has_value[COLUMN_CHUNK];
    bool is_integer;
    struct bytes record;
};

static bool is_integer_column(uint16_t column) {
    return column != COLUMN_OF_RATING && column != COLUMN_OF_STARS && column != COLUMN_OF_VOTES;
}

static uint32_t chunk_count(uint32_t doc_count, uint32_t first) {
    return doc_count - first < COLUMN_CHUNK ? doc_count - first : COLUMN_CHUNK;
}

static revue_status read_chunk(store_txn *txn, uint32_t segment, uint32_t doc_count, uint16_t column, uint32_t number,
                               bool is_integer, struct open_chunk *open, revue_error *error) {
    struct column_reader reader;
    column_reader_open(&reader, txn, segment, column);
    open->count = chunk_count(doc_count, number * COLUMN_CHUNK);
    open->is_integer = is_integer;
    for (uint32_t i = 0; i < open->count; i++) {
        open->integers[i] = 0;
        open->numbers[i] = 0;
        if (is_integer)
            TRY(column_reader_integer(&reader, number * COLUMN_CHUNK + i, &open->has_value[i], &open->integers[i], error));
        else
            TRY(column_reader_number(&reader, number * COLUMN_CHUNK + i, &open->has_value[i], &open->numbers[i], error));
    }
    return REVUE_OK;
}

static revue_status write_chunk(store_txn *txn, uint32_t segment, uint16_t column, uint32_t number, struct open_chunk *open,
                                revue_error *error) {
    struct column_chunk_input input = {.count = open->count,
                                       .is_integer = open->is_integer,
                                       .integers = open->integers,
                                       .numbers = open->numbers,
                                       .has_value = open->has_value};
    struct key key = key_column_chunk(segment, column, number);
    bool is_empty;
    bytes_clear(&open->record);
    TRY(column_chunk_encode(&input, &open->record, &is_empty, error));
    if (is_empty) return store_delete(txn, TABLE_COLUMNS, key_view(&key), error);
    return store_put(txn, TABLE_COLUMNS, key_view(&key), bytes_view(&open->record), error);
}

/* ---- patches ---- */

static int compare_patches(const void *left, const void *right) {
    const struct column_patch *a = left, *b = right;
    if (a->segment != b->segment) return a->segment < b->segment ? -1 : 1;
    return a->doc < b->doc ? -1 : a->doc > b->doc;
}

static double stars_of(const struct pending_values *values, const struct writer *writer);

static void patch_value(const struct writer *writer, const struct pending_values *values, uint16_t column,
                        struct open_chunk *open, uint32_t i) {
    bool *has = &open->has_value[i];
    switch (column) {
    case COLUMN_OF_RATING:
        *has = values->has_rating;
        open->numbers[i] = values->rating;
        return;
    case COLUMN_OF_VOTES:
        *has = values->has_votes;
        open->numbers[i] = values->votes;
        return;
    case COLUMN_OF_STARS:
        open->numbers[i] = stars_of(values, writer);
        *has = values->has_rating && open->numbers[i] >= 0;
        return;
    case COLUMN_OF_DATE:
        *has = values->date.precision != DATE_ABSENT;
        open->integers[i] = values->date.seconds;
        return;
    case COLUMN_OF_DATE_PRECISION:
        *has = values->date.precision != DATE_ABSENT;
        open->integers[i] = values->date.precision;
        return;
    case COLUMN_OF_LANG:
        *has = values->has_lang;
        open->integers[i] = values->lang;
        return;
    case COLUMN_OF_SOURCE:
        *has = true;
        open->integers[i] = values->source;
        return;
    case COLUMN_OF_HASH:
        *has = true;
        open->integers[i] = values->column_hash;
        return;
    default: break;
    }
    *has = false;
    for (uint32_t extra = 0; extra < values->extra_count; extra++) {
        if (values->extras[extra].column != column) continue;
        *has = true;
        open->integers[i] = values->extras[extra].integer;
        open->numbers[i] = values->extras[extra].number;
    }
}

static revue_status patch_chunk(struct writer *writer, store_txn *txn, const struct column_patch *patches, size_t count,
                                uint16_t column, bool is_integer, struct open_chunk *open, revue_error *error) {
    const struct live_segment *live = &writer->live[patches[0].segment];
    uint32_t number = patches[0].doc / COLUMN_CHUNK;
    TRY(read_chunk(txn, live->row.number, live->row.doc_count, column, number, is_integer, open, error));
    for (size_t i = 0; i < count; i++)
        patch_value(writer, &patches[i].values, column, open, patches[i].doc % COLUMN_CHUNK);
    return write_chunk(txn, live->row.number, column, number, open, error);
}

/* Tags: the new lists of the patched reviews between the old ones of the others. */
static revue_status patch_tags(struct writer *writer, store_txn *txn, const struct column_patch *patches, size_t count,
                               revue_error *error) {
    const struct live_segment *live = &writer->live[patches[0].segment];
    uint32_t number = patches[0].doc / COLUMN_CHUNK, ends[COLUMN_CHUNK], end = 0;
    bool has_value[COLUMN_CHUNK], is_empty;
    struct column_reader reader;
    struct bytes values = {0}, record = {0};
    revue_status status = REVUE_OK;
    column_reader_open(&reader, txn, live->row.number, COLUMN_OF_TAGS);
    uint32_t in_chunk = chunk_count(live->row.doc_count, number * COLUMN_CHUNK);
    for (uint32_t i = 0; i < in_chunk && status == REVUE_OK; i++) {
        uint32_t first = 0, several = 0;
        if (count > 0 && patches->doc % COLUMN_CHUNK == i) {
            several = patches->values.tag_count;
            for (uint32_t tag = 0; tag < several; tag++)
                bytes_append_u64(&values, patches->values.tags[tag]);
            patches++;
            count--;
        } else {
            status = column_reader_several(&reader, number * COLUMN_CHUNK + i, &first, &several, error);
            for (uint32_t tag = 0; tag < several; tag++)
                bytes_append_u64(&values, column_chunk_several_at(&reader.chunk, first + tag));
        }
        end += several;
        ends[i] = end;
        has_value[i] = several > 0;
    }
    struct column_chunk_input input = {.count = in_chunk,
                                       .is_integer = true,
                                       .integers = (const int64_t *)(const void *)values.data,
                                       .has_value = has_value,
                                       .ends = ends};
    struct key key = key_column_chunk(live->row.number, COLUMN_OF_TAGS, number);
    if (status == REVUE_OK && values.failed) status = error_no_memory(error);
    if (status == REVUE_OK) status = column_chunk_encode(&input, &record, &is_empty, error);
    if (status == REVUE_OK)
        status = is_empty ? store_delete(txn, TABLE_COLUMNS, key_view(&key), error)
                          : store_put(txn, TABLE_COLUMNS, key_view(&key), bytes_view(&record), error);
    bytes_free(&values);
    bytes_free(&record);
    return status;
}

/* All columns of the patches of one chunk (of one segment). */
static revue_status patch_columns(struct writer *writer, store_txn *txn, const struct column_patch *patches, size_t count,
                                  struct open_chunk *open, revue_error *error) {
    static const uint16_t built_in[] = {COLUMN_OF_RATING, COLUMN_OF_STARS, COLUMN_OF_DATE,   COLUMN_OF_DATE_PRECISION,
                                        COLUMN_OF_VOTES,  COLUMN_OF_LANG,  COLUMN_OF_SOURCE, COLUMN_OF_HASH};
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++)
        TRY(patch_chunk(writer, txn, patches, count, built_in[i], is_integer_column(built_in[i]), open, error));
    TRY(patch_tags(writer, txn, patches, count, error));
    for (uint32_t i = 0; i < writer->schema.count; i++) {
        const struct schema_column *column = &writer->schema.columns[i];
        if (column->number >= COLUMN_DECLARED)
            TRY(patch_chunk(writer, txn, patches, count, column->number, column->kind != COLUMN_NUMBER, open, error));
    }
    return REVUE_OK;
}

revue_status writer_apply_patches(struct writer *writer, store_txn *txn, revue_error *error) {
    if (writer->patch_count == 0) return REVUE_OK;
    qsort(writer->patches, writer->patch_count, sizeof *writer->patches, compare_patches);
    struct open_chunk *open = memory_alloc_zeroed(1, sizeof *open);
    if (!open) return error_no_memory(error);
    revue_status status = REVUE_OK;
    for (size_t first = 0, end; first < writer->patch_count && status == REVUE_OK; first = end) {
        const struct column_patch *patches = writer->patches + first;
        for (end = first; end < writer->patch_count && writer->patches[end].segment == patches->segment &&
                          writer->patches[end].doc / COLUMN_CHUNK == patches->doc / COLUMN_CHUNK;
             end++) {
        }
        status = patch_columns(writer, txn, patches, end - first, open, error);
    }
    bytes_free(&open->record);
    memory_free(open);
    return status;
}

/* ---- ratings ---- */

static revue_status scale_of(struct writer *writer, uint32_t source, struct source_scale **scale, revue_error *error) {
    *scale = paged_array_make(&writer->scales, source, sizeof **scale);
    return *scale ? REVUE_OK : error_no_memory(error);
}

static void widen(struct rating_range *range, const struct rating_range *by) {
    if (!by->has_rating) return;
    if (!range->has_rating || by->smallest < range->smallest) range->smallest = by->smallest;
    if (!range->has_rating || by->largest > range->largest) range->largest = by->largest;
    range->has_fraction |= by->has_fraction;
    range->has_rating = true;
}

revue_status writer_note_rating(struct writer *writer, uint32_t source, double rating, revue_error *error) {
    struct source_scale *scale = NULL;
    TRY(scale_of(writer, source, &scale, error));
    const struct rating_range noted = {rating, rating, true, rating != floor(rating)};
    widen(&scale->now, &noted);
    return REVUE_OK;
}

revue_status writer_recall_ratings(struct writer *writer, uint32_t source, const struct rating_range *ratings, bool keep,
                                   revue_error *error) {
    struct source_scale *scale = NULL;
    if (!ratings->has_rating && !paged_array_find(&writer->scales, source)) return REVUE_OK; /* as what was never noted */
    TRY(scale_of(writer, source, &scale, error));
    scale->before = *ratings;
    if (keep) widen(&scale->now, ratings);
    return REVUE_OK;
}

struct rating_range writer_ratings(const struct writer *writer, uint32_t source) {
    const struct source_scale *scale = paged_array_find(&writer->scales, source);
    return scale ? scale->now : (struct rating_range){0};
}

/* ---- stars ---- */

/* The best rating there is, 0 when that cannot be told. A source whose ratings are all 1 or 0 and whole says little: it is
 * taken for one of five stars. */
static double scale_of_range(const struct rating_range *range) {
    if (!range->has_rating) return 0;
    if (range->largest <= 1 && !range->has_fraction) return 5;
    return schema_rating_max(range->smallest, range->largest);
}

static double scale_of_source(const struct writer *writer, uint32_t source) {
    const struct rating_range range = writer_ratings(writer, source);
    return scale_of_range(&range);
}

/* Two decimals say all that a rating does, and pack well. */
static double rounded_stars(double rating, double max) {
    return round(schema_stars(rating, max) * 100) / 100;
}

/* Below 0: no scale is known. */
static double stars_of(const struct pending_values *values, const struct writer *writer) {
    double max = values->rating_max > 0 ? values->rating_max : scale_of_source(writer, values->source);
    return values->has_rating && max > 0 ? rounded_stars(values->rating, max) : -1;
}

/* Which reviews of a chunk get their stars anew. */
enum derivation {
    DERIVE_MISSING, /* of a new segment: those whose record did not name its own scale */
    DERIVE_CHANGED  /* of an old one: those that have the stars of a scale their source no longer has */
};

static bool has_old_stars(const struct writer *writer, const struct pending_values *values, bool has_stars, double stars) {
    const struct source_scale *scale = paged_array_find(&writer->scales, values->source);
    if (!scale) return false;
    double before = scale_of_range(&scale->before), now = scale_of_range(&scale->now);
    if (before == now || !scale->before.has_rating || !scale->now.has_rating) return false;
    return has_stars ? before > 0 && stars == rounded_stars(values->rating, before) : before <= 0;
}

static revue_status derive_chunk(struct writer *writer, store_txn *txn, const struct manifest_segment *row, uint32_t number,
                                 enum derivation derivation, struct open_chunk *stars, revue_error *error) {
    struct column_reader rating, source;
    bool changed = false;
    column_reader_open(&rating, txn, row->number, COLUMN_OF_RATING);
    column_reader_open(&source, txn, row->number, COLUMN_OF_SOURCE);
    TRY(read_chunk(txn, row->number, row->doc_count, COLUMN_OF_STARS, number, false, stars, error));
    for (uint32_t i = 0; i < stars->count; i++) {
        struct pending_values values = {0};
        bool has_source;
        int64_t source_number;
        if (derivation == DERIVE_MISSING && stars->has_value[i]) continue;
        TRY(column_reader_number(&rating, number * COLUMN_CHUNK + i, &values.has_rating, &values.rating, error));
        TRY(column_reader_integer(&source, number * COLUMN_CHUNK + i, &has_source, &source_number, error));
        values.source = has_source ? (uint32_t)source_number : 0;
        if (derivation == DERIVE_CHANGED &&
            (!values.has_rating || !has_old_stars(writer, &values, stars->has_value[i], stars->numbers[i])))
            continue;
        double value = stars_of(&values, writer);
        if (value < 0 && !stars->has_value[i]) continue;
        stars->numbers[i] = value < 0 ? 0 : value;
        stars->has_value[i] = value >= 0;
        changed = true;
    }
    return changed ? write_chunk(txn, row->number, COLUMN_OF_STARS, number, stars, error) : REVUE_OK;
}

static revue_status derive_segment(struct writer *writer, store_txn *txn, const struct manifest_segment *row,
                                   enum derivation derivation, struct open_chunk *stars, revue_error *error) {
    for (uint32_t first = 0; first < row->doc_count; first += COLUMN_CHUNK)
        TRY(derive_chunk(writer, txn, row, first / COLUMN_CHUNK, derivation, stars, error));
    return REVUE_OK;
}

revue_status writer_derive_stars(struct writer *writer, revue_error *error) {
    if (writer->added_count == 0) return REVUE_OK;
    struct open_chunk *stars = memory_alloc_zeroed(1, sizeof *stars);
    if (!stars) return error_no_memory(error);
    store_txn *txn = NULL;
    revue_status status = store_begin_write(writer->store, &txn, error);
    for (uint32_t i = 0; i < writer->added_count && status == REVUE_OK; i++)
        status = derive_segment(writer, txn, &writer->added[i], DERIVE_MISSING, stars, error);
    if (status == REVUE_OK)
        status = store_commit(txn, error);
    else
        store_abort(txn);
    bytes_free(&stars->record);
    memory_free(stars);
    return status;
}

static bool any_scale_changed(const struct writer *writer) {
    bool any = false;
    for (size_t page = 0; page < writer->scales.page_capacity; page++) {
        const struct source_scale *scales = writer->scales.pages[page];
        for (unsigned i = 0; scales && i < PAGED_ARRAY_PAGE; i++)
            any |= scales[i].before.has_rating && scales[i].now.has_rating &&
                   scale_of_range(&scales[i].before) != scale_of_range(&scales[i].now);
    }
    return any;
}

revue_status writer_rescale_stars(struct writer *writer, store_txn *txn, revue_error *error) {
    if (!any_scale_changed(writer)) return REVUE_OK;
    struct open_chunk *stars = memory_alloc_zeroed(1, sizeof *stars);
    if (!stars) return error_no_memory(error);
    revue_status status = REVUE_OK;
    for (uint32_t i = 0; i < writer->live_count && status == REVUE_OK; i++)
        if (writer->live[i].row.deleted < writer->live[i].row.doc_count)
            status = derive_segment(writer, txn, &writer->live[i].row, DERIVE_CHANGED, stars, error);
    bytes_free(&stars->record);
    memory_free(stars);
    return status;
}
