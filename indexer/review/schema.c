/* schema.c - see schema.h. Keys are folded and looked up in a sorted table (schema_names.c); numbers are read by hand,
 * since strtod obeys the locale of whoever linked the library. */
#include "indexer/review/schema.h"

#include "indexer/review/schema_names.h"

#include <math.h>
#include <stdlib.h>

static const char *const slot_names[SLOT_COUNT] = {"body", "title", "product", "author", "id",  "rating",
                                                   "date", "votes", "lang",    "url",    "tags"};

const char *schema_slot_name(enum schema_slot slot) {
    return slot < SLOT_COUNT ? slot_names[slot] : "";
}

enum schema_slot schema_slot_by_name(struct view name) {
    for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
        if (view_equal(name, view_of_string(slot_names[slot]))) return (enum schema_slot)slot;
    }
    return SLOT_NONE;
}

/* ---- keys ---- */

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Lower case and without what does not matter; 0 when nothing is left or the key is longer than any known one. */
static size_t fold_key(struct view key, char folded[SCHEMA_NAME_BYTES]) {
    size_t size = 0;
    for (size_t i = 0; i < key.size; i++) {
        char c = key.data[i];
        if (is_blank(c) || c == '-' || c == '_' || c == '.' || c == ':') continue;
        if (size == SCHEMA_NAME_BYTES - 1) return 0;
        folded[size++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    folded[size] = '\0';
    return size;
}

static int compare_name(const void *key, const void *element) {
    return strcmp(key, ((const struct schema_name *)element)->key);
}

static const struct schema_name *find_name(const char *folded) {
    return bsearch(folded, schema_names, schema_name_count, sizeof *schema_names, compare_name);
}

enum schema_slot schema_slot_of_key(struct view key, unsigned *rank) {
    char folded[SCHEMA_NAME_BYTES];
    size_t size = fold_key(key, folded);
    if (size == 0) return SLOT_NONE;
    const struct schema_name *name = find_name(folded);
    unsigned bonus = 0;
    if (!name && size > 6 && memcmp(folded, "review", 6) == 0) {
        /* "review_stars", "reviews.username": the rest says it, and more surely for being said of the review. */
        name = find_name(folded + 6);
        if (!name && folded[6] == 's' && size > 7) name = find_name(folded + 7);
        if (name && (name->slot == SLOT_PRODUCT || name->rank >= SCHEMA_WEAK)) name = NULL;
        bonus = 4;
    }
    if (!name) return SLOT_NONE;
    if (rank) *rank = name->rank - bonus;
    return (enum schema_slot)name->slot;
}

/* ---- numbers ---- */

struct decimal {
    const char *next, *end;
    uint64_t mantissa;
    int exponent; /* of ten */
    bool has_digits;
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static void take_digit(struct decimal *d, bool fraction) {
    if (d->mantissa < UINT64_MAX / 10 - 1) {
        d->mantissa = d->mantissa * 10 + (uint64_t)(*d->next - '0');
        if (fraction) d->exponent--;
    } else if (!fraction) {
        d->exponent++; /* more digits than a double can tell apart */
    }
    d->next++;
    d->has_digits = true;
}

/* Is there a group of exactly three digits after the comma at next? */
static bool thousands_follow(const struct decimal *d) {
    if (d->end - d->next < 4) return false;
    for (int i = 1; i <= 3; i++) {
        if (!is_digit(d->next[i])) return false;
    }
    return d->end - d->next == 4 || !is_digit(d->next[4]);
}

/* Digits with thousands commas, then a fraction after a point, or after a comma that cannot be one of thousands ("4,5"). */
static bool scan_decimal(struct decimal *d) {
    bool grouped = false;
    for (; d->next < d->end;) {
        if (is_digit(*d->next))
            take_digit(d, false);
        else if (*d->next == ',' && d->has_digits && thousands_follow(d)) {
            d->next++;
            grouped = true;
        } else
            break;
    }
    bool decimal_comma =
        d->next < d->end && *d->next == ',' && !grouped && d->has_digits && d->end - d->next > 1 && is_digit(d->next[1]);
    if (d->next < d->end && (*d->next == '.' || decimal_comma)) {
        d->next++;
        while (d->next < d->end && is_digit(*d->next))
            take_digit(d, true);
    }
    return d->has_digits;
}

static bool scan_exponent(struct decimal *d) {
    if (d->next == d->end || (*d->next != 'e' && *d->next != 'E')) return true;
    const char *at = d->next + 1;
    bool negative = at < d->end && *at == '-';
    if (at < d->end && (*at == '-' || *at == '+')) at++;
    if (at == d->end || !is_digit(*at)) return false;
    int exponent = 0;
    for (; at < d->end && is_digit(*at); at++) {
        if (exponent < 10000) exponent = exponent * 10 + (*at - '0');
    }
    d->exponent += negative ? -exponent : exponent;
    d->next = at;
    return true;
}

/* Exact (correctly rounded) for up to 15 digits and a power of ten up to 22, which is what ratings and votes have. */
static double decimal_value(const struct decimal *d) {
    double value = (double)d->mantissa, power = 1;
    int exponent = d->exponent;
    if (value == 0) return 0;
    if (exponent > 400) return (double)INFINITY;
    if (exponent < -400) return 0;
    for (int i = exponent < 0 ? -exponent : exponent; i > 0; i--)
        power *= 10;
    return exponent < 0 ? value / power : value * power;
}

static struct view skip_blanks(struct view text) {
    while (text.size > 0 && is_blank(text.data[0])) {
        text.data++;
        text.size--;
    }
    return text;
}

static struct view trimmed(struct view text) {
    text = skip_blanks(text);
    while (text.size > 0 && is_blank(text.data[text.size - 1]))
        text.size--;
    return text;
}

/* A finite number at the start of text; *rest is what follows it. */
static bool parse_leading_number(struct view text, double *number, struct view *rest) {
    if (text.size == 0) return false;
    struct decimal d = {.next = text.data, .end = text.data + text.size};
    bool negative = text.data[0] == '-';
    if (text.data[0] == '-' || text.data[0] == '+') d.next++;
    if (!scan_decimal(&d) || !scan_exponent(&d)) return false;
    double value = decimal_value(&d);
    if (!isfinite(value)) return false;
    *number = negative ? -value : value;
    *rest = view_of(d.next, (size_t)(d.end - d.next));
    return true;
}

bool schema_parse_number(struct view text, double *number) {
    double value;
    struct view rest;
    if (!parse_leading_number(trimmed(text), &value, &rest) || rest.size > 0) return false;
    *number = value;
    return true;
}

/* ---- ratings ---- */

/* Takes word (lower case) off the start of *text, letters of either case. */
static bool take_word(struct view *text, const char *word) {
    size_t size = strlen(word);
    if (text->size < size) return false;
    for (size_t i = 0; i < size; i++) {
        char c = text->data[i];
        if ((c >= 'A' && c <= 'Z' ? (char)(c + 32) : c) != word[i]) return false;
    }
    *text = skip_blanks(view_of(text->data + size, text->size - size));
    return true;
}

static bool text_is(struct view text, const char *word) {
    return take_word(&text, word) && text.size == 0;
}

static bool parse_recommendation(struct view text, double *rating) {
    if (text_is(text, "recommended"))
        *rating = 1;
    else if (text_is(text, "not recommended"))
        *rating = 0;
    else
        return false;
    return true;
}

bool schema_parse_rating(struct view text, double *rating, double *max) {
    double value, scale = 0;
    struct view rest;
    text = trimmed(text);
    if (parse_recommendation(text, &value)) {
        *rating = value;
        *max = 1;
        return true;
    }
    if (!parse_leading_number(text, &value, &rest)) return false;
    rest = skip_blanks(rest);
    if (take_word(&rest, "/") || take_word(&rest, "out of") || take_word(&rest, "of")) {
        if (!parse_leading_number(rest, &scale, &rest) || scale <= 0 || value > scale) return false;
        rest = skip_blanks(rest);
    }
    if (!take_word(&rest, "stars") && !take_word(&rest, "star")) (void)take_word(&rest, "points");
    if (rest.size > 0) return false;
    *rating = value;
    *max = scale;
    return true;
}

double schema_stars(double rating, double max) {
    if (!(max > 0) || !isfinite(rating)) return 0;
    double stars = rating * 5 / max;
    return stars < 0 ? 0 : stars > 5 ? 5 : stars;
}

double schema_rating_max(double smallest, double largest) {
    static const double scales[] = {1, 5, 10, 100};
    if (!(smallest >= 0) || !(largest >= smallest)) return 0;
    for (unsigned i = 0; i < 4; i++) {
        if (largest <= scales[i]) return scales[i];
    }
    return 0;
}
