/* options.c - see options.h. */
#include "indexer/base/options.h"

#include "indexer/base/error.h"
#include "indexer/base/memory.h"
#include "indexer/base/number.h"

#include <errno.h>
#include <stdlib.h>

#define HELP_COLUMNS 80u /* of the whole text */
#define HELP_INDENT 26u  /* where the explanations begin */
#define NAME_MAX_COMPARED 40u

void option_list_free(struct option_list *list) {
    memory_free((void *)list->items);
    memset(list, 0, sizeof *list);
}

/* ---- the nearest name ---- */

static size_t least(size_t a, size_t b, size_t c) {
    size_t smaller = a < b ? a : b;
    return smaller < c ? smaller : c;
}

/* Edits that make b of a: one character put in, left out or changed, or two neighbours swapped (optimal string alignment),
 * over three rows of the usual table. */
static size_t edit_distance(const char *a, size_t a_size, const char *b, size_t b_size) {
    size_t rows[3][NAME_MAX_COMPARED + 1];
    for (size_t j = 0; j <= b_size; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t *row = rows[i % 3], *above = rows[(i - 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            row[j] = least(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (is_swap && rows[(i - 2) % 3][j - 2] + 1 < row[j]) row[j] = rows[(i - 2) % 3][j - 2] + 1;
        }
    }
    return rows[a_size % 3][b_size];
}

static bool is_prefix(const char *prefix, size_t size, const char *name) {
    return size >= 3 && strncmp(prefix, name, size) == 0;
}

const char *options_nearest(const char *word, const char *const *names, size_t count) {
    size_t size = strcspn(word, "="), best = SIZE_MAX;
    const char *nearest = NULL;
    if (size == 0 || size > NAME_MAX_COMPARED) return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t name_size = strlen(names[i]);
        if (name_size > NAME_MAX_COMPARED) continue;
        size_t distance = is_prefix(word, size, names[i]) ? 1 : edit_distance(word, size, names[i], name_size);
        if (distance < best) {
            best = distance;
            nearest = names[i];
        }
    }
    return best <= 1 + size / 4 && best < size ? nearest : NULL;
}

/* ---- parsing ---- */

static bool is_short(const struct option *row) {
    return row->name[0] == '-';
}

/* What the user types before the row's name. */
static const char *dashes_of(const struct option *row) {
    return is_short(row) ? "" : "--";
}

static const struct option *find_row(const struct options *options, const char *name, size_t size) {
    for (size_t i = 0; i < options->row_count; i++) {
        const struct option *row = &options->rows[i];
        if (strlen(row->name) == size && memcmp(row->name, name, size) == 0) return row;
    }
    return NULL;
}

static revue_status fail_unknown(const struct options *options, const char *word, revue_error *error) {
    const char **names = memory_alloc_array(options->row_count + 2, sizeof *names);
    if (!names) return error_no_memory(error);
    size_t count = 0;
    for (size_t i = 0; i < options->row_count; i++) {
        if (!is_short(&options->rows[i])) names[count++] = options->rows[i].name;
    }
    names[count++] = "help";
    names[count++] = "version";
    const char *nearest = options_nearest(word + strspn(word, "-"), names, count);
    memory_free((void *)names);
    if (nearest) return error_set(error, REVUE_USAGE, "unknown option %s: did you mean --%s?", word, nearest);
    return error_set(error, REVUE_USAGE, "unknown option %s: '%s %s --help' lists those there are", word, options->program,
                     options->command);
}

static revue_status read_count(const struct option *row, const char *value, revue_error *error) {
    char *end;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 10);
    bool is_number = *value >= '0' && *value <= '9' && *end == '\0';
    if (!is_number || errno == ERANGE || number > SIZE_MAX) {
        return error_set(error, REVUE_USAGE, "%s%s %s: not a whole number of 0 or more", dashes_of(row), row->name, value);
    }
    *(size_t *)row->target = (size_t)number;
    return REVUE_OK;
}

static revue_status read_number(const struct option *row, const char *value, revue_error *error) {
    double number;
    if (!number_parse(view_of_string(value), &number) || strchr("0123456789.", *value) == NULL) {
        return error_set(error, REVUE_USAGE, "%s%s %s: not a number of 0 or more", dashes_of(row), row->name, value);
    }
    *(double *)row->target = number;
    return REVUE_OK;
}

/* "a, b or c" */
static void append_choices(struct bytes *out, const char *const *choices) {
    for (size_t i = 0; choices[i]; i++) {
        if (i > 0) bytes_append_string(out, choices[i + 1] ? ", " : " or ");
        bytes_append_string(out, choices[i]);
    }
}

static revue_status read_choice(const struct option *row, const char *value, revue_error *error) {
    for (int i = 0; row->choices[i]; i++) {
        if (strcmp(row->choices[i], value) != 0) continue;
        *(int *)row->target = i;
        return REVUE_OK;
    }
    struct bytes listed = {0};
    append_choices(&listed, row->choices);
    bytes_append_u8(&listed, '\0');
    revue_status status = listed.failed ? error_no_memory(error)
                                        : error_set(error, REVUE_USAGE, "--%s %s: the value is one of %s", row->name, value,
                                                    (const char *)listed.data);
    bytes_free(&listed);
    return status;
}

static revue_status read_list(const struct option *row, const char *value, revue_error *error) {
    struct option_list *list = row->target;
    if (!MEMORY_RESERVE(list->items, list->capacity, list->count + 1)) return error_no_memory(error);
    list->items[list->count++] = value;
    return REVUE_OK;
}

