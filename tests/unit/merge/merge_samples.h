/* merge_samples.h - what the tests of merging share: an archive of made-up reviews that grows, changes and shrinks in runs,
 * indexed through the writer, so that the segments it leaves and the reviews that live are known exactly. */
#ifndef REVUE_TESTS_MERGE_SAMPLES_H
#define REVUE_TESTS_MERGE_SAMPLES_H

#include "indexer/merge/merge.h"
#include "indexer/writer.h"
#include "tests/unit/format/format_test.h"

#define SAMPLE_PRODUCTS 40u
#define SAMPLE_AUTHORS 25u
#define SAMPLE_TAGS 12u
#define SAMPLE_MEMORY ((size_t)64 << 20)

/* What the reviews are like. */
struct sample_shape {
    uint32_t roots;             /* stems, about */
    uint32_t suffixes;          /* forms a stem has: 1 to 8 */
    uint32_t words;             /* of a body, at most */
    uint32_t first, each, runs; /* reviews added in the first run, in each later one; how many runs */
    bool has_languages;         /* some reviews are German */
    bool has_changes;           /* later runs change, patch and delete */
    bool no_positions, no_text;
};
/* One version of a review, as it was added. */
struct sample {
    char id[16];
    struct bytes text[FIELD_COUNT], url;
    uint32_t product, author, tags[3], tag_count;
    bool has_rating, has_votes, has_price, has_city, is_live;
    double rating, votes, price;
    uint32_t city, run, patched; /* the runs that added it, and patched it last */
    int64_t seconds;
    bool is_german;
};
struct archive {
    struct sample_shape shape;
    uint64_t random;
    struct sample *samples; /* in the order in which they were added; all versions */
    size_t count, capacity;
    size_t first_segment; /* samples of the first segment ever flushed, from which the base table came */
    uint32_t next_id;
};

static inline void archive_free(struct archive *archive) {
    for (size_t i = 0; i < archive->count; i++) {
        for (unsigned field = 0; field < FIELD_COUNT; field++)
            bytes_free(&archive->samples[i].text[field]);
        bytes_free(&archive->samples[i].url);
    }
    free(archive->samples);
}

/* ---- texts ---- */

static inline void sample_word(struct archive *archive, struct bytes *out) {
    static const char *const starts[] = {"b", "d", "f", "gr", "h", "k", "l", "m", "p", "st", "t", "v"};
    static const char *const vowels[] = {"a", "e", "i", "o", "u"};
    static const char *const ends[] = {"lk", "nd", "rt", "mp", "sk", "lt"};
    static const char *const suffixes[] = {"", "s", "ing", "ed", "ings", "ingly", "edly", "able"};
    uint32_t root = random_below(&archive->random, random_below(&archive->random, archive->shape.roots) + 1);
    uint32_t suffix = random_below(&archive->random, random_below(&archive->random, archive->shape.suffixes) + 1);
    bytes_append_format(out, "%s%s%s", starts[root % 12], vowels[root / 12 % 5], ends[root / 60 % 6]);
    if (root >= 360) bytes_append_format(out, "%s%s", vowels[root / 360 % 5], ends[root / 1800 % 6]);
    bytes_append_string(out, suffixes[suffix]);
}

/* A word that is rare: mostly once in a segment, now and then again in another. */
static inline void sample_rare_word(struct archive *archive, struct bytes *out) {
    bytes_append_format(out, "Zq%uX", random_below(&archive->random, 400));
}

static inline void sample_text(struct archive *archive, uint32_t words, struct bytes *out) {
    static const char *const gaps[] = {" ", " ", " ", " ", " ", " ", ", ", ". ", " - ", "\n\n", "-", " (", "...  "};
    for (uint32_t i = 0; i < words; i++) {
        if (i > 0) bytes_append_string(out, gaps[random_below(&archive->random, 13)]);
        uint32_t kind = random_below(&archive->random, 60);
        if (kind == 0)
            sample_rare_word(archive, out);
        else if (kind == 1)
            bytes_append_format(out, "%u", random_below(&archive->random, 50));
        else if (kind == 2 && random_below(&archive->random, 10) == 0)
            for (unsigned j = 0; j < 140; j++) /* longer than a symbol may be */
                bytes_append_u8(out, (uint8_t)('a' + j % 7));
        else
            sample_word(archive, out);
    }
}

