/* stats_answer.c - see stats_answer.h. The JSON is described in query/output/SCHEMA.md, with all other answers. */
#include "indexer/cli/stats_answer.h"

#include "indexer/base/printer.h"
#include "indexer/cli/figures.h"

#include <inttypes.h>
#include <time.h>

/* The bytes of an index by kind, in the order in which they are shown. */
struct part {
    const char *name;
    uint64_t bytes;
};
#define PART_COUNT 9u

static void list_parts(const revue_stats *stats, struct part parts[PART_COUNT]) {
    const struct part listed[PART_COUNT] = {
        {"terms", stats->bytes_terms},     {"postings", stats->bytes_postings}, {"positions", stats->bytes_positions},
        {"lengths", stats->bytes_lengths}, {"columns", stats->bytes_columns},   {"text", stats->bytes_text},
        {"ids", stats->bytes_ids},         {"sources", stats->bytes_sources},   {"other", stats->bytes_other},
    };
    memcpy(parts, listed, sizeof listed);
}

/* ---- runs ---- */

bool stats_is_whole_object(struct view line) {
    int depth = 0;
    bool in_string = false;
    if (line.size < 2 || line.data[0] != '{') return false;
    for (size_t i = 0; i < line.size; i++) {
        char character = line.data[i];
        if (in_string && character == '\\') {
            i++;
        } else if (character == '"') {
            in_string = !in_string;
        } else if (!in_string && (character == '{' || character == '[')) {
            depth++;
        } else if (!in_string && (character == '}' || character == ']')) {
            if (--depth == 0) return i + 1 == line.size;
        }
    }
    return false;
}

/* The next line of *rest that is whole; of size 0 when there is none. */
static struct view next_run(const char **rest) {
    while (*rest && **rest) {
        struct view line = view_of(*rest, strcspn(*rest, "\n"));
        *rest += line.size + ((*rest)[line.size] == '\n');
        if (stats_is_whole_object(line)) return line;
    }
    return view_of(NULL, 0);
}

/* A value that is JSON already. */
static void print_object(struct printer *printer, struct view object, bool is_first_of_list) {
    if (!printer->after_key && !is_first_of_list) bytes_append_u8(printer->out, ',');
    printer->after_key = false;
    bytes_append(printer->out, object.data, object.size);
}

static void print_runs(struct printer *printer, const char *runs, bool all_runs) {
    struct view newest = {NULL, 0};
    const char *rest = runs;
    for (struct view run = next_run(&rest); run.size > 0; run = next_run(&rest))
        newest = run;
    if (newest.size > 0) {
        printer_key(printer, "last_run");
        print_object(printer, newest, true);
    }
    if (!all_runs) return;
    printer_key(printer, "runs");
    printer_begin_list(printer);
    bool is_first = true;
    rest = runs;
    for (struct view run = next_run(&rest); run.size > 0; run = next_run(&rest)) {
        print_object(printer, run, is_first);
        is_first = false;
    }
    printer_end_list(printer);
}

/* ---- JSON ---- */

static void print_counts(struct printer *printer, const revue_stats *stats) {
    printer_key_unsigned(printer, "format", stats->format);
    printer_key_unsigned(printer, "reviews", stats->reviews);
    printer_key_unsigned(printer, "deleted", stats->deleted);
    printer_key_unsigned(printer, "blocked", stats->blocked);
    printer_key_unsigned(printer, "terms", stats->terms);
    printer_key_unsigned(printer, "tokens", stats->tokens);
    printer_key_unsigned(printer, "segments", stats->segments);
    printer_key_unsigned(printer, "sources", stats->sources);
    printer_key_unsigned(printer, "text_bytes", stats->text_bytes);
}

static void print_bytes(struct printer *printer, const revue_stats *stats) {
    struct part parts[PART_COUNT];
    list_parts(stats, parts);
    printer_key(printer, "bytes");
    printer_begin_map(printer);
    printer_key_unsigned(printer, "file", stats->bytes_file);
    printer_key_unsigned(printer, "used", stats->bytes_used);
    printer_key_unsigned(printer, "free", stats->bytes_free);
    printer_key_unsigned(printer, "dead", stats->bytes_dead);
    for (size_t i = 0; i < PART_COUNT; i++)
        printer_key_unsigned(printer, parts[i].name, parts[i].bytes);
    printer_end_map(printer);
}

static void print_fields(struct printer *printer, const revue_stats *stats) {
    printer_key(printer, "fields");
    printer_begin_map(printer);
    for (size_t i = 0; i < stats->field_count; i++) {
        printer_key(printer, stats->fields[i].name);
        printer_begin_map(printer);
        printer_key_string(printer, "kind", stats->fields[i].kind);
        printer_key_unsigned(printer, "filled", stats->fields[i].filled);
        printer_end_map(printer);
    }
    printer_end_map(printer);
}

static void print_readers(struct printer *printer, const revue_stats *stats) {
    if (stats->reader_count == 0) return;
    printer_key(printer, "readers");
    printer_begin_list(printer);
    for (size_t i = 0; i < stats->reader_count; i++) {
        const revue_reader *reader = &stats->readers[i];
        printer_begin_map(printer);
        printer_key_unsigned(printer, "process", (uint64_t)reader->process);
        printer_key_string(printer, "name", reader->name);
        if (!reader->of_old_store) printer_key_unsigned(printer, "lag", reader->lag);
        printer_end_map(printer);
    }
    printer_end_list(printer);
}

