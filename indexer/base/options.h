/* options.h - the command line of both programs, from a table: an option is one row, and the help, the man page and what a
 * shell completes are made of the same rows.
 *
 * Long options are `--name VALUE` or `--name=VALUE`, anywhere before `--`; a short one is exactly `-n VALUE`. An option
 * may repeat: the last one counts, except for lists, which keep all. getopt is not used, since in a query any other word
 * with one dash is a word (`-boring`), and since its messages cannot name the nearest option. */
#ifndef REVUE_BASE_OPTIONS_H
#define REVUE_BASE_OPTIONS_H

#include "indexer/base/bytes.h"
#include "revue.h"

enum option_kind {
    OPTION_FLAG,   /* bool: set to true; takes no value */
    OPTION_TEXT,   /* const char *, into argv */
    OPTION_LIST,   /* struct option_list */
    OPTION_COUNT,  /* size_t: a whole number, 0 or more */
    OPTION_NUMBER, /* double: finite, 0 or more */
    OPTION_CHOICE  /* int: the place of the value among choices */
};

struct option_list {
    const char **items; /* the strings are argv's */
    size_t count, capacity;
};
void option_list_free(struct option_list *list);

struct option {
    const char *name; /* "name" of a long option, "-n" of a short one */
    enum option_kind kind;
    void *target;         /* of the type the kind says; keeps its value when the option is not given */
    const char *argument; /* what the help calls the value; NULL for flags and choices */
    const char *help;
    const char *const *choices; /* OPTION_CHOICE: ends in NULL */
};

struct options {
    const char *program, *command;
    const char *operands; /* what the synopsis shows after the command, such as "INDEX [ROOT...]" */
    const char *about;    /* for the help: paragraphs, each a line */
    const struct option *rows;
    size_t row_count;
    bool dashed_operands; /* a word with one dash that is no row is an operand */
};

struct operands {
    const char *const *items; /* argv itself, put together at its start */
    size_t count;
    bool help, version; /* asked for; the rest of the line was not read then */
    bool manual;        /* --help=mdoc was: help in the language of man pages */
};

/* Reads argv[0 .. count). Fails with REVUE_USAGE, or REVUE_NO_MEMORY for lists; lists are freed by the caller even so. */
revue_status options_parse(const struct options *options, int count, char **argv, struct operands *operands,
                           revue_error *error);

/* The help of a command, made of its table. */
void options_help(const struct options *options, struct bytes *out);
/* The rows as items of a list in mdoc(7), which the man page is put together from: "--help=mdoc". */
void options_manual(const struct options *options, struct bytes *out);

/* What may stand where the last of words does, which is only begun and may be empty: "--complete-line WORDS..." after the
 * command, for the shells' completion (indexer/cli/completion). A line "WORD TAB EXPLANATION" each; or one line ":files" or
 * ":folders", when the shell knows better. Options are offered once a dash is typed. */
#define OPTIONS_COMPLETE_LINE "--complete-line"
void options_complete(const struct options *options, const char *const *words, size_t count, struct bytes *out);
/* A line of such an answer, when name begins with typed. */
void options_offer(struct bytes *out, const char *typed, const char *dashes, const char *name, const char *help);
/* Appends text in lines of at most 80 columns, each after the first indented; the first begins at column. */
void options_append_wrapped(struct bytes *out, const char *text, size_t column, size_t indent);

/* The one of count names that is most like word, NULL when none is near enough to be meant. */
const char *options_nearest(const char *word, const char *const *names, size_t count);

#endif
