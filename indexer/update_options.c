/* update_options.c - the options of a run: what is given is remembered in the settings of the index, and what is remembered
 * tells readers how records are read. */
#include "indexer/update.h"

#include "indexer/base/memory.h"
#include "indexer/base/number.h"
#include "indexer/text/language.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* By enum revue_format. */
static const char *const formats[] = {"auto", "text", "html", "jsonl", "csv", "tsv", "lines"};
#define FORMATS (sizeof formats / sizeof *formats)

revue_status update_check_reading(const revue_update_options *options, revue_error *error) {
    if ((unsigned)options->format >= FORMATS)
        return error_set(error, REVUE_USAGE, "there is no format %d", (int)options->format);
    if (!isfinite(options->rating_max) || options->rating_max < 0)
        return error_set(error, REVUE_USAGE, "--rating-max is the best rating there is, or 0 to recognise it");
    return REVUE_OK;
}

/* ---- remembering ---- */

/* Whoever changes the line of a timer learns why this run takes longer. */
static void say_all_is_read(struct update_run *run) {
    for (unsigned i = 0; i < run->changed_option_count && !run->writer.is_new; i++) {
        char option[32];
        (void)snprintf(option, sizeof option, "--%s", run->changed_options[i]);
        report_problem(run, view_of_string(option), 0, "not what earlier runs were given", "every source is read again");
    }
}

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
        run->changed_options[run->changed_option_count++] = name; /* each at most once */
    }
    return REVUE_OK;
}

revue_status update_remember_options(struct update_run *run, revue_error *error) {
    const revue_update_options *options = run->options;
    struct bytes number = {0};
    const char *format = formats[options->format];
    TRY(remember_list(run, "map", options->map, options->map_count, true, error));
    TRY(remember_list(run, "column", options->columns, options->column_count, true, error));
    TRY(remember_list(run, "include", options->include, options->include_count, true, error));
    TRY(remember_list(run, "exclude", options->exclude, options->exclude_count, true, error));
    TRY(remember_list(run, "lang", &options->lang, options->lang != NULL, true, error));
    number_append(&number, options->rating_max);
    bytes_append_u8(&number, '\0');
    const char *rating_max = (const char *)number.data;
    revue_status status = number.failed
                              ? error_no_memory(error)
                              : remember_list(run, "rating-max", &rating_max, options->rating_max > 0, true, error);
    bytes_free(&number);
    TRY(status);
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

revue_status update_parse_settings(struct update_run *run, revue_error *error) {
    const struct settings *settings = &run->writer.settings;
    TRY(parse_map(run, error));
    TRY(parse_columns(run, error));
    TRY(views_of_setting(run, "include", &run->include, &run->archive.include_count, error));
    TRY(views_of_setting(run, "exclude", &run->exclude, &run->archive.exclude_count, error));
    run->archive.include = run->include;
    run->archive.exclude = run->exclude;
    const char *format = settings_get(settings, "format");
    for (unsigned i = 0; format && i < FORMATS; i++)
        if (strcmp(format, formats[i]) == 0) run->archive.format = (enum archive_format)i;
    const char *rating_max = settings_get(settings, "rating-max");
    if (rating_max && !number_parse(view_of_string(rating_max), &run->rating_max))
        return error_set(error, REVUE_CORRUPT, "the remembered --rating-max %s is no number: give it again", rating_max);
    run->lang_tag = settings_get(settings, "lang");
    bool is_known = true;
    run->language = run->lang_tag ? language_of_tag(view_of_string(run->lang_tag), &is_known) : LANGUAGE_ENGLISH;
    if (!is_known)
        return error_set(error, REVUE_USAGE, "--lang %s is not a language tag: write one such as en or pt-BR",
                         run->lang_tag);
    say_all_is_read(run);
    return REVUE_OK;
}
