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
#include <unistd.h>

#include "base/clock.h"
#include "base/exit.h"
#include "base/log.h"
#include "hirsch/version.h"
#include "net/server.h"
#include "rpc/rpc.h"
#include "server/door.h"
#include "server/background.h"
#include "server/job.h"
#include "server/local.h"
#include "server/machine.h"
#include "server/options.h"
#include "server/packer.h"
#include "server/tend.h"
#include "service/service.h"
#include "store/lock.h"
#include "store/store.h"
#include "store/write.h"

enum {
    /* Files beside connections: store, loops, listeners, standard streams. */
    FILES_BESIDE = 128,
    /* Fewer files than these do not do for loops and doors; libuv ends the process where it has
     * none for its signals. */
    FILES_LEAST = 64,
    ACCEPT_QUEUE_WANTED = 1024,
    NS_A_MS = 1000000,
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

static bool answer(void *session, struct base_slice request, uint64_t received_ns, uint64_t *now_ns,
                   struct net_request *asked, struct base_buffer *reply)
{
    static const struct rpc_door door = {
        .hold = hold, .release = release, .answer = answer_later, .gone = gone};
    rpc_session_next(session, net_request_own(asked), net_request_retry_ms(asked));
    return rpc_session_ask(session, request, received_ns, now_ns, &door, asked, reply);
}

static void ahead(void *session, const struct base_slice *requests, size_t count)
{
    rpc_session_ahead(session, requests, count);
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

static void tell_doors(const struct server_settings *settings, const struct net_server *net,
                       unsigned loops, bool keyed)
{
    for (size_t i = 0; i < settings->listen_count; i++) {
        const char *url = net_server_url(net, i);
        base_log(BASE_LOG_INFO, "listening on %s", url);
        if (!server_door_is_local(url) && !keyed) {
            base_log(BASE_LOG_WARN,
                     "INSECURE: %s can be reached from other machines, there are no keys, and "
                     "whoever reaches it may read and write everything",
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

static enum base_code check_machine(const struct server_settings *settings,
                                    struct base_error *error)
{
    size_t files_wanted = (size_t)settings->max_connections + FILES_BESIDE;
    size_t files = server_machine_open_files(files_wanted);
    size_t queue = server_machine_accept_queue();
    if (files < FILES_LEAST) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "only %zu files may be open, a daemon needs %d beside its connections; "
                         "raise the limit (ulimit -n, LimitNOFILE=)",
                         files, FILES_LEAST);
    }
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
    return BASE_OK;
}

/* Waits for a signal that ends or, if finished is a descriptor, for the end of a drain, or until
 * until_ns (0: for ever); looks after everything else meanwhile. */
enum woken { WOKEN_BY_SIGNAL, WOKEN_BY_END, WOKEN_BY_TIME };

static enum woken wait_for_signal(struct server_tend *tend, struct store *store, int signals,
                                  int finished, uint64_t until_ns)
{
    struct pollfd waits[2] = {{.fd = signals, .events = POLLIN},
                              {.fd = finished, .events = POLLIN}};
    uint64_t checked_ns = base_clock_monotonic_ns();
    for (;;) {
        struct signalfd_siginfo signal_info;
        int ready = poll(waits, 2, SERVER_TEND_MS);
        if (ready < 0 && errno != EINTR) {
            return WOKEN_BY_SIGNAL;
        }
        if (ready > 0 && (waits[0].revents & POLLIN) != 0 &&
            read(signals, &signal_info, sizeof signal_info) == sizeof signal_info) {
            if (signal_info.ssi_signo != SIGHUP) {
                return WOKEN_BY_SIGNAL;
            }
            server_tend_reload(tend);
        }
        if (ready > 0 && (waits[1].revents & POLLIN) != 0) {
            return WOKEN_BY_END;
        }
        server_tend_look(tend);
        uint64_t now_ns = base_clock_monotonic_ns();
        if (now_ns - checked_ns >= (uint64_t)STORE_CHECK_MS * NS_A_MS) {
            store_check_readers(store);
            checked_ns = now_ns;
        }
        if (until_ns != 0 && now_ns >= until_ns) {
            return WOKEN_BY_TIME;
        }
    }
}

/* Not ready, serving on, refusing, finishing what is in flight. A refresh of cohorts may take
 * longer than anybody waits here: it ends unfinished, and who asked for it is told so. */
static bool drain(struct server_tend *tend, struct server_background *background,
                  struct store *store, struct net_server *net, int signals)
{
    const struct server_settings *settings = &tend->settings;
    atomic_store(&tend->ops->draining, true);
    rpc_server_drain(tend->rpc);
    if (settings->drain_delay_ms > 0) {
        base_log(BASE_LOG_INFO,
                 "stopping: not ready, and serving on for %u ms; a second signal stops at once",
                 settings->drain_delay_ms);
        uint64_t until_ns =
            base_clock_monotonic_ns() + (uint64_t)settings->drain_delay_ms * NS_A_MS;
        if (wait_for_signal(tend, store, signals, -1, until_ns) == WOKEN_BY_SIGNAL) {
            return true;
        }
        /* Those who still ask are sent elsewhere, so that a peer with more requests than time
         * cannot hold up the end. */
        rpc_server_refuse(tend->rpc);
    }
    base_log(BASE_LOG_INFO,
             "stopping: answering what was received, for at most %u ms; a second signal stops at "
             "once",
             settings->drain_timeout_ms);
    server_background_end(background);
    net_server_drain(net, settings->drain_timeout_ms);
    return wait_for_signal(tend, store, signals, net_server_finished_fd(net), 0) == WOKEN_BY_SIGNAL;
}

/* Until the first signal, then until all is answered or the second one. */
static int serve(struct server_tend *tend, struct server_background *background,
                 struct store *store, struct net_server *net, int signals)
{
    base_log(BASE_LOG_INFO, "ready");
    if (!server_stop_requested) {
        wait_for_signal(tend, store, signals, -1, 0);
    }
    bool interrupted = drain(tend, background, store, net, signals);
    struct net_counters counters;
    net_server_counters(net, &counters);
    base_log(BASE_LOG_INFO, "stopped%s after %" PRIu64 " requests on %" PRIu64 " connections",
             interrupted ? " at once" : "", counters.requests, counters.accepted);
    return interrupted ? BASE_EXIT_INTERRUPTED : BASE_EXIT_OK;
}

/* The URLs that --listen means; refuses those that others could reach without a key. */
static enum base_code name_doors(const struct server_settings *settings, bool keyed,
                                 char urls[SERVER_LISTEN_MOST][NET_URL],
                                 const char *listen[SERVER_LISTEN_MOST], struct base_error *error)
{
    enum base_code code = BASE_OK;
    for (size_t i = 0; i < settings->listen_count && code == BASE_OK; i++) {
        code = server_door_url(settings->listen[i], keyed, urls[i], error);
        if (code == BASE_OK) {
            code = server_door_check(urls[i], keyed, settings->insecure, error);
        }
        listen[i] = urls[i];
        if (code == BASE_OK && !keyed && strcmp(settings->listen[i], "auto") == 0) {
            base_log(BASE_LOG_WARN,
                     "no keys: serving this machine only. To serve others: `hirschd key create "
                     "--data %s NAME`, then `kill -TERM %ld` (or restart the container)",
                     settings->data, (long)getpid());
        }
    }
    return code;
}

static enum base_code open_doors(const struct server_settings *settings, const char *own_ipc,
                                 struct rpc_server *rpc, struct net_server **net,
                                 struct base_error *error)
{
    char urls[SERVER_LISTEN_MOST][NET_URL];
    const char *listen[SERVER_LISTEN_MOST];
    bool keyed = rpc_access_keyed(rpc_server_access(rpc));
    enum base_code code = name_doors(settings, keyed, urls, listen, error);
    if (code != BASE_OK) {
        return code;
    }
    unsigned loops = settings->loops != 0 ? settings->loops : server_machine_cores();
    loops = loops < NET_LOOPS_MOST ? loops : (unsigned)NET_LOOPS_MOST;
    const struct net_options options = {
        .listen = listen,
        .listen_count = settings->listen_count,
        .own_ipc = own_ipc,
        .loops = loops,
        .max_connections = settings->max_connections,
        .max_outstanding = settings->max_outstanding,
        .max_buffered = (size_t)settings->max_buffered,
        .max_request = (size_t)settings->max_request,
        .max_receiving = LIMIT_RECEIVING,
        .ipc_mode = settings->ipc_mode,
        .max_wait_ms = settings->max_wait_ms,
        .greeting_timeout_ms = settings->greeting_timeout_ms,
        .idle_timeout_ms = settings->idle_timeout_ms,
        .stall_timeout_ms = settings->stall_timeout_ms,
        .report = report,
    };
    const struct net_handler handler = {.state = rpc,
                                        .session_new = session_new,
                                        .session_free = session_free,
                                        .session_rest = session_rest,
                                        .ahead = ahead,
                                        .answer = answer};
    code = net_server_open(&options, &handler, net, error);
    if (code == BASE_OK) {
        tell_doors(settings, *net, loops, keyed);
    }
    return code;
}

static enum base_code open_data(const struct server_settings *settings, struct store_lock **lock,
                                struct store **store, struct base_error *error)
{
    enum base_code code = store_lock_take_present(settings->data, "serve", lock, error);
    if (code != BASE_OK) {
        return code;
    }
    code = settings->read_only
               ? store_open(settings->data, settings->map_size, store, error)
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
    struct server_tend tend;
    struct server_ops ops = {.store = NULL};
    struct server_background background;
    const struct rpc_limits limits = {.default_timeout_ms = settings->default_timeout_ms,
                                      .max_timeout_ms = settings->max_timeout_ms,
                                      .in_flight = settings->max_in_flight};
    enum base_code code = server_settings_check(settings, error);
    if (code != BASE_OK) {
        return code;
    }
    base_log(BASE_LOG_INFO, "hirschd %s, process %ld", HIRSCH_VERSION, (long)getpid());
    code = open_data(settings, &lock, &store, error);
    if (code != BASE_OK) {
        return code == BASE_NOT_FOUND ? BASE_FAILED_PRECONDITION : code;
    }
    code = check_machine(settings, error);
    if (code == BASE_OK) {
        code = tell_data(settings->data, store, error);
    }
    if (code != BASE_OK) {
        goto close_store;
    }
    server_background_init(&background);
    struct service_state state = {
        .store = store,
        .unix_us = base_clock_unix_us,
        .refresh = settings->read_only ? NULL : server_background_ask,
        .refresh_context = &background,
    };
    code = open_writes(settings, store, &state.writes, error);
    if (code != BASE_OK) {
        goto fini_background;
    }
    struct rpc_service service = service_open(&state);
    code = rpc_server_new(&service, &limits, &rpc, error);
    if (code != BASE_OK) {
        goto close_writes;
    }
    code = server_tend_begin(&tend, settings, rpc, error);
    if (code == BASE_OK) {
        code = server_local_place_open(settings->data, &place, error);
    }
    if (code != BASE_OK) {
        goto free_rpc;
    }
    code = open_doors(settings, place.url, rpc, &net, error);
    if (code != BASE_OK) {
        goto close_place;
    }
    ops = (struct server_ops){.store = store, .writes = state.writes, .rpc = rpc, .net = net};
    tend.ops = &ops;
    code = server_ops_open(&ops, settings->http, error);
    if (code == BASE_OK && !settings->read_only) {
        code = server_background_begin(&background, settings, store, error);
    }
    if (code == BASE_OK) {
        *status = serve(&tend, &background, store, net, signals);
    }
    server_background_end(&background);
    server_ops_close(&ops);
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
    server_tend_end(&tend);
close_writes:
    store_writes_close(state.writes);
fini_background:
    server_background_fini(&background);
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
    sigaddset(&stops, SIGHUP);
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
            "SIGHUP reads environment and file anew and takes over what can change: timeouts,\n"
            "limits of keys, the log. Keys (hirschd key) are taken over within a second. Without\n"
            "keys it serves this machine only, unless --insecure. --http has /livez, /readyz and\n"
            "/metrics.\n"
            "\n"
            "Examples:\n"
            "  hirschd serve --data hirsch-data\n"
            "  hirschd serve --data /var/lib/hirsch --listen tcp://127.0.0.1:7700 \\\n"
            "      --listen ipc:///run/hirsch/hirsch.sock\n"
            "  HIRSCH_LOOPS=2 hirschd serve --config /etc/hirsch/hirschd.conf\n",
    .options =
        "data map-size listen ipc-mode loops max-connections max-outstanding max-buffered "
        "max-request greeting-timeout idle-timeout stall-timeout default-timeout "
        "max-timeout max-wait max-in-flight key-rate key-in-flight insecure http drain-delay "
        "drain-timeout read-only log-level log-format slow-request",
    .takes_arguments = false,
    .run = run_serve,
};
