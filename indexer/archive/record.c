/* record.c - see record.h. */
#include "indexer/archive/record.h"

#include "indexer/base/arena.h"
#include "indexer/base/hash.h"
#include "indexer/base/memory.h"

#include <stdio.h>

#define NO_RANK 1000u
#define PART_COUNT 16 /* parts of one body that are joined; further ones are dropped */
#define CACHE_SLOTS 256u
#define CACHE_KEY_BYTES 40u

/* The last key seen in each slot of a direct-mapped cache: an archive has some dozen keys and repeats them in every record.
 */
struct cached_key {
    uint8_t size; /* 0: empty */
    char text[CACHE_KEY_BYTES];
    struct record_key key;
};

struct record {
    const struct archive_options *options;
    struct arena arena; /* of the record in hand */
    bool failed;
    unsigned rank[SLOT_COUNT];     /* of the key that fills the slot so far; NO_RANK when none does */
    struct view text[SLOT_COUNT];  /* of the slots that are text */
    struct view parts[PART_COUNT]; /* of the body */
    unsigned part_count;
    struct view *tags;
    size_t tag_count, tag_capacity;
    struct review_extra *extras;
    size_t extra_count, extra_capacity;
    struct review review; /* numbers and the date are put here at once */
    struct cached_key cache[CACHE_SLOTS];
};

revue_status record_create(struct record **record, const struct archive_options *options, revue_error *error) {
    struct record *made = memory_alloc_zeroed(1, sizeof *made);
    if (!made) return error_no_memory(error);
    made->options = options;
    record_start(made, 0);
    *record = made;
    return REVUE_OK;
}

void record_free(struct record *record) {
    if (!record) return;
    arena_free(&record->arena);
    memory_free(record->tags);
    memory_free(record->extras);
    memory_free(record);
}

void record_start(struct record *record, uint64_t line) {
    arena_reset(&record->arena);
    for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
        record->rank[slot] = NO_RANK;
        record->text[slot] = view_of(NULL, 0);
    }
    record->failed = false;
    record->part_count = 0;
    record->tag_count = record->extra_count = 0;
    record->review = (struct review){.line = line};
}

/* ---- keys ---- */

/* Fills in what the user's options say of a key, given as text. True when --map names it. */
static bool apply_options(const struct archive_options *options, struct view name, struct record_key *key) {
    for (size_t i = 0; i < options->column_count; i++) {
        if (!view_equal(options->columns[i].name, name)) continue;
        key->has_column = true;
        key->column = (uint32_t)i;
    }
    for (size_t i = 0; i < options->map_count; i++) {
        if (!view_equal(options->map[i].key, name)) continue;
        key->slot = options->map[i].slot;
        key->rank = 0;
        key->mapped = true;
        return true;
    }
    return false;
}

static struct record_key look_up(const struct archive_options *options, struct view name) {
    struct record_key key = {.slot = SLOT_NONE, .rank = NO_RANK};
    if (!apply_options(options, name, &key)) key.slot = schema_slot_of_key(name, &key.rank);
    return key;
}

struct record_key record_key_of(struct record *record, struct view key) {
    if (key.size == 0 || key.size > CACHE_KEY_BYTES) return look_up(record->options, key);
    struct cached_key *cached = &record->cache[hash_view(key) % CACHE_SLOTS];
    if (cached->size != key.size || memcmp(cached->text, key.data, key.size) != 0) {
        cached->size = (uint8_t)key.size;
        memcpy(cached->text, key.data, key.size);
        cached->key = look_up(record->options, key);
    }
    return cached->key;
}

struct record_key record_key_of_number(struct record *record, size_t number) {
    char text[24];
    struct record_key key = {.slot = SLOT_NONE, .rank = NO_RANK};
    int size = snprintf(text, sizeof text, "%zu", number);
    (void)apply_options(record->options, view_of(text, (size_t)size), &key);
    return key;
}

/* ---- values ---- */

static bool is_blank_text(struct view text) {
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n') return false;
    }
    return true;
}

static struct view trimmed(struct view text) {
    while (text.size > 0 && is_blank_text(view_of(text.data, 1)))
        text = view_of(text.data + 1, text.size - 1);
    while (text.size > 0 && is_blank_text(view_of(text.data + text.size - 1, 1)))
        text.size--;
    return text;
}

