/* fields.c - finding a field by its name, and the one that was meant. See fields.h.
 *
 * The distance is that of Damerau and Levenshtein in its restricted form (optimal string alignment), by bytes: names of
 * fields are short and mostly ASCII, a table of 49 by 49 on the stack is all it takes. */
#include "query/parse/fields.h"

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool field_name_equal(struct view a, struct view b) {
    if (a.size != b.size) return false;
    for (size_t i = 0; i < a.size; i++)
        if (lower(a.data[i]) != lower(b.data[i])) return false;
    return true;
}

const struct query_field *query_field_find(const struct query_field *fields, size_t count, struct view name) {
    for (size_t i = 0; i < count; i++)
        if (field_name_equal(fields[i].name, name)) return &fields[i];
    return NULL;
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

size_t field_distance(struct view a, struct view b) {
    if (a.size > FIELD_DISTANCE_NAME_MAX || b.size > FIELD_DISTANCE_NAME_MAX) return a.size + b.size + 1;
    size_t cost[FIELD_DISTANCE_NAME_MAX + 1][FIELD_DISTANCE_NAME_MAX + 1];
    for (size_t i = 0; i <= a.size; i++)
        cost[i][0] = i;
    for (size_t j = 0; j <= b.size; j++)
        cost[0][j] = j;
    for (size_t i = 1; i <= a.size; i++)
        for (size_t j = 1; j <= b.size; j++) {
            char in_a = lower(a.data[i - 1]), in_b = lower(b.data[j - 1]);
            size_t best = smaller(cost[i - 1][j], cost[i][j - 1]) + 1;
            best = smaller(best, cost[i - 1][j - 1] + (in_a != in_b));
            if (i > 1 && j > 1 && in_a == lower(b.data[j - 2]) && in_b == lower(a.data[i - 2]))
                best = smaller(best, cost[i - 2][j - 2] + 1);
            cost[i][j] = best;
        }
    return cost[a.size][b.size];
}

const struct query_field *field_nearest(const struct query_field *fields, size_t count, struct view name) {
    size_t limit = name.size < 4 ? 1 : name.size < 8 ? 2 : 3; /* more is another word, not a slip */
    const struct query_field *nearest = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t distance = field_distance(fields[i].name, name);
        if (distance > limit || distance >= name.size) continue;
        if (distance == limit && nearest) continue;
        limit = distance;
        nearest = &fields[i];
    }
    return nearest;
}
