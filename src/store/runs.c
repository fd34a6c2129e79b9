#include "store/runs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "store/run.h"
#include "store/sort.h"

enum { WRITE_BUFFER = 1024 * 1024 };

/* Memory is taken in blocks that are small beside the limit: what a run may hold is what it does
 * hold, nearly. Large blocks are whole huge pages. */
enum { BLOCK_LEAST = 64 * 1024, BLOCK_MOST = 4 * 1024 * 1024, BLOCKS = 16 };

/* With less, runs would be too many to merge. */
enum { LIMIT_LEAST = 1024 * 1024 };

struct block {
    struct block *next;
    size_t used;
    size_t size; /* of the data */
    char data[];
};

struct store_runs {
    const char *directory;
    size_t limit;
    size_t used;
    struct block *blocks; /* newest first */
    struct run_entry *entries;
    size_t count;
    size_t room;
    struct run *runs;
    size_t run_count;
    bool finished;
};

static inline bool entry_less(const struct run_entry *a, const struct run_entry *b)
{
    return run_heads_go_on(&a->head, &b->head)
               ? base_slice_compare(run_entry_key(a->at), run_entry_key(b->at)) < 0
               : run_head_less(&a->head, &b->head);
}

STORE_SORT_DEFINE(sort_entries, struct run_entry, entry_less)

struct store_runs *store_runs_new(const char *directory, size_t limit)
{
    struct store_runs *runs = calloc(1, sizeof *runs);
    if (runs != NULL) {
        runs->directory = directory;
        runs->limit = limit < LIMIT_LEAST ? LIMIT_LEAST : limit;
    }
    return runs;
}

static void blocks_free(struct store_runs *runs)
{
    while (runs->blocks != NULL) {
        struct block *next = runs->blocks->next;
        munmap(runs->blocks, sizeof *next + runs->blocks->size);
        runs->blocks = next;
    }
    free(runs->entries);
    runs->entries = NULL;
    runs->room = 0;
    runs->used = 0;
    runs->count = 0;
}

void store_runs_free(struct store_runs *runs)
{
    if (runs == NULL) {
        return;
    }
    for (size_t i = 0; i < runs->run_count; i++) {
        if (runs->runs[i].map != NULL) {
            munmap(runs->runs[i].map, runs->runs[i].size);
        }
        free(runs->runs[i].index);
    }
    blocks_free(runs);
    free(runs->runs);
    free(runs);
}

static struct run *add_run(struct store_runs *runs, struct base_error *error)
{
    struct run *grown = realloc(runs->runs, (runs->run_count + 1) * sizeof *grown);
    if (grown == NULL) {
        base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for sorted runs");
        return NULL;
    }
    runs->runs = grown;
    grown[runs->run_count] = (struct run){0};
    return &grown[runs->run_count];
}

static bool write_all(int file, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(file, data, size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        data += written;
        size -= (size_t)written;
    }
    return true;
}

static bool write_entries(int file, const struct store_runs *runs, char *buffer, uint64_t *index,
                          size_t *total)
{
    size_t filled = 0;
    for (size_t i = 0; i < runs->count; i++) {
        const char *at = runs->entries[i].at;
        size_t size = run_entry_size(at);
        if (i % RUN_INDEX_EVERY == 0) {
            index[i / RUN_INDEX_EVERY] = *total;
        }
        *total += size;
        if (size > WRITE_BUFFER - filled) {
            if (!write_all(file, buffer, filled)) {
                return false;
            }
            filled = 0;
        }
        if (size > WRITE_BUFFER) {
            if (!write_all(file, at, size)) {
                return false;
            }
        } else {
            memcpy(buffer + filled, at, size);
            filled += size;
        }
    }
    return write_all(file, buffer, filled);
}

