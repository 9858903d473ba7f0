/* program.c - see program.h. */
#include "indexer/base/program.h"

#include "indexer/base/error.h"
#include "indexer/base/memory.h"
#include "indexer/base/terminal.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#define MESSAGE_MAX 4096

static const char *program_name = "revue";
static volatile sig_atomic_t caught_signal;
static revue_status output_status = REVUE_OK;
static bool output_ended;

/* ---- standard error ---- */

static void write_error_line(const char *line, size_t size) {
    while (size > 0) {
        ssize_t written = write(STDERR_FILENO, line, size);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        line += written;
        size -= (size_t)written;
    }
}

static void say(const char *format, va_list arguments) {
    char message[MESSAGE_MAX];
    struct bytes line = {0};
    (void)vsnprintf(message, sizeof message, format, arguments);
    bytes_append_format(&line, "%s: ", program_name);
    terminal_append_harmless(&line, view_of_string(message), TERMINAL_ONE_LINE);
    bytes_append_u8(&line, '\n');
    if (!line.failed) write_error_line((const char *)line.data, line.size);
    bytes_free(&line);
}

void program_say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
}

int program_misused(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
    return REVUE_USAGE;
}

void program_say_place(const char *source, uint64_t line, const char *what, const char *done) {
    char place[300] = "";
    bool has_done = done && *done;
    if (source && *source && line > 0) {
        (void)snprintf(place, sizeof place, "%.256s:%" PRIu64 ": ", source, line);
    } else if (source && *source) {
        (void)snprintf(place, sizeof place, "%.256s: ", source);
    }
    program_say("%s%s%s%s", place, what ? what : "", has_done ? ": " : "", has_done ? done : "");
}

int program_fail(revue_status status, const revue_error *error) {
    const char *message = error && error->message[0] ? error->message : revue_status_text(status);
    program_say_place(error ? error->source : NULL, error ? error->line : 0, message, NULL);
    return (int)status;
}

/* ---- standard output ---- */

static void output_failed(revue_status status, const char *why) {
    output_ended = true;
    output_status = status;
    program_say("standard output: %s: the answer is not whole", why);
}

static void write_output(const uint8_t *data, size_t size) {
    while (size > 0 && !output_ended) {
        ssize_t written = write(STDOUT_FILENO, data, size);
        if (written >= 0) {
            data += written;
            size -= (size_t)written;
        } else if (errno == EPIPE) {
            output_ended = true;
        } else if (errno != EINTR) {
            output_failed(REVUE_IO, strerror(errno));
        }
    }
}

void program_write(struct bytes *out) {
    if (out->failed && !output_ended) output_failed(REVUE_NO_MEMORY, revue_status_text(REVUE_NO_MEMORY));
    write_output(out->data, out->size);
    bytes_clear(out);
}

void program_write_text(struct bytes *out) {
    if (out->failed || !terminal_is(STDOUT_FILENO)) {
        program_write(out);
        return;
    }
    struct bytes harmless = {0};
    terminal_append_harmless(&harmless, bytes_view(out), TERMINAL_KEEP_LINES);
    program_write(&harmless);
    bytes_free(&harmless);
    bytes_clear(out);
}

bool program_output_ended(void) {
    return output_ended;
}

int program_exit(revue_status status) {
    return (int)(output_status != REVUE_OK ? output_status : status);
}

/* ---- signals ---- */

static void note_signal(int number) {
    caught_signal = number;
}

