/* file_memory.h - memory for much that is seldom touched: it lies in a file without a name, in TMPDIR or /var/tmp.
 *
 * Pages lie in the system's cache of files, and go to the disk when memory is short or they are kept long. The kernel
 * counts mapped pages as this process's memory; so whoever uses it gives them back every so often, after which a page is
 * mapped again, with the 64 KiB around it where it is read, when it is touched. Room on the disk is reserved first: writing
 * to a map of a full disk would end the process. */
#ifndef REVUE_BASE_FILE_MEMORY_H
#define REVUE_BASE_FILE_MEMORY_H

#include <stddef.h>

/* Zeros. NULL: no such file can be made, and the caller does without. */
void *file_memory_open(size_t size);
void file_memory_give_back(void *map, size_t size); /* keeps what is in it */
void file_memory_close(void *map, size_t size);

#endif
