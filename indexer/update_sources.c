/* update_sources.c - reading the files that must be. */
#include "indexer/update.h"

#include "indexer/base/clock.h"
#include "indexer/base/memory.h"

#include <string.h>
#include <unistd.h>

/* ---- reading ---- */

/* What the index holds of a source stays when the source could not be read to its end. */
static revue_status keep_unmet(struct update_run *run, revue_error *error) {
    struct source_row *row = &run->source.row;
    uint32_t unmet = run->source_held > run->source_met ? run->source_held - run->source_met : 0;
    if (!run->source_adds) {
        row->reviews += unmet;
        run->report->reviews_unchanged += unmet;
        run->unmet += unmet;
    }
    TRY(source_set_mark(run, row->number, MARK_KEEP, error));
    return writer_recall_ratings(&run->writer, row->number, &run->source_ratings, true, error);
}

static revue_status finish_source(struct update_run *run, revue_error *error) {
    if (!run->has_source) return REVUE_OK;
    run->has_source = false;
    /* A source of nothing but bad records is taken for unreadable: its reviews stay. */
    if (run->source_bad + run->source_cut > 0 && run->source_good == 0 && !run->source_is_resumed)
        run->source_failed = true;
    struct source_row *row = &run->source.row;
    row->state = run->source_is_blocked ? SOURCE_BLOCKED : run->source_failed ? SOURCE_PARTLY_FAILED : 0;
    row->reviews += run->source_live;
    row->run = run->writer.run;
    if (!run->source_adds && run->source_held > run->source_met) source_note_missing(run, row->number);
    if (run->source_failed && !run->source_is_blocked) TRY(keep_unmet(run, error));
    row->ratings = writer_ratings(&run->writer, row->number);
    return run->has_writer ? source_add_row(run, run->source.root, bytes_view(&run->source.path), row, error) : REVUE_OK;
}

/* Fills in a row for a file or member: its old number, or a new one (REVUE_NO_MATCH). What it held before is in *old. */
static revue_status describe_source(struct update_run *run, struct view path, uint64_t size, int64_t modified_ns,
                                    uint64_t inode, struct source_row *row, struct source_row *old, revue_error *error) {
    revue_status status = source_find_row(run, run->root->number, path, old, error);
    if (status != REVUE_OK && status != REVUE_NO_MATCH) return status;
    if (status == REVUE_NO_MATCH) {
        if (run->writer.manifest.next_source == UINT32_MAX)
            return error_set(error, REVUE_CORRUPT,
                             "every number of a source was given: rebuild the index from its archive");
        *old = (struct source_row){.number = run->writer.manifest.next_source++};
        TRY(source_name_new(run, run->root->number, path, &old->name, error));
    }
    *row = (struct source_row){.number = old->number,
                               .size = size,
                               .modified_ns = modified_ns,
                               .inode = inode,
                               .schema_version = run->writer.schema.version,
                               .name = old->name,
                               .read_at = clock_seconds()};
    return status;
}

static void set_version(struct source_row *row, const struct archive_version *version) {
    if (version->hash == 0) return;
    row->size = version->size;
    row->modified_ns = version->modified_ns;
    row->inode = version->inode;
    row->hash = version->hash;
    row->prefix_bytes = version->whole_bytes;
    row->prefix_hash = version->whole_bytes ? version->whole_hash : 0;
}

/* Counts of the source that begins. Reviews read from standard input are added to what it gave before, unless they replace
 * it. */
static revue_status start_counts(struct update_run *run, const struct source_row *old, bool is_new, bool is_input,
                                 revue_error *error) {
    bool is_resumed = run->source_is_resumed;
    struct source_row *row = &run->source.row;
    run->has_source = true;
    run->source_failed = false;
    run->source_good = run->source_bad = run->source_cut = run->source_live = run->source_met = 0;
    run->source_held = old->reviews;
    run->source_adds = is_resumed || (is_input && !run->options->replace && !run->source_is_blocked);
    run->source_ratings = old->ratings;
    if (run->source_adds) row->reviews = old->reviews;
    repeat_counts_clear(&run->repeats);
    run->report->sources_seen += !run->source_is_blocked;
    run->report->sources_skipped += run->source_is_blocked;
    run->report->sources_new += is_new && !run->source_is_blocked;
    run->report->sources_changed += !is_new && !run->source_is_blocked;
    TRY(source_set_mark(run, row->number, run->source_adds ? MARK_KEEP : MARK_READ, error));
    struct source_state *state = source_state(run, row->number);
    state->is_counted = is_resumed;
    state->lost = 0;
    if (is_resumed) run->report->reviews_unchanged += old->reviews;
    /* The row of a source that was read in part does not count all that the index holds of it. */
    if (!run->source_adds && old->state & SOURCE_PARTLY_FAILED) source_note_missing(run, row->number);
    return writer_recall_ratings(&run->writer, row->number, &old->ratings, run->source_adds, error);
}

