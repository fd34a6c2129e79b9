/* The core of a client: calls under way, who waits for them, and the one thread at a time that
 * moves them on. */
#ifndef CLIENT_CORE_H
#define CLIENT_CORE_H

#include <pthread.h>

#include "base/buffer.h"
#include "client/endpoint.h"
#include "client/link.h"
#include "client/options.h"
#include "client/result.h"

enum {
    CLIENT_SLOTS = HIRSCH_MAX_ENDPOINTS + 1, /* the writer is the last */
    CLIENT_BUCKETS = 1024,                   /* ids are consecutive, so chains are short */
    CLIENT_TOKENS = 10,
};

struct client_method;
struct client_series;

/* How the last attempt of a call ended. */
enum client_outcome {
    CLIENT_UNTRIED,
    CLIENT_UNREACHED, /* not sent: no connection in time, or refused */
    CLIENT_BUSY,      /* not sent: connected, but the peer takes no more bytes */
    CLIENT_TIMED_OUT, /* sent, connection stands, nothing came */
    CLIENT_BROKEN,    /* sent, then the connection broke: whether the server acted is unknown */
    /* The server answered UNAVAILABLE, or RESOURCE_EXHAUSTED and when to ask again; its sentence
     * stands in the failure. */
    CLIENT_REFUSED,
    /* The server answered that the time which the attempt gave it was over; likewise. */
    CLIENT_EXPIRED,
    CLIENT_NO_MEMORY, /* not sent */
};

enum client_state {
    CLIENT_RESTING,  /* until rest_until_ns, then the next attempt */
    CLIENT_QUEUED,   /* in its slot's queue, to be sent */
    CLIENT_WAITING,  /* sent */
    CLIENT_FINISHED, /* failure.error.code, reply and payload are set */
};

/* One call: on the stack of a thread that waits for it, or on the heap until its callback has run.
 * Guarded by the client's lock until it is finished, then its owner's. */
struct client_call {
    struct client_link active; /* in client->active until finished */
    struct client_link place;  /* in the slot's queue while queued; in client->finished */
    struct client_link moved;  /* in client->moved while its id is not that of its ticket */
    struct client_call *next_in_bucket;
    uint64_t ticket;
    uint32_t id; /* of the request under way */
    enum client_state state;
    enum client_outcome outcome;
    const struct client_method *method;
    size_t expected;             /* items that the answer must hold; 0: any number */
    struct base_buffer envelope; /* owned; without the time limit, which each attempt adds */
    size_t envelope_size;
    uint32_t timeout_ms;
    bool to_writer;
    bool send_once;
    size_t slot;    /* of the attempt under way */
    uint32_t asked; /* slots asked in this round, one bit each */
    uint32_t rounds;
    uint64_t until_ns;
    uint64_t attempt_until_ns;
    uint64_t rest_until_ns;
    uint64_t hint_ns; /* the last server that refused it wants to be left alone for so long */
    uint64_t breaks;  /* of the slot's endpoint, right before it was sent */
    struct client_failure failure;
    struct client_reply reply;    /* owned */
    struct base_slice payload;    /* a part of reply */
    struct client_series *series; /* owned; NULL: it is one request */
    struct client_waiter *waiter; /* NULL for a call with a callback */
    hirsch_done *done;
    void *context;
};

/* An endpoint and its health. */
struct client_slot {
    struct client_endpoint *endpoint; /* owned */
    struct client_link queue;         /* calls to be sent, first come first */
    bool watches_send;                /* the endpoint's send_fd is in the epoll set */
    uint32_t strikes;                 /* failures since the last answer */
    uint64_t rest_until_ns;
};

/* A thread that waits while another one drives. */
struct client_waiter {
    struct client_link link;
    pthread_cond_t wake;
    bool polls; /* inside hirsch_poll() */
};

/* What hirsch_fd() hands out; all -1 until it is asked for. */
struct client_watch {
    int fd;          /* epoll over the core's and the two below */
    int finished_fd; /* raised while finished calls wait for hirsch_poll() */
    int timer_fd;
    uint64_t armed_ns;
    bool raised; /* finished_fd is */
};

struct hirsch_client {
    struct client_settings settings; /* not written to after hirsch_open() */
    pthread_mutex_t lock;            /* guards what follows, and the endpoints */
    struct client_slot slots[CLIENT_SLOTS];
    int epoll_fd;
    int wake_fd;
    struct client_watch watch;
    struct client_link active;   /* oldest first */
    struct client_link finished; /* with a callback, which has not run */
    struct client_link waiters;
    struct client_link moved;
    struct client_call *buckets[CLIENT_BUCKETS];
    size_t call_count;  /* active and finished */
    size_t async_count; /* those with a callback */
    uint64_t next_ticket;
    size_t next_slot;   /* calls take the read endpoints in turn */
    uint64_t sweep_ns;  /* when calls have to be looked at next */
    bool driving;       /* a thread waits for events, without the lock */
    uint64_t driven_ns; /* until then */
    uint64_t random;
    double tokens; /* left for asking again, see attempt.c */
    bool closing;
};

/* NULL: malloc and free. */
static inline const struct base_allocator *client_allocator(const struct hirsch_client *client)
{
    return client->settings.allocator.allocate == NULL ? NULL : &client->settings.allocator;
}

/* Descriptors, lists and lock; the endpoints follow. */
enum base_code client_core_init(struct hirsch_client *client, struct base_error *error);
void client_core_fini(struct hirsch_client *client);

/* Waits for answers of the slot's endpoint from now on. */
enum base_code client_core_watch(struct hirsch_client *client, size_t slot,
                                 struct base_error *error);

void client_lock(struct hirsch_client *client);

/* Also lets another thread drive if nobody does, and sets the timer of hirsch_fd(). */
void client_unlock(struct hirsch_client *client);

/* All with the lock held. */

/* Begins a call whose method, envelope, limits and owner are set. RESOURCE_EXHAUSTED: too many. */
enum base_code client_core_start(struct hirsch_client *client, struct client_call *call,
                                 struct base_error *error);

/* Keeps the answer of a series' request that is under way and begins the next one. False: there is
 * none, or the time is up and the failure says so; the caller finishes the call. */
bool client_core_next(struct hirsch_client *client, struct client_call *call, uint64_t now_ns);

/* Takes the call out of everything and gives it to its owner; failure.error.code says how it ended.
 */
void client_core_finish(struct hirsch_client *client, struct client_call *call);

/* Moves calls on, or waits for the thread that does, until something happened or until_ns. */
void client_core_step(struct hirsch_client *client, struct client_waiter *waiter,
                      uint64_t until_ns);

/* Looks at every call soon, since the time of one may come before all others'. */
void client_core_due(struct hirsch_client *client, uint64_t due_ns);

/* Sends what the slot's queue holds, as far as the peer takes it. */
void client_core_flush(struct hirsch_client *client, struct client_slot *slot);

void client_waiter_init(struct client_waiter *waiter, bool polls);
void client_waiter_fini(struct client_waiter *waiter);

/* Tells the log hook, if there is one. */
void client_log(const struct hirsch_client *client, enum hirsch_log_level level, const char *format,
                ...) __attribute__((format(printf, 3, 4)));

#endif
