/* serve_settings.c - see serve_settings.h: the options of `revue-query serve`. */
#include "query/serve/serve_settings.h"

#include "indexer/base/duration.h"
#include "indexer/base/error.h"
#include "indexer/base/memory.h"
#include "indexer/base/program.h"

#include <sys/resource.h>
#include <unistd.h>

#define WORKERS_LEAST 4u
#define WORKERS_MOST 256u
#define SECONDS_MOST 86400.0
#define SPARE_FILES 128u /* beside connections: stores, logs, what libraries open */

static const char serve_about[] =
    "Answers searches of INDEX over HTTP: /search, /review/ID, a search page at /, /healthz, /metrics; /openapi.json "
    "describes all of it. Several indexes are given as NAME=INDEX, and answer at /NAME/search and so on.\n"
    "It is made to stand behind a reverse proxy: it speaks no TLS, and knows no users. SIGTERM ends it when what is under "
    "way is answered, SIGHUP opens the log anew. A socket that systemd hands over is used instead of --listen.";

/* What the table reads and the settings do not keep. */
struct words {
    const char *stale_after, *max_age;
};

static void set_defaults(struct serve_settings *settings) {
    memset(settings, 0, sizeof *settings);
    settings->listen = "127.0.0.1:8080";
    settings->site_name = "Reviews";
    settings->connections = 1024;
    settings->timeout = 2;
    settings->idle_timeout = 15;
    settings->request_timeout = 30;
    settings->drain_timeout = 10;
    settings->rate = 20;
    settings->burst = 60;
    settings->body_bytes = 128 << 10; /* holds the longest token of a page */
    settings->limits = (struct request_limits){.hits = 100, .depth = 10000, .query_bytes = 2048, .words = 64};
}

static bool read_line(struct serve_settings *settings, struct words *words, int count, char **argv,
                      struct operands *operands, int *code) {
    static const char *const log_formats[] = {"json", "common", NULL};
    struct request_limits *limits = &settings->limits;
    const struct option rows[] = {
        {"listen", OPTION_TEXT, &settings->listen, "ADDRESS", "where: ADDR:PORT, PORT or unix:PATH (127.0.0.1:8080)", NULL},
        {"title", OPTION_TEXT, &settings->site_name, "TEXT", "what pages are titled (Reviews)", NULL},
        {"host", OPTION_LIST, &settings->hosts, "NAME",
         "answer for this Host only, and those of this machine where it listens there; may repeat", NULL},
        {"cors", OPTION_LIST, &settings->origins, "ORIGIN",
         "pages of https://ORIGIN may read answers and embed the page; '*': all; may repeat", NULL},
        {"trusted-proxy", OPTION_LIST, &settings->trusted, "ADDR[/BITS]",
         "believe its X-Forwarded-For; 'unix': whoever connects to a Unix socket; may repeat", NULL},
        {"rate", OPTION_NUMBER, &settings->rate, "N",
         "requests a second of one address, but of this machine; 0: any number (20)", NULL},
        {"burst", OPTION_NUMBER, &settings->burst, "N", "how many of them at once (60)", NULL},
        {"workers", OPTION_COUNT, &settings->workers, "N",
         "threads that answer; a quarter as many for dear searches (as many as cores, 4 at least)", NULL},
        {"connections", OPTION_COUNT, &settings->connections, "N", "at most so many at once (1024)", NULL},
        {"connections-per-address", OPTION_COUNT, &settings->connections_per_address, "N",
         "of one address, but of this machine and of trusted proxies; 0: any number (0)", NULL},
        {"timeout", OPTION_NUMBER, &settings->timeout, "S", "seconds that one search may take; 0: any time (2)", NULL},
        {"idle-timeout", OPTION_NUMBER, &settings->idle_timeout, "S", "seconds that a connection may be silent (15)", NULL},
        {"request-timeout", OPTION_NUMBER, &settings->request_timeout, "S",
         "seconds for a request, from its first line until its answer was taken (30)", NULL},
        {"drain-timeout", OPTION_NUMBER, &settings->drain_timeout, "S",
         "seconds for what is under way when the server is told to end (10)", NULL},
        {"max-hits", OPTION_COUNT, &limits->hits, "N", "the most of n (100)", NULL},
        {"max-depth", OPTION_COUNT, &limits->depth, "N", "the most of offset and n together (10000)", NULL},
        {"max-query", OPTION_COUNT, &limits->query_bytes, "BYTES", "of a query, and of a filter (2048)", NULL},
        {"max-words", OPTION_COUNT, &limits->words, "N", "words of a query (64)", NULL},
        {"max-body", OPTION_COUNT, &settings->body_bytes, "BYTES", "of a request's body (131072)", NULL},
        {"max-age", OPTION_TEXT, &words->max_age, "SPAN",
         "let caches keep answers so long, such as 5min; without it they ask each time, which costs no search", NULL},
        {"stale-after", OPTION_TEXT, &words->stale_after, "SPAN",
         "warn, and say degraded in /healthz, when the last run that ended well is older, such as 26h", NULL},
        {"access-log", OPTION_TEXT, &settings->access_log, "FILE", "a line a request; '-': standard output", NULL},
        {"log-format", OPTION_CHOICE, &settings->log_format, NULL, "JSON lines, or the combined format", log_formats},
    };
    const struct options options = {
        .program = "revue-query",
        .command = "serve",
        .operands = "INDEX [options] | NAME=INDEX...",
        .about = serve_about,
        .rows = rows,
        .row_count = sizeof rows / sizeof *rows,
    };
    return program_read_line(&options, count, argv, operands, code);
}

