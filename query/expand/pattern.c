/* pattern.c - see pattern.h.
 *
 * Edits are those of Damerau and Levenshtein in the restricted form (optimal string alignment): a character put in, left
 * out, changed, or swapped with its neighbour. Forms come sorted, so the rows of the table for what a form shares with the
 * one before it stand already; where every entry of a row is over the limit, nothing that begins so can match, and the
 * walker seeks past all of it. A walk of a sorted dictionary does what an automaton over it would (Wagner and Fischer, "The
 * string-to-string correction problem", 1974; the sharing of rows as in a trie). For texts of up to 62 characters a row is
 * three words of bits instead, one for each number of edits (Wu and Manber, "Fast text searching allowing errors", 1992).
 */
#include "query/expand/pattern.h"

#include "indexer/base/error.h"
#include "indexer/base/memory.h"
#include "indexer/base/utf8.h"
#include "query/parse/word.h"

#include <string.h>

enum { SIGN_NONE, SIGN_ONE, SIGN_ANY };

/* ---- the text ---- */

static void add_character(struct pattern *pattern, uint32_t character, uint32_t sign) {
    if (pattern->count == FORM_MAX) return;
    if (sign == SIGN_ANY && pattern->count > 0 && pattern->signs[pattern->count - 1] == SIGN_ANY) return; /* ** is * */
    pattern->text[pattern->count] = character;
    pattern->signs[pattern->count++] = sign;
}

static void add_folded(struct pattern *pattern, struct view piece) {
    size_t length;
    for (size_t i = 0; i < piece.size; i += length)
        add_character(pattern, utf8_decode(piece.data + i, piece.size - i, &length), SIGN_NONE);
}

/* A piece without wildcards. Folding may make it longer or shorter, or nothing. */
static void add_piece(struct pattern *pattern, struct view piece, const enum language *language) {
    char form[FORM_MAX];
    if (!language)
        add_folded(pattern, piece);
    else if (piece.size > 0)
        add_folded(pattern, view_of(form, fold_word(piece, false, *language, form)));
}

/* language NULL: folded already. Signs before the first live one are punctuation, which folding drops. */
static void add_text(struct pattern *pattern, struct view text, const enum language *language) {
    size_t from = 0, live = 0;
    if (pattern->kind == PATTERN_WILDCARD && language && !word_find_wildcard(text, WORD_SIGNS_ALL, &live)) live = text.size;
    for (size_t i = live; i < text.size && pattern->kind == PATTERN_WILDCARD; i++) {
        if (text.data[i] != '*' && (text.data[i] != '?' || !language)) continue;
        add_piece(pattern, view_of(text.data + from, i - from), language);
        add_character(pattern, 0, text.data[i] == '?' ? SIGN_ONE : SIGN_ANY);
        from = i + 1;
    }
    add_piece(pattern, view_of(text.data + from, text.size - from), language);
}

/* The text between wildcards as bytes: of UTF-8 a character is found by its bytes nowhere but where it stands. */
static void set_pieces(struct pattern *pattern) {
    uint16_t size = 0;
    pattern->is_pieces = pattern->kind == PATTERN_WILDCARD;
    for (uint32_t i = 0; i < pattern->count; i++) {
        if (pattern->signs[i] == SIGN_ONE) pattern->is_pieces = false;
        if (pattern->signs[i] == SIGN_NONE) size = (uint16_t)(size + utf8_encode(pattern->text[i], pattern->pieces + size));
        if (pattern->signs[i] == SIGN_ANY) pattern->piece[++pattern->piece_count].at = size;
    }
    for (uint32_t i = 0; i <= pattern->piece_count; i++) {
        const uint16_t end = i < pattern->piece_count ? pattern->piece[i + 1].at : size;
        pattern->piece[i].size = (uint16_t)(end - pattern->piece[i].at);
    }
}

/* The characters before the first sign, at most so many. */
static void set_literal(struct pattern *pattern, uint32_t most) {
    for (uint32_t i = 0; i < pattern->count && i < most && pattern->signs[i] == SIGN_NONE; i++) {
        char bytes[4];
        size_t size = utf8_encode(pattern->text[i], bytes);
        if (pattern->literal_size + size > sizeof pattern->literal) return;
        memcpy(pattern->literal + pattern->literal_size, bytes, size);
        pattern->literal_size += size;
    }
}

void pattern_keep_beginning(struct pattern *pattern, uint32_t characters) {
    pattern->literal_size = 0;
    set_literal(pattern, characters);
}

/* Bit i of states[n].reached[d]: the first n characters of the form are the first i of the text with at most d edits. */
struct edit_states {
    uint64_t reached[PATTERN_DISTANCE_MAX + 1];
};

static revue_status use_bits(struct pattern *pattern, revue_error *error) {
    pattern->states = memory_alloc_array(FORM_MAX + 1, sizeof *pattern->states);
    if (!pattern->states) return error_no_memory(error);
    for (uint32_t edits = 0; edits <= PATTERN_DISTANCE_MAX; edits++)
        pattern->states[0].reached[edits] = ((uint64_t)2 << edits) - 1;
    for (uint32_t i = 0; i < pattern->count; i++)
        if (pattern->text[i] < 128) pattern->places[pattern->text[i]] |= (uint64_t)1 << i;
    return REVUE_OK;
}

