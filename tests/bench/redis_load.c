/* hirsch-redis-load: GET or MGET in a closed loop over RESP, shaped like hirsch-load; --set first
 * gives every key the same value. Prints one JSON object. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/parse.h"
#include "bench/histogram.h"
#include "bench/keys.h"

enum {
    PLACES = 1024,
    PIECE = 256 * 1024,
    SET_AHEAD = 1000,
    /* Keys drawn before they are asked for, so that they are in the cache by then, as in
     * hirsch-load. */
    AHEAD = 64,
};

struct connection {
    int fd;
    struct base_buffer in;
    struct base_buffer out;
    uint64_t sent_ns[PLACES]; /* a ring: replies come in the order of the requests */
    unsigned oldest;
    unsigned under_way;
    unsigned values_left; /* of the reply that is being read */
    bool in_reply;
};

struct options {
    uint64_t port;
    uint64_t connections;
    uint64_t depth;
    uint64_t batch;
    uint64_t warmup_ms;
    uint64_t duration_ms;
    uint64_t seed;
    const char *ids;
    const char *set;
    struct bench_spread_options keys;
};

static struct base_slice *ids;
static uint32_t id_count;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "hirsch-redis-load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void read_ids(const char *path)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    size_t capacity = 0;
    ssize_t size;
    if (file == NULL) {
        die(path);
    }
    while ((size = getline(&line, &room, file)) > 1) {
        if (id_count == capacity) {
            capacity = capacity == 0 ? 1024 : capacity * 2;
            ids = realloc(ids, capacity * sizeof *ids);
        }
        size_t length = strcspn(line, "\n");
        ids[id_count++] = base_slice(memcpy(malloc(length), line, length), length);
    }
    free(line);
    fclose(file);
}

static void put_bulk(struct base_buffer *out, struct base_slice value)
{
    base_buffer_append_format(out, "$%zu\r\n", value.size);
    base_buffer_append_slice(out, value);
    base_buffer_append(out, "\r\n", 2);
}

/* Takes one line, or one value, off the front; false: more bytes are needed. */
static bool take_reply(struct connection *connection, struct base_slice *input)
{
    for (;;) {
        const char *end = input->size == 0 ? NULL : memchr(input->data, '\n', input->size);
        if (end == NULL) {
            return false;
        }
        size_t head = (size_t)(end + 1 - input->data);
        long number = strtol(input->data + 1, NULL, 10);
        size_t body = 0;
        switch (input->data[0]) {
        case '*':
            connection->values_left = (unsigned)number;
            connection->in_reply = true;
            break;
        case '$':
            if (number < 0) {
                fprintf(stderr, "hirsch-redis-load: a key has no value\n");
                exit(1);
            }
            body = (size_t)number + 2;
            break;
        case '+':
            break;
        default:
            fprintf(stderr, "hirsch-redis-load: %.*s\n", (int)head, input->data);
            exit(1);
        }
        if (input->size < head + body) {
            return false;
        }
        bool array = input->data[0] == '*';
        input->data += head + body;
        input->size -= head + body;
        if (array) {
            continue;
        }
        if (!connection->in_reply || --connection->values_left == 0) {
            connection->in_reply = false;
            return true;
        }
    }
}

static void flush(struct connection *connection)
{
    size_t sent = 0;
    while (sent < connection->out.size) {
        ssize_t size = send(connection->fd, connection->out.data + sent,
                            connection->out.size - sent, MSG_NOSIGNAL);
        if (size < 0 && errno != EAGAIN && errno != EINTR) {
            die("send");
        }
        sent += size > 0 ? (size_t)size : 0;
    }
    base_buffer_clear(&connection->out);
}

static void receive(struct connection *connection)
{
    char *to = base_buffer_reserve(&connection->in, PIECE);
    ssize_t size = to == NULL ? -1 : recv(connection->fd, to, PIECE, 0);
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) {
        die("recv");
    }
    connection->in.size += size > 0 ? (size_t)size : 0;
}

