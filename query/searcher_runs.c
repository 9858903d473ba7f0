/* searcher_runs.c - the runs that made a snapshot: which was the last, and which was the first since a day. */
#include "query/searcher.h"

#include "indexer/format/run_times.h"
#include "indexer/review/date.h"

#include <string.h>

const char *revue_searcher_uuid(const revue_searcher *searcher) {
    return searcher->uuid;
}

uint64_t revue_searcher_last_run(const revue_searcher *searcher) {
    return searcher->manifest.last_run;
}

/* Digits alone are the number of a run. */
static bool parse_run(const char *text, uint64_t *run) {
    uint64_t number = 0;
    size_t size = strspn(text, "0123456789");
    if (size == 0 || size > 10 || text[size] != '\0') return false;
    for (size_t i = 0; i < size; i++)
        number = number * 10 + (uint64_t)(text[i] - '0');
    *run = number;
    return true;
}

revue_status revue_searcher_find_run(revue_searcher *searcher, const char *text, uint64_t *run, revue_error *error) {
    struct review_date date;
    uint32_t found;
    TRY(searcher_is_awake(searcher, error));
    if (parse_run(text, run)) {
        if (*run == 0) *run = 1; /* the first there is */
        return REVUE_OK;
    }
    if (!strchr(text, '-') || !date_parse(view_of_string(text), &date))
        return error_set(error, REVUE_USAGE,
                         "'%s' is neither the number of a run nor a date such as 2026-11-23 or 2026-11-23T05:00Z", text);
    TRY(run_times_find(searcher->txn, searcher->manifest.last_run, date.seconds, &found, error));
    *run = found > 0 ? found : 1;
    return REVUE_OK;
}
