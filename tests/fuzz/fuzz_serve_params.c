/* fuzz_serve_params.c - any bytes as the parameters of a request, in both forms. What is read obeys the limits; its
 * canonical form is read without a warning, and is its own canonical form. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "indexer/base/utf8.h"
#include "query/serve/params.h"
#include "tests/fuzz/fuzz.h"

static const struct request_limits limits = {.hits = 50, .depth = 500, .query_bytes = 256, .words = 16};

static void check_text(const char *text) {
    assert(!text || (strlen(text) > 0 && utf8_valid_prefix(text, strlen(text)) == strlen(text)));
}

static void check(const struct search_request *request) {
    assert(request->query.size <= limits.query_bytes && strlen(request->query.data) == request->query.size);
    assert(request->n <= limits.hits && request->offset + request->n <= limits.depth);
    assert(request->facet_count <= REQUEST_FACETS && request->warning_count <= REQUEST_WARNINGS);
    check_text(request->filter);
    check_text(request->sort);
    check_text(request->group);
    check_text(request->after);
    for (size_t i = 0; i < request->warning_count; i++)
        check_text(request->warnings[i]);
}

static void check_canonical(const struct search_request *request) {
    struct bytes first = {0}, second = {0};
    struct search_request again;
    request_append_query(request, &first);
    search_request_init(&again);
    assert(params_read_query(view_of(first.data ? (char *)first.data : "", first.size), &limits, &again, NULL) == REVUE_OK);
    assert(again.warning_count == 0);
    request_append_query(&again, &second);
    assert(view_equal(bytes_view(&first), bytes_view(&second)));
    search_request_free(&again);
    bytes_free(&first);
    bytes_free(&second);
}

static void check_path(struct view path) {
    struct arena arena = {0};
    struct bytes encoded = {0};
    struct view decoded, back;
    if (params_decode_path(path, &arena, &decoded, NULL) == REVUE_OK) {
        request_append_path(decoded, &encoded);
        assert(params_decode_path(view_of(encoded.data ? (char *)encoded.data : "", encoded.size), &arena, &back, NULL) ==
               REVUE_OK);
        assert(view_equal(decoded, back));
    }
    bytes_free(&encoded);
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct view text = view_of(size > 0 ? (const char *)data : "", size);
    for (int form = 0; form < 2; form++) {
        struct search_request request;
        revue_error error = {0};
        search_request_init(&request);
        revue_status status = form == 0 ? params_read_query(text, &limits, &request, &error)
                                        : params_read_json(text, &limits, &request, &error);
        assert(status == REVUE_OK || (status == REVUE_USAGE && error.message[0]));
        if (status == REVUE_OK) {
            check(&request);
            check_canonical(&request);
        }
        search_request_free(&request);
    }
    check_path(text);
    return 0;
}
