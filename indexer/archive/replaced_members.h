/* replaced_members.h - members of a tar or zip that a later member of the same name replaces, as unpacking would: `tar -r`
 * and `zip` over streams append a new version and leave the old one where it is. */
#ifndef REVUE_ARCHIVE_REPLACED_MEMBERS_H
#define REVUE_ARCHIVE_REPLACED_MEMBERS_H

#include "indexer/archive/container.h"

struct replaced_members {
    uint64_t *places; /* of members, from 0, ascending */
    size_t count, capacity;
};
/* Goes through the headers of the container in the file, whose own place stays. Only for containers whose members can be
 * passed over without unpacking them (container_is_listed): of others, and of what cannot be read, none are replaced.
 * REVUE_NO_MEMORY only; *replaced is the caller's (replaced_members_free). */
revue_status replaced_members_find(struct replaced_members *replaced, int descriptor, uint64_t member_limit,
                                   revue_error *error);
bool replaced_members_has(const struct replaced_members *replaced, uint64_t place);
void replaced_members_free(struct replaced_members *replaced);

#endif
