/* params_json.c - parameters as a JSON object has them. What stands there as a number or truth value is read as its text
 * would be behind '?': there is one way of reading each parameter. */
#include "query/serve/params_reader.h"

#include <json-c/json.h>
#include <stdio.h>

static revue_status wrong_shape(struct params_reader *reader, const char *name, const char *what) {
    return error_set(reader->error, REVUE_USAGE, "%.40s: %s is no value of a parameter", name, what);
}

static revue_status set_scalar(struct params_reader *reader, const char *name, struct json_object *value) {
    char number[32];
    struct view text;
    switch (json_object_get_type(value)) {
    case json_type_null: return REVUE_OK;
    case json_type_array: return wrong_shape(reader, name, "a list");
    case json_type_object: return wrong_shape(reader, name, "an object");
    case json_type_boolean: text = view_of_string(json_object_get_boolean(value) ? "1" : "0"); break;
    case json_type_int:
        (void)snprintf(number, sizeof number, "%lld", (long long)json_object_get_int64(value));
        text = view_of_string(number);
        break;
    case json_type_double:
        (void)snprintf(number, sizeof number, "%.17g", json_object_get_double(value));
        text = view_of_string(number);
        break;
    case json_type_string:
    default: text = view_of(json_object_get_string(value), (size_t)json_object_get_string_len(value));
    }
    if (memchr(text.data, '\0', text.size)) return wrong_shape(reader, name, "a text with a zero byte");
    return params_set(reader, view_of_string(name), text);
}

static revue_status set_value(struct params_reader *reader, const char *name, struct json_object *value) {
    if (strcmp(name, "facet") != 0 || !json_object_is_type(value, json_type_array)) return set_scalar(reader, name, value);
    for (size_t i = 0; i < json_object_array_length(value); i++)
        TRY(set_scalar(reader, name, json_object_array_get_idx(value, i)));
    return REVUE_OK;
}

static revue_status set_members(struct params_reader *reader, struct json_object *object) {
    struct json_object_iterator member = json_object_iter_begin(object), end = json_object_iter_end(object);
    for (; !json_object_iter_equal(&member, &end); json_object_iter_next(&member))
        TRY(set_value(reader, json_object_iter_peek_name(&member), json_object_iter_peek_value(&member)));
    return params_end(reader);
}

static bool is_blank(struct view text, size_t from) {
    while (from < text.size && strchr(" \t\r\n", text.data[from]) && text.data[from] != '\0')
        from++;
    return from == text.size;
}

/* The tokener wants to see an end before it takes a number for whole, and says where the value ended. */
static revue_status parse(struct json_tokener *tokener, struct view text, struct json_object **parsed, revue_error *error) {
    *parsed = json_tokener_parse_ex(tokener, text.data, (int)text.size);
    enum json_tokener_error fault = json_tokener_get_error(tokener);
    if (fault == json_tokener_continue) return error_set(error, REVUE_USAGE, "the body ends within its JSON");
    if (fault != json_tokener_success)
        return error_set(error, REVUE_USAGE, "the body is not JSON: byte %zu: %s", json_tokener_get_parse_end(tokener) + 1,
                         json_tokener_error_desc(fault));
    if (!is_blank(text, json_tokener_get_parse_end(tokener)))
        return error_set(error, REVUE_USAGE, "the body goes on behind its JSON");
    if (!json_object_is_type(*parsed, json_type_object))
        return error_set(error, REVUE_USAGE, "the body is JSON but no object: {\"q\":\"words\"}");
    return REVUE_OK;
}

revue_status params_read_json(struct view text, const struct request_limits *limits, struct search_request *request,
                              revue_error *error) {
    struct params_reader reader = {.request = request, .limits = limits, .error = error};
    struct json_object *parsed = NULL;
    if (text.size == 0) return error_set(error, REVUE_USAGE, "the body is empty: {\"q\":\"words\"}");
    if (text.size > INT32_MAX) return error_set(error, REVUE_USAGE, "the body is too long");
    struct json_tokener *tokener = json_tokener_new_ex(PARAMS_JSON_DEPTH);
    if (!tokener) return error_no_memory(error);
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8 | JSON_TOKENER_ALLOW_TRAILING_CHARS);
    revue_status status = parse(tokener, text, &parsed, error);
    if (status == REVUE_OK) status = set_members(&reader, parsed);
    json_object_put(parsed);
    json_tokener_free(tokener);
    return status;
}
