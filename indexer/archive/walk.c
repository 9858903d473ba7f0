/* walk.c - archive_walk: the files under a root, sorted, none opened.
 *
 * Real folders come first, by a list of folders to do instead of recursion. Links wait until all of them are known: a link
 * is followed only when what it leads to lies inside the root and was not listed under its own name; so a loop ends by
 * itself and nothing is read twice. */
#include "indexer/archive/archive.h"
#include "indexer/archive/file_hash.h"
#include "indexer/archive/file_list.h"
#include "indexer/archive/names.h"
#include "indexer/base/arena.h"
#include "indexer/base/hash.h"
#include "indexer/base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Files and folders met, by device and inode. Open addressing, a power of two of slots; a zero device and inode is free. */
struct identity_set {
    struct identity {
        uint64_t device, inode;
    } * slots;
    size_t capacity, count;
};

struct path_list {
    struct view *items; /* relative to the root, in the arena */
    size_t count, capacity;
};

struct walk {
    const struct archive_options *options;
    struct archive_files *files;
    const char *root;
    char *real_root; /* from realpath, freed by free */
    struct path_list folders, links;
    struct file_list list;
    struct bytes path;        /* of the entry at hand */
    struct identity_set seen; /* folders, and files once ... */
    bool files_are_seen;      /* ... there is a link that may lead to one */
};

/* ---- identities ---- */

static struct identity *identity_slot(const struct identity_set *set, struct identity identity) {
    size_t at = (size_t)hash_bytes(&identity, sizeof identity) & (set->capacity - 1);
    for (;; at = (at + 1) & (set->capacity - 1)) {
        struct identity *slot = &set->slots[at];
        if ((slot->device == 0 && slot->inode == 0) || (slot->device == identity.device && slot->inode == identity.inode))
            return slot;
    }
}

static bool identity_grow(struct identity_set *set) {
    struct identity_set grown = {NULL, set->capacity ? set->capacity * 2 : 64, set->count};
    grown.slots = memory_alloc_zeroed(grown.capacity, sizeof *grown.slots);
    if (!grown.slots) return false;
    for (size_t i = 0; i < set->capacity; i++) {
        if (set->slots[i].device || set->slots[i].inode) *identity_slot(&grown, set->slots[i]) = set->slots[i];
    }
    memory_free(set->slots);
    *set = grown;
    return true;
}

static struct identity identity_of(const struct stat *about) {
    return (struct identity){(uint64_t)about->st_dev, (uint64_t)about->st_ino};
}

static bool identity_is_known(const struct identity_set *set, struct identity identity) {
    return set->capacity > 0 && identity_slot(set, identity)->inode == identity.inode;
}

/* False when out of memory. */
static bool identity_add(struct identity_set *set, struct identity identity) {
    if (set->count * 2 >= set->capacity && !identity_grow(set)) return false;
    struct identity *slot = identity_slot(set, identity);
    if (slot->device == 0 && slot->inode == 0) set->count++;
    *slot = identity;
    return true;
}

/* ---- results ---- */

/* A path as sources are named; nearly all are named as they are. */
static revue_status name_path(struct walk *walk, struct view path, struct view *name, revue_error *error) {
    struct bytes printable = {0};
    size_t plain = 0;
    while (plain < path.size && path.data[plain] >= ' ' && path.data[plain] <= '~')
        plain++;
    *name = path;
    if (plain == path.size) return REVUE_OK;
    name_append_printable(&printable, path);
    const char *copy = printable.failed ? NULL : arena_copy(walk->files->arena, printable.data, printable.size);
    if (copy) *name = view_of(copy, printable.size);
    bytes_free(&printable);
    return copy ? REVUE_OK : error_no_memory(error);
}

static revue_status add_file(struct walk *walk, struct view path, const struct stat *about, revue_error *error) {
    struct view name;
    TRY(name_path(walk, path, &name, error));
    if (walk->files_are_seen && !identity_add(&walk->seen, identity_of(about))) return error_no_memory(error);
    struct file_facts facts = file_facts_of(about);
    const struct archive_file file = {.path = name,
                                      .disk_path = path,
                                      .size = facts.size,
                                      .modified_ns = facts.modified_ns,
                                      .inode = facts.inode,
                                      .device = facts.device};
    return file_list_add(&walk->list, &file, error);
}