static inline void fill_sample(struct archive *archive, struct sample *sample) {
    uint64_t *random = &archive->random;
    sample->product = random_below(random, SAMPLE_PRODUCTS + 4); /* the last four: none */
    sample->author = random_below(random, SAMPLE_AUTHORS);
    if (random_below(random, 3)) sample_text(archive, random_below(random, 6), &sample->text[FIELD_TITLE]);
    if (random_below(random, 30) == 0)
        for (unsigned i = 0; i < 40; i++)
            bytes_append_string(&sample->text[FIELD_BODY], i % 3 ? "\xE6\x98\xA0" : "\xE7\x94\xBB");
    else
        sample_text(archive, random_below(random, archive->shape.words + 1), &sample->text[FIELD_BODY]);
    if (sample->product < SAMPLE_PRODUCTS)
        bytes_append_format(&sample->text[FIELD_PRODUCT], "Film %u", sample->product * 7919u % SAMPLE_PRODUCTS);
    if (random_below(random, 2)) bytes_append_format(&sample->text[FIELD_AUTHOR], "Author%u", sample->author);
    if (random_below(random, 4) == 0) bytes_append_format(&sample->url, "https://example.org/review/%s", sample->id);
    sample->is_german = archive->shape.has_languages && random_below(random, 3) == 0;
}

static inline void fill_values(struct archive *archive, struct sample *sample) {
    uint64_t *random = &archive->random;
    sample->has_rating = random_below(random, 5) > 0;
    sample->rating = random_below(random, 21) / 2.0;
    sample->has_votes = random_below(random, 3) == 0;
    sample->votes = random_below(random, 100000);
    sample->seconds = 1500000000 + (int64_t)random_below(random, 100000000);
    sample->tag_count = random_below(random, 4);
    for (uint32_t i = 0; i < sample->tag_count; i++)
        sample->tags[i] = random_below(random, SAMPLE_TAGS);
    sample->has_price = random_below(random, 2) == 0;
    sample->price = random_below(random, 1000000) / (random_below(random, 50) ? 100.0 : 7.0);
    sample->has_city = random_below(random, 2) == 0;
    sample->city = random_below(random, 5);
}

/* ---- the writer ---- */

static inline bool never(void *context) {
    (void)context;
    return false;
}

/* may_merge NULL: as the policy asks. */
static inline void sample_open(struct writer *writer, const char *path, const struct sample_shape *shape,
                               bool (*may_merge)(void *context)) {
    revue_error error;
    struct writer_options options = {.create = true,
                                     .no_positions = shape->no_positions,
                                     .no_text = shape->no_text,
                                     .memory_bytes = SAMPLE_MEMORY,
                                     .may_merge = may_merge};
    assert_ok(writer_open(writer, path, &options, &error));
}

static inline void number_keywords(struct writer *writer, uint16_t column, const char *format, uint32_t count) {
    revue_error error;
    for (uint32_t i = 0; i < count; i++) {
        char value[32];
        uint32_t number;
        (void)snprintf(value, sizeof value, format, i * 7919u % count);
        assert_ok(writer_keyword(writer, column, view_of_string(value), &number, &error));
        assert_int_equal(number, i);
    }
}

#define SAMPLE_PRICE COLUMN_DECLARED
#define SAMPLE_CITY (COLUMN_DECLARED + 1)

