#include "history_run.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/packer.h"
#include "base/clock.h"
#include "store/build.h"
#include "store/directory.h"
#include "store/scan.h"
#include "store/verify.h"

enum { MAP = 64 << 20, MEMORY = 4 << 20 };

#define TODAY model_day_of(2026, 6, 1)
#define NOW ((model_time)TODAY * 86400 * 1000000)

_Noreturn void history_die(const char *what, const struct base_error *error)
{
    fprintf(stderr, "%s%s%s\n", what, error == NULL ? "" : ": ", error == NULL ? "" : error->text);
    exit(1);
}

void history_run_remove(const char *folder)
{
    char path[STORE_PATH];
    snprintf(path, sizeof path, "%s/CURRENT", folder);
    unlink(path);
    store_directory_clean(folder);
    snprintf(path, sizeof path, "%s/lock", folder);
    unlink(path);
}

/* Requests on their way. */
struct flight {
    struct history_run *run;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t waiting;
};

struct sent {
    struct store_write write;
    struct store_write_item items[HISTORY_ITEMS];
    struct base_arena arena;
    struct flight *flight;
    size_t index; /* of the request */
    char key[16];
    enum base_code code;
    char text[BASE_ERROR_TEXT];
    char answer[8 + HISTORY_ITEMS];
    size_t answer_size;
};

/* Sequence, then the outcome of each item. */
static void pack(const struct store_write *write, const struct store_write_result *result,
                 struct base_buffer *answer)
{
    char sequence[8];
    base_put_le64(sequence, result->sequence);
    base_buffer_append(answer, sequence, sizeof sequence);
    for (size_t i = 0; i < write->count; i++) {
        base_buffer_append_byte(answer, (uint8_t)write->items[i].outcome);
    }
}

static void done(struct store_write *write, enum base_code code, const struct base_error *error,
                 struct base_slice answer)
{
    struct sent *sent = write->context;
    struct flight *flight = sent->flight;
    sent->code = code;
    if (code != BASE_OK) {
        snprintf(sent->text, sizeof sent->text, "%s", error->text);
    } else if (answer.size <= sizeof sent->answer) {
        memcpy(sent->answer, answer.data, answer.size);
        sent->answer_size = answer.size;
        if (flight->run->acknowledged != NULL) {
            flight->run->acknowledged(base_get_le64(answer.data));
        }
    }
    pthread_mutex_lock(&flight->mutex);
    flight->waiting--;
    pthread_cond_signal(&flight->changed);
    pthread_mutex_unlock(&flight->mutex);
}

static void wait_for_all(struct flight *flight)
{
    pthread_mutex_lock(&flight->mutex);
    while (flight->waiting > 0) {
        pthread_cond_wait(&flight->changed, &flight->mutex);
    }
    pthread_mutex_unlock(&flight->mutex);
}

static void fill(struct flight *flight, struct sent *sent, size_t index)
{
    const struct history_request *request = &flight->run->history->requests[index];
    *sent = (struct sent){.flight = flight, .index = index};
    base_arena_init(&sent->arena, 0);
    struct model_record *records = base_arena_array(&sent->arena, HISTORY_ITEMS, sizeof *records);
    size_t count = 0;
    for (size_t i = 0; i < request->count; i++) {
        if (request->items[i].dropped) {
            continue;
        }
        if (model_record_decode(request->items[i].record, &sent->arena, &records[count], NULL) !=
            BASE_OK) {
            history_die("a record that was made cannot be read", NULL);
        }
        sent->items[count] = (struct store_write_item){.remove = request->items[i].remove,
                                                       .record = &records[count]};
        count++;
    }
    sent->write = (struct store_write){
        .arena = &sent->arena,
        .items = sent->items,
        .count = count,
        .bytes = 1000,
        .time = NOW + index,
        .caller = BASE_SLICE("caller"),
        .method = BASE_SLICE("put"),
        .hash = {(uint8_t)request->key},
        .is_chunk = request->is_chunk,
        .run = "run of a test",
        .chunk = (uint32_t)index,
        .pack = pack,
        .done = done,
        .context = sent,
    };
    if (request->key != 0) {
        int size = snprintf(sent->key, sizeof sent->key, "%u", request->key);
        sent->write.key = base_slice(sent->key, (size_t)size);
    }
}

