/* version.c - what a file was when it was read, and what of that still holds: a file with other times may be the same, a
 * longer one may begin with what was read of it. Both are proven by hashes, which costs a tenth of reading records or less.
 */
#include "indexer/archive/reader.h"
#include "indexer/base/memory.h"

#include <errno.h>
#include <unistd.h>

/* ---- what it was ---- */

static revue_status hash_of_range(int descriptor, uint64_t to, uint64_t *hash, uint64_t *hashed, revue_error *error) {
    struct hash_stream *stream = hash_stream_create();
    if (!stream) return error_no_memory(error);
    revue_status status = file_hash_range(descriptor, 0, to, stream, hashed, NULL, error);
    if (status == REVUE_OK) *hash = hash_stream_value(stream);
    hash_stream_free(stream);
    return status;
}

/* The hash of the whole file: what was not read to its end is read now, what was read out of order once more. */
static revue_status finish_hash(archive_reader *reader, struct archive_version *version, revue_error *error) {
    struct file_stream *file = &reader->file;
    uint64_t rest;
    if (file->was_sought) return hash_of_range(file->descriptor, UINT64_MAX, &version->hash, &version->size, error);
    TRY(file_hash_range(file->descriptor, file->hashed_bytes, UINT64_MAX, file->hash, &rest, NULL, error));
    version->size = file->hashed_bytes + rest;
    version->hash = hash_stream_value(file->hash);
    return REVUE_OK;
}

/* A file that only grew is as whole as before: what came is for the next run. */
static revue_status look_for_changes(const archive_reader *reader, struct archive_version *version, revue_error *error) {
    struct stat about;
    if (fstat(reader->file.descriptor, &about) != 0) return error_from_errno(error, errno, "cannot look at it");
    struct file_facts now = file_facts_of(&about);
    bool was_touched = now.modified_ns != reader->opened.modified_ns;
    version->was_changed =
        now.size < version->size || version->size < reader->opened.size || (was_touched && now.size <= reader->opened.size);
    return REVUE_OK;
}

revue_status archive_version_of(archive_reader *reader, struct archive_version *version, revue_error *error) {
    struct archive_version made = {
        .inode = reader->opened.inode, .modified_ns = reader->opened.modified_ns, .whole_bytes = reader->whole_bytes};
    uint64_t hashed = 0;
    TRY(finish_hash(reader, &made, error));
    TRY(look_for_changes(reader, &made, error));
    made.whole_hash = made.hash;
    if (made.whole_bytes != made.size)
        TRY(hash_of_range(reader->file.descriptor, made.whole_bytes, &made.whole_hash, &hashed, error));
    if (made.whole_bytes != made.size && hashed != made.whole_bytes) made.was_changed = true;
    *version = made;
    return REVUE_OK;
}

/* ---- is it the same? ---- */

revue_status archive_has_hash(const char *root, const struct archive_file *file, uint64_t hash, bool *has_hash,
                              struct archive_version *version, revue_error *error) {
    struct bytes full = {0};
    struct file_facts facts;
    bool is_root;
    int descriptor = -1;
    struct archive_version made = {0};
    revue_status status = archive_path_of(root, file->disk_path, &full, &is_root, error);
    if (status == REVUE_OK) status = file_open_regular((const char *)full.data, &descriptor, &facts, error);
    bytes_free(&full);
    TRY(status);
    status = hash_of_range(descriptor, UINT64_MAX, &made.hash, &made.size, error);
    (void)close(descriptor);
    TRY(status);
    made.inode = facts.inode;
    made.modified_ns = facts.modified_ns;
    *has_hash = made.hash == hash;
    *version = made;
    return REVUE_OK;
}

/* ---- going on where it ended ---- */

/* The prefix ends in a line end, or what follows it does: a record that went on behind it would not be the one that was
 * read. */
static bool is_between_records(int descriptor, uint64_t bytes) {
    char around[2] = {0};
    ssize_t got = pread(descriptor, around, 2, (off_t)(bytes - 1));
    return got >= 1 && (around[0] == '\n' || (got == 2 && (around[1] == '\n' || around[1] == '\r')));
}

static bool may_resume(const archive_reader *reader, uint64_t bytes) {
    return reader->depth == 0 && reader->format && reader->format->resume && bytes > 0 &&
           bytes >= reader->file.bytes_read && is_between_records(reader->file.descriptor, bytes);
}

/* The stream of the file goes on behind the prefix, whose hash state it takes over. */
static revue_status move_to(archive_reader *reader, uint64_t bytes, uint64_t lines, struct hash_stream **hash,
                            revue_error *error) {
    struct file_stream *file = &reader->file;
    if (lseek(file->descriptor, (off_t)bytes, SEEK_SET) < 0) return error_from_errno(error, errno, "cannot read");
    struct hash_stream *read_before = file->hash;
    file->hash = *hash;
    *hash = read_before;
    file->hashed_bytes = bytes;
    file->bytes_read = 0;
    reader->peek.head_at = reader->peek.head_size;
    input_move(reader->input, bytes, lines + 1);
    reader->format->whole_bytes = bytes;
    reader->format->resume(reader->format);
    return REVUE_OK;
}

revue_status archive_resume(archive_reader *reader, uint64_t bytes, uint64_t hash, bool *resumed, revue_error *error) {
    uint64_t hashed, lines = 0;
    *resumed = false;
    if (!may_resume(reader, bytes)) return REVUE_OK;
    struct hash_stream *stream = hash_stream_create();
    if (!stream) return error_no_memory(error);
    revue_status status = file_hash_range(reader->file.descriptor, 0, bytes, stream, &hashed, &lines, error);
    if (status == REVUE_OK && hashed == bytes && hash_stream_value(stream) == hash) {
        status = move_to(reader, bytes, lines, &stream, error);
        *resumed = status == REVUE_OK;
    }
    hash_stream_free(stream);
    return status;
}
