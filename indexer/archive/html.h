/* html.h - the parts of the HTML reader: html.c opens pages and gives reviews, html_data.c finds schema.org reviews in
 * them, html_text.c the main text of a page without any. */
#ifndef REVUE_ARCHIVE_HTML_H
#define REVUE_ARCHIVE_HTML_H

#include "indexer/archive/record.h"

#include <json-c/json.h>
#include <libxml/tree.h>

/* ---- the tree ---- */

/* The node after node in document order within root; with skip, what is inside node is passed over. NULL at the end. Walks
 * by parent pointers: the depth of a page costs no stack. */
xmlNode *html_next_node(const xmlNode *root, xmlNode *node, bool skip);
bool html_is_element(const xmlNode *node, const char *name);
/* The attribute's text, copied into out (cleared first); false when the element has none. Failure is sticky in out. */
bool html_attribute(const xmlNode *node, const char *name, struct bytes *out);

/* ---- text ---- */

/* Appends the readable text of root: blanks collapsed, a line for <br>, a blank line between blocks; scripts, and with
 * main_only what is navigation around a text, are left out. */
void html_append_text(struct bytes *out, xmlNode *root, bool main_only);

/* The element that holds the text a page is there for: <main>, the longest <article>, the element with most paragraphs, the
 * body. NULL when the page has none. */
xmlNode *html_main_element(xmlNode *root);

/* ---- schema.org ---- */

struct html_review {                   /* one of: */
    struct json_object *json, *around; /* JSON-LD, and the thing it was found in, or NULL */
    xmlNode *item;                     /* microdata */
};
struct html_reviews {
    struct html_review *items;
    size_t count, capacity;
    struct json_object **roots; /* the parsed scripts, owned */
    size_t root_count, root_capacity;
};
/* Finds the reviews of the page: those of its JSON-LD, or, when that has none, those of its microdata. Freed by
 * html_reviews_free also after a failure. */
revue_status html_reviews_find(struct html_reviews *reviews, xmlNode *root, revue_error *error);
void html_reviews_free(struct html_reviews *reviews);
/* Puts one into record, which was started. False when out of memory. */
bool html_review_fill(const struct html_review *review, struct record *record);

#endif
