/* check_report.c - what is said of an index: one line a fault, none twice, a bounded number of them. */
#include "indexer/base/hash.h"
#include "indexer/check/check.h"

#include <stdarg.h>
#include <stdio.h>

#define LINE_BYTES 800u

/* A line is one: ids and paths may hold anything. */
static void say(struct check *check, enum check_line line, char *text) {
    for (char *at = text; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7F) *at = '?';
    check->sink->say(check->sink->context, line, text);
}

#define FORMAT_LINE(text)                                                                                                  \
    do {                                                                                                                   \
        va_list arguments;                                                                                                 \
        va_start(arguments, format);                                                                                       \
        (void)vsnprintf(text, sizeof(text), format, arguments);                                                            \
        va_end(arguments);                                                                                                 \
    } while (0)

void check_part(struct check *check, const char *format, ...) {
    char text[LINE_BYTES];
    FORMAT_LINE(text);
    say(check, CHECK_PART, text);
}

void check_note(struct check *check, const char *format, ...) {
    char text[LINE_BYTES];
    FORMAT_LINE(text);
    say(check, CHECK_NOTE, text);
}

/* The same damaged record is met in several ways. */
static void say_fault(struct check *check, char *text) {
    uint64_t hash = hash_view(view_of_string(text));
    uint64_t said = check->fault_count < CHECK_LINES_MAX ? check->fault_count : CHECK_LINES_MAX;
    for (uint64_t i = 0; i < said; i++)
        if (check->said[i] == hash) return;
    if (check->fault_count < CHECK_LINES_MAX) {
        check->said[check->fault_count] = hash;
        say(check, CHECK_FAULT, text);
    }
    check->fault_count++;
}

void check_fault(struct check *check, const char *format, ...) {
    char text[LINE_BYTES];
    FORMAT_LINE(text);
    say_fault(check, text);
}

void check_say_rest(struct check *check) {
    char text[64];
    if (check->fault_count <= CHECK_LINES_MAX) return;
    (void)snprintf(text, sizeof text, "and %llu more", (unsigned long long)(check->fault_count - CHECK_LINES_MAX));
    say(check, CHECK_FAULT, text);
}

revue_status check_outcome(struct check *check, revue_status status, const revue_error *error, const char *format, ...) {
    char place[256], text[LINE_BYTES];
    if (!check_is_damage(status)) return status;
    FORMAT_LINE(place);
    (void)snprintf(text, sizeof text, "%s: %s", place, error->message);
    say_fault(check, text);
    return REVUE_OK;
}

/* ---- names ---- */

const char *check_field_name(unsigned field) {
    return schema_slot_name((enum schema_slot)field);
}

const char *check_kind_name(unsigned kind) {
    static const char *const names[KIND_COUNT] = {
        "META",          "TERMS",           "FORMS",          "POSTINGS",    "SKIPS",    "POSITIONS", "LENGTHS body",
        "LENGTHS title", "LENGTHS product", "LENGTHS author", "IDS",         "ID_INDEX", "ID_HASHES", "TEXT_HASHES",
        "TEXT",          "TEXT_INDEX",      "SYMBOL_BYTES",   "SYMBOL_INDEX"};
    return kind < KIND_COUNT ? names[kind] : "no kind";
}

const char *check_table_name(enum store_table table) {
    static const char *const names[TABLE_COUNT] = {"index",    "segments", "columns", "deletes",
                                                   "keywords", "sources",  "blocks",  "shadows"};
    return names[table];
}
