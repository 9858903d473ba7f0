/* json_judge.c - see json_judge.h. */
#include "tests/support/json_judge.h"

#include "indexer/archive/json_record.h"

static const char *compare_member(const struct json_flat_member *member, const char *name, struct json_object *value) {
    if (!view_equal(member->name, view_of_string(name))) return "another name";
    switch (member->kind) {
    case JSON_FLAT_NULL: return value ? "no null" : NULL;
    case JSON_FLAT_TRUE:
    case JSON_FLAT_FALSE:
        if (!json_object_is_type(value, json_type_boolean)) return "no boolean";
        return json_object_get_boolean(value) == (member->kind == JSON_FLAT_TRUE) ? NULL : "another boolean";
    case JSON_FLAT_NUMBER:
        if (!json_object_is_type(value, json_type_int) && !json_object_is_type(value, json_type_double)) return "no number";
        break;
    case JSON_FLAT_TEXT:
        if (!json_object_is_type(value, json_type_string)) return "no string";
        break;
    }
    return view_equal(member->text, json_text(value)) ? NULL : "another text";
}

static const char *compare_members(const struct json_flat *flat, struct json_object *object) {
    unsigned i = 0;
    if (!json_object_is_type(object, json_type_object)) return "no object";
    if ((unsigned)json_object_object_length(object) != flat->count) return "another number of members";
    json_object_object_foreach(object, name, value) {
        const char *difference = compare_member(&flat->members[i++], name, value);
        if (difference) return difference;
    }
    return NULL;
}

const char *json_judge(struct json_flat *flat, struct view text, bool *is_taken) {
    *is_taken = json_flat_read(flat, text);
    if (!*is_taken) return NULL;
    struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH);
    if (!tokener) return "no memory";
    struct json_object *object = json_tokener_parse_ex(tokener, text.data, (int)text.size);
    const char *difference = object ? compare_members(flat, object) : "json-c reads nothing";
    json_object_put(object);
    json_tokener_free(tokener);
    return difference;
}
