/* fuzz_date.c - dates, numbers, ratings and keys: the small parsers of review/. What a date is written as must be read back
 * as the same date. */
#include "indexer/review/date.h"
#include "indexer/review/schema.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct view text = view_of(data, size);
    struct review_date date, again;
    char iso[32];
    double number, max;
    if (date_parse(text, &date)) {
        require(date_format(date, iso) > 0 && date_end(date) > date.seconds);
        require(date_parse(view_of_string(iso), &again));
        require(again.seconds == date.seconds && again.precision == date.precision);
    }
    if (schema_parse_number(text, &number)) require(isfinite(number));
    if (schema_parse_rating(text, &number, &max)) require(isfinite(number) && isfinite(max) && max >= 0);
    require(schema_slot_of_key(text, NULL) <= SLOT_NONE);
    return 0;
}
