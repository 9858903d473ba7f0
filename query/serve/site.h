/* site.h - the indexes behind a server, and the searchers of each: one lent to a request at a time, always of the newest
 * commit, at rest (without a read transaction) in between.
 *
 * An index that cannot be opened any more (it was moved, is being replaced, was damaged) goes on being answered from the
 * last snapshot that was whole, as long as that can be read; the trouble is said once, and in the state. Thread-safe. */
#ifndef REVUE_SERVE_SITE_H
#define REVUE_SERVE_SITE_H

#include "query/serve/serve_settings.h"

struct site;
struct site_index;

/* Opens every index once. */
revue_status site_create(struct site **created, const struct serve_settings *settings, revue_error *error);
void site_free(struct site *site); /* NULL is fine; nothing is lent any more */

size_t site_count(const struct site *site);
const struct site_index *site_at(const struct site *site, size_t at);
const char *site_index_name(const struct site_index *index); /* NULL: it has none */
const char *site_index_base(const struct site_index *index); /* "" or "/NAME" */
const char *site_index_path(const struct site_index *index);
/* All names, where indexes have some, else NULL. */
const char *const *site_names(const struct site *site);

struct lease {
    const struct site_index *index;
    revue_searcher *searcher;
};
/* A failure is one to answer 503 to: the index cannot be read now. */
revue_status site_borrow(const struct site_index *index, struct lease *lease, revue_error *error);
void site_return(struct lease *lease);

/* Looks after what rests: searchers of a generation that was replaced are closed, so that its files can go. To be called
 * now and then. */
void site_look_after(struct site *site);

struct site_state {
    bool is_readable;  /* requests are answered */
    bool is_newest;    /* from what is there now, not from the last that was whole */
    char trouble[512]; /* why not */
    uint64_t reviews, generation, commit, run;
    int64_t last_success; /* when the last run that ended well began; 0: not known */
    uint64_t bytes;       /* allocated to the index */
};
void site_look_at(const struct site_index *index, struct site_state *state);

#endif
