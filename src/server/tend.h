/* What a daemon does beside serving: takes over changed keys and options, says when it is not
 * ready, tells who was refused and what was slow. */
#ifndef SERVER_TEND_H
#define SERVER_TEND_H

#include "server/job.h"
#include "server/key_file.h"
#include "server/ops.h"
#include "server/throttle.h"

struct server_tend {
    struct server_settings settings; /* in force now */
    struct rpc_server *rpc;
    struct server_ops *ops;
    struct server_keys_stamp stamp;
    struct base_error refused; /* why the keys could not be taken over; BASE_OK: they were */
    struct server_throttle refused_lines; /* of calls that were refused */
    struct server_throttle slow_lines;    /* of slow ones */
    bool ready;
    bool keyed; /* there were keys once: without the file nobody may call */
};

/* How often server_tend_look is to be called. */
enum { SERVER_TEND_MS = 100 };

/* Before the doors open: reads the keys. */
enum base_code server_tend_begin(struct server_tend *tend, const struct server_settings *settings,
                                 struct rpc_server *rpc, struct base_error *error);
/* Also after a begin that failed, when the rpc server is gone. */
void server_tend_end(struct server_tend *tend);
/* Keys that changed, readiness, lines that the log did not take. */
void server_tend_look(struct server_tend *tend);
/* SIGHUP: reads environment and file anew. */
void server_tend_reload(struct server_tend *tend);

#endif
