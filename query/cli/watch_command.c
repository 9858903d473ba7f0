/* watch_command.c - `revue-query watch`: what came for each of some saved queries since the last call: the natural partner
 * of a timer that updates. What was shown is remembered in a small file (watch_state.h), only after it was written out:
 * whoever is cut off sees it again.
 *
 * The first call of a query shows nothing and remembers where the index is: thousands of old hits are no news. */
#include "indexer/base/error.h"
#include "indexer/base/hash.h"
#include "indexer/base/program.h"
#include "indexer/base/terminal.h"
#include "query/cli/query_commands.h"
#include "query/cli/query_file.h"
#include "query/output/result_answer.h"
#include "query/cli/stale_option.h"
#include "query/cli/watch_state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/file.h>
#include <unistd.h>

#define SHOWN 100u

/* in the order of the names below */
enum watch_format { FORMAT_TERMINAL, FORMAT_JSON, FORMAT_TSV };

struct watch_line {
    const char *state, *since_run, *stale_after;
    size_t n;
    int format;
    bool no_snippets;
};

struct watch {
    const struct watch_line *line;
    revue_searcher *searcher;
    revue_search_options options;
    struct query_file queries;
    struct watch_state before, after;
    uint64_t since; /* of --since-run; 0: the state says */
    struct query_tally tally;
    bool said_other_index;
};

static const char watch_about[] =
    "Prints, for each line 'NAME TAB QUERY' of SAVED_QUERIES ('-' is standard input), the reviews that match and came with "
    "a "
    "run since the last call; nothing for a query that has none, and nothing for one that is new here. What was seen is "
    "remembered beside SAVED_QUERIES. A review whose text changed came with the run that changed it.";

static bool read_watch_line(struct watch_line *line, int count, char **argv, struct operands *operands, int *code) {
    static const char *const formats[] = {"terminal", "json", "tsv", NULL};
    const struct option rows[] = {
        {"state", OPTION_TEXT, &line->state, "FILE", "where to remember what was seen (SAVED_QUERIES.seen)", NULL},
        {"since-run", OPTION_TEXT, &line->since_run, "N|DATE",
         "show what came with run N or later, or with a run of that day or later, whatever was seen", NULL},
        {"-n", OPTION_COUNT, &line->n, "N", "how many for each query (100)", NULL},
        {"format", OPTION_CHOICE, &line->format, NULL, "how hits are printed; json: a line for each query (terminal)",
         formats},
        {"no-snippets", OPTION_FLAG, &line->no_snippets, NULL, "leave out the text around the words", NULL},
        {"stale-after", OPTION_TEXT, &line->stale_after, "SPAN",
         "warn when the last run that ended well is older, such as 26h or 2d", NULL},
    };
    const struct options options = {
        .program = QUERY_NAME,
        .command = "watch",
        .operands = "INDEX SAVED_QUERIES [options]",
        .about = watch_about,
        .rows = rows,
        .row_count = sizeof rows / sizeof *rows,
    };
    return program_read_line(&options, count, argv, operands, code);
}

/* ---- where a query goes on ---- */

static struct watch_row row_of(const struct watch *watch, const struct query_line *saved) {
    return (struct watch_row){
        .uuid = view_of_string(revue_searcher_uuid(watch->searcher)),
        .name = saved->first,
        .run = revue_searcher_last_run(watch->searcher),
        .hash = hash_view(saved->rest),
    };
}

/* The first run to show; one more than the last when there is nothing to show. */
static uint64_t first_run(struct watch *watch, const struct watch_row *now) {
    const struct watch_row *seen = watch_state_find(&watch->before, now->name);
    if (watch->since > 0) return watch->since;
    if (!seen || seen->hash != now->hash) return now->run + 1;
    if (view_equal(seen->uuid, now->uuid) && seen->run <= now->run) return seen->run + 1;
    if (!watch->said_other_index)
        program_say("this is not the index of the last call, or an older state of it: only what comes from now on is new");
    watch->said_other_index = true;
    return now->run + 1;
}

