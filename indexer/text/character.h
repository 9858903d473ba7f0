/* character.h - reading one character of a field as scanner and folder see it: decoded from UTF-8, or from an entity. */
#ifndef REVUE_TEXT_CHARACTER_H
#define REVUE_TEXT_CHARACTER_H

#include "indexer/text/markup.h"
#include "indexer/text/words_table.h"

struct character {
    uint32_t code, size; /* size in bytes, of an entity all of it */
    uint8_t kind;        /* enum word_kind */
};

/* Decodes without checking: the text is valid. On bytes that are not it gives some character, and never reads past the
 * end. */
static inline uint32_t character_decode(const char *data, uint32_t size, uint32_t at, uint32_t *length) {
    const uint8_t *b = (const uint8_t *)data + at;
    uint32_t lead = b[0], left = size - at;
    *length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (*length == 1) return lead;
    if (*length > left) {
        *length = 1;
        return 0xFFFD;
    }
    if (*length == 2) return (lead & 0x1F) << 6 | (b[1] & 0x3Fu);
    if (*length == 3) return (lead & 0x0F) << 12 | (b[1] & 0x3Fu) << 6 | (b[2] & 0x3Fu);
    return (lead & 0x07) << 18 | (b[1] & 0x3Fu) << 12 | (b[2] & 0x3Fu) << 6 | (b[3] & 0x3Fu);
}

/* at < size. A '<' or '&' that came from an entity is punctuation, not markup. */
static inline struct character character_read(const char *data, uint32_t size, uint32_t at) {
    struct character character = {(uint8_t)data[at], 1, byte_kinds[(uint8_t)data[at]]};
    if (character.kind == KIND_MULTIBYTE) {
        character.code = character_decode(data, size, at, &character.size);
        character.kind = character_class_of(character.code)->kind;
    } else if (character.kind == KIND_ENTITY) {
        uint32_t length = markup_entity(data, size, at, &character.code);
        if (length == 0) return character;
        character.size = length;
        character.kind = character_class_of(character.code)->kind;
        if (character.kind == KIND_TAG || character.kind == KIND_ENTITY) character.kind = KIND_GAP;
    }
    return character;
}

#endif
