/* libhirsch: asks a Hirsch daemon who an author is and what a paper has earned.
 *
 *     struct hirsch_options options = HIRSCH_OPTIONS_INIT;
 *     hirsch_client *client = NULL;
 *     hirsch_error *error = NULL;
 *     const struct hirsch_author *author = NULL;
 *     if (hirsch_open(&options, &client, &error) == HIRSCH_OK &&
 *         hirsch_get_author(client, "local:max-lam", NULL, &author, &error) == HIRSCH_OK) {
 *         use(author->display_name, author->metrics.h_index);
 *     } else {
 *         report(error->text);
 *     }
 *     hirsch_free(author);
 *     hirsch_free(error);
 *     hirsch_close(client);
 *
 * Every function that can fail returns a code. Results and errors leave through the trailing
 * parameters, which are not touched otherwise: a result is written only on HIRSCH_OK, an error only
 * on another code, and `error` may be NULL for who does not want it. Both belong to the caller and
 * are given back with hirsch_free(), also after hirsch_close().
 *
 * Which thread may do what:
 *
 *     hirsch_open            any thread; not in a child process whose parent has open clients
 *     hirsch_get_…, _batch_…, _list_…, _search_…, _sample_…, _resolve_…, _refresh_…, _compute_…,
 *     _explain_…, _put_…, _delete_…, hirsch_call, hirsch_health_check
 *                            any number of threads at once on one client; their requests travel
 *                            side by side
 *     hirsch_poll            any number of threads at once; callbacks run in the thread that polls,
 *                            those of two threads may run at the same time
 *     hirsch_cancel, hirsch_fd   any thread, also in a callback
 *     inside a callback      everything but hirsch_poll and hirsch_close
 *     inside allocator and log hooks   nothing of this library
 *     hirsch_close           one thread, after all other calls on this client have returned
 *     results, errors        any number of threads read; one thread frees, after the reading
 *     hirsch_code_name, hirsch_version, hirsch_free(different objects)   any thread
 *
 * Asynchronous calls: any call whose options name a `done` function returns as soon as it is
 * started. The library has no thread of its own (libnanomsg has one for its sockets): calls move on
 * while some thread is inside hirsch_poll() or a waiting call on the same client. An event loop of
 * your own watches hirsch_fd() and calls hirsch_poll(client, 0) whenever it is readable.
 *
 * A struct may have the name of the function that takes it (hirsch_compute_metrics): write `struct`
 * before it, in C++ too.
 *
 * A client must not be used on both sides of a fork(). The library prints nothing, installs no
 * signal handler, changes neither locale nor environment, and never ends the process for anything
 * that a server sends on tcp://. On ipc:// the transport (libnanomsg 1.1.5) aborts when the peer
 * breaks the protocol: connect only to sockets of a daemon you trust. */
#ifndef HIRSCH_CLIENT_H
#define HIRSCH_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "hirsch/status.h"
#include "hirsch/types.h"
#include "hirsch/version.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hirsch_client hirsch_client;

#define HIRSCH_DEFAULT_ENDPOINT "tcp://127.0.0.1:7700"
#define HIRSCH_DEFAULT_TIMEOUT_MS 2000
/* The greatest time limit of a call: one hour. */
#define HIRSCH_MAX_TIMEOUT_MS 3600000
/* Ids in one batch. */
#define HIRSCH_MAX_BATCH 1000
/* Endpoints of one client. */
#define HIRSCH_MAX_ENDPOINTS 16

/* Calls of one client that may be under way at once. */
#define HIRSCH_MAX_CALLS 16384

/* Memory for clients, results and errors; short-lived buffers of a call in progress and libnanomsg
 * take malloc(). Called by any thread. allocate gives memory aligned for anything, or NULL. */
struct hirsch_allocator {
    void *(*allocate)(void *context, size_t size);
    void (*release)(void *context, void *memory); /* memory is never NULL */
    void *context;
};

enum hirsch_log_level {
    HIRSCH_LOG_INFO = 0,
    HIRSCH_LOG_WARNING = 1,
};

/* What happens to connections, one sentence in UTF-8 without a newline; text lives during the call.
 * By the thread that happens to be inside the library, with a lock held: return soon, and call
 * nothing of this library. */
typedef void hirsch_log(void *context, enum hirsch_log_level level, const char *text);

