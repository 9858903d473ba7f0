/* update.c - revue_update: options, remembered and given; then walk, read, sweep, commit. */
#include "indexer/update.h"

#include "indexer/base/clock.h"
#include "indexer/base/memory.h"
#include "indexer/text/language.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_MEMORY_MIB 512u
#define LEAST_MEMORY_MIB 16u
#define THREADS_MAX 256

/* ---- settings ---- */

/* What is given replaces what was remembered under that name; changes of how records are read make every source due again.
 */
static revue_status remember_list(struct update_run *run, const char *name, const char *const *values, size_t count,
                                  bool changes_reading, revue_error *error) {
    struct settings *settings = &run->writer.settings;
    size_t known = 0;
    bool is_same = true;
    if (count == 0) return REVUE_OK;
    for (size_t i = 0; i < settings->count; i++) {
        if (strcmp(settings->rows[i].name, name) != 0) continue;
        is_same &= known < count && strcmp(settings->rows[i].value, values[known]) == 0;
        known++;
    }
    if (is_same && known == count) return REVUE_OK;
    settings_remove(settings, name);
    for (size_t i = 0; i < count; i++)
        TRY(settings_add(settings, name, values[i], error));
    run->writer.settings_changed = true;
    if (changes_reading) {
        run->writer.schema.version++;
        run->writer.schema_changed = true;
    }
    return REVUE_OK;
}

static revue_status remember_options(struct update_run *run, revue_error *error) {
    const revue_update_options *options = run->options;
    static const char *const formats[] = {"auto", "text", "html", "jsonl", "csv", "tsv", "lines"};
    char number[32];
    const char *rating_max = number, *format = formats[options->format];
    TRY(remember_list(run, "map", options->map, options->map_count, true, error));
    TRY(remember_list(run, "column", options->columns, options->column_count, true, error));
    TRY(remember_list(run, "include", options->include, options->include_count, true, error));
    TRY(remember_list(run, "exclude", options->exclude, options->exclude_count, true, error));
    TRY(remember_list(run, "lang", &options->lang, options->lang != NULL, true, error));
    (void)snprintf(number, sizeof number, "%.17g", options->rating_max);
    TRY(remember_list(run, "rating-max", &rating_max, options->rating_max > 0, true, error));
    return remember_list(run, "format", &format, options->format != REVUE_FORMAT_AUTO, true, error);
}

/* ---- from settings to what readers take ---- */

static size_t count_setting(const struct settings *settings, const char *name) {
    size_t count = 0;
    for (size_t i = 0; i < settings->count; i++)
        count += strcmp(settings->rows[i].name, name) == 0;
    return count;
}

static revue_status views_of_setting(struct update_run *run, const char *name, struct view **views, size_t *count,
                                     revue_error *error) {
    const struct settings *settings = &run->writer.settings;
    *count = 0;
    *views = arena_alloc_array(&run->arena, count_setting(settings, name) + 1, sizeof **views);
    if (!*views) return error_no_memory(error);
    for (size_t i = 0; i < settings->count; i++)
        if (strcmp(settings->rows[i].name, name) == 0) (*views)[(*count)++] = view_of_string(settings->rows[i].value);
    return REVUE_OK;
}

static revue_status parse_map(struct update_run *run, revue_error *error) {
    struct view *rows;
    size_t count;
    TRY(views_of_setting(run, "map", &rows, &count, error));
    run->map = arena_alloc_array(&run->arena, count + 1, sizeof *run->map);
    if (!run->map) return error_no_memory(error);
    for (size_t i = 0; i < count; i++) {
        const char *equals = memchr(rows[i].data, '=', rows[i].size);
        size_t name_size = equals ? (size_t)(equals - rows[i].data) : 0;
        enum schema_slot slot = schema_slot_by_name(view_of(rows[i].data, name_size));
        if (!equals || slot == SLOT_NONE || name_size + 1 == rows[i].size)
            return error_set(
                error, REVUE_USAGE,
                "--map %s: write FIELD=NAME, FIELD one of title body product author id rating date votes lang url tags",
                rows[i].data);
        run->map[i] = (struct archive_map){slot, view_of(equals + 1, rows[i].size - name_size - 1)};
    }
    run->archive.map = run->map;
    run->archive.map_count = count;
    return REVUE_OK;
}

