#include "service/token.h"

#include "base/hash.h"
#include "wire/base64.h"

/* version u8 | list u64 | two u32 of the sort key | id | xxh3-64 of all before; base64url. The
 * checksum finds damage; it is no secret, and a made-up token can do no more than start the list
 * elsewhere. */
enum {
    VERSION = 2,
    LIST_AT = 1,
    FIRST_AT = 9,
    SECOND_AT = 13,
    ID_AT = 17,
    CHECKSUM = 8,
    TOKEN_BYTES = ID_AT + MODEL_ID_TEXT + CHECKSUM,
};

static const uint64_t checksum_seed = UINT64_C(0x6869727363687074);

static uint64_t list_hash(const char *method, struct base_slice list)
{
    struct base_slice parts[] = {base_slice_text(method), BASE_SLICE("\n"), list};
    return base_hash64_parts(parts, sizeof parts / sizeof parts[0]);
}

void service_token_write(const char *method, struct base_slice list,
                         const struct service_place *place, struct base_buffer *token)
{
    BASE_ASSERT(place->id.size > 0 && place->id.size <= MODEL_ID_TEXT);
    char bytes[TOKEN_BYTES];
    bytes[0] = VERSION;
    base_put_be64(bytes + LIST_AT, list_hash(method, list));
    base_put_be32(bytes + FIRST_AT, place->first);
    base_put_be32(bytes + SECOND_AT, place->second);
    memcpy(bytes + ID_AT, place->id.data, place->id.size);
    size_t size = ID_AT + place->id.size;
    base_put_be64(bytes + size, base_hash64_seed(base_slice(bytes, size), checksum_seed));
    wire_base64url_append(token, base_slice(bytes, size + CHECKSUM));
}

enum base_code service_token_read(const char *method, struct base_slice list,
                                  struct base_slice token, struct base_arena *arena,
                                  struct service_place *place, struct base_error *error)
{
    char bytes[TOKEN_BYTES];
    size_t size;
    if (!wire_base64url_decode(token, bytes, sizeof bytes, &size) || size <= ID_AT + CHECKSUM ||
        bytes[0] != VERSION ||
        base_get_be64(bytes + size - CHECKSUM) !=
            base_hash64_seed(base_slice(bytes, size - CHECKSUM), checksum_seed)) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "field page_token: it is damaged or not from this service; start again "
                         "without it");
    }
    if (base_get_be64(bytes + LIST_AT) != list_hash(method, list)) {
        return base_fail(
            error, BASE_INVALID_ARGUMENT,
            "field page_token: it belongs to another list; use it with the id or query "
            "and the method that gave it, or start again without it");
    }
    struct base_slice id =
        base_arena_copy(arena, base_slice(bytes + ID_AT, size - ID_AT - CHECKSUM));
    if (id.data == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the page token");
    }
    place->first = base_get_be32(bytes + FIRST_AT);
    place->second = base_get_be32(bytes + SECOND_AT);
    place->id = id;
    return BASE_OK;
}