/* Start from HIRSCH_OPTIONS_INIT: zeros are the defaults, and `size` lets the struct grow. */
struct hirsch_options {
    size_t size; /* sizeof(struct hirsch_options) */
    /* `tcp://HOST:PORT` or `ipc://PATH`, several separated by commas; all of them serve reads. A
     * call goes to one of them in turn, and to the next when that one cannot be reached or does not
     * answer in its share of the time. One that failed rests, 0.25 s at first and 10 s at most: it
     * is asked only when no other is left. NULL: the environment variable HIRSCH_SERVER, else
     * HIRSCH_DEFAULT_ENDPOINT. An IPv6 address stands in brackets. Read during hirsch_open() only.
     */
    const char *endpoints;
    /* Time limit of a call that names none: covers connecting, waiting and all attempts. 0:
     * HIRSCH_DEFAULT_TIMEOUT_MS. */
    uint32_t timeout_ms;
    /* The greatest reply to take, in bytes: 1 MiB to 16 MiB. 0: 16 MiB. The server is told. */
    uint32_t max_reply_bytes;
    /* UNAVAILABLE as soon as every endpoint has refused the connection. Otherwise a call waits for
     * a daemon that is being restarted until its time is up. */
    bool fail_fast;
    /* Where calls with `to_writer` go, and nothing else; reads never depend on it. NULL: the only
     * one of `endpoints`, and with several of them such calls are refused. */
    const char *writer;
    /* How often a request is sent at most, the first time included; at most 100. 0: 3; 1: never
     * again. */
    uint32_t retry_attempts;
    /* Before a request is sent again to endpoints that have all been asked, it waits a random time
     * from 0 to retry_first_ms, then to that times retry_multiplier, and so on up to retry_most_ms.
     * 0: 50, 1,000 and 2; both times at most an hour. What a server says about when to ask again
     * (`retry-after-ms`) comes on top of it. After many refusals in a row nothing is sent again
     * until answers come, as in gRPC A6. */
    uint32_t retry_first_ms;
    uint32_t retry_most_ms;
    double retry_multiplier;                  /* 1 to 10 */
    const struct hirsch_allocator *allocator; /* copied; NULL: malloc() and free() */
    hirsch_log *log;                          /* NULL: nothing is told */
    void *log_context;
    /* The key that `hirschd key create` printed, sent with every call; read during hirsch_open()
     * only. key: the key itself; else key_file: a file that holds it; else the environment variable
     * HIRSCH_KEY; else none. It travels as it is: over networks that you do not trust use a tunnel.
     */
    const char *key;
    const char *key_file;
    /* The greatest request that the servers take (`hirschd serve --max-request`), in bytes: 64 KiB
     * to 8 MiB. 0: 8 MiB. Puts and deletes are split by it. */
    uint32_t max_request_bytes;
};

#define HIRSCH_OPTIONS_INIT                                                                        \
    {                                                                                              \
        sizeof(struct hirsch_options), NULL, 0, 0, false, NULL, 0, 0, 0, 0.0, NULL, NULL, NULL,    \
            NULL, NULL, 0                                                                          \
    }

/* One entry of metadata: key in lower case (`x-request-id`, `traceparent`, `authorization`, …). */
struct hirsch_metadata {
    const char *key;
    const char *value;
};

/* Names a call under way; never 0, and never given twice by one client. */
typedef uint64_t hirsch_ticket;

/* How an asynchronous call ended. */
struct hirsch_completion {
    hirsch_client *client;
    hirsch_ticket ticket;
    void *context;
    enum hirsch_code code;
    /* On HIRSCH_OK what the waiting call would have handed out (const struct hirsch_author * of
     * hirsch_get_author and so on; const enum hirsch_serving_status * of hirsch_health_check), else
     * NULL. Yours: give it back with hirsch_free(). */
    const void *result;
    hirsch_error *error; /* NULL on HIRSCH_OK. Yours as well. */
};

/* Runs exactly once for each call that was started, inside hirsch_poll() or hirsch_close(). The
 * struct lives during the call. */
typedef void hirsch_done(const struct hirsch_completion *completion);

/* How one call differs from the client's defaults; NULL in its place means it does not. */
struct hirsch_call_options {
    size_t size;           /* sizeof(struct hirsch_call_options) */
    uint32_t timeout_ms;   /* 0: the client's */
    size_t metadata_count; /* at most 16; `hirsch-max-reply` is the library's own */
    const struct hirsch_metadata *metadata;
    /* Goes to the writer, and only there. */
    bool to_writer;
    /* Not to be done twice: once it is sent it is not sent again, whatever happens. Not needed for
     * reads, nor for writes with an idempotency key. */
    bool send_once;
    /* Not NULL: the call is asynchronous. It returns HIRSCH_OK when it is started, does not touch
     * the result's pointer (which may be NULL), and `done` runs later. With another code it is not
     * started and `done` never runs. The request is copied. */
    hirsch_done *done;
    void *context;         /* handed to done */
    hirsch_ticket *ticket; /* where the ticket of an asynchronous call goes; may be NULL */
};