/* ---- indexes ---- */

/* Names stand in paths, labels and pages: nothing in them needs escaping. */
static bool is_name(const char *text, size_t size) {
    if (size == 0 || size > 64) return false;
    for (size_t i = 0; i < size; i++) {
        const char byte = text[i];
        if (!((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '-' ||
              byte == '_'))
            return false;
    }
    return true;
}

/* "NAME=INDEX", or INDEX alone. A path with '=' in it has no name in front of it, or "./". */
static revue_status read_index(const char *word, struct settings_index *index, revue_error *error) {
    const char *equals = strchr(word, '=');
    index->path = word;
    if (!equals || !is_name(word, (size_t)(equals - word))) return REVUE_OK;
    char *name = memory_copy_bytes(word, (size_t)(equals - word));
    if (!name) return error_no_memory(error);
    index->name = name;
    index->path = equals + 1;
    return REVUE_OK;
}

static revue_status check_names(const struct serve_settings *settings, revue_error *error) {
    static const char *const taken[] = {"search", "complete", "suggest", "similar", "review", "healthz", "metrics"};
    for (size_t i = 0; i < settings->index_count; i++) {
        const char *name = settings->indexes[i].name;
        if (!name && settings->index_count > 1)
            return error_set(error, REVUE_USAGE, "of several indexes each is given as NAME=INDEX: %s has no name",
                             settings->indexes[i].path);
        for (size_t k = 0; name && k < sizeof taken / sizeof *taken; k++)
            if (strcmp(name, taken[k]) == 0)
                return error_set(error, REVUE_USAGE, "an index cannot be called %s: the server itself is at /%s", name,
                                 name);
        for (size_t k = 0; name && k < i; k++)
            if (strcmp(name, settings->indexes[k].name) == 0)
                return error_set(error, REVUE_USAGE, "two indexes are called %s", name);
    }
    return REVUE_OK;
}

static revue_status read_indexes(struct serve_settings *settings, const struct operands *operands, revue_error *error) {
    if (operands->count == 0) return error_set(error, REVUE_USAGE, "serve needs INDEX, or NAME=INDEX for each of several");
    settings->indexes = memory_alloc_zeroed(operands->count, sizeof *settings->indexes);
    if (!settings->indexes) return error_no_memory(error);
    for (size_t i = 0; i < operands->count; i++) {
        settings->index_count++;
        TRY(read_index(operands->items[i], &settings->indexes[i], error));
    }
    return check_names(settings, error);
}

/* ---- the rest ---- */

static revue_status read_trusted(struct serve_settings *settings, revue_error *error) {
    settings->trusted_ranges = memory_alloc_array(settings->trusted.count + 1, sizeof *settings->trusted_ranges);
    if (!settings->trusted_ranges) return error_no_memory(error);
    for (size_t i = 0; i < settings->trusted.count; i++) {
        const char *text = settings->trusted.items[i];
        if (strcmp(text, "unix") == 0) {
            settings->trusts_unix = true;
        } else if (address_range_parse(text, &settings->trusted_ranges[settings->trusted_count])) {
            settings->trusted_count++;
        } else {
            return error_set(error, REVUE_USAGE,
                             "--trusted-proxy %s: not an address such as 10.0.0.0/8, 2001:db8::1 or unix", text);
        }
    }
    return REVUE_OK;
}

/* What goes into headers must not end them, and an origin has no path. */
static revue_status check_origins(const struct serve_settings *settings, revue_error *error) {
    for (size_t i = 0; i < settings->origins.count; i++) {
        const char *origin = settings->origins.items[i], *host = strstr(origin, "://");
        const bool is_clean = strcspn(origin, " \t\r\n;,'\"") == strlen(origin);
        if (strcmp(origin, "*") == 0) continue;
        if (!host || !is_clean || host[3] == '\0' || strchr(host + 3, '/'))
            return error_set(error, REVUE_USAGE, "--cors %s: not an origin such as https://www.example.org", origin);
    }
    return REVUE_OK;
}

static revue_status read_span(const char *name, const char *text, double *seconds, revue_error *error) {
    if (!text || duration_parse(text, seconds)) return REVUE_OK;
    return error_set(error, REVUE_USAGE, "--%s %s: not a span of time such as 90min, 26h or 2d", name, text);
}

static revue_status check_numbers(const struct serve_settings *settings, revue_error *error) {
    const struct request_limits *limits = &settings->limits;
    if (settings->workers > WORKERS_MOST) return error_set(error, REVUE_USAGE, "--workers: at most %u", WORKERS_MOST);
    if (settings->connections < settings->workers || settings->connections > 1000000)
        return error_set(error, REVUE_USAGE, "--connections: at least as many as --workers (%zu), a million at most",
                         settings->workers);
    if (limits->hits == 0 || limits->depth < limits->hits || limits->depth > 1000000)
        return error_set(error, REVUE_USAGE, "--max-depth: at least --max-hits (%zu), a million at most", limits->hits);
    if (limits->query_bytes == 0 || limits->words == 0 || settings->body_bytes == 0 || settings->body_bytes > 1 << 26)
        return error_set(error, REVUE_USAGE,
                         "--max-query, --max-words and --max-body: 1 or more; of a body 64 MiB at most");
    if (settings->idle_timeout < 1 || settings->request_timeout < 1 || settings->idle_timeout > SECONDS_MOST ||
        settings->request_timeout > SECONDS_MOST)
        return error_set(error, REVUE_USAGE, "--idle-timeout and --request-timeout: from a second to a day (%.0f)",
                         SECONDS_MOST);
    return REVUE_OK;
}

static size_t default_workers(void) {
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (cores < (long)WORKERS_LEAST) return WORKERS_LEAST;
    return cores > (long)WORKERS_MOST ? WORKERS_MOST : (size_t)cores;
}

/* As many files as connections may be open. */
static void raise_files(const struct serve_settings *settings) {
    struct rlimit limit;
    const rlim_t wanted = (rlim_t)settings->connections + SPARE_FILES;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < wanted)
        program_say("%llu files may be open: fewer than --connections %zu needs", (unsigned long long)limit.rlim_cur,
                    settings->connections);
}

