/* options_complete.c - what a shell may offer where a word of a command line is begun, from the same table as the help
 * (options.h). The scripts in indexer/cli/completion only hand the line over and show the answer, so that they need not
 * change when an option does. */
#include "indexer/base/options.h"

#include <ctype.h>

/* How far the words before the one that is typed have got. */
struct line_state {
    const struct option *awaits_value; /* the last word is this option, and its value comes next */
    size_t operands;
    bool options_ended;
};

void options_offer(struct bytes *out, const char *typed, const char *dashes, const char *name, const char *help) {
    size_t size = strlen(typed), dash_count = strlen(dashes);
    bool has_dashes = strncmp(typed, dashes, size < dash_count ? size : dash_count) == 0;
    if (!has_dashes || (size > dash_count && strncmp(typed + dash_count, name, size - dash_count) != 0)) return;
    bytes_append_format(out, "%s%s\t%s\n", dashes, name, help);
}

static bool is_short(const struct option *row) {
    return row->name[0] == '-';
}

/* The row of an option as it is typed: "-n", "--name", or the part before the '=' of "--name=". */
static const struct option *row_of_word(const struct options *options, const char *word) {
    bool is_long = word[0] == '-' && word[1] == '-';
    const char *name = is_long ? word + 2 : word;
    size_t size = is_long ? strcspn(name, "=") : strlen(name);
    for (size_t i = 0; i < options->row_count; i++) {
        const struct option *row = &options->rows[i];
        if (is_short(row) != is_long && strlen(row->name) == size && memcmp(row->name, name, size) == 0) return row;
    }
    return NULL;
}

static bool is_option(const struct options *options, const char *word) {
    if (word[0] != '-' || word[1] == '\0') return false;
    return word[1] == '-' || !options->dashed_operands || row_of_word(options, word);
}

static void pass_word(struct line_state *state, const struct options *options, const char *word) {
    if (state->awaits_value) {
        state->awaits_value = NULL;
    } else if (state->options_ended || !is_option(options, word)) {
        state->operands++;
    } else if (strcmp(word, "--") == 0) {
        state->options_ended = true;
    } else {
        const struct option *row = row_of_word(options, word);
        if (row && row->kind != OPTION_FLAG && !strchr(word, '=')) state->awaits_value = row;
    }
}

/* What the shell looks for itself, going by what the help calls the value; NULL: nothing. */
static const char *paths_for(const char *name, size_t size) {
    static const struct {
        const char *name, *paths;
    } known[] = {
        {"INDEX", ":folders"}, {"TO", ":folders"},        {"ROOT", ":files"},          {"TOPICS.tsv", ":files"},
        {"FILE", ":files"},    {"QUERIES.tsv", ":files"}, {"SAVED_QUERIES", ":files"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strlen(known[i].name) == size && memcmp(known[i].name, name, size) == 0) return known[i].paths;
    }
    return NULL;
}

static void offer_paths(const char *paths, struct bytes *out) {
    if (paths) bytes_append_format(out, "%s\n", paths);
}

/* prefix is what stands before the value in the same word: "--name=", or empty. */
static void offer_values(const struct option *row, const char *typed, const char *prefix, struct bytes *out) {
    if (row->kind != OPTION_CHOICE) {
        offer_paths(row->argument ? paths_for(row->argument, strlen(row->argument)) : NULL, out);
        return;
    }
    for (size_t i = 0; row->choices[i]; i++) {
        if (strncmp(row->choices[i], typed, strlen(typed)) == 0)
            bytes_append_format(out, "%s%s\t\n", prefix, row->choices[i]);
    }
}

/* "--name=val": the answer is whole words. */
static void offer_joined_values(const struct options *options, const char *typed, struct bytes *out) {
    const struct option *row = row_of_word(options, typed);
    if (!row || row->kind != OPTION_CHOICE) return;
    struct bytes prefix = {0};
    bytes_append_format(&prefix, "--%s=", row->name);
    bytes_append_u8(&prefix, '\0');
    if (prefix.failed)
        out->failed = true;
    else
        offer_values(row, strchr(typed, '=') + 1, (const char *)prefix.data, out);
    bytes_free(&prefix);
}

static void offer_options(const struct options *options, const char *typed, struct bytes *out) {
    for (size_t i = 0; i < options->row_count; i++) {
        const struct option *row = &options->rows[i];
        options_offer(out, typed, is_short(row) ? "" : "--", row->name, row->help);
    }
    options_offer(out, typed, "--", "help", "print this and exit");
    options_offer(out, typed, "--", "version", "print the version and exit");
}

/* The synopsis names the operands, in capitals, before the first option that it shows; the last may repeat. */
static void offer_operand(const struct options *options, size_t place, struct bytes *out) {
    const char *at = options->operands, *name = NULL;
    size_t size = 0;
    while (*at && *at != '-' && strncmp(at, "[-", 2) != 0) {
        size_t token = strcspn(at, " "), start = at[0] == '[';
        if (isupper((unsigned char)at[start])) {
            name = at + start;
            size = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz.");
            while (size > 3 && memcmp(name + size - 3, "...", 3) == 0)
                size -= 3;
            bool repeats = strncmp(name + size, "...", 3) == 0;
            if (place-- == 0 || repeats) break;
            name = NULL;
        }
        at += token + (at[token] == ' ');
    }
    if (name) offer_paths(paths_for(name, size), out);
}

void options_complete(const struct options *options, const char *const *words, size_t count, struct bytes *out) {
    struct line_state state = {0};
    if (count == 0) return;
    const char *typed = words[count - 1];
    for (size_t i = 0; i + 1 < count; i++)
        pass_word(&state, options, words[i]);
    if (state.awaits_value) {
        offer_values(state.awaits_value, typed, "", out);
    } else if (typed[0] == '-' && !state.options_ended) {
        if (strchr(typed, '='))
            offer_joined_values(options, typed, out);
        else
            offer_options(options, typed, out);
    } else {
        offer_operand(options, state.operands, out);
    }
}
