/* zstd, whole blocks and streams: abstracts in the store, .zst files. */
#ifndef BASE_COMPRESS_H
#define BASE_COMPRESS_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/status.h"

/* Contexts are costly to make: one a thread, reused. */
struct base_compressor;
struct base_decompressor;

/* What many short texts have in common: with it each of them takes less. Any number of threads may
 * use one at the same time. */
struct base_dictionary;

/* Makes one of at most `most` bytes from samples that lie one behind the other. The same samples
 * give the same bytes. FAILED_PRECONDITION: they are too few, or have nothing in common. */
enum base_code base_dictionary_train(const char *samples, const size_t *sizes, size_t count,
                                     size_t most, struct base_buffer *to, struct base_error *error);

/* From the bytes that training gave, copied. NULL when memory is out or they are something else. */
struct base_dictionary *base_dictionary_new(struct base_slice bytes);
void base_dictionary_free(struct base_dictionary *dictionary);
struct base_slice base_dictionary_bytes(const struct base_dictionary *dictionary);

struct base_compressor *base_compressor_new(int level);
void base_compressor_free(struct base_compressor *compressor);

/* From now on with the dictionary, which may be let go of. False when memory is out. */
bool base_compressor_use(struct base_compressor *compressor,
                         const struct base_dictionary *dictionary);

/* Appends one frame that knows its content size, and its dictionary. */
enum base_code base_compress(struct base_compressor *compressor, struct base_slice from,
                             struct base_buffer *to, struct base_error *error);

struct base_decompressor *base_decompressor_new(void);
void base_decompressor_free(struct base_decompressor *decompressor);

/* Frames that were made with the dictionary can be read; borrowed, NULL: none. */
void base_decompressor_use(struct base_decompressor *decompressor,
                           const struct base_dictionary *dictionary);

/* One frame of at most limit bytes of content, into the arena. DATA_LOSS when it is not such a
 * frame, or was made with another dictionary. */
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
