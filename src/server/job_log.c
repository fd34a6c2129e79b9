/* hirschd log: the changes of a store as JSON lines, those that are kept and those to come. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "ingest/native.h"
#include "json/json.h"
#include "server/follow.h"
#include "server/job.h"
#include "server/output.h"
#include "store/log.h"
#include "store/store.h"

/* Text that is gathered while a snapshot is held; an entry more may come on top. */
enum { PAGE_TEXT = 1024 * 1024 };

struct log_run {
    const struct server_settings *settings;
    struct store *store;
    struct store_reader *reader;
    uint64_t after; /* sequence up to which all is printed */
    struct base_arena arena;
    struct base_buffer native;
    struct base_buffer text;
    size_t whole; /* bytes of text that belong to whole entries */
};

static void write_hex(struct json_writer *json, const uint8_t *bytes, size_t size)
{
    char text[2 * STORE_LOG_RUN + 1];
    for (size_t i = 0; i < size; i++) {
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    }
    json_write_string(json, base_slice(text, 2 * size));
}

/* The members that all lines of an entry share; the object stays open. */
static void begin_line(struct json_writer *json, const struct store_log_entry *entry)
{
    char time[MODEL_TIME_TEXT];
    json_begin_object(json);
    json_write_key(json, "sequence");
    json_write_u64(json, entry->sequence);
    json_write_key(json, "time");
    json_write_string(json, base_slice(time, model_time_text(entry->time, time)));
    json_write_key(json, "kind");
    json_write_text(json, store_log_kind_name(entry->kind));
    if (entry->kind == STORE_LOG_BULK) {
        json_write_key(json, "epoch");
        write_hex(json, entry->run, STORE_LOG_RUN);
        json_write_key(json, "sources");
        json_write_u64(json, entry->sources);
    } else if (entry->kind == STORE_LOG_CHUNK) {
        json_write_key(json, "import");
        write_hex(json, entry->run, STORE_LOG_RUN);
        json_write_key(json, "chunk");
        json_write_u64(json, entry->chunk);
    }
}

static void end_line(struct json_writer *json)
{
    json_end_object(json);
    base_buffer_append_byte(json->buffer, '\n');
}

static enum base_code write_item(struct log_run *run, const struct store_log_entry *entry,
                                 const struct store_log_item *item, bool last,
                                 struct base_error *error)
{
    struct model_record record;
    struct json_writer json;
    base_arena_reset(&run->arena);
    enum base_code code = model_record_decode(item->record, &run->arena, &record, error);
    if (code != BASE_OK) {
        return code;
    }
    json_writer_init(&json, &run->text, 0);
    begin_line(&json, entry);
    json_write_key(&json, "last");
    json_write_bool(&json, last);
    json_write_key(&json, "op");
    json_write_text(&json, item->remove ? "delete" : "put");
    json_write_key(&json, "record");
    base_buffer_clear(&run->native);
    ingest_native_write(&record, &run->native);
    if (run->native.failed) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for a change");
    }
    /* Without its newline. */
    json_write_raw(&json, base_slice(run->native.data, run->native.size - 1));
    end_line(&json);
    return BASE_OK;
}

static enum base_code write_entry(struct log_run *run, struct store_log_entry *entry,
                                  struct base_error *error)
{
    if (entry->kind == STORE_LOG_BULK) {
        struct json_writer json;
        json_writer_init(&json, &run->text, 0);
        begin_line(&json, entry);
        end_line(&json);
        return BASE_OK;
    }
    enum base_code code = BASE_OK;
    while (code == BASE_OK && entry->items.size > 0) {
        struct store_log_item item;
        code = store_log_take(&entry->items, &item, error);
        if (code == BASE_OK) {
            code = write_item(run, entry, &item, entry->items.size == 0, error);
        }
    }
    if (code != BASE_OK) {
        base_error_prefix(error, "sequence %llu", (unsigned long long)entry->sequence);
    }
    return code;
}

/* One snapshot's worth of text. NOT_FOUND: all that there was is in it. */
static enum base_code gather(struct log_run *run, struct base_error *error)
{
    enum base_code code = BASE_OK;
    base_buffer_clear(&run->text);
    run->whole = 0;
    while (code == BASE_OK && run->text.size < PAGE_TEXT) {
        struct store_log_entry entry;
        code = store_log_next(run->reader, run->after, &entry, error);
        if (code == BASE_OK) {
            code = write_entry(run, &entry, error);
        }
        if (code == BASE_OK && run->text.failed) {
            code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for a change");
        }
        if (code == BASE_OK) {
            run->after = entry.sequence;
            run->whole = run->text.size;
        }
    }
    store_reader_rest(run->reader);
    return code;
}

