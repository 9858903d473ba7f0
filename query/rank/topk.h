/* topk.h - the best reviews met so far: by score, of equal scores by id. */
#ifndef REVUE_RANK_TOPK_H
#define REVUE_RANK_TOPK_H

#include "query/searcher.h"

struct candidate {
    int32_t score;
    uint32_t segment, doc;
    const char *id; /* read when a tie needs it, else NULL; the topk's */
};
struct topk {
    revue_searcher *searcher;
    size_t k, count, capacity;
    struct candidate *items; /* keeps up to 2k + 256 before it sorts out the best k */
    int32_t threshold;       /* a score below it cannot enter; INT32_MIN while fewer than k are known */
    int32_t *best;           /* the k best scores met, a heap with the least first */
    size_t best_count, best_capacity;
    struct arena ids;    /* of the candidates that stayed at the last sorting out, and of later ties */
    revue_status status; /* sticky */
    revue_error *error;
};
/* Zero bytes may be freed as well. */
revue_status topk_init(struct topk *topk, revue_searcher *searcher, size_t k, revue_error *error);
/* At least k reviews are known to score at least floor: what scores less need not be added. */
void topk_raise(struct topk *topk, int32_t floor);
void topk_add(struct topk *topk, uint32_t segment, uint32_t doc, int32_t score);
/* Sorts: items[0 .. count) are the best, best first. */
revue_status topk_finish(struct topk *topk);
void topk_free(struct topk *topk);

#endif
