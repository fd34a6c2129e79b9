#include "server/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static const uint64_t second_ns = 1000000000U;

enum { PLAIN_EVERY_S = 5 };

void server_progress_init(struct server_progress *progress, bool quiet, uint64_t now_ns)
{
    *progress = (struct server_progress){
        .terminal = isatty(STDERR_FILENO) == 1,
        .quiet = quiet,
        .started_ns = now_ns,
        .shown_ns = now_ns,
    };
}

static void append_bytes(struct base_buffer *text, uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    size_t unit = 0;
    while (value >= 1024 && unit + 1 < sizeof units / sizeof units[0]) {
        value /= 1024;
        unit++;
    }
    base_buffer_append_format(text, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

static void append_time(struct base_buffer *text, uint64_t seconds)
{
    if (seconds >= 3600) {
        base_buffer_append_format(text, "%" PRIu64 "h%02" PRIu64 "m", seconds / 3600,
                                  seconds / 60 % 60);
    } else {
        base_buffer_append_format(text, "%" PRIu64 "m%02" PRIu64 "s", seconds / 60, seconds % 60);
    }
}

void server_progress_text(const struct ingest_progress *counts, uint64_t elapsed_ns,
                          struct base_buffer *text)
{
    double seconds = (double)elapsed_ns / (double)second_ns;
    double rate = seconds > 0 ? (double)counts->records / seconds : 0;
    base_buffer_append_format(text, "files %" PRIu64 "/%" PRIu64 "  ", counts->files_done,
                              counts->files_total);
    append_bytes(text, counts->bytes_done);
    if (counts->bytes_total > 0) {
        base_buffer_append_text(text, "/");
        append_bytes(text, counts->bytes_total);
    }
    base_buffer_append_format(text, "  %" PRIu64 " records  %.0f records/s  %" PRIu64 " rejected",
                              counts->records, rate, counts->rejected);
    if (counts->bytes_total > 0 && counts->bytes_done > 0 &&
        counts->bytes_done <= counts->bytes_total) {
        double left = seconds * (double)(counts->bytes_total - counts->bytes_done) /
                      (double)counts->bytes_done;
        base_buffer_append_text(text, "  left ");
        append_time(text, (uint64_t)(left + 0.5));
    }
}

static bool is_time(struct server_progress *progress, uint64_t now_ns)
{
    uint64_t every = progress->terminal ? second_ns / 5 : PLAIN_EVERY_S * second_ns;
    if (progress->quiet || now_ns - progress->shown_ns < every) {
        return false;
    }
    progress->shown_ns = now_ns;
    return true;
}

static void print_line(struct server_progress *progress, const struct base_buffer *text)
{
    if (!text->failed) {
        fprintf(stderr, progress->terminal ? "\r\033[K%.*s" : "%.*s\n", (int)text->size,
                text->data);
        progress->line_open = progress->terminal;
    }
}

void server_progress_show(struct server_progress *progress, const struct ingest_progress *counts,
                          uint64_t now_ns)
{
    struct base_buffer text = BASE_BUFFER_EMPTY;
    if (is_time(progress, now_ns)) {
        server_progress_text(counts, now_ns - progress->started_ns, &text);
        print_line(progress, &text);
    }
    base_buffer_fini(&text);
}

void server_progress_applied(struct server_progress *progress, uint64_t done, uint64_t total,
                             uint64_t now_ns)
{
    struct base_buffer text = BASE_BUFFER_EMPTY;
    if (is_time(progress, now_ns)) {
        base_buffer_append_format(&text, "applied %" PRIu64 "/%" PRIu64 " records", done, total);
        print_line(progress, &text);
    }
    base_buffer_fini(&text);
}

void server_progress_clear(struct server_progress *progress)
{
    if (progress->line_open) {
        fputs("\r\033[K", stderr);
        progress->line_open = false;
    }
}
