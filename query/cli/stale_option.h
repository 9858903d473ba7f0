/* stale_option.h - `--stale-after SPAN`, of search and watch. */
#ifndef REVUE_QUERY_STALE_OPTION_H
#define REVUE_QUERY_STALE_OPTION_H

#include "revue.h"

/* Puts the span into options; NULL leaves them as they are. REVUE_USAGE for what is none. */
revue_status stale_after_read(const char *span, revue_search_options *options, revue_error *error);

#endif
