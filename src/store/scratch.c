#include "store/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Arrays of several huge pages ask for them. */
enum { CAPACITY_MIN = 64 * 1024, HUGE_LEAST = 4 * 1024 * 1024 };

void store_array_init(struct store_array *array, struct store_scratch *scratch)
{
    *array = (struct store_array){.scratch = scratch, .file = -1};
}

void store_array_fini(struct store_array *array)
{
    if (array->data != NULL) {
        munmap(array->data, array->capacity);
    }
    if (array->file >= 0) {
        close(array->file);
    } else if (array->scratch != NULL) {
        array->scratch->in_memory -= array->capacity;
    }
    store_array_init(array, array->scratch);
}

static enum base_code no_room(const struct store_array *array, size_t size,
                              struct base_error *error)
{
    return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                     "no room for %zu bytes of work memory in %s: %s", size,
                     array->scratch->directory, strerror(errno));
}

static enum base_code move_to_file(struct store_array *array, size_t capacity,
                                   struct base_error *error)
{
    int file = open(array->scratch->directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0) {
        return no_room(array, capacity, error);
    }
    /* Blocks are claimed before they are mapped: a full disk is an error here and a dead process
     * there. */
    errno = posix_fallocate(file, 0, (off_t)capacity);
    if (errno != 0) {
        no_room(array, capacity, error);
        goto close_file;
    }
    void *data = mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (data == MAP_FAILED) {
        no_room(array, capacity, error);
        goto close_file;
    }
    /* Written, not stored through the map: a full disk is an error here and a dead process there.
     */
    for (size_t at = 0; at < array->size;) {
        ssize_t written = pwrite(file, (char *)array->data + at, array->size - at, (off_t)at);
        if (written <= 0) {
            no_room(array, capacity, error);
            goto unmap;
        }
        at += (size_t)written;
    }
    if (array->data != NULL) {
        munmap(array->data, array->capacity);
    }
    array->scratch->in_memory -= array->capacity;
    array->data = data;
    array->capacity = capacity;
    array->file = file;
    return BASE_OK;

unmap:
    munmap(data, capacity);
close_file:
    close(file);
    return BASE_RESOURCE_EXHAUSTED;
}

/* As mremap does; the thread sanitizer does not see that, and takes what comes to lie there next
 * for what was there. */
static void *move_map(const struct store_array *array, size_t capacity)
{
#ifdef __SANITIZE_THREAD__
    int kind = array->file < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
    void *moved = mmap(NULL, capacity, PROT_READ | PROT_WRITE, kind, array->file, 0);
    if (moved != MAP_FAILED) {
        if (array->file < 0) {
            memcpy(moved, array->data, array->capacity);
        }
        munmap(array->data, array->capacity);
    }
    return moved;
#else
    return mremap(array->data, array->capacity, capacity, MREMAP_MAYMOVE);
#endif
}

static enum base_code grow_file(struct store_array *array, size_t capacity,
                                struct base_error *error)
{
    int failed =
        posix_fallocate(array->file, (off_t)array->capacity, (off_t)(capacity - array->capacity));
    if (failed != 0) {
        errno = failed;
        return no_room(array, capacity, error);
    }
    void *data = move_map(array, capacity);
    if (data == MAP_FAILED) {
        return no_room(array, capacity, error);
    }
    array->data = data;
    array->capacity = capacity;
    return BASE_OK;
}

static enum base_code grow_memory(struct store_array *array, size_t capacity,
                                  struct base_error *error)
{
    void *data = array->data == NULL ? mmap(NULL, capacity, PROT_READ | PROT_WRITE,
                                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                                     : move_map(array, capacity);
    if (data == MAP_FAILED) {
        return no_room(array, capacity, error);
    }
    if (capacity >= HUGE_LEAST) {
        madvise(data, capacity, MADV_HUGEPAGE);
    }
    array->scratch->in_memory += capacity - array->capacity;
    array->data = data;
    array->capacity = capacity;
    return BASE_OK;
}

static enum base_code reserve(struct store_array *array, size_t size, struct base_error *error)
{
    if (size <= array->capacity) {
        return BASE_OK;
    }
    if (size > SIZE_MAX / 4) {
        errno = ENOMEM;
        return no_room(array, size, error);
    }
    size_t capacity = array->capacity < CAPACITY_MIN ? CAPACITY_MIN : array->capacity;
    while (capacity < size) {
        capacity += capacity / 2;
    }
    capacity = (capacity + CAPACITY_MIN - 1) / CAPACITY_MIN * CAPACITY_MIN;
    if (array->file >= 0) {
        return grow_file(array, capacity, error);
    }
    size_t more = capacity - array->capacity;
    if (more > array->scratch->limit || array->scratch->in_memory > array->scratch->limit - more) {
        enum base_code code = move_to_file(array, array->capacity + CAPACITY_MIN, error);
        return code != BASE_OK ? code : grow_file(array, capacity + CAPACITY_MIN, error);
    }
    return grow_memory(array, capacity, error);
}

enum base_code store_array_resize(struct store_array *array, size_t size, struct base_error *error)
{
    enum base_code code = reserve(array, size, error);
    if (code == BASE_OK) {
        array->size = size;
    }
    return code;
}

void *store_array_extend(struct store_array *array, size_t more, struct base_error *error)
{
    size_t size;
    if (__builtin_add_overflow(array->size, more, &size) ||
        store_array_resize(array, size, error) != BASE_OK) {
        return NULL;
    }
    return (char *)array->data + size - more;
}

void store_array_fill(struct store_array *array, uint8_t byte)
{
    if (array->size > 0) {
        memset(array->data, byte, array->size);
    }
}

enum base_code store_array_append(struct store_array *to, struct store_array *from,
                                  struct base_error *error)
{
    char *room = store_array_extend(to, from->size, error);
    if (room == NULL && from->size > 0) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    if (from->size > 0) {
        memcpy(room, from->data, from->size);
    }
    store_array_fini(from);
    return BASE_OK;
}
