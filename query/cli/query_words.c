/* query_words.c - see query_words.h. */
#include "query/cli/query_words.h"

#include "indexer/base/program.h"
#include "indexer/base/terminal.h"
#include "indexer/base/utf8.h"
#include "query/cli/query_fault.h"

#include <unistd.h>

void join_query_words(struct bytes *query, const struct operands *operands) {
    struct bytes raw = {0};
    for (size_t i = 1; i < operands->count; i++) {
        if (i > 1) bytes_append_u8(&raw, ' ');
        bytes_append_string(&raw, operands->items[i]);
    }
    (void)utf8_repair(query, (const char *)raw.data, raw.size);
    if (raw.failed) query->failed = true;
    bytes_free(&raw);
}

int fail_query(revue_status status, const revue_error *error, struct view query) {
    struct bytes place = {0};
    (void)program_fail(status, error);
    if (status == REVUE_USAGE && error->column > 0 && query.size > 0) {
        append_query_fault(&place, query, error->column, terminal_width(STDERR_FILENO));
        if (!place.failed) (void)!write(STDERR_FILENO, place.data, place.size);
    }
    bytes_free(&place);
    return program_exit(status);
}