/* Once, when the index is new: numbers do not depend on what comes first then. */
static inline void number_all_keywords(struct writer *writer) {
    revue_error error;
    uint16_t column;
    assert_ok(schema_declare(&writer->schema, view_of_string("price"), COLUMN_NUMBER, &column, &error));
    assert_int_equal(column, SAMPLE_PRICE);
    assert_ok(schema_declare(&writer->schema, view_of_string("city"), COLUMN_KEYWORD, &column, &error));
    assert_int_equal(column, SAMPLE_CITY);
    number_keywords(writer, COLUMN_OF_PRODUCT, "Film %u", SAMPLE_PRODUCTS);
    number_keywords(writer, COLUMN_OF_AUTHOR, "Author%u", SAMPLE_AUTHORS);
    number_keywords(writer, COLUMN_OF_TAGS, "tag%u", SAMPLE_TAGS);
    uint32_t number;
    assert_ok(writer_keyword(writer, COLUMN_OF_LANG, view_of_string("en"), &number, &error));
    assert_ok(writer_keyword(writer, COLUMN_OF_LANG, view_of_string("de"), &number, &error));
    number_keywords(writer, SAMPLE_CITY, "city%u", 5);
}

static inline struct pending_values values_of(const struct archive *archive, const struct sample *sample,
                                              struct pending_extra extras[2]) {
    struct pending_values values = {.has_rating = sample->has_rating,
                                    .has_votes = sample->has_votes,
                                    .has_lang = true,
                                    .has_product =
                                        sample->product<SAMPLE_PRODUCTS, .has_author = sample->text[FIELD_AUTHOR].size> 0,
                                    .rating = sample->rating,
                                    .votes = sample->votes,
                                    .rating_max = 10,
                                    .date = {sample->seconds, DATE_SECOND},
                                    .lang = sample->is_german,
                                    .product = sample->product,
                                    .author = sample->author,
                                    .tags = sample->tags,
                                    .tag_count = sample->tag_count,
                                    .extras = extras,
                                    .source = (uint32_t)(sample - archive->samples) % 5 + 1,
                                    .run = sample->run,
                                    .column_hash = (uint32_t)(sample - archive->samples) * 2654435761u};
    if (sample->has_price)
        extras[values.extra_count++] = (struct pending_extra){.column = SAMPLE_PRICE, .number = sample->price};
    if (sample->has_city)
        extras[values.extra_count++] =
            (struct pending_extra){.column = SAMPLE_CITY, .is_integer = true, .integer = sample->city};
    return values;
}

static inline revue_status add_sample(struct writer *writer, const struct archive *archive, size_t index,
                                      revue_error *error) {
    const struct sample *sample = &archive->samples[index];
    struct pending_extra extras[2];
    struct pending_values values = values_of(archive, sample, extras);
    struct review review = {.url = bytes_view(&sample->url)};
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        review.text[field] = bytes_view(&sample->text[field]);
    return writer_add(writer, &review, view_of_string(sample->id), sample->is_german ? LANGUAGE_GERMAN : LANGUAGE_ENGLISH,
                      1000 + index, &values, error);
}

/* ---- runs ---- */

static inline struct sample *new_sample(struct archive *archive, uint32_t run) {
    if (archive->count == archive->capacity) {
        archive->capacity = archive->capacity ? archive->capacity * 2 : 256;
        archive->samples = realloc(archive->samples, archive->capacity * sizeof *archive->samples);
        assert_non_null(archive->samples);
    }
    struct sample *sample = &archive->samples[archive->count++];
    *sample = (struct sample){.is_live = true, .run = run};
    return sample;
}

/* A live review of an earlier run, or NULL when chance finds none. */
static inline struct sample *some_live(struct archive *archive, uint32_t run) {
    for (unsigned tries = 0; tries < 50; tries++) {
        struct sample *sample = &archive->samples[random_below(&archive->random, (uint32_t)archive->count)];
        if (sample->is_live && sample->run < run && sample->patched < run) return sample;
    }
    return NULL;
}

static inline void delete_sample(struct writer *writer, struct sample *sample) {
    revue_error error;
    struct review_location location;
    assert_ok(writer_find(writer, view_of_string(sample->id), &location, &error));
    assert_ok(writer_delete(writer, location, &error));
    sample->is_live = false;
}

static inline void patch_sample(struct writer *writer, struct archive *archive, struct sample *sample) {
    revue_error error;
    struct review_location location;
    struct pending_extra extras[2];
    if (writer_find(writer, view_of_string(sample->id), &location, &error) != REVUE_OK) return;
    sample->patched = writer->run;
    fill_values(archive, sample);
    struct pending_values values = values_of(archive, sample, extras);
    assert_ok(writer_patch(writer, location, &values, &error));
}

