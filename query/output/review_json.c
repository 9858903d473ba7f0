/* review_json.c - see review_json.h. */
#include "query/output/review_json.h"

#include "indexer/base/printer.h"

/* Texts are printed by their size: they may hold zero bytes. */
static void print_text(struct printer *printer, const char *key, const char *text, size_t size) {
    if (!text) return;
    printer_key(printer, key);
    printer_string(printer, view_of(text, size));
}

static void print_tags(struct printer *printer, const revue_review *review) {
    if (review->tag_count == 0) return;
    printer_key(printer, "tags");
    printer_begin_list(printer);
    for (size_t i = 0; i < review->tag_count; i++)
        printer_string(printer, view_of_string(review->tags[i]));
    printer_end_list(printer);
}

static void print_columns(struct printer *printer, const revue_review *review) {
    if (review->value_count == 0) return;
    printer_key(printer, "columns");
    printer_begin_map(printer);
    for (size_t i = 0; i < review->value_count; i++) {
        const revue_value *value = &review->values[i];
        if (value->text) {
            printer_key_string(printer, value->name, value->text);
        } else {
            printer_key_number(printer, value->name, value->number);
        }
    }
    printer_end_map(printer);
}

void review_json(const revue_review *review, struct bytes *out) {
    struct printer printer;
    printer_start(&printer, out);
    printer_begin_map(&printer);
    printer_key_unsigned(&printer, "revue", 1);
    printer_key_string(&printer, "id", review->id);
    print_text(&printer, "title", review->title, review->title_size);
    print_text(&printer, "body", review->body, review->body_size);
    print_text(&printer, "product", review->product, review->product_size);
    print_text(&printer, "author", review->author, review->author_size);
    if (review->has_rating) printer_key_number(&printer, "rating", review->rating);
    if (review->has_stars) printer_key_number(&printer, "stars", review->stars);
    printer_key_string(&printer, "date", review->date);
    if (review->has_votes) printer_key_number(&printer, "votes", review->votes);
    printer_key_string(&printer, "lang", review->lang);
    print_text(&printer, "url", review->url, review->url_size);
    print_tags(&printer, review);
    print_columns(&printer, review);
    printer_end_map(&printer);
    bytes_append_u8(out, '\n');
}
