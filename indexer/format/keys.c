/* keys.c - see keys.h. Every key is built from fixed-width big-endian numbers and, last, at most one run of bytes, so that
 * memcmp order is the order of (number, number, bytes) and any leading part of a key is a prefix to walk by. */
#include "indexer/format/keys.h"

#include "indexer/base/hash.h"

#define ID_IN_KEY 400u /* bytes of an id that a key holds; ids are no longer (FORMAT.md, 2) */
#define BLOCK_NAME_MAX 255u

static void key_add_u8(struct key *key, uint8_t value) {
    key->data[key->size++] = value;
}

static void key_add_u16(struct key *key, uint16_t value) {
    key_add_u8(key, (uint8_t)(value >> 8));
    key_add_u8(key, (uint8_t)value);
}

static void key_add_u32(struct key *key, uint32_t value) {
    store_be32(key->data + key->size, value);
    key->size += sizeof value;
}

/* Appends at most limit bytes of the view. */
static void key_add_bytes(struct key *key, struct view bytes, size_t limit) {
    size_t size = bytes.size < limit ? bytes.size : limit;
    if (size) memcpy(key->data + key->size, bytes.data, size);
    key->size += size;
}

/* A path, or its first bytes and 16 hex digits of the hash of all of it. */
static void key_add_path(struct key *key, struct view path) {
    static const char digits[] = "0123456789abcdef";
    key_add_bytes(key, path, KEY_PATH_MAX);
    if (path.size <= KEY_PATH_MAX) return;
    uint64_t hash = hash_view(path);
    for (int shift = 60; shift >= 0; shift -= 4)
        key_add_u8(key, (uint8_t)digits[hash >> shift & 15]);
}

struct key key_segment(uint32_t segment) {
    struct key key;
    key.size = 0;
    key_add_u32(&key, segment);
    return key;
}

struct key key_segment_kind(uint32_t segment, enum segment_kind kind) {
    struct key key = key_segment(segment);
    key_add_u8(&key, (uint8_t)kind);
    return key;
}

struct key key_extent(uint32_t segment, enum segment_kind kind, uint32_t extent) {
    struct key key = key_segment_kind(segment, kind);
    key_add_u32(&key, extent);
    return key;
}

struct key key_block(uint32_t segment, enum segment_kind kind, struct view first) {
    struct key key = key_segment_kind(segment, kind);
    key_add_bytes(&key, first, BLOCK_NAME_MAX);
    return key;
}

struct key key_column_chunk(uint32_t segment, uint16_t column, uint32_t chunk) {
    struct key key = key_segment(segment);
    key_add_u16(&key, column);
    key_add_u32(&key, chunk);
    return key;
}

struct key key_deletes_chunk(uint32_t segment, uint32_t chunk) {
    struct key key = key_segment(segment);
    key_add_u32(&key, chunk);
    return key;
}

struct key key_keywords(uint16_t column, uint32_t first, uint8_t part, uint32_t extent) {
    struct key key;
    key.size = 0;
    key_add_u16(&key, column);
    key_add_u32(&key, first);
    key_add_u8(&key, part);
    key_add_u32(&key, extent);
    return key;
}

struct key key_source(uint16_t root, struct view path) {
    struct key key;
    key.size = 0;
    key_add_u16(&key, root);
    key_add_path(&key, path);
    return key;
}

struct key key_blocked_id(struct view id) {
    struct key key;
    key.size = 0;
    key_add_u8(&key, 'i');
    key_add_bytes(&key, id, ID_IN_KEY);
    return key;
}

struct key key_blocked_source(struct view pattern) {
    struct key key;
    key.size = 0;
    key_add_u8(&key, 's');
    key_add_path(&key, pattern);
    return key;
}

struct key key_shadow(struct view id, uint32_t source) {
    struct key key;
    key.size = 0;
    key_add_bytes(&key, id, ID_IN_KEY);
    key_add_u8(&key, 0);
    key_add_u32(&key, source);
    return key;
}

struct key key_name(const char *name) {
    struct key key;
    key.size = 0;
    key_add_bytes(&key, view_of_string(name), KEY_MAX);
    return key;
}

struct key key_runs(uint32_t chunk) {
    struct key key = key_name("runs");
    key_add_u32(&key, chunk);
    return key;
}

struct key key_rows(uint32_t chunk) {
    struct key key = key_name("rows");
    key_add_u32(&key, chunk);
    return key;
}