revue_status pattern_use_rows(struct pattern *pattern, revue_error *error) {
    memory_free(pattern->states);
    pattern->states = NULL;
    pattern->tried_count = 0;
    pattern->rows = memory_alloc_array(FORM_MAX + 1, pattern->count + 1);
    if (!pattern->rows) return error_no_memory(error);
    for (uint32_t i = 0; i <= pattern->count; i++)
        pattern->rows[i] = (uint8_t)i;
    return REVUE_OK;
}

static revue_status init(struct pattern *pattern, enum pattern_kind kind, struct view text, uint32_t distance,
                         const enum language *language, revue_error *error) {
    uint32_t letters = 0;
    memset(pattern, 0, sizeof *pattern);
    pattern->kind = kind;
    pattern->distance = distance < PATTERN_DISTANCE_MAX ? distance : PATTERN_DISTANCE_MAX;
    add_text(pattern, text, language);
    for (uint32_t i = 0; i < pattern->count; i++)
        letters += pattern->signs[i] == SIGN_NONE;
    if (letters == 0) return REVUE_NO_MATCH;
    if (kind != PATTERN_FUZZY) {
        set_pieces(pattern);
        set_literal(pattern, UINT32_MAX);
        return REVUE_OK;
    }
    return pattern->count <= PATTERN_BITS ? use_bits(pattern, error) : pattern_use_rows(pattern, error);
}

revue_status pattern_init(struct pattern *pattern, enum pattern_kind kind, struct view text, uint32_t distance,
                          enum language language, revue_error *error) {
    return init(pattern, kind, text, distance, &language, error);
}

revue_status pattern_init_folded(struct pattern *pattern, enum pattern_kind kind, struct view text, uint32_t distance,
                                 revue_error *error) {
    return init(pattern, kind, text, distance, NULL, error);
}

void pattern_free(struct pattern *pattern) {
    memory_free(pattern->states);
    memory_free(pattern->rows);
    pattern->states = NULL;
    pattern->rows = NULL;
}

uint32_t pattern_usual_distance(uint32_t characters) {
    return characters < 3 ? 0 : characters < 6 ? 1 : 2;
}

/* ---- wildcards ---- */

/* An ASCII character costs no call. */
static inline uint32_t next_character(const char *at, size_t size, size_t *length) {
    *length = 1;
    return (unsigned char)*at < 128 ? (unsigned char)*at : utf8_decode(at, size, length);
}

/* Each piece where it stands first: what is left behind it is the most there can be. */
static bool is_pieces_match(const struct pattern *pattern, struct view form) {
    const struct piece *first = &pattern->piece[0], *last = &pattern->piece[pattern->piece_count];
    if (pattern->piece_count == 0) return view_equal(form, view_of(pattern->pieces, first->size));
    if (form.size < (size_t)first->size + last->size) return false;
    const char *end = form.data + form.size - last->size, *at = form.data + first->size;
    if (memcmp(end, pattern->pieces + last->at, last->size) != 0) return false;
    if (memcmp(form.data, pattern->pieces, first->size) != 0) return false;
    for (const struct piece *piece = first + 1; piece < last; piece++) {
        const char *found = memmem(at, (size_t)(end - at), pattern->pieces + piece->at, piece->size);
        if (!found) return false;
        at = found + piece->size;
    }
    return true;
}

/* Greedy with one place to go back to: the last *. */
static bool is_wildcard_match(const struct pattern *pattern, struct view form) {
    uint32_t at = 0, star = UINT32_MAX;
    size_t here = 0, star_here = 0, length;
    while (here < form.size) {
        uint32_t character = next_character(form.data + here, form.size - here, &length);
        bool is_one = at < pattern->count && pattern->signs[at] != SIGN_ANY &&
                      (pattern->signs[at] == SIGN_ONE || pattern->text[at] == character);
        if (at < pattern->count && pattern->signs[at] == SIGN_ANY) {
            star = at++;
            star_here = here;
        } else if (is_one) {
            at++;
            here += length;
        } else if (star != UINT32_MAX) {
            (void)utf8_decode(form.data + star_here, form.size - star_here, &length);
            star_here += length;
            here = star_here;
            at = star + 1;
        } else {
            return false;
        }
    }
    while (at < pattern->count && pattern->signs[at] == SIGN_ANY)
        at++;
    return at == pattern->count;
}

/* ---- edits ---- */

static uint8_t *row_of(const struct pattern *pattern, uint32_t number) {
    return pattern->rows + (size_t)number * (pattern->count + 1);
}

static uint8_t smaller(uint8_t a, uint8_t b) {
    return a < b ? a : b;
}

