/* How many lines of one kind the log takes: each its own, until a flood of them; who calls without
 * a key must not be able to fill a disk. Reads no clock. */
#ifndef SERVER_THROTTLE_H
#define SERVER_THROTTLE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    SERVER_LINES_AT_ONCE = 10000,
    SERVER_LINES_A_SECOND = 100, /* that come back */
};

struct server_throttle {
    pthread_mutex_t mutex; /* guards what follows */
    uint64_t began_ns;     /* the second that runs */
    uint64_t lines;        /* that may be told still */
    uint64_t left_out;     /* in this second */
    uint64_t owed;         /* left out in seconds before, and not said yet */
};

void server_throttle_init(struct server_throttle *throttle);
void server_throttle_fini(struct server_throttle *throttle);

/* May there be one line more? Any thread. */
bool server_throttle_admit(struct server_throttle *throttle, uint64_t now_ns);

/* How many were not admitted in the seconds that are over; each is given once. Any thread. */
uint64_t server_throttle_left_out(struct server_throttle *throttle, uint64_t now_ns);

#endif
