/* test_admission.c - addresses, proxies, hosts, and buckets of tokens. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "query/serve/access_log.h"
#include "query/serve/admission.h"
#include "query/serve/compress.h"
#include "query/serve/rate.h"

#include <string.h>
#include <stdlib.h>
#include <zlib.h>

static void ranges_have_their_addresses(void **state) {
    (void)state;
    static const struct {
        const char *range, *address;
        bool has;
    } cases[] = {{"10.0.0.0/8", "10.255.1.2", true},
                 {"10.0.0.0/8", "11.0.0.1", false},
                 {"192.0.2.1", "192.0.2.1", true},
                 {"192.0.2.1", "192.0.2.2", false},
                 {"0.0.0.0/0", "203.0.113.9", true},
                 {"0.0.0.0/0", "2001:db8::1", false},
                 {"2001:db8::/33", "2001:db8:7fff::1", true},
                 {"2001:db8::/33", "2001:db8:8000::1", false},
                 {"::/0", "192.0.2.1", true},
                 {"::1", "::1", true}};
    static const char *const wrong[] = {"",           "a",       "10.0.0.0/33", "10.0.0.0/",
                                        "10.0.0.0/x", "::1/129", "1.2.3",       "1.2.3.4/8/8"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct address_range range;
        uint8_t address[16];
        assert_true(address_range_parse(cases[i].range, &range));
        assert_true(address_parse(view_of_string(cases[i].address), address));
        if (address_range_has(&range, address) != cases[i].has) fail_msg("%s, %s", cases[i].range, cases[i].address);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct address_range range;
        if (address_range_parse(wrong[i], &range)) fail_msg("%s is no range", wrong[i]);
    }
}

/* What clients put in front of what the proxies say is of no account. */
static void forwarded_addresses_are_read_from_the_right(void **state) {
    (void)state;
    static const struct {
        const char *list, *address; /* NULL: none */
    } cases[] = {{"203.0.113.9", "203.0.113.9"},
                 {"1.1.1.1, 203.0.113.9", "203.0.113.9"},
                 {"1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"},
                 {"10.0.0.3, 10.0.0.2", "10.0.0.3"},
                 {"evil, 203.0.113.9 , 10.0.0.2", "203.0.113.9"},
                 {"evil, 10.0.0.2", "10.0.0.2"},
                 {"203.0.113.9:4711", "203.0.113.9"},
                 {"[2001:db8::1]:443", "2001:db8::1"},
                 {"2001:db8::1", "2001:db8::1"},
                 {"", NULL},
                 {"unknown", NULL},
                 {",", NULL}};
    struct address_range trusted;
    assert_true(address_range_parse("10.0.0.0/8", &trusted));
    const struct serve_settings settings = {.trusted_ranges = &trusted, .trusted_count = 1};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t address[16];
        char text[64];
        const bool found = admission_forwarded(&settings, cases[i].list, address);
        if (found != (cases[i].address != NULL)) fail_msg("%s", cases[i].list);
        if (!found) continue;
        address_text(address, text);
        assert_string_equal(text, cases[i].address);
    }
}

static void hosts_are_known_or_not(void **state) {
    (void)state;
    const char *names[] = {"example.org"}, *all[] = {"*"};
    const struct serve_settings none = {0}, some = {.hosts = {.items = names, .count = 1}},
                                any = {.hosts = {.items = all, .count = 1}};
    assert_true(admission_knows_host(&none, true, view_of_string("localhost:8080")));
    assert_true(admission_knows_host(&none, true, view_of_string("127.0.0.1")));
    assert_true(admission_knows_host(&none, true, view_of_string("[::1]:8080")));
    assert_false(admission_knows_host(&none, true, view_of_string("rebound.example:8080")));
    assert_false(admission_knows_host(&none, true, view_of_string(NULL)));
    assert_true(admission_knows_host(&none, false, view_of_string("whatever")));
    assert_true(admission_knows_host(&some, false, view_of_string("Example.ORG:443")));
    assert_false(admission_knows_host(&some, false, view_of_string("example.org.evil.example")));
    assert_false(admission_knows_host(&some, false, view_of_string("localhost")));
    assert_false(admission_knows_host(&some, false, view_of_string(NULL)));
    assert_true(admission_knows_host(&some, true, view_of_string("localhost")));
    assert_true(admission_knows_host(&any, true, view_of_string("whatever")));
}

