/* query_file.h - files of queries: two fields a line, parted by a tab. TOPICS of batch and QUERIES of bench. */
#ifndef REVUE_QUERY_QUERY_FILE_H
#define REVUE_QUERY_QUERY_FILE_H

#include "indexer/base/bytes.h"
#include "revue.h"

struct query_file {
    const char *name;
    struct bytes text; /* the whole file: such files are small */
    size_t at;
    uint64_t line; /* of the last one given, from 1 */
};

struct query_line {
    struct view first, rest; /* into the file; rest goes to the end of the line */
};

/* What a run over a file of queries came to: bad lines were said and left out, and matter only when there was nothing else.
 */
struct query_tally {
    uint64_t good, bad;
};
static inline revue_status query_tally_status(struct query_tally tally) {
    return tally.bad > 0 && tally.good == 0 ? REVUE_INVALID : REVUE_OK;
}

/* Reads the file at path whole, standard input for "-". */
revue_status query_file_read(struct query_file *file, const char *path, revue_error *error);
/* The next line that is not empty; *has_tab tells whether it has two fields. False at the end. */
bool query_file_next(struct query_file *file, struct query_line *line, bool *has_tab);
void query_file_free(struct query_file *file);

#endif
