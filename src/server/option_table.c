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
     "auto: "
     "port 7700 of all addresses if there are keys, else of 127.0.0.1; repeatable",
     NULL},
    {"ipc-mode", SERVER_MODE, "MODE", "0600", 0600, 0777, FIELD(ipc_mode),
     "Who may connect to ipc socket files, in octal digits: 0660 lets the group in", NULL},
    {"insecure", SERVER_FLAG, NULL, "false", 0, 0, FIELD(insecure),
     "Serves other machines although the data directory holds no keys: whoever reaches it may ask "
     "and write",
     NULL},
    {"http", SERVER_TEXT, "ADDR:PORT", "127.0.0.1:7780", 0, 0, FIELD(http),
     "Where /livez, /readyz and /metrics are (port 0: a free one); off: nowhere", NULL},
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
    {"max-wait", SERVER_TIME, "TIME", "100ms", 0, TIME_MOST, FIELD(max_wait_ms),
     "As long as what waits for a loop is worked off within this, nothing is refused; under "
     "lasting overload as much is (RESOURCE_EXHAUSTED) as keeps waits to milliseconds; 0: nothing "
     "ever",
     NULL},
    {"max-in-flight", SERVER_COUNT, "N", "4096", 1, 1000000, FIELD(max_in_flight),
     "Requests that wait for work beside the loops (writes, long computations); more are refused "
     "at once (RESOURCE_EXHAUSTED)",
     NULL},
    {"key-rate", SERVER_COUNT, "N", "0", 0, 1000000000, FIELD(key_rate),
     "Requests a second that one key may send, bursts of a second included; 0: any number", NULL},
    {"key-in-flight", SERVER_COUNT, "N", "0", 0, 1000000, FIELD(key_in_flight),
     "Requests of one key that may wait for work beside the loops; 0: any number", NULL},
    {"drain-delay", SERVER_TIME, "TIME", "0", 0, TIME_MOST, FIELD(drain_delay_ms),
     "How long a stopping daemon serves on while it says that it is not ready, so that load "
     "balancers see it",
     NULL},
    {"drain-timeout", SERVER_TIME, "TIME", "10s", 0, TIME_MOST, FIELD(drain_timeout_ms),
     "How long a stopping daemon may take to answer what it received", NULL},
    {"read-only", SERVER_FLAG, NULL, "false", 0, 0, FIELD(read_only),
     "Refuses writes: only reads are answered", NULL},
    {"log-level", SERVER_CHOICE, "error|warn|info|debug", "info", 0, 0, FIELD(log_level),
     "Lines below this level are not written", NULL},
    {"log-format", SERVER_CHOICE, "logfmt|json", "logfmt", 0, 0, FIELD(log_format),
     "Lines of the log as key=value or as JSON, on standard error", NULL},
    {"slow-request", SERVER_TIME, "TIME", "500ms", 0, TIME_MOST, FIELD(slow_request_ms),
     "Requests that take longer are logged with where the time went; 0: none", NULL},
    {"role", SERVER_CHOICE, "reader|writer|admin", "reader", 0, 0, FIELD(role),
     "What a new key may do: read; also write; everything", NULL},
    {"expires", SERVER_TEXT, "WHEN", NULL, 0, 0, FIELD(expires),
     "When a new key ends: a day like 2027-01-31 (its end, UTC) or a time from now like 90d or "
     "12h; "
     "without: never",
     NULL},
    {"format", SERVER_TEXT, "NAME", "hirsch", 0, 0, FIELD(format),
     "Format of the files of an import: hirsch or openalex", NULL},
    {"max-errors", SERVER_NUMBER, "N", "0", 0, UINT64_MAX, FIELD(max_errors),
     "Bad lines that an import tolerates; with more it applies nothing", NULL},
    {"threads", SERVER_COUNT, "N", "0", 0, 256, FIELD(threads),
     "Threads of an import; 0: one a core", NULL},
    {"memory", SERVER_SIZE, "SIZE", "1GiB", UINT64_C(1) << 20, UINT64_C(1) << 46, FIELD(memory),
     "Memory of an import, about; what needs more goes to files in the data directory", NULL},
    {"coverage-end", SERVER_TEXT, "DATE", NULL, 0, 0, FIELD(coverage_end),
     "The day up to which the data is complete; without: its newest date not after today", NULL},
    {"output", SERVER_TEXT, "FILE", NULL, 0, 0, FIELD(output),
     "Where the result goes; without: standard output", NULL},
    {"since", SERVER_NUMBER, "SEQ", "0", 0, UINT64_MAX, FIELD(since),
     "Only what changed after that sequence; 0: all", NULL},
    {"metrics", SERVER_CHOICE, "none|csv|jsonl", "none", 0, 0, FIELD(metrics),
     "Exports computed numbers with their scope, in place of records", NULL},
    {"authors", SERVER_FLAG, NULL, "false", 0, 0, FIELD(authors),
     "The numbers of authors, which is the default", NULL},
    {"papers", SERVER_FLAG, NULL, "false", 0, 0, FIELD(papers), "The numbers of papers", NULL},
    {"follow", SERVER_FLAG, NULL, "false", 0, 0, FIELD(follow),
     "Waits for more until a signal or the end of the pipe", NULL},
    {"json", SERVER_FLAG, NULL, "false", 0, 0, FIELD(json), "The result as JSON", NULL},
    {"quiet", SERVER_FLAG, NULL, "false", 0, 0, FIELD(quiet), "No progress, only the result", NULL},
    {"once", SERVER_FLAG, NULL, "false", 0, 0, FIELD(once),
     "Makes no key when there is one of that name that has not expired", NULL},
    {"check", SERVER_FLAG, NULL, "false", 0, 0, FIELD(check),
     "Only reads a backup and says whether it is whole", NULL},
    {.name = NULL},
};

const char server_options_reloaded[] = "default-timeout max-timeout key-rate key-in-flight "
                                       "drain-delay drain-timeout log-level log-format "
                                       "slow-request";