static revue_status parse_columns(struct update_run *run, revue_error *error) {
    static const char *const kinds[] = {[COLUMN_KEYWORD] = "keyword", [COLUMN_NUMBER] = "number", [COLUMN_DATE] = "date"};
    struct view *rows;
    size_t count;
    TRY(views_of_setting(run, "column", &rows, &count, error));
    run->columns = arena_alloc_array(&run->arena, count + 1, sizeof *run->columns);
    run->column_numbers = arena_alloc_array(&run->arena, count + 1, sizeof *run->column_numbers);
    if (!run->columns || !run->column_numbers) return error_no_memory(error);
    for (size_t i = 0; i < count; i++) {
        const char *colon = memrchr(rows[i].data, ':', rows[i].size);
        struct archive_column *column = &run->columns[i];
        *column = (struct archive_column){rows[i], COLUMN_KEYWORD};
        if (colon) {
            struct view kind = view_of(colon + 1, rows[i].size - (size_t)(colon + 1 - rows[i].data));
            unsigned number = 0;
            while (number < 3 && !view_equal(kind, view_of_string(kinds[number])))
                number++;
            if (number == 3)
                return error_set(error, REVUE_USAGE, "--column %s: the kind is number, keyword or date", rows[i].data);
            *column =
                (struct archive_column){view_of(rows[i].data, (size_t)(colon - rows[i].data)), (enum column_kind)number};
        }
        uint32_t before = run->writer.schema.count;
        TRY(schema_declare(&run->writer.schema, column->name, column->kind, &run->column_numbers[i], error));
        run->writer.schema_changed |= run->writer.schema.count != before;
    }
    run->archive.columns = run->columns;
    run->archive.column_count = count;
    return REVUE_OK;
}

static revue_status parse_settings(struct update_run *run, revue_error *error) {
    static const char *const formats[] = {"auto", "text", "html", "jsonl", "csv", "tsv", "lines"};
    const struct settings *settings = &run->writer.settings;
    TRY(parse_map(run, error));
    TRY(parse_columns(run, error));
    TRY(views_of_setting(run, "include", &run->include, &run->archive.include_count, error));
    TRY(views_of_setting(run, "exclude", &run->exclude, &run->archive.exclude_count, error));
    run->archive.include = run->include;
    run->archive.exclude = run->exclude;
    const char *format = settings_get(settings, "format");
    for (unsigned i = 0; format && i < sizeof formats / sizeof *formats; i++)
        if (strcmp(format, formats[i]) == 0) run->archive.format = (enum archive_format)i;
    const char *rating_max = settings_get(settings, "rating-max");
    run->rating_max = rating_max ? strtod(rating_max, NULL) : 0;
    run->lang_tag = settings_get(settings, "lang");
    bool is_known = true;
    run->language = run->lang_tag ? language_of_tag(view_of_string(run->lang_tag), &is_known) : LANGUAGE_ENGLISH;
    return is_known ? REVUE_OK
                    : error_set(error, REVUE_USAGE, "--lang %s is not a language tag: write one such as en or pt-BR",
                                run->lang_tag);
}

/* ---- roots ---- */

static char *absolute_path(const char *path) {
    if (strcmp(path, "-") == 0) return memory_copy_string("-");
    char *resolved = realpath(path, NULL);
    char *copy = memory_copy_string(resolved ? resolved : path);
    free(resolved);
    return copy;
}