/* ---- one query ---- */

/* Every line of text with the name and a tab before it. */
static void append_named_lines(struct bytes *out, struct view name, struct view text) {
    while (text.size > 0) {
        const char *end = memchr(text.data, '\n', text.size);
        size_t size = end ? (size_t)(end - text.data) + 1 : text.size;
        append_plain_id(out, name);
        bytes_append_u8(out, '\t');
        bytes_append(out, text.data, size);
        text = view_of(text.data + size, text.size - size);
    }
}

static void print_tsv(const struct answer *answer, struct bytes *out) {
    struct bytes lines = {0};
    hits_tsv(answer, &lines);
    append_named_lines(out, answer->name, bytes_view(&lines));
    out->failed |= lines.failed;
    bytes_free(&lines);
}

static void print_for_people(const struct answer *answer, struct bytes *out) {
    bool is_terminal = terminal_is(STDOUT_FILENO);
    const struct hits_look look = {
        .width = is_terminal ? terminal_width(STDOUT_FILENO) : TERMINAL_WIDTH_DEFAULT,
        .colour = terminal_has_colour(STDOUT_FILENO),
    };
    terminal_append_harmless(out, answer->name, TERMINAL_ONE_LINE);
    bytes_append_format(out, ": %" PRIu64 " new", answer->total);
    if (answer->hit_count < answer->total) bytes_append_format(out, ", the best %zu of them", answer->hit_count);
    bytes_append_string(out, "\n\n");
    hits_terminal(answer, &look, out);
    bytes_append_u8(out, '\n');
}

static void print_news(struct watch *watch, const struct answer *answer) {
    struct bytes out = {0};
    switch ((enum watch_format)watch->line->format) {
    case FORMAT_TERMINAL:
        print_for_people(answer, &out);
        program_write(&out); /* the hits hold colours, and nothing else that a terminal obeys */
        break;
    case FORMAT_JSON:
        hits_json(answer, &out);
        program_write_text(&out);
        break;
    case FORMAT_TSV:
        print_tsv(answer, &out);
        program_write_text(&out);
        break;
    }
    bytes_free(&out);
}

/* That the index is old is said once, with the first query. */
static void say_warnings(struct watch *watch, const struct answer *answer) {
    for (size_t i = 0; i < answer->warning_count; i++)
        program_say("%s", answer->warning(answer->context, i));
    watch->options.stale_after = 0;
}

static revue_status show_query(struct watch *watch, const struct query_line *saved, uint64_t since, revue_error *error) {
    revue_result *result = NULL;
    watch->options.since_run = since;
    revue_status status =
        revue_search(watch->searcher, saved->rest.data, saved->rest.size, &watch->options, &result, error);
    if (status != REVUE_OK) return status;
    struct answer answer = answer_of_result(result, saved->rest, watch->options.snippets, false);
    answer.name = saved->first;
    say_warnings(watch, &answer);
    if (answer.total > 0) print_news(watch, &answer);
    revue_result_free(result);
    return REVUE_OK;
}

/* ---- all of them ---- */

/* A line that is none is said, and left out. */
static const char *fault_of(const struct watch *watch, const struct query_line *saved, bool has_tab) {
    if (!has_tab) return "no tab between the query's name and its words";
    if (saved->first.size == 0) return "the query has no name";
    if (saved->rest.size == 0) return "the query has no words";
    if (watch_state_find(&watch->after, saved->first)) return "an earlier query has this name";
    return NULL;
}

static void leave_out(struct watch *watch, const char *why) {
    program_say_place(watch->queries.name, watch->queries.line, why, "left out");
    watch->tally.bad++;
}

