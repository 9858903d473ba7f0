/* synonyms_command.c - `revue-indexer synonyms`: which words queries take for one another. */
#include "indexer/base/error.h"
#include "indexer/base/program.h"
#include "indexer/cli/indexer_commands.h"

#include <errno.h>
#include <stdio.h>

#define TEXT_MAX ((size_t)1 << 24) /* more is no file of synonyms: the library says what it takes */

static const char synonyms_about[] =
    "Keeps the synonyms of FILE in INDEX, in place of those it has; '-' is standard input. Without FILE those it has are "
    "printed. A line is a group: 'film, movie, picture' are searched for together, 'tv, telly => television' only from "
    "left "
    "to right; a synonym may be several words; '#' begins a comment. A file without lines removes all.";

static revue_status read_stream(FILE *file, const char *name, struct bytes *text, revue_error *error) {
    for (;;) {
        uint8_t *room = bytes_extend(text, 65536);
        if (!room) return error_set(error, REVUE_NO_MEMORY, "out of memory");
        const size_t got = fread(room, 1, 65536, file);
        text->size -= 65536 - got;
        if (got < 65536 && ferror(file)) return error_set(error, REVUE_IO, "%s: it could not be read", name);
        if (got < 65536 || text->size > TEXT_MAX) return REVUE_OK;
    }
}

static revue_status read_text(const char *name, struct bytes *text, revue_error *error) {
    if (strcmp(name, "-") == 0) return read_stream(stdin, "standard input", text, error);
    FILE *file = fopen(name, "rb");
    if (!file) return error_set(error, REVUE_NO_INPUT, "%s: %s", name, strerror(errno));
    revue_status status = read_stream(file, name, text, error);
    (void)fclose(file);
    return status;
}

static int set_synonyms(const char *index_path, const char *file, double wait_seconds) {
    struct bytes text = {0};
    revue_error error = {0};
    revue_status status = read_text(file, &text, &error);
    if (status == REVUE_OK)
        status =
            revue_synonyms_set(index_path, text.size > 0 ? (const char *)text.data : "", text.size, wait_seconds, &error);
    if (status == REVUE_USAGE) (void)snprintf(error.source, sizeof error.source, "%s", file);
    if (status != REVUE_OK) (void)program_fail(status, &error);
    bytes_free(&text);
    return program_exit(status);
}

static int print_synonyms(const char *index_path) {
    char *text;
    revue_error error = {0};
    struct bytes out = {0};
    revue_status status = revue_synonyms_read(index_path, &text, &error);
    if (status != REVUE_OK) return program_fail(status, &error);
    bytes_append_string(&out, text);
    if (out.size > 0 && out.data[out.size - 1] != '\n') bytes_append_u8(&out, '\n');
    program_write_text(&out);
    bytes_free(&out);
    revue_string_free(text);
    return program_exit(REVUE_OK);
}

int synonyms_command(int count, char **argv) {
    double wait_seconds = 0;
    bool clear = false;
    const struct option rows[] = {
        {"clear", OPTION_FLAG, &clear, NULL, "remove all", NULL},
        {"wait", OPTION_NUMBER, &wait_seconds, "S", "seconds to wait for another run to end (0)", NULL},
    };
    const struct options options = {
        .program = INDEXER_NAME,
        .command = "synonyms",
        .operands = "INDEX [FILE]",
        .about = synonyms_about,
        .rows = rows,
        .row_count = sizeof rows / sizeof *rows,
    };
    struct operands operands;
    revue_error error = {0};
    int code;
    if (!program_read_line(&options, count, argv, &operands, &code)) return code;
    if (operands.count < 1 || operands.count > 2 || (clear && operands.count == 2))
        return program_misused("synonyms needs INDEX, and a FILE to keep or --clear");
    if (operands.count == 2) return set_synonyms(operands.items[0], operands.items[1], wait_seconds);
    if (!clear) return print_synonyms(operands.items[0]);
    revue_status status = revue_synonyms_set(operands.items[0], "", 0, wait_seconds, &error);
    return status == REVUE_OK ? program_exit(status) : program_fail(status, &error);
}
