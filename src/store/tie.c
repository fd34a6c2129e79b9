#include "store/tie.h"

int store_tie_compare(const struct store_tie *a, const struct store_tie *b)
{
    if (a->role != b->role) {
        return a->role < b->role ? -1 : 1;
    }
    int order = base_slice_compare(a->other, b->other);
    return order != 0 ? order : base_slice_compare(a->source, b->source);
}

void store_append_tie(struct base_buffer *row, const struct store_tie *tie)
{
    base_buffer_append_byte(row, (uint8_t)tie->role);
    base_buffer_append_varint(row, tie->count);
    base_buffer_append_varint(row, tie->other.size);
    base_buffer_append_slice(row, tie->other);
    base_buffer_append_varint(row, tie->source.size);
    base_buffer_append_slice(row, tie->source);
}

static bool take_text(struct base_slice *rest, struct base_slice *text)
{
    uint64_t size;
    return base_take_varint(rest, &size) && size <= rest->size &&
           base_take_bytes(rest, (size_t)size, text);
}

bool store_take_tie(struct base_slice *rest, struct store_tie *tie)
{
    struct base_slice role;
    uint64_t count;
    struct store_tie taken;
    if (!base_take_bytes(rest, 1, &role) || !base_take_varint(rest, &count) ||
        !take_text(rest, &taken.other) || !take_text(rest, &taken.source)) {
        return false;
    }
    taken.role = (enum store_tie_role)(uint8_t)role.data[0];
    taken.count = (uint32_t)count;
    if (taken.role < STORE_TIE_CLAIMED || taken.role > STORE_TIE_LINE || count == 0 ||
        count > UINT32_MAX || taken.other.size == 0) {
        return false;
    }
    *tie = taken;
    return true;
}