void stats_answer_json(const revue_stats *stats, const char *runs, bool all_runs, struct bytes *out) {
    struct printer printer;
    printer_start(&printer, out);
    printer_begin_map(&printer);
    printer_key_unsigned(&printer, "revue", 1);
    printer_key_string(&printer, "command", "stats");
    print_counts(&printer, stats);
    print_bytes(&printer, stats);
    print_fields(&printer, stats);
    printer_key_string(&printer, "analysis", stats->analysis);
    if (stats->digest[0]) printer_key_string(&printer, "digest", stats->digest);
    printer_key_unsigned(&printer, "run", stats->run);
    print_readers(&printer, stats);
    print_runs(&printer, runs, all_runs);
    printer_end_map(&printer);
    bytes_append_u8(out, '\n');
}

/* ---- text ---- */

static void append_label(struct bytes *out, const char *label) {
    bytes_append_format(out, "  %-10s ", label);
}

static void append_row(struct bytes *out, const char *label, uint64_t count) {
    append_label(out, label);
    append_count(out, count);
    bytes_append_u8(out, '\n');
}

static void append_share(struct bytes *out, const char *label, uint64_t part, uint64_t whole) {
    append_label(out, label);
    append_size(out, part);
    if (whole > 0) bytes_append_format(out, "  %.1f %%", 100 * (double)part / (double)whole);
    bytes_append_u8(out, '\n');
}

static void append_reviews(struct bytes *out, const revue_stats *stats) {
    append_label(out, "reviews");
    append_count(out, stats->reviews);
    if (stats->deleted > 0) {
        bytes_append_string(out, ", and ");
        append_count(out, stats->deleted);
        bytes_append_string(out, " deleted ones not yet merged away");
    }
    bytes_append_u8(out, '\n');
    if (stats->blocked > 0) append_row(out, "blocked", stats->blocked);
    append_row(out, "sources", stats->sources);
    append_row(out, "terms", stats->terms);
    append_row(out, "tokens", stats->tokens);
    append_row(out, "segments", stats->segments);
}

static void append_sizes(struct bytes *out, const revue_stats *stats) {
    struct part parts[PART_COUNT];
    list_parts(stats, parts);
    append_label(out, "text");
    append_size(out, stats->text_bytes);
    bytes_append_string(out, " of titles and bodies\n");
    append_label(out, "file");
    append_size(out, stats->bytes_file);
    bytes_append_string(out, ": ");
    append_size(out, stats->bytes_used);
    bytes_append_string(out, " used, ");
    append_size(out, stats->bytes_free);
    bytes_append_string(out, " free, ");
    append_size(out, stats->bytes_dead);
    bytes_append_string(out, " dead\n\nBytes by kind\n");
    for (size_t i = 0; i < PART_COUNT; i++)
        append_share(out, parts[i].name, parts[i].bytes, stats->bytes_used);
}

static void append_fields(struct bytes *out, const revue_stats *stats) {
    if (stats->field_count == 0) return;
    bytes_append_string(out, "\nFields\n");
    for (size_t i = 0; i < stats->field_count; i++) {
        const revue_field_stats *field = &stats->fields[i];
        bytes_append_format(out, "  %-10s %-8s ", field->name, field->kind);
        append_count(out, field->filled);
        if (stats->reviews > 0) bytes_append_format(out, "  %.1f %%", 100 * (double)field->filled / (double)stats->reviews);
        bytes_append_u8(out, '\n');
    }
}

/* Those that keep old pages: the file grows for them. */
static void append_readers(struct bytes *out, const revue_stats *stats) {
    for (size_t i = 0; i < stats->reader_count; i++) {
        const revue_reader *reader = &stats->readers[i];
        append_label(out, i == 0 ? "readers" : "");
        bytes_append_format(out, "process %ld (%s) reads ", reader->process, reader->name);
        if (reader->of_old_store)
            bytes_append_string(out, "files that were replaced, and keeps them on the disk\n");
        else
            bytes_append_format(out, "what is %" PRIu64 " %s old: the file grows meanwhile\n", reader->lag,
                                reader->lag == 1 ? "commit" : "commits");
    }
}

static void append_commit(struct bytes *out, const revue_stats *stats) {
    time_t at = (time_t)stats->committed_at;
    struct tm parts;
    char text[40] = "";
    append_label(out, "commit");
    bytes_append_format(out, "%" PRIu64 " of generation %" PRIu64 ", run %" PRIu64, stats->commit, stats->generation,
                        stats->run);
    if (at > 0 && gmtime_r(&at, &parts) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) > 0) {
        bytes_append_format(out, ", %s", text);
    }
    bytes_append_u8(out, '\n');
    append_readers(out, stats);
}

void stats_answer_text(const char *index_path, const revue_stats *stats, const char *runs, struct bytes *out) {
    bytes_append_format(out, "%s\n", index_path);
    append_reviews(out, stats);
    append_commit(out, stats);
    append_label(out, "format");
    bytes_append_format(out, "%u, analysis %s\n", stats->format, stats->analysis);
    if (stats->analysis_differs) {
        append_label(out, "");
        bytes_append_string(out, "this program analyses text differently: update --reanalyse brings the index up to it\n");
    }
    if (stats->digest[0]) {
        append_label(out, "digest");
        bytes_append_format(out, "%s\n", stats->digest);
    }
    append_sizes(out, stats);
    append_fields(out, stats);
    if (!runs || !*runs) return;
    bytes_append_string(out, "\nRuns\n");
    for (struct view run = next_run(&runs); run.size > 0; run = next_run(&runs)) {
        bytes_append(out, run.data, run.size);
        bytes_append_u8(out, '\n');
    }
}
