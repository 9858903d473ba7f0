/* hits_terminal.c - hits for people: title, what it is about, and where the words stand in it.
 *
 *      1  The knife edge of it all
 *         Swan Protocol · ★★★★☆ · 2019-05-03 · Ana Marsh · 12 votes
 *         … a chase on the knife edge of Row G, and nobody who sat there will forget the sound of …
 *         the-back-row/swan-protocol-knife-edge.txt
 *
 * The id closes the hit, since `revue-query get` takes it; it stands in place of a title that is absent. With --explain the
 * sum that made the score follows, x being the sum over the fields below it:
 *
 *           3.362832  sum of boost * idf * x / (k1 + x), k1 1.2, b 0.75, 303 reviews
 *           2.125000  knife  boost 1     idf 3.25     in 17       x 2.25
 *                       body         3 in 120 words, average 100.5, weight 1: 2.25 */
#include "query/output/hits.h"

#include "indexer/base/terminal.h"
#include "query/output/wrap.h"

#include <inttypes.h>
#include <stdio.h>

#define WIDTH_MOST 100u /* longer lines are hard to read */
#define WIDTH_LEAST 24u
#define SEPARATOR " \302\267 " /* a middle dot */
#define ELLIPSIS "\342\200\246"
#define STAR_FULL "\342\230\205"
#define STAR_EMPTY "\342\230\206"
#define STARS_MOST 5

/* Where a hit is being laid out. */
struct layout {
    struct bytes *out;
    unsigned width, indent;
    bool colour;
};

/* A line of the hit, on a fresh line of the terminal. */
static void start_line(const struct layout *layout, struct wrap *wrap) {
    bytes_append_format(layout->out, "%*s", (int)layout->indent, "");
    wrap_start(wrap, layout->out, layout->width, layout->indent, layout->indent, layout->colour);
}

static bool is_filled(const char *text) {
    return text && *text;
}

static bool has_title(const revue_hit *hit) {
    return is_filled(hit->title);
}

/* Ids are there to be copied: never broken into lines, and their blanks stay as they are. */
static void append_id(const struct layout *layout, const revue_hit *hit, const char *escape) {
    if (layout->colour) bytes_append_string(layout->out, escape);
    terminal_append_harmless(layout->out, view_of_string(hit->id), TERMINAL_ONE_LINE);
    bytes_append_string(layout->out, layout->colour ? "\033[0m\n" : "\n");
}

static void append_head(const struct layout *layout, const revue_hit *hit) {
    struct wrap wrap;
    bytes_append_format(layout->out, "%*" PRIu64 "  ", (int)layout->indent - 2, hit->rank);
    if (!has_title(hit)) {
        append_id(layout, hit, "\033[1m");
        return;
    }
    wrap_start(&wrap, layout->out, layout->width, layout->indent, layout->indent, layout->colour);
    wrap_text(&wrap, view_of_string(hit->title), WRAP_BOLD);
    wrap_end(&wrap);
}

static void append_foot(const struct layout *layout, const revue_hit *hit) {
    if (!has_title(hit)) return;
    bytes_append_format(layout->out, "%*s", (int)layout->indent, "");
    append_id(layout, hit, "\033[2m");
}

/* ---- the line about the review ---- */

static void add_part(struct wrap *wrap, bool *is_first, const char *text, enum wrap_style style) {
    if (!is_filled(text)) return;
    if (!*is_first) wrap_text(wrap, view_of_string(SEPARATOR), WRAP_DIM);
    wrap_text(wrap, view_of_string(text), style);
    *is_first = false;
}

static void format_stars(double stars, char *text, size_t capacity) {
    int full = stars >= STARS_MOST ? STARS_MOST : stars > 0 ? (int)(stars + 0.5) : 0;
    text[0] = '\0';
    for (int i = 0; i < STARS_MOST; i++) {
        size_t used = strlen(text);
        (void)snprintf(text + used, capacity - used, "%s", i < full ? STAR_FULL : STAR_EMPTY);
    }
}

static void add_rating(struct wrap *wrap, bool *is_first, const revue_hit *hit) {
    char text[40];
    if (hit->has_stars) {
        format_stars(hit->stars, text, sizeof text);
        add_part(wrap, is_first, text, WRAP_STARS);
    } else if (hit->has_rating) {
        (void)snprintf(text, sizeof text, "rated %.6g", hit->rating);
        add_part(wrap, is_first, text, WRAP_PLAIN);
    }
}

static void add_votes(struct wrap *wrap, bool *is_first, const revue_hit *hit) {
    char text[40];
    if (!hit->has_votes || hit->votes <= 0) return;
    (void)snprintf(text, sizeof text, "%.15g vote%s", hit->votes, hit->votes == 1 ? "" : "s");
    add_part(wrap, is_first, text, WRAP_DIM);
}

