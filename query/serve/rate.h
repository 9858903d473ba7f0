/* rate.h - how often one address may ask: a token bucket for each (Turner 1986), in a table of fixed size. Of an IPv6
 * address the first 64 bits count, since whoever has one has all that begin so. When the table is full, of four buckets
 * that share a place the one that was quiet longest is forgotten: it is nearly full again. Thread-safe. */
#ifndef REVUE_SERVE_RATE_H
#define REVUE_SERVE_RATE_H

#include "query/serve/address.h"

struct rate;
/* burst tokens at most, so many new ones a second. NULL when out of memory. */
struct rate *rate_create(double tokens_a_second, double burst);
void rate_free(struct rate *rate); /* NULL is fine */
/* Takes a token at the time now (clock_monotonic): 0. Without one: the seconds until there is one. */
double rate_take(struct rate *rate, const uint8_t address[ADDRESS_BYTES], double now);

#endif
