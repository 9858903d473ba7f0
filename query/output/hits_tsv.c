/* hits_tsv.c - hits for cut, sort and spreadsheets: rank, score, id, title, a hit a line, no header. */
#include "query/output/hits.h"

#include <inttypes.h>

static void append_escaped(struct bytes *out, const char *text) {
    for (; *text; text++) {
        switch (*text) {
        case '\t': bytes_append_string(out, "\\t"); break;
        case '\n': bytes_append_string(out, "\\n"); break;
        case '\r': bytes_append_string(out, "\\r"); break;
        case '\\': bytes_append_string(out, "\\\\"); break;
        default: bytes_append_u8(out, (uint8_t)*text); break;
        }
    }
}

void hits_tsv(const struct answer *answer, struct bytes *out) {
    for (size_t i = 0; i < answer->hit_count; i++) {
        const revue_hit *hit = answer->hit(answer->context, i);
        bytes_append_format(out, "%" PRIu64 "\t%.6f\t", hit->rank, hit->score);
        append_plain_id(out, view_of_string(hit->id));
        bytes_append_u8(out, '\t');
        append_escaped(out, hit->title ? hit->title : "");
        bytes_append_u8(out, '\n');
    }
}
