/* serve_command.c - `revue-query serve`: another program beside this one, which this process becomes. Searches from the
 * command line are spared the libraries that a server needs. */
#include "indexer/base/error.h"
#include "indexer/base/memory.h"
#include "indexer/base/program.h"
#include "query/cli/query_commands.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define SERVE_NAME "revue-query-serve"

/* Beside this program, wherever that is. */
static bool find_program(char path[PATH_MAX]) {
    ssize_t size = readlink("/proc/self/exe", path, PATH_MAX - sizeof SERVE_NAME);
    while (size > 0 && path[size - 1] != '/')
        size--;
    if (size <= 0) return false;
    memcpy(path + size, SERVE_NAME, sizeof SERVE_NAME);
    return true;
}

int serve_command(int count, char **argv) {
    char path[PATH_MAX], program[] = SERVE_NAME, command[] = "serve";
    revue_error error = {0};
    char **words = memory_alloc_array((size_t)count + 3, sizeof *words);
    if (!words) return program_fail(error_no_memory(&error), &error);
    words[0] = program;
    words[1] = command;
    for (int i = 0; i < count; i++)
        words[i + 2] = argv[i];
    words[count + 2] = NULL;
    if (find_program(path))
        (void)execv(path, words);
    else
        (void)execvp(SERVE_NAME, words);
    int code = program_fail(error_from_errno(&error, errno, SERVE_NAME " (which belongs beside revue-query)"), &error);
    memory_free(words);
    return code;
}
