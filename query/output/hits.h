/* hits.h - an answer, and the forms it is printed in: one file each. SCHEMA.md describes what they print.
 *
 * The printers see the answer through two calls, so that any result can stand behind it. They append to bytes with a sticky
 * error, which is checked once, by who writes them out. Nothing here fails otherwise. */
#ifndef REVUE_OUTPUT_HITS_H
#define REVUE_OUTPUT_HITS_H

#include "indexer/base/bytes.h"
#include "revue.h"

/* Everything belongs to the caller and outlives the call. */
struct answer {
    struct view query;
    struct view name;  /* of a saved query; of size 0: it has none */
    revue_operator op; /* as it was answered */
    uint64_t total;
    bool total_exact;
    double took_us;
    bool with_snippets;  /* they were asked for: a hit without one says so with an empty list */
    const void *context; /* of the calls */
    size_t hit_count, warning_count, facet_count, group_count;
    const revue_hit *(*hit)(const void *context, size_t index); /* with groups: theirs, one after the other */
    const char *(*warning)(const void *context, size_t index);
    const revue_facet *(*facet)(const void *context, size_t index);
    const revue_group *(*group)(const void *context, size_t index);
    const char *suggestion; /* NULL: none */
    bool is_grouped;
    uint64_t groups_total, ungrouped;
    const char *next; /* the token of the next page; NULL: there is none */
};

void hits_json(const struct answer *answer, struct bytes *out);  /* one line, with the envelope */
void hits_jsonl(const struct answer *answer, struct bytes *out); /* a hit a line, with groups a group */
void hits_tsv(const struct answer *answer, struct bytes *out);   /* rank, score, id, title */
void hits_csv(const struct answer *answer, struct bytes *out);   /* RFC 4180, with a header; harmless in spreadsheets */
/* Lines of a TREC run: query_id Q0 id rank score run_name. */
void hits_trec(const struct answer *answer, struct view query_id, struct view run_name, struct bytes *out);

struct hits_look {
    unsigned width; /* columns to fill */
    bool colour;
    bool with_total, with_time; /* a last line: how many matched, and how long it took */
};
/* For people. Nothing in a review reaches the terminal that it would obey. */
void hits_terminal(const struct answer *answer, const struct hits_look *look, struct bytes *out);

/* The facets, a small table each. */
void facets_terminal(const struct answer *answer, const struct hits_look *look, struct bytes *out);

/* An id as it stands in formats that are split at blanks: bytes up to 0x20, '%' and DEL as %XX. */
void append_plain_id(struct bytes *out, struct view id);

#endif
