/* plain_id.c - ids in tsv, trec, batch and bench. Ids may hold blanks (they are often file names) and these formats are
 * read by programs that split at them. */
#include "query/output/hits.h"

void append_plain_id(struct bytes *out, struct view id) {
    for (size_t i = 0; i < id.size; i++) {
        unsigned char byte = (unsigned char)id.data[i];
        if (byte <= 0x20 || byte == '%' || byte == 0x7F) {
            bytes_append_format(out, "%%%02X", byte);
        } else {
            bytes_append_u8(out, byte);
        }
    }
}
