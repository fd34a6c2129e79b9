/* The bytes of one SP connection cut into greeting and messages: fed in pieces of any size,
 * knows no socket. */
#ifndef NET_SP_FRAME_H
#define NET_SP_FRAME_H

#include "base/buffer.h"

enum { NET_SP_GREETING = 8, NET_SP_HEAD_MOST = 9 };

enum net_sp_event {
    NET_SP_MORE,      /* the input is used up; what it left open is kept */
    NET_SP_GREETED,   /* the peer is a socket of the awaited kind */
    NET_SP_REQUEST,   /* backtrace and body of one request, or of one reply */
    NET_SP_MALFORMED, /* no request id within LIMIT_SP_HOPS words: skipped, as SP wants it */
    /* From here on nothing more can be read; every later call says the same. */
    NET_SP_BAD_GREETING, /* not SP, or not the awaited kind of socket */
    NET_SP_BAD_TYPE,     /* ipc: another byte than 1 in front of a length */
    NET_SP_TOO_LONG,     /* a message over the limit */
    NET_SP_NO_MEMORY,
};

struct net_sp_frame {
    size_t limit;            /* bytes of one message, backtrace included */
    size_t need;             /* bytes of the message that is being collected */
    struct base_buffer body; /* of a message that came in several pieces */
    uint8_t head[NET_SP_HEAD_MOST];
    uint8_t head_size;
    bool ipc;    /* one byte 1 stands before each length */
    bool client; /* the peer has to be a REP socket, not a REQ socket */
    bool greeted;
    bool collecting;          /* the head is whole, body is not */
    bool lent;                /* body was handed out by the last call */
    enum net_sp_event failed; /* NET_SP_MORE while all is well */
};

void net_sp_frame_init(struct net_sp_frame *frame, bool ipc, size_t limit);
/* The same for the side that asks. */
void net_sp_frame_init_client(struct net_sp_frame *frame, bool ipc, size_t limit);
void net_sp_frame_fini(struct net_sp_frame *frame);

/* Takes bytes off the front of *input up to the next event. A request's slices point into *input
 * or into the frame and live until the next call. Called until it says NET_SP_MORE, or later
 * again with what it left of the input. */
enum net_sp_event net_sp_frame_next(struct net_sp_frame *frame, struct base_slice *input,
                                    struct base_slice *backtrace, struct base_slice *body);

/* What was handed out last is not needed any more, and perhaps nothing is asked for a long time.
 * The next call of net_sp_frame_next does the same. */
void net_sp_frame_rest(struct net_sp_frame *frame);

/* Looks at a request that stands whole in *input, without taking anything into the frame, and moves
 * *input behind it. False: there is none, or only net_sp_frame_next can tell. */
bool net_sp_frame_peek(const struct net_sp_frame *frame, struct base_slice *input,
                       struct base_slice *body);

/* Bytes of memory for a message that is half received. */
size_t net_sp_frame_memory(const struct net_sp_frame *frame);

/* True between two messages: nothing is half received. */
bool net_sp_frame_between(const struct net_sp_frame *frame);

/* What a REP socket says first, NET_SP_GREETING bytes. */
extern const char net_sp_greeting[NET_SP_GREETING];
/* And a REQ socket. */
extern const char net_sp_greeting_client[NET_SP_GREETING];

/* Writes the head of a message of size bytes; returns its length, 8 or 9. */
size_t net_sp_frame_head(bool ipc, uint64_t size, char head[NET_SP_HEAD_MOST]);

#endif