/* What ids begin with: the last part of the path, and ~2 when an earlier root is called the same. */
static char *root_name(const struct update_run *run, size_t index) {
    const char *path = run->roots[index].path, *slash = strrchr(path, '/');
    const char *base = slash && slash[1] ? slash + 1 : slash ? "root" : path;
    struct bytes name = {0};
    unsigned same = 1;
    for (size_t i = 0; i < index; i++) {
        const char *other = strrchr(run->roots[i].path, '/');
        same += strcmp(other && other[1] ? other + 1 : run->roots[i].path, base) == 0;
    }
    bytes_append_string(&name, base);
    if (same > 1) bytes_append_format(&name, "~%u", same);
    char *copy = name.failed ? NULL : memory_copy_bytes(name.data, name.size);
    bytes_free(&name);
    return copy;
}

static revue_status name_roots(struct update_run *run, revue_error *error) {
    for (size_t i = 0; i < run->root_count; i++) {
        struct stat about;
        run->roots[i].number = (uint16_t)i;
        run->roots[i].is_file = stat(run->roots[i].path, &about) == 0 && !S_ISDIR(about.st_mode);
        run->roots[i].name = root_name(run, i);
        if (!run->roots[i].name) return error_no_memory(error);
    }
    return REVUE_OK;
}

static revue_status remember_root(struct update_run *run, const char *path, revue_error *error) {
    char *absolute = absolute_path(path);
    if (!absolute) return error_no_memory(error);
    for (size_t i = 0; i < run->root_count; i++)
        if (strcmp(run->roots[i].path, absolute) == 0) {
            run->roots[i].is_named = true;
            memory_free(absolute);
            return REVUE_OK;
        }
    run->roots[run->root_count++] = (struct update_root){.path = absolute, .is_named = true};
    run->writer.settings_changed = true;
    return settings_add(&run->writer.settings, "root", absolute, error);
}

static revue_status collect_roots(struct update_run *run, revue_error *error) {
    const revue_update_options *options = run->options;
    struct settings *settings = &run->writer.settings;
    size_t known = count_setting(settings, "root");
    if (known + options->root_count == 0)
        return error_set(error, REVUE_USAGE,
                         "no ROOT was given and none is remembered: name the files or folders to index");
    if (known + options->root_count > UINT16_MAX)
        return error_set(error, REVUE_USAGE, "too many roots: at most %d", UINT16_MAX);
    run->roots = memory_alloc_zeroed(known + options->root_count, sizeof *run->roots);
    if (!run->roots) return error_no_memory(error);
    for (size_t i = 0; i < settings->count; i++) {
        if (strcmp(settings->rows[i].name, "root") != 0) continue;
        struct update_root *root = &run->roots[run->root_count++];
        root->path = memory_copy_string(settings->rows[i].value);
        root->is_named = options->root_count == 0 && strcmp(settings->rows[i].value, "-") != 0;
        if (!root->path) return error_no_memory(error);
    }
    for (size_t i = 0; i < options->root_count; i++)
        TRY(remember_root(run, options->roots[i], error));
    return name_roots(run, error);
}

/* ---- the run ---- */

static revue_status check_options(const revue_update_options *options, revue_error *error) {
    for (size_t i = 0; i < options->root_count; i++)
        if (strcmp(options->roots[i], "-") == 0 && (!options->source_name || !*options->source_name))
            return error_set(error, REVUE_USAGE,
                             "standard input (-) needs --source-name, under which its reviews are known");
    if (options->memory_mib && options->memory_mib < LEAST_MEMORY_MIB)
        return error_set(error, REVUE_USAGE, "--memory %u is too little: at least %u", options->memory_mib,
                         LEAST_MEMORY_MIB);
    return REVUE_OK;
}

static unsigned threads_of(const revue_update_options *options) {
    long cores = options->threads ? (long)options->threads : sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > THREADS_MAX ? THREADS_MAX : (unsigned)cores;
}

/* A run that was told to stop leaves merging to the next one. */
static bool may_merge(void *context) {
    struct update_run *run = context;
    report_progress(run, "merging", false);
    if (!run->stop_signal && run->options->should_stop) run->stop_signal = run->options->should_stop(run->options->context);
    return run->stop_signal == 0;
}