static bool has_about(const revue_hit *hit) {
    return is_filled(hit->product) || is_filled(hit->author) || is_filled(hit->date) || hit->has_stars || hit->has_rating ||
           (hit->has_votes && hit->votes > 0);
}

static void append_about(const struct layout *layout, const revue_hit *hit) {
    struct wrap wrap;
    bool is_first = true;
    if (!has_about(hit)) return;
    start_line(layout, &wrap);
    add_part(&wrap, &is_first, hit->product, WRAP_PLAIN);
    add_rating(&wrap, &is_first, hit);
    add_part(&wrap, &is_first, hit->date, WRAP_DIM);
    add_part(&wrap, &is_first, hit->author, WRAP_DIM);
    add_votes(&wrap, &is_first, hit);
    wrap_end(&wrap);
}

/* ---- snippets ---- */

/* Marks come from the library, yet a mark is believed only where it lies within the text and behind the one before. */
static void add_marked_text(struct wrap *wrap, const revue_snippet *snippet) {
    size_t at = 0;
    for (size_t i = 0; i < snippet->mark_count; i++) {
        size_t from = snippet->marks[i].from, to = snippet->marks[i].to;
        if (from < at || to < from || to > snippet->text_size) continue;
        wrap_text(wrap, view_of(snippet->text + at, from - at), WRAP_PLAIN);
        wrap_text(wrap, view_of(snippet->text + from, to - from), WRAP_MARK);
        at = to;
    }
    wrap_text(wrap, view_of(snippet->text + at, snippet->text_size - at), WRAP_PLAIN);
}

/* The title is on the screen already, so a snippet of it tells nothing new. */
static bool is_shown(const revue_hit *hit, const revue_snippet *snippet) {
    bool is_title = snippet->field && strcmp(snippet->field, "title") == 0;
    return snippet->text_size > 0 && !(is_title && has_title(hit));
}

static void append_snippets(const struct layout *layout, const revue_hit *hit) {
    for (size_t i = 0; i < hit->snippet_count; i++) {
        const revue_snippet *snippet = &hit->snippets[i];
        struct wrap wrap;
        if (!is_shown(hit, snippet)) continue;
        start_line(layout, &wrap);
        if (snippet->cut_before) wrap_text(&wrap, view_of_string(ELLIPSIS " "), WRAP_DIM);
        add_marked_text(&wrap, snippet);
        if (snippet->cut_after) wrap_text(&wrap, view_of_string(" " ELLIPSIS), WRAP_DIM);
        wrap_end(&wrap);
    }
}

/* ---- explanation ---- */

/* A small table, so not wrapped: the sum, a line for each term of it, and under each its fields. */

#define TERM_COLUMNS_MOST 24u

static size_t term_columns(const revue_explain_term *term) {
    return terminal_text_width(view_of_string(term->term));
}

static size_t widest_term(const revue_explain *explain) {
    size_t widest = 0;
    for (size_t i = 0; i < explain->term_count; i++) {
        size_t columns = term_columns(&explain->terms[i]);
        if (columns > widest && columns <= TERM_COLUMNS_MOST) widest = columns;
    }
    return widest;
}

static void append_explained_term(struct bytes *out, const revue_explain_term *term, unsigned indent, size_t columns) {
    size_t own = term_columns(term);
    bytes_append_format(out, "%*s%10.6f  ", (int)indent, "", term->score);
    terminal_append_harmless(out, view_of_string(term->term), TERMINAL_ONE_LINE);
    bytes_append_format(out, "%*s  boost %-4g  idf %-8.6g in %-8" PRIu64 " x %.6g\n",
                        own < columns ? (int)(columns - own) : 0, "", term->boost, term->idf, term->df, term->frequency);
    for (size_t i = 0; i < term->field_count; i++) {
        const revue_explain_field *field = &term->fields[i];
        bytes_append_format(out, "%*s%-8s %5u in %u words, average %.6g, weight %g: %.6g\n", (int)indent + 14, "",
                            field->field, (unsigned)field->frequency, (unsigned)field->length, field->average,
                            field->weight, field->value);
    }
}

/* Above the terms: what their sum was multiplied by. */
static void append_explained_prior(struct bytes *out, const revue_explain *explain, unsigned indent) {
    bytes_append_format(out, "%*s%10.6f  %.6f * prior %.6g:", (int)indent, "", explain->score, explain->relevance,
                        explain->factor);
    for (size_t i = 0; i < explain->prior_count; i++) {
        const revue_explain_prior *prior = &explain->priors[i];
        bytes_append_format(out, "%s%s %.6g: 1 + %g * %.6g", i > 0 ? ", " : " ", prior->column, prior->number,
                            prior->weight, prior->x);
    }
    bytes_append_u8(out, '\n');
}

