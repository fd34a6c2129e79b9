#include "cli/command.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/exit.h"
#include "base/limits.h"
#include "cli/put_input.h"
#include "cli/put_state.h"
#include "cli/report.h"
#include "hirsch/records.h"
#include "ingest/native.h"
#include "json/json.h"
#include "wire/fields.h"
#include "wire/record.h"

/* A request is one transaction of the server: large ones would cost it memory, and small ones that
 * are on their way together are committed together. */
enum { DEFAULT_PARALLEL = 8, RECORDS_A_PUT = 500, BYTES_A_PUT = 64 * 1024 };

static const uint64_t SHOW_NS = 200 * 1000 * 1000;

static volatile int interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

/* One run of the command. */
struct put {
    const struct cli_context *context;
    struct cli_put_input input;
    struct cli_put_state state; /* path NULL: nothing is kept */
    struct ingest_context parser;
    struct base_arena arena;
    struct base_buffer packed; /* of the line */
    hirsch_bulk *bulk;
    hirsch_error *failure; /* of the bulk as a whole; owned */
    uint64_t number;       /* of the line */
    uint64_t rejected;     /* lines that are no records */
    uint64_t told;         /* records whose outcome is known */
    uint64_t failed;
    enum hirsch_code first; /* of the failures */
    bool lost;              /* a request failed as a whole: nothing behind it counts as done */
    bool line_open;         /* a moving line stands on the terminal */
    bool shows;
    bool finished; /* the last line was read */
    uint64_t started_ns;
    uint64_t shown_ns;
};

static void clear_line(struct put *put)
{
    if (put->line_open) {
        fputs("\r\033[K", stderr);
        put->line_open = false;
    }
}

/* Every now and then: progress, and how far it came. */
static enum base_code look(struct put *put, bool now, struct base_error *error)
{
    uint64_t time = base_clock_monotonic_ns();
    if (!now && time - put->shown_ns < SHOW_NS) {
        return BASE_OK;
    }
    put->shown_ns = time;
    if (put->shows && !now) {
        double seconds = (double)(time - put->started_ns) / 1e9;
        fprintf(stderr, "\r\033[K%" PRIu64 " records  %.0f records/s  %" PRIu64 " failed",
                put->told, (double)put->told / seconds, put->failed + put->rejected);
        put->line_open = true;
    }
    return put->state.path == NULL ? BASE_OK : cli_put_state_save(&put->state, error);
}

static void note_failure(struct put *put, enum hirsch_code code)
{
    if (put->failed + put->rejected == 0) {
        put->first = code;
    }
}

static void on_item(void *context, uint64_t number, const struct hirsch_write_item *item)
{
    struct put *put = context;
    uint64_t line;
    if (item->outcome == HIRSCH_RECORD_OUTCOME_UNSPECIFIED ||
        item->outcome == HIRSCH_RECORD_NOT_SENT) {
        put->lost = true; /* said once, at the end */
        return;
    }
    put->told++;
    if (!put->lost) {
        put->state.line = number;
    }
    if (item->code != HIRSCH_OK) {
        const char *file = cli_put_input_place(&put->input, number, &line);
        clear_line(put);
        note_failure(put, item->code);
        put->failed++;
        cli_complain("%s:%" PRIu64 ": %s: %s", file, line, hirsch_code_name(item->code),
                     item->message);
    }
}

static void reject_line(struct put *put, uint64_t column, const char *text)
{
    uint64_t line;
    const char *file = cli_put_input_place(&put->input, put->number, &line);
    clear_line(put);
    note_failure(put, HIRSCH_INVALID_ARGUMENT);
    put->rejected++;
    cli_complain("%s:%" PRIu64 ":%" PRIu64 ": %s", file, line, column, text);
}

