/* What the metadata of a request asks for. */
#ifndef RPC_METADATA_H
#define RPC_METADATA_H

#include "base/status.h"
#include "wire/envelope.h"

enum { RPC_ECHO_MOST = 2 };

struct rpc_options {
    size_t max_reply;
    bool has_min_sequence;
    uint64_t min_sequence;
    struct base_slice epoch;
    struct base_slice authorization; /* size 0: none */
    /* x-request-id and traceparent when well-formed: they go back with the response. Borrowed from
     * the request. */
    struct wire_metadata echo[RPC_ECHO_MOST];
    size_t echo_count;
};

/* Keys are 1 to LIMIT_METADATA_KEY bytes of a-z, 0-9, '-', '_' and '.'; unknown ones are passed
 * over. INVALID_ARGUMENT: another key; a value over LIMIT_METADATA_VALUE; a hirsch- value that is
 * no such value, or given twice; the text names the key. On failure *options holds what was
 * well-formed up to there. */
enum base_code rpc_metadata_read(const struct wire_request *request, struct rpc_options *options,
                                 struct base_error *error);

#endif
