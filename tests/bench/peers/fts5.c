/* fts5.c - SQLite FTS5 as a peer: the same reviews, the same queries, the same table of answers.
 *
 *     fts5 index TABLE.tsv DB MIB              lines `id TAB title TAB product TAB body`; makes DB or adds to it
 *     fts5 number DB                           a table of ids, by which reviews are found for `change`
 *     fts5 change CHANGES.tsv DB               lines `+` or `=` TAB a line as above, `-` TAB id: one durable transaction
 *     fts5 merge DB                            `optimize`; prints bytes by kind, as JSON
 *     fts5 query DB QUERIES.tsv REPEATS BEST   lines `KIND TAB WORDS`; prints `KIND TAB WORDS TAB BEST_US TAB id id ...`
 *     fts5 search DB WORDS...                  the ten best with all the words, with snippets, as a person would see them
 *
 * MIB is the page cache; with BEST 0 the fourth field is how many match. A query is not repeated any more once it has taken
 * ENOUGH_SECONDS: FTS5 ranks every match, which for frequent words takes so long that repeating it adds nothing.
 *
 * Set up the way its manual advises for speed, and as near to what it is compared with as it can be: Porter's stemmer over
 * unicode61, no stop words, positions and text kept, bm25 with weights 2 (title), 1.5 (product) and 1 (body). */
#include "fts5_expression.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COLUMNS = 4, CACHE_MIB = 1000, ID_MAX = 512 };
static const double ENOUGH_SECONDS = 0.1;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void die(const char *what, sqlite3 *database) {
    fprintf(stderr, "fts5: %s: %s\n", what, database ? sqlite3_errmsg(database) : "cannot be read");
    exit(74);
}

static void execute(sqlite3 *database, const char *statement) {
    if (sqlite3_exec(database, statement, NULL, NULL, NULL) != SQLITE_OK) die(statement, database);
}

static sqlite3_stmt *prepare(sqlite3 *database, const char *statement) {
    sqlite3_stmt *prepared;
    if (sqlite3_prepare_v2(database, statement, -1, &prepared, NULL) != SQLITE_OK) die(statement, database);
    return prepared;
}

static sqlite3 *open_database(const char *path, int flags, int cache_mib) {
    sqlite3 *database;
    char pragmas[128];
    if (sqlite3_open_v2(path, &database, flags, NULL) != SQLITE_OK) die(path, database);
    snprintf(pragmas, sizeof pragmas, "PRAGMA mmap_size = 30000000000; PRAGMA cache_size = -%d", cache_mib * 1024);
    execute(database, pragmas);
    return database;
}

static FILE *open_lines(const char *path) {
    FILE *lines = fopen(path, "r");
    if (!lines) die(path, NULL);
    return lines;
}

/* The next line without its end, or NULL. The line lives until the next call. */
static char *next_line(FILE *lines, char **line, size_t *capacity) {
    ssize_t size = getline(line, capacity, lines);
    if (size <= 0) return NULL;
    (*line)[strcspn(*line, "\n")] = '\0';
    return *line;
}

static void insert_line(sqlite3 *database, sqlite3_stmt *insert, char *line) {
    for (int column = 1; column <= COLUMNS; column++) {
        char *value = strsep(&line, "\t");
        if (!value) die("a line of fewer than four columns", NULL);
        sqlite3_bind_text(insert, column, value, -1, SQLITE_STATIC);
    }
    if (sqlite3_step(insert) != SQLITE_DONE) die("insert", database);
    sqlite3_reset(insert);
}

static int index_table(const char *table, const char *path, int cache_mib) {
    sqlite3 *database = open_database(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, cache_mib);
    execute(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                      "CREATE VIRTUAL TABLE IF NOT EXISTS reviews USING fts5(id UNINDEXED, title, product, body,"
                      " tokenize = 'porter unicode61');"
                      "INSERT INTO reviews(reviews, rank) VALUES('rank', 'bm25(0.0, 2.0, 1.5, 1.0)'); BEGIN");
    sqlite3_stmt *insert = prepare(database, "INSERT INTO reviews VALUES(?, ?, ?, ?)");
    FILE *lines = open_lines(table);
    char *line = NULL;
    size_t capacity = 0;
    while (next_line(lines, &line, &capacity))
        insert_line(database, insert, line);
    execute(database, "COMMIT");
    sqlite3_finalize(insert);
    free(line);
    fclose(lines);
    if (sqlite3_close(database) != SQLITE_OK) die("close", database);
    printf("{\"version\": \"%s\"}\n", sqlite3_libversion());
    return 0;
}