/* The row behind character number of tried; the least of its entries. */
static uint8_t fill_row(const struct pattern *pattern, uint32_t number) {
    const uint8_t *before = row_of(pattern, number), *two_before = number > 0 ? row_of(pattern, number - 1) : NULL;
    uint8_t *row = row_of(pattern, number + 1), least;
    const uint32_t character = pattern->tried[number];
    row[0] = (uint8_t)(before[0] + 1);
    least = row[0];
    for (uint32_t i = 1; i <= pattern->count; i++) {
        const bool differs = pattern->text[i - 1] != character;
        uint8_t edits = smaller((uint8_t)(smaller(before[i], row[i - 1]) + 1), (uint8_t)(before[i - 1] + differs));
        if (two_before && i > 1 && pattern->text[i - 2] == character && pattern->text[i - 1] == pattern->tried[number - 1])
            edits = smaller(edits, (uint8_t)(two_before[i - 2] + 1));
        row[i] = edits;
        least = smaller(least, edits);
    }
    return least;
}

/* How many characters the form shares with the one tried before, as far as that was looked at. */
static uint32_t count_shared(const struct pattern *pattern, struct view form) {
    uint32_t shared = pattern->tried_count;
    size_t known = shared > 0 ? pattern->ends[shared - 1] : 0, equal = 0;
    if (known > form.size) known = form.size;
    while (equal < known && form.data[equal] == pattern->tried_bytes[equal])
        equal++;
    while (shared > 0 && pattern->ends[shared - 1] > equal)
        shared--;
    return shared;
}

static uint64_t places_of(const struct pattern *pattern, uint32_t character) {
    uint64_t places = 0;
    if (character < 128) return pattern->places[character];
    for (uint32_t i = 0; i < pattern->count; i++)
        places |= (uint64_t)(pattern->text[i] == character) << i;
    return places;
}

/* The states behind character number of tried; 0: no beginning of the text is within the distance. An edit puts a character
 * in, changes one, leaves one out, or swaps the last two. */
static uint8_t fill_states(const struct pattern *pattern, uint32_t number) {
    const struct edit_states *before = &pattern->states[number], *two_before = number > 0 ? before - 1 : NULL;
    struct edit_states *states = &pattern->states[number + 1];
    const uint64_t places = places_of(pattern, pattern->tried[number]);
    const uint64_t swapped = two_before ? places_of(pattern, pattern->tried[number - 1]) : 0;
    states->reached[0] = (before->reached[0] & places) << 1;
    for (uint32_t edits = 1; edits <= pattern->distance; edits++) {
        const uint64_t less = before->reached[edits - 1];
        uint64_t reached = (before->reached[edits] & places) << 1 | less | less << 1 | states->reached[edits - 1] << 1;
        if (two_before) reached |= ((two_before->reached[edits - 1] & places) << 1 & swapped) << 1;
        states->reached[edits] = reached;
    }
    return states->reached[pattern->distance] & (((uint64_t)2 << pattern->count) - 1) ? 0
                                                                                      : (uint8_t)(pattern->distance + 1);
}

/* Edits between the first number characters of tried and the text; over the distance when there are too many. */
static uint32_t edits_to_text(const struct pattern *pattern, uint32_t number) {
    uint32_t edits = 0;
    if (!pattern->states) return row_of(pattern, number)[pattern->count];
    while (edits <= pattern->distance && !(pattern->states[number].reached[edits] >> pattern->count & 1))
        edits++;
    return edits;
}

/* Swapping may repair a row that is over the limit by what comes two characters later, never by more: a row is dead when it
 * and the one before it are. */
static void try_edits(struct pattern *pattern, struct view form, struct pattern_try *result) {
    uint32_t number = count_shared(pattern, form);
    size_t here = number > 0 ? pattern->ends[number - 1] : 0, length;
    uint8_t least_before = 0;
    if (form.size > FORM_MAX) return;
    for (; here < form.size; number++) {
        pattern->tried[number] = next_character(form.data + here, form.size - here, &length);
        memcpy(pattern->tried_bytes + here, form.data + here, length);
        here += length;
        pattern->ends[number] = here;
        uint8_t least = pattern->states ? fill_states(pattern, number) : fill_row(pattern, number);
        pattern->tried_count = number + 1;
        if (least > pattern->distance && least_before > pattern->distance) {
            result->dead_size = here;
            return;
        }
        least_before = least;
    }
    pattern->tried_count = number;
    result->distance = edits_to_text(pattern, number);
    result->matches = result->distance <= pattern->distance;
}

void pattern_try(struct pattern *pattern, struct view form, struct pattern_try *result) {
    *result = (struct pattern_try){0};
    switch (pattern->kind) {
    case PATTERN_PREFIX:
        result->matches =
            form.size >= pattern->literal_size && memcmp(form.data, pattern->literal, pattern->literal_size) == 0;
        return;
    case PATTERN_WILDCARD:
        result->matches = pattern->is_pieces ? is_pieces_match(pattern, form) : is_wildcard_match(pattern, form);
        return;
    case PATTERN_FUZZY: break;
    }
    try_edits(pattern, form, result);
}
