/* copy_tables.h - records of one generation into another: what rewrite, compact and copy share. Every record is verified as
 * it is read and gets its checksum anew as it is written. Transactions are of about 10 MB, and the pages read for one are
 * given back after it, so that memory stays small. */
#ifndef REVUE_COPY_TABLES_H
#define REVUE_COPY_TABLES_H

#include "indexer/format/manifest.h"

/* Whether a long copy may go on: asked before every table and after every transaction. */
struct copy_poll {
    bool (*may_go_on)(void *context);
    void *context;
};

/* All records of a table. to has no transaction open. */
revue_status copy_table(store_txn *from, store *to, enum store_table table, revue_error *error);
/* All tables, as manifest (read in from) says: segments that are not listed, such as those of a run that is at work, are
 * left out. The manifest itself goes last. without_keywords: the keyword tables stay empty. poll NULL: goes on to its end;
 * else REVUE_INTERRUPTED when it said no, with to half filled. */
revue_status copy_all_tables(store_txn *from, const struct manifest *manifest, bool without_keywords,
                             const struct copy_poll *poll, store *to, revue_error *error);
/* The same of what is live in a store now, as manifest (the newest of from) says. */
revue_status copy_live_tables(store *from, const struct manifest *manifest, const struct copy_poll *poll, store *to,
                              revue_error *error);

#endif