static void put_extra(struct record *record, uint32_t column, struct view text) {
    if (!MEMORY_RESERVE(record->extras, record->extra_capacity, record->extra_count + 1)) {
        record->failed = true;
        return;
    }
    record->extras[record->extra_count++] = (struct review_extra){column, text};
}

static void put_body(struct record *record, unsigned rank, struct view text) {
    if (rank < record->rank[SLOT_BODY]) record->part_count = 0;
    if (record->part_count < PART_COUNT) record->parts[record->part_count++] = text;
    record->rank[SLOT_BODY] = rank;
}

/* Reads the value of a slot that is not text. */
static bool put_parsed(struct record *record, enum schema_slot slot, struct view text) {
    struct review *review = &record->review;
    double number, max;
    switch ((unsigned)slot) {
    case SLOT_RATING:
        if (!schema_parse_rating(text, &number, &max)) return false;
        review->has_rating = true;
        review->rating = number;
        review->rating_max = max;
        return true;
    case SLOT_VOTES:
        if (!schema_parse_number(text, &number)) return false;
        review->has_votes = true;
        review->votes = number;
        return true;
    default: return date_parse(text, &review->date);
    }
}

static void add_tag(struct record *record, struct view tag) {
    tag = trimmed(tag);
    if (tag.size == 0) return;
    if (!MEMORY_RESERVE(record->tags, record->tag_capacity, record->tag_count + 1)) {
        record->failed = true;
        return;
    }
    record->tags[record->tag_count++] = tag;
}

/* A list of tags as one text: "a, b", "a;b" or "a|b". */
static void put_tag_list(struct record *record, struct view text) {
    size_t start = 0;
    for (size_t i = 0; i <= text.size; i++) {
        if (i < text.size && text.data[i] != ',' && text.data[i] != ';' && text.data[i] != '|') continue;
        add_tag(record, view_of(text.data + start, i - start));
        start = i + 1;
    }
}

/* May a key of this rank fill the slot? Parts of the body, and tags of one key, come together. */
static bool may_fill(const struct record *record, enum schema_slot slot, unsigned rank) {
    bool joins = slot == SLOT_BODY || slot == SLOT_TAGS;
    return joins ? rank <= record->rank[slot] : rank < record->rank[slot];
}

static void put_slot(struct record *record, struct record_key key, struct view text) {
    if (key.slot == SLOT_NONE || !may_fill(record, key.slot, key.rank)) return;
    switch ((unsigned)key.slot) {
    case SLOT_BODY: put_body(record, key.rank, text); return;
    case SLOT_TAGS:
        if (key.rank < record->rank[SLOT_TAGS]) record->tag_count = 0;
        put_tag_list(record, text);
        break;
    case SLOT_RATING:
    case SLOT_VOTES:
    case SLOT_DATE:
        if (!put_parsed(record, key.slot, text)) return;
        break;
    case SLOT_TITLE:
    case SLOT_PRODUCT:
    case SLOT_AUTHOR: record->text[key.slot] = text; break;
    default: record->text[key.slot] = trimmed(text); break;
    }
    record->rank[key.slot] = key.rank;
}

/* A mapped key takes its slot even when it has no value: then the slot is empty, and not filled by a key of lesser rank. */
static void claim_slot(struct record *record, enum schema_slot slot) {
    if (record->rank[slot] == 0) return;
    struct review *review = &record->review;
    record->rank[slot] = 0;
    record->text[slot] = view_of(NULL, 0);
    if (slot == SLOT_BODY) record->part_count = 0;
    if (slot == SLOT_TAGS) record->tag_count = 0;
    if (slot == SLOT_RATING) review->has_rating = false;
    if (slot == SLOT_VOTES) review->has_votes = false;
    if (slot == SLOT_DATE) review->date = (struct review_date){0, DATE_ABSENT};
}

