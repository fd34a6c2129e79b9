/* zstd, whole blocks and streams: abstracts in the store, .zst files. */
#ifndef BASE_COMPRESS_H
#define BASE_COMPRESS_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/status.h"

/* Contexts are costly to make: one a thread, reused. */
struct base_compressor;
struct base_decompressor;

struct base_compressor *base_compressor_new(int level);
void base_compressor_free(struct base_compressor *compressor);

/* Appends one frame that knows its content size. */
enum base_code base_compress(struct base_compressor *compressor, struct base_slice from,
                             struct base_buffer *to, struct base_error *error);

struct base_decompressor *base_decompressor_new(void);
void base_decompressor_free(struct base_decompressor *decompressor);

/* One frame of at most limit bytes of content, into the arena. DATA_LOSS when it is not such a
 * frame. */
enum base_code base_decompress(struct base_decompressor *decompressor, struct base_slice from,
                               size_t limit, struct base_arena *arena, struct base_slice *to,
                               struct base_error *error);

/* Streaming: eats from *from and fills at most room bytes at to; *written tells how many.
 * *frame_done is true when a frame ended exactly here, so that a file that ends inside a frame is
 * seen. */
enum base_code base_decompress_some(struct base_decompressor *decompressor, struct base_slice *from,
                                    char *to, size_t room, size_t *written, bool *frame_done,
                                    struct base_error *error);

#endif