static revue_status read_all(struct serve_settings *settings, const struct operands *operands, const struct words *words,
                             revue_error *error) {
    TRY(read_indexes(settings, operands, error));
    TRY(read_trusted(settings, error));
    TRY(check_origins(settings, error));
    TRY(read_span("max-age", words->max_age, &settings->max_age, error));
    TRY(read_span("stale-after", words->stale_after, &settings->stale_after, error));
    if (settings->workers == 0) settings->workers = default_workers();
    if (settings->workers == 1) settings->workers = 2; /* libmicrohttpd's pool begins there */
    return check_numbers(settings, error);
}

bool serve_settings_read(struct serve_settings *settings, int count, char **argv, int *code) {
    struct operands operands;
    struct words words = {0};
    revue_error error = {0};
    set_defaults(settings);
    if (!read_line(settings, &words, count, argv, &operands, code)) return false;
    revue_status status = read_all(settings, &operands, &words, &error);
    if (status != REVUE_OK) {
        *code = program_fail(status, &error);
        return false;
    }
    raise_files(settings);
    return true;
}

void serve_settings_free(struct serve_settings *settings) {
    for (size_t i = 0; i < settings->index_count; i++)
        memory_free((void *)(uintptr_t)settings->indexes[i].name);
    memory_free(settings->indexes);
    memory_free(settings->trusted_ranges);
    option_list_free(&settings->hosts);
    option_list_free(&settings->origins);
    option_list_free(&settings->trusted);
}
