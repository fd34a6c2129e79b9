/* Every metric of /metrics: one table of numbers, and the calls by method and code. */
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "hirsch/version.h"
#include "rpc/later.h"
#include "server/ops.h"

/* Everything the table points into, read once a scrape. */
struct figures {
    struct net_counters net;
    struct rpc_counters rpc;
    struct rpc_later_counters later;
    struct store_writes_counters writes;
    struct store_info info;
    struct store_usage usage;
    struct store_readers readers;
    uint64_t connections;
    uint64_t ready;
    uint64_t uptime_s;
    uint64_t dataset_age_s;
    uint64_t major_faults;
    uint64_t minor_faults;
    uint64_t resident;
    uint64_t writer_alive;
    uint64_t guard;
};

enum unit { PLAIN, NANOSECONDS };

#define FIELD(member) offsetof(struct figures, member)

static const struct {
    const char *name;
    const char *help;
    const char *type;
    enum unit unit; /* of the number in figures; the metric is in base units */
    size_t offset;
} table[] = {
    {"hirsch_ready", "1 when /readyz says ok.", "gauge", PLAIN, FIELD(ready)},
    {"hirsch_uptime_seconds", "Time since the daemon began.", "gauge", PLAIN, FIELD(uptime_s)},
    {"hirsch_connections", "Open SP connections.", "gauge", PLAIN, FIELD(connections)},
    {"hirsch_connections_accepted_total", "Connections taken.", "counter", PLAIN,
     FIELD(net.accepted)},
    {"hirsch_connections_refused_total",
     "Connections closed at once: over --max-connections, or no memory.", "counter", PLAIN,
     FIELD(net.refused)},
    {"hirsch_accept_pauses_total", "Times that accepting waited because files ran out.", "counter",
     PLAIN, FIELD(net.accept_pauses)},
    {"hirsch_connection_resets_total", "Connections that ended with an error of the socket.",
     "counter", PLAIN, FIELD(net.resets)},
    {"hirsch_read_pauses_total",
     "Times that reading stopped because a peer did not take its replies.", "counter", PLAIN,
     FIELD(net.read_pauses)},
    {"hirsch_received_bytes_total", "Bytes read from peers.", "counter", PLAIN,
     FIELD(net.bytes_received)},
    {"hirsch_sent_bytes_total", "Bytes handed to the kernel for peers.", "counter", PLAIN,
     FIELD(net.bytes_sent)},
    {"hirsch_requests_malformed_total", "Messages skipped because they carry no request id.",
     "counter", PLAIN, FIELD(net.malformed)},
    {"hirsch_requests_shed_total", "Requests refused because a loop was overloaded (--max-wait).",
     "counter", PLAIN, FIELD(rpc.shed)},
    {"hirsch_requests_expired_total",
     "Requests dropped because their deadline had passed before they were begun.", "counter", PLAIN,
     FIELD(rpc.deadline_dropped)},
    {"hirsch_in_flight", "Requests that are answered later and not answered yet.", "gauge", PLAIN,
     FIELD(later.pending)},
    {"hirsch_work_queue", "Requests that wait for a thread of the pool.", "gauge", PLAIN,
     FIELD(later.waiting)},
    {"hirsch_work_running", "Requests that a thread of the pool works on.", "gauge", PLAIN,
     FIELD(later.running)},
    {"hirsch_work_refused_total", "Requests refused because the queue of the pool was full.",
     "counter", PLAIN, FIELD(later.refused)},
    {"hirsch_work_expired_total", "Requests whose deadline passed in the queue of the pool.",
     "counter", PLAIN, FIELD(later.expired)},
    {"hirsch_writer_alive", "0 when the writer stopped after an error of the disk.", "gauge", PLAIN,
     FIELD(writer_alive)},
    {"hirsch_guard_full", "1 while puts are refused: the map or the disk is nearly full.", "gauge",
     PLAIN, FIELD(guard)},
    {"hirsch_write_queue", "Write requests that wait.", "gauge", PLAIN, FIELD(writes.queued)},
    {"hirsch_write_requests_total", "Write requests answered.", "counter", PLAIN,
     FIELD(writes.requests)},
    {"hirsch_write_refused_total", "Write requests refused: queue full, or a guard.", "counter",
     PLAIN, FIELD(writes.refused)},
    {"hirsch_records_stored_total", "Records stored.", "counter", PLAIN,
     FIELD(writes.items_stored)},
    {"hirsch_records_deleted_total", "Records deleted.", "counter", PLAIN,
     FIELD(writes.items_deleted)},
    {"hirsch_commits_total", "Transactions committed.", "counter", PLAIN, FIELD(writes.commits)},
    {"hirsch_commit_seconds_total", "Time spent committing.", "counter", NANOSECONDS,
     FIELD(writes.commit_ns)},
    {"hirsch_map_size_bytes", "Address space of the store (--map-size).", "gauge", PLAIN,
     FIELD(usage.map_size)},
    {"hirsch_map_used_bytes", "Of these, in use.", "gauge", PLAIN, FIELD(usage.map_used)},
    {"hirsch_readers", "Reader slots of the store in use, other processes included.", "gauge",
     PLAIN, FIELD(readers.count)},
    {"hirsch_oldest_reader_transactions",
     "How many transactions the oldest open snapshot is behind.", "gauge", PLAIN,
     FIELD(readers.oldest_behind)},
    {"hirsch_papers", "Papers with records.", "gauge", PLAIN, FIELD(info.paper_count)},
    {"hirsch_stubs", "Cited ids without a record.", "gauge", PLAIN, FIELD(info.stub_count)},
    {"hirsch_authors", "Authors.", "gauge", PLAIN, FIELD(info.author_count)},
    {"hirsch_citations", "Citations.", "gauge", PLAIN, FIELD(info.citation_count)},
    {"hirsch_source_records", "Source records of all types.", "gauge", PLAIN,
     FIELD(info.source_count)},
    {"hirsch_sequence", "Sequence of the last change.", "gauge", PLAIN, FIELD(info.sequence)},
    {"hirsch_dataset_age_seconds",
     "Time since the last day that the data covers; 0 without dated papers.", "gauge", PLAIN,
     FIELD(dataset_age_s)},
    {"hirsch_page_faults_major_total", "Page faults that waited for the disk.", "counter", PLAIN,
     FIELD(major_faults)},
    {"hirsch_page_faults_minor_total", "Page faults that did not.", "counter", PLAIN,
     FIELD(minor_faults)},
    {"hirsch_resident_bytes", "Memory of the process, pages of the map included.", "gauge", PLAIN,
     FIELD(resident)},
};

