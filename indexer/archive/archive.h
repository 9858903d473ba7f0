/* archive.h - the reader contract: from paths on disk to reviews.
 *
 * Two steps. archive_walk lists the files under a root, in a fixed order, without opening them. archive_open opens one of
 * them and archive_next pulls what it holds: a stream of events, container members in the order they are stored.
 *
 *     struct archive_files files;
 *     TRY(archive_walk(root, options, &files, error));
 *     for (size_t i = 0; i < files.count; i++) {
 *         TRY(archive_open(&reader, root, &files.items[i], options, error));
 *         while ((status = archive_next(reader, &event, error)) == REVUE_OK && event.kind != ARCHIVE_END)
 *             switch (event.kind) { ... }
 *         archive_close(reader);
 *     }
 *
 * A bad record is an ARCHIVE_PROBLEM event and reading goes on after it; a source that cannot be read further is an
 * ARCHIVE_PROBLEM with fatal set, and the next source (or the end) follows. archive_next itself fails only for lack of
 * memory. What is a source, a review, or something lying beside is decided by the rule in indexer/archive/README.md.
 * Memory is bounded by the largest record (and archive_limits), never by a file's size.
 * A reader belongs to one thread; several readers may run in several threads. */
#ifndef REVUE_ARCHIVE_H
#define REVUE_ARCHIVE_H

#include "indexer/base/arena.h"
#include "indexer/base/error.h"
#include "indexer/review/review.h"
#include "indexer/review/schema.h"

enum archive_format { ARCHIVE_AUTO, ARCHIVE_TEXT, ARCHIVE_HTML, ARCHIVE_JSONL, ARCHIVE_CSV, ARCHIVE_TSV, ARCHIVE_LINES };

struct archive_map { /* --map FIELD=NAME: the archive's key NAME fills FIELD */
    enum schema_slot slot;
    struct view key; /* or, for headerless rows, a 1-based column number as text */
};
struct archive_column { /* --column NAME[:kind] */
    struct view name;
    enum column_kind kind;
};
#define ARCHIVE_RECORD_BYTES ((uint64_t)64 << 20)
struct archive_limits {
    uint64_t record_bytes; /* one record or whole-file review; more is a problem. Default 64 MiB */
    uint64_t expansion;    /* decompressed to compressed bytes, beyond the first 16 MiB. Default 1,000 */
    uint64_t member_count; /* members of one container. Default 10,000,000 */
    uint64_t
        window_bytes; /* of a zstd or xz window: a larger one lies in an unnamed file (packed_stream.h). Default 128 MiB */
    size_t
        list_bytes; /* of a list of files while it is made: a longer one lies in an unnamed file. Default: all in memory */
    unsigned depth; /* containers in containers. Default 2: reviews.tar holding x.jsonl.gz */
};
struct archive_options {
    enum archive_format format; /* ARCHIVE_AUTO: decided per source */
    const struct archive_map *map;
    size_t map_count;
    const struct archive_column *columns;
    size_t column_count;
    const struct view *include, *exclude; /* fnmatch globs over the relative path, and over its last part */
    size_t include_count, exclude_count;
    struct archive_limits limits; /* zeros mean the defaults */
};

struct archive_file { /* one regular file under a root */
    /* Relative to the root, '/' between parts; the file's name when the root is a file. As sources are named: valid UTF-8
     * without controls, other bytes as %XX. No two files of a walk have the same. */
    struct view path;
    struct view disk_path; /* the same, as the file system has it */
    uint64_t size;
    int64_t modified_ns; /* mtime, nanoseconds since 1970 */
    uint64_t inode, device;
};
struct archive_files {
    struct archive_file *items; /* sorted by path, bytewise */
    size_t count;
    struct archive_skip { /* what the walk itself left out, for the report */
        struct view path;
        const char *why; /* constant: "hidden", "not a regular file", "excluded", "link out of the root" ... */
        bool is_strange; /* it might have been meant to be reviews */
    } * skipped;
    size_t skipped_count, skipped_capacity;
    struct archive_skip *failed; /* folders or files that could not be looked at: why is the system's reason */
    size_t failed_count, failed_capacity;
    struct arena *arena; /* owns the paths of what is left out, and reasons */
    size_t capacity;     /* of items, when they are an array of their own ... */
    struct arena paths;  /* ... with paths in here; */
    size_t block_bytes;  /* else one block holds both */
    bool is_in_file;     /* where pages are to be given back: archive_file_at */
    uint32_t looks;
};

