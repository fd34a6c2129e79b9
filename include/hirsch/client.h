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
 *     hirsch_client          any number of threads call at once; their requests travel side by side
 *     hirsch_open            any thread; not in a child process whose parent has open clients
 *     hirsch_close           one thread, after all other calls on this client have returned
 *     results, errors        any number of threads read; one thread frees, after the reading
 *     hirsch_code_name, hirsch_version, hirsch_free(different objects)   any thread
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

/* Start from HIRSCH_OPTIONS_INIT: zeros are the defaults, and `size` lets the struct grow. */
struct hirsch_options {
    size_t size; /* sizeof(struct hirsch_options) */
    /* `tcp://HOST:PORT` or `ipc://PATH`, several separated by commas; all of them serve reads. A
     * call goes to one of them in turn, and to the next when that one cannot be reached or does not
     * answer in its share of the time. NULL: the environment variable HIRSCH_SERVER, else
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
};

#define HIRSCH_OPTIONS_INIT {sizeof(struct hirsch_options), NULL, 0, 0, false}

/* One entry of metadata: key in lower case (`x-request-id`, `traceparent`, `authorization`, …). */
struct hirsch_metadata {
    const char *key;
    const char *value;
};

/* How one call differs from the client's defaults; NULL in its place means it does not. */
struct hirsch_call_options {
    size_t size;           /* sizeof(struct hirsch_call_options) */
    uint32_t timeout_ms;   /* 0: the client's */
    size_t metadata_count; /* at most 16; `hirsch-max-reply` is the library's own */
    const struct hirsch_metadata *metadata;
};

#define HIRSCH_CALL_OPTIONS_INIT {sizeof(struct hirsch_call_options), 0, 0, NULL}

/* Makes a client and begins to connect; does not wait for a connection. options may be NULL.
 * INVALID_ARGUMENT when an endpoint is written wrongly, RESOURCE_EXHAUSTED when the process has no
 * room for another socket. */
HIRSCH_API enum hirsch_code hirsch_open(const struct hirsch_options *options,
                                        hirsch_client **client, hirsch_error **error);

/* NULL is taken. Requests that are still under way in other threads must have returned. */
HIRSCH_API void hirsch_close(hirsch_client *client);

/* Gives back any result or error of this library, with everything it points to. NULL is taken. Only
 * the pointer that a function handed out, never one from inside a result. */
HIRSCH_API void hirsch_free(const void *result_or_error);

/* Version of the loaded library, "MAJOR.MINOR.PATCH"; HIRSCH_VERSION is that of the header. */
HIRSCH_API const char *hirsch_version(void);

/* Codes that every call below may return:
 *
 *   INVALID_ARGUMENT    an argument that no retry makes right: an id that is not `scheme:value`
 *   DEADLINE_EXCEEDED   an endpoint was reached but did not answer in time
 *   UNAVAILABLE         no endpoint could be reached in time; the text says what to check
 *   RESOURCE_EXHAUSTED  the reply would be over max_reply_bytes, or the server is at a limit
 *   UNIMPLEMENTED       the server is older than this call
 *   INTERNAL            the reply is not one of this protocol, or memory is out
 *   DATA_LOSS           the server found its stored value damaged
 *
 * All of these calls only read. A request whose connection breaks is sent again, on another
 * endpoint when there is one, at most 3 times and never after the time limit. */

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

struct hirsch_paper_page {
    size_t count; /* may be fewer than page_size */
    const struct hirsch_paper *papers;
    const char *next_page_token; /* "" on the last page */
    uint32_t total_size;         /* papers of the author on all pages */
};

/* The author's papers, newest first, those without a date last. */
HIRSCH_API enum hirsch_code
hirsch_list_author_papers(hirsch_client *client, const struct hirsch_list_author_papers *request,
                          const struct hirsch_call_options *call,
                          const struct hirsch_paper_page **page, hirsch_error **error);

/* One paper by any of its ids: `doi:10.7717/peerj.4375`. A cited id without a record is answered as
 * a stub. */
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

HIRSCH_API enum hirsch_code hirsch_batch_get_papers(hirsch_client *client, const char *const *ids,
                                                    size_t count, enum hirsch_paper_view view,
                                                    const struct hirsch_call_options *call,
                                                    const struct hirsch_paper_batch **batch,
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
 * methods newer than this library and for programs with protobuf classes of their own. Only for
 * methods that read: like every call, it may be sent more than once. */
HIRSCH_API enum hirsch_code hirsch_call(hirsch_client *client, const char *method,
                                        const void *request, size_t request_size,
                                        const struct hirsch_call_options *call,
                                        const struct hirsch_bytes **reply, hirsch_error **error);

#ifdef __cplusplus
}
#endif

#endif
