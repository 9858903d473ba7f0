/* page_html.h - text as HTML: the one place of the page where anything is escaped.
 *
 * All text is hostile: reviews are written by anybody, and queries come with links. Bytes need not be valid UTF-8. */
#ifndef REVUE_PAGE_HTML_H
#define REVUE_PAGE_HTML_H

#include "indexer/base/bytes.h"

/* Text within an element that isolates its direction of writing: <bdi>, or any with dir="auto". Escaped; controls and
 * characters that override the direction of what follows them are replaced by U+FFFD, other marks of direction stay, since
 * right-to-left texts need them and cannot reach out of the element. */
void page_html_text(struct bytes *out, struct view text);

/* The same for places that isolate nothing, such as attributes in double quotes, <title> and <option>: there all marks of
 * direction are replaced. */
void page_html_attribute(struct bytes *out, struct view text);

void page_html_string(struct bytes *out, const char *text);           /* page_html_text; NULL is empty */
void page_html_attribute_string(struct bytes *out, const char *text); /* page_html_attribute; NULL is empty */
void page_html_isolated(struct bytes *out, const char *text);         /* page_html_string within <bdi> */

/* ` dir="auto"` of an element that holds text of a review, and its language where the archive tells one (NULL: it does
 * not): for the fonts, and for voices that read it out. */
void page_html_direction(struct bytes *out, const char *language);

void page_html_count(struct bytes *out, uint64_t number); /* 1,234,567 */
void page_html_decimal(struct bytes *out, double number); /* 4.5, 4 */

/* Whether an address from outside may become a link: http: or https: and a host, without blanks or controls. */
bool page_html_is_web_address(const char *url);

/* Whether text may stand in a lang attribute: letters of a language, then parts of up to eight letters or digits. */
bool page_html_is_language(const char *tag);

#endif
