/* Sends ready-made requests of writes and counts the answers: so many connections with so many
 * requests under way each. put-load URL FILE CONNECTIONS DEPTH SECONDS. FILE holds Request
 * envelopes, each behind its size (u32, little-endian). One that an overloaded server refuses is
 * sent again after a pause; its latency is that of the last attempt. Prints one line of JSON. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/parse.h"
#include "bench/histogram.h"
#include "connect.h"
#include "frame.h"
#include "wire/envelope.h"

enum {
    CONNECTIONS_MOST = 256,
    DEPTH_MOST = 256,
    REPLY_MOST = 1 << 20,
    PIECE = 1 << 16,
    REST_MS = 100, /* before what was refused is sent again */
};

struct place {
    int descriptor;
    bool ipc;
    struct base_buffer output;
    size_t sent; /* of output */
    struct base_buffer input;
    unsigned under_way;
    uint64_t started_ns[DEPTH_MOST];     /* by id modulo DEPTH_MOST */
    struct base_slice asked[DEPTH_MOST]; /* likewise */
    struct base_slice refused[DEPTH_MOST];
    size_t refused_count;
    uint64_t rest_until_ns; /* of those refused */
    uint32_t next_id;
};

struct load {
    struct base_buffer file;
    size_t at;
    uint64_t end_ns;
    uint64_t answered;
    uint64_t failed;
    uint64_t refused;                  /* and sent again */
    struct bench_histogram *latencies; /* ns */
    struct place places[CONNECTIONS_MOST];
    struct pollfd polls[CONNECTIONS_MOST];
    size_t count;
    unsigned depth;
};

static _Noreturn void die(const char *what, const char *why)
{
    fprintf(stderr, "put-load: %s: %s\n", what, why);
    exit(1);
}

static void read_file(struct load *load, const char *path)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        die(path, strerror(errno));
    }
    for (;;) {
        char *to = base_buffer_reserve(&load->file, PIECE);
        size_t got = to == NULL ? 0 : fread(to, 1, PIECE, file);
        if (got == 0) {
            break;
        }
        load->file.size += got;
    }
    fclose(file);
}

/* The next request; false at the end of the file or of the time. */
static bool next_request(struct load *load, struct base_slice *request)
{
    if (load->at + 4 > load->file.size || base_clock_monotonic_ns() >= load->end_ns) {
        return false;
    }
    size_t size = base_get_le32(load->file.data + load->at);
    if (size > load->file.size - load->at - 4) {
        die("the file of requests", "cut");
    }
    *request = base_slice(load->file.data + load->at + 4, size);
    load->at += 4 + size;
    return true;
}

static bool take_refused(struct place *place, struct base_slice *request)
{
    if (place->refused_count == 0 || base_clock_monotonic_ns() < place->rest_until_ns) {
        return false;
    }
    *request = place->refused[--place->refused_count];
    return true;
}

static void fill(struct load *load, struct place *place)
{
    struct base_slice request;
    while (place->under_way < load->depth &&
           (take_refused(place, &request) ||
            (place->refused_count == 0 && next_request(load, &request)))) {
        size_t id_at = bench_frame_append(&place->output, place->ipc, request);
        base_put_be32(place->output.data + id_at, place->next_id | UINT32_C(0x80000000));
        place->started_ns[place->next_id % DEPTH_MOST] = base_clock_monotonic_ns();
        place->asked[place->next_id % DEPTH_MOST] = request;
        place->next_id++;
        place->under_way++;
    }
}

