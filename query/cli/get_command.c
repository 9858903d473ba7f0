/* get_command.c - `revue-query get`: a review as it is stored. */
#include "indexer/base/program.h"
#include "query/cli/query_commands.h"
#include "query/output/review_json.h"

enum get_format { FORMAT_BODY, FORMAT_JSON };

/* The body as it is; a line end is put behind one that lacks it. */
static void append_body(struct bytes *out, const revue_review *review) {
    if (!review->body) return;
    bytes_append(out, review->body, review->body_size);
    if (review->body_size > 0 && review->body[review->body_size - 1] != '\n') bytes_append_u8(out, '\n');
}

static int print_review(revue_searcher *searcher, const char *id, enum get_format format) {
    revue_review *review = NULL;
    revue_error error = {0};
    struct bytes out = {0};
    revue_status status = revue_get(searcher, id, strlen(id), &review, &error);
    if (status != REVUE_OK) return program_fail(status, &error);
    if (format == FORMAT_JSON) {
        review_json(review, &out);
    } else {
        append_body(&out, review);
    }
    program_write_text(&out);
    bytes_free(&out);
    revue_review_free(review);
    return program_exit(REVUE_OK);
}

static int run_get(const char *index_path, const char *id, enum get_format format) {
    revue_searcher *searcher = NULL;
    revue_error error = {0};
    revue_status status = revue_searcher_open(&searcher, index_path, &error);
    int code = status == REVUE_OK ? print_review(searcher, id, format) : program_fail(status, &error);
    revue_searcher_close(searcher);
    return code;
}

int get_command(int count, char **argv) {
    static const char *const formats[] = {"body", "json", NULL};
    int format = FORMAT_BODY;
    const struct option rows[] = {
        {"format", OPTION_CHOICE, &format, NULL, "the text alone, or the whole record (body)", formats},
    };
    const struct options options = {
        .program = QUERY_NAME,
        .command = "get",
        .operands = "INDEX ID [--format json]",
        .about = "Prints the review whose id is ID. Before an id that begins with a dash goes '--'.",
        .rows = rows,
        .row_count = sizeof rows / sizeof *rows,
    };
    struct operands operands;
    int code;
    if (!program_read_line(&options, count, argv, &operands, &code)) return code;
    if (operands.count != 2) return program_misused("get needs INDEX and one ID");
    return run_get(operands.items[0], operands.items[1], (enum get_format)format);
}
