/* bound_table.c - see bound_table.h. */
#include "query/rank/bound_table.h"

#include "indexer/format/scoring.h"

void bound_table_prepare(struct bound_table *table, double b, double average) {
    if (table->is_ready && table->b == b && table->average == average) return;
    for (unsigned code = 0; code < 256; code++) {
        double norm = scoring_norm(b, impact_value((uint8_t)code), average);
        table->inverse_norm[code] = norm > 0 ? (float)(1.0 / norm) * BOUND_ROUNDED_UP : INFINITY;
        table->norm[code] = (float)norm * (2 - BOUND_ROUNDED_UP);
        table->frequency[code] = code == IMPACT_ANY ? INFINITY : (float)impact_value((uint8_t)code);
    }
    table->b = b;
    table->average = average;
    table->is_ready = true;
}

static inline float value_of(const struct bound_table *table, struct impact pair) {
    return table->frequency[pair.frequency_code] * table->inverse_norm[pair.length_code];
}

static inline float larger(float a, float b) {
    return a > b ? a : b;
}

/* Two maxima side by side, which do not wait for each other. */
float bound_table_value(const struct bound_table *table, const struct impact *pairs, uint32_t count) {
    float best = 0, other = 0;
    for (uint32_t i = 0; i + 1 < count; i += 2) {
        best = larger(value_of(table, pairs[i]), best);
        other = larger(value_of(table, pairs[i + 1]), other);
    }
    if (count % 2) best = larger(value_of(table, pairs[count - 1]), best);
    return larger(best, other) * BOUND_ROUNDED_UP;
}

uint32_t bound_table_least_frequency(const struct bound_table *table, const struct impact *pairs, uint32_t count,
                                     float value) {
    float least = INFINITY;
    for (uint32_t i = 0; i < count; i++) {
        const float needed = value * table->norm[pairs[i].length_code];
        if (needed <= table->frequency[pairs[i].frequency_code] && needed < least) least = needed;
    }
    if (least < (float)(1 << 30)) return (uint32_t)ceilf(least);
    return least < INFINITY ? 1u << 30 : UINT32_MAX;
}