/* Lists root (a file or a folder). REVUE_NO_INPUT when there is none, REVUE_NO_RIGHTS when it may not be read. Links are
 * followed only inside the root; hidden files and folders (".name") are left out. On success archive_files_free. */
revue_status archive_walk(const char *root, const struct archive_options *options, struct archive_files *files,
                          revue_error *error);
void archive_files_free(struct archive_files *files);
/* items[index], for whoever goes through a list of any length: gives pages back of one that lies in a file. */
const struct archive_file *archive_file_at(struct archive_files *files, size_t index);
size_t archive_files_memory(const struct archive_files *files); /* bytes held, less what lies in a file */

enum archive_event_kind {
    ARCHIVE_SOURCE, /* a source begins: its reviews follow until the next SOURCE or the end */
    ARCHIVE_REVIEW,
    ARCHIVE_SKIP,    /* a member or file that is not reviews: source.name and what */
    ARCHIVE_PROBLEM, /* a bad record, or (fatal) the rest of the source cannot be read */
    ARCHIVE_END
};
struct archive_source {
    struct view name;           /* relative path, or path!member, or path!member!member; valid UTF-8, no controls */
    enum archive_format format; /* as decided */
    bool one_review;            /* one review a file: its id is the source's name */
    uint64_t size;              /* bytes of the file or member as stored, when known */
    int64_t modified_ns;        /* of the file, or of the member when the container has it */
};
struct archive_event {
    enum archive_event_kind kind;
    struct archive_source source; /* of the current source: set in SOURCE, kept in all events until the next */
    struct review review;         /* REVIEW; valid until the next call */
    uint64_t line;                /* PROBLEM: 1-based, 0 when unknown */
    bool fatal;                   /* PROBLEM */
    bool is_cut;                  /* PROBLEM: the source ends in the middle of the record, which is not bad for that */
    bool is_expected;             /* SKIP: nobody would have taken it for reviews (a README, an empty file, a picture) */
    const char *what;             /* PROBLEM, SKIP: what was wrong ("invalid JSON: ..."), valid until the next call */
    const char *done;             /* PROBLEM: what was done about it: "record skipped", "rest of the source skipped" */
};

typedef struct archive_reader archive_reader;

/* Opens a file found by archive_walk. A file that cannot be opened is REVUE_IO or REVUE_NO_RIGHTS with the reason. The
 * views in options and file must outlive the reader. */
revue_status archive_open(archive_reader **reader, const char *root, const struct archive_file *file,
                          const struct archive_options *options, revue_error *error);
/* Reads from an open descriptor (standard input) under the name given; the descriptor stays the caller's. */
revue_status archive_open_fd(archive_reader **reader, int descriptor, const char *source_name,
                             const struct archive_options *options, revue_error *error);
revue_status archive_next(archive_reader *reader, struct archive_event *event, revue_error *error);

/* What a file was when it was read: what it is compared with afterwards. */
struct archive_version {
    uint64_t size, inode; /* size: the bytes that were read */
    int64_t modified_ns;  /* when it was opened */
    uint64_t hash;        /* of all its bytes */
    uint64_t whole_bytes; /* up to the end of its last whole record; 0: it cannot be read on from there */
    uint64_t whole_hash;  /* of these */
    bool was_changed;     /* while it was read, and not only by growing */
};
/* Of a reader made by archive_open that gave ARCHIVE_END: reads what is left of the file, for its hash. */
revue_status archive_version_of(archive_reader *reader, struct archive_version *version, revue_error *error);
/* Does the file have this hash? *version: without whole bytes. */
revue_status archive_has_hash(const char *root, const struct archive_file *file, uint64_t hash, bool *has_hash,
                              struct archive_version *version, revue_error *error);
/* Right after the first ARCHIVE_SOURCE of a file: when its first bytes still have this hash, and hold all that was looked
 * at to decide how it is read, and a record ends with them, goes on behind them. Else *resumed is false, and it is read
 * from its start. */
revue_status archive_resume(archive_reader *reader, uint64_t bytes, uint64_t hash, bool *resumed, revue_error *error);

/* Bytes of the file on disk read so far for what they hold, for progress. */
uint64_t archive_bytes_read(const archive_reader *reader);
/* Bytes of memory that unpacking it and its longest record take at the moment, as far as they are known. A matter of its
 * bytes and the limits. */
uint64_t archive_bytes_held(const archive_reader *reader);
void archive_close(archive_reader *reader); /* NULL is fine */

#endif
