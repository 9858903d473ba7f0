/* names.h - what the name of a file or member says, before a byte of it is read: its format, that it is a container, that
 * it lies beside the reviews. The words and endings are those of README.md, which users read. */
#ifndef REVUE_ARCHIVE_NAMES_H
#define REVUE_ARCHIVE_NAMES_H

#include "indexer/archive/archive.h"

/* The part after the last '/'. */
struct view name_last_part(struct view path);

/* The ending of a compressed single file ("x.jsonl.gz" -> "x.jsonl", "x.tgz" -> "x.tar") taken off; else path itself. */
struct view name_without_compression(struct view path);

/* The last part without compression and without its extension: what a file of one product's reviews is called. */
struct view name_stem(struct view path);

/* Is the path, by its ending, a container of files (.tar, .zip, .tar.gz ...)? */
bool name_is_container(struct view path);

enum name_kind {
    NAME_UNKNOWN, /* no extension, or one that says nothing: the content decides */
    NAME_TEXT,
    NAME_HTML,
    NAME_JSON,
    NAME_CSV,
    NAME_TSV,
    NAME_BESIDE /* a picture, a program, a document of another kind */
};
enum name_kind name_kind_of(struct view path);

/* Why a file with this name lies beside the reviews of its folder ("a README", "judgments of a test collection" ...); NULL
 * when nothing says so. Not asked for a file that was named as the root itself. */
const char *name_beside(struct view path);

/* Has a part that begins with '.', or that systems put into archives for themselves ("__MACOSX")? "./x" has not. */
bool name_is_hidden(struct view path);

/* --include and --exclude: fnmatch over the whole path and over its last part. With inclusive false only --exclude is
 * asked, as for folders and containers, whose content is asked again. False when out of memory. */
bool name_is_selected(struct view path, const struct archive_options *options, bool inclusive, bool *selected);

/* Appends path as valid UTF-8 without control characters: what is not text is written as %XX. "./" in front is dropped. */
void name_append_printable(struct bytes *out, struct view path);

#endif
