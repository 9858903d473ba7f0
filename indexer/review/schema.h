/* schema.h - what the fields of a review are called, in archives and in queries. */
#ifndef REVUE_REVIEW_SCHEMA_H
#define REVUE_REVIEW_SCHEMA_H

#include "indexer/review/review.h"

/* Every slot of a review that a record's key can fill. */
enum schema_slot {
    SLOT_BODY,
    SLOT_TITLE,
    SLOT_PRODUCT,
    SLOT_AUTHOR, /* as enum review_field */
    SLOT_ID,
    SLOT_RATING,
    SLOT_DATE,
    SLOT_VOTES,
    SLOT_LANG,
    SLOT_URL,
    SLOT_TAGS,
    SLOT_COUNT,
    SLOT_NONE = SLOT_COUNT
};

/* "body", "title" ...: the names used by --map, field:word and the JSON shapes. */
const char *schema_slot_name(enum schema_slot slot);
enum schema_slot schema_slot_by_name(struct view name); /* SLOT_NONE when there is none */

/* What a well-known key of an archive ("reviewText", "overall", "asin" ...) fills, and how strongly: of several keys of
 * one record that fill the same slot the one with the lower rank wins ("reviewText" before "text" before "content").
 * Keys of SLOT_BODY with the same rank are parts of one body ("pros" and "cons"). A rank of SCHEMA_WEAK or more says that
 * the key means this only when nothing speaks against it: "description" is a review's text beside a rating or an author
 * only. Case, blanks, '-', '_' and '.' in the key do not matter, nor does a leading "review" or "reviews" ("review_date",
 * "reviews.rating"). *rank may be NULL. SLOT_NONE when the key is not known. */
#define SCHEMA_WEAK 90u
enum schema_slot schema_slot_of_key(struct view key, unsigned *rank);

/* Kinds of a declared column. */
enum column_kind { COLUMN_KEYWORD, COLUMN_NUMBER, COLUMN_DATE };

/* A rating on a scale of 0 or 1 to max (max > 0) as stars from 0 to 5: rating * 5 / max, held within 0 and 5. */
double schema_stars(double rating, double max);

/* The scale recognised from the largest and smallest rating seen in a source: 1, 5, 10 or 100 (the smallest that holds
 * the largest rating); 0 when ratings are outside all of them. */
double schema_rating_max(double smallest, double largest);

/* A finite decimal number with blanks around it, as archives write them ("4.0", " 87", "1,234", "4/5" is not one). */
bool schema_parse_number(struct view text, double *number);

/* A rating as people write it: a number, a number with its scale ("8/10", "4.0 out of 5 stars": *max is then the scale,
 * else 0), "4 stars", or whether the thing is recommended ("Recommended" 1 of 1, "Not Recommended" 0 of 1). */
bool schema_parse_rating(struct view text, double *rating, double *max);

#endif
