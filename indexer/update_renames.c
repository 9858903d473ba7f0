/* update_renames.c - files that were renamed. Ids of records that bring none begin with the name of their source, so that
 * under another name the same records would all be others: deleted here, added there. A new file with the bytes of a source
 * that is no longer where it was is that source, moved: it keeps its number, its reviews and its name.
 *
 * Names stay unique: a new file at the old place is named "path~2" (FORMAT.md, 11). */
#include "indexer/base/clock.h"
#include "indexer/base/hash.h"
#include "indexer/base/memory.h"
#include "indexer/update.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_TRIED                                                                                                        \
    10000u /* "path~2", "path~3" ...: who has renamed as many files of one name may wait for a full build                  \
            */

/* A source whose file is not there, or is another one. Views live as long as the run's read transaction. */
struct moved_source {
    struct view path;
    struct source_row row;
    bool is_taken;
};
struct moved_sources {
    struct moved_source *items;
    size_t count, capacity;
};

static uint64_t name_key(uint16_t root, struct view name) {
    return hash_mix((uint64_t)root + 1, hash_view(name));
}

/* ---- names ---- */

static revue_status note_name(struct update_run *run, struct view key, const struct source_row *row, revue_error *error) {
    bool was_there;
    uint16_t root = (uint16_t)((uint8_t)key.data[0] << 8 | (uint8_t)key.data[1]);
    if (row->name.size == 0) return REVUE_OK;
    return id_set_add_hash(&run->taken_names, name_key(root, row->name), &was_there) ? REVUE_OK : error_no_memory(error);
}

static bool is_taken(const struct update_run *run, uint16_t root, struct view name) {
    return id_set_has_hash(&run->taken_names, name_key(root, name));
}

revue_status source_name_new(struct update_run *run, uint16_t root, struct view path, struct view *name,
                             revue_error *error) {
    struct bytes tried = {0};
    *name = view_of(NULL, 0);
    for (size_t i = 0; i < run->root_count && !run->names_are_known; i++)
        TRY(source_each_row(run, run->roots[i].number, view_of(NULL, 0), note_name, error));
    run->names_are_known = true;
    if (!is_taken(run, root, path)) return REVUE_OK;
    revue_status status = REVUE_OK;
    for (unsigned number = 2; number < NAMES_TRIED && name->size == 0 && status == REVUE_OK; number++) {
        struct source_row other;
        bytes_clear(&tried);
        bytes_append(&tried, path.data, path.size);
        bytes_append_format(&tried, "~%u", number);
        if (tried.failed) break;
        if (is_taken(run, root, bytes_view(&tried))) continue;
        status = source_find_row(run, root, bytes_view(&tried), &other, error);
        if (status != REVUE_NO_MATCH) continue;
        status = REVUE_OK;
        char *copy = arena_copy(&run->arena, tried.data, tried.size);
        if (!copy) tried.failed = true;
        if (copy) *name = view_of(copy, tried.size);
    }
    if (status == REVUE_OK && tried.failed) status = error_no_memory(error);
    bytes_free(&tried);
    return status;
}

/* ---- what may have moved ---- */

static int compare_file(const void *path, const void *file) {
    return view_compare(*(const struct view *)path, ((const struct archive_file *)file)->path);
}

static const struct archive_file *file_at(struct archive_files *files, struct view path) {
    if (files->count) (void)archive_file_at(files, 0); /* which gives pages back every so often */
    return files->count ? bsearch(&path, files->items, files->count, sizeof *files->items, compare_file) : NULL;
}

/* Where there is a file, another one may have taken the place: a shorter one, or one of the same size that is not the same
 * file touched. A longer one is taken for the old one grown. */
