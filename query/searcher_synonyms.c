/* searcher_synonyms.c - the synonyms of an index, as the words of its queries meet them; see searcher.h. */
#include "indexer/format/synonyms.h"
#include "query/searcher.h"

#include <stdlib.h>
#include <string.h>

struct synonym_reading {
    revue_searcher *searcher;
    struct synonyms *synonyms;
    uint32_t capacity; /* of keys */
    revue_error *error;
};

static revue_status add_key(struct synonym_reading *reading, const struct synonym_rule *rule, uint32_t entry) {
    struct synonyms *synonyms = reading->synonyms;
    if (synonyms->count == reading->capacity) {
        const uint32_t capacity = reading->capacity ? 2 * reading->capacity : 64;
        struct synonym_key *grown = arena_alloc_array(&synonyms->arena, capacity, sizeof *grown);
        if (!grown) return error_no_memory(reading->error);
        if (synonyms->count > 0) memcpy(grown, synonyms->keys, synonyms->count * sizeof *grown);
        synonyms->keys = grown;
        reading->capacity = capacity;
    }
    synonyms->keys[synonyms->count++] = (struct synonym_key){rule, entry};
    if (rule->entries[entry].word_count > synonyms->longest) synonyms->longest = rule->entries[entry].word_count;
    return REVUE_OK;
}

static revue_status read_entry(struct synonym_reading *reading, struct view text, struct synonym_entry *entry) {
    struct arena *arena = &reading->synonyms->arena;
    revue_searcher *searcher = reading->searcher;
    struct tokens tokens = {0};
    TRY(analyze_field(searcher->stemmer, text, searcher->language, arena, &tokens, reading->error));
    entry->word_count = tokens.count < SYNONYM_WORDS_MAX ? (uint32_t)tokens.count : SYNONYM_WORDS_MAX;
    entry->forms = arena_alloc_array(arena, SYNONYM_WORDS_MAX, sizeof *entry->forms);
    entry->stems = arena_alloc_array(arena, SYNONYM_WORDS_MAX, sizeof *entry->stems);
    if (!entry->forms || !entry->stems) return error_no_memory(reading->error);
    for (uint32_t i = 0; i < entry->word_count; i++) {
        entry->forms[i] = tokens.items[i].form;
        entry->stems[i] = tokens.items[i].stem;
    }
    return REVUE_OK;
}

static revue_status read_line(struct synonym_reading *reading, const struct synonym_line *line) {
    struct arena *arena = &reading->synonyms->arena;
    struct synonym_rule *rule = arena_alloc(arena, sizeof *rule);
    struct synonym_entry *entries = arena_alloc_array(arena, line->count, sizeof *entries);
    if (!rule || !entries) return error_no_memory(reading->error);
    *rule = (struct synonym_rule){entries, line->count, line->left_count};
    for (uint32_t i = 0; i < line->count; i++)
        TRY(read_entry(reading, line->entries[i], &entries[i]));
    const uint32_t typed = line->left_count > 0 ? line->left_count : line->count;
    for (uint32_t i = 0; i < typed; i++)
        if (entries[i].word_count > 0) TRY(add_key(reading, rule, i));
    return REVUE_OK;
}

static struct view first_stem(const struct synonym_key *key) {
    return key->rule->entries[key->entry].stems[0];
}

static int compare_keys(const void *left, const void *right) {
    return view_compare(first_stem(left), first_stem(right));
}

static revue_status read_all(struct synonym_reading *reading, struct view text) {
    struct synonym_reader reader = {.rest = text};
    struct synonym_line line;
    revue_status status = REVUE_OK;
    while (status == REVUE_OK && (status = synonyms_next_line(&reader, &line, reading->error)) == REVUE_OK)
        status = read_line(reading, &line);
    if (status == REVUE_USAGE)
        return error_set(reading->error, REVUE_CORRUPT, "the synonyms cannot be read: give them to the index again");
    if (status != REVUE_NO_MATCH) return status;
    if (reading->synonyms->count > 0)
        qsort(reading->synonyms->keys, reading->synonyms->count, sizeof *reading->synonyms->keys, compare_keys);
    return REVUE_OK;
}

revue_status searcher_synonyms(revue_searcher *searcher, const struct synonyms **synonyms, revue_error *error) {
    struct synonyms read = {0};
    struct synonym_reading reading = {.searcher = searcher, .synonyms = &read, .error = error};
    struct view text;
    *synonyms = &searcher->synonyms;
    if (searcher->has_synonyms) return REVUE_OK;
    revue_status status = synonyms_read(searcher->txn, &text, error);
    if (status == REVUE_OK) status = read_all(&reading, text);
    if (status != REVUE_OK && status != REVUE_NO_MATCH) {
        arena_free(&read.arena);
        return status;
    }
    searcher->synonyms = read;
    searcher->has_synonyms = true;
    return REVUE_OK;
}

uint32_t synonyms_find(const struct synonyms *synonyms, struct view stem) {
    uint32_t low = 0, high = synonyms->count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (view_compare(first_stem(&synonyms->keys[middle]), stem) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < synonyms->count && view_equal(first_stem(&synonyms->keys[low]), stem) ? low : synonyms->count;
}
