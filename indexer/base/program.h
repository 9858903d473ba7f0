/* program.h - what both programs do alike: choosing a command, saying errors, writing answers, stopping at signals. Only
 * programs call it, since the library never prints and never touches a signal. One thread. */
#ifndef REVUE_BASE_PROGRAM_H
#define REVUE_BASE_PROGRAM_H

#include "indexer/base/options.h"

struct program_command {
    const char *name, *summary;
    int (*run)(int count, char **argv); /* the words after the command's name; returns the exit code */
};
struct program {
    const char *name, *about;
    const struct program_command *commands;
    size_t command_count;
};

/* Runs the command that argv[1] names, or answers --help and --version. Returns the exit code. */
int program_run(const struct program *program, int count, char **argv);

/* For programs that run query after query: memory that was freed is kept for the next. glibc gives it back whenever 128 KiB
 * at the end of its heap are free, to be asked for again page by page: a fifth of the time of a search for 1000 hits. */
void program_keep_memory(void);

/* Reads the line of a command. False when that was all there was to do: help or version printed, or a mistake said; *code
 * is then the exit code. Lists in the table are freed by the caller in any case. */
bool program_read_line(const struct options *options, int count, char **argv, struct operands *operands, int *code);

/* Says "NAME: ..." on standard error, on one line, with nothing in it that a terminal would obey. Cut at 4,095 bytes. */
void program_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "NAME: SOURCE:LINE: WHAT: DONE", without what is NULL, empty or 0. */
void program_say_place(const char *source, uint64_t line, const char *what, const char *done);
/* Says a failure as the library told it; returns the exit code. */
int program_fail(revue_status status, const revue_error *error);
/* The same for the program's own mistakes in use, after "NAME: ". Returns REVUE_USAGE. */
int program_misused(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes out to standard output and empties it. A reader that went away (EPIPE) is no error: what follows is dropped
 * quietly. Any other failure, and an out that ran out of memory, is said once and makes program_exit fail. */
void program_write(struct bytes *out);
/* The same, with what a terminal would obey replaced when standard output is one. Tabs and line feeds stay. */
void program_write_text(struct bytes *out);
/* Nobody reads standard output any more, or it cannot be written: further answers would be work for nothing. */
bool program_output_ended(void);
/* The exit code for status, given what became of the output. */
int program_exit(revue_status status);

/* From here on SIGINT and SIGTERM only leave a note, which program_stop_signal reads; a second one ends the program. */
void program_catch_signals(void);
int program_stop_signal(void *unused); /* the signal's number, 0 when there was none; fits should_stop */

#endif
