/* test_options.c - command lines against a table with one option of every kind. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/base/memory.h"
#include "indexer/base/options.h"

#include <stdio.h>
#include <stdlib.h>

#define WORDS_MOST 16

struct parsed {
    bool quiet;
    const char *lang;
    struct option_list map;
    size_t n;
    double wait;
    int format;
    struct operands operands;
    revue_status status;
    revue_error error;
    char *words[WORDS_MOST];
    int word_count;
};

static void fill_table(struct parsed *parsed, struct option rows[6]) {
    static const char *const formats[] = {"auto", "text", "jsonl", NULL};
    const struct option table[6] = {
        {"quiet", OPTION_FLAG, &parsed->quiet, NULL, "say nothing", NULL},
        {"lang", OPTION_TEXT, &parsed->lang, "CODE", "language", NULL},
        {"map", OPTION_LIST, &parsed->map, "FIELD=NAME", "names of fields", NULL},
        {"-n", OPTION_COUNT, &parsed->n, "N", "how many", NULL},
        {"wait", OPTION_NUMBER, &parsed->wait, "S", "seconds to wait", NULL},
        {"format", OPTION_CHOICE, &parsed->format, NULL, "how sources are read", formats},
    };
    memcpy(rows, table, sizeof table);
}

/* Splits line at blanks and parses it. */
static struct parsed *parse(const char *line, bool dashed_operands) {
    struct parsed *parsed = test_calloc(1, sizeof *parsed);
    struct option rows[6];
    fill_table(parsed, rows);
    const struct options options = {"revue-test", "try", "INDEX", "Tries.", rows, 6, dashed_operands};
    char copy[256], *rest = copy;
    (void)snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strsep(&rest, " "); word; word = strsep(&rest, " ")) {
        if (*word) parsed->words[parsed->word_count++] = strdup(word);
    }
    char *argv[WORDS_MOST];
    memcpy(argv, parsed->words, sizeof argv);
    parsed->status = options_parse(&options, parsed->word_count, argv, &parsed->operands, &parsed->error);
    /* operands point into argv, which ends here */
    static const char *kept[WORDS_MOST];
    for (size_t i = 0; parsed->status == REVUE_OK && i < parsed->operands.count; i++)
        kept[i] = parsed->operands.items[i];
    parsed->operands.items = kept;
    return parsed;
}

static void forget(struct parsed *parsed) {
    for (int i = 0; i < parsed->word_count; i++)
        free(parsed->words[i]);
    option_list_free(&parsed->map);
    test_free(parsed);
}

static void assert_refused(const char *line, const char *message) {
    struct parsed *parsed = parse(line, false);
    assert_int_equal(parsed->status, REVUE_USAGE);
    assert_string_equal(parsed->error.message, message);
    forget(parsed);
}

static void every_kind_is_read(void **state) {
    (void)state;
    struct parsed *parsed =
        parse("--quiet INDEX --lang=de --map a=b --map=c=d -n 7 --wait 2.5 --format jsonl - more", false);
    assert_int_equal(parsed->status, REVUE_OK);
    assert_true(parsed->quiet);
    assert_string_equal(parsed->lang, "de");
    assert_int_equal(parsed->map.count, 2);
    assert_string_equal(parsed->map.items[0], "a=b");
    assert_string_equal(parsed->map.items[1], "c=d");
    assert_int_equal(parsed->n, 7);
    assert_true(parsed->wait == 2.5);
    assert_int_equal(parsed->format, 2);
    assert_int_equal(parsed->operands.count, 3);
    assert_string_equal(parsed->operands.items[0], "INDEX");
    assert_string_equal(parsed->operands.items[1], "-");
    assert_string_equal(parsed->operands.items[2], "more");
    forget(parsed);
}

static void the_last_of_several_counts(void **state) {
    (void)state;
    struct parsed *parsed = parse("-n 1 -n 2 --lang en --lang= x", false);
    assert_int_equal(parsed->n, 2);
    assert_string_equal(parsed->lang, "");
    forget(parsed);
}

static void two_dashes_end_options(void **state) {
    (void)state;
    struct parsed *parsed = parse("a -- --quiet --help -n --", false);
    assert_int_equal(parsed->status, REVUE_OK);
    assert_false(parsed->quiet);
    assert_false(parsed->operands.help);
    assert_int_equal(parsed->operands.count, 5);
    assert_string_equal(parsed->operands.items[4], "--");
    forget(parsed);
}

static void words_with_a_dash_belong_to_the_query(void **state) {
    (void)state;
    struct parsed *parsed = parse("INDEX -boring -n5 -n 5 good -b", true);
    assert_int_equal(parsed->status, REVUE_OK);
    assert_int_equal(parsed->n, 5);
    assert_int_equal(parsed->operands.count, 5);
    assert_string_equal(parsed->operands.items[1], "-boring");
    assert_string_equal(parsed->operands.items[2], "-n5");
    assert_string_equal(parsed->operands.items[4], "-b");
    forget(parsed);
    assert_refused("INDEX -boring", "unknown option -boring: 'revue-test try --help' lists those there are");
}

