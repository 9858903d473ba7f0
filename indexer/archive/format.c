/* format.c - see format.h. */
#include "indexer/archive/format.h"

#include "indexer/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>

static void fill_problem(struct format_reader *reader, struct archive_event *event, uint64_t line, bool fatal,
                         const char *format, va_list arguments) {
    int size = vsnprintf(reader->what, sizeof reader->what, format, arguments);
    if (size >= (int)sizeof reader->what) {
        reader->what[utf8_floor(reader->what, sizeof reader->what - 2)] = '\0'; /* not in the middle of a character */
    }
    event->kind = ARCHIVE_PROBLEM;
    event->line = line;
    event->fatal = fatal;
    event->what = reader->what;
    event->done = fatal ? "rest of the source skipped" : "record skipped";
}

revue_status format_problem(struct format_reader *reader, struct archive_event *event, uint64_t line, const char *format,
                            ...) {
    va_list arguments;
    va_start(arguments, format);
    fill_problem(reader, event, line, false, format, arguments);
    va_end(arguments);
    return REVUE_OK;
}

revue_status format_fatal(struct format_reader *reader, struct archive_event *event, uint64_t line, const char *format,
                          ...) {
    va_list arguments;
    va_start(arguments, format);
    fill_problem(reader, event, line, true, format, arguments);
    va_end(arguments);
    return REVUE_OK;
}

const char *format_more_allowed(const struct input *input) {
    return input_record_limit(input) < ARCHIVE_RECORD_BYTES ? " (--memory 512 allows more)" : "";
}

revue_status format_too_long(struct format_reader *reader, struct archive_event *event, const struct input *input,
                             uint64_t line) {
    return format_problem(reader, event, line, "longer than the limit of %llu bytes for one record%s",
                          (unsigned long long)input_record_limit(input), format_more_allowed(input));
}

revue_status format_cut(struct format_reader *reader, struct archive_event *event, uint64_t line, const char *how) {
    TRY(format_problem(reader, event, line, "the end of the file cuts the record off: %s", how));
    event->done = "left to the run that finds it whole";
    event->is_cut = true;
    return REVUE_OK;
}

revue_status format_end(struct format_reader *reader, struct archive_event *event, const struct input *input) {
    const revue_error *failure = input_failure(input);
    if (failure) return format_fatal(reader, event, 0, "%s", failure->message);
    event->kind = ARCHIVE_END;
    return REVUE_OK;
}
