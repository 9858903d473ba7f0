/* bytes.h - views of bytes and a growing buffer of them; fixed-width and variable-length integers in both directions. */
#ifndef REVUE_BASE_BYTES_H
#define REVUE_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes owned by someone else; may hold any byte. data may be NULL when size is 0. */
struct view {
    const char *data;
    size_t size;
};

static inline struct view view_of(const void *data, size_t size) {
    struct view view = {(const char *)data, size};
    return view;
}
static inline struct view view_of_string(const char *text) {
    return view_of(text, text ? strlen(text) : 0);
}
static inline bool view_equal(struct view a, struct view b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}
/* As memcmp, a prefix before what it begins. */
int view_compare(struct view a, struct view b);

/* A growing buffer with a sticky error: after an allocation failed every append is a no-op and failed stays true, so a
 * run of appends is checked once at its end. Zero bytes are ready for use. */
struct bytes {
    uint8_t *data;
    size_t size, capacity;
    bool failed;
};

void bytes_free(struct bytes *bytes);
static inline void bytes_clear(struct bytes *bytes) {
    bytes->size = 0;
}
uint8_t *bytes_extend(struct bytes *bytes, size_t size); /* room for size more, counted in; NULL when failed */
void bytes_append(struct bytes *bytes, const void *data, size_t size);
void bytes_append_u8(struct bytes *bytes, uint8_t value);
void bytes_append_u16(struct bytes *bytes, uint16_t value); /* little-endian, as everything in values on disk */
void bytes_append_u32(struct bytes *bytes, uint32_t value);
void bytes_append_u64(struct bytes *bytes, uint64_t value);
void bytes_append_varint(struct bytes *bytes, uint64_t value);   /* LEB128: 7 bits a byte, low first, at most 10 bytes */
void bytes_append_view(struct bytes *bytes, struct view view);   /* varint size, then the bytes */
void bytes_append_string(struct bytes *bytes, const char *text); /* without its zero byte */
void bytes_append_format(struct bytes *bytes, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline struct view bytes_view(const struct bytes *bytes) {
    return view_of(bytes->data, bytes->size);
}

/* Reads bytes that came from outside. Never past the end: a read that does not fit sets failed, returns zeros, and so
 * does every read after it; checked once at the end. */
struct byte_reader {
    const uint8_t *next, *end;
    bool failed;
};

/* data may be NULL when size is 0; the reader then stands on bytes of its own, since nothing may be added to NULL. */
static inline struct byte_reader byte_reader_of(const void *data, size_t size) {
    const uint8_t *first = (const uint8_t *)(data ? data : "");
    struct byte_reader reader = {first, first + size, false};
    return reader;
}
static inline size_t byte_reader_left(const struct byte_reader *reader) {
    return (size_t)(reader->end - reader->next);
}
uint8_t byte_reader_u8(struct byte_reader *reader);
uint16_t byte_reader_u16(struct byte_reader *reader);
uint32_t byte_reader_u32(struct byte_reader *reader);
uint64_t byte_reader_u64(struct byte_reader *reader);
uint64_t byte_reader_varint(struct byte_reader *reader);   /* an 11th byte, or bits past 64, fail */
uint32_t byte_reader_varint32(struct byte_reader *reader); /* a value over 2^32 - 1 fails */
struct view byte_reader_bytes(struct byte_reader *reader, size_t size);
struct view byte_reader_view(struct byte_reader *reader); /* varint size, then the bytes */

/* Fixed-width integers at any alignment. le in values, be in keys (so that memcmp order is number order). */
static inline uint16_t load_le16(const void *at) {
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}
static inline uint32_t load_le32(const void *at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}
static inline uint64_t load_le64(const void *at) {
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}
static inline void store_le16(void *at, uint16_t value) {
    memcpy(at, &value, sizeof value);
}
static inline void store_le32(void *at, uint32_t value) {
    memcpy(at, &value, sizeof value);
}
static inline void store_le64(void *at, uint64_t value) {
    memcpy(at, &value, sizeof value);
}
static inline uint32_t load_be32(const void *at) {
    return __builtin_bswap32(load_le32(at));
}
static inline void store_be32(void *at, uint32_t value) {
    store_le32(at, __builtin_bswap32(value));
}
static inline uint64_t load_be64(const void *at) {
    return __builtin_bswap64(load_le64(at));
}
static inline void store_be64(void *at, uint64_t value) {
    store_le64(at, __builtin_bswap64(value));
}

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "revue runs on little-endian machines only"
#endif

#endif
