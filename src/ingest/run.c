#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "ingest/block.h"
#include "ingest/ingest.h"
#include "json/json.h"

enum { THREADS_MOST = 64, PROGRESS_NS = 200 * 1000 * 1000 };

/* What all workers share. Each worker takes file after file, decompresses it block by block and
 * parses the blocks itself: then the text is still in its cache. Only when no file is left for some
 * worker does it take blocks from the queue, which the others fill from then on, so that one big
 * file keeps all cores busy too. */
struct run {
    const struct ingest_job *job;
    struct ingest_files files;
    struct base_queue *blocks;
    struct base_queue *spare;
    atomic_size_t next_file;
    atomic_uint readers;   /* workers that may still put blocks into the queue */
    atomic_uint consumers; /* workers that only take from it */
    atomic_bool stopped;
    pthread_mutex_t lock; /* of everything below */
    struct ingest_report *report;
    uint64_t progress_ns;
    enum base_code code;
    struct base_error *error;
};

struct worker {
    struct run *run;
    unsigned number;
    pthread_t thread;
    struct base_arena arena;
    struct ingest_context context;
    bool sink_failed;    /* the code of parse_line came from the sink */
    uint64_t bytes_text; /* these: since they were last added to the report */
    uint64_t bytes_taken;
    uint64_t lines;
    uint64_t by_type[6];
    uint64_t files_done;
};

static void stop(struct run *run, enum base_code code, const struct base_error *error)
{
    pthread_mutex_lock(&run->lock);
    if (run->code == BASE_OK) {
        run->code = code;
        if (run->error != NULL) {
            *run->error = *error;
        }
    }
    pthread_mutex_unlock(&run->lock);
    atomic_store(&run->stopped, true);
}

static bool is_stopped(struct run *run)
{
    if (run->job->stop != NULL && __atomic_load_n(run->job->stop, __ATOMIC_RELAXED) != 0 &&
        !atomic_load(&run->stopped)) {
        struct base_error error;
        stop(run, base_fail(&error, BASE_CANCELLED, "interrupted"), &error);
    }
    return atomic_load(&run->stopped);
}

/* Adds what the worker has counted to the report, and shows progress now and then. */
static void count(struct worker *worker)
{
    struct run *run = worker->run;
    struct ingest_progress *totals = &run->report->totals;
    pthread_mutex_lock(&run->lock);
    totals->files_done += worker->files_done;
    totals->bytes_done += worker->bytes_taken;
    totals->bytes_text += worker->bytes_text;
    totals->lines += worker->lines;
    for (size_t i = 0; i < 6; i++) {
        totals->records += worker->by_type[i];
        run->report->records_by_type[i] += worker->by_type[i];
        worker->by_type[i] = 0;
    }
    worker->files_done = 0;
    worker->bytes_taken = 0;
    worker->bytes_text = 0;
    worker->lines = 0;
    if (run->job->on_progress != NULL) {
        uint64_t now = base_clock_monotonic_ns();
        if (now - run->progress_ns >= PROGRESS_NS) {
            run->progress_ns = now;
            run->job->on_progress(run->job->sink, totals);
        }
    }
    pthread_mutex_unlock(&run->lock);
}

/* Counts and passes on a fault, unless the run has ended already. */
static void reject(struct run *run, const struct ingest_fault *fault)
{
    struct base_error error;
    pthread_mutex_lock(&run->lock);
    bool counts = !atomic_load(&run->stopped);
    if (counts) {
        run->report->totals.rejected++;
        run->report->rejected_by_reason[fault->reason]++;
        if (run->job->on_fault != NULL) {
            run->job->on_fault(run->job->sink, fault);
        }
    }
    bool over = counts && run->report->totals.rejected > run->job->max_errors;
    if (over) {
        atomic_store(&run->stopped, true);
    }
    pthread_mutex_unlock(&run->lock);
    if (!over) {
        return;
    }
    if (fault->line == 0) {
        base_fail(&error, BASE_INVALID_ARGUMENT, "%s: %s", fault->file, fault->text);
    } else {
        base_fail(&error, BASE_INVALID_ARGUMENT, "%s:%llu:%llu: %s", fault->file,
                  (unsigned long long)fault->line, (unsigned long long)fault->column, fault->text);
    }
    stop(run, BASE_INVALID_ARGUMENT, &error);
}

