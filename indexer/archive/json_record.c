/* json_record.c - see json_record.h. Values are strings, numbers, booleans, or one of these nested shapes:
 *
 *     "reviewRating": {"ratingValue": 4, "bestRating": 5}     schema.org
 *     "author": {"name": ".."}                                a person or product with a name
 *     "helpful": [2, 3]                                       Amazon before 2018: 2 of 3
 *     "tags": ["a", "b"]                                      lists
 *     "review": {"title": .., "text": .., "stars": ..}        the review one level down
 *     "_id": {"$oid": ".."}, "date": {"$date": ".."}          MongoDB exports
 *
 * The nesting looked into is bounded: an object inside an object inside a record is the deepest. */
#include "indexer/archive/json_record.h"

/* Keys under which a nested object keeps what it stands for, in order of preference. */
static const char *const value_keys[] = {
    "name",          "title",    "ratingValue", "text",     "value",    "$date",  "$oid", "$numberLong", "$numberInt",
    "$numberDouble", "username", "displayName", "nickname", "fullName", "@value", "id",   NULL};

static struct json_object *member(struct json_object *object, const char *key) {
    struct json_object *value = NULL;
    return json_object_object_get_ex(object, key, &value) ? value : NULL;
}

struct view json_text(struct json_object *value) {
    if (!value) return view_of(NULL, 0);
    if (json_object_is_type(value, json_type_string)) {
        return view_of(json_object_get_string(value), (size_t)json_object_get_string_len(value));
    }
    return view_of_string(json_object_get_string(value));
}

static bool is_scalar(struct json_object *value) {
    return value && !json_object_is_type(value, json_type_object) && !json_object_is_type(value, json_type_array);
}

/* true or false: a rating, or what the user asked for. */
static void put_word(struct record *record, struct record_key key, bool is_true, struct view word) {
    if (key.slot == SLOT_RATING)
        record_put(record, key, view_of_string(is_true ? "1/1" : "0/1"));
    else if (key.has_column || key.mapped)
        record_put(record, key, word);
}

static void put_scalar(struct record *record, struct record_key key, struct json_object *value) {
    if (json_object_is_type(value, json_type_boolean))
        put_word(record, key, json_object_get_boolean(value), json_text(value));
    else
        record_put(record, key, json_text(value));
}

/* The number of an object that names its scale. */
static void put_rating_object(struct record *record, struct record_key key, struct json_object *object) {
    double best;
    struct json_object *value = member(object, "ratingValue");
    bool had = record_has(record, SLOT_RATING);
    if (!value) value = member(object, "value");
    if (!value) value = member(object, "overall");
    if (!value) value = member(object, "Overall");
    if (!is_scalar(value)) return;
    put_scalar(record, key, value);
    if (had || !record_has(record, SLOT_RATING)) return;
    struct json_object *scale = member(object, "bestRating");
    if (is_scalar(scale) && schema_parse_number(json_text(scale), &best)) record_set_rating_max(record, best);
}

static void put_object(struct record *record, struct record_key key, struct json_object *object) {
    if (key.has_column) {
        struct record_key column = {.slot = SLOT_NONE, .has_column = true, .column = key.column};
        record_put(record, column, view_of_string(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN)));
        key.has_column = false;
    }
    if (key.slot == SLOT_RATING) {
        put_rating_object(record, key, object);
        return;
    }
    for (const char *const *name = value_keys; *name && key.slot != SLOT_NONE; name++) {
        struct json_object *value = member(object, *name);
        if (!is_scalar(value) || json_text(value).size == 0) continue;
        put_scalar(record, key, value);
        return;
    }
}

static void put_array(struct record *record, struct record_key key, struct json_object *array) {
    size_t count = json_object_array_length(array);
    bool all = key.slot == SLOT_BODY || key.slot == SLOT_TAGS;
    if (key.has_column) {
        struct record_key column = {.slot = SLOT_NONE, .has_column = true, .column = key.column};
        record_put(record, column, view_of_string(json_object_to_json_string_ext(array, JSON_C_TO_STRING_PLAIN)));
        key.has_column = false;
    }
    for (size_t i = 0; i < count; i++) {
        struct json_object *element = json_object_array_get_idx(array, i);
        if (key.slot == SLOT_TAGS && is_scalar(element))
            record_put_tag(record, key, json_text(element));
        else if (is_scalar(element))
            put_scalar(record, key, element);
        else if (element && json_object_is_type(element, json_type_object))
            put_object(record, key, element);
        if (!all) return; /* the first: "helpful": [2, 3], several authors */
    }
}

void json_record_put(struct record *record, struct record_key key, struct json_object *value) {
    if (!value || (key.slot == SLOT_NONE && !key.has_column)) {
        if (key.mapped) record_put(record, key, view_of(NULL, 0));
        return;
    }
    if (json_object_is_type(value, json_type_object))
        put_object(record, key, value);
    else if (json_object_is_type(value, json_type_array))
        put_array(record, key, value);
    else
        put_scalar(record, key, value);
}

/* ---- dotted keys ---- */

