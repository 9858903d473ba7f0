/* postings.h - posting lists: blocks, skip records, positions (FORMAT.md, 6.3 to 6.5). Writer and reader. */
#ifndef REVUE_FORMAT_POSTINGS_H
#define REVUE_FORMAT_POSTINGS_H

#include "indexer/base/bitpack.h"
#include "indexer/format/impacts.h"
#include "indexer/format/stream.h"

#define POSTINGS_BLOCK 128u
#define POSTINGS_INLINE_MAX 4u    /* frequency of a posting that may live in the dictionary */
#define POSTINGS_BITSET_WORDS 63u /* the most that a block may have */
#define SKIP_GROUP 32u
#define SKIP_ENTRY_BYTES 24u /* a group in the directory of a skip record */
#define DOC_END UINT32_MAX   /* no review: after the last one */

/* Where a list lies, as the dictionary says. */
struct posting_list {
    uint32_t df;    /* postings */
    bool is_inline; /* df = 1: the posting itself is below */
    uint32_t inline_doc, inline_frequency;
    uint8_t inline_mask;
    uint32_t inline_positions[POSTINGS_INLINE_MAX];
    uint64_t postings, positions, skips; /* addresses in the streams */
    uint64_t postings_bytes, positions_bytes, skips_bytes;
};

/* ---- writing ---- */

struct posting {
    uint32_t doc;
    uint32_t frequency; /* at least 1 */
    uint32_t length;    /* of this field of the review, at least frequency */
    uint8_t mask;       /* 1 to 15, no more bits than the frequency */
};

/* Several, as arrays; docs ascend. */
struct posting_run {
    uint32_t count;
    const uint32_t *docs, *frequencies, *lengths;
    const uint8_t *masks;
};

typedef struct postings_writer postings_writer;
/* Appends to three streams, which stay the caller's; positions NULL: an index without positions. */
revue_status postings_writer_create(postings_writer **created, struct stream_writer *postings,
                                    struct stream_writer *positions, struct stream_writer *skips, revue_error *error);
void postings_writer_free(postings_writer *writer);
/* One list: begin, add for each posting (docs ascend), end, which says where it lies. add takes posting.frequency
 * positions, strictly ascending and below length (NULL without positions). A list of one short posting becomes inline. */
void postings_writer_begin(postings_writer *writer);
revue_status postings_writer_add(postings_writer *writer, struct posting posting, const uint32_t *positions,
                                 revue_error *error);
/* The same for several at once; positions of one posting after the other. */
revue_status postings_writer_add_run(postings_writer *writer, const struct posting_run *run, const uint32_t *positions,
                                     revue_error *error);
revue_status postings_writer_end(postings_writer *writer, struct posting_list *list, revue_error *error);

/* ---- reading ---- */

struct postings_streams { /* of one open segment */
    struct stream *postings, *positions, *skips;
};

/* A list being read, block by block. Cursors look inside. After postings_reader_open, or a call that leaves it at a block:
 *   block, block_first (ordinal of its first posting), count, last_doc   are known without decoding;
 *   docs                                     after postings_reader_docs; behind the last, up to the 128th, stands what no
 *                                            review reaches: INT32_MAX where all reviews are signed numbers, else DOC_END;
 *   frequencies, masks                       after postings_reader_frequencies / _masks;
 *   bitset, if the block is one              after postings_reader_bitset.
 * A reader stays where it was opened. At the end count is 0 and last_doc is DOC_END. All arrays have room for whole vectors
 * behind the 128th. */
