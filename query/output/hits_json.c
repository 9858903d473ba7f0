/* hits_json.c - hits as JSON: one envelope (json), or a hit a line (jsonl). The shape is fixed in SCHEMA.md; a change here
 * is a change there. */
#include "query/output/hits.h"

#include "indexer/base/printer.h"
#include "query/output/counts_json.h"

#define SCORE_DECIMALS 6

static void print_marks(struct printer *printer, const revue_snippet *snippet) {
    printer_key(printer, "marks");
    printer_begin_list(printer);
    for (size_t i = 0; i < snippet->mark_count; i++) {
        printer_begin_list(printer);
        printer_unsigned(printer, snippet->marks[i].from);
        printer_unsigned(printer, snippet->marks[i].to);
        printer_end_list(printer);
    }
    printer_end_list(printer);
}

static void print_snippets(struct printer *printer, const revue_hit *hit) {
    printer_key(printer, "snippets");
    printer_begin_list(printer);
    for (size_t i = 0; i < hit->snippet_count; i++) {
        const revue_snippet *snippet = &hit->snippets[i];
        printer_begin_map(printer);
        printer_key_string(printer, "field", snippet->field);
        printer_key_unsigned(printer, "start", snippet->start);
        printer_key(printer, "text");
        printer_string(printer, view_of(snippet->text, snippet->text_size));
        print_marks(printer, snippet);
        printer_end_map(printer);
    }
    printer_end_list(printer);
}

static void print_explain_field(struct printer *printer, const revue_explain_field *field) {
    printer_begin_map(printer);
    printer_key_string(printer, "field", field->field);
    printer_key_unsigned(printer, "frequency", field->frequency);
    printer_key_unsigned(printer, "length", field->length);
    printer_key_number(printer, "average", field->average);
    printer_key_number(printer, "weight", field->weight);
    printer_key_number(printer, "value", field->value);
    printer_end_map(printer);
}

static void print_explain_term(struct printer *printer, const revue_explain_term *term) {
    printer_begin_map(printer);
    printer_key_string(printer, "term", term->term);
    printer_key_number(printer, "score", term->score);
    printer_key_number(printer, "boost", term->boost);
    printer_key_number(printer, "idf", term->idf);
    printer_key_unsigned(printer, "df", term->df);
    printer_key_number(printer, "frequency", term->frequency);
    printer_key(printer, "fields");
    printer_begin_list(printer);
    for (size_t i = 0; i < term->field_count; i++)
        print_explain_field(printer, &term->fields[i]);
    printer_end_list(printer);
    printer_end_map(printer);
}

static void print_explain_prior(struct printer *printer, const revue_explain *explain) {
    if (explain->prior_count == 0) return;
    printer_key_number(printer, "relevance", explain->relevance);
    printer_key_number(printer, "factor", explain->factor);
    printer_key(printer, "prior");
    printer_begin_list(printer);
    for (size_t i = 0; i < explain->prior_count; i++) {
        const revue_explain_prior *prior = &explain->priors[i];
        printer_begin_map(printer);
        printer_key_string(printer, "column", prior->column);
        printer_key_number(printer, "weight", prior->weight);
        printer_key_number(printer, "number", prior->number);
        printer_key_number(printer, "x", prior->x);
        printer_key_number(printer, "factor", prior->factor);
        printer_end_map(printer);
    }
    printer_end_list(printer);
}

static void print_explain(struct printer *printer, const revue_explain *explain) {
    printer_key(printer, "explain");
    printer_begin_map(printer);
    printer_key_number(printer, "score", explain->score);
    printer_key_number(printer, "unit", explain->unit);
    printer_key_number(printer, "k1", explain->k1);
    printer_key_number(printer, "b", explain->b);
    printer_key_unsigned(printer, "reviews", explain->reviews);
    print_explain_prior(printer, explain);
    printer_key(printer, "terms");
    printer_begin_list(printer);
    for (size_t i = 0; i < explain->term_count; i++)
        print_explain_term(printer, &explain->terms[i]);
    printer_end_list(printer);
    printer_end_map(printer);
}

