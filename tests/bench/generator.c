#include "generator.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "connect.h"
#include "frame.h"

enum {
    READ_SIZE = 256 * 1024,
    DEPTH_BITS = 10,
    ROUND_MASK = 0x1fffff,
    LINE = 64,
    /* Keys drawn before they are asked for, so that their frames are in the cache by then: what the
     * generator costs takes processor time from what it measures. */
    AHEAD = 64,
};

/* One request in flight. Its id on the wire is round and place, so that a reply to a lost one is
 * told apart. */
struct slot {
    uint64_t sent_ns;
    uint32_t key;
    uint32_t round;
};

struct connection {
    int descriptor;
    bool ipc;
    bool want_write; /* epoll waits for room */
    struct base_buffer out;
    size_t out_sent;
    struct base_buffer in;
    struct slot *slots; /* depth of them */
};

/* A request, written beforehand. */
struct frame {
    uint16_t size;
    uint16_t id_at;     /* of the request id in bytes */
    uint16_t name_size; /* of the id that is asked for: the last bytes */
    char bytes[];
};

struct run {
    const struct bench_load *load;
    struct bench_result *result;
    struct base_error *error;
    int poll;
    struct connection *connections;
    unsigned opened;
    char *frames;  /* of all ids */
    size_t stride; /* bytes from one to the next */
    struct bench_keys keys;
    uint64_t key_state;
    uint32_t ahead[AHEAD]; /* a ring */
    unsigned ahead_next;
    uint64_t count_from_ns;
    uint64_t end_ns;
    uint64_t stall_ns;
};

static struct frame *frame_of(const struct run *run, uint32_t key)
{
    return (struct frame *)(run->frames + key * run->stride);
}

/* The frame of one id, in buffer. Returns where the request id stands. */
static size_t write_frame(const struct run *run, bool ipc, uint32_t key, struct base_buffer *buffer)
{
    struct base_buffer envelope = BASE_BUFFER_EMPTY;
    bench_envelope_append(&envelope, run->load->method, base_slice_text(run->load->ids[key]));
    base_buffer_clear(buffer);
    size_t at = bench_frame_append(buffer, ipc, base_buffer_slice(&envelope));
    buffer->failed = buffer->failed || envelope.failed;
    base_buffer_fini(&envelope);
    return at;
}

static enum base_code prepare_frames(struct run *run, bool ipc)
{
    const struct bench_load *load = run->load;
    struct base_buffer one = BASE_BUFFER_EMPTY;
    size_t most = 0;
    for (uint32_t i = 0; i < load->id_count && !one.failed; i++) {
        write_frame(run, ipc, i, &one);
        most = one.size > most ? one.size : most;
    }
    run->stride = (sizeof(struct frame) + most + 7) / 8 * 8;
    run->frames = most <= UINT16_MAX ? calloc(load->id_count, run->stride) : NULL;
    for (uint32_t i = 0; i < load->id_count && !one.failed && run->frames != NULL; i++) {
        size_t at = write_frame(run, ipc, i, &one);
        struct frame *frame = frame_of(run, i);
        *frame = (struct frame){(uint16_t)one.size, (uint16_t)at, (uint16_t)strlen(load->ids[i])};
        if (!one.failed) {
            memcpy(frame->bytes, one.data, one.size);
        }
    }
    bool failed = one.failed || run->frames == NULL;
    base_buffer_fini(&one);
    return failed ? base_fail(run->error, BASE_RESOURCE_EXHAUSTED, "no memory for the requests")
                  : BASE_OK;
}

static uint32_t draw_ahead(struct run *run)
{
    uint32_t key = bench_keys_next(&run->keys, &run->key_state);
    const char *frame = run->frames + key * run->stride;
    for (size_t at = 0; at < run->stride; at += LINE) {
        __builtin_prefetch(frame + at);
    }
    return key;
}

static uint32_t next_key(struct run *run)
{
    uint32_t *place = &run->ahead[run->ahead_next++ % AHEAD];
    uint32_t key = *place;
    *place = draw_ahead(run);
    return key;
}

static enum base_code open_connections(struct run *run)
{
    const struct bench_load *load = run->load;
    for (; run->opened < load->connections; run->opened++) {
        struct connection *connection = &run->connections[run->opened];
        connection->slots = calloc(load->depth, sizeof *connection->slots);
        if (connection->slots == NULL) {
            return base_fail(run->error, BASE_RESOURCE_EXHAUSTED, "no memory for connections");
        }
        enum base_code code =
            bench_connect(load->url, &connection->descriptor, &connection->ipc, run->error);
        if (code != BASE_OK) {
            free(connection->slots);
            connection->slots = NULL;
            return code;
        }
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = run->opened};
        if (epoll_ctl(run->poll, EPOLL_CTL_ADD, connection->descriptor, &event) != 0) {
            int reason = errno;
            run->opened++;
            return base_fail(run->error, BASE_UNAVAILABLE, "epoll: %s", strerror(reason));
        }
    }
    return BASE_OK;
}

