/* update_walk.c - looking through the roots: which files of an archive are new or changed, by their rows, without opening
 * one. */
#include "indexer/update.h"

#include <string.h>

#define RACY_SECONDS 2 /* a file touched this shortly before it was read may have changed since unseen */

/* ---- rows ---- */

revue_status source_find_row(struct update_run *run, uint16_t root, struct view path, struct source_row *row,
                             revue_error *error) {
    if (!run->has_writer || run->writer.is_new) return REVUE_NO_MATCH;
    if (source_has_moved(run, root, path)) return REVUE_NO_MATCH;
    writer_limit_pages(&run->writer);
    return source_row_get(run->writer.read, root, path, row, error);
}

revue_status source_each_row(struct update_run *run, uint16_t root, struct view prefix, source_visit *visit,
                             revue_error *error) {
    if (!run->has_writer || run->writer.is_new) return REVUE_OK;
    struct key from = key_source(root, prefix);
    store_cursor *cursor;
    struct view key, value;
    TRY(store_cursor_open(run->writer.read, TABLE_SOURCES, &cursor, error));
    revue_status status = store_cursor_at_or_after(cursor, key_view(&from), &key, &value, error);
    while (status == REVUE_OK && key.size >= from.size && memcmp(key.data, from.data, from.size) == 0) {
        struct source_row row;
        writer_limit_pages(&run->writer);
        status = source_row_decode(value, &row, error);
        if (status == REVUE_OK) status = visit(run, key, &row, error);
        if (status == REVUE_OK) status = store_cursor_next(cursor, &key, &value, error);
    }
    store_cursor_close(cursor);
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

/* The members of a container have rows "path!member". */
revue_status source_each_member(struct update_run *run, uint16_t root, struct view path, source_visit *visit,
                                revue_error *error) {
    struct bytes prefix = {0};
    bytes_append(&prefix, path.data, path.size);
    bytes_append_u8(&prefix, '!');
    revue_status status =
        prefix.failed ? error_no_memory(error) : source_each_row(run, root, bytes_view(&prefix), visit, error);
    bytes_free(&prefix);
    return status;
}

bool source_members_are_known(struct view path) {
    return path.size + 1 <= KEY_PATH_MAX; /* with the mark behind it */
}

/* Rows of other sources may be among them: of those nothing is gone either, before a run has read all. */
static revue_status keep_if_long(struct update_run *run, struct view key, const struct source_row *row,
                                 revue_error *error) {
    return key.size > KEY_PATH_MAX + 2 ? source_keep_if_unknown(run, key, row, error) : REVUE_OK;
}

revue_status source_keep_members(struct update_run *run, uint16_t root, struct view path, revue_error *error) {
    if (source_members_are_known(path)) return source_each_member(run, root, path, source_keep_unmet, error);
    struct view part = view_of(path.data, path.size < KEY_PATH_MAX ? path.size : KEY_PATH_MAX);
    return source_each_row(run, root, part, keep_if_long, error);
}

revue_status source_keep(struct update_run *run, struct view key, const struct source_row *row, revue_error *error) {
    bool is_blocked = false;
    if (row->state & SOURCE_BLOCKED && key.size > 2)
        TRY(block_patterns_match(&run->patterns, view_of(key.data + 2, key.size - 2), &is_blocked, error));
    run->has_due_member |= (row->state & SOURCE_DUE) || (row->state & SOURCE_BLOCKED && !is_blocked);
    TRY(source_set_mark(run, row->number, is_blocked ? MARK_BLOCKED : MARK_KEEP, error));
    run->report->sources_skipped += is_blocked;
    if (row->state & (SOURCE_BESIDE | SOURCE_CONTAINER | SOURCE_BLOCKED)) return REVUE_OK;
    source_state(run, row->number)->is_counted = true;
    run->report->sources_seen++;
    run->report->sources_unchanged++;
    run->report->reviews_unchanged += row->reviews;
    return REVUE_OK;
}

revue_status source_keep_unmet(struct update_run *run, struct view key, const struct source_row *row, revue_error *error) {
    return source_mark(run, row->number) == MARK_UNKNOWN ? source_keep(run, key, row, error) : REVUE_OK;
}

revue_status source_forget(struct update_run *run, struct view key, const struct source_row *row, revue_error *error) {
    struct source_state *state = source_state(run, row->number);
    (void)key;
    if (state && state->is_counted) {
        run->report->sources_seen--;
        run->report->sources_unchanged--;
        run->report->reviews_unchanged -= row->reviews - state->lost;
        *state = (struct source_state){.place = state->place};
    }
    return source_set_mark(run, row->number, MARK_UNKNOWN, error);
}

static revue_status keep_blocked(struct update_run *run, struct view key, const struct source_row *row,
                                 revue_error *error) {
    (void)key;
    return source_set_mark(run, row->number, MARK_BLOCKED, error);
}

/* ---- files ---- */

bool source_is_racy(const struct source_row *row, int64_t modified_ns) {
    return row->read_at - modified_ns / 1000000000 < RACY_SECONDS;
}

/* Containers are blocked by their own name; members are looked at when they are read. */
bool source_row_is_sound(const struct update_run *run, const struct source_row *row) {
    return !run->options->full && !(row->state & (SOURCE_PARTLY_FAILED | SOURCE_DUE | SOURCE_BLOCKED)) &&
           row->schema_version == run->writer.schema.version;
}

static bool is_unchanged(const struct update_run *run, const struct archive_file *file, const struct source_row *row) {
    return source_row_is_sound(run, row) && !source_is_racy(row, file->modified_ns) && row->size == file->size &&
           row->modified_ns == file->modified_ns && row->inode == file->inode;
}

revue_status source_keep_file(struct update_run *run, const struct update_root *root, const struct archive_file *file,
                              const struct source_row *row, bool *is_due, revue_error *error) {
    uint64_t skipped_before = run->report->sources_skipped;
    *is_due = row->state & SOURCE_CONTAINER && !source_members_are_known(file->path);
    if (*is_due) return REVUE_OK;
    run->has_due_member = false;
    TRY(source_keep(run, view_of(NULL, 0), row, error));
    if (row->state & SOURCE_CONTAINER) TRY(source_each_member(run, root->number, file->path, source_keep, error));
    *is_due = run->has_due_member;
    run->report->sources_skipped += row->left_out + ((row->state & SOURCE_BESIDE) != 0);
    if (!*is_due) return REVUE_OK;
    run->report->sources_skipped = skipped_before;
    TRY(source_forget(run, view_of(NULL, 0), row, error));
    return source_each_member(run, root->number, file->path, source_forget, error);
}

static revue_status walk_file(struct update_run *run, struct update_root *root, size_t index, revue_error *error) {
    const struct archive_file *file = archive_file_at(&root->files, index);
    struct source_row row;
    bool is_blocked, is_due = true;
    run->place = (uint64_t)root->number << 40 | (index + 1);
    TRY(block_patterns_match(&run->patterns, file->path, &is_blocked, error));
    revue_status status = source_find_row(run, root->number, file->path, &row, error);
    if (status != REVUE_OK && status != REVUE_NO_MATCH) return status;
    bool is_known = status == REVUE_OK;
    run->has_new_file |= !is_known;
    if (is_blocked) {
        root->is_unchanged[index] = 1;
        run->report->sources_skipped++;
        if (is_known) TRY(source_set_mark(run, row.number, MARK_BLOCKED, error));
        return source_each_member(run, root->number, file->path, keep_blocked, error);
    }
    if (is_known && is_unchanged(run, file, &row)) TRY(source_keep_file(run, root, file, &row, &is_due, error));
    if (!is_due) {
        root->is_unchanged[index] = 1;
        return REVUE_OK;
    }
    /* Not marked before it is read: a run may be stopped before it gets there. */
    run->bytes_total += file->size;
    return REVUE_OK;
}

/* ---- roots ---- */

static revue_status walk_root(struct update_run *run, struct update_root *root, revue_error *error) {
    for (size_t i = 0; i < root->files.skipped_count; i++)
        report_skip(run, root->files.skipped[i].path, root->files.skipped[i].why, !root->files.skipped[i].is_strange);
    for (size_t i = 0; i < root->files.failed_count; i++) {
        report_problem(run, root->files.failed[i].path, 0, root->files.failed[i].why, "its reviews stay as they were");
        run->report->sources_failed++;
        run->source_could_not_be_read = true;
    }
    run->has_new_file = false;
    for (size_t i = 0; i < root->files.count; i++)
        TRY(walk_file(run, root, i, error));
    return run->has_new_file ? sources_find_renamed(run, root, error) : REVUE_OK;
}

revue_status source_keep_if_unknown(struct update_run *run, struct view key, const struct source_row *row,
                                    revue_error *error) {
    (void)key;
    if (source_mark(run, row->number) != MARK_UNKNOWN) return REVUE_OK;
    return source_set_mark(run, row->number, row->state & SOURCE_BLOCKED ? MARK_BLOCKED : MARK_KEEP, error);
}

revue_status sources_walk(struct update_run *run, revue_error *error) {
    for (size_t i = 0; i < run->root_count; i++) {
        struct update_root *root = &run->roots[i];
        if (root->is_open) TRY(walk_root(run, root, error));
        /* Roots not named, not there, or with folders that could not be looked into: nothing of them is gone. */
        run->place = (uint64_t)root->number << 40;
        if (!root->is_open || root->files.failed_count > 0)
            TRY(source_each_row(run, root->number, view_of(NULL, 0), source_keep_if_unknown, error));
    }
    return REVUE_OK;
}
