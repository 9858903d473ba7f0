/* table.h - rows and cells of delimited text, RFC 4180 as it is met: quotes may hold separators, line ends and doubled
 * quotes; a quote inside a cell that did not begin with one is a quote; what follows a closing quote belongs to the cell.
 */
#ifndef REVUE_ARCHIVE_TABLE_H
#define REVUE_ARCHIVE_TABLE_H

#include "indexer/archive/record.h"
#include "indexer/base/bytes.h"

struct table_dialect {
    char separator;
    bool quotes; /* off: every character but the separator is text */
};

/* Finds the end of a row in a window that grows: kept between calls, zero bytes at a row's start. */
struct row_scan {
    size_t at; /* bytes of the window looked at */
    enum { ROW_CELL_START, ROW_PLAIN, ROW_QUOTED, ROW_QUOTE_SEEN } state;
};
/* True when the row ends at scan->at, its line end included. False at the end of the window: then scan->state tells whether
 * that is inside quotes. */
bool table_find_row_end(struct table_dialect dialect, struct row_scan *scan, struct view window);

/* Cuts a row (without or with its line end) into cells, in place: doubled quotes are undone in row. Returns how many cells
 * the row has; no more than capacity are written. */
size_t table_split(struct table_dialect dialect, char *row, size_t size, struct view *cells, size_t capacity);

/* ---- what a table is, decided from its first rows ---- */

#define TABLE_COLUMNS 1024u /* cells further right are never read */

struct table_plan {
    struct table_dialect dialect;
    bool has_header;        /* the first row names the columns */
    bool rows_are_numbered; /* the first header cell is empty and the first column holds row numbers: a row
                               that begins otherwise continues the row before it */
    bool product_is_name;   /* rows of date and text without a product: a file per product */
    size_t column_count;
    struct record_key *keys; /* of each column, owned */
};

/* Looks at window, the first bytes of a source (whole: there is nothing more). separator is a hint. On success either *plan
 * is filled (table_plan_free) or beside, of beside_size, says why these are not reviews. REVUE_NO_MEMORY only. */
revue_status table_plan_decide(struct table_plan *plan, struct view window, bool whole, char separator,
                               struct record *record, char *beside, size_t beside_size, revue_error *error);
void table_plan_free(struct table_plan *plan);

/* Is line, as a row of this separator, a header that names review text? For files whose name says nothing. */
bool table_line_is_review_header(struct view line, char separator, struct record *record);

#endif
