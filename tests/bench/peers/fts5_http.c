/* fts5_http.c - SQLite FTS5 behind libmicrohttpd: the least there is to it, for comparison with `revue-query serve`.
 *
 *     fts5_http DB PORT THREADS
 *
 * GET /search?q=WORDS answers with the ten best reviews and a snippet of each, as JSON; with op=any those with any of the
 * words, and words in double quotes are a phrase. A connection to the database, with its statement prepared, for each
 * thread; nothing is limited, checked, cached or logged. DB is made by fts5.c. Ends with a signal. */
#include "fts5_expression.h"

#include <microhttpd.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CACHE_MIB = 256, ANSWER_START = 16384, CONNECTIONS = 1024 };

static const char *database_path;
static _Thread_local sqlite3_stmt *select_best;

struct text {
    char *data;
    size_t size, capacity;
};

static void die(const char *what) {
    fprintf(stderr, "fts5_http: %s\n", what);
    exit(74);
}

static void append(struct text *text, const char *data, size_t size) {
    if (text->size + size > text->capacity) {
        text->capacity = 2 * (text->capacity + size) + ANSWER_START;
        text->data = realloc(text->data, text->capacity);
        if (!text->data) die("memory for an answer");
    }
    memcpy(text->data + text->size, data, size);
    text->size += size;
}

static void append_string(struct text *text, const char *string) {
    append(text, string, strlen(string));
}

static void append_json(struct text *text, const char *name, const unsigned char *value) {
    append_string(text, name);
    append_string(text, "\"");
    for (const unsigned char *at = value ? value : (const unsigned char *)""; *at; at++) {
        char escaped[8];
        if (*at == '"' || *at == '\\' || *at < 0x20) {
            append(text, escaped, (size_t)snprintf(escaped, sizeof escaped, "\\u%04x", *at));
        } else {
            append(text, (const char *)at, 1);
        }
    }
    append_string(text, "\"");
}

static sqlite3_stmt *statement_of_thread(void) {
    sqlite3 *database;
    char pragmas[128];
    if (select_best) return select_best;
    if (sqlite3_open_v2(database_path, &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        die("cannot open the database");
    snprintf(pragmas, sizeof pragmas, "PRAGMA mmap_size = 30000000000; PRAGMA cache_size = -%d", CACHE_MIB * 1024);
    sqlite3_exec(database, pragmas, NULL, NULL, NULL);
    if (sqlite3_prepare_v2(
            database,
            "SELECT id, title, product, snippet(reviews, 3, '<mark>', '</mark>', '...', 24), rank FROM reviews"
            " WHERE reviews MATCH ? ORDER BY rank LIMIT 10",
            -1, &select_best, NULL) != SQLITE_OK)
        die(sqlite3_errmsg(database));
    return select_best;
}

static void answer(const char *kind, const char *words, struct text *out) {
    static const char *const names[] = {"{\"id\":", ",\"title\":", ",\"product\":", ",\"snippet\":"};
    sqlite3_stmt *best = statement_of_thread();
    char expression[EXPRESSION_MAX], score[64];
    write_expression(expression, kind, words);
    sqlite3_bind_text(best, 1, expression, -1, SQLITE_STATIC);
    append_string(out, "{\"hits\":[");
    for (int count = 0; sqlite3_step(best) == SQLITE_ROW; count++) {
        if (count > 0) append_string(out, ",");
        for (int column = 0; column < 4; column++)
            append_json(out, names[column], sqlite3_column_text(best, column));
        append(out, score, (size_t)snprintf(score, sizeof score, ",\"score\":%.6f}", -sqlite3_column_double(best, 4)));
    }
    append_string(out, "]}\n");
    sqlite3_reset(best);
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *upload, size_t *upload_size, void **state) {
    static int seen;
    const char *words = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "q");
    const char *operator= MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "op");
    const int is_found = words && strcmp(url, "/search") == 0 && strcmp(method, "GET") == 0;
    struct text body = {0};
    (void)context, (void)version, (void)upload, (void)upload_size;
    if (!*state) { /* the head is read; the answer comes with the next call */
        *state = &seen;
        return MHD_YES;
    }
    if (is_found) answer(*words == '"' ? "phrase" : operator&& strcmp(operator, "any") == 0 ? "or" : "and", words, &body);
    struct MHD_Response *response = MHD_create_response_from_buffer(body.size, body.data, MHD_RESPMEM_MUST_FREE);
    MHD_add_response_header(response, "Content-Type", "application/json");
    enum MHD_Result queued = MHD_queue_response(connection, is_found ? MHD_HTTP_OK : MHD_HTTP_NOT_FOUND, response);
    MHD_destroy_response(response);
    return queued;
}

int main(int count, char **arguments) {
    sigset_t signals;
    int received;
    if (count != 4) {
        fputs("usage: fts5_http DB PORT THREADS\n", stderr);
        return 2;
    }
    database_path = arguments[1];
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, (uint16_t)atoi(arguments[2]), NULL, NULL,
                                                 handle, NULL, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)atoi(arguments[3]),
                                                 MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_END);
    if (!daemon) die("cannot listen");
    sigwait(&signals, &received);
    MHD_stop_daemon(daemon);
    return 0;
}