#define HIRSCH_CALL_OPTIONS_INIT                                                                   \
    {                                                                                              \
        sizeof(struct hirsch_call_options), 0, 0, NULL, false, false, NULL, NULL, NULL             \
    }

/* Makes a client and begins to connect; does not wait for a connection. options may be NULL.
 * INVALID_ARGUMENT when an endpoint is written wrongly, RESOURCE_EXHAUSTED when the process has no
 * room for another socket. */
HIRSCH_API enum hirsch_code hirsch_open(const struct hirsch_options *options,
                                        hirsch_client **client, hirsch_error **error);

/* NULL is taken. Waiting calls in other threads must have returned. Asynchronous calls under way
 * end CANCELLED: their callbacks run before this returns. Not inside a callback. */
HIRSCH_API void hirsch_close(hirsch_client *client);

/* Gives back any result or error of this library, with everything it points to. NULL is taken. Only
 * the pointer that a function handed out, never one from inside a result. */
HIRSCH_API void hirsch_free(const void *result_or_error);

/* Version of the loaded library, "MAJOR.MINOR.PATCH"; HIRSCH_VERSION is that of the header. */
HIRSCH_API const char *hirsch_version(void);

/* Moves calls on and runs the callbacks of those that have ended. Waits up to timeout_ms for the
 * first of them (0: not at all, negative: as long as it takes) and returns how many ran: 0 when the
 * time was up or when no asynchronous call is under way. */
HIRSCH_API size_t hirsch_poll(hirsch_client *client, int timeout_ms);

/* A descriptor that is readable when hirsch_poll() has something to do: for poll(), epoll and event
 * loops, level-triggered. While calls are under way it also becomes readable every 20 ms or so, for
 * hirsch_poll() to look at connections and time limits. Belongs to the client: do not read from it
 * and do not close it. -1 when the process has no descriptors left. */
HIRSCH_API int hirsch_fd(hirsch_client *client);

/* Ends a call: its callback runs with CANCELLED in the next hirsch_poll(). The server is not told.
 * NOT_FOUND when it has ended already; its callback then runs, or ran, with its own result. */
HIRSCH_API enum hirsch_code hirsch_cancel(hirsch_client *client, hirsch_ticket ticket);

/* Codes that every call below may return:
 *
 *   INVALID_ARGUMENT    an argument that no retry makes right: an id that is not `scheme:value`, a
 *                       page token of another list, a number that is none of an enum
 *   DEADLINE_EXCEEDED   an endpoint was reached but did not answer in time
 *   UNAVAILABLE         no endpoint could be reached in time; the text says what to check. Or none
 *                       has reached the `hirsch-min-sequence` of the call's metadata
 *   RESOURCE_EXHAUSTED  the reply would be over max_reply_bytes, or the server is at a limit
 *   UNIMPLEMENTED       the server is older than this call
 *   INTERNAL            the reply is not one of this protocol, or memory is out
 *   DATA_LOSS           the server found its stored value damaged
 *   UNAUTHENTICATED     the server wants a key, and this client has none or a wrong one
 *   PERMISSION_DENIED   the key's role does not do
 *   CANCELLED           hirsch_cancel(), or hirsch_close() before the answer
 *   FAILED_PRECONDITION to_writer, but no writer is known; or the data is not that of the
 *                       `hirsch-epoch` of the call's metadata
 *
 * A request whose connection breaks, or that a server refuses as UNAVAILABLE, is sent again, on
 * another endpoint when there is one, at most retry_attempts times and never after the time limit.
 * So is one that an overloaded server refuses as RESOURCE_EXHAUSTED when it says in how many
 * milliseconds to ask again: not before that, and not at all when the time limit comes first.
 */

/* One author by any of its ids: `openalex:A5023888391`, `orcid:0000-0001-6187-6610`. NOT_FOUND when
 * no record and no paper names it. */
HIRSCH_API enum hirsch_code hirsch_get_author(hirsch_client *client, const char *id,
                                              const struct hirsch_call_options *call,
                                              const struct hirsch_author **author,
                                              hirsch_error **error);

/* What became of one id of a batch. */
struct hirsch_author_item {
    const char *id;                     /* as in the request */
    const struct hirsch_author *author; /* NULL when code is not HIRSCH_OK */
    enum hirsch_code code;
    const char *message; /* why not; "" on HIRSCH_OK */
};

