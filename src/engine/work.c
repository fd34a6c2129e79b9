#include "engine/work.h"

#include <stdlib.h>
#include <string.h>

struct engine_work *engine_work_new(bool (*stop)(void *context), void *context)
{
    struct engine_work *work = calloc(1, sizeof *work);
    if (work != NULL) {
        for (unsigned divisor = 1; divisor < ENGINE_SHARES_KEPT; divisor++) {
            work->shares[divisor] = engine_fixed_share(divisor);
        }
        engine_work_set_stop(work, stop, context);
    }
    return work;
}

void engine_work_set_stop(struct engine_work *work, bool (*stop)(void *context), void *context)
{
    work->stop = stop;
    work->stop_context = context;
    work->unpolled = 0;
}

static void bits_fini(struct engine_bits *bits)
{
    free(bits->words);
    free(bits->touched);
    *bits = (struct engine_bits){0};
}

static size_t bits_size(const struct engine_bits *bits)
{
    return bits->word_count * (sizeof *bits->words + sizeof *bits->touched);
}

static void release(struct engine_work *work)
{
    bits_fini(&work->set_bits);
    bits_fini(&work->own_bits);
    bits_fini(&work->self_bits);
    bits_fini(&work->citing_bits);
    for (size_t i = 0; i < ENGINE_BUFFER_END; i++) {
        free(work->buffers[i].data);
        work->buffers[i] = (struct engine_buffer){NULL, 0};
    }
    work->table_size = 0;
    work->table_used = 0;
    work->table_stamp = 0;
}

void engine_work_free(struct engine_work *work)
{
    if (work != NULL) {
        release(work);
        free(work);
    }
}

size_t engine_work_size(const struct engine_work *work)
{
    size_t size = sizeof *work + bits_size(&work->set_bits) + bits_size(&work->own_bits) +
                  bits_size(&work->self_bits) + bits_size(&work->citing_bits);
    for (size_t i = 0; i < ENGINE_BUFFER_END; i++) {
        size += work->buffers[i].size;
    }
    return size;
}

void engine_work_trim(struct engine_work *work, size_t most)
{
    if (engine_work_size(work) > most) {
        release(work);
    }
}

enum base_code engine_no_memory(struct base_error *error)
{
    return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
}

void *engine_room(struct engine_work *work, enum engine_buffer_use use, size_t count, size_t size,
                  struct base_error *error)
{
    struct engine_buffer *buffer = &work->buffers[use];
    enum { LEAST = 256 };
    if (count > SIZE_MAX / 2 / size) {
        engine_no_memory(error);
        return NULL;
    }
    size_t wanted = count * size;
    if (wanted > buffer->size || buffer->data == NULL) {
        size_t grown = buffer->size + buffer->size / 2;
        grown = grown > wanted ? grown : wanted;
        grown = grown > LEAST ? grown : LEAST;
        void *data = realloc(buffer->data, grown);
        if (data == NULL) {
            engine_no_memory(error);
            return NULL;
        }
        *buffer = (struct engine_buffer){data, grown};
    }
    return buffer->data;
}

enum base_code engine_bits_begin(struct engine_bits *bits, uint32_t paper_end,
                                 struct base_error *error)
{
    for (size_t i = 0; i < bits->touched_count; i++) {
        bits->words[bits->touched[i]] = 0;
    }
    bits->touched_count = 0;
    size_t words = (size_t)paper_end / 64 + 1;
    if (words > bits->word_count) {
        bits_fini(bits);
        bits->words = calloc(words, sizeof *bits->words);
        bits->touched = malloc((words + 1) * sizeof *bits->touched);
        if (bits->words == NULL || bits->touched == NULL) {
            bits_fini(bits);
            return engine_no_memory(error);
        }
        bits->word_count = words;
    }
    return BASE_OK;
}

/* Fibonacci hashing: numbers of papers that lie close together spread over the table. */
static size_t table_slot(const struct engine_work *work, uint32_t paper)
{
    uint32_t hash = paper * UINT32_C(2654435769);
    return (size_t)(((uint64_t)hash * work->table_size) >> 32);
}

static struct engine_table_entry *table_seek(const struct engine_work *work, uint32_t paper)
{
    struct engine_table_entry *entries = work->buffers[ENGINE_BUFFER_TABLE].data;
    size_t mask = work->table_size - 1;
    size_t slot = table_slot(work, paper);
    while (entries[slot].stamp == work->table_stamp && entries[slot].paper != paper) {
        slot = (slot + 1) & mask;
    }
    return &entries[slot];
}

