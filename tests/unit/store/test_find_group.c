/* test_find_group.c - groups by name and by number, also those whose entry is long for its many members. The C library's
 * look-up is replaced by one that knows two groups. */
#include "indexer/store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <errno.h>
#include <grp.h>
#include <string.h>

#define LARGE_ENTRY 300000u

/* "few" and "many"; "broken" cannot be looked up. */
int getgrnam_r(const char *name, struct group *entry, char *room, size_t size, struct group **found) {
    const bool is_many = strcmp(name, "many") == 0;
    *found = NULL;
    if (strcmp(name, "broken") == 0) return EIO;
    if (!is_many && strcmp(name, "few") != 0) return 0;
    if (is_many && size < LARGE_ENTRY) return ERANGE;
    memset(room, 0, size); /* all of it is the caller's */
    *entry = (struct group){.gr_name = room, .gr_gid = is_many ? 4711 : 12};
    *found = entry;
    return 0;
}

static void assert_group(const char *name, uint32_t expected) {
    uint32_t number = 0;
    assert_int_equal(store_find_group(name, &number, NULL), REVUE_OK);
    assert_int_equal(number, expected);
}

static void test_by_name(void **state) {
    (void)state;
    assert_group("few", 12);
    assert_group("many", 4711);
}

static void test_by_number(void **state) {
    (void)state;
    assert_group("4242", 4242);
}

static void assert_unknown(const char *name) {
    uint32_t number = 77;
    revue_error error;
    assert_int_equal(store_find_group(name, &number, &error), REVUE_USAGE);
    assert_non_null(strstr(error.message, "there is no group"));
    assert_int_equal(number, 77);
}

static void test_unknown(void **state) {
    (void)state;
    static const char *const names[] = {"nobody-knows", "broken", "", "-1", "12x", "4294967295", "99999999999999999999999"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_unknown(names[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_name),
        cmocka_unit_test(test_by_number),
        cmocka_unit_test(test_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
