/* params.c - see params.h: one way of setting a parameter, whichever form it came in. */
#include "query/serve/params.h"

#include "indexer/base/options.h"
#include "indexer/base/utf8.h"
#include "query/serve/params_reader.h"

#include <stdarg.h>
#include <stdio.h>

#define AFTER_MOST 65536u /* bytes of a token (SCHEMA.md) */
#define QUOTED 40         /* bytes of a client's text that a warning repeats */

/* ---- what is told ---- */

void params_warn(struct params_reader *reader, const char *format, ...) {
    struct search_request *request = reader->request;
    char text[256];
    va_list arguments;
    if (request->warning_count == REQUEST_WARNINGS) {
        request->warnings_more++;
        return;
    }
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (size < 0) return;
    size_t kept = (size_t)size < sizeof text ? (size_t)size : utf8_floor(text, sizeof text - 1);
    const char *copy = arena_copy(&request->arena, text, kept);
    if (copy)
        request->warnings[request->warning_count++] = copy;
    else
        reader->failed = true;
}

/* The beginning of what a client sent, whole characters. */
static int quoted_size(struct view text) {
    return (int)(text.size <= QUOTED ? text.size : utf8_floor(text.data, QUOTED));
}

/* ---- values ---- */

static struct view trimmed(struct view text) {
    while (text.size > 0 && (unsigned char)text.data[0] <= ' ') {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && (unsigned char)text.data[text.size - 1] <= ' ')
        text.size--;
    return text;
}

/* The text behind so many words. */
static size_t end_of_words(struct view text, size_t words) {
    bool in_word = false;
    for (size_t at = 0; at < text.size; at++) {
        const bool is_blank = (unsigned char)text.data[at] <= ' ';
        if (!is_blank && !in_word && words-- == 0) return at;
        in_word = !is_blank;
    }
    return text.size;
}

/* A query that is too long is searched as far as it goes: its words are what is wanted. */
static revue_status set_query(struct params_reader *reader, const struct parameter *parameter, struct view value) {
    struct view text = trimmed(value);
    (void)parameter;
    if (text.size > reader->limits->query_bytes) {
        text.size = utf8_floor(text.data, reader->limits->query_bytes);
        params_warn(reader, "q: longer than %zu bytes: the rest was left out", reader->limits->query_bytes);
    }
    const size_t end = end_of_words(text, reader->limits->words);
    if (end < text.size) params_warn(reader, "q: more than %zu words: the rest was left out", reader->limits->words);
    text.size = end;
    text = trimmed(text);
    text.data = arena_copy(&reader->request->arena, text.data, text.size);
    if (!text.data) return error_no_memory(reader->error);
    reader->request->query = text;
    reader->request->has_query = true;
    return REVUE_OK;
}

/* Half of a filter would let more pass than was meant. */
static revue_status copy_text(struct params_reader *reader, const char *name, struct view value, size_t most,
                              const char **copy) {
    struct view text = trimmed(value);
    if (text.size > most) return error_set(reader->error, REVUE_USAGE, "%s: longer than %zu bytes", name, most);
    *copy = text.size > 0 ? arena_copy(&reader->request->arena, text.data, text.size) : NULL;
    return text.size > 0 && !*copy ? error_no_memory(reader->error) : REVUE_OK;
}

static revue_status set_text(struct params_reader *reader, const struct parameter *parameter, struct view value) {
    const char **place = (const char **)(void *)((char *)reader->request + parameter->offset);
    return copy_text(reader, parameter->name, value, reader->limits->query_bytes, place);
}

/* A tag of BCP 47: what else it were would be another filter. */
static revue_status set_lang(struct params_reader *reader, const struct parameter *parameter, struct view value) {
    struct view text = trimmed(value);
    size_t tag = 0;
    while (tag < text.size && (text.data[tag] == '-' || (text.data[tag] >= '0' && text.data[tag] <= '9') ||
                               ((text.data[tag] | 32) >= 'a' && (text.data[tag] | 32) <= 'z')))
        tag++;
    if (tag == text.size && text.size > 0 && text.size <= 35 && text.data[0] != '-')
        return copy_text(reader, parameter->name, text, text.size, &reader->request->lang);
    params_warn(reader, "lang: '%.*s' is no language such as en or pt-BR", quoted_size(text), text.data);
    return REVUE_OK;
}

