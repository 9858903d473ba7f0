/* hits_trec.c - hits as a TREC run, which trec_eval and its kin read: query, "Q0", id, rank, score, name of the run. */
#include "query/output/hits.h"

#include <inttypes.h>

void hits_trec(const struct answer *answer, struct view query_id, struct view run_name, struct bytes *out) {
    for (size_t i = 0; i < answer->hit_count; i++) {
        const revue_hit *hit = answer->hit(answer->context, i);
        append_plain_id(out, query_id);
        bytes_append_string(out, " Q0 ");
        append_plain_id(out, view_of_string(hit->id));
        bytes_append_format(out, " %" PRIu64 " %.6f ", hit->rank, hit->score);
        append_plain_id(out, run_name);
        bytes_append_u8(out, '\n');
    }
}