static revue_status begin_source(struct update_run *run, archive_reader *reader, const struct archive_file *file,
                                 const struct archive_event *event, revue_error *error) {
    TRY(finish_source(run, error));
    const struct archive_source *source = &event->source;
    bool is_member = file && !view_equal(source->name, file->path);
    run->source.root = run->root->number;
    bytes_clear(&run->source.path);
    bytes_append(&run->source.path, source->name.data, source->name.size);
    if (run->source.path.failed) return error_no_memory(error);
    TRY(block_patterns_match(&run->patterns, source->name, &run->source_is_blocked, error));
    struct source_row old;
    revue_status status =
        describe_source(run, bytes_view(&run->source.path), is_member || !file ? source->size : file->size,
                        is_member || !file ? source->modified_ns : file->modified_ns, file ? file->inode : 0,
                        &run->source.row, &old, error);
    if (status != REVUE_OK && status != REVUE_NO_MATCH) return status;
    run->source_is_resumed = false;
    if (file && !is_member && status == REVUE_OK) TRY(source_resume(run, reader, &old, &run->source_is_resumed, error));
    return start_counts(run, &old, status == REVUE_NO_MATCH, !file, error);
}

static revue_status take_problem(struct update_run *run, const struct archive_event *event, revue_error *error) {
    (void)error;
    if (run->has_source && run->source_is_blocked && !event->fatal) return REVUE_OK;
    report_problem(run, event->source.name, event->line, event->what, event->done);
    if (event->fatal) {
        run->source_failed = true;
        run->source_could_not_be_read = true;
        run->report->sources_failed++;
    } else if (event->is_cut) {
        run->source_cut++;
    } else {
        run->report->reviews_bad++;
        run->source_bad++;
    }
    return REVUE_OK;
}

