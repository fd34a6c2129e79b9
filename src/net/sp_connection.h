/* One SP connection on a loop: reads, has requests answered, writes; holds back a peer that does
 * not take its replies. */
#ifndef NET_SP_CONNECTION_H
#define NET_SP_CONNECTION_H

#include <netinet/in.h>
#include <uv.h>

#include "net/held.h"
#include "net/loop.h"
#include "net/sp_frame.h"

/* Where a peer came from. Of one that came by a socket file it says nothing. */
union net_peer_address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

struct net_sp_connection {
    uv_poll_t poll;
    struct net_loop *loop;              /* NULL until a loop took it */
    struct net_sp_connection *previous; /* in the loop's list of connections */
    struct net_sp_connection *next;
    struct net_sp_connection *previous_runnable;
    struct net_sp_connection *next_runnable;
    struct net_sp_frame frame;
    struct base_buffer backlog; /* read, but its turn ended before it was parsed */
    size_t backlog_start;
    struct base_buffer unsent; /* while it holds anything, nothing is read */
    size_t unsent_start;
    struct net_held *held; /* requests whose replies come later */
    unsigned held_count;
    struct net_sp_connection *next_touched; /* while replies are delivered */
    bool touched;
    uint64_t received_ns; /* when the backlog was read */
    size_t received_size; /* and with how many bytes before it */
    uint64_t progress_ms; /* loop time of the last byte in or out, but for those of a greeting */
    size_t left;          /* bytes that its last turn left, in the backlog and in the socket */
    size_t receiving;     /* memory of a request that is half received */
    uint64_t began_ns;    /* since when it is */
    union net_peer_address peer; /* kept from its beginning: the kernel forgets one that is gone */
    int fd;
    int watched; /* events that libuv polls for */
    bool runnable;
    bool taken;     /* what was read in this poll is not answered yet */
    bool lingering; /* all is sent, the peer has to close */
    bool closing;
    bool own; /* came by own_ipc */
};

/* Owns fd from here on. NULL when memory is out; the caller keeps fd then. */
struct net_sp_connection *net_sp_connection_new(int fd, bool ipc, size_t max_request);

/* For one that no loop has taken. */
void net_sp_connection_free(struct net_sp_connection *connection);

/* Takes it into the loop and greets. It closes and frees itself from here on. */
void net_sp_connection_open(struct net_sp_connection *connection, struct net_loop *loop);

/* Closes it if one of its timeouts has passed at loop time now_ms. */
void net_sp_connection_sweep(struct net_sp_connection *connection, uint64_t now_ms);

/* What its turn left, which the loop adds up. */
void net_sp_connection_set_left(struct net_sp_connection *connection, size_t left);

/* What half a request takes, which the loop adds up; makes room where that is too much. The
 * connection may close. */
void net_sp_connection_note_receiving(struct net_sp_connection *connection);

/* For the sending side. Polls for these events of libuv from here on. */
void net_sp_connection_watch(struct net_sp_connection *connection, int events);
/* All that there was to say is sent: takes more requests, unless as many are held as may be
 * outstanding; then only the end of the connection is waited for. */
void net_sp_connection_go_on(struct net_sp_connection *connection);
/* All that a draining loop owed to this peer is sent: says so, and lets the peer close, since
 * closing over bytes that arrived meanwhile would reset the connection and with it the last
 * replies. */
void net_sp_connection_linger(struct net_sp_connection *connection);
/* Closes it and counts why. */
void net_sp_connection_fail(struct net_sp_connection *connection, _Atomic uint64_t *cell);

/* At once; memory goes when libuv has let go. */
void net_sp_connection_close(struct net_sp_connection *connection);

#endif
