/* update_sources.c - which files of an archive are new, changed or gone, and reading those that must be. */
#include "indexer/update.h"

#include "indexer/base/clock.h"
#include "indexer/base/memory.h"

#include <string.h>
#include <unistd.h>

#define RACY_SECONDS 2 /* a file touched this shortly before it was read may have changed since unseen */

enum source_mark source_mark(const struct update_run *run, uint32_t number) {
    return number < run->mark_capacity ? (enum source_mark)run->marks[number] : MARK_UNKNOWN;
}

revue_status source_set_mark(struct update_run *run, uint32_t number, enum source_mark mark, revue_error *error) {
    size_t old_capacity = run->mark_capacity;
    if (!MEMORY_RESERVE(run->marks, run->mark_capacity, (size_t)number + 1)) return error_no_memory(error);
    if (run->mark_capacity > old_capacity)
        memset(run->marks + old_capacity, MARK_UNKNOWN, run->mark_capacity - old_capacity);
    run->marks[number] = (uint8_t)mark;
    return REVUE_OK;
}

/* ---- rows ---- */

static revue_status add_row(struct update_run *run, uint16_t root, struct view path, const struct source_row *row,
                            revue_error *error) {
    if (!MEMORY_RESERVE(run->rows, run->row_capacity, run->row_count + 1)) return error_no_memory(error);
    char *copy = arena_copy(&run->arena, path.data, path.size);
    if (!copy) return error_no_memory(error);
    run->rows[run->row_count++] = (struct pending_row){root, view_of(copy, path.size), *row};
    run->writer.sources_changed = true;
    return REVUE_OK;
}

revue_status sources_write_rows(void *context, store_txn *txn, revue_error *error) {
    struct update_run *run = context;
    for (size_t i = 0; i < run->gone_count; i++)
        TRY(store_delete(txn, TABLE_SOURCES, run->gone_rows[i], error));
    for (size_t i = 0; i < run->row_count; i++)
        TRY(source_row_put(txn, run->rows[i].root, run->rows[i].path, &run->rows[i].row, error));
    return REVUE_OK;
}

static revue_status find_row(struct update_run *run, uint16_t root, struct view path, struct source_row *row,
                             revue_error *error) {
    if (!run->has_writer || run->writer.is_new) return REVUE_NO_MATCH;
    return source_row_get(run->writer.read, root, path, row, error);
}