static void flush(struct place *place)
{
    while (place->sent < place->output.size) {
        ssize_t sent = send(place->descriptor, place->output.data + place->sent,
                            place->output.size - place->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        if (sent <= 0) {
            die("send", strerror(errno));
        }
        place->sent += (size_t)sent;
    }
    base_buffer_clear(&place->output);
    place->sent = 0;
}

static void take_answers(struct load *load, struct place *place)
{
    struct base_slice rest = base_buffer_slice(&place->input);
    struct base_slice body;
    uint32_t id;
    int taken;
    while ((taken = bench_frame_take(&rest, place->ipc, REPLY_MOST, &id, &body)) > 0) {
        struct wire_response response;
        size_t at = (id & UINT32_C(0x7fffffff)) % DEPTH_MOST;
        uint64_t now_ns = base_clock_monotonic_ns();
        bool read = wire_response_read(body, &response, NULL) == BASE_OK;
        place->under_way--;
        if (read && response.code == BASE_RESOURCE_EXHAUSTED) {
            place->refused[place->refused_count++] = place->asked[at];
            place->rest_until_ns = now_ns + REST_MS * UINT64_C(1000000);
            load->refused++;
            continue;
        }
        if ((!read || response.code != BASE_OK) && load->failed++ == 0) {
            fprintf(stderr, "put-load: %.*s\n", BASE_PRINT(response.message));
        }
        bench_histogram_record(load->latencies, now_ns - place->started_ns[at]);
        load->answered++;
    }
    if (taken < 0) {
        die("an answer", "not SP");
    }
    if (rest.size > 0) {
        memmove(place->input.data, rest.data, rest.size);
    }
    place->input.size = rest.size;
}

static void receive(struct load *load, struct place *place)
{
    char *to = base_buffer_reserve(&place->input, PIECE);
    if (to == NULL) {
        die("receive", "out of memory");
    }
    ssize_t size = recv(place->descriptor, to, PIECE, MSG_DONTWAIT);
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) {
        die("the daemon", "closed the connection");
    }
    place->input.size += size > 0 ? (size_t)size : 0;
    take_answers(load, place);
}

static void run(struct load *load)
{
    for (;;) {
        size_t under_way = 0;
        bool resting = false;
        for (size_t i = 0; i < load->count; i++) {
            struct place *place = &load->places[i];
            fill(load, place);
            flush(place);
            under_way += place->under_way + place->refused_count;
            resting = resting || place->refused_count > 0;
            short out = place->output.size > 0 ? POLLOUT : 0;
            load->polls[i] = (struct pollfd){place->descriptor, (short)(POLLIN | out), 0};
        }
        if (under_way == 0) {
            return;
        }
        if (poll(load->polls, load->count, resting ? REST_MS : 60000) <= 0 && !resting) {
            die("the daemon", "does not answer");
        }
        for (size_t i = 0; i < load->count; i++) {
            if ((load->polls[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0) {
                receive(load, &load->places[i]);
            }
        }
    }
}

int main(int argc, char **argv)
{
    uint64_t connections;
    uint64_t depth;
    uint64_t seconds;
    struct base_error error;
    if (argc != 6 || !base_parse_u64(base_slice_text(argv[3]), CONNECTIONS_MOST, &connections) ||
        !base_parse_u64(base_slice_text(argv[4]), DEPTH_MOST, &depth) ||
        !base_parse_u64(base_slice_text(argv[5]), 3600, &seconds)) {
        fprintf(stderr, "usage: put-load URL FILE CONNECTIONS DEPTH SECONDS\n");
        return 64;
    }
    struct load *load = calloc(1, sizeof *load);
    struct bench_histogram *latencies = malloc(sizeof *latencies);
    if (load == NULL || latencies == NULL) {
        die("start", "out of memory");
    }
    bench_histogram_init(latencies);
    load->latencies = latencies;
    load->depth = (unsigned)depth;
    read_file(load, argv[2]);
    for (; load->count < connections; load->count++) {
        struct place *place = &load->places[load->count];
        if (bench_connect(argv[1], &place->descriptor, &place->ipc, &error) != BASE_OK) {
            die("connect", error.text);
        }
    }
    uint64_t start_ns = base_clock_monotonic_ns();
    load->end_ns = start_ns + seconds * 1000000000;
    run(load);
    double took = (double)(base_clock_monotonic_ns() - start_ns) / 1e9;
    printf("{\"answered\":%llu,\"failed\":%llu,\"refused\":%llu,\"seconds\":%.4f,\"rate\":%.1f,"
           "\"p50_ms\":%.3f,"
           "\"p99_ms\":%.3f}\n",
           (unsigned long long)load->answered, (unsigned long long)load->failed,
           (unsigned long long)load->refused, took, (double)load->answered / took,
           (double)bench_histogram_at(latencies, 0.5) / 1e6,
           (double)bench_histogram_at(latencies, 0.99) / 1e6);
    return load->failed > 0 ? 1 : 0;
}
