/* indexer_main.c - revue-indexer: builds an index from an archive and looks after it. All work is the library's; the
 * program reads the command line and says what came of it. */
#include "indexer/base/memory.h"
#include "indexer/base/program.h"
#include "indexer/cli/indexer_commands.h"

int main(int argc, char **argv) {
    static const struct program_command commands[] = {
        {"update", "create an index, or bring it up to date with its archive", update_command},
        {"delete", "delete reviews or sources, and keep later runs from taking them again", delete_command},
        {"stats", "say what an index holds and what it takes", stats_command},
        {"check", "verify every structure of an index", check_command},
        {"compact", "rewrite an index without what was deleted", compact_command},
        {"synonyms", "keep a file of synonyms in an index, or print it", synonyms_command},
        {"copy", "copy an index while it is in use", copy_command},
    };
    static const struct program program = {
        .name = INDEXER_NAME,
        .about =
            "Builds and keeps the full-text index of an archive of reviews. INDEX is a directory. revue-query searches it.",
        .commands = commands,
        .command_count = sizeof commands / sizeof *commands,
    };
    memory_keep_large_apart();
    return program_run(&program, argc, argv);
}
