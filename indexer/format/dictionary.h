/* dictionary.h - the two sorted dictionaries of a segment (FORMAT.md, 6.1 and 6.2): stems (TERMS) and forms (FORMS). */
#ifndef REVUE_FORMAT_DICTIONARY_H
#define REVUE_FORMAT_DICTIONARY_H

#include "indexer/format/postings.h"
#include "indexer/review/review.h"
#include "indexer/text/fold.h"

#define DICTIONARY_BLOCK 4080u /* bytes of a block with its checksum */
#define DICTIONARY_RESTART 16u
#define FORMS_LISTED 3u
#define FORM_OTHER 3u /* the form number of every form that is not listed */

/* ---- TERMS ---- */

struct term_entry {
    struct view stem;
    uint8_t fields;     /* bit f: the stem occurs in field f */
    uint8_t form_count; /* listed, 1 to 3; 0: all are more forms, as merging may leave it */
    bool has_more_forms;
    struct view forms[FORMS_LISTED];        /* by form number */
    uint32_t df;                            /* reviews in which body, title or product holds it (0: only others do) */
    struct posting_list lists[FIELD_COUNT]; /* of the fields in fields */
    uint64_t champions;                     /* address in SKIPS */
    uint32_t champions_bytes;               /* 0: none */
};

typedef struct terms_writer terms_writer;
revue_status terms_writer_create(terms_writer **created, const struct segment_sink *sink, revue_error *error);
/* Stems strictly ascend. Every list that is not inline must follow the one before it in its streams, fields in order,
 * champions after the lists of the stem: what the postings writer does by itself. */
revue_status terms_writer_add(terms_writer *writer, const struct term_entry *entry, revue_error *error);
revue_status terms_writer_finish(terms_writer *writer, uint32_t *count, revue_error *error);
void terms_writer_free(terms_writer *writer);

/* Walks and looks up. Entries and their views live until the next call on the same reader. */
typedef struct terms_reader terms_reader;
revue_status terms_reader_open(terms_reader **opened, store_txn *txn, uint32_t segment, revue_error *error);
void terms_reader_close(terms_reader *reader);
revue_status terms_reader_find(terms_reader *reader, struct view stem, struct term_entry *entry,
                               revue_error *error); /* or REVUE_NO_MATCH */
revue_status terms_reader_seek(terms_reader *reader, struct view from, struct term_entry *entry,
                               revue_error *error); /* first not before from */
revue_status terms_reader_next(terms_reader *reader, struct term_entry *entry,
                               revue_error *error); /* REVUE_NO_MATCH at the end */

/* ---- FORMS ---- */

#define FORM_PAIRS_MAX 32u /* no form has more stems than there are languages */
struct form_pair {
    uint8_t language;    /* enum language */
    uint8_t form_number; /* 0 to 3, of the stem */
    struct view stem;
    uint32_t df; /* reviews in which the form occurs under this stem, any field */
};
struct form_entry {
    struct view form;
    uint32_t pair_count; /* at least 1, ascending by language, then stem */
    struct form_pair pairs[FORM_PAIRS_MAX];
};

typedef struct forms_writer forms_writer;
revue_status forms_writer_create(forms_writer **created, const struct segment_sink *sink, revue_error *error);
revue_status forms_writer_add(forms_writer *writer, const struct form_entry *entry, revue_error *error);
revue_status forms_writer_finish(forms_writer *writer, uint32_t *count, revue_error *error);
void forms_writer_free(forms_writer *writer);

typedef struct forms_reader forms_reader;
revue_status forms_reader_open(forms_reader **opened, store_txn *txn, uint32_t segment, revue_error *error);
void forms_reader_close(forms_reader *reader);
revue_status forms_reader_find(forms_reader *reader, struct view form, struct form_entry *entry, revue_error *error);
revue_status forms_reader_seek(forms_reader *reader, struct view from, struct form_entry *entry, revue_error *error);
revue_status forms_reader_next(forms_reader *reader, struct form_entry *entry, revue_error *error);
/* Walks forms of which few are wanted: behind a seek, to the next that does not begin with the first dead_size bytes of the
 * one at hand, 0: to the next. What the entry says is read only when it is asked for, once. */
revue_status forms_reader_walk(forms_reader *reader, size_t dead_size, struct view *form, revue_error *error);
revue_status forms_reader_walked(forms_reader *reader, struct form_entry *entry, revue_error *error);

/* The first term of a block, in place; size 0 when it is damaged. */
struct view dictionary_block_first(struct view value);
/* The bytes of one block, for the fuzz target and the unit tests: walks all entries of value (a block without its
 * checksum) and says REVUE_CORRUPT or how many there are. */
revue_status terms_block_check(struct view value, uint32_t *count, revue_error *error);
revue_status forms_block_check(struct view value, uint32_t *count, revue_error *error);

#endif
