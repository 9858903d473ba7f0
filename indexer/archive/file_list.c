/* file_list.c - see file_list.h. An external sort: what is met fills a part of the memory, is sorted, and goes into a file
 * without a name (base/file_memory.h); at the end all these runs are merged into another such file, which is the list. Of
 * the runs one entry each is looked at, so that few of their pages are in memory. A list that stays within its bound, as
 * nearly all do, is sorted where it is. */
#include "indexer/archive/file_list.h"

#include "indexer/base/file_memory.h"
#include "indexer/base/memory.h"

#include <stdlib.h>

#define REST_EVERY 4096u         /* entries merged, to give back the pages of all files */
#define LOOKS_BETWEEN_RESTS 256u /* at the list: each may bring 64 KiB into memory, one after the other far less */

static int compare_files(const void *left, const void *right) {
    const struct archive_file *a = left, *b = right;
    int order = view_compare(a->path, b->path);
    return order ? order : view_compare(a->disk_path, b->disk_path);
}

/* Nearly all files are named as the file system has them: then both paths are the same bytes. */
static size_t size_on_disk(const struct archive_file *file) {
    return file->disk_path.data == file->path.data ? 0 : file->disk_path.size;
}

static void sort_items(struct file_list *list) {
    if (list->count > 1) qsort(list->items, list->count, sizeof *list->items, compare_files);
}

/* ---- blocks of bytes, in a file where there can be one ---- */

static void *block_open(size_t size, bool *is_in_file) {
    void *block = file_memory_open(size);
    *is_in_file = block != NULL;
    return block ? block : memory_alloc(size);
}

static void block_give_back(void *block, size_t size, bool is_in_file) {
    if (is_in_file) file_memory_give_back(block, size);
}

static void block_close(void *block, size_t size, bool is_in_file) {
    if (is_in_file)
        file_memory_close(block, size);
    else
        memory_free(block);
}

/* ---- runs ---- */

#define ENTRY_BYTES (6 * sizeof(uint64_t)) /* before the paths */

/* Copies both paths to out, lets them lie there and returns what is behind them. */
static char *move_paths(char *out, struct archive_file *file) {
    const size_t size = file->path.size, on_disk = size_on_disk(file);
    memcpy(out, file->path.data, size);
    if (on_disk > 0) memcpy(out + size, file->disk_path.data, on_disk);
    file->path.data = out;
    file->disk_path.data = on_disk > 0 ? out + size : out;
    return out + size + on_disk;
}

static char *write_entry(char *out, struct archive_file file) {
    const uint64_t facts[] = {file.path.size, size_on_disk(&file), file.size, (uint64_t)file.modified_ns,
                              file.inode,     file.device};
    memcpy(out, facts, ENTRY_BYTES);
    return move_paths(out + ENTRY_BYTES, &file);
}

/* These bytes are our own: they are trusted. */
static const char *read_entry(const char *in, struct archive_file *file) {
    uint64_t facts[6];
    memcpy(facts, in, ENTRY_BYTES);
    const struct view path = view_of(in + ENTRY_BYTES, (size_t)facts[0]);
    *file = (struct archive_file){.path = path,
                                  .disk_path = facts[1] > 0 ? view_of(path.data + path.size, (size_t)facts[1]) : path,
                                  .size = facts[2],
                                  .modified_ns = (int64_t)facts[3],
                                  .inode = facts[4],
                                  .device = facts[5]};
    return path.data + facts[0] + facts[1];
}

static size_t path_bytes(const struct file_list *list) {
    size_t bytes = 0;
    for (size_t i = 0; i < list->count; i++)
        bytes += list->items[i].path.size + size_on_disk(&list->items[i]);
    return bytes;
}

static revue_status end_run(struct file_list *list, revue_error *error) {
    struct file_run run = {.size = list->count * ENTRY_BYTES + path_bytes(list)};
    if (!MEMORY_RESERVE(list->runs, list->run_capacity, list->run_count + 1)) return error_no_memory(error);
    char *out = run.map = block_open(run.size, &run.is_in_file);
    if (!out) return error_no_memory(error);
    sort_items(list);
    for (size_t i = 0; i < list->count; i++)
        out = write_entry(out, list->items[i]);
    block_give_back(run.map, run.size, run.is_in_file);
    list->runs[list->run_count++] = run;
    list->total_count += list->count;
    list->total_path_bytes += path_bytes(list);
    list->count = 0;
    arena_free(&list->paths);
    return REVUE_OK;
}

revue_status file_list_add(struct file_list *list, const struct archive_file *file, revue_error *error) {
    if (!MEMORY_RESERVE(list->items, list->capacity, list->count + 1)) return error_no_memory(error);
    char *paths = arena_alloc(&list->paths, file->path.size + size_on_disk(file) + 1);
    if (!paths) return error_no_memory(error);
    list->items[list->count] = *file;
    (void)move_paths(paths, &list->items[list->count++]);
    const size_t held = list->count * sizeof *list->items + list->paths.total_bytes;
    return list->most_bytes > 0 && held > list->most_bytes ? end_run(list, error) : REVUE_OK;
}