/* A copy that lives as long as the result. */
static revue_status keep_path(struct walk *walk, struct view *path, revue_error *error) {
    const char *copy = arena_copy(walk->files->arena, path->data, path->size);
    if (!copy) return error_no_memory(error);
    path->data = copy;
    return REVUE_OK;
}

/* What a path that is left out is called in the report. */
static revue_status keep_name(struct walk *walk, struct view path, struct view *name, revue_error *error) {
    TRY(name_path(walk, path, name, error));
    return name->data == path.data ? keep_path(walk, name, error) : REVUE_OK;
}

static revue_status add_skipped(struct walk *walk, struct view path, const char *why, revue_error *error) {
    struct archive_files *files = walk->files;
    struct view name;
    TRY(keep_name(walk, path, &name, error));
    if (!MEMORY_RESERVE(files->skipped, files->skipped_capacity, files->skipped_count + 1)) return error_no_memory(error);
    files->skipped[files->skipped_count++] = (struct archive_skip){name, why, false};
    return REVUE_OK;
}

static revue_status add_failed(struct walk *walk, struct view path, int number, revue_error *error) {
    struct archive_files *files = walk->files;
    const char *reason = strerror(number);
    struct view name;
    TRY(keep_name(walk, path, &name, error));
    const char *why = arena_copy(files->arena, reason, strlen(reason));
    if (!why || !MEMORY_RESERVE(files->failed, files->failed_capacity, files->failed_count + 1))
        return error_no_memory(error);
    files->failed[files->failed_count++] = (struct archive_skip){name, why, false};
    return REVUE_OK;
}

static revue_status push(struct walk *walk, struct path_list *list, struct view path, revue_error *error) {
    TRY(keep_path(walk, &path, error));
    if (!MEMORY_RESERVE(list->items, list->capacity, list->count + 1)) return error_no_memory(error);
    list->items[list->count++] = path;
    return REVUE_OK;
}

/* ---- folders ---- */

/* root/path, allocated; the caller frees it. */
static char *full_path(const char *root, struct view path) {
    struct bytes joined = {0};
    bytes_append_string(&joined, root);
    if (path.size > 0) {
        bytes_append_u8(&joined, '/');
        bytes_append(&joined, path.data, path.size);
    }
    bytes_append_u8(&joined, 0);
    if (joined.failed) bytes_free(&joined);
    return (char *)joined.data;
}

/* folder/name, until the next entry. */
static bool child_path(struct walk *walk, struct view folder, const char *name, struct view *path) {
    bytes_clear(&walk->path);
    bytes_append(&walk->path, folder.data, folder.size);
    if (folder.size) bytes_append_u8(&walk->path, '/');
    bytes_append_string(&walk->path, name);
    *path = bytes_view(&walk->path);
    return !walk->path.failed;
}

