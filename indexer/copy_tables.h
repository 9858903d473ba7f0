/* copy_tables.h - records of one generation into another: what compact and copy share. Every record is verified as it is
 * read and gets its checksum anew as it is written; transactions are of about 10 MB, so that memory stays small. */
#ifndef REVUE_COPY_TABLES_H
#define REVUE_COPY_TABLES_H

#include "indexer/format/manifest.h"

/* All records of a table. to has no transaction open. */
revue_status copy_table(store_txn *from, store *to, enum store_table table, revue_error *error);
/* All tables, as manifest (read in from) says: segments that are not listed, such as those of a run that is at work, are
 * left out. The manifest itself goes last. without_keywords: the keyword tables stay empty. */
revue_status copy_all_tables(store_txn *from, const struct manifest *manifest, bool without_keywords, store *to,
                             revue_error *error);

#endif
