/* scoring.c - see scoring.h. */
#include "query/cli/scoring.h"

#include "indexer/base/error.h"
#include "indexer/base/memory.h"

#include <math.h>
#include <stdlib.h>

void scoring_init(struct scoring *scoring) {
    revue_search_options options;
    revue_search_options_init(&options);
    memset(scoring, 0, sizeof *scoring);
    scoring->k1 = options.k1;
    scoring->b = options.b;
}

void scoring_free(struct scoring *scoring) {
    option_list_free(&scoring->weight_words);
    memory_free(scoring->weights);
    bytes_free(&scoring->names);
}

/* "FIELD=W"; the field's name goes to the end of names, which has room for it. */
static revue_status read_weight(const char *word, struct bytes *names, revue_weight *weight, revue_error *error) {
    const char *equals = strrchr(word, '=');
    char *end = NULL;
    double value = equals ? strtod(equals + 1, &end) : -1;
    if (!equals || equals == word || end == equals + 1 || *end || !isfinite(value) || value < 0) {
        return error_set(error, REVUE_USAGE, "--weight %s: not FIELD=W with a number W of 0 or more, such as title=2.5",
                         word);
    }
    weight->field = (const char *)names->data + names->size;
    weight->weight = value;
    bytes_append(names, word, (size_t)(equals - word));
    bytes_append_u8(names, '\0');
    return REVUE_OK;
}

static revue_status read_weights(struct scoring *scoring, revue_error *error) {
    const struct option_list *words = &scoring->weight_words;
    size_t room = 0;
    if (words->count == 0) return REVUE_OK;
    for (size_t i = 0; i < words->count; i++)
        room += strlen(words->items[i]) + 1;
    scoring->weights = memory_alloc_array(words->count, sizeof *scoring->weights);
    /* Reserved whole, so that the names stay where they are. */
    if (!scoring->weights || !bytes_extend(&scoring->names, room)) return error_no_memory(error);
    bytes_clear(&scoring->names);
    for (size_t i = 0; i < words->count; i++) {
        TRY(read_weight(words->items[i], &scoring->names, &scoring->weights[i], error));
    }
    return REVUE_OK;
}

revue_status scoring_apply(struct scoring *scoring, revue_search_options *options, revue_error *error) {
    TRY(read_weights(scoring, error));
    options->k1 = scoring->k1;
    options->b = scoring->b;
    options->exhaustive = scoring->exhaustive;
    options->weights = scoring->weights;
    options->weight_count = scoring->weight_words.count;
    return REVUE_OK;
}