revue_status file_list_each(const struct file_list *list,
                            revue_status (*visit)(void *context, const struct archive_file *file, revue_error *error),
                            void *context, revue_error *error) {
    for (size_t run = 0; run < list->run_count; run++) {
        const char *next = list->runs[run].map, *end = next + list->runs[run].size;
        while (next < end) {
            struct archive_file file;
            next = read_entry(next, &file);
            TRY(visit(context, &file, error));
        }
        block_give_back(list->runs[run].map, list->runs[run].size, list->runs[run].is_in_file);
    }
    for (size_t i = 0; i < list->count; i++)
        TRY(visit(context, &list->items[i], error));
    return REVUE_OK;
}

/* ---- merging ---- */

/* A run while it is read; the heap has the one with the least path on top. */
struct run_reader {
    struct archive_file file;
    const char *next, *end;
};

static void sift_down(struct run_reader *heap, size_t count, size_t at) {
    for (;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < count; child++)
            if (compare_files(&heap[child].file, &heap[least].file) < 0) least = child;
        if (least == at) return;
        const struct run_reader moved = heap[at];
        heap[at] = heap[least];
        heap[least] = moved;
        at = least;
    }
}

static void rest(const struct file_list *list, const struct archive_files *files) {
    for (size_t i = 0; i < list->run_count; i++)
        block_give_back(list->runs[i].map, list->runs[i].size, list->runs[i].is_in_file);
    block_give_back(files->items, files->block_bytes, files->is_in_file);
}

/* At most one entry of a run is ahead of the list, so that it does not matter where in a run the pages given back are. */
static void merge_runs(const struct file_list *list, struct run_reader *heap, struct archive_files *files) {
    char *paths = (char *)(files->items + list->total_count);
    size_t count = list->run_count;
    for (size_t i = 0; i < count; i++) {
        heap[i].next = list->runs[i].map;
        heap[i].end = heap[i].next + list->runs[i].size;
        heap[i].next = read_entry(heap[i].next, &heap[i].file);
    }
    for (size_t i = count / 2; i-- > 0;)
        sift_down(heap, count, i);
    for (size_t i = 0; i < list->total_count; i++) {
        files->items[i] = heap->file;
        paths = move_paths(paths, &files->items[i]);
        if (heap->next < heap->end)
            heap->next = read_entry(heap->next, &heap->file);
        else
            heap[0] = heap[--count];
        sift_down(heap, count, 0);
        if (i % REST_EVERY == 0) rest(list, files);
    }
    rest(list, files);
    files->count = list->total_count;
}

static revue_status finish_in_block(struct file_list *list, struct archive_files *files, revue_error *error) {
    if (list->count > 0) TRY(end_run(list, error));
    struct run_reader *heap = memory_alloc_zeroed(list->run_count, sizeof *heap);
    if (!heap) return error_no_memory(error);
    files->block_bytes = list->total_count * sizeof *files->items + list->total_path_bytes;
    files->items = block_open(files->block_bytes, &files->is_in_file);
    if (files->items) merge_runs(list, heap, files);
    memory_free(heap);
    return files->items ? REVUE_OK : error_no_memory(error);
}

revue_status file_list_finish(struct file_list *list, struct archive_files *files, revue_error *error) {
    revue_status status = REVUE_OK;
    if (list->run_count > 0) {
        status = finish_in_block(list, files, error);
    } else {
        sort_items(list);
        files->items = list->items;
        files->count = list->count;
        files->capacity = list->capacity;
        files->paths = list->paths;
        list->items = NULL;
        list->paths = (struct arena){0};
    }
    file_list_free(list);
    return status;
}

void file_list_free(struct file_list *list) {
    for (size_t i = 0; i < list->run_count; i++)
        block_close(list->runs[i].map, list->runs[i].size, list->runs[i].is_in_file);
    memory_free(list->runs);
    memory_free(list->items);
    arena_free(&list->paths);
    *list = (struct file_list){0};
}

/* ---- the list ---- */

const struct archive_file *archive_file_at(struct archive_files *files, size_t index) {
    if (++files->looks % LOOKS_BETWEEN_RESTS == 0) block_give_back(files->items, files->block_bytes, files->is_in_file);
    return &files->items[index];
}

size_t archive_files_memory(const struct archive_files *files) {
    const size_t block = files->is_in_file ? 0 : files->block_bytes;
    return block + files->capacity * sizeof *files->items + files->paths.total_bytes +
           (files->arena ? files->arena->total_bytes : 0);
}

void archive_files_free(struct archive_files *files) {
    if (!files) return;
    if (files->arena) arena_free(files->arena);
    memory_free(files->arena);
    arena_free(&files->paths);
    block_close(files->items, files->block_bytes, files->is_in_file);
    memory_free(files->skipped);
    memory_free(files->failed);
    *files = (struct archive_files){0};
}
