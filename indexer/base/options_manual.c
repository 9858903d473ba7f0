/* options_manual.c - the rows of a command as a list for its man page, in mdoc(7): see options.h, and manual.awk of
 * indexer/cli, which puts them where a page asks for them. */
#include "indexer/base/options.h"

#include <ctype.h>

/* Text of which nothing is a macro, a control line or an escape. */
static void append_roff(struct bytes *out, const char *text, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\\')
            bytes_append_string(out, "\\e");
        else
            bytes_append_u8(out, (uint8_t)text[i]);
    }
}

/* "NAME[:KIND]" becomes "Ar NAME Ns Op : Ns Ar KIND": what is in capitals is to be replaced, in brackets may be absent. */
static void append_argument(struct bytes *out, const char *argument) {
    const char *joint = " ";
    while (*argument) {
        size_t size = 1;
        if (*argument == '[') {
            bytes_append_format(out, "%sOp", joint);
            joint = " ";
        } else if (isupper((unsigned char)*argument)) {
            size = strspn(argument, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
            bytes_append_format(out, "%sAr %.*s", joint, (int)size, argument);
            joint = " Ns ";
        } else if (*argument != ']') {
            size = strcspn(argument, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_[]");
            /* A macro's name would be obeyed: none of mdoc's is as long, or begins with a mark. */
            bytes_append_format(out, "%s%s", joint, isalpha((unsigned char)*argument) ? "\\&" : "");
            append_roff(out, argument, size);
            joint = " Ns ";
        }
        argument += size;
    }
}

static void append_choices(struct bytes *out, const char *const *choices) {
    for (size_t i = 0; choices[i]; i++)
        bytes_append_format(out, "%s%s", i == 0 ? " Cm " : " | ", choices[i]);
}

/* The explanation as a sentence on lines of its own. */
static void append_sentence(struct bytes *out, const char *text) {
    size_t size = strlen(text);
    if (size == 0) return;
    if (text[0] == '.' || text[0] == '\'') bytes_append_string(out, "\\&");
    bytes_append_u8(out, (uint8_t)toupper((unsigned char)text[0]));
    append_roff(out, text + 1, size - 1);
    bytes_append_string(out, strchr(".!?", text[size - 1]) ? "\n" : ".\n");
}

void options_manual(const struct options *options, struct bytes *out) {
    for (size_t i = 0; i < options->row_count; i++) {
        const struct option *row = &options->rows[i];
        bytes_append_format(out, ".It Fl %s%s", row->name[0] == '-' ? "" : "-", row->name + (row->name[0] == '-'));
        if (row->kind == OPTION_CHOICE)
            append_choices(out, row->choices);
        else if (row->argument)
            append_argument(out, row->argument);
        bytes_append_u8(out, '\n');
        append_sentence(out, row->help);
    }
}
