#include "service/token.h"

#include "base/hash.h"
#include "wire/base64.h"

/* version u8 | list u64 | day u32 | id of the paper | xxh3-64 of all before; base64url. The
 * checksum finds damage; it is no secret, and a made-up token can do no more than start the list
 * elsewhere. */
enum {
    VERSION = 1,
    LIST_AT = 1,
    DAY_AT = 9,
    PAPER_AT = 13,
    CHECKSUM = 8,
    TOKEN_BYTES = PAPER_AT + MODEL_ID_TEXT + CHECKSUM,
};

static const uint64_t checksum_seed = UINT64_C(0x6869727363687074);

static uint64_t list_hash(const char *method, const struct model_id *id)
{
    char text[MODEL_ID_TEXT];
    size_t size = model_id_text(id, text);
    struct base_slice parts[] = {base_slice_text(method), BASE_SLICE("\n"), {text, size}};
    return base_hash64_parts(parts, sizeof parts / sizeof parts[0]);
}

void service_token_write(const char *method, const struct model_id *id,
                         const struct service_place *place, struct base_buffer *token)
{
    BASE_ASSERT(place->paper.size > 0 && place->paper.size <= MODEL_ID_TEXT);
    char bytes[TOKEN_BYTES];
    bytes[0] = VERSION;
    base_put_be64(bytes + LIST_AT, list_hash(method, id));
    base_put_be32(bytes + DAY_AT, place->day);
    memcpy(bytes + PAPER_AT, place->paper.data, place->paper.size);
    size_t size = PAPER_AT + place->paper.size;
    base_put_be64(bytes + size, base_hash64_seed(base_slice(bytes, size), checksum_seed));
    wire_base64url_append(token, base_slice(bytes, size + CHECKSUM));
}

enum base_code service_token_read(const char *method, const struct model_id *id,
                                  struct base_slice token, struct base_arena *arena,
                                  struct service_place *place, struct base_error *error)
{
    char bytes[TOKEN_BYTES];
    size_t size;
    if (!wire_base64url_decode(token, bytes, sizeof bytes, &size) || size <= PAPER_AT + CHECKSUM ||
        bytes[0] != VERSION ||
        base_get_be64(bytes + size - CHECKSUM) !=
            base_hash64_seed(base_slice(bytes, size - CHECKSUM), checksum_seed)) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "field page_token: it is damaged or not from this service; start again "
                         "without it");
    }
    if (base_get_be64(bytes + LIST_AT) != list_hash(method, id)) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "field page_token: it belongs to another list; use it with the id and "
                         "method that gave it, or start again without it");
    }
    struct base_slice paper =
        base_arena_copy(arena, base_slice(bytes + PAPER_AT, size - PAPER_AT - CHECKSUM));
    if (paper.data == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the page token");
    }
    place->day = base_get_be32(bytes + DAY_AT);
    place->paper = paper;
    return BASE_OK;
}
