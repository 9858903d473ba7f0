/* keys.h - the only place that builds keys (FORMAT.md, 2). */
#ifndef REVUE_FORMAT_KEYS_H
#define REVUE_FORMAT_KEYS_H

#include "indexer/base/bytes.h"

#define FORMAT_VERSION 1
#define KEY_MAX 511
#define KEY_PATH_MAX 480u /* bytes of the path of a source that its key holds (FORMAT.md, 11) */

enum segment_kind {
    KIND_META = 0,
    KIND_TERMS = 1,
    KIND_FORMS = 2,
    KIND_POSTINGS = 3,
    KIND_SKIPS = 4,
    KIND_POSITIONS = 5,
    KIND_LENGTHS = 6, /* + field, to 9 */
    KIND_IDS = 10,
    KIND_ID_INDEX = 11,
    KIND_ID_HASHES = 12,
    KIND_TEXT_HASHES = 13,
    KIND_TEXT = 14,
    KIND_TEXT_INDEX = 15,
    KIND_SYMBOL_BYTES = 16,
    KIND_SYMBOL_INDEX = 17,
    KIND_COUNT = 18
};
#define BASE_SEGMENT 0u /* the generation's base symbol table */

struct key {
    uint8_t data[KEY_MAX + 1];
    size_t size;
};
static inline struct view key_view(const struct key *key) {
    return view_of(key->data, key->size);
}
struct key key_segment(uint32_t segment);                              /* prefix of all its records */
struct key key_segment_kind(uint32_t segment, enum segment_kind kind); /* prefix, and the key of META */
struct key key_extent(uint32_t segment, enum segment_kind kind, uint32_t extent);
struct key key_block(uint32_t segment, enum segment_kind kind, struct view first); /* first at most 255 bytes */
struct key key_column_chunk(uint32_t segment, uint16_t column, uint32_t chunk);
struct key key_deletes_chunk(uint32_t segment, uint32_t chunk);
struct key key_keywords(uint16_t column, uint32_t first, uint8_t part, uint32_t extent);
struct key key_source(uint16_t root, struct view path);
struct key key_blocked_id(struct view id);
struct key key_blocked_source(struct view pattern);
struct key key_shadow(struct view id, uint32_t source);
struct key key_name(const char *name);
struct key key_runs(uint32_t chunk);
struct key key_rows(uint32_t chunk); /* of rows written ahead of a commit */

#endif