/* The file was read to its end: what it was like goes into its row, and into that of the source when that is the same. */
static revue_status take_version(struct update_run *run, archive_reader *reader, const struct archive_file *file,
                                 bool is_container, revue_error *error) {
    bool was_changed;
    if (!is_container && (!run->has_source || run->source_failed)) return REVUE_OK;
    TRY(source_take_version(run, reader, file, &was_changed, error));
    if (!run->has_source || is_container) return REVUE_OK;
    run->source_failed |= was_changed;
    set_version(&run->source.row, &run->version);
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
        run->held_by_reader = (size_t)archive_bytes_held(reader);
        bool is_member = file && event.kind != ARCHIVE_END && !view_equal(event.source.name, file->path);
        *is_container |= is_member;
        switch (event.kind) {
        case ARCHIVE_SOURCE: TRY(begin_source(run, reader, file, &event, error)); break;
        case ARCHIVE_REVIEW: TRY(update_take_review(run, &event, error)); break;
        case ARCHIVE_SKIP:
            report_skip(run, event.source.name, event.what, event.is_expected);
            *is_beside |= !is_member;
            run->left_out += is_member;
            break;
        case ARCHIVE_PROBLEM: TRY(take_problem(run, &event, error)); break;
        case ARCHIVE_END:
            if (file && run->has_writer) TRY(take_version(run, reader, file, *is_container, error));
            return finish_source(run, error);
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

/* What the index holds of a file that is no source any more, but a container or something beside: it is gone, unless the
 * file could not be read to its end. */
static revue_status settle_old_reviews(struct update_run *run, const struct source_row *old, bool has_failed,
                                       struct source_row *row, revue_error *error) {
    TRY(source_set_mark(run, row->number, has_failed ? MARK_KEEP : MARK_READ, error));
    if (has_failed) {
        row->reviews = old->reviews;
        run->report->reviews_unchanged += old->reviews;
        run->unmet += old->reviews;
    } else if (old->reviews > 0 || old->state & SOURCE_PARTLY_FAILED) {
        source_note_missing(run, row->number);
    }
    return REVUE_OK;
}

/* A file that failed before anything of it was a source, such as a packed one that is damaged at its beginning. */
static revue_status keep_if_not_begun(struct update_run *run, const struct update_root *root,
                                      const struct archive_file *file, revue_error *error) {
    struct source_row row;
    revue_status status = source_find_row(run, root->number, file->path, &row, error);
    if (status == REVUE_OK) status = source_keep_unmet(run, view_of(NULL, 0), &row, error);
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

static revue_status read_file(struct update_run *run, struct update_root *root, const struct archive_file *file,
                              revue_error *error) {
    archive_reader *reader = NULL;
    bool is_beside = false, is_container = false;
    uint64_t failed_before = run->report->sources_failed;
    bool is_same;
    run->root = root;
    run->left_out = 0;
    run->version = (struct archive_version){0};
    TRY(source_prove_same(run, root, file, &is_same, error));
    if (is_same) {
        root->is_unchanged[file - root->files.items] = 1;
        run->bytes_done += file->size;
        return REVUE_OK;
    }
    revue_status status = archive_open(&reader, root->path, file, &run->archive, error);
    if (status == REVUE_NO_MEMORY) return status;
    if (status != REVUE_OK) {
        struct source_row row;
        report_problem(run, file->path, 0, error ? error->message : "cannot be opened", "its reviews stay as they were");
        run->report->sources_failed++;
        run->source_could_not_be_read = true;
        status = source_find_row(run, root->number, file->path, &row, error);
        if (status == REVUE_OK) status = source_set_mark(run, row.number, MARK_KEEP, error);
        if (status == REVUE_OK) status = source_keep_members(run, root->number, file->path, error);
        return status == REVUE_NO_MATCH ? REVUE_OK : status;
    }
    uint64_t before = run->bytes_done;
    status = read_events(run, reader, file, &is_beside, &is_container, error);
    run->report->bytes_read += archive_bytes_read(reader);
    run->bytes_done = before + file->size;
    archive_close(reader);
    run->held_by_reader = 0;
    TRY(status);
    bool has_failed = run->report->sources_failed > failed_before || run->stop_signal;
    if (has_failed) TRY(source_keep_members(run, root->number, file->path, error));
    if (has_failed && !(is_beside || is_container)) TRY(keep_if_not_begun(run, root, file, error));
    if (!run->has_writer || !(is_beside || is_container)) return REVUE_OK;
    struct source_row row, old;
    status = describe_source(run, file->path, file->size, file->modified_ns, file->inode, &row, &old, error);
    if (status != REVUE_OK && status != REVUE_NO_MATCH) return status;
    row.state = (uint8_t)((is_container ? SOURCE_CONTAINER : SOURCE_BESIDE) | (has_failed ? SOURCE_PARTLY_FAILED : 0));
    row.run = run->writer.run;
    row.left_out = run->left_out;
    if (is_container && !has_failed) set_version(&row, &run->version);
    TRY(settle_old_reviews(run, &old, has_failed, &row, error));
    return source_add_row(run, root->number, file->path, &row, error);
}

static revue_status read_file_at(struct update_run *run, struct update_root *root, size_t index, revue_error *error) {
    run->place = (uint64_t)root->number << 40 | (index + 1);
    return read_file(run, root, archive_file_at(&root->files, index), error);
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

revue_status sources_read(struct update_run *run, revue_error *error) {
    for (size_t i = 0; i < run->root_count && !should_stop(run); i++) {
        struct update_root *root = &run->roots[i];
        run->place = (uint64_t)root->number << 40;
        if (root->is_named && root_is_input(root)) TRY(read_input(run, root, error));
        for (size_t file = 0; root->is_open && file < root->files.count && !should_stop(run); file++)
            if (!root->is_unchanged[file]) TRY(read_file_at(run, root, file, error));
    }
    if (run->stop_signal) /* what was not reached stays */
        for (size_t i = 0; i < run->root_count; i++)
            TRY(source_each_row(run, run->roots[i].number, view_of(NULL, 0), source_keep_if_unknown, error));
    return REVUE_OK;
}

/* ---- reading after all ---- */

static revue_status note_due_member(struct update_run *run, struct view key, const struct source_row *row,
                                    revue_error *error) {
    (void)key, (void)error;
    run->has_due_member |= source_mark(run, row->number) == MARK_DUE;
    return REVUE_OK;
}

/* Reads a file taken for unchanged when it is due, or a member of it. */
static revue_status read_if_due(struct update_run *run, struct update_root *root, size_t index, bool *has_read,
                                revue_error *error) {
    const struct archive_file *file = archive_file_at(&root->files, index);
    struct source_row row;
    revue_status status = source_find_row(run, root->number, file->path, &row, error);
    if (status != REVUE_OK) return status == REVUE_NO_MATCH ? REVUE_OK : status;
    run->has_due_member = source_mark(run, row.number) == MARK_DUE;
    bool has_members = row.state & SOURCE_CONTAINER;
    if (has_members) TRY(source_each_member(run, root->number, file->path, note_due_member, error));
    if (!run->has_due_member) return REVUE_OK;
    run->place = (uint64_t)root->number << 40 | (index + 1);
    TRY(source_forget(run, view_of(NULL, 0), &row, error));
    if (has_members) TRY(source_each_member(run, root->number, file->path, source_forget, error));
    root->is_unchanged[index] = 0;
    run->bytes_total += file->size;
    *has_read = true;
    run->reads_whole = true;
    status = read_file_at(run, root, index, error);
    run->reads_whole = false;
    return status;
}

revue_status sources_read_due(struct update_run *run, bool *has_read, revue_error *error) {
    *has_read = false;
    for (size_t i = 0; i < run->root_count; i++) {
        struct update_root *root = &run->roots[i];
        for (size_t file = 0; root->is_open && file < root->files.count && !should_stop(run); file++)
            if (root->is_unchanged[file]) TRY(read_if_due(run, root, file, has_read, error));
    }
    return REVUE_OK;
}
