/* Chunks of an import through the daemon that holds the data directory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "server/import_chunks.h"
#include "server/job.h"
#include "server/local.h"
#include "service/records.h"
#include "wire/fields.h"
#include "wire/messages.h"
#include "wire/read.h"
#include "wire/record.h"

enum {
    /* Small, so that other writers wait for moments only and the daemon needs little memory for
     * one: its writer puts as many of them into a transaction as it has room for. */
    CHUNK_BYTES = 64 * 1024,
    /* Chunks on their way, so that the daemon has the next ones while some are committed. */
    WINDOW = 8,
    CALL_MS = 60000,
    /* How long a daemon that went away may take to come back, or one that is full to make room. */
    PATIENCE_S = 30,
    PAUSE_MS = 100,
};

struct daemon {
    struct import_door door;
    const char *directory;
    struct server_local *local;       /* NULL: connect again */
    struct import_chunk sent[WINDOW]; /* unanswered, oldest first */
    size_t sent_count;
    uint64_t trouble_ns; /* since when nothing has worked; 0: all is well */
    struct base_buffer request;
    struct base_arena arena;
};

static enum base_code write_request(struct daemon *daemon, const struct import_chunk *chunk,
                                    struct base_error *error)
{
    struct base_buffer *request = &daemon->request;
    char key[IMPORT_ID + 32];
    base_buffer_clear(request);
    for (size_t i = 0; i < chunk->count; i++) {
        struct model_record record;
        base_arena_reset(&daemon->arena);
        enum base_code code =
            model_record_decode(chunk->records[i].bytes, &daemon->arena, &record, error);
        if (code != BASE_OK) {
            return code;
        }
        struct wire_mark mark = wire_begin(request, WIRE_PUT_RECORDS_REQUEST_RECORDS, 200);
        wire_record_write(&record, request);
        wire_end(request, mark);
    }
    int size = snprintf(key, sizeof key, "import-%s-%u", daemon->door.id, chunk->number);
    wire_put_bytes(request, WIRE_PUT_RECORDS_REQUEST_IDEMPOTENCY_KEY,
                   base_slice(key, (size_t)size));
    wire_put_bytes(request, WIRE_PUT_RECORDS_REQUEST_IMPORT_ID, base_slice_text(daemon->door.id));
    wire_put_uint(request, WIRE_PUT_RECORDS_REQUEST_IMPORT_CHUNK, chunk->number);
    return request->failed ? base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for a chunk")
                           : BASE_OK;
}

static enum base_code send_chunk(struct daemon *daemon, const struct import_chunk *chunk,
                                 struct base_error *error)
{
    enum base_code code = write_request(daemon, chunk, error);
    if (code == BASE_OK) {
        code = server_local_send(daemon->local, chunk->number, BASE_SLICE(SERVICE_PUT_RECORDS),
                                 CALL_MS, NULL, 0, base_buffer_slice(&daemon->request), error);
    }
    return code;
}

/* Can the trouble pass? Waits a moment when it can. error says what it is. */
static enum base_code wait_out(struct daemon *daemon, struct base_error *error)
{
    const uint64_t patience_ns = (uint64_t)PATIENCE_S * 1000000000;
    const struct timespec pause = {0, PAUSE_MS * 1000000L};
    uint64_t now_ns = base_clock_monotonic_ns();
    server_local_close(daemon->local);
    daemon->local = NULL;
    if (server_stop_requested) {
        return base_fail(error, BASE_CANCELLED, "stopped by a signal");
    }
    if (daemon->trouble_ns == 0) {
        daemon->trouble_ns = now_ns;
    }
    if (now_ns - daemon->trouble_ns > patience_ns) {
        return error->code;
    }
    nanosleep(&pause, NULL);
    return BASE_OK;
}

static bool may_pass(enum base_code code)
{
    return code == BASE_UNAVAILABLE || code == BASE_NOT_FOUND || code == BASE_RESOURCE_EXHAUSTED ||
           code == BASE_DEADLINE_EXCEEDED || code == BASE_ABORTED;
}

