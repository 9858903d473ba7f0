/* identity.c - see identity.h. */
#include "indexer/identity.h"

#include "indexer/base/hash.h"
#include "indexer/base/utf8.h"

#include <stdio.h>

static void append_hex(struct bytes *out, uint64_t hash) {
    bytes_append_format(out, "%016llx", (unsigned long long)hash);
}

/* An id too long keeps its beginning and ends in its hash, so that different long ids stay different. */
static void limit_id(struct bytes *out) {
    if (out->failed || out->size <= ID_MAX) return;
    uint64_t hash = hash_view(bytes_view(out));
    out->size = utf8_floor((const char *)out->data, ID_MAX - 17);
    bytes_append_u8(out, '~');
    append_hex(out, hash);
}

void identity_own(struct view id, struct bytes *out) {
    bytes_clear(out);
    for (size_t i = 0; i < id.size; i++) {
        uint8_t byte = (uint8_t)id.data[i];
        bytes_append_u8(out, byte < 0x20 || byte == 0x7F ? '_' : byte);
    }
    limit_id(out);
}

void identity_of_source(struct view source_name, struct bytes *out) {
    bytes_clear(out);
    bytes_append(out, source_name.data, source_name.size);
    limit_id(out);
}

void identity_of_record(struct view source_name, const struct review *review, uint32_t repeat, struct bytes *out) {
    bytes_clear(out);
    bytes_append(out, source_name.data, source_name.size);
    bytes_append_u8(out, '#');
    append_hex(out, identity_record_hash(review));
    if (repeat > 1) bytes_append_format(out, "~%u", repeat);
    limit_id(out);
}

/* Each field as size and bytes, so that moving a word from one to the next changes the hash. */
static uint64_t hash_fields(const struct review *review, uint64_t seed) {
    static const enum review_field order[] = {FIELD_TITLE, FIELD_BODY, FIELD_PRODUCT, FIELD_AUTHOR};
    uint64_t hash = seed;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        struct view text = review->text[order[i]];
        hash = hash_mix(hash, hash_mix(text.size, text.size ? hash_view(text) : 0));
    }
    return hash;
}

uint64_t identity_record_hash(const struct review *review) {
    return hash_fields(review, 0);
}

uint64_t identity_text_hash(const struct review *review, unsigned language) {
    uint64_t hash = hash_fields(review, language);
    return hash_mix(hash, review->url.size ? hash_view(review->url) : 0);
}

static void append_number(struct bytes *out, bool has, double value) {
    uint64_t bits = 0;
    if (value != 0) memcpy(&bits, &value, sizeof bits); /* -0 and 0 are the same rating */
    bytes_append_u8(out, has);
    bytes_append_u64(out, has ? bits : 0);
}

uint32_t identity_column_hash(const struct review *review, struct bytes *scratch) {
    bytes_clear(scratch);
    append_number(scratch, review->has_rating, review->rating);
    append_number(scratch, review->has_rating, review->rating_max);
    append_number(scratch, review->has_votes, review->votes);
    bytes_append_u8(scratch, (uint8_t)review->date.precision);
    bytes_append_u64(scratch, review->date.precision != DATE_ABSENT ? (uint64_t)review->date.seconds : 0);
    bytes_append_view(scratch, review->lang);
    bytes_append_varint(scratch, review->tag_count);
    for (uint32_t i = 0; i < review->tag_count; i++)
        bytes_append_view(scratch, review->tags[i]);
    for (uint32_t i = 0; i < review->extra_count; i++) {
        bytes_append_varint(scratch, review->extras[i].column);
        bytes_append_view(scratch, review->extras[i].value);
    }
    return (uint32_t)hash_view(bytes_view(scratch));
}