/* Calls visit for every row of a root whose path begins with prefix. */
static revue_status each_row(struct update_run *run, uint16_t root, struct view prefix,
                             revue_status (*visit)(struct update_run *run, struct view key, const struct source_row *row,
                                                   revue_error *error),
                             revue_error *error) {
    if (!run->has_writer || run->writer.is_new) return REVUE_OK;
    struct key from = key_source(root, prefix);
    store_cursor *cursor;
    struct view key, value;
    TRY(store_cursor_open(run->writer.read, TABLE_SOURCES, &cursor, error));
    revue_status status = store_cursor_at_or_after(cursor, key_view(&from), &key, &value, error);
    while (status == REVUE_OK && key.size >= from.size && memcmp(key.data, from.data, from.size) == 0) {
        struct source_row row;
        status = source_row_decode(value, &row, error);
        if (status == REVUE_OK) status = visit(run, key, &row, error);
        if (status == REVUE_OK) status = store_cursor_next(cursor, &key, &value, error);
    }
    store_cursor_close(cursor);
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

static revue_status keep_row(struct update_run *run, struct view key, const struct source_row *row, revue_error *error) {
    (void)key;
    if (!(row->state & (SOURCE_BESIDE | SOURCE_CONTAINER))) {
        run->report->sources_seen++;
        run->report->sources_unchanged++;
        run->report->reviews_unchanged += row->reviews;
    }
    return source_set_mark(run, row->number, MARK_KEEP, error);
}

/* The members of a container have rows "path!member". */
static revue_status keep_members(struct update_run *run, uint16_t root, struct view path, revue_error *error) {
    struct bytes prefix = {0};
    bytes_append(&prefix, path.data, path.size);
    bytes_append_u8(&prefix, '!');
    revue_status status =
        prefix.failed ? error_no_memory(error) : each_row(run, root, bytes_view(&prefix), keep_row, error);
    bytes_free(&prefix);
    return status;
}

static bool is_unchanged(const struct update_run *run, const struct archive_file *file, const struct source_row *row) {
    bool is_racy = row->read_at - file->modified_ns / 1000000000 < RACY_SECONDS;
    return !run->options->full && !is_racy && !(row->state & SOURCE_PARTLY_FAILED) && row->size == file->size &&
           row->modified_ns == file->modified_ns && row->inode == file->inode &&
           row->schema_version == run->writer.schema.version;
}

/* ---- walking ---- */

static revue_status walk_root(struct update_run *run, struct update_root *root, revue_error *error) {
    revue_status status = archive_walk(root->path, &run->archive, &root->files, error);
    if (status == REVUE_NO_MEMORY) return status;
    if (status != REVUE_OK) {
        report_problem(run, view_of_string(root->path), 0, error ? error->message : "cannot be read",
                       "nothing of it was changed");
        run->root_missing |= status == REVUE_NO_INPUT;
        run->source_could_not_be_read |= status != REVUE_NO_INPUT;
        run->report->sources_failed += status != REVUE_NO_INPUT;
        return REVUE_OK;
    }
    root->is_open = true;
    root->is_unchanged = memory_alloc_zeroed(root->files.count + 1, 1);
    if (!root->is_unchanged) return error_no_memory(error);
    run->report->sources_skipped += root->files.skipped_count;
    for (size_t i = 0; i < root->files.failed_count; i++) {
        report_problem(run, root->files.failed[i].path, 0, root->files.failed[i].why, "its reviews stay as they were");
        run->report->sources_failed++;
        run->source_could_not_be_read = true;
    }
    for (size_t i = 0; i < root->files.count; i++) {
        const struct archive_file *file = &root->files.items[i];
        struct source_row row;
        status = find_row(run, root->number, file->path, &row, error);
        if (status != REVUE_OK && status != REVUE_NO_MATCH) return status;
        if (status == REVUE_OK && is_unchanged(run, file, &row)) {
            root->is_unchanged[i] = 1;
            run->report->sources_skipped += (row.state & SOURCE_BESIDE) != 0;
            TRY(keep_row(run, view_of(NULL, 0), &row, error));
            if (row.state & SOURCE_CONTAINER) TRY(keep_members(run, root->number, file->path, error));
        } else {
            if (status == REVUE_OK) TRY(source_set_mark(run, row.number, MARK_READ, error));
            run->bytes_total += file->size;
        }
    }
    return REVUE_OK;
}

static revue_status keep_all(struct update_run *run, struct view key, const struct source_row *row, revue_error *error) {
    (void)key;
    return source_set_mark(run, row->number, MARK_KEEP, error);
}

revue_status sources_walk(struct update_run *run, revue_error *error) {
    for (size_t i = 0; i < run->root_count; i++) {
        struct update_root *root = &run->roots[i];
        bool is_input = strcmp(root->path, "-") == 0;
        if (root->is_named && !is_input) TRY(walk_root(run, root, error));
        /* Roots not named, not there, or with folders that could not be looked into: nothing of them is gone. */
        if (!root->is_open || root->files.failed_count > 0)
            TRY(each_row(run, root->number, view_of(NULL, 0), keep_all, error));
    }
    return REVUE_OK;
}

/* ---- reading ---- */

static revue_status finish_source(struct update_run *run, revue_error *error) {
    if (!run->has_source) return REVUE_OK;
    run->has_source = false;
    /* A source of nothing but bad records is taken for unreadable: its reviews stay. */
    if (run->source_bad > 0 && run->source_good == 0) run->source_failed = true;
    run->source.row.state = run->source_failed ? SOURCE_PARTLY_FAILED : 0;
    run->source.row.reviews = run->source_good;
    run->source.row.run = run->writer.run;
    if (run->source_failed) TRY(source_set_mark(run, run->source.row.number, MARK_KEEP, error));
    return run->has_writer ? add_row(run, run->source.root, run->source.path, &run->source.row, error) : REVUE_OK;
}

/* Fills in a row for a file or member: its old number, or a new one. */
static revue_status describe_source(struct update_run *run, struct view path, uint64_t size, int64_t modified_ns,
                                    uint64_t inode, struct source_row *row, revue_error *error) {
    struct source_row old;
    revue_status status = find_row(run, run->root->number, path, &old, error);
    if (status != REVUE_OK && status != REVUE_NO_MATCH) return status;
    bool is_known = status == REVUE_OK;
    *row = (struct source_row){.number = is_known ? old.number : run->writer.manifest.next_source++,
                               .size = size,
                               .modified_ns = modified_ns,
                               .inode = inode,
                               .schema_version = run->writer.schema.version,
                               .read_at = clock_seconds()};
    if (!is_known) return REVUE_NO_MATCH;
    return REVUE_OK;
}

static revue_status begin_source(struct update_run *run, const struct archive_file *file, const struct archive_event *event,
                                 revue_error *error) {
    TRY(finish_source(run, error));
    const struct archive_source *source = &event->source;
    bool is_member = file && !view_equal(source->name, file->path);
    char *path = arena_copy(&run->arena, source->name.data, source->name.size);
    if (!path) return error_no_memory(error);
    run->source = (struct pending_row){.root = run->root->number, .path = view_of(path, source->name.size)};
    revue_status status = describe_source(run, run->source.path, is_member || !file ? source->size : file->size,
                                          is_member || !file ? source->modified_ns : file->modified_ns,
                                          file ? file->inode : 0, &run->source.row, error);
    if (status != REVUE_OK && status != REVUE_NO_MATCH) return status;
    run->report->sources_seen++;
    run->report->sources_new += status == REVUE_NO_MATCH;
    run->report->sources_changed += status == REVUE_OK;
    run->has_source = true;
    run->source_failed = false;
    run->source_good = run->source_bad = 0;
    repeat_counts_clear(&run->repeats);
    /* Reviews read from standard input are added to what it gave before, unless they replace it. */
    bool adds = !file && !run->options->replace;
    return source_set_mark(run, run->source.row.number, adds ? MARK_KEEP : MARK_READ, error);
}

static revue_status take_problem(struct update_run *run, const struct archive_event *event, revue_error *error) {
    (void)error;
    report_problem(run, event->source.name, event->line, event->what, event->done);
    if (event->fatal) {
        run->source_failed = true;
        run->source_could_not_be_read = true;
        run->report->sources_failed++;
    } else {
        run->report->reviews_bad++;
        run->source_bad++;
    }
    return REVUE_OK;
}

static bool should_stop(struct update_run *run) {
    if (!run->stop_signal && run->options->should_stop) run->stop_signal = run->options->should_stop(run->options->context);
    return run->stop_signal != 0;
}

/* Reads one opened file to its end. *is_beside: it is no reviews; *is_container: members were met. */
static revue_status read_events(struct update_run *run, archive_reader *reader, const struct archive_file *file,
                                bool *is_beside, bool *is_container, revue_error *error) {
    struct archive_event event;
    uint64_t before = run->bytes_done, taken = 0;
    for (;;) {
        TRY(archive_next(reader, &event, error));
        bool is_member = file && event.kind != ARCHIVE_END && !view_equal(event.source.name, file->path);
        *is_container |= is_member;
        switch (event.kind) {
        case ARCHIVE_SOURCE: TRY(begin_source(run, file, &event, error)); break;
        case ARCHIVE_REVIEW: TRY(update_take_review(run, &event, error)); break;
        case ARCHIVE_SKIP:
            run->report->sources_skipped++;
            *is_beside |= !is_member;
            break;
        case ARCHIVE_PROBLEM: TRY(take_problem(run, &event, error)); break;
        case ARCHIVE_END: return finish_source(run, error);
        }
        if (++taken % 64 != 0) continue;
        run->bytes_done = before + archive_bytes_read(reader);
        report_progress(run, "reading", false);
        if (should_stop(run)) {
            run->source_failed = true; /* half read: what came is kept, the next run reads it again */
            return finish_source(run, error);
        }
    }
}

static revue_status read_file(struct update_run *run, struct update_root *root, const struct archive_file *file,
                              revue_error *error) {
    archive_reader *reader = NULL;
    bool is_beside = false, is_container = false;
    uint64_t failed_before = run->report->sources_failed;
    run->root = root;
    revue_status status = archive_open(&reader, root->path, file, &run->archive, error);
    if (status == REVUE_NO_MEMORY) return status;
    if (status != REVUE_OK) {
        struct source_row row;
        report_problem(run, file->path, 0, error ? error->message : "cannot be opened", "its reviews stay as they were");
        run->report->sources_failed++;
        run->source_could_not_be_read = true;
        status = find_row(run, root->number, file->path, &row, error);
        if (status == REVUE_OK) status = source_set_mark(run, row.number, MARK_KEEP, error);
        if (status == REVUE_OK) status = keep_members(run, root->number, file->path, error);
        return status == REVUE_NO_MATCH ? REVUE_OK : status;
    }
    uint64_t before = run->bytes_done;
    status = read_events(run, reader, file, &is_beside, &is_container, error);
    run->report->bytes_read += archive_bytes_read(reader);
    run->bytes_done = before + file->size;
    archive_close(reader);
    TRY(status);
    bool has_failed = run->report->sources_failed > failed_before || run->stop_signal;
    if (has_failed) TRY(keep_members(run, root->number, file->path, error));
    if (!run->has_writer || !(is_beside || is_container)) return REVUE_OK;
    struct source_row row;
    status = describe_source(run, file->path, file->size, file->modified_ns, file->inode, &row, error);
    if (status != REVUE_OK && status != REVUE_NO_MATCH) return status;
    row.state = (uint8_t)((is_container ? SOURCE_CONTAINER : SOURCE_BESIDE) | (has_failed ? SOURCE_PARTLY_FAILED : 0));
    row.run = run->writer.run;
    TRY(source_set_mark(run, row.number, MARK_READ, error));
    return add_row(run, root->number, file->path, &row, error);
}

static revue_status read_input(struct update_run *run, struct update_root *root, revue_error *error) {
    archive_reader *reader;
    bool is_beside = false, is_container = false;
    run->root = root;
    TRY(archive_open_fd(&reader, STDIN_FILENO, run->options->source_name, &run->archive, error));
    revue_status status = read_events(run, reader, NULL, &is_beside, &is_container, error);
    run->report->bytes_read += archive_bytes_read(reader);
    archive_close(reader);
    return status;
}

static revue_status keep_if_unknown(struct update_run *run, struct view key, const struct source_row *row,
                                    revue_error *error) {
    (void)key;
    return source_mark(run, row->number) == MARK_UNKNOWN ? source_set_mark(run, row->number, MARK_KEEP, error) : REVUE_OK;
}

revue_status sources_read(struct update_run *run, revue_error *error) {
    for (size_t i = 0; i < run->root_count && !should_stop(run); i++) {
        struct update_root *root = &run->roots[i];
        if (root->is_named && strcmp(root->path, "-") == 0) TRY(read_input(run, root, error));
        for (size_t file = 0; root->is_open && file < root->files.count && !should_stop(run); file++)
            if (!root->is_unchanged[file]) TRY(read_file(run, root, &root->files.items[file], error));
    }
    if (run->stop_signal) /* what was not reached stays */
        for (size_t i = 0; i < run->root_count; i++)
            TRY(each_row(run, run->roots[i].number, view_of(NULL, 0), keep_if_unknown, error));
    return REVUE_OK;
}

/* ---- what is gone ---- */

static revue_status mark_gone(struct update_run *run, struct view key, const struct source_row *row, revue_error *error) {
    if (source_mark(run, row->number) != MARK_UNKNOWN || run->options->keep_gone) return REVUE_OK;
    TRY(source_set_mark(run, row->number, MARK_GONE, error));
    if (!(row->state & (SOURCE_BESIDE | SOURCE_CONTAINER))) run->report->sources_gone++;
    if (!MEMORY_RESERVE(run->gone_rows, run->gone_capacity, run->gone_count + 1)) return error_no_memory(error);
    char *copy = arena_copy(&run->arena, key.data, key.size);
    if (!copy) return error_no_memory(error);
    run->gone_rows[run->gone_count++] = view_of(copy, key.size);
    run->writer.sources_changed = true;
    return REVUE_OK;
}

static revue_status sweep_segment(struct update_run *run, uint32_t index, revue_error *error) {
    struct live_segment *live = &run->writer.live[index];
    for (uint32_t doc = 0; doc < live->row.doc_count; doc++) {
        bool has;
        int64_t source;
        if (deletes_has(&live->deletes, doc) || (live->seen[doc / 64] >> (doc % 64) & 1)) continue;
        TRY(column_reader_integer(&live->source, doc, &has, &source, error));
        enum source_mark mark = source_mark(run, (uint32_t)source);
        if (!has || (mark != MARK_READ && mark != MARK_GONE)) continue;
        TRY(writer_delete(&run->writer, (struct review_location){index, doc}, error));
        run->report->reviews_deleted++;
    }
    return REVUE_OK;
}

revue_status sources_sweep(struct update_run *run, revue_error *error) {
    for (size_t i = 0; i < run->root_count; i++)
        if (run->roots[i].is_open) TRY(each_row(run, run->roots[i].number, view_of(NULL, 0), mark_gone, error));
    if (run->row_count == 0 && run->gone_count == 0) return REVUE_OK;
    for (uint32_t i = 0; i < run->writer.live_count; i++)
        TRY(sweep_segment(run, i, error));
    return REVUE_OK;
}