static uint64_t resident_bytes(void)
{
    unsigned long long total;
    unsigned long long resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL) {
        return 0;
    }
    if (fscanf(file, "%llu %llu", &total, &resident) != 2) {
        resident = 0;
    }
    fclose(file);
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void read_figures(struct server_ops *ops, struct figures *figures)
{
    struct rusage used;
    struct base_buffer checks = BASE_BUFFER_EMPTY;
    *figures = (struct figures){.writes = {.alive = true}};
    if (ops->net != NULL) {
        net_server_counters(ops->net, &figures->net);
        figures->connections = net_server_open_connections(ops->net);
    }
    rpc_server_counters(ops->rpc, &figures->rpc);
    rpc_later_counters(ops->rpc, &figures->later);
    if (ops->writes != NULL) {
        store_writes_counters(ops->writes, &figures->writes);
    }
    figures->writer_alive = figures->writes.alive ? 1 : 0;
    figures->guard = figures->writes.full ? 1 : 0;
    figures->ready = server_ops_checks(ops, ops->reader, &checks) ? 1 : 0;
    base_buffer_fini(&checks);
    /* A store that cannot be read shows in hirsch_ready. */
    (void)store_read_info(ops->reader, &figures->info, NULL);
    (void)store_read_usage(ops->reader, &figures->usage, NULL);
    store_reader_rest(ops->reader);
    store_read_readers(ops->store, &figures->readers);
    model_time now = model_time_of_unix(base_clock_unix_us());
    figures->uptime_s = (base_clock_monotonic_ns() - ops->started_ns) / 1000000000;
    if (figures->info.source_count > 0 && figures->info.coverage_end != MODEL_NO_DAY) {
        uint64_t covered_us = ((uint64_t)figures->info.coverage_end + 1) * 86400 * 1000000;
        figures->dataset_age_s = now > covered_us ? (now - covered_us) / 1000000 : 0;
    }
    if (getrusage(RUSAGE_SELF, &used) == 0) {
        figures->major_faults = (uint64_t)used.ru_majflt;
        figures->minor_faults = (uint64_t)used.ru_minflt;
    }
    figures->resident = resident_bytes();
}

static void put_head(struct base_buffer *text, const char *name, const char *help, const char *type)
{
    base_buffer_append_format(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_call(void *state, const char *method, enum base_code code,
                     const struct rpc_sum *sum)
{
    static const char name[] = "hirsch_request_duration_seconds";
    struct base_buffer *text = state;
    uint64_t below = 0;
    const char *shown = method[0] == '\0' ? "unknown" : method;
    for (unsigned i = 0; i < RPC_BUCKETS; i++) {
        below += sum->buckets[i];
        base_buffer_append_format(
            text, "%s_bucket{method=\"%s\",code=\"%s\",le=\"%g\"} %" PRIu64 "\n", name, shown,
            base_code_name(code), (double)rpc_bucket_ns[i] / 1e9, below);
    }
    /* Read after the buckets while others write: it may be ahead of them, never behind. */
    uint64_t count = sum->count > below ? sum->count : below;
    base_buffer_append_format(
        text,
        "%s_bucket{method=\"%s\",code=\"%s\",le=\"+Inf\"} %" PRIu64 "\n"
        "%s_sum{method=\"%s\",code=\"%s\"} %.9f\n%s_count{method=\"%s\",code=\"%s\"} %" PRIu64 "\n",
        name, shown, base_code_name(code), count, name, shown, base_code_name(code),
        (double)sum->sum_ns / 1e9, name, shown, base_code_name(code), count);
}

void server_metrics_write(struct server_ops *ops, struct base_buffer *text)
{
    struct figures figures;
    read_figures(ops, &figures);
    put_head(text, "hirsch_build_info", "Always 1; the version is a label.", "gauge");
    base_buffer_append_format(text, "hirsch_build_info{version=\"%s\"} 1\n", HIRSCH_VERSION);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        uint64_t number = *(const uint64_t *)((const char *)&figures + table[i].offset);
        put_head(text, table[i].name, table[i].help, table[i].type);
        if (table[i].unit == NANOSECONDS) {
            base_buffer_append_format(text, "%s %.9f\n", table[i].name, (double)number / 1e9);
        } else {
            base_buffer_append_format(text, "%s %" PRIu64 "\n", table[i].name, number);
        }
    }
    put_head(text, "hirsch_request_duration_seconds",
             "Time from the receipt of a request to its reply, by method and code.", "histogram");
    rpc_server_stats(ops->rpc, put_call, text);
}