static enum base_code spill(struct store_runs *runs, struct base_error *error)
{
    sort_entries(runs->entries, runs->count);
    struct run *run = add_run(runs, error);
    if (run == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    enum base_code code = BASE_RESOURCE_EXHAUSTED;
    int file = open(runs->directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0) {
        return base_fail(error, code, "cannot make a work file in %s: %s", runs->directory,
                         strerror(errno));
    }
    char *buffer = malloc(WRITE_BUFFER);
    uint64_t *index = calloc(run_index_count(runs->count), sizeof *index);
    size_t total = 0;
    if (buffer == NULL || index == NULL || !write_entries(file, runs, buffer, index, &total)) {
        base_fail(error, code, "cannot write a sorted run to %s: %s", runs->directory,
                  strerror(errno));
        goto done;
    }
    run->map = mmap(NULL, total, PROT_READ, MAP_SHARED, file, 0);
    if (run->map == MAP_FAILED) {
        run->map = NULL;
        base_fail(error, code, "cannot map a sorted run of %zu bytes: %s", total, strerror(errno));
        goto done;
    }
    run->index = index;
    index = NULL;
    run->size = total;
    run->count = runs->count;
    runs->run_count++;
    blocks_free(runs);
    code = BASE_OK;
done:
    free(index);
    free(buffer);
    close(file);
    return code;
}

static char *block_room(struct store_runs *runs, size_t size)
{
    struct block *block = runs->blocks;
    if (block == NULL || block->size - block->used < size) {
        size_t usual = runs->limit / BLOCKS;
        usual = usual < BLOCK_LEAST ? BLOCK_LEAST : usual > BLOCK_MOST ? BLOCK_MOST : usual;
        size_t wanted = sizeof *block + size > usual ? sizeof *block + size : usual;
        block = mmap(NULL, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (block == MAP_FAILED) {
            return NULL;
        }
        if (wanted >= BLOCK_MOST) {
            madvise(block, wanted, MADV_HUGEPAGE);
        }
        *block = (struct block){.next = runs->blocks, .size = wanted - sizeof *block};
        runs->blocks = block;
        runs->used += wanted;
    }
    char *at = block->data + block->used;
    block->used += size;
    return at;
}

enum base_code store_runs_add(struct store_runs *runs, struct base_slice key,
                              struct base_slice value, struct base_error *error)
{
    BASE_ASSERT(!runs->finished);
    size_t size = RUN_ENTRY_HEADER + key.size + value.size;
    if (runs->count > 0 && runs->used + size > runs->limit) {
        enum base_code code = spill(runs, error);
        if (code != BASE_OK) {
            return code;
        }
    }
    if (runs->count == runs->room) {
        size_t room = runs->room == 0 ? 4096 : runs->room * 2;
        struct run_entry *entries = realloc(runs->entries, room * sizeof *entries);
        if (entries == NULL) {
            return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for %zu keys", room);
        }
        /* The index counts too. */
        runs->used += (room - runs->room) * sizeof *entries;
        runs->entries = entries;
        runs->room = room;
    }
    char *at = block_room(runs, size);
    if (at == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for %zu bytes", size);
    }
    base_put_le32(at, (uint32_t)key.size);
    base_put_le32(at + 4, (uint32_t)value.size);
    memcpy(at + RUN_ENTRY_HEADER, key.data, key.size);
    if (value.size > 0) {
        memcpy(at + RUN_ENTRY_HEADER + key.size, value.data, value.size);
    }
    runs->entries[runs->count++] = (struct run_entry){run_head_of(key), at};
    return BASE_OK;
}

enum base_code store_runs_finish(struct store_runs *runs, struct base_error *error)
{
    BASE_ASSERT(!runs->finished);
    sort_entries(runs->entries, runs->count);
    if (runs->count > 0) {
        struct run *run = add_run(runs, error);
        if (run == NULL) {
            return BASE_RESOURCE_EXHAUSTED;
        }
        run->entries = runs->entries;
        run->count = runs->count;
        runs->run_count++;
    }
    runs->finished = true;
    return BASE_OK;
}

const struct run *store_runs_list(const struct store_runs *runs, size_t *count)
{
    BASE_ASSERT(runs->finished);
    *count = runs->run_count;
    return runs->runs;
}