/* Is the folder an index, which people like to keep beside what it is made of? Its file CURRENT names a store. */
static revue_status look_for_index(struct walk *walk, struct view path, bool *is_index, revue_error *error) {
    char *folder = full_path(walk->root, path), start[6] = "";
    char *current = folder ? full_path(folder, view_of_string("CURRENT")) : NULL;
    int file = current ? open(current, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
    *is_index =
        file >= 0 && read(file, start, sizeof start) == (ssize_t)sizeof start && memcmp(start, "store.", sizeof start) == 0;
    if (file >= 0) (void)close(file);
    bool failed = !current;
    memory_free(folder);
    memory_free(current);
    return failed ? error_no_memory(error) : REVUE_OK;
}

static revue_status take_folder(struct walk *walk, struct view path, const struct stat *about, revue_error *error) {
    bool selected, is_index;
    if (!name_is_selected(path, walk->options, false, &selected)) return error_no_memory(error);
    if (!selected) return add_skipped(walk, path, "excluded", error);
    TRY(look_for_index(walk, path, &is_index, error));
    if (is_index) return add_skipped(walk, path, "an index", error);
    if (!identity_add(&walk->seen, identity_of(about))) return error_no_memory(error);
    return push(walk, &walk->folders, path, error);
}

static revue_status take_file(struct walk *walk, struct view path, const struct stat *about, revue_error *error) {
    bool selected;
    if (!name_is_selected(path, walk->options, !name_is_container(path), &selected)) return error_no_memory(error);
    if (!selected) return add_skipped(walk, path, "excluded", error);
    return add_file(walk, path, about, error);
}

/* One entry of a folder. Its kind is asked of the entry itself, not of what it may link to. */
static revue_status take_entry(struct walk *walk, struct view path, revue_error *error) {
    struct stat about;
    char *full = full_path(walk->root, path);
    if (!full) return error_no_memory(error);
    int result = lstat(full, &about), number = errno;
    memory_free(full);
    if (result != 0) return add_failed(walk, path, number, error);
    if (S_ISLNK(about.st_mode)) return push(walk, &walk->links, path, error);
    if (S_ISDIR(about.st_mode)) return take_folder(walk, path, &about, error);
    if (S_ISREG(about.st_mode)) return take_file(walk, path, &about, error);
    return add_skipped(walk, path, "not a regular file", error);
}

static revue_status read_folder(struct walk *walk, struct view folder, DIR *directory, revue_error *error) {
    const struct dirent *entry;
    while (errno = 0, (entry = readdir(directory)) != NULL) {
        struct view path;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (!child_path(walk, folder, entry->d_name, &path)) return error_no_memory(error);
        if (name_is_hidden(view_of_string(entry->d_name)))
            TRY(add_skipped(walk, path, "hidden", error));
        else
            TRY(take_entry(walk, path, error));
    }
    if (errno != 0) return add_failed(walk, folder, errno, error);
    return REVUE_OK;
}

static revue_status walk_folders(struct walk *walk, revue_error *error) {
    while (walk->folders.count > 0) {
        struct view folder = walk->folders.items[--walk->folders.count];
        char *full = full_path(walk->root, folder);
        if (!full) return error_no_memory(error);
        DIR *directory = opendir(full);
        int number = errno;
        memory_free(full);
        if (!directory) {
            if (folder.size == 0) return error_from_errno(error, number, walk->root);
            TRY(add_failed(walk, folder, number, error));
            continue;
        }
        revue_status status = read_folder(walk, folder, directory, error);
        (void)closedir(directory);
        TRY(status);
    }
    return REVUE_OK;
}

/* ---- links ---- */

static bool is_inside(const char *real, const char *real_root) {
    size_t size = strlen(real_root);
    if (size == 1) return true; /* the root is "/" */
    return strncmp(real, real_root, size) == 0 && (real[size] == '/' || real[size] == '\0');
}

static revue_status take_link(struct walk *walk, struct view path, revue_error *error) {
    struct stat about;
    char *full = full_path(walk->root, path);
    if (!full) return error_no_memory(error);
    char *real = realpath(full, NULL);
    bool found = real && stat(full, &about) == 0;
    bool inside = found && is_inside(real, walk->real_root);
    free(real);
    memory_free(full);
    if (!found) return add_skipped(walk, path, "link that leads nowhere", error);
    if (!inside) return add_skipped(walk, path, "link out of the root", error);
    if (identity_is_known(&walk->seen, identity_of(&about)))
        return add_skipped(walk, path, "link to what is listed already", error);
    if (S_ISDIR(about.st_mode)) return take_folder(walk, path, &about, error);
    if (S_ISREG(about.st_mode)) return take_file(walk, path, &about, error);
    return add_skipped(walk, path, "not a regular file", error);
}

static int compare_paths(const void *a, const void *b) {
    return view_compare(*(const struct view *)a, *(const struct view *)b);
}

static revue_status note_seen(void *context, const struct archive_file *file, revue_error *error) {
    struct walk *walk = context;
    return identity_add(&walk->seen, (struct identity){file->device, file->inode}) ? REVUE_OK : error_no_memory(error);
}

/* Links in order of their names, so that of two links to one thing always the same one is followed. A folder reached by a
 * link is walked at once and may bring further links, which come in the next round. */
static revue_status walk_links(struct walk *walk, revue_error *error) {
    if (walk->links.count > 0) {
        TRY(file_list_each(&walk->list, note_seen, walk, error));
        walk->files_are_seen = true;
    }
    while (walk->links.count > 0) {
        struct path_list round = walk->links;
        walk->links = (struct path_list){0};
        qsort(round.items, round.count, sizeof *round.items, compare_paths);
        revue_status status = REVUE_OK;
        for (size_t i = 0; i < round.count && status == REVUE_OK; i++) {
            status = take_link(walk, round.items[i], error);
            if (status == REVUE_OK) status = walk_folders(walk, error);
        }
        memory_free(round.items);
        TRY(status);
    }
    return REVUE_OK;
}

/* ---- the walk ---- */

static int compare_skips(const void *a, const void *b) {
    return view_compare(((const struct archive_skip *)a)->path, ((const struct archive_skip *)b)->path);
}

static revue_status add_namesake(struct walk *walk, struct view path, revue_error *error) {
    static const char why[] = "another file has this name, once bytes that are not UTF-8 are written as %XX: rename one";
    TRY(add_skipped(walk, path, why, error));
    walk->files->skipped[walk->files->skipped_count - 1].is_strange = true;
    return REVUE_OK;
}

/* "%FF" in a name may be three characters or one byte: of two files that are named alike so, one can be a source. */
static revue_status drop_namesakes(struct walk *walk, revue_error *error) {
    struct archive_files *files = walk->files;
    size_t kept = 0;
    for (size_t i = 0; i < files->count; i++) {
        const struct archive_file *file = archive_file_at(files, i);
        if (kept > 0 && view_equal(file->path, files->items[kept - 1].path))
            TRY(add_namesake(walk, file->path, error));
        else if (kept++ < i)
            files->items[kept - 1] = *file;
    }
    files->count = kept;
    return REVUE_OK;
}

static revue_status finish(struct walk *walk, revue_error *error) {
    struct archive_files *files = walk->files;
    TRY(file_list_finish(&walk->list, files, error));
    TRY(drop_namesakes(walk, error));
    if (files->skipped_count) qsort(files->skipped, files->skipped_count, sizeof *files->skipped, compare_skips);
    if (files->failed_count) qsort(files->failed, files->failed_count, sizeof *files->failed, compare_skips);
    return REVUE_OK;
}

static revue_status walk_root_file(struct walk *walk, const struct stat *about, revue_error *error) {
    struct view name = name_last_part(view_of_string(walk->root));
    return add_file(walk, name, about, error);
}

static revue_status walk_root_folder(struct walk *walk, const struct stat *about, revue_error *error) {
    walk->real_root = realpath(walk->root, NULL);
    if (!walk->real_root) return error_from_errno(error, errno, walk->root);
    bool is_index;
    TRY(look_for_index(walk, view_of("", 0), &is_index, error));
    if (is_index)
        return error_set(error, REVUE_NO_INPUT, "%s: it is an index: name the files or folders that reviews are in",
                         walk->root);
    if (!identity_add(&walk->seen, identity_of(about))) return error_no_memory(error);
    TRY(push(walk, &walk->folders, view_of("", 0), error));
    TRY(walk_folders(walk, error));
    return walk_links(walk, error);
}

revue_status archive_walk(const char *root, const struct archive_options *options, struct archive_files *files,
                          revue_error *error) {
    struct stat about;
    struct archive_files made = {0};
    struct walk walk = {
        .options = options, .files = &made, .root = root, .list = {.most_bytes = options->limits.list_bytes}};
    if (stat(root, &about) != 0) return error_from_errno(error, errno, root);
    if (!S_ISDIR(about.st_mode) && !S_ISREG(about.st_mode)) {
        return error_set(error, REVUE_NO_INPUT, "%s: neither a file nor a folder", root);
    }
    made.arena = memory_alloc_zeroed(1, sizeof *made.arena);
    if (!made.arena) return error_no_memory(error);
    revue_status status =
        S_ISDIR(about.st_mode) ? walk_root_folder(&walk, &about, error) : walk_root_file(&walk, &about, error);
    if (status == REVUE_OK) status = finish(&walk, error);
    file_list_free(&walk.list);
    bytes_free(&walk.path);
    memory_free(walk.folders.items);
    memory_free(walk.links.items);
    memory_free(walk.seen.slots);
    free(walk.real_root);
    if (status != REVUE_OK) {
        archive_files_free(&made);
        return status;
    }
    *files = made;
    return REVUE_OK;
}
