/* writer_keywords.c - keyword values that a run meets for the first time: numbered in memory, written with the commit.
 *
 * An archive may have as many authors as reviews. So beyond a sixteenth of the memory new values are written ahead of the
 * commit, each column in a transaction of its own, and found there from then on. Nobody notices: no review that can be seen
 * has their numbers. A run that ends without a commit leaves them behind, and the next one that meets them finds them. */
#include "indexer/writer.h"

#define SPILL_PART 16u /* of the memory (a sixteenth), for new values */
#define JOIN_PART 8u   /* (an eighth) for batches while they are joined */

static size_t new_bytes(const struct writer *writer) {
    size_t held = 0;
    for (size_t i = 0; i < WRITER_KEYWORD_COLUMNS; i++)
        if (writer->keyword_builders[i]) held += (size_t)keywords_builder_memory(writer->keyword_builders[i]);
    return held;
}

/* What is known of values that lie in the store. */
static size_t table_bytes(const struct writer *writer) {
    size_t held = 0;
    for (size_t i = 0; i < WRITER_KEYWORD_COLUMNS; i++)
        if (writer->keyword_tables[i]) held += keywords_filters_memory(writer->keyword_tables[i]);
    return held;
}

/* Once values are looked for in the store, its pages are in memory beside everything else. */
size_t writer_keyword_bytes(const struct writer *writer) {
    size_t pages = writer->keyword_read ? writer->options.memory_bytes / WRITER_PAGES_PART : 0;
    return new_bytes(writer) + table_bytes(writer) + pages;
}

static void close_tables(struct writer *writer) {
    for (size_t i = 0; i < WRITER_KEYWORD_COLUMNS; i++) {
        keywords_builder_free(writer->keyword_builders[i]);
        keywords_close(writer->keyword_tables[i]);
        writer->keyword_builders[i] = NULL;
        writer->keyword_tables[i] = NULL;
    }
}

void writer_close_keywords(struct writer *writer) {
    close_tables(writer);
    store_abort(writer->keyword_read);
    writer->keyword_read = NULL;
}

static revue_status open_column(struct writer *writer, uint16_t column, revue_error *error) {
    store_txn *read = writer->keyword_read ? writer->keyword_read : writer->read;
    if (!writer->keyword_tables[column]) TRY(keywords_open(&writer->keyword_tables[column], read, column, error));
    if (writer->keyword_read) TRY(keywords_make_filters(writer->keyword_tables[column], writer->page_bytes, error));
    TRY(keywords_builder_create(&writer->keyword_builders[column], column, writer->keyword_tables[column], error));
    keywords_builder_limit(writer->keyword_builders[column], writer->options.memory_bytes / JOIN_PART);
    return REVUE_OK;
}

revue_status writer_keyword(struct writer *writer, uint16_t column, struct view value, uint32_t *number,
                            revue_error *error) {
    if (column >= WRITER_KEYWORD_COLUMNS)
        return error_set(error, REVUE_USAGE, "too many columns: at most %u", WRITER_KEYWORD_COLUMNS - COLUMN_DECLARED);
    if (!writer->keyword_builders[column]) TRY(open_column(writer, column, error));
    if (keywords_count(writer->keyword_tables[column]) > 0) writer_limit_pages(writer);
    return keywords_builder_number(writer->keyword_builders[column], value, number, error);
}

revue_status writer_write_keywords(struct writer *writer, store_txn *txn, revue_error *error) {
    for (size_t i = 0; i < WRITER_KEYWORD_COLUMNS; i++)
        if (writer->keyword_builders[i]) TRY(keywords_builder_write(writer->keyword_builders[i], txn, error));
    return REVUE_OK;
}

/* ---- ahead of the commit ---- */

static revue_status write_ahead(struct writer *writer, keywords_builder *builder, revue_error *error) {
    store_txn *txn;
    TRY(store_begin_write(writer->store, &txn, error));
    revue_status status = keywords_builder_write(builder, txn, error);
    if (status == REVUE_OK) return store_commit(txn, error);
    store_abort(txn);
    return status;
}

/* The tables are opened again at their next use, and then show what was written. */
static revue_status spill(struct writer *writer, revue_error *error) {
    for (size_t i = 0; i < WRITER_KEYWORD_COLUMNS; i++)
        if (writer->keyword_builders[i]) TRY(write_ahead(writer, writer->keyword_builders[i], error));
    writer_close_keywords(writer);
    return store_begin_read(writer->store, &writer->keyword_read, error);
}

revue_status writer_spill_keywords(struct writer *writer, revue_error *error) {
    bool is_due = new_bytes(writer) > writer->options.memory_bytes / SPILL_PART;
    return is_due ? spill(writer, error) : REVUE_OK;
}

/* Where values were many, the last of them would make the commit large: it holds in memory what it writes. */
revue_status writer_finish_keywords(struct writer *writer, revue_error *error) {
    return writer->keyword_read ? spill(writer, error) : REVUE_OK;
}
