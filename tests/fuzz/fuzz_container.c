/* fuzz_container.c - any file, as an archive holds it: compressed, tar, zip, these in one another, or reviews.
 *
 * Input: the file. Reading ends, however it is made; names are text, reviews are sound, and nothing larger than the limits
 * is unpacked. */
#include "tests/fuzz/fuzz_source.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MEMBERS 200u

static void check_source(const struct archive_source *source) {
    fuzz_check_text(source->name);
    for (size_t i = 0; i < source->name.size; i++)
        require((unsigned char)source->name.data[i] >= ' ');
}

static void check_event(const struct archive_event *event) {
    if (event->kind != ARCHIVE_END) check_source(&event->source);
    if (event->kind == ARCHIVE_REVIEW) fuzz_check_review(&event->review);
    if (event->kind == ARCHIVE_PROBLEM) require(event->what && event->what[0] && event->done);
    if (event->kind == ARCHIVE_SKIP) require(event->what && event->what[0]);
}

static void read_file(int file) {
    const struct archive_options options = {
        .limits = {.record_bytes = 1u << 20, .expansion = 20, .member_count = MEMBERS, .window_bytes = 1u << 20}};
    archive_reader *reader;
    struct archive_event event = {.kind = ARCHIVE_SOURCE};
    if (archive_open_fd(&reader, file, "x", &options, NULL) != REVUE_OK) return;
    while (event.kind != ARCHIVE_END) {
        require(archive_next(reader, &event, NULL) == REVUE_OK);
        check_event(&event);
    }
    archive_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int file = -1;
    if (file < 0) file = memfd_create("fuzz", MFD_CLOEXEC);
    require(file >= 0 && ftruncate(file, 0) == 0);
    require(pwrite(file, data, size, 0) == (ssize_t)size && lseek(file, 0, SEEK_SET) == 0);
    read_file(file);
    return 0;
}
