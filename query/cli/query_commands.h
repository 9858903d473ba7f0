/* query_commands.h - the commands of revue-query, a file each (NAME_command.c). A command gets the words after its name and
 * returns the exit code. */
#ifndef REVUE_QUERY_COMMANDS_H
#define REVUE_QUERY_COMMANDS_H

#define QUERY_NAME "revue-query"

int search_command(int count, char **argv);
int batch_command(int count, char **argv);
int bench_command(int count, char **argv);
int get_command(int count, char **argv);
int similar_command(int count, char **argv);
int complete_command(int count, char **argv);
int suggest_command(int count, char **argv);
int serve_command(int count, char **argv);
int watch_command(int count, char **argv);
int parse_command(int count, char **argv);

#endif
