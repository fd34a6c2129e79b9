/* hirschd serve: puts store, service, rpc and net together, and takes them apart again on
 * SIGTERM. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/exit.h"
#include "base/log.h"
#include "hirsch/version.h"
#include "net/server.h"
#include "rpc/rpc.h"
#include "server/job.h"
#include "server/local.h"
#include "server/machine.h"
#include "server/packer.h"
#include "service/service.h"
#include "store/lock.h"
#include "store/store.h"
#include "store/write.h"

enum {
    /* Files beside connections: store, loops, listeners, standard streams. */
    FILES_BESIDE = 128,
    ACCEPT_QUEUE_WANTED = 1024,
};

static void *session_new(void *state, struct base_error *error)
{
    return rpc_session_new(state, error);
}

static void session_free(void *session)
{
    rpc_session_free(session);
}

static void session_rest(void *session)
{
    rpc_session_rest(session);
}

static void *hold(void *asked)
{
    return net_request_hold(asked);
}

static void release(void *held)
{
    net_held_release(held);
}

static void answer_later(void *held, struct base_buffer *reply)
{
    net_held_answer(held, reply);
}

static bool gone(void *held)
{
    return net_held_gone(held);
}

static bool answer(void *session, struct base_slice request, uint64_t received_ns, uint64_t now_ns,
                   struct net_request *asked, struct base_buffer *reply)
{
    static const struct rpc_door door = {
        .hold = hold, .release = release, .answer = answer_later, .gone = gone};
    return rpc_session_ask(session, request, received_ns, now_ns, &door, asked, reply);
}

static void report(void *state, const char *text)
{
    (void)state;
    base_log(BASE_LOG_WARN, "%s", text);
}

static enum base_code tell_data(const char *directory, struct store *store,
                                struct base_error *error)
{
    struct store_reader *reader;
    struct store_info info;
    struct store_usage usage;
    enum base_code code = store_reader_new(store, &reader, error);
    if (code != BASE_OK) {
        return code;
    }
    code = store_read_info(reader, &info, error);
    if (code == BASE_OK) {
        code = store_read_usage(reader, &usage, error);
    }
    store_reader_free(reader);
    if (code == BASE_OK) {
        base_log(BASE_LOG_INFO,
                 "data directory %s: %" PRIu64 " papers, %" PRIu64 " authors, %" PRIu64
                 " citations, %" PRIu64 " source records, sequence %" PRIu64 ", %" PRIu64
                 " of %" PRIu64 " MiB used",
                 directory, info.paper_count, info.author_count, info.citation_count,
                 info.source_count, info.sequence, usage.map_used >> 20, usage.map_size >> 20);
    }
    return code;
}

static bool stays_on_this_machine(const char *url)
{
    return strncmp(url, "ipc://", 6) == 0 || strncmp(url, "tcp://127.", 10) == 0 ||
           strncmp(url, "tcp://[::1]:", 12) == 0;
}

static void tell_doors(const struct server_settings *settings, const struct net_server *net,
                       unsigned loops)
{
    for (size_t i = 0; i < settings->listen_count; i++) {
        const char *url = net_server_url(net, i);
        base_log(BASE_LOG_INFO, "listening on %s", url);
        if (!stays_on_this_machine(url)) {
            base_log(BASE_LOG_WARN,
                     "%s can be reached from other machines, and whoever reaches it may ask; keep "
                     "it inside a network that you trust",
                     url);
        }
    }
    base_log(BASE_LOG_INFO,
             "limits: %u loops, %u connections, %" PRIu64 " bytes a request, %u requests and "
             "%" PRIu64 " bytes of replies outstanding on a connection, %u ms when a request "
             "names no deadline",
             loops, settings->max_connections, settings->max_request, settings->max_outstanding,
             settings->max_buffered, settings->default_timeout_ms);
}

static void advise(const struct server_settings *settings)
{
    size_t files_wanted = (size_t)settings->max_connections + FILES_BESIDE;
    size_t files = server_machine_open_files(files_wanted);
    size_t queue = server_machine_accept_queue();
    if (files < files_wanted) {
        base_log(BASE_LOG_WARN,
                 "advice: %zu files may be open, %u connections need %zu; raise the limit "
                 "(ulimit -n, LimitNOFILE=) or lower --max-connections",
                 files, settings->max_connections, files_wanted);
    }
    if (queue != 0 && queue < ACCEPT_QUEUE_WANTED) {
        base_log(BASE_LOG_WARN,
                 "advice: net.core.somaxconn is %zu; many clients that connect at once want %d "
                 "(sysctl net.core.somaxconn=%d)",
                 queue, ACCEPT_QUEUE_WANTED, ACCEPT_QUEUE_WANTED);
    }
}

