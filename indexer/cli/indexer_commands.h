/* indexer_commands.h - the commands of revue-indexer, a file each (NAME_command.c). A command gets the words after its name
 * and returns the exit code. */
#ifndef REVUE_INDEXER_COMMANDS_H
#define REVUE_INDEXER_COMMANDS_H

#define INDEXER_NAME "revue-indexer"

int update_command(int count, char **argv);
int delete_command(int count, char **argv);
int stats_command(int count, char **argv);
int check_command(int count, char **argv);
int compact_command(int count, char **argv);
int copy_command(int count, char **argv);
int synonyms_command(int count, char **argv);

#endif