/* Puts a mapped value: the first one wins, but of the body and of tags all are taken. */
static void put_mapped(struct record *record, struct record_key key, struct view text) {
    bool taken = record->rank[key.slot] == 0 &&
                 (record->text[key.slot].size > 0 || (key.slot == SLOT_RATING && record->review.has_rating) ||
                  (key.slot == SLOT_VOTES && record->review.has_votes) ||
                  (key.slot == SLOT_DATE && record->review.date.precision != DATE_ABSENT));
    claim_slot(record, key.slot);
    if (taken || is_blank_text(text)) return;
    unsigned kept = key.slot == SLOT_BODY || key.slot == SLOT_TAGS ? 0 : 1;
    record->rank[key.slot] = kept; /* let rank 0 fill it */
    put_slot(record, key, text);
    record->rank[key.slot] = 0;
}

void record_put(struct record *record, struct record_key key, struct view text) {
    if (is_blank_text(text)) {
        if (key.mapped) put_mapped(record, key, text);
        return;
    }
    if (key.has_column) put_extra(record, key.column, text);
    if (key.mapped)
        put_mapped(record, key, text);
    else
        put_slot(record, key, text);
}

void record_put_tag(struct record *record, struct record_key key, struct view text) {
    if (key.slot != SLOT_TAGS || is_blank_text(text) || !may_fill(record, SLOT_TAGS, key.rank)) return;
    if (key.rank < record->rank[SLOT_TAGS]) record->tag_count = 0;
    add_tag(record, text);
    record->rank[SLOT_TAGS] = key.rank;
}

void record_set_rating_max(struct record *record, double max) {
    if (max > 0) record->review.rating_max = max;
}

struct view record_keep(struct record *record, struct view text) {
    char *copy = arena_copy(&record->arena, text.data, text.size);
    if (!copy) record->failed = true;
    return view_of(copy, copy ? text.size : 0);
}

bool record_has(const struct record *record, enum schema_slot slot) {
    return record->rank[slot] != NO_RANK;
}

bool record_has_any(const struct record *record) {
    for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
        if (record->rank[slot] != NO_RANK) return true;
    }
    return record->failed; /* then nobody knows; record_finish will tell */
}

/* ---- completion ---- */

/* Parts of a body ("pros", "cons") become one text with a blank line between them. */
static struct view join_parts(struct record *record) {
    size_t size = 0;
    if (record->part_count == 0) return view_of(NULL, 0);
    if (record->part_count == 1) return record->parts[0];
    for (unsigned i = 0; i < record->part_count; i++)
        size += record->parts[i].size + 2;
    char *joined = arena_alloc(&record->arena, size), *at = joined;
    if (!joined) {
        record->failed = true;
        return view_of(NULL, 0);
    }
    for (unsigned i = 0; i < record->part_count; i++) {
        if (i > 0) at = mempcpy(at, "\n\n", 2);
        at = mempcpy(at, record->parts[i].data, record->parts[i].size);
    }
    return view_of(joined, (size_t)(at - joined));
}

revue_status record_finish(struct record *record, struct review *review, revue_error *error) {
    struct review *made = &record->review;
    record->text[SLOT_BODY] = join_parts(record);
    /* A title beside a description is the name of the thing described, as in a catalogue, unless another key names it. */
    if (record->rank[SLOT_BODY] == SCHEMA_WEAK && record->rank[SLOT_TITLE] != 0 &&
        record->rank[SLOT_PRODUCT] >= SCHEMA_WEAK) {
        if (record->text[SLOT_TITLE].size > 0) {
            record->text[SLOT_PRODUCT] = record->text[SLOT_TITLE];
            record->text[SLOT_TITLE] = view_of(NULL, 0);
        }
    }
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        made->text[field] = record->text[field];
    made->id = record->text[SLOT_ID];
    made->lang = record->text[SLOT_LANG];
    made->url = record->text[SLOT_URL];
    made->tags = record->tags;
    made->tag_count = (uint32_t)record->tag_count;
    made->extras = record->extras;
    made->extra_count = (uint32_t)record->extra_count;
    if (record->failed) return error_no_memory(error);
    *review = *made;
    return REVUE_OK;
}

void record_outline_add(struct record_outline *outline, struct record_key key) {
    if (key.slot == SLOT_BODY && key.rank < SCHEMA_WEAK) outline->has_body = true;
    if (key.slot == SLOT_BODY && key.rank >= SCHEMA_WEAK) outline->has_weak_body = true;
    if (key.slot == SLOT_RATING) outline->has_rating = true;
    if (key.slot == SLOT_AUTHOR) outline->has_author = true;
}
