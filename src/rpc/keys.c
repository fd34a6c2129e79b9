#include "rpc/keys.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/parse.h"
#include "base/utf8.h"

static const char prefix[] = "hirsch_";
static const char header[] =
    "# Keys of Hirsch: id role hash created expires rate in-flight name. Made by `hirschd key`;\n"
    "# only hashes are kept, so a key that is lost cannot be read back: revoke it, make another.\n";

enum { COLUMNS = 8, HASH_HEX = 2 * RPC_KEY_HASH };

struct rpc_keys {
    size_t count;
    struct rpc_key rows[LIMIT_KEYS];
};

static const char *const role_names[] = {"nobody", "anyone", "reader", "writer", "admin"};

const char *rpc_role_name(enum rpc_role role)
{
    return role_names[role];
}

bool rpc_role_named(struct base_slice name, enum rpc_role *role)
{
    for (enum rpc_role one = RPC_READER; one <= RPC_ADMIN; one++) {
        if (base_slice_equal(name, base_slice_text(role_names[one]))) {
            *role = one;
            return true;
        }
    }
    return false;
}

static enum base_code start_sodium(struct base_error *error)
{
    if (sodium_init() < 0) {
        return base_fail(error, BASE_INTERNAL, "the system gives no random numbers");
    }
    return BASE_OK;
}

enum base_code rpc_keys_new(struct rpc_keys **keys, struct base_error *error)
{
    enum base_code code = start_sodium(error);
    if (code != BASE_OK) {
        return code;
    }
    struct rpc_keys *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for keys");
    }
    *keys = made;
    return BASE_OK;
}

void rpc_keys_free(struct rpc_keys *keys)
{
    free(keys);
}

size_t rpc_keys_count(const struct rpc_keys *keys)
{
    return keys->count;
}

const struct rpc_key *rpc_keys_at(const struct rpc_keys *keys, size_t index)
{
    BASE_ASSERT(index < keys->count);
    return &keys->rows[index];
}

static bool is_hex(struct base_slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
            return false;
        }
    }
    return true;
}

static const struct rpc_key *find(const struct rpc_keys *keys, struct base_slice id)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (base_slice_equal(id, base_slice_text(keys->rows[i].id))) {
            return &keys->rows[i];
        }
    }
    return NULL;
}

static bool take_hash(struct base_slice text, uint8_t hash[RPC_KEY_HASH])
{
    return text.size == HASH_HEX && is_hex(text) &&
           sodium_hex2bin(hash, RPC_KEY_HASH, text.data, text.size, NULL, NULL, NULL) == 0;
}

static bool take_number(struct base_slice text, uint32_t *number)
{
    uint64_t value;
    if (!base_parse_u64(text, UINT32_MAX, &value)) {
        return false;
    }
    *number = (uint32_t)value;
    return true;
}

static bool take_time(struct base_slice text, bool may_be_never, model_time *time)
{
    if (may_be_never && base_slice_equal(text, BASE_SLICE("never"))) {
        *time = 0;
        return true;
    }
    return model_time_parse(text, time, NULL) == BASE_OK;
}

static bool name_fits(struct base_slice name)
{
    return name.size <= LIMIT_KEY_NAME && !base_utf8_has_control(name) && base_utf8_valid(name);
}

/* The last column is the rest of the line. */
static size_t split(struct base_slice line, struct base_slice columns[COLUMNS])
{
    size_t count = 0;
    while (count < COLUMNS - 1) {
        const char *blank = memchr(line.data, ' ', line.size);
        if (blank == NULL) {
            break;
        }
        size_t size = (size_t)(blank - line.data);
        columns[count++] = base_slice(line.data, size);
        line = base_slice(blank + 1, line.size - size - 1);
    }
    columns[count++] = line;
    return count;
}

static enum base_code take_line(struct base_slice line, struct rpc_keys *keys,
                                struct base_error *error)
{
    struct base_slice columns[COLUMNS];
    if (line.size == 0 || line.data[0] == '#') {
        return BASE_OK;
    }
    if (keys->count == LIMIT_KEYS) {
        return base_fail(error, BASE_FAILED_PRECONDITION, "more than %d keys", LIMIT_KEYS);
    }
    struct rpc_key key = {.role = RPC_NOBODY};
    if (split(line, columns) != COLUMNS || columns[0].size != RPC_KEY_ID || !is_hex(columns[0]) ||
        !rpc_role_named(columns[1], &key.role) || !take_hash(columns[2], key.hash) ||
        !take_time(columns[3], false, &key.created) || !take_time(columns[4], true, &key.expires) ||
        !take_number(columns[5], &key.rate) || !take_number(columns[6], &key.in_flight) ||
        !name_fits(columns[7])) {
        return base_fail(error, BASE_FAILED_PRECONDITION,
                         "not a key as `hirschd key create` writes it; restore the file, or remove "
                         "the line and make that key anew");
    }
    if (find(keys, columns[0]) != NULL) {
        return base_fail(error, BASE_FAILED_PRECONDITION, "the key %.*s stands there twice",
                         BASE_PRINT(columns[0]));
    }
    memcpy(key.id, columns[0].data, RPC_KEY_ID);
    memcpy(key.name, columns[7].data, columns[7].size);
    keys->rows[keys->count++] = key;
    return BASE_OK;
}

enum base_code rpc_keys_parse(struct base_slice text, struct rpc_keys **keys,
                              struct base_error *error)
{
    struct rpc_keys *made = NULL;
    enum base_code code = rpc_keys_new(&made, error);
    for (unsigned number = 1; code == BASE_OK && text.size > 0; number++) {
        const char *end = memchr(text.data, '\n', text.size);
        size_t size = end == NULL ? text.size : (size_t)(end - text.data);
        code = take_line(base_slice(text.data, size), made, error);
        if (code != BASE_OK) {
            base_error_prefix(error, "line %u", number);
        }
        size += end == NULL ? 0 : 1;
        text = base_slice(text.data + size, text.size - size);
    }
    if (code != BASE_OK) {
        rpc_keys_free(made);
        return code;
    }
    *keys = made;
    return BASE_OK;
}

