#include "ingest/block.h"

#include <stdlib.h>

#include "json/json.h"

/* Big enough to make handing over cheap, small enough to stay in the second level cache between
 * being decompressed and being parsed. */
enum { BLOCK_SIZE = 256 * 1024 };

void ingest_block_free(struct ingest_block *block)
{
    if (block != NULL) {
        free(block->data);
        free(block);
    }
}

void ingest_block_recycle(struct base_queue *spare, struct ingest_block *block)
{
    if (block != NULL && (block->capacity > BLOCK_SIZE || !base_queue_try_push(spare, block))) {
        ingest_block_free(block);
    }
}

static struct ingest_block *new_block(void)
{
    struct ingest_block *block = calloc(1, sizeof *block);
    if (block == NULL) {
        return NULL;
    }
    block->data = calloc(1, BLOCK_SIZE + JSON_PADDING);
    block->capacity = BLOCK_SIZE;
    if (block->data == NULL) {
        ingest_block_free(block);
        return NULL;
    }
    return block;
}

static enum base_code take_block(struct ingest_cutter *cutter, struct ingest_block **block,
                                 struct base_error *error)
{
    void *item = NULL;
    *block = base_queue_try_pop(cutter->spare, &item) ? item : new_block();
    if (*block == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for a block of lines");
    }
    (*block)->file = cutter->file;
    (*block)->size = 0;
    (*block)->line = cutter->line;
    (*block)->mark = 0;
    (*block)->document = false;
    return BASE_OK;
}

enum base_code ingest_cutter_open(struct ingest_cutter *cutter, const struct ingest_file *file,
                                  const volatile int *stop, struct base_queue *spare,
                                  struct base_error *error)
{
    *cutter = (struct ingest_cutter){.file = file, .spare = spare, .line = 1};
    return ingest_source_open(file->path, stop, &cutter->source, error);
}

void ingest_cutter_close(struct ingest_cutter *cutter)
{
    ingest_source_close(cutter->source);
    ingest_block_free(cutter->next);
    cutter->source = NULL;
    cutter->next = NULL;
}

/* Fills the block up; the source's end or failure is remembered. */
static void fill(struct ingest_cutter *cutter, struct ingest_block *block)
{
    while (!cutter->ended && block->size < block->capacity) {
        size_t size = 0;
        cutter->failed = ingest_source_read(cutter->source, block->data + block->size,
                                            block->capacity - block->size, &size, &cutter->error);
        block->size += size;
        cutter->ended = cutter->failed != BASE_OK || size == 0;
    }
}

static bool grow(struct ingest_block *block)
{
    size_t most = (size_t)LIMIT_LINE + BLOCK_SIZE;
    size_t capacity = block->capacity > most / 2 ? most : block->capacity * 2;
    char *data = realloc(block->data, capacity + JSON_PADDING);
    if (data == NULL) {
        return false;
    }
    memset(data + block->capacity, 0, capacity + JSON_PADDING - block->capacity);
    block->data = data;
    block->capacity = capacity;
    return true;
}

/* A byte order mark is taken off the start of a file. A first line that is nothing but an opening
 * bracket says that what follows is one JSON text laid out for people. */
static void look_at_start(struct ingest_block *block)
{
    static const struct base_slice mark = {"\xef\xbb\xbf", 3};
    if (base_slice_starts(base_slice(block->data, block->size), mark)) {
        block->size -= mark.size;
        memmove(block->data, block->data + mark.size, block->size);
        block->mark = (unsigned)mark.size;
    }
    size_t at = 0;
    while (at < block->size && strchr(" \t\r\n", block->data[at]) != NULL) {
        at++;
    }
    char first = at < block->size ? block->data[at] : '\0';
    if (first != '{' && first != '[') {
        return;
    }
    at++;
    if (at < block->size && first == '[' && block->data[at] == '{') {
        at++;
    }
    while (at < block->size && (block->data[at] == ' ' || block->data[at] == '\r')) {
        at++;
    }
    block->document = at < block->size && block->data[at] == '\n';
}

static uint64_t count_lines(const char *data, size_t size)
{
    uint64_t count = 0;
    const char *end = data + size;
    const char *at = data;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        count++;
        at++;
    }
    return count;
}

/* Drops the rest of a line that was too long; true when its end was found (or the file's). */
static bool skip_line(struct ingest_cutter *cutter, struct ingest_block *block)
{
    const char *end = block->size == 0 ? NULL : memchr(block->data, '\n', block->size);
    if (end != NULL) {
        size_t gone = (size_t)(end - block->data) + 1;
        block->size -= gone;
        memmove(block->data, block->data + gone, block->size);
        cutter->line++;
        block->line = cutter->line;
        cutter->skipping = false;
        return true;
    }
    block->size = 0;
    return cutter->ended;
}

/* Bytes of whole lines at the block's start; at the end of the file everything counts as a line,
 * unless the file broke off. */
static size_t whole_lines(const struct ingest_cutter *cutter, const struct ingest_block *block)
{
    if (block->document) {
        return cutter->ended && cutter->failed == BASE_OK ? block->size : 0;
    }
    const char *last = block->size == 0 ? NULL : memrchr(block->data, '\n', block->size);
    if (cutter->ended && cutter->failed == BASE_OK) {
        return block->size;
    }
    return last == NULL ? 0 : (size_t)(last - block->data) + 1;
}

/* Cuts the block behind its whole lines and moves what follows to the next one. */
static enum base_code cut(struct ingest_cutter *cutter, size_t whole, struct ingest_block **block,
                          struct base_error *error)
{
    struct ingest_block *full = cutter->next;
    struct ingest_block *next = NULL;
    size_t rest = full->size - whole;
    cutter->line += count_lines(full->data, whole);
    enum base_code code = take_block(cutter, &next, error);
    while (code == BASE_OK && next->capacity < rest) {
        BASE_ASSERT(next->capacity <= LIMIT_LINE);
        if (!grow(next)) {
            ingest_block_free(next);
            return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for a long line");
        }
    }
    if (code != BASE_OK) {
        return code;
    }
    memcpy(next->data, full->data + whole, rest);
    next->size = rest;
    full->size = whole;
    cutter->next = next;
    *block = full;
    return BASE_OK;
}

enum base_code ingest_cutter_next(struct ingest_cutter *cutter, struct ingest_block **block,
                                  uint64_t *line, struct base_error *error)
{
    enum base_code code = BASE_OK;
    if (cutter->next == NULL) {
        code = take_block(cutter, &cutter->next, error);
    }
    while (code == BASE_OK) {
        struct ingest_block *next = cutter->next;
        fill(cutter, next);
        if (!cutter->started) {
            cutter->started = true;
            look_at_start(next);
            continue;
        }
        if (cutter->skipping && !skip_line(cutter, next)) {
            continue;
        }
        size_t whole = whole_lines(cutter, next);
        if (whole > 0) {
            return cut(cutter, whole, block, error);
        }
        if (cutter->ended) {
            break;
        }
        if (next->size <= LIMIT_LINE && grow(next)) {
            continue;
        }
        if (next->size <= LIMIT_LINE) {
            return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for a long line");
        }
        *line = cutter->line;
        cutter->skipping = true;
        next->size = 0;
        next->document = false;
        return base_fail(error, BASE_OUT_OF_RANGE, "a line of more than %d bytes", LIMIT_LINE);
    }
    *block = NULL;
    if (code == BASE_OK && cutter->failed != BASE_OK) {
        *error = cutter->error;
        code = cutter->failed;
    }
    return code;
}
