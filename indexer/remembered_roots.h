/* remembered_roots.h - the roots among the settings of an index (FORMAT.md, 3). The place of a root among them is its
 * number in the rows of sources, and names that ids begin with are told apart by it: so a root that is forgotten keeps its
 * place. */
#ifndef REVUE_REMEMBERED_ROOTS_H
#define REVUE_REMEMBERED_ROOTS_H

#include "indexer/format/manifest.h"

#define SETTING_ROOT "root"
#define SETTING_FORGOTTEN_ROOT "forgotten-root"

bool remembered_root_is(const struct setting *row); /* of either name */
/* The place of the root with this path that is not forgotten; false when there is none. */
bool remembered_root_find(const struct settings *settings, struct view path, uint16_t *place);
/* Gives the row at a place another name: forgets the root, or takes it up again. */
revue_status remembered_root_rename(struct settings *settings, size_t place, const char *name, revue_error *error);

#endif
