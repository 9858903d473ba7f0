/* html_text.c - see html.h: walking the tree of a page, and its readable text. */
#include "indexer/archive/html.h"

#include "indexer/base/utf8.h"

xmlNode *html_next_node(const xmlNode *root, xmlNode *node, bool skip) {
    if (!skip && node->type == XML_ELEMENT_NODE && node->children) return node->children;
    while (node && node != root) {
        if (node->next) return node->next;
        node = node->parent;
    }
    return NULL;
}

bool html_is_element(const xmlNode *node, const char *name) {
    return node->type == XML_ELEMENT_NODE && node->name && strcmp((const char *)node->name, name) == 0;
}

static bool is_one_of(const xmlNode *node, const char *const *names) {
    for (; *names; names++) {
        if (html_is_element(node, *names)) return true;
    }
    return false;
}

bool html_attribute(const xmlNode *node, const char *name, struct bytes *out) {
    bytes_clear(out);
    const xmlAttr *attribute = node->type == XML_ELEMENT_NODE ? node->properties : NULL;
    while (attribute && strcmp((const char *)attribute->name, name) != 0)
        attribute = attribute->next;
    if (!attribute) return false;
    for (const xmlNode *part = attribute->children; part; part = part->next) {
        if (part->content) (void)utf8_repair(out, (const char *)part->content, strlen((const char *)part->content));
    }
    return true;
}

/* ---- text ---- */

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

static void end_with(struct bytes *out, size_t line_ends) {
    while (out->size > 0 && out->data[out->size - 1] == ' ')
        out->size--;
    size_t have = 0;
    while (have < out->size && out->data[out->size - 1 - have] == '\n')
        have++;
    if (out->size == 0 || have == out->size) return;
    for (; have < line_ends; have++)
        bytes_append_u8(out, '\n');
}

/* Runs of blanks become one, none at the start of a line. */
static void append_collapsed(struct bytes *out, const char *text) {
    while (*text) {
        size_t size = 0;
        while (text[size] && !is_blank(text[size]))
            size++;
        (void)utf8_repair(out, text, size);
        text += size;
        if (!*text) return;
        while (is_blank(*text))
            text++;
        uint8_t last = out->size ? out->data[out->size - 1] : '\n';
        if (last != ' ' && last != '\n') bytes_append_u8(out, ' ');
    }
}

static bool is_unreadable(const xmlNode *node, bool main_only) {
    static const char *const never[] = {"script", "style", "noscript", "template", "svg", "iframe",
                                        "object", "head",  "select",   "textarea", NULL};
    static const char *const around[] = {"nav", "header", "footer", "aside", "form", "button", "menu", "dialog", NULL};
    return is_one_of(node, never) || (main_only && is_one_of(node, around));
}

static bool is_block(const xmlNode *node) {
    static const char *const blocks[] = {"p",       "div", "section", "article", "main",   "h1",         "h2",
                                         "h3",      "h4",  "h5",      "h6",      "ul",     "ol",         "dl",
                                         "table",   "pre", "hr",      "li",      "tr",     "blockquote", "figure",
                                         "address", "dd",  "dt",      "header",  "footer", NULL};
    return is_one_of(node, blocks);
}

/* Ends the blocks that are left between node and what comes after it. */
static void leave_blocks(struct bytes *out, const xmlNode *root, const xmlNode *node) {
    while (node != root && !node->next) {
        node = node->parent;
        if (!node) return;
        if (is_block(node)) end_with(out, 2);
    }
}

void html_append_text(struct bytes *out, xmlNode *root, bool main_only) {
    xmlNode *next;
    for (xmlNode *node = root; node; node = next) {
        bool skip = node != root && is_unreadable(node, main_only);
        bool text = node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE;
        if (text && node->content) append_collapsed(out, (const char *)node->content);
        if (html_is_element(node, "br"))
            end_with(out, 1);
        else if (!skip && is_block(node))
            end_with(out, 2);
        next = html_next_node(root, node, skip);
        bool leaf = skip || node->type != XML_ELEMENT_NODE || !node->children;
        if (!leaf) continue;
        if (!skip && is_block(node)) end_with(out, 2);
        leave_blocks(out, root, node);
    }
    while (out->size > 0 && is_blank((char)out->data[out->size - 1]))
        out->size--;
}

/* ---- the main element ---- */

/* Bytes of text inside root that are not blank. */
static size_t text_size(xmlNode *root) {
    size_t size = 0;
    xmlNode *next;
    for (xmlNode *node = root; node; node = next) {
        bool skip = node != root && is_unreadable(node, true);
        next = html_next_node(root, node, skip);
        if (node->type != XML_TEXT_NODE || !node->content) continue;
        for (const char *at = (const char *)node->content; *at; at++)
            size += !is_blank(*at);
    }
    return size;
}

/* The outermost element of this name with most text; what is inside one is not looked at again, so this is linear. */
static xmlNode *longest_element(xmlNode *root, const char *name) {
    xmlNode *best = NULL, *next;
    size_t best_size = 0;
    for (xmlNode *node = root; node; node = next) {
        bool found = html_is_element(node, name);
        next = html_next_node(root, node, found);
        size_t size = found ? text_size(node) : 0;
        if (size > best_size) {
            best = node;
            best_size = size;
        }
    }
    return best;
}

/* The element whose own paragraphs hold most text. Paragraphs of one parent stand together, so that a running sum does. */
static xmlNode *most_paragraphs(xmlNode *root) {
    xmlNode *best = NULL, *parent = NULL, *next;
    size_t best_size = 0, size = 0;
    for (xmlNode *node = root; node; node = next) {
        bool paragraph = html_is_element(node, "p");
        next = html_next_node(root, node, paragraph || is_unreadable(node, true));
        if (!paragraph) continue;
        if (node->parent != parent) size = 0;
        parent = node->parent;
        size += text_size(node);
        if (size > best_size) {
            best = parent;
            best_size = size;
        }
    }
    return best_size >= 200 ? best : NULL; /* less is a caption or a notice */
}

xmlNode *html_main_element(xmlNode *root) {
    xmlNode *found = longest_element(root, "main");
    xmlNode *article = longest_element(found ? found : root, "article");
    if (article) return article;
    if (!found) found = most_paragraphs(root);
    return found ? found : longest_element(root, "body");
}