static void reject_file(struct run *run, const char *path, uint64_t line, enum ingest_reason reason,
                        const char *text)
{
    struct ingest_fault fault = {.file = path, .line = line, .reason = reason};
    fault.column = line == 0 ? 0 : 1;
    snprintf(fault.text, sizeof fault.text, "%.500s", text);
    reject(run, &fault);
}

static enum base_code emit(void *sink, const struct model_record *record, struct base_error *error)
{
    struct worker *worker = sink;
    const struct ingest_job *job = worker->run->job;
    worker->by_type[record->type]++;
    enum base_code code = job->on_record(job->sink, worker->number, record, error);
    worker->sink_failed = code != BASE_OK;
    return code;
}

static bool is_blank(struct base_slice line)
{
    for (size_t i = 0; i < line.size; i++) {
        if (line.data[i] != ' ' && line.data[i] != '\t' && line.data[i] != '\r' &&
            line.data[i] != '\n') {
            return false;
        }
    }
    return true;
}

/* number is that of the line in its file. */
static void parse_line(struct worker *worker, const struct ingest_block *block, uint64_t number,
                       struct base_slice line)
{
    struct run *run = worker->run;
    struct base_error error = {.code = BASE_OK};
    struct ingest_fault fault = {.file = block->file->path, .line = 1, .column = 1};
    if (line.size > LIMIT_LINE) {
        snprintf(fault.text, sizeof fault.text, "a line of more than %d bytes", LIMIT_LINE);
        reject_file(run, fault.file, number, INGEST_TOO_LONG, fault.text);
        return;
    }
    base_arena_reset(&worker->arena);
    worker->context.updated = block->file->updated;
    worker->sink_failed = false;
    enum base_code code =
        run->job->format->parse_line(&worker->context, line, emit, worker, &fault, &error);
    if (code == BASE_INVALID_ARGUMENT && !worker->sink_failed) {
        if (number == 1 && fault.line == 1) {
            fault.column += block->mark;
        }
        fault.line += number - 1;
        reject(run, &fault);
    } else if (code != BASE_OK) {
        base_error_prefix(&error, "%s:%llu", fault.file, (unsigned long long)number);
        stop(run, code, &error);
    }
}

static void parse_block(struct worker *worker, const struct ingest_block *block)
{
    const char *at = block->data;
    const char *end = block->data + block->size;
    uint64_t number = block->line;
    while (at < end && !is_stopped(worker->run)) {
        const char *newline = block->document ? NULL : memchr(at, '\n', (size_t)(end - at));
        const char *stop_at = newline == NULL ? end : newline;
        struct base_slice line = base_slice(at, (size_t)(stop_at - at));
        if (line.size > 0 && line.data[line.size - 1] == '\r') {
            line.size--;
        }
        if (!is_blank(line)) {
            parse_line(worker, block, number, line);
        }
        worker->lines++;
        number++;
        at = newline == NULL ? end : newline + 1;
    }
    worker->bytes_text += block->size;
    count(worker);
}

/* Hands the block to a worker that has nothing else to do, or parses it here. */
static void deal_with(struct worker *worker, struct ingest_block *block)
{
    struct run *run = worker->run;
    if (atomic_load(&run->consumers) > 0 && base_queue_try_push(run->blocks, block)) {
        return;
    }
    parse_block(worker, block);
    ingest_block_recycle(run->spare, block);
}

static void read_file(struct worker *worker, const struct ingest_file *file)
{
    struct run *run = worker->run;
    struct base_error error = {.code = BASE_OK};
    struct ingest_cutter cutter;
    uint64_t taken = 0;
    enum base_code code = ingest_cutter_open(&cutter, file, run->job->stop, run->spare, &error);
    bool open = code == BASE_OK;
    while (open && !is_stopped(run)) {
        struct ingest_block *block = NULL;
        uint64_t line = 0;
        code = ingest_cutter_next(&cutter, &block, &line, &error);
        uint64_t now = ingest_source_taken(cutter.source);
        worker->bytes_taken += now - taken;
        taken = now;
        if (code == BASE_OUT_OF_RANGE) {
            reject_file(run, file->path, line, INGEST_TOO_LONG, error.text);
            code = BASE_OK;
            continue;
        }
        if (code != BASE_OK || block == NULL) {
            break;
        }
        deal_with(worker, block);
    }
    if (code == BASE_DATA_LOSS) {
        reject_file(run, file->path, 0, INGEST_COMPRESSION, error.text);
    } else if (code != BASE_OK) {
        /* What a file would have said is no bad line, whatever the number of those allowed. */
        base_error_prefix(&error, "%s", file->path);
        stop(run, code == BASE_UNAVAILABLE ? BASE_DATA_LOSS : code, &error);
    }
    worker->files_done++;
    ingest_cutter_close(&cutter);
    count(worker);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct run *run = worker->run;
    void *item = NULL;
    size_t index;
    while ((index = atomic_fetch_add(&run->next_file, 1)) < run->files.count && !is_stopped(run)) {
        read_file(worker, &run->files.list[index]);
    }
    atomic_fetch_add(&run->consumers, 1);
    if (atomic_fetch_sub(&run->readers, 1) == 1) {
        base_queue_close(run->blocks);
    }
    while (base_queue_pop(run->blocks, &item)) {
        parse_block(worker, item);
        ingest_block_recycle(run->spare, item);
    }
    count(worker);
    return NULL;
}

