/* copy_command.c - `revue-indexer copy`: a consistent copy of an index that may be in use. */
#include "indexer/base/program.h"
#include "indexer/cli/indexer_commands.h"

int copy_command(int count, char **argv) {
    const struct options options = {
        .program = INDEXER_NAME,
        .command = "copy",
        .operands = "INDEX TO",
        .about = "Copies INDEX as it is at this moment to TO, which must not exist. Runs and searches may go on meanwhile.",
    };
    struct operands operands;
    revue_error error = {0};
    int code;
    if (!program_read_line(&options, count, argv, &operands, &code)) return code;
    if (operands.count != 2) return program_misused("copy needs INDEX and TO, the directory to create");
    const revue_copy_options choices = {.should_stop = program_stop_signal};
    program_catch_signals();
    revue_status status = revue_copy(operands.items[0], operands.items[1], &choices, &error);
    return status == REVUE_OK ? program_exit(status) : program_fail(status, &error);
}