static void append_explain(const struct layout *layout, const revue_explain *explain) {
    size_t columns = widest_term(explain);
    const double sum = explain->prior_count > 0 ? explain->relevance : explain->score;
    if (explain->prior_count > 0) append_explained_prior(layout->out, explain, layout->indent);
    bytes_append_format(layout->out, "%*s%10.6f  sum of boost * idf * x / (k1 + x), k1 %g, b %g, %" PRIu64 " reviews\n",
                        (int)layout->indent, "", sum, explain->k1, explain->b, explain->reviews);
    for (size_t i = 0; i < explain->term_count; i++)
        append_explained_term(layout->out, &explain->terms[i], layout->indent, columns);
}

/* ---- the whole ---- */

static unsigned digits_of(uint64_t number) {
    unsigned digits = 1;
    for (; number >= 10; number /= 10)
        digits++;
    return digits;
}

static void append_total(const struct answer *answer, const struct hits_look *look, struct bytes *out) {
    if (look->colour) bytes_append_string(out, "\033[2m");
    if (answer->hit_count > 0) bytes_append_format(out, "%zu shown of ", answer->hit_count);
    if (answer->is_grouped) bytes_append_format(out, "%" PRIu64 " groups, ", answer->groups_total);
    bytes_append_format(out, "%s%" PRIu64 " that matched", answer->total_exact ? "" : "at least ", answer->total);
    if (look->with_time) bytes_append_format(out, ", %.1f ms", answer->took_us / 1000);
    bytes_append_string(out, look->colour ? "\033[0m\n" : "\n");
}

static struct layout layout_of(const struct answer *answer, const struct hits_look *look, struct bytes *out) {
    struct layout layout = {.out = out, .width = look->width, .indent = 4, .colour = look->colour};
    if (layout.width > WIDTH_MOST) layout.width = WIDTH_MOST;
    if (layout.width < WIDTH_LEAST) layout.width = WIDTH_LEAST;
    if (answer->hit_count == 0) return layout;
    unsigned needed = digits_of(answer->hit(answer->context, answer->hit_count - 1)->rank) + 2;
    if (layout.indent < needed) layout.indent = needed;
    return layout;
}

/* A group: its value, what all of it comes to, and then its hits. */
static void append_group(const struct layout *layout, const revue_group *group) {
    struct wrap wrap;
    bool is_first = true;
    char text[64], stars[32];
    wrap_start(&wrap, layout->out, layout->width, 0, 0, layout->colour);
    add_part(&wrap, &is_first, group->value, WRAP_BOLD);
    (void)snprintf(text, sizeof text, "%" PRIu64 " review%s", group->count, group->count == 1 ? "" : "s");
    add_part(&wrap, &is_first, text, WRAP_DIM);
    if (group->stars.count > 0) {
        format_stars(group->stars.mean, stars, sizeof stars);
        (void)snprintf(text, sizeof text, "%s %.1f", stars, group->stars.mean);
        add_part(&wrap, &is_first, text, WRAP_STARS);
    }
    wrap_end(&wrap);
}

static void append_hit(const struct layout *layout, const revue_hit *hit) {
    append_head(layout, hit);
    append_about(layout, hit);
    append_snippets(layout, hit);
    append_foot(layout, hit);
    if (hit->explain) append_explain(layout, hit->explain);
}

static void append_hits(const struct layout *layout, const struct answer *answer) {
    for (size_t i = 0; i < answer->hit_count; i++) {
        if (i > 0) bytes_append_u8(layout->out, '\n');
        append_hit(layout, answer->hit(answer->context, i));
    }
}

static void append_groups(const struct layout *layout, const struct answer *answer) {
    for (size_t i = 0; i < answer->group_count; i++) {
        const revue_group *group = answer->group(answer->context, i);
        if (i > 0) bytes_append_u8(layout->out, '\n');
        append_group(layout, group);
        for (size_t j = 0; j < group->hit_count; j++)
            append_hit(layout, &group->hits[j]);
    }
}

void hits_terminal(const struct answer *answer, const struct hits_look *look, struct bytes *out) {
    struct layout layout = layout_of(answer, look, out);
    if (answer->is_grouped)
        append_groups(&layout, answer);
    else
        append_hits(&layout, answer);
    if (!look->with_total) return;
    if (answer->hit_count > 0) bytes_append_u8(out, '\n');
    append_total(answer, look, out);
}
