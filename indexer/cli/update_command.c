/* update_command.c - `revue-indexer update`: a run, and what it came to. A run from a timer that went well says nothing;
 * one on a terminal sums itself up; `--json` says all of it in one line (update_answer.c). */
#include "indexer/base/memory.h"
#include "indexer/base/program.h"
#include "indexer/base/terminal.h"
#include "indexer/cli/indexer_commands.h"
#include "indexer/cli/progress_line.h"
#include "indexer/cli/update_answer.h"

#include <inttypes.h>
#include <limits.h>
#include <unistd.h>

struct update_line {
    struct option_list map, columns, include, exclude;
    const char *source_name, *lang, *group;
    int format;
    double rating_max, wait_seconds;
    size_t threads, memory_mib;
    bool replace, no_positions, no_text, dry_run, quiet, strict, full, reanalyse, allow_shrink, keep_gone, json;
};

static void update_line_free(struct update_line *line) {
    option_list_free(&line->map);
    option_list_free(&line->columns);
    option_list_free(&line->include);
    option_list_free(&line->exclude);
}

static const char update_about[] =
    "Creates INDEX, or brings it up to date with the files and directories ROOT, doing work in proportion to what changed. "
    "Without ROOT the remembered ones are read again, under the remembered options. Readers of INDEX go on undisturbed.";

/* The table, and the reading of the line with it. */
static bool read_update_line(struct update_line *line, int count, char **argv, struct operands *operands, int *code) {
    /* in the order of revue_format */
    static const char *const formats[] = {"auto", "text", "html", "jsonl", "csv", "tsv", "lines", NULL};
    const struct option rows[] = {
        {"format", OPTION_CHOICE, &line->format, NULL, "how sources are read; auto goes by name and content", formats},
        {"map", OPTION_LIST, &line->map, "FIELD=NAME", "the record's field NAME is the review's FIELD", NULL},
        {"column", OPTION_LIST, &line->columns, "NAME[:KIND]", "keep the field NAME as a column: number, keyword or date",
         NULL},
        {"lang", OPTION_TEXT, &line->lang, "CODE", "language of reviews that name none, such as en or pt-BR", NULL},
        {"rating-max", OPTION_NUMBER, &line->rating_max, "N", "the best rating there is, when it is not recognised", NULL},
        {"include", OPTION_LIST, &line->include, "GLOB", "read only sources whose names match", NULL},
        {"exclude", OPTION_LIST, &line->exclude, "GLOB", "leave out sources whose names match", NULL},
        {"source-name", OPTION_TEXT, &line->source_name, "NAME", "what the source read from standard input (-) is called",
         NULL},
        {"replace", OPTION_FLAG, &line->replace, NULL, "standard input replaces its source instead of adding to it", NULL},
        {"threads", OPTION_COUNT, &line->threads, "N", "threads that invert (default: one a processor)", NULL},
        {"memory", OPTION_COUNT, &line->memory_mib, "MIB", "the most memory to use (512)", NULL},
        {"no-positions", OPTION_FLAG, &line->no_positions, NULL, "smaller index, slower phrases", NULL},
        {"no-text", OPTION_FLAG, &line->no_text, NULL, "store no text: no snippets, nothing for get to show", NULL},
        {"dry-run", OPTION_FLAG, &line->dry_run, NULL, "read, write nothing, and say which fields were found", NULL},
        {"strict", OPTION_FLAG, &line->strict, NULL, "one bad record fails the run", NULL},
        {"full", OPTION_FLAG, &line->full, NULL, "read every source again, changed or not", NULL},
        {"reanalyse", OPTION_FLAG, &line->reanalyse, NULL,
         "read no archive, but analyse the stored texts anew, as this version of the program does", NULL},
        {"allow-shrink", OPTION_FLAG, &line->allow_shrink, NULL, "let a run delete a large part of an archive", NULL},
        {"keep-gone", OPTION_FLAG, &line->keep_gone, NULL, "keep the reviews of sources that vanished", NULL},
        {"group", OPTION_TEXT, &line->group, "GROUP", "let the members of GROUP search INDEX; it stays so", NULL},
        {"wait", OPTION_NUMBER, &line->wait_seconds, "S", "seconds to wait for another run to end (0)", NULL},
        {"json", OPTION_FLAG, &line->json, NULL, "say what was done in one line of JSON", NULL},
        {"quiet", OPTION_FLAG, &line->quiet, NULL, "no progress and no summary; problems are said all the same", NULL},
    };
    const struct options options = {
        .program = INDEXER_NAME,
        .command = "update",
        .operands = "INDEX [ROOT...] [options]",
        .about = update_about,
        .rows = rows,
        .row_count = sizeof rows / sizeof *rows,
    };
    return program_read_line(&options, count, argv, operands, code);
}