static void print_fields(struct printer *printer, const revue_hit *hit) {
    printer_key_string(printer, "title", hit->title);
    printer_key_string(printer, "product", hit->product);
    printer_key_string(printer, "author", hit->author);
    if (hit->has_rating) printer_key_number(printer, "rating", hit->rating);
    if (hit->has_stars) printer_key_number(printer, "stars", hit->stars);
    printer_key_string(printer, "date", hit->date);
    if (hit->has_votes) printer_key_number(printer, "votes", hit->votes);
    printer_key_string(printer, "lang", hit->lang);
    printer_key_string(printer, "url", hit->url);
}

static void print_hit(struct printer *printer, const revue_hit *hit, bool with_snippets) {
    printer_begin_map(printer);
    printer_key_unsigned(printer, "rank", hit->rank);
    printer_key(printer, "score");
    printer_decimals(printer, hit->score, SCORE_DECIMALS);
    printer_key_string(printer, "id", hit->id);
    print_fields(printer, hit);
    if (with_snippets) print_snippets(printer, hit);
    if (hit->explain) print_explain(printer, hit->explain);
    printer_end_map(printer);
}

static const char *operator_name(revue_operator op) {
    switch (op) {
    case REVUE_OP_ANY: return "any";
    case REVUE_OP_ALL: return "all";
    case REVUE_OP_AUTO: break;
    }
    return "auto";
}

static void print_envelope_head(struct printer *printer, const struct answer *answer) {
    printer_key_unsigned(printer, "revue", 1);
    if (answer->name.size > 0) {
        printer_key(printer, "name");
        printer_string(printer, answer->name);
    }
    printer_key(printer, "query");
    printer_string(printer, answer->query);
    printer_key_string(printer, "op", operator_name(answer->op));
    printer_key_unsigned(printer, "total", answer->total);
    printer_key_boolean(printer, "total_exact", answer->total_exact);
    printer_key(printer, "took_us");
    printer_decimals(printer, answer->took_us, 1);
    printer_key(printer, "warnings");
    printer_begin_list(printer);
    for (size_t i = 0; i < answer->warning_count; i++) {
        printer_string(printer, view_of_string(answer->warning(answer->context, i)));
    }
    printer_end_list(printer);
    printer_key_string(printer, "suggestion", answer->suggestion);
}

static void print_hits(struct printer *printer, const revue_hit *hits, size_t count, bool with_snippets) {
    printer_key(printer, "hits");
    printer_begin_list(printer);
    for (size_t i = 0; i < count; i++)
        print_hit(printer, &hits[i], with_snippets);
    printer_end_list(printer);
}

static void print_group(struct printer *printer, const revue_group *group, bool with_snippets) {
    printer_begin_map(printer);
    print_group_head(printer, group);
    print_hits(printer, group->hits, group->hit_count, with_snippets);
    printer_end_map(printer);
}

static void print_groups(struct printer *printer, const struct answer *answer) {
    printer_key(printer, "groups");
    printer_begin_list(printer);
    for (size_t i = 0; i < answer->group_count; i++)
        print_group(printer, answer->group(answer->context, i), answer->with_snippets);
    printer_end_list(printer);
    if (!answer->is_grouped) return;
    printer_key_unsigned(printer, "groups_total", answer->groups_total);
    printer_key_unsigned(printer, "ungrouped", answer->ungrouped);
}

void hits_json(const struct answer *answer, struct bytes *out) {
    struct printer printer;
    printer_start(&printer, out);
    printer_begin_map(&printer);
    print_envelope_head(&printer, answer);
    printer_key(&printer, "hits");
    printer_begin_list(&printer);
    for (size_t i = 0; i < answer->hit_count && !answer->is_grouped; i++)
        print_hit(&printer, answer->hit(answer->context, i), answer->with_snippets);
    printer_end_list(&printer);
    print_facets(&printer, answer);
    print_groups(&printer, answer);
    printer_key_string(&printer, "next", answer->next);
    printer_end_map(&printer);
    bytes_append_u8(out, '\n');
}

void hits_jsonl(const struct answer *answer, struct bytes *out) {
    struct printer printer;
    for (size_t i = 0; i < (answer->is_grouped ? answer->group_count : answer->hit_count); i++) {
        printer_start(&printer, out);
        if (answer->is_grouped)
            print_group(&printer, answer->group(answer->context, i), answer->with_snippets);
        else
            print_hit(&printer, answer->hit(answer->context, i), answer->with_snippets);
        bytes_append_u8(out, '\n');
    }
}
