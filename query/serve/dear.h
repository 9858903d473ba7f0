/* dear.h - requests that cost much, answered by a few threads of their own so that they never hold up the others. */
#ifndef REVUE_SERVE_DEAR_H
#define REVUE_SERVE_DEAR_H

#include "query/serve/exchange.h"

struct dear;
/* work: called in one of the threads, for each exchange that was offered. */
revue_status dear_start(struct dear **started, size_t threads, size_t room, void (*work)(struct exchange *exchange),
                        revue_error *error);
/* False: too many wait already. The exchange must not be touched from then on, but by work. */
bool dear_offer(struct dear *dear, struct exchange *exchange);
size_t dear_waiting(struct dear *dear);
/* Does the work that waits, ends the threads, and takes no more. */
void dear_stop(struct dear *dear);
void dear_free(struct dear *dear); /* stops it; NULL is fine */

#endif
