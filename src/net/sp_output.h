/* The sending side of one SP connection: what the kernel does not take waits, and so does reading.
 */
#ifndef NET_SP_OUTPUT_H
#define NET_SP_OUTPUT_H

#include "net/sp_connection.h"

/* Hands bytes to the kernel once; *sent says how many it took. False: the connection is closed. */
bool net_sp_output_some(struct net_sp_connection *connection, struct base_slice bytes,
                        size_t *sent);

/* Sends what a turn has built. False: the connection is closed. */
bool net_sp_output_send(struct net_sp_connection *connection, struct base_slice output);

/* More of what waits; when all is sent the connection goes on. */
void net_sp_output_continue(struct net_sp_connection *connection);

/* Puts a reply that came later behind what waits to be sent. True: flush is owed, and was not
 * before. The connection may close. */
bool net_sp_output_deliver(struct net_sp_connection *connection, struct net_held *held);

/* Sends what was delivered, in one go. Takes a connection that has closed meanwhile. */
void net_sp_output_flush(struct net_sp_connection *connection);

#endif