/* FTS5 finds a row by its number only: whoever changes reviews by their ids keeps a table of them. */
static int number_reviews(const char *path) {
    sqlite3 *database = open_database(path, SQLITE_OPEN_READWRITE, CACHE_MIB);
    execute(database, "CREATE TABLE IF NOT EXISTS ids(id TEXT PRIMARY KEY, number INTEGER) WITHOUT ROWID;"
                      "INSERT OR REPLACE INTO ids SELECT id, rowid FROM reviews");
    if (sqlite3_close(database) != SQLITE_OK) die("close", database);
    return 0;
}

struct change_statements {
    sqlite3_stmt *find, *remove, *forget, *insert, *note;
};

static void step_with(sqlite3 *database, sqlite3_stmt *statement, sqlite3_int64 number, const char *id) {
    sqlite3_bind_int64(statement, 1, number);
    if (id) sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_DONE) die("change", database);
    sqlite3_reset(statement);
}

static void change_line(sqlite3 *database, const struct change_statements *statements, char *line) {
    const char what = line[0];
    char id[ID_MAX];
    if (!what || line[1] != '\t') die("a change of another shape", NULL);
    snprintf(id, sizeof id, "%.*s", (int)strcspn(line + 2, "\t"), line + 2);
    if (what != '+') {
        sqlite3_bind_text(statements->find, 1, id, -1, SQLITE_STATIC);
        if (sqlite3_step(statements->find) != SQLITE_ROW) die(id, database);
        sqlite3_int64 number = sqlite3_column_int64(statements->find, 0);
        sqlite3_reset(statements->find);
        step_with(database, statements->remove, number, NULL);
        step_with(database, statements->forget, 0, id);
    }
    if (what == '-') return;
    insert_line(database, statements->insert, line + 2);
    sqlite3_bind_int64(statements->note, 2, sqlite3_last_insert_rowid(database));
    step_with(database, statements->note, 0, id);
}

static int change_reviews(const char *changes, const char *path) {
    sqlite3 *database = open_database(path, SQLITE_OPEN_READWRITE, CACHE_MIB);
    execute(database, "PRAGMA synchronous = FULL; BEGIN");
    const struct change_statements statements = {
        prepare(database, "SELECT number FROM ids WHERE id = ?"), prepare(database, "DELETE FROM reviews WHERE rowid = ?"),
        prepare(database, "DELETE FROM ids WHERE id = ?"), prepare(database, "INSERT INTO reviews VALUES(?, ?, ?, ?)"),
        prepare(database, "INSERT INTO ids VALUES(?, ?)")};
    FILE *lines = open_lines(changes);
    char *line = NULL;
    size_t capacity = 0;
    while (next_line(lines, &line, &capacity))
        change_line(database, &statements, line);
    execute(database, "COMMIT");
    sqlite3_finalize(statements.find);
    sqlite3_finalize(statements.remove);
    sqlite3_finalize(statements.forget);
    sqlite3_finalize(statements.insert);
    sqlite3_finalize(statements.note);
    free(line);
    fclose(lines);
    if (sqlite3_close(database) != SQLITE_OK) die("close", database);
    return 0;
}

/* The first column of the first row. */
static sqlite3_int64 value_of(sqlite3 *database, const char *statement) {
    sqlite3_stmt *select = prepare(database, statement);
    sqlite3_int64 value = sqlite3_step(select) == SQLITE_ROW ? sqlite3_column_int64(select, 0) : 0;
    sqlite3_finalize(select);
    return value;
}

static int merge_segments(const char *path) {
    sqlite3 *database = open_database(path, SQLITE_OPEN_READWRITE, CACHE_MIB);
    execute(database, "INSERT INTO reviews(reviews) VALUES('optimize')");
    sqlite3_int64 unused = value_of(database, "PRAGMA freelist_count") * value_of(database, "PRAGMA page_size");
    sqlite3_int64 lists = value_of(database, "SELECT sum(length(block)) FROM reviews_data");
    if (sqlite3_close(database) != SQLITE_OK) die("close", database);
    printf("{\"free\": %lld, \"terms, ids, frequencies, positions\": %lld}\n", (long long)unused, (long long)lists);
    return 0;
}

/* A column of the current row, "" where it is null. Lives until the statement moves on. */
static const char *column(sqlite3_stmt *select, int number) {
    const unsigned char *text = sqlite3_column_text(select, number);
    return text ? (const char *)text : "";
}

