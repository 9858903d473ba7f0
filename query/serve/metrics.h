/* metrics.h - what the server counted, for /metrics in the text format of Prometheus (version 0.0.4). Thread-safe: every
 * number is atomic by itself. */
#ifndef REVUE_SERVE_METRICS_H
#define REVUE_SERVE_METRICS_H

#include "query/serve/exchange.h"
#include "query/serve/site.h"

#include <stdatomic.h>

#define METRICS_ROUTES 16u
#define METRICS_BOUNDS 14u

struct metrics {
    _Atomic uint64_t requests[METRICS_ROUTES][6]; /* by the first digit of the status */
    _Atomic uint64_t durations[METRICS_BOUNDS + 1];
    _Atomic uint64_t duration_us;
    _Atomic uint64_t refused[REFUSALS];
    _Atomic uint64_t not_modified, bytes_sent, connections_total;
    _Atomic int64_t connections, in_flight, queued;
    double started; /* clock_monotonic */
};

/* A request that is over, after so many seconds. */
void metrics_count(struct metrics *metrics, unsigned route, unsigned status, double seconds, uint64_t bytes);
void metrics_refuse(struct metrics *metrics, enum refusal why);
/* What the counters say, then how each index is. */
void metrics_print(const struct metrics *metrics, const struct site *site, struct bytes *out);

#endif
