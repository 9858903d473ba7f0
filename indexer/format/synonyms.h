/* synonyms.h - words that queries take for one another: the record `synonyms` (FORMAT.md, 3), a plain text of lines. */
#ifndef REVUE_FORMAT_SYNONYMS_H
#define REVUE_FORMAT_SYNONYMS_H

#include "indexer/store/store.h"

#define SYNONYMS_BYTES_MAX (256u << 10) /* of the text: it is analysed by the first query of a searcher */
#define SYNONYM_ENTRIES_MAX 64u         /* of a line */
#define SYNONYM_WORDS_MAX 8u            /* of an entry */

/* "film, movie, picture": each stands for all of them. "tv, telly => television": those on the left stand for those on the
 * right too, not the other way round. */
struct synonym_line {
    uint64_t number; /* from 1 */
    struct view entries[SYNONYM_ENTRIES_MAX];
    uint32_t count, left_count; /* left_count: before =>; 0 when there is none */
};
struct synonym_reader {
    struct view rest;
    uint64_t number;
};
/* The next line that says something; REVUE_NO_MATCH behind the last. A line that is wrong is REVUE_USAGE with error->line
 * set. Entries point into the text. */
revue_status synonyms_next_line(struct synonym_reader *reader, struct synonym_line *line, revue_error *error);

/* REVUE_NO_MATCH when the index has none. The text lives as long as the transaction. */
revue_status synonyms_read(store_txn *txn, struct view *text, revue_error *error);
revue_status synonyms_write(store_txn *txn, struct view text, revue_error *error); /* an empty text removes the record */
revue_status synonyms_copy(store_txn *from, store_txn *to, revue_error *error);
/* What is wrong with a record: constant text, NULL for nothing. */
const char *synonyms_check(struct view record);

#endif
