/* test_json_flat.c - flat objects: what is taken, what is left to json-c, and that the two agree on what is taken. */
#include "tests/support/json_judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static bool takes(const char *text) {
    struct json_flat flat = {.count = 0};
    bool is_taken;
    const char *difference = json_judge(&flat, view_of_string(text), &is_taken);
    if (difference) fail_msg("%s: %s", text, difference);
    bytes_free(&flat.scratch);
    return is_taken;
}

static void plain_objects_are_taken(void **state) {
    (void)state;
    assert_true(takes("{\"a\":\"b\"}"));
    assert_true(takes(" { \"id\" : \"x\" , \"n\" : 12 , \"m\" : -3.50, \"z\": 0,\"y\":0.5 }\r\n"));
    assert_true(takes("{\"t\":true,\"f\":false,\"n\":null,\"\":\"\"}"));
    assert_true(
        takes("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t \\u00e9\\u20AC\\ud83d\\ude00 and a text longer than sixteen bytes\"}"));
    assert_true(takes("{\"a\":\"caf\xC3\xA9\",\"\xC3\xA9\":\"\x7F\"}"));
    assert_true(takes("{\"a\":123456789012345,\"b\":1234567890.12345}"));
}

static void others_are_left_to_json_c(void **state) {
    (void)state;
    static const char *const others[] = {
        "",
        "{}",
        "[]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1",
        "{\"a\":1}x",
        "{'a':1}",
        "{\"a\":1,}",
        "{\"a\":[]}",
        "{\"a\":{}}",
        "{\"a\":01}",
        "{\"a\":-0}",
        "{\"a\":-0.5}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":1e3}",
        "{\"a\":+1}",
        "{\"a\":True}",
        "{\"a\":nul}",
        "{\"a\":nulls}",
        "{\"a\":\"",
        "{\"a\":\"\\",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u00\"}",
        "{\"a\":\"\\u0000\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\udc00\"}",
        "{\"a\":\"\\ud83dx\"}",
        "{\"a\":\"\\ud83d\\u0041\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":1,\"a\":2}",
        "{\"\\u0061\":1}",
        "{\"a\":1234567890123456}",
        "{\"a\":1 2}",
        "{\"a\":1/*c*/}",
        "{a:1}",
        "{\"a\":NaN}",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (takes(others[i])) fail_msg("%s was taken", others[i]);
}

/* More members than there is room for are no mistake. */
static void many_members(void **state) {
    (void)state;
    for (unsigned count = JSON_FLAT_MEMBERS - 1; count <= JSON_FLAT_MEMBERS + 1; count++) {
        struct bytes text = {0};
        for (unsigned i = 0; i < count; i++)
            bytes_append_format(&text, "%s\"k%u\":%u", i ? "," : "{", i, i);
        bytes_append_format(&text, "}");
        bytes_append_u8(&text, 0);
        assert_false(text.failed);
        assert_int_equal(takes((const char *)text.data), count <= JSON_FLAT_MEMBERS);
        bytes_free(&text);
    }
}

/* Pieces of JSON in any order, and single bytes changed in sound objects. */
static void drawn_texts(void **state) {
    (void)state;
    static const char *const pieces[] = {"{",
                                         "}",
                                         ":",
                                         ",",
                                         "\"",
                                         "\"a\"",
                                         "\"b\":",
                                         "1",
                                         "-2.5",
                                         "0",
                                         "true",
                                         "null",
                                         " ",
                                         "\\u0041",
                                         "\\n",
                                         "\\",
                                         "\"some longer text, of more than a lane\"",
                                         "\xC3\xA9",
                                         "[",
                                         "\n"};
    static const char sound[] =
        "{\"id\": \"t/1\", \"stars\": 4.5, \"ok\": true, \"text\": \"It \\\"was\\\" \\u00e9 fine\", \"n\": 10}";
    struct json_flat flat = {.count = 0};
    uint64_t drawn = 4711;
    bool is_taken;
    for (unsigned round = 0; round < 20000; round++) {
        char text[400];
        size_t size = 0;
        drawn = drawn * 6364136223846793005u + 1442695040888963407u;
        if (round % 2) {
            memcpy(text, sound, sizeof sound);
            size = sizeof sound - 1;
            text[(drawn >> 33) % size] = "\"\\{}:,09-. \ntu"[(drawn >> 50) % 14];
        } else {
            size = (size_t)(stpcpy(text, "{\"a\":") - text);
            for (uint64_t bits = drawn >> 20, i = 0; i < 1 + drawn % 8; i++, bits = bits * 31 + 7) {
                const char *piece = pieces[(bits >> 7) % (sizeof pieces / sizeof *pieces)];
                memcpy(text + size, piece, strlen(piece));
                size += strlen(piece);
            }
            text[size++] = '}';
        }
        const char *difference = json_judge(&flat, view_of(text, size), &is_taken);
        if (difference) fail_msg("%.*s: %s", (int)size, text, difference);
    }
    bytes_free(&flat.scratch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_objects_are_taken),
        cmocka_unit_test(others_are_left_to_json_c),
        cmocka_unit_test(many_members),
        cmocka_unit_test(drawn_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