static _Noreturn void wrong(const struct sent *sent, const char *what, uint64_t answered,
                            uint64_t expected)
{
    fprintf(stderr, "request %zu: %s %llu, expected %llu\n", sent->index, what,
            (unsigned long long)answered, (unsigned long long)expected);
    exit(1);
}

/* Sent before with the same key: the same answer, and nothing was done again. */
static bool was_repeated(struct history_run *run, const struct sent *sent)
{
    unsigned key = run->history->requests[sent->index].key;
    struct history_answer *before = &run->answers[key];
    if (key == 0) {
        return false;
    }
    if (before->size == 0) {
        before->index = sent->index;
        before->size = sent->answer_size;
        memcpy(before->bytes, sent->answer, sent->answer_size);
        return false;
    }
    if (before->size != sent->answer_size ||
        memcmp(before->bytes, sent->answer, sent->answer_size) != 0) {
        wrong(sent, "another answer than request", before->index, sent->index);
    }
    return true;
}

static void check_answer(struct history_run *run, const struct sent *sent)
{
    const struct history_request *request = &run->history->requests[sent->index];
    if (sent->code != BASE_OK) {
        fprintf(stderr, "request %zu: %s: %s\n", sent->index, base_code_name(sent->code),
                sent->text);
        exit(1);
    }
    if (was_repeated(run, sent)) {
        return;
    }
    size_t at = 8;
    bool changed = false;
    for (size_t i = 0; i < request->count; i++) {
        if (request->items[i].dropped) {
            continue;
        }
        enum store_outcome wanted = history_rows_apply(run->rows, &request->items[i]);
        changed |= wanted == STORE_OUTCOME_STORED || wanted == STORE_OUTCOME_DELETED;
        uint8_t outcome = at < sent->answer_size ? (uint8_t)sent->answer[at] : UINT8_MAX;
        if (outcome != (uint8_t)wanted) {
            wrong(sent, "outcome", outcome, wanted);
        }
        at++;
    }
    run->sequence += changed ? 1 : 0;
    if (base_get_le64(sent->answer) != run->sequence) {
        wrong(sent, "sequence", base_get_le64(sent->answer), run->sequence);
    }
}

