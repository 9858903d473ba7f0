/* markup.h - tags and entities as they stand in scraped reviews. Whole pages are read elsewhere (libxml2); here is text
 * that kept some of its markup, and text that never had any: what is not clearly markup stays text. */
#ifndef REVUE_TEXT_MARKUP_H
#define REVUE_TEXT_MARKUP_H

#include <stdbool.h>
#include <stdint.h>

#define ENTITY_NAME_COUNT 253

struct entity_name {
    char name[9];
    uint16_t character;
};
extern const struct entity_name entity_names[ENTITY_NAME_COUNT];

/* What is known not to come any more in this field: looked for once, in vain. Zero before the first call. */
enum markup_missing { MISSING_COMMENT_END = 1, MISSING_SCRIPT_END = 2, MISSING_STYLE_END = 4 };

/* data[at] is '<'. Returns where the tag, comment or declaration that starts there ends (of <script> and <style>: with
 * their content), or at when it is just a '<'. *block is set, never cleared, when it ends a paragraph. All calls over
 * one field together take time in proportion to it. */
uint32_t markup_tag_end(const char *data, uint32_t size, uint32_t at, uint8_t *missing, bool *block);

/* data[at] is '&'. Returns the bytes of the entity that starts there and the character it stands for, or 0. Looks at
 * most 10 bytes ahead. */
uint32_t markup_entity(const char *data, uint32_t size, uint32_t at, uint32_t *character);

#endif