/* Runs a query once; ids, or the count, go into `answer`, a blank between two. Returns the seconds it took. */
static double run_once(sqlite3 *database, sqlite3_stmt *select, const char *kind, const char *words, int best, char *answer,
                       size_t room) {
    double start = now();
    char expression[EXPRESSION_MAX];
    size_t used = 0;
    int result;
    answer[0] = '\0';
    write_expression(expression, kind, words);
    sqlite3_bind_text(select, 1, expression, -1, SQLITE_STATIC);
    if (best > 0) sqlite3_bind_int(select, 2, best);
    while ((result = sqlite3_step(select)) == SQLITE_ROW) {
        int wrote = snprintf(answer + used, room - used, "%s%s", used ? " " : "", column(select, 0));
        if (wrote > 0 && (size_t)wrote < room - used) used += (size_t)wrote;
    }
    if (result != SQLITE_DONE) die(expression, database);
    sqlite3_reset(select);
    return now() - start;
}

static int answer_queries(const char *path, const char *queries, int repeats, int best) {
    sqlite3 *database = open_database(path, SQLITE_OPEN_READONLY, CACHE_MIB);
    sqlite3_stmt *select = prepare(database, best > 0 ? "SELECT id FROM reviews WHERE reviews MATCH ? ORDER BY rank LIMIT ?"
                                                      : "SELECT count(*) FROM reviews WHERE reviews MATCH ?");
    FILE *lines = open_lines(queries);
    size_t capacity = 0, room = ((size_t)best + 1) * ID_MAX;
    char *line = NULL, *words, *answer = malloc(room);
    if (!answer) die("memory for answers", NULL);
    while ((words = next_line(lines, &line, &capacity))) {
        const char *kind = strsep(&words, "\t");
        if (!words) continue;
        double fastest = run_once(database, select, kind, words, best, answer, room), taken = fastest;
        for (int repeat = 1; repeat < repeats && taken < ENOUGH_SECONDS; repeat++) {
            double seconds = run_once(database, select, kind, words, best, answer, room);
            if (seconds < fastest) fastest = seconds;
            taken += seconds;
        }
        printf("%s\t%s\t%.1f\t%s\n", kind, words, fastest * 1e6, answer);
    }
    free(line);
    free(answer);
    fclose(lines);
    sqlite3_finalize(select);
    sqlite3_close(database);
    return 0;
}

static int print_answer(const char *path, int count, char **words) {
    sqlite3 *database = open_database(path, SQLITE_OPEN_READONLY, CACHE_MIB);
    sqlite3_stmt *select = prepare(database, "SELECT id, title, snippet(reviews, 3, '[', ']', '...', 24) FROM reviews"
                                             " WHERE reviews MATCH ? ORDER BY rank LIMIT 10");
    char joined[EXPRESSION_MAX / 8] = "", expression[EXPRESSION_MAX];
    for (int i = 0; i < count; i++) {
        size_t used = strlen(joined);
        snprintf(joined + used, sizeof joined - used, "%s%s", i ? " " : "", words[i]);
    }
    write_expression(expression, "and", joined);
    sqlite3_bind_text(select, 1, expression, -1, SQLITE_STATIC);
    while (sqlite3_step(select) == SQLITE_ROW) {
        printf("%s  %s\n    %s\n", column(select, 0), column(select, 1), column(select, 2));
    }
    sqlite3_finalize(select);
    sqlite3_close(database);
    return 0;
}

int main(int count, char **arguments) {
    const char *command = count > 1 ? arguments[1] : "";
    if (count == 5 && strcmp(command, "index") == 0) return index_table(arguments[2], arguments[3], atoi(arguments[4]));
    if (count == 3 && strcmp(command, "number") == 0) return number_reviews(arguments[2]);
    if (count == 4 && strcmp(command, "change") == 0) return change_reviews(arguments[2], arguments[3]);
    if (count == 3 && strcmp(command, "merge") == 0) return merge_segments(arguments[2]);
    if (count == 6 && strcmp(command, "query") == 0) {
        return answer_queries(arguments[2], arguments[3], atoi(arguments[4]), atoi(arguments[5]));
    }
    if (count > 3 && strcmp(command, "search") == 0) return print_answer(arguments[2], count - 3, arguments + 3);
    fputs("usage: fts5 index TABLE.tsv DB MIB | number DB | change CHANGES.tsv DB | merge DB | query DB QUERIES.tsv "
          "REPEATS BEST | search DB WORDS...\n",
          stderr);
    return 2;
}
