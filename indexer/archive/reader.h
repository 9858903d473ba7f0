/* reader.h - an open file of an archive, between archive.c, which reads it, and version.c, which compares it with what it
 * was. */
#ifndef REVUE_ARCHIVE_READER_H
#define REVUE_ARCHIVE_READER_H

#include "indexer/archive/container.h"
#include "indexer/archive/file_hash.h"
#include "indexer/archive/format.h"
#include "indexer/archive/replaced_members.h"

#define ARCHIVE_DEPTH_MAX 8u /* whatever the limits say */

struct level {
    struct container *container;
    uint64_t members;        /* met */
    struct peek_stream peek; /* under the container */
    struct bytes name;       /* printable, as in source names */
    struct bytes path;       /* raw, for what names say */
};

struct archive_reader {
    struct archive_options options;
    struct file_stream file;
    struct file_facts opened; /* of the file, when it was */
    uint64_t whole_bytes;     /* of the file, as its format reader counted them */
    bool owns_descriptor;
    bool named_itself; /* the root is this file: its name does not put it beside */
    bool started;
    bool has_failed;              /* the event given last was a fatal problem: reader->what */
    struct archive_source source; /* of the events; its name points into source_name */
    struct bytes source_name, member_path;
    struct level *levels[ARCHIVE_DEPTH_MAX]; /* open containers, outermost first */
    unsigned depth;
    struct replaced_members replaced; /* of the outermost container */
    struct peek_stream peek;          /* under the source in hand */
    struct input *input;
    struct record *record;
    struct format_reader *format;
    struct format_opening opening;
    char what[700]; /* of problems and skips found here */
};

/* The path of a file under root, zero-terminated, appended to full: root itself when that is the file. */
revue_status archive_path_of(const char *root, struct view path, struct bytes *full, bool *is_root, revue_error *error);

#endif
