/* answer_status.c - /healthz and /metrics: how the server and its indexes are. */
#include "indexer/base/clock.h"
#include "indexer/base/printer.h"
#include "query/serve/metrics.h"
#include "query/serve/routes.h"
#include "query/serve/server.h"

struct health {
    bool is_ready, is_well;
};

/* The trouble is told without paths: that is the log's. */
static void print_index(const struct site_index *index, double stale_after, struct printer *printer,
                        struct health *health) {
    struct site_state state;
    char when[32];
    site_look_at(index, &state);
    const int64_t age = clock_seconds() - state.last_success;
    const bool is_stale = stale_after > 0 && (state.last_success == 0 || (double)age > stale_after);
    health->is_ready &= state.is_readable;
    health->is_well &= state.is_newest && !is_stale;
    printer_begin_map(printer);
    printer_key_string(printer, "name", site_index_name(index));
    printer_key_boolean(printer, "readable", state.is_readable);
    printer_key_boolean(printer, "newest", state.is_newest);
    printer_key_boolean(printer, "stale", is_stale);
    if (state.is_readable) {
        printer_key_unsigned(printer, "reviews", state.reviews);
        printer_key_unsigned(printer, "run", state.run);
    }
    if (state.last_success != 0) {
        clock_format(state.last_success, when);
        printer_key_string(printer, "last_success", when);
        printer_key_unsigned(printer, "age_seconds", age > 0 ? (uint64_t)age : 0);
    }
    printer_end_map(printer);
}

void answer_healthz(struct exchange *exchange, revue_searcher *searcher) {
    const struct site *site = server_site(exchange->server);
    const double stale_after = server_settings(exchange->server)->stale_after;
    struct health health = {true, true};
    struct printer printer;
    (void)searcher;
    printer_start(&printer, &exchange->reply.body);
    printer_begin_map(&printer);
    printer_key_unsigned(&printer, "revue", 1);
    printer_key_string(&printer, "version", revue_version());
    printer_key(&printer, "indexes");
    printer_begin_list(&printer);
    for (size_t i = 0; i < site_count(site); i++)
        print_index(site_at(site, i), stale_after, &printer, &health);
    printer_end_list(&printer);
    printer_key_string(&printer, "status", !health.is_ready ? "unreadable" : health.is_well ? "ok" : "degraded");
    printer_end_map(&printer);
    bytes_append_u8(&exchange->reply.body, '\n');
    exchange->reply.content = CONTENT_JSON;
    exchange->reply.status = health.is_ready ? 200 : 503;
}

void answer_metrics(struct exchange *exchange, revue_searcher *searcher) {
    (void)searcher;
    exchange->reply.content = CONTENT_METRICS;
    metrics_print(server_metrics(exchange->server), server_site(exchange->server), &exchange->reply.body);
}
