/* plan_print.c - see plan_print.h. */
#include "query/plan/plan_print.h"

#include "indexer/base/clock.h"
#include "indexer/base/number.h"

#include <math.h>
#include <stdio.h>

#define VALUES_SHOWN 8u /* of a set of keywords */

struct printing {
    struct bytes *out;
    revue_searcher *searcher;
    revue_error *error;
};

static void indent(struct printing *printing, unsigned depth) {
    bytes_append_format(printing->out, "%*s", (int)(2 * depth), "");
}

static void append_view(struct bytes *out, struct view text) {
    bytes_append(out, text.data, text.size);
}

static void append_count(struct bytes *out, const char *name, uint64_t count) {
    bytes_append_format(out, " %s=%llu", name, (unsigned long long)count);
}

/* ---- leaves ---- */

void plan_print_stems(struct bytes *out, const struct plan_word *word) {
    for (uint32_t i = 0; i < word->stem_count; i++) {
        if (i > 0) bytes_append_u8(out, '|');
        append_view(out, word->stems[i]);
    }
}

static void print_weights(struct printing *printing, const struct field_scoring *scoring) {
    const char *before = " weights=";
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        if (scoring->weight[field] <= 0) continue;
        bytes_append_format(printing->out, "%s%s:", before, plan_field_names[field]);
        number_append(printing->out, scoring->weight[field]);
        before = ",";
    }
}

/* The lists that are read for a word, over all segments: how many, and their postings. */
static void print_lists(struct printing *printing, const struct plan_node *leaf, const struct plan_word *word) {
    uint64_t lists = 0, postings = 0;
    for (uint32_t segment = 0; segment < printing->searcher->segment_count; segment++) {
        const struct segment_word *in = &word->in[segment];
        for (uint32_t stem = 0; stem < in->stem_count; stem++)
            for (unsigned field = 0; field < FIELD_COUNT; field++) {
                if (!(in->stems[stem].fields >> field & 1) || leaf->scoring.weight[field] <= 0) continue;
                lists++;
                postings += in->stems[stem].lists[field].df;
            }
    }
    append_count(printing->out, "lists", lists);
    append_count(printing->out, "postings", postings);
}

static void print_word(struct printing *printing, const struct plan_node *leaf, const struct plan_word *word,
                       unsigned depth) {
    struct bytes *out = printing->out;
    indent(printing, depth);
    bytes_append_string(out, "word ");
    append_view(out, word->form);
    append_count(out, "reviews", word->df);
    print_lists(printing, leaf, word);
    bytes_append_u8(out, '\n');
    if (!word->by_form && word->stem_count > 0) {
        indent(printing, depth + 1);
        bytes_append_string(out, "stems ");
        plan_print_stems(out, word);
        bytes_append_u8(out, '\n');
    }
    for (uint32_t i = 0; i < word->synonym_count; i++) {
        if (i == 0) indent(printing, depth + 1);
        bytes_append_string(out, i == 0 ? "synonyms " : " ");
        append_view(out, word->synonyms[i]);
        if (i + 1 == word->synonym_count) bytes_append_u8(out, '\n');
    }
    for (uint32_t i = 0; i < word->form_count; i++) {
        if (i == 0) indent(printing, depth + 1);
        bytes_append_string(out, i == 0 ? "forms " : " ");
        append_view(out, word->forms[i]);
        if (i + 1 == word->form_count) bytes_append_u8(out, '\n');
    }
}

static void print_leaf(struct printing *printing, const struct plan_node *leaf, unsigned depth) {
    struct bytes *out = printing->out;
    indent(printing, depth);
    bytes_append_string(out, leaf->kind == PLAN_PHRASE ? (leaf->forms ? "phrase" : "near") : "leaf");
    bytes_append_string(out, " boost=");
    number_append(out, leaf->boost);
    bytes_append_string(out, " idf=");
    number_append_decimals(out, leaf->idf, 6);
    print_weights(printing, &leaf->scoring);
    if (leaf->kind == PLAN_PHRASE && !leaf->forms) append_count(out, "slop", leaf->slop);
    bytes_append_u8(out, '\n');
    for (uint32_t i = 0; i < leaf->word_count; i++)
        print_word(printing, leaf, &leaf->words[i], depth + 1);
}

/* ---- tests ---- */

static const struct schema_column *column_of(const revue_searcher *searcher, uint16_t number) {
    for (uint32_t i = 0; i < searcher->schema.count; i++)
        if (searcher->schema.columns[i].number == number) return &searcher->schema.columns[i];
    return NULL;
}

