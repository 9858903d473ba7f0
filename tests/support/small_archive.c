/* small_archive.c - see small_archive.h. */
#include "tests/support/small_archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void give_up(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(99);
}

void small_archive_create(struct small_archive *archive) {
    temporary_folder_create(archive->folder);
    (void)snprintf(archive->root, sizeof archive->root, "%s/archive", archive->folder);
    (void)snprintf(archive->index, sizeof archive->index, "%s/index", archive->folder);
    if (mkdir(archive->root, 0700) != 0) give_up(archive->root, "cannot be made");
}

void small_archive_remove(struct small_archive *archive) {
    temporary_folder_remove(archive->folder);
}

void small_archive_write(const struct small_archive *archive, const char *name, struct view content) {
    char path[SMALL_ARCHIVE_PATH_SIZE + 64];
    (void)snprintf(path, sizeof path, "%s/%s", archive->root, name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(content.data, 1, content.size, file) != content.size || fclose(file) != 0)
        give_up(path, "cannot be written");
}

void small_archive_update(const struct small_archive *archive, const char *lang) {
    const char *const roots[] = {archive->root};
    revue_update_options options = {.roots = roots, .root_count = 1, .lang = lang, .threads = 1, .memory_mib = 16};
    revue_report *report = NULL;
    revue_error error = {0};
    if (revue_update(archive->index, &options, &report, &error) != REVUE_OK) give_up(archive->index, error.message);
    revue_report_free(report);
}

revue_searcher *small_archive_open(const struct small_archive *archive) {
    revue_searcher *searcher = NULL;
    revue_error error = {0};
    if (revue_searcher_open(&searcher, archive->index, &error) != REVUE_OK) give_up(archive->index, error.message);
    return searcher;
}

revue_searcher *small_archive_of(struct small_archive *archive, const char *lines) {
    small_archive_create(archive);
    small_archive_write(archive, "reviews.jsonl", view_of_string(lines));
    small_archive_update(archive, NULL);
    return small_archive_open(archive);
}

revue_result *small_archive_search(revue_searcher *searcher, const char *query, const revue_search_options *options) {
    revue_search_options defaults;
    revue_result *result = NULL;
    revue_error error = {0};
    revue_search_options_init(&defaults);
    if (revue_search(searcher, query, strlen(query), options ? options : &defaults, &result, &error) != REVUE_OK)
        give_up(query, error.message);
    return result;
}