/* Waits for a signal or, if finished is a descriptor, for the end of a drain, and looks after
 * readers of the store meanwhile. True: a signal came. */
static bool wait_for_signal(struct store *store, int signals, int finished)
{
    struct pollfd waits[2] = {{.fd = signals, .events = POLLIN},
                              {.fd = finished, .events = POLLIN}};
    for (;;) {
        int ready = poll(waits, 2, STORE_CHECK_MS);
        if (ready < 0 && errno != EINTR) {
            return true;
        }
        if (ready <= 0) {
            store_check_readers(store);
            continue;
        }
        struct signalfd_siginfo signal_info;
        if ((waits[0].revents & POLLIN) != 0 &&
            read(signals, &signal_info, sizeof signal_info) == sizeof signal_info) {
            return true;
        }
        if ((waits[1].revents & POLLIN) != 0) {
            return false;
        }
    }
}

/* Until the first signal, then until all is answered or the second one. */
static int serve(const struct server_settings *settings, struct store *store,
                 struct rpc_server *rpc, struct net_server *net, int signals)
{
    base_log(BASE_LOG_INFO, "ready");
    if (!server_stop_requested) {
        wait_for_signal(store, signals, -1);
    }
    base_log(BASE_LOG_INFO,
             "stopping: answering what was received, for at most %u ms; a second "
             "signal stops at once",
             settings->drain_timeout_ms);
    rpc_server_drain(rpc);
    net_server_drain(net, settings->drain_timeout_ms);
    bool interrupted = wait_for_signal(store, signals, net_server_finished_fd(net));
    struct net_counters counters;
    net_server_counters(net, &counters);
    base_log(BASE_LOG_INFO, "stopped%s after %" PRIu64 " requests on %" PRIu64 " connections",
             interrupted ? " at once" : "", counters.requests, counters.accepted);
    return interrupted ? BASE_EXIT_INTERRUPTED : BASE_EXIT_OK;
}

static enum base_code open_doors(const struct server_settings *settings, const char *own_ipc,
                                 struct rpc_server *rpc, struct net_server **net,
                                 struct base_error *error)
{
    unsigned loops = settings->loops != 0 ? settings->loops : server_machine_cores();
    loops = loops < NET_LOOPS_MOST ? loops : (unsigned)NET_LOOPS_MOST;
    const struct net_options options = {
        .listen = settings->listen,
        .listen_count = settings->listen_count,
        .own_ipc = own_ipc,
        .loops = loops,
        .max_connections = settings->max_connections,
        .max_outstanding = settings->max_outstanding,
        .max_buffered = (size_t)settings->max_buffered,
        .max_request = (size_t)settings->max_request,
        .ipc_mode = settings->ipc_mode,
        .greeting_timeout_ms = settings->greeting_timeout_ms,
        .idle_timeout_ms = settings->idle_timeout_ms,
        .stall_timeout_ms = settings->stall_timeout_ms,
        .report = report,
    };
    const struct net_handler handler = {.state = rpc,
                                        .session_new = session_new,
                                        .session_free = session_free,
                                        .session_rest = session_rest,
                                        .answer = answer};
    enum base_code code = net_server_open(&options, &handler, net, error);
    if (code == BASE_OK) {
        tell_doors(settings, *net, loops);
    }
    return code;
}

/* The lock makes the directory, so the store is asked first: serving makes none. */
static enum base_code open_data(const struct server_settings *settings, struct store_lock **lock,
                                struct store **store, struct base_error *error)
{
    struct stat info;
    if (stat(settings->data, &info) == 0) {
        enum base_code code = store_lock_take(settings->data, "serve", lock, error);
        if (code != BASE_OK) {
            return code;
        }
    }
    enum base_code code =
        settings->read_only ? store_open(settings->data, settings->map_size, store, error)
                            : store_open_writable(settings->data, settings->map_size, store, error);
    if (code != BASE_OK) {
        store_lock_release(*lock);
        *lock = NULL;
    }
    return code;
}

static atomic_bool disk_failed;

/* Nothing is acknowledged any more: ends as a signal would, so that what waits is answered. */
static void writes_stopped(void *state, const char *text)
{
    (void)state;
    base_log(BASE_LOG_ERROR, "%s", text);
    atomic_store(&disk_failed, true);
    kill(getpid(), SIGTERM);
}