/* A token is as long as the archive makes it. */
static revue_status set_after(struct params_reader *reader, const struct parameter *parameter, struct view value) {
    return copy_text(reader, parameter->name, value, AFTER_MOST, &reader->request->after);
}

static revue_status set_facet(struct params_reader *reader, const struct parameter *parameter, struct view value) {
    struct search_request *request = reader->request;
    const char *copy;
    TRY(copy_text(reader, parameter->name, value, reader->limits->query_bytes, &copy));
    if (!copy) return REVUE_OK;
    if (request->facet_count == REQUEST_FACETS) {
        params_warn(reader, "facet: more than %u: the rest was left out", REQUEST_FACETS);
        return REVUE_OK;
    }
    request->facets[request->facet_count++] = copy;
    return REVUE_OK;
}

/* Digits alone; what does not fit is as much as there is. */
static bool read_count(struct view text, size_t *count) {
    size_t number = 0;
    if (text.size == 0) return false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return false;
        const size_t digit = (size_t)(text.data[i] - '0');
        number = number > (SIZE_MAX - digit) / 10 ? SIZE_MAX : number * 10 + digit;
    }
    *count = number;
    return true;
}

static revue_status set_count(struct params_reader *reader, const struct parameter *parameter, struct view value) {
    size_t *place = (size_t *)(void *)((char *)reader->request + parameter->offset);
    struct view text = trimmed(value);
    if (!read_count(text, place))
        params_warn(reader, "%s: '%.*s' is not a whole number of 0 or more: %zu is meant", parameter->name,
                    quoted_size(text), text.data, *place);
    return REVUE_OK;
}

static bool is_one_of(struct view text, const char *const *names, size_t *which) {
    for (*which = 0; names[*which]; ++*which)
        if (view_equal(text, view_of_string(names[*which]))) return true;
    return false;
}

static revue_status set_flag(struct params_reader *reader, const struct parameter *parameter, struct view value) {
    static const char *const names[] = {"0", "false", "no", "1", "true", "yes", NULL};
    bool *place = (bool *)(void *)((char *)reader->request + parameter->offset);
    struct view text = trimmed(value);
    size_t which;
    if (is_one_of(text, names, &which))
        *place = which >= 3;
    else
        params_warn(reader, "%s: '%.*s' is neither 1 nor 0", parameter->name, quoted_size(text), text.data);
    return REVUE_OK;
}

/* False, with a warning, when the value is none of them. */
static bool choose(struct params_reader *reader, const struct parameter *parameter, struct view value, size_t *which) {
    struct view text = trimmed(value);
    if (is_one_of(text, parameter->choices, which)) return true;
    params_warn(reader, "%s: '%.*s' is none of its values, which begin with '%s'", parameter->name, quoted_size(text),
                text.data, parameter->choices[0]);
    return false;
}

static revue_status set_operator(struct params_reader *reader, const struct parameter *parameter, struct view value) {
    size_t which;
    if (choose(reader, parameter, value, &which)) reader->request->op = (revue_operator)which;
    return REVUE_OK;
}

static revue_status set_format(struct params_reader *reader, const struct parameter *parameter, struct view value) {
    size_t which;
    if (!choose(reader, parameter, value, &which)) return REVUE_OK;
    reader->request->format = (enum request_format)which;
    reader->request->has_format = true;
    return REVUE_OK;
}

/* ---- the table ---- */

static const char *const operator_names[] = {"auto", "any", "all", NULL}; /* in the order of revue_operator */
static const char *const format_names[] = {"json", "jsonl", "csv", "tsv", "trec", "html", NULL}; /* of request_format */