void program_catch_signals(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note_signal;
    action.sa_flags = SA_RESTART | (int)SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

int program_stop_signal(void *unused) {
    (void)unused;
    return (int)caught_signal;
}

/* ---- commands ---- */

static void append_version(struct bytes *out) {
    bytes_append_format(out, "%s %s\n", program_name, revue_version());
}

static void append_program_help(struct bytes *out, const struct program *program) {
    bytes_append_format(out, "Usage: %s COMMAND [options] ...\n\n", program->name);
    options_append_wrapped(out, program->about, 0, 0);
    bytes_append_string(out, "\nCommands:\n");
    for (size_t i = 0; i < program->command_count; i++) {
        bytes_append_format(out, "  %-10s", program->commands[i].name);
        options_append_wrapped(out, program->commands[i].summary, 12, 12);
    }
    bytes_append_format(out, "\n'%s COMMAND --help' lists the options of a command;\n'man %s' explains all of it.\n",
                        program->name, program->name);
}

static int write_and_exit(struct bytes *out) {
    program_write(out);
    bytes_free(out);
    return program_exit(REVUE_OK);
}

bool program_read_line(const struct options *options, int count, char **argv, struct operands *operands, int *code) {
    revue_error error = {0};
    struct bytes out = {0};
    if (count > 1 && strcmp(argv[0], OPTIONS_COMPLETE_LINE) == 0) {
        options_complete(options, (const char *const *)argv + 1, (size_t)count - 1, &out);
        *code = write_and_exit(&out);
        return false;
    }
    revue_status status = options_parse(options, count, argv, operands, &error);
    if (status != REVUE_OK) {
        *code = program_fail(status, &error);
        return false;
    }
    if (!operands->help && !operands->version) return true;
    if (operands->manual) {
        options_manual(options, &out);
    } else if (operands->help) {
        options_help(options, &out);
    } else {
        append_version(&out);
    }
    *code = write_and_exit(&out);
    return false;
}

static int fail_unknown_command(const struct program *program, const char *word) {
    const char *nearest = NULL, **names = memory_alloc_array(program->command_count, sizeof *names);
    for (size_t i = 0; names && i < program->command_count; i++)
        names[i] = program->commands[i].name;
    if (names && word[0] != '-') nearest = options_nearest(word, names, program->command_count);
    memory_free((void *)names);
    const char *what = word[0] == '-' ? "an option of this program" : "a command";
    if (nearest) return program_misused("'%s' is not %s: did you mean %s?", word, what, nearest);
    return program_misused("'%s' is not %s: '%s --help' lists those there are", word, what, program->name);
}

static int answer_without_command(const struct program *program) {
    struct bytes help = {0};
    append_program_help(&help, program);
    if (!help.failed) write_error_line((const char *)help.data, help.size);
    bytes_free(&help);
    return REVUE_USAGE;
}

static const struct program_command *find_command(const struct program *program, const char *name) {
    for (size_t i = 0; i < program->command_count; i++) {
        if (strcmp(name, program->commands[i].name) == 0) return &program->commands[i];
    }
    return NULL;
}

/* "PROGRAM --complete-line WORDS...": which commands there are, or what the command says that WORDS begin with. */
static int complete_line(const struct program *program, int count, char **words) {
    struct bytes out = {0};
    if (count > 1) {
        static char ask[] = OPTIONS_COMPLETE_LINE;
        const struct program_command *command = find_command(program, words[0]);
        words[0] = ask;
        return command ? command->run(count, words) : REVUE_OK;
    }
    const char *typed = count > 0 ? words[0] : "";
    for (size_t i = 0; i < program->command_count; i++)
        options_offer(&out, typed, "", program->commands[i].name, program->commands[i].summary);
    if (*typed == '-') {
        options_offer(&out, typed, "--", "help", "list the commands and exit");
        options_offer(&out, typed, "--", "version", "print the version and exit");
    }
    return write_and_exit(&out);
}

int program_run(const struct program *program, int count, char **argv) {
    struct bytes out = {0};
    program_name = program->name;
    (void)signal(SIGPIPE, SIG_IGN);
    if (count < 2) return answer_without_command(program);
    if (strcmp(argv[1], "--help") == 0) {
        append_program_help(&out, program);
        return write_and_exit(&out);
    }
    if (strcmp(argv[1], "--version") == 0) {
        append_version(&out);
        return write_and_exit(&out);
    }
    if (strcmp(argv[1], OPTIONS_COMPLETE_LINE) == 0) return complete_line(program, count - 2, argv + 2);
    const struct program_command *command = find_command(program, argv[1]);
    return command ? command->run(count - 2, argv + 2) : fail_unknown_command(program, argv[1]);
}

/* ---- memory ---- */

void program_keep_memory(void) {
#ifdef __GLIBC__
    (void)mallopt(M_MMAP_THRESHOLD, 4 << 20);
    (void)mallopt(M_TRIM_THRESHOLD, 16 << 20);
#endif
}