static enum base_code open_writes(const struct server_settings *settings, struct store *store,
                                  struct store_writes **writes, struct base_error *error)
{
    const struct store_writes_options options = {.directory = settings->data,
                                                 .packer = server_packer(),
                                                 .now_ns = base_clock_monotonic_ns,
                                                 .stopped = writes_stopped,
                                                 .report = report};
    if (settings->read_only) {
        base_log(BASE_LOG_INFO, "read only: writes are refused");
        return BASE_OK;
    }
    return store_writes_open(store, &options, writes, error);
}

static enum base_code run_all(const struct server_settings *settings, int signals, int *status,
                              struct base_error *error)
{
    struct store_lock *lock = NULL;
    struct store *store = NULL;
    struct rpc_server *rpc = NULL;
    struct net_server *net = NULL;
    struct server_local_place place;
    const struct rpc_limits limits = {.default_timeout_ms = settings->default_timeout_ms,
                                      .max_timeout_ms = settings->max_timeout_ms};
    base_log(BASE_LOG_INFO, "hirschd %s, process %ld", HIRSCH_VERSION, (long)getpid());
    enum base_code code = open_data(settings, &lock, &store, error);
    if (code != BASE_OK) {
        return code == BASE_NOT_FOUND ? BASE_FAILED_PRECONDITION : code;
    }
    advise(settings);
    code = tell_data(settings->data, store, error);
    if (code != BASE_OK) {
        goto close_store;
    }
    struct service_state state = {.store = store, .unix_us = base_clock_unix_us};
    code = open_writes(settings, store, &state.writes, error);
    if (code != BASE_OK) {
        goto close_store;
    }
    struct rpc_service service = service_open(&state);
    code = rpc_server_new(&service, &limits, &rpc, error);
    if (code != BASE_OK) {
        goto close_writes;
    }
    code = server_local_place_open(settings->data, &place, error);
    if (code != BASE_OK) {
        goto free_rpc;
    }
    code = open_doors(settings, place.url, rpc, &net, error);
    if (code != BASE_OK) {
        goto close_place;
    }
    *status = serve(settings, store, rpc, net, signals);
    net_server_close(net);
    if (atomic_load(&disk_failed)) {
        *status = BASE_EXIT_IO;
    }
close_place:
    server_local_place_close(&place);
free_rpc:
    /* What waits for the writer is answered before rpc ends, though nobody may wait for it. */
    store_writes_close(state.writes);
    state.writes = NULL;
    rpc_server_free(rpc);
close_writes:
    store_writes_close(state.writes);
close_store:
    store_close(store);
    store_lock_release(lock);
    return code;
}

static int run_serve(const struct server_settings *settings, int argument_count, char **arguments)
{
    (void)argument_count;
    (void)arguments;
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    /* Blocked before any thread starts, so that only the descriptor sees them. */
    sigprocmask(SIG_BLOCK, &stops, NULL);
    signal(SIGPIPE, SIG_IGN);
    int signals = signalfd(-1, &stops, SFD_CLOEXEC);
    if (signals < 0) {
        base_log(BASE_LOG_ERROR, "signals cannot be read: %s", strerror(errno));
        return BASE_EXIT_FAILED;
    }
    struct base_error error;
    int status = BASE_EXIT_OK;
    enum base_code code = run_all(settings, signals, &status, &error);
    close(signals);
    if (code != BASE_OK) {
        fprintf(stderr, "hirschd serve: %s\n", error.text);
        return code == BASE_INVALID_ARGUMENT ? BASE_EXIT_USAGE : base_exit_of(code);
    }
    return status;
}

const struct server_job server_job_serve = {
    .name = "serve",
    .arguments = "",
    .summary = "Answers requests over SP (nanomsg, nng) from a data directory",
    .help = "Says \"ready\" on standard error once it serves. SIGTERM or SIGINT ends it\n"
            "gracefully: what was received is answered first; a second signal ends it at once.\n"
            "\n"
            "Examples:\n"
            "  hirschd serve --data hirsch-data\n"
            "  hirschd serve --data /var/lib/hirsch --listen tcp://127.0.0.1:7700 \\\n"
            "      --listen ipc:///run/hirsch/hirsch.sock\n"
            "  HIRSCH_LOOPS=2 hirschd serve --config /etc/hirsch/hirschd.conf\n",
    .options = "data map-size listen ipc-mode loops max-connections max-outstanding max-buffered "
               "max-request greeting-timeout idle-timeout stall-timeout default-timeout "
               "max-timeout drain-timeout read-only log-level",
    .takes_arguments = false,
    .run = run_serve,
};