void history_run_write(struct history_run *run, size_t from, size_t to)
{
    struct flight flight = {
        .run = run, .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    struct base_error error;
    struct sent *all = calloc(to - from + 1, sizeof *all);
    for (size_t i = from; i < to; i++) {
        struct sent *sent = &all[i - from];
        if (run->history->requests[i].waits) {
            wait_for_all(&flight);
        }
        fill(&flight, sent, i);
        if (sent->write.count == 0) {
            continue;
        }
        pthread_mutex_lock(&flight.mutex);
        flight.waiting++;
        pthread_mutex_unlock(&flight.mutex);
        if (store_writes_submit(run->writes, &sent->write, &error) != BASE_OK) {
            history_die("submit", &error);
        }
    }
    wait_for_all(&flight);
    for (size_t i = from; i < to; i++) {
        struct sent *sent = &all[i - from];
        if (sent->write.count > 0) {
            check_answer(run, sent);
        }
    }
    for (size_t i = from; i < to; i++) {
        base_arena_fini(&all[i - from].arena);
    }
    free(all);
}

static struct store_build *begin_build(struct history_run *run)
{
    const struct store_build_options options = {
        .directory = run->folder,
        .workers = 1,
        .memory = MEMORY,
        .map_size = MAP,
        .today = TODAY,
        .coverage_end = MODEL_NO_DAY,
        .time = NOW,
        .packer = server_packer(),
    };
    struct store_build *build;
    struct base_error error;
    if (store_build_new(&options, &build, &error) != BASE_OK) {
        history_die("build", &error);
    }
    return build;
}

static void add(struct store_build *build, struct base_slice bytes)
{
    struct base_arena arena;
    struct base_error error;
    struct model_record record;
    base_arena_init(&arena, 0);
    if (model_record_decode(bytes, &arena, &record, &error) != BASE_OK ||
        store_build_add(build, 0, &record, &error) != BASE_OK) {
        history_die("add", &error);
    }
    base_arena_fini(&arena);
}

static void finish_build(struct history_run *run, struct store_build *build)
{
    struct store_build_report report;
    struct base_error error;
    if (store_build_finish(build, &report, &error) != BASE_OK) {
        history_die("build", &error);
    }
    store_build_free(build);
    run->sequence++;
    if (run->acknowledged != NULL) {
        run->acknowledged(run->sequence);
    }
}

void history_run_load(struct history_run *run)
{
    struct store_build *build = begin_build(run);
    for (size_t i = 0; i < run->history->loaded; i++) {
        const struct history_request *request = &run->history->requests[i];
        for (size_t j = 0; j < request->count; j++) {
            if (!request->items[j].dropped) {
                add(build, request->items[j].record);
                history_rows_apply(run->rows, &request->items[j]);
            }
        }
    }
    finish_build(run, build);
}

void history_run_build_rows(struct history_run *run)
{
    struct store_build *build = begin_build(run);
    for (size_t i = 0; i < history_rows_count(run->rows); i++) {
        struct base_slice key;
        struct base_slice bytes;
        history_rows_at(run->rows, i, &key, &bytes);
        add(build, bytes);
    }
    finish_build(run, build);
}

void history_run_open(struct history_run *run)
{
    struct base_error error;
    const struct store_writes_options options = {
        .directory = run->folder, .packer = server_packer(), .now_ns = base_clock_monotonic_ns};
    if (store_open_writable(run->folder, MAP, &run->store, &error) != BASE_OK ||
        store_writes_open(run->store, &options, &run->writes, &error) != BASE_OK) {
        history_die("open", &error);
    }
}

void history_run_close(struct history_run *run)
{
    store_writes_close(run->writes);
    store_close(run->store);
}

struct rows_seen {
    const struct history_rows *rows;
    size_t count;
    struct base_buffer key;
    struct base_buffer bytes;
};

static enum base_code check_row(void *context, const struct model_record *record,
                                struct base_error *error)
{
    struct rows_seen *seen = context;
    struct base_slice key = {NULL, 0};
    struct base_slice bytes = {NULL, 0};
    base_buffer_clear(&seen->key);
    base_buffer_clear(&seen->bytes);
    model_record_append_key(record, &seen->key);
    model_record_encode(record, &seen->bytes);
    if (seen->count < history_rows_count(seen->rows)) {
        history_rows_at(seen->rows, seen->count, &key, &bytes);
    }
    if (!base_slice_equal(base_buffer_slice(&seen->key), key) ||
        !base_slice_equal(base_buffer_slice(&seen->bytes), bytes)) {
        return base_fail(error, BASE_INTERNAL, "source record %zu is not the one that is to stand",
                         seen->count);
    }
    seen->count++;
    return BASE_OK;
}

void history_run_check(struct history_run *run, struct store_info *info)
{
    struct store_reader *reader;
    struct base_error error;
    struct rows_seen seen = {.rows = run->rows};
    if (store_reader_new(run->store, &reader, &error) != BASE_OK ||
        store_read_info(reader, info, &error) != BASE_OK ||
        store_scan_records(reader, MODEL_RECORD_SUPPRESS, MODEL_RECORD_CITATION, check_row, &seen,
                           &error) != BASE_OK) {
        history_die("read", &error);
    }
    if (seen.count != history_rows_count(run->rows)) {
        history_die("source records are missing", NULL);
    }
    if (info->sequence != run->sequence || store_committed(run->store) != run->sequence) {
        history_die("the store stands at another sequence than the last answer", NULL);
    }
    store_reader_free(reader);
    base_buffer_fini(&seen.key);
    base_buffer_fini(&seen.bytes);
}

static void print_fault(void *context, const char *text)
{
    (void)context;
    fprintf(stderr, "verify: %s\n", text);
}

void history_run_verify(const char *folder)
{
    struct base_error error;
    struct store_verify_report report;
    const struct store_verify_options options = {
        .directory = folder,
        .memory = MEMORY,
        .map_size = MAP,
        .packer = server_packer(),
        .on_fault = print_fault,
    };
    if (store_verify(&options, &report, &error) != BASE_OK) {
        history_die("verify", &error);
    }
    if (report.faults > 0) {
        exit(1);
    }
}
