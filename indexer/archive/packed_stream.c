/* packed_stream.c - see packed_stream.h: packed bytes are read block by block and given to the library that knows them. */
#include "indexer/archive/packed_stream.h"

#include "indexer/archive/codec.h"
#include "indexer/base/memory.h"

#define READ_BYTES ((size_t)1 << 16)
#define SMALL_FILE ((uint64_t)1 << 20) /* of one that unpacks to less, what of the window it touches counts */

static const struct codec *const codecs[] = {&zstd_codec, &xz_codec};

struct packed_stream {
    struct stream under;
    const struct codec *codec;
    void *state;
    struct unpack_window window;
    uint64_t unpacked;
    bool is_done;
    revue_error failure; /* kept: reading on fails again */
    struct codec_bytes bytes;
    uint8_t buffer[READ_BYTES];
};

static const struct codec *find_codec(struct view head) {
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++)
        if (codecs[i]->detect(head)) return codecs[i];
    return NULL;
}

bool packed_detect(struct view head) {
    return find_codec(head) != NULL;
}

/* ---- opening and closing ---- */

revue_status packed_stream_open(struct packed_stream **opened, struct stream under, struct view head, size_t window_bytes,
                                revue_error *error) {
    struct packed_stream *packed = memory_alloc(sizeof *packed);
    if (!packed) return error_no_memory(error);
    memset(packed, 0, offsetof(struct packed_stream, buffer));
    packed->under = under;
    packed->window.most_bytes = window_bytes;
    packed->codec = find_codec(head);
    packed->state = packed->codec->create(&packed->window);
    if (!packed->state) {
        memory_free(packed);
        return error_no_memory(error);
    }
    *opened = packed;
    return REVUE_OK;
}

void packed_stream_close(struct packed_stream *packed) {
    if (!packed) return;
    packed->codec->free(packed->state);
    memory_free(packed);
}

size_t packed_stream_held(const struct packed_stream *packed) {
    uint64_t touched = packed->unpacked + READ_BYTES;
    return packed->unpacked < SMALL_FILE && packed->window.held > touched ? (size_t)touched : packed->window.held;
}

/* ---- reading ---- */

static revue_status fill(struct packed_stream *packed, revue_error *error) {
    size_t got = 0;
    if (packed->bytes.packed_size > 0 || packed->bytes.is_last) return REVUE_OK;
    TRY(packed->under.read(packed->under.context, packed->buffer, READ_BYTES, &got, error));
    packed->bytes.packed = packed->buffer;
    packed->bytes.packed_size = got;
    packed->bytes.is_last = got == 0;
    return REVUE_OK;
}

/* Until something is unpacked. What was unpacked before a failure is given out, the failure with the next call. */
static void unpack(struct packed_stream *packed, size_t size) {
    revue_status status = REVUE_OK;
    while (packed->bytes.room_size == size && !packed->is_done && status == REVUE_OK) {
        status = fill(packed, &packed->failure);
        if (status == REVUE_OK)
            status = packed->codec->step(packed->state, &packed->bytes, &packed->is_done, &packed->failure);
    }
    packed->failure.status = status;
}

static revue_status read_unpacked(void *context, void *buffer, size_t size, size_t *got, revue_error *error) {
    struct packed_stream *packed = context;
    const size_t step = unpack_window_step(&packed->window);
    if (size > step) size = step;
    packed->bytes.room = buffer;
    packed->bytes.room_size = size;
    if (packed->failure.status == REVUE_OK) unpack(packed, size);
    if (packed->failure.status != REVUE_OK && packed->bytes.room_size == size) {
        if (error) *error = packed->failure;
        return packed->failure.status;
    }
    *got = size - packed->bytes.room_size;
    packed->unpacked += *got;
    unpack_window_note(&packed->window, *got);
    return REVUE_OK;
}

struct stream packed_stream_of(struct packed_stream *packed) {
    return (struct stream){read_unpacked, NULL, packed};
}