/* "reviews.rating" as the user wrote it: a key of that name, or a path through nested objects. */
static struct json_object *follow_path(struct json_object *object, struct view path) {
    while (object && json_object_is_type(object, json_type_object)) {
        char key[128];
        const char *dot = memchr(path.data, '.', path.size);
        size_t size = dot ? (size_t)(dot - path.data) : path.size;
        if (size >= sizeof key) return NULL;
        memcpy(key, path.data, size);
        key[size] = '\0';
        object = member(object, key);
        if (!dot) return object;
        path = view_of(dot + 1, path.size - size - 1);
    }
    return NULL;
}

static bool has_dot(struct view key) {
    return key.size > 0 && memchr(key.data, '.', key.size) != NULL;
}

static void put_paths(struct record *record, const struct archive_options *options, struct json_object *object) {
    for (size_t i = 0; i < options->map_count; i++) {
        if (!has_dot(options->map[i].key)) continue;
        struct json_object *value = follow_path(object, options->map[i].key);
        struct record_key key = {.slot = options->map[i].slot, .rank = 0, .mapped = true};
        if (value) json_record_put(record, key, value);
    }
    for (size_t i = 0; i < options->column_count; i++) {
        if (!has_dot(options->columns[i].name)) continue;
        struct json_object *value = follow_path(object, options->columns[i].name);
        struct record_key key = {.slot = SLOT_NONE, .has_column = true, .column = (uint32_t)i};
        if (value) json_record_put(record, key, value);
    }
}

/* ---- whole objects ---- */

/* The review one level down: {"review": {...}}. NULL when the key holds something else. */
static struct json_object *inner_review(struct record_key key, struct json_object *value) {
    bool is_object = value && json_object_is_type(value, json_type_object);
    return key.slot == SLOT_BODY && !key.mapped && is_object ? value : NULL;
}

static void fill_flat(struct record *record, struct json_object *object, bool nested) {
    json_object_object_foreach(object, name, value) {
        struct record_key key = record_key_of(record, view_of_string(name));
        struct json_object *inner = nested ? NULL : inner_review(key, value);
        if (inner)
            fill_flat(record, inner, true);
        else
            json_record_put(record, key, value);
    }
}

void json_record_fill(struct record *record, const struct archive_options *options, struct json_object *object) {
    fill_flat(record, object, false);
    put_paths(record, options, object);
}

static void put_flat(struct record *record, struct record_key key, const struct json_flat_member *member) {
    bool is_word = member->kind == JSON_FLAT_TRUE || member->kind == JSON_FLAT_FALSE;
    struct view word = view_of_string(member->kind == JSON_FLAT_TRUE ? "true" : "false");
    if (member->kind == JSON_FLAT_NULL || (key.slot == SLOT_NONE && !key.has_column)) {
        if (key.mapped) record_put(record, key, view_of(NULL, 0));
        return;
    }
    if (is_word)
        put_word(record, key, member->kind == JSON_FLAT_TRUE, word);
    else
        record_put(record, key, member->text);
}

void json_record_fill_flat(struct record *record, const struct json_flat *flat) {
    for (unsigned i = 0; i < flat->count; i++)
        put_flat(record, record_key_of(record, flat->members[i].name), &flat->members[i]);
}

bool json_has_paths(const struct archive_options *options) {
    bool has_path = false;
    for (size_t i = 0; i < options->map_count; i++)
        has_path |= has_dot(options->map[i].key);
    for (size_t i = 0; i < options->column_count; i++)
        has_path |= has_dot(options->columns[i].name);
    return has_path;
}

static void outline_flat(struct record *record, struct json_object *object, bool nested, struct record_outline *outline) {
    json_object_object_foreach(object, name, value) {
        struct record_key key = record_key_of(record, view_of_string(name));
        struct json_object *inner = nested ? NULL : inner_review(key, value);
        bool list = value && json_object_is_type(value, json_type_array);
        struct json_object *first = list && json_object_array_length(value) ? json_object_array_get_idx(value, 0) : NULL;
        if (inner)
            outline_flat(record, inner, true, outline);
        else if (!first || !json_object_is_type(first, json_type_object))
            record_outline_add(outline, key);
    }
}

bool json_is_review(struct record *record, const struct archive_options *options, struct json_object *object) {
    struct record_outline outline = {0};
    outline_flat(record, object, false, &outline);
    for (size_t i = 0; i < options->map_count; i++) {
        bool body = options->map[i].slot == SLOT_BODY && has_dot(options->map[i].key);
        if (body && follow_path(object, options->map[i].key)) outline.has_body = true;
    }
    return record_outline_is_review(&outline);
}

struct json_object *json_find_reviews(struct record *record, const struct archive_options *options,
                                      struct json_object *object) {
    json_object_object_foreach(object, name, value) {
        (void)name;
        if (!value || !json_object_is_type(value, json_type_array) || json_object_array_length(value) == 0) continue;
        struct json_object *first = json_object_array_get_idx(value, 0);
        bool is_object = first && json_object_is_type(first, json_type_object);
        if (is_object && json_is_review(record, options, first)) return value;
    }
    return NULL;
}

void json_record_inherit(struct record *record, struct json_object *object) {
    json_object_object_foreach(object, name, value) {
        struct record_key key = record_key_of(record, view_of_string(name));
        if (key.slot != SLOT_PRODUCT || !is_scalar(value)) continue;
        key.rank += SCHEMA_WEAK; /* the review's own word is stronger */
        json_record_put(record, key, value);
    }
}
