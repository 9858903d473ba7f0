/* manifest.h - which segments are live, the schema and the remembered settings (FORMAT.md, 3). */
#ifndef REVUE_FORMAT_MANIFEST_H
#define REVUE_FORMAT_MANIFEST_H

#include "indexer/review/review.h"
#include "indexer/review/schema.h"
#include "indexer/store/store.h"

struct manifest_field {
    uint64_t total_length; /* of live reviews */
    uint32_t doc_count;    /* live reviews in which the field has a token */
};
struct manifest_segment {
    uint32_t number, doc_count, deleted, run;
    uint64_t meta_checksum;
    struct manifest_field fields[FIELD_COUNT];
};
struct manifest {
    uint8_t uuid[16];
    uint64_t commit;
    int64_t committed_at; /* seconds */
    uint32_t next_segment, next_source, last_run;
    uint64_t fingerprint;
    uint64_t text_bytes; /* live title and body */
    uint32_t blocked;
    struct manifest_segment *segments;
    uint32_t segment_count, segment_capacity;
};
/* Every result of this file is written whole, and only on success; each has its own free. */
revue_status manifest_new(struct manifest *manifest, revue_error *error); /* random UUID, next_segment 1, next_source 1 */
revue_status manifest_new_uuid(struct manifest *manifest, revue_error *error); /* another random one: of a copy */
#define UUID_TEXT 37 /* bytes of one as text, with its zero byte */
void manifest_uuid_text(const struct manifest *manifest, char out[UUID_TEXT]);
/* REVUE_NO_MATCH: an index that was created and never written to. */
revue_status manifest_read(store_txn *txn, struct manifest *manifest, revue_error *error);
revue_status manifest_write(store_txn *txn, const struct manifest *manifest, revue_error *error);
/* Puts a row at its place: rows ascend by segment. REVUE_BUG when the segment is listed already. */
revue_status manifest_add_segment(struct manifest *manifest, const struct manifest_segment *segment, revue_error *error);
void manifest_free(struct manifest *manifest);
revue_status manifest_decode(struct view record, struct manifest *manifest, revue_error *error);
void manifest_encode(const struct manifest *manifest, struct bytes *out);

struct schema_column {
    uint16_t number;
    enum column_kind kind;
    bool has_several, is_internal;
    char *name;
};
struct schema {
    struct schema_column *columns;
    uint32_t count, capacity;
    uint32_t version;
};
/* The built-in columns, version 1. */
revue_status schema_new(struct schema *schema, revue_error *error);
/* REVUE_NO_MATCH as manifest_read. */
revue_status schema_read(store_txn *txn, struct schema *schema, revue_error *error);
revue_status schema_write(store_txn *txn, const struct schema *schema, revue_error *error);
void schema_encode(const struct schema *schema, struct bytes *out);
revue_status schema_decode(struct view record, struct schema *schema, revue_error *error);
/* Finds or adds a declared column; raising the version is left to the caller, who knows what else has changed. REVUE_USAGE
 * when the name is taken by a field, has another kind, or cannot stand before the colon of a query. */
#define SCHEMA_NAME_MAX 64u     /* bytes of a column's name */
#define SCHEMA_DECLARED_MAX 32u /* declared columns of one index */
revue_status schema_declare(struct schema *schema, struct view name, enum column_kind kind, uint16_t *number,
                            revue_error *error);
/* Without regard to the case of ASCII letters. NULL when there is none. */
const struct schema_column *schema_find(const struct schema *schema, struct view name);
void schema_free(struct schema *schema);

/* Rows name = value, several of one name allowed, order kept. */
struct settings {
    struct setting {
        char *name, *value;
    } * rows;
    size_t count, capacity;
};
revue_status settings_read(store_txn *txn, struct settings *settings, revue_error *error); /* none yet: empty */
revue_status settings_write(store_txn *txn, const struct settings *settings, revue_error *error);
void settings_encode(const struct settings *settings, struct bytes *out);
revue_status settings_decode(struct view record, struct settings *settings, revue_error *error);
revue_status settings_add(struct settings *settings, const char *name, const char *value, revue_error *error);
void settings_remove(struct settings *settings, const char *name);           /* every row of that name */
const char *settings_get(const struct settings *settings, const char *name); /* the first, or NULL */
void settings_free(struct settings *settings);

/* The ratings of a source that come without a scale of their own: what its scale is recognised by. */
struct rating_range {
    double smallest, largest; /* 0 without has_rating */
    bool has_rating, has_fraction;
};
/* Source rows (FORMAT.md, 11). */
#define SOURCE_PARTLY_FAILED 1u /* bits of state */
#define SOURCE_CONTAINER 2u     /* holds members with rows of their own, no reviews itself */
#define SOURCE_BESIDE 4u        /* not reviews */
#define SOURCE_BLOCKED 8u       /* a pattern of the blocks matched it */
#define SOURCE_DUE 16u          /* read by the next run although unchanged */
struct source_row {
    uint32_t number;
    uint64_t size;
    int64_t modified_ns;
    uint64_t inode, hash, prefix_bytes, prefix_hash;
    uint32_t schema_version;
    uint8_t state;
    uint32_t reviews;
    uint32_t left_out; /* members, of a container */
    uint32_t run;
    int64_t read_at;
    struct rating_range ratings;
    struct view name; /* that ids of its records begin with, when that is not its path; decoded: inside the record */
};
/* REVUE_NO_MATCH: no such source. */
revue_status source_row_get(store_txn *txn, uint16_t root, struct view path, struct source_row *row, revue_error *error);
revue_status source_row_put(store_txn *txn, uint16_t root, struct view path, const struct source_row *row,
                            revue_error *error);
void source_row_encode(const struct source_row *row, struct bytes *out);
revue_status source_row_decode(struct view record, struct source_row *row, revue_error *error);

#endif
