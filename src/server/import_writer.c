/* Chunks of an import through a writer in this process. */
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "server/import_chunks.h"
#include "server/packer.h"
#include "store/write.h"

/* Each chunk is a transaction here. */
enum { CHUNK_BYTES = 256 * 1024 };

struct writer {
    struct import_door door;
    struct store *store;
    struct store_writes *writes;
    struct base_arena arena;
    pthread_mutex_t mutex;
    pthread_cond_t answered;
    bool waiting;
    enum base_code code;
    struct base_error error;
    uint64_t sequence;
};

static void pack(const struct store_write *write, const struct store_write_result *result,
                 struct base_buffer *answer)
{
    (void)write;
    char sequence[8];
    base_put_le64(sequence, result->sequence);
    base_buffer_append(answer, sequence, sizeof sequence);
}

static void done(struct store_write *write, enum base_code code, const struct base_error *error,
                 struct base_slice answer)
{
    struct writer *writer = write->context;
    pthread_mutex_lock(&writer->mutex);
    writer->waiting = false;
    writer->code = code;
    if (code != BASE_OK) {
        writer->error = *error;
    } else if (answer.size == 8) {
        writer->sequence = base_get_le64(answer.data);
    }
    pthread_cond_signal(&writer->answered);
    pthread_mutex_unlock(&writer->mutex);
}

static void count_items(struct writer *writer, const struct import_chunk *chunk,
                        const struct store_write_item *items)
{
    struct import_counts *counts = &writer->door.counts;
    counts->sequence = writer->sequence;
    for (size_t i = 0; i < chunk->count; i++) {
        switch (items[i].outcome) {
        case STORE_OUTCOME_STORED:
            counts->stored++;
            break;
        case STORE_OUTCOME_UNCHANGED:
            counts->unchanged++;
            break;
        case STORE_OUTCOME_OLDER:
            counts->older++;
            break;
        case STORE_OUTCOME_SUPPRESSED:
            counts->suppressed++;
            break;
        default:
            import_tell_failed(&writer->door, &chunk->records[i],
                               base_slice_text(items[i].text == NULL ? "refused" : items[i].text));
            break;
        }
    }
}

static void take_id(const char *id, uint8_t run[16])
{
    for (size_t i = 0; i < 16; i++) {
        char digits[3] = {id[2 * i], id[2 * i + 1], '\0'};
        run[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
}

static enum base_code wait_for(struct writer *writer, struct store_write *write,
                               struct base_error *error)
{
    writer->waiting = true;
    enum base_code code = store_writes_submit(writer->writes, write, error);
    if (code != BASE_OK) {
        return code;
    }
    pthread_mutex_lock(&writer->mutex);
    while (writer->waiting) {
        pthread_cond_wait(&writer->answered, &writer->mutex);
    }
    pthread_mutex_unlock(&writer->mutex);
    if (writer->code != BASE_OK) {
        *error = writer->error;
    }
    return writer->code;
}

static enum base_code submit(struct import_door *door, const struct import_chunk *chunk,
                             struct base_error *error)
{
    struct writer *writer = (struct writer *)door;
    struct base_arena *arena = &writer->arena;
    base_arena_reset(arena);
    struct store_write_item *items = base_arena_array(arena, chunk->count, sizeof *items);
    struct model_record *records = base_arena_array(arena, chunk->count, sizeof *records);
    struct store_write write = {
        .arena = arena,
        .items = items,
        .count = chunk->count,
        .time = model_time_of_unix(base_clock_unix_us()),
        .is_chunk = true,
        .chunk = chunk->number,
        .pack = pack,
        .done = done,
        .context = writer,
    };
    if (items == NULL || records == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for a chunk");
    }
    take_id(door->id, write.run);
    for (size_t i = 0; i < chunk->count; i++) {
        enum base_code code =
            model_record_decode(chunk->records[i].bytes, arena, &records[i], error);
        if (code != BASE_OK) {
            return code;
        }
        items[i].record = &records[i];
        write.bytes += chunk->records[i].bytes.size;
    }
    enum base_code code = wait_for(writer, &write, error);
    if (code == BASE_OK) {
        count_items(writer, chunk, items);
    }
    return code;
}

static enum base_code finish(struct import_door *door, struct base_error *error)
{
    (void)door;
    (void)error;
    return BASE_OK;
}

static void close_writer(struct import_door *door)
{
    struct writer *writer = (struct writer *)door;
    store_writes_close(writer->writes);
    store_close(writer->store);
    base_arena_fini(&writer->arena);
    pthread_cond_destroy(&writer->answered);
    pthread_mutex_destroy(&writer->mutex);
    free(writer);
}

static const struct import_way way = {"writer", submit, finish, close_writer};

enum base_code import_writer_open(const char *directory, uint64_t map_size,
                                  struct import_door **door, struct base_error *error)
{
    const struct store_writes_options options = {
        .directory = directory, .packer = server_packer(), .now_ns = base_clock_monotonic_ns};
    struct writer *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    made->door.way = &way;
    made->door.chunk_bytes = CHUNK_BYTES;
    pthread_mutex_init(&made->mutex, NULL);
    pthread_cond_init(&made->answered, NULL);
    base_arena_init(&made->arena, 0);
    enum base_code code = store_open_writable(directory, map_size, &made->store, error);
    if (code == BASE_OK) {
        code = store_writes_open(made->store, &options, &made->writes, error);
    }
    if (code != BASE_OK) {
        close_writer(&made->door);
        return code;
    }
    *door = &made->door;
    return BASE_OK;
}
