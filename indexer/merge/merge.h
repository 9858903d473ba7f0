/* merge.h - several segments become one: the policy that chooses them, and the k-way merge itself.
 *
 * Every run adds a small segment, and a search pays for each segment there is; what is deleted stays in its segment. So now
 * and then some are put together, without their deleted reviews, into one that equals what a flush of the same reviews
 * would have written (FORMAT.md, 6.7 and 7, says where it may differ). Readers see the old segments until one small commit
 * replaces the manifest; a merge that stops at any point leaves nothing behind but records the next run removes. */
#ifndef REVUE_MERGE_H
#define REVUE_MERGE_H

#include "indexer/format/manifest.h"
#include "indexer/format/segment.h"

/* ---- policy (merge_policy.c) ---- */

#define MERGE_SEGMENTS_MAX 24u /* more live segments than this are never left */
#define MERGE_LEAST 3u         /* fewer segments than this are merged only where some of their reviews are deleted */
#define MERGE_LARGE ((uint64_t)64 << 20) /* live bytes of a segment that is left as it is for its size alone ... */
#define MERGE_LARGE_MAX 8u               /* ... as long as there are no more of them */
#define MERGE_WIDTH 8u                   /* so many are merged at most when there are too many, unless more have to go */
#define MERGE_DEAD_PART 5u               /* a segment of which more than this part (a fifth) is deleted is rewritten */
#define MERGE_BUDGET_PART 3u  /* the merges of a run write older bytes again for at most this part (a third) of the live */
#define MERGE_INPUTS_MAX 256u /* segments of one merge */
#define MERGE_REVIEWS_MAX (1u << 30) /* of a segment, as a flush allows */

/* What the policy knows of a live segment: its row of the manifest, and the bytes that its META counts. */
struct merge_candidate {
    uint32_t number, doc_count, deleted, run;
    uint64_t bytes;
};
struct merge_choice {
    uint32_t segments[MERGE_INPUTS_MAX]; /* numbers */
    uint32_t count;                      /* 0: nothing is due */
    uint64_t bytes;                      /* that it will write, about */
    uint64_t older_bytes;                /* of these, those of segments that this run did not write: they count as spent */
};
struct merge_limits {
    uint32_t run;     /* this one */
    uint64_t spent;   /* the older_bytes of the merges done in it */
    uint64_t reviews; /* that one merge may take, at most MERGE_REVIEWS_MAX */
    uint32_t inputs;  /* the same of segments, at most MERGE_INPUTS_MAX */
};
/* The merge that is due next. The answer depends on the arguments alone, not on the order of the candidates. */
void merge_choose(const struct merge_candidate *candidates, uint32_t count, const struct merge_limits *limits,
                  struct merge_choice *choice);

/* ---- doing it (merge.c) ---- */

/* Memory: per review of the merged segments 6 bytes throughout, and 12 more while posting lists or 16 while ids are
 * written, for which a quarter of memory_bytes is meant: merge_as_needed merges no more reviews at once, unless there are
 * too many segments; threads, which take these 12 bytes each, and some MiB, as far as another quarter carries them; half a
 * MiB of pages of every input, for which an eighth is meant; 10 KiB a segment; some 60 bytes for every stem that has
 * several forms (or lost reviews); the merged symbol table. Words written once in their segment are counted over all of
 * them, to be given a number where they are not so rare: that takes at most a quarter of memory_bytes, beyond which they
 * stay as they are. */
struct merge_options {
    size_t memory_bytes;
    unsigned threads;  /* that work, beside the caller's, where a merge is large and the memory carries them; 0: none */
    size_t part_bytes; /* that a thread makes at once, about; 0: as is best, and no thread for small merges */
    bool (*may_go_on)(void *context); /* polled a few hundred times a second; false: give this merge up. NULL: go on */
    void *context;
};
/* Merges while the policy asks for it at the end of the manifest's last run, each in its own commits; *manifest is brought
 * up to date with every one. The store
 * holds it and nobody else writes. A merge given up is REVUE_OK: it stays due. After a failure the index is what *manifest
 * says, whole. */
revue_status merge_as_needed(store *in, struct manifest *manifest, const struct merge_options *options, revue_error *error);
/* Merges these segments into one now (count 1: rewrites it), leaving deleted reviews out; of nothing but deleted reviews
 * no segment comes. REVUE_INTERRUPTED: may_go_on said no. */
revue_status merge_segments(store *in, struct manifest *manifest, const uint32_t *segments, uint32_t count,
                            const struct merge_options *options, revue_error *error);

#endif
