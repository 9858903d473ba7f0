/* sniff.h - the format of a source, from its name and its first bytes: the middle part of the rule in README.md. */
#ifndef REVUE_ARCHIVE_SNIFF_H
#define REVUE_ARCHIVE_SNIFF_H

#include "indexer/archive/format.h"

#define SNIFF_EMPTY "empty"

/* Either *format is the source's (never ARCHIVE_AUTO), or *beside says why it holds no reviews (a constant). Looks at the
 * window of source->input and consumes nothing. REVUE_NO_MEMORY only. */
revue_status sniff_format(const struct format_source *source, enum archive_format *format, const char **beside,
                          revue_error *error);

#endif
