/* file_list.h - the files a walk meets, in any order and any number, becoming a sorted list. */
#ifndef REVUE_ARCHIVE_FILE_LIST_H
#define REVUE_ARCHIVE_FILE_LIST_H

#include "indexer/archive/archive.h"
#include "indexer/base/arena.h"
#include "indexer/base/bytes.h"

struct file_list {              /* zero bytes are ready for use */
    size_t most_bytes;          /* what may be held in memory before it goes into a file; 0: all of it */
    struct archive_file *items; /* met since then; paths in the arena */
    size_t count, capacity;
    struct arena paths;
    struct file_run { /* sorted, encoded */
        void *map;
        size_t size;
        bool is_in_file; /* else there could be none, and it is in memory */
    } * runs;
    size_t run_count, run_capacity;
    size_t total_count, total_path_bytes; /* of the runs */
};

/* Copies both paths. */
revue_status file_list_add(struct file_list *list, const struct archive_file *file, revue_error *error);
/* Shows all files met so far, in no order, until visit fails; its paths live until it returns. */
revue_status file_list_each(const struct file_list *list,
                            revue_status (*visit)(void *context, const struct archive_file *file, revue_error *error),
                            void *context, revue_error *error);
/* Fills in items, count and who owns them, sorted by path. The list is empty then. */
revue_status file_list_finish(struct file_list *list, struct archive_files *files, revue_error *error);
void file_list_free(struct file_list *list);

#endif