#define PLACE(member) offsetof(struct search_request, member)
static const struct parameter parameters[] = {
    {"q", PARAMETER_TEXT, set_query, 0, NULL, "The query, in the language of GRAMMAR.md, read leniently."},
    {"n", PARAMETER_COUNT, set_count, PLACE(n), NULL, "How many hits; with group, how many groups."},
    {"offset", PARAMETER_COUNT, set_count, PLACE(offset), NULL, "Leave out the first so many."},
    {"after", PARAMETER_TEXT, set_after, 0, NULL, "Go on behind the answer that gave this token."},
    {"filter", PARAMETER_TEXT, set_text, PLACE(filter), NULL,
     "A query that hits must match too, and that adds nothing to their scores."},
    {"sort", PARAMETER_TEXT, set_text, PLACE(sort), NULL, "Columns to order by, such as date:desc,stars."},
    {"facet", PARAMETER_LIST, set_facet, 0, NULL, "Count matches by a column: product, stars, date:month. May repeat."},
    {"group", PARAMETER_TEXT, set_text, PLACE(group), NULL, "The best of each value of a column of keywords."},
    {"op", PARAMETER_CHOICE, set_operator, 0, operator_names, "Reviews with any or all of the words."},
    {"min_match", PARAMETER_TEXT, set_text, PLACE(min_match), NULL,
     "How many of the words must match where any will do: 2, or 75%."},
    {"prior", PARAMETER_TEXT, set_text, PLACE(prior), NULL,
     "What lifts scores beside the words: stars:W,votes:W,age:W:SPAN."},
    {"lang", PARAMETER_TEXT, set_lang, 0, NULL, "Only reviews in this language, as the archive names it."},
    {"count", PARAMETER_FLAG, set_flag, PLACE(count), NULL, "1: the total is exact, whatever that takes."},
    {"format", PARAMETER_CHOICE, set_format, 0, format_names, "The shape of the answer."},
};
#define PARAMETERS (sizeof parameters / sizeof *parameters)

const struct parameter *params_table(size_t *count) {
    *count = PARAMETERS;
    return parameters;
}

static void warn_unknown(struct params_reader *reader, struct view name) {
    const char *names[PARAMETERS];
    char word[QUOTED + 1];
    const int size = quoted_size(name);
    memcpy(word, name.data, (size_t)size);
    word[size] = '\0';
    for (size_t i = 0; i < PARAMETERS; i++)
        names[i] = parameters[i].name;
    const char *nearest = options_nearest(word, names, PARAMETERS);
    params_warn(reader, "no parameter is called '%s'%s%s", word, nearest ? ": perhaps " : "", nearest ? nearest : "");
}

revue_status params_set(struct params_reader *reader, struct view name, struct view value) {
    for (size_t i = 0; i < PARAMETERS; i++) {
        const struct parameter *parameter = &parameters[i];
        if (!view_equal(name, view_of_string(parameter->name))) continue;
        if (value.size == 0 && parameter->set != set_query) return REVUE_OK;
        if (reader->seen & 1u << i && parameter->kind != PARAMETER_LIST)
            params_warn(reader, "%s: given more than once: the last one counts", parameter->name);
        reader->seen |= 1u << i;
        return parameter->set(reader, parameter, value);
    }
    warn_unknown(reader, name);
    return REVUE_OK;
}

/* What the parameters come to together. */
revue_status params_end(struct params_reader *reader) {
    struct search_request *request = reader->request;
    const struct request_limits *limits = reader->limits;
    if (request->n > limits->hits) {
        params_warn(reader, "n: at most %zu are given at once", limits->hits);
        request->n = limits->hits;
    }
    if (request->offset > limits->depth - request->n)
        return error_set(reader->error, REVUE_USAGE, "offset: no further than %zu: narrow the search down",
                         limits->depth - request->n);
    return reader->failed ? error_no_memory(reader->error) : REVUE_OK;
}
