/* query_main.c - revue-query: searches an index that revue-indexer made. All work is the library's; the program reads the
 * command line and prints the answer. */
#include "indexer/base/program.h"
#include "query/cli/query_commands.h"

int main(int argc, char **argv) {
    static const struct program_command commands[] = {
        {"search", "find reviews, the best first", search_command},
        {"get", "print a review", get_command},
        {"similar", "find reviews that are like one", similar_command},
        {"complete", "complete the last word of what was typed", complete_command},
        {"suggest", "find other spellings that match more reviews", suggest_command},
        {"serve", "answer searches over HTTP", serve_command},
        {"watch", "print what is new for saved queries since the last call", watch_command},
        {"parse", "show how a query is read, and what it would look for", parse_command},
        {"batch", "answer a file of topics with a TREC run", batch_command},
        {"bench", "time a file of queries", bench_command},
    };
    static const struct program program = {
        .name = QUERY_NAME,
        .about = "Searches an archive of reviews by its index, which revue-indexer makes.",
        .commands = commands,
        .command_count = sizeof commands / sizeof *commands,
    };
    program_keep_memory();
    return program_run(&program, argc, argv);
}
