/* Waiting until the store of a data directory may have changed, a signal has come, or whoever reads
 * standard output is gone. */
#ifndef SERVER_FOLLOW_H
#define SERVER_FOLLOW_H

#include "base/status.h"

struct server_follow;

enum server_event {
    SERVER_CHANGED,   /* or it is time to look again */
    SERVER_REPLACED,  /* likewise, and another generation counts now: open the store again */
    SERVER_NO_READER, /* the other end of standard output is closed */
    SERVER_STOPPED,   /* server_stop_requested is set */
};

/* Made before the store is opened: what changes from here on ends a wait. directory is borrowed. */
enum base_code server_follow_new(const char *directory, struct server_follow **follow,
                                 struct base_error *error);
/* Takes NULL. */
void server_follow_free(struct server_follow *follow);

/* The thread that takes the signals. */
enum server_event server_follow_wait(struct server_follow *follow);

#endif
