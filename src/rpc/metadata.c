#include "rpc/metadata.h"

#include "base/limits.h"
#include "base/parse.h"

enum { REQUEST_ID_MOST = 128, TRACEPARENT = 55, EPOCH_HEX = 32 };

static bool is_key(struct base_slice key)
{
    for (size_t i = 0; i < key.size; i++) {
        char c = key.data[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_' &&
            c != '.') {
            return false;
        }
    }
    return key.size > 0 && key.size <= LIMIT_METADATA_KEY;
}

static bool is_request_id(struct base_slice value)
{
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] < 0x21 || value.data[i] > 0x7e) {
            return false;
        }
    }
    return value.size > 0 && value.size <= REQUEST_ID_MOST;
}

/* Lower-case hex digits; *zero when all of them are 0. */
static bool is_hex(struct base_slice value, bool *zero)
{
    *zero = true;
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
            return false;
        }
        *zero = *zero && c == '0';
    }
    return true;
}

/* W3C Trace Context, version 00: `00-<32 hex>-<16 hex>-<2 hex>`, neither id all zeros. */
static bool is_traceparent(struct base_slice value)
{
    if (value.size != TRACEPARENT || memcmp(value.data, "00-", 3) != 0 || value.data[35] != '-' ||
        value.data[52] != '-') {
        return false;
    }
    bool no_trace;
    bool no_parent;
    bool ignored;
    return is_hex(base_slice(value.data + 3, 32), &no_trace) && !no_trace &&
           is_hex(base_slice(value.data + 36, 16), &no_parent) && !no_parent &&
           is_hex(base_slice(value.data + 53, 2), &ignored);
}

static void echo(struct rpc_options *options, const struct wire_metadata *entry)
{
    for (size_t i = 0; i < options->echo_count; i++) {
        if (base_slice_equal(options->echo[i].key, entry->key)) {
            return;
        }
    }
    if (options->echo_count < RPC_ECHO_MOST) {
        options->echo[options->echo_count++] = *entry;
    }
}

static enum base_code read_max_reply(struct base_slice value, struct rpc_options *options,
                                     struct base_error *error)
{
    uint64_t bytes;
    if (!base_parse_u64(value, LIMIT_REPLY_MOST, &bytes) || bytes < LIMIT_REPLY_LEAST) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "metadata hirsch-max-reply is not a number of bytes from %d to %d",
                         LIMIT_REPLY_LEAST, LIMIT_REPLY_MOST);
    }
    options->max_reply = (size_t)bytes;
    return BASE_OK;
}

static enum base_code read_min_sequence(struct base_slice value, struct rpc_options *options,
                                        struct base_error *error)
{
    if (!base_parse_u64(value, UINT64_MAX, &options->min_sequence)) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "metadata hirsch-min-sequence is not a decimal number");
    }
    options->has_min_sequence = true;
    return BASE_OK;
}

static enum base_code read_epoch(struct base_slice value, struct rpc_options *options,
                                 struct base_error *error)
{
    bool zero;
    if (value.size != EPOCH_HEX || !is_hex(value, &zero)) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "metadata hirsch-epoch is not %d lower-case hex digits", EPOCH_HEX);
    }
    options->epoch = value;
    return BASE_OK;
}

static enum base_code read_authorization(struct base_slice value, struct rpc_options *options,
                                         struct base_error *error)
{
    (void)error;
    options->authorization = value;
    return BASE_OK;
}

static const struct {
    struct base_slice key;
    enum base_code (*read)(struct base_slice value, struct rpc_options *options,
                           struct base_error *error);
} understood[] = {
    {BASE_SLICE("hirsch-max-reply"), read_max_reply},
    {BASE_SLICE("hirsch-min-sequence"), read_min_sequence},
    {BASE_SLICE("hirsch-epoch"), read_epoch},
    {BASE_SLICE("authorization"), read_authorization},
};

/* seen has one bit a row of understood. */
static enum base_code read_entry(const struct wire_metadata *entry, struct rpc_options *options,
                                 unsigned *seen, struct base_error *error)
{
    for (size_t i = 0; i < sizeof understood / sizeof understood[0]; i++) {
        if (!base_slice_equal(entry->key, understood[i].key)) {
            continue;
        }
        if ((*seen >> i & 1) != 0) {
            return base_fail(error, BASE_INVALID_ARGUMENT, "metadata %.*s is given twice",
                             BASE_PRINT(entry->key));
        }
        *seen |= 1U << i;
        return understood[i].read(entry->value, options, error);
    }
    if ((base_slice_equal(entry->key, BASE_SLICE("x-request-id")) && is_request_id(entry->value)) ||
        (base_slice_equal(entry->key, BASE_SLICE("traceparent")) && is_traceparent(entry->value))) {
        echo(options, entry);
    }
    return BASE_OK;
}

enum base_code rpc_metadata_read(const struct wire_request *request, struct rpc_options *options,
                                 struct base_error *error)
{
    options->max_reply = LIMIT_REPLY;
    options->has_min_sequence = false;
    options->min_sequence = 0;
    options->epoch = (struct base_slice){NULL, 0};
    options->authorization = (struct base_slice){NULL, 0};
    options->echo_count = 0;
    unsigned seen = 0;
    for (size_t i = 0; i < request->metadata_count; i++) {
        const struct wire_metadata *entry = &request->metadata[i];
        if (!is_key(entry->key)) {
            return base_fail(error, BASE_INVALID_ARGUMENT,
                             "metadata entry %zu has a key that is not 1 to %d bytes of lower-case "
                             "letters, digits, '-', '_' and '.'",
                             i, LIMIT_METADATA_KEY);
        }
        if (entry->value.size > LIMIT_METADATA_VALUE) {
            return base_fail(error, BASE_INVALID_ARGUMENT,
                             "the value of metadata %.*s takes %zu bytes, more than the %d allowed",
                             BASE_PRINT(entry->key), entry->value.size, LIMIT_METADATA_VALUE);
        }
        enum base_code code = read_entry(entry, options, &seen, error);
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}
