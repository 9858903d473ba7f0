/* compress.h - bodies compressed with gzip (zlib), for who asks. Level 1: of JSON it leaves a fifth, in a tenth of a
 * millisecond; what more there is to gain costs several times as long. Thread-safe. */
#ifndef REVUE_SERVE_COMPRESS_H
#define REVUE_SERVE_COMPRESS_H

#include "indexer/base/bytes.h"

struct compressors;                                     /* their state is kept from body to body */
struct compressors *compressors_create(size_t threads); /* NULL when out of memory */
void compressors_free(struct compressors *compressors); /* NULL is fine */

#define COMPRESS_LEAST 1024u /* smaller bodies fit a packet anyhow */

/* Whether an Accept-Encoding (RFC 9110, 12.5.3; may be NULL) takes gzip. */
bool compress_is_accepted(const char *accept_encoding);
/* Replaces body. False: it stays as it is, for want of memory or since nothing would be gained. */
bool compress_body(struct compressors *compressors, struct bytes *body);

#endif
