/* serve_main.c - revue-query-serve, which `revue-query serve` becomes: a program of its own, since what libmicrohttpd
 * brings along takes 1.5 ms to load, a third of what a search from the command line takes.
 *
 * The main thread answers nothing. It waits for signals, and looks after the rest once a second. */
#include "indexer/base/clock.h"
#include "indexer/base/program.h"
#include "query/serve/server.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

/* Every thread that asks for memory may have an arena of its own, which keeps what was freed there: there are to be few. */
static void share_arenas(void) {
#ifdef __GLIBC__
    (void)mallopt(M_ARENA_MAX, 8);
#endif
}

/* Before any other thread begins, so that all of them leave signals to this one. */
static void hold_signals(sigset_t *held) {
    (void)sigemptyset(held);
    (void)sigaddset(held, SIGTERM);
    (void)sigaddset(held, SIGINT);
    (void)sigaddset(held, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, held, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

/* The signal that came, 0 when none did in that time. */
static int wait_for_signal(const sigset_t *held, double seconds) {
    const struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    const int number = sigtimedwait(held, NULL, &time);
    return number > 0 ? number : 0;
}

static void run(struct server *server, const sigset_t *held) {
    for (;;) {
        const int number = wait_for_signal(held, 1);
        if (number == SIGTERM || number == SIGINT) return;
        if (number == SIGHUP) server_reopen_log(server);
        server_tick(server);
        (void)sd_notify(0, "WATCHDOG=1");
    }
}

/* What is under way gets its answer, unless that takes too long, or a second signal comes. */
static void drain(struct server *server, const struct serve_settings *settings, const sigset_t *held) {
    const double end = clock_monotonic() + settings->drain_timeout;
    (void)sd_notify(0, "STOPPING=1");
    server_quiesce(server);
    while (!server_is_idle(server) && clock_monotonic() < end) {
        const int number = wait_for_signal(held, 0.02);
        if (number == SIGTERM || number == SIGINT) return;
    }
}

static int serve(const struct serve_settings *settings) {
    struct listener listener;
    struct server *server = NULL;
    revue_error error = {0};
    sigset_t held;
    hold_signals(&held);
    revue_status status = listener_open(&listener, settings->listen, &error);
    if (status != REVUE_OK) return program_fail(status, &error);
    status = server_start(&server, settings, &listener, &error);
    if (status == REVUE_OK) {
        program_say("listening on %s", listener.name);
        (void)sd_notifyf(0, "READY=1\nSTATUS=Listening on %s", listener.name);
        run(server, &held);
        drain(server, settings, &held);
    }
    server_stop(server);
    listener_close(&listener);
    return status == REVUE_OK ? REVUE_OK : program_fail(status, &error);
}

static int serve_command(int count, char **argv) {
    struct serve_settings settings;
    int code;
    if (serve_settings_read(&settings, count, argv, &code)) code = serve(&settings);
    serve_settings_free(&settings);
    return code;
}

int main(int argc, char **argv) {
    static const struct program_command commands[] = {{"serve", "answer searches over HTTP", serve_command}};
    static const struct program program = {
        .name = "revue-query",
        .about = "The part of revue-query that answers over HTTP: revue-query serve.",
        .commands = commands,
        .command_count = 1,
    };
    program_keep_memory();
    share_arenas();
    return program_run(&program, argc, argv);
}
