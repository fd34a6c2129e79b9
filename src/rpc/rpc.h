/* From the bytes of a request envelope to the bytes of a response envelope: methods, deadlines,
 * limits. Knows no socket. */
#ifndef RPC_RPC_H
#define RPC_RPC_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/limits.h"
#include "base/status.h"
#include "rpc/access.h"
#include "rpc/stats.h"

struct ProtobufCMessageDescriptor;
struct wire_limits;
struct rpc_server;
struct rpc_exchange;
struct rpc_later;

/* What a handler may know of its call. Lives for one call. */
struct rpc_call {
    struct base_arena *arena; /* reset by rpc after the reply is packed */
    void *session; /* from rpc_service.session_new: one a loop, never shared between threads */
    uint64_t deadline_ns; /* monotonic */
    /* Bytes of the response envelope: LIMIT_REPLY or what hirsch-max-reply asked for. */
    size_t max_reply;
    size_t max_payload;    /* of these, what the handler may append */
    bool has_min_sequence; /* hirsch-min-sequence was given */
    uint64_t min_sequence;
    /* hirsch-epoch: 32 lower-case hex digits, borrowed from the request; size 0: not given. */
    struct base_slice epoch;
    /* The request message as it came. Borrowed from the request: a deferred call has none. */
    struct base_slice payload;
    struct rpc_caller caller; /* who calls */
    const struct rpc_server *server;
    struct rpc_exchange *exchange; /* rpc's own */
    struct rpc_later *later;       /* likewise: of a call that is answered later */
    const char *detail_reason;     /* set by a handler that fails: static text or NULL */
    const char *detail_field;
};

/* One row a method; the table of a service ends with .name NULL. */
struct rpc_method {
    const char *name;                                 /* "hirsch.v1.AuthorService/GetAuthor" */
    const struct ProtobufCMessageDescriptor *request; /* type of the request message */
    /* Appends the response message to payload, which may hold other bytes already: only what stands
     * behind them is the handler's. request is the unpacked message, in call->arena. On failure
     * error is filled and what was appended is dropped; the one reply is rpc's to make. To answer
     * later, see rpc/later.h. */
    enum base_code (*handle)(struct rpc_call *call, const void *request,
                             struct base_buffer *payload, struct base_error *error);
    bool idempotent;                  /* may be sent again without harm */
    enum rpc_role role;               /* the least that a caller needs; none given: for nobody */
    const struct wire_limits *limits; /* of the request message; NULL: wire_request_limits */
    /* handle from the bytes of the request, for what is asked a million times a second. False,
     * with nothing appended: it is not the plain request that this knows, and handle is called with
     * the message. May be NULL. */
    bool (*handle_plain)(struct rpc_call *call, struct base_buffer *payload, enum base_code *code,
                         struct base_error *error);
    /* A request of this method comes soon, with these bytes: session may note what it will read.
     * May be NULL. */
    void (*expect)(void *session, struct base_slice payload);
};

/* The answer of a handler that sees that its payload cannot stay within the limit.
 * RESOURCE_EXHAUSTED. */
enum base_code rpc_fail_reply_limit(const struct rpc_call *call, struct base_error *error);

/* What stands behind the methods; given by `service`. */
struct rpc_service {
    void *state;                                                 /* borrowed, shared by sessions */
    void *(*session_new)(void *state, struct base_error *error); /* NULL on failure; one a loop */
    void (*session_free)(void *session);
    void (*session_rest)(void *session); /* before a loop polls */
    const struct rpc_method *methods;    /* ends with .name NULL */
    /* Sends for what was noted by expect; NULL: no method has one. */
    void (*session_fetch)(void *session);
};

struct rpc_limits {
    uint32_t default_timeout_ms; /* for requests that name none; default 2,000 */
    uint32_t max_timeout_ms;     /* more is taken as this; default 60,000 */
    unsigned workers;            /* threads off the loops; 0: LIMIT_WORKERS, which is the most */
    unsigned work_waiting;       /* calls that may wait for one of them; 0: LIMIT_WORK_WAITING */
    unsigned in_flight;          /* calls that may be answered later, at once; 0: any number */
};

/* How a door takes replies that come later: its side of rpc/later.h. */
struct rpc_door {
    /* Inside rpc_session_ask: keeps what is needed to reply to what was asked. NULL: no memory. */
    void *(*hold)(void *asked);
    /* Inside the same rpc_session_ask, which says true after all. */
    void (*release)(void *held);
    /* Once and from any thread; takes the reply's memory and leaves it empty. */
    void (*answer)(void *held, struct base_buffer *reply);
    /* Nobody waits any more. Any thread, before answer. */
    bool (*gone)(void *held);
};

