#include "server/import_chunks.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "server/job.h"

enum {
    /* A chunk is cut where it would have more records than this, or more bytes than its door takes
     * at once. */
    CHUNK_RECORDS = 500,
    FAILED_TOLD = 20,
};

/* A hash over all records, one by one. */
static enum base_code hash_records(const struct store_record *records, size_t count,
                                   struct base_hash128 *hash, struct base_error *error)
{
    struct base_buffer buffer = BASE_BUFFER_EMPTY;
    struct base_hash128 state = {0, 0};
    for (size_t i = 0; i < count && !buffer.failed; i++) {
        base_buffer_clear(&buffer);
        base_buffer_append(&buffer, &state, sizeof state);
        base_buffer_append_slice(&buffer, records[i].key);
        base_buffer_append_slice(&buffer, records[i].bytes);
        state = base_hash128(base_buffer_slice(&buffer));
    }
    bool failed = buffer.failed;
    base_buffer_fini(&buffer);
    if (failed) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    *hash = state;
    return BASE_OK;
}

/* DIR/import-HASH holds the id from the first chunk to the last. An import of the same records
 * after that is another one, and has an effect again. */
static void id_path(const char *directory, const struct base_hash128 *hash, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/import-%016" PRIx64 "%016" PRIx64, directory, hash->high,
             hash->low);
}

static bool is_id(const char *text)
{
    return strlen(text) == IMPORT_ID && strspn(text, "0123456789abcdef") == IMPORT_ID;
}

static enum base_code keep_id(const char *path, const char *id, struct base_error *error)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || write(file, id, IMPORT_ID) != IMPORT_ID || fsync(file) != 0) {
        enum base_code code =
            base_fail(error, BASE_RESOURCE_EXHAUSTED, "cannot write %s: %s", path, strerror(errno));
        if (file >= 0) {
            close(file);
            unlink(path);
        }
        return code;
    }
    close(file);
    return BASE_OK;
}

static enum base_code find_id(const char *path, char id[IMPORT_ID + 1], struct base_error *error)
{
    uint8_t random[IMPORT_ID / 2];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        ssize_t size = read(file, id, IMPORT_ID);
        close(file);
        id[size > 0 ? size : 0] = '\0';
        if (is_id(id)) {
            return BASE_OK;
        }
    }
    if (getrandom(random, sizeof random, 0) != sizeof random) {
        return base_fail(error, BASE_INTERNAL, "the system gives no random bytes");
    }
    for (size_t i = 0; i < sizeof random; i++) {
        snprintf(id + 2 * i, 3, "%02x", random[i]);
    }
    return keep_id(path, id, error);
}

static size_t cut(const struct store_record *records, size_t count, size_t bytes_most)
{
    size_t taken = 0;
    size_t bytes = 0;
    while (taken < count && taken < CHUNK_RECORDS &&
           (taken == 0 || bytes + records[taken].bytes.size <= bytes_most)) {
        bytes += records[taken].bytes.size;
        taken++;
    }
    return taken;
}

static enum base_code submit_all(const struct store_record *records, size_t count,
                                 struct import_door *door, struct base_error *error)
{
    enum base_code code = BASE_OK;
    uint32_t number = 0;
    for (size_t from = 0; code == BASE_OK && from < count; number++) {
        struct import_chunk chunk = {number, records + from,
                                     cut(records + from, count - from, door->chunk_bytes)};
        if (server_stop_requested) {
            code = base_fail(error, BASE_CANCELLED, "stopped by a signal");
        } else {
            code = door->way->submit(door, &chunk, error);
        }
        from += chunk.count;
        server_progress_applied(door->progress, from, count, base_clock_monotonic_ns());
    }
    if (code == BASE_OK) {
        code = door->way->finish(door, error);
    }
    server_progress_clear(door->progress);
    door->counts.chunks = number;
    return code;
}

enum base_code import_apply(const char *directory, const struct store_record *records, size_t count,
                            struct import_door *door, struct base_error *error)
{
    struct base_hash128 hash = {0, 0};
    char path[PATH_MAX];
    enum base_code code = hash_records(records, count, &hash, error);
    if (code != BASE_OK) {
        return code;
    }
    id_path(directory, &hash, path);
    code = find_id(path, door->id, error);
    if (code == BASE_OK) {
        code = submit_all(records, count, door, error);
    }
    if (code == BASE_OK) {
        unlink(path);
        return BASE_OK;
    }
    base_error_prefix(error,
                      "%" PRIu64 " of %zu records are applied; run the same import again to "
                      "go on",
                      door->counts.stored + door->counts.unchanged + door->counts.older +
                          door->counts.suppressed,
                      count);
    return code;
}

void import_tell_failed(struct import_door *door, const struct store_record *record,
                        struct base_slice why)
{
    struct base_arena arena;
    struct model_record decoded;
    char id[MODEL_ID_TEXT] = "a record";
    if (door->counts.failed++ >= FAILED_TOLD) {
        return;
    }
    base_arena_init(&arena, 0);
    if (model_record_decode(record->bytes, &arena, &decoded, NULL) == BASE_OK) {
        model_id_text(&decoded.id, id);
    }
    server_progress_clear(door->progress);
    fprintf(stderr, "hirschd: %s: %.*s\n", id, BASE_PRINT(why));
    base_arena_fini(&arena);
}

void import_door_close(struct import_door *door)
{
    if (door != NULL) {
        door->way->close(door);
    }
}
