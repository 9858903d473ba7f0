/* update_roots.c - the roots of a run: those named, or else those remembered; opened, and remembered once that was
 * possible.
 *
 * A root's number is its place among the remembered ones, for rows of sources and the order of ids go by it. A root that
 * was forgotten (delete --source with its path) keeps its place, so that the others keep theirs, and their names. */
#include "indexer/update.h"

#include "indexer/archive/names.h"
#include "indexer/base/memory.h"
#include "indexer/remembered_roots.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- which ---- */

bool root_is_input(const struct update_root *root) {
    return strcmp(root->path, "-") == 0;
}

/* The path of something that is not there, under which it was known when it was: its folder's, if that is there, and its
 * name. */
static char *path_of_missing(const char *path) {
    struct bytes full = {0}, parent = {0};
    size_t size = strlen(path);
    while (size > 1 && path[size - 1] == '/')
        size--;
    size_t name = size;
    while (name > 0 && path[name - 1] != '/')
        name--;
    bytes_append(&parent, name ? path : ".", name ? name : 1);
    bytes_append_u8(&parent, '\0');
    char *resolved = parent.failed ? NULL : realpath((const char *)parent.data, NULL);
    if (resolved) bytes_append_string(&full, resolved);
    if (resolved && resolved[1]) bytes_append_u8(&full, '/');
    bytes_append(&full, path + (resolved ? name : 0), size - (resolved ? name : 0));
    char *copy = full.failed || parent.failed ? NULL : memory_copy_bytes(full.data, full.size);
    free(resolved);
    bytes_free(&parent);
    bytes_free(&full);
    return copy;
}

static char *absolute_path(const char *path) {
    if (strcmp(path, "-") == 0) return memory_copy_string("-");
    char *resolved = realpath(path, NULL);
    char *copy = resolved ? memory_copy_string(resolved) : path_of_missing(path);
    free(resolved);
    return copy;
}

static revue_status recall_roots(struct update_run *run, revue_error *error) {
    const struct settings *settings = &run->writer.settings;
    for (size_t i = 0; i < settings->count; i++) {
        if (!remembered_root_is(&settings->rows[i])) continue;
        struct update_root *root = &run->roots[run->root_count++];
        root->is_known = strcmp(settings->rows[i].name, SETTING_ROOT) == 0;
        root->path = memory_copy_string(settings->rows[i].value);
        if (!root->path) return error_no_memory(error);
        root->is_named = root->is_known && run->options->root_count == 0 && !root_is_input(root);
    }
    run->place_count = run->root_count;
    return REVUE_OK;
}

static revue_status name_root(struct update_run *run, const char *path, revue_error *error) {
    char *absolute = absolute_path(path);
    if (!absolute) return error_no_memory(error);
    for (size_t i = 0; i < run->root_count; i++)
        if (strcmp(run->roots[i].path, absolute) == 0) {
            run->roots[i].is_named = true;
            run->roots[i].given = path;
            memory_free(absolute);
            return REVUE_OK;
        }
    run->roots[run->root_count++] = (struct update_root){.path = absolute, .given = path, .is_named = true};
    return REVUE_OK;
}

static revue_status refuse_no_root(const struct update_run *run, revue_error *error) {
    if (!run->has_writer)
        return error_set(error, REVUE_USAGE, "a dry run looks at no index: name the files or folders to read");
    return error_set(error, REVUE_USAGE, "no ROOT was given and none is remembered: name the files or folders to index");
}

revue_status roots_collect(struct update_run *run, revue_error *error) {
    const revue_update_options *options = run->options;
    size_t places = 0;
    bool has_named = options->root_count > 0;
    for (size_t i = 0; i < run->writer.settings.count; i++)
        places += remembered_root_is(&run->writer.settings.rows[i]);
    if (places + options->root_count == 0) return refuse_no_root(run, error);
    if (places + options->root_count > UINT16_MAX)
        return error_set(error, REVUE_USAGE, "too many roots: at most %d", UINT16_MAX);
    run->roots = memory_alloc_zeroed(places + options->root_count, sizeof *run->roots);
    if (!run->roots) return error_no_memory(error);
    TRY(recall_roots(run, error));
    for (size_t i = 0; i < options->root_count; i++)
        TRY(name_root(run, options->roots[i], error));
    for (size_t i = 0; i < run->root_count; i++)
        has_named |= run->roots[i].is_known;
    return has_named ? REVUE_OK : refuse_no_root(run, error);
}

/* ---- opening ---- */

