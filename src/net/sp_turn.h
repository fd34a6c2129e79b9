/* A turn of one SP connection: what was read is parsed, answered and sent, within limits that leave
 * others their turn. */
#ifndef NET_SP_TURN_H
#define NET_SP_TURN_H

#include "net/sp_connection.h"

/* False: replies have to leave first, or nothing is read any more. */
bool net_sp_turn_may_begin(const struct net_sp_connection *connection);

/* Reads up to NET_INPUT bytes into memory. False: nothing to parse now; the connection may be
 * closed. */
bool net_sp_turn_read(struct net_sp_connection *connection, char *memory, struct base_slice *input);

/* Requests that stand whole at the front of input, most of them at most; none where the handler
 * does not look ahead. */
unsigned net_sp_turn_peek(const struct net_sp_connection *connection, struct base_slice input,
                          struct base_slice *requests, unsigned most);

/* Answers what was read at received_ns; what a turn does not get done stays behind as backlog. The
 * handler has seen the first looked_at requests ahead. */
void net_sp_turn_take(struct net_sp_connection *connection, struct base_slice input,
                      uint64_t received_ns, unsigned looked_at);

/* Goes on with the backlog, or else reads. */
void net_sp_turn_run(struct net_sp_connection *connection);

#endif