static bool may_have_moved(const struct update_run *run, struct update_root *root, struct view path,
                           const struct source_row *row) {
    const uint8_t unfit = SOURCE_PARTLY_FAILED | SOURCE_BESIDE | SOURCE_BLOCKED | SOURCE_DUE;
    if (row->hash == 0 || row->state & unfit || row->schema_version != run->writer.schema.version) return false;
    if (path.size > KEY_PATH_MAX || source_mark(run, row->number) != MARK_UNKNOWN) return false;
    if (row->state & SOURCE_CONTAINER && !source_members_are_known(path)) return false;
    const struct archive_file *file = file_at(&root->files, path);
    if (!file || row->state & SOURCE_CONTAINER) return !file;
    return file->size < row->size || (file->size == row->size && file->inode != row->inode);
}

static revue_status note_moved(struct update_run *run, struct view key, const struct source_row *row, revue_error *error) {
    struct moved_sources *moved = run->moved;
    struct view path = view_of(key.data + 2, key.size - 2);
    if (!may_have_moved(run, run->root, path, row)) return REVUE_OK;
    if (!MEMORY_RESERVE(moved->items, moved->capacity, moved->count + 1)) return error_no_memory(error);
    moved->items[moved->count++] = (struct moved_source){path, *row, false};
    return REVUE_OK;
}

static int compare_sizes(const void *left, const void *right) {
    const struct moved_source *a = left, *b = right;
    return a->row.size < b->row.size ? -1 : a->row.size > b->row.size;
}

