#include "server/options.h"

#include "base/limits.h"
#include "net/server.h"

#define FIELD(member) offsetof(struct server_settings, member)
#define TIME_MOST (UINT64_C(7) * 24 * 3600 * 1000)

const struct server_option server_option_table[] = {
    /* HIRSCH_DATA names the folder of real records in tests. */
    {"data", SERVER_TEXT, "DIR", "hirsch-data", 0, 0, FIELD(data), "The data directory",
     "HIRSCH_DATA_DIR"},
    {"map-size", SERVER_SIZE, "SIZE", "0", 0, UINT64_C(1) << 46, FIELD(map_size),
     "Address space of the store, the most it can grow to; 0: the store's default", NULL},
    {"listen", SERVER_LIST, "URL", "tcp://127.0.0.1:7700", 0, 0, FIELD(listen),
     "Where to serve SP: tcp://HOST:PORT (port 0: a free one), tcp://[IPV6]:PORT, ipc:///PATH; "
     "repeatable",
     NULL},
    {"ipc-mode", SERVER_MODE, "MODE", "0600", 0600, 0777, FIELD(ipc_mode),
     "Who may connect to ipc socket files, in octal digits: 0660 lets the group in", NULL},
    {"loops", SERVER_COUNT, "N", "0", 0, NET_LOOPS_MOST, FIELD(loops),
     "Threads that serve connections; 0: one a core", NULL},
    {"max-connections", SERVER_COUNT, "N", "10000", 1, 1000000, FIELD(max_connections),
     "Open connections; more are closed at once", NULL},
    {"max-outstanding", SERVER_COUNT, "N", "1024", 1, 1000000, FIELD(max_outstanding),
     "Requests of one connection that are answered before their replies leave", NULL},
    {"max-buffered", SERVER_SIZE, "SIZE", "1MiB", 4096, UINT64_C(1) << 30, FIELD(max_buffered),
     "Replies waiting on one connection before reading from it stops", NULL},
    {"max-request", SERVER_SIZE, "SIZE", "8MiB", 4096, LIMIT_REQUEST, FIELD(max_request),
     "Bytes of one request; a longer one closes its connection", NULL},
    {"greeting-timeout", SERVER_TIME, "TIME", "5s", 0, TIME_MOST, FIELD(greeting_timeout_ms),
     "How long a new connection may take to say what it is; 0: for ever", NULL},
    {"idle-timeout", SERVER_TIME, "TIME", "0", 0, TIME_MOST, FIELD(idle_timeout_ms),
     "Closes connections on which nothing happened for that long; 0: never", NULL},
    {"stall-timeout", SERVER_TIME, "TIME", "60s", 0, TIME_MOST, FIELD(stall_timeout_ms),
     "Closes connections that stop inside a request or do not take their replies; 0: never", NULL},
    {"default-timeout", SERVER_TIME, "TIME", "2s", 1, TIME_MOST, FIELD(default_timeout_ms),
     "Deadline of requests that name none", NULL},
    {"max-timeout", SERVER_TIME, "TIME", "60s", 1, TIME_MOST, FIELD(max_timeout_ms),
     "Longest deadline; a request that names a longer one gets this one", NULL},
    {"drain-timeout", SERVER_TIME, "TIME", "10s", 0, TIME_MOST, FIELD(drain_timeout_ms),
     "How long a stopping daemon may take to answer what it received", NULL},
    {"log-level", SERVER_CHOICE, "error|warn|info|debug", "info", 0, 0, FIELD(log_level),
     "Lines below this level are not written", NULL},
    {"format", SERVER_TEXT, "NAME", "hirsch", 0, 0, FIELD(format),
     "Format of the files of an import: hirsch or openalex", NULL},
    {"max-errors", SERVER_NUMBER, "N", "0", 0, UINT64_MAX, FIELD(max_errors),
     "Bad lines that an import tolerates; with more it applies nothing", NULL},
    {"threads", SERVER_COUNT, "N", "0", 0, 256, FIELD(threads),
     "Threads of an import; 0: one a core", NULL},
    {"memory", SERVER_SIZE, "SIZE", "256MiB", UINT64_C(1) << 20, UINT64_C(1) << 46, FIELD(memory),
     "Memory for the sort buffers of an import", NULL},
    {"coverage-end", SERVER_TEXT, "DATE", NULL, 0, 0, FIELD(coverage_end),
     "The day up to which the data is complete; without: its newest date not after today", NULL},
    {"output", SERVER_TEXT, "FILE", NULL, 0, 0, FIELD(output),
     "Where the result goes; without: standard output", NULL},
    {"since", SERVER_NUMBER, "SEQ", "0", 0, UINT64_MAX, FIELD(since),
     "Only changes after that sequence; 0: all that are kept", NULL},
    {"follow", SERVER_FLAG, NULL, "false", 0, 0, FIELD(follow),
     "Waits for more until a signal or the end of the pipe", NULL},
    {"json", SERVER_FLAG, NULL, "false", 0, 0, FIELD(json), "The result as JSON", NULL},
    {"quiet", SERVER_FLAG, NULL, "false", 0, 0, FIELD(quiet), "No progress, only the result", NULL},
    {.name = NULL},
};
