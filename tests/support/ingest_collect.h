/* A sink for imports in tests: records as native lines, faults as file:line:column: [reason] text.
 */
#ifndef SUPPORT_INGEST_COLLECT_H
#define SUPPORT_INGEST_COLLECT_H

#include <pthread.h>

#include "ingest/native.h"
#include "json/json.h"

struct collect {
    pthread_mutex_t lock;
    struct base_buffer records;
    struct base_buffer faults;
    struct base_buffer notices;
    uint64_t record_count;
    uint64_t fault_count;
    uint64_t sum;          /* of the hashes of all records: does not depend on their order */
    enum base_code answer; /* of on_record */
    struct ingest_report report;
    struct base_error error;
};

static inline void collect_init(struct collect *collect)
{
    *collect = (struct collect){.answer = BASE_OK};
    pthread_mutex_init(&collect->lock, NULL);
}

static inline void collect_fini(struct collect *collect)
{
    base_buffer_fini(&collect->records);
    base_buffer_fini(&collect->faults);
    base_buffer_fini(&collect->notices);
    pthread_mutex_destroy(&collect->lock);
}

static inline const char *collect_text(struct base_buffer *buffer)
{
    base_buffer_append_byte(buffer, '\0');
    buffer->size--;
    return buffer->data;
}

static inline enum base_code collect_record(void *sink, unsigned worker,
                                            const struct model_record *record,
                                            struct base_error *error)
{
    struct collect *collect = sink;
    (void)worker;
    pthread_mutex_lock(&collect->lock);
    size_t before = collect->records.size;
    ingest_native_write(record, &collect->records);
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = before; i < collect->records.size; i++) {
        hash = (hash ^ (unsigned char)collect->records.data[i]) * UINT64_C(0x100000001b3);
    }
    collect->sum += hash;
    collect->record_count++;
    enum base_code code = collect->answer;
    pthread_mutex_unlock(&collect->lock);
    return code == BASE_OK ? code : base_fail(error, code, "the sink says no");
}

static inline void collect_fault(void *sink, const struct ingest_fault *fault)
{
    struct collect *collect = sink;
    const char *slash = strrchr(fault->file, '/');
    collect->fault_count++;
    base_buffer_append_format(&collect->faults, "%s:%llu:%llu: [%s] %s\n",
                              slash == NULL ? fault->file : slash + 1,
                              (unsigned long long)fault->line, (unsigned long long)fault->column,
                              ingest_reason_text(fault->reason), fault->text);
}

static inline void collect_notice(void *sink, const char *text)
{
    struct collect *collect = sink;
    const char *slash = strrchr(text, '/');
    base_buffer_append_format(&collect->notices, "notice: %s\n", slash == NULL ? text : slash + 1);
}

static inline enum base_code collect_run(struct collect *collect, const char *format,
                                         const char *const *paths, size_t count, unsigned threads,
                                         uint64_t max_errors)
{
    struct ingest_job job = {
        .format = ingest_format_named(format),
        .paths = paths,
        .path_count = count,
        .threads = threads,
        .max_errors = max_errors,
        .on_record = collect_record,
        .on_fault = collect_fault,
        .on_notice = collect_notice,
        .sink = collect,
    };
    return ingest_run(&job, &collect->report, &collect->error);
}

/* One line through a format's parser, without files. */
struct collect_line {
    struct base_arena arena;
    struct ingest_context context;
    struct ingest_fault fault;
    struct base_error error;
    struct base_buffer out; /* the records as native lines */
    enum base_code code;
};

static inline enum base_code collect_line_emit(void *sink, const struct model_record *record,
                                               struct base_error *error)
{
    (void)error;
    ingest_native_write(record, sink);
    return BASE_OK;
}

static inline void collect_line_init(struct collect_line *line)
{
    *line = (struct collect_line){.code = BASE_OK};
    base_arena_init(&line->arena, 0);
    line->context.arena = &line->arena;
    line->context.json = json_reader_new();
}

static inline void collect_line_fini(struct collect_line *line)
{
    json_reader_free(line->context.json);
    base_arena_fini(&line->arena);
    base_buffer_fini(&line->out);
}

/* The records' native lines, or "column [reason] text" of the fault. */
static inline const char *collect_line_parse(struct collect_line *line, const char *format,
                                             struct base_slice text)
{
    base_buffer_clear(&line->out);
    base_arena_reset(&line->arena);
    line->fault = (struct ingest_fault){.file = "", .line = 1, .column = 1};
    line->code = ingest_format_named(format)->parse_line(&line->context, text, collect_line_emit,
                                                         &line->out, &line->fault, &line->error);
    if (line->code != BASE_OK) {
        base_buffer_clear(&line->out);
        base_buffer_append_format(&line->out, "%llu [%s] %s",
                                  (unsigned long long)line->fault.column,
                                  ingest_reason_text(line->fault.reason), line->fault.text);
    }
    return collect_text(&line->out);
}

#endif
