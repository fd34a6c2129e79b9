#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "connect.h"
#include "frame.h"
#include "generator.h"

enum { PATIENCE_MS = 2000, PIECE = 64 * 1024 };

/* Reads until one whole frame is there. */
static enum base_code receive_frame(int descriptor, bool ipc, struct base_buffer *input,
                                    struct base_slice *body, struct base_error *error)
{
    for (;;) {
        struct base_slice rest = base_buffer_slice(input);
        uint32_t request_id;
        int taken = bench_frame_take(&rest, ipc, GENERATOR_REPLY_MOST, &request_id, body);
        if (taken > 0) {
            return BASE_OK;
        }
        struct pollfd wait = {.fd = descriptor, .events = POLLIN};
        if (taken < 0 || poll(&wait, 1, PATIENCE_MS) <= 0) {
            return base_fail(error, taken < 0 ? BASE_DATA_LOSS : BASE_UNAVAILABLE,
                             taken < 0 ? "the reply is not SP" : "no reply within two seconds");
        }
        char *to = base_buffer_reserve(input, PIECE);
        if (to == NULL) {
            return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for a reply");
        }
        ssize_t size = recv(descriptor, to, PIECE, 0);
        if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) {
            return base_fail(error, BASE_UNAVAILABLE, "the peer closed the connection");
        }
        input->size += size > 0 ? (size_t)size : 0;
    }
}

enum base_code bench_load_once(const struct bench_load *load, struct base_buffer *reply,
                               struct base_error *error)
{
    int descriptor;
    bool ipc;
    enum base_code code = bench_connect(load->url, &descriptor, &ipc, error);
    if (code != BASE_OK) {
        return code;
    }
    struct base_buffer envelope = BASE_BUFFER_EMPTY;
    struct base_buffer frame = BASE_BUFFER_EMPTY;
    struct base_buffer input = BASE_BUFFER_EMPTY;
    struct base_slice body;
    bench_envelope_append(&envelope, load->method, base_slice_text(load->ids[0]));
    bench_frame_append(&frame, ipc, base_buffer_slice(&envelope));
    if (frame.failed || envelope.failed) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for a request");
        goto close_all;
    }
    if (send(descriptor, frame.data, frame.size, MSG_NOSIGNAL) != (ssize_t)frame.size) {
        code = base_fail(error, BASE_UNAVAILABLE, "%s: sending: %s", load->url, strerror(errno));
        goto close_all;
    }
    code = receive_frame(descriptor, ipc, &input, &body, error);
    if (code == BASE_OK) {
        base_buffer_append_slice(reply, body);
    }

close_all:
    base_buffer_fini(&input);
    base_buffer_fini(&frame);
    base_buffer_fini(&envelope);
    close(descriptor);
    return code;
}
