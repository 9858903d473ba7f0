/* postings_skips.h - the skip record of a posting list (FORMAT.md, 6.5): built by postings_writer.c, read by
 * postings_reader.c. Internal to the postings files. */
#ifndef REVUE_FORMAT_POSTINGS_SKIPS_H
#define REVUE_FORMAT_POSTINGS_SKIPS_H

#include "indexer/format/postings.h"

#define SKIP_HEAD_BYTES (1u + 2u * IMPACTS_MAX)       /* at most; the directory follows */
#define SKIP_LAST_BYTES 4u                            /* before the group of a list that has one */
#define SKIP_GROUP_HEAD_BYTES (1u + 2u * IMPACTS_MAX) /* at most: the pairs of a group */

/* ---- writing ---- */

/* One list's record being built. Zero bytes are ready for use; owns its buffers. */
struct skips_writer {
    struct impacts list_impacts;
    struct bytes directory, groups;       /* offsets in the directory: from the first group */
    uint64_t postings_end, positions_end; /* of the block before, from the start of the list */
    uint32_t last_doc;                    /* of the block before */
    /* The group being filled. */
    uint32_t group_blocks, group_pairs;
    uint64_t group_postings, group_positions;
    struct impacts group_impacts;
    uint32_t spans[SKIP_GROUP], postings_sizes[SKIP_GROUP], positions_sizes[SKIP_GROUP], pair_counts[SKIP_GROUP];
    struct impact pairs[SKIP_GROUP * IMPACTS_MAX];
};
void skips_writer_free(struct skips_writer *writer);
void skips_writer_begin(struct skips_writer *writer);
/* A block: where it and its unit of positions end, from the start of the list's bytes. */
revue_status skips_writer_add(struct skips_writer *writer, uint32_t last_doc, uint64_t postings_end, uint64_t positions_end,
                              const struct impacts *impacts, revue_error *error);
revue_status skips_writer_finish(struct skips_writer *writer, struct stream_writer *out, uint64_t *size,
                                 revue_error *error);

/* ---- reading ---- */
/* Damage comes back as a constant sentence part, NULL when there is none. */

struct skip_entry {
    uint32_t last_doc, offset;
    uint64_t postings, positions;
};
struct skip_entry skip_entry_at(const uint8_t *directory, uint32_t group);
static inline uint32_t skip_entry_last(const uint8_t *directory, uint32_t group) {
    return load_le32(directory + (size_t)group * SKIP_ENTRY_BYTES);
}
/* The head of the record of a list of several groups: the pairs of the whole list, and where the directory starts. */
const char *skip_head_decode(const uint8_t *data, size_t size, struct impacts *impacts, size_t *directory_at);
/* The record of a list of one group, from its first bytes: the directory that a longer list would have, and the pairs. */
const char *skip_single_decode(const uint8_t *data, size_t size, uint8_t directory[SKIP_ENTRY_BYTES],
                               struct impacts *impacts);
/* One count byte and so many pairs, at least one. */
const char *skip_impacts_decode(struct byte_reader *bytes, struct impacts *impacts);
/* Of the group at hand: positions_end, and impacts_end. */
const char *skip_group_positions(struct postings_reader *reader);
const char *skip_group_impacts(struct postings_reader *reader);
/* Fills the part of reader that speaks of a group, but for these two: data and size are the group's bytes, before the last
 * review of the group before it, next where the following group (or the list's bytes) would begin. reader->directory is
 * set. */
const char *skip_group_decode(struct postings_reader *reader, uint32_t group, const uint8_t *data, size_t size,
                              uint32_t before, const struct skip_entry *next);

/* The last reviews and impact pairs of found->block_count blocks from a group's bytes; before and last: the last reviews of
 * the group before and of this one. */
const char *skip_group_bounds(const uint8_t *data, size_t size, uint32_t before, uint32_t last,
                              struct postings_group *found);

#endif