/* Each live review at most once in a run: what a run adds it cannot find again. */
static inline void change_some(struct writer *writer, struct archive *archive, uint32_t run, uint32_t changes) {
    revue_error error;
    for (uint32_t i = 0; i < changes; i++) {
        struct sample *sample = some_live(archive, run);
        if (!sample) return;
        uint32_t what = random_below(&archive->random, 3);
        if (what == 0 && sample->run + 1 < run) {
            patch_sample(writer, archive, sample);
            continue;
        }
        char id[sizeof sample->id];
        memcpy(id, sample->id, sizeof id);
        delete_sample(writer, sample);
        if (what != 1) continue;
        struct sample *changed = new_sample(archive, run);
        memcpy(changed->id, id, sizeof id);
        fill_sample(archive, changed);
        fill_values(archive, changed);
        assert_ok(add_sample(writer, archive, archive->count - 1, &error));
    }
}

static inline void add_new(struct writer *writer, struct archive *archive, uint32_t run, uint32_t count) {
    revue_error error;
    for (uint32_t i = 0; i < count; i++) {
        struct sample *sample = new_sample(archive, run);
        (void)snprintf(sample->id, sizeof sample->id, "r%u", archive->next_id++ * 7919u % 1000003u);
        fill_sample(archive, sample);
        fill_values(archive, sample);
        assert_ok(add_sample(writer, archive, archive->count - 1, &error));
    }
}

/* One run; runs count from 1. pieces: segments to flush, at least. */
static inline void archive_run(struct archive *archive, const char *path, uint32_t run, uint32_t pieces,
                               bool (*may_merge)(void *context)) {
    revue_error error;
    struct writer writer;
    uint32_t count = run == 1 ? archive->shape.first : archive->shape.each;
    sample_open(&writer, path, &archive->shape, may_merge);
    if (run == 1) number_all_keywords(&writer);
    for (uint32_t piece = 0; piece < pieces; piece++) {
        add_new(&writer, archive, run, count / pieces + 1);
        if (run > 1 && archive->shape.has_changes) change_some(&writer, archive, run, count / pieces / 3 + 1);
        if (run == 1 && piece == 0) archive->first_segment = archive->count;
        assert_ok(writer_flush(&writer, &error));
    }
    assert_ok(writer_commit(&writer, NULL, NULL, &error));
    writer_close(&writer);
}

/* The live reviews alone, built at once: one segment, over the same base table as the runs had. */
static inline void archive_build_at_once(struct archive *archive, const char *path) {
    revue_error error;
    struct writer writer;
    sample_open(&writer, path, &archive->shape, never);
    number_all_keywords(&writer);
    for (size_t i = 0; i < archive->first_segment; i++)
        assert_ok(add_sample(&writer, archive, i, &error));
    assert_ok(writer_commit(&writer, NULL, NULL, &error));
    writer_close(&writer);
    sample_open(&writer, path, &archive->shape, never);
    for (size_t i = 0; i < archive->first_segment; i++) {
        struct review_location location;
        assert_ok(writer_find(&writer, view_of_string(archive->samples[i].id), &location, &error));
        assert_ok(writer_delete(&writer, location, &error));
    }
    for (size_t i = 0; i < archive->count; i++)
        if (archive->samples[i].is_live) assert_ok(add_sample(&writer, archive, i, &error));
    assert_ok(writer_commit(&writer, NULL, NULL, &error));
    assert_int_equal(writer.manifest.segment_count, 1);
    writer_close(&writer);
}

static inline void read_manifest(const char *path, struct manifest *manifest) {
    revue_error error;
    store *opened;
    store_txn *txn;
    assert_ok(store_open(&opened, path, STORE_READ, &error));
    assert_ok(store_begin_read(opened, &txn, &error));
    assert_ok(manifest_read(txn, manifest, &error));
    store_abort(txn);
    store_close(opened);
}

#endif