/* What was blocked by hand, and whether ids have shadows. */
static revue_status recall_hand_work(struct update_run *run, revue_error *error) {
    store_cursor *cursor;
    struct view key, value;
    if (!run->has_writer || run->writer.is_new) return REVUE_OK;
    TRY(block_patterns_read(&run->patterns, run->writer.read, error));
    TRY(store_cursor_open(run->writer.read, TABLE_SHADOWS, &cursor, error));
    revue_status status = store_cursor_at_or_after(cursor, view_of(NULL, 0), &key, &value, error);
    store_cursor_close(cursor);
    run->has_shadows = status == REVUE_OK;
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

/* A dry run reads as an update of an empty index would, and makes none. */
static revue_status open_run(struct update_run *run, const char *index_path, revue_error *error) {
    struct writer_options options = {.wait_seconds = run->options->wait_seconds,
                                     .create = true,
                                     .no_positions = run->options->no_positions,
                                     .no_text = run->options->no_text};
    options.threads = threads_of(run->options);
    options.may_merge = may_merge;
    options.merge_context = run;
    options.memory_bytes = (size_t)(run->options->memory_mib ? run->options->memory_mib : DEFAULT_MEMORY_MIB) << 20;
    run->has_writer = !run->options->dry_run;
    if (run->has_writer) {
        TRY(writer_open(&run->writer, index_path, &options, error));
    } else {
        TRY(schema_new(&run->writer.schema, error));
        run->writer.is_new = true;
        run->writer.manifest.next_source = 1;
    }
    TRY(remember_options(run, error));
    TRY(parse_settings(run, error));
    TRY(recall_hand_work(run, error));
    return collect_roots(run, error);
}

static revue_status do_run(struct update_run *run, revue_error *error) {
    TRY(sources_walk(run, error));
    TRY(sources_read(run, error));
    if (run->options->strict && run->report->reviews_bad > 0)
        return error_set(error, REVUE_INVALID, "%llu %s bad; --strict: nothing of this run was kept",
                         (unsigned long long)run->report->reviews_bad,
                         run->report->reviews_bad == 1 ? "record is" : "records are");
    if (!run->has_writer) return REVUE_OK;
    TRY(sources_find_gone(run, error));
    TRY(shadows_take_over(run, error));
    TRY(sources_sweep(run, error));
    if (writer_is_clean(&run->writer)) return REVUE_OK;
    report_progress(run, "writing", true);
    return writer_commit(&run->writer, sources_write_rows, run, error);
}

static void close_run(struct update_run *run) {
    for (size_t i = 0; i < run->root_count; i++) {
        memory_free(run->roots[i].path);
        memory_free(run->roots[i].name);
        memory_free(run->roots[i].is_unchanged);
        if (run->roots[i].is_open) archive_files_free(&run->roots[i].files);
    }
    memory_free(run->roots);
    memory_free(run->sources);
    block_patterns_free(&run->patterns);
    memory_free(run->shadows);
    id_set_free(&run->shadow_keys);
    memory_free(run->rows);
    memory_free(run->gone_rows);
    memory_free(run->repeats.slots);
    memory_free(run->tag_numbers);
    memory_free(run->extras);
    id_set_free(&run->ids);
    bytes_free(&run->id);
    bytes_free(&run->name);
    bytes_free(&run->scratch);
    writer_close(&run->writer);
    arena_free(&run->arena);
}

revue_status revue_update(const char *index_path, const revue_update_options *options, revue_report **report,
                          revue_error *error) {
    struct update_run run = {.options = options, .started = clock_monotonic()};
    revue_error own_error;
    *report = NULL;
    if (!error) error = &own_error;
    error_clear(error);
    TRY(check_options(options, error));
    if (getrandom(&run.ids.seed, sizeof run.ids.seed, 0) != sizeof run.ids.seed) run.ids.seed = (uint64_t)clock_seconds();
    run.report = report_create();
    if (!run.report) return error_no_memory(error);
    revue_status status = open_run(&run, index_path, error);
    if (status == REVUE_OK) {
        status = report_finish(&run, do_run(&run, error), error);
        *report = run.report;
    } else {
        revue_report_free(run.report);
    }
    close_run(&run);
    return status;
}
