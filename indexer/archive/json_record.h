/* json_record.h - a parsed JSON object into a record: flat keys, and the nested shapes that archives and schema.org use. */
#ifndef REVUE_ARCHIVE_JSON_RECORD_H
#define REVUE_ARCHIVE_JSON_RECORD_H

#include "indexer/archive/json_flat.h"
#include "indexer/archive/record.h"

#include <json-c/json.h>

/* Depth beyond which JSON is refused. */
#define JSON_DEPTH 64

/* Puts every value of object into record, which was started. The object must live as long as the record's review. */
void json_record_fill(struct record *record, const struct archive_options *options, struct json_object *object);

/* The same for an object that was read without json-c, where json_has_paths says no. */
void json_record_fill_flat(struct record *record, const struct json_flat *flat);
/* Does an option follow a path into nested objects? */
bool json_has_paths(const struct archive_options *options);

/* As above, for one value under a key that is already understood. */
void json_record_put(struct record *record, struct record_key key, struct json_object *value);

/* Is the object, by its keys, a review? */
bool json_is_review(struct record *record, const struct archive_options *options, struct json_object *object);

/* The reviews inside an object that is none itself ({"hotel": .., "reviews": [{..}, ..]}): the first array whose first
 * element is a review. NULL when there is none. */
struct json_object *json_find_reviews(struct record *record, const struct archive_options *options,
                                      struct json_object *object);

/* What the object around such reviews says of the product. */
void json_record_inherit(struct record *record, struct json_object *object);

/* The value's text as UTF-8, without copying when it is a string. */
struct view json_text(struct json_object *value);

#endif
