#include "server/throttle.h"

static const uint64_t SECOND_NS = 1000000000;

void server_throttle_init(struct server_throttle *throttle)
{
    *throttle = (struct server_throttle){.lines = SERVER_LINES_AT_ONCE};
    pthread_mutex_init(&throttle->mutex, NULL);
}

void server_throttle_fini(struct server_throttle *throttle)
{
    pthread_mutex_destroy(&throttle->mutex);
}

static void look_at_clock(struct server_throttle *throttle, uint64_t now_ns)
{
    /* Threads read it before they come here: one may be a little behind. */
    if (now_ns > throttle->began_ns && now_ns - throttle->began_ns >= SECOND_NS) {
        uint64_t seconds = (now_ns - throttle->began_ns) / SECOND_NS;
        uint64_t room = SERVER_LINES_AT_ONCE - throttle->lines;
        uint64_t more = seconds * SERVER_LINES_A_SECOND;
        throttle->lines += more < room ? more : room;
        throttle->owed += throttle->left_out;
        throttle->left_out = 0;
        throttle->began_ns += seconds * SECOND_NS;
    }
}

bool server_throttle_admit(struct server_throttle *throttle, uint64_t now_ns)
{
    pthread_mutex_lock(&throttle->mutex);
    look_at_clock(throttle, now_ns);
    bool admitted = throttle->lines > 0;
    if (admitted) {
        throttle->lines--;
    } else {
        throttle->left_out++;
    }
    pthread_mutex_unlock(&throttle->mutex);
    return admitted;
}

uint64_t server_throttle_left_out(struct server_throttle *throttle, uint64_t now_ns)
{
    pthread_mutex_lock(&throttle->mutex);
    look_at_clock(throttle, now_ns);
    uint64_t owed = throttle->owed;
    throttle->owed = 0;
    pthread_mutex_unlock(&throttle->mutex);
    return owed;
}
