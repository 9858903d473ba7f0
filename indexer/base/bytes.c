/* bytes.c - see bytes.h. */
#include "indexer/base/bytes.h"

#include "indexer/base/memory.h"

#include <stdarg.h>
#include <stdio.h>

int view_compare(struct view a, struct view b) {
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common ? memcmp(a.data, b.data, common) : 0;
    if (order != 0) return order;
    return a.size < b.size ? -1 : a.size > b.size;
}

void bytes_free(struct bytes *bytes) {
    memory_free(bytes->data);
    memset(bytes, 0, sizeof *bytes);
}

uint8_t *bytes_extend(struct bytes *bytes, size_t size) {
    if (bytes->failed) return NULL;
    /* Room for one byte at least: NULL means failure, also when nothing is asked for. */
    if (size >= SIZE_MAX - bytes->size || !MEMORY_RESERVE(bytes->data, bytes->capacity, bytes->size + (size ? size : 1))) {
        bytes->failed = true;
        return NULL;
    }
    uint8_t *room = bytes->data + bytes->size;
    bytes->size += size;
    return room;
}

void bytes_append(struct bytes *bytes, const void *data, size_t size) {
    if (size == 0) return;
    uint8_t *room = bytes_extend(bytes, size);
    if (room) memcpy(room, data, size);
}

void bytes_append_u8(struct bytes *bytes, uint8_t value) {
    bytes_append(bytes, &value, 1);
}

void bytes_append_u16(struct bytes *bytes, uint16_t value) {
    bytes_append(bytes, &value, sizeof value);
}

void bytes_append_u32(struct bytes *bytes, uint32_t value) {
    bytes_append(bytes, &value, sizeof value);
}

void bytes_append_u64(struct bytes *bytes, uint64_t value) {
    bytes_append(bytes, &value, sizeof value);
}

void bytes_append_varint(struct bytes *bytes, uint64_t value) {
    uint8_t encoded[10];
    size_t size = 0;
    while (value >= 0x80) {
        encoded[size++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    encoded[size++] = (uint8_t)value;
    bytes_append(bytes, encoded, size);
}

void bytes_append_view(struct bytes *bytes, struct view view) {
    bytes_append_varint(bytes, view.size);
    bytes_append(bytes, view.data, view.size);
}

void bytes_append_string(struct bytes *bytes, const char *text) {
    bytes_append(bytes, text, strlen(text));
}

void bytes_append_format(struct bytes *bytes, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    uint8_t *room = length >= 0 ? bytes_extend(bytes, (size_t)length + 1) : NULL;
    if (room) {
        (void)vsnprintf((char *)room, (size_t)length + 1, format, again);
        bytes->size--;
    }
    va_end(again);
}

static const uint8_t *reader_take(struct byte_reader *reader, size_t size) {
    if (reader->failed || byte_reader_left(reader) < size) {
        reader->failed = true;
        return NULL;
    }
    const uint8_t *taken = reader->next;
    reader->next += size;
    return taken;
}

uint8_t byte_reader_u8(struct byte_reader *reader) {
    const uint8_t *at = reader_take(reader, 1);
    return at ? *at : 0;
}

uint16_t byte_reader_u16(struct byte_reader *reader) {
    const uint8_t *at = reader_take(reader, 2);
    return at ? load_le16(at) : 0;
}

uint32_t byte_reader_u32(struct byte_reader *reader) {
    const uint8_t *at = reader_take(reader, 4);
    return at ? load_le32(at) : 0;
}

uint64_t byte_reader_u64(struct byte_reader *reader) {
    const uint8_t *at = reader_take(reader, 8);
    return at ? load_le64(at) : 0;
}

uint64_t byte_reader_varint(struct byte_reader *reader) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const uint8_t *at = reader_take(reader, 1);
        if (!at) return 0;
        if (shift == 63 && *at > 1) break;
        value |= (uint64_t)(*at & 0x7F) << shift;
        if (*at < 0x80) return value;
    }
    reader->failed = true;
    return 0;
}

uint32_t byte_reader_varint32(struct byte_reader *reader) {
    uint64_t value = byte_reader_varint(reader);
    if (value > UINT32_MAX) {
        reader->failed = true;
        return 0;
    }
    return (uint32_t)value;
}

struct view byte_reader_bytes(struct byte_reader *reader, size_t size) {
    const uint8_t *at = reader_take(reader, size);
    return at ? view_of(at, size) : view_of(NULL, 0);
}

struct view byte_reader_view(struct byte_reader *reader) {
    uint64_t size = byte_reader_varint(reader);
    if (size > byte_reader_left(reader)) {
        reader->failed = true;
        return view_of(NULL, 0);
    }
    return byte_reader_bytes(reader, (size_t)size);
}
