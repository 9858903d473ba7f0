/* archive.c - archive_open, archive_next, archive_close: walks down through containers to sources, and hands each source to
 * the reader of its format.
 *
 *     file -> [container -> member]* -> input (text) -> format reader -> events
 *
 * The reader is in one of two states: a source is being read (format is set), or the next one has to be found in the
 * innermost container. Containers are a stack, as deep as the limit allows. */
#include "indexer/archive/names.h"
#include "indexer/archive/reader.h"
#include "indexer/archive/sniff.h"
#include "indexer/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void set_limits(struct archive_limits *limits) {
    if (limits->record_bytes == 0) limits->record_bytes = ARCHIVE_RECORD_BYTES;
    if (limits->expansion == 0) limits->expansion = 1000;
    if (limits->member_count == 0) limits->member_count = 10000000;
    if (limits->window_bytes == 0) limits->window_bytes = (uint64_t)128 << 20;
    if (limits->depth == 0) limits->depth = 2;
    if (limits->depth > ARCHIVE_DEPTH_MAX) limits->depth = ARCHIVE_DEPTH_MAX;
}

/* ---- opening and closing ---- */

static revue_status reader_create(archive_reader **reader, struct view path, const struct archive_options *options,
                                  revue_error *error) {
    archive_reader *made = memory_alloc_zeroed(1, sizeof *made);
    if (!made) return error_no_memory(error);
    made->options = *options;
    made->file.descriptor = -1;
    set_limits(&made->options.limits);
    bytes_append(&made->member_path, path.data, path.size);
    name_append_printable(&made->source_name, path);
    bool failed = made->member_path.failed || made->source_name.failed;
    revue_status status =
        failed ? error_no_memory(error) : input_create(&made->input, made->options.limits.record_bytes, error);
    if (status == REVUE_OK) status = record_create(&made->record, &made->options, error);
    if (status != REVUE_OK) {
        archive_close(made);
        return status;
    }
    made->source.name = bytes_view(&made->source_name);
    *reader = made;
    return REVUE_OK;
}

revue_status archive_path_of(const char *root, struct view path, struct bytes *full, bool *is_root, revue_error *error) {
    struct stat about;
    if (stat(root, &about) != 0) return error_from_errno(error, errno, root);
    *is_root = !S_ISDIR(about.st_mode);
    bytes_append_string(full, root);
    if (!*is_root) {
        bytes_append_u8(full, '/');
        bytes_append(full, path.data, path.size);
    }
    bytes_append_u8(full, 0);
    return full->failed ? error_no_memory(error) : REVUE_OK;
}

