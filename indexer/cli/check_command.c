/* check_command.c - `revue-indexer check`: a line per fault, as they are found. */
#include "indexer/base/program.h"
#include "indexer/base/terminal.h"
#include "indexer/cli/indexer_commands.h"

#include <unistd.h>

static void say_fault(void *context, const char *fault) {
    struct bytes out = {0};
    (void)context;
    terminal_append_harmless(&out, view_of_string(fault), TERMINAL_ONE_LINE);
    bytes_append_u8(&out, '\n');
    program_write(&out);
    bytes_free(&out);
}

static int run_check(const char *index_path) {
    revue_error error = {0};
    struct bytes out = {0};
    revue_status status = revue_check(index_path, say_fault, NULL, &error);
    if (status != REVUE_OK) {
        (void)program_fail(status, &error);
        return program_exit(status);
    }
    if (terminal_is(STDOUT_FILENO)) bytes_append_format(&out, "%s: no faults\n", index_path);
    program_write_text(&out);
    bytes_free(&out);
    return program_exit(status);
}

int check_command(int count, char **argv) {
    const struct options options = {
        .program = INDEXER_NAME,
        .command = "check",
        .operands = "INDEX",
        .about = "Verifies every structure of INDEX, and prints a line for each fault, with its place. Nothing is changed.",
    };
    struct operands operands;
    int code;
    if (!program_read_line(&options, count, argv, &operands, &code)) return code;
    if (operands.count != 1) return program_misused("check needs one INDEX");
    return run_check(operands.items[0]);
}
