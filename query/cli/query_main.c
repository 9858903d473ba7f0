/* query_main.c - revue-query: searches an index that revue-indexer made. All work is the library's; the program reads the
 * command line and prints the answer. */
#include "indexer/base/program.h"
#include "query/cli/query_commands.h"

int main(int argc, char **argv) {
    static const struct program_command commands[] = {
        {"search", "find reviews, the best first", search_command},
        {"get", "print a review", get_command},
        {"batch", "answer a file of topics with a TREC run", batch_command},
        {"bench", "time a file of queries", bench_command},
    };
    static const struct program program = {
        .name = QUERY_NAME,
        .about = "Searches an archive of reviews by its index, which revue-indexer makes.",
        .commands = commands,
        .command_count = sizeof commands / sizeof *commands,
    };
    return program_run(&program, argc, argv);
}
