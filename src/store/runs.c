#include "store/runs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "store/sort.h"

/* In a block of memory and in a file alike: key size, value size (4 bytes each), key, value. */
enum { ENTRY_HEADER = 8, WRITE_BUFFER = 1024 * 1024 };

/* Memory is taken in blocks that are small beside the limit: what a run may hold is what it does
 * hold, nearly. Large blocks are whole huge pages. */
enum { BLOCK_LEAST = 64 * 1024, BLOCK_MOST = 4 * 1024 * 1024, BLOCKS = 16 };

/* Keys lie in memory as they came; while one is compared the cache fetches those that follow. */
enum { AHEAD = 8 };

/* With less, runs would be too many to merge. */
enum { LIMIT_LEAST = 1024 * 1024 };

/* The first bytes of the key and its length as two numbers decide nearly every comparison without a
 * look at the key itself: 15 bytes, zeros behind a shorter key, then how many they are, or
 * LONG_KEY where the key goes on. */
enum { HEAD_BYTES = 15, LONG_KEY = 16 };

struct head {
    uint64_t high;
    uint64_t low;
};

struct entry {
    struct head head;
    const char *at;
};

struct block {
    struct block *next;
    size_t used;
    size_t size; /* of the data */
    char data[];
};

/* A finished run: entries in memory, or a mapped file. */
struct run {
    const struct entry *entries; /* NULL for a file */
    size_t count;
    char *map;
    size_t size;
};

struct store_runs {
    const char *directory;
    size_t limit;
    size_t used;
    struct block *blocks; /* newest first */
    struct entry *entries;
    size_t count;
    size_t room;
    struct run *runs;
    size_t run_count;
    bool finished;
};

static struct base_slice entry_key(const char *at)
{
    return base_slice(at + ENTRY_HEADER, base_get_le32(at));
}

static struct base_slice entry_value(const char *at)
{
    return base_slice(at + ENTRY_HEADER + base_get_le32(at), base_get_le32(at + 4));
}

static struct head head_of(struct base_slice key)
{
    uint8_t bytes[HEAD_BYTES + 1] = {0};
    bool is_long = key.size > HEAD_BYTES;
    memcpy(bytes, key.data, is_long ? HEAD_BYTES : key.size);
    bytes[HEAD_BYTES] = (uint8_t)(is_long ? LONG_KEY : key.size);
    return (struct head){base_get_be64(bytes), base_get_be64(bytes + 8)};
}

/* Equal heads say that the keys are equal, unless both go on. */
static inline bool goes_on(const struct head *a, const struct head *b)
{
    return a->high == b->high && a->low == b->low && (a->low & UINT8_MAX) == LONG_KEY;
}

static inline bool head_less(const struct head *a, const struct head *b)
{
    /* Without a jump: sorting cannot foretell how this ends. */
    return (a->high < b->high) | ((a->high == b->high) & (a->low < b->low));
}

static inline bool entry_less(const struct entry *a, const struct entry *b)
{
    return goes_on(&a->head, &b->head) ? base_slice_compare(entry_key(a->at), entry_key(b->at)) < 0
                                       : head_less(&a->head, &b->head);
}

STORE_SORT_DEFINE(sort_entries, struct entry, entry_less)

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

