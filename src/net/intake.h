/* What a loop reads from its connections in one poll, before it answers any of it: so all that
 * these requests need is on its way when the first one is answered. */
#ifndef NET_INTAKE_H
#define NET_INTAKE_H

#include "base/bytes.h"
#include "base/status.h"

struct net_loop;
struct net_sp_connection;

enum {
    /* Read from a socket in one go; also the most that waits unparsed on a connection whose turn
     * ended early. */
    NET_INPUT = 64 * 1024,
    /* Connections that are read before the first is answered, and requests that a handler hears of
     * before they come. */
    NET_AHEAD = 16,
};

struct net_taken {
    struct net_sp_connection *connection;
    struct base_slice input;
};

struct net_intake {
    char *memory; /* owned; twice NET_INPUT */
    size_t used;
    struct net_taken taken[NET_AHEAD];
    unsigned count;
    uint64_t received_ns; /* when the first of them was read */
};

/* RESOURCE_EXHAUSTED: memory is out. */
enum base_code net_intake_init(struct net_intake *intake, struct base_error *error);
void net_intake_fini(struct net_intake *intake);

/* Memory for NET_INPUT bytes, until the next call of any of these. */
char *net_intake_room(struct net_intake *intake);

/* Reads from a connection whose turn may begin and which is not taken yet; what came is answered by
 * net_intake_answer at the latest. The connection may close. */
void net_intake_read(struct net_loop *loop, struct net_sp_connection *connection);

/* Answers what was read. Connections that closed since are still there, since libuv lets go of them
 * after this. */
void net_intake_answer(struct net_loop *loop);

#endif
