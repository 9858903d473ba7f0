/* html.c - reader of HTML pages: the schema.org reviews of a page when it has any, else its main text as one review.
 *
 * A page is parsed whole by libxml2, in memory, without the network; so larger pages are refused. Its character
 * set is UTF-8 when it is valid UTF-8, else what it declares, else Windows-1252. */
#include "indexer/archive/html.h"

#include "indexer/archive/charset.h"
#include "indexer/archive/format.h"
#include "indexer/base/memory.h"
#include "indexer/base/utf8.h"

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <pthread.h>

#define PAGE_PART                                                                                                          \
    4u /* of the limit of a record (a quarter: 16 MiB) may be a page, whose tree is some ten times its bytes */

struct html_reader {
    struct format_reader base;
    struct format_source source;
    htmlDocPtr page;
    struct html_reviews reviews;
    size_t at;
    bool main_done;
    const char *refused; /* why the page could not be parsed */
    bool is_too_long;
};

static void html_close(struct format_reader *base) {
    struct html_reader *reader = (struct html_reader *)base;
    html_reviews_free(&reader->reviews);
    if (reader->page) xmlFreeDoc(reader->page);
    memory_free(reader);
}

/* ---- parsing ---- */

static void start_libxml(void) {
    xmlInitParser();
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Does the page's beginning declare a character set that is neither UTF-8 nor Western European? libxml2 then decodes it. */
static bool declares_other_charset(struct view page) {
    static const char *const known[] = {"utf", "iso-8859-1\"", "iso-8859-1'", "windows-1252", "us-ascii", "latin1", NULL};
    size_t limit = page.size < 2048 ? page.size : 2048;
    for (size_t at = 0; at + 8 < limit; at++) {
        size_t i = 0, value = at + 8;
        while (i < 8 && lower(page.data[at + i]) == "charset="[i])
            i++;
        if (i < 8) continue;
        if (page.data[value] == '"' || page.data[value] == '\'') value++;
        for (const char *const *name = known; *name; name++) {
            size_t size = strlen(*name);
            for (i = 0; i < size && value + i < limit && lower(page.data[value + i]) == (*name)[i];)
                i++;
            if (i == size) return false;
        }
        return true;
    }
    return false;
}

static revue_status parse_page(struct html_reader *reader, struct view raw, revue_error *error) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct bytes decoded = {0};
    struct view text = raw;
    bool other = utf8_valid_prefix(raw.data, raw.size) < raw.size && declares_other_charset(raw);
    if (!other && !charset_decode(raw, &decoded, &text)) {
        bytes_free(&decoded);
        return error_no_memory(error);
    }
    (void)pthread_once(&once, start_libxml);
    if (text.size > 0 && text.size <= INT32_MAX) {
        int options = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET;
        reader->page = htmlReadMemory(text.data, (int)text.size, NULL, other ? NULL : "UTF-8", options);
    }
    bytes_free(&decoded);
    if (!reader->page) reader->refused = "not a page that can be parsed";
    return REVUE_OK;
}

static size_t page_limit_of(const struct input *input) {
    return (size_t)(input_record_limit(input) / PAGE_PART);
}

static revue_status load_page(struct html_reader *reader, revue_error *error) {
    struct input *input = reader->source.input;
    const size_t page_limit = page_limit_of(input);
    TRY(input_need(input, page_limit + 1, error));
    struct view raw = input_window(input);
    if (input_failure(input)) return REVUE_OK; /* told by next */
    if (raw.size > page_limit || input_is_full(input)) {
        reader->is_too_long = true;
        return REVUE_OK;
    }
    return parse_page(reader, raw, error);
}

/* ---- the main text ---- */

static void put_kept(struct record *record, enum schema_slot slot, unsigned rank, const struct bytes *text) {
    record_put(record, (struct record_key){.slot = slot, .rank = rank}, record_keep(record, bytes_view(text)));
}

