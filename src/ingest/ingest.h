/* Reads files of bibliographic records, in parallel, and gives source records: no network, no
 * store. */
#ifndef INGEST_INGEST_H
#define INGEST_INGEST_H

#include "base/arena.h"
#include "base/status.h"
#include "model/record.h"

/* Why a line was rejected; enum, name and the summary's words come from here. */
#define INGEST_REASONS(X)                                                                          \
    X(JSON, "not a JSON object")                                                                   \
    X(ENCODING, "not UTF-8")                                                                       \
    X(TOO_LONG, "line too long")                                                                   \
    X(UNKNOWN_FIELD, "unknown or duplicate field")                                                 \
    X(FIELD_TYPE, "field of the wrong type")                                                       \
    X(MISSING_FIELD, "required field missing")                                                     \
    X(ID, "bad id")                                                                                \
    X(DATE, "bad date")                                                                            \
    X(VALUE, "value out of range")                                                                 \
    X(LIMIT, "over a limit")                                                                       \
    X(COMPRESSION, "damaged compressed data")

enum ingest_reason {
#define INGEST_REASON_MEMBER(name, text) INGEST_##name,
    INGEST_REASONS(INGEST_REASON_MEMBER)
#undef INGEST_REASON_MEMBER
        INGEST_REASON_END,
};

const char *ingest_reason_text(enum ingest_reason reason);

/* Where and why: "works.jsonl.gz:71:12: year 20255 is out of range". line and column from 1; 0 when
 * there is none. */
struct ingest_fault {
    const char *file;
    uint64_t line;
    uint64_t column; /* in bytes */
    enum ingest_reason reason;
    char text[512]; /* the sentence alone */
};

/* What a source record lost on its way in without being rejected. */
struct ingest_tally {
    uint64_t skipped_entities; /* objects of kinds that Hirsch does not keep (institutions, …) */
    uint64_t ids_dropped;      /* other ids and references that are not what they claim to be */
    uint64_t authors_dropped;  /* authorships with neither id nor name */
    uint64_t texts_cut;        /* abstracts over the limit */
};

/* What a parser is given beside the line. */
struct ingest_context {
    struct base_arena *arena;  /* the records of one line live here until the next line */
    model_time updated;        /* for records that do not say: the folder's updated_date, else 0 */
    struct json_reader *json;  /* one a thread */
    bool padded;               /* JSON_PADDING bytes behind the line may be read */
    struct ingest_tally tally; /* counts up, of accepted lines only */
};

/* Takes the records of one line, finished (model_record_finish). */
typedef enum base_code (*ingest_emit)(void *sink, const struct model_record *record,
                                      struct base_error *error);

/* A format: one file, one row. parse_line gives zero or more records for one line (a JSON object)
 * or fills line, column, reason and text of fault and returns INVALID_ARGUMENT; it emits nothing
 * then. The line of the fault counts from 1 within the text that was given. Other codes end the
 * import. */
struct ingest_format {
    const char *name; /* "openalex" */
    const char *help;
    bool snapshot; /* folders may be an OpenAlex snapshot */
    enum base_code (*parse_line)(struct ingest_context *context, struct base_slice line,
                                 ingest_emit emit, void *sink, struct ingest_fault *fault,
                                 struct base_error *error);
};

/* NULL when there is no such format; ingest_formats() is NULL-terminated. */
const struct ingest_format *ingest_format_named(const char *name);
const struct ingest_format *const *ingest_formats(void);

struct ingest_progress {
    uint64_t files_done;
    uint64_t files_total;
    uint64_t bytes_done;  /* of the files as they lie on disk */
    uint64_t bytes_total; /* 0 while unknown (stdin) */
    uint64_t bytes_text;  /* after decompression */
    uint64_t lines;
    uint64_t records;
    uint64_t rejected;
};

struct ingest_report {
    struct ingest_progress totals;
    uint64_t records_by_type[6]; /* by model_record_type */
    uint64_t rejected_by_reason[INGEST_REASON_END];
    uint64_t skipped_entities; /* these four: as in struct ingest_tally */
    uint64_t ids_dropped;
    uint64_t authors_dropped;
    uint64_t texts_cut;
};

struct ingest_job {
    const struct ingest_format *format;
    /* Files, folders (walked for *.jsonl *.ndjson *.json *.gz *.zst, and an OpenAlex snapshot's
     * updated_date=…/part_*.gz and merged_ids), "-" for standard input. */
    const char *const *paths;
    size_t path_count;
    unsigned threads;    /* 0: one a core */
    uint64_t max_errors; /* beyond this many rejected lines the run ends with INVALID_ARGUMENT */
    /* Called from worker threads, at once, each with its own worker number (0 … threads-1). The
     * record is borrowed for the call. */
    enum base_code (*on_record)(void *sink, unsigned worker, const struct model_record *record,
                                struct base_error *error);
    /* Called under a lock, one at a time. */
    void (*on_fault)(void *sink, const struct ingest_fault *fault);
    /* Something about the input that people should know and that is no error ("the manifest names
     * parts that are not here"); before anything is read, from the calling thread; may be NULL. */
    void (*on_notice)(void *sink, const char *text);
    /* Called a few times a second under the same lock as on_fault, and once at the end; may be
     * NULL. */
    void (*on_progress)(void *sink, const struct ingest_progress *progress);
    void *sink;
    const volatile int *stop; /* not NULL and set by a signal: the run ends with CANCELLED */
};

/* Threads that ingest_run will use for the job: worker numbers stay below it. */
unsigned ingest_workers(const struct ingest_job *job);

/* Reads everything. The report is filled on failure too. A path that does not exist is NOT_FOUND
 * before anything is read. */
enum base_code ingest_run(const struct ingest_job *job, struct ingest_report *report,
                          struct base_error *error);

#endif
