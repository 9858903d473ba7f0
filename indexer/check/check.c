/* check.c - revue_check: the work is done in a child process, and what becomes of it is told.
 *
 * Damage in the pages of LMDB itself can make it read what is not there, or give up by abort(): 51 of 4,000 flipped bits
 * ended the process. So a child opens the environment, and tells through a pipe, line by line, what it looks at and what it
 * finds; a parent whose child was killed knows where. The child leaves by _exit: nothing that the caller has buffered is
 * written twice, and none of its exit functions run.
 *
 * Of the threads of the caller only the calling one lives on in the child. glibc keeps the child's allocator in order; the
 * child forgets the environments that the caller has open instead of using their handles or mutexes, closes every
 * descriptor but the pipe (so that neither locks nor pipes of the caller live longer for it), and calls nothing of the
 * caller. What fork cannot give: a caller that replaced malloc by one that does not survive fork in a process with threads.
 */
#include "indexer/check/check.h"

#include "indexer/text/stem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIPE_LINE 1024u  /* of the pipe: a letter, the text, a line end */
#define LINE_DONE 'D'    /* "D76": what check_index came to */
#define LINE_MESSAGE 'E' /* and its message, before it */

/* ---- the child ---- */

static void write_line(int pipe_end, char letter, const char *text) {
    char line[PIPE_LINE];
    int length = snprintf(line, sizeof line - 1, "%c%s", letter, text);
    size_t size = length < (int)sizeof line - 1 ? (size_t)length : sizeof line - 2, done = 0;
    line[size++] = '\n';
    while (done < size) {
        ssize_t written = write(pipe_end, line + done, size - done);
        if (written < 0 && errno != EINTR) _exit(EXIT_FAILURE); /* nobody listens any more */
        if (written > 0) done += (size_t)written;
    }
}

static void say_to_parent(void *context, enum check_line line, const char *text) {
    write_line(*(const int *)context, (char)line, text);
}

/* As a program that was just started: signals do what they do by default, nothing is printed (LMDB explains its abort), no
 * core is left behind, and nobody to listen means no reason to live. */
static void become_quiet(int pipe_end) {
    static const int signals[] = {SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    sigset_t none;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        (void)signal(signals[i], SIG_DFL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_DUMPABLE, 0);
    int nothing = open("/dev/null", O_RDWR);
    for (int standard = 0; nothing >= 0 && standard < 3; standard++)
        if (standard != pipe_end) (void)dup2(nothing, standard);
    if (pipe_end > 3) (void)close_range(3, (unsigned)pipe_end - 1, 0);
    (void)close_range((unsigned)pipe_end + 1 > 3 ? (unsigned)pipe_end + 1 : 3, ~0u, 0);
}

static _Noreturn void run_child(int pipe_end, const char *index_path, uint64_t fingerprint) {
    struct check_sink sink = {say_to_parent, &pipe_end};
    revue_error error = {0};
    char code[16];
    become_quiet(pipe_end);
    store_forget_after_fork();
    revue_status status = check_index(index_path, fingerprint, &sink, &error);
    if (status != REVUE_OK && status != REVUE_CORRUPT) write_line(pipe_end, LINE_MESSAGE, error.message);
    (void)snprintf(code, sizeof code, "%d", (int)status);
    write_line(pipe_end, LINE_DONE, code);
    _exit(EXIT_SUCCESS);
}

/* ---- the parent ---- */

struct listener {
    void (*on_fault)(void *context, const char *fault);
    void *context;
    bool has_faults, is_done;
    revue_status status; /* of the child's work, when it is done */
    char part[PIPE_LINE], message[PIPE_LINE];
    char line[PIPE_LINE]; /* the one being read */
    size_t size;
};

static void tell(struct listener *listener, const char *text) {
    if (listener->on_fault) listener->on_fault(listener->context, text);
}

static void take_line(struct listener *listener) {
    char note[PIPE_LINE + 8], *text = listener->line + 1;
    switch (listener->line[0]) {
    case CHECK_FAULT:
        listener->has_faults = true;
        tell(listener, text);
        break;
    case CHECK_NOTE:
        (void)snprintf(note, sizeof note, "note: %s", text);
        tell(listener, note);
        break;
    case CHECK_PART: (void)snprintf(listener->part, sizeof listener->part, "%s", text); break;
    case LINE_MESSAGE: (void)snprintf(listener->message, sizeof listener->message, "%s", text); break;
    case LINE_DONE:
        listener->is_done = true;
        listener->status = (revue_status)strtol(text, NULL, 10);
        break;
    default: break;
    }
}

static void take_bytes(struct listener *listener, const char *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != '\n') {
            if (listener->size + 1 < sizeof listener->line) listener->line[listener->size++] = bytes[i];
            continue;
        }
        listener->line[listener->size] = '\0';
        if (listener->size > 0) take_line(listener);
        listener->size = 0;
    }
}