/* What <meta name=.. content=..> and its kin say of the page. */
static void put_meta(struct record *record, const xmlNode *node, struct bytes *scratch) {
    static const struct {
        const char *name;
        enum schema_slot slot;
    } known[] = {{"author", SLOT_AUTHOR},
                 {"article:author", SLOT_AUTHOR},
                 {"article:published_time", SLOT_DATE},
                 {"date", SLOT_DATE},
                 {"og:url", SLOT_URL},
                 {"keywords", SLOT_TAGS}};
    if (!html_attribute(node, "name", scratch) && !html_attribute(node, "property", scratch)) return;
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++) {
        if (!view_equal(bytes_view(scratch), view_of_string(known[i].name))) continue;
        if (html_attribute(node, "content", scratch)) put_kept(record, known[i].slot, 10 + i, scratch);
        return;
    }
}

static void put_head(struct record *record, xmlNode *root, struct bytes *scratch) {
    if (html_attribute(root, "lang", scratch)) put_kept(record, SLOT_LANG, 10, scratch);
    for (xmlNode *node = root; node; node = html_next_node(root, node, false)) {
        unsigned title_rank = html_is_element(node, "title") ? 10 : html_is_element(node, "h1") ? 20 : 0;
        if (html_is_element(node, "meta")) put_meta(record, node, scratch);
        if (html_is_element(node, "link") && html_attribute(node, "rel", scratch) &&
            view_equal(bytes_view(scratch), view_of_string("canonical")) && html_attribute(node, "href", scratch)) {
            put_kept(record, SLOT_URL, 5, scratch);
        }
        if (title_rank == 0 || (title_rank == 20 && record_has(record, SLOT_TITLE))) continue;
        bytes_clear(scratch);
        html_append_text(scratch, node, false);
        put_kept(record, SLOT_TITLE, title_rank, scratch);
    }
}

static revue_status give_main_text(struct html_reader *reader, struct archive_event *event, revue_error *error) {
    struct record *record = reader->source.record;
    struct bytes text = {0};
    xmlNode *root = xmlDocGetRootElement(reader->page), *element = root ? html_main_element(root) : NULL;
    record_start(record, 0);
    if (root) put_head(record, root, &text);
    bytes_clear(&text);
    if (element) html_append_text(&text, element, true);
    if (element && text.size == 0) html_append_text(&text, element, false); /* all of it stands in a form or a header */
    put_kept(record, SLOT_BODY, 1, &text);
    bool failed = text.failed, empty = text.size == 0;
    bytes_free(&text);
    if (failed) return error_no_memory(error);
    if (empty) return format_problem(&reader->base, event, 0, "a page without text");
    event->kind = ARCHIVE_REVIEW;
    return record_finish(record, &event->review, error);
}

/* ---- the reader ---- */

static revue_status html_next(struct format_reader *base, struct archive_event *event, revue_error *error) {
    struct html_reader *reader = (struct html_reader *)base;
    struct record *record = reader->source.record;
    if (input_failure(reader->source.input)) return format_end(base, event, reader->source.input);
    if (reader->is_too_long)
        return format_fatal(base, event, 0, "longer than the limit of %zu bytes for one page%s",
                            page_limit_of(reader->source.input), format_more_allowed(reader->source.input));
    if (reader->refused) return format_fatal(base, event, 0, "%s", reader->refused);
    if (reader->reviews.count == 0 && !reader->main_done) {
        reader->main_done = true;
        return give_main_text(reader, event, error);
    }
    if (reader->at == reader->reviews.count) {
        event->kind = ARCHIVE_END;
        return REVUE_OK;
    }
    record_start(record, 0);
    if (!html_review_fill(&reader->reviews.items[reader->at++], record)) return error_no_memory(error);
    event->kind = ARCHIVE_REVIEW;
    return record_finish(record, &event->review, error);
}

revue_status html_reader_open(struct format_opening *opening, const struct format_source *source, revue_error *error) {
    struct html_reader *reader = memory_alloc_zeroed(1, sizeof *reader);
    if (!reader) return error_no_memory(error);
    reader->base.next = html_next;
    reader->base.close = html_close;
    reader->source = *source;
    revue_status status = load_page(reader, error);
    xmlNode *root = reader->page ? xmlDocGetRootElement(reader->page) : NULL;
    if (status == REVUE_OK && root) status = html_reviews_find(&reader->reviews, root, error);
    if (status != REVUE_OK) {
        html_close(&reader->base);
        return status;
    }
    reader->base.one_review = reader->reviews.count == 0;
    opening->reader = &reader->base;
    return REVUE_OK;
}
