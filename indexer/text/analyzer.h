/* analyzer.h - a field's text to its tokens, the plain way: scan, fold, stem, drop repeated paragraphs.
 *
 * The indexer does the same work through a table of symbols, once per distinct word (indexer/invert); this is the judge
 * of it, and what queries, snippets and tests/support/analyze use. */
#ifndef REVUE_TEXT_ANALYZER_H
#define REVUE_TEXT_ANALYZER_H

#include "indexer/base/arena.h"
#include "indexer/text/scan.h"
#include "indexer/text/stem.h"

struct token {
    struct view form, stem; /* in the arena */
    uint32_t start, size;   /* bytes of the field it came from */
    uint32_t position;      /* from 0; repeated paragraphs take none */
    bool repeated;          /* of a paragraph already seen in this field: shown, not searched; position is 0 */
};
struct tokens {
    struct token *items; /* in text order */
    size_t count, capacity;
    uint32_t length; /* tokens that are not repeated: the field's length */
};

/* Analyses one field. Tokens and their bytes live in the arena (items are replaced, not freed, by the next call). Without a
 * stemmer (NULL) stems are the forms. */
revue_status analyze_field(stemmer *stemmer, struct view field, enum language language, struct arena *arena,
                           struct tokens *tokens, revue_error *error);

/* Paragraphs. A paragraph is what stands between two gaps with .paragraph set; two are equal when their forms are the
 * same in the same order. A paragraph equal to an earlier one of the same field counts once. */
struct paragraph_set;                             /* the hashes of one field's paragraphs */
struct paragraph_set *paragraph_set_create(void); /* NULL when out of memory */
void paragraph_set_free(struct paragraph_set *set);
void paragraph_set_clear(struct paragraph_set *set);
/* Adds the hash of a paragraph (hash_mix over the hashes of its forms, from 0). *seen tells if it was there. False: out of
 * memory. A paragraph without tokens is never added. */
bool paragraph_set_add(struct paragraph_set *set, uint64_t hash, bool *seen);

#endif
