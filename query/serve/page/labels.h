/* labels.h - values of reviews in words for visitors, as HTML. */
#ifndef REVUE_PAGE_LABELS_H
#define REVUE_PAGE_LABELS_H

#include "indexer/base/bytes.h"

void label_field(struct view name, struct bytes *out); /* "stars" is "Stars"; a declared column is its name */
/* A value of a column of keywords: "de" of the column lang is "German", others are themselves. */
void label_value(struct view field, struct view value, struct bytes *out);
/* <time>: "2019-05-25" and anything behind it is "25 May 2019", "2019-05" is "May 2019". What is no date stays as it is. */
void label_date(const char *date, struct bytes *out);
/* Of a scale from 0 to 5: drawn for those who see it, in words for those who hear it. */
void label_stars(double stars, struct bytes *out);

#endif
