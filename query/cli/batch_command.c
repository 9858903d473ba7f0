/* batch_command.c - `revue-query batch`: a file of topics answered in one go, as a TREC run. */
#include "indexer/base/program.h"
#include "query/cli/query_commands.h"
#include "query/cli/query_file.h"
#include "query/output/result_answer.h"
#include "query/cli/ranking_options.h"

#define WRITE_STEP 65536u /* bytes gathered before they are written */

struct batch_line {
    struct ranking_options ranking;
    const char *run_name;
    size_t n;
};

static const char batch_about[] =
    "Answers each line 'QID TAB TEXT' of TOPICS.tsv ('-' is standard input) with the lines 'QID Q0 ID RANK SCORE NAME' of "
    "a TREC run. TEXT is plain words without syntax; reviews with any of them match.";

static bool read_batch_line(struct batch_line *line, int count, char **argv, struct operands *operands, int *code) {
    const struct option rows[] = {
        {"-n", OPTION_COUNT, &line->n, "N", "how many for each topic (1000)", NULL},
        {"run", OPTION_TEXT, &line->run_name, "NAME", "name of the run (revue)", NULL},
        RANKING_ROWS(&line->ranking),
    };
    const struct options options = {
        .program = QUERY_NAME,
        .command = "batch",
        .operands = "INDEX TOPICS.tsv [-n 1000] [--run NAME]",
        .about = batch_about,
        .rows = rows,
        .row_count = sizeof rows / sizeof *rows,
    };
    return program_read_line(&options, count, argv, operands, code);
}

static revue_status answer_topic(revue_searcher *searcher, const revue_search_options *options,
                                 const struct query_line *topic, struct view run_name, struct bytes *out,
                                 revue_error *error) {
    revue_result *result = NULL;
    revue_status status = revue_search(searcher, topic->rest.data, topic->rest.size, options, &result, error);
    if (status != REVUE_OK) return status;
    struct answer answer = answer_of_result(result, topic->rest, false, false);
    hits_trec(&answer, topic->first, run_name, out);
    revue_result_free(result);
    return REVUE_OK;
}

/* REVUE_INVALID for a line that is no topic, or whose text cannot be searched for: it is said and left out. */
static revue_status answer_line(revue_searcher *searcher, const revue_search_options *options,
                                const struct query_file *topics, const struct query_line *topic, bool has_tab,
                                struct view run_name, struct bytes *out) {
    revue_error error = {0};
    if (!has_tab) {
        program_say_place(topics->name, topics->line, "no tab between the topic's id and its text", "skipped");
        return REVUE_INVALID;
    }
    revue_status status = answer_topic(searcher, options, topic, run_name, out, &error);
    if (status == REVUE_OK) return REVUE_OK;
    const char *done = status == REVUE_USAGE ? "skipped" : "stopped here";
    program_say_place(topics->name, topics->line, error.message[0] ? error.message : revue_status_text(status), done);
    return status == REVUE_USAGE ? REVUE_INVALID : status;
}

static revue_status answer_topics(revue_searcher *searcher, const revue_search_options *options, struct query_file *topics,
                                  struct view run_name) {
    revue_status status = REVUE_OK;
    struct query_tally tally = {0};
    struct bytes out = {0};
    struct query_line topic;
    bool has_tab;
    while (!program_output_ended() && query_file_next(topics, &topic, &has_tab)) {
        status = answer_line(searcher, options, topics, &topic, has_tab, run_name, &out);
        if (status != REVUE_OK && status != REVUE_INVALID) break;
        tally.good += status == REVUE_OK;
        tally.bad += status == REVUE_INVALID;
        status = REVUE_OK;
        if (out.size >= WRITE_STEP || out.failed) program_write_text(&out);
    }
    program_write_text(&out);
    bytes_free(&out);
    return status != REVUE_OK ? status : query_tally_status(tally);
}

static int run_batch(struct batch_line *line, const struct operands *operands) {
    revue_search_options options;
    struct query_file topics = {0};
    revue_searcher *searcher = NULL;
    revue_error error = {0};
    revue_search_options_init(&options);
    options.n = line->n;
    options.op = REVUE_OP_ANY;
    options.plain = options.ids_only = true;
    options.snippets = false;
    revue_status status = ranking_options_apply(&line->ranking, &options, &error);
    if (status == REVUE_OK) status = revue_searcher_open(&searcher, operands->items[0], &error);
    if (status == REVUE_OK) status = query_file_read(&topics, operands->items[1], &error);
    if (status != REVUE_OK) {
        (void)program_fail(status, &error);
    } else {
        status = answer_topics(searcher, &options, &topics, view_of_string(line->run_name));
    }
    query_file_free(&topics);
    revue_searcher_close(searcher);
    return program_exit(status);
}

int batch_command(int count, char **argv) {
    struct batch_line line = {.run_name = "revue", .n = 1000};
    struct operands operands;
    int code;
    ranking_options_init(&line.ranking);
    if (!read_batch_line(&line, count, argv, &operands, &code)) goto done;
    if (operands.count != 2) {
        code = program_misused("batch needs INDEX and TOPICS.tsv");
    } else if (!*line.run_name) {
        code = program_misused("--run needs a name that is not empty");
    } else {
        code = run_batch(&line, &operands);
    }
done:
    ranking_options_free(&line.ranking);
    return code;
}
