/* fuzz_number.c - decimal numbers from hostile text. What is written of a number reads back as that number, whoever reads
 * it: the library's own reader where it promises to be exact, strtod everywhere.
 *
 * Input: u8 decimals (0 to 20), then the text. */
#include "indexer/base/number.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>

#define DECIMALS_MAX 20
#define EXACT_BELOW 1e15    /* whole numbers under it, and 15 digits of any other, are read exactly */
#define READING_ERROR 1e-13 /* of any normal number, in parts of it: one rounding for each power of ten */
#define SMALLEST_NORMAL 2.2250738585072014e-308

static void check_shortest(double value) {
    struct bytes text = {0};
    double again = 0;
    number_append(&text, value);
    require(!text.failed && number_parse(bytes_view(&text), &again));
    if (fabs(value) >= SMALLEST_NORMAL) require(fabs(again - value) <= fabs(value) * READING_ERROR);
    if (value == floor(value) && fabs(value) < EXACT_BELOW) require(again == value);
    bytes_append_u8(&text, 0);
    require(!text.failed && strtod((const char *)text.data, NULL) == value);
    bytes_free(&text);
}

static void check_decimals(double value, int decimals) {
    struct bytes text = {0};
    double again = 0;
    number_append_decimals(&text, value, decimals);
    require(!text.failed && number_parse(bytes_view(&text), &again));
    require(fabs(again - value) <= 0.51 * pow(10, -decimals) + fabs(value) * READING_ERROR);
    bytes_free(&text);
}

static void check_style(struct view text, enum number_style style, int decimals) {
    double number;
    struct view rest;
    if (!number_take(text, style, &number, &rest)) return;
    require(isfinite(number) && rest.size < text.size && rest.data + rest.size == text.data + text.size);
    check_shortest(number);
    check_decimals(number, decimals);
}

/* A plain number reads the same in both styles but for its commas, of which it has none. */
static void check_whole(struct view text) {
    double plain, with_commas;
    struct view rest;
    if (!number_parse(text, &plain)) return;
    require(number_take(text, NUMBER_WITH_COMMAS, &with_commas, &rest) && rest.size == 0 && plain == with_commas);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    const int decimals = data[0] % (DECIMALS_MAX + 1);
    struct view text = view_of(data + 1, size - 1);
    check_style(text, NUMBER_PLAIN, decimals);
    check_style(text, NUMBER_WITH_COMMAS, decimals);
    check_whole(text);
    return 0;
}