static bool write_entries(int file, const struct store_runs *runs, char *buffer, size_t *total)
{
    size_t filled = 0;
    for (size_t i = 0; i < runs->count; i++) {
        const char *at = runs->entries[i].at;
        size_t size = ENTRY_HEADER + (size_t)base_get_le32(at) + base_get_le32(at + 4);
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
    size_t total = 0;
    if (buffer == NULL || !write_entries(file, runs, buffer, &total)) {
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
    run->size = total;
    run->count = runs->count;
    runs->run_count++;
    blocks_free(runs);
    code = BASE_OK;
done:
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
    size_t size = ENTRY_HEADER + key.size + value.size;
    if (runs->count > 0 && runs->used + size > runs->limit) {
        enum base_code code = spill(runs, error);
        if (code != BASE_OK) {
            return code;
        }
    }
    if (runs->count == runs->room) {
        size_t room = runs->room == 0 ? 4096 : runs->room * 2;
        struct entry *entries = realloc(runs->entries, room * sizeof *entries);
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
    memcpy(at + ENTRY_HEADER, key.data, key.size);
    if (value.size > 0) {
        memcpy(at + ENTRY_HEADER + key.size, value.data, value.size);
    }
    runs->entries[runs->count++] = (struct entry){head_of(key), at};
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

/* One input of a merge and its present key. */
struct input {
    struct head head;
    struct base_slice key;
    struct base_slice value;
    const struct run *run;
    size_t index;  /* of the next entry in memory */
    size_t offset; /* of the next entry in a file */
    struct store_stream stream;
};

struct store_merge {
    struct input *inputs;
    struct input **heap; /* least key first */
    size_t count;
};

static bool input_next(struct input *input)
{
    if (input->run == NULL) {
        if (!input->stream.next(input->stream.context, &input->key, &input->value)) {
            return false;
        }
        input->head = head_of(input->key);
        return true;
    }
    if (input->index == input->run->count) {
        return false;
    }
    const char *at;
    if (input->run->entries != NULL) {
        const struct entry *entry = &input->run->entries[input->index];
        at = entry->at;
        input->head = entry->head;
        if (input->index + AHEAD < input->run->count) {
            __builtin_prefetch(entry[AHEAD].at);
        }
    } else {
        at = input->run->map + input->offset;
        input->head = head_of(entry_key(at));
        input->offset += ENTRY_HEADER + (size_t)base_get_le32(at) + base_get_le32(at + 4);
    }
    input->index++;
    input->key = entry_key(at);
    input->value = entry_value(at);
    return true;
}

static bool input_less(const struct input *a, const struct input *b)
{
    return goes_on(&a->head, &b->head) ? base_slice_compare(a->key, b->key) < 0
                                       : head_less(&a->head, &b->head);
}

static void sift_down(struct store_merge *merge, size_t root)
{
    struct input *held = merge->heap[root];
    for (size_t child; (child = 2 * root + 1) < merge->count; root = child) {
        if (child + 1 < merge->count && input_less(merge->heap[child + 1], merge->heap[child])) {
            child++;
        }
        if (!input_less(merge->heap[child], held)) {
            break;
        }
        merge->heap[root] = merge->heap[child];
    }
    merge->heap[root] = held;
}

enum base_code store_merge_new(struct store_runs *const *runs, size_t count,
                               const struct store_stream *streams, size_t stream_count,
                               struct store_merge **merge, struct base_error *error)
{
    size_t total = stream_count;
    for (size_t i = 0; i < count; i++) {
        BASE_ASSERT(runs[i]->finished);
        total += runs[i]->run_count;
    }
    struct store_merge *made = calloc(1, sizeof *made);
    if (made != NULL) {
        made->inputs = calloc(total + 1, sizeof *made->inputs);
        made->heap = calloc(total + 1, sizeof *made->heap);
    }
    if (made == NULL || made->inputs == NULL || made->heap == NULL) {
        store_merge_free(made);
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory merging %zu runs", total);
    }
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < runs[i]->run_count; k++) {
            made->inputs[used++].run = &runs[i]->runs[k];
        }
    }
    for (size_t i = 0; i < stream_count; i++) {
        made->inputs[used++].stream = streams[i];
    }
    for (size_t i = 0; i < used; i++) {
        if (input_next(&made->inputs[i])) {
            made->heap[made->count++] = &made->inputs[i];
        }
    }
    for (size_t i = made->count / 2; i-- > 0;) {
        sift_down(made, i);
    }
    *merge = made;
    return BASE_OK;
}

void store_merge_free(struct store_merge *merge)
{
    if (merge != NULL) {
        free(merge->inputs);
        free(merge->heap);
        free(merge);
    }
}

bool store_merge_next(struct store_merge *merge, struct base_slice *key, struct base_slice *value)
{
    if (merge->count == 0) {
        return false;
    }
    struct input *first = merge->heap[0];
    *key = first->key;
    *value = first->value;
    if (!input_next(first)) {
        merge->heap[0] = merge->heap[--merge->count];
    }
    if (merge->count > 1) {
        sift_down(merge, 0);
    }
    return true;
}