static void keep_rest(struct connection *connection, struct base_slice rest)
{
    memmove(connection->in.data, rest.data, rest.size);
    connection->in.size = rest.size;
}

static void open_connection(struct connection *connection, uint64_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int on = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->fd < 0 ||
        connect(connection->fd, (struct sockaddr *)&address, sizeof address) != 0) {
        die("connect");
    }
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* Every key gets the bytes of the file. */
static void set_all(struct connection *connection, const char *path)
{
    struct base_buffer value = BASE_BUFFER_EMPTY;
    FILE *file = fopen(path, "rb");
    char *to = base_buffer_reserve(&value, 65536);
    if (file == NULL || to == NULL) {
        die(path);
    }
    value.size = fread(to, 1, 65536, file);
    fclose(file);
    for (uint32_t next = 0, answered = 0; answered < id_count;) {
        for (; next < id_count && next < answered + SET_AHEAD; next++) {
            base_buffer_append_text(&connection->out, "*3\r\n$3\r\nSET\r\n");
            put_bulk(&connection->out, ids[next]);
            put_bulk(&connection->out, base_buffer_slice(&value));
        }
        flush(connection);
        receive(connection);
        struct base_slice input = base_buffer_slice(&connection->in);
        while (take_reply(connection, &input)) {
            answered++;
        }
        keep_rest(connection, input);
    }
    base_buffer_fini(&value);
}

struct draw {
    struct bench_keys keys;
    uint64_t state;
    uint32_t ahead[AHEAD]; /* a ring */
    unsigned next;
};

static uint32_t draw_ahead(struct draw *draw)
{
    uint32_t key = bench_keys_next(&draw->keys, &draw->state);
    __builtin_prefetch(&ids[key]);
    return key;
}

static struct base_slice next_id(struct draw *draw)
{
    uint32_t *place = &draw->ahead[draw->next % AHEAD];
    uint32_t key = *place;
    *place = draw_ahead(draw);
    __builtin_prefetch(ids[draw->ahead[(draw->next + AHEAD / 2) % AHEAD]].data);
    draw->next++;
    return ids[key];
}

static void ask(struct connection *connection, struct draw *draw, uint64_t batch, uint64_t now_ns)
{
    if (batch > 1) {
        base_buffer_append_format(&connection->out, "*%llu\r\n$4\r\nMGET\r\n",
                                  (unsigned long long)batch + 1);
    } else {
        base_buffer_append_text(&connection->out, "*2\r\n$3\r\nGET\r\n");
    }
    for (uint64_t i = 0; i < batch; i++) {
        put_bulk(&connection->out, next_id(draw));
    }
    connection->sent_ns[(connection->oldest + connection->under_way++) % PLACES] = now_ns;
}

