/* offers_command.c - `revue-query complete` and `revue-query suggest`: texts that are offered for what was typed, a line
 * each. */
#include "indexer/base/program.h"
#include "query/cli/query_commands.h"

#include <inttypes.h>

typedef revue_status (*offer_call)(revue_searcher *searcher, const char *text, size_t size, size_t n,
                                   revue_completions **completions, revue_error *error);

/* TEXT TAB COUNT: a text is that of a query, in which a tab or line end is as good as a blank. */
static void append_offer(struct bytes *out, const revue_completion *item) {
    for (const char *at = item->text; *at; at++)
        bytes_append_u8(out, *at == '\t' || *at == '\n' || *at == '\r' ? ' ' : (uint8_t)*at);
    bytes_append_format(out, "\t%" PRIu64 "\n", item->count);
}

static int print_offers(const revue_completions *completions) {
    struct bytes out = {0};
    const size_t count = revue_completions_count(completions);
    for (size_t i = 0; i < count; i++)
        append_offer(&out, revue_completions_item(completions, i));
    program_write_text(&out);
    bytes_free(&out);
    return program_exit(count > 0 ? REVUE_OK : REVUE_NO_MATCH);
}

static void join_words(struct bytes *text, const struct operands *operands) {
    for (size_t i = 1; i < operands->count; i++) {
        if (i > 1) bytes_append_u8(text, ' ');
        bytes_append_string(text, operands->items[i]);
    }
}

static int run_offers(offer_call call, const struct operands *operands, size_t n) {
    revue_searcher *searcher = NULL;
    revue_completions *completions = NULL;
    revue_error error = {0};
    struct bytes text = {0};
    join_words(&text, operands);
    revue_status status = revue_searcher_open(&searcher, operands->items[0], &error);
    if (status == REVUE_OK) status = call(searcher, (const char *)text.data, text.size, n, &completions, &error);
    int code = status == REVUE_OK ? print_offers(completions) : program_fail(status, &error);
    revue_completions_free(completions);
    revue_searcher_close(searcher);
    bytes_free(&text);
    return code;
}

static int offers_command(const char *command, const char *needs, const char *words, const char *about, offer_call call,
                          int count, char **argv) {
    size_t n = 10;
    const struct option rows[] = {{"-n", OPTION_COUNT, &n, "N", "how many, at most 100 (10)", NULL}};
    const struct options options = {
        .program = QUERY_NAME,
        .command = command,
        .operands = words,
        .about = about,
        .rows = rows,
        .row_count = sizeof rows / sizeof *rows,
        .dashed_operands = true,
    };
    struct operands operands;
    int code;
    if (!program_read_line(&options, count, argv, &operands, &code)) return code;
    if (operands.count < 2) return program_misused("%s needs INDEX and %s", command, needs);
    return run_offers(call, &operands, n);
}

int complete_command(int count, char **argv) {
    return offers_command("complete", "what was typed so far", "INDEX [-n N] PREFIX",
                          "Prints what was typed with its last word completed, as 'TEXT TAB COUNT': the words that are in "
                          "the most reviews first. Words before it are taken into account.",
                          revue_complete, count, argv);
}

int suggest_command(int count, char **argv) {
    return offers_command("suggest", "words", "INDEX [-n N] WORDS...",
                          "Prints other spellings of WORDS that find more reviews, as 'TEXT TAB COUNT', the best first.",
                          revue_suggest, count, argv);
}
