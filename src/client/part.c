#include "client/part.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/hash.h"
#include "wire/fields.h"
#include "wire/write.h"

_Static_assert((int)WIRE_PUT_RECORDS_REQUEST_IDEMPOTENCY_KEY ==
                   (int)WIRE_DELETE_RECORDS_REQUEST_IDEMPOTENCY_KEY,
               "both requests have one shape");

void client_packed_fini(struct client_packed *packed)
{
    base_buffer_fini(&packed->bytes);
}

void client_part_fini(struct client_part *part)
{
    base_buffer_fini(&part->request);
}

void client_part_clear(struct client_part *part)
{
    base_buffer_clear(&part->request);
    part->count = 0;
    part->fields = 0;
}

static enum base_code memory_out(struct base_error *error)
{
    return base_fail(error, BASE_INTERNAL, "memory is out");
}

enum base_code client_room_check(const struct client_room *room, const struct client_packed *record,
                                 struct base_error *error)
{
    if (record->bytes.failed) {
        return memory_out(error);
    }
    if (record->bytes.size > room->record_bytes) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "the record takes %zu bytes, at most %zu are taken over the wire",
                         record->bytes.size, room->record_bytes);
    }
    return BASE_OK;
}

bool client_part_takes(const struct client_part *part, const struct client_room *room,
                       const struct client_packed *record)
{
    return part->count == 0 || (part->count < room->records && part->request.size <= room->bytes &&
                                record->bytes.size <= room->bytes - part->request.size &&
                                part->fields + record->fields <= room->fields);
}

enum base_code client_part_add(struct client_part *part, const struct client_packed *record,
                               struct base_error *error)
{
    base_buffer_append_slice(&part->request, base_buffer_slice(&record->bytes));
    if (part->request.failed) {
        return memory_out(error);
    }
    part->count++;
    part->fields += record->fields;
    return BASE_OK;
}

enum base_code client_part_seal(struct client_part *part, const char *key, struct base_error *error)
{
    wire_put_bytes(&part->request, WIRE_PUT_RECORDS_REQUEST_IDEMPOTENCY_KEY, base_slice_text(key));
    return part->request.failed ? memory_out(error) : BASE_OK;
}

static void put_key(char key[CLIENT_RANDOM_KEY + 1], uint64_t high, uint64_t low)
{
    snprintf(key, CLIENT_RANDOM_KEY + 1, "%016llx%016llx", (unsigned long long)high,
             (unsigned long long)low);
}

void client_random_key(char key[CLIENT_RANDOM_KEY + 1])
{
    uint64_t words[2];
    if (getrandom(words, sizeof words, 0) != sizeof words) {
        /* Unlikely enough to be given twice: time, process memory layout. */
        words[0] = base_clock_monotonic_ns() ^ (uint64_t)base_clock_unix_us() << 20;
        words[1] = (uint64_t)(uintptr_t)&words;
    }
    put_key(key, words[0], words[1]);
}

/* A hash, since the number behind a key of the greatest length would be too long, and behind a
 * shorter one might be a key of the caller's own. The number comes first and has one length. */
void client_derive_key(const char *key, size_t at, char derived[CLIENT_KEY_MOST + 1])
{
    size_t size = strlen(key);
    BASE_ASSERT(size <= CLIENT_KEY_MOST);
    if (at == 0) {
        memcpy(derived, key, size + 1);
        return;
    }
    char text[CLIENT_KEY_MOST + 24];
    int length = snprintf(text, sizeof text, "%020zu %s", at, key);
    struct base_hash128 hash = base_hash128(base_slice(text, (size_t)length));
    put_key(derived, hash.high, hash.low);
}

enum base_code client_check_key(const char *key, size_t most, struct base_error *error)
{
    size_t size = strlen(key);
    bool good = size >= 1 && size <= most;
    for (size_t i = 0; good && i < size; i++) {
        good = key[i] > 0x20 && key[i] < 0x7f;
    }
    if (!good) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "an idempotency key here is 1 to %zu printable ASCII characters without "
                         "blanks",
                         most);
    }
    return BASE_OK;
}