static revue_update_options update_options_of(const struct update_line *line, const struct operands *operands) {
    revue_update_options options = {
        .roots = operands->items + 1,
        .root_count = operands->count - 1,
        .source_name = line->source_name,
        .replace = line->replace,
        .format = (revue_format)line->format,
        .map = line->map.items,
        .map_count = line->map.count,
        .columns = line->columns.items,
        .column_count = line->columns.count,
        .lang = line->lang,
        .rating_max = line->rating_max,
        .include = line->include.items,
        .exclude = line->exclude.items,
        .include_count = line->include.count,
        .exclude_count = line->exclude.count,
        .threads = (unsigned)line->threads,
        .memory_mib = (unsigned)line->memory_mib,
        .no_positions = line->no_positions,
        .no_text = line->no_text,
        .dry_run = line->dry_run,
        .strict = line->strict,
        .full = line->full,
        .reanalyse = line->reanalyse,
        .allow_shrink = line->allow_shrink,
        .keep_gone = line->keep_gone,
        .group = line->group,
        .wait_seconds = line->wait_seconds,
        .should_stop = program_stop_signal,
    };
    return options;
}

static void say_problems(const revue_report *report) {
    for (size_t i = 0; i < report->problem_count; i++) {
        const revue_problem *problem = &report->problems[i];
        program_say_place(problem->source, problem->line, problem->what, problem->done);
    }
    if (report->problems_more > 0) program_say("and %" PRIu64 " more", report->problems_more);
}

static void answer(const struct update_line *line, const revue_report *report) {
    struct bytes out = {0};
    if (line->json) {
        update_answer_json(report, &out);
    } else if (!report->has_totals) {
        /* it never got hold of the index, which was said */
    } else if (line->dry_run) {
        update_answer_dry(report, &out);
    } else if (!line->quiet && terminal_is(STDOUT_FILENO)) {
        update_answer_summary(report, &out);
    }
    program_write_text(&out);
    bytes_free(&out);
}

static int run_update(const struct update_line *line, const struct operands *operands) {
    revue_update_options options = update_options_of(line, operands);
    struct progress_line progress;
    revue_report *report = NULL;
    revue_error error = {0};
    progress_line_start(&progress, line->quiet);
    options.on_progress = progress_line_show;
    options.context = &progress;
    program_catch_signals();
    revue_status status = revue_update(operands->items[0], &options, &report, &error);
    progress_line_end(&progress);
    if (report) say_problems(report);
    /* Problems tell why a run failed unless there is more to say. */
    bool is_told = report && report->problem_count > 0 && !error.message[0];
    if (status != REVUE_OK && !is_told) (void)program_fail(status, &error);
    if (report) answer(line, report);
    revue_report_free(report);
    return program_exit(status);
}

int update_command(int count, char **argv) {
    struct update_line line = {0};
    struct operands operands;
    int code;
    if (!read_update_line(&line, count, argv, &operands, &code)) goto done;
    if (operands.count == 0) {
        code = program_misused("update needs INDEX, the directory to create or bring up to date");
    } else if (line.threads > 4096 || line.memory_mib > UINT_MAX) {
        code = program_misused("--threads is at most 4096 and --memory at most %u", UINT_MAX);
    } else {
        code = run_update(&line, &operands);
    }
done:
    update_line_free(&line);
    return code;
}
