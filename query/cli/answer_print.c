/* answer_print.c - see answer_print.h. */
#include "query/cli/answer_print.h"

#include "indexer/base/program.h"
#include "indexer/base/terminal.h"

#include <inttypes.h>
#include <unistd.h>

const char *const answer_format_names[] = {"terminal", "json", "jsonl", "tsv", "csv", "trec", NULL};

static void print_for_people(const struct answer *answer, bool count, struct bytes *out) {
    bool is_terminal = terminal_is(STDOUT_FILENO);
    const struct hits_look look = {
        .width = is_terminal ? terminal_width(STDOUT_FILENO) : TERMINAL_WIDTH_DEFAULT,
        .colour = terminal_has_colour(STDOUT_FILENO),
        .with_total = count || (is_terminal && answer->hit_count > 0),
        .with_time = is_terminal,
    };
    hits_terminal(answer, &look, out);
    facets_terminal(answer, &look, out);
    program_write(out);
}

static void say_why_empty(const struct answer *answer, const revue_search_options *options) {
    if (answer->hit_count > 0) return;
    if (answer->total == 0)
        program_say("nothing matched: %.*s", (int)answer->query.size, answer->query.data);
    else if (options->n > 0)
        program_say("%" PRIu64 " matched: --offset %zu leaves out all of them", answer->total, options->offset);
}

void answer_print(const struct answer *answer, enum answer_format format, const revue_search_options *options) {
    struct bytes out = {0};
    for (size_t i = 0; i < answer->warning_count && format != FORMAT_JSON; i++)
        program_say("%s", answer->warning(answer->context, i));
    switch (format) {
    case FORMAT_TERMINAL: print_for_people(answer, options->count, &out); break;
    case FORMAT_JSON: hits_json(answer, &out); break;
    case FORMAT_JSONL: hits_jsonl(answer, &out); break;
    case FORMAT_TSV: hits_tsv(answer, &out); break;
    case FORMAT_TREC: hits_trec(answer, view_of_string("1"), view_of_string("revue"), &out); break;
    case FORMAT_CSV: hits_csv(answer, &out); break;
    }
    program_write_text(&out);
    bytes_free(&out);
    if (format == FORMAT_TERMINAL) say_why_empty(answer, options);
    if (answer->suggestion && format != FORMAT_JSON) program_say("did you mean: %s", answer->suggestion);
}
