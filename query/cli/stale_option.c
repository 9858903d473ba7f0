/* stale_option.c - see stale_option.h. */
#include "query/cli/stale_option.h"

#include "indexer/base/duration.h"
#include "indexer/base/error.h"

revue_status stale_after_read(const char *span, revue_search_options *options, revue_error *error) {
    if (!span) return REVUE_OK;
    if (duration_parse(span, &options->stale_after) && options->stale_after > 0) return REVUE_OK;
    return error_set(error, REVUE_USAGE, "--stale-after %s: not a span of time such as 90min, 26h or 2d", span);
}
