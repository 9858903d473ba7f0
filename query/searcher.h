/* searcher.h - an index open for searching, between the rooms of query/: one snapshot, its segments, its statistics. */
#ifndef REVUE_SEARCHER_H
#define REVUE_SEARCHER_H

#include "indexer/format/manifest.h"
#include "indexer/format/segment.h"
#include "indexer/text/analyzer.h"
#include "query/rank/bound_table.h"

struct searched_segment {
    struct segment *segment;
    struct deletes deletes;
    bool has_deletes; /* deletes is read */
    uint32_t deleted; /* as the manifest says */
};
/* The languages whose stemmers take part when the index does not know a word: at least one. */
struct common_languages {
    enum language items[LANGUAGE_COUNT]; /* ascending */
    uint32_t count;                      /* 0: not known yet */
};
/* What synonyms.h says in words, analysed in the language of the archive. */
struct synonym_entry {
    struct view *forms, *stems; /* word_count of each */
    uint32_t word_count;
};
struct synonym_rule {
    struct synonym_entry *entries;
    uint32_t count, left_count; /* as in struct synonym_line */
};
struct synonym_key { /* an entry that words of a query may be */
    const struct synonym_rule *rule;
    uint32_t entry;
};
struct synonyms {
    struct synonym_key *keys; /* by the first stem of the entry */
    uint32_t count;
    uint32_t longest; /* words of an entry that may be typed */
    struct arena arena;
};
#define SPARE_ARENAS 2u /* as many as a search of words has at a time */
struct revue_searcher {
    char *path;
    struct store_stamp stamp; /* of CURRENT, before it was opened */
    store *store;
    store_txn *txn;
    bool rests; /* txn holds no snapshot: nothing may be read */
    struct manifest manifest;
    char uuid[UUID_TEXT];
    struct schema schema;
    struct settings settings;
    struct segment_meta base;
    bool has_base;
    struct searched_segment *segments;
    uint32_t segment_count;
    uint64_t reviews; /* live */
    double average[FIELD_COUNT];
    enum language language; /* of the archive, as --lang said: queries are read in it */
    struct common_languages languages;
    stemmer *stemmer;
    struct synonyms synonyms;
    bool has_synonyms;                       /* synonyms is read */
    struct arena spare_arenas[SPARE_ARENAS]; /* empty, with memory for whoever takes them */
    struct known_words *known_words;         /* of this snapshot (plan/known_words.h) */
    struct bound_table bounds[FIELD_COUNT];  /* made at first use, for the averages of this snapshot */
    struct open_keywords {
        uint16_t column;
        keywords *table;
        uint32_t *places; /* of column/keyword_order.h; NULL: nobody has asked */
    } * keywords;         /* those that were asked for */
    size_t keywords_count, keywords_capacity;
};
/* REVUE_USAGE when it rests. */
revue_status searcher_is_awake(const revue_searcher *searcher, revue_error *error);
/* An empty arena for one search. It is the taker's, who gives it back when all in it is done with, or frees it. */
struct arena searcher_take_arena(revue_searcher *searcher);
void searcher_give_arena(revue_searcher *searcher, struct arena *arena);
/* The deletes of a segment, read at first use. */
revue_status searcher_deletes(revue_searcher *searcher, uint32_t segment, const struct deletes **deletes,
                              revue_error *error);
/* The keyword values of a column, opened at first use: what of them was verified stays so from hit to hit. The searcher's.
 */
revue_status searcher_keywords(revue_searcher *searcher, uint16_t column, keywords **table, revue_error *error);
/* The live review with this id, or REVUE_NO_MATCH. */
revue_status searcher_find_review(revue_searcher *searcher, struct view id, uint32_t *segment, uint32_t *doc,
                                  revue_error *error);
/* Those of over 5 % of the reviews, counted at first use from the column lang (of a large archive, from a part of it); the
 * language of the archive when there are none. */
revue_status searcher_languages(revue_searcher *searcher, const struct common_languages **languages, revue_error *error);
/* The synonyms of the index, read at first use; without keys when it has none. */
revue_status searcher_synonyms(revue_searcher *searcher, const struct synonyms **synonyms, revue_error *error);
/* The first key whose entry begins with the stem; synonyms->count when there is none. */
uint32_t synonyms_find(const struct synonyms *synonyms, struct view stem);

#endif
