/* small_archive.h - a folder with an archive of JSON lines and its index, for tests that search. Whatever fails in making
 * them ends the test program. */
#ifndef REVUE_TEST_SMALL_ARCHIVE_H
#define REVUE_TEST_SMALL_ARCHIVE_H

#include "indexer/base/bytes.h"
#include "query/searcher.h"
#include "revue.h"
#include "tests/support/temporary_index.h"

#define SMALL_ARCHIVE_PATH_SIZE (TEMPORARY_PATH_SIZE + 32)

struct small_archive {
    char folder[TEMPORARY_PATH_SIZE], root[SMALL_ARCHIVE_PATH_SIZE], index[SMALL_ARCHIVE_PATH_SIZE];
};
void small_archive_create(struct small_archive *archive);
void small_archive_remove(struct small_archive *archive);
/* Writes the source root/NAME. */
void small_archive_write(const struct small_archive *archive, const char *name, struct view content);
/* A run of revue_update with --lang (may be NULL). */
void small_archive_update(const struct small_archive *archive, const char *lang);
revue_searcher *small_archive_open(const struct small_archive *archive);
/* All of it at once: one source, English. */
revue_searcher *small_archive_of(struct small_archive *archive, const char *lines);

/* The answer to a query; options NULL: the defaults. The caller frees it. Fails the program when the search does. */
revue_result *small_archive_search(revue_searcher *searcher, const char *query, const revue_search_options *options);

#endif