/* A root that cannot be looked through: nothing of it is gone. */
static void report_closed(struct update_run *run, const struct update_root *root, revue_status status,
                          const revue_error *error) {
    char done[PATH_MAX + 160];
    const char *what = error->message, *called = root->given ? root->given : root->path;
    size_t size = strlen(root->path);
    if (strncmp(what, root->path, size) == 0 && strncmp(what + size, ": ", 2) == 0) what += size + 2; /* once is enough */
    (void)snprintf(done, sizeof done, "nothing of it was changed; to forget it: revue-indexer delete INDEX --source %s",
                   root->path);
    report_problem(run, view_of_string(called), 0, what,
                   !root->is_known            ? "not taken up as a root"
                   : status == REVUE_NO_INPUT ? done
                                              : "nothing of it was changed");
    run->root_missing |= status == REVUE_NO_INPUT;
    run->source_could_not_be_read |= status != REVUE_NO_INPUT;
    run->report->sources_failed += status != REVUE_NO_INPUT;
}

static revue_status open_root(struct update_run *run, struct update_root *root, revue_error *error) {
    revue_error why = {0};
    struct stat about;
    root->is_file = stat(root->path, &about) == 0 && !S_ISDIR(about.st_mode);
    if (!root->is_named || root_is_input(root)) return REVUE_OK;
    revue_status status = archive_walk(root->path, &run->archive, &root->files, &why);
    if (status == REVUE_NO_MEMORY) return error_no_memory(error);
    if (status != REVUE_OK) {
        report_closed(run, root, status, &why);
        return REVUE_OK;
    }
    root->is_open = true;
    root->is_unchanged = memory_alloc_zeroed(root->files.count + 1, 1);
    return root->is_unchanged ? REVUE_OK : error_no_memory(error);
}

/* New roots that could not be opened are no roots. */
static void drop_closed(struct update_run *run) {
    size_t kept = run->place_count;
    for (size_t i = run->place_count; i < run->root_count; i++) {
        if (run->roots[i].is_open || root_is_input(&run->roots[i])) {
            run->roots[kept++] = run->roots[i];
        } else {
            memory_free(run->roots[i].path);
        }
    }
    run->root_count = kept;
}

/* What ids begin with: the last part of the path, and ~2 when an earlier root is called the same. */
static char *make_name(const struct update_run *run, size_t index) {
    const char *path = run->roots[index].path, *slash = strrchr(path, '/');
    const char *base = slash && slash[1] ? slash + 1 : slash ? "root" : path;
    struct bytes name = {0};
    unsigned same = 1;
    for (size_t i = 0; i < index; i++) {
        const char *other = strrchr(run->roots[i].path, '/');
        same += strcmp(other && other[1] ? other + 1 : run->roots[i].path, base) == 0;
    }
    name_append_printable(&name, view_of_string(base)); /* ids are valid UTF-8 */
    if (same > 1) bytes_append_format(&name, "~%u", same);
    char *copy = name.failed ? NULL : memory_copy_bytes(name.data, name.size);
    bytes_free(&name);
    return copy;
}

revue_status roots_open(struct update_run *run, revue_error *error) {
    for (size_t i = 0; i < run->root_count; i++)
        TRY(open_root(run, &run->roots[i], error));
    drop_closed(run);
    for (size_t i = 0; i < run->root_count; i++) {
        run->roots[i].number = (uint16_t)i;
        run->roots[i].name = make_name(run, i);
        if (!run->roots[i].name) return error_no_memory(error);
    }
    return REVUE_OK;
}

bool roots_any_is_read(const struct update_run *run) {
    bool any = false;
    for (size_t i = 0; i < run->root_count; i++)
        any |= run->roots[i].is_open || (run->roots[i].is_named && root_is_input(&run->roots[i]));
    return any;
}

/* ---- remembering ---- */

revue_status roots_remember(struct update_run *run, revue_error *error) {
    for (size_t i = 0; i < run->root_count; i++) {
        struct update_root *root = &run->roots[i];
        if (root->is_known || !(root->is_open || (root->is_named && root_is_input(root)))) continue;
        run->writer.settings_changed = true;
        root->is_known = true;
        if (i < run->place_count)
            TRY(remembered_root_rename(&run->writer.settings, i, SETTING_ROOT, error));
        else
            TRY(settings_add(&run->writer.settings, SETTING_ROOT, root->path, error));
    }
    return REVUE_OK;
}

void roots_free(struct update_run *run) {
    for (size_t i = 0; i < run->root_count; i++) {
        memory_free(run->roots[i].path);
        memory_free(run->roots[i].name);
        memory_free(run->roots[i].is_unchanged);
        if (run->roots[i].is_open) archive_files_free(&run->roots[i].files);
    }
    memory_free(run->roots);
}
