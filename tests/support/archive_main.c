/* archive_main.c - build/tests/archive: reads an archive and prints what was found, to see with one's own eyes what an
 * archive holds before it is indexed.
 *
 *     archive [--format F] [--map FIELD=NAME] [--column NAME[:kind]] [--include GLOB] [--exclude GLOB] [--record-bytes N]
 *             [--depth N] [--sources] [--dump] [--stdin NAME] ROOT
 *
 * Without --sources only totals are printed, and at most twenty skips and problems; --dump prints every review. */
#include "indexer/archive/archive.h"
#include "indexer/review/date.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SHOWN 20u

struct counts {
    uint64_t reviews, problems, filled[SLOT_COUNT], extras, text_bytes;
};

struct run {
    struct archive_options options;
    struct archive_map map[32];
    struct archive_column columns[32];
    struct view include[32], exclude[32];
    bool show_sources, dump;
    struct counts all, source;
    bool in_source;
    struct archive_source current;
    char name[4096];
    uint64_t sources, skipped, fatal, bytes;
};

static const char *const format_names[] = {"auto", "text", "html", "jsonl", "csv", "tsv", "lines"};

static void print_counts(const struct counts *counts) {
    printf("%" PRIu64 " reviews", counts->reviews);
    for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
        if (counts->filled[slot]) printf("  %s %" PRIu64, schema_slot_name((enum schema_slot)slot), counts->filled[slot]);
    }
    if (counts->extras) printf("  columns %" PRIu64, counts->extras);
    if (counts->problems) printf("  problems %" PRIu64, counts->problems);
    printf("\n");
}

static void end_source(struct run *run) {
    if (run->in_source && run->show_sources) {
        printf("%s [%s] ", run->name, format_names[run->current.format]);
        print_counts(&run->source);
    }
    run->in_source = false;
}

static void print_field(const char *name, struct view text) {
    if (text.size) printf("  %-8s %.*s\n", name, (int)text.size, text.data);
}

static void print_review(const struct review *review) {
    char date[32];
    printf("line %" PRIu64 "\n", review->line);
    print_field("id", review->id);
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        print_field(schema_slot_name((enum schema_slot)field), review->text[field]);
    print_field("lang", review->lang);
    print_field("url", review->url);
    for (uint32_t i = 0; i < review->tag_count; i++)
        print_field("tag", review->tags[i]);
    for (uint32_t i = 0; i < review->extra_count; i++) {
        printf("  column %u %.*s\n", review->extras[i].column, (int)review->extras[i].value.size,
               review->extras[i].value.data);
    }
    if (review->has_rating) printf("  rating   %g of %g\n", review->rating, review->rating_max);
    if (review->has_votes) printf("  votes    %g\n", review->votes);
    if (date_format(review->date, date)) printf("  date     %s\n", date);
}

static void count_review(struct counts *counts, const struct review *review) {
    counts->reviews++;
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        counts->filled[field] += review->text[field].size > 0;
    counts->filled[SLOT_ID] += review->id.size > 0;
    counts->filled[SLOT_LANG] += review->lang.size > 0;
    counts->filled[SLOT_URL] += review->url.size > 0;
    counts->filled[SLOT_TAGS] += review->tag_count > 0;
    counts->filled[SLOT_RATING] += review->has_rating;
    counts->filled[SLOT_VOTES] += review->has_votes;
    counts->filled[SLOT_DATE] += review->date.precision != DATE_ABSENT;
    counts->extras += review->extra_count;
    counts->text_bytes += review->text[FIELD_BODY].size + review->text[FIELD_TITLE].size;
}

static void take_event(struct run *run, const struct archive_event *event) {
    struct view name = event->source.name;
    switch (event->kind) {
    case ARCHIVE_SOURCE:
        end_source(run);
        run->in_source = true;
        run->sources++;
        run->source = (struct counts){0};
        run->current = event->source;
        (void)snprintf(run->name, sizeof run->name, "%.*s", (int)name.size, name.data);
        break;
    case ARCHIVE_REVIEW:
        count_review(&run->source, &event->review);
        count_review(&run->all, &event->review);
        if (run->dump) print_review(&event->review);
        break;
    case ARCHIVE_SKIP:
        if (run->skipped++ < SHOWN || run->show_sources)
            printf("skipped %.*s: %s\n", (int)name.size, name.data, event->what);
        break;
    case ARCHIVE_PROBLEM:
        run->source.problems++;
        run->fatal += event->fatal;
        if (run->all.problems++ < SHOWN || run->show_sources) {
            printf("problem %.*s:%" PRIu64 ": %s: %s\n", (int)name.size, name.data, event->line, event->what, event->done);
        }
        break;
    case ARCHIVE_END: end_source(run); break;
    }
}