static void mistakes_are_named(void **state) {
    (void)state;
    assert_refused("--fromat text", "unknown option --fromat: did you mean --format?");
    assert_refused("--quite", "unknown option --quite: did you mean --quiet?");
    assert_refused("--form=text", "unknown option --form=text: did you mean --format?");
    assert_refused("--zzzzzz", "unknown option --zzzzzz: 'revue-test try --help' lists those there are");
    assert_refused("--n 5", "unknown option --n: 'revue-test try --help' lists those there are");
    assert_refused("--quiet=yes", "--quiet takes no value, and --quiet=yes gives it one");
    assert_refused("--lang", "--lang needs a value, CODE: language");
    assert_refused("-n -5", "-n -5: not a whole number of 0 or more");
    assert_refused("-n 5x", "-n 5x: not a whole number of 0 or more");
    assert_refused("-n 99999999999999999999999", "-n 99999999999999999999999: not a whole number of 0 or more");
    assert_refused("--wait nan", "--wait nan: not a number of 0 or more");
    assert_refused("--wait -1", "--wait -1: not a number of 0 or more");
    assert_refused("--wait=", "--wait : not a number of 0 or more");
    assert_refused("--format xml", "--format xml: the value is one of auto, text or jsonl");
}

static void help_and_version_come_first(void **state) {
    (void)state;
    struct parsed *parsed = parse("--help --nonsense", false);
    assert_int_equal(parsed->status, REVUE_OK);
    assert_true(parsed->operands.help);
    forget(parsed);
    parsed = parse("x --version", true);
    assert_true(parsed->operands.version);
    forget(parsed);
    parsed = parse("--map --help", false);
    assert_false(parsed->operands.help);
    assert_string_equal(parsed->map.items[0], "--help");
    forget(parsed);
}

static void the_nearest_name_is_near(void **state) {
    (void)state;
    const char *const names[] = {"update", "delete", "stats", "check", "compact", "copy"};
    assert_string_equal(options_nearest("udpate", names, 6), "update");
    assert_string_equal(options_nearest("stat", names, 6), "stats");
    assert_string_equal(options_nearest("comp", names, 6), "compact");
    assert_string_equal(options_nearest("coyp", names, 6), "copy");
    assert_null(options_nearest("search", names, 6));
    assert_null(options_nearest("x", names, 6));
    assert_null(options_nearest("", names, 6));
    assert_null(options_nearest("a-word-that-is-much-longer-than-any-name-there-could-be", names, 6));
}

static void help_has_every_row_within_80_columns(void **state) {
    (void)state;
    struct parsed parsed = {0};
    struct option rows[6];
    struct bytes help = {0};
    fill_table(&parsed, rows);
    rows[0].help = "a text that is much longer than the rest of the line could ever be, so that it goes on in another line";
    const struct options options = {"revue-test", "try", "INDEX", "Tries.\nA second paragraph.", rows, 6, false};
    options_help(&options, &help);
    bytes_append_u8(&help, '\0');
    assert_false(help.failed);
    char *text = (char *)help.data;
    assert_non_null(strstr(text, "Usage: revue-test try INDEX\n\nTries.\nA second paragraph.\n\nOptions:\n"));
    assert_non_null(strstr(text, "\n  -n N                    how many\n"));
    assert_non_null(strstr(text, "\n  --map FIELD=NAME        names of fields\n"));
    assert_non_null(strstr(text, "\n  --format auto|text|jsonl\n                          how sources are read\n"));
    assert_non_null(strstr(text, "\n  --version "));
    for (char *line = strsep(&text, "\n"); line; line = strsep(&text, "\n"))
        assert_true(strlen(line) <= 80);
    bytes_free(&help);
}

static bool never(void *context) {
    (void)context;
    return false;
}

static void out_of_memory_is_said(void **state) {
    (void)state;
    struct parsed parsed = {0};
    struct option rows[6];
    char words[2][8] = {"--map", "a=b"}, unknown[] = "--unknown";
    char *argv[] = {words[0], words[1]}, *other[] = {unknown};
    fill_table(&parsed, rows);
    const struct options options = {"revue-test", "try", "INDEX", "Tries.", rows, 6, false};
    struct bytes help = {0};
    memory_set_test_hook(never, NULL);
    revue_status list = options_parse(&options, 2, argv, &parsed.operands, &parsed.error);
    revue_status nearest = options_parse(&options, 1, other, &parsed.operands, NULL);
    options_help(&options, &help);
    memory_set_test_hook(NULL, NULL);
    assert_int_equal(list, REVUE_NO_MEMORY);
    assert_int_equal(nearest, REVUE_NO_MEMORY);
    assert_true(help.failed);
    bytes_free(&help);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_read),       cmocka_unit_test(the_last_of_several_counts),
        cmocka_unit_test(two_dashes_end_options),   cmocka_unit_test(words_with_a_dash_belong_to_the_query),
        cmocka_unit_test(mistakes_are_named),       cmocka_unit_test(help_and_version_come_first),
        cmocka_unit_test(the_nearest_name_is_near), cmocka_unit_test(help_has_every_row_within_80_columns),
        cmocka_unit_test(out_of_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