static enum base_code init_worker(struct worker *worker, struct run *run, unsigned number,
                                  struct base_error *error)
{
    *worker = (struct worker){.run = run, .number = number};
    base_arena_init(&worker->arena, 0);
    worker->context =
        (struct ingest_context){.arena = &worker->arena, .json = json_reader_new(), .padded = true};
    if (worker->context.json == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for a worker");
    }
    return BASE_OK;
}

static void fini_worker(struct worker *worker, struct ingest_report *report)
{
    const struct ingest_tally *tally = &worker->context.tally;
    report->skipped_entities += tally->skipped_entities;
    report->ids_dropped += tally->ids_dropped;
    report->authors_dropped += tally->authors_dropped;
    report->texts_cut += tally->texts_cut;
    json_reader_free(worker->context.json);
    base_arena_fini(&worker->arena);
}

/* Worker 0 is the calling thread. Where no more threads can be had, fewer do the work. */
static enum base_code run_workers(struct run *run, unsigned threads, struct base_error *error)
{
    struct worker *workers = calloc(threads, sizeof *workers);
    if (workers == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for %u workers", threads);
    }
    enum base_code code = BASE_OK;
    unsigned ready = 0;
    while (code == BASE_OK && ready < threads) {
        code = init_worker(&workers[ready], run, ready, error);
        ready++;
    }
    if (code == BASE_OK) {
        unsigned started = 1;
        atomic_store(&run->readers, threads);
        while (started < threads &&
               pthread_create(&workers[started].thread, NULL, work, &workers[started]) == 0) {
            started++;
        }
        atomic_fetch_sub(&run->readers, threads - started);
        work(&workers[0]);
        for (unsigned i = 1; i < started; i++) {
            pthread_join(workers[i].thread, NULL);
        }
        code = run->code;
    }
    for (unsigned i = 0; i < ready; i++) {
        fini_worker(&workers[i], run->report);
    }
    free(workers);
    return code;
}

unsigned ingest_workers(const struct ingest_job *job)
{
    unsigned threads = job->threads;
    if (threads == 0) {
        cpu_set_t cores;
        threads = sched_getaffinity(0, sizeof cores, &cores) == 0 ? (unsigned)CPU_COUNT(&cores) : 1;
    }
    return threads < 1 ? 1 : threads > THREADS_MOST ? THREADS_MOST : threads;
}

static void free_blocks(struct base_queue *queue)
{
    void *item = NULL;
    while (queue != NULL && base_queue_try_pop(queue, &item)) {
        ingest_block_free(item);
    }
    base_queue_free(queue);
}

enum base_code ingest_run(const struct ingest_job *job, struct ingest_report *report,
                          struct base_error *error)
{
    unsigned threads = ingest_workers(job);
    struct run run = {.job = job, .report = report, .error = error};
    *report = (struct ingest_report){0};
    enum base_code code = ingest_files_find(job, &run.files, error);
    if (code != BASE_OK) {
        return code;
    }
    report->totals.files_total = run.files.count;
    report->totals.bytes_total = run.files.bytes;
    pthread_mutex_init(&run.lock, NULL);
    run.blocks = base_queue_new(2 * threads);
    run.spare = base_queue_new(4 * threads);
    if (run.blocks == NULL || run.spare == NULL) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for an import");
    } else {
        code = run_workers(&run, threads, error);
    }
    if (job->on_progress != NULL) {
        job->on_progress(job->sink, &report->totals);
    }
    free_blocks(run.blocks);
    free_blocks(run.spare);
    pthread_mutex_destroy(&run.lock);
    ingest_files_fini(&run.files);
    return code;
}
