/* compress.c - see compress.h. */
#include "query/serve/compress.h"

#include "indexer/base/memory.h"
#include "indexer/base/number.h"

#include <pthread.h>
#include <strings.h>
#define ZLIB_CONST /* what is read is not written to */
#include <zlib.h>

#define LEVEL 1
#define GZIP_WINDOW (15 + 16) /* of zlib: the largest window, in the gzip format */
#define MEMORY_LEVEL 8

struct compressors {
    pthread_mutex_t mutex;
    z_stream **idle;
    size_t count, capacity;
};

struct compressors *compressors_create(size_t threads) {
    struct compressors *compressors = memory_alloc_zeroed(1, sizeof *compressors);
    if (!compressors) return NULL;
    (void)pthread_mutex_init(&compressors->mutex, NULL);
    compressors->capacity = threads;
    compressors->idle = memory_alloc_array(threads, sizeof(z_stream *));
    if (compressors->idle) return compressors;
    compressors_free(compressors);
    return NULL;
}

static void end_stream(z_stream *stream) {
    if (!stream) return;
    (void)deflateEnd(stream);
    memory_free(stream);
}

void compressors_free(struct compressors *compressors) {
    if (!compressors) return;
    while (compressors->count > 0)
        end_stream(compressors->idle[--compressors->count]);
    memory_free(compressors->idle);
    (void)pthread_mutex_destroy(&compressors->mutex);
    memory_free(compressors);
}

static voidpf allocate(voidpf unused, uInt count, uInt size) {
    (void)unused;
    return memory_alloc_array(count, size);
}

static void release(voidpf unused, voidpf block) {
    (void)unused;
    memory_free(block);
}

static z_stream *start_stream(void) {
    z_stream *stream = memory_alloc_zeroed(1, sizeof *stream);
    if (!stream) return NULL;
    stream->zalloc = allocate;
    stream->zfree = release;
    if (deflateInit2(stream, LEVEL, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) == Z_OK) return stream;
    memory_free(stream);
    return NULL;
}

static z_stream *take(struct compressors *compressors) {
    (void)pthread_mutex_lock(&compressors->mutex);
    z_stream *stream = compressors->count > 0 ? compressors->idle[--compressors->count] : NULL;
    (void)pthread_mutex_unlock(&compressors->mutex);
    return stream ? stream : start_stream();
}

static void give_back(struct compressors *compressors, z_stream *stream) {
    const bool is_reusable = deflateReset(stream) == Z_OK;
    (void)pthread_mutex_lock(&compressors->mutex);
    if (is_reusable && compressors->count < compressors->capacity) {
        compressors->idle[compressors->count++] = stream;
        stream = NULL;
    }
    (void)pthread_mutex_unlock(&compressors->mutex);
    end_stream(stream);
}

/* Into a room that is smaller than the body: what does not fit was not worth it. */
static bool deflate_into(z_stream *stream, struct view body, struct bytes *out) {
    uint8_t *room = bytes_extend(out, body.size - 1);
    if (!room || body.size > UINT32_MAX) return false;
    stream->next_in = (const Bytef *)body.data;
    stream->avail_in = (uInt)body.size;
    stream->next_out = room;
    stream->avail_out = (uInt)out->size;
    if (deflate(stream, Z_FINISH) != Z_STREAM_END) return false;
    out->size -= stream->avail_out;
    return true;
}

bool compress_body(struct compressors *compressors, struct bytes *body) {
    struct bytes out = {0};
    if (body->size < COMPRESS_LEAST) return false;
    z_stream *stream = take(compressors);
    if (!stream) return false;
    const bool is_smaller = deflate_into(stream, bytes_view(body), &out);
    give_back(compressors, stream);
    if (is_smaller) {
        struct bytes old = *body;
        *body = out;
        out = old;
    }
    bytes_free(&out);
    return is_smaller;
}

/* ---- Accept-Encoding ---- */

static struct view next_item(const char **list) {
    *list += strspn(*list, ", \t");
    struct view item = view_of(*list, strcspn(*list, ","));
    *list += item.size;
    return item;
}

/* The weight behind ";q=", 1 without one; what cannot be read is no. */
static double weight_of(struct view item) {
    const char *semicolon = memchr(item.data, ';', item.size);
    double weight = 1;
    if (!semicolon) return 1;
    struct view rest = view_of(semicolon + 1, item.size - (size_t)(semicolon + 1 - item.data));
    while (rest.size > 0 && (*rest.data == ' ' || *rest.data == '\t'))
        rest = view_of(rest.data + 1, rest.size - 1);
    if (rest.size < 3 || strncasecmp(rest.data, "q=", 2) != 0) return 0;
    return number_take(view_of(rest.data + 2, rest.size - 2), NUMBER_PLAIN, &weight, &rest) ? weight : 0;
}

static bool has_name(struct view item, const char *name) {
    const size_t size = strlen(name);
    return item.size >= size && strncasecmp(item.data, name, size) == 0 &&
           (item.size == size || strchr("; \t", item.data[size]));
}

bool compress_is_accepted(const char *accept_encoding) {
    double gzip = -1, any = 0;
    if (!accept_encoding) return false;
    for (struct view item = next_item(&accept_encoding); item.size > 0; item = next_item(&accept_encoding)) {
        if (has_name(item, "gzip") || has_name(item, "x-gzip")) gzip = weight_of(item);
        if (has_name(item, "*")) any = weight_of(item);
    }
    return gzip >= 0 ? gzip > 0 : any > 0;
}
