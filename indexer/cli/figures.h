/* figures.h - numbers as people read them. */
#ifndef REVUE_INDEXER_FIGURES_H
#define REVUE_INDEXER_FIGURES_H

#include "indexer/base/bytes.h"

void append_count(struct bytes *out, uint64_t count);    /* 1,234,567 */
void append_size(struct bytes *out, uint64_t bytes);     /* 999 B, 1.2 kB, 45.6 MB: powers of 1000 */
void append_clock(struct bytes *out, double seconds);    /* 0:07, 1:05, 2:03:04 */
void append_duration(struct bytes *out, double seconds); /* 0.42 s, then as a clock from 10 s on */
/* "1 review", "2,000 reviews" */
void append_counted(struct bytes *out, uint64_t count, const char *one, const char *many);

#endif
