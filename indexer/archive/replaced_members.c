/* replaced_members.c - see replaced_members.h. Names are told apart by their hashes: of two billion members some two would
 * be mistaken for each other. */
#include "indexer/archive/replaced_members.h"

#include "indexer/base/hash.h"
#include "indexer/base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the file, read beside the one who reads it ---- */

struct side_stream {
    int descriptor;
    uint64_t at, bytes_read;
};

static revue_status side_read(void *context, void *buffer, size_t size, size_t *got, revue_error *error) {
    struct side_stream *side = context;
    ssize_t count;
    do {
        count = pread(side->descriptor, buffer, size, (off_t)side->at);
    } while (count < 0 && errno == EINTR);
    if (count < 0) return error_from_errno(error, errno, "cannot read");
    side->at += (uint64_t)count;
    side->bytes_read += (uint64_t)count;
    *got = (size_t)count;
    return REVUE_OK;
}

static int64_t side_seek(void *context, int64_t offset, int whence) {
    struct side_stream *side = context;
    struct stat about;
    if (fstat(side->descriptor, &about) != 0) return -1;
    int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (int64_t)side->at : (int64_t)about.st_size;
    int64_t to;
    if (__builtin_add_overflow(base, offset, &to) || to < 0) return -1;
    side->at = (uint64_t)to;
    return to;
}

/* ---- names ---- */

struct named_member {
    uint64_t name, place;
};
struct member_list {
    struct named_member *items;
    size_t count, capacity;
};

static revue_status list_members(struct container *container, struct member_list *list, revue_error *error) {
    struct container_member member;
    revue_error why;
    for (uint64_t place = 0;; place++) {
        revue_status status = container_next(container, &member, &why);
        if (status == REVUE_NO_MEMORY) return error_no_memory(error);
        if (status != REVUE_OK || member.kind == MEMBER_END) return REVUE_OK; /* damage is told by who reads it */
        if (member.kind != MEMBER_FILE) continue;
        if (!MEMORY_RESERVE(list->items, list->capacity, list->count + 1)) return error_no_memory(error);
        struct view path = member.path;
        while (path.size > 2 && path.data[0] == '.' && path.data[1] == '/')
            path = view_of(path.data + 2, path.size - 2);
        list->items[list->count++] = (struct named_member){hash_view(path), place};
    }
}

static int compare_members(const void *left, const void *right) {
    const struct named_member *a = left, *b = right;
    if (a->name != b->name) return a->name < b->name ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

static int compare_places(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static revue_status find_replaced(struct member_list *list, struct replaced_members *replaced, revue_error *error) {
    if (list->count > 1) qsort(list->items, list->count, sizeof *list->items, compare_members);
    for (size_t i = 0; i + 1 < list->count; i++) {
        if (list->items[i].name != list->items[i + 1].name) continue;
        if (!MEMORY_RESERVE(replaced->places, replaced->capacity, replaced->count + 1)) return error_no_memory(error);
        replaced->places[replaced->count++] = list->items[i].place;
    }
    if (replaced->count > 1) qsort(replaced->places, replaced->count, sizeof *replaced->places, compare_places);
    return REVUE_OK;
}

revue_status replaced_members_find(struct replaced_members *replaced, int descriptor, uint64_t member_limit,
                                   revue_error *error) {
    struct side_stream side = {.descriptor = descriptor};
    struct member_list list = {0};
    struct container *container = NULL;
    *replaced = (struct replaced_members){0};
    const struct container_budget budget = {
        .expansion = UINT64_MAX, .member_count = member_limit, .disk_bytes = &side.bytes_read};
    revue_status status =
        container_open(&container, (struct stream){side_read, side_seek, &side}, view_of(NULL, 0), budget, NULL);
    if (status == REVUE_NO_MEMORY) return error_no_memory(error);
    if (status != REVUE_OK) return REVUE_OK;
    status = list_members(container, &list, error);
    container_close(container);
    if (status == REVUE_OK) status = find_replaced(&list, replaced, error);
    memory_free(list.items);
    if (status != REVUE_OK) replaced_members_free(replaced);
    return status;
}

bool replaced_members_has(const struct replaced_members *replaced, uint64_t place) {
    return replaced->count > 0 &&
           bsearch(&place, replaced->places, replaced->count, sizeof *replaced->places, compare_places) != NULL;
}

void replaced_members_free(struct replaced_members *replaced) {
    memory_free(replaced->places);
    *replaced = (struct replaced_members){0};
}
