/* prior.c - see prior.h. */
#include "query/rank/prior.h"

#include "indexer/base/duration.h"
#include "indexer/base/number.h"
#include "query/column/column_name.h"

#include <math.h>
#include <string.h>

#define VOTES_HALF 10.0 /* as many are worth half of what any number is */
#define STARS_MIDDLE 3.0
#define STARS_REACH 2.0
#define SPAN_DEFAULT (365.0 * 86400)
#define SPAN_TEXT_MAX 32u

const char *const prior_names[PRIOR_PARTS] = {"stars", "votes", "age"};
static const uint16_t columns[PRIOR_PARTS] = {COLUMN_OF_STARS, COLUMN_OF_VOTES, COLUMN_OF_DATE};

/* ---- what is asked for ---- */

static bool read_span(struct view text, double *span) {
    char copy[SPAN_TEXT_MAX];
    if (text.size == 0) return true;
    if (text.size >= sizeof copy || memchr(text.data, '\0', text.size)) return false;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return duration_parse(copy, span) && *span >= 1 && isfinite(*span);
}

static bool read_part(struct view text, struct prior_options *options) {
    const struct view name = column_next_part(&text, ':'), weight = column_next_part(&text, ':');
    double value;
    unsigned part = 0;
    while (part < PRIOR_PARTS && !view_equal(name, view_of_string(prior_names[part])))
        part++;
    if (part == PRIOR_PARTS || !number_parse(weight, &value) || !(value >= 0 && value <= PRIOR_WEIGHT_MAX)) return false;
    if (text.size > 0 && part != PRIOR_AGE) return false;
    options->weights[part] = value;
    return read_span(text, &options->span);
}

revue_status prior_options_read(struct view text, struct prior_options *options, revue_error *error) {
    struct prior_options read = {.span = SPAN_DEFAULT, .now = options->now};
    do {
        const struct view part = column_next_part(&text, ',');
        if (!read_part(part, &read))
            return error_set(error, REVUE_USAGE,
                             "--prior %.*s: a prior is stars:W, votes:W or age:W:SPAN, several joined by commas, with "
                             "weights W from 0 to %g and a span such as 180d",
                             (int)(part.size < 64 ? part.size : 64), part.size > 0 ? part.data : "", PRIOR_WEIGHT_MAX);
    } while (text.size > 0);
    *options = read;
    return REVUE_OK;
}

double prior_factor_most(const struct prior_options *options) {
    double most = 1;
    for (unsigned part = 0; part < PRIOR_PARTS; part++)
        most *= 1 + options->weights[part];
    return most;
}

/* ---- numbers ---- */

static double x_of_stars(double stars) {
    const double x = (stars - STARS_MIDDLE) / STARS_REACH;
    return x > -1 ? x < 1 ? x : 1 : -1;
}

static double x_of_votes(double votes) {
    return votes > 0 ? votes < HUGE_VAL ? votes / (votes + VOTES_HALF) : 1 : 0;
}

/* Reviews of times to come are new. */
static double age_of(const struct prior *prior, double date) {
    const double age = (double)prior->options.now - date;
    return age > 0 ? age : 0;
}

static double x_of_age(const struct prior *prior, double age) {
    return age < HUGE_VAL ? (prior->options.span - age) / (prior->options.span + age) : -1;
}

static double x_of(const struct prior *prior, unsigned part, double value) {
    if (part == PRIOR_STARS) return x_of_stars(value);
    if (part == PRIOR_VOTES) return x_of_votes(value);
    return x_of_age(prior, age_of(prior, value));
}

/* One rounding for all: of factors, and of their bounds. */
static uint32_t rounded(double factor) {
    return (uint32_t)(factor * PRIOR_ONE + 0.5);
}

void prior_open(struct prior *prior, revue_searcher *searcher, const struct prior_options *options) {
    double least = 1;
    for (unsigned part = 0; part < PRIOR_PARTS; part++)
        if (part != PRIOR_VOTES) least *= 1 - options->weights[part];
    memset(prior, 0, sizeof *prior);
    prior->options = *options;
    prior->searcher = searcher;
    prior->segment = UINT32_MAX;
    prior->most = rounded(prior_factor_most(options));
    prior->least = rounded(least);
}

/* ---- reviews ---- */

static void enter_segment(struct prior *prior, uint32_t segment) {
    const struct segment *entered = prior->searcher->segments[segment].segment;
    if (prior->segment == segment) return;
    for (unsigned part = 0; part < PRIOR_PARTS; part++)
        column_reader_open(&prior->readers[part], entered->txn, entered->number, columns[part]);
    prior->segment = segment;
}

revue_status prior_values(struct prior *prior, uint32_t segment, uint32_t doc, struct prior_value values[PRIOR_PARTS],
                          revue_error *error) {
    enter_segment(prior, segment);
    for (unsigned part = 0; part < PRIOR_PARTS; part++) {
        double value = 0;
        values[part] = (struct prior_value){0};
        if (prior->options.weights[part] == 0) continue;
        TRY(column_reader_number(&prior->readers[part], doc, &values[part].has, &value, error));
        if (!values[part].has) continue;
        values[part].number = part == PRIOR_AGE ? age_of(prior, value) : value;
        values[part].x = x_of(prior, part, value);
    }
    return REVUE_OK;
}

revue_status prior_factor(struct prior *prior, uint32_t segment, uint32_t doc, uint32_t *factor, revue_error *error) {
    struct prior_value values[PRIOR_PARTS];
    double product = 1;
    TRY(prior_values(prior, segment, doc, values, error));
    for (unsigned part = 0; part < PRIOR_PARTS; part++)
        product *= 1 + prior->options.weights[part] * values[part].x;
    *factor = rounded(product);
    return REVUE_OK;
}

/* ---- bounds ---- */

/* The largest x of a chunk: parts grow or fall with the values of their columns. */
static revue_status chunk_most(struct prior *prior, unsigned part, uint32_t chunk, double *x, revue_error *error) {
    struct column_reader *reader = &prior->readers[part];
    *x = 0;
    TRY(column_reader_seek(reader, chunk * COLUMN_CHUNK, error));
    if (reader->is_absent) return REVUE_OK;
    const double most = x_of(prior, part, reader->chunk.number_maximum);
    *x = reader->chunk.missing > 0 && most < 0 ? 0 : most;
    return REVUE_OK;
}

revue_status prior_most(struct prior *prior, uint32_t segment, uint32_t from, uint32_t to, uint32_t *most,
                        revue_error *error) {
    double product, x;
    enter_segment(prior, segment);
    *most = 0;
    for (uint32_t chunk = from / COLUMN_CHUNK; chunk <= (to - 1) / COLUMN_CHUNK; chunk++) {
        product = 1;
        for (unsigned part = 0; part < PRIOR_PARTS; part++) {
            if (prior->options.weights[part] == 0) continue;
            TRY(chunk_most(prior, part, chunk, &x, error));
            product *= 1 + prior->options.weights[part] * x;
        }
        if (rounded(product) > *most) *most = rounded(product);
    }
    return REVUE_OK;
}
