/* openapi.c - /openapi.json: OpenAPI 3.1 of what the server answers, made of the same tables that answer it. */
#include "indexer/base/printer.h"
#include "query/serve/params_reader.h"
#include "query/serve/routes.h"
#include "query/serve/server.h"

/* schemas.json, built in: the shapes of query/output/SCHEMA.md. Further keys may come: nothing is closed. */
extern const unsigned char openapi_schemas[];
extern const size_t openapi_schemas_size;

/* ---- pieces ---- */

static void print_schema_ref(struct printer *printer, const char *type, const char *name) {
    struct bytes path = {0};
    bytes_append_format(&path, "#/components/schemas/%s", name);
    bytes_append_u8(&path, '\0');
    printer_key(printer, type);
    printer_begin_map(printer);
    printer_key(printer, "schema");
    printer_begin_map(printer);
    printer_key_string(printer, "$ref", path.failed ? "" : (const char *)path.data);
    printer_end_map(printer);
    printer_end_map(printer);
    bytes_free(&path);
}

static void print_plain(struct printer *printer, const char *type) {
    printer_key(printer, type);
    printer_begin_map(printer);
    printer_key(printer, "schema");
    printer_begin_map(printer);
    printer_key_string(printer, "type", "string");
    printer_end_map(printer);
    printer_end_map(printer);
}

static uint64_t default_of(const struct parameter *parameter) {
    return strcmp(parameter->name, "n") == 0 ? REQUEST_N_DEFAULT : 0;
}

static uint64_t most_of(const struct parameter *parameter, const struct request_limits *limits) {
    return strcmp(parameter->name, "n") == 0 ? limits->hits : limits->depth - limits->hits;
}

static void print_choices(struct printer *printer, const char *const *choices) {
    printer_key_string(printer, "type", "string");
    printer_key(printer, "enum");
    printer_begin_list(printer);
    for (; *choices; choices++)
        printer_string(printer, view_of_string(*choices));
    printer_end_list(printer);
}

static void print_value(struct printer *printer, const struct parameter *parameter, const struct request_limits *limits) {
    printer_begin_map(printer);
    switch (parameter->kind) {
    case PARAMETER_COUNT:
        printer_key_string(printer, "type", "integer");
        printer_key_unsigned(printer, "minimum", 0);
        printer_key_unsigned(printer, "maximum", most_of(parameter, limits));
        printer_key_unsigned(printer, "default", default_of(parameter));
        break;
    case PARAMETER_CHOICE: print_choices(printer, parameter->choices); break;
    case PARAMETER_FLAG:
        printer_key_string(printer, "type", "boolean");
        printer_key_boolean(printer, "default", false);
        break;
    case PARAMETER_LIST:
        printer_key_string(printer, "type", "array");
        printer_key_unsigned(printer, "maxItems", REQUEST_FACETS);
        printer_key(printer, "items");
        printer_begin_map(printer);
        printer_key_string(printer, "type", "string");
        printer_end_map(printer);
        break;
    case PARAMETER_TEXT:
    default:
        printer_key_string(printer, "type", "string");
        printer_key_unsigned(printer, "maxLength", limits->query_bytes / 4); /* characters, of four bytes at most */
    }
    printer_end_map(printer);
}

/* ---- operations ---- */

static void print_id(struct printer *printer) {
    printer_begin_map(printer);
    printer_key_string(printer, "name", "id");
    printer_key_string(printer, "in", "path");
    printer_key_boolean(printer, "required", true);
    printer_key(printer, "schema");
    printer_begin_map(printer);
    printer_key_string(printer, "type", "string");
    printer_key_unsigned(printer, "minLength", 1);
    printer_end_map(printer);
    printer_end_map(printer);
}

static void print_parameters(struct printer *printer, const struct route *route, const struct request_limits *limits) {
    size_t count;
    const struct parameter *table = params_table(&count);
    /* Those of a review would be of no use but the format. */
    const bool takes_parameters = route->flags & ROUTE_PARAMS && route->answer != answer_review;
    printer_key(printer, "parameters");
    printer_begin_list(printer);
    if (route->flags & ROUTE_PREFIX) print_id(printer);
    for (size_t i = 0; i < count && takes_parameters; i++) {
        printer_begin_map(printer);
        printer_key_string(printer, "name", table[i].name);
        printer_key_string(printer, "in", "query");
        printer_key_string(printer, "description", table[i].help);
        printer_key(printer, "schema");
        print_value(printer, &table[i], limits);
        printer_end_map(printer);
    }
    printer_end_list(printer);
}

static void print_body(struct printer *printer, const struct request_limits *limits) {
    size_t count;
    const struct parameter *table = params_table(&count);
    printer_key(printer, "requestBody");
    printer_begin_map(printer);
    printer_key_boolean(printer, "required", true);
    printer_key(printer, "content");
    printer_begin_map(printer);
    printer_key(printer, "application/json");
    printer_begin_map(printer);
    printer_key(printer, "schema");
    printer_begin_map(printer);
    printer_key_string(printer, "type", "object");
    printer_key(printer, "properties");
    printer_begin_map(printer);
    for (size_t i = 0; i < count; i++) {
        printer_key(printer, table[i].name);
        print_value(printer, &table[i], limits);
    }
    for (int i = 0; i < 5; i++)
        printer_end_map(printer);
}

