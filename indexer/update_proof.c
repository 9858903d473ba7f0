/* update_proof.c - what still holds of a file that looks changed. Times and inodes only tell that a file may have changed;
 * its bytes tell whether it has: by the hash of all of them it is the same, by the hash of its first ones it has grown. So
 * a copied archive, a touched file and a restored backup cost a reading of bytes, and a log that grows costs its new
 * records (FORMAT.md, 11). */
#include "indexer/update.h"

#include "indexer/base/clock.h"

/* A row with the times of now: worth writing when the next run is told more by it. */
static revue_status refresh_row(struct update_run *run, const struct update_root *root, const struct archive_file *file,
                                const struct source_row *row, const struct archive_version *version, revue_error *error) {
    struct source_row fresh = *row;
    fresh.modified_ns = version->modified_ns;
    fresh.inode = version->inode;
    fresh.read_at = clock_seconds();
    bool says_more =
        fresh.modified_ns != row->modified_ns || fresh.inode != row->inode || !source_is_racy(&fresh, fresh.modified_ns);
    return says_more ? source_add_row(run, root->number, file->path, &fresh, error) : REVUE_OK;
}

revue_status source_prove_same(struct update_run *run, const struct update_root *root, const struct archive_file *file,
                               bool *is_same, revue_error *error) {
    struct archive_version version;
    struct source_row row;
    revue_error why = {0};
    bool has_hash = false, is_due = true;
    *is_same = false;
    revue_status status = source_find_row(run, root->number, file->path, &row, error);
    if (status != REVUE_OK) return status == REVUE_NO_MATCH ? REVUE_OK : status;
    if (run->reads_whole || row.hash == 0 || row.size != file->size || !source_row_is_sound(run, &row)) return REVUE_OK;
    status = archive_has_hash(root->path, file, row.hash, &has_hash, &version, &why);
    if (status == REVUE_NO_MEMORY) return error_no_memory(error);
    if (status != REVUE_OK || !has_hash || version.size != row.size) return REVUE_OK; /* reading it will tell why */
    TRY(source_keep_file(run, root, file, &row, &is_due, error));
    *is_same = !is_due;
    return *is_same ? refresh_row(run, root, file, &row, &version, error) : REVUE_OK;
}

revue_status source_resume(struct update_run *run, archive_reader *reader, const struct source_row *old, bool *resumed,
                           revue_error *error) {
    *resumed = false;
    bool may_resume = old->prefix_bytes > 0 && !run->reads_whole && !run->source_is_blocked &&
                      !(old->state & (SOURCE_CONTAINER | SOURCE_BESIDE)) && source_row_is_sound(run, old);
    if (!may_resume) return REVUE_OK;
    revue_status status = archive_resume(reader, old->prefix_bytes, old->prefix_hash, resumed, error);
    return status == REVUE_IO ? REVUE_OK : status; /* what cannot be read is met again by the reader */
}

revue_status source_take_version(struct update_run *run, archive_reader *reader, const struct archive_file *file,
                                 bool *was_changed, revue_error *error) {
    revue_error why = {0};
    revue_status status = archive_version_of(reader, &run->version, &why);
    *was_changed = false;
    if (status == REVUE_NO_MEMORY) return error_no_memory(error);
    if (status != REVUE_OK) {
        run->version = (struct archive_version){0};
        return REVUE_OK;
    }
    *was_changed = run->version.was_changed;
    if (!*was_changed) return REVUE_OK;
    run->version = (struct archive_version){0};
    report_problem(run, file->path, 0, "it was changed while it was read",
                   "what it no longer held stays until a run has read it whole");
    run->report->sources_failed++;
    run->source_could_not_be_read = true;
    return REVUE_OK;
}
