/* ranking_options.c - see ranking_options.h. */
#include "query/cli/ranking_options.h"

#include "indexer/base/error.h"
#include "indexer/base/memory.h"
#include "indexer/base/number.h"

#include <string.h>

void ranking_options_init(struct ranking_options *ranking) {
    revue_search_options options;
    revue_search_options_init(&options);
    memset(ranking, 0, sizeof *ranking);
    ranking->k1 = options.k1;
    ranking->b = options.b;
}

void ranking_options_free(struct ranking_options *ranking) {
    option_list_free(&ranking->weight_words);
    memory_free(ranking->weights);
    bytes_free(&ranking->names);
}

/* "FIELD=W"; the field's name goes to the end of names, which has room for it. */
static revue_status read_weight(const char *word, struct bytes *names, revue_weight *weight, revue_error *error) {
    const char *equals = strrchr(word, '=');
    double value;
    if (!equals || equals == word || !number_parse(view_of_string(equals + 1), &value) || value < 0) {
        return error_set(error, REVUE_USAGE, "--weight %s: not FIELD=W with a number W of 0 or more, such as title=2.5",
                         word);
    }
    weight->field = (const char *)names->data + names->size;
    weight->weight = value;
    bytes_append(names, word, (size_t)(equals - word));
    bytes_append_u8(names, '\0');
    return REVUE_OK;
}

static revue_status read_weights(struct ranking_options *ranking, revue_error *error) {
    const struct option_list *words = &ranking->weight_words;
    size_t room = 0;
    if (words->count == 0) return REVUE_OK;
    for (size_t i = 0; i < words->count; i++)
        room += strlen(words->items[i]) + 1;
    ranking->weights = memory_alloc_array(words->count, sizeof *ranking->weights);
    /* Reserved whole, so that the names stay where they are. */
    if (!ranking->weights || !bytes_extend(&ranking->names, room)) return error_no_memory(error);
    bytes_clear(&ranking->names);
    for (size_t i = 0; i < words->count; i++) {
        TRY(read_weight(words->items[i], &ranking->names, &ranking->weights[i], error));
    }
    return REVUE_OK;
}

revue_status ranking_options_apply(struct ranking_options *ranking, revue_search_options *options, revue_error *error) {
    TRY(read_weights(ranking, error));
    options->k1 = ranking->k1;
    options->b = ranking->b;
    options->exhaustive = ranking->exhaustive;
    options->no_synonyms = ranking->no_synonyms;
    options->prior = ranking->prior;
    options->now = ranking->now;
    options->weights = ranking->weights;
    options->weight_count = ranking->weight_words.count;
    return REVUE_OK;
}