enum base_code engine_table_begin(struct engine_work *work, struct base_error *error)
{
    work->table_used = 0;
    if (work->table_size == 0) {
        enum { FIRST_SIZE = 1024 };
        struct engine_table_entry *entries =
            engine_room(work, ENGINE_BUFFER_TABLE, FIRST_SIZE, sizeof *entries, error);
        if (entries == NULL) {
            return BASE_RESOURCE_EXHAUSTED;
        }
        memset(entries, 0, FIRST_SIZE * sizeof *entries);
        work->table_size = FIRST_SIZE;
        work->table_stamp = 0;
    }
    /* A new stamp forgets all entries at once; when stamps run out they are cleared in earnest. */
    if (++work->table_stamp == 0) {
        memset(work->buffers[ENGINE_BUFFER_TABLE].data, 0,
               work->table_size * sizeof(struct engine_table_entry));
        work->table_stamp = 1;
    }
    return BASE_OK;
}

enum base_code engine_table_reserve(struct engine_work *work, size_t more, struct base_error *error)
{
    size_t size = work->table_size;
    while (work->table_used + more > size / 2) {
        size *= 2;
    }
    if (size == work->table_size) {
        return BASE_OK;
    }
    struct engine_buffer old = work->buffers[ENGINE_BUFFER_TABLE];
    struct engine_table_entry *entries = calloc(size, sizeof *entries);
    if (entries == NULL) {
        return engine_no_memory(error);
    }
    size_t old_size = work->table_size;
    uint32_t old_stamp = work->table_stamp;
    work->buffers[ENGINE_BUFFER_TABLE] = (struct engine_buffer){entries, size * sizeof *entries};
    work->table_size = size;
    work->table_stamp = 1;
    const struct engine_table_entry *from = old.data;
    for (size_t i = 0; i < old_size && work->table_used > 0; i++) {
        if (from[i].stamp == old_stamp) {
            struct engine_table_entry *to = table_seek(work, from[i].paper);
            *to = from[i];
            to->stamp = work->table_stamp;
        }
    }
    free(old.data);
    return BASE_OK;
}

struct engine_table_entry *engine_table_at(struct engine_work *work, uint32_t paper, bool *is_new)
{
    struct engine_table_entry *entry = table_seek(work, paper);
    *is_new = entry->stamp != work->table_stamp;
    if (*is_new) {
        *entry = (struct engine_table_entry){paper, 0, work->table_stamp};
        work->table_used++;
    }
    return entry;
}

const struct engine_table_entry *engine_table_find(const struct engine_work *work, uint32_t paper)
{
    const struct engine_table_entry *entry = table_seek(work, paper);
    return entry->stamp == work->table_stamp ? entry : NULL;
}

enum base_code engine_poll(struct engine_work *work, size_t citations, struct base_error *error)
{
    size_t sum = work->unpolled + citations;
    if (sum < ENGINE_STOP_EVERY) {
        work->unpolled = (uint32_t)sum;
        return BASE_OK;
    }
    work->unpolled = 0;
    if (work->stop != NULL && work->stop(work->stop_context)) {
        return base_fail(error, BASE_CANCELLED, "the computation was told to stop");
    }
    return BASE_OK;
}

static void insert_downwards(uint32_t *counts, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint32_t value = counts[i];
        size_t at = i;
        while (at > 0 && counts[at - 1] < value) {
            counts[at] = counts[at - 1];
            at--;
        }
        counts[at] = value;
    }
}

void engine_sort_downwards(uint32_t *counts, uint32_t *spare, size_t count)
{
    enum { INSERTION_MOST = 24, DIGIT = 8, DIGITS = 1 << DIGIT };
    if (count <= INSERTION_MOST) {
        insert_downwards(counts, count);
        return;
    }
    uint32_t most = 0;
    for (size_t i = 0; i < count; i++) {
        most = counts[i] > most ? counts[i] : most;
    }
    uint32_t *from = counts;
    uint32_t *to = spare;
    for (unsigned shift = 0; shift < 32 && most >> shift != 0; shift += DIGIT) {
        size_t place[DIGITS + 1] = {0};
        for (size_t i = 0; i < count; i++) {
            place[DIGITS - 1 - (from[i] >> shift & (DIGITS - 1)) + 1]++;
        }
        for (size_t digit = 1; digit <= DIGITS; digit++) {
            place[digit] += place[digit - 1];
        }
        for (size_t i = 0; i < count; i++) {
            to[place[DIGITS - 1 - (from[i] >> shift & (DIGITS - 1))]++] = from[i];
        }
        uint32_t *other = from;
        from = to;
        to = other;
    }
    if (from != counts) {
        memcpy(counts, from, count * sizeof *counts);
    }
}
