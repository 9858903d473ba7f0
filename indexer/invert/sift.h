/* sift.h - which of many terms lie in a range of numbers: what each pass of an inversion asks of the whole log. */
#ifndef REVUE_INVERT_SIFT_H
#define REVUE_INVERT_SIFT_H

#include <stdint.h>

#define SIFTED_TERMS 256u /* at once: their places take a byte */
#define SIFT_ROOM (SIFTED_TERMS + 16)

/* Puts the places of those of count terms (at most SIFTED_TERMS) that are least or up to span - 1 more into places, in
 * order; returns how many there are. What stands behind them in places means nothing. */
typedef uint32_t sift_terms(const uint32_t *terms, uint32_t count, uint32_t least, uint32_t span,
                            uint8_t places[SIFT_ROOM]);

/* The ways there are to do it, the fastest that this processor can run first; NULL behind the last, which is the plain one,
 * the judge of the others. */
sift_terms *sift_terms_of(unsigned way);

#endif