/* CANCELLED without text: nobody reads any more. */
static enum base_code print_text(struct log_run *run, struct base_error *error)
{
    if (run->whole == 0) {
        return BASE_OK;
    }
    if (fwrite(run->text.data, 1, run->whole, stdout) == run->whole && fflush(stdout) == 0) {
        return BASE_OK;
    }
    if (errno != EPIPE) {
        return server_output_failed(NULL, error);
    }
    error->text[0] = '\0';
    return BASE_CANCELLED;
}

/* Whole entries that stand before a fault are printed too. */
static enum base_code print_all(struct log_run *run, struct base_error *error)
{
    enum base_code code = BASE_OK;
    while (code == BASE_OK && !server_stop_requested) {
        struct base_error printing;
        code = gather(run, error);
        enum base_code printed = print_text(run, &printing);
        if (printed != BASE_OK) {
            *error = printing;
            return printed;
        }
    }
    return code == BASE_NOT_FOUND ? BASE_OK : code;
}

static void close_store(struct log_run *run)
{
    if (run->reader != NULL) {
        store_reader_free(run->reader);
        run->reader = NULL;
    }
    store_close(run->store);
    run->store = NULL;
}

static enum base_code open_store(struct log_run *run, struct base_error *error)
{
    close_store(run);
    enum base_code code =
        store_open(run->settings->data, run->settings->map_size, &run->store, error);
    if (code == BASE_OK) {
        code = store_reader_new(run->store, &run->reader, error);
    }
    return code;
}

static enum base_code find_start(struct log_run *run, struct base_error *error)
{
    uint64_t oldest;
    uint64_t newest;
    if (run->settings->since != 0) {
        run->after = run->settings->since;
        return BASE_OK;
    }
    enum base_code code = store_log_range(run->reader, &oldest, &newest, error);
    if (code == BASE_OK) {
        run->after = oldest > 0 ? oldest - 1 : 0;
    }
    return code;
}

static enum base_code print_log(struct log_run *run, struct server_follow *follow,
                                struct base_error *error)
{
    enum base_code code = open_store(run, error);
    if (code == BASE_OK) {
        code = find_start(run, error);
    }
    if (code == BASE_OK) {
        code = print_all(run, error);
    }
    while (code == BASE_OK && follow != NULL && !server_stop_requested) {
        switch (server_follow_wait(follow)) {
        case SERVER_STOPPED:
        case SERVER_NO_READER:
            return BASE_OK;
        case SERVER_REPLACED:
            code = open_store(run, error);
            break;
        case SERVER_CHANGED:
            store_check_readers(run->store);
            break;
        }
        if (code == BASE_OK) {
            code = print_all(run, error);
        }
    }
    return code;
}

static int run(const struct server_settings *settings, int argument_count, char **arguments)
{
    struct log_run log = {.settings = settings};
    struct server_follow *follow = NULL;
    struct base_error error;
    (void)argument_count;
    (void)arguments;
    /* `hirschd log | head` ends in silence. */
    signal(SIGPIPE, SIG_IGN);
    base_arena_init(&log.arena, 0);
    enum base_code code =
        settings->follow ? server_follow_new(settings->data, &follow, &error) : BASE_OK;
    if (code == BASE_OK) {
        code = print_log(&log, follow, &error);
    }
    close_store(&log);
    server_follow_free(follow);
    base_arena_fini(&log.arena);
    base_buffer_fini(&log.native);
    base_buffer_fini(&log.text);
    if (code == BASE_CANCELLED && error.text[0] == '\0') {
        return BASE_EXIT_OK;
    }
    if (code != BASE_OK) {
        fprintf(stderr, "hirschd: log: %s\n", error.text);
        return base_exit_of(code);
    }
    return server_stop_requested && !settings->follow ? BASE_EXIT_INTERRUPTED : BASE_EXIT_OK;
}

const struct server_job server_job_log = {
    .name = "log",
    .arguments = "",
    .summary = "Prints the changes of the store as JSON lines",
    .help =
        "Every change has a sequence and is in the log from the moment it is on disk. A line is\n"
        "one record that was put or deleted: sequence, time, kind (change, or chunk of an\n"
        "import), last (no other line of this sequence follows), op (put, delete) and record in\n"
        "the native format; a bulk load is one line without record. --since SEQ prints what came\n"
        "after SEQ, without it all that is kept: at least the newest change, at most a week and\n"
        "1/20 of the map. Asking for changes that were trimmed is an error (exit code 65): take a\n"
        "new export then. --follow waits for more until SIGINT or SIGTERM, or until its pipe is\n"
        "closed. Runs beside a daemon.\n"
        "\n"
        "Examples:\n"
        "  hirschd log --data DIR --since 41\n"
        "  hirschd log --data DIR --follow | jq -r 'select(.op == \"delete\") | .record.id'\n",
    .options = "data map-size since follow",
    .takes_arguments = false,
    .run = run,
};