static revue_status read_value(const struct option *row, const char *value, revue_error *error) {
    switch (row->kind) {
    case OPTION_FLAG: *(bool *)row->target = true; return REVUE_OK;
    case OPTION_TEXT: *(const char **)row->target = value; return REVUE_OK;
    case OPTION_LIST: return read_list(row, value, error);
    case OPTION_COUNT: return read_count(row, value, error);
    case OPTION_NUMBER: return read_number(row, value, error);
    case OPTION_CHOICE: return read_choice(row, value, error);
    }
    return REVUE_OK;
}

/* What a word is to the command. "-" alone is an operand: standard input. */
enum word_kind { WORD_OPERAND, WORD_OPTION, WORD_END, WORD_HELP, WORD_MANUAL, WORD_VERSION };

static enum word_kind classify(const struct options *options, const char *word) {
    if (word[0] != '-' || word[1] == '\0') return WORD_OPERAND;
    if (strcmp(word, "--") == 0) return WORD_END;
    if (strcmp(word, "--help") == 0) return WORD_HELP;
    if (strcmp(word, "--help=mdoc") == 0) return WORD_MANUAL;
    if (strcmp(word, "--version") == 0) return WORD_VERSION;
    if (word[1] == '-') return WORD_OPTION;
    bool is_row = find_row(options, word, strlen(word)) != NULL;
    return is_row || !options->dashed_operands ? WORD_OPTION : WORD_OPERAND;
}

/* The option at argv[*at], with its value, which may be the next word; *at is moved to the last word used. */
static revue_status read_option(const struct options *options, int count, char **argv, int *at, revue_error *error) {
    bool is_long = argv[*at][1] == '-';
    const char *word = argv[*at], *name = is_long ? word + 2 : word;
    size_t name_size = is_long ? strcspn(name, "=") : strlen(name);
    bool has_value = name[name_size] == '=';
    const struct option *row = find_row(options, name, name_size);
    if (!row || is_short(row) == is_long) return fail_unknown(options, word, error);
    const char *value = has_value ? name + name_size + 1 : NULL;
    if (row->kind == OPTION_FLAG) {
        if (has_value) return error_set(error, REVUE_USAGE, "--%s takes no value, and %s gives it one", row->name, word);
        return read_value(row, NULL, error);
    }
    if (!value) {
        if (*at + 1 >= count) {
            return error_set(error, REVUE_USAGE, "%s needs a value%s%s: %s", word, row->argument ? ", " : "",
                             row->argument ? row->argument : "", row->help);
        }
        value = argv[++*at];
    }
    return read_value(row, value, error);
}

revue_status options_parse(const struct options *options, int count, char **argv, struct operands *operands,
                           revue_error *error) {
    struct operands found = {.items = (const char *const *)argv};
    bool options_ended = false;
    for (int at = 0; at < count && !found.help && !found.version; at++) {
        switch (options_ended ? WORD_OPERAND : classify(options, argv[at])) {
        case WORD_OPERAND: argv[found.count++] = argv[at]; break;
        case WORD_END: options_ended = true; break;
        case WORD_HELP: found.help = true; break;
        case WORD_MANUAL: found.help = found.manual = true; break;
        case WORD_VERSION: found.version = true; break;
        case WORD_OPTION: TRY(read_option(options, count, argv, &at, error)); break;
        }
    }
    *operands = found;
    return REVUE_OK;
}

/* ---- help ---- */

void options_append_wrapped(struct bytes *out, const char *text, size_t column, size_t indent) {
    bool at_start = true;
    while (*text) {
        size_t word = strcspn(text, " ");
        if (!at_start && column + 1 + word > HELP_COLUMNS) {
            bytes_append_format(out, "\n%*s", (int)indent, "");
            column = indent;
            at_start = true;
        }
        if (!at_start) {
            bytes_append_u8(out, ' ');
            column++;
        }
        bytes_append(out, text, word);
        column += word;
        at_start = false;
        text += word + (text[word] == ' ');
    }
    bytes_append_u8(out, '\n');
}

/* "  --name VALUE", padded to the column of the explanations, or with a line of its own when it is longer. */
static void append_row(struct bytes *out, const struct option *row) {
    size_t start = out->size;
    bytes_append_format(out, "  %s%s", dashes_of(row), row->name);
    if (row->kind == OPTION_CHOICE) {
        for (size_t i = 0; row->choices[i]; i++)
            bytes_append_format(out, "%c%s", i == 0 ? ' ' : '|', row->choices[i]);
    } else if (row->argument) {
        bytes_append_format(out, " %s", row->argument);
    }
    size_t width = out->size - start;
    if (width + 2 > HELP_INDENT) {
        bytes_append_u8(out, '\n');
        width = 0;
    }
    bytes_append_format(out, "%*s", (int)(HELP_INDENT - width), "");
    options_append_wrapped(out, row->help, HELP_INDENT, HELP_INDENT);
}

static void append_paragraphs(struct bytes *out, const char *text) {
    while (*text) {
        size_t size = strcspn(text, "\n");
        char *paragraph = memory_copy_bytes(text, size);
        if (!paragraph) {
            out->failed = true;
            return;
        }
        options_append_wrapped(out, paragraph, 0, 0);
        memory_free(paragraph);
        text += size + (text[size] == '\n');
    }
}

void options_help(const struct options *options, struct bytes *out) {
    static const struct option common[] = {
        {.name = "help", .help = "print this and exit"},
        {.name = "version", .help = "print the version and exit"},
    };
    bytes_append_format(out, "Usage: %s %s %s\n\n", options->program, options->command, options->operands);
    append_paragraphs(out, options->about);
    bytes_append_string(out, "\nOptions:\n");
    for (size_t i = 0; i < options->row_count; i++)
        append_row(out, &options->rows[i]);
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        append_row(out, &common[i]);
    bytes_append_format(out, "\n'man %s' explains all of it.\n", options->program);
}
