/* update_rows.c - the rows of sources that a run writes: with its commit, or ahead of it when they are many
 * (format/rows_ahead.h). */
#include "indexer/format/keys.h"
#include "indexer/format/rows_ahead.h"
#include "indexer/update.h"

revue_status source_add_row(struct update_run *run, uint16_t root, struct view path, const struct source_row *row,
                            revue_error *error) {
    TRY(pending_rows_add(&run->rows, root, path, row, error));
    run->writer.sources_changed = true;
    return REVUE_OK;
}

/* ---- which ---- */

static bool is_now_due(const struct source_state *state, const struct source_row *row) {
    return state->mark == MARK_DUE && !(row->state & SOURCE_DUE);
}

/* Rows of sources that were not read: some lost reviews to sources before them, some could not be read though due. */
static bool change_row(void *context, struct view name, struct source_row *row) {
    struct update_run *run = context;
    const struct source_state *state = source_state(run, row->number);
    (void)name;
    if (!state || (state->lost == 0 && !is_now_due(state, row))) return false;
    bool is_due = is_now_due(state, row);
    row->reviews -= state->lost < row->reviews ? state->lost : row->reviews;
    if (is_due) row->state |= SOURCE_DUE;
    return true;
}

/* ---- writing ---- */

struct row_writing {
    struct update_run *run;
    struct row_writer *writer;
};

static revue_status write_row(void *context, uint16_t root, struct view path, struct source_row *row, revue_error *error) {
    struct row_writing *writing = context;
    struct key key = key_source(root, path);
    (void)change_row(writing->run, path, row); /* of a source that stays as far as it was read */
    return row_writer_put(writing->writer, key_view(&key), row, error);
}

static revue_status write_all(struct update_run *run, struct row_writer *writer, revue_error *error) {
    struct row_writing writing = {run, writer};
    if (source_count_waiting(run) > 0) TRY(source_rows_change(run->writer.read, writer, change_row, run, error));
    for (size_t i = 0; i < run->gone_count; i++)
        TRY(row_writer_put(writer, run->gone_rows[i], NULL, error));
    TRY(pending_rows_each(&run->rows, write_row, &writing, error));
    return row_writer_finish(writer, error);
}

revue_status sources_write_ahead(struct update_run *run, revue_error *error) {
    const size_t memory_bytes = run->writer.options.memory_bytes;
    struct row_writer writer;
    if (run->rows.count + run->gone_count + source_count_waiting(run) <= rows_in_a_step(memory_bytes)) return REVUE_OK;
    row_writer_ahead(&writer, run->writer.store, memory_bytes);
    revue_status status = write_all(run, &writer, error);
    run->rows_ahead = writer.chunk_count;
    row_writer_free(&writer);
    pending_rows_free(&run->rows);
    return status;
}

revue_status sources_write_rows(void *context, store_txn *txn, revue_error *error) {
    struct update_run *run = context;
    struct row_writer writer;
    revue_status status;
    if (run->rows_ahead > 0) {
        status = rows_ahead_decide(txn, run->rows_ahead, error);
    } else {
        row_writer_into(&writer, txn);
        status = write_all(run, &writer, error);
        row_writer_free(&writer);
    }
    return status == REVUE_OK ? shadows_write(run, txn, error) : status;
}