/* Until the child says that it is done, or is gone. */
static void listen_to(struct listener *listener, int pipe_end) {
    char bytes[4096];
    while (!listener->is_done) {
        ssize_t got = read(pipe_end, bytes, sizeof bytes);
        if (got == 0 || (got < 0 && errno != EINTR)) return;
        if (got > 0) take_bytes(listener, bytes, (size_t)got);
    }
}

/* ---- how it ended ---- */

static const char *damage_signal(int number) {
    switch (number) {
    case SIGSEGV: return "SIGSEGV";
    case SIGBUS: return "SIGBUS";
    case SIGABRT: return "SIGABRT";
    case SIGFPE: return "SIGFPE";
    case SIGILL: return "SIGILL";
    default: return NULL;
    }
}

static revue_status was_stopped(const struct listener *listener, int number, revue_error *error) {
    if (number == SIGKILL)
        return error_set(error, REVUE_NO_MEMORY, "killed while it checked %s: most likely memory ran out", listener->part);
    return error_set(error, number == SIGTERM ? REVUE_TERMINATED : REVUE_INTERRUPTED,
                     "stopped by signal %d while it checked %s", number, listener->part);
}

static void tell_end(struct listener *listener, const char *how) {
    char fault[2 * PIPE_LINE];
    (void)snprintf(
        fault, sizeof fault,
        "%s: reading it ended the process that checks (%s): LMDB's own pages are damaged; what comes behind it was "
        "not checked",
        listener->part, how);
    listener->has_faults = true;
    tell(listener, fault);
}

/* wait_status: -1 when somebody else has waited for the child. */
static revue_status conclude(struct listener *listener, int wait_status, revue_error *error) {
    char how[32];
    if (!listener->is_done && wait_status != -1 && WIFSIGNALED(wait_status)) {
        const char *name = damage_signal(WTERMSIG(wait_status));
        if (!name) return was_stopped(listener, WTERMSIG(wait_status), error);
        tell_end(listener, name);
    } else if (!listener->is_done) {
        (void)snprintf(how, sizeof how, "exit code %d", wait_status == -1 ? -1 : WEXITSTATUS(wait_status));
        tell_end(listener, how);
    }
    if (listener->has_faults)
        return error_set(error, REVUE_CORRUPT, "the index is damaged: restore it, or rebuild it from its archive");
    if (listener->status != REVUE_OK) return error_set(error, listener->status, "%s", listener->message);
    return REVUE_OK;
}

revue_status revue_check(const char *index_path, void (*on_fault)(void *context, const char *fault), void *context,
                         revue_error *error) {
    struct listener listener = {.on_fault = on_fault, .context = context, .part = "the index"};
    int ends[2], wait_status = -1;
    uint64_t fingerprint = text_fingerprint();
    uint32_t generation;
    if (fingerprint == 0) return error_no_memory(error);
    if (!store_may_be_index(index_path)) TRY(store_live_generation(index_path, &generation, error));
    if (pipe2(ends, O_CLOEXEC) != 0) return error_from_errno(error, errno, "a pipe to the process that checks");
    pid_t child = fork();
    if (child == 0) run_child(ends[1], index_path, fingerprint);
    int failure = child < 0 ? errno : 0;
    (void)close(ends[1]);
    if (child > 0) listen_to(&listener, ends[0]);
    (void)close(ends[0]);
    if (child < 0) return error_from_errno(error, failure, "a process that checks");
    while (waitpid(child, &wait_status, 0) < 0 && errno == EINTR) {
    }
    return conclude(&listener, wait_status, error);
}