struct hirsch_author_batch {
    size_t count;                           /* that of the request */
    const struct hirsch_author_item *items; /* in the order of the request */
};

/* 1 to HIRSCH_MAX_BATCH ids; the same id twice is answered twice. What fails is said per item. */
HIRSCH_API enum hirsch_code hirsch_batch_get_authors(hirsch_client *client, const char *const *ids,
                                                     size_t count,
                                                     const struct hirsch_call_options *call,
                                                     const struct hirsch_author_batch **batch,
                                                     hirsch_error **error);

struct hirsch_list_author_papers {
    size_t size;        /* sizeof(struct hirsch_list_author_papers) */
    const char *id;     /* of the author */
    uint32_t page_size; /* 0: 100; more than 1,000 is taken as 1,000 */
    const char
        *page_token; /* NULL or "" for the first page, else next_page_token of the page before */
    enum hirsch_paper_view view;
};

#define HIRSCH_LIST_AUTHOR_PAPERS_INIT                                                             \
    {                                                                                              \
        sizeof(struct hirsch_list_author_papers), NULL, 0, NULL, HIRSCH_PAPER_VIEW_UNSPECIFIED     \
    }

/* The author's papers, newest first, those without a date last. NOT_FOUND as hirsch_get_author(),
 * here and in the lists below. */
HIRSCH_API enum hirsch_code
hirsch_list_author_papers(hirsch_client *client, const struct hirsch_list_author_papers *request,
                          const struct hirsch_call_options *call,
                          const struct hirsch_paper_page **page, hirsch_error **error);

struct hirsch_list {
    size_t size;        /* sizeof(struct hirsch_list) */
    const char *id;     /* of the author or paper */
    uint32_t page_size; /* 0: 100; more than 1,000 is taken as 1,000 */
    /* NULL or "" for the first page, else next_page_token of the page before. */
    const char *page_token;
    enum hirsch_paper_view view; /* not used by hirsch_list_coauthors */
};

#define HIRSCH_LIST_INIT                                                                           \
    {                                                                                              \
        sizeof(struct hirsch_list), NULL, 0, NULL, HIRSCH_PAPER_VIEW_UNSPECIFIED                   \
    }

/* Who wrote papers together with the author: most joint papers first. RESOURCE_EXHAUSTED when the
 * author's papers and coauthors are more than 10,000 together. */
HIRSCH_API enum hirsch_code hirsch_list_coauthors(hirsch_client *client,
                                                  const struct hirsch_list *request,
                                                  const struct hirsch_call_options *call,
                                                  const struct hirsch_coauthor_page **page,
                                                  hirsch_error **error);

struct hirsch_search {
    size_t size;        /* sizeof(struct hirsch_search) */
    const char *query;  /* 1 to 16 words, 1 to 400 bytes */
    const char *field;  /* authors: only of this field, `arxiv/cs.LG`; NULL or "": of all */
    uint32_t year;      /* papers: only of this year; 0: of all */
    uint32_t page_size; /* as in struct hirsch_list */
    const char *page_token;
    enum hirsch_paper_view view; /* papers */
};

#define HIRSCH_SEARCH_INIT                                                                         \
    {                                                                                              \
        sizeof(struct hirsch_search), NULL, NULL, 0, 0, NULL, HIRSCH_PAPER_VIEW_UNSPECIFIED        \
    }

/* Authors whose names hold every word, in any order, each as a whole or as the beginning of a name;
 * case and accents do not count. Best known first. `year` and `view` are not used. */
HIRSCH_API enum hirsch_code hirsch_search_authors(hirsch_client *client,
                                                  const struct hirsch_search *request,
                                                  const struct hirsch_call_options *call,
                                                  const struct hirsch_author_hits **hits,
                                                  hirsch_error **error);

/* One paper by any of its ids: `doi:10.7717/peerj.4375`. A cited id without a record is answered as
 * a stub. NOT_FOUND when nothing names it. */
HIRSCH_API enum hirsch_code hirsch_get_paper(hirsch_client *client, const char *id,
                                             enum hirsch_paper_view view,
                                             const struct hirsch_call_options *call,
                                             const struct hirsch_paper **paper,
                                             hirsch_error **error);

struct hirsch_paper_item {
    const char *id;
    const struct hirsch_paper *paper; /* NULL when code is not HIRSCH_OK */
    enum hirsch_code code;
    const char *message;
};

struct hirsch_paper_batch {
    size_t count;
    const struct hirsch_paper_item *items;
};

/* As hirsch_batch_get_authors(). */
HIRSCH_API enum hirsch_code hirsch_batch_get_papers(hirsch_client *client, const char *const *ids,
                                                    size_t count, enum hirsch_paper_view view,
                                                    const struct hirsch_call_options *call,
                                                    const struct hirsch_paper_batch **batch,
                                                    hirsch_error **error);