/* A query that cannot be answered goes on where it was, once it is mended. */
static revue_status watch_query(struct watch *watch, const struct query_line *saved) {
    revue_error error = {0};
    struct watch_row row = row_of(watch, saved);
    const struct watch_row *seen = watch_state_find(&watch->before, saved->first);
    revue_status status = show_query(watch, saved, first_run(watch, &row), &error);
    if (status == REVUE_USAGE) {
        leave_out(watch, error.message);
        return seen ? watch_state_add(&watch->after, *seen, &error) : REVUE_OK;
    }
    if (status == REVUE_OK) status = watch_state_add(&watch->after, row, &error);
    if (status != REVUE_OK) {
        (void)program_fail(status, &error);
        return status;
    }
    watch->tally.good++;
    return REVUE_OK;
}

static revue_status watch_all(struct watch *watch) {
    struct query_line saved;
    bool has_tab;
    while (!program_output_ended() && query_file_next(&watch->queries, &saved, &has_tab)) {
        const char *fault = fault_of(watch, &saved, has_tab);
        if (fault) {
            leave_out(watch, fault);
            continue;
        }
        revue_status status = watch_query(watch, &saved);
        if (status != REVUE_OK) return status;
    }
    return query_tally_status(watch->tally);
}

/* ---- the command ---- */

static revue_status open_watch(struct watch *watch, const struct operands *operands, const char *state,
                               revue_error *error) {
    const struct watch_line *line = watch->line;
    revue_search_options_init(&watch->options);
    watch->options.n = line->n;
    watch->options.op = REVUE_OP_ALL;
    watch->options.count = true;
    watch->options.snippets = !line->no_snippets;
    TRY(stale_after_read(line->stale_after, &watch->options, error));
    TRY(query_file_read(&watch->queries, operands->items[1], error));
    TRY(watch_state_read(&watch->before, state, error));
    TRY(revue_searcher_open(&watch->searcher, operands->items[0], error));
    return line->since_run ? revue_searcher_find_run(watch->searcher, line->since_run, &watch->since, error) : REVUE_OK;
}

/* What was not written out was not seen. */
static int end_watch(struct watch *watch, revue_status status, const char *state) {
    revue_error error = {0};
    if ((status != REVUE_OK && status != REVUE_INVALID) || program_output_ended()) return program_exit(status);
    revue_status written = watch_state_write(&watch->after, state, &error);
    if (written != REVUE_OK) return program_fail(written, &error);
    return program_exit(status);
}

static int run_watch(const struct watch_line *line, const struct operands *operands, const char *state) {
    struct watch watch = {.line = line};
    revue_error error = {0};
    revue_status status = open_watch(&watch, operands, state, &error);
    int code = status == REVUE_OK ? end_watch(&watch, watch_all(&watch), state) : program_fail(status, &error);
    revue_searcher_close(watch.searcher);
    watch_state_free(&watch.before);
    watch_state_free(&watch.after);
    query_file_free(&watch.queries);
    return code;
}

/* Two calls at once would both show the same: the second one is told. */
static int run_alone(const struct watch_line *line, const struct operands *operands, const char *state) {
    const char *path = operands->items[1];
    int file = strcmp(path, "-") == 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        (void)close(file);
        program_say("%s is being watched by another call: try again when it has ended", path);
        return REVUE_BUSY;
    }
    int code = run_watch(line, operands, state);
    if (file >= 0) (void)close(file);
    return code;
}

int watch_command(int count, char **argv) {
    struct watch_line line = {.n = SHOWN};
    struct operands operands;
    struct bytes beside = {0};
    int code;
    if (!read_watch_line(&line, count, argv, &operands, &code)) return code;
    if (operands.count != 2)
        return program_misused("watch needs INDEX and SAVED_QUERIES, a file of lines 'NAME TAB QUERY'");
    if (!line.state && strcmp(operands.items[1], "-") == 0)
        return program_misused("watch needs --state FILE when the queries come from standard input");
    bytes_append_string(&beside, operands.items[1]);
    bytes_append_string(&beside, ".seen");
    bytes_append_u8(&beside, 0);
    const char *state = line.state ? line.state : beside.failed ? NULL : (const char *)beside.data;
    code = state ? run_alone(&line, &operands, state) : program_fail(REVUE_NO_MEMORY, NULL);
    bytes_free(&beside);
    return code;
}