static revue_status drain(struct run *run, archive_reader *reader, revue_error *error) {
    struct archive_event event;
    revue_status status;
    do {
        status = archive_next(reader, &event, error);
        if (status == REVUE_OK) take_event(run, &event);
    } while (status == REVUE_OK && event.kind != ARCHIVE_END);
    run->bytes += archive_bytes_read(reader);
    archive_close(reader);
    return status;
}

static revue_status read_root(struct run *run, const char *root, revue_error *error) {
    struct archive_files files;
    revue_status status = archive_walk(root, &run->options, &files, error);
    if (status != REVUE_OK) return status;
    for (size_t i = 0; i < files.skipped_count && run->show_sources; i++) {
        printf("left out %.*s: %s\n", (int)files.skipped[i].path.size, files.skipped[i].path.data, files.skipped[i].why);
    }
    for (size_t i = 0; i < files.failed_count; i++) {
        printf("failed %.*s: %s\n", (int)files.failed[i].path.size, files.failed[i].path.data, files.failed[i].why);
    }
    for (size_t i = 0; i < files.count && status == REVUE_OK; i++) {
        archive_reader *reader;
        if (archive_open(&reader, root, &files.items[i], &run->options, error) == REVUE_OK)
            status = drain(run, reader, error);
        else
            printf("failed %.*s: %s\n", (int)files.items[i].path.size, files.items[i].path.data, error->message);
    }
    archive_files_free(&files);
    return status;
}

static revue_status read_standard_input(struct run *run, const char *name, revue_error *error) {
    archive_reader *reader;
    revue_status status = archive_open_fd(&reader, 0, name, &run->options, error);
    return status == REVUE_OK ? drain(run, reader, error) : status;
}

static void usage(void) {
    fprintf(stderr, "usage: archive [options] ROOT (see tests/support/archive_main.c)\n");
    exit(2);
}

static enum archive_format format_of(const char *name) {
    for (unsigned i = 0; i < sizeof format_names / sizeof *format_names; i++) {
        if (strcmp(format_names[i], name) == 0) return (enum archive_format)i;
    }
    usage();
    return ARCHIVE_AUTO;
}

static void add_map(struct run *run, const char *text) {
    const char *equals = strchr(text, '=');
    if (!equals || run->options.map_count == 32) usage();
    enum schema_slot slot = schema_slot_by_name(view_of(text, (size_t)(equals - text)));
    if (slot == SLOT_NONE) usage();
    run->map[run->options.map_count++] = (struct archive_map){slot, view_of_string(equals + 1)};
}

static void add_option(struct run *run, const char *name, const char *value) {
    struct archive_options *options = &run->options;
    if (!value || options->column_count == 32 || options->include_count == 32 || options->exclude_count == 32) usage();
    if (strcmp(name, "--format") == 0)
        options->format = format_of(value);
    else if (strcmp(name, "--map") == 0)
        add_map(run, value);
    else if (strcmp(name, "--column") == 0)
        run->columns[options->column_count++].name = view_of_string(value);
    else if (strcmp(name, "--include") == 0)
        run->include[options->include_count++] = view_of_string(value);
    else if (strcmp(name, "--exclude") == 0)
        run->exclude[options->exclude_count++] = view_of_string(value);
    else if (strcmp(name, "--record-bytes") == 0)
        options->limits.record_bytes = strtoull(value, NULL, 10);
    else if (strcmp(name, "--depth") == 0)
        options->limits.depth = (unsigned)strtoul(value, NULL, 10);
    else
        usage();
}

static void print_totals(const struct run *run, double seconds) {
    print_counts(&run->all);
    printf("%" PRIu64 " sources, %" PRIu64 " skipped, %" PRIu64
           " cut short; %.1f MB read, %.1f MB of text, %.3f s, %.0f MB/s\n",
           run->sources, run->skipped, run->fatal, (double)run->bytes / 1e6, (double)run->all.text_bytes / 1e6, seconds,
           (double)run->bytes / 1e6 / seconds);
}

int main(int argc, char **argv) {
    static struct run run;
    const char *root = NULL, *standard_input = NULL;
    run.options.map = run.map;
    run.options.columns = run.columns;
    run.options.include = run.include;
    run.options.exclude = run.exclude;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--sources") == 0)
            run.show_sources = true;
        else if (strcmp(argv[i], "--dump") == 0)
            run.dump = true;
        else if (strcmp(argv[i], "--stdin") == 0 && i + 1 < argc)
            standard_input = argv[++i];
        else if (strncmp(argv[i], "--", 2) == 0) {
            add_option(&run, argv[i], i + 1 < argc ? argv[i + 1] : NULL);
            i++;
        } else
            root = argv[i];
    }
    if (!root && !standard_input) usage();
    struct timespec from, to;
    revue_error error = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &from);
    revue_status status =
        standard_input ? read_standard_input(&run, standard_input, &error) : read_root(&run, root, &error);
    (void)clock_gettime(CLOCK_MONOTONIC, &to);
    if (status != REVUE_OK) fprintf(stderr, "archive: %s\n", error.message);
    print_totals(&run, (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
    return (int)status;
}