struct postings_reader {
    struct posting_list list;
    struct postings_streams streams;
    uint32_t doc_count; /* reviews of the segment: a doc at or over it is corrupt */
    uint32_t block, block_count, block_first, count;
    uint32_t previous_last; /* last review of the block before, UINT32_MAX for none (so that + 1 is 0) */
    uint32_t last_doc;
    bool has_docs, has_frequencies, has_masks;
    bool has_places;     /* frequencies_at is known */
    bool has_bitset;     /* the three below are known */
    const uint8_t *data; /* of the block, NULL until touched */
    size_t data_size;
    size_t frequencies_at, masks_at; /* offsets in data, known after _docs or _bitset, and after _frequencies */
    const uint8_t *bitset; /* of a block of such gaps: words, of which bit 0 is review previous_last + 1; else NULL */
    uint8_t ones_before[POSTINGS_BITSET_WORDS + 1]; /* each word */
    struct bytes scratch;
    /* The skip record: its directory of groups, and the group the block is in. Lists of at most 128 have none. */
    const uint8_t *directory;         /* NULL: no skip record */
    uint8_t single[SKIP_ENTRY_BYTES]; /* the directory of a list of one group, which stores none */
    uint32_t group_count;
    struct impacts list_impacts;
    uint32_t group, group_blocks;
    uint64_t group_postings, group_positions; /* where the group's first block and unit start, from the list's bytes */
    uint32_t block_last[SKIP_GROUP];          /* behind group_blocks: DOC_END */
    uint32_t postings_end[SKIP_GROUP];
    struct impacts group_impacts;
    /* What only some ask for, and pay for (postings_skips.h). */
    struct skip_array {
        const uint8_t *packed;
        unsigned width;
        bool is_read;
    } packed_positions, packed_impacts;
    uint64_t group_positions_bytes;                              /* of the units */
    uint32_t positions_end[SKIP_GROUP], impacts_end[SKIP_GROUP]; /* when they are read */
    const uint8_t *block_pairs;                                  /* the impact pairs of the group's blocks, in place */
    size_t block_pairs_bytes;
    struct bytes directory_scratch, group_scratch, probe_scratch;
    uint32_t docs[POSTINGS_BLOCK + 16], frequencies[POSTINGS_BLOCK + 16];
    uint8_t masks[POSTINGS_BLOCK + 16];
};
/* Leaves the reader at the first block. The reader must be closed even when this fails; after any other failure it may be
 * closed or asked again, which fails again or finds the end. */
revue_status postings_reader_open(struct postings_reader *reader, struct postings_streams streams, uint32_t doc_count,
                                  const struct posting_list *list, revue_error *error);
void postings_reader_close(struct postings_reader *reader);
revue_status postings_reader_next_block(struct postings_reader *reader, revue_error *error);
/* To the first block from here on whose last_doc is at least target; decodes nothing but skip data. */
revue_status postings_reader_seek_block(struct postings_reader *reader, uint32_t target, revue_error *error);
revue_status postings_reader_docs(struct postings_reader *reader, revue_error *error);
/* The reviews of a block that is stored as bits, in place: bit i is review previous_last + 1 + i, and none is behind
 * last_doc; how many they are is not counted. *bits is NULL for other blocks. */
revue_status postings_reader_bits(struct postings_reader *reader, const uint8_t **bits, uint32_t *words,
                                  revue_error *error);
revue_status postings_reader_frequencies(struct postings_reader *reader, revue_error *error);
revue_status postings_reader_masks(struct postings_reader *reader, revue_error *error);
/* Looks whether the block is a bitset, which tells of a review whether it is there without decoding the others. Of a list
 * of at most 128 it is always decoded instead. */
revue_status postings_reader_bitset(struct postings_reader *reader, revue_error *error);
/* The bitset of a block that is one, else the reviews: what is needed to look some up. */
revue_status postings_reader_lookup(struct postings_reader *reader, revue_error *error);
/* Whether reader->bitset has the review, which lies in (previous_last, last_doc], and as which posting of the block. */
static inline bool postings_reader_bitset_has(const struct postings_reader *reader, uint32_t doc, uint32_t *index) {
    const uint32_t bit = doc - (reader->previous_last + 1);
    const uint64_t word = load_le64(reader->bitset + (size_t)(bit / 64) * 8);
    const uint64_t below = word & (((uint64_t)1 << bit % 64) - 1);
    *index = reader->ones_before[bit / 64] + bit_count64(below);
    return word >> bit % 64 & 1;
}
/* The frequency of posting index alone, behind _docs or _bitset: for a few of the block. */
revue_status postings_reader_frequency(struct postings_reader *reader, uint32_t index, uint32_t *frequency,
                                       revue_error *error);