/* The record of a line goes on as the message it travels in. */
static enum base_code emit(void *sink, const struct model_record *record, struct base_error *error)
{
    struct put *put = sink;
    base_buffer_clear(&put->packed);
    wire_record_write(record, &put->packed);
    if (put->packed.failed) {
        return base_fail(error, BASE_INTERNAL, "memory is out");
    }
    struct hirsch_bytes bytes = {put->packed.data, put->packed.size};
    struct hirsch_record one = {HIRSCH_RECORD_PACKED, &bytes};
    hirsch_error *why = NULL;
    enum hirsch_code code = hirsch_bulk_put(put->bulk, put->number, &one, &why);
    if (code == HIRSCH_OK) {
        return BASE_OK;
    }
    if (code == HIRSCH_INVALID_ARGUMENT && !put->lost) {
        reject_line(put, 1, why->text);
        hirsch_free(why);
        return BASE_OK;
    }
    put->failure = why;
    return base_fail(error, BASE_CANCELLED, "the server did not take it");
}

static bool is_blank(struct base_slice line)
{
    for (size_t i = 0; i < line.size; i++) {
        if (line.data[i] != ' ' && line.data[i] != '\t' && line.data[i] != '\r') {
            return false;
        }
    }
    return true;
}

static enum base_code put_line(struct put *put, struct base_slice line, struct base_error *error)
{
    struct ingest_fault fault = {.column = 1};
    base_arena_reset(&put->arena);
    enum base_code code = ingest_native.parse_line(&put->parser, line, emit, put, &fault, error);
    if (code == BASE_INVALID_ARGUMENT) {
        reject_line(put, fault.column, fault.text);
        return BASE_OK;
    }
    return code;
}

/* All lines, and all answers; put->failure when the server did not take them. */
static enum base_code put_all(struct put *put, struct base_error *error)
{
    struct base_slice line;
    bool more = true;
    enum base_code code = BASE_OK;
    uint64_t done = put->state.line;
    while (code == BASE_OK && interrupted == 0) {
        code = cli_put_input_next(&put->input, &line, &more, error);
        if (code != BASE_OK || !more) {
            put->finished = code == BASE_OK;
            break;
        }
        put->number = put->input.number;
        if (put->number > done && !is_blank(line)) {
            code = put_line(put, line, error);
        }
        if (code == BASE_OK) {
            code = look(put, false, error);
        }
    }
    hirsch_error *why = NULL;
    if (hirsch_bulk_flush(put->bulk, &why) != HIRSCH_OK && put->failure == NULL) {
        put->failure = why;
    } else {
        hirsch_free(why);
    }
    clear_line(put);
    struct base_error unsaved;
    enum base_code saved = look(put, true, &unsaved);
    if (code == BASE_OK && saved != BASE_OK) {
        *error = unsaved;
        code = saved;
    }
    return code;
}

static bool print_totals(struct put *put)
{
    struct hirsch_bulk_totals totals;
    struct base_buffer out = BASE_BUFFER_EMPTY;
    hirsch_bulk_totals(put->bulk, &totals);
    uint64_t failed = put->failed + put->rejected;
    uint64_t records = put->told + put->rejected;
    if (put->context->options->json) {
        base_buffer_append_format(&out,
                                  "{\"records\":%" PRIu64 ",\"stored\":%" PRIu64
                                  ",\"unchanged\":%" PRIu64 ",\"older\":%" PRIu64
                                  ",\"suppressed\":%" PRIu64 ",\"failed\":%" PRIu64
                                  ",\"sequence\":\"%" PRIu64 "\",\"epoch\":\"%s\"}\n",
                                  records, totals.stored, totals.unchanged, totals.older,
                                  totals.suppressed, failed, totals.sequence, totals.epoch);
    } else {
        base_buffer_append_format(&out,
                                  "%" PRIu64 " records: %" PRIu64 " stored, %" PRIu64
                                  " unchanged, %" PRIu64 " older, %" PRIu64 " suppressed, %" PRIu64
                                  " failed; sequence %" PRIu64 "\n",
                                  records, totals.stored, totals.unchanged, totals.older,
                                  totals.suppressed, failed, totals.sequence);
    }
    bool printed = cli_print(&out);
    base_buffer_fini(&out);
    return printed;
}

