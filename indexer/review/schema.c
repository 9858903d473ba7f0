/* schema.c - see schema.h. Keys are folded and looked up in a sorted table (schema_names.c); numbers are read
 * by base/number.c. */
#include "indexer/review/schema.h"

#include "indexer/base/number.h"
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

bool schema_parse_number(struct view text, double *number) {
    double value;
    struct view rest;
    if (!number_take(trimmed(text), NUMBER_WITH_COMMAS, &value, &rest) || rest.size > 0) return false;
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
    if (!number_take(text, NUMBER_WITH_COMMAS, &value, &rest)) return false;
    rest = skip_blanks(rest);
    if (take_word(&rest, "/") || take_word(&rest, "out of") || take_word(&rest, "of")) {
        if (!number_take(rest, NUMBER_WITH_COMMAS, &scale, &rest) || scale <= 0 || value > scale) return false;
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
