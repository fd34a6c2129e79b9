#include "store/intern.h"

#include "base/hash.h"

enum { SLOTS_MIN = 1024, SLOTS_KEPT = 64 * 1024 };

void store_intern_init(struct store_intern *intern, struct store_scratch *scratch)
{
    store_array_init(&intern->bytes, scratch);
    store_array_init(&intern->offsets, scratch);
    store_array_init(&intern->slots, scratch);
    intern->count = 0;
}

void store_intern_fini(struct store_intern *intern)
{
    store_array_fini(&intern->bytes);
    store_array_fini(&intern->offsets);
    store_array_fini(&intern->slots);
}

void store_intern_clear(struct store_intern *intern)
{
    if (intern->slots.size > SLOTS_KEPT * sizeof(uint32_t)) {
        store_array_fini(&intern->bytes);
        store_array_fini(&intern->offsets);
        store_array_fini(&intern->slots);
    } else {
        store_array_fill(&intern->slots, 0);
        intern->bytes.size = 0;
        intern->offsets.size = intern->count == 0 ? 0 : sizeof(uint64_t);
    }
    intern->count = 0;
}

struct base_slice store_intern_text(const struct store_intern *intern, uint32_t number)
{
    const uint64_t *offsets = intern->offsets.data;
    BASE_ASSERT(number < intern->count);
    return base_slice((const char *)intern->bytes.data + offsets[number],
                      (size_t)(offsets[number + 1] - offsets[number]));
}

static uint32_t *find_slot(const struct store_intern *intern, struct base_slice text)
{
    uint32_t *slots = intern->slots.data;
    size_t mask = intern->slots.size / sizeof *slots - 1;
    size_t at = (size_t)base_hash64(text) & mask;
    while (slots[at] != 0 && !base_slice_equal(store_intern_text(intern, slots[at] - 1), text)) {
        at = (at + 1) & mask;
    }
    return &slots[at];
}

bool store_intern_find(const struct store_intern *intern, struct base_slice text, uint32_t *number)
{
    uint32_t slot = intern->count == 0 ? 0 : *find_slot(intern, text);
    if (slot != 0) {
        *number = slot - 1;
    }
    return slot != 0;
}

bool store_intern_has(const struct store_intern *intern, struct base_slice text)
{
    uint32_t number;
    return store_intern_find(intern, text, &number);
}

static enum base_code grow(struct store_intern *intern, struct base_error *error)
{
    size_t count = intern->slots.size / sizeof(uint32_t);
    if (count != 0 && intern->count < count / 2) {
        return BASE_OK;
    }
    count = count == 0 ? SLOTS_MIN : count * 2;
    enum base_code code = store_array_resize(&intern->slots, count * sizeof(uint32_t), error);
    if (code != BASE_OK) {
        return code;
    }
    store_array_fill(&intern->slots, 0);
    for (uint32_t number = 0; number < intern->count; number++) {
        *find_slot(intern, store_intern_text(intern, number)) = number + 1;
    }
    return BASE_OK;
}

enum base_code store_intern_number(struct store_intern *intern, struct base_slice text,
                                   uint32_t *number, struct base_error *error)
{
    enum base_code code = grow(intern, error);
    if (code != BASE_OK) {
        return code;
    }
    uint32_t *slot = find_slot(intern, text);
    if (*slot == 0) {
        char *bytes = store_array_extend(&intern->bytes, text.size, error);
        if (bytes == NULL && text.size > 0) {
            return BASE_RESOURCE_EXHAUSTED;
        }
        code = store_array_resize(&intern->offsets, ((size_t)intern->count + 2) * sizeof(uint64_t),
                                  error);
        if (code != BASE_OK) {
            return code;
        }
        if (text.size > 0) {
            memcpy(bytes, text.data, text.size);
        }
        ((uint64_t *)intern->offsets.data)[intern->count + 1] = intern->bytes.size;
        *slot = ++intern->count;
    }
    *number = *slot - 1;
    return BASE_OK;
}