static void write_time(struct base_buffer *text, model_time time)
{
    char shown[MODEL_TIME_TEXT];
    if (time == 0) {
        base_buffer_append_text(text, "never ");
        return;
    }
    model_time_text(time, shown);
    base_buffer_append_format(text, "%s ", shown);
}

void rpc_keys_write(const struct rpc_keys *keys, struct base_buffer *text)
{
    base_buffer_append_text(text, header);
    for (size_t i = 0; i < keys->count; i++) {
        const struct rpc_key *key = &keys->rows[i];
        char hash[HASH_HEX + 1];
        sodium_bin2hex(hash, sizeof hash, key->hash, RPC_KEY_HASH);
        base_buffer_append_format(text, "%s %s %s ", key->id, rpc_role_name(key->role), hash);
        write_time(text, key->created);
        write_time(text, key->expires);
        base_buffer_append_format(text, "%u %u %s\n", key->rate, key->in_flight, key->name);
    }
}

static void hash_of(struct base_slice token, uint8_t hash[RPC_KEY_HASH])
{
    crypto_generichash(hash, RPC_KEY_HASH, (const unsigned char *)token.data, token.size, NULL, 0);
}

enum base_code rpc_keys_add(struct rpc_keys *keys, model_time now, struct rpc_key *key,
                            char token[RPC_KEY_TOKEN + 1], struct base_error *error)
{
    uint8_t chance[(RPC_KEY_ID + RPC_KEY_SECRET) / 2];
    char secret[RPC_KEY_SECRET + 1];
    if (!name_fits(base_slice_text(key->name))) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "the name of a key is text of at most %d bytes without control characters",
                         LIMIT_KEY_NAME);
    }
    if (keys->count == LIMIT_KEYS) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "there are %d keys, and no more are kept; revoke some first", LIMIT_KEYS);
    }
    do {
        randombytes_buf(chance, sizeof chance);
        sodium_bin2hex(key->id, sizeof key->id, chance, RPC_KEY_ID / 2);
    } while (find(keys, base_slice_text(key->id)) != NULL);
    sodium_bin2hex(secret, sizeof secret, chance + RPC_KEY_ID / 2, RPC_KEY_SECRET / 2);
    snprintf(token, RPC_KEY_TOKEN + 1, "%s%s_%s", prefix, key->id, secret);
    hash_of(base_slice_text(token), key->hash);
    key->created = now - now % 1000000;
    keys->rows[keys->count++] = *key;
    sodium_memzero(chance, sizeof chance);
    sodium_memzero(secret, sizeof secret);
    return BASE_OK;
}

enum base_code rpc_keys_remove(struct rpc_keys *keys, struct base_slice id_or_name,
                               struct rpc_key *removed, struct base_error *error)
{
    const struct rpc_key *found = find(keys, id_or_name);
    for (size_t i = 0; found == NULL && i < keys->count; i++) {
        if (!base_slice_equal(id_or_name, base_slice_text(keys->rows[i].name))) {
            continue;
        }
        for (size_t k = i + 1; k < keys->count; k++) {
            if (strcmp(keys->rows[k].name, keys->rows[i].name) == 0) {
                return base_fail(error, BASE_INVALID_ARGUMENT,
                                 "several keys are called \"%.*s\"; name one by its id, which "
                                 "`hirschd key list` shows",
                                 BASE_PRINT(id_or_name));
            }
        }
        found = &keys->rows[i];
    }
    if (found == NULL) {
        return base_fail(error, BASE_NOT_FOUND,
                         "there is no key \"%.*s\"; `hirschd key list` shows all",
                         BASE_PRINT(id_or_name));
    }
    *removed = *found;
    size_t at = (size_t)(found - keys->rows);
    memmove(&keys->rows[at], &keys->rows[at + 1], (keys->count - at - 1) * sizeof keys->rows[0]);
    keys->count--;
    return BASE_OK;
}

enum base_code rpc_keys_check(const struct rpc_keys *keys, struct base_slice token, model_time now,
                              size_t *index, struct base_error *error)
{
    static const struct rpc_key no_key = {.role = RPC_NOBODY};
    const struct rpc_key *key = NULL;
    uint8_t hash[RPC_KEY_HASH];
    struct base_slice head = base_slice(prefix, sizeof prefix - 1);
    bool formed = token.size == RPC_KEY_TOKEN && base_slice_starts(token, head);
    if (formed) {
        key = find(keys, base_slice(token.data + head.size, RPC_KEY_ID));
    }
    /* An id that nobody has takes as long as one with a wrong secret. */
    hash_of(formed ? token : BASE_SLICE("x"), hash);
    bool right = sodium_memcmp(hash, (key != NULL ? key : &no_key)->hash, RPC_KEY_HASH) == 0;
    if (key == NULL || !right) {
        return base_fail(error, BASE_UNAUTHENTICATED,
                         "the key is not one of this server: mistyped, or revoked; ask its "
                         "operator for another (hirschd key create)");
    }
    if (key->expires != 0 && now >= key->expires) {
        char shown[MODEL_TIME_TEXT];
        model_time_text(key->expires, shown);
        return base_fail(error, BASE_UNAUTHENTICATED,
                         "the key %s expired at %s; ask the server's operator for another "
                         "(hirschd key create)",
                         key->id, shown);
    }
    *index = (size_t)(key - keys->rows);
    return BASE_OK;
}