/* A call that somebody wants to read about; slices are borrowed for the call. */
struct rpc_event {
    struct base_slice method; /* as it was asked for */
    enum base_code code;
    const char *text;   /* of the failure; "" */
    const char *reason; /* NULL: none */
    const char *key;    /* id of the caller's key; "" */
    struct base_slice request_id;
    struct base_slice traceparent;
    uint64_t waited_ns; /* from its receipt until it was begun */
    uint64_t worked_ns; /* until it was answered */
    bool later;         /* beside the loop: worked_ns holds its waits there */
    void *asked;        /* the door's; NULL when later */
};

struct rpc_watch {
    void *state;
    void (*refused)(void *state, const struct rpc_event *event); /* for who called */
    void (*slow)(void *state, const struct rpc_event *event);    /* took longer than slow_ns */
};

/* Counters of one session. Written by the loop's thread only (relaxed atomics), read by any. */
struct rpc_counters {
    uint64_t requests;
    uint64_t failed;           /* replies with another code than OK */
    uint64_t deadline_dropped; /* waited past their deadline before they were begun */
    uint64_t shed;             /* refused because the loop has more to do than it can */
};

enum base_code rpc_server_new(const struct rpc_service *service, const struct rpc_limits *limits,
                              struct rpc_server **server, struct base_error *error);
/* Calls that wait for the pool or run in it are cancelled, and answered, before it returns. Other
 * deferred calls, and the doors' questions, have ended before. Takes NULL. */
void rpc_server_free(struct rpc_server *server);

/* Health/Check answers NOT_SERVING from here on. Any thread, as all of the following. */
void rpc_server_drain(struct rpc_server *server);
/* New calls but Health/Check are answered UNAVAILABLE from here on. */
void rpc_server_refuse(struct rpc_server *server);
/* Health/Check follows, unless the server drains. */
void rpc_server_ready(struct rpc_server *server, bool ready);
void rpc_server_set_timeouts(struct rpc_server *server, uint32_t default_ms, uint32_t max_ms);
/* 0: no call is slow. */
void rpc_server_set_slow(struct rpc_server *server, uint64_t slow_ns);
struct rpc_access *rpc_server_access(struct rpc_server *server);
/* Before the first session; copied. */
void rpc_server_watch(struct rpc_server *server, const struct rpc_watch *watch);

/* Calls visit for each method and code that occurred; method: "" when there is no such method. */
void rpc_server_stats(struct rpc_server *server,
                      void (*visit)(void *state, const char *method, enum base_code code,
                                    const struct rpc_sum *sum),
                      void *state);
/* Sums of all sessions. */
void rpc_server_counters(struct rpc_server *server, struct rpc_counters *counters);

struct rpc_session;
struct rpc_session *rpc_session_new(struct rpc_server *server, struct base_error *error);
void rpc_session_free(struct rpc_session *session);
void rpc_session_rest(struct rpc_session *session);
void rpc_session_counters(const struct rpc_session *session, struct rpc_counters *counters);

/* Of the next question, by the same thread: owner is whoever may read the data directory's files
 * and needs no key; retry_ms not 0: the loop is overloaded, refuse what can be refused. */
void rpc_session_next(struct rpc_session *session, bool owner, uint32_t retry_ms);

/* These come soon: what answering them reads is sent for. */
void rpc_session_ahead(struct rpc_session *session, const struct base_slice *requests,
                       size_t count);

/* Answers one request envelope: appends exactly one response envelope to reply, whatever stands in
 * request, and says true. received_ns: when its last byte arrived. *now_ns: the clock's reading,
 * and at the end that of then.
 * When memory is out reply->failed is set and the door closes the connection.
 *
 * False: the reply comes later by door->answer, perhaps it came already; reply has its old size.
 * asked is passed to door->hold, if at all, and then exactly once. */
bool rpc_session_ask(struct rpc_session *session, struct base_slice request, uint64_t received_ns,
                     uint64_t *now_ns, const struct rpc_door *door, void *asked,
                     struct base_buffer *reply);

/* The same for a caller that waits for a reply that comes later. */
void rpc_session_answer(struct rpc_session *session, struct base_slice request,
                        uint64_t received_ns, uint64_t now_ns, struct base_buffer *reply);

#endif
