#include "base/compress.h"

#include <stdlib.h>
#include <zstd.h>

struct base_compressor {
    ZSTD_CCtx *context;
};

struct base_decompressor {
    ZSTD_DCtx *context;
};

struct base_compressor *base_compressor_new(int level)
{
    struct base_compressor *compressor = calloc(1, sizeof *compressor);
    if (compressor == NULL) {
        return NULL;
    }
    compressor->context = ZSTD_createCCtx();
    if (compressor->context == NULL) {
        base_compressor_free(compressor);
        return NULL;
    }
    ZSTD_CCtx_setParameter(compressor->context, ZSTD_c_compressionLevel, level);
    return compressor;
}

void base_compressor_free(struct base_compressor *compressor)
{
    if (compressor != NULL) {
        ZSTD_freeCCtx(compressor->context);
        free(compressor);
    }
}

enum base_code base_compress(struct base_compressor *compressor, struct base_slice from,
                             struct base_buffer *to, struct base_error *error)
{
    size_t bound = ZSTD_compressBound(from.size);
    char *room = base_buffer_reserve(to, bound);
    if (room == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory compressing %zu bytes",
                         from.size);
    }
    size_t written = ZSTD_compress2(compressor->context, room, bound, from.data, from.size);
    if (ZSTD_isError(written)) {
        return base_fail(error, BASE_INTERNAL, "zstd: %s", ZSTD_getErrorName(written));
    }
    to->size += written;
    return BASE_OK;
}

struct base_decompressor *base_decompressor_new(void)
{
    struct base_decompressor *decompressor = calloc(1, sizeof *decompressor);
    if (decompressor == NULL) {
        return NULL;
    }
    decompressor->context = ZSTD_createDCtx();
    if (decompressor->context == NULL) {
        base_decompressor_free(decompressor);
        return NULL;
    }
    return decompressor;
}

void base_decompressor_free(struct base_decompressor *decompressor)
{
    if (decompressor != NULL) {
        ZSTD_freeDCtx(decompressor->context);
        free(decompressor);
    }
}

enum base_code base_decompress(struct base_decompressor *decompressor, struct base_slice from,
                               size_t limit, struct base_arena *arena, struct base_slice *to,
                               struct base_error *error)
{
    unsigned long long size = ZSTD_getFrameContentSize(from.data, from.size);
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > limit) {
        return base_fail(error, BASE_DATA_LOSS, "not a zstd frame of at most %zu bytes", limit);
    }
    char *data = base_arena_alloc(arena, (size_t)size + 1);
    if (data == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for %llu bytes", size);
    }
    size_t written =
        ZSTD_decompressDCtx(decompressor->context, data, (size_t)size, from.data, from.size);
    if (ZSTD_isError(written) || written != size) {
        return base_fail(error, BASE_DATA_LOSS, "zstd: %s",
                         ZSTD_isError(written) ? ZSTD_getErrorName(written) : "content is short");
    }
    data[written] = '\0';
    *to = base_slice(data, written);
    return BASE_OK;
}

enum base_code base_decompress_some(struct base_decompressor *decompressor, struct base_slice *from,
                                    char *to, size_t room, size_t *written, bool *frame_done,
                                    struct base_error *error)
{
    ZSTD_inBuffer in = {from->data, from->size, 0};
    ZSTD_outBuffer out = {to, room, 0};
    size_t left = ZSTD_decompressStream(decompressor->context, &out, &in);
    if (ZSTD_isError(left)) {
        /* The next file starts afresh. */
        ZSTD_DCtx_reset(decompressor->context, ZSTD_reset_session_only);
        return base_fail(error, BASE_DATA_LOSS, "zstd: %s", ZSTD_getErrorName(left));
    }
    from->data += in.pos;
    from->size -= in.pos;
    *written = out.pos;
    *frame_done = left == 0;
    return BASE_OK;
}
