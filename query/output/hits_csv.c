/* hits_csv.c - hits as RFC 4180 has it: CRLF, quotes doubled, a header. A text that a spreadsheet would take for a formula
 * gets an apostrophe in front, which spreadsheets hide: reviews come from strangers. */
#include "query/output/hits.h"

#include <inttypes.h>

static bool looks_like_formula(const char *text) {
    return *text && strchr("=+-@\t\r", *text);
}

static void append_cell(struct bytes *out, struct view text) {
    bytes_append_u8(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"') bytes_append_u8(out, '"');
        bytes_append_u8(out, (uint8_t)text.data[i]);
    }
    bytes_append_u8(out, '"');
}

static void append_text(struct bytes *out, const char *text) {
    struct bytes cell = {0};
    bytes_append_u8(out, ',');
    if (!text || !*text) return;
    if (looks_like_formula(text)) bytes_append_u8(&cell, '\'');
    bytes_append_string(&cell, text);
    if (cell.failed)
        out->failed = true;
    else
        append_cell(out, bytes_view(&cell));
    bytes_free(&cell);
}

static void append_number(struct bytes *out, bool has, double number) {
    bytes_append_u8(out, ',');
    if (has) bytes_append_format(out, "%.15g", number);
}

static void append_hit(struct bytes *out, const revue_hit *hit) {
    bytes_append_format(out, "%" PRIu64 ",%.6f", hit->rank, hit->score);
    append_text(out, hit->id);
    append_text(out, hit->title);
    append_text(out, hit->product);
    append_text(out, hit->author);
    append_number(out, hit->has_rating, hit->rating);
    append_number(out, hit->has_stars, hit->stars);
    append_text(out, hit->date);
    append_number(out, hit->has_votes, hit->votes);
    append_text(out, hit->lang);
    append_text(out, hit->url);
    append_text(out, hit->snippet_count > 0 ? hit->snippets[0].text : NULL);
    bytes_append_string(out, "\r\n");
}

void hits_csv(const struct answer *answer, struct bytes *out) {
    bytes_append_string(out, "rank,score,id,title,product,author,rating,stars,date,votes,lang,url,snippet\r\n");
    for (size_t i = 0; i < answer->hit_count; i++)
        append_hit(out, answer->hit(answer->context, i));
}
