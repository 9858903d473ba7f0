/* review.h - the review: one record, the same whatever archive it came from. Everything but body may be absent.
 *
 * Views point into memory of whoever made the review (an archive reader: until its next call; a stored review: until its
 * arena is reset). Text is the field's value as valid UTF-8 after container, charset and JSON or CSV decoding, and
 * nothing else was done to it: tags, entities and curly quotes are still there. */
#ifndef REVUE_REVIEW_H
#define REVUE_REVIEW_H

#include "indexer/base/bytes.h"

#include <stdint.h>

/* The searched fields, each with its own posting lists, positions and lengths. The order is that of the format. */
enum review_field { FIELD_BODY, FIELD_TITLE, FIELD_PRODUCT, FIELD_AUTHOR, FIELD_COUNT };

/* How exactly a date was given. */
enum date_precision { DATE_ABSENT, DATE_YEAR, DATE_MONTH, DATE_DAY, DATE_MINUTE, DATE_SECOND };

struct review_date {
    int64_t seconds; /* since 1970-01-01T00:00:00Z; the first second of a year, month or day */
    enum date_precision precision;
};

/* A value of a column declared with --column NAME[:number|keyword|date], as the archive wrote it. */
struct review_extra {
    uint32_t column; /* index into archive_options.columns */
    struct view value;
};

struct review {
    struct view id;                /* the record's own id; size 0 when it has none */
    struct view text[FIELD_COUNT]; /* size 0: absent (an empty body is a review of no words) */
    struct view lang;              /* BCP 47 as given, or size 0 */
    struct view url;
    const struct view *tags;
    uint32_t tag_count;
    const struct review_extra *extras;
    uint32_t extra_count;
    bool has_rating, has_votes;
    double rating;     /* as given, on the source's own scale; finite */
    double rating_max; /* when the record itself names its scale (schema.org bestRating), else 0 */
    double votes;      /* "helpful" count; finite */
    struct review_date date;
    uint64_t line; /* 1-based line of its source where it starts, 0 when lines mean nothing there */
};

#endif