/* Puts the next request of a slot behind what waits to be sent. */
static void issue(struct run *run, struct connection *connection, uint32_t place, uint64_t now_ns)
{
    struct slot *slot = &connection->slots[place];
    slot->key = next_key(run);
    slot->round = (slot->round + 1) & ROUND_MASK;
    slot->sent_ns = now_ns;
    const struct frame *frame = frame_of(run, slot->key);
    char *to = base_buffer_reserve(&connection->out, frame->size);
    if (to == NULL) {
        return;
    }
    memcpy(to, frame->bytes, frame->size);
    base_put_be32(to + frame->id_at, UINT32_C(0x80000000) | slot->round << DEPTH_BITS | place);
    connection->out.size += frame->size;
}

static enum base_code watch(struct run *run, struct connection *connection, bool want_write)
{
    if (connection->want_write == want_write) {
        return BASE_OK;
    }
    connection->want_write = want_write;
    struct epoll_event event = {.events = EPOLLIN | (want_write ? (uint32_t)EPOLLOUT : 0),
                                .data.u32 = (uint32_t)(connection - run->connections)};
    if (epoll_ctl(run->poll, EPOLL_CTL_MOD, connection->descriptor, &event) != 0) {
        return base_fail(run->error, BASE_UNAVAILABLE, "epoll: %s", strerror(errno));
    }
    return BASE_OK;
}

static enum base_code flush(struct run *run, struct connection *connection)
{
    if (connection->out.failed) {
        return base_fail(run->error, BASE_RESOURCE_EXHAUSTED, "no memory for requests");
    }
    while (connection->out_sent < connection->out.size) {
        ssize_t sent = send(connection->descriptor, connection->out.data + connection->out_sent,
                            connection->out.size - connection->out_sent, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return watch(run, connection, true);
        }
        if (sent < 0) {
            return base_fail(run->error, BASE_UNAVAILABLE, "%s: sending: %s", run->load->url,
                             strerror(errno));
        }
        connection->out_sent += (size_t)sent;
    }
    base_buffer_clear(&connection->out);
    connection->out_sent = 0;
    return watch(run, connection, false);
}

static void account(struct run *run, struct connection *connection, uint32_t request_id,
                    struct base_slice body, uint64_t now_ns)
{
    uint32_t place = request_id & ((1u << DEPTH_BITS) - 1);
    uint32_t round = request_id >> DEPTH_BITS & ROUND_MASK;
    if (place >= run->load->depth || round != connection->slots[place].round) {
        return; /* the late reply to a request that counts as lost */
    }
    struct slot *slot = &connection->slots[place];
    const struct frame *frame = frame_of(run, slot->key);
    struct base_slice name =
        base_slice(frame->bytes + frame->size - frame->name_size, frame->name_size);
    if (!bench_reply_names(body, name)) {
        run->result->wrong++;
    } else if (now_ns >= run->count_from_ns && now_ns <= run->end_ns) {
        run->result->replies++;
        run->result->bytes_sent += frame->size;
        run->result->bytes_received += body.size + BENCH_REQUEST_ID + (connection->ipc ? 9 : 8);
        bench_histogram_record(&run->result->latency, now_ns - slot->sent_ns);
    }
    issue(run, connection, place, now_ns);
}

static enum base_code take_replies(struct run *run, struct connection *connection, uint64_t now_ns)
{
    struct base_slice input = base_buffer_slice(&connection->in);
    uint32_t request_id;
    struct base_slice body;
    int taken;
    while ((taken = bench_frame_take(&input, connection->ipc, GENERATOR_REPLY_MOST, &request_id,
                                     &body)) > 0) {
        account(run, connection, request_id, body, now_ns);
    }
    if (taken < 0) {
        return base_fail(run->error, BASE_DATA_LOSS, "%s: a reply is not SP", run->load->url);
    }
    if (input.size > 0) {
        memmove(connection->in.data, input.data, input.size);
    }
    connection->in.size = input.size;
    return flush(run, connection);
}