revue_status archive_open(archive_reader **reader, const char *root, const struct archive_file *file,
                          const struct archive_options *options, revue_error *error) {
    archive_reader *made;
    struct bytes full = {0};
    TRY(reader_create(&made, file->path, options, error));
    made->source.size = file->size;
    made->source.modified_ns = file->modified_ns;
    made->owns_descriptor = true;
    made->file.seekable = true;
    made->file.hash = hash_stream_create();
    revue_status status = made->file.hash ? archive_path_of(root, file->disk_path, &full, &made->named_itself, error)
                                          : error_no_memory(error);
    if (status == REVUE_OK)
        status = file_open_regular((const char *)full.data, &made->file.descriptor, &made->opened, error);
    bytes_free(&full);
    if (status != REVUE_OK) {
        archive_close(made);
        return status;
    }
    (void)posix_fadvise(made->file.descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    *reader = made;
    return REVUE_OK;
}

revue_status archive_open_fd(archive_reader **reader, int descriptor, const char *source_name,
                             const struct archive_options *options, revue_error *error) {
    archive_reader *made;
    TRY(reader_create(&made, view_of_string(source_name), options, error));
    made->file.descriptor = descriptor;
    made->named_itself = true;
    *reader = made;
    return REVUE_OK;
}

static void level_free(struct level *level) {
    if (!level) return;
    container_close(level->container);
    bytes_free(&level->name);
    bytes_free(&level->path);
    memory_free(level);
}

static void close_format(archive_reader *reader) {
    if (reader->format && reader->depth == 0) reader->whole_bytes = reader->format->whole_bytes;
    if (reader->format) reader->format->close(reader->format);
    reader->format = NULL;
}

void archive_close(archive_reader *reader) {
    if (!reader) return;
    close_format(reader);
    while (reader->depth > 0)
        level_free(reader->levels[--reader->depth]);
    if (reader->owns_descriptor && reader->file.descriptor >= 0) (void)close(reader->file.descriptor);
    hash_stream_free(reader->file.hash);
    replaced_members_free(&reader->replaced);
    input_free(reader->input);
    record_free(reader->record);
    bytes_free(&reader->source_name);
    bytes_free(&reader->member_path);
    memory_free(reader);
}

uint64_t archive_bytes_read(const archive_reader *reader) {
    return reader->file.bytes_read;
}

uint64_t archive_bytes_held(const archive_reader *reader) {
    uint64_t held = input_held(reader->input);
    for (unsigned i = 0; i < reader->depth; i++)
        held += container_held(reader->levels[i]->container);
    return held;
}

/* ---- events of this file ---- */

static revue_status give(archive_reader *reader, struct archive_event *event, enum archive_event_kind kind) {
    reader->has_failed = kind == ARCHIVE_PROBLEM && event->fatal;
    event->kind = kind;
    event->source = reader->source;
    return REVUE_OK;
}

/* What is left out by its name is expected. */
static revue_status give_skip(archive_reader *reader, struct archive_event *event, const char *why) {
    event->what = why;
    event->is_expected = true;
    return give(reader, event, ARCHIVE_SKIP);
}

/* What is left out for its content is expected to be, unless its name promised reviews or the user named it. */
static revue_status give_content_skip(archive_reader *reader, struct archive_event *event, const char *why) {
    enum name_kind kind = name_kind_of(bytes_view(&reader->member_path));
    bool is_empty = strcmp(why, SNIFF_EMPTY) == 0;
    TRY(give_skip(reader, event, why));
    bool is_promised = kind != NAME_UNKNOWN && kind != NAME_BESIDE;
    event->is_expected = is_empty || !(is_promised || (reader->named_itself && reader->depth == 0));
    return REVUE_OK;
}

static revue_status give_fatal(archive_reader *reader, struct archive_event *event, const char *what, const char *done) {
    (void)snprintf(reader->what, sizeof reader->what, "%s", what);
    event->what = reader->what;
    event->done = done;
    event->fatal = true;
    return give(reader, event, ARCHIVE_PROBLEM);
}

/* ---- a source ---- */

static revue_status open_format(archive_reader *reader, enum archive_format format, revue_error *error) {
    struct format_source source = {reader->input, reader->record, &reader->options, bytes_view(&reader->member_path)};
    struct format_opening *opening = &reader->opening;
    switch (format) {
    case ARCHIVE_AUTO:
    case ARCHIVE_TEXT: return text_reader_open(opening, &source, error);
    case ARCHIVE_LINES: return lines_reader_open(opening, &source, error);
    case ARCHIVE_JSONL: return json_reader_open(opening, &source, error);
    case ARCHIVE_HTML: return html_reader_open(opening, &source, error);
    case ARCHIVE_CSV: return table_reader_open(opening, &source, ',', error);
    case ARCHIVE_TSV: return table_reader_open(opening, &source, '\t', error);
    }
    return error_set(error, REVUE_BUG, "format %d is not known", (int)format);
}

/* The stream under reader->peek is no container: it is a source, or lies beside. */
static revue_status begin_source(archive_reader *reader, struct archive_event *event, revue_error *error) {
    const char *beside;
    enum archive_format format;
    TRY(input_start(reader->input, peek_stream_of(&reader->peek), error));
    struct format_source source = {reader->input, reader->record, &reader->options, bytes_view(&reader->member_path)};
    TRY(sniff_format(&source, &format, &beside, error));
    if (beside) return give_content_skip(reader, event, beside);
    reader->opening.reader = NULL;
    reader->opening.beside = NULL;
    TRY(open_format(reader, format, error));
    if (reader->opening.beside) return give_content_skip(reader, event, reader->opening.beside);
    reader->format = reader->opening.reader;
    reader->source.format = format;
    reader->source.one_review = reader->format->one_review;
    return give(reader, event, ARCHIVE_SOURCE);
}

/* ---- containers ---- */

/* Opens a container over what reader->peek begins; the level takes the peeked bytes with it. */
static revue_status push_container(archive_reader *reader, struct archive_event *event, bool *pushed, revue_error *error) {
    const struct archive_limits *limits = &reader->options.limits;
    struct container_budget budget = {limits->expansion, limits->member_count, &reader->file.bytes_read,
                                      limits->window_bytes};
    revue_error why = {0};
    struct level *level = memory_alloc_zeroed(1, sizeof *level);
    if (!level) return error_no_memory(error);
    level->peek = reader->peek;
    bytes_append(&level->name, reader->source_name.data, reader->source_name.size);
    bytes_append(&level->path, reader->member_path.data, reader->member_path.size);
    revue_status status = level->name.failed || level->path.failed ? REVUE_NO_MEMORY : REVUE_OK;
    if (status == REVUE_OK)
        status =
            container_open(&level->container, peek_stream_of(&level->peek), peek_stream_head(&level->peek), budget, &why);
    *pushed = status == REVUE_OK;
    if (*pushed) {
        reader->levels[reader->depth++] = level;
        return REVUE_OK;
    }
    level_free(level);
    return status == REVUE_NO_MEMORY ? error_no_memory(error)
                                     : give_fatal(reader, event, why.message, "rest of the source skipped");
}

/* A stream begins: a container to go into, or a source. *given when event tells something. */
static revue_status begin_stream(archive_reader *reader, struct stream stream, bool *given, struct archive_event *event,
                                 revue_error *error) {
    bool pushed = false;
    *given = true;
    TRY(peek_stream_start(&reader->peek, stream, error));
    if (!container_detect(peek_stream_head(&reader->peek))) return begin_source(reader, event, error);
    if (reader->depth == reader->options.limits.depth) {
        TRY(give_skip(reader, event, "containers nested deeper than the limit"));
        event->is_expected = false;
        return REVUE_OK;
    }
    bool is_listed = reader->depth == 0 && reader->file.seekable && container_is_listed(peek_stream_head(&reader->peek));
    if (is_listed)
        TRY(replaced_members_find(&reader->replaced, reader->file.descriptor, reader->options.limits.member_count, error));
    TRY(push_container(reader, event, &pushed, error));
    *given = !pushed;
    return REVUE_OK;
}

/* Names the source after a member: "container!member", or the container itself when it is a compressed single file. */
static revue_status name_member(archive_reader *reader, const struct level *level, const struct container_member *member,
                                revue_error *error) {
    bytes_clear(&reader->source_name);
    bytes_clear(&reader->member_path);
    bytes_append(&reader->source_name, level->name.data, level->name.size);
    if (member->kind == MEMBER_WHOLE) {
        struct view path = name_without_compression(bytes_view(&level->path));
        bytes_append(&reader->member_path, path.data, path.size);
    } else {
        bytes_append_u8(&reader->source_name, '!');
        name_append_printable(&reader->source_name, member->path);
        bytes_append(&reader->member_path, member->path.data, member->path.size);
    }
    if (reader->source_name.failed || reader->member_path.failed) return error_no_memory(error);
    reader->source.name = bytes_view(&reader->source_name);
    if (member->has_size)
        reader->source.size = member->size;
    else if (member->kind != MEMBER_WHOLE)
        reader->source.size = 0;
    if (member->has_time) reader->source.modified_ns = member->modified_ns;
    return REVUE_OK;
}

/* Why the member is not to be read; NULL when it is. */
static revue_status refuse_member(archive_reader *reader, const struct container_member *member, const char **why,
                                  revue_error *error) {
    struct view path = bytes_view(&reader->member_path);
    bool selected = true;
    *why = NULL;
    if (member->kind == MEMBER_OTHER)
        *why = "not a regular file";
    else if (name_is_hidden(path))
        *why = "hidden";
    else if (member->kind == MEMBER_FILE) {
        if (!name_is_selected(path, &reader->options, !name_is_container(path), &selected)) return error_no_memory(error);
        *why = selected ? name_beside(path) : "excluded";
    }
    return REVUE_OK;
}

static void pop_container(archive_reader *reader) {
    level_free(reader->levels[--reader->depth]);
}

/* Tells that the innermost container cannot be read further, under its own name, and leaves it. Damage that ended a member
 * has been told: it is one, and counted once. */
static revue_status fail_container(archive_reader *reader, const char *what, bool *given, struct archive_event *event,
                                   revue_error *error) {
    struct level *level = reader->levels[reader->depth - 1];
    *given = !reader->has_failed || strcmp(reader->what, what) != 0;
    if (!*given) {
        pop_container(reader);
        return REVUE_OK;
    }
    bytes_clear(&reader->source_name);
    bytes_append(&reader->source_name, level->name.data, level->name.size);
    if (reader->source_name.failed) return error_no_memory(error);
    reader->source.name = bytes_view(&reader->source_name);
    pop_container(reader);
    return give_fatal(reader, event, what, "rest of the container skipped");
}

/* The next member of the innermost container. *given when event tells something of it. */
static revue_status next_member(archive_reader *reader, bool *given, struct archive_event *event, revue_error *error) {
    struct level *level = reader->levels[reader->depth - 1];
    struct container_member member;
    revue_error why = {0};
    const char *refused;
    revue_status status = container_next(level->container, &member, &why);
    *given = false;
    if (status == REVUE_NO_MEMORY) return error_no_memory(error);
    if (status != REVUE_OK) return fail_container(reader, why.message, given, event, error);
    uint64_t place = level->members++;
    if (member.kind == MEMBER_FOLDER) return REVUE_OK;
    if (member.kind == MEMBER_END) {
        pop_container(reader);
        return REVUE_OK;
    }
    TRY(name_member(reader, level, &member, error));
    *given = true;
    if (reader->depth == 1 && replaced_members_has(&reader->replaced, place))
        return give_skip(reader, event, "a later member of the container replaces it");
    if (member.kind == MEMBER_ENCRYPTED) return give_fatal(reader, event, "encrypted", "member skipped");
    TRY(refuse_member(reader, &member, &refused, error));
    if (refused) return give_skip(reader, event, refused);
    return begin_stream(reader, container_member_stream(level->container), given, event, error);
}

/* ---- the stream of events ---- */

static revue_status start(archive_reader *reader, bool *given, struct archive_event *event, revue_error *error) {
    const char *beside = reader->named_itself ? NULL : name_beside(bytes_view(&reader->member_path));
    reader->started = true;
    *given = true;
    if (beside) return give_skip(reader, event, beside);
    return begin_stream(reader, file_stream_of(&reader->file), given, event, error);
}

static revue_status find_source(archive_reader *reader, struct archive_event *event, revue_error *error) {
    bool given = false;
    while (!given) {
        if (!reader->started)
            TRY(start(reader, &given, event, error));
        else if (reader->depth > 0)
            TRY(next_member(reader, &given, event, error));
        else
            return give(reader, event, ARCHIVE_END);
    }
    return REVUE_OK;
}

revue_status archive_next(archive_reader *reader, struct archive_event *event, revue_error *error) {
    *event = (struct archive_event){.kind = ARCHIVE_END};
    if (reader->format) {
        TRY(reader->format->next(reader->format, event, error));
        if (event->kind == ARCHIVE_PROBLEM && event->fatal) {
            (void)give_fatal(reader, event, event->what, event->done);
            close_format(reader);
            return REVUE_OK;
        }
        if (event->kind != ARCHIVE_END) return give(reader, event, event->kind);
        close_format(reader);
        *event = (struct archive_event){.kind = ARCHIVE_END};
    }
    return find_source(reader, event, error);
}