/* What each operation answers with when all is well. */
static void print_contents(struct printer *printer, const struct route *route) {
    printer_key(printer, "content");
    printer_begin_map(printer);
    if (route->answer == answer_search || route->answer == answer_similar) {
        static const char *const others[] = {"application/jsonl", "text/csv", "text/tab-separated-values", "text/plain",
                                             "text/html"};
        print_schema_ref(printer, "application/json", "answer");
        for (size_t i = 0; i < sizeof others / sizeof *others; i++)
            print_plain(printer, others[i]);
    } else if (route->answer == answer_complete || route->answer == answer_suggest) {
        print_schema_ref(printer, "application/json", "completions");
    } else if (route->answer == answer_review) {
        print_schema_ref(printer, "application/json", "review");
        print_plain(printer, "text/html");
    } else if (route->answer == answer_healthz) {
        print_schema_ref(printer, "application/json", "health");
    } else if (route->answer == answer_openapi) {
        printer_key(printer, "application/json");
        printer_begin_map(printer);
        printer_end_map(printer);
    } else {
        print_plain(printer, "text/plain");
    }
    printer_end_map(printer);
}

static void print_response(struct printer *printer, const char *status, const char *what, const struct route *route) {
    printer_key(printer, status);
    printer_begin_map(printer);
    printer_key_string(printer, "description", what);
    if (route) {
        print_contents(printer, route);
    } else {
        printer_key(printer, "content");
        printer_begin_map(printer);
        print_schema_ref(printer, "application/problem+json", "problem");
        print_plain(printer, "text/html");
        printer_end_map(printer);
    }
    printer_end_map(printer);
}

static void print_responses(struct printer *printer, const struct route *route, bool is_post) {
    const bool is_of_index = route->flags & ROUTE_INDEX;
    printer_key(printer, "responses");
    printer_begin_map(printer);
    print_response(printer, "200", "The answer.", route);
    if (is_of_index && !is_post) {
        printer_key(printer, "304");
        printer_begin_map(printer);
        printer_key_string(printer, "description", "The client has it.");
        printer_end_map(printer);
    }
    if (is_of_index) print_response(printer, "400", "Not to be understood, or no such column.", NULL);
    print_response(printer, "404", "There is no such thing.", NULL);
    if (is_post) {
        print_response(printer, "413", "A body too large.", NULL);
        print_response(printer, "415", "A body of another type.", NULL);
    }
    print_response(printer, "421", "Not a host of this server.", NULL);
    print_response(printer, "429", "Too many requests.", NULL);
    if (is_of_index) print_response(printer, "500", "The index is damaged.", NULL);
    if (route->answer == answer_healthz)
        print_response(printer, "503", "An index cannot be read.", route);
    else if (is_of_index)
        print_response(printer, "503", "Too long, or too many at once, or no index now.", NULL);
    printer_end_map(printer);
}

static void print_operation(struct printer *printer, const struct route *route, const struct request_limits *limits,
                            bool is_post) {
    printer_key(printer, is_post ? "post" : "get");
    printer_begin_map(printer);
    struct bytes name = {0};
    bytes_append_format(&name, "%s%s", route->name, is_post ? "_post" : "");
    bytes_append_u8(&name, '\0');
    printer_key_string(printer, "operationId", name.failed ? "" : (const char *)name.data);
    bytes_free(&name);
    printer_key_string(printer, "summary", route->summary);
    if (is_post)
        print_body(printer, limits);
    else
        print_parameters(printer, route, limits);
    print_responses(printer, route, is_post);
    printer_end_map(printer);
}

static void print_path(struct printer *printer, const struct route *route, const char *base,
                       const struct request_limits *limits) {
    struct bytes path = {0};
    bytes_append_format(&path, "%s%s%s", base, route->path, route->flags & ROUTE_PREFIX ? "{id}" : "");
    bytes_append_u8(&path, '\0');
    printer_key(printer, path.failed ? "" : (const char *)path.data);
    bytes_free(&path);
    printer_begin_map(printer);
    print_operation(printer, route, limits, false);
    if (route->flags & ROUTE_POST) print_operation(printer, route, limits, true);
    printer_end_map(printer);
}

static void print_paths(struct printer *printer, const struct site *site, const struct request_limits *limits) {
    size_t count;
    const struct route *table = routes_table(&count);
    printer_key(printer, "paths");
    printer_begin_map(printer);
    for (size_t i = 0; i < count; i++) {
        if (table[i].flags & ROUTE_HIDDEN) continue;
        const size_t copies = table[i].flags & ROUTE_INDEX ? site_count(site) : 1;
        for (size_t at = 0; at < copies; at++)
            print_path(printer, &table[i], table[i].flags & ROUTE_INDEX ? site_index_base(site_at(site, at)) : "", limits);
    }
    printer_end_map(printer);
}

void answer_openapi(struct exchange *exchange, revue_searcher *searcher) {
    const struct serve_settings *settings = server_settings(exchange->server);
    struct bytes *out = &exchange->reply.body;
    struct printer printer;
    (void)searcher;
    exchange->reply.content = CONTENT_JSON;
    printer_start(&printer, out);
    printer_begin_map(&printer);
    printer_key_string(&printer, "openapi", "3.1.0");
    printer_key(&printer, "info");
    printer_begin_map(&printer);
    printer_key_string(&printer, "title", settings->site_name);
    printer_key_string(&printer, "version", revue_version());
    printer_end_map(&printer);
    print_paths(&printer, server_site(exchange->server), &settings->limits);
    printer_key(&printer, "components");
    printer_begin_map(&printer);
    printer_key(&printer, "schemas");
    bytes_append(out, openapi_schemas, openapi_schemas_size);
    printer_end_map(&printer);
    printer_end_map(&printer);
    bytes_append_u8(out, '\n');
}