/* The first source of that size, or of more. */
static size_t first_of_size(const struct moved_sources *moved, uint64_t size) {
    size_t low = 0, high = moved->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (moved->items[middle].row.size < size)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The source that the file is, by its bytes; NULL when it is none. */
static revue_status find_same(struct update_run *run, const struct update_root *root, const struct archive_file *file,
                              struct moved_source **found, struct archive_version *version, revue_error *error) {
    bool is_hashed = false, has_hash;
    *found = NULL;
    for (size_t i = first_of_size(run->moved, file->size); i < run->moved->count && !*found; i++) {
        struct moved_source *source = &run->moved->items[i];
        if (source->row.size != file->size) break;
        if (source->is_taken) continue;
        revue_error why;
        revue_status status = REVUE_OK;
        if (!is_hashed) status = archive_has_hash(root->path, file, source->row.hash, &has_hash, version, &why);
        if (status == REVUE_NO_MEMORY) return error_no_memory(error);
        if (status != REVUE_OK || version->size != file->size) return REVUE_OK;
        is_hashed = true;
        if (version->hash == source->row.hash) *found = source;
    }
    return REVUE_OK;
}

/* ---- moving ---- */

static revue_status drop_row(struct update_run *run, struct view key, revue_error *error) {
    if (!MEMORY_RESERVE(run->gone_rows, run->gone_capacity, run->gone_count + 1)) return error_no_memory(error);
    char *copy = arena_copy(&run->arena, key.data, key.size);
    if (!copy) return error_no_memory(error);
    run->gone_rows[run->gone_count++] = view_of(copy, key.size);
    return REVUE_OK;
}

struct move {
    struct view from, to; /* paths; a member's begins with from */
};

/* The row of a source or of a member of it, under its new path. */
static revue_status move_row(struct update_run *run, struct view key, struct source_row *row, revue_error *error) {
    struct view path = view_of(key.data + 2, key.size - 2);
    const struct move *move = run->move;
    struct bytes to = {0};
    bool was_there;
    if (row->name.size == 0) {
        const char *copy = arena_copy(&run->arena, path.data, path.size);
        if (!copy) return error_no_memory(error);
        row->name = view_of(copy, path.size);
    }
    if (!id_set_add_hash(&run->taken_names, name_key(run->root->number, row->name), &was_there))
        return error_no_memory(error);
    bytes_append(&to, move->to.data, move->to.size);
    bytes_append(&to, path.data + move->from.size, path.size - move->from.size);
    revue_status status =
        to.failed ? error_no_memory(error) : source_add_row(run, run->root->number, bytes_view(&to), row, error);
    bytes_free(&to);
    return status == REVUE_OK ? drop_row(run, key, error) : status;
}

static revue_status move_member(struct update_run *run, struct view key, const struct source_row *row, revue_error *error) {
    struct source_row moved = *row;
    TRY(source_keep(run, key, row, error));
    return move_row(run, key, &moved, error);
}

static revue_status look_at_member(struct update_run *run, struct view key, const struct source_row *row,
                                   revue_error *error) {
    (void)error;
    run->has_due_member |= key.size > KEY_PATH_MAX + 2 || row->state & (SOURCE_DUE | SOURCE_BLOCKED);
    return REVUE_OK;
}

/* A container is moved with all its members, or not at all. */
static revue_status may_move(struct update_run *run, const struct moved_source *source, bool *may, revue_error *error) {
    run->has_due_member = false;
    if (source->row.state & SOURCE_CONTAINER)
        TRY(source_each_member(run, run->root->number, source->path, look_at_member, error));
    *may = !run->has_due_member;
    return REVUE_OK;
}

static revue_status take_over(struct update_run *run, size_t index, struct moved_source *source,
                              const struct archive_version *version, revue_error *error) {
    struct update_root *root = run->root;
    const struct archive_file *file = archive_file_at(&root->files, index);
    struct key key = key_source(root->number, source->path);
    struct move move = {source->path, file->path};
    bool may, was_there;
    TRY(may_move(run, source, &may, error));
    if (!may) return REVUE_OK;
    source->is_taken = true;
    if (!id_set_add_hash(&run->moved_paths, name_key(root->number, source->path), &was_there))
        return error_no_memory(error);
    run->move = &move;
    run->place = (uint64_t)root->number << 40 | (index + 1);
    struct source_row row = source->row;
    row.modified_ns = version->modified_ns;
    row.inode = version->inode;
    row.read_at = clock_seconds();
    TRY(source_keep(run, view_of(NULL, 0), &source->row, error));
    if (row.state & SOURCE_CONTAINER) TRY(source_each_member(run, root->number, source->path, move_member, error));
    run->report->sources_skipped += row.left_out;
    run->bytes_total -= file->size;
    root->is_unchanged[index] = 1;
    return move_row(run, key_view(&key), &row, error);
}

static revue_status look_at_file(struct update_run *run, size_t index, revue_error *error) {
    const struct archive_file *file = archive_file_at(&run->root->files, index);
    struct archive_version version;
    struct moved_source *source;
    struct source_row row;
    if (run->root->is_unchanged[index]) return REVUE_OK;
    revue_status status = source_find_row(run, run->root->number, file->path, &row, error);
    if (status != REVUE_NO_MATCH) return status;
    TRY(find_same(run, run->root, file, &source, &version, error));
    return source ? take_over(run, index, source, &version, error) : REVUE_OK;
}

/* A source that has moved makes the file at its place a new one, which may have been elsewhere itself: of files that are
 * counted on (x.1, x.2 ...) each is where the one before was. */
static revue_status look_at_files(struct update_run *run, bool is_first, revue_error *error) {
    struct update_root *root = run->root;
    for (size_t i = 0; i < root->files.count; i++)
        if (is_first || source_has_moved(run, root->number, archive_file_at(&root->files, i)->path))
            TRY(look_at_file(run, i, error));
    return REVUE_OK;
}

revue_status sources_find_renamed(struct update_run *run, struct update_root *root, revue_error *error) {
    struct moved_sources moved = {0};
    if (run->writer.is_new || !run->has_writer || root->is_file) return REVUE_OK;
    run->root = root;
    run->moved = &moved;
    revue_status status = source_each_row(run, root->number, view_of(NULL, 0), note_moved, error);
    if (moved.count > 1) qsort(moved.items, moved.count, sizeof *moved.items, compare_sizes);
    bool is_first = true;
    for (size_t before = SIZE_MAX; status == REVUE_OK && moved.count > 0 && before != run->moved_paths.used;
         is_first = false) {
        before = run->moved_paths.used;
        status = look_at_files(run, is_first, error);
    }
    memory_free(moved.items);
    run->moved = NULL;
    run->move = NULL;
    return status;
}

/* ---- looking up ---- */

bool source_has_moved(const struct update_run *run, uint16_t root, struct view path) {
    return run->moved_paths.used > 0 && id_set_has_hash(&run->moved_paths, name_key(root, path));
}