static void print_end(struct printing *printing, const struct schema_column *column, const char *name, double end) {
    char date[32];
    bytes_append_format(printing->out, " %s=", name);
    if (!isfinite(end)) {
        bytes_append_u8(printing->out, '*');
    } else if (column && column->kind == COLUMN_DATE) {
        clock_format((int64_t)end, date);
        bytes_append_string(printing->out, date);
    } else {
        number_append(printing->out, end);
    }
}

static revue_status print_keywords(struct printing *printing, const struct column_test *test) {
    struct bytes value_bytes = {0};
    uint32_t meant = 0;
    keywords *table;
    TRY(searcher_keywords(printing->searcher, test->column, &table, printing->error));
    for (uint32_t i = 0; i < test->keyword_count; i++)
        meant += (uint32_t)(test->keywords[i / 64] >> (i % 64) & 1);
    append_count(printing->out, "values", meant);
    append_count(printing->out, "of", test->keyword_count);
    revue_status status = REVUE_OK;
    for (uint32_t i = 0, shown = 0; i < test->keyword_count && shown < VALUES_SHOWN && status == REVUE_OK; i++) {
        struct view value;
        if (!(test->keywords[i / 64] >> (i % 64) & 1)) continue;
        status = keywords_value(table, i, &value_bytes, &value, printing->error);
        if (status != REVUE_OK) break;
        bytes_append_format(printing->out, "%s\"", shown++ == 0 ? ": " : ", ");
        append_view(printing->out, value);
        bytes_append_u8(printing->out, '"');
    }
    if (meant > VALUES_SHOWN) bytes_append_string(printing->out, " ...");
    bytes_free(&value_bytes);
    return status;
}

static revue_status print_column(struct printing *printing, const struct column_test *test, unsigned depth) {
    const struct schema_column *column = column_of(printing->searcher, test->column);
    indent(printing, depth);
    bytes_append_format(printing->out, "column %s", column ? column->name : "?");
    if (test->is_set) {
        TRY(print_keywords(printing, test));
    } else {
        print_end(printing, column, "from", test->low);
        print_end(printing, column, "to", test->high);
    }
    bytes_append_u8(printing->out, '\n');
    return REVUE_OK;
}

static void print_id(struct printing *printing, const struct plan_node *node, unsigned depth) {
    uint64_t count = 0;
    for (uint32_t i = 0; i < printing->searcher->segment_count; i++)
        count += node->docs[i].count;
    indent(printing, depth);
    bytes_append_string(printing->out, "id");
    append_count(printing->out, "reviews", count);
    bytes_append_u8(printing->out, '\n');
}

/* ---- nodes ---- */

static revue_status print_node(struct printing *printing, const struct plan_node *node, unsigned depth);

static revue_status print_list(struct printing *printing, const char *name, struct plan_node *const *nodes, uint32_t count,
                               unsigned depth) {
    if (count == 0) return REVUE_OK;
    indent(printing, depth);
    bytes_append_format(printing->out, "%s\n", name);
    for (uint32_t i = 0; i < count; i++)
        TRY(print_node(printing, nodes[i], depth + 1));
    return REVUE_OK;
}

/* What should match beside what must only adds to the score. Trees are no deeper than the parser lets them be. */
static revue_status print_boolean(struct printing *printing, const struct plan_node *node, unsigned depth) {
    if (node->must_count + node->should_count == 0) {
        indent(printing, depth);
        bytes_append_string(printing->out, "every review\n");
    }
    TRY(print_list(printing, "all", node->must, node->must_count, depth));
    TRY(print_list(printing, node->must_count ? "more" : "any", node->should, node->should_count, depth));
    TRY(print_list(printing, "none", node->must_not, node->must_not_count, depth));
    return print_list(printing, "filter", node->filters, node->filter_count, depth);
}

static revue_status print_node(struct printing *printing, const struct plan_node *node, unsigned depth) {
    switch (node->kind) {
    case PLAN_WORD:
    case PLAN_PHRASE: print_leaf(printing, node, depth); return REVUE_OK;
    case PLAN_COLUMN: return print_column(printing, &node->test, depth);
    case PLAN_ID: print_id(printing, node, depth); return REVUE_OK;
    case PLAN_SEVERAL:
    case PLAN_BOOLEAN: break;
    }
    if (node->kind == PLAN_SEVERAL) {
        char name[32];
        (void)snprintf(name, sizeof name, "several least=%u", (unsigned)node->least);
        return print_list(printing, name, node->should, node->should_count, depth);
    }
    return print_boolean(printing, node, depth);
}

revue_status plan_print(struct bytes *out, const struct plan *plan, revue_searcher *searcher, revue_error *error) {
    struct printing printing = {out, searcher, error};
    if (plan->root)
        TRY(print_node(&printing, plan->root, 1));
    else
        bytes_append_string(out, "  nothing\n");
    return print_list(&printing, "filter", plan->filters, plan->filter_count, 1);
}