static void run(const struct options *options, struct connection *connections)
{
    static struct bench_histogram latency;
    struct epoll_event events[256];
    struct draw draw = {.state = options->seed};
    uint64_t replies = 0;
    int poll = epoll_create1(0);
    uint64_t now_ns = base_clock_monotonic_ns();
    uint64_t from_ns = now_ns + options->warmup_ms * 1000000;
    uint64_t end_ns = from_ns + options->duration_ms * 1000000;
    bench_histogram_init(&latency);
    bench_keys_init(&draw.keys, &options->keys, id_count);
    for (unsigned i = 0; i < AHEAD; i++) {
        draw.ahead[i] = draw_ahead(&draw);
    }
    for (uint64_t i = 0; i < options->connections; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u64 = i};
        fcntl(connections[i].fd, F_SETFL, O_NONBLOCK);
        epoll_ctl(poll, EPOLL_CTL_ADD, connections[i].fd, &event);
        for (uint64_t k = 0; k < options->depth; k++) {
            ask(&connections[i], &draw, options->batch, now_ns);
        }
        flush(&connections[i]);
    }
    while (now_ns < end_ns) {
        int count = epoll_wait(poll, events, 256, 100);
        for (int i = 0; i < count; i++) {
            struct connection *connection = &connections[events[i].data.u64];
            receive(connection);
            now_ns = base_clock_monotonic_ns();
            struct base_slice input = base_buffer_slice(&connection->in);
            while (take_reply(connection, &input)) {
                if (now_ns >= from_ns && now_ns <= end_ns) {
                    replies++;
                    bench_histogram_record(
                        &latency, now_ns - connection->sent_ns[connection->oldest % PLACES]);
                }
                connection->oldest++;
                connection->under_way--;
                ask(connection, &draw, options->batch, now_ns);
            }
            keep_rest(connection, input);
            flush(connection);
        }
        now_ns = base_clock_monotonic_ns();
    }
    double seconds = (double)options->duration_ms / 1e3;
    printf("{\"perSecond\":%.1f,\"itemsPerSecond\":%.1f,\"p50Us\":%.1f,\"p99Us\":%.1f,"
           "\"p999Us\":%.1f,\"lost\":0}\n",
           (double)replies / seconds, (double)(replies * options->batch) / seconds,
           (double)bench_histogram_at(&latency, 0.5) / 1e3,
           (double)bench_histogram_at(&latency, 0.99) / 1e3,
           (double)bench_histogram_at(&latency, 0.999) / 1e3);
}

static bool take(const char *text, uint64_t most, uint64_t *value)
{
    return base_parse_u64(base_slice_text(text), most, value);
}

int main(int argc, char **argv)
{
    static const struct option names[] = {
        {"port", 1, NULL, 'p'},        {"ids", 1, NULL, 'i'},   {"connections", 1, NULL, 'c'},
        {"depth", 1, NULL, 'd'},       {"batch", 1, NULL, 'b'}, {"warmup-ms", 1, NULL, 'w'},
        {"duration-ms", 1, NULL, 't'}, {"seed", 1, NULL, 's'},  {"set", 1, NULL, 'v'},
        {"zipf", 0, NULL, 'z'},        {NULL, 0, NULL, 0}};
    struct options options = {.connections = 1, .depth = 1, .batch = 1, .duration_ms = 1000};
    int option;
    bool right = true;
    while (right && (option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (option) {
        case 'p':
            right = take(optarg, 65535, &options.port);
            break;
        case 'c':
            right = take(optarg, 4096, &options.connections) && options.connections > 0;
            break;
        case 'd':
            right = take(optarg, PLACES, &options.depth) && options.depth > 0;
            break;
        case 'b':
            right = take(optarg, 1000, &options.batch) && options.batch > 0;
            break;
        case 'w':
            right = take(optarg, 3600000, &options.warmup_ms);
            break;
        case 't':
            right = take(optarg, 3600000, &options.duration_ms) && options.duration_ms > 0;
            break;
        case 's':
            right = take(optarg, UINT64_MAX, &options.seed);
            break;
        case 'z':
            options.keys = (struct bench_spread_options){.spread = BENCH_ZIPF, .theta = 0.99};
            break;
        case 'i':
            options.ids = optarg;
            break;
        case 'v':
            options.set = optarg;
            break;
        default:
            right = false;
        }
    }
    if (!right || options.ids == NULL || options.port == 0) {
        fprintf(stderr, "usage: hirsch-redis-load --port N --ids FILE [--set FILE] [--batch N] "
                        "[--connections N] [--depth N] [--warmup-ms N] [--duration-ms N] "
                        "[--seed N] [--zipf]\n");
        return 64;
    }
    read_ids(options.ids);
    struct connection *connections = calloc(options.connections, sizeof *connections);
    if (connections == NULL || id_count == 0) {
        die("nothing to ask for");
    }
    for (uint64_t i = 0; i < options.connections; i++) {
        open_connection(&connections[i], options.port);
    }
    if (options.set != NULL) {
        set_all(&connections[0], options.set);
    } else {
        run(&options, connections);
    }
    return 0;
}
