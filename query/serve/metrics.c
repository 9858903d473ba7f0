/* metrics.c - see metrics.h. */
#include "query/serve/metrics.h"

#include "indexer/base/clock.h"
#include "indexer/base/number.h"
#include "query/serve/routes.h"

#include <inttypes.h>

/* Microseconds: from what a 304 takes to where a search is cut off. */
static const uint64_t bounds[METRICS_BOUNDS] = {50,    100,   250,    500,    1000,   2500,    5000,
                                                10000, 25000, 100000, 250000, 500000, 1000000, 5000000};

static const char *const refusal_names[REFUSALS] = {
    NULL, "host", "rate", "body", "busy", "deadline", "slow", "malformed", /* in the order of enum refusal */
};

static uint64_t load(const _Atomic uint64_t *counter) {
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void add(_Atomic uint64_t *counter, uint64_t value) {
    (void)atomic_fetch_add_explicit(counter, value, memory_order_relaxed);
}

void metrics_count(struct metrics *metrics, unsigned route, unsigned status, double seconds, uint64_t bytes) {
    const uint64_t microseconds = seconds > 0 ? (uint64_t)(seconds * 1e6) : 0;
    unsigned bucket = 0;
    while (bucket < METRICS_BOUNDS && microseconds > bounds[bucket])
        bucket++;
    add(&metrics->requests[route < METRICS_ROUTES ? route : 0][status / 100 < 6 ? status / 100 : 5], 1);
    add(&metrics->durations[bucket], 1);
    add(&metrics->duration_us, microseconds);
    add(&metrics->bytes_sent, bytes);
    if (status == 304) add(&metrics->not_modified, 1);
}

void metrics_refuse(struct metrics *metrics, enum refusal why) {
    if (why != REFUSED_NOT) add(&metrics->refused[why], 1);
}

/* ---- printing ---- */

static void print_head(const char *name, const char *kind, const char *help, struct bytes *out) {
    bytes_append_format(out, "# HELP revue_%s %s\n# TYPE revue_%s %s\n", name, help, name, kind);
}

static void print_requests(const struct metrics *metrics, struct bytes *out) {
    print_head("requests_total", "counter", "Requests that were answered.", out);
    for (unsigned route = 0; route < METRICS_ROUTES; route++)
        for (unsigned class = 1; class < 6; class ++) {
            const uint64_t count = load(&metrics->requests[route][class]);
            if (count > 0)
                bytes_append_format(out, "revue_requests_total{route=\"%s\",status=\"%uxx\"} %" PRIu64 "\n",
                                    route_name(route), class, count);
        }
}

static void print_durations(const struct metrics *metrics, struct bytes *out) {
    uint64_t sum = 0;
    print_head("request_duration_seconds", "histogram", "From the request line to the last byte sent.", out);
    for (unsigned i = 0; i < METRICS_BOUNDS; i++) {
        sum += load(&metrics->durations[i]);
        bytes_append_string(out, "revue_request_duration_seconds_bucket{le=\"");
        number_append(out, (double)bounds[i] / 1e6);
        bytes_append_format(out, "\"} %" PRIu64 "\n", sum);
    }
    sum += load(&metrics->durations[METRICS_BOUNDS]);
    bytes_append_format(out, "revue_request_duration_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n", sum);
    bytes_append_string(out, "revue_request_duration_seconds_sum ");
    number_append(out, (double)load(&metrics->duration_us) / 1e6);
    bytes_append_format(out, "\nrevue_request_duration_seconds_count %" PRIu64 "\n", sum);
}

static void print_counter(const char *name, const char *help, const _Atomic uint64_t *counter, struct bytes *out) {
    print_head(name, "counter", help, out);
    bytes_append_format(out, "revue_%s %" PRIu64 "\n", name, load(counter));
}

static void print_gauge(const char *name, const char *help, const _Atomic int64_t *gauge, struct bytes *out) {
    print_head(name, "gauge", help, out);
    bytes_append_format(out, "revue_%s %" PRId64 "\n", name, atomic_load_explicit(gauge, memory_order_relaxed));
}

static void print_counters(const struct metrics *metrics, struct bytes *out) {
    print_head("refused_total", "counter", "Requests refused or cut off, by reason.", out);
    for (unsigned i = 1; i < REFUSALS; i++)
        bytes_append_format(out, "revue_refused_total{reason=\"%s\"} %" PRIu64 "\n", refusal_names[i],
                            load(&metrics->refused[i]));
    print_counter("not_modified_total", "Answers of 304, which cost no search.", &metrics->not_modified, out);
    print_counter("sent_bytes_total", "Bytes of bodies sent.", &metrics->bytes_sent, out);
    print_counter("connections_total", "Connections taken.", &metrics->connections_total, out);
    print_gauge("connections", "Connections open.", &metrics->connections, out);
    print_gauge("requests_in_flight", "Requests begun and not ended.", &metrics->in_flight, out);
    print_gauge("requests_queued", "Dear requests that wait for a thread.", &metrics->queued, out);
    print_head("uptime_seconds", "gauge", "Since the server began.", out);
    bytes_append_string(out, "revue_uptime_seconds ");
    number_append_decimals(out, clock_monotonic() - metrics->started, 1);
    bytes_append_string(out, "\n");
}

/* Names of indexes have no characters that would have to be escaped (serve_settings.c). */
static void print_of_index(const char *name, const struct site_index *index, uint64_t value, struct bytes *out) {
    const char *label = site_index_name(index);
    bytes_append_format(out, "revue_%s{index=\"%s\"} %" PRIu64 "\n", name, label ? label : "", value);
}

#define PRINT_OF_EACH(name, help, value)                                                                                   \
    do {                                                                                                                   \
        print_head(name, "gauge", help, out);                                                                              \
        for (size_t i = 0; i < site_count(site); i++) {                                                                    \
            struct site_state state;                                                                                       \
            site_look_at(site_at(site, i), &state);                                                                        \
            print_of_index(name, site_at(site, i), value, out);                                                            \
        }                                                                                                                  \
    } while (0)

static uint64_t age_of(const struct site_state *state) {
    const int64_t age = clock_seconds() - state->last_success;
    return age > 0 ? (uint64_t)age : 0;
}

void metrics_print(const struct metrics *metrics, const struct site *site, struct bytes *out) {
    print_requests(metrics, out);
    print_durations(metrics, out);
    print_counters(metrics, out);
    PRINT_OF_EACH("index_readable", "1: the newest commit of the index is answered from.", state.is_newest);
    PRINT_OF_EACH("index_reviews", "Reviews in the index.", state.reviews);
    PRINT_OF_EACH("index_bytes", "Bytes allocated to the index.", state.bytes);
    PRINT_OF_EACH("index_run", "Number of the last run that changed it.", state.run);
    PRINT_OF_EACH("index_age_seconds", "Since the last run that ended well began.", age_of(&state));
}