static int conclude(struct put *put, enum base_code code, const struct base_error *error)
{
    bool printed = print_totals(put);
    uint64_t failed = put->failed + put->rejected;
    if (put->failure != NULL) {
        hirsch_error *failure = put->failure;
        put->failure = NULL;
        return cli_report(failure, NULL);
    }
    if (interrupted != 0 && !put->finished) {
        return BASE_EXIT_INTERRUPTED;
    }
    if (code != BASE_OK) {
        cli_complain("%s", error->text);
        return code == BASE_NOT_FOUND     ? BASE_EXIT_NO_INPUT
               : code == BASE_UNAVAILABLE ? BASE_EXIT_IO
                                          : base_exit_of(code);
    }
    if (put->state.path != NULL) {
        cli_put_state_remove(&put->state);
    }
    if (failed > 0) {
        return put->told > put->failed ? BASE_EXIT_PARTIAL
                                       : base_exit_of((enum base_code)put->first);
    }
    return printed ? BASE_EXIT_OK : BASE_EXIT_IO;
}

static enum base_code begin(struct put *put, int count, char **arguments, struct base_error *error)
{
    const struct cli_options *options = put->context->options;
    struct hirsch_bulk_options bulk = HIRSCH_BULK_OPTIONS_INIT;
    enum base_code code =
        cli_put_input_init(&put->input, arguments, (size_t)count, &interrupted, error);
    if (code == BASE_OK && options->resume != NULL) {
        code = cli_put_state_open(&put->state, options->resume, arguments, (size_t)count, error);
        bulk.key_prefix = put->state.run;
    }
    if (code != BASE_OK) {
        return code;
    }
    put->parser = (struct ingest_context){.arena = &put->arena, .json = json_reader_new()};
    if (put->parser.json == NULL) {
        return base_fail(error, BASE_INTERNAL, "memory is out");
    }
    bulk.in_flight = options->parallel != 0 ? options->parallel : DEFAULT_PARALLEL;
    bulk.records = RECORDS_A_PUT;
    bulk.bytes = BYTES_A_PUT;
    bulk.timeout_ms = options->timeout_ms;
    bulk.on_item = on_item;
    bulk.context = put;
    hirsch_error *why = NULL;
    if (hirsch_bulk_open(put->context->client, &bulk, &put->bulk, &why) != HIRSCH_OK) {
        base_fail(error, (enum base_code)why->code, "%s", why->text);
        hirsch_free(why);
        return error->code;
    }
    return BASE_OK;
}

static int run(const struct cli_context *context, int count, char **arguments)
{
    struct put put = {.context = context};
    struct base_error error;
    int exit_code;
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    base_arena_init(&put.arena, LIMIT_RECORD * UINT64_C(8));
    base_buffer_init(&put.packed);
    put.started_ns = base_clock_monotonic_ns();
    put.shown_ns = put.started_ns;
    put.shows = !context->options->quiet && isatty(STDERR_FILENO) == 1;
    enum base_code code = begin(&put, count, arguments, &error);
    if (code == BASE_OK) {
        code = put_all(&put, &error);
        exit_code = conclude(&put, code, &error);
    } else {
        cli_complain("%s", error.text);
        exit_code = base_exit_of(code);
    }
    hirsch_bulk_close(put.bulk);
    hirsch_free(put.failure);
    json_reader_free(put.parser.json);
    cli_put_input_fini(&put.input);
    base_buffer_fini(&put.packed);
    base_arena_fini(&put.arena);
    return exit_code;
}

const struct cli_command cli_command_put = {
    .name = "put",
    .arguments = "FILE...",
    .summary = "records of the native format, a JSON object a line, also .gz and .zst",
    .help = "Puts the records of the files, or of stdin for `-`, while others read. Answers mean\n"
            "that the change is on disk. Records that are wrong are told with file and line, and\n"
            "the others are stored: exit code 2. A server whose queue is full or that is being\n"
            "restarted is waited for. Every request has an idempotency key, so that one that is\n"
            "sent again is not done twice; with --resume this holds for a later run too, which\n"
            "goes on where this one was interrupted, and puts the records of the one request\n"
            "again that was cut short. --json prints one object with the counts and the sequence\n"
            "of the last change.\n"
            "\n"
            "Examples:\n"
            "  hirsch put seeds/max-lam.jsonl\n"
            "  hirsch put --resume works.state works-*.jsonl.gz\n"
            "  jq -c .record changes.json | hirsch put - --json | jq -r .sequence\n",
    .options = "server timeout json parallel resume quiet",
    .takes = "one or more files, or - for stdin",
    .least = 1,
    .most = -1,
    .needs_client = true,
    .run = run,
};