/* Bounds of the current block. Lists without a skip record (df at most 128) say {any, 0}; at the end there are no pairs. */
revue_status postings_reader_block_impacts(struct postings_reader *reader, struct impacts *impacts, revue_error *error);
/* Makes impacts_end and block_pairs known, of the blocks of the group: for lists with a skip record. */
revue_status postings_reader_pairs(struct postings_reader *reader, revue_error *error);
/* Of the whole list, and of the group that holds target, with the last review it speaks of. The reader does not move.
 * Behind the list there are no pairs and the last review is DOC_END. df at most 128: {any, 0}. */
revue_status postings_reader_list_impacts(struct postings_reader *reader, struct impacts *impacts, revue_error *error);
revue_status postings_reader_group_impacts(struct postings_reader *reader, uint32_t target, struct impacts *impacts,
                                           uint32_t *last_doc, revue_error *error);
/* What the skip record knows of the blocks of one group, for bounding scores ahead of the reader, which does not move.
 * pairs stay readable until the next call of this kind on the same reader. Only for lists with a skip record (df over 128),
 * and group below group_count. */
struct postings_group {
    uint32_t block_count;
    uint32_t last_doc[SKIP_GROUP];
    uint32_t pairs_end[SKIP_GROUP]; /* of the blocks, in pairs */
    const struct impact *pairs;
};
revue_status postings_reader_group(struct postings_reader *reader, uint32_t group, struct postings_group *found,
                                   revue_error *error);
/* The first group from on whose last review is at least target; group_count when there is none. */
uint32_t postings_reader_find_group(const struct postings_reader *reader, uint32_t from, uint32_t target);
/* The last review of a group below group_count. */
uint32_t postings_reader_group_last(const struct postings_reader *reader, uint32_t group);
/* REVUE_CORRUPT with a message that names the list and the block; what is a constant sentence part. */
revue_status postings_damaged(const struct postings_reader *reader, const char *what, revue_error *error);

#define POSITIONS_BEHIND 3u /* numbers that readers of positions may store behind the last one */
struct positions_reader {
    const struct positions_sum_function *function; /* positions.h */
    uint32_t block;                                /* whose unit this is; UINT32_MAX: none */
    unsigned width;                                /* of its positions */
    uint32_t summed;                               /* bits is known up to here */
    const uint8_t *data;                           /* codes */
    size_t data_size;
    struct bytes scratch;
    uint32_t bits[POSTINGS_BLOCK + 1]; /* of the codes before each posting, and of all */
};
void positions_reader_open(struct positions_reader *positions);
void positions_reader_close(struct positions_reader *positions);
/* The positions of posting index (0-based within the block; docs and frequencies must be decoded): ascending, but not
 * compared with the length of the field, and, of an inline list, not even with each other. out has room for
 * frequencies[index] + POSITIONS_BEHIND. Cheapest for ascending indexes. */
revue_status positions_reader_read(struct positions_reader *positions, struct postings_reader *reader, uint32_t index,
                                   uint32_t *out, revue_error *error);
/* Those of several postings of the block at once, indexes ascending, at least one: out has them one posting after the
 * other, and room for POSITIONS_BEHIND more. */
revue_status positions_reader_read_several(struct positions_reader *positions, struct postings_reader *reader,
                                           const uint8_t *indexes, uint32_t count, uint32_t *out, revue_error *error);
/* Reads no positions, but checks that the unit of the reader's block, whose largest position is given, has their width,
 * and nothing behind their codes. */
revue_status positions_reader_check(struct positions_reader *positions, struct postings_reader *reader, uint32_t largest,
                                    revue_error *error);

/* Reads a whole list and compares everything with everything (order, bounds, skip data, positions below length).
 * length_of gives the field's length of a review. */
revue_status postings_check(struct postings_reader *reader, uint32_t (*length_of)(void *context, uint32_t doc),
                            void *context, bool has_positions, uint64_t *tokens, revue_error *error);

#endif