/* Papers that cite it, oldest first, those without a date last. */
HIRSCH_API enum hirsch_code hirsch_list_citations(hirsch_client *client,
                                                  const struct hirsch_list *request,
                                                  const struct hirsch_call_options *call,
                                                  const struct hirsch_citation_page **page,
                                                  hirsch_error **error);

/* Papers that it cites, stubs included, in the order of the store. */
HIRSCH_API enum hirsch_code hirsch_list_references(hirsch_client *client,
                                                   const struct hirsch_list *request,
                                                   const struct hirsch_call_options *call,
                                                   const struct hirsch_paper_page **page,
                                                   hirsch_error **error);

/* Papers whose titles hold every word, as in hirsch_search_authors(). Most cited first. `field` is
 * not used. */
HIRSCH_API enum hirsch_code hirsch_search_papers(hirsch_client *client,
                                                 const struct hirsch_search *request,
                                                 const struct hirsch_call_options *call,
                                                 const struct hirsch_paper_hits **hits,
                                                 hirsch_error **error);

/* What the store holds. */
HIRSCH_API enum hirsch_code hirsch_get_dataset(hirsch_client *client,
                                               const struct hirsch_call_options *call,
                                               const struct hirsch_dataset **dataset,
                                               hirsch_error **error);

struct hirsch_sample {
    size_t size; /* sizeof(struct hirsch_sample) */
    enum hirsch_entity_kind kind;
    uint32_t count;     /* 1 to 10,000 */
    uint64_t seed;      /* the same seed on the same dataset gives the same ids */
    bool include_stubs; /* papers: cited ids without a record too */
};

#define HIRSCH_SAMPLE_INIT                                                                         \
    {                                                                                              \
        sizeof(struct hirsch_sample), HIRSCH_ENTITY_KIND_UNSPECIFIED, 0, 0, false                  \
    }

/* Ids drawn evenly from all authors or papers; fewer than asked for when there are no more. */
HIRSCH_API enum hirsch_code hirsch_sample_ids(hirsch_client *client,
                                              const struct hirsch_sample *request,
                                              const struct hirsch_call_options *call,
                                              const struct hirsch_id_list **ids,
                                              hirsch_error **error);

/* What 1 to HIRSCH_MAX_BATCH ids name. An id that names an author and a paper comes twice. */
HIRSCH_API enum hirsch_code hirsch_resolve_ids(hirsch_client *client, const char *const *ids,
                                               size_t count, const struct hirsch_call_options *call,
                                               const struct hirsch_resolution **resolution,
                                               hirsch_error **error);

/* Computes the cohorts of percentile and fwci anew where something has changed, and answers when
 * they are there: those answers then stand at the returned sequence or a later one. A daemon does
 * so by itself from time to time. Goes to the writer. It may take longer than any time limit; after
 * DEADLINE_EXCEEDED the work goes on, and a later call finds it done. FAILED_PRECONDITION: the
 * server only reads. UNAVAILABLE: it is being stopped. */
HIRSCH_API enum hirsch_code hirsch_refresh_cohorts(hirsch_client *client,
                                                   const struct hirsch_call_options *call,
                                                   const struct hirsch_refresh **refresh,
                                                   hirsch_error **error);

/* gRPC's health protocol. */
enum hirsch_serving_status {
    HIRSCH_SERVING_UNKNOWN = 0,
    HIRSCH_SERVING = 1,
    HIRSCH_NOT_SERVING = 2, /* for example while the daemon stops */
    HIRSCH_SERVICE_UNKNOWN = 3,
};

/* service: NULL or "" for the whole server; NOT_FOUND when the server does not know it. */
HIRSCH_API enum hirsch_code hirsch_health_check(hirsch_client *client, const char *service,
                                                const struct hirsch_call_options *call,
                                                enum hirsch_serving_status *status,
                                                hirsch_error **error);

struct hirsch_bytes {
    const void *data;
    size_t size;
};

/* Any method by its name, `package.Service/Method`, with the bytes of its protobuf messages: for
 * methods newer than this library and for programs with protobuf classes of their own. Like
 * every call it may be sent more than once, unless the options say send_once. */
HIRSCH_API enum hirsch_code hirsch_call(hirsch_client *client, const char *method,
                                        const void *request, size_t request_size,
                                        const struct hirsch_call_options *call,
                                        const struct hirsch_bytes **reply, hirsch_error **error);

#ifdef __cplusplus
}
#endif

#endif