static void buckets_fill_up_again(void **state) {
    (void)state;
    struct rate *rate = rate_create(2, 3);
    uint8_t one[16], other[16], neighbour[16];
    assert_true(address_parse(view_of_string("2001:db8::1"), one));
    assert_true(address_parse(view_of_string("2001:db8::2"), neighbour));
    assert_true(address_parse(view_of_string("192.0.2.1"), other));
    for (int i = 0; i < 3; i++)
        assert_true(rate_take(rate, one, 100) == 0);
    assert_true(rate_take(rate, one, 100) == 0.5);
    assert_true(rate_take(rate, neighbour, 100) > 0); /* of the same 64 bits */
    assert_true(rate_take(rate, other, 100) == 0);
    assert_true(rate_take(rate, one, 100.5) == 0);
    assert_true(rate_take(rate, one, 100.5) > 0);
    assert_true(rate_take(rate, one, 90) > 0); /* a clock that goes backwards gives nothing */
    for (int i = 0; i < 3; i++)
        assert_true(rate_take(rate, one, 1000) == 0);
    assert_true(rate_take(rate, one, 1000) > 0);
    rate_free(rate);
}

/* Many more addresses than there are places: nobody who asks once is refused. */
static void a_full_table_refuses_nobody_new(void **state) {
    (void)state;
    struct rate *rate = rate_create(1, 1);
    uint8_t address[16];
    assert_true(address_parse(view_of_string("10.0.0.0"), address));
    for (unsigned i = 0; i < 100000; i++) {
        address[13] = (uint8_t)(i >> 16), address[14] = (uint8_t)(i >> 8), address[15] = (uint8_t)i;
        assert_true(rate_take(rate, address, 5) == 0);
    }
    rate_free(rate);
}

static void encodings_are_weighed(void **state) {
    (void)state;
    static const char *const yes[] = {"gzip",   "deflate, gzip", "br;q=1.0, gzip;q=0.8, *;q=0.1", "GZIP", "*",
                                      "x-gzip", "gzip ; q=0.5"};
    static const char *const no[] = {"",        "identity", "gzip;q=0", "br", "*;q=0", "gzip;q=0, *",
                                     "gzipped", "gzip;q=",  "gzip;x"};
    assert_false(compress_is_accepted(NULL));
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!compress_is_accepted(yes[i])) fail_msg("%s", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (compress_is_accepted(no[i])) fail_msg("%s", no[i]);
}

static void bodies_come_back_whole(void **state) {
    (void)state;
    struct compressors *compressors = compressors_create(1);
    for (int round = 0; round < 3; round++) {
        struct bytes body = {0};
        for (int i = 0; i < 500; i++)
            bytes_append_format(&body, "%d bottles, ", i * round);
        const size_t size = body.size;
        uint8_t *back = calloc(1, size);
        assert_true(compress_body(compressors, &body));
        assert_true(body.size < size / 2);
        z_stream stream = {.next_in = body.data, .avail_in = (uInt)body.size, .next_out = back, .avail_out = (uInt)size};
        assert_int_equal(inflateInit2(&stream, 31), Z_OK);
        assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
        assert_int_equal(stream.total_out, size);
        assert_memory_equal(back, "0 bottles, ", 11);
        (void)inflateEnd(&stream);
        free(back);
        bytes_free(&body);
    }
    struct bytes noise = {0};
    for (uint64_t i = 0, x = 1; i < 2000; i++)
        bytes_append_u8(&noise, (uint8_t)((x = x * 6364136223846793005u + 1442695040888963407u) >> 56));
    assert_false(compress_body(compressors, &noise)); /* would grow */
    assert_int_equal(noise.size, 2000);
    bytes_free(&noise);
    compressors_free(compressors);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_have_their_addresses),     cmocka_unit_test(forwarded_addresses_are_read_from_the_right),
        cmocka_unit_test(hosts_are_known_or_not),          cmocka_unit_test(buckets_fill_up_again),
        cmocka_unit_test(a_full_table_refuses_nobody_new), cmocka_unit_test(encodings_are_weighed),
        cmocka_unit_test(bodies_come_back_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