static enum base_code receive(struct run *run, struct connection *connection)
{
    char *to = base_buffer_reserve(&connection->in, READ_SIZE);
    if (to == NULL) {
        return base_fail(run->error, BASE_RESOURCE_EXHAUSTED, "no memory for replies");
    }
    ssize_t size = recv(connection->descriptor, to, READ_SIZE, 0);
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
        return BASE_OK;
    }
    if (size <= 0) {
        return base_fail(run->error, BASE_UNAVAILABLE, "%s: the peer closed the connection: %s",
                         run->load->url, size < 0 ? strerror(errno) : "end of stream");
    }
    connection->in.size += (size_t)size;
    return take_replies(run, connection, base_clock_monotonic_ns());
}

/* What has no answer for long is lost: a peer that drops replies would otherwise stop the loop. */
static enum base_code resend_stalled(struct run *run, uint64_t now_ns)
{
    for (unsigned i = 0; i < run->opened; i++) {
        struct connection *connection = &run->connections[i];
        for (uint32_t place = 0; place < run->load->depth; place++) {
            if (now_ns - connection->slots[place].sent_ns > run->stall_ns) {
                run->result->lost++;
                issue(run, connection, place, now_ns);
            }
        }
        enum base_code code = flush(run, connection);
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

static enum base_code loop(struct run *run)
{
    struct epoll_event events[256];
    enum base_code code = BASE_OK;
    uint64_t now_ns = base_clock_monotonic_ns();
    uint64_t look_ns = now_ns + run->stall_ns / 4;
    while (code == BASE_OK && now_ns < run->end_ns) {
        int count = epoll_wait(run->poll, events, 256, 50);
        if (count < 0 && errno != EINTR) {
            return base_fail(run->error, BASE_UNAVAILABLE, "epoll: %s", strerror(errno));
        }
        for (int i = 0; i < count && code == BASE_OK; i++) {
            struct connection *connection = &run->connections[events[i].data.u32];
            if (events[i].events & EPOLLOUT) {
                code = flush(run, connection);
            }
            if (code == BASE_OK && (events[i].events & ~(uint32_t)EPOLLOUT)) {
                code = receive(run, connection);
            }
        }
        now_ns = base_clock_monotonic_ns();
        if (code == BASE_OK && now_ns >= look_ns) {
            look_ns = now_ns + run->stall_ns / 4;
            code = resend_stalled(run, now_ns);
        }
    }
    return code;
}

static enum base_code start(struct run *run)
{
    uint64_t now_ns = base_clock_monotonic_ns();
    run->count_from_ns = now_ns + run->load->warmup_ns;
    run->end_ns = run->count_from_ns + run->load->duration_ns;
    for (unsigned i = 0; i < AHEAD; i++) {
        run->ahead[i] = draw_ahead(run);
    }
    for (unsigned i = 0; i < run->opened; i++) {
        for (uint32_t place = 0; place < run->load->depth; place++) {
            issue(run, &run->connections[i], place, now_ns);
        }
        enum base_code code = flush(run, &run->connections[i]);
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

static void run_fini(struct run *run)
{
    for (unsigned i = 0; i < run->opened; i++) {
        struct connection *connection = &run->connections[i];
        close(connection->descriptor);
        base_buffer_fini(&connection->in);
        base_buffer_fini(&connection->out);
        free(connection->slots);
    }
    free(run->connections);
    free(run->frames);
    if (run->poll >= 0) {
        close(run->poll);
    }
}

enum base_code bench_load_run(const struct bench_load *load, struct bench_result *result,
                              struct base_error *error)
{
    if (load->connections < 1 || load->connections > BENCH_CONNECTIONS || load->depth < 1 ||
        load->depth > BENCH_DEPTH || load->id_count < 1 || load->duration_ns == 0) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "1 to %d connections, 1 to %d requests in flight, at least one id",
                         BENCH_CONNECTIONS, BENCH_DEPTH);
    }
    memset(result, 0, sizeof *result);
    bench_histogram_init(&result->latency);
    struct run run = {.load = load, .result = result, .error = error};
    run.stall_ns = load->stall_ns != 0 ? load->stall_ns : UINT64_C(1000000000);
    bench_keys_init(&run.keys, &load->keys, load->id_count);
    run.key_state = load->seed;
    run.poll = epoll_create1(EPOLL_CLOEXEC);
    run.connections = calloc(load->connections, sizeof *run.connections);
    enum base_code code;
    if (run.poll < 0 || run.connections == NULL) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory or descriptors for a run");
        goto fini;
    }
    code = open_connections(&run);
    if (code == BASE_OK) {
        code = prepare_frames(&run, run.connections[0].ipc);
    }
    if (code == BASE_OK) {
        code = start(&run);
    }
    if (code == BASE_OK) {
        code = loop(&run);
    }
    result->elapsed_ns = load->duration_ns;

fini:
    run_fini(&run);
    return code;
}
