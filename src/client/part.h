/* What one request of a write holds: records or keys of records, packed, as many as a request takes
 * by count and by bytes, and its idempotency key. */
#ifndef CLIENT_PART_H
#define CLIENT_PART_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/status.h"

enum {
    CLIENT_KEY_MOST = 128,
    CLIENT_RANDOM_KEY = 32,
    /* Bytes of a request beside its records: key, names and metadata. */
    CLIENT_PART_FRAME = 32 * 1024,
    /* Fields beside them: the key. */
    CLIENT_PART_FIELDS = 1,
};

/* How much goes into one request. */
struct client_room {
    size_t records;
    size_t bytes;
    size_t record_bytes; /* a record of more than `bytes`, up to this, travels alone */
    size_t fields;       /* of protobuf, at all depths */
};

/* One record, or key of a record, as it stands in a request. */
struct client_packed {
    struct base_buffer bytes; /* owned */
    size_t fields;
};

struct client_part {
    struct base_buffer request; /* owned */
    size_t count;
    size_t fields;
};

#define CLIENT_PACKED_EMPTY ((struct client_packed){BASE_BUFFER_EMPTY, 0})

void client_packed_fini(struct client_packed *packed);
void client_part_fini(struct client_part *part);

/* For the next request; memory is kept. */
void client_part_clear(struct client_part *part);

/* INVALID_ARGUMENT: a packed record that no request takes. INTERNAL: packing it failed. */
enum base_code client_room_check(const struct client_room *room, const struct client_packed *record,
                                 struct base_error *error);

/* Whether a record that was checked goes into the part beside what is there. */
bool client_part_takes(const struct client_part *part, const struct client_room *room,
                       const struct client_packed *record);

/* INTERNAL: memory is out. */
enum base_code client_part_add(struct client_part *part, const struct client_packed *record,
                               struct base_error *error);

/* Puts the key, which is valid, behind the records: the request is whole. INTERNAL: memory is out.
 */
enum base_code client_part_seal(struct client_part *part, const char *key,
                                struct base_error *error);

/* In hexadecimal digits, with a NUL. */
void client_random_key(char key[CLIENT_RANDOM_KEY + 1]);

/* The key of request number `at` of a write whose key is given, both valid: of the first it is that
 * key itself, of the others one that nobody else comes upon. */
void client_derive_key(const char *key, size_t at, char derived[CLIENT_KEY_MOST + 1]);

/* INVALID_ARGUMENT: over `most` bytes, or other characters than a key has. */
enum base_code client_check_key(const char *key, size_t most, struct base_error *error);

#endif