/* A connection, and everything unanswered sent on it, in order. */
static enum base_code connect_again(struct daemon *daemon, struct base_error *error)
{
    while (daemon->local == NULL) {
        enum base_code code = server_local_connect(daemon->directory, &daemon->local, error);
        for (size_t i = 0; code == BASE_OK && i < daemon->sent_count; i++) {
            code = send_chunk(daemon, &daemon->sent[i], error);
        }
        if (code != BASE_OK) {
            code = may_pass(code) ? wait_out(daemon, error) : code;
        }
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

static void count_result(struct daemon *daemon, const struct store_record *record,
                         struct base_slice result)
{
    struct import_counts *counts = &daemon->door.counts;
    uint64_t outcome = 0;
    struct base_slice why = BASE_SLICE("refused");
    while (result.size > 0) {
        struct wire_field field;
        if (wire_take(&result, &field) != NULL) {
            break;
        }
        if (field.number == WIRE_RECORD_RESULT_OUTCOME) {
            outcome = field.value;
        } else if (field.number == WIRE_RECORD_RESULT_ERROR) {
            why = wire_find_bytes(field.bytes, WIRE_ITEM_ERROR_MESSAGE);
        }
    }
    switch (outcome) {
    case HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_STORED:
        counts->stored++;
        break;
    case HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_UNCHANGED:
        counts->unchanged++;
        break;
    case HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_OLDER:
        counts->older++;
        break;
    case HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_SUPPRESSED:
        counts->suppressed++;
        break;
    default:
        import_tell_failed(&daemon->door, record, why);
        break;
    }
}

static enum base_code take_answer(struct daemon *daemon, size_t place, struct base_slice answer,
                                  struct base_error *error)
{
    const struct import_chunk *chunk = &daemon->sent[place];
    size_t results = 0;
    while (answer.size > 0) {
        struct wire_field field;
        if (wire_take(&answer, &field) != NULL) {
            return base_fail(error, BASE_DATA_LOSS, "the daemon's answer cannot be read");
        }
        if (field.number == WIRE_PUT_RECORDS_RESPONSE_RESULTS && results < chunk->count) {
            count_result(daemon, &chunk->records[results++], field.bytes);
        } else if (field.number == WIRE_PUT_RECORDS_RESPONSE_SEQUENCE &&
                   field.value > daemon->door.counts.sequence) {
            daemon->door.counts.sequence = field.value;
        }
    }
    if (results != chunk->count) {
        return base_fail(error, BASE_DATA_LOSS, "the daemon answered for %zu of %zu records",
                         results, chunk->count);
    }
    daemon->sent_count--;
    memmove(&daemon->sent[place], &daemon->sent[place + 1],
            (daemon->sent_count - place) * sizeof daemon->sent[0]);
    return BASE_OK;
}

/* Until one chunk more is answered for, through whatever passes by itself. */
static enum base_code receive(struct daemon *daemon, struct base_error *error)
{
    for (;;) {
        uint32_t id;
        struct wire_response response;
        enum base_code code = connect_again(daemon, error);
        if (code != BASE_OK) {
            return code;
        }
        code = server_local_receive(daemon->local, CALL_MS, &id, &response, error);
        if (code == BASE_OK && response.code != BASE_OK) {
            enum base_code told = response.code <= BASE_UNAUTHENTICATED
                                      ? (enum base_code)response.code
                                      : BASE_UNKNOWN;
            code = base_fail(error, told, "%.*s", BASE_PRINT(response.message));
        }
        if (code != BASE_OK) {
            code = may_pass(code) ? wait_out(daemon, error) : code;
            if (code != BASE_OK) {
                return code;
            }
            continue;
        }
        for (size_t i = 0; i < daemon->sent_count; i++) {
            if (daemon->sent[i].number == id) {
                daemon->trouble_ns = 0;
                return take_answer(daemon, i, response.payload, error);
            }
        }
    }
}

static enum base_code submit(struct import_door *door, const struct import_chunk *chunk,
                             struct base_error *error)
{
    struct daemon *daemon = (struct daemon *)door;
    enum base_code code = BASE_OK;
    while (code == BASE_OK && daemon->sent_count == WINDOW) {
        code = receive(daemon, error);
    }
    if (code == BASE_OK) {
        code = connect_again(daemon, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    daemon->sent[daemon->sent_count++] = *chunk;
    code = send_chunk(daemon, chunk, error);
    return code != BASE_OK && may_pass(code) ? wait_out(daemon, error) : code;
}

static enum base_code finish(struct import_door *door, struct base_error *error)
{
    struct daemon *daemon = (struct daemon *)door;
    enum base_code code = BASE_OK;
    while (code == BASE_OK && daemon->sent_count > 0) {
        code = receive(daemon, error);
    }
    return code;
}

static void close_daemon(struct import_door *door)
{
    struct daemon *daemon = (struct daemon *)door;
    server_local_close(daemon->local);
    base_buffer_fini(&daemon->request);
    base_arena_fini(&daemon->arena);
    free(daemon);
}

static const struct import_way way = {"daemon", submit, finish, close_daemon};

enum base_code import_daemon_open(const char *directory, struct import_door **door,
                                  struct base_error *error)
{
    struct daemon *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    enum base_code code = server_local_connect(directory, &made->local, error);
    if (code != BASE_OK) {
        free(made);
        return code;
    }
    made->door.way = &way;
    made->door.chunk_bytes = CHUNK_BYTES;
    made->directory = directory;
    base_arena_init(&made->arena, 0);
    *door = &made->door;
    return BASE_OK;
}
